//! What describes the calls: OpenAPI 3.1, at `/api/v1/openapi.json`, for whoever has a token. What is
//! true of all calls is said here, so that no topic can leave it out: who may call, and how each can
//! fail.

use std::sync::Arc;

use axum::Extension;
use axum::body::Bytes;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::response::{Response as Described, ResponseBuilder};
use utoipa::openapi::schema::{Object, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Content, OpenApi, PathItem, Ref, RefOr};
use utoipa::{OpenApi as _, ToSchema as _};
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

use super::super::Console;
use super::problem::MEDIA_TYPE;
use super::{Caller, PLACE, Problem};

#[derive(Debug, utoipa::OpenApi)]
#[openapi(
    info(
        title = "Budstikke",
        description = "The hub between municipalities that are bound by law to work together: what its pages do, for \
            other systems.\n\n\
            **Getting in.** `budstikke token add NAME --role …` prints a token, once. Each call shows it: \
            `curl -H \"Authorization: Bearer $TOKEN\" https://…/api/v1/status`. What it may is said by its roles, the same as a person's. A browser's cookie \
            counts for nothing here.\n\n\
            **When it fails**, the answer is a problem (RFC 9457): `type` is for programs and does not change, `title` \
            and `detail` are for people. Nothing of the request stands in it. After 429 and 503 wait as long as \
            `Retry-After` says, and try again.\n\n\
            **Twice.** A call that changes something may be repeated when its answer was lost: what is done already \
            is not done again.\n\n\
            **Content.** A call that shows what a message says takes a purpose, and the look is written down with it \
            before anything is shown. No CPR number stands in an address.",
        license(name = "EUPL-1.2", identifier = "EUPL-1.2")
    ),
    components(schemas(Problem)),
    security(("token" = []))
)]
struct Head;

/// What stands before the calls.
pub(super) fn head() -> OpenApi {
    Head::openapi()
}

/// The document, ready to be sent.
#[derive(Debug, Clone)]
pub(super) struct Written(Bytes);

/// The document itself.
#[utoipa::path(
    get,
    path = "/api/v1/openapi.json",
    operation_id = "document",
    responses((status = 200, description = "This document.", body = Object))
)]
async fn document(_caller: Caller, Extension(Written(written)): Extension<Written>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], written).into_response()
}

/// Where it is served.
pub(super) fn routes() -> UtoipaMethodRouter<Arc<Console>> {
    routes!(document)
}

/// What hands it to the call.
pub(super) fn layer(described: &OpenApi) -> Extension<Written> {
    Extension(Written(described.to_json().unwrap_or_default().into()))
}

/// Adds what is true of all calls.
pub(super) fn complete(mut document: OpenApi) -> OpenApi {
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    document.components.get_or_insert_with(Default::default).add_security_scheme("token", SecurityScheme::Http(bearer));
    for (path, item) in &mut document.paths.paths {
        // `/api/v1/pauses/{target}` is about pauses.
        let topic = path.strip_prefix(PLACE).unwrap_or(path).split('/').nth(1).unwrap_or_default().to_owned();
        for operation in operations(item) {
            complete_one(operation, topic.strip_suffix(".json").unwrap_or(&topic));
        }
    }
    document
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, put, post, delete, options, head, patch, trace, .. } = item;
    [get, put, post, delete, options, head, patch, trace].into_iter().flatten()
}

fn complete_one(operation: &mut Operation, topic: &str) {
    operation.tags = Some(vec![topic.to_owned()]);
    operation.operation_id = operation.operation_id.take().map(|name| format!("{topic}-{name}"));
    let brings = operation.request_body.is_some();
    let asks = operation.parameters.as_ref().is_some_and(|it| !it.is_empty());
    let responses = &mut operation.responses.responses;
    // A call that says by itself when it is refused says it better; this document never is.
    let refuses = topic != "openapi" && !responses.contains_key("403");
    let all = [
        ("400", brings || asks, "The request cannot be read.", None),
        ("401", true, "There is no token, or it is none of ours, or it has ended.", Some("WWW-Authenticate")),
        ("413", brings, "The body is too large.", None),
        ("415", brings, "The body is of another kind.", None),
        ("422", brings || asks, "It can be read, but cannot be done, and why.", None),
        ("429", true, "Too many at once, or too many tokens that were none.", Some("Retry-After")),
        ("4XX", refuses, "Why not.", None),
        ("503", true, "The hub cannot do it now. Nothing is lost.", Some("Retry-After")),
    ];
    for (status, _, what, header) in all.into_iter().filter(|(_, applies, ..)| *applies) {
        responses.entry(status.to_owned()).or_insert_with(|| RefOr::T(problem(what, header)));
    }
}

fn problem(what: &str, header: Option<&str>) -> Described {
    let reference = Ref::from_schema_name(Problem::name());
    let response = ResponseBuilder::new().description(what).content(MEDIA_TYPE, Content::new(Some(reference)));
    let Some(header) = header else { return response.build() };
    let text = HeaderBuilder::new().schema(Some(Object::with_type(Type::String))).build();
    response.header(header, text).build()
}
