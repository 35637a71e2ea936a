//! The loop that sends: asks the ledger what may go, carries it, keeps what came of it.
//!
//! The ledger knows for each lane which delivery is first; the loop only remembers which of those
//! are under way. Whatever it forgets in a crash is still ready in the ledger, and goes again with
//! the same id.

mod load;
mod shut;
mod trail;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Duration;

use budstikke_contract::verdict::Failure;
use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use jiff::Timestamp;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use super::carrier::{Carried, Carrier, Gate};
use super::retry::{Next, Policy};
use crate::adapters::Registry;
use crate::agreement::model::{Body, Channel, Mailbox, MailboxId};
use crate::clock::Clock;
use crate::ledger::delivery::Outcome;
use crate::ledger::reply::VANS;
use crate::ledger::{self, Ledger};
use crate::telemetry::health::Health;
use crate::telemetry::trace::Traces;
pub(crate) use load::CONTENT_LOST;
pub(crate) use load::original;
use load::{Ready, Room, Way};
use shut::Shut;

/// How many may be under way to one mailbox by one channel, so that a slow one does not take all
/// the room.
const PER_TARGET: usize = 256;

/// How many outcomes are kept in one piece of work.
const SETTLED_AT_ONCE: usize = 256;

/// How long to wait before the ledger is asked again after it could not answer.
const LEDGER_PAUSE: Duration = Duration::from_millis(500);

/// Where things go: a mailbox by one of its channels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The mailbox, or `vans`.
    pub mailbox: String,
    /// How it is reached.
    pub channel: Channel,
    /// What it gets.
    body: Body,
}

/// Everything the loop works with.
pub struct Dispatcher {
    /// The ledger.
    pub ledger: Ledger,
    /// The time.
    pub clock: Clock,
    /// The ways to carry, by channel.
    pub carriers: BTreeMap<Channel, Arc<dyn Carrier>>,
    /// Where things go.
    pub targets: Vec<Target>,
    /// The adapters, for the media types of originals.
    pub adapters: Registry,
    /// When to try again.
    pub policy: Policy,
    /// Where it is shown that a way is broken.
    pub health: Health,
    /// Where it is told what was tried, and how long it took.
    pub traces: Traces,
    /// Rung when something new is to be delivered, or a way has opened.
    pub bell: Arc<Notify>,
    /// What is paused.
    pub paused: watch::Receiver<BTreeSet<String>>,
    /// How long what is under way may take when all stops. What is not there by then goes again,
    /// with the same id.
    pub patience: Duration,
}

impl std::fmt::Debug for Dispatcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Dispatcher({} targets)", self.targets.len())
    }
}

/// Every mailbox by each of its channels, and the way of answers to hospitals.
pub fn targets(mailboxes: &BTreeMap<MailboxId, Mailbox>) -> Vec<Target> {
    let of_mailbox = |mailbox: &Mailbox| {
        let (id, body) = (mailbox.id.to_string(), mailbox.body);
        mailbox.channels.clone().into_iter().map(move |channel| Target { mailbox: id.clone(), channel, body })
    };
    let vans = Target { mailbox: VANS.to_owned(), channel: Channel::Amqp, body: Body::Original };
    mailboxes.values().flat_map(of_mailbox).chain([vans]).collect()
}

struct Running {
    /// Under way, or there but not yet kept; by delivery number.
    out: HashSet<i64>,
    /// How many of them go to which target, and where that is shown.
    per_target: BTreeMap<(String, Channel), (usize, metrics::Gauge)>,
    carrying: FuturesUnordered<BoxFuture<'static, (Way, Carried)>>,
    settling: FuturesUnordered<BoxFuture<'static, Vec<Way>>>,
    /// The ways that are broken.
    shut: Shut,
    /// When a delivery that was put off may go again.
    next_at: Option<Timestamp>,
}

impl Dispatcher {
    /// Sends until `stop`; then finishes what is under way.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut running = Running {
            out: HashSet::new(),
            per_target: BTreeMap::new(),
            carrying: FuturesUnordered::new(),
            settling: FuturesUnordered::new(),
            shut: Shut::default(),
            next_at: None,
        };
        let mut look = true;
        while !stop.is_cancelled() {
            if std::mem::take(&mut look) {
                self.load(&mut running).await;
            }
            let wake = self.sleep(running.next_at);
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                Some(done) = running.settling.next() => {
                    running.forget(&done);
                    look = true;
                }
                Some(first) = running.carrying.next() => self.arrived(&mut running, first),
                () = self.bell.notified() => look = true,
                Ok(()) = self.paused.changed() => look = true,
                () = wake => look = true,
            }
        }
        let arrivals = async {
            while let Some(first) = running.carrying.next().await {
                self.arrived(&mut running, first);
            }
        };
        if tokio::time::timeout(self.patience, arrivals).await.is_err() {
            let left = running.carrying.len();
            tracing::warn!(left, "receivers have not answered in time; what was sent to them goes again");
        }
        while running.settling.next().await.is_some() {}
    }

    fn sleep(&self, until: Option<Timestamp>) -> impl Future<Output = ()> + use<> {
        let clock = self.clock.clone();
        async move {
            match until {
                Some(at) => clock.sleep_until(at).await,
                None => std::future::pending().await,
            }
        }
    }

    /// Asks the ledger what may go, for all targets that are open, and sends it on its way.
    async fn load(&self, running: &mut Running) {
        let (wanted, opens_at) = self.open_targets(running);
        let (out, now, adapters) = (running.out.clone(), self.clock.now(), self.adapters.clone());
        let loaded = self.ledger.read(move |reader| load::load(reader, &wanted, &out, now, &adapters));
        match loaded.await {
            Ok(loaded) => {
                running.next_at = [loaded.next_at, opens_at].into_iter().flatten().min();
                for ready in loaded.ready {
                    self.send(running, ready);
                }
            }
            Err(error) => {
                unreadable(&error);
                running.next_at = Some(self.clock.now() + LEDGER_PAUSE);
            }
        }
    }

    /// The targets that something may go to now, with how much; and when to look at the others.
    fn open_targets(&self, running: &mut Running) -> (Vec<Room>, Option<Timestamp>) {
        let (paused, now) = (self.paused.borrow().clone(), self.clock.now());
        let is_held = |target: &Target| paused.contains(&target.mailbox) || paused.contains(target.channel.name());
        let (mut open, mut opens_at) = (Vec::new(), None);
        for target in &self.targets {
            let (mailbox, channel) = (&target.mailbox, target.channel);
            if is_held(target) {
                // Whoever resumes it wants it tried, broken or not.
                running.shut.open(mailbox, channel);
                continue;
            }
            let gate = self.carriers.get(&channel).map_or(Gate::Shut, |carrier| carrier.gate(mailbox));
            let at_once = match running.shut.gate(gate, mailbox, channel, now) {
                Gate::Open { at_once } => at_once,
                Gate::Shut => continue,
                Gate::ShutUntil(until) => {
                    opens_at = Some(opens_at.map_or(until, |known: Timestamp| known.min(until)));
                    continue;
                }
            };
            let out = running.per_target.get(&(mailbox.clone(), channel)).map_or(0, |(out, _)| *out);
            let most = at_once.saturating_sub(out).min(PER_TARGET);
            if most > 0 && out < PER_TARGET {
                open.push(Room { target: target.clone(), most, tries: running.shut.is(mailbox, channel) });
            }
        }
        (open, opens_at)
    }

    fn send(&self, running: &mut Running, mut ready: Ready) {
        ready.way.trail = trail::begin(&self.traces, &mut ready.parcel);
        let Some(carrier) = self.carriers.get(&ready.way.channel).map(Arc::clone) else { return };
        running.out.insert(ready.way.seq);
        running.count(&ready.way);
        running.carrying.push(Box::pin(async move {
            let carried = match ready.parcel {
                Ok(parcel) => carrier.carry(parcel).await,
                Err(failure) => Carried::Failed(failure),
            };
            (ready.way, carried)
        }));
    }

    /// Keeps what came of those that have arrived, this one and whatever else is done by now.
    fn arrived(&self, running: &mut Running, first: (Way, Carried)) {
        let mut batch = vec![first];
        while batch.len() < SETTLED_AT_ONCE {
            match futures::FutureExt::now_or_never(running.carrying.next()) {
                Some(Some(next)) => batch.push(next),
                Some(None) | None => break,
            }
        }
        let now = self.clock.now();
        let mut outcomes = Vec::with_capacity(batch.len());
        let mut done = Vec::with_capacity(batch.len());
        for (way, carried) in batch {
            if let Some(outcome) = self.outcome(&mut running.shut, &carried, &way, now) {
                count(&way, &outcome);
                trail::tell(&self.traces, &way, &outcome);
                outcomes.push((way.seq, outcome));
            }
            done.push(way);
        }
        running.settling.push(Box::pin(settle(self.ledger.clone(), outcomes, done)));
    }

    fn outcome(&self, shut: &mut Shut, carried: &Carried, way: &Way, now: Timestamp) -> Option<Outcome> {
        let (mailbox, channel) = (&way.mailbox, way.channel);
        let Failure { verdict, reason } = match carried {
            Carried::There => {
                shut.open(mailbox, channel);
                self.health.way(mailbox, channel.name(), None);
                return Some(Outcome::Delivered);
            }
            Carried::NotTried => return None,
            Carried::Failed(failure) => failure.clone(),
        };
        Some(match self.policy.after(way.attempts + 1, verdict, now, chance()) {
            Next::Again(at) => Outcome::Again { at, reason },
            Next::WhenMended => {
                let (code, channel_name) = (&reason.code, channel.name());
                tracing::error!(%mailbox, channel = channel_name, %code, "a channel is broken and needs a person: {reason}");
                shut.shut(mailbox, channel, self.policy, now);
                self.health.way(mailbox, channel_name, Some(code.as_str()));
                Outcome::Broken { at: now, reason }
            }
            Next::Park => Outcome::Park(reason),
        })
    }
}

impl Running {
    fn count(&mut self, way: &Way) {
        let (mailbox, channel) = (way.mailbox.clone(), way.channel);
        let (out, shown) = self.per_target.entry((mailbox.clone(), channel)).or_insert_with(|| {
            (0, metrics::gauge!("budstikke_in_flight", "mailbox" => mailbox, "channel" => channel.name()))
        });
        *out += 1;
        shown.increment(1.0);
    }

    fn forget(&mut self, done: &[Way]) {
        for way in done {
            self.out.remove(&way.seq);
            if let Some((out, shown)) = self.per_target.get_mut(&(way.mailbox.clone(), way.channel)) {
                *out = out.saturating_sub(1);
                shown.decrement(1.0);
            }
        }
    }
}

/// Keeps outcomes, trying until the ledger takes them: until then the parcels count as under way,
/// and nothing behind them in their lanes goes.
async fn settle(ledger: Ledger, outcomes: Vec<(i64, Outcome)>, done: Vec<Way>) -> Vec<Way> {
    let outcomes = Arc::new(outcomes);
    loop {
        let work = Arc::clone(&outcomes);
        let kept = ledger.write(move |tx| {
            for (seq, outcome) in work.iter() {
                tx.settle(*seq, outcome)?;
            }
            Ok(())
        });
        match kept.await {
            Ok(()) => return done,
            Err(error) if error.is_passing() => {
                unreadable(&error);
                tokio::time::sleep(LEDGER_PAUSE).await;
            }
            Err(error) => {
                // What is not kept is sent again, with the same id; not at once, over and over.
                unreadable(&error);
                tokio::time::sleep(LEDGER_PAUSE).await;
                return done;
            }
        }
    }
}

fn unreadable(error: &ledger::Error) {
    tracing::error!(error = %crate::telemetry::chain(error), "the ledger did not take what came of deliveries, or say what may go");
}

/// What came of an attempt, in a word.
fn result(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Delivered => "delivered",
        Outcome::Again { .. } => "again",
        Outcome::Broken { .. } => "broken",
        Outcome::Park(_) => "parked",
    }
}

fn count(way: &Way, outcome: &Outcome) {
    let result = result(outcome);
    let (mailbox, channel) = (way.mailbox.clone(), way.channel.name());
    metrics::counter!("budstikke_delivery_attempts_total", "mailbox" => mailbox, "channel" => channel, "result" => result)
        .increment(1);
}

/// A number between 0 and 1 that spreads retries.
fn chance() -> f64 {
    let mut bytes = [0_u8; 2];
    match aws_lc_rs::rand::fill(&mut bytes) {
        Ok(()) => f64::from(u16::from_be_bytes(bytes)) / f64::from(u16::MAX),
        Err(_unspecified) => 0.5,
    }
}
