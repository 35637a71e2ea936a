//! lapin as it is, for what the broker module would never do, and to pin what lapin does.
#![expect(clippy::disallowed_methods, reason = "tests look at lapin itself")]

use lapin::options::{BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Channel, Confirmation, Connection, ConnectionProperties, PublisherConfirm};

/// A connection.
pub(crate) async fn connect(address: &str) -> Connection {
    try_connect(address).await.expect("a connection")
}

/// A connection, where there can be one.
pub(crate) async fn try_connect(address: &str) -> lapin::Result<Connection> {
    Connection::connect(address, ConnectionProperties::default()).await
}

/// A channel in confirm mode, where there can be one.
pub(crate) async fn try_confirming(connection: &Connection) -> lapin::Result<Channel> {
    let channel = connection.create_channel().await?;
    channel.confirm_select(ConfirmSelectOptions::default()).await?;
    Ok(channel)
}

/// A channel on a connection of its own, which lives as long as the channel.
pub(crate) async fn channel(address: &str) -> Channel {
    connect(address).await.create_channel().await.expect("a channel")
}

/// A channel in confirm mode.
pub(crate) async fn confirming(connection: &Connection) -> Channel {
    try_confirming(connection).await.expect("confirms")
}

pub(crate) async fn declare(channel: &Channel, queue: &str, arguments: FieldTable) {
    let options = QueueDeclareOptions { durable: true, ..Default::default() };
    channel.queue_declare(queue.into(), options, arguments).await.expect("a queue");
}

/// The arguments of a quorum queue that refuses what it has no room for.
pub(crate) fn quorum(most: Option<i64>) -> FieldTable {
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
    if let Some(most) = most {
        arguments.insert("x-max-length".into(), AMQPValue::LongLongInt(most));
        arguments.insert("x-overflow".into(), AMQPValue::LongString("reject-publish".into()));
    }
    arguments
}

/// Publishes to a queue by its name, with this message id.
pub(crate) async fn publish(channel: &Channel, queue: &str, id: &str) -> lapin::Result<PublisherConfirm> {
    let options = BasicPublishOptions { mandatory: true, immediate: false };
    let properties = BasicProperties::default().with_delivery_mode(2).with_message_id(id.into());
    channel.basic_publish("".into(), queue.into(), options, id.as_bytes(), properties).await
}

/// The same, with its confirm.
pub(crate) async fn confirmed(channel: &Channel, queue: &str, id: &str) -> lapin::Result<Confirmation> {
    publish(channel, queue, id).await?.await
}

/// How many messages wait in a queue.
pub(crate) async fn depth(channel: &Channel, queue: &str) -> u32 {
    let passive = QueueDeclareOptions { passive: true, ..Default::default() };
    let queue = channel.queue_declare(queue.into(), passive, FieldTable::default()).await;
    queue.expect("the queue is there").message_count()
}
