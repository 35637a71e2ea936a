//! Which duty it is that the hub told of, where that is what came last into a task. No content.

use budstikke_contract::id::EventId;

use super::Kept;
use crate::duty::{Duty, Occasion};
use crate::ledger::{Error, Reader};

/// How many duties of the case are looked through, the last first.
const MOST: u32 = 50;

impl Reader<'_> {
    /// The duty that a task's last arrival tells of, and why it is told. Nothing where something else
    /// came last.
    pub fn duty_told(&mut self, kept: &Kept) -> Result<Option<(Duty, Occasion)>, Error> {
        const LAST: &str = "SELECT event.id FROM inbox JOIN event ON event.seq = inbox.event
            WHERE inbox.task = ?1 ORDER BY inbox.at DESC, inbox.seq DESC LIMIT 1";
        // The kind stands with the task, and spares nearly all of them the two questions.
        if !Occasion::ALL.iter().any(|occasion| occasion.kind() == kept.task.kind) {
            return Ok(None);
        }
        let last = self.sql.first(LAST, &[kept.seq.into()], |row| row.need_bytes(0))?;
        let Some(last) = last.map(EventId::from_bytes) else { return Ok(None) };
        let duties = self.duties_of_case(&kept.task.case, MOST)?;
        Ok(duties.into_iter().find_map(|duty| duty.told_by(last).map(|occasion| (duty, occasion))))
    }
}
