//! A session: both connections, for as long as nothing at all is wrong with either. The first
//! fault ends it, whole; nothing is repaired in place. What is left after a fault (unanswered
//! confirms, prefetched messages, half-open channels) is what message loss is made of.

use std::sync::{Arc, OnceLock};

use lapin::Channel;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::connection::{Link, Purpose};
use super::error::Error;
use super::settings::{Settings, Whose};
use super::topology::{self, Topology};

/// The current session, for all who work on it; nothing while there is none.
pub(super) type Current = watch::Receiver<Option<Arc<Session>>>;

/// Both connections to the broker.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) consume: Link,
    /// None on a broker of somebody else's, from which the hub only takes.
    pub(super) publish: Option<Link>,
    /// Whether the broker takes no messages from us just now.
    blocked: watch::Sender<bool>,
    ended: CancellationToken,
    /// What ended it. Whoever fails first knows best; the others saw only the consequences.
    fault: OnceLock<Error>,
}

impl Session {
    /// Connects and declares.
    pub(super) async fn open(settings: &Settings, topology: &Topology) -> Result<Self, Error> {
        let consume = Link::open(settings, Purpose::Consume).await?;
        let publish = match settings.whose {
            Whose::Ours => Some(Link::open(settings, Purpose::Publish).await?),
            Whose::Theirs => None,
        };
        let (blocked, _) = watch::channel(false);
        let session = Self { consume, publish, blocked, ended: CancellationToken::new(), fault: OnceLock::new() };
        if settings.whose == Whose::Ours {
            session.declare(settings, topology).await?;
        }
        Ok(session)
    }

    /// Declares the topology, on a channel of its own: what the broker refuses ends the channel.
    pub(super) async fn declare(&self, settings: &Settings, topology: &Topology) -> Result<(), Error> {
        let channel = self.consume.channel().await?;
        let limit = settings.declare_timeout;
        let declared = tokio::time::timeout(limit, topology::declare(&channel, topology)).await;
        declared.unwrap_or(Err(Error::TimedOut { what: "declaring exchanges and queues", limit }))?;
        self.close(&channel).await
    }

    /// Closes a channel on the consume connection, in order.
    pub(super) async fn close(&self, channel: &Channel) -> Result<(), Error> {
        self.consume.within("closing a channel", channel.close(200, "done".into())).await
    }

    /// Ends the session, because of `fault`.
    pub(super) fn fail(&self, fault: Error) {
        if let Err(consequence) = self.fault.set(fault) {
            tracing::debug!(error = %consequence, "another fault of a session that has ended");
        }
        self.ended.cancel();
    }

    /// Waits until the session has ended.
    pub(super) async fn ended(&self) {
        self.ended.cancelled().await;
    }

    pub(super) fn has_ended(&self) -> bool {
        self.ended.is_cancelled()
    }

    /// What ended it.
    pub(super) fn fault(&self) -> &Error {
        self.fault.get().unwrap_or(&Error::Down)
    }

    /// Ends both connections at once, whoever still holds the session: as long as the broker sees
    /// them, it keeps for them what it has delivered on them.
    pub(super) fn cut(&self) {
        self.ended.cancel();
        self.consume.cut();
        self.publish.iter().for_each(Link::cut);
    }

    /// Says goodbye on both connections, and cuts them.
    pub(super) async fn leave(&self) {
        let publish = async {
            if let Some(publish) = &self.publish {
                publish.close().await;
            }
        };
        tokio::join!(publish, self.consume.close());
        self.cut();
    }

    pub(super) fn set_blocked(&self, blocked: bool) {
        self.blocked.send_replace(blocked);
    }

    /// Whether the broker blocks us, as a value to watch.
    pub(super) fn blocked(&self) -> watch::Receiver<bool> {
        self.blocked.subscribe()
    }
}

/// Waits for a session that lives. Never returns if there will be none any more: the keeper is gone
/// only when the hub stops, and then the stop signal is what ends whoever waits here.
pub(super) async fn live(current: &mut Current) -> Arc<Session> {
    let lives = |session: &Option<Arc<Session>>| session.as_ref().is_some_and(|session| !session.has_ended());
    let found = current.wait_for(lives).await.ok().and_then(|session| session.clone());
    match found {
        Some(session) => session,
        None => std::future::pending().await,
    }
}
