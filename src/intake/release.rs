//! What waited goes on, in its order, when what it waited for has gone on.

use budstikke_contract::id::CaseKey;
use budstikke_contract::reason::Reason;

use super::World;
use super::decide::{self, Decided, Question};
use super::identity;
use super::prepare::{self, Incoming, Prepared, PreparedBody};
use super::record;
use crate::ledger::item::{Item, Seen, SeenKind, State};
use crate::ledger::{Error, Tx};
use crate::route::PRECEDING_MISSING;

/// How an item is taken up again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// By itself, because what it waited for has gone on.
    ByItself,
    /// By a person, who has looked at why it was parked: an id that was used before no longer
    /// stands in its way.
    ByPerson,
}

/// Takes up what waited in a case: first what had come before the event that it follows, then what
/// was behind something parked.
pub(super) fn after(tx: &mut Tx<'_>, world: &World, case: &CaseKey) -> Result<(), Error> {
    for item in tx.parked_in_case(case.as_str(), &PRECEDING_MISSING)? {
        again(tx, world, &item, Manner::ByItself)?;
    }
    for item in tx.waiting_in_case(case.as_str())? {
        let next = again(tx, world, &item, Manner::ByItself)?;
        if next.state == State::Waiting || next.state == State::Parked {
            break;
        }
    }
    Ok(())
}

/// How an item stands after it was taken up again.
#[derive(Debug, Clone)]
pub(super) struct Again {
    pub(super) state: State,
    pub(super) case: Option<CaseKey>,
    pub(super) reason: Option<Reason>,
}

/// Decides about an item anew, from the message as it was kept.
pub(super) fn again(tx: &mut Tx<'_>, world: &World, item: &Item, manner: Manner) -> Result<Again, Error> {
    let prepared = read_again(tx, world, item)?;
    let place = usize::try_from(item.index).unwrap_or(usize::MAX);
    let read = prepared.as_ref().and_then(|prepared| prepared.items.get(place));
    let (draft, fault) = match read.map(|item| &item.body) {
        Some(PreparedBody::Event(draft, fault)) => (draft, fault),
        Some(PreparedBody::Refused(reason) | PreparedBody::Parked(reason)) => {
            tx.change_item(item, State::Parked, None, Some(reason), false)?;
            return Ok(Again { state: State::Parked, case: None, reason: Some(reason.clone()) });
        }
        Some(PreparedBody::Record(_)) => {
            tx.change_item(item, State::Recorded, None, None, false)?;
            return Ok(Again { state: State::Recorded, case: None, reason: None });
        }
        None => return Err(Error::Refused("no adapter of this program reads that message".to_owned())),
    };
    let reused =
        item.reason.as_ref().is_some_and(|reason| [record::ID_REUSED, record::ENVELOPE_REUSED].contains(&reason.code));
    let index = if manner == Manner::ByPerson && reused { u32::try_from(item.seq).unwrap_or(u32::MAX) } else { 0 };
    // What could not be read when it came may now have a name.
    let key = read.map_or_else(|| item.key.clone(), |read| identity::key(tx, read));
    let question = Question { draft, fault: fault.as_ref(), key: &key, index, before: Some(item.seq), at: tx.at() };
    if index == 0 && known_as_another(tx, item, &key, read)? {
        tx.change_item(item, State::Duplicate, None, None, false)?;
        return Ok(Again { state: State::Duplicate, case: None, reason: None });
    }
    match decide::decide(tx, world, question)? {
        Decided::Routed(routed) => {
            let state = record::state_of(&routed);
            let case = routed.event.case.clone();
            tx.change_item(item, state, Some(&case), None, false)?;
            record::write(tx, world, item.seq, draft, &routed)?;
            Ok(Again { state, case: Some(case), reason: None })
        }
        Decided::Stopped(stopped) => {
            let state = if stopped.reason.is_some() { State::Parked } else { State::Waiting };
            tx.change_item(item, state, stopped.case.as_ref(), stopped.reason.as_ref(), stopped.holds)?;
            Ok(Again { state, case: stopped.case, reason: stopped.reason })
        }
    }
}

/// Whether what the item turns out to be has come by another item too: what was parked unread may
/// have been sent again meanwhile. If it has not, it is known from now on.
fn known_as_another(tx: &mut Tx<'_>, item: &Item, key: &str, read: Option<&prepare::Prepare>) -> Result<bool, Error> {
    let Some(read) = read else { return Ok(false) };
    let scope = tx.message(item.message)?.adapter;
    if let Some(seen) = tx.seen(SeenKind::Item, &scope, key)? {
        return Ok(seen.row != item.seq);
    }
    let content = tx.keys().content(&read.content);
    tx.remember(SeenKind::Item, &scope, key, Seen { content, row: item.seq })?;
    Ok(false)
}

/// Reads a message again that was kept; a later version of an adapter may read more than the one
/// that first saw it.
fn read_again(tx: &mut Tx<'_>, world: &World, item: &Item) -> Result<Option<Prepared>, Error> {
    let stored = tx.message(item.message)?;
    let body = tx.message_body(&stored)?;
    let media_type = (stored.adapter != stored.source).then(|| budstikke_contract::event::MEDIA_TYPE.to_owned());
    let message = Incoming {
        source: stored.source,
        media_type,
        sender_user: stored.sender_user,
        reply_to: None,
        redelivered: false,
        received: stored.received,
        body: body.into(),
    };
    Ok(prepare::prepare(world, message))
}
