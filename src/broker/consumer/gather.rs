//! Makes batches of what a consumer has been given.

use futures::{FutureExt, Stream, StreamExt};
use lapin::Acker;
use lapin::message::Delivery;

use super::LARGEST_BATCH;
use super::incoming::{Incoming, delivery_count};

/// Some messages of a queue, in order, and what to acknowledge them with.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) messages: Vec<Incoming>,
    /// The last message's. Acknowledging it acknowledges all before it.
    pub(super) last: Acker,
}

/// How a stream of deliveries came to its end.
#[derive(Debug)]
pub(super) enum StreamEnd {
    /// The broker has ended the consumer, or the channel was closed.
    Closed,
    /// The channel or the connection has failed.
    Failed(lapin::Error),
}

/// Makes batches of a stream of deliveries.
#[derive(Debug)]
pub(super) struct Gatherer<S> {
    queue: String,
    deliveries: S,
    /// Came after a batch that it could not be part of.
    held: Option<Delivery>,
    /// The stream's end, seen after a batch had begun: the batch goes first.
    ended: Option<StreamEnd>,
}

impl<S: Stream<Item = lapin::Result<Delivery>> + Unpin> Gatherer<S> {
    pub(super) fn new(queue: &str, deliveries: S) -> Self {
        Self { queue: queue.to_owned(), deliveries, held: None, ended: None }
    }

    /// Waits for a message and takes what else is there already, without waiting for more. A
    /// message that was delivered before comes alone: it may be what brought a hub down, and its
    /// neighbours shall not be punished for it. An error ends the stream, and so does its end.
    ///
    /// Nothing is lost if the returned future is dropped.
    pub(super) async fn next(&mut self) -> Result<Batch, StreamEnd> {
        let first = match (self.held.take(), self.ended.take()) {
            (Some(held), _) => held,
            (None, Some(ended)) => return Err(ended),
            (None, None) => match self.deliveries.next().await {
                Some(Ok(delivery)) => delivery,
                Some(Err(error)) => return Err(StreamEnd::Failed(error)),
                None => return Err(StreamEnd::Closed),
            },
        };
        let mut last = first.acker.clone();
        let mut alone = was_delivered_before(&first);
        let mut messages = vec![Incoming::new(&self.queue, first)];
        while !alone && messages.len() < LARGEST_BATCH && self.ended.is_none() {
            match self.deliveries.next().now_or_never() {
                Some(Some(Ok(delivery))) if was_delivered_before(&delivery) => {
                    self.held = Some(delivery);
                    alone = true;
                }
                Some(Some(Ok(delivery))) => {
                    last = delivery.acker.clone();
                    messages.push(Incoming::new(&self.queue, delivery));
                }
                Some(Some(Err(error))) => self.ended = Some(StreamEnd::Failed(error)),
                Some(None) => self.ended = Some(StreamEnd::Closed),
                None => break,
            }
        }
        Ok(Batch { messages, last })
    }
}

fn was_delivered_before(delivery: &Delivery) -> bool {
    delivery_count(delivery.properties.headers().as_ref()) > 0
}

#[cfg(test)]
mod tests {
    use futures::stream;
    use lapin::BasicProperties;
    use lapin::types::{AMQPValue, FieldTable};

    use super::*;

    fn delivery(number: u64, count: i64) -> Delivery {
        let mut headers = FieldTable::default();
        if count > 0 {
            headers.insert("x-delivery-count".into(), AMQPValue::LongLongInt(count));
        }
        let mut delivery = Delivery::mock(number, "".into(), "".into(), count > 0, number.to_string().into());
        delivery.properties = BasicProperties::default().with_headers(headers);
        delivery
    }

    /// The sizes of the batches made of these deliveries, and whether their order was kept.
    async fn sizes(counts: &[i64]) -> Vec<usize> {
        let deliveries = counts.iter().zip(1..).map(|(count, number)| Ok(delivery(number, *count)));
        let mut gatherer = Gatherer::new("in.cura", stream::iter(deliveries.collect::<Vec<_>>()));
        let (mut sizes, mut seen) = (Vec::new(), Vec::new());
        while let Ok(batch) = gatherer.next().await {
            sizes.push(batch.messages.len());
            seen.extend(batch.messages.iter().map(|message| message.body.to_vec()));
            assert_eq!(batch.last, Delivery::mock(seen.len() as u64, "".into(), "".into(), false, Vec::new()).acker);
        }
        let expected: Vec<_> = (1..=counts.len()).map(|number| number.to_string().into_bytes()).collect();
        assert_eq!(seen, expected);
        sizes
    }

    #[tokio::test]
    async fn what_is_there_is_one_batch() {
        assert_eq!(sizes(&[0, 0, 0]).await, [3]);
        assert_eq!(sizes(&[]).await, [] as [usize; 0]);
        assert_eq!(sizes(&[0; 600]).await, [256, 256, 88]);
    }

    #[tokio::test]
    async fn what_was_delivered_before_comes_alone() {
        assert_eq!(sizes(&[0, 0, 1, 0, 0]).await, [2, 1, 2]);
        assert_eq!(sizes(&[2, 1, 0]).await, [1, 1, 1]);
        assert_eq!(sizes(&[0, 7]).await, [1, 1]);
    }

    #[tokio::test]
    async fn an_error_waits_until_what_came_before_it_is_taken() {
        let failed = || Err(lapin::ErrorKind::MissingHeartbeatError.into());
        let mut gatherer = Gatherer::new("in.cura", stream::iter([Ok(delivery(1, 0)), failed()]));
        assert_eq!(gatherer.next().await.unwrap().messages.len(), 1);
        assert!(matches!(gatherer.next().await, Err(StreamEnd::Failed(_))));
        assert!(matches!(gatherer.next().await, Err(StreamEnd::Closed)));
    }

    #[tokio::test]
    async fn nothing_is_lost_when_waiting_is_given_up() {
        let (sender, receiver) = futures::channel::mpsc::unbounded();
        let mut gatherer = Gatherer::new("in.cura", receiver);
        assert!(gatherer.next().now_or_never().is_none());
        sender.unbounded_send(Ok(delivery(1, 0))).unwrap();
        assert_eq!(gatherer.next().await.unwrap().messages.len(), 1);
    }
}
