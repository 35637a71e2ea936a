//! Whom a look was about, by keyed hashes, so that it is found when a citizen asks who has seen what.

use super::{About, Looker};
use crate::ledger::Error;
use crate::ledger::delivery::Content;
use crate::ledger::seal::Mark;
use crate::ledger::sql::Row;
use crate::ledger::tx::Tx;

/// So many citizens of one message are remembered; a period of the register of drug treatment has
/// thousands, in one event.
const MOST: i64 = 5_000;

fn mark(row: &dyn Row) -> Result<Mark, Error> {
    row.need_bytes(0)
}

impl Tx<'_> {
    /// Writes down that somebody looks for a citizen, before anything is found: by `what` for.
    pub(in crate::ledger) fn look_for(&mut self, looker: Looker<'_>, what: &str, number: &str) -> Result<Mark, Error> {
        let mark = self.keys.mark("citizen", number);
        self.log(looker, what, 0, &mut About { marks: vec![mark], ..About::default() })?;
        Ok(mark)
    }

    pub(super) fn about_event(&mut self, event: i64) -> Result<About, Error> {
        const OF: &str = "SELECT item.message FROM event JOIN item ON item.seq = event.item WHERE event.seq = ?1";
        let message = self.sql.first(OF, &[event.into()], |row| row.need_int(0))?;
        Ok(About { message, event: Some(event), delivery: None, marks: self.marks_of_event(event)? })
    }

    pub(super) fn about_delivery(&mut self, delivery: i64) -> Result<About, Error> {
        let about = match self.delivery_row(delivery)?.content {
            Content::Event(event) => self.about_event(event)?,
            Content::Reply(reply) => {
                let message = self.reader().reply(reply)?.message;
                About { message: Some(message), marks: self.marks_of_message(message)?, ..About::default() }
            }
        };
        Ok(About { delivery: Some(delivery), ..about })
    }

    /// The citizens that an event names, else those of its case.
    pub(super) fn marks_of_event(&mut self, event: i64) -> Result<Vec<Mark>, Error> {
        const NAMED: &str = "SELECT mark FROM citizen WHERE event = ?1 ORDER BY mark LIMIT ?2";
        const CASE: &str = "SELECT case_key FROM event WHERE seq = ?1";
        let named = self.sql.all(NAMED, &[event.into(), MOST.into()], mark)?;
        if !named.is_empty() {
            return Ok(named);
        }
        match self.sql.first(CASE, &[event.into()], |row| row.need_text(0))? {
            Some(case) => self.marks_of_case(&case),
            None => Ok(Vec::new()),
        }
    }

    pub(super) fn marks_of_case(&mut self, case: &str) -> Result<Vec<Mark>, Error> {
        const OF_CASE: &str = "SELECT mark FROM case_citizen WHERE case_key = ?1 ORDER BY mark LIMIT ?2";
        self.sql.all(OF_CASE, &[case.into(), MOST.into()], mark)
    }

    /// The citizens of all that came in a message.
    pub(super) fn marks_of_message(&mut self, message: i64) -> Result<Vec<Mark>, Error> {
        const EVENTS: &str = "SELECT event FROM item WHERE message = ?1 AND event IS NOT NULL ORDER BY seq";
        let mut marks = Vec::new();
        for event in self.sql.all(EVENTS, &[message.into()], |row| row.need_int(0))? {
            marks.extend(self.marks_of_event(event)?);
        }
        Ok(marks)
    }
}
