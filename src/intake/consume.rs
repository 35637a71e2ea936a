//! The loops round intake: batches from the broker into the ledger, and only then acknowledged.
//!
//! A message that came back (its hub died, perhaps of it) is taken alone, after the attempt was
//! written down; at the third it is parked unread, so that it can neither kill the hub again nor
//! take its neighbours with it.

mod feedback;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use budstikke_contract::person::printable;
use budstikke_contract::reason::{Code, Reason};
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

use super::World;
use super::prepare::{self, Incoming, Prepared};
use super::receipts;
use super::record::{self, Taken};
use crate::broker::{self, Handler, Settle};
use crate::clock::Clock;
use crate::ledger::{Error, Ledger, Tx};
use crate::telemetry::health::Health;
pub use feedback::{ReceiptDesk, ReturnDesk};

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
    /// Rung when something new is to be delivered.
    pub deliver: Arc<Notify>,
    /// Rung when duties have changed.
    pub duties: Arc<Notify>,
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

/// A piece of work could not be kept because the hub is stopping.
struct Stopping;

impl Desk {
    /// Runs a piece of work until the ledger takes it. What makes no sense to try again is the
    /// caller's to handle.
    async fn hold<T: Send + 'static>(
        &self,
        work: impl Fn() -> Box<dyn FnMut(&mut Tx<'_>) -> Result<T, Error> + Send> + Send,
    ) -> Result<Result<T, Error>, Stopping> {
        loop {
            let outcome = self.ledger.write(work()).await;
            self.health.ledger(&outcome);
            match outcome {
                Err(error) if error.is_passing() => {}
                done => return Ok(done),
            }
            tokio::select! {
                () = self.stop.cancelled() => return Err(Stopping),
                () = tokio::time::sleep(LEDGER_PAUSE) => {}
            }
        }
    }

    /// Keeps messages of a source, all in one transaction. One that the hub fails on is kept
    /// whole and parked, and takes no neighbour with it.
    async fn keep(&self, prepared: Vec<Prepared>, came_back: bool) -> Result<(), Stopping> {
        let prepared = Arc::new(prepared);
        let taken = self.hold(|| self.recording(&prepared, came_back)).await?;
        match taken {
            Ok(taken) => {
                self.kept(&prepared, &taken);
                return Ok(());
            }
            Err(error) => {
                tracing::error!(error = %crate::telemetry::chain(&error), "a batch could not be kept; its messages are taken one by one");
            }
        }
        let Ok(messages) = Arc::try_unwrap(prepared) else { return Err(Stopping) };
        for message in messages {
            self.keep_alone(message, came_back).await?;
        }
        Ok(())
    }

    async fn keep_alone(&self, prepared: Prepared, came_back: bool) -> Result<(), Stopping> {
        let (message, adapter) = (prepared.message.clone(), prepared.adapter);
        let alone = Arc::new(vec![prepared]);
        let error = match self.hold(|| self.recording(&alone, came_back)).await? {
            Ok(taken) => {
                self.kept(&alone, &taken);
                return Ok(());
            }
            Err(error) => error,
        };
        tracing::error!(error = %crate::telemetry::chain(&error), "the hub failed on a message, which is parked whole");
        self.keep_whole(message, adapter, came_back).await
    }

    /// Parks a message on which the hub failed.
    async fn keep_whole(&self, message: Incoming, adapter: &'static str, came_back: bool) -> Result<(), Stopping> {
        let text =
            "Budstikken fejlede på beskeden og har gemt den hel. Meld fejlen; send beskeden igen, når den er rettet.";
        let whole = Arc::new(vec![prepare::unreadable(message, adapter, Reason::new(HUB_FAILED, text))]);
        loop {
            match self.hold(|| self.recording(&whole, came_back)).await? {
                Ok(taken) => {
                    self.kept(&whole, &taken);
                    return Ok(());
                }
                Err(error) => {
                    // Nothing is acknowledged that is not kept: the source waits for a person.
                    tracing::error!(error = %crate::telemetry::chain(&error), "a message can neither be taken nor parked; its source waits");
                    tokio::select! {
                        () = self.stop.cancelled() => return Err(Stopping),
                        () = tokio::time::sleep(LEDGER_PAUSE * 20) => {}
                    }
                }
            }
        }
    }

    #[expect(clippy::type_complexity, reason = "a boxed piece of work, named nowhere else")]
    fn recording(
        &self,
        prepared: &Arc<Vec<Prepared>>,
        came_back: bool,
    ) -> Box<dyn FnMut(&mut Tx<'_>) -> Result<Vec<Vec<Taken>>, Error> + Send> {
        let (prepared, world) = (Arc::clone(prepared), Arc::clone(&self.world));
        Box::new(move |tx| {
            let mut taken = Vec::with_capacity(prepared.len());
            for message in prepared.iter() {
                taken.push(record::record(tx, &world, message)?);
                if came_back {
                    tx.begun_well(&message.message.body)?;
                }
            }
            Ok(taken)
        })
    }

    /// Rings the bells, counts, and tells those who asked.
    fn kept(&self, prepared: &[Prepared], taken: &[Vec<Taken>]) {
        self.deliver.notify_one();
        self.duties.notify_one();
        for (message, items) in prepared.iter().zip(taken) {
            for (item, prepare) in items.iter().zip(&message.items) {
                self.note(&message.message, prepare.key.as_deref(), item);
            }
        }
    }

    /// Counts one item, says that it waits for a person, and tells whoever asked.
    fn note(&self, message: &Incoming, key: Option<&str>, item: &Taken) {
        // Of what the broker gave back a stranger may have written where it came from.
        let known = self.world.adapters.names().chain([receipts::SOURCE]).find(|name| *name == message.source);
        let source = known.unwrap_or("returned");
        let outcome = if item.refused { "refused" } else { item.state.name() };
        let code = item.reason.as_ref().map_or_else(String::new, |reason| reason.code.to_string());
        metrics::counter!("budstikke_received_total", "source" => source.to_owned(), "outcome" => outcome, "code" => code.clone()).increment(1);
        if item.reason.is_some() {
            tracing::warn!(item = item.item, source, code = %code, "parked: `budstikke parked show '#{}'`", item.item);
        }
        self.tell(message, key, item, outcome);
    }

    fn tell(&self, message: &Incoming, key: Option<&str>, item: &Taken, outcome: &'static str) {
        let Some(to) = &message.reply_to else { return };
        let told = Told {
            to: to.clone(),
            id: key.and_then(|key| key.rsplit(['/', ' ']).next()).map(|id| printable(id).to_owned()),
            outcome,
            code: item.reason.as_ref().map(|reason| reason.code.to_string()),
            path: item.reason.as_ref().and_then(|reason| reason.path.clone()),
        };
        if self.answers.try_send(told).is_err() {
            tracing::warn!("senders ask for more answers than can be given; one was left out");
        }
    }
}

/// Takes the messages of a source.
#[derive(Debug, Clone)]
pub struct SourceDesk(pub Desk);

#[async_trait]
impl Handler for SourceDesk {
    async fn take(&self, batch: Vec<broker::Incoming>) -> Settle {
        let desk = &self.0;
        let came_back = batch.iter().any(|message| message.delivery_count > 0);
        let messages: Vec<Incoming> = batch.into_iter().map(|message| incoming(message, desk)).collect();
        if came_back {
            for message in messages {
                if self.take_again(message).await.is_err() {
                    return Settle::Leave;
                }
            }
            return Settle::Ack;
        }
        let prepared = messages.into_iter().map(|message| self.prepare(message)).collect();
        match desk.keep(prepared, false).await {
            Ok(()) => Settle::Ack,
            Err(Stopping) => Settle::Leave,
        }
    }
}

impl SourceDesk {
    async fn take_again(&self, message: Incoming) -> Result<(), Stopping> {
        let desk = &self.0;
        let body = message.body.clone();
        let counted = desk.hold(|| {
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
        desk.keep(vec![prepared], true).await
    }

    /// Reads a message. An adapter that panics has met something that nobody thought of.
    fn prepare(&self, message: Incoming) -> Prepared {
        let again = message.clone();
        let read = catch_unwind(AssertUnwindSafe(|| prepare::prepare(&self.0.world, message)));
        match read {
            Ok(Some(prepared)) => prepared,
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
