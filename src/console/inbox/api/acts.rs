//! What other systems do with tasks: the same deeds as on the pages, each said with the version that
//! was seen.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use budstikke_contract::event::danish_day;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::super::super::Console;
use super::super::super::api::{Caller, Problem, Sent};
use super::super::super::fault::Fault;
use super::super::super::named::Named;
use super::super::act::{Deed, LONGEST};
use super::super::may;
use super::Task;
use crate::intake::tasks::Acted;
use crate::task::{Act, Refusal, Wait};

/// An event that is sent because of a task. Its case, cause and sender are the task's.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TaskAnswer {
    /// Its kind: `benefit.decided`.
    kind: String,
    /// The duty that it meets, where several are open.
    #[serde(default)]
    duty: String,
    /// Its content, by the kind's schema.
    data: serde_json::Map<String, Value>,
}

/// What is done with a task.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "act", rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum TaskAct {
    /// Takes it, goes on with it, or opens it again.
    Take {
        /// The version that was seen.
        version: u32,
    },
    /// Takes it from somebody else.
    TakeOver {
        /// The version that was seen.
        version: u32,
        /// From whom.
        from: String,
    },
    /// Gives it to somebody else of the mailbox; to all where nobody is named.
    HandOver {
        /// The version that was seen.
        version: u32,
        /// To whom.
        #[serde(default)]
        to: Option<String>,
    },
    /// Tells the sender that it is taken on.
    Accept {
        /// The version that was seen.
        version: u32,
    },
    /// Lets it wait, until a day or for an answer.
    Wait {
        /// The version that was seen.
        version: u32,
        /// Until when: `2026-12-24`; for an answer where none is named.
        #[serde(default)]
        until: Option<String>,
    },
    /// Brings it to its end; with the answer where one is owed.
    Complete {
        /// The version that was seen.
        version: u32,
        /// The answer: it meets what is owed.
        #[serde(default)]
        answer: Option<TaskAnswer>,
    },
    /// Asks somebody else because of it, and lets it wait for the answer.
    Ask {
        /// The version that was seen.
        version: u32,
        /// The question: `employment.info.requested`.
        question: TaskAnswer,
    },
    /// Sends it back.
    Reject {
        /// The version that was seen.
        version: u32,
        /// Why.
        reason: String,
    },
}

impl TaskAct {
    /// The event that is sent with it, by the version that was seen; the act itself where none is.
    fn sends(self) -> Result<(u32, TaskAnswer), Self> {
        match self {
            Self::Complete { version, answer: Some(answer) } | Self::Ask { version, question: answer } => {
                Ok((version, answer))
            }
            Self::Take { .. }
            | Self::TakeOver { .. }
            | Self::HandOver { .. }
            | Self::Accept { .. }
            | Self::Wait { .. }
            | Self::Complete { .. }
            | Self::Reject { .. } => Err(self),
        }
    }

    fn deed(self) -> Result<Deed, Problem> {
        let (version, act, reason) = match self {
            Self::Take { version } => (version, Act::Take, String::new()),
            Self::TakeOver { version, from } => (version, Act::TakeOver { from }, String::new()),
            Self::HandOver { version, to } => (version, Act::HandOver { to }, String::new()),
            Self::Accept { version } => (version, Act::Accept, String::new()),
            Self::Wait { version, until: None } | Self::Ask { version, .. } => {
                (version, Act::Wait(Wait::Answer), String::new())
            }
            Self::Wait { version, until: Some(day) } => {
                let day = day.parse().map_err(|_quotes| Problem::unreadable("`until` is a day: 2026-12-24"))?;
                (version, Act::Wait(Wait::Until(day)), String::new())
            }
            Self::Complete { version, .. } => (version, Act::Complete { answered: false }, String::new()),
            Self::Reject { reason, .. } if reason.trim().is_empty() => {
                return Err(Problem::unreadable("`reason` says why it is sent back"));
            }
            Self::Reject { reason, .. } if reason.chars().count() > LONGEST => {
                return Err(Problem::unreadable("`reason` has at most 2000 characters"));
            }
            Self::Reject { version, reason } => (version, Act::Reject, reason),
        };
        Ok(Deed { version, act, reason })
    }
}

/// Does something with a task. Sent twice it is done once.
#[utoipa::path(
    post,
    path = "/tasks/{task}/acts",
    params(("task" = i64, Path, description = "Its number.")),
    request_body = TaskAct,
    responses(
        (status = 200, description = "The task, as it stands now.", body = Task),
        (status = 409, description = "It has changed meanwhile: read it anew.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn act(
    State(console): State<Arc<Console>>,
    caller: Caller,
    path: Named<i64>,
    Sent(done): Sent<TaskAct>,
) -> Result<Json<Task>, Problem> {
    let today = danish_day(console.hub.desk.clock.now());
    let task = path.read()?;
    console.task_of(&caller.0, task).await?;
    let (version, answer) = match done.sends() {
        Ok(sends) => sends,
        Err(other) => {
            return match console.acts_on_task(&caller.0, task, other.deed()?).await? {
                Some(acted) => answered(&acted, &caller, today),
                None => Err(Fault::Refused("`to` does not work with this mailbox".to_owned()).into()),
            };
        }
    };
    let TaskAnswer { kind, duty, data } = answer;
    let acted = console.answers_by_call(&caller.0, (task, version), (&kind, &duty), data).await?;
    // It is sent, though something else is owed still.
    if let Acted::Refused(Refusal::Owed, kept) = &acted {
        return Ok(Json(Task::of(kept, today)));
    }
    answered(&acted, &caller, today)
}

fn answered(acted: &Acted, caller: &Caller, today: Date) -> Result<Json<Task>, Problem> {
    match acted {
        Acted::Done(kept) => Ok(Json(Task::of(kept, today))),
        Acted::Stale(_) => Err(Fault::Stale.into()),
        // The same call came before.
        Acted::Refused(Refusal::Done { by: Some(by), .. }, kept) if *by == caller.0.user && may(&caller.0, kept) => {
            Ok(Json(Task::of(kept, today)))
        }
        Acted::Refused(refusal, _) => {
            let why = match refusal {
                Refusal::Theirs { by, since } => format!("`{by}` has it since {since}"),
                Refusal::Done { how, since, .. } => format!("it is at its end ({}) since {since}", how.name()),
                Refusal::Owed => "an answer is owed: send the event that meets the duty".to_owned(),
                Refusal::OnlyToRead => "there is nothing in it to be acted on".to_owned(),
                Refusal::Past => "that day has come already".to_owned(),
            };
            Err(Fault::Refused(why).into())
        }
    }
}

/// A note.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TaskNote {
    /// What it says. It is sealed, and read by those of the mailbox.
    text: String,
}

/// Keeps a note beside a task. The same note, sent again within ten minutes, is kept once.
#[utoipa::path(
    post,
    path = "/tasks/{task}/notes",
    params(("task" = i64, Path, description = "Its number.")),
    request_body = TaskNote,
    responses((status = 204, description = "It is kept."))
)]
pub(super) async fn note(
    State(console): State<Arc<Console>>,
    caller: Caller,
    path: Named<i64>,
    Sent(TaskNote { text }): Sent<TaskNote>,
) -> Result<axum::http::StatusCode, Problem> {
    let length = text.trim().chars().count();
    if !(1..=LONGEST).contains(&length) {
        return Err(Problem::unreadable("`text` has something in it, and at most 2000 characters"));
    }
    console.keeps_note(&caller.0, path.read()?, text, None).await?;
    Ok(axum::http::StatusCode::NO_CONTENT)
}
