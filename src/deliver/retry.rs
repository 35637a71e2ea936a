//! What a failure means for the next attempt.

use std::time::Duration;

use budstikke_contract::verdict::Verdict;
use jiff::{SignedDuration, Timestamp};

use crate::retry;

/// How long, and how often, to try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// How long to wait between two.
    pub waits: retry::Policy,
    /// After so many a person must look.
    pub attempts: u32,
}

impl Default for Policy {
    /// A second at first, a quarter of an hour at the longest, and a day in all: a receiver that is
    /// down over night gets its mail without anyone's help.
    fn default() -> Self {
        Self { waits: retry::Policy::new(Duration::from_secs(1), Duration::from_mins(15)), attempts: 105 }
    }
}

/// What to do after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Try again at this time.
    Again(Timestamp),
    /// Try again when the way is mended, however often it was tried.
    WhenMended,
    /// A person must look.
    Park,
}

impl Policy {
    /// When a way that was found to be broken so many times in a row is tried again.
    pub fn way_again_at(&self, times: u32, now: Timestamp) -> Timestamp {
        later(now, self.waits.wait_after(times))
    }

    /// What to do after attempt number `attempt` (from 1) failed with `verdict`. `chance`, between
    /// 0 and 1, spreads the attempts of many so that they do not all come at once.
    pub fn after(&self, attempt: u32, verdict: Verdict, now: Timestamp, chance: f64) -> Next {
        let asked = match verdict {
            Verdict::Refused => return Next::Park,
            // Nothing on the channel will pass until someone has mended it, and giving up would only
            // park what is not at fault.
            Verdict::Broken => return Next::WhenMended,
            Verdict::Retry { after } | Verdict::Unsure { after } => after,
        };
        if attempt >= self.attempts {
            return Next::Park;
        }
        let pause = self.waits.wait_after(attempt).mul_f64(0.8 + 0.4 * chance.clamp(0.0, 1.0));
        Next::Again(later(now, asked.map_or(pause, |asked| asked.max(pause))))
    }
}

fn later(now: Timestamp, pause: Duration) -> Timestamp {
    let pause = SignedDuration::try_from(pause).unwrap_or(SignedDuration::MAX);
    now.checked_add(pause).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RETRY: Verdict = Verdict::Retry { after: None };

    /// The pause before the next attempt, in milliseconds; `None` where a person is asked.
    fn after(attempt: u32, verdict: Verdict, chance: f64) -> Option<i64> {
        match Policy::default().after(attempt, verdict, Timestamp::UNIX_EPOCH, chance) {
            Next::Again(at) => Some(at.as_millisecond()),
            Next::WhenMended | Next::Park => None,
        }
    }

    #[test]
    fn doubles_up_to_the_longest_and_then_asks_a_person() {
        let pauses = [1, 2, 3, 10, 11, 104, 105].map(|attempt| after(attempt, RETRY, 0.5));
        assert_eq!(pauses, [Some(1_000), Some(2_000), Some(4_000), Some(512_000), Some(900_000), Some(900_000), None]);
    }

    #[test]
    fn in_all_it_is_about_a_day() {
        let total: i64 = (1..105).filter_map(|attempt| after(attempt, Verdict::Unsure { after: None }, 0.5)).sum();
        assert!((22..26).contains(&(total / 3_600_000)), "{total}");
    }

    #[test]
    fn the_receivers_own_wish_counts_when_it_is_longer() {
        let verdict = Verdict::Retry { after: Some(Duration::from_mins(2)) };
        assert_eq!(after(1, verdict, 0.5), Some(120_000));
        assert_eq!(after(10, verdict, 0.5), Some(512_000));
    }

    #[test]
    fn what_is_refused_is_not_tried_again_and_what_is_broken_is_never_given_up() {
        let next = |verdict| Policy::default().after(1_000, verdict, Timestamp::UNIX_EPOCH, 0.5);
        assert_eq!(next(Verdict::Refused), Next::Park);
        assert_eq!(next(Verdict::Broken), Next::WhenMended);
    }

    proptest! {
        #[test]
        fn never_too_soon_and_never_too_late(attempt in 1_u32..105, chance in 0.0_f64..=1.0) {
            let pause = after(attempt, RETRY, chance);
            prop_assert!(pause.is_some_and(|pause| (800..=1_080_000).contains(&pause)), "{pause:?}");
        }
    }
}
