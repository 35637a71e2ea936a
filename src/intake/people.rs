//! What people do with what is parked. Each step is kept with who did it and why.

pub mod act;
mod hand;

use std::collections::BTreeSet;

use budstikke_contract::id::{CaseKey, DeliveryId};
use budstikke_contract::reason::Reason;

use super::World;
use super::release;
use crate::agreement::model::MailboxId;
use crate::ledger::delivery::{self, Delivery};
use crate::ledger::item::{self, Item};
use crate::ledger::reply::VANS;
use crate::ledger::{Error, Tx};

/// Something parked.
#[derive(Debug, Clone)]
pub enum Parked {
    /// An item that was not routed.
    Item(Box<Item>),
    /// A delivery that did not arrive, or was refused.
    Delivery(Box<Delivery>),
}

impl Parked {
    /// What it is called, whatever someone typed to find it.
    fn name(&self) -> String {
        match self {
            Self::Item(item) => format!("#{}", item.seq),
            Self::Delivery(delivery) => delivery.id.to_string(),
        }
    }
}

/// Who does it, and why.
#[derive(Debug, Clone)]
pub struct Person {
    /// Their name with the operating system or in the console.
    pub user: String,
    /// Why; may be empty where it need not be said.
    pub reason: String,
}

/// Finds what is parked under an id: `#` and an item's number, a delivery's id, or a name that
/// leads to one parked item. A bare number that names nothing is an item's.
pub fn find(tx: &mut Tx<'_>, id: &str) -> Result<Parked, Error> {
    if let Some(number) = id.strip_prefix('#') {
        let seq = number.parse().map_err(|_number| not_found(id))?;
        return parked_item(tx.item(seq).map_err(|_missing| not_found(id))?, id);
    }
    if let Some(delivery) = DeliveryId::parse(id).map(|id| tx.delivery(id)).transpose()?.flatten() {
        if delivery.state == delivery::State::Parked {
            return Ok(Parked::Delivery(Box::new(delivery)));
        }
        return Err(not_parked(id, delivery.state.name()));
    }
    let mut named = tx.items_named(id)?;
    named.retain(|item| matches!(item.state, item::State::Parked | item::State::Waiting));
    if named.is_empty()
        && let Ok(seq) = id.parse()
        && let Ok(item) = tx.item(seq)
    {
        return parked_item(item, id);
    }
    match named.len() {
        0 => Err(not_found(id)),
        1 => named.pop().map(|item| Parked::Item(Box::new(item))).ok_or_else(|| not_found(id)),
        several => {
            Err(Error::Refused(format!("`{id}` names {several} parked items: use the number that `parked list` shows")))
        }
    }
}

fn parked_item(item: Item, id: &str) -> Result<Parked, Error> {
    // What waits behind something parked may be ended too.
    if matches!(item.state, item::State::Parked | item::State::Waiting) {
        return Ok(Parked::Item(Box::new(item)));
    }
    Err(not_parked(id, item.state.name()))
}

fn not_found(id: &str) -> Error {
    Error::Refused(format!("nothing parked has the id `{id}`: `budstikke parked list` shows what there is"))
}

fn not_parked(id: &str, state: &str) -> Error {
    Error::Refused(format!("`{id}` is not parked, it is {state}"))
}

/// How a thing stands after somebody did something with it.
#[derive(Debug, Clone)]
pub struct Became {
    /// Its state.
    pub state: &'static str,
    /// Why it still does not go on, where it does not.
    pub reason: Option<Reason>,
}

impl Became {
    fn ended(state: &'static str) -> Vec<Self> {
        vec![Self { state, reason: None }]
    }

    fn item(state: item::State, reason: Option<&Reason>) -> Self {
        Self { state: state.name(), reason: reason.cloned() }
    }
}

/// In words for a command line.
fn told(became: &[Became]) -> String {
    let one =
        |it: &Became| it.reason.as_ref().map_or_else(|| it.state.to_owned(), |why| format!("{}: {why}", it.state));
    became.iter().map(one).collect::<Vec<_>>().join("\n")
}

/// Sends on what is parked: an item is decided about anew, a delivery goes back to its place in
/// its lane. Answers in which state it is now, and why where it still does not go on.
pub fn resend(tx: &mut Tx<'_>, world: &World, id: &str, person: &Person) -> Result<String, Error> {
    let parked = find(tx, id)?;
    Ok(told(&resend_one(tx, world, parked, person)?))
}

fn resend_one(tx: &mut Tx<'_>, world: &World, parked: Parked, person: &Person) -> Result<Vec<Became>, Error> {
    tx.act(&person.user, "resend", &parked.name(), &person.reason)?;
    match parked {
        Parked::Item(item) if release::is_whole(&item) => {
            let taken = release::unpack(tx, world, &item)?;
            Ok(taken.iter().map(|one| Became::item(one.state, one.reason.as_ref())).collect())
        }
        Parked::Item(item) => Ok(vec![decide_anew(tx, world, *item)?]),
        Parked::Delivery(delivery) => {
            if !is_reachable(world, &delivery.mailbox) {
                let text =
                    format!("`{}` is in no agreement: put the mailbox back, and restart the hub", delivery.mailbox);
                return Err(Error::Refused(text));
            }
            let now = tx.at();
            tx.reopen(&delivery, now, 0)?;
            Ok(Became::ended(delivery::State::Waiting.name()))
        }
    }
}

/// Decides about an item anew; what waited for it goes on.
pub(super) fn decide_anew(tx: &mut Tx<'_>, world: &World, mut item: Item) -> Result<Became, Error> {
    let was_of = item.case_key();
    let again = release::again(tx, world, &mut item)?;
    // It may have been parked in another case than it turns out to belong to.
    let cases: BTreeSet<CaseKey> =
        [was_of, again.case.clone()].into_iter().flatten().chain(again.early.iter().cloned()).collect();
    for case in cases.iter().filter(|_| again.moved()) {
        release::after(tx, world, case)?;
    }
    Ok(Became::item(again.state, again.reason.as_ref()))
}

/// Whether an agreement still has the mailbox, or it is the way to the hospitals.
fn is_reachable(world: &World, mailbox: &str) -> bool {
    mailbox == VANS || MailboxId::parse(mailbox).is_some_and(|id| world.mailboxes.contains_key(&id))
}

/// Ends what is parked without its going anywhere. What waited behind it goes on.
pub fn discard(tx: &mut Tx<'_>, world: &World, id: &str, person: &Person) -> Result<String, Error> {
    if person.reason.trim().is_empty() {
        return Err(Error::Refused("say why it is discarded (`--reason`)".to_owned()));
    }
    let parked = find(tx, id)?;
    Ok(told(&discard_one(tx, world, parked, person)?))
}

fn discard_one(tx: &mut Tx<'_>, world: &World, parked: Parked, person: &Person) -> Result<Vec<Became>, Error> {
    tx.act(&person.user, "discard", &parked.name(), &person.reason)?;
    match parked {
        Parked::Item(item) => {
            tx.change_item(&item, item::State::Discarded, None, item.reason.as_ref(), false)?;
            tx.drop_open_wishes(item.seq)?;
            if let Some(case) = item.case_key() {
                release::after(tx, world, &case)?;
            }
        }
        Parked::Delivery(delivery) => tx.discard_delivery(&delivery)?,
    }
    Ok(Became::ended(item::State::Discarded.name()))
}

/// Lets what is behind a parked delivery go past it.
pub fn pass(tx: &mut Tx<'_>, id: &str, person: &Person) -> Result<String, Error> {
    let Parked::Delivery(delivery) = find(tx, id)? else {
        return Err(Error::Refused(format!("`{id}` is no delivery: resend or discard it")));
    };
    Ok(told(&pass_one(tx, delivery, person)?))
}

fn pass_one(tx: &mut Tx<'_>, delivery: Box<Delivery>, person: &Person) -> Result<Vec<Became>, Error> {
    tx.let_pass(&delivery)?;
    tx.act(&person.user, "pass", &Parked::Delivery(delivery).name(), &person.reason)?;
    Ok(Became::ended("passed"))
}

/// Gives a parked delivery to another mailbox than the agreement said.
pub fn hand(tx: &mut Tx<'_>, world: &World, id: &str, to: &str, person: &Person) -> Result<String, Error> {
    let parked = find(tx, id)?;
    let wanted = act::Wanted { act: crate::ledger::job::Act::Hand, mailbox: Some(to.to_owned()) };
    match act::carry_out(tx, world, parked, &wanted, person)? {
        Ok(became) => Ok(told(&became)),
        Err(refusal) => Err(Error::Refused(refusal.english().to_owned())),
    }
}
