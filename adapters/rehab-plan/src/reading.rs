//! What was read of a transmission: its letters with what became of them, and what it takes to
//! answer it.

use std::fmt;

use budstikke_contract::adapter::{Answer, Item, ItemBody, Translated, Transport};
use budstikke_contract::municipality::Gln;
use budstikke_contract::reason::Reason;

use crate::letter::Head;
use crate::vans::Envelope;

/// What was read of a transmission.
pub(crate) struct Reading {
    pub(crate) transport: Option<Transport>,
    pub(crate) items: Vec<Item>,
    pub(crate) original: Original,
}

/// What of a transmission must be known to answer it.
#[derive(Default)]
pub(crate) struct Original {
    /// The network's envelope, where it came in one.
    pub(crate) vans: Option<Envelope>,
    /// The standard's envelope, where it is one.
    pub(crate) emessage: Option<EmessageHead>,
    /// One for each item, in their order.
    pub(crate) letters: Vec<Answerable>,
}

/// What of an `Emessage` must be known to answer it.
pub(crate) struct EmessageHead {
    /// `Envelope/Identifier`.
    pub(crate) id: Option<String>,
    /// Whether its sender wants to hear of success too (`pluspositivkvitt`).
    pub(crate) wants_positive: bool,
}

/// What of a letter must be known to answer it.
pub(crate) enum Answerable {
    /// A letter, as far as it could be read.
    Letter(Head),
    /// A receipt, which is never answered.
    Receipt,
}

impl fmt::Debug for Original {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Original({} letters, vans: {})", self.letters.len(), self.vans.is_some())
    }
}

impl Original {
    /// The letters that are answered, each with its place among the items.
    pub(crate) fn answerable(&self) -> impl Iterator<Item = (usize, &Head)> {
        self.letters.iter().enumerate().filter_map(|(place, letter)| match letter {
            Answerable::Letter(head) => Some((place, head)),
            Answerable::Receipt => None,
        })
    }

    /// Who sent a letter: itself says so, else one beside it, else the network's envelope.
    pub(crate) fn sender_of<'a>(&'a self, head: &'a Head) -> Option<&'a Gln> {
        let beside = || self.answerable().find_map(|(_, other)| other.sender.as_ref());
        head.sender.as_ref().or_else(beside).or_else(|| self.vans.as_ref()?.sender.gln.as_ref())
    }

    /// Whom a letter was sent to, found in the same way.
    pub(crate) fn receiver_of<'a>(&'a self, head: &'a Head) -> Option<&'a str> {
        let beside = || self.answerable().find_map(|(_, other)| other.receiver.as_deref());
        let outside = || Some(self.vans.as_ref()?.receiver.gln.as_ref()?.as_str());
        head.receiver.as_deref().or_else(beside).or_else(outside)
    }

    /// Whether anyone can be answered at all.
    fn can_be_answered(&self) -> bool {
        let protocol = self.vans.is_some() || self.emessage.is_some();
        protocol && self.answerable().any(|(_, head)| self.sender_of(head).is_some())
    }
}

impl Reading {
    /// Bytes that are no letter, refused as a whole. Nobody can be answered.
    pub(crate) fn unread(content: &[u8], reason: Reason) -> Self {
        Self {
            transport: None,
            items: vec![unread(content, ItemBody::Refused(reason))],
            original: Original { letters: vec![Answerable::Letter(Head::default())], ..Original::default() },
        }
    }

    pub(crate) fn into_translated(self) -> Translated {
        let original = Some(self.original).filter(Original::can_be_answered);
        Translated {
            transport: self.transport,
            items: self.items,
            answer: original.map(|original| Box::new(original) as Box<dyn Answer>),
        }
    }
}

/// An item without a number of its own.
pub(crate) fn unread(content: &[u8], body: ItemBody) -> Item {
    Item { key: None, content: content.to_owned(), body }
}

/// What a sender calls something, with what makes that unique.
pub(crate) fn name(sender: &Gln, id: &str) -> String {
    format!("{sender}/{id}")
}
