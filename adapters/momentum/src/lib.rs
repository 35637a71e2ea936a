//! KMD Momentum: what Jobcenter Tårnby tells of employment, benefit and integration (S4), and what
//! comes back.
//!
//! Momentum has no public format for events. What is read here is a JSON contract of our own in the
//! words of Momentum's API: `contract.v1.json` is its JSON Schema, and `README.md` says what is
//! whose. A message is one event or a list of them, each an item.
//!
//! Beside it, DFDG's thin events are recognised: they say that something has changed and not what.
//! Without the content such a message is refused; [`Adapter::wanted`] says what to fetch, and
//! [`Adapter::complete`] reads what was fetched, which is one message of the contract.
//!
//! | module | what |
//! |---|---|
//! | `message` | what every message says, made an event |
//! | `event_type` | the types of events, and what each must and may say |
//! | `details` | what a type has of its own |
//! | `target_group`, `codes` | who helps the citizen; the tables of codes with their days |
//! | `thin` | DFDG's thin events |
//! | `fields`, `id` | reading of objects and ids |
//! | `refusal` | the codes and the sentences that go with them |
//!
//! # Decisions
//! - A message is known by its `source` and `messageId`, a thin event by guid, change and time, also
//!   when its content has been fetched. A change without a time is known by the message that is
//!   fetched for it, so that it may come again and is one.
//! - What is fetched must name the guid that was asked for: anything else could be about anybody.
//! - A field that the contract does not have is a fault: a misspelt end date would make a course
//!   open, and a benefit team would act on it.
//! - What a code stands for is looked up for the day it happened, in tables. A target group that
//!   only the benefit tells apart must name the benefit.
//! - For a grant the day it happened is the first day of its period; `occurredAt` counts for the
//!   rest.

mod codes;
mod details;
mod event_type;
mod id;
mod message;
mod refusal;
mod target_group;
mod thin;

use budstikke_contract::adapter::{Adapter, Item, ItemBody, Raw, Translated, Wanted};
use budstikke_contract::reason::Reason;
use budstikke_contract::strict_json;
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::thin::Thin;

pub use refusal::CODES;

/// The most messages in one list.
const LIST: usize = 1000;

/// The adapter for KMD Momentum.
#[derive(Debug, Clone, Copy, Default)]
pub struct Momentum;

impl Adapter for Momentum {
    fn name(&self) -> &'static str {
        "momentum"
    }

    fn media_type(&self) -> &'static str {
        "application/json"
    }

    fn translate(&self, raw: &Raw<'_>) -> Translated {
        translated(match strict_json::parse(raw.body) {
            Ok(Value::Object(object)) => vec![item(object, raw.received, true)],
            Ok(Value::Array(list)) if (1..=LIST).contains(&list.len()) => {
                list.into_iter().enumerate().map(|(at, value)| listed(value, at, raw.received)).collect()
            }
            Ok(Value::Array(_)) => vec![unread(raw.body.to_vec(), refusal::list_size(LIST))],
            Ok(_) => vec![unread(raw.body.to_vec(), refusal::no_message())],
            Err(fault) => vec![unread(raw.body.to_vec(), refusal::json(&fault))],
        })
    }

    fn wanted(&self, raw: &Raw<'_>) -> Option<Wanted> {
        thin_event(raw.body)?.1.wanted()
    }

    fn complete(&self, raw: &Raw<'_>, fetched: &[u8]) -> Translated {
        let Some((content, thin)) = thin_event(raw.body) else { return self.translate(raw) };
        let message = match strict_json::parse(fetched) {
            Ok(Value::Object(object)) if !thin::is(&object) => message::read(object),
            Ok(_) => Err(refusal::fetched_not_one()),
            Err(fault) => Err(refusal::json(&fault)),
        };
        let item = match message.and_then(|message| thin.check(message)) {
            Ok(message) => {
                let key = Some(thin.key_with(&message, raw.received));
                Item { key, content, body: ItemBody::Event(Box::new(message.draft)) }
            }
            Err(reason) => Item { key: Some(thin.key(raw.received)), content, body: ItemBody::Refused(reason) },
        };
        translated(vec![item])
    }

    fn alone(&self, body: &[u8], index: usize) -> Option<Vec<u8>> {
        let Ok(Value::Array(list)) = strict_json::parse(body) else { return None };
        list.get(index).map(|value| value.to_string().into_bytes())
    }

    fn recognises(&self, body: &[u8]) -> bool {
        match strict_json::parse(body) {
            Ok(Value::Object(object)) => is_ours(&object),
            Ok(Value::Array(list)) => list.iter().any(|value| value.as_object().is_some_and(is_ours)),
            Ok(_) | Err(_) => false,
        }
    }
}

/// Whether an object is a message of the contract or a thin event, whatever is wrong with it.
fn is_ours(object: &Map<String, Value>) -> bool {
    thin::is(object) || ["contractVersion", "eventType", "targetGroup"].iter().all(|name| object.contains_key(*name))
}

/// Momentum is not answered.
fn translated(items: Vec<Item>) -> Translated {
    Translated { transport: None, items, answer: None }
}

fn unread(content: Vec<u8>, reason: Reason) -> Item {
    Item { key: None, content, body: ItemBody::Refused(reason) }
}

/// A thin event and its content as an item has it.
fn thin_event(body: &[u8]) -> Option<(Vec<u8>, Thin)> {
    let parsed = thin::may_be_in(body).then(|| strict_json::parse(body))?;
    let Ok(Value::Object(object)) = parsed else { return None };
    let thin = Thin::read(&object).ok()?;
    Some((Value::Object(object).to_string().into_bytes(), thin))
}

/// A message of a list.
fn listed(value: Value, at: usize, received: Timestamp) -> Item {
    let Value::Object(object) = value else {
        return unread(value.to_string().into_bytes(), refusal::no_object(format!("$[{at}]")));
    };
    let mut item = item(object, received, false);
    if let ItemBody::Refused(Reason { path: Some(path), .. }) = &mut item.body {
        *path = path.replacen('$', &format!("$[{at}]"), 1);
    }
    item
}

/// A message. Its content is the JSON as we write it, so that the same message is the same alone, in
/// a list and with other spaces.
fn item(object: Map<String, Value>, received: Timestamp, is_alone: bool) -> Item {
    let content = Value::Object(object.clone()).to_string().into_bytes();
    if thin::is(&object) {
        return match Thin::read(&object) {
            Ok(thin) => {
                let body = ItemBody::Refused(thin.without_content(is_alone));
                Item { key: Some(thin.key(received)), content, body }
            }
            Err(reason) => unread(content, reason),
        };
    }
    match message::read(object) {
        Ok(message) => {
            let key = Some(message.name());
            Item { key, content, body: ItemBody::Event(Box::new(message.draft)) }
        }
        Err(reason) => unread(content, reason),
    }
}
