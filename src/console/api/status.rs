//! How the hub is doing.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::Console;
use super::super::access::Right;
use super::{Caller, Problem};

/// Where it is served.
pub(super) fn routes() -> OpenApiRouter<Arc<Console>> {
    OpenApiRouter::new().routes(routes!(status))
}

/// How the hub is doing: health, queues, what is paused, what is asked elsewhere.
#[utoipa::path(
    get,
    path = "/status",
    responses((status = 200, description = "As `budstikke status --json` says it.", body = Object))
)]
async fn status(State(console): State<Arc<Console>>, caller: Caller) -> Result<Json<Value>, Problem> {
    caller.needs(Right::Operate)?;
    Ok(Json(console.hub.status().await))
}
