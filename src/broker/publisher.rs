//! Publishing: many callers, one owner per channel.
//!
//! lapin's channel must not be shared: with two tasks on one channel the broker's answers go to
//! the wrong messages (33 of 40,000 rejected messages were taken for stored). And a returned
//! message may come with the confirm of another one. So each channel has one owner, the [`lane`],
//! which sends a [`window`] of messages at once, waits until all of it is confirmed, and only then
//! says of each message what became of it.

mod lane;
mod patience;
mod window;

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::{mpsc, oneshot};

pub(super) use self::lane::Lane;
use super::metrics;
use super::topology;

/// The largest body that is sent. It is `RabbitMQ` 4's default limit; a larger one would end the
/// channel, and with it the session, each time it is tried.
pub const LARGEST_BODY: usize = 16 * 1024 * 1024;

/// AMQP's limit on a short string, in bytes.
const LONGEST_SHORT_STRING: usize = 255;

/// Where a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExchangeName {
    /// `budstikke.in`: the routing key is the source.
    In,
    /// `budstikke.out`: the routing key is the mailbox.
    Out,
    /// The default exchange, where the routing key is a queue. Only queues whose name begins with
    /// `reply.` can be reached: a message must not get past the exchanges by a wrong word.
    Default,
}

impl ExchangeName {
    fn as_str(self) -> &'static str {
        match self {
            Self::In => topology::IN,
            Self::Out => topology::OUT,
            Self::Default => "",
        }
    }

    /// Whether the broker must say so if no queue wants the message. A sender that has gone away
    /// needs no answer; everything else must arrive.
    fn mandatory(self) -> bool {
        match self {
            Self::In | Self::Out => true,
            Self::Default => false,
        }
    }
}

/// A message to publish.
#[derive(Clone)]
pub struct Publish {
    /// Where to.
    pub exchange: ExchangeName,
    /// To whom there.
    pub routing_key: String,
    /// By what the receiver knows a repeat, and by what we know a returned message.
    pub message_id: String,
    /// AMQP's `type`: the event's type.
    pub kind: Option<String>,
    /// AMQP's `correlation_id`.
    pub correlation_id: Option<String>,
    /// The body's media type.
    pub content_type: String,
    /// Headers. Never personal data: every tool of the broker shows them.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Bytes,
}

impl std::fmt::Debug for Publish {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Publish")
            .field("exchange", &self.exchange)
            .field("routing_key", &self.routing_key)
            .field("message_id", &self.message_id)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish_non_exhaustive()
    }
}

/// Why a message can never be sent as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// The default exchange leads to `reply.*` only.
    #[error("the default exchange takes answers only: the routing key must begin with `reply.`")]
    NotAReply,
    /// A message without an id cannot be told from another.
    #[error("the message has no id")]
    NoMessageId,
    /// AMQP's short strings hold 255 bytes. lapin panics on longer ones.
    #[error("the {0} is longer than 255 bytes")]
    TooLong(&'static str),
    /// See [`LARGEST_BODY`].
    #[error("the body is larger than 16 MiB")]
    TooLarge,
}

impl Publish {
    /// Whether the message can be sent at all.
    fn check(&self) -> Result<(), Unfit> {
        if self.exchange == ExchangeName::Default && !self.routing_key.starts_with("reply.") {
            return Err(Unfit::NotAReply);
        }
        if self.message_id.is_empty() {
            return Err(Unfit::NoMessageId);
        }
        let strings = [
            ("routing key", Some(&self.routing_key)),
            ("message id", Some(&self.message_id)),
            ("type", self.kind.as_ref()),
            ("correlation id", self.correlation_id.as_ref()),
            ("content type", Some(&self.content_type)),
        ];
        for (name, text) in strings {
            if text.is_some_and(|text| text.len() > LONGEST_SHORT_STRING) {
                return Err(Unfit::TooLong(name));
            }
        }
        if self.headers.iter().any(|(name, _)| name.len() > LONGEST_SHORT_STRING) {
            return Err(Unfit::TooLong("name of a header"));
        }
        if self.body.len() > LARGEST_BODY { Err(Unfit::TooLarge) } else { Ok(()) }
    }
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a message that is not confirmed is the caller's to send again"]
pub enum Published {
    /// The broker has it: in all queues it was routed to, on disk. With an alternate exchange that
    /// may be the queue for what could not be routed, so see [`topology::UNROUTABLE`].
    Confirmed,
    /// No queue wanted it.
    Returned,
    /// A queue refused it: it is full, or it failed.
    Nacked,
    /// Not known: it may be there, and it may still arrive. Send it again with the same id.
    Unknown,
    /// There was no connection. It was surely not sent.
    NotSent,
    /// It was not sent, and never can be as it is.
    Unfit(Unfit),
}

impl Published {
    /// The word for it in metrics.
    pub fn label(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Returned => "returned",
            Self::Nacked => "nacked",
            Self::Unknown => "unknown",
            Self::NotSent => "not_sent",
            Self::Unfit(_) => "unfit",
        }
    }
}

/// A message on its way to a lane, and whom to tell.
#[derive(Debug)]
struct Request {
    message: Publish,
    answer: oneshot::Sender<Published>,
}

impl Request {
    fn answer(self, published: Published) {
        metrics::published(published);
        if self.answer.send(published).is_err() {
            tracing::debug!(result = published.label(), "nobody waits for this answer any more");
        }
    }
}

/// Publishes. Clones are cheap and share the lanes.
#[derive(Debug, Clone)]
pub struct Publisher {
    lanes: Arc<[mpsc::Sender<Request>]>,
    hasher: RandomState,
}

impl Publisher {
    /// A publisher, and for each lane what it takes messages from. A lane holds back as many
    /// messages as it has in its window, so callers beyond that wait in [`Publisher::publish`].
    fn new(lanes: usize, window: usize) -> (Self, Vec<mpsc::Receiver<Request>>) {
        let (senders, receivers): (Vec<_>, Vec<_>) = (0..lanes).map(|_| mpsc::channel(window.max(1))).unzip();
        (Self { lanes: senders.into(), hasher: RandomState::new() }, receivers)
    }

    /// Publishes a message and waits until it is known what became of it. While the broker blocks
    /// us, that is as long as the shortage lasts. If the returned future is dropped, the message
    /// may be sent nevertheless.
    ///
    /// Messages to one routing key leave in the order in which this was first polled for them. But
    /// where one of them may have to be sent again, its order is kept only by waiting for it before
    /// the next is published.
    pub async fn publish(&self, message: Publish) -> Published {
        if let Err(unfit) = message.check() {
            let published = Published::Unfit(unfit);
            metrics::published(published);
            return published;
        }
        let (answer, answered) = oneshot::channel();
        let Some(lane) = self.lane(&message) else { return Published::NotSent };
        // Unconstrained: a task that publishes many at once would else be made to yield in between,
        // and the ones that had to wait would fall behind those that came after them.
        let sent = tokio::task::unconstrained(lane.send(Request { message, answer })).await;
        if sent.is_err() {
            return Published::NotSent;
        }
        // A lane that is cut off while it holds a message cannot say how far it got.
        answered.await.unwrap_or(Published::Unknown)
    }

    /// What goes to one place always goes by one lane, which keeps its order.
    fn lane(&self, message: &Publish) -> Option<&mpsc::Sender<Request>> {
        let count = u64::try_from(self.lanes.len()).ok()?;
        let index = self.hasher.hash_one((message.exchange, &message.routing_key)).checked_rem(count)?;
        self.lanes.get(usize::try_from(index).ok()?)
    }
}

/// A publisher and its lanes.
pub(super) fn publisher(
    lanes: usize,
    settings: &Arc<super::settings::Settings>,
    current: &super::session::Current,
) -> (Publisher, Vec<Lane>) {
    let (publisher, receivers) = Publisher::new(lanes, settings.window);
    let lanes = receivers.into_iter().map(|requests| Lane::new(Arc::clone(settings), current.clone(), requests));
    (publisher, lanes.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message() -> Publish {
        Publish {
            exchange: ExchangeName::Out,
            routing_key: "dragoer.ydelse".to_owned(),
            message_id: "1".to_owned(),
            kind: None,
            correlation_id: None,
            content_type: "application/json".to_owned(),
            headers: Vec::new(),
            body: Bytes::from_static(b"0101014321"),
        }
    }

    #[test]
    fn what_can_never_be_sent_is_said_at_once() {
        let long = "x".repeat(256);
        assert_eq!(message().check(), Ok(()));
        for (unfit, message) in [
            (Unfit::NotAReply, Publish { exchange: ExchangeName::Default, ..message() }),
            (Unfit::NoMessageId, Publish { message_id: String::new(), ..message() }),
            (Unfit::TooLong("routing key"), Publish { routing_key: long.clone(), ..message() }),
            (Unfit::TooLong("message id"), Publish { message_id: long.clone(), ..message() }),
            (Unfit::TooLong("type"), Publish { kind: Some(long.clone()), ..message() }),
            (Unfit::TooLong("correlation id"), Publish { correlation_id: Some(long.clone()), ..message() }),
            (Unfit::TooLong("content type"), Publish { content_type: long, ..message() }),
            (Unfit::TooLarge, Publish { body: vec![0; LARGEST_BODY + 1].into(), ..message() }),
        ] {
            assert_eq!(message.check(), Err(unfit));
        }
    }

    #[test]
    fn debug_shows_no_body() {
        let shown = format!("{:?}", message());
        assert!(shown.contains("10 bytes") && !shown.contains("0101014321"), "{shown}");
    }

    #[test]
    fn what_goes_to_one_place_takes_one_lane() {
        let (publisher, _lanes) = Publisher::new(4, 1);
        for key in ["a", "b", "c", "d", "e"] {
            let to = |id: &str| Publish { routing_key: key.to_owned(), message_id: id.to_owned(), ..message() };
            let first = publisher.lane(&to("1")).unwrap();
            assert!(publisher.lane(&to("2")).unwrap().same_channel(first));
        }
    }
}
