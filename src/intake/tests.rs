//! The flow without a broker: messages in, and what the ledger then holds.

mod answers;
mod asking;
mod calendar;
pub(crate) mod carried;
mod cases;
mod citizens;
mod cura;
mod duties;
mod edits;
mod events;
mod lists;
mod momentum;
mod people_act;
mod raised;
mod smdb;
mod tasks;

use std::collections::BTreeMap;

use budstikke_testkit::plans::{Message, Plan};
use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::World;
use super::prepare::{self, Incoming};
use super::record::{self, Taken};
use crate::adapters::Registry;
use crate::agreement::Book;
use crate::agreement::tests::shipped;
use crate::clock::Clock;
use crate::ledger::trace::{EventStory, Story};
use crate::ledger::{self, Error, Tx};

pub(crate) fn world() -> World {
    World::new(Book::read(&shipped()).unwrap(), Registry::default(), BTreeMap::new())
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// When the tests happen, unless they say otherwise.
pub(crate) const NOW: &str = "2026-11-22T10:00:00Z";

/// A transaction on an empty ledger, undone at the end.
pub(crate) fn on_a_ledger(work: impl FnOnce(&mut Desk<'_, '_>) -> Result<(), Error>) {
    on_a_ledger_in(&world(), work);
}

/// The same in a world of the test's own.
pub(crate) fn on_a_ledger_in(world: &World, work: impl FnOnce(&mut Desk<'_, '_>) -> Result<(), Error>) {
    let clock = Clock::starting_at(at(NOW));
    ledger::try_out(None, &clock, |tx| {
        let mut desk = Desk { tx, world, received: at(NOW) };
        work(&mut desk)?;
        desk.tx.add_up()?;
        let balance = desk.tx.reader().balance()?;
        assert!(balance.balanced(), "{balance:?}");
        let report = desk.tx.reader().verify(None)?;
        assert!(report.is_good(), "{report:?}");
        Ok(())
    })
    .unwrap();
}

/// A ledger to put messages on.
pub(crate) struct Desk<'a, 'b> {
    pub(crate) tx: &'a mut Tx<'b>,
    pub(crate) world: &'a World,
    pub(crate) received: Timestamp,
}

impl Desk<'_, '_> {
    pub(crate) fn incoming(&self, source: &str, body: impl Into<Bytes>) -> Incoming {
        Incoming {
            source: source.to_owned(),
            media_type: None,
            sender_user: None,
            reply_to: None,
            redelivered: false,
            received: self.received,
            body: body.into(),
        }
    }

    pub(crate) fn take(&mut self, message: Incoming) -> Result<Vec<Taken>, Error> {
        let prepared = prepare::prepare(self.world, message).unwrap();
        record::record(self.tx, self.world, &prepared)
    }

    /// Takes letters of a hospital's.
    pub(crate) fn letter(&mut self, message: &Message) -> Result<Vec<Taken>, Error> {
        let message = self.incoming("rehab-plan", message.bytes());
        self.take(message)
    }

    /// Takes one plan in an envelope of its own.
    pub(crate) fn plan(&mut self, plan: Plan) -> Result<Taken, Error> {
        let number = self.tx.reader().last_item()? + 1;
        Ok(self.letter(&Message::new(format!("KUVERT{number:06}")).plan(plan))?.remove(0))
    }

    /// Takes a canonical event.
    pub(crate) fn event(&mut self, event: &Value) -> Result<Taken, Error> {
        let message = self.incoming("events", event.to_string());
        Ok(self.take(message)?.remove(0))
    }

    pub(crate) fn story(&mut self, item: i64) -> Result<Story, Error> {
        self.tx.reader().story(item)
    }

    /// The event that an item became.
    pub(crate) fn routed(&mut self, taken: &Taken) -> Result<EventStory, Error> {
        Ok(self.story(taken.item)?.event.unwrap_or_else(|| panic!("not routed: {taken:?}")))
    }

    /// `kind code` of each answer to an item's message, those that were repeated more than once.
    pub(crate) fn answers(&mut self, item: i64) -> Result<Vec<String>, Error> {
        let story = self.story(item)?;
        let one = |reply: &crate::ledger::reply::StoredReply| match &reply.code {
            Some(code) => format!("{} {code}", reply.kind),
            None => reply.kind.clone(),
        };
        Ok(story.answers.iter().map(|(reply, _)| one(reply)).collect())
    }
}

/// Who gets an event: `mailbox as capacity`.
pub(crate) fn told(event: &EventStory) -> Vec<String> {
    let one = |it: &crate::ledger::trace::DeliveryStory| format!("{} {}", it.delivery.mailbox, it.delivery.capacity);
    event.deliveries.iter().map(one).collect()
}

pub(crate) fn code(taken: &Taken) -> String {
    taken.reason.as_ref().map(|reason| reason.code.to_string()).unwrap_or_default()
}

/// A canonical event of a case.
#[expect(clippy::needless_pass_by_value, reason = "it is written where it is used")]
pub(crate) fn canonical(kind: &str, id: &str, source: &str, case: &str, data: Value) -> Value {
    json!({
        "specversion": "1.0",
        "id": id,
        "source": source,
        "type": format!("dk.budstikke.{kind}.v1"),
        "time": NOW,
        "subject": case,
        "data": data,
    })
}
