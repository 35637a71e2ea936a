//! Lanes: what is for one mailbox by one channel about one case goes in order, one at a time.
//! Exactly one delivery of a lane is ready, the first that nothing holds, so that the dispatcher
//! never has to look at what is behind it.

use budstikke_contract::id::CaseKey;

use super::Error;
use super::seal::{Keyring, Mark};
use super::tx::Tx;

/// The first of a lane that could go, or holds it.
const FIRST: &str = "SELECT seq, state, ready FROM delivery
    WHERE lane = ?1 AND state IN ('waiting', 'parked') AND passed = 0 ORDER BY seq LIMIT 1";

/// The lane of a mailbox, a channel and a case.
pub fn of_case(keys: &Keyring, mailbox: &str, channel: &str, case: &CaseKey) -> Mark {
    keys.mark("lane", &format!("{mailbox}\0{channel}\0{case}"))
}

/// The lane of what the hub tells of one duty: it waits for nothing else of the case.
pub fn of_duty(keys: &Keyring, mailbox: &str, channel: &str, duty: &str) -> Mark {
    keys.mark("duty lane", &format!("{mailbox}\0{channel}\0{duty}"))
}

/// The lane of the answers to one message: the first answer goes before its repetition.
pub fn of_reply(keys: &Keyring, message: i64) -> Mark {
    keys.mark("reply lane", &message.to_string())
}

impl Tx<'_> {
    /// Makes the first of the lane ready, if it is not held.
    pub(super) fn advance_lane(&mut self, lane: &Mark) -> Result<(), Error> {
        let first = self.sql.first(FIRST, &[lane.into()], |row| {
            Ok((row.need_int(0)?, row.need_text(1)? == "waiting", row.need_int(2)? != 0))
        })?;
        if let Some((seq, true, false)) = first {
            self.sql.execute("UPDATE delivery SET ready = 1 WHERE seq = ?1", &[seq.into()])?;
        }
        Ok(())
    }

    /// The same after something was put back into the lane: whatever had gone to the front
    /// meanwhile goes behind it.
    pub(super) fn order_lane(&mut self, lane: &Mark) -> Result<(), Error> {
        self.sql.execute(
            "UPDATE delivery SET ready = 0 WHERE lane = ?1 AND state IN ('waiting', 'parked') AND ready = 1",
            &[lane.into()],
        )?;
        self.advance_lane(lane)
    }
}
