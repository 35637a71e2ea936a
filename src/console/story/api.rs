//! The same for other systems.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header::LINK;
use axum::response::{AppendHeaders, IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use budstikke_contract::id::CaseKey;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::Console;
use super::super::api::{Asked, Caller, Problem, Sent};
use super::super::fault::Fault;
use super::super::named::Named;
use super::super::purpose::{Purpose, Stated};
use super::OfCase;
use crate::ledger::look::{Seen, Wanted};

/// Where it is served.
pub(in crate::console) fn routes() -> OpenApiRouter<Arc<Console>> {
    OpenApiRouter::new().routes(routes!(content)).routes(routes!(of_item)).routes(routes!(of_case))
}

/// For what content is wanted. It stands in the access log.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Want {
    /// The purpose.
    purpose: Stated,
}

/// The content of an item.
#[derive(Debug, Serialize, ToSchema)]
struct Content {
    /// The event as CloudEvents JSON; `null` where the item has become none yet.
    event: Option<Value>,
    /// Its own letter or message, where that can be had without others'.
    original: Option<Letter>,
    /// Whether name and address of its citizen are protected.
    protected: bool,
}

/// A message as it came.
#[derive(Debug, Serialize, ToSchema)]
struct Letter {
    /// Its media type.
    media_type: &'static str,
    /// Its bytes.
    base64: String,
}

impl Content {
    fn of(seen: &Seen) -> Self {
        let letter = |it: &crate::ledger::goods::Original| Letter {
            media_type: it.media_type,
            base64: BASE64_STANDARD.encode(&it.bytes),
        };
        Self {
            event: seen.event.as_ref().and_then(|json| serde_json::from_slice(json).ok()),
            original: seen.original.as_ref().map(letter),
            protected: seen.protected,
        }
    }
}

/// Shows the content of an item, to a system that works for a mailbox which has it. The look is
/// written to the access log with its purpose, or nothing is shown.
#[utoipa::path(
    post,
    path = "/items/{item}/content",
    params(("item" = i64, Path, description = "The item's number.")),
    request_body = Want,
    responses((status = 200, description = "The content.", body = Content))
)]
async fn content(
    State(console): State<Arc<Console>>,
    caller: Caller,
    item: Named<i64>,
    Sent(want): Sent<Want>,
) -> Result<Json<Content>, Problem> {
    let item = item.read()?;
    let purpose = Purpose::stated(&want.purpose)?;
    let seen = console.sees(&caller.0, &purpose, Wanted::Item(item)).await?;
    Ok(Json(Content::of(&seen)))
}

/// Tells what became of an item, without content.
#[utoipa::path(
    get,
    path = "/items/{item}/story",
    params(("item" = i64, Path, description = "The item's number.")),
    responses((status = 200, description = "As `budstikke trace --json` tells it.", body = Value))
)]
async fn of_item(
    State(console): State<Arc<Console>>,
    caller: Caller,
    item: Named<i64>,
) -> Result<Json<Value>, Problem> {
    let item = item.read()?;
    Ok(Json(console.story_of_item(&caller.0, item).await?.whole.story.value()))
}

/// Which part of a case.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Part {
    /// Only the items before this one, by their numbers; without it the newest.
    #[serde(default)]
    before: Option<i64>,
}

/// Tells what became of the items of a case that the token may know of, oldest first.
///
/// Of the newest, at most fifty; where there are older ones, the header `Link` leads to them.
#[utoipa::path(
    get,
    path = "/cases/{case}/story",
    params(("case" = String, Path, description = "The case's key: `rehab-…`."), Part),
    responses((
        status = 200,
        description = "As `budstikke trace --json` tells it.",
        body = Vec<Value>,
        headers(("Link" = String, description = "Where there are older ones: their address, with `rel=\"prev\"`.")),
    ))
)]
async fn of_case(
    State(console): State<Arc<Console>>,
    caller: Caller,
    case: Named<String>,
    Asked(part): Asked<Part>,
) -> Result<Response, Problem> {
    let case = case.read()?;
    let case = CaseKey::parse(&case).ok_or(Fault::NotFound)?;
    let OfCase { seen, older } = console.story_of_case(&caller.0, &case, part.before).await?;
    let stories: Vec<Value> = seen.iter().map(|seen| seen.whole.story.value()).collect();
    let link = older.map(|older| format!("</api/v1/cases/{case}/story?before={older}>; rel=\"prev\""));
    Ok((AppendHeaders(link.map(|link| (LINK, link))), Json(stories)).into_response())
}
