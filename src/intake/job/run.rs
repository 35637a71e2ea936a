//! The loop that works through lists, a few lines at a time, beside all else that the hub does.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::Step;
use crate::intake::consume::Desk;
use crate::ledger::{Error, Reader};
use crate::telemetry::health::PEOPLE;

/// How often it is looked whether a list runs. A list is begun by a person, who waits that long.
const EVERY: Duration = Duration::from_millis(500);

/// How many lines of each list are taken then: 40 a second, which neither the ledger nor a receiver
/// that was down feels.
const AT_ONCE: usize = 20;

/// How many lists run beside each other; the others wait for one of them to end.
const BESIDE: u32 = 8;

/// How long to wait when the ledger takes nothing.
const PAUSE: Duration = Duration::from_secs(2);

/// Whether somebody, by their name in the books, may have lists worked through now.
pub type May = Arc<dyn Fn(&mut Reader<'_>, &str, Timestamp) -> Result<bool, Error> + Send + Sync>;

/// What works through lists.
pub struct Runner {
    /// What the hub works with.
    pub desk: Desk,
    /// Whose right a list goes on with. It may be taken away while one runs.
    pub may: May,
}

impl std::fmt::Debug for Runner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runner").field("desk", &self.desk).finish_non_exhaustive()
    }
}

impl Runner {
    /// Works until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        loop {
            let rest = match self.round(&stop).await {
                Ok(()) => EVERY,
                Err(error) => {
                    tracing::error!(error = %crate::telemetry::chain(&error), "a list could not be worked on; it is tried again");
                    PAUSE
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(rest) => {}
            }
        }
    }

    /// A few lines of each list.
    async fn round(&self, stop: &CancellationToken) -> Result<(), Error> {
        let running = self.desk.ledger.read(|reader| reader.running_jobs(BESIDE)).await?;
        for job in running {
            let worked = self.lines(job, stop).await;
            // What came of the lines before a fault goes on all the same.
            self.desk.ring();
            worked?;
        }
        Ok(())
    }

    async fn lines(&self, job: i64, stop: &CancellationToken) -> Result<(), Error> {
        if !self.may_go_on(job).await? {
            let held = self.desk.ledger.write(move |tx| super::hold(tx, job)).await;
            self.desk.health.ledger(PEOPLE, &held);
            return held;
        }
        for _ in 0..AT_ONCE {
            if stop.is_cancelled() || self.step(job).await? == Step::Nothing {
                break;
            }
        }
        Ok(())
    }

    /// Whether whoever let the list run may have that done still.
    async fn may_go_on(&self, job: i64) -> Result<bool, Error> {
        let (may, now) = (Arc::clone(&self.may), self.desk.clock.now());
        let asked = move |reader: &mut Reader<'_>| match reader.job(job)?.and_then(|job| job.confirmed_by) {
            Some(by) => may(reader, &by, now),
            None => Ok(true),
        };
        self.desk.ledger.read(asked).await
    }

    /// One line. Where the hub fails on it, that is kept, and the next one is taken.
    async fn step(&self, job: i64) -> Result<Step, Error> {
        let world = Arc::clone(&self.desk.world);
        let done = self.desk.ledger.write(move |tx| super::step(tx, &world, job)).await;
        self.desk.health.ledger(PEOPLE, &done);
        match done {
            Err(error) if error.is_passing() || matches!(error, Error::Closed) => Err(error),
            Err(error) => {
                let found = self.desk.ledger.read(move |reader| reader.job(job)).await?;
                let Some(place) = found.map(|job| job.position()) else { return Ok(Step::Nothing) };
                tracing::error!(job, place, error = %crate::telemetry::chain(&error), "the hub failed on a line of a list");
                self.desk.ledger.write(move |tx| super::failed(tx, job, place)).await
            }
            Ok(step) => Ok(step),
        }
    }
}
