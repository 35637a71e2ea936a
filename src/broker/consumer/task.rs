//! The task that consumes one queue, from session to session.

use std::sync::Arc;

use lapin::options::{BasicConsumeOptions, BasicQosOptions, QueueDeclareOptions};
use lapin::types::FieldTable;
use lapin::{Channel, Consumer};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::gather::{Batch, Gatherer, StreamEnd};
use super::{Consume, Settle, settle};
use crate::broker::error::Error;
use crate::broker::metrics;
use crate::broker::session::{self, Current, Session};
use crate::broker::settings::Settings;
use crate::retry::Waits;

/// Why consuming came to an end for now.
#[derive(Debug)]
enum End {
    /// The hub stops.
    Stopped,
    /// The queue is paused.
    Paused,
    /// The handler left a batch with the broker.
    Left,
    /// The queue has messages, but none come.
    Stalled,
    /// The session is over.
    SessionEnded,
}

/// A consumer that must not be dropped while its channel is open: lapin would cancel it, and what
/// it has in hand would come back behind what the next consumer is given meanwhile. Where the
/// channel could not be closed, the connection is cut first, and everything goes back in order.
struct Taking<'a> {
    session: &'a Session,
    batches: Gatherer<Consumer>,
    closed: bool,
}

impl Drop for Taking<'_> {
    fn drop(&mut self) {
        if !self.closed {
            self.session.consume.cut();
        }
    }
}

/// Consumes one queue.
#[derive(Debug)]
pub(in crate::broker) struct Task {
    settings: Arc<Settings>,
    current: Current,
    consume: Consume,
    stop: CancellationToken,
    waits: Waits,
}

impl Task {
    pub(in crate::broker) fn new(
        settings: Arc<Settings>,
        current: Current,
        consume: Consume,
        stop: CancellationToken,
    ) -> Self {
        let waits = settings.retry.waits();
        Self { settings, current, consume, stop, waits }
    }

    /// Consumes until the hub stops. A batch that a handler has taken is waited for, also when the
    /// session that it came with is over: the next session delivers it again, and the handler must
    /// not have the same message in hand twice.
    pub(in crate::broker) async fn run(mut self) {
        let stop = self.stop.clone();
        loop {
            let session = tokio::select! {
                () = stop.cancelled() => return,
                session = self.ready() => session,
            };
            match self.work_on(&session).await {
                Ok(End::Stopped) => return,
                Ok(End::Paused | End::SessionEnded | End::Stalled) => {}
                Ok(End::Left) => {
                    // What was left comes again at once, and is probably left again.
                    tokio::select! {
                        () = stop.cancelled() => return,
                        () = tokio::time::sleep(self.waits.next_wait()) => {}
                    }
                }
                Err(fault) => session.fail(fault),
            }
        }
    }

    /// Waits until the queue is not paused and there is a session.
    async fn ready(&mut self) -> Arc<Session> {
        until(&mut self.consume.paused, false).await;
        session::live(&mut self.current).await
    }

    /// Consumes on this session until something ends it, and closes the channel in order.
    async fn work_on(&mut self, session: &Session) -> Result<End, Error> {
        let (channel, consumer) = self.open(session).await?;
        let mut taking = Taking { session, batches: Gatherer::new(&self.consume.queue, consumer), closed: false };
        let end = self.work(session, &channel, &mut taking.batches).await?;
        if !matches!(end, End::SessionEnded) {
            session.close(&channel).await?;
            taking.closed = true;
        }
        Ok(end)
    }

    async fn open(&self, session: &Session) -> Result<(Channel, Consumer), Error> {
        let link = &session.consume;
        let channel = link.channel().await?;
        let qos = channel.basic_qos(self.settings.prefetch.max(1), BasicQosOptions { global: false });
        link.within("setting the prefetch", qos).await?;
        let queue = &self.consume.queue;
        let tag = format!("{}.{queue}", self.settings.name);
        let options = BasicConsumeOptions::default();
        let consume = channel.basic_consume(queue.as_str().into(), tag.into(), options, FieldTable::default());
        let consumer = link.within("starting a consumer", consume).await?;
        Ok((channel, consumer))
    }

    async fn work(
        &mut self,
        session: &Session,
        channel: &Channel,
        batches: &mut Gatherer<Consumer>,
    ) -> Result<End, Error> {
        let mut paused = self.consume.paused.clone();
        loop {
            let batch = tokio::select! {
                biased;
                () = self.stop.cancelled() => return Ok(End::Stopped),
                () = until(&mut paused, true) => return Ok(End::Paused),
                () = session.ended() => return Ok(End::SessionEnded),
                batch = batches.next() => batch,
                () = idle(self.settings.watchdog) => {
                    if self.has_stalled(session, channel).await? {
                        return Ok(End::Stalled);
                    }
                    continue;
                }
            };
            let batch = batch.map_err(|end| self.fault(end))?;
            if self.handle(batch).await? == Settle::Leave {
                return Ok(if self.stop.is_cancelled() { End::Stopped } else { End::Left });
            }
        }
    }

    fn fault(&self, end: StreamEnd) -> Error {
        let queue = self.consume.queue.clone();
        match end {
            StreamEnd::Failed(source) => Error::call(format!("consuming queue `{queue}`"), source),
            StreamEnd::Closed => Error::ConsumerEnded { queue },
        }
    }

    async fn handle(&mut self, batch: Batch) -> Result<Settle, Error> {
        let Consume { queue, handler, .. } = &self.consume;
        let count = batch.messages.len();
        metrics::consumed(queue, count);
        let settle = handler.take(batch.messages).await;
        if settle == Settle::Ack {
            settle::acknowledge_through(&batch.last, queue, self.settings.call_timeout).await?;
            metrics::acknowledged(queue, count);
            self.waits.reset();
        }
        Ok(settle)
    }

    /// Whether the queue holds messages, though we are idle and have been given none for long. With
    /// several hubs that is so for those who wait for their turn as well; consuming anew does them
    /// no harm, as they hold nothing.
    async fn has_stalled(&self, session: &Session, channel: &Channel) -> Result<bool, Error> {
        let queue = &self.consume.queue;
        let passive = QueueDeclareOptions { passive: true, ..Default::default() };
        let asked = channel.queue_declare(queue.as_str().into(), passive, FieldTable::default());
        let stalled = session.consume.within("looking at a queue", asked).await?.message_count() > 0;
        if stalled {
            tracing::warn!(queue, "the queue has messages, but none come: consuming anew");
            metrics::stalled(queue);
        }
        Ok(stalled)
    }
}

/// Waits for as long as the queue may be silent.
async fn idle(watchdog: Option<std::time::Duration>) {
    match watchdog {
        Some(limit) => tokio::time::sleep(limit).await,
        None => std::future::pending().await,
    }
}

/// Waits until the value is `wanted`. If the one who sets it is gone, its last word stands.
async fn until(value: &mut watch::Receiver<bool>, wanted: bool) {
    let came = value.wait_for(|value| *value == wanted).await.is_ok();
    if !came {
        std::future::pending::<()>().await;
    }
}
