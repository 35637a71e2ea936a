//! How many calls are answered at once. One system that asks for all it can shall not make the pages
//! slow for people.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::sync::Semaphore;

use super::super::Console;
use super::Problem;

/// How many.
const AT_ONCE: usize = 16;

/// How long a call waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);

/// The turns.
#[derive(Debug)]
pub(in crate::console) struct Turns(Semaphore);

impl Default for Turns {
    fn default() -> Self {
        Self(Semaphore::new(AT_ONCE))
    }
}

/// Answers a call when it is its turn.
pub(super) async fn take(State(console): State<Arc<Console>>, request: Request, next: Next) -> Response {
    let turn = tokio::time::timeout(PATIENCE, console.turns.0.acquire()).await;
    // The turns are never closed.
    let Ok(Ok(_turn)) = turn else { return Problem::busy().into_response() };
    next.run(request).await
}
