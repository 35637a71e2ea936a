//! A delivery that a person hands to another mailbox than the agreement said.

use budstikke_contract::reason::{Code, Reason};
use serde::{Deserialize, Serialize};

use super::{Delivery, State};
use crate::ledger::Error;
use crate::ledger::tx::Tx;

/// A delivery was ended because a person has handed it to another mailbox.
pub const HANDED: Code = Code::new("HANDED");

/// From whom a delivery was handed on, and by whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handed {
    /// The mailbox that was to have it by the agreement.
    pub from: String,
    /// The delivery that it takes the place of.
    pub delivery: String,
    /// Who decided it.
    pub by: String,
}

impl Tx<'_> {
    /// Ends a parked delivery that another mailbox gets instead. What is behind it goes on.
    pub(crate) fn end_handed(&mut self, delivery: &Delivery, to: &str) -> Result<(), Error> {
        const END: &str = "UPDATE delivery SET state = 'discarded', ready = 0, code = ?2, reason = ?3, returned = NULL WHERE seq = ?1";
        let text = format!("Leveringen er overdraget til {to} af en person. Den går ikke længere hertil.");
        let reason = Reason::new(HANDED, text);
        self.sql.execute(END, &[delivery.seq.into(), reason.code.as_str().into(), (&reason.text).into()])?;
        self.entry(delivery.word(), delivery.seq, State::Discarded.name(), delivery.digest())?;
        self.advance_lane(&delivery.lane)
    }
}
