//! Answers that are still good, so that the same is not asked again and again. Kept by the keyed
//! hash of whom or what they are about, and only for as long as the settings say.

use std::collections::{BTreeMap, VecDeque};

use jiff::{SignedDuration, Timestamp};

use crate::ledger::seal::Mark;
use crate::ledger::wish::Outcome;

/// How many answers are kept at most.
const ROOM: usize = 10_000;

/// The answers of one service.
#[derive(Debug)]
pub struct Cache {
    good_for: SignedDuration,
    answers: BTreeMap<Mark, (Timestamp, Outcome)>,
    /// The same in the order in which they came; one that came again stands here twice.
    order: VecDeque<(Timestamp, Mark)>,
}

impl Cache {
    /// A cache whose answers are good for so long; for none at all, where that is zero.
    pub fn new(good_for: SignedDuration) -> Self {
        Self { good_for, answers: BTreeMap::new(), order: VecDeque::new() }
    }

    /// The answer about somebody, if it is still good.
    pub fn get(&self, about: &Mark, now: Timestamp) -> Option<&Outcome> {
        let (came, outcome) = self.answers.get(about)?;
        // One from the future came before the clock was set back: nobody knows how old it is.
        let age = now.duration_since(*came);
        (age >= SignedDuration::ZERO && age < self.good_for).then_some(outcome)
    }

    /// Keeps an answer. That somebody is not known is asked again each time.
    pub fn keep(&mut self, about: Mark, outcome: &Outcome, now: Timestamp) {
        if *outcome == Outcome::Unknown || self.good_for <= SignedDuration::ZERO {
            return;
        }
        self.answers.insert(about, (now, outcome.clone()));
        self.order.push_back((now, about));
        while let Some((came, first)) = self.order.front().copied() {
            if self.order.len() <= ROOM && now.duration_since(came) < self.good_for {
                break;
            }
            self.order.pop_front();
            if self.answers.get(&first).is_some_and(|(newest, _)| *newest == came) {
                self.answers.remove(&first);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + seconds).unwrap()
    }

    fn mark(number: u32) -> Mark {
        let mut mark = Mark::default();
        mark[..4].copy_from_slice(&number.to_be_bytes());
        mark
    }

    fn answer(text: &str) -> Outcome {
        Outcome::Answered(text.as_bytes().to_vec())
    }

    #[test]
    fn an_answer_is_good_for_its_time_and_for_whom_it_is_about() {
        let mut cache = Cache::new(SignedDuration::from_secs(10));
        cache.keep(mark(1), &answer("a"), at(0));
        assert_eq!(cache.get(&mark(1), at(9)), Some(&answer("a")));
        assert_eq!(cache.get(&mark(1), at(10)), None);
        assert_eq!(cache.get(&mark(1), at(-1)), None);
        assert_eq!(cache.get(&mark(2), at(0)), None);
    }

    #[test]
    fn that_nobody_is_known_is_not_kept_and_nothing_is_where_nothing_shall_be() {
        let mut cache = Cache::new(SignedDuration::from_secs(10));
        cache.keep(mark(1), &Outcome::Unknown, at(0));
        assert_eq!(cache.get(&mark(1), at(0)), None);
        let mut none = Cache::new(SignedDuration::ZERO);
        none.keep(mark(1), &answer("a"), at(0));
        assert_eq!((none.get(&mark(1), at(0)), none.order.len()), (None, 0));
    }

    #[test]
    fn it_has_an_end() {
        let mut cache = Cache::new(SignedDuration::from_hours(1));
        for number in 0..=u32::try_from(ROOM).unwrap() {
            cache.keep(mark(number), &answer("a"), at(0));
        }
        assert_eq!((cache.answers.len(), cache.order.len()), (ROOM, ROOM));
        assert_eq!(cache.get(&mark(0), at(0)), None, "the oldest goes");
    }

    proptest! {
        /// It says what was said last of the same, or nothing.
        #[test]
        fn it_never_says_another_thing(steps in prop::collection::vec((0_u32..5, 0_i64..8, any::<bool>()), 0..100)) {
            let mut cache = Cache::new(SignedDuration::from_secs(10));
            let mut last: BTreeMap<u32, (i64, String)> = BTreeMap::new();
            let mut now = 0;
            for (number, (who, later, asks)) in steps.into_iter().enumerate() {
                now += later;
                if !asks {
                    cache.keep(mark(who), &answer(&number.to_string()), at(now));
                    last.insert(who, (now, number.to_string()));
                    continue;
                }
                let good = last.get(&who).filter(|(came, _)| now - came < 10).map(|(_, text)| answer(text));
                prop_assert_eq!(cache.get(&mark(who), at(now)), good.as_ref());
            }
        }
    }
}
