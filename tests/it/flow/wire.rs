//! The systems around the hub: sources that send and receivers that take, on a connection of their
//! own. A receiver takes only when it is asked to, so that a test decides when.
#![expect(clippy::disallowed_methods, reason = "other systems speak to the broker as they like")]

use std::collections::BTreeMap;

use budstikke::broker::topology;
use bytes::Bytes;
use lapin::options::{BasicAckOptions, BasicGetOptions, BasicPublishOptions, BasicRejectOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable, ShortString};
use lapin::{BasicProperties, Channel, Connection, PublisherConfirm};
use serde_json::Value;

use crate::raw_lapin;

/// Something that a source sends.
#[derive(Debug, Clone)]
pub(crate) struct Given {
    source: &'static str,
    body: Bytes,
    properties: BasicProperties,
}

impl Given {
    /// Bytes for the queue of a source.
    pub(crate) fn to(source: &'static str, body: impl Into<Bytes>) -> Self {
        Self { source, body: body.into(), properties: BasicProperties::default().with_delivery_mode(2) }
    }

    /// A canonical event.
    pub(crate) fn event(event: &Value) -> Self {
        Self::to("events", event.to_string())
    }

    /// A receiver's word about a delivery.
    pub(crate) fn receipt(delivery: &str, status: &str, reason: &str) -> Self {
        let body = serde_json::json!({"delivery": delivery, "status": status, "reason": reason});
        Self::to("receipts", body.to_string())
    }

    pub(crate) fn media_type(mut self, media_type: &str) -> Self {
        self.properties = self.properties.with_content_type(media_type.into());
        self
    }

    /// With a place in a trace of the sender's.
    pub(crate) fn traced(mut self, traceparent: &str) -> Self {
        let mut headers = FieldTable::default();
        headers.insert("traceparent".into(), AMQPValue::LongString(traceparent.into()));
        self.properties = self.properties.with_headers(headers);
        self
    }

    pub(crate) fn reply_to(mut self, queue: &str) -> Self {
        self.properties = self.properties.with_reply_to(queue.into());
        self
    }
}

/// Something that a receiver got.
#[derive(Debug, Clone)]
pub(crate) struct Got {
    /// The queue it was taken from.
    pub(crate) queue: String,
    /// AMQP's `message_id`, by which a repeat is known.
    pub(crate) id: String,
    /// AMQP's `type`.
    pub(crate) kind: String,
    pub(crate) correlation: Option<String>,
    pub(crate) content_type: String,
    pub(crate) persistent: bool,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Bytes,
}

impl Got {
    fn new(queue: &str, delivery: lapin::message::Delivery) -> Self {
        let properties = &delivery.properties;
        let text = |value: &Option<ShortString>| value.as_ref().map(ToString::to_string);
        let headers = properties.headers().as_ref().map(FieldTable::inner);
        let header = |(name, value): (&ShortString, &AMQPValue)| {
            let AMQPValue::LongString(text) = value else { return None };
            Some((name.to_string(), text.to_string()))
        };
        Self {
            queue: queue.to_owned(),
            id: text(properties.message_id()).expect("what the hub sends has an id"),
            kind: text(properties.kind()).unwrap_or_default(),
            correlation: text(properties.correlation_id()),
            content_type: text(properties.content_type()).unwrap_or_default(),
            persistent: *properties.delivery_mode() == Some(2),
            headers: headers.into_iter().flatten().filter_map(header).collect(),
            body: Bytes::from(delivery.data),
        }
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("what was got is JSON")
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A connection for all the systems around a hub.
#[derive(Debug)]
pub(crate) struct Wire {
    connection: Connection,
    sending: Channel,
    taking: Channel,
}

impl Wire {
    pub(crate) async fn connect(address: &str) -> Self {
        let connection = raw_lapin::connect(address).await;
        let sending = raw_lapin::confirming(&connection).await;
        let taking = connection.create_channel().await.expect("a channel");
        Self { connection, sending, taking }
    }

    /// Sends, and waits until the broker has it.
    pub(crate) async fn send(&self, given: &Given) {
        self.send_all(std::iter::once(given)).await;
    }

    /// Sends many in a row, and waits until the broker has them all.
    pub(crate) async fn send_all(&self, all: impl IntoIterator<Item = &Given>) {
        let mut confirms = Vec::new();
        for given in all {
            confirms.push(self.begin(given).await);
        }
        for confirm in confirms {
            assert!(confirm.await.expect("the broker answers").is_ack(), "the source's queue takes it");
        }
    }

    async fn begin(&self, given: &Given) -> PublisherConfirm {
        let Given { source, body, properties } = given;
        let options = BasicPublishOptions { mandatory: true, immediate: false };
        let sent =
            self.sending.basic_publish(topology::IN.into(), (*source).into(), options, body, properties.clone()).await;
        sent.expect("a source can send")
    }

    /// Takes what lies in a queue. A queue that is not there holds nothing.
    pub(crate) async fn take(&mut self, queue: &str) -> Vec<Got> {
        let mut taken = Vec::new();
        let mut last = None;
        loop {
            match self.taking.basic_get(queue.into(), BasicGetOptions::default()).await {
                Ok(Some(message)) => {
                    last = Some(message.delivery.delivery_tag);
                    taken.push(Got::new(queue, message.delivery));
                }
                Ok(None) => break,
                Err(_no_such_queue) => {
                    self.taking = self.connection.create_channel().await.expect("a channel");
                    return taken;
                }
            }
        }
        if let Some(tag) = last {
            self.taking.basic_ack(tag, BasicAckOptions { multiple: true }).await.expect("a receiver can acknowledge");
        }
        taken
    }

    /// Takes one message and refuses it, so that the broker gives it up.
    pub(crate) async fn refuse_one(&mut self, queue: &str) -> Option<Got> {
        let got = self.taking.basic_get(queue.into(), BasicGetOptions::default()).await.expect("the queue is there")?;
        let options = BasicRejectOptions { requeue: false };
        self.taking.basic_reject(got.delivery.delivery_tag, options).await.expect("a receiver can refuse");
        Some(Got::new(queue, got.delivery))
    }

    /// How many messages wait in a queue; `None` where it is not there.
    pub(crate) async fn depth(&mut self, queue: &str) -> Option<u32> {
        Some(self.look(queue).await?.message_count())
    }

    /// How many take from a queue; `None` where it is not there.
    pub(crate) async fn consumers(&mut self, queue: &str) -> Option<u32> {
        Some(self.look(queue).await?.consumer_count())
    }

    async fn look(&mut self, queue: &str) -> Option<lapin::Queue> {
        let passive = QueueDeclareOptions { passive: true, ..Default::default() };
        match self.taking.queue_declare(queue.into(), passive, FieldTable::default()).await {
            Ok(queue) => Some(queue),
            Err(_no_such_queue) => {
                self.taking = self.connection.create_channel().await.expect("a channel");
                None
            }
        }
    }

    /// Makes a queue for answers.
    pub(crate) async fn listen(&self, queue: &str) {
        raw_lapin::declare(&self.taking, queue, raw_lapin::quorum(None)).await;
    }
}
