//! How much came and went in each of the last sixty minutes, by source and mailbox.

use std::collections::{BTreeMap, VecDeque};

use jiff::{SignedDuration, Timestamp};

use crate::ledger::beat::{Beat, Way};

/// How many minutes are shown.
pub(super) const MINUTES: usize = 60;

/// The counts of each way, the newest minute last.
#[derive(Debug, Clone, Default)]
pub(super) struct Pulse {
    /// The minute of the newest count, since 1970.
    minute: i64,
    ways: BTreeMap<Way, Counts>,
}

#[derive(Debug, Clone, Default)]
struct Counts {
    counts: VecDeque<u32>,
    last: Option<Timestamp>,
}

/// What is shown of one way.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Rhythm {
    /// So many in each of the last sixty minutes, the one that runs now last.
    pub minutes: Vec<u32>,
    /// When the last one was, within that time.
    pub last: Option<Timestamp>,
}

fn minute(at: Timestamp) -> i64 {
    at.as_second().div_euclid(60)
}

impl Pulse {
    /// The time before which nothing is shown.
    pub(super) fn begin(now: Timestamp) -> Timestamp {
        now.checked_sub(SignedDuration::from_hours(1)).unwrap_or(Timestamp::MIN)
    }

    /// Lets the minutes go by up to `now`.
    pub(super) fn tick(&mut self, now: Timestamp) {
        let passed = usize::try_from(minute(now).saturating_sub(self.minute)).unwrap_or(0).min(MINUTES);
        self.minute = self.minute.max(minute(now));
        for way in self.ways.values_mut() {
            way.counts.drain(..passed);
            way.counts.resize(MINUTES, 0);
        }
    }

    /// Counts what came and went; what is older than an hour is forgotten already.
    pub(super) fn count(&mut self, beats: &[Beat]) {
        for beat in beats {
            if minute(beat.at) > self.minute {
                self.tick(beat.at);
            }
            let back = usize::try_from(self.minute - minute(beat.at)).unwrap_or(MINUTES);
            let way = self.ways.entry(beat.way.clone()).or_default();
            way.counts.resize(MINUTES, 0);
            let at = MINUTES.checked_sub(back + 1);
            if let Some(count) = at.and_then(|at| way.counts.get_mut(at)) {
                *count += 1;
                way.last = way.last.max(Some(beat.at));
            }
        }
    }

    /// What is shown of a way.
    pub(super) fn of(&self, way: &Way) -> Rhythm {
        let Some(counts) = self.ways.get(way) else { return Rhythm { minutes: vec![0; MINUTES], last: None } };
        Rhythm { minutes: counts.counts.iter().copied().collect(), last: counts.last }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_040 + minute * 60).unwrap()
    }

    fn beat(minute: i64) -> Beat {
        Beat { at: at(minute), way: Way::In("cura".to_owned()) }
    }

    fn cura(pulse: &Pulse) -> Rhythm {
        pulse.of(&Way::In("cura".to_owned()))
    }

    #[test]
    fn each_minute_has_its_own_count() {
        let mut pulse = Pulse::default();
        pulse.tick(at(0));
        pulse.count(&[beat(0), beat(0), beat(-1)]);
        pulse.tick(at(1));
        pulse.count(&[beat(1)]);
        assert_eq!(cura(&pulse).minutes[57..], [1, 2, 1]);
        assert_eq!(cura(&pulse).last, Some(at(1)));
        assert_eq!(pulse.of(&Way::Out("cura".to_owned(), "amqp".to_owned())).minutes, [0; MINUTES]);
    }

    #[test]
    fn an_hour_later_nothing_is_left() {
        let mut pulse = Pulse::default();
        pulse.tick(at(0));
        pulse.count(&[beat(0)]);
        pulse.tick(at(59));
        assert_eq!(cura(&pulse).minutes[0], 1);
        pulse.tick(at(60));
        assert_eq!(cura(&pulse).minutes, [0; MINUTES]);
    }

    proptest! {
        #[test]
        fn no_count_is_lost_or_made(minutes in prop::collection::vec(0i64..200, 0..100), now in 0i64..200) {
            let mut pulse = Pulse::default();
            let mut sorted = minutes;
            sorted.sort_unstable();
            pulse.tick(at(0));
            pulse.count(&sorted.iter().map(|it| beat(*it)).collect::<Vec<_>>());
            let newest = sorted.last().copied().unwrap_or(0).max(now);
            pulse.tick(at(now));
            let within = sorted.iter().filter(|it| newest - **it < 60).count();
            prop_assert_eq!(cura(&pulse).minutes.iter().sum::<u32>() as usize, within);
            prop_assert_eq!(cura(&pulse).minutes.len(), MINUTES);
        }
    }
}
