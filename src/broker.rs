//! The broker: connections, topology, publishing and consuming. The only code that touches lapin.
//!
//! | part | what |
//! |---|---|
//! | `keeper`, `session` | two connections, built anew after any fault, without a last attempt |
//! | `connection` | one connection; a socket that can be cut; frames that lapin can digest |
//! | [`topology`] | exchanges and queues, as data, and their declaration |
//! | [`publisher`] | many callers, one owner per channel, windows of confirms |
//! | [`consumer`] | batches in order, acknowledged when they are durable |
//! | [`private_node`] | a `RabbitMQ` node of our own, as a child process |
//!
//! # Invariants
//!
//! * Nothing is acknowledged before its handler has said that it is durable, and nothing is ever
//!   given back out of order.
//! * [`publisher::Published::Confirmed`] is said of a message only if the broker has it. What is
//!   not known is [`publisher::Published::Unknown`], never "failed".
//! * A fault of one part ends the session as a whole. Nothing is repaired in place.
//! * Every wait on the broker has a limit, every queue has a bound.
//! * No text, log line or metric made here holds a body, an address or a password.
//!
//! This module knows nothing of events, adapters or the ledger.

pub mod address;
mod connection;
pub mod consumer;
mod depth;
mod error;
mod keeper;
mod metrics;
pub mod private_node;
pub mod publisher;
mod session;
mod settings;
mod state;
pub mod topology;

use std::sync::Arc;

use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;

pub use self::address::{Address, AddressFault};
pub use self::consumer::{Consume, Handler, Incoming, Settle};
pub use self::depth::Depth;
pub use self::error::Error;
use self::keeper::Keeper;
pub use self::publisher::{ExchangeName, Publish, Published, Publisher};
use self::session::{Current, Session};
pub use self::settings::{Identity, Settings, Tls, Whose};
use self::state::Board;
pub use self::state::State;
pub use self::topology::Topology;
use crate::clock::Clock;
use crate::supervise::Tasks;

/// Directives for the log filter, to be set after all others: lapin logs a returned message with
/// its body, and on finer levels every frame.
pub const LOG_FILTER: [&str; 2] = ["lapin=error", "lapin::returned_messages=off"];

/// Publishing channels. With two, one sends while the other waits for its confirms, and one mailbox
/// that takes its time does not hold up all others.
const LANES: usize = 2;

/// A handle to the broker. Clones are cheap.
#[derive(Debug, Clone)]
pub struct Broker {
    settings: Arc<Settings>,
    topology: Arc<Topology>,
    publisher: Publisher,
    state: watch::Receiver<State>,
    current: Current,
    /// One question at a time: each opens a channel.
    questions: Arc<Semaphore>,
}

impl Broker {
    /// A handle, and the work behind it, to be run as one task of the hub. The work ends when
    /// `stop` is cancelled: the batches in hand are finished and acknowledged first, then what is
    /// being published is confirmed. Before that it ends only if the first session can never be
    /// built ([`Error::needs_a_person`]), or if a part of it panics.
    pub fn new(
        settings: Settings,
        topology: Topology,
        consumers: Vec<Consume>,
        clock: Clock,
        stop: CancellationToken,
    ) -> (Self, impl Future<Output = Result<(), Error>> + Send + 'static) {
        let settings = Arc::new(settings);
        let topology = Arc::new(topology);
        let board = Board::new(clock);
        let state = board.subscribe();
        let keeper = Keeper::new(Arc::clone(&settings), Arc::clone(&topology), board);
        let current = keeper.current();
        let (publisher, lanes) = publisher::publisher(LANES, &settings, &current);
        let work = work(Parts { settings: Arc::clone(&settings), keeper, lanes, consumers }, stop);
        let questions = Arc::new(Semaphore::new(1));
        (Self { settings, topology, publisher, state, current, questions }, work)
    }

    /// The work of taking from a queue of somebody else's broker, and how that broker is doing.
    /// Nothing is declared there, nothing published; it ends when `stop` is cancelled, and before
    /// that only if a part of it panics.
    pub fn taking(
        settings: Settings,
        consume: Consume,
        clock: Clock,
        stop: CancellationToken,
    ) -> (watch::Receiver<State>, impl Future<Output = Result<(), Error>> + Send + 'static) {
        let settings = Arc::new(Settings { whose: Whose::Theirs, ..settings });
        let board = Board::new(clock);
        let state = board.subscribe();
        let keeper = Keeper::new(Arc::clone(&settings), Arc::new(Topology::none()), board);
        (state, work(Parts { settings, keeper, lanes: Vec::new(), consumers: vec![consume] }, stop))
    }

    /// Publishes.
    pub fn publisher(&self) -> Publisher {
        self.publisher.clone()
    }

    /// How the broker is doing, to be watched.
    pub fn state(&self) -> watch::Receiver<State> {
        self.state.clone()
    }

    /// Declares the topology again, because something was not routed: a queue or a binding that
    /// has been deleted is there again after this.
    pub async fn redeclare(&self) -> Result<(), Error> {
        let (session, _turn) = self.turn().await?;
        session.declare(&self.settings, &self.topology).await
    }

    /// What waits in these queues, in their order. Nothing for a queue of which it is not known.
    pub async fn depths(&self, queues: &[&str]) -> Vec<Option<Depth>> {
        let asked = async {
            let (session, _turn) = self.turn().await?;
            Ok::<_, Error>(depth::depths(&session, queues).await)
        };
        let answered = tokio::time::timeout(self.settings.call_timeout, asked).await;
        answered.ok().and_then(Result::ok).unwrap_or_else(|| vec![None; queues.len()])
    }

    /// The session, once it is our turn to ask the broker something.
    async fn turn(&self) -> Result<(Arc<Session>, impl Drop + use<>), Error> {
        let turn = Arc::clone(&self.questions).acquire_owned().await;
        let turn = turn.ok().ok_or(Error::Down)?;
        let session = self.current.borrow().clone().filter(|session| !session.has_ended());
        Ok((session.ok_or(Error::Down)?, turn))
    }
}

/// What there is to run behind a [`Broker`].
#[derive(Debug)]
struct Parts {
    settings: Arc<Settings>,
    keeper: Keeper,
    lanes: Vec<publisher::Lane>,
    consumers: Vec<Consume>,
}

/// Runs it. When it stops, or when a part of it fails, the consumers end first, as what they have
/// in hand may have to be published; then the lanes; and the session last, as both need it to
/// finish what they hold.
async fn work(parts: Parts, stop: CancellationToken) -> Result<(), Error> {
    let Parts { settings, keeper, lanes, consumers } = parts;
    let ours = settings.whose == Whose::Ours;
    if let Some(stray) = consumers.iter().find(|consume| ours && !keeper.declares(&consume.queue)) {
        return Err(Error::NotDeclared { queue: stray.queue.clone() });
    }
    let (stop_consuming, stop_publishing, stop_keeping) =
        (stop.child_token(), CancellationToken::new(), CancellationToken::new());
    let consumers = consumer_tasks(&settings, &keeper, consumers, &stop_consuming);
    let lanes = lane_tasks(lanes, &stop_publishing);

    let consuming = async {
        let consumed = consumers.run(settings.stop_grace).await;
        stop_publishing.cancel();
        consumed
    };
    let publishing = async {
        let published = lanes.run(settings.stop_grace).await;
        stop_consuming.cancel();
        published
    };
    let working = async {
        let (consumed, published) = tokio::join!(consuming, publishing);
        stop_keeping.cancel();
        consumed.and(published)
    };
    let keeping = async {
        let kept = keeper.run(&stop_keeping).await;
        stop_consuming.cancel();
        kept
    };
    let (kept, worked) = tokio::join!(keeping, working);
    kept.and(worked.map_err(Error::Part))
}

fn consumer_tasks(
    settings: &Arc<Settings>,
    keeper: &Keeper,
    consumers: Vec<Consume>,
    stop: &CancellationToken,
) -> Tasks {
    let mut tasks = Tasks::new(stop.clone());
    for consume in consumers {
        let task = consumer::Task::new(Arc::clone(settings), keeper.current(), consume, stop.clone());
        tasks.start("consumer", async move {
            task.run().await;
            Ok(())
        });
    }
    tasks
}

fn lane_tasks(lanes: Vec<publisher::Lane>, stop: &CancellationToken) -> Tasks {
    let mut tasks = Tasks::new(stop.clone());
    for lane in lanes {
        let stop = stop.clone();
        tasks.start("publisher", async move {
            lane.run(stop).await;
            Ok(())
        });
    }
    tasks
}
