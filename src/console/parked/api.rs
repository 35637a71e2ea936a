//! The same by calls: groups, what is in them, acts on one, and lists.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::Console;
use super::super::access::Right;
use super::super::api::{Asked, Caller, Problem, Sent};
use super::super::fault::Fault;
use super::list::{self, Shown};
use super::one::{Done, Order};
use super::view::{self, Group, List, ListLine, Thing};
use super::{group, may_see};
use crate::intake::job::{Choice, Confirmation, NotTurned};
use crate::intake::people::Person;
use crate::intake::people::act::Wanted;
use crate::ledger::job::{Act, Job, Turn};
use crate::ledger::parked::{Frozen, Kind};

/// How many lists are answered at a time.
const LISTS: u32 = 50;

/// Where it is served.
pub(in crate::console) fn routes() -> OpenApiRouter<Arc<Console>> {
    OpenApiRouter::new()
        .routes(routes!(groups))
        .routes(routes!(rows))
        .routes(routes!(item))
        .routes(routes!(delivery))
        .routes(routes!(carry_out))
        .routes(routes!(lists, prepare))
        .routes(routes!(one))
        .routes(routes!(confirm))
        .routes(routes!(pause))
        .routes(routes!(resume))
        .routes(routes!(stop))
        .routes(routes!(drop_list))
        .merge(super::edit_api::routes())
}

/// Refuses whoever may not see what is parked.
pub(super) fn needs_to_see(caller: &Caller) -> Result<(), Problem> {
    if may_see(&caller.0) { Ok(()) } else { Err(Fault::Forbidden.into()) }
}

/// What is parked, by cause.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ParkedGroups)]
struct Groups {
    /// The largest first.
    groups: Vec<Group>,
}

/// What is parked, by cause.
#[utoipa::path(
    get,
    path = "/parked/groups",
    operation_id = "parked_groups",
    responses(
        (status = 200, description = "What is parked, by cause.", body = Groups),
        (status = "4XX", description = "Why not.", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn groups(State(console): State<Arc<Console>>, caller: Caller) -> Result<Json<Groups>, Problem> {
    needs_to_see(&caller)?;
    let found = console.hub.desk.ledger.read(|reader| reader.parked_causes()).await?;
    Ok(Json(Groups { groups: found.iter().map(Group::of).collect() }))
}

/// A cause.
#[derive(Debug, Clone, Deserialize, ToSchema, IntoParams)]
#[schema(as = ParkedCauseAsked)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct CauseAsked {
    /// `item` or `delivery`.
    kind: String,
    /// The reason's code.
    code: String,
    /// The source of items, the mailbox of deliveries.
    place: String,
    /// The channel of deliveries; empty for items.
    #[serde(default)]
    channel: String,
    /// What comes after: `next` of the answer before.
    #[serde(default)]
    after: i64,
}

/// What is parked for a cause.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ParkedRows)]
struct Rows {
    /// How much there is in all.
    count: u32,
    /// The oldest first, at most fifty.
    things: Vec<Thing>,
    /// What to ask for as `after` to get what follows; none where this is the last.
    next: Option<i64>,
}

/// What is parked for a cause, the oldest first.
#[utoipa::path(
    get,
    path = "/parked",
    operation_id = "parked",
    params(CauseAsked),
    responses(
        (status = 200, description = "What is parked for that cause.", body = Rows),
        (status = "4XX", description = "Why not.", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn rows(
    State(console): State<Arc<Console>>,
    caller: Caller,
    Asked(asked): Asked<CauseAsked>,
) -> Result<Json<Rows>, Problem> {
    needs_to_see(&caller)?;
    let cause = view::cause(&asked.kind, &asked.code, &asked.place, &asked.channel);
    let cause = cause.ok_or_else(|| Problem::unreadable("`kind` is `item` or `delivery`"))?;
    let (group, things) = console.hub.desk.ledger.read(move |reader| group::rows(reader, &cause, asked.after)).await?;
    let full = things.len() >= usize::try_from(group::PAGE).unwrap_or(usize::MAX);
    let next = things.last().filter(|_| full).map(|last| last.row);
    Ok(Json(Rows { count: group.count, things, next }))
}

/// One item, however it stands.
#[utoipa::path(
    get,
    path = "/parked/items/{number}",
    operation_id = "parked_item",
    params(("number" = i64, Path, description = "The item's number.")),
    responses(
        (status = 200, description = "The item.", body = Thing),
        (status = "4XX", description = "Why not.", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn item(
    State(console): State<Arc<Console>>,
    caller: Caller,
    path: Result<Path<i64>, PathRejection>,
) -> Result<Json<Thing>, Problem> {
    needs_to_see(&caller)?;
    let Path(row) = path.map_err(|_no_number| Fault::NotFound)?;
    let thing = crate::ledger::parked::Thing { kind: Kind::Item, row };
    Ok(Json(console.parked_thing(thing).await?.ok_or(Fault::NotFound)?))
}

/// One delivery, however it stands.
#[utoipa::path(
    get,
    path = "/parked/deliveries/{id}",
    operation_id = "parked_delivery",
    params(("id" = String, Path, description = "The delivery's id.")),
    responses(
        (status = 200, description = "The delivery.", body = Thing),
        (status = "4XX", description = "Why not.", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn delivery(
    State(console): State<Arc<Console>>,
    caller: Caller,
    path: Result<Path<String>, PathRejection>,
) -> Result<Json<Thing>, Problem> {
    needs_to_see(&caller)?;
    let Path(id) = path.map_err(|_no_text| Fault::NotFound)?;
    let thing = thing_of(&console, &id).await?;
    Ok(Json(console.parked_thing(thing).await?.ok_or(Fault::NotFound)?))
}

/// Which thing is meant by `#12` or a delivery's id.
async fn thing_of(console: &Console, id: &str) -> Result<crate::ledger::parked::Thing, Problem> {
    if let Some(number) = id.strip_prefix('#') {
        let row = number.parse().map_err(|_no_number| Fault::NotFound)?;
        return Ok(crate::ledger::parked::Thing { kind: Kind::Item, row });
    }
    let row = console.delivery_row(id).await?.ok_or(Fault::NotFound)?;
    Ok(crate::ledger::parked::Thing { kind: Kind::Delivery, row })
}

/// An act on one thing.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ParkedActSent)]
#[serde(deny_unknown_fields)]
struct ActSent {
    /// `#12` of an item, or a delivery's id.
    id: String,
    /// How it stood when it was looked at: `stands` of the thing.
    stands: i64,
    /// `resend`, `discard`, `pass`, `hand`.
    act: String,
    /// Why; kept in clear with who did it. It must be said of `discard` and `hand`.
    #[serde(default)]
    reason: String,
    /// To whom `hand` hands it: `dragoer/ydelse`.
    #[serde(default)]
    mailbox: Option<String>,
}

/// What came of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ParkedActDone)]
struct ActDone {
    /// How it stands now: `routed`, `recorded`, `duplicate`, `waiting`, `parked`, `discarded`, `passed`, `handed`.
    state: String,
    /// The code for which it is parked again, where it is.
    code: Option<String>,
}

fn act_named(name: &str) -> Result<Act, Problem> {
    Act::named(name).ok_or_else(|| Problem::unreadable("`act` is `resend`, `discard`, `pass` or `hand`"))
}

/// Does something with one parked thing, if it still stands as it did.
#[utoipa::path(
    post,
    path = "/parked/acts",
    operation_id = "parked_act",
    request_body = ActSent,
    responses(
        (status = 200, description = "What came of it.", body = ActDone),
        (status = "4XX", description = "Why not; 409 where it has changed since it was looked at.", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn carry_out(
    State(console): State<Arc<Console>>,
    caller: Caller,
    Sent(sent): Sent<ActSent>,
) -> Result<Json<ActDone>, Problem> {
    caller.needs(Right::Operate)?;
    let act = act_named(&sent.act)?;
    let thing = thing_of(&console, &sent.id).await?;
    console.parked_thing(thing).await?.ok_or(Fault::NotFound)?;
    let order = Order {
        frozen: Frozen { thing, entry: sent.stands },
        wanted: Wanted { act, mailbox: sent.mailbox },
        person: Person { user: caller.0.user, reason: sent.reason },
    };
    match console.obeys(order).await? {
        Done::Well(state) => Ok(Json(ActDone { state: state.to_owned(), code: None })),
        Done::Again(code) => Ok(Json(ActDone { state: "parked".to_owned(), code: Some(code) })),
        Done::Changed => Err(Fault::Stale.into()),
        Done::Refused(why) => Err(Fault::Refused(why.english().to_owned()).into()),
    }
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
    responses(
        (status = 200, description = "The lists.", body = Lists),
        (status = "4XX", description = "Why not.", body = Problem, content_type = "application/problem+json"),
    )
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
#[schema(as = ParkedList)]
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
        let next = lines.last().map(|line| line.place).filter(|place| place + 1 < list.total);
        Self { list, lines, next }
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
    responses(
        (status = 200, description = "The list, and its first lines.", body = ListAnswer),
        (status = "4XX", description = "Why not.", body = Problem, content_type = "application/problem+json"),
    )
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
            let mut things = Vec::with_capacity(sent.things.len());
            for id in &sent.things {
                things.push(thing_of(&console, id).await?);
            }
            Choice::These(things)
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
    responses(
        (status = 200, description = "The list.", body = ListAnswer),
        (status = "4XX", description = "Why not.", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn one(
    State(console): State<Arc<Console>>,
    caller: Caller,
    path: Result<Path<i64>, PathRejection>,
    Asked(After { after }): Asked<After>,
) -> Result<Json<ListAnswer>, Problem> {
    needs_to_see(&caller)?;
    let Path(number) = path.map_err(|_no_number| Fault::NotFound)?;
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
    responses(
        (status = 200, description = "The list, which runs.", body = List),
        (status = "4XX", description = "Why not.", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn confirm(
    State(console): State<Arc<Console>>,
    caller: Caller,
    path: Result<Path<i64>, PathRejection>,
    Sent(sent): Sent<ConfirmSent>,
) -> Result<Json<List>, Problem> {
    caller.needs(Right::Operate)?;
    let Path(number) = path.map_err(|_no_number| Fault::NotFound)?;
    let hash = list::hash(&sent.hash).ok_or_else(|| Problem::unreadable("`hash` is 64 hexadecimal digits"))?;
    let person = Person { user: caller.0.user, reason: sent.reason };
    turned(console.confirms(number, Confirmation { hash, mailbox: sent.mailbox }, person).await?)
}

async fn turns(
    console: &Console,
    caller: &Caller,
    path: Result<Path<i64>, PathRejection>,
    turn: Turn,
) -> Result<Json<List>, Problem> {
    caller.needs(Right::Operate)?;
    let Path(number) = path.map_err(|_no_number| Fault::NotFound)?;
    turned(console.turns(number, turn, &caller.0.user).await?)
}

/// Holds a list that runs.
#[utoipa::path(
    post,
    path = "/parked/lists/{number}/pause",
    operation_id = "parked_list_pause",
    params(("number" = i64, Path, description = "The list's number.")),
    responses(
        (status = 200, description = "The list, which is held.", body = List),
        (status = "4XX", description = "Why not.", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn pause(
    State(console): State<Arc<Console>>,
    caller: Caller,
    path: Result<Path<i64>, PathRejection>,
) -> Result<Json<List>, Problem> {
    turns(&console, &caller, path, Turn::Pause).await
}

/// Lets a list go on that is held.
#[utoipa::path(
    post,
    path = "/parked/lists/{number}/resume",
    operation_id = "parked_list_resume",
    params(("number" = i64, Path, description = "The list's number.")),
    responses(
        (status = 200, description = "The list, which runs.", body = List),
        (status = "4XX", description = "Why not.", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn resume(
    State(console): State<Arc<Console>>,
    caller: Caller,
    path: Result<Path<i64>, PathRejection>,
) -> Result<Json<List>, Problem> {
    turns(&console, &caller, path, Turn::Resume).await
}

/// Ends a list before its end: what was done stays done, and the rest is left as it is.
#[utoipa::path(
    post,
    path = "/parked/lists/{number}/stop",
    operation_id = "parked_list_stop",
    params(("number" = i64, Path, description = "The list's number.")),
    responses(
        (status = 200, description = "The list, which has ended.", body = List),
        (status = "4XX", description = "Why not.", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn stop(
    State(console): State<Arc<Console>>,
    caller: Caller,
    path: Result<Path<i64>, PathRejection>,
) -> Result<Json<List>, Problem> {
    turns(&console, &caller, path, Turn::Stop).await
}

/// Gives a list up that was shown and not begun.
#[utoipa::path(
    post,
    path = "/parked/lists/{number}/drop",
    operation_id = "parked_list_drop",
    params(("number" = i64, Path, description = "The list's number.")),
    responses(
        (status = 200, description = "The list, which is given up.", body = List),
        (status = "4XX", description = "Why not.", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn drop_list(
    State(console): State<Arc<Console>>,
    caller: Caller,
    path: Result<Path<i64>, PathRejection>,
) -> Result<Json<List>, Problem> {
    turns(&console, &caller, path, Turn::Drop).await
}
