//! Every id the hub makes is a name-based UUID (version 5) of what it stands for: the same input
//! gives the same id on every node and after every crash, so a step that runs twice writes once.

use std::fmt;
use std::marker::PhantomData;

use serde::{Deserialize, Serialize};
use uuid::{Uuid, uuid};

use crate::event::SourcePath;

/// The namespace of all ids made here. Never change it: ids already sent would change with it.
const NAMESPACE: Uuid = uuid!("5d1a3c52-6a0e-5f6b-9d0c-1c5b0a7d2e51");

/// A UUIDv5 over a kind and its parts. Each part is written with its length, so that
/// `("a", "bc")` and `("ab", "c")` differ.
fn named(kind: &str, parts: &[&str]) -> Uuid {
    let mut name = String::from(kind);
    for part in parts {
        name.push('\n');
        name.push_str(&part.len().to_string());
        name.push(':');
        name.push_str(part);
    }
    Uuid::new_v5(&NAMESPACE, name.as_bytes())
}

/// An id of one kind of thing. The kinds cannot be mixed up: an [`EventId`] is no [`DeliveryId`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent, bound = "")]
pub struct Id<K> {
    uuid: Uuid,
    #[serde(skip)]
    kind: PhantomData<K>,
}

/// The kinds of things that have ids.
pub mod kind {
    /// See [`super::EventId`].
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Event {}
    /// See [`super::DeliveryId`].
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Delivery {}
    /// See [`super::DutyId`].
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Duty {}
    /// See [`super::ReplyId`].
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Reply {}
}

/// One event, whatever id its sender gave it.
pub type EventId = Id<kind::Event>;
/// One event to one mailbox on one channel. Travels as `message_id` and `Idempotency-Key`, so that
/// a receiver can drop a repeat.
pub type DeliveryId = Id<kind::Delivery>;
/// One thing that a party owes.
pub type DutyId = Id<kind::Duty>;
/// One answer to a sender in its own protocol.
pub type ReplyId = Id<kind::Reply>;

impl<K> Id<K> {
    const fn new(uuid: Uuid) -> Self {
        Self { uuid, kind: PhantomData }
    }

    /// Reads back an id that was stored as its sixteen bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self::new(Uuid::from_bytes(bytes))
    }

    /// The sixteen bytes to store.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.uuid.as_bytes()
    }

    /// Reads an id as a person types it; `None` where it is no UUID.
    pub fn parse(text: &str) -> Option<Self> {
        Uuid::try_parse(text).ok().map(Self::new)
    }
}

impl<K> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.uuid, f)
    }
}

impl<K> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.uuid, f)
    }
}

impl EventId {
    /// The event at place `index` of one message of a source. What a source calls its message is
    /// the adapter's to say ([`crate::adapter::Item::key`]).
    pub fn derive(source: &SourcePath, message: &str, index: u32) -> Self {
        Self::new(named("event", &[source.as_str(), message, &index.to_string()]))
    }

    /// An event that the hub itself makes because of another one: a reminder, an overdue notice.
    /// `occasion` says which (`overdue`), `round` counts where it can come again.
    pub fn of_hub(occasion: &str, about: &str, round: u32) -> Self {
        Self::new(named("hub-event", &[occasion, about, &round.to_string()]))
    }
}

impl DeliveryId {
    /// The delivery of `event` to `mailbox` on `channel`. A renamed rule changes nothing.
    pub fn derive(event: EventId, mailbox: &str, channel: &str) -> Self {
        Self::new(named("delivery", &[&event.to_string(), mailbox, channel]))
    }
}

impl DutyId {
    /// The duty named `duty` in the agreement that `event` opened for `owed_by`.
    pub fn derive(event: EventId, duty: &str, owed_by: &str) -> Self {
        Self::new(named("duty", &[&event.to_string(), duty, owed_by]))
    }
}

impl ReplyId {
    /// The `index`th answer to one message; `repeat` is 0 the first time and counts the times the
    /// same answer was asked for again.
    pub fn derive(source: &str, message: &str, index: u32, repeat: u32) -> Self {
        let (index, repeat) = (index.to_string(), repeat.to_string());
        Self::new(named("reply", &[source, message, &index, &repeat]))
    }
}

/// The length of a hyphenated UUID.
const UUID_CHARS: usize = 36;

/// The key of a case: what ties the messages of one course together. `<area>-<uuid>`, never made
/// from a CPR number. CloudEvents carries it as `subject`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CaseKey(String);

impl CaseKey {
    /// A case that a source knows by `clue`: the episode-of-care id, else the first letter's id,
    /// else the source's own case id.
    pub fn derive(area: &str, source: &SourcePath, clue: &str) -> Self {
        Self(format!("{area}-{}", named("case", &[area, source.as_str(), clue])))
    }

    /// Reads a key as a sender echoes it: `<area>-<uuid>`, the area in lower-case letters (a
    /// hyphen may stand in it: `file-access`).
    pub fn parse(text: &str) -> Option<Self> {
        let (area, id) = text.split_at_checked(text.len().checked_sub(UUID_CHARS)?)?;
        let area = area.strip_suffix('-')?;
        let is_word = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
        let uuid = Uuid::try_parse(id).ok()?;
        area.split('-').all(is_word).then(|| Self(format!("{area}-{uuid}")))
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CaseKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for CaseKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> SourcePath {
        SourcePath::parse(text).unwrap()
    }

    #[test]
    fn same_input_same_id_and_parts_do_not_run_together() {
        let a = EventId::derive(&source("/hospital/5790000000005"), "abc", 0);
        assert_eq!(a, EventId::derive(&source("/hospital/5790000000005"), "abc", 0));
        assert_ne!(a, EventId::derive(&source("/hospital/5790000000005"), "abc", 1));
        assert_ne!(DeliveryId::derive(a, "dragoer/ydelse", "amqp"), DeliveryId::derive(a, "dragoer/ydelsea", "mqp"),);
    }

    #[test]
    fn a_case_key_reads_back_and_nothing_else_does() {
        let key = CaseKey::derive("rehab", &source("/hospital/5790000000005"), "episode");
        assert_eq!(CaseKey::parse(key.as_str()), Some(key));
        for bad in ["", "rehab", "rehab-", "rehab-0101901234", "REHAB-6f0b", "-6fb927da-3be1-4b9f-8875-a6326617d20b"] {
            assert_eq!(CaseKey::parse(bad), None, "{bad}");
        }
    }
}
