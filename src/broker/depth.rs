//! How much waits in a queue.

use lapin::Channel;
use lapin::options::QueueDeclareOptions;
use lapin::types::FieldTable;

use super::error::Error;
use super::session::Session;

/// What a queue holds, as the broker counts it. A quorum queue that does not answer its broker within
/// 250 ms, as right after a restart, counts as empty and without consumers (RabbitMQ 3.10): good enough to
/// be shown, and nothing is decided by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Depth {
    /// Messages that wait to be delivered. Those that a consumer has in hand do not count.
    pub messages: u32,
    /// Consumers that are given messages. Those of other hubs that wait for their turn do not count.
    pub consumers: u32,
}

/// Asks for each queue. A queue that is not there, or cannot be asked for, has no depth.
pub(super) async fn depths(session: &Session, queues: &[&str]) -> Vec<Option<Depth>> {
    let mut depths = Vec::with_capacity(queues.len());
    let mut channel = None;
    for queue in queues {
        let asked = ask(session, &mut channel, queue).await;
        if let Err(error) = &asked {
            tracing::debug!(queue, %error, "no depth");
            // The broker ends a channel on which it has said no.
            channel = None;
        }
        depths.push(asked.ok());
    }
    if let Some(channel) = channel
        && let Err(error) = session.close(&channel).await
    {
        tracing::debug!(%error, "the channel for questions was not closed in order");
    }
    depths
}

async fn ask(session: &Session, channel: &mut Option<Channel>, queue: &str) -> Result<Depth, Error> {
    let open = match channel.take() {
        Some(open) => open,
        None => session.consume.channel().await?,
    };
    let passive = QueueDeclareOptions { passive: true, ..Default::default() };
    let asked = open.queue_declare(queue.into(), passive, FieldTable::default());
    let counts = session.consume.within("looking at a queue", asked).await?;
    *channel = Some(open);
    Ok(Depth { messages: counts.message_count(), consumers: counts.consumer_count() })
}
