//! What waited goes on, in its order, when what it waited for has gone on.

use std::panic::{AssertUnwindSafe, catch_unwind};

use budstikke_contract::id::CaseKey;
use budstikke_contract::reason::Reason;

use super::World;
use super::citizen;
use super::consume::{HUB_FAILED, POISON};
use super::decide::{self, Decided, MAY_BE_EARLY, Question, Stopped};
use super::identity;
use super::prepare::{self, Incoming, Prepare, Prepared, PreparedBody};
use super::record::{self, Taken};
use super::returned::STRAY;
use crate::ledger::item::{Item, Seen, SeenKind, State};
use crate::ledger::{Error, Tx};
use crate::residence::RESIDENCE_DIFFERS;

/// How an item is taken up again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// By itself, because what it waited for has gone on.
    ByItself,
    /// By a person, who has looked at why it was parked.
    ByPerson,
}

/// Takes up what waited in a case: what may have come too early, and what was behind something
/// parked. Each that goes on may be what another one waits for.
pub(super) fn after(tx: &mut Tx<'_>, world: &World, case: &CaseKey) -> Result<(), Error> {
    loop {
        let mut moved = false;
        for item in tx.stopped_in_case(case.as_str())? {
            let early = item.reason.as_ref().is_some_and(|reason| MAY_BE_EARLY.contains(&reason.code));
            if item.state == State::Parked && !early {
                continue;
            }
            let next = match read_again(tx, world, &item) {
                Ok(prepared) => decide_again(tx, world, &item, &prepared, Manner::ByItself)?,
                Err(error) if error.is_passing() => return Err(error),
                // One that cannot be read any more must not stop the others of its case.
                Err(error) => {
                    tracing::error!(
                        item = item.seq,
                        error = &error as &dyn std::error::Error,
                        "what waited cannot be read again, and is parked"
                    );
                    let text = "Beskeden kan ikke læses igen. Kør `budstikke verify`, og meld fejlen.";
                    tx.change_item(&item, State::Parked, None, Some(&Reason::new(HUB_FAILED, text)), false)?;
                    continue;
                }
            };
            moved |= next.moved();
            if next.holds {
                break;
            }
        }
        if !moved {
            return Ok(());
        }
    }
}

/// How an item stands after it was taken up again.
#[derive(Debug, Clone)]
pub(super) struct Again {
    pub(super) state: State,
    pub(super) case: Option<CaseKey>,
    pub(super) reason: Option<Reason>,
    /// Whether it holds what follows on its case.
    pub(super) holds: bool,
}

impl Again {
    fn ended(state: State, case: Option<CaseKey>) -> Self {
        Self { state, case, reason: None, holds: false }
    }

    /// Whether it has gone on.
    pub(super) fn moved(&self) -> bool {
        !matches!(self.state, State::Parked | State::Waiting)
    }
}

/// Whether an item is a message that was kept whole, of which nothing is known yet.
pub(super) fn is_whole(item: &Item) -> bool {
    let whole = [POISON, HUB_FAILED, STRAY];
    item.reason.as_ref().is_some_and(|reason| whole.contains(&reason.code))
}

/// Reads a message that was kept whole, and takes all that is in it as if it came now; its sender
/// is answered.
pub(super) fn unpack(tx: &mut Tx<'_>, world: &World, whole: &Item) -> Result<Vec<Taken>, Error> {
    let prepared = read_again(tx, world, whole)?;
    record::unpack(tx, world, whole, &prepared)
}

/// Decides about an item anew, as a person wants it, from the message as it was kept.
pub(super) fn again(tx: &mut Tx<'_>, world: &World, item: &mut Item) -> Result<Again, Error> {
    let prepared = read_again(tx, world, item)?;
    let acceptable = [record::ID_REUSED, record::ENVELOPE_REUSED, RESIDENCE_DIFFERS];
    let reason = item.reason.as_ref().map(|reason| reason.code.clone());
    if let Some(code) = reason.filter(|code| acceptable.contains(code)) {
        tx.accept(item, &code)?;
    }
    decide_again(tx, world, item, &prepared, Manner::ByPerson)
}

fn decide_again(
    tx: &mut Tx<'_>,
    world: &World,
    item: &Item,
    prepared: &Prepared,
    manner: Manner,
) -> Result<Again, Error> {
    let place = usize::try_from(item.index).unwrap_or(usize::MAX);
    let missing =
        Error::Refused("this version reads the message as fewer letters than the one that kept it".to_owned());
    let read = prepared.items.get(place).ok_or(missing)?;
    let (draft, fault) = match &read.body {
        PreparedBody::Event(draft, fault) => (draft, fault),
        PreparedBody::Refused(reason) | PreparedBody::Parked(reason) => {
            tx.change_item(item, State::Parked, None, Some(reason), false)?;
            return Ok(Again { reason: Some(reason.clone()), ..Again::ended(State::Parked, None) });
        }
        PreparedBody::Record(_) => {
            tx.change_item(item, State::Recorded, None, None, false)?;
            return Ok(Again::ended(State::Recorded, item.case_key()));
        }
    };
    let reused = [record::ID_REUSED, record::ENVELOPE_REUSED].iter().any(|code| item.is_accepted(code));
    let index = if reused { u32::try_from(item.seq).unwrap_or(u32::MAX) } else { 0 };
    // What could not be read when it came may now have a name.
    let key = identity::key(tx, read);
    // What goes on by itself is decided about as if it had not been stopped.
    let at = if manner == Manner::ByPerson { tx.at() } else { prepared.message.received };
    let moved = item.is_accepted(&RESIDENCE_DIFFERS);
    let question = Question { draft, fault: fault.as_ref(), key: &key, index, before: Some(item.seq), at, moved };
    if index == 0 && known_as_another(tx, item, &key, read)? {
        tx.change_item(item, State::Duplicate, None, None, false)?;
        return Ok(Again::ended(State::Duplicate, item.case_key()));
    }
    match decide::decide(tx, world, question)? {
        Decided::Routed(routed) => {
            let state = record::state_of(&routed);
            let case = routed.event.case.clone();
            tx.change_item(item, state, Some(&case), None, false)?;
            record::write(tx, world, item.seq, draft, &routed)?;
            Ok(Again::ended(state, Some(case)))
        }
        Decided::Told(told) => {
            let (state, case) = (told.state(), told.event.case.clone());
            tx.change_item(item, state, Some(&case), None, false)?;
            citizen::write(tx, world, item.seq, draft, &told)?;
            Ok(Again::ended(state, Some(case)))
        }
        Decided::Stopped(stopped) => stop(tx, item, stopped, manner),
    }
}

/// Notes that an item still does not go on; not again where it does so for the same reason as
/// before, each time something else of its case comes.
fn stop(tx: &mut Tx<'_>, item: &Item, stopped: Stopped, manner: Manner) -> Result<Again, Error> {
    let Stopped { case, reason, holds, .. } = stopped;
    let state = if reason.is_some() { State::Parked } else { State::Waiting };
    let code = |reason: &Option<Reason>| reason.as_ref().map(|reason| reason.code.clone());
    if manner == Manner::ByPerson || state != item.state || code(&reason) != code(&item.reason) {
        tx.change_item(item, state, case.as_ref(), reason.as_ref(), holds)?;
    }
    Ok(Again { state, case, reason, holds })
}

/// Whether what the item turns out to be has come by another item too: what was parked unread may
/// have been sent again meanwhile. If it has not, it is known from now on.
fn known_as_another(tx: &mut Tx<'_>, item: &Item, key: &str, read: &Prepare) -> Result<bool, Error> {
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
fn read_again(tx: &mut Tx<'_>, world: &World, item: &Item) -> Result<Prepared, Error> {
    let stored = tx.message(item.message)?;
    let body = tx.message_body(&stored)?;
    // Another adapter than its source's read it because it was an event, or because it was carried.
    let carried = world.adapters.carried(&stored.source, &body).is_some();
    let media_type =
        (stored.adapter != stored.source && !carried).then(|| budstikke_contract::event::MEDIA_TYPE.to_owned());
    let message = Incoming {
        source: stored.source,
        media_type,
        sender_user: stored.sender_user,
        reply_to: None,
        redelivered: false,
        received: stored.received,
        body: body.into(),
    };
    let missing = || Error::Refused("no adapter of this program reads that message".to_owned());
    // An adapter that panics on it takes no one else with it.
    let read = catch_unwind(AssertUnwindSafe(|| prepare::prepare(world, message)));
    read.map_err(|_panic| Error::Panicked)?.ok_or_else(missing)
}
