//! Consuming: one task per queue, batches in order, and an acknowledgement only after the handler
//! has said that all of a batch is durable.
//!
//! Nothing is ever given back one by one: a message that is nacked, or a consumer that is
//! cancelled with messages in hand, comes back *after* later ones. Where the task stops before a
//! batch is acknowledged, it closes the channel, and everything goes back in its order.

mod gather;
mod incoming;
mod settle;
mod task;

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::watch;

pub use self::incoming::{Death, Incoming};
pub(super) use self::task::Task;

/// The largest batch.
pub const LARGEST_BATCH: usize = 256;

/// What is to become of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Settle {
    /// Everything in it is durable: acknowledge it.
    Ack,
    /// It is not: leave it with the broker, which will deliver it again, in order, and with a
    /// count of its deliveries.
    Leave,
}

/// What is done with the messages of a queue.
#[async_trait]
pub trait Handler: Send + Sync {
    /// Takes a batch, which is never empty. Everything in it must be durable when this returns
    /// [`Settle::Ack`]. The batches of one queue come one after the other; the next one comes only
    /// when this has returned, however long it takes. A message that was delivered before
    /// ([`Incoming::delivery_count`]) always comes alone.
    async fn take(&self, batch: Vec<Incoming>) -> Settle;
}

/// A queue to consume from.
#[derive(Clone)]
pub struct Consume {
    /// Its name.
    pub queue: String,
    /// Who takes its messages.
    pub handler: Arc<dyn Handler>,
    /// While this is true nothing is taken from the queue. If its sender is dropped, the last
    /// value stays.
    pub paused: watch::Receiver<bool>,
}

impl std::fmt::Debug for Consume {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Consume").field("queue", &self.queue).finish_non_exhaustive()
    }
}
