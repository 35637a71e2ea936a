//! What describes the calls: OpenAPI 3.1, at `/api/v1/openapi.json`, for whoever has a token.

use std::sync::Arc;

use axum::routing::get;
use axum::{Json, Router};
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;

use super::super::Console;
use super::{Caller, PLACE};

#[derive(Debug, utoipa::OpenApi)]
#[openapi(
    info(title = "Budstikke", description = "The hub between municipalities that are bound to work together."),
    modifiers(&Security),
    security(("token" = []))
)]
struct Head;

struct Security;

impl std::fmt::Debug for Security {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Security")
    }
}

impl utoipa::Modify for Security {
    fn modify(&self, document: &mut OpenApi) {
        use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        let parts = document.components.get_or_insert_with(Default::default);
        parts.add_security_scheme("token", SecurityScheme::Http(bearer));
    }
}

/// What stands before the calls.
pub(super) fn head() -> OpenApi {
    Head::openapi()
}

/// Where it is served.
pub(super) fn routes(described: OpenApi) -> Router<Arc<Console>> {
    let described = Arc::new(described);
    let serve = move |_caller: Caller| async move { Json(OpenApi::clone(&described)) };
    Router::new().route(&format!("{PLACE}/openapi.json"), get(serve))
}
