//! The same by calls.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, State as Extract};
use bytes::Bytes;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::Value;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::Console;
use super::super::access::Right;
use super::super::api::{Asked, Caller, Problem};
use super::super::fault::Fault;
use super::LARGEST;
use super::explain::Unfit;
use super::rules::{self, Line};
use crate::agreement::matrix::Matrix;
use crate::explain;

/// Where it is served.
pub(in crate::console) fn routes() -> OpenApiRouter<Arc<Console>> {
    let explaining = OpenApiRouter::new().routes(routes!(explain_message)).layer(DefaultBodyLimit::max(LARGEST));
    OpenApiRouter::new().routes(routes!(matrix)).routes(routes!(all_rules)).merge(explaining)
}

/// In which edition.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Known {
    /// As it was known on this day; today where none is named.
    known: Option<String>,
}

/// How a message is read.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Reading {
    /// The adapter: `rehab-plan`. Without one, by the form of the message.
    adapter: Option<String>,
    /// By the agreement as it was known on this day; today where none is named.
    known: Option<String>,
}

impl Console {
    fn day(&self, text: Option<&String>) -> Result<Date, Problem> {
        let Some(text) = text else { return Ok(self.today()) };
        let day = text.parse().map_err(|_quotes| Problem::unreadable("`known` is a day: 2026-12-31"))?;
        if self.hub.desk.world.book.known_on(day).is_empty() {
            return Err(Fault::Refused("no agreement was known on that day".to_owned()).into());
        }
        Ok(day)
    }
}

/// Who performs what, by law and period.
#[utoipa::path(
    get,
    path = "/agreement/matrix",
    params(Known),
    responses((status = 200, description = "As `budstikke agreement matrix --json` says it.", body = Vec<Value>))
)]
async fn matrix(
    Extract(console): Extract<Arc<Console>>,
    caller: Caller,
    Asked(Known { known }): Asked<Known>,
) -> Result<Json<Vec<Matrix>>, Problem> {
    caller.needs(Right::Agreement)?;
    let day = console.day(known.as_ref())?;
    Ok(Json(console.known_on(day)?.iter().map(|it| Matrix::of(it)).collect()))
}

/// Every rule, with its clause.
#[utoipa::path(
    get,
    path = "/agreement/rules",
    params(Known),
    responses((status = 200, description = "The rules of all agreements.", body = Vec<Line>))
)]
async fn all_rules(
    Extract(console): Extract<Arc<Console>>,
    caller: Caller,
    Asked(Known { known }): Asked<Known>,
) -> Result<Json<Vec<Line>>, Problem> {
    caller.needs(Right::Agreement)?;
    let day = console.day(known.as_ref())?;
    Ok(Json(console.known_on(day)?.iter().flat_map(|it| rules::lines(it)).collect()))
}

/// What would happen with a message, and why. It is not sent and not kept, and decided about as if
/// nothing had come before it.
#[utoipa::path(
    post,
    path = "/explain",
    params(Reading),
    request_body(content = String, content_type = "application/octet-stream", description = "The message as it is, at most 1 MiB."),
    responses((status = 200, description = "As `budstikke explain --json` says it.", body = Vec<Value>))
)]
async fn explain_message(
    Extract(console): Extract<Arc<Console>>,
    caller: Caller,
    Asked(Reading { adapter, known }): Asked<Reading>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Vec<Value>>, Problem> {
    caller.needs(Right::Agreement)?;
    let day = console.day(known.as_ref())?;
    let body = body.map_err(|_too_large_or_cut| Problem::from(Fault::TooLarge))?;
    let bodies = if body.is_empty() { Vec::new() } else { vec![body] };
    let messages = console.messages(bodies, adapter.as_deref().unwrap_or_default()).map_err(|unfit| match unfit {
        Unfit::Nothing | Unfit::TooMany => Problem::unreadable("the body is the message; there is none"),
        Unfit::Adapter => {
            let known: Vec<&str> = console.hub.desk.world.adapters.names().collect();
            Problem::unreadable(format!("there is no such adapter; there are: {}", known.join(", ")))
        }
    })?;
    let explained = console.explained(messages, day).await?;
    Ok(Json(explained.iter().map(explain::value).collect()))
}
