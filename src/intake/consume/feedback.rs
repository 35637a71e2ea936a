//! What comes back: receivers' receipts, and what the broker could not deliver.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use budstikke_contract::verdict::Verdict;
use jiff::Timestamp;

use super::keep::Keep;
use super::{Desk, incoming};
use crate::broker::{self, Broker, Handler, Settle};
use crate::deliver::retry::{Next, Policy};
use crate::intake::prepare::Incoming;
use crate::intake::record::Taken;
use crate::intake::{World, receipts, returned};
use crate::ledger::delivery::Returned;
use crate::ledger::{Error, Tx};

/// Takes what receivers say.
#[derive(Debug, Clone)]
pub struct ReceiptDesk(pub Desk);

#[async_trait]
impl Handler for ReceiptDesk {
    async fn take(&self, batch: Vec<broker::Incoming>) -> Settle {
        let desk = &self.0;
        desk.settle(batch.into_iter().map(|message| Receipt(incoming(message, desk))).collect()).await
    }
}

/// What a receiver says of one delivery.
struct Receipt(Incoming);

impl Keep for Receipt {
    fn message(&self) -> &Incoming {
        &self.0
    }

    fn adapter(&self) -> &'static str {
        receipts::SOURCE
    }

    fn record(&self, tx: &mut Tx<'_>, world: &World) -> Result<Vec<Taken>, Error> {
        Ok(vec![receipts::record(tx, world, &self.0)?])
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

/// Something that was given back, what it was called on its way, and when it may go again.
struct GivenBack {
    message: Incoming,
    id: Option<String>,
    how: Returned,
    policy: Policy,
}

impl Keep for GivenBack {
    fn message(&self) -> &Incoming {
        &self.message
    }

    fn adapter(&self) -> &'static str {
        "returned"
    }

    fn record(&self, tx: &mut Tx<'_>, _world: &World) -> Result<Vec<Taken>, Error> {
        let retry_at = |attempts| retry_at(self.policy, attempts, self.message.received);
        Ok(vec![returned::record(tx, &self.message, self.how, self.id.as_deref(), &retry_at)?])
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
            GivenBack { message: incoming(message, desk), id, how: self.how, policy: self.policy }
        };
        desk.settle(batch.into_iter().map(given_back).collect()).await
    }
}

/// When a delivery that no queue took is tried again; `None` where it has been tried often enough.
fn retry_at(policy: Policy, attempts: u32, now: Timestamp) -> Option<Timestamp> {
    match policy.after(attempts.max(1), Verdict::Retry { after: None }, now, 0.5) {
        Next::Again(at) => Some(at),
        Next::WhenMended | Next::Park => None,
    }
}
