//! A month as a table of weeks.

use jiff::ToSpan;
use jiff::civil::Date;

/// A month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Month {
    first: Date,
}

/// A week of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Week {
    /// Its number in the year.
    pub(super) number: i8,
    /// From Monday to Sunday; `None` where the day is of another month.
    pub(super) days: Vec<Option<Date>>,
}

/// What the months are called.
const NAMES: [&str; 12] = [
    "januar",
    "februar",
    "marts",
    "april",
    "maj",
    "juni",
    "juli",
    "august",
    "september",
    "oktober",
    "november",
    "december",
];

impl Month {
    /// The month of a day.
    pub(super) fn of(day: Date) -> Self {
        Self { first: day.first_of_month() }
    }

    /// Reads `2026-11`. None before 2000 or after 2199: nobody looks there but programs that try.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (year, month) = text.split_once('-')?;
        let (year, month): (i16, i8) = (year.parse().ok()?, month.parse().ok()?);
        let first = Date::new(year, month, 1).ok()?;
        (2000..2200).contains(&year).then_some(Self { first })
    }

    /// As it stands in addresses.
    pub(super) fn name(self) -> String {
        self.first.strftime("%Y-%m").to_string()
    }

    /// As people say it: `november 2026`.
    pub(super) fn title(self) -> String {
        let name = usize::try_from(self.first.month() - 1).ok().and_then(|at| NAMES.get(at)).unwrap_or(&"");
        format!("{name} {}", self.first.year())
    }

    /// Its first day.
    pub(super) fn first(self) -> Date {
        self.first
    }

    /// Its last day.
    pub(super) fn last(self) -> Date {
        self.first.last_of_month()
    }

    /// The month before.
    pub(super) fn previous(self) -> Self {
        Self { first: self.first.checked_sub(1.month()).unwrap_or(self.first) }
    }

    /// The month after.
    pub(super) fn next(self) -> Self {
        Self { first: self.first.checked_add(1.month()).unwrap_or(self.first) }
    }

    /// Its weeks.
    pub(super) fn weeks(self) -> Vec<Week> {
        let mut weeks: Vec<Week> = Vec::new();
        for day in self.first.series(1.day()).take_while(|day| *day <= self.last()) {
            let column = usize::try_from(day.weekday().to_monday_zero_offset()).unwrap_or_default();
            if weeks.is_empty() || column == 0 {
                weeks.push(Week { number: day.iso_week_date().week(), days: vec![None; 7] });
            }
            let room = weeks.last_mut().and_then(|week| week.days.get_mut(column));
            if let Some(room) = room {
                *room = Some(day);
            }
        }
        weeks
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_month_is_read_said_and_followed() {
        let month = Month::parse("2026-12").unwrap();
        assert_eq!((month.title().as_str(), month.next().name().as_str()), ("december 2026", "2027-01"));
        assert_eq!(month.previous(), Month::of(date(2026, 11, 30)));
        assert_eq!(month.weeks().iter().map(|week| week.number).collect::<Vec<_>>(), [49, 50, 51, 52, 53]);
        for no_month in ["", "2026", "2026-13", "2026-00", "9999-12", "-2026-01", "2026-1x", "1999-12"] {
            assert_eq!(Month::parse(no_month), None, "{no_month}");
        }
    }

    proptest! {
        #[test]
        fn every_day_stands_once_and_under_its_own_weekday(year in 2000_i16..2200, month in 1_i8..=12) {
            let month = Month::of(date(year, month, 1));
            let weeks = month.weeks();
            let days: Vec<Date> = weeks.iter().flat_map(|week| week.days.iter().flatten().copied()).collect();
            let all: Vec<Date> = month.first().series(1.day()).take_while(|day| *day <= month.last()).collect();
            prop_assert_eq!(days, all);
            for week in &weeks {
                prop_assert_eq!(week.days.len(), 7);
                for (column, day) in week.days.iter().enumerate().filter_map(|(at, day)| Some((at, (*day)?))) {
                    prop_assert_eq!(usize::try_from(day.weekday().to_monday_zero_offset()).unwrap(), column);
                    prop_assert_eq!(day.iso_week_date().week(), week.number);
                }
            }
        }
    }
}
