//! The only place that acknowledges.

use std::time::Duration;

use lapin::Acker;
use lapin::options::BasicAckOptions;

use crate::broker::error::Error;

/// Acknowledges the message that `last` came with and all before it on its channel.
///
/// lapin answers `Ok(false)`, no error, where the session has died and nothing was sent. The
/// messages will then be delivered again: to take that for success would be to forget it.
#[expect(clippy::disallowed_methods, reason = "the one place that acknowledges, and looks at the answer")]
pub(super) async fn acknowledge_through(last: &Acker, queue: &str, limit: Duration) -> Result<(), Error> {
    let ack = last.ack(BasicAckOptions { multiple: true });
    match tokio::time::timeout(limit, ack).await {
        Ok(Ok(true)) => Ok(()),
        Ok(Ok(false)) => Err(Error::NotAcknowledged { queue: queue.to_owned() }),
        Ok(Err(source)) => Err(Error::call(format!("acknowledging messages of queue `{queue}`"), source)),
        Err(_elapsed) => Err(Error::TimedOut { what: "acknowledging", limit }),
    }
}
