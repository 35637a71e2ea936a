//! The bare forwarder: the least that takes a plan to two queues without losing it.
#![expect(clippy::disallowed_methods, reason = "it is what lapin can do by itself")]

use anyhow::{Context, Result};
use futures::StreamExt;
use futures::future::try_join_all;
use lapin::message::Delivery;
use lapin::options::{BasicAckOptions, BasicPublishOptions};
use lapin::{BasicProperties, Channel, Confirmation, PublisherConfirm};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use super::child::AMQP;
use super::wire::{MAILBOXES, Wire};
use crate::broker::topology;

/// Taken and published in one burst.
const BATCH: usize = 256;

/// Batches that may wait for their confirms.
const WAITING: usize = 8;

/// A batch on its way: its last delivery, which acknowledges them all, and its confirms.
struct Batch {
    last: Delivery,
    confirms: Vec<PublisherConfirm>,
}

/// Forwards until it is told to stop.
pub(super) async fn run(prefetch: u16) -> Result<()> {
    let amqp = std::env::var(AMQP).with_context(|| format!("{AMQP} is not set"))?;
    let (consuming, publishing) = (Wire::open(&amqp).await?, Wire::open(&amqp).await?);
    let mut taken = consuming.take_plans(prefetch).await?.ready_chunks(BATCH);
    let (sent, confirmed) = mpsc::channel(WAITING);
    let forward = async move {
        while let Some(batch) = taken.next().await {
            let batch: Vec<Delivery> = batch.into_iter().collect::<lapin::Result<_>>()?;
            let confirms = publish(&publishing.publishing, &batch).await?;
            let Some(last) = batch.into_iter().next_back() else { continue };
            sent.send(Batch { last, confirms }).await?;
        }
        anyhow::bail!("the queue is gone")
    };
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        ended = forward => ended,
        ended = settle(confirmed) => ended,
        _ = terminate.recv() => Ok(()),
    }
}

async fn publish(channel: &Channel, batch: &[Delivery]) -> Result<Vec<PublisherConfirm>> {
    let options = BasicPublishOptions { mandatory: true, immediate: false };
    let both = batch.iter().flat_map(|delivery| MAILBOXES.map(|mailbox| (mailbox, delivery)));
    let burst = both.map(|(mailbox, delivery)| {
        let properties = BasicProperties::default()
            .with_delivery_mode(2)
            .with_content_type("application/xml".into())
            .with_message_id(format!("{mailbox}-{}", delivery.delivery_tag).into());
        channel.basic_publish(topology::OUT.into(), mailbox.into(), options, &delivery.data, properties)
    });
    Ok(try_join_all(burst).await?)
}

/// Acknowledges each batch when all of it is confirmed.
async fn settle(mut batches: mpsc::Receiver<Batch>) -> Result<()> {
    while let Some(Batch { last, confirms }) = batches.recv().await {
        for confirm in try_join_all(confirms).await? {
            anyhow::ensure!(confirm == Confirmation::Ack(None), "the broker did not take a message");
        }
        anyhow::ensure!(last.acker.ack(BasicAckOptions { multiple: true }).await?, "an acknowledgement was not sent");
    }
    Ok(())
}
