//! Duties, as they stand.

use budstikke_contract::id::{CaseKey, DutyId};
use jiff::Timestamp;

use super::agenda::{keys, seen_by};
use super::chain::micros;
use super::seal::sha256;
use super::sql::{Row, Sql};
use super::tx::Tx;
use super::{Error, Reader};
use crate::duty::Duty;

pub(super) fn read(row: &dyn Row) -> Result<Duty, Error> {
    parse(&row.need_text(0)?)
}

fn parse(doc: &str) -> Result<Duty, Error> {
    serde_json::from_str(doc).map_err(|_unquoted| Error::Unexpected("a duty cannot be read"))
}

fn write(duty: &Duty) -> String {
    // Plain data with text keys, which always serializes.
    serde_json::to_string(duty).unwrap_or_default()
}

/// What the chain says of a duty: all of it, as it stands.
pub(super) fn digest(doc: &str) -> [u8; 32] {
    sha256(&[doc.as_bytes()])
}

/// The number of a duty; `None` where it is not kept.
pub(super) fn number(sql: &mut dyn Sql, id: DutyId) -> Result<Option<i64>, Error> {
    sql.first("SELECT seq FROM duty WHERE id = ?1", &[id.as_bytes().into()], |row| row.need_int(0))
}

impl Tx<'_> {
    /// Keeps a duty that an event opened.
    pub fn open_duty(&mut self, duty: &Duty, event: i64) -> Result<(), Error> {
        const ADD: &str = "INSERT INTO duty (id, event, case_key, owed_by, state, due, next_at, doc, seen_by, opened_by)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, (SELECT kind FROM event WHERE event.seq = ?2)) ON CONFLICT (id) DO NOTHING RETURNING seq";
        let doc = write(duty);
        let due = duty.due.date.map(|date| date.to_string());
        let keys = keys(duty);
        let seen_by = seen_by(&keys);
        let params = [
            duty.id.as_bytes().into(),
            event.into(),
            duty.case.as_str().into(),
            (&duty.terms.owed_by).into(),
            duty.state.name().into(),
            due.as_ref().into(),
            duty.next_at().map(micros).into(),
            (&doc).into(),
            (&seen_by).into(),
        ];
        if let Some(seq) = self.sql.add(ADD, &params)? {
            self.keep_agenda(seq, duty, &keys)?;
            self.entry("duty+", seq, duty.state.name(), digest(&doc))?;
        }
        Ok(())
    }

    /// Keeps a duty as it stands now.
    pub fn change_duty(&mut self, duty: &Duty) -> Result<(), Error> {
        const CHANGE: &str = "UPDATE duty SET state = ?2, due = ?3, next_at = ?4, doc = ?5 WHERE id = ?1 RETURNING seq";
        let doc = write(duty);
        let due = duty.due.date.map(|date| date.to_string());
        let params = [
            duty.id.as_bytes().into(),
            duty.state.name().into(),
            due.as_ref().into(),
            duty.next_at().map(micros).into(),
            (&doc).into(),
        ];
        let changed = self.sql.first(CHANGE, &params, |row| row.need_int(0))?;
        let seq = changed.ok_or(Error::Unexpected("a duty is missing"))?;
        self.keep_agenda(seq, duty, &keys(duty))?;
        self.entry("duty", seq, duty.state.name(), digest(&doc))?;
        self.tasks_owe(seq, duty.state)
    }

    /// The duties that are open in a case, oldest first.
    pub fn open_duties(&mut self, case: &CaseKey) -> Result<Vec<Duty>, Error> {
        const OPEN: &str = "SELECT doc FROM duty WHERE case_key = ?1 AND state = 'open' ORDER BY seq";
        self.sql.all(OPEN, &[case.as_str().into()], read)
    }

    /// Duties whose time has come, at most `limit`, the earliest first.
    pub fn due_duties(&mut self, now: Timestamp, limit: u32) -> Result<Vec<Duty>, Error> {
        const DUE: &str = "SELECT doc FROM duty WHERE next_at <= ?1 ORDER BY next_at, seq LIMIT ?2";
        self.sql.all(DUE, &[micros(now).into(), limit.into()], read)
    }
}

impl Reader<'_> {
    /// When a duty has something to do next.
    pub fn next_duty_at(&mut self) -> Result<Option<Timestamp>, Error> {
        const NEXT: &str = "SELECT MIN(next_at) FROM duty WHERE next_at IS NOT NULL";
        let next = self.sql.first(NEXT, &[], |row| row.int(0))?.flatten();
        Ok(next.map(super::chain::time))
    }

    /// Duties: those of one party, or of all; only the open ones, or all. The first due first.
    pub fn duties(&mut self, owed_by: Option<&str>, all: bool) -> Result<Vec<Duty>, Error> {
        const LIST: &str = "SELECT doc FROM duty WHERE (owed_by = ?1 OR ?1 IS NULL) AND (?2 = 1 OR state = 'open')
            ORDER BY due IS NULL, due, seq";
        self.sql.all(LIST, &[owed_by.into(), all.into()], read)
    }

    /// The open duties of a party that events of a kind opened: at most a hundred, of the newest.
    pub fn open_requests(&mut self, kind: &str, owed_by: &str) -> Result<Vec<Duty>, Error> {
        const OPEN: &str = "SELECT doc FROM duty WHERE opened_by = ?1 AND owed_by = ?2 AND state = 'open'
            ORDER BY seq DESC LIMIT 100";
        let mut open: Vec<Duty> = self.sql.all(OPEN, &[kind.into(), owed_by.into()], read)?;
        open.sort_by_key(|duty| (duty.due.date.is_none(), duty.due.date));
        Ok(open)
    }

    /// The duties that an event opened.
    pub fn duties_of_event(&mut self, event: i64) -> Result<Vec<Duty>, Error> {
        self.sql.all("SELECT doc FROM duty WHERE event = ?1 ORDER BY seq", &[event.into()], read)
    }
}
