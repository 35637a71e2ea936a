//! The whole story of a message or a case on one time line, without content; and the content, for
//! those who may see it and say for what.

pub(super) mod api;
mod content;

use std::sync::Arc;

use axum::Router;
use axum::routing::post;

use super::Console;

/// Where it is served.
pub(super) fn routes() -> Router<Arc<Console>> {
    Router::new().route(content::PATH, post(content::page))
}
