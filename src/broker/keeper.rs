//! Keeps a session: builds one, watches over it, and when it ends builds the next, without a last
//! attempt.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use lapin::Event;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::connection::{Link, Purpose};
use super::error::{Error, chain};
use super::metrics;
use super::session::{Current, Session};
use super::settings::{Settings, Whose};
use super::state::Board;
use super::topology::Topology;

/// How long a session must have lived for the next wait to be the shortest again. One that the
/// broker ends at once, again and again, must not become a busy loop.
const SETTLED: Duration = Duration::from_secs(30);

/// How often to look whether a connection has ended without an event.
const LOOK: Duration = Duration::from_secs(1);

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// We were asked to.
    Stopped,
    /// By a fault.
    Failed,
}

/// Owns the session.
#[derive(Debug)]
pub(super) struct Keeper {
    settings: Arc<Settings>,
    topology: Arc<Topology>,
    board: Board,
    current: watch::Sender<Option<Arc<Session>>>,
}

impl Keeper {
    pub(super) fn new(settings: Arc<Settings>, topology: Arc<Topology>, board: Board) -> Self {
        let (current, _) = watch::channel(None);
        Self { settings, topology, board, current }
    }

    /// Whether the queue is in the topology.
    pub(super) fn declares(&self, queue: &str) -> bool {
        self.topology.queues().any(|declared| declared == queue)
    }

    pub(super) fn current(&self) -> Current {
        self.current.subscribe()
    }

    /// Keeps a session until `stop`. Returns before that only if the very first one cannot be
    /// built for a reason that only a person can remove. Later such a fault does not end the hub:
    /// it holds messages that its people must still get at, and the fault may be removed meanwhile.
    pub(super) async fn run(&self, stop: &CancellationToken) -> Result<(), Error> {
        let mut waits = self.settings.retry.waits();
        // A broker of somebody else's is no reason not to run.
        let mut has_been_up = self.settings.whose == Whose::Theirs;
        loop {
            let opened = tokio::select! {
                () = stop.cancelled() => return Ok(()),
                opened = Session::open(&self.settings, &self.topology) => opened,
            };
            let wait = match opened {
                Ok(session) => {
                    has_been_up = true;
                    let begin = Instant::now();
                    let session = Arc::new(session);
                    if self.tend(&session, stop).await == Ended::Stopped {
                        return Ok(());
                    }
                    if begin.elapsed() >= SETTLED {
                        waits.reset();
                    }
                    self.report(session.fault(), waits.next_wait())
                }
                Err(fault) if !has_been_up && fault.needs_a_person() => return Err(fault),
                Err(fault) => self.report(&fault, waits.next_wait()),
            };
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    fn report(&self, fault: &Error, wait: Duration) -> Duration {
        self.board.down(fault);
        metrics::disconnected(self.settings.whose, fault.code());
        tracing::warn!(broker = self.settings.name, code = fault.code(), reason = chain(fault), next_attempt_in = ?wait, "no session with the broker");
        wait
    }

    /// Lets the others work on the session until it ends.
    async fn tend(&self, session: &Arc<Session>, stop: &CancellationToken) -> Ended {
        metrics::connected(self.settings.whose);
        tracing::info!(broker = self.settings.name, "session with the broker");
        self.current.send_replace(Some(Arc::clone(session)));
        // Last: whoever sees it may publish at once.
        self.board.up();
        let ended = tokio::select! {
            () = stop.cancelled() => Ended::Stopped,
            () = session.ended() => Ended::Failed,
            fault = self.watch(session) => {
                session.fail(fault);
                Ended::Failed
            }
        };
        self.current.send_replace(None);
        match ended {
            Ended::Stopped => session.leave().await,
            Ended::Failed => session.cut(),
        }
        ended
    }

    /// Follows what lapin says of the two connections until one of them has ended.
    async fn watch(&self, session: &Session) -> Error {
        // A session that does not publish hears nothing of it.
        let published = session.publish.as_ref().map(Link::events);
        let mut publish = std::pin::pin!(futures::stream::iter(published).flatten());
        let mut consume = std::pin::pin!(session.consume.events());
        let mut look = tokio::time::interval(LOOK);
        loop {
            let (link, event) = tokio::select! {
                Some(event) = publish.next() => (session.publish.as_ref().unwrap_or(&session.consume), Some(event)),
                Some(event) = consume.next() => (&session.consume, Some(event)),
                _ = look.tick() => {
                    let links = session.publish.iter().chain([&session.consume]);
                    let dead = links.into_iter().find(|link| !link.lives());
                    let Some(link) = dead else { continue };
                    (link, None)
                }
            };
            if let Some(fault) = self.heed(session, link, event) {
                return fault;
            }
        }
    }

    /// What an event means. Errors of a single channel come this way too; whoever uses the channel
    /// sees them.
    fn heed(&self, session: &Session, link: &Link, event: Option<Event>) -> Option<Error> {
        let connection = link.purpose().name();
        match event {
            // A connection that only consumes is told too, on some versions, and is not concerned.
            Some(Event::ConnectionBlocked(reason)) if link.purpose() == Purpose::Publish => {
                tracing::warn!(reason, connection, "the broker takes no messages");
                session.set_blocked(true);
                self.board.blocked(reason);
                None
            }
            Some(Event::ConnectionUnblocked) if link.purpose() == Purpose::Publish => {
                tracing::info!(connection, "the broker takes messages again");
                session.set_blocked(false);
                self.board.up();
                None
            }
            Some(Event::Error(source)) if !link.lives() => {
                Some(Error::Call { what: format!("the {connection} connection"), source })
            }
            Some(_) => None,
            None => Some(Error::Closed { connection }),
        }
    }
}
