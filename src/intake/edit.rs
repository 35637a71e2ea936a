//! Correcting the text of something that could not be decided about. A correction is a person's: what
//! came stays as it came, and the corrected text is read by the same adapter and decided about like
//! any other. It is not a new message: it keeps the id that its source gave it, and no sender is
//! answered a second time.

mod script;

use budstikke_contract::person::shows_cpr;
use budstikke_contract::reason::Reason;

use super::World;
use super::identity;
use super::people::{self, Became, Person};
use super::prepare::{Prepared, PreparedBody};
use super::release;
use crate::ledger::edit::{Edit, State};
use crate::ledger::item::{self, Item};
use crate::ledger::{Error, Tx};
pub use script::{LARGEST, Text};

/// Why something cannot be corrected, or a correction cannot be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfit {
    /// It is parked no longer.
    NotParked,
    /// It was kept unread: there is nothing that a person could correct.
    KeptWhole,
    /// It is no text, or too large.
    NoText,
    /// Somebody else's correction waits already.
    Waits(String),
    /// It says what was said before.
    Same,
    /// It says another id: that would be another message.
    OtherId,
    /// Something else of the same message is changed, or there is more or less in it.
    Others,
    /// It cannot be read, or not be decided about as it is: why, as the adapter says it.
    Unreadable(Reason),
    /// It must be said why.
    NoReason,
    /// What was written as a reason shows a CPR number.
    Numbers,
    /// Nobody approves their own.
    Own,
    /// There is no such correction, or it is decided about already.
    Decided,
}

/// The text of an item, to be corrected: as the last correction that counts says it, else as it came.
pub fn text(tx: &mut Tx<'_>, item: i64) -> Result<Result<Text, Unfit>, Error> {
    match open(tx, item)? {
        Ok((_, text)) => Ok(Ok(text)),
        Err(unfit) => Ok(Err(unfit)),
    }
}

fn open(tx: &mut Tx<'_>, seq: i64) -> Result<Result<(Item, Text), Unfit>, Error> {
    let item = tx.item(seq)?;
    if item.state != item::State::Parked {
        return Ok(Err(Unfit::NotParked));
    }
    if release::is_whole(&item) {
        return Ok(Err(Unfit::KeptWhole));
    }
    let bytes = release::said(tx, &item)?.1;
    Ok(Text::of(&bytes).map(|text| (item, text)).ok_or(Unfit::NoText))
}

/// Keeps a correction. Where no second person is asked, it counts at once, and the item is decided
/// about by it.
pub fn propose(
    tx: &mut Tx<'_>,
    world: &World,
    seq: i64,
    text: &str,
    (person, asks): (&Person, bool),
) -> Result<Result<(Edit, Option<Became>), Unfit>, Error> {
    if let Some(unfit) = unsaid(person) {
        return Ok(Err(unfit));
    }
    let (item, before) = match open(tx, seq)? {
        Ok(open) => open,
        Err(unfit) => return Ok(Err(unfit)),
    };
    let waiting = tx.reader().proposed_edit(seq)?;
    if let Some(other) = waiting.as_ref().filter(|other| other.by != person.user) {
        return Ok(Err(Unfit::Waits(other.by.clone())));
    }
    let Some(bytes) = before.written(text) else { return Ok(Err(Unfit::NoText)) };
    if bytes == before.bytes() {
        return Ok(Err(Unfit::Same));
    }
    if let Some(unfit) = misread(tx, world, &item, &bytes)? {
        return Ok(Err(unfit));
    }
    if let Some(own) = waiting {
        tx.decide_edit(&own, State::Replaced, &person.user, "")?;
    }
    tx.act(&person.user, "edit", &format!("#{seq}"), &person.reason)?;
    let edit = tx.propose_edit(seq, &person.user, &person.reason, &bytes)?;
    if asks {
        return Ok(Ok((edit, None)));
    }
    let (edit, became) = count(tx, world, &edit, person)?;
    Ok(Ok((edit, Some(became))))
}

fn unsaid(person: &Person) -> Option<Unfit> {
    if shows_cpr(&person.reason) {
        return Some(Unfit::Numbers);
    }
    person.reason.trim().is_empty().then_some(Unfit::NoReason)
}

/// Why a corrected text is not kept.
fn misread(tx: &mut Tx<'_>, world: &World, item: &Item, bytes: &[u8]) -> Result<Option<Unfit>, Error> {
    let place = usize::try_from(item.index).unwrap_or(usize::MAX);
    let (stored, said) = release::said(tx, item)?;
    let before = release::read(tx, world, item, stored.clone(), said)?;
    let after = release::read(tx, world, item, stored, bytes.to_vec())?;
    if let Some(PreparedBody::Refused(reason)) = after.items.first().map(|it| &it.body)
        && after.items.len() == 1
    {
        return Ok(Some(Unfit::Unreadable(reason.clone())));
    }
    let Some(read) = after.items.get(place).filter(|_| same_others(&before, &after, place)) else {
        return Ok(Some(Unfit::Others));
    };
    // What had a name keeps it; what could not be read may get one.
    let named = before.items.get(place).is_some_and(|it| it.key.is_some());
    if named && identity::key(tx, read) != item.key {
        return Ok(Some(Unfit::OtherId));
    }
    Ok(match &read.body {
        PreparedBody::Refused(reason) | PreparedBody::Parked(reason) | PreparedBody::Event(_, Some(reason)) => {
            Some(Unfit::Unreadable(reason.clone()))
        }
        PreparedBody::Event(_, None) | PreparedBody::Record(_) | PreparedBody::Wanted(_) => None,
    })
}

/// Whether nothing but the item at a place is changed.
fn same_others(before: &Prepared, after: &Prepared, place: usize) -> bool {
    let pairs = before.items.iter().zip(&after.items).enumerate();
    before.items.len() == after.items.len()
        && pairs
            .filter(|(at, _)| *at != place)
            .all(|(_, (one, other))| one.key == other.key && one.content == other.content)
}

/// Approves a correction: the item is decided about by it.
pub fn approve(
    tx: &mut Tx<'_>,
    world: &World,
    seq: i64,
    person: &Person,
) -> Result<Result<(Edit, Became), Unfit>, Error> {
    let edit = match undecided(tx, seq, person)? {
        Ok(edit) => edit,
        Err(unfit) => return Ok(Err(unfit)),
    };
    if tx.item(edit.item)?.state != item::State::Parked {
        return Ok(Err(Unfit::NotParked));
    }
    tx.act(&person.user, "edit-approve", &format!("#{}", edit.item), &person.reason)?;
    count(tx, world, &edit, person).map(Ok)
}

/// Turns a correction down.
pub fn reject(tx: &mut Tx<'_>, seq: i64, person: &Person) -> Result<Result<Edit, Unfit>, Error> {
    if let Some(unfit) = unsaid(person) {
        return Ok(Err(unfit));
    }
    let edit = match undecided(tx, seq, person)? {
        Ok(edit) => edit,
        Err(unfit) => return Ok(Err(unfit)),
    };
    tx.act(&person.user, "edit-reject", &format!("#{}", edit.item), &person.reason)?;
    tx.decide_edit(&edit, State::Rejected, &person.user, &person.reason).map(Ok)
}

/// A correction that somebody else may decide about.
fn undecided(tx: &mut Tx<'_>, seq: i64, person: &Person) -> Result<Result<Edit, Unfit>, Error> {
    if shows_cpr(&person.reason) {
        return Ok(Err(Unfit::Numbers));
    }
    let Some(edit) = tx.reader().edit(seq)?.filter(|edit| edit.state == State::Proposed) else {
        return Ok(Err(Unfit::Decided));
    };
    Ok(if edit.by == person.user { Err(Unfit::Own) } else { Ok(edit) })
}

/// Lets a correction count, and decides about the item by it.
fn count(tx: &mut Tx<'_>, world: &World, edit: &Edit, person: &Person) -> Result<(Edit, Became), Error> {
    let edit = tx.decide_edit(edit, State::Approved, &person.user, &person.reason)?;
    let item = tx.item(edit.item)?;
    Ok((edit, people::decide_anew(tx, world, item)?))
}
