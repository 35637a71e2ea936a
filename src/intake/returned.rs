//! What the broker gave back: messages that no queue took (`budstikke.unroutable`), and messages
//! that a queue gave up (`budstikke.dead`). Nothing of it is dropped.

use budstikke_contract::id::DeliveryId;
use budstikke_contract::reason::{Code, Reason};
use jiff::Timestamp;

use super::prepare::Incoming;
use super::record::Taken;
use crate::ledger::delivery::{self, Delivery, Returned};
use crate::ledger::item::{NewItem, State};
use crate::ledger::message::Arrival;
use crate::ledger::{Error, Tx};

/// Something that is none of ours lay among what the broker gave back.
pub const STRAY: Code = Code::new("STRAY_MESSAGE");

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
    match (how, delivery.state) {
        (Returned::Unroutable, delivery::State::Delivered | delivery::State::Waiting) => {
            unroutable(tx, &delivery, retry_at)?;
        }
        (Returned::Dead, delivery::State::Delivered) => tx.park(&delivery, &how.reason(&delivery.mailbox), true)?,
        (Returned::Dead, delivery::State::Waiting) => tx.given_back(&delivery, how, delivery.next_at)?,
        // It is with a person already, or was.
        (_, delivery::State::Parked | delivery::State::Discarded) => {}
    }
    keep(tx, message, "returneret", None)
}

fn unroutable(tx: &mut Tx<'_>, delivery: &Delivery, retry_at: &dyn Fn(u32) -> Option<Timestamp>) -> Result<(), Error> {
    let how = Returned::Unroutable;
    match retry_at(delivery.attempts) {
        Some(at) if delivery.state == delivery::State::Waiting => tx.given_back(delivery, how, at),
        Some(at) => tx.reopen(delivery, at, delivery.attempts),
        None => tx.park(delivery, &how.reason(&delivery.mailbox), false),
    }
}

fn keep(tx: &mut Tx<'_>, message: &Incoming, what: &str, reason: Option<Reason>) -> Result<Taken, Error> {
    let arrival = Arrival {
        source: &message.source,
        adapter: &message.source,
        sender_user: message.sender_user.as_deref(),
        redelivered: message.redelivered,
        received: message.received,
        body: &message.body,
        content: None,
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
