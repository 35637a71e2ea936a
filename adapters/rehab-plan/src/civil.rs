//! Dates and times as letters write them, in Danish time.

use budstikke_contract::event::copenhagen;
use jiff::Timestamp;
use jiff::civil::{Date, Time};

use crate::part::Part;

/// `2026-11-22`, and nothing else that a date parser might take.
pub(crate) fn date(text: &str) -> Option<Date> {
    let digits = |at: usize| matches!(at, 0..=3 | 5..=6 | 8..=9);
    let form = |(at, b): (usize, u8)| if digits(at) { b.is_ascii_digit() } else { b == b'-' };
    let well_formed = text.len() == 10 && text.bytes().enumerate().all(form) && !text.starts_with("0000");
    if well_formed { text.parse().ok() } else { None }
}

/// `09:30`, or `09:30:15`.
pub(crate) fn time(text: &str) -> Option<Time> {
    let digits = |at: usize| matches!(at % 3, 0 | 1);
    let form = |(at, b): (usize, u8)| if digits(at) { b.is_ascii_digit() } else { b == b':' };
    let well_formed = matches!(text.len(), 5 | 8) && text.bytes().enumerate().all(form);
    // `:60` would be read as a leap second.
    if well_formed && !text.ends_with(":60") { text.parse().ok() } else { None }
}

/// The instant of a time on a Danish clock. A time that a change of clocks skips is read as if the
/// clock had not been moved yet, and of a time that comes twice the first is meant: both are what
/// a clock that is set late shows.
pub(crate) fn instant(date: Date, time: Time) -> Option<Timestamp> {
    let zoned = copenhagen().to_ambiguous_zoned(date.to_datetime(time)).compatible().ok()?;
    Some(zoned.timestamp())
}

/// What stands in an element with a `Date` and a `Time` in it.
pub(crate) enum Moment {
    /// Nothing.
    Absent,
    /// A date, perhaps with a time of day.
    Read(Date, Option<Time>),
    /// Something that is none, as it was written.
    Unread(String),
}

impl Moment {
    /// Reads an element with a `Date` and a `Time` in it.
    pub(crate) fn of(part: Part<'_>) -> Self {
        let (day, clock) = (part.get("Date"), part.get("Time"));
        let Some(day) = day else { return Self::Absent };
        match (date(&day), clock.as_deref().map(time)) {
            (Some(date), None) => Self::Read(date, None),
            (Some(date), Some(Some(time))) => Self::Read(date, Some(time)),
            _ => Self::Unread([&day, clock.as_deref().unwrap_or_default()].join(" ").trim().to_owned()),
        }
    }
}

/// `09:30`.
pub(crate) fn hour_and_minute(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_times_in_one_form_only() {
        assert!(date("2026-11-22").is_some());
        for bad in
            ["", "2026-02-30", "20261122", "2026-11-22T10:00", "22-11-2026", "-026-11-22", "0000-01-01", "2026-1-2"]
        {
            assert_eq!(date(bad), None, "{bad}");
        }
        assert_eq!(hour_and_minute(time("09:30").unwrap()), "09:30");
        assert!(time("23:59:59").is_some());
        for bad in ["", "9:30", "24:00", "09:60", "09.30", "09:30Z", "0930", "09:30:60", "09:30:"] {
            assert_eq!(time(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_danish_clock_names_one_instant() {
        let at = |day: &str, clock: &str| instant(date(day).unwrap(), time(clock).unwrap()).unwrap().to_string();
        assert_eq!(at("2026-11-22", "10:00"), "2026-11-22T09:00:00Z");
        assert_eq!(at("2026-07-01", "00:30"), "2026-06-30T22:30:00Z");
        assert_eq!(at("2026-03-29", "02:30"), "2026-03-29T01:30:00Z", "the hour that is skipped");
        assert_eq!(at("2026-10-25", "02:30"), "2026-10-25T00:30:00Z", "the first of the hour that comes twice");
    }
}
