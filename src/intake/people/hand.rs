//! Handing a delivery to another mailbox than the agreement said. It is a person's decision, and is
//! kept as one: the old delivery ends, and the new one says whose it was and who decided it.

use budstikke_contract::id::{CaseKey, DeliveryId};

use super::act::Refusal;
use super::{Became, Parked, Person};
use crate::agreement::model::MailboxId;
use crate::intake::World;
use crate::ledger::delivery::{Content, Delivery, Handed, NewDelivery, Why};
use crate::ledger::{Error, Tx, lane};

/// Hands it on. A mailbox that has or had the event gets it no second time: the id of a delivery
/// follows from event, mailbox and channel, and its receiver would drop it as a repeat.
pub(super) fn hand(
    tx: &mut Tx<'_>,
    world: &World,
    (delivery, event): (&Delivery, i64),
    to: &MailboxId,
    person: &Person,
) -> Result<Result<Vec<Became>, Refusal>, Error> {
    if delivery.mailbox == to.as_str() {
        return Ok(Err(Refusal::SameMailbox));
    }
    let Some(mailbox) = world.mailboxes.get(to) else { return Ok(Err(Refusal::NoMailbox)) };
    if tx.deliveries_of(event)?.iter().any(|other| other.mailbox == to.as_str()) {
        return Ok(Err(Refusal::HasIt));
    }
    let name = Parked::Delivery(Box::new(delivery.clone())).name();
    tx.act(&person.user, "hand", &format!("{name} {to}"), &person.reason)?;
    tx.end_handed(delivery, to.as_str())?;
    let id = tx.event_id(event)?;
    let case = CaseKey::parse(&tx.event_names(event)?.case).ok_or(Error::Unexpected("a case key is none"))?;
    let why = why(delivery, to, person);
    for channel in &mailbox.channels {
        let channel = channel.name();
        tx.plan_delivery(&NewDelivery {
            id: DeliveryId::derive(id, to.as_str(), channel),
            content: Content::Event(event),
            mailbox: to.as_str(),
            channel,
            capacity: &delivery.capacity,
            why: &why,
            lane: lane::of_case(tx.keys(), to.as_str(), channel, &case),
        })?;
    }
    Ok(Ok(vec![Became { state: "handed", reason: None }]))
}

/// Why the other mailbox gets it. What is owed stays with the party that owes it: a mailbox of
/// another party is not told to do it.
fn why(delivery: &Delivery, to: &MailboxId, person: &Person) -> Why {
    let same_party = MailboxId::parse(&delivery.mailbox).is_some_and(|from| from.party() == to.party());
    let handed = Handed { from: delivery.mailbox.clone(), delivery: delivery.id.to_string(), by: person.user.clone() };
    Why { duty: delivery.why.duty.clone().filter(|_| same_party), handed: Some(handed), ..delivery.why.clone() }
}
