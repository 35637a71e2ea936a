//! What receivers say of what they got, in the levels of SF2900: MODTAGET, AFLEVERET, ACCEPTERET,
//! AFVIST, FEJLET.

use budstikke_contract::reason::{Code, Reason};

use super::chain::micros;
use super::delivery::{Delivery, State};
use super::tx::{Body, Tx};
use super::{Error, Reader};

/// The receiver refused what it got.
pub const REJECTED: Code = Code::new("REJECTED_BY_RECEIVER");

/// A receiver's word about a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Its system has it (MODTAGET).
    Received,
    /// It lies before a person (AFLEVERET).
    Delivered,
    /// It is taken on (ACCEPTERET).
    Accepted,
    /// It is refused (AFVIST).
    Rejected,
    /// It could not be handled (FEJLET).
    Failed,
}

impl Status {
    /// All of them, from the weakest on.
    pub const ALL: [Self; 5] = [Self::Received, Self::Delivered, Self::Accepted, Self::Rejected, Self::Failed];

    /// The name in receipts and in the ledger.
    pub fn name(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Delivered => "delivered",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Failed => "failed",
        }
    }

    /// The status of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// Whether it sends the delivery back to a person.
    pub fn is_refusal(self) -> bool {
        matches!(self, Self::Rejected | Self::Failed)
    }
}

/// Whether a stored status is a refusal.
pub(super) fn is_refusal(name: &str) -> bool {
    Status::named(name).is_some_and(Status::is_refusal)
}

/// Why a delivery that its receiver refused is parked. What the receiver said is content, and
/// stands sealed in the receipt.
pub(super) fn refused() -> Reason {
    Reason::new(
        REJECTED,
        "Modtageren har afvist leveringen. Modtagerens begrundelse står i kvitteringen; hændelsens øvrige modtagere har fået besked.",
    )
}

/// What a receipt did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// It is noted.
    Noted,
    /// It sent the delivery back to a person, for the first time.
    Reopened,
}

impl Tx<'_> {
    /// Keeps a receipt and moves its delivery on. A weaker word after a stronger one is kept and
    /// changes nothing; a refusal always counts.
    pub fn keep_receipt(&mut self, delivery: &Delivery, status: Status, reason: &str) -> Result<Applied, Error> {
        const ADD: &str = "INSERT INTO receipt (delivery, at, status) VALUES (?1, ?2, ?3) RETURNING seq";
        let params = [delivery.seq.into(), micros(self.at).into(), status.name().into()];
        let seq = self.sql.insert(ADD, &params)?;
        let digest = self.store_body(Body::Receipt, seq, reason.as_bytes())?;
        self.entry("receipt+", seq, status.name(), digest)?;

        let before = delivery.business.as_deref().and_then(Status::named);
        if before.is_some_and(|before| before >= status || before.is_refusal()) {
            return Ok(Applied::Noted);
        }
        let params = [delivery.seq.into(), status.name().into()];
        self.sql.execute("UPDATE delivery SET business = ?2 WHERE seq = ?1", &params)?;
        if !status.is_refusal() {
            return Ok(Applied::Noted);
        }
        // One that is still on its way is parked when it has arrived (`settle`).
        if delivery.state == State::Delivered {
            self.park(delivery, &refused(), true)?;
        }
        Ok(Applied::Reopened)
    }
}

impl Reader<'_> {
    /// How often a delivery's receiver has said something of it.
    pub(crate) fn receipts_of(&mut self, delivery: i64) -> Result<u32, Error> {
        const COUNT: &str = "SELECT COUNT(*) FROM receipt WHERE delivery = ?1";
        let count = self.sql.first(COUNT, &[delivery.into()], |row| row.need_int(0))?;
        Ok(u32::try_from(count.unwrap_or(0)).unwrap_or(u32::MAX))
    }
}
