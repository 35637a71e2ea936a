//! How long the other side asks us to wait: `Retry-After`, in seconds or as a date (RFC 9110,
//! 10.2.3).

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

/// Nobody makes us wait longer than this: asking once an hour is no burden, and a wrong header must
/// not stop what is on its way for days.
pub const LONGEST: Duration = Duration::from_hours(1);

/// Reads the header. What is no time is no wish; a date that has passed is a wait of nothing.
pub fn read(value: &str, now: Timestamp) -> Option<Duration> {
    /// The older forms of a date have other days' names; nobody sends them.
    static DATES: DateTimeParser = DateTimeParser::new();
    let value = value.trim();
    let wanted = if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // A number that does not fit is a long time.
        Duration::from_secs(value.parse().unwrap_or(u64::MAX))
    } else {
        let date = DATES.parse_timestamp(value).ok()?;
        Duration::try_from(date.duration_since(now)).unwrap_or(Duration::ZERO)
    };
    Some(wanted.min(LONGEST))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wait(value: &str) -> Option<u64> {
        read(value, "2026-11-22T10:00:00Z".parse().unwrap()).map(|wait| wait.as_secs())
    }

    #[test]
    fn seconds_and_dates_are_read() {
        assert_eq!(wait("120"), Some(120));
        assert_eq!(wait(" 0 "), Some(0));
        assert_eq!(wait("Sun, 22 Nov 2026 10:02:00 GMT"), Some(120));
        assert_eq!(wait("Sun, 22 Nov 2026 09:00:00 GMT"), Some(0));
    }

    #[test]
    fn nobody_makes_us_wait_for_ever() {
        for long in ["86400", "99999999999999999999999", "Wed, 29 Dec 9999 00:00:00 GMT"] {
            assert_eq!(wait(long), Some(3_600), "{long}");
        }
    }

    #[test]
    fn what_is_no_time_is_no_wish() {
        for bad in ["", "-1", "1.5", "soon", "+5", "2026-11-22T10:02:00Z", "Sun, 22 Nov 2026"] {
            assert_eq!(wait(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn never_longer_than_the_longest(value in "\\PC{0,40}") {
            prop_assert!(read(&value, Timestamp::UNIX_EPOCH).is_none_or(|wait| wait <= LONGEST));
        }
    }
}
