//! One act on one parked thing: first whether it makes sense, then the act. What makes no sense is
//! found out before anything is written, so that it can be reported line by line.

use budstikke_contract::person::shows_cpr;

use super::hand;
use super::{Became, Parked, Person, discard_one, is_reachable, pass_one, resend_one};
use crate::agreement::model::MailboxId;
use crate::intake::World;
use crate::ledger::delivery::{self, Content};
use crate::ledger::item;
use crate::ledger::job::Act;
use crate::ledger::parked::{Kind, Thing};
use crate::ledger::{Error, Tx};

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The act.
    pub act: Act,
    /// To whom a delivery is handed.
    pub mailbox: Option<String>,
}

/// Why something is not done. Each has a name that is kept, and words for whoever reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It must be said why.
    NoReason,
    /// What was written shows a CPR number, and stands in clear.
    Numbers,
    /// Only deliveries can be passed or handed on.
    NoDelivery,
    /// An answer to a sender goes to nobody else.
    Answer,
    /// Its mailbox is in no agreement any more.
    MailboxGone,
    /// There is no such mailbox.
    NoMailbox,
    /// It is that mailbox's already.
    SameMailbox,
    /// That mailbox has, or had, the same event.
    HasIt,
    /// It holds nothing up.
    Passed,
    /// The act itself failed; the log says more.
    Failed,
}

impl Refusal {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::NoReason,
        Self::Numbers,
        Self::NoDelivery,
        Self::Answer,
        Self::MailboxGone,
        Self::NoMailbox,
        Self::SameMailbox,
        Self::HasIt,
        Self::Passed,
        Self::Failed,
    ];

    /// The name in the ledger and in answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoReason => "no-reason",
            Self::Numbers => "numbers",
            Self::NoDelivery => "no-delivery",
            Self::Answer => "answer",
            Self::MailboxGone => "mailbox-gone",
            Self::NoMailbox => "no-mailbox",
            Self::SameMailbox => "same-mailbox",
            Self::HasIt => "has-it",
            Self::Passed => "passed",
            Self::Failed => "failed",
        }
    }

    /// The refusal of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|refusal| refusal.name() == name)
    }

    /// In words, for a command line and the API.
    pub fn english(self) -> &'static str {
        match self {
            Self::NoReason => "say why",
            Self::Numbers => "leave CPR numbers out of what you write: it is kept in clear",
            Self::NoDelivery => "that can only be done with a delivery: resend or discard it",
            Self::Answer => "an answer to a sender can be handed to nobody else",
            Self::MailboxGone => "its mailbox is in no agreement: put the mailbox back, and restart the hub",
            Self::NoMailbox => "there is no such mailbox in the agreements",
            Self::SameMailbox => "that is the mailbox it was for: resend it",
            Self::HasIt => "that mailbox has, or had, a delivery of the same event: look at the event's story",
            Self::Passed => "it holds nothing up",
            Self::Failed => "the hub failed on it; nothing was changed, and the log says more",
        }
    }
}

/// What can be looked at before a thing is: whether what is wanted is said in full.
pub fn check_words(world: &World, wanted: &Wanted, person: &Person) -> Result<(), Refusal> {
    if shows_cpr(&person.reason) {
        return Err(Refusal::Numbers);
    }
    if wanted.act.wants_reason() && person.reason.trim().is_empty() {
        return Err(Refusal::NoReason);
    }
    let known = wanted.mailbox.as_deref().and_then(MailboxId::parse).filter(|id| world.mailboxes.contains_key(id));
    if wanted.act == Act::Hand && known.is_none() { Err(Refusal::NoMailbox) } else { Ok(()) }
}

/// What is parked under a row; `None` where it is parked no longer.
pub fn parked(tx: &mut Tx<'_>, thing: Thing) -> Result<Option<Parked>, Error> {
    Ok(match thing.kind {
        Kind::Item => Some(tx.item(thing.row)?)
            .filter(|it| it.state == item::State::Parked)
            .map(|item| Parked::Item(Box::new(item))),
        Kind::Delivery => Some(tx.delivery_row(thing.row)?)
            .filter(|it| it.state == delivery::State::Parked)
            .map(|delivery| Parked::Delivery(Box::new(delivery))),
    })
}

/// Does it, or says why not; nothing is written where it is refused.
pub fn carry_out(
    tx: &mut Tx<'_>,
    world: &World,
    parked: Parked,
    wanted: &Wanted,
    person: &Person,
) -> Result<Result<Vec<Became>, Refusal>, Error> {
    if let Err(refusal) = check_words(world, wanted, person) {
        return Ok(Err(refusal));
    }
    match (wanted.act, parked) {
        (Act::Resend, Parked::Delivery(delivery)) if !is_reachable(world, &delivery.mailbox) => {
            Ok(Err(Refusal::MailboxGone))
        }
        (Act::Resend, parked) => resend_one(tx, world, parked, person).map(Ok),
        (Act::Discard, parked) => discard_one(tx, world, parked, person).map(Ok),
        (Act::Pass | Act::Hand, Parked::Item(_)) => Ok(Err(Refusal::NoDelivery)),
        (Act::Pass, Parked::Delivery(delivery)) if delivery.passed => Ok(Err(Refusal::Passed)),
        (Act::Pass, Parked::Delivery(delivery)) => pass_one(tx, delivery, person).map(Ok),
        (Act::Hand, Parked::Delivery(delivery)) => {
            let Content::Event(event) = delivery.content else { return Ok(Err(Refusal::Answer)) };
            let Some(to) = wanted.mailbox.as_deref().and_then(MailboxId::parse) else {
                return Ok(Err(Refusal::NoMailbox));
            };
            hand::hand(tx, world, (&delivery, event), &to, person)
        }
    }
}
