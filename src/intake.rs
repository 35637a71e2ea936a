//! Taking messages in: translate, decide, write everything down in one transaction, and only then
//! let the source forget them.
//!
//! | room | what | touches |
//! |---|---|---|
//! | [`prepare`] | bytes → items, checked against their schemas | nothing |
//! | `mark` | the keyed hashes of what came, each made once | nothing |
//! | [`identity`] | new, a repeat, or an id used for something else | ledger |
//! | `citizen` | what the CPR register tells of a citizen | ledger |
//! | [`decide`] | which case, what is known, where it goes or why not | ledger, to read |
//! | [`record`] | the items, events, deliveries, duties and answers | ledger |
//! | [`ask`] | what is asked elsewhere first, and what was answered | ledger |
//! | [`release`] | what waited behind something that has gone on | ledger |
//! | [`people`], [`job`] | what people do with what is parked, one by one and by lists | ledger |
//! | [`edit`] | what people write instead of what could not be decided about | ledger |
//! | [`correct`] | what another edition of the agreement makes of what was decided before | ledger |
//! | [`tasks`] | what people do with the tasks of their mailboxes | ledger |
//! | [`receipts`], [`returned`] | what receivers say; what the broker gave back | ledger |
//! | [`consume`] | the loop round all this: batches, retries, the poison rule | broker, ledger |

pub mod ask;
mod citizen;
pub mod consume;
pub mod correct;
mod decide;
pub mod edit;
mod identity;
pub mod job;
mod mark;
pub mod outgoing;
pub mod people;
pub mod prepare;
pub mod receipts;
pub mod record;
mod release;
pub mod returned;
pub mod tasks;
#[cfg(test)]
pub(crate) mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::adapters::Registry;
use crate::agreement::Book;
use crate::agreement::model::{Channel, Mailbox, MailboxId};
use crate::residence::Ask;

/// What begins the sources that KOMBIT itself speaks for.
const KOMBIT: &str = "/kombit";

/// What decisions rest on beside the ledger.
#[derive(Debug, Clone)]
pub struct World {
    /// The agreements.
    pub book: Arc<Book>,
    /// The mailboxes of all of them.
    pub mailboxes: Arc<BTreeMap<MailboxId, Mailbox>>,
    /// The adapters.
    pub adapters: Registry,
    /// Which source a broker's user may speak for: user → path prefix (`/taarnby`). Empty where
    /// the broker's users are not told apart.
    pub senders: Arc<BTreeMap<String, String>>,
    /// Which sources what is fetched from KOMBIT's Beskedfordeler may speak for: path prefixes.
    pub carried: Arc<BTreeSet<String>>,
    /// What the hub may ask elsewhere.
    pub asks: Asks,
    /// Whether the hub follows the agreements' calendars.
    pub calendar: bool,
}

/// What the hub may ask elsewhere, by its settings.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Asks {
    /// Where a citizen lives.
    pub residence: Ask,
    /// The sources whose thin events have their content fetched.
    pub content: BTreeSet<String>,
}

impl World {
    /// A world of these agreements.
    pub fn new(book: Book, adapters: Registry, senders: BTreeMap<String, String>) -> Self {
        let mailboxes = Arc::new(book.mailboxes());
        let carried = Arc::new(BTreeSet::from([KOMBIT.to_owned()]));
        let (book, senders) = (Arc::new(book), Arc::new(senders));
        Self { book, mailboxes, adapters, senders, carried, asks: Asks::default(), calendar: true }
    }

    /// The same, where KOMBIT may also bring messages of these sources: what a path begins with.
    #[must_use]
    pub fn carrying(mut self, sources: &BTreeSet<String>) -> Self {
        self.carried = Arc::new(sources.iter().cloned().chain([KOMBIT.to_owned()]).collect());
        self
    }

    /// The sources that something can come from: the adapters', the receivers' receipts, what people raise here.
    pub fn sources(&self) -> impl Iterator<Item = &'static str> {
        self.adapters.names().chain([receipts::SOURCE, prepare::CONSOLE])
    }

    /// The mailboxes that are fetched in a queue. No other has one: to ask the broker for it costs a
    /// channel, and a line in the log.
    pub fn queued(&self) -> impl Iterator<Item = &Mailbox> {
        self.mailboxes.values().filter(|mailbox| mailbox.channels.contains(&Channel::Amqp))
    }

    /// The same, where the hub may ask elsewhere.
    #[must_use]
    pub fn asking(self, asks: Asks) -> Self {
        Self { asks, ..self }
    }
}
