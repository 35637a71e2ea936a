//! What people do with the tasks of their mailboxes: one place for pages and calls, in one
//! transaction with what follows from it. The sender is told when something is taken on or sent back,
//! as by the receipts of a system.

use budstikke_contract::event::danish_day;

use super::World;
use super::receipts;
use crate::ledger::receipt::Status;
use crate::ledger::task::Kept;
use crate::ledger::{Error, Tx};
use crate::task::{Act, Refusal, State};

/// Who does something with which task.
#[derive(Debug, Clone, Copy)]
pub struct Doing<'a> {
    /// The task.
    pub task: i64,
    /// The version that they saw.
    pub version: u32,
    /// Who.
    pub by: &'a str,
    /// Why, where something is sent back. Content: it stands sealed in the receipt.
    pub reason: &'a str,
}

/// What came of it.
#[derive(Debug, Clone)]
pub enum Acted {
    /// It is done, or was already as it was to be.
    Done(Kept),
    /// The task is another than they saw: nothing is done.
    Stale(Kept),
    /// It cannot be done, and why.
    Refused(Refusal, Kept),
}

impl Acted {
    /// The task as it stands now.
    pub fn task(&self) -> &Kept {
        match self {
            Self::Done(kept) | Self::Stale(kept) | Self::Refused(_, kept) => kept,
        }
    }
}

/// Does something with a task. Whether they may is asked before.
///
/// # Errors
/// The ledger's; that there is no such task.
pub fn act(tx: &mut Tx<'_>, world: &World, doing: &Doing<'_>, act: &Act) -> Result<Acted, Error> {
    let kept = task(tx, doing.task)?;
    let next = match kept.task.after(doing.by, act, tx.at(), danish_day(tx.at())) {
        Err(refusal) => return Ok(Acted::Refused(refusal, kept)),
        // A second click finds it done.
        Ok(next) if next == kept.task => return Ok(Acted::Done(kept)),
        Ok(_) if kept.task.version != doing.version => return Ok(Acted::Stale(kept)),
        Ok(next) => next,
    };
    tell_sender(tx, world, (&kept, doing), act)?;
    tx.act(doing.by, word(act), &target(&kept), "")?;
    tx.change_task(kept.seq, &next)?;
    Ok(Acted::Done(task(tx, doing.task)?))
}

/// Gives the answer that a task asks for: `raise` sends it, and where that has met all that was owed,
/// the task is at its end. It is one answer, however often somebody clicks: the second finds another
/// version.
///
/// # Errors
/// The ledger's, and whatever `raise` says: then nothing has happened.
pub fn answer(
    tx: &mut Tx<'_>,
    world: &World,
    doing: &Doing<'_>,
    raise: &mut dyn FnMut(&mut Tx<'_>) -> Result<(), Error>,
) -> Result<Acted, Error> {
    let kept = task(tx, doing.task)?;
    let now = tx.at();
    if let State::Done { by, how } = &kept.task.state {
        let refusal = Refusal::Done { by: by.clone(), how: *how, since: kept.task.since };
        return Ok(Acted::Refused(refusal, kept));
    }
    // As if nothing were owed: whether that is so shows when the answer has been sent.
    if let Err(refusal) = kept.task.after(doing.by, &Act::Take, now, danish_day(now)) {
        return Ok(Acted::Refused(refusal, kept));
    }
    if kept.task.version != doing.version {
        return Ok(Acted::Stale(kept));
    }
    // Whoever answers has it and takes it on.
    let accept = if kept.task.is_to_do() { Act::Accept } else { Act::Take };
    act(tx, world, doing, &accept)?;
    raise(tx)?;
    let after = task(tx, doing.task)?;
    let complete = Act::Complete { answered: true };
    match after.task.after(doing.by, &complete, now, danish_day(now)) {
        Ok(next) => {
            tx.act(doing.by, word(&complete), &target(&after), "")?;
            tx.change_task(after.seq, &next)?;
            Ok(Acted::Done(task(tx, doing.task)?))
        }
        // The answer is sent, and something is owed still: they go on with it.
        Err(refusal) => Ok(Acted::Refused(refusal, after)),
    }
}

/// Asks somebody else because of a task: `raise` sends the question, and the task waits for the answer.
///
/// # Errors
/// The ledger's, and whatever `raise` says: then nothing has happened.
pub fn ask(
    tx: &mut Tx<'_>,
    world: &World,
    doing: &Doing<'_>,
    raise: &mut dyn FnMut(&mut Tx<'_>) -> Result<(), Error>,
) -> Result<Acted, Error> {
    let wait = Act::Wait(crate::task::Wait::Answer);
    let kept = task(tx, doing.task)?;
    if kept.task.version != doing.version {
        let now = tx.at();
        return Ok(match kept.task.after(doing.by, &wait, now, danish_day(now)) {
            Err(refusal) => Acted::Refused(refusal, kept),
            Ok(_) => Acted::Stale(kept),
        });
    }
    let acted = act(tx, world, doing, &wait)?;
    if matches!(acted, Acted::Done(_)) {
        raise(tx)?;
    }
    Ok(acted)
}

fn task(tx: &mut Tx<'_>, seq: i64) -> Result<Kept, Error> {
    tx.reader().task(seq)?.ok_or_else(|| Error::Refused("there is no such task".to_owned()))
}

/// How the books call a task.
fn target(kept: &Kept) -> String {
    format!("task {} of {}", kept.seq, kept.task.mailbox)
}

/// What the books say that somebody did.
fn word(act: &Act) -> &'static str {
    match act {
        Act::Take => "task taken",
        Act::TakeOver { .. } => "task taken over",
        Act::HandOver { .. } => "task handed over",
        Act::Accept => "task accepted",
        Act::Wait(_) => "task put off",
        Act::Complete { answered: false } => "task completed",
        Act::Complete { answered: true } => "task answered",
        Act::Reject => "task rejected",
    }
}

/// Tells the sender of what is in a task that it is taken on, or that it is sent back.
fn tell_sender(tx: &mut Tx<'_>, world: &World, (kept, doing): (&Kept, &Doing<'_>), act: &Act) -> Result<(), Error> {
    let task = &kept.task;
    let (status, reason) = match act {
        Act::Reject => (Status::Rejected, doing.reason),
        Act::Accept | Act::Complete { .. } if task.is_to_do() && !task.accepted && !task.is_done() => {
            (Status::Accepted, "")
        }
        Act::Take | Act::TakeOver { .. } | Act::HandOver { .. } | Act::Accept | Act::Wait(_) | Act::Complete { .. } => {
            return Ok(());
        }
    };
    for delivery in tx.open_deliveries(kept.seq)? {
        receipts::say(tx, world, &delivery, status, reason)?;
    }
    Ok(())
}
