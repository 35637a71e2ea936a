//! Parts of pages that change while somebody looks: sent anew, as server-sent events, when they
//! have. Who may look is asked again all the time.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::http::header;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::future::BoxFuture;
use futures::stream;

use super::Console;
use super::fault::Fault;
use super::gate::Visitor;
use crate::ledger::account::Token;

/// How often it is looked whether something has changed.
const EVERY: Duration = Duration::from_secs(2);

/// A part on its way.
pub(super) type Made = BoxFuture<'static, Result<Arc<str>, Fault>>;

struct Watching<M> {
    console: Arc<Console>,
    token: Token,
    may: fn(&Visitor) -> bool,
    /// What makes the part.
    make: M,
    shown: Option<Arc<str>>,
}

impl<M: Fn(Arc<Console>) -> Made> Watching<M> {
    /// The part, when it has changed; `None` when its visitor may look no more, the hub stops, or it
    /// cannot be made: what is no longer true must not go on to be shown as if it were.
    async fn next(&mut self) -> Option<Arc<str>> {
        loop {
            if self.shown.is_some() {
                tokio::select! {
                    () = self.console.stop.cancelled() => return None,
                    () = tokio::time::sleep(EVERY) => {}
                }
                // A session may have ended, a role been taken away.
                let visitor = self.console.looker(self.token).await.ok()??;
                if !(self.may)(&visitor) {
                    return None;
                }
            }
            let fresh = (self.make)(Arc::clone(&self.console)).await.ok()?;
            if self.shown.as_ref() != Some(&fresh) {
                self.shown = Some(Arc::clone(&fresh));
                return Some(fresh);
            }
        }
    }
}

/// Sends the part whenever it has changed, for as long as its visitor may see it.
pub(super) fn stream(
    console: Arc<Console>,
    visitor: &Visitor,
    may: fn(&Visitor) -> bool,
    make: impl Fn(Arc<Console>) -> Made + Send + 'static,
) -> Response {
    let watching = Watching { console, token: visitor.token, may, make, shown: None };
    let parts = stream::unfold(watching, async |mut watching| {
        let part = watching.next().await?;
        Some((Ok::<_, Infallible>(Event::default().data(&*part)), watching))
    });
    let no_buffer = [(header::HeaderName::from_static("x-accel-buffering"), "no"), (header::CACHE_CONTROL, "no-store")];
    (no_buffer, Sse::new(parts).keep_alive(KeepAlive::default())).into_response()
}
