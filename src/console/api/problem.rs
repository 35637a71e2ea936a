//! Why a call was not answered, as RFC 9457 says it. Never anything of the request.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::super::fault::Fault;
use crate::ledger;

/// How many seconds somebody is asked to wait.
const WAIT: &str = "5";

/// How a problem is written.
pub(super) const MEDIA_TYPE: &str = "application/problem+json";

/// Why a call was not answered (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(in crate::console) struct Problem {
    /// What kind of problem it is, for programs.
    #[serde(rename = "type")]
    #[schema(example = "urn:budstikke:problem:forbidden")]
    kind: String,
    /// The kind, for people.
    #[schema(example = "The token gives no right to this")]
    title: &'static str,
    /// The HTTP status.
    #[schema(example = 403, minimum = 400, maximum = 599)]
    status: u16,
    /// This one, for people, where there is more to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

impl Problem {
    fn new(status: StatusCode, kind: &str, title: &'static str, detail: Option<String>) -> Self {
        Self { kind: format!("urn:budstikke:problem:{kind}"), title, status: status.as_u16(), detail }
    }

    /// What was asked cannot be read, and why.
    pub(in crate::console) fn unreadable(detail: impl Into<String>) -> Self {
        let title = "The request cannot be read";
        Self::new(StatusCode::BAD_REQUEST, "unreadable", title, Some(detail.into()))
    }

    /// The body is JSON, but not what the call takes.
    pub(super) fn misfit() -> Self {
        let detail = "the body is JSON, but not what this call takes: see openapi.json";
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "misfit", "The body does not fit", Some(detail.to_owned()))
    }

    /// The body says that it is no JSON.
    pub(in crate::console) fn no_json() -> Self {
        let detail = "the body must be JSON, and say so: `Content-Type: application/json`";
        let title = "The body is of another kind";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "no-json", title, Some(detail.to_owned()))
    }

    /// The source is paused.
    pub(in crate::console) fn paused() -> Self {
        let title = "Somebody has paused that source: nothing was taken, try again later";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "paused", title, None)
    }

    /// What is there is not called so.
    pub(super) fn method() -> Self {
        let title = "This cannot be called by that method: see `Allow`";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method", title, None)
    }

    /// Too many at once, or too many tokens that are none.
    pub(super) fn busy() -> Self {
        Fault::Busy.into()
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::SignIn(_) => {
                let title = "Show a token that is good: `Authorization: Bearer …`";
                Self::new(StatusCode::UNAUTHORIZED, "no-token", title, None)
            }
            Fault::Forbidden => Self::new(StatusCode::FORBIDDEN, "forbidden", "The token gives no right to this", None),
            Fault::NotFound => Self::new(StatusCode::NOT_FOUND, "not-found", "There is no such thing here", None),
            Fault::Elsewhere => {
                Self::new(StatusCode::FORBIDDEN, "elsewhere", "The request is not for this address", None)
            }
            Fault::Stale => Self::new(StatusCode::CONFLICT, "stale", "It has changed meanwhile", None),
            Fault::TooLarge => Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The request is too large", None),
            Fault::Busy | Fault::Occupied(_) => {
                Self::new(StatusCode::TOO_MANY_REQUESTS, "busy", "Too many at once: wait and try again", None)
            }
            Fault::Refused(why) => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "refused", "That cannot be done", Some(why))
            }
            Fault::Broken => {
                let title = "The hub cannot read or write its ledger just now: nothing is lost, try again";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", title, None)
            }
        }
    }
}

impl From<ledger::Error> for Problem {
    fn from(error: ledger::Error) -> Self {
        Fault::from(error).into()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static(WAIT));
        }
        response
    }
}

/// Makes a problem of what the libraries below say in their own words: those may quote the request.
pub(super) async fn always(response: Response) -> Response {
    let status = response.status();
    let is_said = response.headers().get(header::CONTENT_TYPE).is_some_and(|it| it == MEDIA_TYPE);
    if is_said || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        return Problem::from(Fault::TooLarge).into_response();
    }
    if status.is_client_error() {
        return Problem { status: status.as_u16(), ..Problem::unreadable("see openapi.json") }.into_response();
    }
    Problem::from(Fault::Broken).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_a_library_says_becomes_a_problem_and_is_not_passed_on() {
        let about = "120499-9993";
        for (said, status) in [
            (StatusCode::BAD_REQUEST, 400),
            (StatusCode::NOT_FOUND, 404),
            (StatusCode::PAYLOAD_TOO_LARGE, 413),
            (StatusCode::INTERNAL_SERVER_ERROR, 503),
        ] {
            let response = always((said, about).into_response()).await;
            assert_eq!(
                (response.status().as_u16(), &response.headers()[header::CONTENT_TYPE]),
                (status, &HeaderValue::from_static(MEDIA_TYPE))
            );
            let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
            let body = String::from_utf8(body.to_vec()).unwrap();
            assert!(body.contains(&format!("\"status\":{status}")) && !body.contains(about), "{body}");
        }
        let own = Problem::unreadable("our own words").into_response();
        let body = axum::body::to_bytes(always(own).await.into_body(), 10_000).await.unwrap();
        assert!(String::from_utf8_lossy(&body).contains("our own words"));
        assert_eq!(always("well".into_response()).await.status(), 200);
    }
}
