//! Working through a list of what is parked that a person was shown. Each line is one step in one
//! transaction: the act, and the mark that it was done. So a hub that is killed goes on where it was,
//! and does nothing twice; and nothing is done that was not on the list as it was shown.

mod run;

use budstikke_contract::reason::Code;

use super::World;
use super::people::act::{self, Refusal, Wanted};
use super::people::{Became, Person};
use crate::ledger::job::{Act, Ending, Job, Line, NewJob, State, Turn};
use crate::ledger::parked::{Cause, Thing};
use crate::ledger::{Error, Tx};
pub use run::{May, Runner};

/// How many lines a list has at most. Of a larger group the oldest are taken; the rest is another
/// list.
pub const LONGEST: u32 = 5_000;

/// What a list is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// All that is parked for a cause now.
    Group(Cause),
    /// These.
    These(Vec<Thing>),
}

/// Fixes what is chosen, as it stands now. Nothing is done yet. `None` where nothing of it is parked.
pub fn prepare(tx: &mut Tx<'_>, act: Act, choice: &Choice, by: &str) -> Result<Option<Job>, Error> {
    let (things, about) = match choice {
        Choice::Group(cause) => (tx.reader().parked_rows(cause, 0, LONGEST)?, name(cause)),
        Choice::These(things) => {
            let mut things = things.clone();
            things.sort_unstable();
            things.dedup();
            things.truncate(usize::try_from(LONGEST).unwrap_or(usize::MAX));
            (things, String::new())
        }
    };
    let (mut lines, mut reader) = (Vec::with_capacity(things.len()), tx.reader());
    for thing in things {
        if reader.is_parked(thing)? {
            lines.push(reader.freeze(thing)?);
        }
    }
    if lines.is_empty() {
        return Ok(None);
    }
    tx.prepare_job(&NewJob { by, act, about: &about }, &lines).map(Some)
}

/// A cause as it stands beside a list: code, and where.
fn name(cause: &Cause) -> String {
    let parts = [cause.code.as_str(), &cause.place, &cause.channel];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Why a list is not begun, held, or ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotTurned {
    /// There is no such list.
    NoSuch,
    /// What was confirmed is not the list that is kept.
    Other,
    /// Somebody has begun it already.
    Begun(String),
    /// It was shown too long ago.
    Stale,
    /// It stands so that this makes no sense.
    Not(State),
    /// What is wanted is not said in full.
    Refused(Refusal),
}

impl NotTurned {
    /// In words, for a command line and the API.
    pub fn english(&self) -> String {
        match self {
            Self::NoSuch => "there is no such list".to_owned(),
            Self::Other => "that is not the hash of this list: look at it again".to_owned(),
            Self::Begun(by) => format!("it was begun already, by {by}"),
            Self::Stale => "it was shown too long ago: make a new one".to_owned(),
            Self::Not(state) => format!("it is {}", state.name()),
            Self::Refused(refusal) => refusal.english().to_owned(),
        }
    }
}

/// What is said with the word to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    /// The hash of the list that was shown.
    pub hash: [u8; 32],
    /// To whom deliveries are handed.
    pub mailbox: Option<String>,
}

/// Begins a list that was shown. Of two who do so at once the first one has begun it.
pub fn confirm(
    tx: &mut Tx<'_>,
    world: &World,
    seq: i64,
    confirmation: &Confirmation,
    person: &Person,
) -> Result<Result<Job, NotTurned>, Error> {
    let Some(mut job) = tx.job(seq)? else { return Ok(Err(NotTurned::NoSuch)) };
    if let Some(by) = &job.confirmed_by {
        return Ok(Err(NotTurned::Begun(by.clone())));
    }
    if job.hash != confirmation.hash {
        return Ok(Err(NotTurned::Other));
    }
    let Some(next) = job.state.after(Turn::Confirm) else { return Ok(Err(NotTurned::Not(job.state))) };
    if job.is_stale(tx.at()) {
        return Ok(Err(NotTurned::Stale));
    }
    let mailbox = confirmation.mailbox.clone().filter(|_| job.act == Act::Hand);
    let wanted = Wanted { act: job.act, mailbox };
    if let Err(refusal) = act::check_words(world, &wanted, person) {
        return Ok(Err(NotTurned::Refused(refusal)));
    }
    tx.act(&person.user, "list-confirm", &format!("list {seq}"), &person.reason)?;
    job.state = next;
    job.mailbox = wanted.mailbox;
    job.reason.clone_from(&person.reason);
    job.confirmed_by = Some(person.user.clone());
    tx.change_job(&job)?;
    Ok(Ok(job))
}

/// As whom the hub does what nobody told it to.
const HUB: &str = "budstikke";

/// Why the hub holds a list by itself.
pub const RIGHT_GONE: &str =
    "Den, listen kører for, har ikke længere retten til det. En anden kan lade den fortsætte i sit eget navn.";

/// Holds a list that runs for somebody whose right was taken away.
pub fn hold(tx: &mut Tx<'_>, seq: i64) -> Result<(), Error> {
    let Some(mut job) = tx.job(seq)? else { return Ok(()) };
    let Some(next) = job.state.after(Turn::Pause) else { return Ok(()) };
    tx.act(HUB, "list-pause", &format!("list {seq}"), RIGHT_GONE)?;
    job.state = next;
    tx.change_job(&job)
}

/// Holds a list, lets it go on, ends it, or gives it up. Whoever lets it go on has the rest done in
/// their own name, and by their own right.
pub fn turn(tx: &mut Tx<'_>, seq: i64, turn: Turn, user: &str) -> Result<Result<Job, NotTurned>, Error> {
    let Some(mut job) = tx.job(seq)? else { return Ok(Err(NotTurned::NoSuch)) };
    let by_person = !matches!(turn, Turn::Confirm | Turn::End);
    let Some(next) = job.state.after(turn).filter(|_| by_person) else { return Ok(Err(NotTurned::Not(job.state))) };
    tx.act(user, &format!("list-{}", turn.name()), &format!("list {seq}"), "")?;
    if turn == Turn::Resume {
        job.confirmed_by = Some(user.to_owned());
    }
    job.state = next;
    tx.change_job(&job)?;
    Ok(Ok(job))
}

/// What a step did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A line came to its end.
    Ended(Ending),
    /// There was nothing to do: it does not run.
    Nothing,
}

/// Takes the next line of a list.
pub fn step(tx: &mut Tx<'_>, world: &World, seq: i64) -> Result<Step, Error> {
    let Some((job, line)) = next(tx, seq)? else { return Ok(Step::Nothing) };
    let (ending, detail) = take(tx, world, &job, &line)?;
    finish(tx, job, ending, &detail)
}

/// Keeps that the hub failed on a line, whose act was undone. Nothing where the list is elsewhere by
/// now.
pub fn failed(tx: &mut Tx<'_>, seq: i64, place: u32) -> Result<Step, Error> {
    match next(tx, seq)? {
        Some((job, line)) if line.place == place => finish(tx, job, Ending::Refused, Refusal::Failed.name()),
        Some(_) | None => Ok(Step::Nothing),
    }
}

/// The next line of a list that runs.
fn next(tx: &mut Tx<'_>, seq: i64) -> Result<Option<(Job, Line)>, Error> {
    let Some(job) = tx.job(seq)?.filter(|job| job.state == State::Running) else { return Ok(None) };
    let line = tx.job_line(seq, job.position())?.ok_or(Error::Unexpected("a list that runs has no next line"))?;
    Ok(Some((job, line)))
}

fn take(tx: &mut Tx<'_>, world: &World, job: &Job, line: &Line) -> Result<(Ending, String), Error> {
    let thing = line.frozen.thing;
    let Some(parked) = act::parked(tx, thing)? else { return Ok((Ending::Gone, String::new())) };
    if tx.reader().freeze(thing)? != line.frozen {
        return Ok((Ending::Changed, String::new()));
    }
    let user = job.confirmed_by.clone().ok_or(Error::Unexpected("a list runs that nobody has begun"))?;
    let person = Person { user, reason: job.reason.clone() };
    let wanted = Wanted { act: job.act, mailbox: job.mailbox.clone() };
    Ok(match act::carry_out(tx, world, parked, &wanted, &person)? {
        Err(refusal) => (Ending::Refused, refusal.name().to_owned()),
        Ok(became) => match still_parked(&became) {
            Some(code) => (Ending::Again, code.to_string()),
            None => (Ending::Done, became.first().map_or("", |it| it.state).to_owned()),
        },
    })
}

/// Why a thing is parked again, where it is.
pub fn still_parked(became: &[Became]) -> Option<&Code> {
    became.iter().find_map(|it| it.reason.as_ref()).map(|reason| &reason.code)
}

fn finish(tx: &mut Tx<'_>, mut job: Job, ending: Ending, detail: &str) -> Result<Step, Error> {
    tx.keep_outcome(&job, ending, detail)?;
    if job.position() + 1 >= job.total
        && let Some(next) = job.state.after(Turn::End)
    {
        job.state = next;
        tx.change_job(&job)?;
    }
    Ok(Step::Ended(ending))
}
