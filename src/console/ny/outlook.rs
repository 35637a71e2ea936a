//! Who gets a message and what comes to be owed, by which clause: before it is sent, and after. No
//! content.

use serde_json::Value;

use super::super::words;
use crate::agreement::model::MailboxId;
use crate::duty::Duty;
use crate::intake::World;
use crate::ledger::item::State;
use crate::ledger::trace::{DeliveryStory, EventStory, Story};

/// What became of a message, or would.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Outlook {
    pub(super) tone: &'static str,
    pub(super) outcome: &'static str,
    /// Why it does not go on, or why nobody gets it.
    pub(super) reason: Option<String>,
    /// Whether it goes on by itself.
    pub(super) goes_on: bool,
    pub(super) receivers: Vec<Receiver>,
    pub(super) duties: Vec<Owed>,
    /// The clauses that decided.
    pub(super) clauses: Vec<String>,
}

/// Somebody who gets it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Receiver {
    pub(super) name: String,
    pub(super) id: String,
    pub(super) capacity: &'static str,
    pub(super) clause: String,
    pub(super) state: &'static str,
}

/// What is owed because of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Owed {
    pub(super) by: String,
    pub(super) what: String,
    pub(super) due: String,
    pub(super) clause: String,
}

impl Outlook {
    /// Of a story.
    pub(super) fn of(story: &Story, world: &World) -> Self {
        let (tone, outcome, goes_on) = match story.item.state {
            State::Routed => ("god", "Sendes til modtagerne", true),
            State::Recorded => ("stille", "Noteres; efter aftalen skal ingen have den", true),
            State::Duplicate => ("stille", "Er sendt før", true),
            State::Waiting => ("obs", "Venter på noget andet i sagen, og går så videre af sig selv", true),
            State::Parked => ("fejl", "Kan ikke sendes", false),
            State::Discarded => ("stille", "Er kasseret", false),
        };
        let event = story.event.as_ref();
        let nobody = event.and_then(|event| event.decision.nobody.clone());
        let reason = story.item.reason.as_ref().map(|reason| reason.text.clone()).or(nobody);
        Self {
            tone,
            outcome,
            reason,
            goes_on,
            receivers: event.map_or_else(Vec::new, |event| receivers(event, world)),
            duties: event.map_or_else(Vec::new, |event| event.duties.iter().map(|duty| owed(duty, world)).collect()),
            clauses: event.map_or_else(Vec::new, clauses),
        }
    }
}

fn receivers(event: &EventStory, world: &World) -> Vec<Receiver> {
    let one = |story: &DeliveryStory| {
        let it = &story.delivery;
        let known = MailboxId::parse(&it.mailbox).and_then(|id| world.mailboxes.get(&id));
        let mut clauses: Vec<&str> = it.why.rules.iter().map(|(_, clause)| clause.as_str()).collect();
        clauses.dedup();
        Receiver {
            name: known.map_or_else(|| it.mailbox.clone(), |mailbox| mailbox.name.clone()),
            id: it.mailbox.clone(),
            capacity: words::capacity(&it.capacity),
            clause: clauses.join(", "),
            state: match it.state {
                crate::ledger::delivery::State::Delivered => "afleveret",
                crate::ledger::delivery::State::Waiting => "på vej",
                crate::ledger::delivery::State::Parked => "parkeret",
                crate::ledger::delivery::State::Discarded => "kasseret",
            },
        }
    };
    event.deliveries.iter().map(one).collect()
}

fn owed(duty: &Duty, world: &World) -> Owed {
    Owed {
        by: party(world, &duty.terms.owed_by),
        what: duty.terms.what.clone(),
        due: duty.due.date.map_or_else(|| "uden frist".to_owned(), words::day),
        clause: duty.terms.clause.clone(),
    }
}

/// A party's name for people.
fn party(world: &World, id: &str) -> String {
    let newest = world.book.newest();
    let found = newest.iter().find_map(|agreement| agreement.party(id));
    found.map_or_else(|| id.to_owned(), |party| party.name.clone())
}

/// The clauses by which it was decided, with their documents.
fn clauses(event: &EventStory) -> Vec<String> {
    let one = |rule: &Value| {
        let text = |name: &str| rule.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (clause, document) = (text("clause"), text("document"));
        if document.is_empty() { clause } else { format!("{clause} ({document})") }
    };
    let mut clauses: Vec<String> = event.decision.because.as_array().into_iter().flatten().map(one).collect();
    clauses.dedup();
    clauses
}
