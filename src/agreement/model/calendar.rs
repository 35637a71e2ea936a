//! What is owed every year, whatever comes in: reports, orders, meetings, supervision.

use std::collections::BTreeSet;

use budstikke_contract::event::EventKind;
use jiff::civil::{Date, Weekday};
use jiff::{Span, ToSpan};

use super::duty::DutyKind;
use super::fact::Conditions;
use super::matter::{Clause, Standing};
use super::people::PartyId;
use crate::agreement::period::Period;

/// One thing that is owed at set times.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its name.
    pub id: String,
    /// What is owed, for people.
    pub what: String,
    /// What kind of thing.
    pub kind: DutyKind,
    /// Who owes it; each of them does.
    pub owed_by: Vec<PartyId>,
    /// Whether what one of them does meets it for all.
    pub shared: bool,
    /// The team that gets the task.
    pub team: String,
    /// When it is due.
    pub days: Vec<DueDay>,
    /// The due days that belong to the agreement.
    pub period: Period,
    /// How many days before the due day the task is given.
    pub opens_before: u16,
    /// How many days before the due day to remind of it.
    pub remind_before: Option<u16>,
    /// What follows when it is late, for people; `None` where nobody is told.
    pub late: Option<String>,
    /// The kinds of events that meet it.
    pub met_by: BTreeSet<EventKind>,
    /// The years that such an event may be about, counted from the year of the due day; empty for any.
    pub years: Vec<i16>,
    /// Whether such an event is about the week of the due day.
    pub same_week: bool,
    /// What such an event must be like.
    pub when: Conditions,
    /// Where it is agreed.
    pub clause: Clause,
    /// How surely.
    pub standing: Standing,
}

/// One time at which it is owed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time {
    /// The last day that is in time.
    pub due: Date,
    /// Which time it is, also when its day is edited: `2027/1`, the first of that year, or `2026-W48`.
    pub name: String,
}

/// A due day that comes again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DueDay {
    /// Every year on this day of this month; the month's last where it has none such.
    Yearly {
        /// 1 to 12.
        month: i8,
        /// 1 to 31.
        day: i8,
    },
    /// Every week on this day.
    Weekly(Weekday),
}

impl DueDay {
    /// The due days from a day to a day, both included.
    pub fn between(self, from: Date, to: Date) -> Vec<Date> {
        let days: Vec<Date> = match self {
            Self::Yearly { month, day } => {
                (from.year()..=to.year()).filter_map(|year| of_month(year, month, day)).collect()
            }
            Self::Weekly(weekday) => {
                let first = from.checked_add(days_until(from, weekday)).unwrap_or(from);
                first.series(7.days()).take_while(|day| *day <= to).collect()
            }
        };
        days.into_iter().filter(|day| (from..=to).contains(day)).collect()
    }
}

fn of_month(year: i16, month: i8, day: i8) -> Option<Date> {
    let first = Date::new(year, month, 1).ok()?;
    Date::new(year, month, day.min(first.days_in_month())).ok()
}

fn days_until(from: Date, weekday: Weekday) -> Span {
    i64::from(from.weekday().until(weekday)).days()
}

/// The week that a day is in, as events name it: `2026-W48`.
fn week_of(day: Date) -> String {
    let week = day.iso_week_date();
    format!("{:04}-W{:02}", week.year(), week.week())
}

impl Entry {
    /// The times whose task is to be given by `today` and whose due days are not before `since`.
    pub fn open_by(&self, since: Date, today: Date) -> Vec<Time> {
        let lead = i64::from(self.opens_before).days();
        today.checked_add(lead).map_or_else(|_| Vec::new(), |last| self.times(since, last))
    }

    /// The times that are due up to a day and whose task is not yet to be given by `today`.
    pub fn planned(&self, today: Date, until: Date) -> Vec<Time> {
        let lead = i64::from(self.opens_before).days();
        let first = today.checked_add(lead).and_then(|last| last.tomorrow());
        first.map_or_else(|_| Vec::new(), |first| self.times(first, until))
    }

    /// The times of the year after a day, that day included, the first one first.
    pub fn after(&self, day: Date) -> Vec<Time> {
        let Ok(last) = day.checked_add(1.year()) else { return Vec::new() };
        let times = self.times(day, last);
        // Where events do not say of which time they speak, it is the next one.
        let speaks = !self.years.is_empty() || self.same_week;
        times.into_iter().take(if speaks { usize::MAX } else { 1 }).collect()
    }

    /// What an event must say to be about the one that is due on a day: where in its data, and what.
    pub fn said_of(&self, due: Date) -> Vec<(String, Vec<String>)> {
        let mut said = Vec::new();
        if !self.years.is_empty() {
            let years = self.years.iter().map(|year| due.year().saturating_add(*year).to_string()).collect();
            said.push(("/year".to_owned(), years));
        }
        if self.same_week {
            said.push(("/week".to_owned(), vec![week_of(due)]));
        }
        said
    }

    fn times(&self, from: Date, to: Date) -> Vec<Time> {
        let mut times = Vec::new();
        for (number, day) in self.days.iter().enumerate() {
            let name = |due: Date| match day {
                DueDay::Yearly { .. } => format!("{}/{}", due.year(), number + 1),
                DueDay::Weekly(_) => week_of(due),
            };
            times.extend(day.between(from, to).into_iter().map(|due| Time { due, name: name(due) }));
        }
        times.retain(|time| self.period.contains(time.due));
        times.sort();
        times
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_due_day_comes_every_year() {
        let end_of_may = DueDay::Yearly { month: 5, day: 31 };
        let days = end_of_may.between(date(2026, 6, 1), date(2028, 5, 31));
        assert_eq!(days, [date(2027, 5, 31), date(2028, 5, 31)]);
        let end_of_february = DueDay::Yearly { month: 2, day: 31 };
        assert_eq!(
            end_of_february.between(date(2027, 1, 1), date(2028, 12, 31)),
            [date(2027, 2, 28), date(2028, 2, 29)]
        );
    }

    #[test]
    fn a_due_day_comes_every_week() {
        let friday = DueDay::Weekly(Weekday::Friday);
        assert_eq!(friday.between(date(2026, 11, 22), date(2026, 12, 4)), [date(2026, 11, 27), date(2026, 12, 4)]);
        assert_eq!(friday.between(date(2026, 11, 27), date(2026, 11, 27)), [date(2026, 11, 27)]);
    }
}
