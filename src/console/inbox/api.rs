//! The tasks of mailboxes, for other systems: listed and worked on as on the pages, by the same
//! rights. A list and a task need no look; content is asked for with a purpose.

mod acts;

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use budstikke_contract::event::danish_day;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::Console;
use super::super::access::Right;
use super::super::api::{Asked, Caller, Problem, Sent};
use super::super::fault::Fault;
use super::super::looking::see_if_theirs;
use super::super::named::Named;
use super::super::purpose::{Purpose, Stated};
use super::choice::{place, written};
use super::list::SHOWN;
use crate::agreement::model::MailboxId;
use crate::ledger::look::Wanted as Sight;
use crate::ledger::task::{Kept, Tab};
use crate::ledger::{Reader, Tx};
use crate::task::{State as TaskState, Wait};

/// How many events are shown of a task, the last first.
const ENTRIES: u32 = 20;

/// Where it is served.
pub(in crate::console) fn routes() -> OpenApiRouter<Arc<Console>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(one))
        .routes(routes!(content))
        .routes(routes!(acts::act))
        .routes(routes!(acts::note))
}

/// Which tasks.
#[derive(Debug, Deserialize, ToSchema, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
enum TaskList {
    /// What nobody has.
    New,
    /// What the caller has and works with.
    Mine,
    /// What others have and work with.
    Others,
    /// What waits.
    Waiting,
    /// What should have been done.
    Late,
    /// What is at its end, the last first.
    Done,
}

impl TaskList {
    fn tab(self) -> Tab {
        match self {
            Self::New => Tab::New,
            Self::Mine => Tab::Mine,
            Self::Others => Tab::Others,
            Self::Waiting => Tab::Waiting,
            Self::Late => Tab::Late,
            Self::Done => Tab::Done,
        }
    }
}

/// Which list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// Of which mailbox: `dragoer/ydelse`.
    mailbox: String,
    /// Which of its tasks.
    #[param(inline)]
    list: TaskList,
    /// What the page before said in `next`.
    #[serde(default)]
    after: Option<String>,
}

/// A task. No content.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Task {
    /// Its number.
    id: i64,
    /// Whose it is.
    mailbox: String,
    /// What it is about.
    case: String,
    /// `new`, `taken`, `waiting` or `done`.
    state: &'static str,
    /// Who has it, or brought it to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    /// Until when it waits, where it waits for a day.
    #[schema(value_type = Option<String>, format = Date)]
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    /// How it was brought to its end: `read`, `completed`, `answered`, `met` (elsewhere), `rejected`.
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<&'static str>,
    /// Since when it stands so.
    since: String,
    /// When something came last.
    arrived: String,
    /// The kind of what came last.
    kind: String,
    /// The law of what came last.
    #[serde(skip_serializing_if = "Option::is_none")]
    law: Option<String>,
    /// How much is in it that nobody has brought to an end.
    events: u32,
    /// How much of that is to be acted on, and not only to be read.
    to_do: u32,
    /// How many answers are owed.
    owed: u32,
    /// By when the first of them is.
    #[schema(value_type = Option<String>, format = Date)]
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<String>,
    /// Whether that was before today.
    late: bool,
    /// To be said with whatever is done with it.
    version: u32,
}

impl Task {
    fn of(kept: &Kept, today: Date) -> Self {
        let task = &kept.task;
        let (by, until, outcome) = match &task.state {
            TaskState::New => (None, None, None),
            TaskState::Taken { by } | TaskState::Waiting { by, on: Wait::Answer } => (Some(by.clone()), None, None),
            TaskState::Waiting { by, on: Wait::Until(day) } => (Some(by.clone()), Some(day.to_string()), None),
            TaskState::Done { by, how } => (by.clone(), None, Some(how.name())),
        };
        Self {
            id: kept.seq,
            mailbox: task.mailbox.clone(),
            case: task.case.clone(),
            state: task.state.name(),
            by,
            until,
            outcome,
            since: task.since.to_string(),
            arrived: task.arrived.to_string(),
            kind: task.kind.clone(),
            law: task.law.clone(),
            events: task.contents.events,
            to_do: task.contents.to_do,
            owed: task.contents.owed,
            due: task.contents.due.map(|due| due.to_string()),
            late: task.is_late(today),
            version: task.version,
        }
    }
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
struct Tasks {
    /// The tasks, the first due first.
    tasks: Vec<Task>,
    /// What to ask for the next page with.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Something that came into a task. No content.
#[derive(Debug, Serialize, ToSchema)]
struct TaskEvent {
    /// Its sender's id, which an answer names as its cause.
    id: String,
    /// What it is.
    kind: String,
    /// Who sent it.
    source: String,
    /// When it came.
    at: String,
    /// `task` or `information`.
    capacity: String,
    /// The delivery that brought it.
    delivery: String,
    /// The rules by which it came.
    rules: Vec<String>,
    /// The clauses where they stand.
    clauses: Vec<String>,
    /// The duty that it came with.
    #[serde(skip_serializing_if = "Option::is_none")]
    duty: Option<String>,
    /// Whether it was brought to an end.
    handled: bool,
}

/// A task with what came into it. No content.
#[derive(Debug, Serialize, ToSchema)]
struct WholeTask {
    #[serde(flatten)]
    task: Task,
    /// What came, the last first.
    came: Vec<TaskEvent>,
}

/// The tasks of a mailbox.
#[utoipa::path(
    get,
    path = "/tasks",
    params(Wanted),
    responses((status = 200, description = "A page of the list.", body = Tasks))
)]
async fn list(
    State(console): State<Arc<Console>>,
    caller: Caller,
    Asked(wanted): Asked<Wanted>,
) -> Result<Json<Tasks>, Problem> {
    let mailbox = MailboxId::parse(&wanted.mailbox).ok_or(Fault::Forbidden)?;
    caller.needs(Right::Content(&mailbox))?;
    let after = match &wanted.after {
        Some(text) => Some(place(text).ok_or_else(|| Problem::unreadable("`after` is nothing that `next` said"))?),
        None => None,
    };
    let today = danish_day(console.hub.desk.clock.now());
    let (of, user, tab) = ([mailbox.to_string()], caller.0.user.clone(), wanted.list.tab());
    let read = move |reader: &mut Reader<'_>| reader.tasks(&of, (tab, &user, today), after, SHOWN);
    let page = console.hub.desk.ledger.read(read).await?;
    let tasks = page.tasks.iter().map(|kept| Task::of(kept, today)).collect();
    Ok(Json(Tasks { tasks, next: page.next.as_ref().map(written) }))
}

/// A task with what came into it.
#[utoipa::path(
    get,
    path = "/tasks/{task}",
    params(("task" = i64, Path, description = "Its number.")),
    responses((status = 200, description = "The task.", body = WholeTask))
)]
async fn one(
    State(console): State<Arc<Console>>,
    caller: Caller,
    path: Named<i64>,
) -> Result<Json<WholeTask>, Problem> {
    let kept = console.task_of(&caller.0, path.read()?).await?;
    let seq = kept.seq;
    let entries = console.hub.desk.ledger.read(move |reader| reader.task_entries(seq, ENTRIES)).await?;
    let came = entries.into_iter().map(|entry| TaskEvent {
        id: entry.wire_id,
        kind: entry.kind,
        source: entry.source,
        at: entry.at.to_string(),
        capacity: entry.delivery.capacity,
        delivery: entry.delivery.id.to_string(),
        rules: entry.delivery.why.rules.iter().map(|(rule, _)| rule.clone()).collect(),
        clauses: entry.delivery.why.rules.iter().map(|(_, clause)| clause.clone()).collect(),
        duty: entry.delivery.why.duty.map(|duty| duty.id),
        handled: entry.handled,
    });
    let task = Task::of(&kept, danish_day(console.hub.desk.clock.now()));
    Ok(Json(WholeTask { task, came: came.collect() }))
}

/// What content is for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TaskLook {
    /// For what it is looked at: it stands in the log of looks.
    purpose: Stated,
}

/// The events of a task, with content.
#[derive(Debug, Serialize, ToSchema)]
struct TaskContent {
    /// CloudEvents, the last first.
    events: Vec<Value>,
}

/// The content of what came into a task, the last twenty. The look is written down for each.
#[utoipa::path(
    post,
    path = "/tasks/{task}/content",
    params(("task" = i64, Path, description = "Its number.")),
    request_body = TaskLook,
    responses((status = 200, description = "The events.", body = TaskContent))
)]
async fn content(
    State(console): State<Arc<Console>>,
    caller: Caller,
    path: Named<i64>,
    Sent(TaskLook { purpose }): Sent<TaskLook>,
) -> Result<Json<TaskContent>, Problem> {
    let (task, purpose) = (path.read()?, Purpose::stated(&purpose)?);
    let (person, now) = (caller.0.clone(), console.hub.desk.clock.now());
    let look = move |tx: &mut Tx<'_>, world: &crate::intake::World, kept: Kept| {
        let mut events = Vec::new();
        for entry in tx.reader().task_entries(kept.seq, ENTRIES)? {
            // What was taken back from the mailbox it sees no more.
            let seen = see_if_theirs(tx, (world, now), (&person, &purpose), Sight::Delivery(entry.delivery.seq))?;
            let event = seen.and_then(|seen| seen.event);
            events.extend(event.map(|bytes| serde_json::from_slice(&bytes).unwrap_or_default()));
        }
        Ok(TaskContent { events })
    };
    Ok(Json(console.in_mailbox(&caller.0, task, look).await?))
}
