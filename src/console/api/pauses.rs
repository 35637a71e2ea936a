//! What is paused, pausing, and letting go on.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::Console;
use super::super::access::Right;
use super::super::fault::Fault;
use super::{Asked, Caller, Problem, Sent};
use crate::control::{self, Command};

/// Where it is served.
pub(super) fn routes() -> OpenApiRouter<Arc<Console>> {
    OpenApiRouter::new().routes(routes!(list, pause, resume))
}

/// What is paused.
#[derive(Debug, Serialize, ToSchema)]
struct Paused {
    /// Sources, mailboxes and channels.
    targets: BTreeSet<String>,
}

/// One of them.
#[derive(Debug, Deserialize, ToSchema, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Target {
    /// A source (`cura`), a mailbox (`dragoer/ydelse`) or a channel (`http`).
    target: String,
}

/// What is paused.
#[utoipa::path(
    get,
    path = "/pauses",
    responses((status = 200, description = "What is paused.", body = Paused))
)]
async fn list(State(console): State<Arc<Console>>, caller: Caller) -> Result<Json<Paused>, Problem> {
    caller.needs(Right::Operate)?;
    Ok(Json(Paused { targets: console.hub.paused.borrow().clone() }))
}

/// Holds a source, a mailbox or a channel. What is paused already stays so.
#[utoipa::path(
    post,
    path = "/pauses",
    request_body = Target,
    responses((status = 200, description = "What is paused now.", body = Paused))
)]
async fn pause(
    State(console): State<Arc<Console>>,
    caller: Caller,
    Sent(Target { target }): Sent<Target>,
) -> Result<Json<Paused>, Problem> {
    change(console, &caller, &target.clone(), Command::Pause { target }).await
}

/// Lets it go on. What is not paused goes on as it did.
#[utoipa::path(
    delete,
    path = "/pauses",
    params(Target),
    responses((status = 200, description = "What is paused now.", body = Paused))
)]
async fn resume(
    State(console): State<Arc<Console>>,
    caller: Caller,
    Asked(Target { target }): Asked<Target>,
) -> Result<Json<Paused>, Problem> {
    change(console, &caller, &target.clone(), Command::Resume { target }).await
}

async fn change(
    console: Arc<Console>,
    caller: &Caller,
    target: &str,
    command: Command,
) -> Result<Json<Paused>, Problem> {
    caller.needs(Right::Operate)?;
    // It names what there is, and not what was asked for.
    control::check_target(&console.hub.desk.world, target)
        .map_err(|_quotes| Fault::Refused("there is nothing of that name that can be paused".to_owned()))?;
    console.acts(&caller.0.user, command).await?;
    Ok(Json(Paused { targets: console.hub.paused.borrow().clone() }))
}
