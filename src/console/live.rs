//! Parts of pages that change while somebody looks: sent anew, as server-sent events, when they
//! have. Who may look is asked again all the time.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use askama::Template;
use axum::http::header;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::future::BoxFuture;
use futures::stream;
use tokio::sync::Mutex;

use super::Console;
use super::fault::Fault;
use super::gate::Visitor;
use crate::ledger::account::Token;

/// How often it is looked whether something has changed.
const EVERY: Duration = Duration::from_secs(2);

/// How long what was seen is shown, at least: however many look, the broker and the ledger are asked once.
const FRESH: Duration = Duration::from_secs(1);

/// And so many times as long as it took to look: where very much waits, looking must not slow it down.
const REST: u32 = 10;

/// But never longer than this.
const SLOWEST: Duration = Duration::from_secs(10);

/// What was seen last, for all who look, and until when it is shown.
#[derive(Debug, Default)]
pub(super) struct Seen(Mutex<Option<(Instant, Arc<str>)>>);

impl Seen {
    /// What is shown now: what was seen last, while it is fresh, else what is made anew.
    pub(super) async fn or_made(&self, make: impl Future<Output = Result<Arc<str>, Fault>>) -> Result<Arc<str>, Fault> {
        let mut seen = self.0.lock().await;
        let begun = Instant::now();
        if let Some((_, shown)) = seen.as_ref().filter(|(until, _)| begun < *until) {
            return Ok(Arc::clone(shown));
        }
        let shown = make.await?;
        let rest = FRESH.max(begun.elapsed().saturating_mul(REST)).min(SLOWEST);
        *seen = Some((Instant::now() + rest, Arc::clone(&shown)));
        Ok(shown)
    }

    /// Forgets it: somebody has just changed what it shows.
    pub(super) async fn forget(&self) {
        *self.0.lock().await = None;
    }
}

/// A part of a page, written out.
pub(super) fn written(part: &impl Template) -> Result<Arc<str>, Fault> {
    part.render().map(Into::into).map_err(|error| {
        tracing::error!(%error, "a page could not be written");
        Fault::Broken
    })
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_was_just_seen_is_shown_to_all_until_somebody_changes_it() {
        let seen = Seen::default();
        let look = async |text: &'static str| seen.or_made(async move { Ok(text.into()) }).await.unwrap();
        assert_eq!(&*look("a").await, "a");
        assert_eq!(&*look("b").await, "a");
        seen.forget().await;
        assert!(seen.or_made(async { Err(Fault::Broken) }).await.is_err());
        assert_eq!(&*look("c").await, "c", "what could not be made is not kept");
    }
}
