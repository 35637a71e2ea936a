//! What traces tell of pages and calls: which, by its route and never by its address, and what came of it.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;

use super::Console;
use crate::telemetry::trace::{Context, Side};

/// The routes of those who have a trace of their own.
const API: &str = "/api/";

/// A method that means something here; a stranger's own word is none of ours to tell.
fn method(asked: &Method) -> &'static str {
    [
        ("GET", Method::GET),
        ("HEAD", Method::HEAD),
        ("POST", Method::POST),
        ("PUT", Method::PUT),
        ("DELETE", Method::DELETE),
    ]
    .into_iter()
    .find_map(|(name, known)| (known == *asked).then_some(name))
    .unwrap_or("_OTHER")
}

/// Follows a request.
pub(super) async fn follow(State(console): State<Arc<Console>>, request: Request, next: Next) -> Response {
    let traces = &console.hub.desk.traces;
    let Some(begun) = traces.begin() else { return next.run(request).await };
    let method = method(request.method());
    let route = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str).to_owned();
    let sent = request.headers().get("traceparent").and_then(|header| header.to_str().ok());
    let caller = sent.filter(|_| route.starts_with(API)).and_then(Context::parse);
    let response = next.run(request).await;
    let status = response.status();
    traces.end(Some(begun), format!("{method} {route}"), |span| {
        if let Some(caller) = caller {
            (span.place, span.parent) = (caller.beside(), Some(caller.span));
        }
        (span.side, span.failed) = (Side::Server, status.is_server_error());
        span.about = vec![
            ("http.request.method", method.into()),
            ("http.route", route.into()),
            ("http.response.status_code", i64::from(status.as_u16()).into()),
        ];
    });
    response
}
