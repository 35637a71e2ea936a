//! The same by calls: groups, what is in them, acts on one, and lists.

mod lists;

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::Console;
use super::super::access::Right;
use super::super::api::{Asked, Caller, Problem, Sent};
use super::super::fault::Fault;
use super::super::named::Named;
use super::one::{Done, Order};
use super::view::{self, Group, Thing};
use super::{group, may_see};
use crate::intake::people::Person;
use crate::intake::people::act::Wanted;
use crate::ledger::Reader;
use crate::ledger::job::Act;
use crate::ledger::parked::{Frozen, Kind};

/// Where it is served.
pub(in crate::console) fn routes() -> OpenApiRouter<Arc<Console>> {
    OpenApiRouter::new()
        .routes(routes!(groups))
        .routes(routes!(rows))
        .routes(routes!(item))
        .routes(routes!(delivery))
        .routes(routes!(carry_out))
        .merge(lists::routes())
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
    responses((status = 200, description = "What is parked, by cause.", body = Groups))
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
    responses((status = 200, description = "What is parked for that cause.", body = Rows))
)]
async fn rows(
    State(console): State<Arc<Console>>,
    caller: Caller,
    Asked(asked): Asked<CauseAsked>,
) -> Result<Json<Rows>, Problem> {
    needs_to_see(&caller)?;
    let cause = view::cause(&asked.kind, &asked.code, &asked.place, &asked.channel);
    let cause = cause.ok_or_else(|| Problem::unreadable("`kind` is `item` or `delivery`"))?;
    let found = console.hub.desk.ledger.read(move |reader| group::rows(reader, &cause, asked.after)).await?;
    Ok(Json(Rows { count: found.group.count, things: found.things, next: found.next }))
}

/// One item, however it stands.
#[utoipa::path(
    get,
    path = "/parked/items/{number}",
    operation_id = "parked_item",
    params(("number" = i64, Path, description = "The item's number.")),
    responses((status = 200, description = "The item.", body = Thing))
)]
async fn item(State(console): State<Arc<Console>>, caller: Caller, path: Named<i64>) -> Result<Json<Thing>, Problem> {
    needs_to_see(&caller)?;
    let row = path.read()?;
    let thing = crate::ledger::parked::Thing { kind: Kind::Item, row };
    Ok(Json(console.parked_thing(thing).await?.ok_or(Fault::NotFound)?))
}

/// One delivery, however it stands.
#[utoipa::path(
    get,
    path = "/parked/deliveries/{id}",
    operation_id = "parked_delivery",
    params(("id" = String, Path, description = "The delivery's id.")),
    responses((status = 200, description = "The delivery.", body = Thing))
)]
async fn delivery(
    State(console): State<Arc<Console>>,
    caller: Caller,
    path: Named<String>,
) -> Result<Json<Thing>, Problem> {
    needs_to_see(&caller)?;
    Ok(Json(thing_of(&console, path.read()?).await?))
}

/// The thing that is meant by `#12` or a delivery's id, as it stands.
async fn thing_of(console: &Console, id: String) -> Result<Thing, Problem> {
    let read = move |reader: &mut Reader<'_>| match view::named(reader, &id)? {
        Some(thing) => view::seen(reader, thing),
        None => Ok(None),
    };
    Ok(console.hub.desk.ledger.read(read).await?.ok_or(Fault::NotFound)?)
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
    let thing = thing_of(&console, sent.id).await?.which;
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
