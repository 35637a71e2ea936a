//! Answering a task, and asking somebody else because of one: the form of the event, filled in with
//! what is known of the case, sent by the same intake as everything else, in one transaction with what
//! it does to the task. Sent twice it is one event: the task has another version then.

mod basis;

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use budstikke_contract::event::{EventKind, danish_day};
use budstikke_contract::id::CaseKey;
use budstikke_contract::law::LawRef;
use serde_json::{Map, Value};

use super::super::Console;
use super::super::access::Person;
use super::super::address::Address;
use super::super::fault::{Fault, page_of};
use super::super::forms::{Faults, Form, Line, MORE, Way};
use super::super::gate::{Posted, Visitor};
use super::super::layout::{Frame, Place as Menu};
use super::super::named::Named;
use super::super::names::happening;
use super::super::raise::{Raise, Stamp};
use super::page::Told;
use super::title::title;
use crate::agreement::model::{Agreement, MailboxId, PerformerBy};
use crate::intake::World;
use crate::intake::consume::{Raised, keep_raised};
use crate::intake::record::Taken;
use crate::intake::tasks::{self, Acted, Doing};
use crate::ledger::task::Kept;
use crate::ledger::{Error, Reader, Tx};
use crate::task::{Refusal, State as TaskState};
pub(super) use basis::question;
use basis::{Basis, basis, prefilled};

/// What stands in the form beside the content.
const STAMP: &str = "stempel";
const DUTY: &str = "pligt";

#[derive(Template)]
#[template(path = "opgave-svar.html", config = "src/console/askama.toml")]
struct Fill {
    frame: Frame,
    id: i64,
    task: String,
    title: String,
    path: String,
    version: u32,
    stamp: String,
    duty: String,
    /// What is owed, where it answers.
    owed: Option<String>,
    notice: Option<String>,
    faults: Vec<(String, String, String)>,
    lines: Vec<Line>,
}

/// What a form is about.
struct Sheet {
    kind: EventKind,
    form: Form,
    basis: Basis,
    /// What the task is called.
    task: String,
    stamp: Stamp,
    version: u32,
}

fn form_of(kind: EventKind) -> Form {
    // The answer comes to the mailbox that asks.
    Form::of(kind).without(&["asking_team"])
}

/// The law that an event must name, where the agreement tells its rules apart by it.
fn law_of(agreement: Option<&Agreement>, kind: EventKind, law: Option<&str>) -> Option<LawRef> {
    let law = LawRef::parse(law?)?;
    let by_law = |rule: &&crate::agreement::model::Rule| {
        rule.event == kind
            && (rule.law.is_some() || !rule.within.is_empty() || rule.performer_by == PerformerBy::Event)
            && rule.speaks_of(Some(&law))
    };
    agreement?.rules.iter().find(by_law).map(|_| law.clone())
}

impl Sheet {
    fn lines(&self, data: &super::super::forms::Typed, faults: &Faults, row: Option<&str>) -> Vec<Line> {
        self.form.lines(data, faults, row)
    }

    /// What is said, with who asks where it asks: the answer comes to the mailbox.
    fn said(&self, mut data: Map<String, Value>) -> Map<String, Value> {
        let mailbox = &self.basis.kept.task.mailbox;
        if let Some((_, team)) = mailbox.split_once('/').filter(|_| self.basis.duty.is_none()) {
            data.insert("asking_team".to_owned(), Value::String(team.to_owned()));
        }
        data
    }

    /// What is raised.
    fn raise(&self, world: &World, data: Map<String, Value>, today: jiff::civil::Date) -> Result<Raise, Fault> {
        let task = &self.basis.kept.task;
        let by = MailboxId::parse(&task.mailbox).ok_or(Fault::Broken)?;
        let agreement = world.book.of_party(by.party(), today);
        let mut raise = Raise::new(by, self.kind, self.stamp.clone(), data);
        // What the calendar opens has a case of its own, to which what meets it does not belong.
        raise.case = CaseKey::parse(&task.case).filter(|case| !case.as_str().starts_with("calendar-"));
        raise.answers = self.basis.duty.as_ref().filter(|_| raise.case.is_some()).map(|duty| duty.wire_id.clone());
        raise.law = law_of(agreement, self.kind, task.law.as_deref());
        Ok(raise)
    }
}

/// The form, filled in with what is known.
pub(super) async fn form(
    State(console): State<Arc<Console>>,
    path: Named<(i64, String)>,
    visitor: Visitor,
    uri: Uri,
) -> Result<Response, Fault> {
    let (task, kind) = path.read()?;
    let address = Address::of(&uri);
    let stamp = Stamp::new(console.hub.desk.clock.now())?;
    let sheet = console.answer_sheet(&visitor.person, (task, &kind, address.one(DUTY)), stamp, None).await?;
    let team = console.called(&sheet.basis.kept.task.mailbox);
    let known = console.known(&visitor.person, &sheet.basis).await?;
    let typed = sheet.form.prefilled(&prefilled(sheet.kind, known.as_ref(), &team));
    let lines = sheet.lines(&typed, &Faults::none(), None);
    Ok(page_of(&fill(&visitor, &sheet, lines, None)))
}

/// Sends it.
pub(super) async fn send(
    State(console): State<Arc<Console>>,
    path: Named<(i64, String)>,
    posted: Posted,
) -> Result<Response, Fault> {
    let (task, kind) = path.read()?;
    let (now, visitor) = (console.hub.desk.clock.now(), &posted.visitor);
    let (stamp, old) = Stamp::brought(posted.one(STAMP), now)?;
    let version = posted.one("version").parse().map_err(|_none| Fault::Stale)?;
    let about = (task, kind.as_str(), posted.one(DUTY));
    let sheet = console.answer_sheet(&visitor.person, about, stamp.clone(), Some(version)).await;
    let sheet = match sheet {
        Err(Fault::NotFound) => return console.answered_already(&posted, about, (stamp, version)).await,
        other => other?,
    };
    let typed = sheet.form.typed(posted.sent());
    let row = Some(posted.one(MORE)).filter(|row| !row.is_empty());
    let data = sheet.said(sheet.form.data(&typed));
    let faults = if row.is_some() { Faults::none() } else { sheet.form.faults(&data) };
    if row.is_some() || old.is_some() || !faults.is_empty() {
        let page = fill(visitor, &sheet, sheet.lines(&typed, &faults, row), old);
        let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        return Ok((status, page_of(&page)).into_response());
    }
    let id = sheet.basis.kept.seq;
    let why = match console.answers(&visitor.person, &sheet, data).await {
        Ok(Acted::Refused(Refusal::Owed, _)) => {
            let why = "Svaret er sendt. Kommunen skylder stadig noget i sagen, så opgaven er ikke færdig.".to_owned();
            let told = Told { why, ..Told::default() };
            return console.task_page(visitor, id, Some((StatusCode::OK, told))).await;
        }
        Ok(acted) => console.told_of_task(&visitor.person, &acted).await?,
        Err(Fault::Refused(why)) => Some(why),
        Err(fault) => return Err(fault),
    };
    let Some(why) = why else { return Ok(Redirect::to(&format!("/indbakke/{id}")).into_response()) };
    let page = fill(visitor, &sheet, sheet.lines(&typed, &Faults::none(), None), Some(why));
    Ok((StatusCode::CONFLICT, page_of(&page)).into_response())
}

/// The page of a form.
fn fill(visitor: &Visitor, sheet: &Sheet, lines: Vec<Line>, notice: Option<String>) -> Fill {
    let task = &sheet.basis.kept;
    let duty = sheet.basis.duty.as_ref();
    Fill {
        frame: Frame::new(visitor, Some(Menu::Tasks)),
        id: task.seq,
        task: sheet.task.clone(),
        title: happening(sheet.kind.name()).to_owned(),
        path: format!("/indbakke/{}/svar/{}", task.seq, sheet.kind),
        version: sheet.version,
        stamp: sheet.stamp.text(),
        duty: duty.map_or_else(String::new, |duty| duty.id.to_string()),
        owed: duty.map(|duty| duty.terms.what.clone()),
        notice,
        faults: lines.iter().filter_map(Line::fault).collect(),
        lines,
    }
}

impl Console {
    /// What an answer is about, for somebody who may give it.
    async fn answer_sheet(
        self: &Arc<Self>,
        person: &Person,
        (task, kind, duty): (i64, &str, &str),
        stamp: Stamp,
        version: Option<u32>,
    ) -> Result<Sheet, Fault> {
        let kind = EventKind::named(kind).ok_or(Fault::NotFound)?;
        let kept = self.task_of(person, task).await?;
        let wanted = duty.to_owned();
        let read = move |reader: &mut Reader<'_>| {
            let told = reader.duty_told(&kept)?;
            Ok(basis(reader, kept, (kind, &wanted))?.map(|basis| (basis, told)))
        };
        let (basis, told) = self.hub.desk.ledger.read(read).await?.ok_or(Fault::NotFound)?;
        let told = told.as_ref().map(|(duty, why)| (duty, *why));
        let arrived = danish_day(basis.kept.task.arrived);
        let task = title(&basis.kept.task.kind, told, arrived, &self.parties());
        let version = version.unwrap_or(basis.kept.task.version);
        Ok(Sheet { kind, form: form_of(kind), basis, task, stamp, version })
    }

    /// Sends what was filled in, and moves the task on.
    async fn answers(
        self: &Arc<Self>,
        person: &Person,
        sheet: &Sheet,
        data: Map<String, Value>,
    ) -> Result<Acted, Fault> {
        let raise = sheet.raise(&self.hub.desk.world, data, self.inbox_when().today)?;
        self.refuse_paused()?;
        let message = raise.message(&person.user, self.hub.desk.clock.now());
        let written = self.hub.desk.written(message);
        let (user, version, asks) = (person.user.clone(), sheet.version, sheet.basis.duty.is_none());
        let letter = written.clone();
        let work = move |tx: &mut Tx<'_>, world: &World, kept: Kept| {
            let doing = Doing { task: kept.seq, version, by: &user, reason: "" };
            let mut sent = Vec::new();
            let mut send = |tx: &mut Tx<'_>| match keep_raised(tx, world, letter.prepared(), &user)? {
                Raised::Taken(taken) => {
                    went_on(&taken)?;
                    sent = taken;
                    Ok(())
                }
                Raised::IdUsed(_) => Err(Error::Refused("Skemaet er sendt før, med andet indhold.".to_owned())),
            };
            let ask = if asks { tasks::ask } else { tasks::answer };
            Ok((ask(tx, world, &doing, &mut send)?, sent))
        };
        let (console, person, task) = (Arc::clone(self), person.clone(), sheet.basis.kept.seq);
        let done = self.to_its_end(async move {
            let (acted, sent) = console.works_here(&person, task, work).await?;
            console.hub.desk.was_raised(&written, &sent);
            Ok(acted)
        });
        done.await?
    }

    /// The same for other systems. Sent again, it finds what it did.
    pub(super) async fn answers_by_call(
        self: &Arc<Self>,
        person: &Person,
        (task, version): (i64, u32),
        (kind, duty): (&str, &str),
        data: Map<String, Value>,
    ) -> Result<Acted, Fault> {
        let stamp = Stamp::new(self.hub.desk.clock.now())?;
        match self.answer_sheet(person, (task, kind, duty), stamp, Some(version)).await {
            Ok(sheet) => self.answers(person, &sheet, sheet.said(data)).await,
            Err(Fault::NotFound) => {
                let kept = self.task_of(person, task).await?;
                let own = matches!(&kept.task.state, TaskState::Done { by: Some(by), .. } if *by == person.user);
                if own { Ok(Acted::Done(kept)) } else { Err(Fault::NotFound) }
            }
            Err(fault) => Err(fault),
        }
    }

    /// Where a form leads that nothing asks for any more: a second click to the task, which says how it
    /// stands. Whoever was overtaken by a colleague keeps what they wrote.
    async fn answered_already(
        self: &Arc<Self>,
        posted: &Posted,
        (task, kind, duty): (i64, &str, &str),
        (stamp, version): (Stamp, u32),
    ) -> Result<Response, Fault> {
        const LATE: &str = "Imens du skrev, er det besvaret, eller det skyldes ikke mere. Dit svar er ikke sendt. Åbn opgaven, og se, hvordan den står.";
        let visitor = &posted.visitor;
        let kept = self.task_of(&visitor.person, task).await?;
        let id = stamp.id().to_string();
        if self.hub.desk.ledger.read(move |reader| reader.is_named(&id)).await? {
            return Ok(Redirect::to(&format!("/indbakke/{task}")).into_response());
        }
        let kind = EventKind::named(kind).ok_or(Fault::NotFound)?;
        let basis = Basis { kept, duty: None, about: None };
        let title = happening(&basis.kept.task.kind).to_owned();
        let sheet = Sheet { kind, form: form_of(kind), basis, task: title, stamp, version };
        let lines = sheet.lines(&sheet.form.typed(posted.sent()), &Faults::none(), None);
        let page = Fill { duty: duty.to_owned(), ..fill(visitor, &sheet, lines, Some(LATE.to_owned())) };
        Ok((StatusCode::CONFLICT, page_of(&page)).into_response())
    }
}

/// Whether what was sent goes on: what is parked or refused is better said to its writer, who is here.
fn went_on(taken: &[Taken]) -> Result<(), Error> {
    let stopped = taken.iter().find_map(|one| one.reason.as_ref());
    stopped.map_or(Ok(()), |reason| Err(Error::Refused(format!("{} Intet er sendt.", reason.text))))
}
