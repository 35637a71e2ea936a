//! The standard's envelope, and the letters in it. Each letter becomes an item: a plan, a receipt,
//! or a refusal with its reason.

use budstikke_contract::adapter::{Item, ItemBody, Transport};
use budstikke_contract::reason::Reason;

use crate::letter::{self, Head};
use crate::part::{Field, Part};
use crate::plan::Passage;
use crate::reading::{self, Answerable, EmessageHead, Original, Reading};
use crate::vans::Envelope;
use crate::{ggop, refusal, xdis91};

const ENVELOPE_ID: Field = Field { steps: &["Envelope", "Identifier"], title: "kuvertens nummer" };

/// The longest envelope number that an event has room for.
const LONGEST_ENVELOPE_ID: usize = 64;

/// How many letters are read of one transmission. Plans come one by one; this much keeps a message
/// made to hurt from costing more than its bytes.
const LETTERS: usize = 1000;

/// What became of a letter, and what it takes to answer it.
struct Read {
    item: Item,
    head: Head,
    is_receipt: bool,
}

/// Reads an `Emessage`, `body`, that came alone or in the network's envelope.
pub(crate) fn read(root: Part<'_>, body: &[u8], vans: Option<Envelope>) -> Reading {
    let passage = passage(root, vans.as_ref());
    let letters = letters(root, &passage);
    let head = EmessageHead { id: passage.ok().map(|passage| passage.envelope), wants_positive: wants_positive(root) };
    let transport = match &vans {
        Some(vans) => Some(vans.transport(body)),
        None => bare_transport(&head, &letters, body),
    };
    let answerable =
        |read: Read| (read.item, if read.is_receipt { Answerable::Receipt } else { Answerable::Letter(read.head) });
    let (items, letters) = letters.into_iter().map(answerable).unzip();
    Reading { transport, items, original: Original { vans, emessage: Some(head), letters } }
}

/// Each letter, or all of them as one that is refused. Never empty.
fn letters(root: Part<'_>, passage: &Result<Passage, Reason>) -> Vec<Read> {
    let parts = parts(root);
    let whole = match parts.len() {
        0 => refusal::no_letter(),
        1..=LETTERS => return parts.into_iter().map(|letter| read_letter(letter, passage)).collect(),
        _ => refusal::too_many_letters(LETTERS),
    };
    // Whoever sent the first of too many sent them all.
    let first = parts.first().map(|letter| Head::read(*letter)).unwrap_or_default();
    vec![Read {
        item: reading::unread(root.element().source().as_bytes(), ItemBody::Refused(whole)),
        head: Head { id: None, version: None, ..first },
        is_receipt: parts.iter().any(|letter| receipt(letter.name()).is_some()),
    }]
}

fn read_letter(letter: Part<'_>, passage: &Result<Passage, Reason>) -> Read {
    let head = Head::read(letter);
    let receipt = receipt(letter.name());
    let body = match receipt {
        Some(what) => ItemBody::Record { what: what.to_owned() },
        None => event(letter, passage),
    };
    Read { item: item(letter, &head, body), head, is_receipt: receipt.is_some() }
}

/// The letters: all in the envelope's own namespace but the envelope itself and local additions, and
/// what is a letter in any other.
pub(crate) fn parts(root: Part<'_>) -> Vec<Part<'_>> {
    let is_letter = |part: &Part<'_>| !matches!(part.name(), "Envelope" | "Local_Elements");
    let own = root.children().filter(is_letter);
    let foreign = root.strangers().filter(|part| part.name() != "Local_Elements" && part.child("Letter").is_some());
    let mut parts: Vec<_> = own.chain(foreign).collect();
    parts.sort_by_key(|part| part.element().span().start);
    parts
}

/// The name of a receipt, in whatever version: a receipt is never answered, not even for its version.
fn receipt(name: &str) -> Option<&'static str> {
    match name {
        "NegativeVansReceipt" => Some("XCTL01"),
        "NegativeReceipt" => Some("XCTL02"),
        "PositiveReceipt" => Some("XCTL03"),
        _ => None,
    }
}

/// The numbers that a letter came under.
fn passage(root: Part<'_>, vans: Option<&Envelope>) -> Result<Passage, Reason> {
    let within = |reason: Reason| place(reason, "Emessage");
    let envelope = root.require(&ENVELOPE_ID).map_err(within)?;
    if envelope.chars().count() > LONGEST_ENVELOPE_ID {
        return Err(within(refusal::invalid(&ENVELOPE_ID, "højst 64 tegn")));
    }
    Ok(Passage { envelope: envelope.into(), vans: vans.map(Envelope::ids) })
}

/// Only who asks for positive receipts gets them; negative ones are sent always.
fn wants_positive(root: Part<'_>) -> bool {
    let code = root.child("Envelope").and_then(|envelope| envelope.get("AcknowledgementCode"));
    code.is_some_and(|code| code == "pluspositivkvitt")
}

/// What a letter other than a receipt becomes.
fn event(letter: Part<'_>, passage: &Result<Passage, Reason>) -> ItemBody {
    let (within, draft) = match letter.name() {
        "RehabilitationPlan" => ("Emessage/RehabilitationPlan", ggop::read(letter, passage)),
        "ClinicalEmail" => ("Emessage/ClinicalEmail", xdis91::read(letter, passage)),
        _ if is_other_plan(letter) => return ItemBody::Refused(refusal::version_unknown()),
        _ => return ItemBody::Refused(refusal::not_carried()),
    };
    match draft {
        Ok(draft) => ItemBody::Event(Box::new(draft)),
        Err(reason) => ItemBody::Refused(place(reason, within)),
    }
}

/// A plan in a format that is not read, such as the predecessor of GGOP (`D1GOP1.0`).
fn is_other_plan(letter: Part<'_>) -> bool {
    letter::version(letter).is_ok_and(|version| version.starts_with("D1GOP") || version.starts_with("GGOP"))
}

/// Puts a path that is told from a letter where the letter stands. A path from the root stays.
fn place(mut reason: Reason, within: &str) -> Reason {
    reason.path = reason.path.map(|path| match path.split('/').next() {
        Some("Emessage") => path,
        _ => format!("{within}/{path}"),
    });
    reason
}

/// The item of a letter, by its own number where that can be read.
fn item(letter: Part<'_>, head: &Head, body: ItemBody) -> Item {
    let content = letter.element().source().as_bytes();
    match (&head.sender, &head.id) {
        (Some(sender), Some(id)) => Item { key: Some(reading::name(sender, id)), content: content.to_owned(), body },
        _ => reading::unread(content, body),
    }
}

/// The names of a transmission that came without the network's envelope.
fn bare_transport(head: &EmessageHead, letters: &[Read], body: &[u8]) -> Option<Transport> {
    let sender = letters.iter().find_map(|read| read.head.sender.as_ref())?;
    Some(Transport { envelope: reading::name(sender, head.id.as_ref()?), message: None, content: body.to_owned() })
}
