//! The same for other systems: JSON by HTTP, under `/api/v1`. Each topic has its calls beside its
//! pages, made of the same values and by the same rights; what they all share is here.
//!
//! | room | what |
//! |---|---|
//! | [`caller`] | who calls |
//! | [`sent`] | what a call brings |
//! | [`problem`] | why it is not answered |
//! | [`turn`] | how many are answered at once |
//! | [`document`] | what describes the calls |
//! | [`pauses`], [`status`] | calls that no page has for itself |

mod caller;
mod document;
mod pauses;
mod problem;
mod sent;
mod status;
#[cfg(test)]
mod tests;
mod turn;

use std::sync::Arc;

use axum::http::Method;
use axum::routing::any;
use axum::{Router, middleware};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use super::fault::Fault;
use super::{Console, agreement, audit, duties, grants, inbox, parked, search, story};
pub(super) use caller::Caller;
pub(super) use problem::Problem;
pub(super) use sent::{Asked, Sent};
pub(super) use turn::Turns;

/// Where all calls are.
pub(super) const PLACE: &str = "/api/v1";

/// Whether a request is a call, or wants to be one.
pub(super) fn is_call(path: &str) -> bool {
    path.strip_prefix("/api").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// All calls, and what describes them.
fn calls() -> (Router<Arc<Console>>, OpenApi) {
    let topics = OpenApiRouter::new()
        .merge(status::routes())
        .merge(pauses::routes())
        .merge(parked::api::routes())
        .merge(story::api::routes())
        .merge(search::api::routes())
        .merge(audit::api::routes())
        .merge(inbox::api::routes())
        .merge(duties::api::routes())
        .merge(agreement::api::routes())
        .merge(grants::api::routes())
        .merge(super::ny::calls());
    let all = OpenApiRouter::with_openapi(document::head()).nest(PLACE, topics).routes(document::routes());
    let (calls, described) = all.split_for_parts();
    (calls, document::complete(described))
}

/// Where it is served.
pub(super) fn routes(console: &Arc<Console>) -> Router<Arc<Console>> {
    let (calls, described) = calls();
    let others = Router::new().route("/api", any(nowhere)).route("/api/", any(nowhere));
    calls
        .merge(others.route("/api/{*rest}", any(nowhere)))
        .method_not_allowed_fallback(not_so)
        .layer(document::layer(&described))
        .layer(middleware::map_response(problem::always))
        .layer(middleware::from_fn_with_state(Arc::clone(console), turn::take))
}

/// Nobody learns without a token which calls there are.
async fn nowhere(_caller: Caller) -> Problem {
    Problem::from(Fault::NotFound)
}

/// Nor by which methods.
async fn not_so(_caller: Caller, _method: Method) -> Problem {
    Problem::method()
}
