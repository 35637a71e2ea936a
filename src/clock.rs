//! Time as the hub sees it. The one place that asks the machine what time it is: everything else
//! gets a [`Clock`], so that a test can set the time and a duty can fall due in a millisecond.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

/// A clock that all parts of a hub share. Clones show the same time.
#[derive(Debug, Clone)]
pub struct Clock {
    /// How far this clock is ahead of the machine's. Always zero outside tests.
    ahead: Arc<watch::Sender<SignedDuration>>,
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

impl Clock {
    /// The machine's own time.
    pub fn system() -> Self {
        Self { ahead: Arc::new(watch::Sender::new(SignedDuration::ZERO)) }
    }

    /// A clock that shows `start` now and goes on from there, for tests.
    pub fn starting_at(start: Timestamp) -> Self {
        let clock = Self::system();
        clock.set(start);
        clock
    }

    /// Sets the clock, for tests. Whoever sleeps until a time that has now come wakes up.
    pub fn set(&self, now: Timestamp) {
        self.ahead.send_replace(now.duration_since(machine_time()));
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        let ahead = *self.ahead.borrow();
        machine_time().checked_add(ahead).unwrap_or(Timestamp::MAX)
    }

    /// Sleeps until the clock shows `until`, however it gets there.
    pub async fn sleep_until(&self, until: Timestamp) {
        let mut changed = self.ahead.subscribe();
        loop {
            let Ok(left) = Duration::try_from(until.duration_since(self.now())) else { return };
            if left.is_zero() {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(left) => {}
                // The sender lives in `self`, so this never fails while we wait.
                _ = changed.changed() => {}
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the place that all others are told to ask")]
fn machine_time() -> Timestamp {
    Timestamp::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_sleeper_wakes_when_the_clock_is_set_past_its_time() {
        let start: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        let clock = Clock::starting_at(start);
        let hour = SignedDuration::from_hours(1);
        let sleeper = clock.sleep_until(start + hour);
        let set = async { clock.set(start + hour + hour) };
        tokio::time::timeout(Duration::from_secs(5), async { tokio::join!(sleeper, set) }).await.unwrap();
        assert!(clock.now() >= start + hour);
    }

    #[tokio::test]
    async fn a_time_that_has_passed_is_not_waited_for() {
        let clock = Clock::system();
        clock.sleep_until(Timestamp::UNIX_EPOCH).await;
    }
}
