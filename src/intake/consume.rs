//! The loops round intake: batches from the broker into the ledger, and only then acknowledged.
//!
//! A message that came back (its hub died, perhaps of it) is taken alone, after the attempt was
//! written down; at the third it is parked unread, so that it can neither kill the hub again nor
//! take its neighbours with it.

mod feedback;
mod keep;
mod raise;
mod trail;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use budstikke_contract::reason::{Code, Reason};
use tokio::sync::{Notify, mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::World;
use super::prepare::{self, Incoming, Prepared};
use crate::broker::{self, Handler, Settle};
use crate::clock::Clock;
use crate::ledger::{Ledger, Tx};
use crate::telemetry::health::Health;
use crate::telemetry::trace::Traces;
pub use feedback::{ReceiptDesk, ReturnDesk};
use keep::{Letter, Stopping};
pub use raise::{Foreseen, Raised, Written, keep_raised};
use trail::Trail;

/// The hub died, or the adapter panicked, each time the message was begun.
pub const POISON: Code = Code::new("POISON");
/// The hub itself failed on the message.
pub const HUB_FAILED: Code = Code::new("HUB_FAILED");

/// At this attempt a message that came back is parked unread.
const LAST_ATTEMPT: i64 = 3;

/// How long to wait before the ledger is tried again.
const LEDGER_PAUSE: Duration = Duration::from_millis(500);

/// What the loops share.
#[derive(Clone)]
pub struct Desk {
    /// The ledger.
    pub ledger: Ledger,
    /// What decisions rest on.
    pub world: Arc<World>,
    /// The time.
    pub clock: Clock,
    /// How the hub is doing.
    pub health: Health,
    /// Where it is told what was done, and how long it took.
    pub traces: Traces,
    /// Rung when something new is to be delivered.
    pub deliver: Arc<Notify>,
    /// Rung when duties have changed.
    pub duties: Arc<Notify>,
    /// Changed when something may be to be asked elsewhere.
    pub wishes: Arc<watch::Sender<()>>,
    /// Where senders that asked for it are told what became of their messages.
    pub answers: mpsc::Sender<Told>,
    /// When to stop waiting for the ledger.
    pub stop: CancellationToken,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Desk")
    }
}

/// What a sender is told that set `reply_to`.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Told {
    /// Where.
    #[serde(skip)]
    pub to: String,
    /// What it called the thing.
    pub id: Option<String>,
    /// What became of it.
    pub outcome: &'static str,
    /// Why it does not go on.
    pub code: Option<String>,
    /// Where in the message.
    pub path: Option<String>,
}

/// Takes the messages of a source.
#[derive(Debug, Clone)]
pub struct SourceDesk(pub Desk);

#[async_trait]
impl Handler for SourceDesk {
    async fn take(&self, batch: Vec<broker::Incoming>) -> Settle {
        let desk = &self.0;
        let came_back = batch.iter().any(|message| message.delivery_count > 0);
        let begin = |message: broker::Incoming| {
            let trail = Trail::begin(&desk.traces, message.traceparent.as_deref());
            (incoming(message, desk), trail)
        };
        let messages: Vec<(Incoming, Trail)> = batch.into_iter().map(begin).collect();
        if came_back {
            for (message, trail) in messages {
                if self.take_again(message, trail).await.is_err() {
                    return Settle::Leave;
                }
            }
            return Settle::Ack;
        }
        let fresh = |(message, trail): (Incoming, Trail)| {
            let prepared = self.prepare(message);
            Letter { prepared, came_back: false, trail: trail.has_read() }
        };
        desk.settle(messages.into_iter().map(fresh).collect()).await
    }
}

/// Takes the messages of a source from somebody else's broker, as if they had come by the source's
/// own queue.
#[derive(Debug, Clone)]
pub struct ForeignDesk {
    /// The source.
    pub source: &'static str,
    /// What takes them.
    pub desk: SourceDesk,
}

#[async_trait]
impl Handler for ForeignDesk {
    async fn take(&self, mut batch: Vec<broker::Incoming>) -> Settle {
        for message in &mut batch {
            message.queue = format!("in.{}", self.source);
            // Users, media types and answers are our own broker's business.
            message.user_id = Some(prepare::FOREIGN.to_owned());
            message.content_type = None;
            message.reply_to = None;
            // A classic queue counts nothing; it says only that the message was handed out before.
            // Then it is counted here, like one of our own that came back.
            if message.redelivered {
                message.delivery_count = message.delivery_count.max(1);
            }
        }
        self.desk.take(batch).await
    }
}

impl SourceDesk {
    async fn take_again(&self, message: Incoming, trail: Trail) -> Result<(), Stopping> {
        let desk = &self.0;
        let body = message.body.clone();
        let counted = desk.hold(&message.source, || {
            let body = body.clone();
            Box::new(move |tx: &mut Tx<'_>| tx.begin_again(&body))
        });
        let attempt = counted.await?.unwrap_or(1);
        let prepared = if attempt >= LAST_ATTEMPT {
            let text = "Beskeden er begyndt to gange, og hver gang gik budstikken ned. Den er gemt ulæst. Meld fejlen; send den igen, når den er rettet.";
            self.unread(message, Reason::new(POISON, text))
        } else {
            self.prepare(message)
        };
        desk.keep(vec![Letter { prepared, came_back: true, trail: trail.has_read() }]).await
    }

    /// Reads a message. An adapter that panics has met something that nobody thought of.
    fn prepare(&self, message: Incoming) -> Prepared {
        let again = message.clone();
        let read = catch_unwind(AssertUnwindSafe(|| prepare::prepare(&self.0.world, message)));
        match read {
            Ok(Some(prepared)) => prepared.marked(self.0.ledger.keys()),
            Ok(None) => self.unread(again, Reason::new(HUB_FAILED, "Kilden har ingen adapter i denne version.")),
            Err(_panic) => {
                let text = "Adapteren gik ned på beskeden, som er gemt hel. Meld fejlen; send beskeden igen, når den er rettet.";
                self.unread(again, Reason::new(POISON, text))
            }
        }
    }

    fn unread(&self, message: Incoming, reason: Reason) -> Prepared {
        let adapter = self.0.world.adapters.for_message(&message.source, message.media_type.as_deref());
        let name = adapter.map_or("unknown", |adapter| adapter.name());
        prepare::unreadable(message, name, reason)
    }
}

fn incoming(message: broker::Incoming, desk: &Desk) -> Incoming {
    let queue = message.queue;
    Incoming {
        source: queue.strip_prefix("in.").unwrap_or(&queue).to_owned(),
        media_type: message.content_type,
        sender_user: message.user_id,
        reply_to: message.reply_to.filter(|to| to.starts_with("reply.")),
        redelivered: message.redelivered,
        received: desk.clock.now(),
        body: message.body,
    }
}
