//! Reckoning with days: by when something is due, and which days are working days in Denmark.

use jiff::Span;
use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

/// In what a due date is reckoned, from some day on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reckoned {
    /// So many calendar days after it.
    #[default]
    Days,
    /// So many working days after it.
    WorkingDays,
    /// So many months after it: the same day of the month, or the month's last where there is none.
    Months,
    /// So many days after the end of its month.
    DaysAfterMonth,
    /// On this day of the month after it.
    DayOfNextMonth,
    /// So many calendar days before it.
    DaysBefore,
    /// On the day itself.
    OnTheDay,
}

impl Reckoned {
    /// The due day; `None` only beyond the end of the calendar.
    pub fn due(self, number: u16, from: Date) -> Option<Date> {
        let days = |from: Date, days: u16| from.checked_add(Span::new().days(i64::from(days))).ok();
        match self {
            Self::Days => days(from, number),
            Self::WorkingDays => working_days_after(from, number),
            Self::Months => from.checked_add(Span::new().months(i64::from(number))).ok(),
            Self::DaysAfterMonth => days(from.last_of_month(), number),
            Self::DayOfNextMonth => {
                let next = from.last_of_month().tomorrow().ok()?;
                days(next, number.saturating_sub(1)).map(|day| day.min(next.last_of_month()))
            }
            Self::DaysBefore => from.checked_sub(Span::new().days(i64::from(number))).ok(),
            Self::OnTheDay => Some(from),
        }
    }

    /// How it is said: `7 arbejdsdage efter modtagelsen`.
    pub fn sentence(self, number: u16, called: &str) -> String {
        let s = |one: &str, many: &str| if number == 1 { format!("1 {one}") } else { format!("{number} {many}") };
        match self {
            Self::Days => format!("{} efter {called}", s("dag", "dage")),
            Self::WorkingDays => format!("{} efter {called}", s("arbejdsdag", "arbejdsdage")),
            Self::Months => format!("{} efter {called}", s("måned", "måneder")),
            Self::DaysAfterMonth => format!("{} efter udgangen af måneden for {called}", s("dag", "dage")),
            Self::DayOfNextMonth => format!("den {number}. i måneden efter {called}"),
            Self::DaysBefore => format!("{} før {called}", s("dag", "dage")),
            Self::OnTheDay => called.to_owned(),
        }
    }
}

/// The day that is so many working days after `from`, which does not count itself.
fn working_days_after(from: Date, number: u16) -> Option<Date> {
    let mut day = from;
    let mut left = number;
    while left > 0 {
        day = day.tomorrow().ok()?;
        if is_working_day(day) {
            left -= 1;
        }
    }
    Some(day)
}

/// Whether a day is neither in a weekend nor a Danish public holiday. The days on which offices
/// close by custom (5 June, 24 and 31 December) are working days here: a due date that comes out
/// too early harms nobody, one too late does.
pub fn is_working_day(day: Date) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && !is_public_holiday(day)
}

/// The public holidays of the Church of Denmark. Great Prayer Day was one until 2023 (lov nr. 214
/// of 6 March 2023).
fn is_public_holiday(day: Date) -> bool {
    if matches!((day.month(), day.day()), (1, 1) | (12, 25 | 26)) {
        return true;
    }
    let Some(easter) = easter(day.year()) else { return false };
    let after = (day - easter).get_days();
    let moving = [-3, -2, 0, 1, 39, 49, 50];
    moving.contains(&after) || (after == 26 && day.year() < 2024)
}

/// Easter Sunday by the Gregorian reckoning (Meeus, Jones and Butcher).
#[expect(clippy::many_single_char_names, reason = "the letters are those of the published reckoning")]
fn easter(year: i16) -> Option<Date> {
    let y = i32::from(year);
    let (a, b, c) = (y % 19, y / 100, y % 100);
    let (d, e) = (b / 4, b % 4);
    let f = (b + 8) / 25;
    let g = (b - f + 1) / 3;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    Date::new(year, i8::try_from(n / 31).ok()?, i8::try_from(n % 31 + 1).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn easter_falls_where_the_almanac_has_it() {
        for day in [
            date(2007, 4, 8),
            date(2021, 4, 4),
            date(2024, 3, 31),
            date(2025, 4, 20),
            date(2026, 4, 5),
            date(2038, 4, 25),
        ] {
            assert_eq!(easter(day.year()), Some(day));
        }
    }

    #[test]
    fn holidays_are_no_working_days() {
        let holidays_of_2026 = [
            date(2026, 1, 1),
            date(2026, 4, 2),
            date(2026, 4, 3),
            date(2026, 4, 6),
            date(2026, 5, 14),
            date(2026, 5, 25),
            date(2026, 12, 25),
        ];
        for day in holidays_of_2026 {
            assert!(!is_working_day(day), "{day}");
        }
        assert!(!is_working_day(date(2023, 5, 5)), "Great Prayer Day, for the last time");
        assert!(is_working_day(date(2026, 5, 1)), "no Great Prayer Day any more");
        assert!(is_working_day(date(2026, 6, 5)) && is_working_day(date(2026, 12, 24)));
    }

    #[test]
    fn reckons_from_the_day() {
        let due = |reckoned: Reckoned, number, from| reckoned.due(number, from).unwrap();
        assert_eq!(due(Reckoned::Days, 7, date(2026, 11, 20)), date(2026, 11, 27));
        assert_eq!(due(Reckoned::WorkingDays, 7, date(2026, 3, 30)), date(2026, 4, 13), "Easter between");
        assert_eq!(
            due(Reckoned::WorkingDays, 7, date(2026, 12, 23)),
            date(2027, 1, 5),
            "Christmas and New Year between"
        );
        assert_eq!(due(Reckoned::Months, 1, date(2026, 1, 31)), date(2026, 2, 28));
        assert_eq!(due(Reckoned::DaysAfterMonth, 15, date(2026, 2, 10)), date(2026, 3, 15));
        assert_eq!(due(Reckoned::DayOfNextMonth, 20, date(2026, 12, 31)), date(2027, 1, 20));
        assert_eq!(due(Reckoned::DayOfNextMonth, 31, date(2026, 1, 1)), date(2026, 2, 28));
        assert_eq!(due(Reckoned::DaysBefore, 1, date(2026, 3, 1)), date(2026, 2, 28));
        assert_eq!(due(Reckoned::OnTheDay, 0, date(2026, 2, 10)), date(2026, 2, 10));
    }

    proptest! {
        #[test]
        fn working_days_end_on_one_and_hold_just_so_many(offset in 0_i64..20_000, number in 1_u16..60) {
            let from = date(2000, 1, 1).checked_add(Span::new().days(offset)).unwrap();
            let due = working_days_after(from, number).unwrap();
            prop_assert!(is_working_day(due));
            let between = from.series(Span::new().days(1)).skip(1).take_while(|day| *day <= due);
            prop_assert_eq!(between.filter(|day| is_working_day(*day)).count(), usize::from(number));
        }
    }
}
