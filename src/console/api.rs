//! The same for other systems: JSON by HTTP, under `/api/v1`. Each topic has its calls beside its
//! pages, made of the same values and by the same rights; what they all share is here.

mod caller;
mod document;
mod pauses;
mod problem;
mod sent;
mod status;

use std::sync::Arc;

use axum::Router;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use super::Console;
use super::fault::Fault;
use super::{agreement, duties};
pub(super) use caller::Caller;
pub(super) use problem::Problem;
pub(super) use sent::{Asked, Sent};

/// Where all calls are.
pub(super) const PLACE: &str = "/api/v1";

/// All calls, and what describes them.
fn calls() -> (Router<Arc<Console>>, OpenApi) {
    let topics = OpenApiRouter::new().merge(status::routes()).merge(pauses::routes());
    let topics = topics.merge(duties::api::routes()).merge(agreement::api::routes());
    OpenApiRouter::with_openapi(document::head()).nest(PLACE, topics).split_for_parts()
}

/// Where it is served.
pub(super) fn routes() -> Router<Arc<Console>> {
    let (calls, described) = calls();
    calls.merge(document::routes(described)).route(&format!("{PLACE}/{{*rest}}"), axum::routing::any(nowhere))
}

/// Nobody learns without a token which calls there are.
async fn nowhere(_caller: Caller) -> Problem {
    Problem::from(Fault::NotFound)
}
