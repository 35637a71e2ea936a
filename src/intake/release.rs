//! What waited goes on, in its order, when what it waited for has gone on.

use std::panic::{AssertUnwindSafe, catch_unwind};

use budstikke_contract::id::CaseKey;
use budstikke_contract::reason::{Code, Reason, Remark};

use super::World;
use super::ask;
use super::citizen;
use super::consume::{HUB_FAILED, POISON};
use super::decide::{self, Decided, MAY_BE_EARLY, Question, Stopped};
use super::identity;
use super::prepare::{self, Incoming, Prepare, Prepared, PreparedBody};
use super::record::{self, Taken};
use super::returned::STRAY;
use crate::deliver::dispatch::CONTENT_LOST;
use crate::ledger::item::{Item, Seen, SeenKind, State};
use crate::ledger::message::Stored;
use crate::ledger::{Error, Tx};
use crate::residence::{LOOKUP_FAILED, OUTSIDE_AGREEMENT, RESIDENCE_DIFFERS};

/// A remark: a person has corrected the message before it was decided about.
const EDITED: Code = Code::new("EDITED");

const EDITED_TEXT: &str =
    "Beskeden er rettet af en medarbejder, før den blev sendt videre. Den oprindelige er gemt hos budstikken.";

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
    let mut cases = vec![case.clone()];
    while let Some(case) = cases.pop() {
        cases.extend(in_case(tx, world, &case)?);
    }
    Ok(())
}

/// Takes up what waited in one case; answers other cases in which something may have waited for
/// what has gone on here.
fn in_case(tx: &mut Tx<'_>, world: &World, case: &CaseKey) -> Result<Vec<CaseKey>, Error> {
    let mut others = Vec::new();
    loop {
        let mut moved = false;
        for item in tx.stopped_in_case(case.as_str())? {
            let early = item.reason.as_ref().is_some_and(|reason| MAY_BE_EARLY.contains(&reason.code));
            if item.state == State::Parked && !early {
                continue;
            }
            let Some(next) = take_up(tx, world, &item)? else { continue };
            moved |= next.moved();
            others.extend(next.early);
            if next.holds {
                break;
            }
        }
        if !moved {
            return Ok(others);
        }
    }
}

/// Takes up one item that waited by itself: its case was not known.
pub(super) fn alone(tx: &mut Tx<'_>, world: &World, item: &Item) -> Result<(), Error> {
    if item.state != State::Waiting {
        return Ok(());
    }
    let Some(next) = take_up(tx, world, item)?.filter(Again::moved) else { return Ok(()) };
    for case in next.case.iter().chain(&next.early) {
        after(tx, world, case)?;
    }
    Ok(())
}

/// Decides about an item anew. `None` where it cannot be read any more and is parked: it must not
/// stop the others of its case.
fn take_up(tx: &mut Tx<'_>, world: &World, item: &Item) -> Result<Option<Again>, Error> {
    let prepared = match ask::open_answers(tx, item) {
        Ok(true) => read_again(tx, world, item),
        Ok(false) => {
            tx.change_item(item, State::Parked, None, Some(&ask::answer_lost()), item.case.is_some())?;
            tx.drop_open_wishes(item.seq)?;
            return Ok(None);
        }
        Err(error) => Err(error),
    };
    match prepared {
        Ok(prepared) => decide_again(tx, world, item, &prepared, Manner::ByItself).map(Some),
        Err(error) if error.is_passing() => Err(error),
        Err(error) => {
            tracing::error!(
                item = item.seq,
                error = &error as &dyn std::error::Error,
                "what waited cannot be read again, and is parked"
            );
            let text = "Beskeden kan ikke læses igen. Kør `budstikke verify`, og meld fejlen.";
            tx.change_item(item, State::Parked, None, Some(&Reason::new(HUB_FAILED, text)), false)?;
            tx.drop_open_wishes(item.seq)?;
            Ok(None)
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
    /// Whether it waits for an answer.
    asks: bool,
    /// Cases in which something may have waited for it.
    pub(super) early: Vec<CaseKey>,
}

impl Again {
    fn ended(state: State, case: Option<CaseKey>) -> Self {
        Self { state, case, reason: None, holds: false, asks: false, early: Vec::new() }
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
    let acceptable = [record::ID_REUSED, record::ENVELOPE_REUSED, RESIDENCE_DIFFERS, LOOKUP_FAILED];
    let reason = item.reason.as_ref().map(|reason| reason.code.clone());
    // An answer stands, unless it is itself what cannot be gone by.
    let useless = [OUTSIDE_AGREEMENT, CONTENT_LOST];
    tx.ask_anew(item.seq, item.refused || reason.as_ref().is_some_and(|code| useless.contains(code)))?;
    if let Some(code) = reason.filter(|code| acceptable.contains(code)) {
        tx.accept(item, &code)?;
    }
    let prepared = read_again(tx, world, item)?;
    decide_again(tx, world, item, &prepared, Manner::ByPerson)
}

fn decide_again(
    tx: &mut Tx<'_>,
    world: &World,
    item: &Item,
    prepared: &Prepared,
    manner: Manner,
) -> Result<Again, Error> {
    let again = decide_anew(tx, world, item, prepared, manner)?;
    if !again.asks {
        tx.drop_open_wishes(item.seq)?;
    }
    Ok(again)
}

fn decide_anew(
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
    let refused = matches!(read.body, PreparedBody::Refused(_));
    if (item.what.as_str(), item.refused) != (record::what(read), refused) {
        tx.read_as(item, record::what(read), refused)?;
    }
    let (draft, fault) = match &read.body {
        PreparedBody::Event(draft, fault) => (draft, fault),
        PreparedBody::Refused(reason) | PreparedBody::Parked(reason) => {
            tx.change_item(item, State::Parked, None, Some(reason), false)?;
            return Ok(Again { reason: Some(reason.clone()), ..Again::ended(State::Parked, None) });
        }
        PreparedBody::Wanted(wanted) => return stop(tx, item, Stopped::wanting(prepared.adapter, wanted), manner),
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
    let question = Question {
        draft,
        fault: fault.as_ref(),
        key: &key,
        index,
        before: Some(item.seq),
        at,
        moved: item.is_accepted(&RESIDENCE_DIFFERS),
        unchecked: item.is_accepted(&LOOKUP_FAILED),
    };
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
            let early = record::trail(draft).map(|trail| tx.early_cases(trail)).transpose()?.unwrap_or_default();
            Ok(Again { early, ..Again::ended(state, Some(case)) })
        }
        Decided::Stopped(stopped) => {
            record::note_early(tx, draft, &stopped)?;
            stop(tx, item, stopped, manner)
        }
        Decided::Told(told) => {
            let (state, case) = (told.state(), told.event.case.clone());
            tx.change_item(item, state, Some(&case), None, false)?;
            citizen::write(tx, world, item.seq, draft, &told)?;
            Ok(Again::ended(state, Some(case)))
        }
    }
}

/// Notes that an item still does not go on; not again where it does so for the same reason and in the
/// same case as before, each time something else of its case comes.
fn stop(tx: &mut Tx<'_>, item: &Item, stopped: Stopped, manner: Manner) -> Result<Again, Error> {
    let Stopped { case, reason, holds, wish, .. } = stopped;
    let state = if reason.is_some() { State::Parked } else { State::Waiting };
    let code = |reason: &Option<Reason>| reason.as_ref().map(|reason| reason.code.clone());
    let elsewhere = case.is_some() && case != item.case_key();
    let same = state == item.state && code(&reason) == code(&item.reason) && holds == item.holds && !elsewhere;
    if manner == Manner::ByPerson || !same {
        tx.change_item(item, state, case.as_ref(), reason.as_ref(), holds)?;
    }
    if let Some(wish) = &wish {
        wish.keep(tx, item.seq)?;
    }
    Ok(Again { state, case, reason, holds, asks: wish.is_some(), early: Vec::new() })
}

/// Whether what the item turns out to be has come by another item too: what was parked unread may
/// have been sent again meanwhile. If it has not, it is known from now on.
fn known_as_another(tx: &mut Tx<'_>, item: &Item, key: &str, read: &Prepare) -> Result<bool, Error> {
    let scope = tx.message(item.message)?.adapter;
    if let Some(seen) = tx.seen(SeenKind::Item, &scope, key)? {
        return Ok(seen.row != item.seq);
    }
    let content = read.mark(tx.keys());
    tx.remember(SeenKind::Item, &scope, key, Seen { content, row: item.seq })?;
    Ok(false)
}

/// A message as it was kept, and what it says of an item: as a person has corrected it, else as it came.
pub(super) fn said(tx: &mut Tx<'_>, item: &Item) -> Result<(Stored, Vec<u8>), Error> {
    let stored = tx.message(item.message)?;
    let body = match tx.edited(item.seq)? {
        Some(edited) => edited,
        None => tx.message_body(&stored)?,
    };
    Ok((stored, body))
}

/// Reads a message again that was kept; a later version of an adapter may read more than the one
/// that first saw it.
fn read_again(tx: &mut Tx<'_>, world: &World, item: &Item) -> Result<Prepared, Error> {
    let (stored, body) = said(tx, item)?;
    let mut prepared = read(tx, world, item, stored, body)?;
    if tx.is_edited(item.seq)?
        && let Some(own) = usize::try_from(item.index).ok().and_then(|place| prepared.items.get_mut(place))
        && let PreparedBody::Event(draft, _) = &mut own.body
    {
        draft.remarks.push(Remark::new(EDITED, EDITED_TEXT));
    }
    Ok(prepared)
}

/// Reads what a message says, as the adapter does that read it first.
pub(super) fn read(
    tx: &mut Tx<'_>,
    world: &World,
    item: &Item,
    stored: Stored,
    body: Vec<u8>,
) -> Result<Prepared, Error> {
    // Another adapter than its source's read it because it was an event, or because it was carried.
    let carried = world.adapters.carried(&stored.source, &body).is_some();
    let media_type =
        (stored.adapter != stored.source && !carried).then(|| budstikke_contract::event::MEDIA_TYPE.to_owned());
    let fetched = ask::fetched(tx, item.seq, &stored.adapter)?;
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
    let read = catch_unwind(AssertUnwindSafe(|| prepare::prepare_with(world, message, &fetched)));
    read.map_err(|_panic| Error::Panicked)?.ok_or_else(missing)
}
