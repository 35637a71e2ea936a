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

/// A part, as it is made.
pub(super) type Made = BoxFuture<'static, Result<Arc<str>, Fault>>;

/// What makes the part, for whoever looks; it says where they may not.
pub(super) type Make = Box<dyn Fn(Arc<Console>, Visitor) -> Made + Send>;

struct Watching {
    console: Arc<Console>,
    token: Token,
    /// Who looks, to begin with.
    visitor: Option<Visitor>,
    make: Make,
    shown: Option<Arc<str>>,
}

impl Watching {
    /// The part, when it has changed; `None` when its visitor may look no more, the hub stops, or it
    /// cannot be made: what is no longer true must not go on to be shown as if it were.
    async fn next(&mut self) -> Option<Arc<str>> {
        loop {
            let visitor = if let Some(visitor) = self.visitor.take() {
                visitor
            } else {
                tokio::select! {
                    () = self.console.stop.cancelled() => return None,
                    () = tokio::time::sleep(EVERY) => {}
                }
                // A session may have ended, a role been taken away.
                self.console.looker(self.token).await.ok()??
            };
            let fresh = (self.make)(Arc::clone(&self.console), visitor).await.ok()?;
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
    make: fn(Arc<Console>) -> Made,
) -> Response {
    let make = move |console, visitor: Visitor| {
        if may(&visitor) { make(console) } else { Box::pin(std::future::ready(Err(Fault::Forbidden))) as Made }
    };
    stream_for(console, visitor.clone(), Box::new(make))
}

/// The same of a part that is another for everybody.
pub(super) fn stream_for(console: Arc<Console>, visitor: Visitor, make: Make) -> Response {
    let watching = Watching { console, token: visitor.token, visitor: Some(visitor), make, shown: None };
    let parts = stream::unfold(watching, async |mut watching| {
        let part = watching.next().await?;
        Some((Ok::<_, Infallible>(Event::default().data(&*part)), watching))
    });
    let no_buffer = [(header::HeaderName::from_static("x-accel-buffering"), "no"), (header::CACHE_CONTROL, "no-store")];
    (no_buffer, Sse::new(parts).keep_alive(KeepAlive::default())).into_response()
}
