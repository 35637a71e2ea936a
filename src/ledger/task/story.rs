//! What a task holds, without content: what came, why, and what is owed in its case.

use budstikke_contract::id::EventId;
use jiff::Timestamp;

use crate::duty::Duty;
use crate::ledger::chain::{micros, time};
use crate::ledger::delivery::Delivery;
use crate::ledger::tx::Tx;
use crate::ledger::{Error, Reader, duty};

/// Something that came into a task.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The row of its event.
    pub event: i64,
    /// The hub's id of it.
    pub id: EventId,
    /// What it is.
    pub kind: String,
    /// Its sender's id.
    pub wire_id: String,
    /// Who sent it.
    pub source: String,
    /// When it was said.
    pub time: Timestamp,
    /// The day by which it was decided.
    pub day: String,
    /// Its law.
    pub law: Option<String>,
    /// The delivery that brought it, with why.
    pub delivery: Delivery,
    /// When it came.
    pub at: Timestamp,
    /// Whether it was brought to an end.
    pub handled: bool,
}

impl Reader<'_> {
    /// What came into a task, the last first, at most `limit`.
    pub fn task_entries(&mut self, task: i64, limit: u32) -> Result<Vec<Entry>, Error> {
        const DELIVERIES: &str = "SELECT inbox.delivery, inbox.at, inbox.handled, event.seq, event.kind, event.wire_id,
            event.source, event.time, event.day, event.law, event.id FROM inbox JOIN event ON event.seq = inbox.event
            WHERE inbox.task = ?1 ORDER BY inbox.at DESC, inbox.seq DESC LIMIT ?2";
        let mut entries = Vec::new();
        let rows = self.sql.all(DELIVERIES, &[task.into(), limit.into()], |row| {
            Ok((
                row.need_int(0)?,
                (time(row.need_int(1)?), row.need_int(2)? != 0),
                (row.need_int(3)?, row.need_text(4)?, row.need_text(5)?, row.need_text(6)?),
                (time(row.need_int(7)?), row.need_text(8)?, row.text(9)?, EventId::from_bytes(row.need_bytes(10)?)),
            ))
        })?;
        for (seq, (at, handled), (event, kind, wire_id, source), (said, day, law, id)) in rows {
            let delivery = self.delivery_row(seq)?;
            entries.push(Entry { event, id, kind, wire_id, source, time: said, day, law, delivery, at, handled });
        }
        Ok(entries)
    }

    /// The duties of a case, the last first, at most `limit`.
    pub fn duties_of_case(&mut self, case: &str, limit: u32) -> Result<Vec<Duty>, Error> {
        const OF_CASE: &str = "SELECT doc FROM duty WHERE case_key = ?1 ORDER BY seq DESC LIMIT ?2";
        self.sql.all(OF_CASE, &[case.into(), limit.into()], duty::read)
    }

    /// When somebody last opened a task.
    pub fn task_seen(&mut self, task: i64, user: &str) -> Result<Option<Timestamp>, Error> {
        const SEEN: &str = "SELECT at FROM task_seen WHERE task = ?1 AND by_user = ?2";
        Ok(self.sql.first(SEEN, &[task.into(), user.into()], |row| row.need_int(0))?.map(time))
    }
}

impl Tx<'_> {
    /// Keeps that somebody has opened a task.
    pub fn see_task(&mut self, task: i64, user: &str) -> Result<(), Error> {
        const SEE: &str = "INSERT INTO task_seen (task, by_user, at) VALUES (?1, ?2, ?3)
            ON CONFLICT (task, by_user) DO UPDATE SET at = excluded.at";
        self.sql.execute(SEE, &[task.into(), user.into(), micros(self.at).into()])?;
        Ok(())
    }
}
