//! Days and periods, as forms, addresses and calls say them: `2026-11-22`. A period is of whole days as
//! they are in Denmark, the last one with it. Pure.

use budstikke_contract::event::copenhagen;
use jiff::Timestamp;
use jiff::civil::Date;

/// From a day to a day; without one, from the beginning or to the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Period {
    pub(super) from: Option<Date>,
    pub(super) to: Option<Date>,
}

/// A day; nothing where none is said.
pub(super) fn day(text: &str) -> Result<Option<Date>, &'static str> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_no_day| "En dato skal skrives som 2026-11-22.")
}

/// Midnight in Denmark, when a day begins.
fn begin(day: Date) -> Option<Timestamp> {
    day.to_zoned(copenhagen()).ok().map(|zoned| zoned.timestamp())
}

fn text(day: Option<Date>) -> String {
    day.map(|day| day.to_string()).unwrap_or_default()
}

impl Period {
    /// Reads its first and its last day.
    pub(super) fn read(from: &str, to: &str) -> Result<Self, &'static str> {
        Ok(Self { from: day(from)?, to: day(to)? })
    }

    /// Its first moment.
    pub(super) fn begins(&self) -> Option<Timestamp> {
        self.from.and_then(begin)
    }

    /// The first moment after it.
    pub(super) fn ends(&self) -> Option<Timestamp> {
        self.to.and_then(|day| day.tomorrow().ok()).and_then(begin)
    }

    /// Its first day, as it was said.
    pub(super) fn first_day(&self) -> String {
        text(self.from)
    }

    /// Its last day, as it was said.
    pub(super) fn last_day(&self) -> String {
        text(self.to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_of_whole_danish_days() {
        let period = Period::read("2026-11-01", "2026-11-01").unwrap();
        assert_eq!(period.begins().unwrap().to_string(), "2026-10-31T23:00:00Z");
        assert_eq!(period.ends().unwrap().to_string(), "2026-11-01T23:00:00Z");
        assert_eq!((period.first_day().as_str(), period.last_day().as_str()), ("2026-11-01", "2026-11-01"));
        assert_eq!(Period::read("", ""), Ok(Period::default()));
        for bad in ["i går", "2512489996", "2026-13-01"] {
            assert!(Period::read(bad, "").is_err() && Period::read("", bad).is_err(), "{bad}");
        }
    }
}
