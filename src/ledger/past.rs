//! Events that were decided about, to be asked about again. What is read here is decided about by
//! the hub itself; people get to content by [`look`](super::look) only.

use budstikke_contract::id::EventId;

use super::event::Decision;
use super::tx::{Body, open_body};
use super::{Error, Reader};

/// How many are read at once.
const PAGE: i64 = 256;

/// An event, with the decision about it.
#[derive(Clone)]
pub(crate) struct Past {
    /// Its number.
    pub(crate) seq: i64,
    /// Its id.
    pub(crate) id: EventId,
    /// The item that it came in.
    pub(crate) item: i64,
    /// Its kind.
    pub(crate) kind: String,
    /// The deciding date.
    pub(crate) day: String,
    /// The decision.
    pub(crate) decision: Decision,
    /// The event as CloudEvents JSON. Personal.
    pub(crate) json: Vec<u8>,
}

impl std::fmt::Debug for Past {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Past(#{}, {} {})", self.item, self.kind, self.id)
    }
}

impl Reader<'_> {
    /// The events after one that an agreement decided about, a page of them, oldest first.
    pub(crate) fn past_events(&mut self, after: i64) -> Result<Vec<Past>, Error> {
        const AFTER: &str = "SELECT seq FROM event WHERE seq > ?1 AND item IS NOT NULL ORDER BY seq LIMIT ?2";
        let page = self.sql.all(AFTER, &[after.into(), PAGE.into()], |row| row.need_int(0))?;
        page.into_iter().map(|seq| self.past_event(seq)).collect()
    }

    /// One of them.
    pub(crate) fn past_event(&mut self, seq: i64) -> Result<Past, Error> {
        const ONE: &str = "SELECT id, COALESCE(item, 0), kind, day, decision FROM event WHERE seq = ?1";
        let found = self.sql.first(ONE, &[seq.into()], |row| {
            let decision = row.need_text(4)?;
            Ok(Past {
                seq,
                id: EventId::from_bytes(row.need_bytes(0)?),
                item: row.need_int(1)?,
                kind: row.need_text(2)?,
                day: row.need_text(3)?,
                decision: serde_json::from_str(&decision)
                    .map_err(|_unquoted| Error::Unexpected("a decision cannot be read"))?,
                json: Vec::new(),
            })
        })?;
        let mut past = found.ok_or(Error::Unexpected("an event is missing"))?;
        past.json = open_body(self.sql, self.keys, Body::Event, seq)?;
        Ok(past)
    }

    /// The number of an event of that id; `None` where it is not kept.
    pub(crate) fn event_row(&mut self, id: EventId) -> Result<Option<i64>, Error> {
        self.sql.first("SELECT seq FROM event WHERE id = ?1", &[id.as_bytes().into()], |row| row.need_int(0))
    }
}
