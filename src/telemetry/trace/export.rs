//! Taking spans to a collector: in batches, with a time limit, and none of it kept for long. A
//! collector that does not answer loses what it was not sent; the hub goes on.

use std::time::Duration;

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use super::Span;
use super::encode::encode;
use crate::web::{Endpoint, Request};

/// How many spans go at once.
const BATCH: usize = 512;

/// How long a batch gathers.
const GATHERING: Duration = Duration::from_secs(1);

/// How often a batch is tried, and how long between.
const TRIES: u32 = 3;
const BETWEEN: Duration = Duration::from_secs(2);

/// When all stops and nothing has come for so long, nothing will.
const QUIET: Duration = Duration::from_secs(1);

/// How much of an answer is read.
const ANSWER: usize = 64 * 1024;

/// Counts what became of spans.
pub(super) fn count(outcome: &'static str, spans: usize) {
    let spans = u64::try_from(spans).unwrap_or(u64::MAX);
    metrics::counter!("budstikke_spans_total", "outcome" => outcome).increment(spans);
}

/// Spans that go at once, encoded once for all tries.
struct Batch {
    body: Bytes,
    spans: usize,
}

impl Batch {
    fn of(spans: Vec<Span>) -> Self {
        Self { spans: spans.len(), body: Bytes::from(encode(spans)) }
    }
}

/// Takes spans to a collector.
#[derive(Debug)]
pub struct Exporter {
    pub(super) endpoint: Endpoint,
    pub(super) waiting: mpsc::Receiver<Span>,
    /// What has come of the next batch. It stands here so that whoever stops waiting for it loses nothing.
    pub(super) gathered: Vec<Span>,
}

impl Exporter {
    /// Takes them until `stop`, and then what is left, within `patience`: until the last who makes
    /// spans has ended.
    pub async fn run(mut self, stop: CancellationToken, patience: Duration) {
        let mut well = true;
        while let Some(batch) = tokio::select! {
            biased;
            () = stop.cancelled() => None,
            batch = self.gather() => batch,
        } {
            let sent = tokio::select! {
                biased;
                sent = self.insist(&batch) => sent,
                // It is tried once more with what is left.
                () = stop.cancelled() => {
                    self.last(Some(batch), patience).await;
                    return;
                }
            };
            if well != sent {
                well = sent;
                if sent {
                    tracing::info!("the collector takes traces again");
                } else {
                    tracing::warn!("the collector does not take traces; what it is not sent in time is left out");
                }
            }
            count(if sent { "sent" } else { "left out" }, batch.spans);
        }
        self.last(None, patience).await;
    }

    /// What comes within a while; `None` when nothing comes any more.
    async fn gather(&mut self) -> Option<Batch> {
        if self.gathered.is_empty() {
            let first = self.waiting.recv().await?;
            self.gathered.push(first);
        }
        let until = Instant::now() + GATHERING;
        while self.gathered.len() < BATCH {
            match tokio::time::timeout_at(until, self.waiting.recv()).await {
                Ok(Some(span)) => self.gathered.push(span),
                Ok(None) | Err(_) => break,
            }
        }
        Some(Batch::of(std::mem::take(&mut self.gathered)))
    }

    /// What is left when all stops.
    async fn last(&mut self, batch: Option<Batch>, patience: Duration) {
        let sending = async {
            let mut next = batch;
            loop {
                let batch = match next.take() {
                    Some(batch) => batch,
                    None => match timeout(QUIET, self.gather()).await {
                        Ok(Some(batch)) => batch,
                        // Nobody makes spans any more, or nobody has for a while: what has come goes still.
                        Ok(None) | Err(_) => Batch::of(std::mem::take(&mut self.gathered)),
                    },
                };
                if batch.spans == 0 {
                    return;
                }
                let sent = self.send(&batch).await;
                count(if sent { "sent" } else { "left out" }, batch.spans);
                if !sent {
                    return;
                }
            }
        };
        if timeout(patience, sending).await.is_err() {
            tracing::debug!("the last traces were not sent in time");
        }
    }

    /// Sends a batch, some times over.
    async fn insist(&self, batch: &Batch) -> bool {
        for attempt in 1..=TRIES {
            if self.send(batch).await {
                return true;
            }
            if attempt < TRIES {
                tokio::time::sleep(BETWEEN * attempt).await;
            }
        }
        false
    }

    async fn send(&self, batch: &Batch) -> bool {
        let request = Request::post("application/x-protobuf", batch.body.clone()).below("v1").below("traces");
        match self.endpoint.send(&request).await {
            Ok(answer) => {
                let taken = (200..300).contains(&answer.status);
                // What it says of spans that it did not like is of no use here.
                drop(answer.body(ANSWER).await);
                taken
            }
            Err(error) => {
                tracing::debug!(%error, "the collector was not reached");
                false
            }
        }
    }
}
