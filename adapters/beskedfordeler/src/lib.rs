//! KOMBIT's Beskedfordeler (SF1461): what the CPR register tells of citizens, and messages that it
//! carries for other systems.
//!
//! | in | what becomes of it |
//! |---|---|
//! | a registration of a person with a code that the table knows | `citizen.moved`, `citizen.died`, `citizen.protected` |
//! | a message whose `Beskeddata` is of another adapter's format | [carried](Adapter::carried): the hub hands it on |
//! | any other type of message | recorded, with what it was |
//! | no `Haendelsesbesked`, or a registration that says not about whom it is | refused |
//!
//! A `Haendelsesbesked` comes bare, or in a `ModtagBeskedInput`. Elements are found by namespace
//! and local name: senders differ in their prefixes.
//!
//! | module | what |
//! |---|---|
//! | `envelope` | the message and its parts |
//! | `name` | KOMBIT's ids: UUIDs that may be none, and URNs in several spellings |
//! | `moment` | times, with or without a zone |
//! | `codes` | which code means what, from when |
//! | `payload` | what `Beskeddata` holds |
//! | `person` | from a registration to an event |
//! | `refusal` | the sentences of refusals and remarks |

mod codes;
mod envelope;
mod moment;
mod name;
mod payload;
mod person;
mod refusal;

use std::sync::Arc;

use budstikke_contract::adapter::{Adapter, Item, ItemBody, Raw, Translated};
use budstikke_contract::reason::Reason;
use budstikke_strict_xml::{Document, Limits};

use crate::codes::{Codes, Role};
use crate::envelope::{Message, Registration};

pub use codes::{Fault, SHIPPED};
pub use refusal::CODES;

/// The adapter for KOMBIT's Beskedfordeler.
#[derive(Debug, Clone)]
pub struct Beskedfordeler {
    codes: Arc<Codes>,
}

impl Default for Beskedfordeler {
    /// With the codes that are shipped.
    fn default() -> Self {
        Self { codes: Arc::new(Codes::shipped()) }
    }
}

impl Beskedfordeler {
    /// With the codes of `table` beside those that are shipped, and in their place where it has the
    /// same code. `table` is JSON, as [`SHIPPED`] is.
    ///
    /// # Errors
    /// What is wrong with the table.
    pub fn with_codes(table: &str) -> Result<Self, Fault> {
        Ok(Self { codes: Arc::new(Codes::shipped().and(table)?) })
    }
}

impl Adapter for Beskedfordeler {
    fn name(&self) -> &'static str {
        "beskedfordeler"
    }

    fn media_type(&self) -> &'static str {
        "application/xml"
    }

    fn translate(&self, raw: &Raw<'_>) -> Translated {
        let items = match Document::read(raw.body, &Limits::default()) {
            Ok(document) => match Message::of(&document) {
                Ok(message) => self.read(&message, raw),
                Err(reason) => vec![unread(raw.body, reason)],
            },
            Err(fault) => vec![unread(raw.body, refusal::xml(&fault))],
        };
        Translated { transport: None, items, answer: None }
    }

    fn carried(&self, body: &[u8]) -> Option<Vec<u8>> {
        let document = Document::read(body, &Limits::default()).ok()?;
        let message = Message::of(&document).ok()?;
        match payload::of(&message).ok()?.as_mut_slice() {
            [only] => Some(std::mem::take(only)),
            _ => None,
        }
    }

    fn recognises(&self, body: &[u8]) -> bool {
        Document::read(body, &Limits::default()).is_ok_and(|document| envelope::is_ours(document.root()))
    }

    /// A message with several registrations is about several people; it has no part that is about
    /// one of them alone.
    fn alone(&self, _body: &[u8], _index: usize) -> Option<Vec<u8>> {
        None
    }
}

impl Beskedfordeler {
    /// The items of a message.
    fn read(&self, message: &Message<'_>, raw: &Raw<'_>) -> Vec<Item> {
        let day = message.day(raw.received);
        let kind = self.codes.find(Role::Message, &message.kind, day);
        let read_on = kind.is_none_or(|kind| kind.reads);
        let registrations: &[Registration<'_>] = if read_on { &message.registrations } else { &[] };
        let told: Vec<_> = registrations.iter().map(|it| self.codes.first(&it.codes, day)).collect();
        let concerns_citizens = told.iter().any(|code| code.is_some_and(|code| code.becomes.is_some()));
        if !concerns_citizens {
            let body = match payload::of(message) {
                Err(reason) if kind.is_none() => ItemBody::Refused(reason),
                Ok(payloads) if kind.is_none() && payloads.len() > 1 => ItemBody::Refused(refusal::several_payloads()),
                _ => ItemBody::Record { what: what(message, kind.map(|it| it.means.as_str()), &told) },
            };
            return vec![message.item(None, body)];
        }
        let several = registrations.len() > 1;
        let read = |(index, (registration, code)): (usize, (&Registration<'_>, Option<&codes::Code>))| {
            let index = several.then_some(index);
            let body = match code {
                Some(code) if code.becomes.is_some() => {
                    person::event(message, (index, registration), code, raw.received)
                }
                _ => ItemBody::Record { what: what(message, Some("CPR-hændelse"), &[code]) },
            };
            message.item(index, body)
        };
        registrations.iter().zip(told.iter().copied()).enumerate().map(read).collect()
    }
}

/// What a message was that is only kept. What stands in parentheses is its sender's own code.
fn what(message: &Message<'_>, means: Option<&str>, told: &[Option<&codes::Code>]) -> String {
    let known = told.iter().flatten().next();
    match (means, known) {
        (Some(means), Some(known)) => format!("{means} {}", known.means),
        (None, Some(known)) => known.means.clone(),
        (means, None) => {
            let code = message.registrations.iter().flat_map(|it| &it.codes).find_map(|code| code.event_number());
            match (means, code, message.kind.uuid()) {
                (Some(means), Some(code), _) => format!("{means} ({code})"),
                (Some(means), None, _) => means.to_owned(),
                (None, Some(code), _) => format!("CPR-hændelse ({code})"),
                (None, None, Some(uuid)) => format!("Ukendt beskedtype ({uuid})"),
                (None, None, None) => "Ukendt beskedtype".to_owned(),
            }
        }
    }
}

/// Bytes that are no message.
fn unread(content: &[u8], reason: Reason) -> Item {
    Item { key: None, content: content.to_owned(), body: ItemBody::Refused(reason) }
}
