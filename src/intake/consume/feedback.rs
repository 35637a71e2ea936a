//! What comes back: receivers' receipts, and what the broker could not deliver.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use budstikke_contract::verdict::Verdict;
use jiff::Timestamp;

use super::{Desk, Stopping, incoming};
use crate::broker::{self, Broker, Handler, Settle};
use crate::deliver::retry::{Next, Policy};
use crate::intake::prepare::Incoming;
use crate::intake::record::Taken;
use crate::intake::{World, receipts, returned};
use crate::ledger::delivery::Returned;
use crate::ledger::{Error, Tx};

/// A piece of work for the ledger.
type Work = Box<dyn FnMut(&mut Tx<'_>) -> Result<Vec<Taken>, Error> + Send>;

/// Writes down one message.
type Record<M> = Arc<dyn Fn(&mut Tx<'_>, &World, &M) -> Result<Taken, Error> + Send + Sync>;

impl Desk {
    /// Keeps messages together. Where the hub fails on one of them, each is kept by itself, and that
    /// one parked whole: neither the others nor those behind them wait for it.
    async fn keep_each<M>(&self, messages: Vec<M>, record: Record<M>, adapter: &'static str) -> Settle
    where
        M: Clone + AsRef<Incoming> + Send + Sync + 'static,
    {
        let kept = match self.keep_all(messages.clone(), &record).await {
            Ok(Ok(taken)) => {
                self.noted(&messages, &taken);
                Ok(())
            }
            Ok(Err(error)) => {
                tracing::error!(error = %crate::telemetry::chain(&error), "what came back could not be kept together; it is taken one by one");
                self.keep_one_by_one(messages, &record, adapter).await
            }
            Err(Stopping) => Err(Stopping),
        };
        match kept {
            Ok(()) => {
                self.deliver.notify_one();
                Settle::Ack
            }
            Err(Stopping) => Settle::Leave,
        }
    }

    async fn keep_all<M>(&self, messages: Vec<M>, record: &Record<M>) -> Result<Result<Vec<Taken>, Error>, Stopping>
    where
        M: Send + Sync + 'static,
    {
        let messages = Arc::new(messages);
        let work = || -> Work {
            let (messages, world, record) = (Arc::clone(&messages), Arc::clone(&self.world), Arc::clone(record));
            Box::new(move |tx| messages.iter().map(|message| record(tx, &world, message)).collect())
        };
        self.hold(work).await
    }

    async fn keep_one_by_one<M>(
        &self,
        messages: Vec<M>,
        record: &Record<M>,
        adapter: &'static str,
    ) -> Result<(), Stopping>
    where
        M: Clone + AsRef<Incoming> + Send + Sync + 'static,
    {
        for message in messages {
            match self.keep_all(vec![message.clone()], record).await? {
                Ok(taken) => self.noted(&[message], &taken),
                Err(error) => {
                    tracing::error!(error = %crate::telemetry::chain(&error), "the hub failed on a message, which is parked whole");
                    self.keep_whole(message.as_ref().clone(), adapter, false).await?;
                }
            }
        }
        Ok(())
    }

    /// Counts what was kept, says what waits for a person, and tells those who asked.
    fn noted<M: AsRef<Incoming>>(&self, messages: &[M], taken: &[Taken]) {
        for (message, item) in messages.iter().zip(taken) {
            self.note(message.as_ref(), None, item);
        }
    }
}

/// Takes what receivers say.
#[derive(Debug, Clone)]
pub struct ReceiptDesk(pub Desk);

#[async_trait]
impl Handler for ReceiptDesk {
    async fn take(&self, batch: Vec<broker::Incoming>) -> Settle {
        let desk = &self.0;
        let messages: Vec<Incoming> = batch.into_iter().map(|message| incoming(message, desk)).collect();
        let record: Record<Incoming> = Arc::new(receipts::record);
        desk.keep_each(messages, record, receipts::SOURCE).await
    }
}

/// Takes what the broker gave back.
#[derive(Debug, Clone)]
pub struct ReturnDesk {
    /// What the loops share.
    pub desk: Desk,
    /// The broker, whose queues are declared again when something was unroutable.
    pub broker: Arc<OnceLock<Broker>>,
    /// How the broker came to give it back.
    pub how: Returned,
    /// When to try again.
    pub policy: Policy,
}

/// Something that was given back, and what it was called on its way.
#[derive(Debug, Clone)]
struct GivenBack {
    message: Incoming,
    id: Option<String>,
}

impl AsRef<Incoming> for GivenBack {
    fn as_ref(&self) -> &Incoming {
        &self.message
    }
}

#[async_trait]
impl Handler for ReturnDesk {
    async fn take(&self, batch: Vec<broker::Incoming>) -> Settle {
        let desk = &self.desk;
        if self.how == Returned::Unroutable
            && let Some(broker) = self.broker.get()
            && let Err(error) = broker.redeclare().await
        {
            tracing::warn!(error = %crate::telemetry::chain(&error), "the queues could not be declared again");
        }
        let given_back = |mut message: broker::Incoming| {
            let id = message.message_id.clone();
            // Only here is it the broker itself that says where the message once came in.
            if let Some(death) = message.death.take() {
                message.queue = death.queue;
            }
            GivenBack { message: incoming(message, desk), id }
        };
        let messages: Vec<GivenBack> = batch.into_iter().map(given_back).collect();
        let (how, policy, now) = (self.how, self.policy, desk.clock.now());
        let record: Record<GivenBack> = Arc::new(move |tx, _world, back| {
            let retry_at = |attempts| retry_at(policy, attempts, now);
            returned::record(tx, &back.message, how, back.id.as_deref(), &retry_at)
        });
        desk.keep_each(messages, record, "returned").await
    }
}

/// When a delivery that no queue took is tried again; `None` where it has been tried often enough.
fn retry_at(policy: Policy, attempts: u32, now: Timestamp) -> Option<Timestamp> {
    match policy.after(attempts.max(1), Verdict::Retry { after: None }, now, 0.5) {
        Next::Again(at) => Some(at),
        Next::Park => None,
    }
}
