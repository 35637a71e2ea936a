//! Duties by whom they concern and by their day: what a party owes and is owed. A projection of the
//! duties, kept when they are; every question is answered along one index.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::chain::NO_DAY;
use super::sql::Param;
use super::tx::Tx;
use super::{Error, Reader};
use crate::duty::{Duty, State};

/// How many reasons a party can have to see a duty: itself, its citizens, and the calendar of each
/// other party. An agreement is between two municipalities, or a few.
const REASONS: usize = 8;

/// By what a party's duties are found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewpoint(Vec<String>);

impl Viewpoint {
    /// That of a party, with its municipality's code and the other parties of its agreement.
    pub fn of(party: &str, municipality: &str, others: &[&str]) -> Result<Self, Error> {
        let calendars = others.iter().map(|other| format!("calendar:{other}"));
        let keys: Vec<String> = [party.to_owned(), municipality.to_owned()].into_iter().chain(calendars).collect();
        if keys.len() > REASONS {
            return Err(Error::Refused("an agreement of so many parties has no board of duties".to_owned()));
        }
        Ok(Self(keys))
    }

    /// The keys as they stand in `seen_by`, the last again and again to fill what a statement has room for.
    fn padded(&self) -> [String; REASONS] {
        std::array::from_fn(|at| format!("% {} %", self.0.get(at).or(self.0.last()).map_or("", String::as_str)))
    }
}

/// Which duties.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice {
    /// Seen from where.
    pub seen_from: Viewpoint,
    /// How they stand.
    pub state: State,
    /// Due on this day or later.
    pub from: Option<Date>,
    /// Due on this day or earlier; what has no day is then left out.
    pub to: Option<Date>,
    /// Only what this party owes.
    pub owed_by: Option<String>,
    /// Only those of this area: `rehab`.
    pub area: Option<String>,
    /// The last due first.
    pub backwards: bool,
}

/// Where a duty stands among the others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Its day, as text.
    pub day: String,
    /// Its number.
    pub seq: i64,
}

/// How many there are of one party and area, and how their days lie.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Due before the first of two days.
    pub before: u32,
    /// Due from the first to the second, both included.
    pub between: u32,
    /// Due later, or without a day.
    pub after: u32,
}

impl Tally {
    /// All of them.
    pub fn all(self) -> u32 {
        self.before.saturating_add(self.between).saturating_add(self.after)
    }
}

impl Slice {
    fn day_from(&self) -> String {
        self.from.map_or_else(String::new, |day| day.to_string())
    }

    fn day_to(&self) -> String {
        self.to.map_or_else(|| NO_DAY.to_owned(), |day| day.to_string())
    }
}

/// Why parties see a duty. They stay as long as the duty does.
pub(super) fn keys(duty: &Duty) -> BTreeSet<String> {
    let answered = duty.answer_to.as_ref().and_then(|to| to.split('/').next());
    let of_calendar = duty.case.as_str().starts_with("calendar-");
    let mut keys: BTreeSet<String> = [duty.terms.owed_by.as_str(), &duty.asked_by].map(str::to_owned).into();
    keys.extend(answered.map(str::to_owned));
    keys.extend(duty.residence.map(|code| code.to_string()));
    keys.extend(of_calendar.then(|| format!("calendar:{}", duty.terms.owed_by)));
    keys.retain(|key| !key.is_empty());
    keys
}

/// The same as one text, each between spaces.
pub(super) fn seen_by(keys: &BTreeSet<String>) -> String {
    keys.iter().fold(String::from(" "), |text, key| text + key + " ")
}

/// The area of a duty: that of its case.
pub fn area(duty: &Duty) -> &str {
    let key = duty.case.as_str();
    // A hyphenated UUID has five parts.
    key.rsplitn(6, '-').nth(5).unwrap_or(key)
}

impl Tx<'_> {
    /// Keeps whom a duty concerns, by its [`keys`], and by which day.
    pub(super) fn keep_agenda(&mut self, seq: i64, duty: &Duty, keys: &BTreeSet<String>) -> Result<(), Error> {
        const KEEP: &str = "INSERT INTO duty_of (duty, key, state, day, owed_by, area) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT (duty, key) DO UPDATE SET state = excluded.state, day = excluded.day
            WHERE duty_of.state <> excluded.state OR duty_of.day <> excluded.day";
        let day = duty.due.date.map_or_else(|| NO_DAY.to_owned(), |day| day.to_string());
        for key in keys {
            let params: [Param<'_>; 6] = [
                seq.into(),
                key.into(),
                duty.state.name().into(),
                (&day).into(),
                (&duty.terms.owed_by).into(),
                area(duty).into(),
            ];
            self.sql.execute(KEEP, &params)?;
        }
        Ok(())
    }
}

impl Reader<'_> {
    /// Where the duties of a page stand, after a place, at most `limit`. Each is read by its number.
    pub fn agenda(&mut self, slice: &Slice, after: Option<&Place>, limit: u32) -> Result<Vec<Place>, Error> {
        let mut places = BTreeSet::new();
        for key in &slice.seen_from.0 {
            places.extend(self.agenda_of(key, slice, after, limit)?);
        }
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(if slice.backwards {
            places.into_iter().rev().take(limit).collect()
        } else {
            places.into_iter().take(limit).collect()
        })
    }

    fn agenda_of(&mut self, key: &str, slice: &Slice, after: Option<&Place>, limit: u32) -> Result<Vec<Place>, Error> {
        const ONWARDS: &str = "SELECT day, duty FROM duty_of WHERE key = ?1 AND state = ?2
            AND (day, duty) > (?3, ?4) AND day <= ?5
            AND (owed_by = ?6 OR ?6 IS NULL) AND (area = ?7 OR ?7 IS NULL) ORDER BY day, duty LIMIT ?8";
        const BACKWARDS: &str = "SELECT day, duty FROM duty_of WHERE key = ?1 AND state = ?2
            AND (day, duty) < (?3, ?4) AND day >= ?5
            AND (owed_by = ?6 OR ?6 IS NULL) AND (area = ?7 OR ?7 IS NULL) ORDER BY day DESC, duty DESC LIMIT ?8";
        let (from, to) = (slice.day_from(), slice.day_to());
        let (sql, begin, end) = if slice.backwards {
            (BACKWARDS, Place { day: to, seq: i64::MAX }, from)
        } else {
            (ONWARDS, Place { day: from, seq: 0 }, to)
        };
        let begin = match after {
            Some(after) if slice.backwards => begin.min(after.clone()),
            Some(after) => begin.max(after.clone()),
            None => begin,
        };
        let params = [
            key.into(),
            slice.state.name().into(),
            (&begin.day).into(),
            begin.seq.into(),
            (&end).into(),
            slice.owed_by.as_deref().into(),
            slice.area.as_deref().into(),
            limit.into(),
        ];
        self.sql.all(sql, &params, |row| Ok(Place { day: row.need_text(0)?, seq: row.need_int(1)? }))
    }

    /// How many there are of each party and area, by how their days lie to two days.
    pub fn agenda_counts(
        &mut self,
        slice: &Slice,
        (first, last): (Date, Date),
    ) -> Result<BTreeMap<(String, String), Tally>, Error> {
        const COUNT: &str = "SELECT owed_by, area, CAST(SUM(CASE WHEN day < ?9 THEN n ELSE 0 END) AS BIGINT),
            CAST(SUM(CASE WHEN day >= ?9 AND day <= ?10 THEN n ELSE 0 END) AS BIGINT),
            CAST(SUM(CASE WHEN day > ?10 THEN n ELSE 0 END) AS BIGINT)
            FROM duty_tally WHERE state = ?11 AND day >= ?12 AND day <= ?13
            AND (seen_by LIKE ?1 OR seen_by LIKE ?2 OR seen_by LIKE ?3 OR seen_by LIKE ?4
              OR seen_by LIKE ?5 OR seen_by LIKE ?6 OR seen_by LIKE ?7 OR seen_by LIKE ?8)
            AND (owed_by = ?14 OR ?14 IS NULL) AND (area = ?15 OR ?15 IS NULL) GROUP BY owed_by, area";
        let (from, to) = (slice.day_from(), slice.day_to());
        let (first, last) = (first.to_string(), last.to_string());
        let others: [Param<'_>; 7] = [
            (&first).into(),
            (&last).into(),
            slice.state.name().into(),
            (&from).into(),
            (&to).into(),
            slice.owed_by.as_deref().into(),
            slice.area.as_deref().into(),
        ];
        let keys = slice.seen_from.padded();
        let params: Vec<Param<'_>> = keys.iter().map(Param::from).chain(others).collect();
        let count = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
        let found = self.sql.all(COUNT, &params, |row| {
            let tally = Tally {
                before: count(row.need_int(2)?),
                between: count(row.need_int(3)?),
                after: count(row.need_int(4)?),
            };
            Ok(((row.need_text(0)?, row.need_text(1)?), tally))
        })?;
        Ok(found.into_iter().collect())
    }

    /// Whether a duty of that id is kept.
    pub fn has_duty(&mut self, duty: budstikke_contract::id::DutyId) -> Result<bool, Error> {
        Ok(super::duty::number(self.sql, duty)?.is_some())
    }

    /// When the hub made an event of its own; `None` where it did not.
    pub fn told_at(&mut self, event: budstikke_contract::id::EventId) -> Result<Option<jiff::Timestamp>, Error> {
        const WHEN: &str = "SELECT time FROM event WHERE id = ?1";
        Ok(self.sql.first(WHEN, &[event.as_bytes().into()], |row| row.need_int(0))?.map(super::chain::time))
    }
}
