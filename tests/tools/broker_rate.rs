//! Measures what the broker module does per second: publishing with confirms, and forwarding from
//! a source's queue to a mailbox's.
//!
//! `broker-rate [MESSAGES [CALLERS]]` starts a private broker in a temporary directory.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use async_trait::async_trait;
use budstikke::broker::private_node::{Options, PrivateNode};
use budstikke::broker::topology::{self, Mailbox};
use budstikke::broker::{
    Broker, Consume, ExchangeName, Handler, Incoming, Publish, Published, Publisher, Settings, Settle, State, Topology,
};
use budstikke::clock::Clock;
use bytes::Bytes;
use futures::StreamExt;
use futures::future::join_all;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

const BODY: usize = 4 * 1024;

/// Mailboxes that messages are spread over. What goes to one mailbox goes by one channel.
const MAILBOXES: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let messages = arguments.next().map_or(Ok(100_000), |text| text.parse()).context("MESSAGES is no number")?;
    let callers = arguments.next().map_or(Ok(1_024), |text| text.parse()).context("CALLERS is no number")?;
    let directory = std::env::temp_dir().join(format!("broker-rate-{}", std::process::id()));
    let node = PrivateNode::start(Options::new(&directory), |_| {}).await?;
    let settings = Settings::new(node.address().clone());
    let (stop_node, stop) = (CancellationToken::new(), CancellationToken::new());
    let (release, paused) = watch::channel(true);
    let done = Arc::new(Done { left: AtomicUsize::new(messages), empty: Notify::new() });
    let topology = Topology::new(["bench"], MAILBOXES.map(|name| Mailbox { party: "bench", name }))?;
    // The handler needs the publisher, and the broker the handler: one broker to publish, one to consume.
    let (out, publishing) = Broker::new(settings.clone(), topology.clone(), Vec::new(), Clock::system(), stop.clone());
    let handler = Arc::new(Forward { publisher: out.publisher(), done: Arc::clone(&done) });
    let consume = Consume { queue: topology::source_queue("bench"), handler, paused };
    let (_in, consuming) = Broker::new(settings, topology, vec![consume], Clock::system(), stop.clone());

    let measure = async {
        out.state().wait_for(|state| *state == State::Up).await?;
        for round in 1..=3 {
            let rate =
                publish(&out.publisher(), messages, callers, |_| (ExchangeName::Out, "bench.a".to_owned())).await?;
            report(&format!("publish to one mailbox, round {round}"), rate);
            let rate =
                publish(&out.publisher(), messages, callers, |number| (ExchangeName::Out, mailbox(number))).await?;
            report(&format!("publish to eight mailboxes, round {round}"), rate);
        }
        publish(&out.publisher(), messages, callers, |_| (ExchangeName::In, "bench".to_owned())).await?;
        let begin = Instant::now();
        release.send_replace(false);
        done.empty.notified().await;
        report("forward", per_second(messages, begin.elapsed()));
        anyhow::Ok(())
    };
    let measured = tokio::select! {
        measured = measure => measured,
        ended = publishing => ended.context("the publishing broker ended"),
        ended = consuming => ended.context("the consuming broker ended"),
    };
    stop.cancel();
    stop_node.cancel();
    node.run(stop_node).await?;
    std::fs::remove_dir_all(&directory)?;
    measured
}

#[expect(clippy::print_stdout, reason = "the numbers are what this program is for")]
fn report(what: &str, rate: f64) {
    println!("{what}: {rate:.0} messages per second");
}

#[expect(clippy::cast_precision_loss, reason = "a rate needs no more than a double's precision")]
fn per_second(messages: usize, time: Duration) -> f64 {
    messages as f64 / time.as_secs_f64()
}

fn mailbox(number: usize) -> String {
    format!("bench.{}", MAILBOXES.get(number % MAILBOXES.len()).unwrap_or(&"a"))
}

async fn publish(
    publisher: &Publisher,
    messages: usize,
    callers: usize,
    to: impl Fn(usize) -> (ExchangeName, String),
) -> anyhow::Result<f64> {
    let body = Bytes::from(vec![b'x'; BODY]);
    let begin = Instant::now();
    let sent = (0..messages).map(|number| {
        let (exchange, routing_key) = to(number);
        publisher.publish(message(exchange, routing_key, number, body.clone()))
    });
    let confirmed = futures::stream::iter(sent).buffer_unordered(callers);
    let confirmed = confirmed.filter(|published| std::future::ready(*published == Published::Confirmed)).count().await;
    anyhow::ensure!(confirmed == messages, "only {confirmed} of {messages} were confirmed");
    Ok(per_second(messages, begin.elapsed()))
}

fn message(exchange: ExchangeName, routing_key: String, number: usize, body: Bytes) -> Publish {
    Publish {
        exchange,
        routing_key,
        message_id: format!("00000000-0000-5000-8000-{number:012}"),
        kind: Some("dk.budstikke.rehab.plan.received.v1".to_owned()),
        correlation_id: None,
        content_type: "application/cloudevents+json".to_owned(),
        headers: vec![("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned())],
        body,
    }
}

/// Counts down what is still to be forwarded.
struct Done {
    left: AtomicUsize,
    empty: Notify,
}

/// Sends on what it gets, and acknowledges a batch when all of it is confirmed.
struct Forward {
    publisher: Publisher,
    done: Arc<Done>,
}

#[async_trait]
impl Handler for Forward {
    async fn take(&self, batch: Vec<Incoming>) -> Settle {
        let count = batch.len();
        let sent = batch.into_iter().enumerate().map(|(number, incoming)| {
            self.publisher.publish(Publish {
                message_id: incoming.message_id.unwrap_or_default(),
                ..message(ExchangeName::Out, mailbox(number), 0, incoming.body)
            })
        });
        if join_all(sent).await.iter().any(|published| *published != Published::Confirmed) {
            return Settle::Leave;
        }
        if self.done.left.fetch_sub(count, Ordering::SeqCst) <= count {
            self.done.empty.notify_one();
        }
        Settle::Ack
    }
}
