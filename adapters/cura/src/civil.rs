//! Days and instants as FHIR writes them.

use budstikke_contract::event::danish_day;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};

/// The Danish day of a date, of an instant with a zone, or of a time on a Danish clock. FHIR's
/// partial dates (`2026`, `2026-11`) name no day.
pub(crate) fn day(text: &str) -> Option<Date> {
    let ten = text.get(..10).filter(|day| is_day(day))?;
    match text.get(10..)? {
        "" => ten.parse().ok(),
        rest if rest.starts_with('T') => match text.parse::<Timestamp>() {
            Ok(instant) => Some(danish_day(instant)),
            // Without a zone it is a Danish clock's.
            Err(_) => text.parse::<DateTime>().ok().map(|local| local.date()),
        },
        _ => None,
    }
}

/// An instant, with its zone.
pub(crate) fn instant(text: &str) -> Option<Timestamp> {
    text.get(..10).filter(|day| is_day(day))?;
    text.parse().ok()
}

/// `09:30`, with or without seconds that are then left out.
pub(crate) fn clock(text: &str) -> Option<&str> {
    let short = text.get(..5)?;
    let seconds = matches!(text.len(), 5) || (text.len() == 8 && text.get(5..6) == Some(":"));
    let number = |at: std::ops::Range<usize>| {
        text.get(at).filter(|pair| pair.bytes().all(|b| b.is_ascii_digit())).and_then(|pair| pair.parse::<u8>().ok())
    };
    let good = seconds && text.get(2..3) == Some(":") && number(0..2)? < 24 && number(3..5)? < 60;
    (good && (text.len() == 5 || number(6..8)? < 60)).then_some(short)
}

/// `2026-11-22`, and nothing else that a date parser might take.
fn is_day(text: &str) -> bool {
    let digits = |at: usize| matches!(at, 0..=3 | 5..=6 | 8..=9);
    text.len() == 10 && text.bytes().enumerate().all(|(at, b)| if digits(at) { b.is_ascii_digit() } else { b == b'-' })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_a_danish_one() {
        let day = |text: &str| day(text).map(|day| day.to_string());
        assert_eq!(day("2026-01-01").as_deref(), Some("2026-01-01"));
        assert_eq!(day("2025-12-31T23:00:00Z").as_deref(), Some("2026-01-01"));
        assert_eq!(day("2026-01-01T00:00:00+01:00").as_deref(), Some("2026-01-01"));
        assert_eq!(day("2026-01-01T00:00:00").as_deref(), Some("2026-01-01"));
        for bad in ["", "2026", "2026-11", "2026-02-30", "22-11-2026", "2026-11-22x", "2026-11-22T", "æøåæøåæ"] {
            assert_eq!(day(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_instant_has_a_zone_and_a_clock_has_minutes() {
        assert_eq!(instant("2026-11-22T10:00:00+01:00").unwrap().to_string(), "2026-11-22T09:00:00Z");
        for bad in ["2026-11-22", "2026-11-22T10:00:00", "now", ""] {
            assert_eq!(instant(bad), None, "{bad}");
        }
        assert_eq!(clock("09:30:15"), Some("09:30"));
        for bad in ["9:30", "24:00", "09:60", "09:30Z", "09:30:60", "09:30:", "å9:30"] {
            assert_eq!(clock(bad), None, "{bad}");
        }
    }
}
