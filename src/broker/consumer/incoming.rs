//! A message as the broker delivered it.

use std::fmt;

use bytes::Bytes;
use lapin::message::Delivery;
use lapin::types::{AMQPValue, FieldTable, ShortString};

/// A message from a queue. What its sender wrote (all that is text here) may be anything.
#[derive(Clone, PartialEq, Eq)]
pub struct Incoming {
    /// The queue it was taken from.
    pub queue: String,
    /// The exchange it was published to, also where it got here by way of an alternate exchange.
    pub exchange: String,
    /// The routing key it was published with.
    pub routing_key: String,
    /// The body.
    pub body: Bytes,
    /// AMQP's `content_type`.
    pub content_type: Option<String>,
    /// AMQP's `message_id`.
    pub message_id: Option<String>,
    /// AMQP's `type`.
    pub kind: Option<String>,
    /// AMQP's `correlation_id`.
    pub correlation_id: Option<String>,
    /// The queue in which the sender wants to be told.
    pub reply_to: Option<String>,
    /// AMQP's `user_id`: the broker has checked that it is who published, where it is set.
    pub user_id: Option<String>,
    /// The W3C trace context.
    pub traceparent: Option<String>,
    /// How often it was delivered before and not acknowledged.
    pub delivery_count: u32,
    /// Whether it may have been delivered before. `false` is sure.
    pub redelivered: bool,
    /// Where it came from, if the broker gave it up there.
    pub death: Option<Death>,
}

/// Why a message was given up by the broker: its first `x-death`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Death {
    /// The queue that gave it up.
    pub queue: String,
    /// `delivery_limit`, `rejected`, `expired` or `maxlen`.
    pub reason: String,
}

impl Incoming {
    pub(super) fn new(queue: &str, delivery: Delivery) -> Self {
        let properties = delivery.properties;
        let headers = properties.headers();
        let text = |value: &Option<ShortString>| value.as_ref().map(ToString::to_string);
        Self {
            queue: queue.to_owned(),
            exchange: delivery.exchange.to_string(),
            routing_key: delivery.routing_key.to_string(),
            content_type: text(properties.content_type()),
            message_id: text(properties.message_id()),
            kind: text(properties.kind()),
            correlation_id: text(properties.correlation_id()),
            reply_to: text(properties.reply_to()),
            user_id: text(properties.user_id()),
            traceparent: header(headers.as_ref(), "traceparent"),
            delivery_count: delivery_count(headers.as_ref()),
            redelivered: delivery.redelivered,
            death: header(headers.as_ref(), "x-first-death-queue")
                .zip(header(headers.as_ref(), "x-first-death-reason"))
                .map(|(queue, reason)| Death { queue, reason }),
            body: Bytes::from(delivery.data),
        }
    }
}

/// How often the message was delivered before. A quorum queue counts from the first redelivery.
pub(super) fn delivery_count(headers: Option<&FieldTable>) -> u32 {
    let count = match headers.and_then(|headers| headers.inner().get("x-delivery-count")) {
        Some(AMQPValue::LongLongInt(count)) => *count,
        Some(AMQPValue::LongInt(count)) => i64::from(*count),
        Some(AMQPValue::LongUInt(count)) => i64::from(*count),
        Some(AMQPValue::ShortInt(count)) => i64::from(*count),
        Some(AMQPValue::ShortUInt(count)) => i64::from(*count),
        Some(AMQPValue::ShortShortInt(count)) => i64::from(*count),
        Some(AMQPValue::ShortShortUInt(count)) => i64::from(*count),
        _ => 0,
    };
    u32::try_from(count.max(0)).unwrap_or(u32::MAX)
}

fn header(headers: Option<&FieldTable>, name: &str) -> Option<String> {
    let AMQPValue::LongString(text) = headers?.inner().get(name)? else { return None };
    std::str::from_utf8(text.as_bytes()).ok().map(str::to_owned)
}

/// Neither the body nor any text of the sender's: ids and types are the sender's to choose, and
/// some choose personal data.
impl fmt::Debug for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incoming")
            .field("queue", &self.queue)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .field("delivery_count", &self.delivery_count)
            .field("redelivered", &self.redelivered)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use lapin::BasicProperties;

    use super::*;

    fn delivery(headers: &[(&str, AMQPValue)]) -> Delivery {
        let mut table = FieldTable::default();
        for (name, value) in headers {
            table.insert((*name).into(), value.clone());
        }
        let mut delivery = Delivery::mock(1, "budstikke.out".into(), "x.y".into(), true, b"0101014321".to_vec());
        delivery.properties = BasicProperties::default().with_headers(table).with_message_id("0101014321".into());
        delivery
    }

    #[test]
    fn headers_are_read_by_their_type() {
        let incoming = Incoming::new(
            "budstikke.dead",
            delivery(&[
                ("x-delivery-count", AMQPValue::LongLongInt(3)),
                ("traceparent", AMQPValue::LongString("00-abc-def-01".into())),
                ("x-first-death-queue", AMQPValue::LongString("in.cura".into())),
                ("x-first-death-reason", AMQPValue::LongString("delivery_limit".into())),
            ]),
        );
        assert_eq!(incoming.delivery_count, 3);
        assert_eq!(incoming.traceparent.as_deref(), Some("00-abc-def-01"));
        let death = Death { queue: "in.cura".to_owned(), reason: "delivery_limit".to_owned() };
        assert_eq!(incoming.death, Some(death));
    }

    #[test]
    fn nonsense_in_a_header_is_no_fault() {
        let incoming = Incoming::new(
            "in.cura",
            delivery(&[
                ("x-delivery-count", AMQPValue::LongLongInt(-1)),
                ("traceparent", AMQPValue::LongString(vec![0xff].into())),
                ("x-first-death-queue", AMQPValue::Boolean(true)),
            ]),
        );
        assert_eq!((incoming.delivery_count, incoming.traceparent, incoming.death), (0, None, None));
    }

    #[test]
    fn debug_shows_nothing_that_a_sender_wrote() {
        let shown = format!("{:?}", Incoming::new("in.cura", delivery(&[])));
        assert!(shown.contains("10 bytes") && !shown.contains("0101014321"), "{shown}");
    }
}
