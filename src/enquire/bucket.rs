//! A limit on calls: so many a second, and as many at once after a pause.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// A bucket of permissions that fills up again as time goes by.
#[derive(Debug, Clone)]
pub struct Bucket {
    /// The time that one permission takes to come.
    each: SignedDuration,
    /// The time that a full bucket is worth.
    depth: SignedDuration,
    /// When the bucket will be full again.
    full_at: Timestamp,
}

impl Bucket {
    /// A full bucket of `per_second` permissions, into which so many come each second.
    pub fn new(per_second: u32) -> Self {
        let each = Duration::from_secs(1) / per_second.max(1);
        let each = SignedDuration::try_from(each).unwrap_or(SignedDuration::from_secs(1));
        let depth = each.saturating_mul(i32::try_from(per_second.max(1)).unwrap_or(i32::MAX));
        Self { each, depth, full_at: Timestamp::MIN }
    }

    /// Takes one permission.
    ///
    /// # Errors
    /// There is none; when the next one comes.
    pub fn take(&mut self, now: Timestamp) -> Result<(), Timestamp> {
        let later = |at: Timestamp, by: SignedDuration| at.checked_add(by).unwrap_or(Timestamp::MAX);
        // A clock that was set back must not empty the bucket for as long.
        let limit = later(now, self.depth);
        self.full_at = self.full_at.clamp(now, limit);
        let after = later(self.full_at, self.each);
        if after > limit {
            return Err(later(now, after.duration_since(limit)));
        }
        self.full_at = after;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(1_700_000_000_000 + millis).unwrap()
    }

    #[test]
    fn a_second_has_so_many_and_no_more() {
        let mut bucket = Bucket::new(4);
        assert!((0..4).all(|_| bucket.take(at(0)).is_ok()));
        assert_eq!(bucket.take(at(0)), Err(at(250)));
        assert_eq!(bucket.take(at(249)), Err(at(250)));
        assert_eq!(bucket.take(at(250)), Ok(()));
        assert!(bucket.take(at(250)).is_err());
    }

    #[test]
    fn a_clock_that_is_set_back_costs_no_more_than_one_bucket() {
        let mut bucket = Bucket::new(1);
        assert_eq!(bucket.take(at(3_600_000)), Ok(()));
        assert_eq!(bucket.take(at(0)), Err(at(1_000)));
        assert_eq!(bucket.take(at(1_000)), Ok(()));
    }

    proptest! {
        /// In no stretch of time are there more calls than a full bucket and what came in meanwhile.
        #[test]
        fn the_limit_holds_over_every_stretch(
            rate in 1_u32..50,
            steps in prop::collection::vec(0_i64..400, 1..200),
        ) {
            let mut bucket = Bucket::new(rate);
            let mut now = 0;
            let mut taken = Vec::new();
            for step in steps {
                now += step;
                if bucket.take(at(now)).is_ok() {
                    taken.push(now);
                }
            }
            for (from, begin) in taken.iter().enumerate() {
                for (to, end) in taken.iter().enumerate().skip(from) {
                    let calls = i64::try_from(to - from).unwrap();
                    let allowed = i64::from(rate) + (end - begin) * i64::from(rate) / 1_000;
                    prop_assert!(calls <= allowed, "{calls} calls in {} ms at {rate} a second", end - begin);
                }
            }
        }

        /// Who comes again when told to is let in.
        #[test]
        fn what_is_promised_is_kept(rate in 1_u32..50, before in 0_usize..80) {
            let mut bucket = Bucket::new(rate);
            for _ in 0..before {
                let _taken_or_not = bucket.take(at(0));
            }
            if let Err(then) = bucket.take(at(0)) {
                prop_assert!(then > at(0));
                prop_assert_eq!(bucket.take(then), Ok(()));
            }
        }
    }
}
