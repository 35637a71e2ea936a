//! Periods of days, and the days on which anything changes.

use std::collections::BTreeSet;
use std::fmt;

use jiff::civil::Date;

/// From a day to a day, both included, or with no end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period {
    /// The first day.
    pub from: Date,
    /// The last day; `None` where no end has been agreed.
    pub to: Option<Date>,
}

impl Period {
    /// From `from` on.
    pub const fn since(from: Date) -> Self {
        Self { from, to: None }
    }

    /// Whether `day` is in it.
    pub fn contains(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }

    /// The day after the last; `None` where there is no end.
    fn after(&self) -> Option<Date> {
        self.to.and_then(|to| to.tomorrow().ok())
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to {
            Some(to) => write!(f, "fra {} til og med {to}", self.from),
            None => write!(f, "fra {}", self.from),
        }
    }
}

/// Cuts the time from `start` on into the longest stretches within which no period begins or ends.
/// What holds on the first day of a stretch holds on all its days, so a check need only look there.
pub fn stretches<'a>(start: Date, periods: impl IntoIterator<Item = &'a Period>) -> Vec<Period> {
    let mut cuts = BTreeSet::from([start]);
    for period in periods {
        cuts.extend([Some(period.from), period.after()].into_iter().flatten().filter(|cut| *cut > start));
    }
    let next = cuts.iter().skip(1).map(|cut| cut.yesterday().ok()).chain([None]);
    cuts.iter().zip(next).map(|(from, to)| Period { from: *from, to }).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn both_ends_belong_to_it() {
        let period = Period { from: date(2021, 1, 1), to: Some(date(2021, 8, 31)) };
        assert!(period.contains(date(2021, 1, 1)) && period.contains(date(2021, 8, 31)));
        assert!(!period.contains(date(2020, 12, 31)) && !period.contains(date(2021, 9, 1)));
        assert!(Period::since(date(2021, 9, 1)).contains(date(2121, 9, 1)));
    }

    #[test]
    fn stretches_cover_all_time_without_overlap() {
        let until = Period { from: date(2007, 1, 1), to: Some(date(2021, 8, 31)) };
        let since = Period::since(date(2021, 9, 1));
        let cut = stretches(date(2007, 1, 1), [&until, &since]);
        assert_eq!(cut, vec![until, since]);
        assert_eq!(stretches(date(2007, 1, 1), []), vec![Period::since(date(2007, 1, 1))]);
    }
}
