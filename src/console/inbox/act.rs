//! What people do with a task: forms of its page. Each says which version of the task its visitor saw;
//! of another one nothing is done, and they are told what has happened meanwhile.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::SignedDuration;

use super::super::Console;
use super::super::access::Person;
use super::super::fault::Fault;
use super::super::gate::Posted;
use super::super::named::Named;
use super::page::Told;
use super::team::names;
use super::view;
use crate::intake::tasks::{self, Acted, Doing};
use crate::ledger::task::Since;
use crate::ledger::{Error, Tx};
use crate::task::{Act, Refusal, State as TaskState, Wait};

/// The longest reason for sending something back, in characters.
pub(super) const LONGEST: usize = 2_000;

/// In the form of a note: the last one that its writer saw.
const SEEN: &str = "set";

/// For how long a call with the same note is the same call, made again because its answer was lost.
const AGAIN: SignedDuration = SignedDuration::from_mins(10);

/// What somebody wants to do.
#[derive(Debug, Clone)]
pub(super) struct Deed {
    pub(super) version: u32,
    pub(super) act: Act,
    /// Why it is sent back.
    pub(super) reason: String,
}

impl Console {
    /// Does something with a task of somebody's mailbox; `None` where it was to be given to somebody who
    /// does not work with that.
    pub(super) async fn acts_on_task(
        self: &Arc<Self>,
        person: &Person,
        task: i64,
        deed: Deed,
    ) -> Result<Option<Acted>, Fault> {
        let (console, user) = (Arc::clone(self), person.user.clone());
        let work = move |tx: &mut Tx<'_>, world: &crate::intake::World, kept: crate::ledger::task::Kept| {
            if let Act::HandOver { to: Some(to) } = &deed.act
                && !console.colleagues(tx.reader().people()?, &kept.task.mailbox, &user).contains_key(to)
            {
                return Ok(None);
            }
            let doing = Doing { task, version: deed.version, by: &user, reason: &deed.reason };
            tasks::act(tx, world, &doing, &deed.act).map(Some)
        };
        self.works_on(person, task, work).await
    }

    /// What somebody is told who could not do what they wanted; nothing where it was done.
    pub(super) async fn told_of_task(&self, person: &Person, acted: &Acted) -> Result<Option<String>, Fault> {
        let known = async || Ok::<_, Fault>((self.hub.desk.ledger.read(names).await?, self.inbox_when()));
        Ok(match acted {
            Acted::Done(_) => None,
            // A second click: it is as they wanted it.
            Acted::Refused(Refusal::Done { by: Some(by), .. }, _) if *by == person.user => None,
            Acted::Refused(refusal, _) => {
                let (names, when) = known().await?;
                Some(view::refusal(refusal, &person.user, &names, when))
            }
            Acted::Stale(kept) => {
                let (names, when) = known().await?;
                let standing = view::standing(&kept.task, &person.user, &names, when);
                Some(format!(
                    "Opgaven er ændret, siden du åbnede siden: den er {standing}. Se den igennem, og prøv igen. Intet er ændret."
                ))
            }
        })
    }
}

/// Takes a task from a list, and opens it.
pub(super) async fn take(State(console): State<Arc<Console>>, posted: Posted) -> Result<Response, Fault> {
    let mut parts = posted.one("opgave").split(' ').map(str::to_owned);
    let task = parts.next().and_then(|it| it.parse().ok()).ok_or(Fault::NotFound)?;
    let version = parts.next().and_then(|it| it.parse().ok()).ok_or(Fault::NotFound)?;
    let deed = Deed { version, act: Act::Take, reason: String::new() };
    answered(&console, &posted, task, deed).await
}

/// Does what a form of a task's page says.
pub(super) async fn form(
    State(console): State<Arc<Console>>,
    path: Named<i64>,
    posted: Posted,
) -> Result<Response, Fault> {
    let task = path.read()?;
    // Whether it is theirs comes before whether the form makes sense.
    console.task_of(&posted.visitor.person, task).await?;
    let version = posted.one("version").parse().map_err(|_none| Fault::Stale)?;
    let reason = posted.one("grund").to_owned();
    let act = match act(&posted) {
        Ok(act) => act,
        Err(why) => {
            let told = Told { why: why.to_owned(), reason, ..Told::default() };
            return console.task_page(&posted.visitor, task, Some((StatusCode::UNPROCESSABLE_ENTITY, told))).await;
        }
    };
    answered(&console, &posted, task, Deed { version, act, reason }).await
}

async fn answered(console: &Arc<Console>, posted: &Posted, task: i64, deed: Deed) -> Result<Response, Fault> {
    let person = &posted.visitor.person;
    let reason = deed.reason.clone();
    let there = || Redirect::to(&format!("/indbakke/{task}")).into_response();
    let why = match console.acts_on_task(person, task, deed).await? {
        Some(acted) => console.told_of_task(person, &acted).await?,
        None => Some("Vælg en kollega, der arbejder med postkassen. Intet er ændret.".to_owned()),
    };
    let Some(why) = why else { return Ok(there()) };
    console
        .task_page(&posted.visitor, task, Some((StatusCode::CONFLICT, Told { why, reason, ..Told::default() })))
        .await
}

/// What a form says is to be done.
fn act(posted: &Posted) -> Result<Act, &'static str> {
    Ok(match posted.one("handling") {
        "tag" => Act::Take,
        "overtag" => Act::TakeOver { from: posted.one("fra").to_owned() },
        "giv" => {
            let to = posted.one("til");
            Act::HandOver { to: (!to.is_empty()).then(|| to.to_owned()) }
        }
        "accepter" => Act::Accept,
        "vent" => match posted.one("dag").parse() {
            Ok(day) => Act::Wait(Wait::Until(day)),
            Err(_no_day) => return Err("Vælg den dag, opgaven skal vente til. Intet er ændret."),
        },
        "vent-svar" => Act::Wait(Wait::Answer),
        "faerdig" => Act::Complete { answered: false },
        "afvis" => match posted.one("grund").chars().count() {
            0 => return Err("Skriv, hvorfor opgaven afvises: afsenderen skal kunne handle på det. Intet er ændret."),
            1..=LONGEST => Act::Reject,
            _ => return Err("Begrundelsen må højst være 2.000 tegn. Intet er ændret."),
        },
        _ => return Err("Vælg, hvad der skal ske med opgaven. Intet er ændret."),
    })
}

/// Keeps a note beside a task.
pub(super) async fn note(
    State(console): State<Arc<Console>>,
    path: Named<i64>,
    posted: Posted,
) -> Result<Response, Fault> {
    let task = path.read()?;
    let text = posted.one("note").to_owned();
    let seen = posted.one(SEEN).parse().ok().map(Since::Note);
    match console.keeps_note(&posted.visitor.person, task, text.clone(), seen).await {
        Ok(()) => Ok(Redirect::to(&format!("/indbakke/{task}#noter")).into_response()),
        Err(Fault::Refused(why)) => {
            let told = Told { why, note: text, ..Told::default() };
            console.task_page(&posted.visitor, task, Some((StatusCode::UNPROCESSABLE_ENTITY, told))).await
        }
        Err(fault) => Err(fault),
    }
}

impl Console {
    /// Keeps a note of somebody's beside a task of their mailbox. What they have sent already since what
    /// they saw, or just now where that is not known, is not kept twice.
    pub(super) async fn keeps_note(
        self: &Arc<Self>,
        person: &Person,
        task: i64,
        text: String,
        seen: Option<Since>,
    ) -> Result<(), Fault> {
        let length = text.trim().chars().count();
        let user = person.user.clone();
        let now = self.hub.desk.clock.now();
        let since = seen.unwrap_or_else(|| Since::Time(now.checked_sub(AGAIN).unwrap_or(now)));
        let keep = move |tx: &mut Tx<'_>, _: &crate::intake::World, _| {
            if !(1..=LONGEST).contains(&length) {
                let why = "Skriv noget i noten, og højst 2.000 tegn. Intet er ændret.";
                return Err(Error::Refused(why.to_owned()));
            }
            tx.keep_note_once(task, &user, &text, since)?;
            Ok(())
        };
        self.works_on(person, task, keep).await
    }
}

/// Whether somebody may do more than look at a task as it stands.
pub(super) fn is_free_for(state: &TaskState, user: &str) -> bool {
    match state {
        TaskState::New => true,
        TaskState::Taken { by } | TaskState::Waiting { by, .. } => by == user,
        TaskState::Done { .. } => false,
    }
}
