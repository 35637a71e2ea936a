//! Events by the API: what a system would have sent to a queue.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use budstikke_contract::event::{self, MEDIA_TYPE};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::Console;
use super::super::access::Right;
use super::super::api::{Caller, Problem};
use super::super::fault::Fault;
use crate::intake::prepare::{CONSOLE, Incoming};
use crate::intake::record::Taken;

/// The largest body, in bytes.
const LARGEST: usize = 1024 * 1024;

/// How many events come in one batch at most.
const MOST: usize = 100;

/// How several events come at once (CloudEvents, JSON batch format).
const BATCH: &str = "application/cloudevents-batch+json";

/// Where it is served.
pub(in crate::console) fn routes() -> OpenApiRouter<Arc<Console>> {
    OpenApiRouter::new().routes(routes!(send)).layer(DefaultBodyLimit::max(LARGEST))
}

/// What became of what was sent.
#[derive(Debug, Serialize, ToSchema)]
struct Sent {
    /// Each event, in the order in which they came.
    items: Vec<Became>,
}

/// What became of one event.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
struct Became {
    /// The number that the hub gave it.
    #[schema(example = 17)]
    item: i64,
    /// The `id` that its sender gave it.
    #[schema(example = "9f7c2c1e-4f0e-4b0a-9a55-1f2d3c4b5a69")]
    id: String,
    /// `routed`, `recorded` (by rule nobody gets it), `waiting`, `parked`, `refused` or `duplicate`.
    #[schema(example = "routed")]
    outcome: &'static str,
    /// Why it waits for a person, where it does: each code has a page in the runbook.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "EVENT_SCHEMA")]
    code: Option<String>,
    /// Where in the event.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "$.data.start")]
    path: Option<String>,
}

/// Sends an event, or a batch of them: all of it is taken, or nothing. An event that came before, by its
/// `source` and `id`, is a duplicate and makes nothing happen. The token must have `sender:<system>`,
/// where the event's `source` is `/<party>/<system>`; for a system that the hub does not know by name,
/// `sender:events`.
#[utoipa::path(
    post,
    path = "/events",
    request_body(
        description = "A CloudEvents object, or an array of at most 100.",
        content((Object = "application/cloudevents+json"), (Vec<Object> = "application/cloudevents-batch+json"), (Object = "application/json"))
    ),
    responses(
        (status = 200, description = "All of it had come before.", body = Sent),
        (status = 202, description = "It is in the ledger; what became of it is said.", body = Sent),
        (status = 403, description = "The token may not send for that source.", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn send(
    State(console): State<Arc<Console>>,
    caller: Caller,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<Sent>), Problem> {
    let body = body.map_err(|cut| match cut.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::from(Fault::TooLarge),
        _ => Problem::unreadable("the body did not come to its end"),
    })?;
    let mut messages = Vec::new();
    let mut ids = Vec::new();
    for (place, event) in events(&headers, &body)?.into_iter().enumerate() {
        let draft = event::read(&event).map_err(|reason| {
            let path = reason.path.as_deref().unwrap_or("$");
            Problem::unreadable(format!("event {place} is none: {} at {path}", reason.code))
        })?;
        let source = source(&console, draft.source.as_str()).ok_or(Fault::Forbidden)?;
        caller.needs(Right::Send(&source))?;
        if console.hub.paused.borrow().contains(&source) {
            return Err(Problem::paused());
        }
        ids.push(draft.id.as_ref().map_or_else(String::new, ToString::to_string));
        messages.push(Incoming {
            source,
            media_type: Some(MEDIA_TYPE.to_owned()),
            sender_user: Some(caller.0.user.clone()),
            reply_to: None,
            redelivered: false,
            received: console.hub.desk.clock.now(),
            body: event,
        });
    }
    let taken = console.takes(messages).await?;
    let items: Vec<Became> = ids.into_iter().zip(taken.iter().flatten()).map(|(id, taken)| item(id, taken)).collect();
    let all_before = taken.iter().flatten().all(Taken::is_repeat);
    Ok((if all_before { StatusCode::OK } else { StatusCode::ACCEPTED }, Json(Sent { items })))
}

impl Console {
    /// Takes messages of a system's. Whoever goes away meanwhile does not leave it half done.
    async fn takes(self: &Arc<Self>, messages: Vec<Incoming>) -> Result<Vec<Vec<Taken>>, Fault> {
        let desk = self.hub.desk.clone();
        Ok(self.to_its_end(async move { desk.take_sent(messages).await }).await??)
    }
}

/// The events in a body, each as it stands there.
fn events(headers: &HeaderMap, body: &Bytes) -> Result<Vec<Bytes>, Problem> {
    let said = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = said.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_list = body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
    match (essence.as_str(), is_list) {
        (MEDIA_TYPE, _) | ("application/json", false) => Ok(vec![body.clone()]),
        (BATCH | "application/json", true) => {
            let list: Vec<Box<RawValue>> =
                serde_json::from_slice(body).map_err(|_quotes| Problem::unreadable("the body is no JSON"))?;
            if list.is_empty() || list.len() > MOST {
                return Err(Fault::Refused(format!("a batch holds 1 to {MOST} events")).into());
            }
            Ok(list.iter().map(|event| Bytes::copy_from_slice(event.get().as_bytes())).collect())
        }
        (BATCH, false) => Err(Problem::unreadable("a batch is a JSON array")),
        _ => Err(Problem::no_json()),
    }
}

/// By which of the hub's sources an event comes that says it is from a path: the one of its system,
/// where the hub knows that, else the one for all other systems. Nobody speaks as the console.
fn source(console: &Console, path: &str) -> Option<String> {
    let system = path.split('/').nth(2)?;
    if system == CONSOLE {
        return None;
    }
    let known = console.hub.desk.world.adapters.names().find(|name| *name == system);
    Some(known.unwrap_or("events").to_owned())
}

fn item(id: String, taken: &Taken) -> Became {
    Became {
        item: taken.item,
        id,
        outcome: if taken.refused { "refused" } else { taken.state.name() },
        code: taken.reason.as_ref().map(|reason| reason.code.to_string()),
        path: taken.reason.as_ref().and_then(|reason| reason.path.clone()),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn read(media: &'static str, body: &'static str) -> Result<Vec<Bytes>, Problem> {
        let headers = [(header::CONTENT_TYPE, HeaderValue::from_static(media))].into_iter().collect();
        events(&headers, &Bytes::from_static(body.as_bytes()))
    }

    #[test]
    fn one_event_or_several_are_taken_as_they_stand() {
        assert_eq!(read("application/cloudevents+json; charset=utf-8", " {\"a\" : 1}").unwrap(), [" {\"a\" : 1}"]);
        assert_eq!(read("application/json", "{}").unwrap(), ["{}"]);
        for media in ["application/cloudevents-batch+json", "Application/JSON"] {
            assert_eq!(read(media, "[ {\"a\" : 1} , 2]").unwrap(), ["{\"a\" : 1}", "2"], "{media}");
        }
        for (media, body) in [
            ("application/cloudevents-batch+json", "[]"),
            ("application/cloudevents-batch+json", "{}"),
            ("application/cloudevents-batch+json", "[1"),
            ("text/plain", "{}"),
            ("", "{}"),
        ] {
            assert!(read(media, body).is_err(), "{media}: {body}");
        }
    }
}
