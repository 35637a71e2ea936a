//! The trait between the hub and a system's wire format.
//!
//! An adapter knows one format and nothing else: no clock, no network, no ledger. It turns bytes
//! into [`Item`]s, says how the system would be answered, and never guesses: what it does not
//! know is [refused](ItemBody::Refused) with a reason.

use std::fmt;

use jiff::Timestamp;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::event::{EventKind, Occurred, SourcePath, WireId};
use crate::id::CaseKey;
use crate::kle::Kle;
use crate::law::LawRef;
use crate::municipality::{Gln, MunicipalityCode};
use crate::person::{Citizen, printable, shows_cpr};
use crate::reason::{Reason, Remark};

/// One system's wire format.
pub trait Adapter: fmt::Debug + Send + Sync {
    /// The name of the source and of its queue: `rehab-plan` is fed from `in.rehab-plan`.
    fn name(&self) -> &'static str;

    /// The media type of its messages, for receivers that get the original.
    fn media_type(&self) -> &'static str;

    /// Reads one message. Total: whatever the bytes are, the answer says what became of them.
    fn translate(&self, raw: &Raw<'_>) -> Translated;

    /// What must be fetched before `raw` can be read: a thin event tells that something has changed,
    /// and not what. `None` where a message has all its content, or nothing can be fetched for it.
    /// Without the content [`translate`](Self::translate) refuses such a message.
    fn wanted(&self, _raw: &Raw<'_>) -> Option<Wanted> {
        None
    }

    /// Reads a message together with what was fetched for it. The items have the keys and the
    /// content of the message as it came, so that a repeat is known whatever is fetched for it then.
    /// Only where the message does not tell itself from the next one about the same thing does what
    /// was fetched name it: the same twice is then one.
    fn complete(&self, raw: &Raw<'_>, _fetched: &[u8]) -> Translated {
        self.translate(raw)
    }

    /// A message with only the item at `index` in it. Where several came in one message, it is what
    /// the receivers of that one get as the original; `None` where that cannot be had, and they
    /// then get none.
    fn alone(&self, _body: &[u8], _index: usize) -> Option<Vec<u8>> {
        None
    }

    /// What the item at `index` says in its sender's own words beside what is in the event's data, for
    /// people who read it, in the order in which they do. Nothing where the data say it all.
    fn passages(&self, _body: &[u8], _index: usize) -> Vec<Passage> {
        Vec::new()
    }

    /// The message that this one only carries, whole, where it carries one: what it is and where it
    /// goes is then for the adapter that [recognises](Self::recognises) it. A message that is
    /// carried carries no further one.
    fn carried(&self, _body: &[u8]) -> Option<Vec<u8>> {
        None
    }

    /// Whether `body`, which another source's message carried or a file holds, is of this adapter's
    /// format. Bytes of the format with a fault in them are.
    fn recognises(&self, _body: &[u8]) -> bool {
        false
    }

    /// The same answer once more, for a sender that repeats its message because the first answer
    /// was lost: same content, and a new transport envelope where the protocol has one.
    /// `reply` is the body that was sent the first time, `repeat` counts from 1.
    fn repeat_reply(&self, reply: &[u8], _repeat: u32, _at: Timestamp) -> Vec<u8> {
        reply.to_vec()
    }
}

/// A piece of a message, for people. Personal.
#[derive(Clone, PartialEq, Eq)]
pub struct Passage {
    /// What it is about, in Danish.
    pub title: String,
    /// What it says.
    pub text: String,
}

impl fmt::Debug for Passage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Passage({}, {} bytes)", self.title, self.text.len())
    }
}

/// A message as it came off the queue.
#[derive(Clone, Copy)]
pub struct Raw<'a> {
    /// The bytes.
    pub body: &'a [u8],
    /// When the hub took it.
    pub received: Timestamp,
}

impl fmt::Debug for Raw<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Raw({} bytes, {})", self.body.len(), self.received)
    }
}

/// Content that a message names and does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    entity: String,
    id: Uuid,
}

impl Wanted {
    /// The thing of that kind (1 to 64 ASCII letters and digits, to stand in an address) and that
    /// id (a UUID, with or without braces).
    pub fn new(entity: &str, id: &str) -> Option<Self> {
        let good = (1..=64).contains(&entity.len()) && entity.bytes().all(|b| b.is_ascii_alphanumeric());
        let id = Uuid::try_parse(id).ok()?;
        (good && !shows_cpr(entity)).then(|| Self { entity: entity.to_owned(), id })
    }

    /// What kind of thing, as its system calls it: `Fravaer`.
    pub fn entity(&self) -> &str {
        &self.entity
    }

    /// Which one.
    pub fn id(&self) -> Uuid {
        self.id
    }
}

/// What an adapter read.
#[derive(Debug)]
pub struct Translated {
    /// How the sender and the network name this transmission, where they do.
    pub transport: Option<Transport>,
    /// The letters or events in it, in their order. Never empty: bytes that cannot be read are one
    /// refused item.
    pub items: Vec<Item>,
    /// How to answer the sender; `None` where the protocol has no answer, or none is possible.
    pub answer: Option<Box<dyn Answer>>,
}

/// The names of a transmission, for the table of duplicates (MedCom, `formats/medcom.md` 2.2).
#[derive(Clone, PartialEq, Eq)]
pub struct Transport {
    /// The envelope's id, with what makes it unique (the sender). New on each resend.
    pub envelope: String,
    /// The message's id inside the envelope, where the protocol has one apart from the letters'
    /// own ids (VANS: `MetaInformation/Identifier`). Kept on a resend of unchanged content.
    pub message: Option<String>,
    /// What `message` stands for. The same id over other bytes is a reused id.
    pub content: Vec<u8>,
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport")
            .field("envelope", &printable(&self.envelope))
            .field("message", &self.message.as_deref().map(printable))
            .finish_non_exhaustive()
    }
}

/// One letter of a message, or one event.
pub struct Item {
    /// What its source calls it, with what makes that unique. The same key is the same thing.
    /// `None` where not even that could be read; the same bytes are then the same thing.
    pub key: Option<String>,
    /// What the source sends under that key. The same key over other bytes is a reused id.
    pub content: Vec<u8>,
    /// What it was.
    pub body: ItemBody,
}

impl fmt::Debug for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Item")
            .field("key", &self.key.as_deref().map(printable))
            .field("content", &format_args!("{} bytes", self.content.len()))
            .field("body", &self.body)
            .finish()
    }
}

/// What an item was.
#[derive(Debug)]
pub enum ItemBody {
    /// Something that happened, to be routed.
    Event(Box<Draft>),
    /// Something to keep and never to answer: a receipt for what we sent.
    Record {
        /// What it was, for the people who look at it: `XCTL03`. It is counted by this word; what
        /// stands behind it in parentheses is the sender's own and is not counted by.
        what: String,
    },
    /// Something that cannot be read, or of a kind that is not carried.
    Refused(Reason),
}

/// An event as the adapter sees it: all but what only the hub knows (the case it belongs to, and
/// what it follows).
#[derive(Clone)]
pub struct Draft {
    /// What happened.
    pub kind: EventKind,
    /// Who says so.
    pub source: SourcePath,
    /// The sender's own id of the event, where it has given one.
    pub id: Option<WireId>,
    /// When it was said.
    pub time: Timestamp,
    /// When it happened, where that differs.
    pub occurred: Option<Occurred>,
    /// The law it falls under, where the message says so.
    pub law: Option<LawRef>,
    /// Its subject in KL's classification, where the message says so.
    pub kle: Option<Kle>,
    /// Where the citizen lives, as the message says it.
    pub residence: Option<MunicipalityCode>,
    /// The case it belongs to, or what to find it by.
    pub case: CaseClue,
    /// The citizen it is about, for the keyed look-up.
    pub citizen: Option<Citizen>,
    /// What ties a request and its answer together.
    pub correlation: Option<WireId>,
    /// The event that this one answers or follows.
    pub causation: Option<WireId>,
    /// The event's own content, by its JSON Schema.
    pub data: Map<String, Value>,
    /// What the receiver should know about it.
    pub remarks: Vec<Remark>,
}

impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Draft")
            .field("kind", &self.kind)
            .field("source", &self.source)
            .field("case", &self.case)
            .finish_non_exhaustive()
    }
}

/// How a message says which case it belongs to.
#[derive(Clone, PartialEq, Eq)]
pub enum CaseClue {
    /// It echoes the key.
    Key(CaseKey),
    /// It does not: the key is derived from the source's own words, or found by likeness.
    Derived {
        /// The area of the key: `rehab`.
        area: &'static str,
        /// The episode-of-care id, where there is one. It names the case by itself.
        episode: Option<String>,
        /// Else the first letter's id, or the source's case id.
        first: String,
        /// Texts by each of which an earlier event of the same case can be known (sender, citizen
        /// and contact start together, say). Personal: they are only ever hashed with a key.
        likeness: Vec<String>,
        /// A weaker likeness (sender and citizen), by which a correction that says no more finds
        /// what it corrects, and only where that is one case. Personal in the same way.
        trail: Option<String>,
    },
    /// It does not, and its source has no word for one. It is its own case.
    None,
}

impl fmt::Debug for CaseClue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => write!(f, "Key({key})"),
            Self::Derived { area, episode, likeness, .. } => {
                write!(f, "Derived({area}, episode: {}, likeness: {})", episode.is_some(), likeness.len())
            }
            Self::None => f.write_str("None"),
        }
    }
}

/// How to answer the sender of one message, kept from when it was read.
pub trait Answer: fmt::Debug + Send + Sync {
    /// The answers, in the system's own format, once the fate of each item is known (one per item,
    /// in the items' order). `at` is when the hub decided; the same input gives the same bytes.
    fn replies(&self, fates: &[Fate], at: Timestamp) -> Vec<Reply>;
}

/// What became of an item, as far as its sender must know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// We have it: routed, recorded, waiting, or parked with us.
    Held,
    /// It is not for us: the receiver's municipality is in no agreement. It is kept for a person,
    /// and the sender must not believe that someone has it.
    Misaddressed(Reason),
    /// It cannot be read, or is of a kind that is not carried.
    Refused(Reason),
    /// It was answered before, and that answer was sent again: nothing more is said about it now.
    Answered,
}

/// One answer, ready to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    /// Whom it goes to.
    pub to: Gln,
    /// What it is in the system's own words: `XCTL03`, `PositiveMessage`.
    pub kind: &'static str,
    /// Why it is negative, in the system's own code: `problem_med_version`.
    pub code: Option<&'static str>,
    /// Its media type.
    pub media_type: &'static str,
    /// The bytes.
    pub body: Vec<u8>,
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reply({} to {}, {} bytes)", self.kind, self.to, self.body.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wanted_can_stand_in_an_address() {
        let id = "6FB927DA-3be1-4b9f-8875-a6326617d20b";
        let wanted = Wanted::new("Fravaer", id).unwrap();
        assert_eq!((wanted.entity(), wanted.id().to_string()), ("Fravaer", id.to_lowercase()));
        for entity in ["", "a/b", "..", "Fravær", "a b", "2512489996", &"a".repeat(65)] {
            assert_eq!(Wanted::new(entity, id), None, "{entity}");
        }
        assert_eq!(Wanted::new("Fravaer", "2512489996"), None);
    }
}
