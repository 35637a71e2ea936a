//! The receivers: take what comes, enter it in the books, acknowledge it, and now and then die
//! before they do.
#![expect(clippy::disallowed_methods, reason = "the receivers are no part of the hub and do not use its code")]

use std::sync::Arc;
use std::time::Duration;

use budstikke::broker::topology;
use futures::StreamExt;
use futures::stream::{BoxStream, SelectAll, select_all};
use lapin::Connection;
use lapin::message::Delivery;
use lapin::options::{BasicAckOptions, BasicConsumeOptions, BasicQosOptions, QueueDeclareOptions};
use lapin::types::FieldTable;
use serde_json::Value;

use super::books::Books;
use super::chance::Chance;
use crate::chaos_proxy::ChaosProxy;
use crate::raw_lapin;

/// Taken and not yet acknowledged, for each queue.
const PREFETCH: u16 = 32;

/// Before the broker is tried again.
const PAUSE: Duration = Duration::from_millis(100);

/// Of so many messages, one is the last that a receiver takes before it dies.
const MORTAL: usize = 400;

const LIMIT: Duration = Duration::from_secs(10);

const QUEUES: [&str; 5] = [
    "out.dragoer.genoptraening",
    "out.taarnby.genoptraening",
    "out.dragoer.borgerservice",
    "out.taarnby.borgerservice",
    topology::VANS,
];

/// All receivers, for as long as it is polled. They come by a proxy that can end a connection for
/// certain: lapin may wait for ever to close one to a broker that has died, and while the broker
/// takes a receiver for alive, it keeps what it gave it, and the next one gets later messages first.
pub(crate) async fn receive(proxy: ChaosProxy, address: String, books: Arc<Books>, mut chance: Chance) {
    loop {
        let _broken = session(&address, &books, &mut chance).await;
        proxy.cut();
        tokio::time::sleep(PAUSE).await;
    }
}

async fn session(address: &str, books: &Books, chance: &mut Chance) -> Option<()> {
    let connection = soon(raw_lapin::try_connect(address)).await?.ok()?;
    work(&connection, books, chance).await
}

async fn work(connection: &Connection, books: &Books, chance: &mut Chance) -> Option<()> {
    let mut all = soon(open(connection)).await??;
    while let Some((queue, delivery)) = all.next().await {
        let delivery = delivery.ok()?;
        let id = delivery.properties.message_id().as_ref().map(ToString::to_string).unwrap_or_default();
        books.arrives(queue, &id, &letter_in(queue, &delivery.data), &delivery.data, delivery.redelivered);
        if chance.once_in(MORTAL) {
            return None;
        }
        soon(delivery.ack(BasicAckOptions::default())).await?.ok()?;
    }
    None
}

/// A broker that dies may leave a call without an answer.
async fn soon<T>(call: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(LIMIT, call).await.ok()
}

/// What comes in all queues, each with its queue.
type All = SelectAll<BoxStream<'static, (&'static str, lapin::Result<Delivery>)>>;

async fn open(connection: &Connection) -> Option<All> {
    let channel = connection.create_channel().await.ok()?;
    channel.basic_qos(PREFETCH, BasicQosOptions { global: false }).await.ok()?;
    for queue in QUEUES {
        let passive = QueueDeclareOptions { passive: true, ..Default::default() };
        let there = channel.queue_declare(queue.into(), passive, FieldTable::default()).await.ok()?;
        // The one before is not gone yet. A queue that does not answer its broker within 250 ms, as after
        // a restart, counts as one without consumers (RabbitMQ 3.10): that is why the books ask whether a
        // letter was given before.
        if there.consumer_count() > 0 {
            return None;
        }
    }
    let mut consumers = Vec::new();
    for queue in QUEUES {
        let options = BasicConsumeOptions::default();
        let consumer = channel.basic_consume(queue.into(), "".into(), options, FieldTable::default()).await.ok()?;
        consumers.push(consumer.map(move |delivery| (queue, delivery)).boxed());
    }
    Some(select_all(consumers))
}

/// The letter that a message is about.
fn letter_in(queue: &str, body: &[u8]) -> String {
    if queue == topology::VANS {
        let text = String::from_utf8_lossy(body);
        // The answer names the letter's envelope and the letter; the envelope's name ends with the letter's.
        let named = text.match_indices(">R").filter_map(|(at, _)| text.get(at + 1..at + 12));
        return named.last().unwrap_or("an answer to nothing").to_owned();
    }
    let event: Value = serde_json::from_slice(body).unwrap_or_default();
    event["data"]["letter"]["id"].as_str().unwrap_or("an event without a letter").to_owned()
}
