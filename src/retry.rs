//! How long to wait before the next attempt: longer each time, never all at once, and without a
//! last attempt. The only module that uses the `backoff` crate, which is unmaintained.

use std::time::Duration;

use backoff::backoff::Backoff as _;
use backoff::{ExponentialBackoff, ExponentialBackoffBuilder};

/// The first and the longest wait of a series. Waits double from one to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    first: Duration,
    longest: Duration,
}

impl Policy {
    /// A policy whose waits grow from `first` to `longest`. A `longest` below `first` counts as
    /// `first`, so that a policy never waits less than asked.
    pub const fn new(first: Duration, longest: Duration) -> Self {
        let longest = if longest.as_nanos() < first.as_nanos() { first } else { longest };
        Self { first, longest }
    }

    /// A series of waits that begins with the first. Half of each is chance: what failed together
    /// does not come back together.
    pub fn waits(self) -> Waits {
        Waits { series: self.series(0.5), longest: self.longest }
    }

    /// The first wait.
    pub const fn first(self) -> Duration {
        self.first
    }

    /// The longest wait.
    pub const fn longest(self) -> Duration {
        self.longest
    }

    /// How long to wait after attempt number `attempt`, counted from 1, without chance: for those
    /// who keep the number of attempts and not the series.
    pub fn wait_after(self, attempt: u32) -> Duration {
        let mut series = self.series(0.0);
        // Doubling 64 times is longer than any longest.
        let last = (1..attempt.clamp(1, 64)).fold(series.next_backoff(), |_, _| series.next_backoff());
        last.map_or(self.longest, |wait| wait.min(self.longest))
    }

    fn series(self, chance: f64) -> ExponentialBackoff {
        ExponentialBackoffBuilder::new()
            .with_initial_interval(self.first)
            .with_max_interval(self.longest)
            .with_multiplier(2.0)
            .with_randomization_factor(chance)
            .with_max_elapsed_time(None)
            .build()
    }
}

/// A series of waits without an end.
#[derive(Debug)]
pub struct Waits {
    series: ExponentialBackoff,
    longest: Duration,
}

impl Waits {
    /// How long to wait before the next attempt.
    pub fn next_wait(&mut self) -> Duration {
        // Without a time limit the series has no end; were there one, we would wait the longest.
        self.series.next_backoff().unwrap_or(self.longest)
    }

    /// Begins again with the first wait, because an attempt has held.
    pub fn reset(&mut self) {
        self.series.reset();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Duration = Duration::from_millis(100);
    const LONGEST: Duration = Duration::from_secs(2);

    #[test]
    fn waits_grow_to_the_longest_and_never_end() {
        let mut waits = Policy::new(FIRST, LONGEST).waits();
        let series: Vec<_> = (0..1_000).map(|_| waits.next_wait()).collect();
        assert!(series.iter().all(|wait| *wait >= FIRST / 2 && *wait <= LONGEST * 3 / 2));
        assert!(series[10..].iter().all(|wait| *wait >= LONGEST / 2));
    }

    #[test]
    fn two_series_do_not_keep_step() {
        let policy = Policy::new(FIRST, LONGEST);
        let (mut one, mut other) = (policy.waits(), policy.waits());
        assert!((0..20).any(|_| one.next_wait() != other.next_wait()));
    }

    #[test]
    fn a_wait_by_its_number_doubles_up_to_the_longest() {
        let waits = [1, 2, 3, 5, 6, 1_000].map(|attempt| Policy::new(FIRST, LONGEST).wait_after(attempt));
        assert_eq!(waits, [100, 200, 400, 1_600, 2_000, 2_000].map(Duration::from_millis));
    }

    #[test]
    fn a_series_begins_again() {
        let mut waits = Policy::new(FIRST, LONGEST).waits();
        for _ in 0..20 {
            waits.next_wait();
        }
        waits.reset();
        assert!(waits.next_wait() <= FIRST * 3 / 2);
    }

    #[test]
    fn a_longest_wait_below_the_first_counts_as_the_first() {
        let mut waits = Policy::new(LONGEST, FIRST).waits();
        assert!(waits.next_wait() >= LONGEST / 2);
    }
}
