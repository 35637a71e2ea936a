//! What goes out because of what came: deliveries, what the hub tells by itself, and answers to
//! senders. All of it is planned in the ledger, in the transaction of what it is because of.

use budstikke_contract::adapter::Fate;
use budstikke_contract::event::{Event, danish_day};
use budstikke_contract::id::{DeliveryId, EventId};
use data_encoding::HEXLOWER;

use super::World;
use super::identity::Sighting;
use super::prepare::Prepared;
use crate::agreement::model::{Capacity, Channel, MailboxId};
use crate::deliver::orphans;
use crate::duty::calendar::{self, Opening};
use crate::duty::{Duty, Notice};
use crate::ledger::delivery::{Content, NewDelivery, Why, WhyDuty};
use crate::ledger::event::Decision;
use crate::ledger::reply::Answered;
use crate::ledger::seal::Mark;
use crate::ledger::{Error, Tx, lane};
use crate::route::Planned;

pub(super) fn plan(
    tx: &mut Tx<'_>,
    row: i64,
    event: &Event,
    planned: &Planned,
    (opened, protected): (&[Duty], bool),
) -> Result<(), Error> {
    let owes = |duty: &&Duty| planned.capacity == Capacity::Task && duty.terms.owed_by == planned.mailbox.party();
    let duty = opened.iter().find(owes).map(|duty| WhyDuty {
        id: duty.id.to_string(),
        kind: duty.terms.kind.clone(),
        due: duty.due.date,
    });
    let rules = planned.because.iter().map(|it| (it.rule.clone(), it.clause.to_string())).collect();
    let (mailbox, channel) = (planned.mailbox.as_str(), planned.channel.name());
    let lane = lane::of_case(tx.keys(), mailbox, channel, &event.case);
    tx.plan_delivery(&NewDelivery {
        id: planned.id,
        content: Content::Event(row),
        mailbox,
        channel,
        capacity: planned.capacity.name(),
        why: &Why { rules, duty, protected, ..Why::default() },
        lane,
    })
}

/// Writes down what the hub tells of a duty, for each mailbox that is to hear it.
pub(crate) fn tell(tx: &mut Tx<'_>, world: &World, duty: &Duty, notice: &Notice) -> Result<(), Error> {
    let Some(row) = tx.keep_event(notice.id, None, &notice.event, &Decision::of_hub(notice.sentence(duty)))? else {
        return Ok(());
    };
    let why = Why { rules: vec![(duty.terms.name.clone(), duty.terms.clause.clone())], ..Why::default() };
    for told in &notice.to {
        let lane_of = |tx: &Tx<'_>, channel: &str| lane::of_duty(tx.keys(), &told.0, channel, &duty.id.to_string());
        tell_mailbox(tx, world, (row, notice.id), &told.0, &why, &lane_of)?;
    }
    Ok(())
}

/// Writes down a duty of the calendar that opens, and gives its task to the team. Whether it was new.
pub(crate) fn begin(tx: &mut Tx<'_>, world: &World, opening: &Opening) -> Result<bool, Error> {
    let Opening { id, event, duty, to } = opening;
    let decision = Decision::of_hub(duty.terms.what.clone());
    let Some(row) = tx.keep_event(*id, None, event, &decision)? else { return Ok(false) };
    tx.open_duty(duty, row)?;
    let owed = WhyDuty { id: duty.id.to_string(), kind: duty.terms.kind.clone(), due: duty.due.date };
    let rules = vec![(duty.terms.name.clone(), duty.terms.clause.clone())];
    let why = Why { rules, duty: Some(owed), ..Why::default() };
    for channel in world.mailboxes.get(to).map(|known| known.channels.as_slice()).unwrap_or_default() {
        let lane = lane::of_duty(tx.keys(), to.as_str(), channel.name(), &duty.id.to_string());
        tx.plan_delivery(&NewDelivery {
            id: DeliveryId::derive(*id, to.as_str(), channel.name()),
            content: Content::Event(row),
            mailbox: to.as_str(),
            channel: channel.name(),
            capacity: Capacity::Task.name(),
            why: &why,
            lane,
        })?;
    }
    Ok(true)
}

/// Writes down a duty of the calendar that is met before its task was given, so that it is not given any
/// more. Nothing where it is open.
pub(super) fn begin_early(tx: &mut Tx<'_>, duty: &Duty) -> Result<(), Error> {
    let decision = Decision::of_hub(duty.terms.what.clone());
    let announcement = calendar::announcement(duty, tx.at());
    if let Some(row) = tx.keep_event(duty.event, None, &announcement, &decision)? {
        tx.open_duty(duty, row)?;
    }
    Ok(())
}

/// Plans an event of the hub's own for one mailbox, on each of its channels, as information.
pub(super) fn tell_mailbox(
    tx: &mut Tx<'_>,
    world: &World,
    (row, id): (i64, EventId),
    mailbox: &str,
    why: &Why,
    lane_of: &dyn Fn(&Tx<'_>, &str) -> Mark,
) -> Result<(), Error> {
    tell_by(tx, world, (row, id), (mailbox, &[]), why, lane_of)
}

/// The same on these of its channels; on all of them where it has none of these.
pub(super) fn tell_by(
    tx: &mut Tx<'_>,
    world: &World,
    (row, id): (i64, EventId),
    (mailbox, by): (&str, &[Channel]),
    why: &Why,
    lane_of: &dyn Fn(&Tx<'_>, &str) -> Mark,
) -> Result<(), Error> {
    let case = tx.event_names(row)?.case;
    let protected = why.protected || tx.protected(&case, danish_day(tx.at()))?;
    let why = &Why { protected, ..why.clone() };
    let known = MailboxId::parse(mailbox).and_then(|id| world.mailboxes.get(&id));
    // Where the agreement has changed since the duty was opened, a person must know what it was.
    let mut channels = known.map_or([Channel::Amqp].as_slice(), |known| &known.channels).to_vec();
    if channels.iter().any(|channel| by.contains(channel)) {
        channels.retain(|channel| by.contains(channel));
    }
    for channel in channels {
        let lane = lane_of(tx, channel.name());
        tx.plan_delivery(&NewDelivery {
            id: DeliveryId::derive(id, mailbox, channel.name()),
            content: Content::Event(row),
            mailbox,
            channel: channel.name(),
            capacity: Capacity::Information.name(),
            why,
            lane,
        })?;
    }
    if known.is_none() {
        orphans::park_one(tx, DeliveryId::derive(id, mailbox, Channel::Amqp.name()))?;
    }
    Ok(())
}

pub(super) fn answer(tx: &mut Tx<'_>, prepared: &Prepared, message: i64, fates: &[Fate]) -> Result<(), Error> {
    let Some(answer) = &prepared.answer else { return Ok(()) };
    let key = HEXLOWER.encode(&prepared.mark(tx.keys()));
    let about = Answered { source: prepared.adapter, message, key: &key };
    for (index, reply) in answer.replies(fates, prepared.message.received).iter().enumerate() {
        tx.answer(about, u32::try_from(index).unwrap_or(u32::MAX), reply)?;
    }
    Ok(())
}

/// A sender that repeats itself, or uses an id again, gets the first answer once more, and never
/// another one. When it is the broker that hands the same message out again, nobody has asked.
pub(super) fn answer_again(
    tx: &mut Tx<'_>,
    world: &World,
    prepared: &Prepared,
    message: i64,
    sightings: &[Sighting],
) -> Result<(), Error> {
    let Some(adapter) = world.adapters.named(prepared.adapter) else { return Ok(()) };
    let mut firsts = Vec::new();
    for sighting in sightings {
        let (Sighting::Repeat(row) | Sighting::IdReused(row)) = sighting else { continue };
        if *row != 0 {
            firsts.push(tx.item(*row)?.message);
        }
    }
    firsts.sort_unstable();
    firsts.dedup();
    for first in firsts {
        let before = tx.message(first)?;
        let same = before.content == prepared.mark(tx.keys());
        if first == message || (prepared.message.redelivered && same) {
            continue;
        }
        let key = HEXLOWER.encode(&before.content);
        let about = Answered { source: prepared.adapter, message: first, key: &key };
        let at = prepared.message.received;
        tx.answer_again(about, &|reply, repeat| adapter.repeat_reply(reply, repeat, at))?;
    }
    Ok(())
}
