//! lapin with nothing round it, for what the measurement itself sends, counts and takes. Not the
//! hub's broker module: what is measured must not be measured with itself.
#![expect(clippy::disallowed_methods, reason = "a measurement has no outage to survive and ends with the first fault")]

use anyhow::{Context, Result};
use futures::future::{join_all, try_join_all};
use lapin::options::{
    BasicConsumeOptions, BasicPublishOptions, BasicQosOptions, ConfirmSelectOptions, QueueDeclareOptions,
    QueuePurgeOptions,
};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Confirmation, Connection, ConnectionProperties, Consumer, PublisherConfirm};

use super::plan::Plans;
use crate::broker::topology;

/// Where plans come in.
pub(super) const SOURCE: &str = "rehab-plan";
/// The mailboxes a plan for a citizen of Dragør goes to, as routing keys.
pub(super) const MAILBOXES: [&str; 2] = ["dragoer.genoptraening", "taarnby.genoptraening"];

/// Plans that are sent in one burst while a queue is filled.
const BURST: u32 = 256;

/// Connections and channels to a broker, one for each use.
pub(super) struct Wire {
    connection: Connection,
    /// For questions.
    asking: Channel,
    /// For publishing, with confirms.
    pub(super) publishing: Channel,
}

/// What waits: in the source's queue, and in that of the mailbox that has less.
#[derive(Debug, Clone, Copy)]
pub(super) struct Depths {
    pub(super) source: u32,
    pub(super) out: u32,
}

impl Wire {
    /// Connects.
    pub(super) async fn open(amqp: &str) -> Result<Self> {
        let connection = Connection::connect(amqp, ConnectionProperties::default()).await.context("no connection")?;
        let asking = connection.create_channel().await?;
        let publishing = connection.create_channel().await?;
        publishing.confirm_select(ConfirmSelectOptions::default()).await?;
        Ok(Self { connection, asking, publishing })
    }

    /// Empties the queues of the measurement.
    pub(super) async fn purge(&self) -> Result<()> {
        let queues = MAILBOXES.map(|mailbox| format!("out.{mailbox}")).into_iter().chain([source_queue()]);
        for queue in queues {
            self.asking.queue_purge(queue.into(), QueuePurgeOptions::default()).await?;
        }
        Ok(())
    }

    /// Puts plans into the source's queue and waits until the broker has them all.
    pub(super) async fn fill(&self, plans: &Plans, messages: u32) -> Result<()> {
        for first in (0..messages).step_by(BURST as usize) {
            let burst = (first..messages.min(first + BURST)).map(|number| self.send(plans.plan(number)));
            let confirms: Vec<PublisherConfirm> = try_join_all(burst).await?;
            for confirm in join_all(confirms).await {
                anyhow::ensure!(confirm? == Confirmation::Ack(None), "the broker did not take a plan");
            }
        }
        Ok(())
    }

    /// Sends one plan.
    pub(super) async fn send(&self, plan: Vec<u8>) -> lapin::Result<PublisherConfirm> {
        let properties = BasicProperties::default().with_delivery_mode(2).with_content_type("application/xml".into());
        let options = BasicPublishOptions { mandatory: true, immediate: false };
        self.publishing.basic_publish(topology::IN.into(), SOURCE.into(), options, &plan, properties).await
    }

    /// What waits.
    pub(super) async fn depths(&self) -> Result<Depths> {
        let mut out = u32::MAX;
        for mailbox in MAILBOXES {
            out = out.min(self.depth(format!("out.{mailbox}")).await?);
        }
        Ok(Depths { source: self.depth(source_queue()).await?, out })
    }

    async fn depth(&self, queue: String) -> Result<u32> {
        let options = QueueDeclareOptions { passive: true, ..Default::default() };
        Ok(self.asking.queue_declare(queue.into(), options, FieldTable::default()).await?.message_count())
    }

    /// Takes what comes to a mailbox, without acknowledging it: the measurement can lose it.
    pub(super) async fn take(&self, mailbox: &str) -> Result<Consumer> {
        let options = BasicConsumeOptions { no_ack: true, ..Default::default() };
        let channel = self.connection.create_channel().await?;
        let queue = format!("out.{mailbox}");
        Ok(channel.basic_consume(queue.into(), "bench".into(), options, FieldTable::default()).await?)
    }

    /// Takes the plans, `prefetch` at a time.
    pub(super) async fn take_plans(&self, prefetch: u16) -> Result<Consumer> {
        self.asking.basic_qos(prefetch, BasicQosOptions::default()).await?;
        let options = BasicConsumeOptions::default();
        Ok(self.asking.basic_consume(source_queue().into(), "bench".into(), options, FieldTable::default()).await?)
    }
}

fn source_queue() -> String {
    topology::source_queue(SOURCE)
}
