//! Looking at content: who may is decided in the transaction that reads it and writes the look down.
//! Every page and every call that shows content comes here.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use budstikke_contract::adapter::{Draft, ItemBody, Passage, Raw};
use budstikke_contract::event::danish_day;
use jiff::Timestamp;

use super::Console;
use super::access::{Kept, Person};
use super::content::{Content, Names};
use super::fault::Fault;
use super::purpose::Purpose;
use crate::deliver::dispatch::original;
use crate::intake::World;
use crate::intake::consume::{HUB_FAILED, POISON};
use crate::ledger::goods::Original;
use crate::ledger::item::Item;
use crate::ledger::look::{Looker, Reading, Seen, Sight, Wanted};
use crate::ledger::{Error, Reader, Tx};

/// What came of asking to look.
pub(super) enum Asked<T> {
    Shown(T),
    Forbidden,
    Missing,
}

impl<T> Asked<T> {
    pub(super) fn shown(self) -> Result<T, Fault> {
        match self {
            Self::Shown(seen) => Ok(seen),
            Self::Forbidden => Err(Fault::Forbidden),
            Self::Missing => Err(Fault::NotFound),
        }
    }
}

/// Whether somebody may look at something, and where it is if so.
fn find(tx: &mut Tx<'_>, person: &Person, wanted: Wanted) -> Result<Asked<crate::ledger::look::Whereabouts>, Error> {
    let Some(found) = tx.reader().whereabouts(wanted)? else { return Ok(Asked::Missing) };
    let kept = Kept::of(found.undecided, &found.mailboxes);
    Ok(if person.may_see(&kept) { Asked::Shown(found) } else { Asked::Forbidden })
}

/// Whether somebody may look at the whole message of an item: while nothing is decided about it. What a
/// mailbox has of it may be one letter of several, and gives no right to the others.
pub(super) fn may_see_whole(reader: &mut Reader<'_>, person: &Person, item: i64) -> Result<bool, Error> {
    let found = reader.whereabouts(Wanted::Item(item))?;
    Ok(found.is_some_and(|found| person.may_see(&Kept::of(found.undecided, &[]))))
}

/// Shows something in a transaction in which more is read.
fn see(
    tx: &mut Tx<'_>,
    (world, now): (&World, Timestamp),
    (person, purpose): (&Person, &Purpose),
    wanted: Wanted,
) -> Result<Asked<Seen>, Error> {
    let found = match find(tx, person, wanted)? {
        Asked::Shown(found) => found,
        Asked::Forbidden => return Ok(Asked::Forbidden),
        Asked::Missing => return Ok(Asked::Missing),
    };
    let citizens = |item: &Item, adapter: &str, letter: &Original| {
        let draft = draft(world, item, adapter, letter, now);
        draft.and_then(|draft| draft.citizen).map(|it| it.reveal().to_owned()).into_iter().collect()
    };
    let reading = Reading {
        original: &|read_by, place, body| original(&world.adapters, read_by, place, body),
        citizens: &citizens,
    };
    let looker = Looker { user: &person.user, purpose: purpose.as_str() };
    tx.look_at(looker, &found, &reading).map(Asked::Shown)
}

/// The same; `None` where there is no such thing, or they may not see it any more.
pub(super) fn see_if_theirs(
    tx: &mut Tx<'_>,
    of: (&World, Timestamp),
    by: (&Person, &Purpose),
    wanted: Wanted,
) -> Result<Option<Seen>, Error> {
    Ok(match see(tx, of, by, wanted)? {
        Asked::Shown(seen) => Some(seen),
        Asked::Forbidden | Asked::Missing => None,
    })
}

impl Console {
    /// Shows somebody an event, or what is to become one, as people read it.
    pub(super) async fn looks(&self, person: &Person, purpose: &Purpose, wanted: Wanted) -> Result<Content, Fault> {
        let seen = self.sees(person, purpose, wanted).await?;
        Ok(content_of(&self.hub.desk.world, &self.names(), &seen, self.hub.desk.clock.now()))
    }

    /// The same as it is kept.
    pub(super) async fn sees(&self, person: &Person, purpose: &Purpose, wanted: Wanted) -> Result<Seen, Fault> {
        let (world, now) = (Arc::clone(&self.hub.desk.world), self.hub.desk.clock.now());
        let (person, purpose) = (person.clone(), purpose.clone());
        let look = move |tx: &mut Tx<'_>| see(tx, (&world, now), (&person, &purpose), wanted);
        self.hub.desk.ledger.write(look).await?.shown()
    }

    /// What the receiver of a delivery said last, for those who may see the delivery itself.
    pub(super) async fn hears(&self, person: &Person, purpose: &Purpose, delivery: i64) -> Result<String, Fault> {
        let (person, purpose) = (person.clone(), purpose.clone());
        let look = move |tx: &mut Tx<'_>| {
            Ok(match find(tx, &person, Wanted::Delivery(delivery))? {
                Asked::Shown(_) => Asked::Shown(tx.look(&person.user, purpose.as_str(), Sight::Said(delivery))?),
                Asked::Forbidden => Asked::Forbidden,
                Asked::Missing => Asked::Missing,
            })
        };
        let said = self.hub.desk.ledger.write(look).await?.shown()?;
        Ok(String::from_utf8_lossy(&said).into_owned())
    }

    /// The municipalities of the agreements, by their codes.
    pub(super) fn names(&self) -> Names {
        let today = danish_day(self.hub.desk.clock.now());
        let agreements = self.hub.desk.world.book.known_on(today).iter();
        let parties = agreements.flat_map(|agreement| &agreement.parties);
        parties.map(|party| (party.municipality.to_string(), party.name.clone())).collect()
    }
}

/// What was seen, for people.
pub(super) fn content_of(world: &World, names: &Names, seen: &Seen, now: Timestamp) -> Content {
    let letter = seen.original.as_ref().zip(seen.adapter.as_deref());
    let told = letter.map_or_else(Vec::new, |(letter, adapter)| passages(world, seen.item.as_ref(), adapter, letter));
    let undecided = || {
        let (letter, adapter) = letter?;
        draft(world, seen.item.as_ref()?, adapter, letter, now)
    };
    let mut content = match (&seen.event, undecided) {
        (Some(event), _) => Content::of(event, told, names),
        (None, undecided) => match undecided() {
            Some(draft) => Content::of_draft(&draft, told, names),
            None => Content { title: "Besked, der ikke kan læses".to_owned(), ..Content::default() },
        },
    };
    content.protected = seen.protected;
    match &seen.original {
        Some(letter) => content.with_raw("Beskeden, som den kom", &letter.bytes),
        None => content,
    }
}

/// Whether the hub has died or failed of reading it before.
fn is_dangerous(item: &Item) -> bool {
    item.reason.as_ref().is_some_and(|reason| [POISON, HUB_FAILED].contains(&reason.code))
}

/// What a letter that stands alone would become.
fn draft(world: &World, item: &Item, adapter: &str, letter: &Original, now: Timestamp) -> Option<Draft> {
    let adapter = world.adapters.named(adapter).filter(|_| !is_dangerous(item))?;
    let raw = Raw { body: &letter.bytes, received: now };
    // An adapter that fails of it shall not take the ledger's writer with it.
    let read = catch_unwind(AssertUnwindSafe(|| adapter.translate(&raw))).ok()?;
    let first = read.items.into_iter().next()?;
    if let ItemBody::Event(draft) = first.body { Some(*draft) } else { None }
}

/// What it says beside the event.
fn passages(world: &World, item: Option<&Item>, adapter: &str, letter: &Original) -> Vec<Passage> {
    let safe = item.is_some_and(|item| !is_dangerous(item));
    let Some(adapter) = world.adapters.named(adapter).filter(|_| safe) else { return Vec::new() };
    catch_unwind(AssertUnwindSafe(|| adapter.passages(&letter.bytes, 0))).unwrap_or_default()
}
