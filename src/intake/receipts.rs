//! What receivers say of what they got, from `in.receipts`:
//! `{"delivery": "<id>", "status": "received|delivered|accepted|rejected|failed", "reason": "…"}`.

use budstikke_contract::event::{Event, WireId};
use budstikke_contract::id::{CaseKey, DeliveryId, EventId};
use budstikke_contract::reason::{Code, Reason};
use jiff::Unit;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::World;
use super::outgoing::tell_mailbox;
use super::prepare::{Incoming, SENDER_MISMATCH};
use super::record::Taken;
use crate::duty::{hub_kind, hub_source};
use crate::ledger::delivery::{Content, Delivery, Why};
use crate::ledger::event::Decision;
use crate::ledger::item::{NewItem, State};
use crate::ledger::message::Arrival;
use crate::ledger::receipt::{Applied, Status};
use crate::ledger::{Error, Tx, lane};

/// The source of receipts, and the name that stands in place of an adapter.
pub const SOURCE: &str = "receipts";

/// A receipt that cannot be read.
pub const RECEIPT_UNREADABLE: Code = Code::new("RECEIPT_UNREADABLE");
/// A receipt for something that was never sent.
pub const RECEIPT_UNKNOWN: Code = Code::new("RECEIPT_UNKNOWN");

/// The longest reason that is kept of what a receiver says.
const LONGEST_REASON: usize = 2_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Receipt {
    delivery: String,
    status: String,
    #[serde(default)]
    reason: Option<String>,
}

/// Takes one receipt.
pub(super) fn record(tx: &mut Tx<'_>, world: &World, message: &Incoming) -> Result<Taken, Error> {
    let arrival = Arrival {
        source: &message.source,
        adapter: SOURCE,
        sender_user: message.sender_user.as_deref(),
        redelivered: message.redelivered,
        received: message.received,
        body: &message.body,
        content: None,
    };
    let row = tx.keep_message(&arrival, None)?;
    let read = read(tx, &message.body)?;
    let read = read.and_then(|read| match foreign(world, message, &read.0) {
        Some(reason) => Err(reason),
        None => Ok(read),
    });
    match read {
        Ok((delivery, status, reason)) => {
            let what = format!("kvittering: {}", status.name());
            let taken = keep(tx, row, &what, &delivery.id.to_string(), None)?;
            if tx.keep_receipt(&delivery, status, &reason)? == Applied::Reopened {
                let round = u32::try_from(taken.item).unwrap_or(u32::MAX);
                let id = EventId::of_hub("rejected", &delivery.id.to_string(), round);
                tell_others(tx, world, &delivery, status, &reason, id)?;
            }
            Ok(taken)
        }
        Err(reason) => keep(tx, row, "kvittering", "?", Some(reason)),
    }
}

/// Keeps what a mailbox says in the console of what it got there. The others are told of a refusal, as
/// they are of one that came by a receipt.
///
/// # Errors
/// The ledger's.
pub fn say(tx: &mut Tx<'_>, world: &World, delivery: &Delivery, status: Status, reason: &str) -> Result<(), Error> {
    let reason: String = reason.chars().take(LONGEST_REASON).collect();
    if tx.keep_receipt(delivery, status, &reason)? == Applied::Reopened {
        let round = tx.reader().receipts_of(delivery.seq)?;
        let id = EventId::of_hub("rejected here", &delivery.id.to_string(), round);
        tell_others(tx, world, delivery, status, &reason, id)?;
    }
    Ok(())
}

/// Why a receipt does not count, where the broker's users are told apart: only the party to which
/// something was delivered may say what became of it.
fn foreign(world: &World, message: &Incoming, delivery: &Delivery) -> Option<Reason> {
    if world.senders.is_empty() {
        return None;
    }
    let party = |path: &str| path.trim_start_matches('/').split('/').next().unwrap_or_default().to_owned();
    let speaks_for = message.sender_user.as_ref().and_then(|user| world.senders.get(user));
    if speaks_for.is_some_and(|path| party(path) == party(&delivery.mailbox)) {
        return None;
    }
    let text = format!(
        "Kvitteringen gælder en levering til {}, og den bruger hos RabbitMQ, der har sendt den, taler ikke for den part. Afsenderen skal sætte `user_id`, eller opsætningen (senders) skal rettes.",
        delivery.mailbox
    );
    Some(Reason::new(SENDER_MISMATCH, text).at("$.delivery"))
}

fn keep(tx: &mut Tx<'_>, message: i64, what: &str, key: &str, reason: Option<Reason>) -> Result<Taken, Error> {
    let state = if reason.is_some() { State::Parked } else { State::Recorded };
    let item = tx.keep_item(&NewItem {
        message,
        index: 0,
        key,
        state,
        what,
        case: None,
        same_as: None,
        reason: reason.as_ref(),
        refused: reason.is_some(),
        holds: false,
    })?;
    Ok(Taken { item, event: None, state, refused: reason.is_some(), reason })
}

fn read(tx: &mut Tx<'_>, body: &[u8]) -> Result<Result<(Delivery, Status, String), Reason>, Error> {
    let Ok(receipt) = serde_json::from_slice::<Receipt>(body) else {
        let text = "Kvitteringen er ikke JSON med felterne delivery, status og evt. reason.";
        return Ok(Err(Reason::new(RECEIPT_UNREADABLE, text)));
    };
    let Some(status) = Status::named(&receipt.status) else {
        let known: Vec<&str> = Status::ALL.into_iter().map(Status::name).collect();
        let text = format!("Kvitteringens status findes ikke. Den skal være en af: {}.", known.join(", "));
        return Ok(Err(Reason::new(RECEIPT_UNREADABLE, text).at("$.status")));
    };
    let delivery = match DeliveryId::parse(&receipt.delivery) {
        Some(id) => tx.delivery(id)?,
        None => None,
    };
    let Some(delivery) = delivery else {
        let text = "Kvitteringens `delivery` er ikke id'et på en levering herfra (message_id på det modtagne).";
        return Ok(Err(Reason::new(RECEIPT_UNKNOWN, text).at("$.delivery")));
    };
    let reason: String = receipt.reason.unwrap_or_default().chars().take(LONGEST_REASON).collect();
    Ok(Ok((delivery, status, reason)))
}

/// A refusal is told to the other mailboxes that got the event: they believe that it is taken care
/// of.
fn tell_others(
    tx: &mut Tx<'_>,
    world: &World,
    delivery: &Delivery,
    status: Status,
    reason: &str,
    id: EventId,
) -> Result<(), Error> {
    let Content::Event(row) = delivery.content else { return Ok(()) };
    let mut others: Vec<String> = tx.deliveries_of(row)?.into_iter().map(|it| it.mailbox).collect();
    others.retain(|mailbox| *mailbox != delivery.mailbox);
    others.sort();
    others.dedup();
    if others.is_empty() {
        return Ok(());
    }
    let event = notice(tx, row, id, delivery, status, reason)?;
    let Some(row) =
        tx.keep_event(id, None, &event, &Decision::of_hub(format!("{} har afvist leveringen", delivery.mailbox)))?
    else {
        return Ok(());
    };
    let key = delivery.id.to_string();
    for mailbox in others {
        let lane_of = |tx: &Tx<'_>, channel: &str| lane::of_duty(tx.keys(), &mailbox, channel, &key);
        let why = Why { rules: delivery.why.rules.clone(), ..Why::default() };
        tell_mailbox(tx, world, (row, id), &mailbox, &why, &lane_of)?;
    }
    Ok(())
}

fn notice(
    tx: &mut Tx<'_>,
    row: i64,
    id: EventId,
    delivery: &Delivery,
    status: Status,
    reason: &str,
) -> Result<Event, Error> {
    let about = tx.event_names(row)?;
    let mut data = Map::new();
    data.insert("event".to_owned(), json!({"id": about.wire_id, "type": about.wire_type}));
    data.insert("mailbox".to_owned(), Value::String(delivery.mailbox.clone()));
    data.insert("status".to_owned(), Value::String(status.name().to_owned()));
    if !reason.is_empty() {
        data.insert("reason".to_owned(), Value::String(reason.to_owned()));
    }
    let case = CaseKey::parse(&about.case).ok_or(Error::Unexpected("a case key is none"))?;
    let cause = WireId::parse(&about.wire_id);
    Ok(Event {
        id: id.into(),
        source: hub_source(),
        kind: hub_kind("delivery.rejected"),
        time: tx.at().round(Unit::Second).unwrap_or(tx.at()),
        occurred: None,
        case,
        correlation: cause.clone(),
        causation: cause,
        kle: None,
        residence: about.residence,
        law: None,
        data,
    })
}
