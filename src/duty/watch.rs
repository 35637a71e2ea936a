//! The clock of duties: sleeps until one has something to do, and writes down what it is.

use std::sync::Arc;
use std::time::Duration;

use budstikke_contract::event::{copenhagen, danish_day};
use jiff::ToSpan;
use jiff::civil::Date;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::calendar;
use crate::clock::Clock;
use crate::intake::{World, outgoing};
use crate::ledger::{Error, Ledger, Tx};
use crate::telemetry::health::Health;

/// How many duties are looked at in one transaction.
const AT_ONCE: u32 = 256;

/// How many days back a duty of the calendar is opened that was missed while the hub was down.
const LOOK_BACK: i64 = 400;

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
    /// Whether the duties of the calendar are opened.
    pub calendar: bool,
    /// Rung when duties have changed.
    pub bell: Arc<Notify>,
    /// Rung when something is to be delivered.
    pub deliver: Arc<Notify>,
}

impl Watch {
    /// Watches until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        // The day for which the calendar has been looked at.
        let mut opened: Option<Date> = None;
        loop {
            let today = danish_day(self.clock.now());
            let new_day = self.calendar && opened != Some(today);
            if !new_day {
                tokio::select! {
                    () = stop.cancelled() => return,
                    // Duties have changed: look again when the next one is due.
                    () = self.bell.notified() => continue,
                    () = self.wait(today) => {}
                }
            }
            let (world, now) = (Arc::clone(&self.world), self.clock.now());
            let begins = self.calendar && opened != Some(danish_day(now));
            let told = self.ledger.write(move |tx| {
                let begun = if begins { open(tx, &world, now)? } else { 0 };
                Ok(begun + tick(tx, &world, now)?)
            });
            let told = told.await;
            self.health.ledger("duties", &told);
            match told {
                Ok(told) => {
                    opened = Some(danish_day(now));
                    if told > 0 {
                        self.deliver.notify_one();
                    }
                }
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

    /// Waits until a duty has something to do, or the day is over.
    async fn wait(&self, today: Date) {
        let midnight = today.tomorrow().ok().and_then(|day| day.to_zoned(copenhagen()).ok());
        let midnight = midnight.filter(|_| self.calendar).map(|zoned| zoned.timestamp());
        match self.ledger.read(|reader| reader.next_duty_at()).await {
            Ok(next) => match next.into_iter().chain(midnight).min() {
                Some(at) => self.clock.sleep_until(at).await,
                None => std::future::pending().await,
            },
            Err(_unreadable) => tokio::time::sleep(LEDGER_PAUSE).await,
        }
    }
}

/// Opens what the calendars of the agreements say is to be open now; answers how many there were.
/// What was due before this ledger began is nothing that it was to follow.
pub(crate) fn open(tx: &mut Tx<'_>, world: &World, now: jiff::Timestamp) -> Result<usize, Error> {
    let today = danish_day(now);
    let since = danish_day(tx.begun()?.unwrap_or(now));
    let earliest = today.checked_sub(LOOK_BACK.days()).unwrap_or(today);
    let mut opened = 0;
    for agreement in world.book.known_on(today) {
        for opening in calendar::openings(agreement, since.max(earliest), today, now) {
            opened += usize::from(outgoing::begin(tx, world, &opening)?);
        }
    }
    Ok(opened)
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
