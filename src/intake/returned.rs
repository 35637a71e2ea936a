//! What the broker gave back: messages that no queue took (`budstikke.unroutable`), and messages
//! that a queue gave up (`budstikke.dead`). Nothing of it is dropped.

use budstikke_contract::id::DeliveryId;
use budstikke_contract::reason::{Code, Reason};
use jiff::Timestamp;

use super::prepare::Incoming;
use super::record::Taken;
use crate::ledger::delivery::{self, Delivery};
use crate::ledger::item::{NewItem, State};
use crate::ledger::message::Arrival;
use crate::ledger::{Error, Tx};

/// No queue took a delivery: the receiver's queue is gone.
pub const UNROUTABLE: Code = Code::new("UNROUTABLE");
/// The receiver's queue gave a delivery up: rejected, expired, or handed out too often.
pub const DEAD_LETTERED: Code = Code::new("DEAD_LETTERED");
/// Something that is none of ours lay among what the broker gave back.
pub const STRAY: Code = Code::new("STRAY_MESSAGE");

/// How the broker came to give it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returned {
    /// No queue took it.
    Unroutable,
    /// A queue gave it up.
    Dead,
}

/// Takes one message that the broker gave back. `source` of the message is where it once came in,
/// where it did; `retry_at` is when an unroutable delivery may be tried again, `None` where it has
/// been tried often enough.
pub(super) fn record(
    tx: &mut Tx<'_>,
    message: &Incoming,
    how: Returned,
    message_id: Option<&str>,
    retry_at: &dyn Fn(u32) -> Option<Timestamp>,
) -> Result<Taken, Error> {
    let ours = match message_id.and_then(DeliveryId::parse) {
        Some(id) => tx.delivery(id)?,
        None => None,
    };
    let Some(delivery) = ours else {
        let text = "Beskeden lå blandt det, som RabbitMQ har opgivet, og er ikke en levering herfra. Se dens kilde; send den videre eller kassér den.";
        return keep(tx, message, "returneret", Some(Reason::new(STRAY, text)));
    };
    match how {
        Returned::Unroutable => unroutable(tx, &delivery, retry_at)?,
        Returned::Dead if delivery.state == delivery::State::Delivered => {
            let text = "Modtagerens kø har opgivet leveringen: afvist uden kvittering, for gammel, eller udleveret for mange gange.";
            tx.park(&delivery, &Reason::new(DEAD_LETTERED, text), true)?;
        }
        Returned::Dead => {}
    }
    keep(tx, message, "returneret", None)
}

fn unroutable(tx: &mut Tx<'_>, delivery: &Delivery, retry_at: &dyn Fn(u32) -> Option<Timestamp>) -> Result<(), Error> {
    if !matches!(delivery.state, delivery::State::Delivered | delivery::State::Waiting) {
        return Ok(());
    }
    if let Some(at) = retry_at(delivery.attempts) {
        return tx.reopen(delivery, at, delivery.attempts);
    }
    let text = format!(
        "Køen out.{} findes ikke, selv om budstikken har oprettet den igen. Undersøg hvem der sletter den, og send så leveringen igen.",
        delivery.mailbox.replace('/', ".")
    );
    tx.park(delivery, &Reason::new(UNROUTABLE, text), false)
}

fn keep(tx: &mut Tx<'_>, message: &Incoming, what: &str, reason: Option<Reason>) -> Result<Taken, Error> {
    let arrival = Arrival {
        source: &message.source,
        adapter: &message.source,
        sender_user: message.sender_user.as_deref(),
        redelivered: message.redelivered,
        received: message.received,
        body: &message.body,
    };
    let row = tx.keep_message(&arrival, None)?;
    let state = if reason.is_some() { State::Parked } else { State::Recorded };
    let item = tx.keep_item(&NewItem {
        message: row,
        index: 0,
        key: "?",
        state,
        what,
        case: None,
        same_as: None,
        reason: reason.as_ref(),
        refused: false,
        holds: false,
    })?;
    Ok(Taken { item, event: None, state, refused: false, reason })
}
