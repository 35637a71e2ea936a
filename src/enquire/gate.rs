//! Whether a service is asked. One that did not answer is left alone for a while, longer each time,
//! and then tried by one call before the others come.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::retry::{Policy, Waits};

/// The longest that a service may ask us to wait.
const LONGEST_WISH: Duration = Duration::from_mins(15);

/// The gate before a service.
#[derive(Debug)]
pub struct Gate {
    waits: Waits,
    closed_until: Option<Timestamp>,
}

/// How the gate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stand {
    /// The service answers.
    Open,
    /// It did not; one call may try whether it does again.
    Probe,
    /// It did not, and is left alone until then.
    Closed(Timestamp),
}

impl Gate {
    /// An open gate, for whose waits `policy` says how they grow.
    pub fn new(policy: Policy) -> Self {
        Self { waits: policy.waits(), closed_until: None }
    }

    /// How it stands.
    pub fn stand(&self, now: Timestamp) -> Stand {
        match self.closed_until {
            None => Stand::Open,
            Some(until) if now < until => Stand::Closed(until),
            Some(_) => Stand::Probe,
        }
    }

    /// The service has answered. Whether that is news.
    pub fn answered(&mut self) -> bool {
        self.waits.reset();
        self.closed_until.take().is_some()
    }

    /// The service has not answered, and may have asked for a pause. Whether that is news. Calls
    /// that were under way together fail together, and count once.
    pub fn failed(&mut self, now: Timestamp, after: Option<Duration>) -> bool {
        let is_news = self.closed_until.is_none();
        let later = |wait: Duration| {
            let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
            now.checked_add(wait).unwrap_or(Timestamp::MAX)
        };
        let wished = after.map(|after| later(after.min(LONGEST_WISH)));
        let until = match self.stand(now) {
            Stand::Closed(until) => until,
            Stand::Open | Stand::Probe => later(self.waits.next_wait()),
        };
        self.closed_until = Some(wished.map_or(until, |wished| wished.max(until)));
        is_news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + seconds).unwrap()
    }

    fn gate() -> Gate {
        Gate::new(Policy::new(Duration::from_secs(2), Duration::from_mins(1)))
    }

    fn until(gate: &Gate, now: Timestamp) -> Timestamp {
        match gate.stand(now) {
            Stand::Closed(until) => until,
            other @ (Stand::Open | Stand::Probe) => panic!("{other:?}"),
        }
    }

    #[test]
    fn it_closes_longer_each_time_and_opens_with_the_first_answer() {
        let mut gate = gate();
        assert_eq!(gate.stand(at(0)), Stand::Open);
        assert!(gate.failed(at(0), None), "news");
        let first = until(&gate, at(0));
        assert_eq!(gate.stand(first), Stand::Probe);
        assert!(!gate.failed(first, None), "no news");
        for _ in 0..10 {
            let now = until(&gate, first);
            gate.failed(now, None);
        }
        let now = until(&gate, first);
        gate.failed(now, None);
        assert!(until(&gate, now).duration_since(now) >= SignedDuration::from_secs(30), "half of a minute is chance");
        assert!(gate.answered(), "news");
        assert_eq!(gate.stand(at(0)), Stand::Open);
        assert!(!gate.answered());
        gate.failed(at(0), None);
        assert!(until(&gate, at(0)) <= at(3), "from the beginning again");
    }

    #[test]
    fn what_failed_together_counts_once() {
        let mut gate = gate();
        gate.failed(at(0), None);
        let first = until(&gate, at(0));
        for _ in 0..50 {
            gate.failed(at(0), None);
        }
        assert_eq!(until(&gate, at(0)), first);
    }

    #[test]
    fn a_service_is_given_the_pause_that_it_asks_for_within_reason() {
        let mut gate = gate();
        gate.failed(at(0), Some(Duration::from_mins(2)));
        assert_eq!(until(&gate, at(0)), at(120));
        gate.failed(at(0), Some(Duration::from_hours(24)));
        assert_eq!(until(&gate, at(0)), at(900));
    }
}
