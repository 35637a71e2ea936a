//! One task: what to do and by when, why it came, all that is needed to do it, and what people can do
//! with it. Who opens it looks at content: that is written down in the transaction that reads it.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use budstikke_contract::event::danish_day;

use super::super::Console;
use super::super::address::Address;
use super::super::fault::{Fault, page_of};
use super::super::gate::Visitor;
use super::super::layout::{Frame, Place as Menu};
use super::super::live::{self, written};
use super::super::named::Named;
use super::act::is_free_for;
use super::answer::question;
use super::may;
use super::open::{Came, Opened, Owed, Written};
use super::team::{Names, names};
use super::view::{self, When};
use crate::ledger::Reader;
use crate::task::{How, State as TaskState, Task};

/// What somebody is told on the page, with what they had written.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) why: String,
    pub(super) reason: String,
    pub(super) note: String,
}

/// What can be done with it.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "the page asks them one by one")]
struct Can {
    /// Whether nobody has it, or the visitor.
    work: bool,
    /// Whether the visitor has it.
    own: bool,
    take: bool,
    reopen: bool,
    accept: bool,
    complete: bool,
    /// Who else has it.
    theirs: Option<(String, String)>,
}

impl Can {
    fn of(task: &Task, me: &str, names: &Names) -> Self {
        let work = is_free_for(&task.state, me);
        let holder = task.holder().filter(|holder| *holder != me);
        let rejected = matches!(task.state, TaskState::Done { how: How::Rejected, .. });
        Self {
            work,
            own: task.holder() == Some(me),
            take: task.state == TaskState::New || work && matches!(task.state, TaskState::Waiting { .. }),
            reopen: task.is_done() && !rejected,
            accept: work && task.is_to_do() && !task.accepted,
            complete: work && task.contents.owed == 0,
            theirs: holder.map(|holder| (holder.to_owned(), view::name(holder, names).to_owned())),
        }
    }
}

#[derive(Template)]
#[template(path = "opgave.html", config = "src/console/askama.toml")]
struct Page {
    frame: Frame,
    id: i64,
    version: u32,
    title: String,
    law: String,
    mailbox: String,
    case: String,
    to_do: bool,
    told: Option<Told>,
    live: Arc<str>,
    can: Can,
    owed: Vec<Owed>,
    asked: Vec<Owed>,
    came: Vec<Came>,
    older: bool,
    notes: Vec<Written>,
    last_note: i64,
    colleagues: Vec<(String, String)>,
    tomorrow: String,
    /// The kind by which the other municipality is asked, where the area has one.
    question: Option<String>,
}

#[derive(Template)]
#[template(path = "opgave-live.html", config = "src/console/askama.toml")]
struct Live {
    id: i64,
    standing: String,
    late: bool,
    due: String,
    changed: bool,
}

/// A task.
pub(super) async fn page(
    State(console): State<Arc<Console>>,
    path: Named<i64>,
    visitor: Visitor,
) -> Result<Response, Fault> {
    console.task_page(&visitor, path.read()?, None).await
}

/// Who has it and whether it has changed, as that changes. No content.
pub(super) async fn stream(
    State(console): State<Arc<Console>>,
    path: Named<i64>,
    visitor: Visitor,
    uri: Uri,
) -> Result<Response, Fault> {
    let task = path.read()?;
    let seen = Address::of(&uri).one("version").parse().unwrap_or_default();
    console.task_of(&visitor.person, task).await?;
    let make = move |console: Arc<Console>, visitor: Visitor| {
        Box::pin(async move { console.task_live(&visitor, task, seen).await }) as live::Made
    };
    Ok(live::stream_for(console, visitor, Box::new(make)))
}

impl Console {
    pub(super) fn inbox_when(&self) -> When {
        let now = self.hub.desk.clock.now();
        When { now, today: danish_day(now) }
    }

    /// Who has a task, and whether it has changed since version `seen`.
    async fn task_live(&self, visitor: &Visitor, task: i64, seen: u32) -> Result<Arc<str>, Fault> {
        let read = move |reader: &mut Reader<'_>| Ok((reader.task(task)?, names(reader)?));
        let (kept, names) = self.hub.desk.ledger.read(read).await?;
        let kept = kept.ok_or(Fault::NotFound)?;
        if !may(&visitor.person, &kept) {
            return Err(Fault::Forbidden);
        }
        self.live_of(&kept.task, task, seen, (&visitor.person.user, &names))
    }

    fn live_of(&self, task: &Task, id: i64, seen: u32, (me, names): (&str, &Names)) -> Result<Arc<str>, Fault> {
        let when = self.inbox_when();
        written(&Live {
            id,
            standing: view::standing(task, me, names, when),
            late: task.is_late(when.today),
            due: task.contents.due.map_or_else(String::new, super::super::words::day),
            changed: seen != task.version,
        })
    }

    /// The page of a task; with what its visitor is told, where something could not be done.
    pub(super) async fn task_page(
        self: &Arc<Self>,
        visitor: &Visitor,
        id: i64,
        told: Option<(StatusCode, Told)>,
    ) -> Result<Response, Fault> {
        let person = &visitor.person;
        let Opened { kept, title, names, colleagues, owed, asked, came, older, notes, last_note } =
            self.opens_task(person, id).await?;
        let task = &kept.task;
        let live = self.live_of(task, id, task.version, (&person.user, &names))?;
        let (status, told) = told.map_or((StatusCode::OK, None), |(status, told)| (status, Some(told)));
        let page = Page {
            frame: Frame::new(visitor, Some(Menu::Tasks)),
            id,
            version: task.version,
            title,
            law: task.law.clone().unwrap_or_default(),
            mailbox: self.called(&task.mailbox),
            case: task.case.clone(),
            to_do: task.is_to_do(),
            told,
            live,
            can: Can::of(task, &person.user, &names),
            owed,
            asked,
            came,
            older,
            notes,
            last_note,
            colleagues: colleagues.into_iter().collect(),
            question: question(&task.kind).map(|kind| kind.name().to_owned()),
            tomorrow: self.inbox_when().today.tomorrow().map_or_else(|_never| String::new(), |day| day.to_string()),
        };
        Ok((status, page_of(&page)).into_response())
    }

    /// What the municipalities are called, by their names in ids.
    pub(super) fn parties(&self) -> BTreeMap<String, String> {
        super::super::names::parties(self.hub.desk.world.book.newest())
    }

    /// What a mailbox is called.
    pub(super) fn called(&self, id: &str) -> String {
        let known = crate::agreement::model::MailboxId::parse(id);
        let known = known.and_then(|id| self.hub.desk.world.mailboxes.get(&id));
        known.map_or_else(|| id.to_owned(), |mailbox| mailbox.name.clone())
    }
}
