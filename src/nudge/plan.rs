//! When somebody may be told, and of what. Pure.

use std::time::Duration;

use budstikke_contract::event::copenhagen;
use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Timestamp};

use crate::agreement::reckoning::is_working_day;

/// When people are told: between two times of a day in Denmark, on every day or only working days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    /// From this time on.
    pub from: Time,
    /// And no more at this one.
    pub to: Time,
    /// Whether only on working days.
    pub working_days: bool,
}

impl Hours {
    /// Whether people may be told now.
    pub fn are(self, now: Timestamp) -> bool {
        let here = now.to_zoned(copenhagen());
        let (day, time) = (here.date(), here.time());
        self.from <= time && time < self.to && (!self.working_days || is_working_day(day))
    }
}

/// What there is to tell of a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// How much has come into the inbox since its team was told last.
    pub new: u32,
    /// How many of the duties that its tasks came with are late.
    pub late: u32,
    /// How many of these have become so since its team was told last.
    pub newly_late: u32,
    /// The last that has come into the inbox.
    pub last: i64,
}

/// What a team was told last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// When.
    pub at: Timestamp,
    /// The last that had come into the inbox then.
    pub last: i64,
    /// The day up to which what is late had been told.
    pub day: Date,
}

/// Whether a team is to be told now.
pub fn is_due(counts: Counts, told: Option<Told>, (every, hours): (Duration, Hours), now: Timestamp) -> bool {
    let something = counts.new > 0 || counts.newly_late > 0;
    let rested = told.is_none_or(|told| {
        let rest = SignedDuration::try_from(every).unwrap_or(SignedDuration::MAX);
        // A clock that was set back must not silence us.
        now.duration_since(told.at).abs() >= rest
    });
    something && rested && hours.are(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Hours = Hours { from: Time::constant(7, 0, 0, 0), to: Time::constant(16, 0, 0, 0), working_days: true };

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn people_are_told_in_their_hours_by_danish_time() {
        for (now, working, any) in [
            ("2026-11-23T06:00:00Z", true, true),
            ("2026-11-23T05:59:59Z", false, false),
            ("2026-11-23T14:59:59Z", true, true),
            ("2026-11-23T15:00:00Z", false, false),
            ("2026-07-01T05:00:00Z", true, true),
            ("2026-11-22T10:00:00Z", false, true),
            ("2026-12-25T10:00:00Z", false, true),
        ] {
            assert_eq!(DAY.are(at(now)), working, "{now}");
            assert_eq!(Hours { working_days: false, ..DAY }.are(at(now)), any, "{now}, any day");
        }
    }

    #[test]
    fn a_team_is_told_of_what_is_new_and_not_more_often_than_it_wants() {
        let monday = at("2026-11-23T10:00:00Z");
        let told = |minutes: i64| Told {
            at: monday.saturating_sub(SignedDuration::from_mins(minutes)).unwrap(),
            last: 7,
            day: "2026-11-23".parse().unwrap(),
        };
        let due = |counts: Counts, told| is_due(counts, told, (Duration::from_hours(1), DAY), monday);
        let new = Counts { new: 1, ..Counts::default() };
        let late = Counts { late: 3, newly_late: 1, ..Counts::default() };
        let still_late = Counts { late: 3, ..Counts::default() };
        assert!(due(new, None) && due(late, None));
        assert!(due(new, Some(told(60))) && !due(new, Some(told(59))));
        assert!(!due(still_late, Some(told(600))), "what is late is told once");
        assert!(!due(Counts::default(), None), "there is nothing to tell");
        assert!(due(new, Some(told(-600))), "the clock was set back");
        let sunday = at("2026-11-22T10:00:00Z");
        assert!(!is_due(new, None, (Duration::from_hours(1), DAY), sunday));
    }
}
