//! The clock of duties: sleeps until one has something to do, and writes down what it is.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::intake::{World, outgoing};
use crate::ledger::{Error, Ledger, Tx};
use crate::telemetry::health::Health;

/// How many duties are looked at in one transaction.
const AT_ONCE: u32 = 256;

/// How long to wait before the ledger is asked again after it could not answer.
const LEDGER_PAUSE: Duration = Duration::from_secs(1);

/// Everything the clock works with.
#[derive(Debug, Clone)]
pub struct Watch {
    /// The ledger.
    pub ledger: Ledger,
    /// Where the mailboxes stand that are to be told.
    pub world: Arc<World>,
    /// The time.
    pub clock: Clock,
    /// How the hub is doing.
    pub health: Health,
    /// Rung when duties have changed.
    pub bell: Arc<Notify>,
    /// Rung when something is to be delivered.
    pub deliver: Arc<Notify>,
}

impl Watch {
    /// Watches until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        loop {
            let next = self.ledger.read(|reader| reader.next_duty_at()).await;
            let wait = async {
                match next {
                    Ok(Some(at)) => self.clock.sleep_until(at).await,
                    Ok(None) => std::future::pending().await,
                    Err(_unreadable) => tokio::time::sleep(LEDGER_PAUSE).await,
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                // Duties have changed: look again when the next one is due.
                () = self.bell.notified() => continue,
                () = wait => {}
            }
            let (world, now) = (Arc::clone(&self.world), self.clock.now());
            let told = self.ledger.write(move |tx| tick(tx, &world, now)).await;
            self.health.ledger(&told);
            match told {
                Ok(told) if told > 0 => self.deliver.notify_one(),
                Ok(_) => {}
                Err(error) => {
                    tracing::error!(error = %crate::telemetry::chain(&error), "duties that are due could not be written down");
                    tokio::select! {
                        () = stop.cancelled() => return,
                        () = tokio::time::sleep(LEDGER_PAUSE) => {}
                    }
                }
            }
        }
    }
}

/// Lets the clock tick for every duty whose time has come; answers how many had something to tell.
pub(crate) fn tick(tx: &mut Tx<'_>, world: &World, now: jiff::Timestamp) -> Result<usize, Error> {
    let mut told = 0;
    for duty in tx.due_duties(now, AT_ONCE)? {
        let (after, notice) = duty.tick(now);
        tx.change_duty(&after)?;
        if let Some(notice) = notice {
            outgoing::tell(tx, world, &after, &notice)?;
            told += 1;
        }
    }
    Ok(told)
}
