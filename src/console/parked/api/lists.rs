//! Lists by calls: made as things stand, begun as they were shown, held, ended.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::super::Console;
use super::super::super::access::Right;
use super::super::super::api::{Asked, Caller, Problem, Sent};
use super::super::super::fault::Fault;
use super::super::super::named::Named;
use super::super::list::{self, Shown};
use super::super::view::{self, List, ListLine};
use super::{CauseAsked, act_named, needs_to_see};
use crate::intake::job::{Choice, Confirmation, NotTurned};
use crate::intake::people::Person;
use crate::ledger::job::{Job, Turn};
use crate::ledger::{Error, Reader};

/// How many lists are answered at a time.
const LISTS: u32 = 50;

/// Where it is served.
pub(super) fn routes() -> OpenApiRouter<Arc<Console>> {
    OpenApiRouter::new()
        .routes(routes!(lists, prepare))
        .routes(routes!(one))
        .routes(routes!(confirm))
        .routes(routes!(pause))
        .routes(routes!(resume))
        .routes(routes!(stop))
        .routes(routes!(drop_list))
}

/// Where a page of lists begins.
#[derive(Debug, Deserialize, ToSchema, IntoParams)]
#[schema(as = ParkedBefore)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Before {
    /// Those before this number; the newest where it is not given.
    #[serde(default)]
    before: Option<i64>,
}

/// Lists, the newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ParkedLists)]
struct Lists {
    /// At most fifty.
    lists: Vec<List>,
}

/// Lists of parked things, the newest first.
#[utoipa::path(
    get,
    path = "/parked/lists",
    operation_id = "parked_lists",
    params(Before),
    responses((status = 200, description = "The lists.", body = Lists))
)]
async fn lists(
    State(console): State<Arc<Console>>,
    caller: Caller,
    Asked(Before { before }): Asked<Before>,
) -> Result<Json<Lists>, Problem> {
    needs_to_see(&caller)?;
    let before = before.unwrap_or(i64::MAX);
    let jobs = console.hub.desk.ledger.read(move |reader| reader.jobs_before(before, LISTS)).await?;
    Ok(Json(Lists { lists: jobs.iter().map(List::of).collect() }))
}

/// What a list is made of: a group, or things by their ids.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ParkedListSent)]
#[serde(deny_unknown_fields)]
struct ListSent {
    /// `resend`, `discard`, `pass`, `hand`.
    act: String,
    /// All that is parked for this cause.
    #[serde(default)]
    group: Option<CauseAsked>,
    /// These: `#12` of an item, or a delivery's id.
    #[serde(default)]
    things: Vec<String>,
}

/// A list with some of its lines.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ParkedListShown)]
struct ListAnswer {
    /// The list.
    list: List,
    /// Its lines, at most a hundred.
    lines: Vec<ListLine>,
    /// What to ask for as `after` to get what follows; none where this is the last.
    next: Option<u32>,
}

impl ListAnswer {
    fn of(Shown { list, lines }: Shown) -> Self {
        Self { next: list::next(&list, &lines), list, lines }
    }
}

/// How many things a call may name one by one.
const NAMED: usize = 1_000;

/// Fixes what is chosen as it stands now, and does nothing with it yet.
#[utoipa::path(
    post,
    path = "/parked/lists",
    operation_id = "parked_list_prepare",
    request_body = ListSent,
    responses((status = 200, description = "The list, and its first lines.", body = ListAnswer))
)]
async fn prepare(
    State(console): State<Arc<Console>>,
    caller: Caller,
    Sent(sent): Sent<ListSent>,
) -> Result<Json<ListAnswer>, Problem> {
    caller.needs(Right::Operate)?;
    let act = act_named(&sent.act)?;
    let choice = match sent.group {
        Some(group) if sent.things.is_empty() => {
            let cause = view::cause(&group.kind, &group.code, &group.place, &group.channel);
            Choice::Group(cause.ok_or_else(|| Problem::unreadable("`kind` is `item` or `delivery`"))?)
        }
        None if sent.things.len() <= NAMED => {
            let read = move |reader: &mut Reader<'_>| {
                sent.things.iter().map(|id| view::named(reader, id)).collect::<Result<Option<Vec<_>>, Error>>()
            };
            Choice::These(console.hub.desk.ledger.read(read).await?.ok_or(Fault::NotFound)?)
        }
        Some(_) | None => return Err(Problem::unreadable("give a `group`, or at most 1000 `things`")),
    };
    let made = console.prepares(act, choice, &caller.0.user).await?;
    let job = made.ok_or_else(|| Fault::Refused("nothing of that is parked".to_owned()))?;
    answer(&console, job.seq, -1).await
}

async fn answer(console: &Console, number: i64, after: i64) -> Result<Json<ListAnswer>, Problem> {
    let found = console.hub.desk.ledger.read(move |reader| list::shown(reader, number, after)).await?;
    Ok(Json(ListAnswer::of(found.ok_or(Fault::NotFound)?)))
}

/// Where a page of lines begins.
#[derive(Debug, Deserialize, ToSchema, IntoParams)]
#[schema(as = ParkedAfter)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct After {
    /// The lines after this place; the first where it is not given.
    #[serde(default)]
    after: Option<i64>,
}

/// A list, and what came of its lines so far.
#[utoipa::path(
    get,
    path = "/parked/lists/{number}",
    operation_id = "parked_list",
    params(("number" = i64, Path, description = "The list's number."), After),
    responses((status = 200, description = "The list.", body = ListAnswer))
)]
async fn one(
    State(console): State<Arc<Console>>,
    caller: Caller,
    path: Named<i64>,
    Asked(After { after }): Asked<After>,
) -> Result<Json<ListAnswer>, Problem> {
    needs_to_see(&caller)?;
    let number = path.read()?;
    answer(&console, number, after.unwrap_or(-1)).await
}

/// The word to begin.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ParkedConfirmSent)]
#[serde(deny_unknown_fields)]
struct ConfirmSent {
    /// The hash of the list that was shown.
    hash: String,
    /// Why; kept in clear with who did it. It must be said of `discard` and `hand`.
    #[serde(default)]
    reason: String,
    /// To whom `hand` hands deliveries.
    #[serde(default)]
    mailbox: Option<String>,
}

fn turned(turned: Result<Job, NotTurned>) -> Result<Json<List>, Problem> {
    match turned {
        Ok(job) => Ok(Json(List::of(&job))),
        Err(NotTurned::NoSuch) => Err(Fault::NotFound.into()),
        Err(why) => Err(Fault::Refused(why.english()).into()),
    }
}

/// Begins a list that was shown: exactly its lines, and none that is parked later.
#[utoipa::path(
    post,
    path = "/parked/lists/{number}/confirm",
    operation_id = "parked_list_confirm",
    params(("number" = i64, Path, description = "The list's number.")),
    request_body = ConfirmSent,
    responses((status = 200, description = "The list, which runs.", body = List))
)]
async fn confirm(
    State(console): State<Arc<Console>>,
    caller: Caller,
    path: Named<i64>,
    Sent(sent): Sent<ConfirmSent>,
) -> Result<Json<List>, Problem> {
    caller.needs(Right::Operate)?;
    let number = path.read()?;
    let hash = list::hash(&sent.hash).ok_or_else(|| Problem::unreadable("`hash` is 64 hexadecimal digits"))?;
    let person = Person { user: caller.0.user, reason: sent.reason };
    turned(console.confirms(number, Confirmation { hash, mailbox: sent.mailbox }, person).await?)
}

async fn turns(console: &Arc<Console>, caller: &Caller, path: Named<i64>, turn: Turn) -> Result<Json<List>, Problem> {
    caller.needs(Right::Operate)?;
    let number = path.read()?;
    turned(console.turns(number, turn, &caller.0.user).await?)
}

/// Holds a list that runs.
#[utoipa::path(
    post,
    path = "/parked/lists/{number}/pause",
    operation_id = "parked_list_pause",
    params(("number" = i64, Path, description = "The list's number.")),
    responses((status = 200, description = "The list, which is held.", body = List))
)]
async fn pause(State(console): State<Arc<Console>>, caller: Caller, path: Named<i64>) -> Result<Json<List>, Problem> {
    turns(&console, &caller, path, Turn::Pause).await
}

/// Lets a list go on that is held.
#[utoipa::path(
    post,
    path = "/parked/lists/{number}/resume",
    operation_id = "parked_list_resume",
    params(("number" = i64, Path, description = "The list's number.")),
    responses((status = 200, description = "The list, which runs.", body = List))
)]
async fn resume(State(console): State<Arc<Console>>, caller: Caller, path: Named<i64>) -> Result<Json<List>, Problem> {
    turns(&console, &caller, path, Turn::Resume).await
}

/// Ends a list before its end: what was done stays done, and the rest is left as it is.
#[utoipa::path(
    post,
    path = "/parked/lists/{number}/stop",
    operation_id = "parked_list_stop",
    params(("number" = i64, Path, description = "The list's number.")),
    responses((status = 200, description = "The list, which has ended.", body = List))
)]
async fn stop(State(console): State<Arc<Console>>, caller: Caller, path: Named<i64>) -> Result<Json<List>, Problem> {
    turns(&console, &caller, path, Turn::Stop).await
}

/// Gives a list up that was shown and not begun.
#[utoipa::path(
    post,
    path = "/parked/lists/{number}/drop",
    operation_id = "parked_list_drop",
    params(("number" = i64, Path, description = "The list's number.")),
    responses((status = 200, description = "The list, which is given up.", body = List))
)]
async fn drop_list(
    State(console): State<Arc<Console>>,
    caller: Caller,
    path: Named<i64>,
) -> Result<Json<List>, Problem> {
    turns(&console, &caller, path, Turn::Drop).await
}
