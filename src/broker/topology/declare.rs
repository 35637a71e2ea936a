//! Makes the broker's exchanges and queues what the topology says, or says which one is not.

use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, ExchangeKind};

use super::{Binding, DEAD, DELIVERY_LIMIT, Exchange, Kind, NO_DELIVERY_LIMIT, Queue, Topology};
use crate::broker::error::Error;

/// Declares everything. Exchanges come first: a queue is bound as soon as both are there.
pub(in crate::broker) async fn declare(channel: &Channel, topology: &Topology) -> Result<(), Error> {
    for exchange in &topology.exchanges {
        declare_exchange(channel, exchange).await?;
    }
    for queue in &topology.queues {
        declare_queue(channel, queue).await?;
    }
    for binding in &topology.bindings {
        bind(channel, binding).await?;
    }
    Ok(())
}

async fn declare_exchange(channel: &Channel, exchange: &Exchange) -> Result<(), Error> {
    let kind = match exchange.kind {
        Kind::Direct => ExchangeKind::Direct,
        Kind::Fanout => ExchangeKind::Fanout,
    };
    let options = ExchangeDeclareOptions { durable: true, ..Default::default() };
    let mut arguments = FieldTable::default();
    if let Some(alternate) = exchange.alternate {
        arguments.insert("alternate-exchange".into(), text(alternate));
    }
    channel
        .exchange_declare(exchange.name.into(), kind, options, arguments)
        .await
        .map_err(|source| Error::declaring(&format!("exchange `{}`", exchange.name), source))
}

async fn declare_queue(channel: &Channel, queue: &Queue) -> Result<(), Error> {
    let options = QueueDeclareOptions { durable: true, ..Default::default() };
    channel
        .queue_declare(queue.name.as_str().into(), options, arguments(queue))
        .await
        .map(|_counts| ())
        .map_err(|source| Error::declaring(&format!("queue `{}`", queue.name), source))
}

/// Explicit, as what is left out differs between the broker's versions.
fn arguments(queue: &Queue) -> FieldTable {
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), text("quorum"));
    if queue.single_consumer {
        arguments.insert("x-single-active-consumer".into(), AMQPValue::Boolean(true));
    }
    let limit = if queue.gives_up { DELIVERY_LIMIT } else { NO_DELIVERY_LIMIT };
    arguments.insert("x-delivery-limit".into(), AMQPValue::LongLongInt(limit));
    if queue.gives_up {
        arguments.insert("x-dead-letter-exchange".into(), text(DEAD));
        // With any other overflow the strategy silently becomes at-most-once.
        arguments.insert("x-dead-letter-strategy".into(), text("at-least-once"));
        arguments.insert("x-overflow".into(), text("reject-publish"));
    }
    arguments
}

async fn bind(channel: &Channel, binding: &Binding) -> Result<(), Error> {
    let Binding { exchange, queue, routing_key } = binding;
    channel
        .queue_bind(
            queue.as_str().into(),
            (*exchange).into(),
            routing_key.as_str().into(),
            QueueBindOptions::default(),
            FieldTable::default(),
        )
        .await
        .map_err(|source| Error::call(format!("binding queue `{queue}` to `{exchange}`"), source))
}

fn text(value: &str) -> AMQPValue {
    AMQPValue::LongString(value.into())
}
