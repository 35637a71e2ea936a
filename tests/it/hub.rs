//! The broker module, run as a hub runs it.

use std::sync::Arc;

use budstikke::broker::topology::{self, Mailbox};
use budstikke::broker::{
    Broker, Consume, Error, ExchangeName, Handler, Publish, Published, Publisher, Settings, State, Topology,
};
use budstikke::clock::Clock;
use bytes::Bytes;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::wait;

/// The source, the mailbox and their names in every test.
pub(crate) const SOURCE: &str = "cura";
pub(crate) const MAILBOX: Mailbox<'static> = Mailbox { party: "dragoer", name: "ydelse" };

/// How much is published at once: less than the publisher takes before it makes anyone wait.
const AT_ONCE: usize = 200;

pub(crate) fn in_queue() -> String {
    topology::source_queue(SOURCE)
}

pub(crate) fn out_queue() -> String {
    MAILBOX.queue()
}

pub(crate) fn topology() -> Topology {
    Topology::new([SOURCE], [MAILBOX]).expect("good names")
}

/// A broker module at work.
#[derive(Debug)]
pub(crate) struct Hub {
    pub(crate) broker: Broker,
    pub(crate) publisher: Publisher,
    stop: CancellationToken,
    work: JoinSet<Result<(), Error>>,
}

impl Hub {
    pub(crate) fn start(settings: Settings, consumers: Vec<Consume>) -> Self {
        let stop = CancellationToken::new();
        let (broker, work) = Broker::new(settings, topology(), consumers, Clock::system(), stop.clone());
        let mut running = JoinSet::new();
        running.spawn(work);
        Self { publisher: broker.publisher(), broker, stop, work: running }
    }

    /// The same, and waits until it is connected.
    pub(crate) async fn up(settings: Settings, consumers: Vec<Consume>) -> Self {
        let hub = Self::start(settings, consumers);
        hub.is_up().await;
        hub
    }

    pub(crate) async fn is_up(&self) {
        self.comes_to("the broker is up", |state| *state == State::Up).await;
    }

    pub(crate) async fn is_down(&self) {
        self.comes_to("the broker is down", |state| matches!(state, State::Down { .. })).await;
    }

    pub(crate) async fn is_blocked(&self) {
        self.comes_to("the broker blocks", |state| matches!(state, State::Blocked { .. })).await;
    }

    async fn comes_to(&self, what: &str, wanted: impl FnMut(&State) -> bool) {
        let mut state = self.broker.state();
        let came = tokio::time::timeout(wait::LIMIT, state.wait_for(wanted)).await.is_ok();
        let state = self.broker.state().borrow().clone();
        assert!(came, "this did not come true in {:?}: {what}; the broker is {state:?}", wait::LIMIT);
    }

    /// How many messages wait in a queue.
    pub(crate) async fn depth(&self, queue: &str) -> Option<u32> {
        self.broker.depths(&[queue]).await.pop().flatten().map(|depth| depth.messages)
    }

    /// Waits until a queue holds so many messages.
    pub(crate) async fn holds(&self, queue: &str, messages: u32) {
        let what = format!("queue `{queue}` holds {messages}");
        wait::until(&what, async || self.depth(queue).await.filter(|depth| *depth == messages)).await;
    }

    /// Publishes to the source's queue in this order, and insists.
    pub(crate) async fn insert(&self, bodies: impl IntoIterator<Item = String>) {
        let bodies: Vec<String> = bodies.into_iter().collect();
        // More than the publisher has places for would wait for one, and then go in any order.
        for some in bodies.chunks(AT_ONCE) {
            let publish = |body: &String| self.publisher.publish(incoming(body));
            for published in futures::future::join_all(some.iter().map(publish)).await {
                assert_eq!(published, Published::Confirmed);
            }
        }
    }

    /// Publishes a message from the source until it is confirmed. What was said of each attempt.
    pub(crate) async fn insist(&self, body: &str) -> Vec<Published> {
        let mut attempts = Vec::new();
        loop {
            let published = self.publisher.publish(incoming(body)).await;
            attempts.push(published);
            match published {
                Published::Confirmed => return attempts,
                Published::NotSent => self.is_up().await,
                Published::Unknown => {}
                Published::Returned | Published::Nacked | Published::Unfit(_) => panic!("{body}: {published:?}"),
            }
        }
    }

    /// Stops it in order.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.ended().await.expect("it stops in order");
    }

    /// Says that it shall stop, and does not wait.
    pub(crate) fn begin_to_stop(&self) {
        self.stop.cancel();
    }

    /// Waits until it has ended.
    pub(crate) async fn ended(mut self) -> Result<(), Error> {
        let ended = wait::soon("the broker module ends", self.work.join_next()).await;
        ended.expect("it runs").expect("it does not panic")
    }
}

/// A consumer of a queue that is never paused.
pub(crate) fn consume(queue: &str, handler: &Arc<impl Handler + 'static>) -> Consume {
    let (_resumed, paused) = watch::channel(false);
    Consume { queue: queue.to_owned(), handler: Arc::clone(handler) as Arc<dyn Handler>, paused }
}

/// A message from the source.
pub(crate) fn incoming(body: &str) -> Publish {
    Publish { exchange: ExchangeName::In, routing_key: SOURCE.to_owned(), ..outgoing(body) }
}

/// A message to the mailbox. Its id is its body.
pub(crate) fn outgoing(body: &str) -> Publish {
    Publish {
        exchange: ExchangeName::Out,
        routing_key: MAILBOX.routing_key(),
        message_id: body.to_owned(),
        kind: Some("dk.budstikke.rehab.plan.received.v1".to_owned()),
        correlation_id: Some("correlation".to_owned()),
        content_type: "application/cloudevents+json".to_owned(),
        headers: vec![("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned())],
        body: Bytes::from(body.to_owned()),
    }
}
