//! DFDG's thin events: something has changed, and its content must be fetched. A webhook sends them
//! with the members `EntitetNavn`, `EntitetId`, `EksternIdentifier`, `IdentifikationstypeId` and
//! `Aendringstype`, and usually nothing else.
//!
//! `EntitetId` is never looked at: where `IdentifikationstypeId` is 1 it is a CPR number. Members
//! that are not known are let be, because the format is not ours.

use std::fmt;

use budstikke_contract::adapter::Wanted;
use budstikke_contract::members;
use budstikke_contract::reason::Reason;
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::message::{EXTERNAL, Message};
use crate::refusal;

const ENTITY: &str = "EntitetNavn";
const ID: &str = "EksternIdentifier";
const CHANGE: &str = "Aendringstype";
/// When it changed. DFDG has no such member; who puts the event on the queue adds it.
const TIME: &str = "Tidspunkt";

/// A thin event.
pub(crate) struct Thin {
    wanted: Wanted,
    change: Change,
    /// When it changed, where it says so.
    at: Option<Timestamp>,
}

/// What became of the thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Created,
    Updated,
    Deleted,
}

impl Change {
    fn read(value: &Value) -> Option<Self> {
        match value.as_u64()? {
            1 => Some(Self::Created),
            2 => Some(Self::Updated),
            3 => Some(Self::Deleted),
            _ => None,
        }
    }

    fn number(self) -> u8 {
        match self {
            Self::Created => 1,
            Self::Updated => 2,
            Self::Deleted => 3,
        }
    }
}

/// Whether bytes can hold a thin event at all, so that nothing else is read twice.
pub(crate) fn may_be_in(body: &[u8]) -> bool {
    let name = ENTITY.as_bytes().get(1..).unwrap_or_default();
    body.windows(name.len()).any(|window| window == name)
}

/// Whether an object is a thin event.
pub(crate) fn is(object: &Map<String, Value>) -> bool {
    member(object, ENTITY).is_some()
}

/// A member, with the first letter large as DFDG writes it, or small as many webhooks send it.
fn member<'m>(object: &'m Map<String, Value>, name: &str) -> Option<&'m Value> {
    let mut small = name.to_owned();
    if let Some(first) = small.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    object.get(name).or_else(|| object.get(&small)).filter(|value| !value.is_null())
}

impl Thin {
    /// Reads a thin event.
    pub(crate) fn read(object: &Map<String, Value>) -> Result<Self, Reason> {
        let path = |name: &str| format!("$.{name}");
        let need = |name: &str| member(object, name).ok_or_else(|| members::missing(name, path(name)));
        let entity = need(ENTITY)?.as_str().filter(|entity| Wanted::new(entity, NOBODY).is_some());
        let entity = entity.ok_or_else(|| members::invalid(ENTITY, "1-64 bogstaver og cifre", path(ENTITY)))?;
        let wanted = need(ID)?.as_str().and_then(|id| Wanted::new(entity, id));
        let wanted = wanted.ok_or_else(|| members::invalid(ID, "en guid", path(ID)))?;
        let change = Change::read(need(CHANGE)?);
        let change = change.ok_or_else(|| members::invalid(CHANGE, "1, 2 eller 3", path(CHANGE)))?;
        let at = member(object, TIME).map(|value| {
            let at = value.as_str().and_then(|text| text.parse().ok());
            at.ok_or_else(|| members::invalid(TIME, "et tidspunkt med tidszone", path(TIME)))
        });
        Ok(Self { wanted, change, at: at.transpose()? })
    }

    /// What names it: the thing, the change, and when. Where no time is told, a thing is created and
    /// deleted once; of a change, each that comes is another one until its content tells which it is.
    pub(crate) fn key(&self, received: Timestamp) -> String {
        let at = self.at.or_else(|| self.is_unnamed().then_some(received));
        self.named(at.as_ref())
    }

    /// What names it together with the message that was fetched for it.
    pub(crate) fn key_with(&self, message: &Message, received: Timestamp) -> String {
        if self.is_unnamed() {
            return self.named(Some(&message.name()));
        }
        self.key(received)
    }

    /// Whether nothing in it tells it from the next change of the same thing.
    fn is_unnamed(&self) -> bool {
        self.change == Change::Updated && self.at.is_none()
    }

    fn named(&self, which: Option<&impl fmt::Display>) -> String {
        let (id, change) = (self.wanted.id(), self.change.number());
        which.map_or_else(|| format!("dfdg {id} {change}"), |which| format!("dfdg {id} {change} {which}"))
    }

    /// Holds what was fetched to what was asked for.
    pub(crate) fn check(&self, message: Message) -> Result<Message, Reason> {
        let path = || format!("$.{EXTERNAL}");
        match message.external {
            Some(id) if id == self.wanted.id() => Ok(message),
            Some(_) => Err(refusal::fetched_another(path())),
            None => Err(refusal::fetched_unnamed(path())),
        }
    }

    /// What to fetch; nothing where the thing is gone.
    pub(crate) fn wanted(self) -> Option<Wanted> {
        (self.change != Change::Deleted).then_some(self.wanted)
    }

    /// Why it is refused where nothing was fetched.
    pub(crate) fn without_content(&self, is_alone: bool) -> Reason {
        match self.change {
            Change::Deleted => refusal::content_deleted(),
            Change::Created | Change::Updated if is_alone => refusal::content_needed(),
            Change::Created | Change::Updated => refusal::content_not_alone(),
        }
    }
}

/// An id that fits, to try an entity's name with.
const NOBODY: &str = "00000000-0000-0000-0000-000000000000";
