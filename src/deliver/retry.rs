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
    /// A person must look.
    Park,
}

impl Policy {
    /// What to do after attempt number `attempt` (from 1) failed with `verdict`. `chance`, between
    /// 0 and 1, spreads the attempts of many so that they do not all come at once.
    pub fn after(&self, attempt: u32, verdict: Verdict, now: Timestamp, chance: f64) -> Next {
        let asked = match verdict {
            Verdict::Refused => return Next::Park,
            // Nothing on the channel will pass until someone has mended it; trying seldom finds
            // out when they have, and giving up would only park what is not at fault.
            Verdict::Broken => return Next::Again(later(now, self.waits.longest())),
            Verdict::Retry { after } => after,
            Verdict::Unsure => None,
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

    fn seconds(next: Next) -> f64 {
        match next {
            Next::Again(at) => at.duration_since(Timestamp::UNIX_EPOCH).as_secs_f64(),
            Next::Park => f64::INFINITY,
        }
    }

    fn after(attempt: u32, verdict: Verdict, chance: f64) -> f64 {
        seconds(Policy::default().after(attempt, verdict, Timestamp::UNIX_EPOCH, chance))
    }

    #[test]
    fn doubles_up_to_the_longest_and_then_asks_a_person() {
        let pauses: Vec<f64> = [1, 2, 3, 10, 11, 104].map(|attempt| after(attempt, RETRY, 0.5)).to_vec();
        assert_eq!(pauses, [1.0, 2.0, 4.0, 512.0, 900.0, 900.0]);
        assert_eq!(after(105, RETRY, 0.5), f64::INFINITY);
    }

    #[test]
    fn in_all_it_is_about_a_day() {
        let total: f64 = (1..105).map(|attempt| after(attempt, Verdict::Unsure, 0.5)).sum();
        assert!((22.0..26.0).contains(&(total / 3600.0)), "{total}");
    }

    #[test]
    fn the_receivers_own_wish_counts_when_it_is_longer() {
        let verdict = Verdict::Retry { after: Some(Duration::from_secs(120)) };
        assert_eq!(after(1, verdict, 0.5), 120.0);
        assert_eq!(after(10, verdict, 0.5), 512.0);
    }

    #[test]
    fn what_is_refused_is_not_tried_again_and_what_is_broken_is_never_given_up() {
        assert_eq!(after(1, Verdict::Refused, 0.5), f64::INFINITY);
        assert_eq!(after(1_000, Verdict::Broken, 0.5), 900.0);
    }

    proptest! {
        #[test]
        fn never_too_soon_and_never_too_late(attempt in 1_u32..105, chance in 0.0_f64..=1.0) {
            let pause = after(attempt, RETRY, chance);
            prop_assert!((0.8..=900.0 * 1.2).contains(&pause), "{}", pause);
        }
    }
}
