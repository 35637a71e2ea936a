//! From bytes to items that are ready to be decided about. Pure, and total: whatever comes, the
//! answer says what it was.

use std::fmt;

use budstikke_contract::adapter::{Answer, Draft, ItemBody, Raw, Transport, Wanted};
use budstikke_contract::reason::{Code, Reason};
use budstikke_schemas::{Broken, Fault};
use bytes::Bytes;
use jiff::Timestamp;
use serde_json::Value;

use super::World;
use super::mark::Made;

/// The event's `data` breaks its schema.
pub const EVENT_SCHEMA: Code = Code::new("EVENT_SCHEMA");
/// The broker's user that sent it may not speak for the event's source.
pub const SENDER_MISMATCH: Code = Code::new("SENDER_MISMATCH");
/// Only the hub itself makes events of this kind.
pub const HUB_ONLY: Code = Code::new("HUB_ONLY");

/// The content of a thin event could not be fetched for so long that a person must look.
pub const FETCH_FAILED: Code = Code::new("FETCH_FAILED");

/// What came of fetching the content of a thin event, as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub enum Fetched {
    /// It has not been fetched.
    NotYet,
    /// This. Personal.
    Content(Vec<u8>),
    /// There is nothing to fetch.
    Nothing,
    /// Nobody answered, for as long as was asked.
    Silent,
}

impl fmt::Debug for Fetched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotYet => "NotYet",
            Self::Content(_) => "Content",
            Self::Nothing => "Nothing",
            Self::Silent => "Silent",
        })
    }
}
/// Who sent what the hub has fetched from somebody else's broker: that it came from there is known
/// by the connection. No user of a broker has this name; they are chosen by those who run it.
pub const FOREIGN: &str = "(fetched from its own broker)";

/// The source of what people raise in the console, and the last part of what their events come from:
/// `/dragoer/console`. Its messages come by no queue, and their sender is `dragoer/ydelse ida`: the
/// mailbox, and who worked in it.
pub const CONSOLE: &str = "console";

/// A message as it came off a queue, or out of a file.
#[derive(Clone)]
pub struct Incoming {
    /// The source: the queue's name without `in.`.
    pub source: String,
    /// Its media type, where the sender gave one.
    pub media_type: Option<String>,
    /// The broker's user that sent it, where the broker says.
    pub sender_user: Option<String>,
    /// Where the sender wants to hear what became of it.
    pub reply_to: Option<String>,
    /// Whether the broker has handed it out before.
    pub redelivered: bool,
    /// When it was taken.
    pub received: Timestamp,
    /// Its bytes.
    pub body: Bytes,
}

impl fmt::Debug for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Incoming({}, {} bytes)", self.source, self.body.len())
    }
}

/// A message, read.
#[derive(Debug)]
pub struct Prepared {
    /// The message.
    pub message: Incoming,
    /// The adapter that read it.
    pub adapter: &'static str,
    /// How its transmission is named.
    pub transport: Option<Transport>,
    /// What is in it; never empty.
    pub items: Vec<Prepare>,
    /// How its sender would be answered.
    pub answer: Option<Box<dyn Answer>>,
    /// The keyed hash of its bytes.
    pub(super) mark: Made,
    /// That of what its transmission stands for.
    pub(super) transport_mark: Made,
}

/// One item, read.
#[derive(Debug)]
pub struct Prepare {
    /// What its source calls it, where that could be read.
    pub key: Option<String>,
    /// What stands under that key.
    pub content: Vec<u8>,
    /// What it is.
    pub body: PreparedBody,
    /// The keyed hash of what stands under its key.
    pub(super) mark: Made,
}

/// What an item is.
#[derive(Debug, Clone)]
pub enum PreparedBody {
    /// An event, and why it cannot be routed as it is, where it cannot.
    Event(Box<Draft>, Option<Reason>),
    /// Something to keep, by its name.
    Record(String),
    /// Something that cannot be read, or of a kind that is not carried.
    Refused(Reason),
    /// Something that the hub could not handle; its sender has done nothing wrong.
    Parked(Reason),
    /// Something of which the content must be fetched first.
    Wanted(Wanted),
}

/// Reads a message. `None` where its source has no adapter. What a message only carries is read by
/// the adapter of its format, and is then known as if it had come by itself.
pub fn prepare(world: &World, message: Incoming) -> Option<Prepared> {
    prepare_with(world, message, &Fetched::NotYet)
}

/// Reads a message with what came of fetching its content, where that was asked for.
pub fn prepare_with(world: &World, message: Incoming, fetched: &Fetched) -> Option<Prepared> {
    let mut adapter = world.adapters.for_message(&message.source, message.media_type.as_deref())?;
    let mut body = message.body.clone();
    if adapter.name() == message.source
        && let Some((whose, carried)) = world.adapters.carried(&message.source, &body)
    {
        (adapter, body) = (whose, carried.into());
    }
    let raw = Raw { body: &body, received: message.received };
    let translated = match fetched {
        Fetched::Content(content) => adapter.complete(&raw, content),
        Fetched::NotYet | Fetched::Nothing | Fetched::Silent => adapter.translate(&raw),
    };
    let instead = match fetched {
        Fetched::NotYet if world.asks.content.contains(adapter.name()) => {
            adapter.wanted(&raw).map(PreparedBody::Wanted)
        }
        Fetched::Silent => Some(PreparedBody::Parked(Reason::new(FETCH_FAILED, NOT_FETCHED))),
        Fetched::NotYet | Fetched::Content(_) | Fetched::Nothing => None,
    };
    let items = translated.items.into_iter().map(|item| Prepare {
        key: item.key,
        content: item.content,
        body: match item.body {
            ItemBody::Event(draft) => {
                let fault = fault(world, &message, &draft);
                PreparedBody::Event(draft, fault)
            }
            ItemBody::Record { what } => PreparedBody::Record(what),
            // A thin event is one item, refused for as long as its content is not there.
            ItemBody::Refused(reason) => instead.clone().unwrap_or(PreparedBody::Refused(reason)),
        },
        mark: Made::default(),
    });
    let items = items.collect();
    Some(Prepared {
        adapter: adapter.name(),
        transport: translated.transport,
        items,
        answer: translated.answer,
        mark: Made::default(),
        transport_mark: Made::default(),
        message,
    })
}

const NOT_FETCHED: &str = "Hændelsens indhold skulle hentes, men afsenderens system har ikke svaret i den tid, det har. Få systemet til at svare, og send den igen; så hentes der igen.";

/// A message that the hub could not read for a reason of its own, kept whole.
pub fn unreadable(message: Incoming, adapter: &'static str, reason: Reason) -> Prepared {
    let content = message.body.to_vec();
    let item = Prepare { key: None, content, body: PreparedBody::Parked(reason), mark: Made::default() };
    Prepared {
        message,
        adapter,
        transport: None,
        items: vec![item],
        answer: None,
        mark: Made::default(),
        transport_mark: Made::default(),
    }
}

/// Why an event that could be read cannot be routed as it is.
fn fault(world: &World, message: &Incoming, draft: &Draft) -> Option<Reason> {
    if draft.kind.schema().of_hub {
        let text = format!("{} sendes kun af budstikken selv.", draft.kind);
        return Some(Reason::new(HUB_ONLY, text).at("$.type"));
    }
    mismatch(world, message, draft).or_else(|| schema_fault(draft))
}

fn mismatch(world: &World, message: &Incoming, draft: &Draft) -> Option<Reason> {
    let path = draft.source.as_str();
    if message.source == CONSOLE || path.split('/').nth(2) == Some(CONSOLE) {
        return console_mismatch(message, path);
    }
    let within = |prefix: &String| {
        path.strip_prefix(prefix.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    // The connection says that KOMBIT has it, not who gave it to KOMBIT.
    if message.sender_user.as_deref() == Some(FOREIGN) {
        let text = format!(
            "Beskeden er hentet hos KOMBITs Beskedfordeler og siger, at den kommer fra {path}. Det må den ikke, så længe kilden ikke står i opsætningen (beskedfordeler.sources). Skriv den der, hvis KOMBIT skal bringe dens beskeder; ellers undersøg, hvem der har sendt den."
        );
        let allowed = world.carried.iter().any(within);
        return (!allowed).then(|| Reason::new(SENDER_MISMATCH, text).at("$.source"));
    }
    if world.senders.is_empty() {
        return None;
    }
    let Some(user) = message.sender_user.as_deref() else {
        let text = format!(
            "Beskeden siger ikke, hvilken bruger hos RabbitMQ der har sendt den på vegne af {path}. Afsenderen skal sætte `user_id`, som RabbitMQ kontrollerer."
        );
        return Some(Reason::new(SENDER_MISMATCH, text).at("$.source"));
    };
    let speaks_for = world.senders.get(user);
    if speaks_for.is_some_and(within) {
        return None;
    }
    let text = format!(
        "Brugeren `{user}` må ikke sende på vegne af {path}. Ret afsenderens `source`, eller giv brugeren lov i opsætningen (senders)."
    );
    Some(Reason::new(SENDER_MISMATCH, text).at("$.source"))
}

/// The console speaks for the party of the mailbox in whose name somebody works, and nobody else
/// speaks as the console.
fn console_mismatch(message: &Incoming, path: &str) -> Option<Reason> {
    let party = message.sender_user.as_deref().and_then(|sender| sender.split_once('/')).map(|(party, _)| party);
    let own = party.filter(|_| message.source == CONSOLE).map(|party| format!("/{party}/{CONSOLE}"));
    let text = format!(
        "Beskeden siger, at den kommer fra {path}. Det gør kun det, som folk selv sender fra konsollen, og kun for deres egen kommune. Undersøg, hvem der har sendt den."
    );
    (own.as_deref() != Some(path)).then(|| Reason::new(SENDER_MISMATCH, text).at("$.source"))
}

fn schema_fault(draft: &Draft) -> Option<Reason> {
    let data = Value::Object(draft.data.clone());
    let Fault { path, broken } = budstikke_schemas::check(draft.kind.schema(), &data).err()?;
    let rule = match broken {
        Broken::Missing => "mangler".to_owned(),
        Broken::Unknown => "har felter, som skemaet ikke kender".to_owned(),
        Broken::Type => "har en forkert type".to_owned(),
        Broken::NotOneOf(values) => format!("skal være en af: {}", values.join(", ")),
        Broken::Form => "har ikke den rigtige form".to_owned(),
        Broken::Length => "er for langt eller for kort".to_owned(),
        Broken::Other(keyword) => format!("bryder reglen `{keyword}`"),
    };
    let text =
        format!("Feltet {path} {rule}. Skemaet er {} (schemas/events/). Ret afsenderen og send igen.", draft.kind);
    Some(Reason::new(EVENT_SCHEMA, text).at(path))
}
