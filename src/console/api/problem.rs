//! Why a call was not answered, as RFC 9457 says it. Never anything of the request.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::super::fault::Fault;
use crate::ledger;

/// A problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(in crate::console) struct Problem {
    /// What kind of problem it is: `urn:budstikke:problem:forbidden`.
    #[serde(rename = "type")]
    kind: String,
    /// The kind, for people.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// This one, for people, where there is more to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

impl Problem {
    fn new(status: StatusCode, kind: &str, title: &'static str, detail: Option<String>) -> Self {
        Self { kind: format!("urn:budstikke:problem:{kind}"), title, status: status.as_u16(), detail }
    }

    /// What was asked cannot be read, or makes no sense, and why.
    pub(in crate::console) fn unreadable(detail: impl Into<String>) -> Self {
        let title = "The request cannot be read";
        Self::new(StatusCode::BAD_REQUEST, "unreadable", title, Some(detail.into()))
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
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
