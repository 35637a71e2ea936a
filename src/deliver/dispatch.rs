//! The loop that sends: asks the ledger what may go, carries it, keeps what came of it.
//!
//! The ledger knows for each lane which delivery is first; the loop only remembers which of those
//! are under way. Whatever it forgets in a crash is still ready in the ledger, and goes again with
//! the same id.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use budstikke_contract::verdict::{Failure, Verdict};
use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use super::carrier::{Carried, Carrier};
use super::parcel::Parcel;
use super::retry::{Next, Policy};
use crate::adapters::Registry;
use crate::agreement::model::{Body, Channel, Mailbox, MailboxId};
use crate::clock::Clock;
use crate::ledger::delivery::Outcome;
use crate::ledger::reply::VANS;
use crate::ledger::{self, Ledger};

/// How many may be under way to one mailbox by one channel, so that a slow one does not take all
/// the room.
const PER_TARGET: usize = 256;

/// How many outcomes are kept in one piece of work.
const SETTLED_AT_ONCE: usize = 256;

/// How long to wait before the ledger is asked again after it could not answer.
const LEDGER_PAUSE: std::time::Duration = std::time::Duration::from_millis(500);

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
    /// Rung when something new is to be delivered, or a way has opened.
    pub bell: Arc<Notify>,
    /// What is paused.
    pub paused: watch::Receiver<BTreeSet<String>>,
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

/// A parcel's seq and what came of it.
type Arrived = (Parcel, u32, Carried);

struct Running {
    /// Under way, or there but not yet kept; by delivery number.
    out: HashSet<i64>,
    /// How many of them go to which target.
    per_target: BTreeMap<(String, Channel), usize>,
    carrying: FuturesUnordered<BoxFuture<'static, (Channel, Arrived)>>,
    settling: FuturesUnordered<BoxFuture<'static, Vec<(i64, String, Channel)>>>,
}

impl Dispatcher {
    /// Sends until `stop`; then finishes what is under way.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut running = Running {
            out: HashSet::new(),
            per_target: BTreeMap::new(),
            carrying: FuturesUnordered::new(),
            settling: FuturesUnordered::new(),
        };
        let mut look = true;
        while !stop.is_cancelled() {
            if std::mem::take(&mut look) {
                self.load(&mut running).await;
            }
            let wake = self.next_wake();
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
        while let Some(first) = running.carrying.next().await {
            self.arrived(&mut running, first);
        }
        while running.settling.next().await.is_some() {}
    }

    /// Waits until a delivery that was put off may go again.
    fn next_wake(&self) -> BoxFuture<'static, ()> {
        let (ledger, clock) = (self.ledger.clone(), self.clock.clone());
        Box::pin(async move {
            let now = clock.now();
            match ledger.read(move |reader| reader.next_delivery_at(now)).await {
                Ok(Some(at)) => clock.sleep_until(at).await,
                Ok(None) => std::future::pending().await,
                Err(_unreadable) => tokio::time::sleep(LEDGER_PAUSE).await,
            }
        })
    }

    /// Asks the ledger what may go, for all targets that are open, and sends it on its way.
    async fn load(&self, running: &mut Running) {
        let paused = self.paused.borrow().clone();
        let mut wanted = Vec::new();
        for target in &self.targets {
            let open = self.carriers.get(&target.channel).is_some_and(|carrier| carrier.is_open());
            let held = paused.contains(&target.mailbox) || paused.contains(target.channel.name());
            let out = running.per_target.get(&(target.mailbox.clone(), target.channel)).copied().unwrap_or(0);
            if open && !held && out < PER_TARGET {
                wanted.push((target.clone(), PER_TARGET));
            }
        }
        if wanted.is_empty() {
            return;
        }
        let (out, now, adapters) = (running.out.clone(), self.clock.now(), self.adapters.clone());
        let loaded = self.ledger.read(move |reader| {
            let media_type_of =
                |name: &str| adapters.named(name).map_or("application/octet-stream", |it| it.media_type());
            let mut parcels = Vec::new();
            let mut goods = BTreeMap::new();
            for (target, limit) in wanted {
                let limit = u32::try_from(limit).unwrap_or(u32::MAX);
                let ready = reader.ready(&target.mailbox, target.channel.name(), now, limit)?;
                for delivery in ready.into_iter().filter(|it| !out.contains(&it.seq)) {
                    let key = delivery.content;
                    if !goods.contains_key(&key) {
                        goods.insert(key, reader.goods(&delivery, &media_type_of)?);
                    }
                    if let Some(goods) = goods.get(&key) {
                        let parcel = Parcel::pack(&delivery, target.body, goods);
                        parcels.push((parcel, target.channel, delivery.attempts));
                    }
                }
            }
            Ok(parcels)
        });
        match loaded.await {
            Ok(parcels) => {
                for (parcel, channel, attempts) in parcels {
                    self.send(running, parcel, channel, attempts);
                }
            }
            Err(error) => unreadable(&error),
        }
    }

    fn send(&self, running: &mut Running, parcel: Parcel, channel: Channel, attempts: u32) {
        let Some(carrier) = self.carriers.get(&channel).map(Arc::clone) else { return };
        running.out.insert(parcel.seq);
        *running.per_target.entry((parcel.mailbox.clone(), channel)).or_default() += 1;
        running.carrying.push(Box::pin(async move {
            let carried = carrier.carry(parcel.clone()).await;
            (channel, (parcel, attempts, carried))
        }));
    }

    /// Keeps what came of those that have arrived, this one and whatever else is done by now.
    fn arrived(&self, running: &mut Running, first: (Channel, Arrived)) {
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
        for (channel, (parcel, attempts, carried)) in batch {
            if let Some(outcome) = self.outcome(&carried, attempts + 1, now) {
                count(&parcel.mailbox, &outcome);
                outcomes.push((parcel.seq, outcome));
            }
            done.push((parcel.seq, parcel.mailbox, channel));
        }
        running.settling.push(Box::pin(settle(self.ledger.clone(), outcomes, done)));
    }

    fn outcome(&self, carried: &Carried, attempt: u32, now: jiff::Timestamp) -> Option<Outcome> {
        let Failure { verdict, reason } = match carried {
            Carried::There => return Some(Outcome::Delivered),
            Carried::NotTried => return None,
            Carried::Failed(failure) => failure.clone(),
        };
        if verdict == Verdict::Broken {
            tracing::error!(code = %reason.code, "a channel is broken and needs a person: {reason}");
        }
        Some(match self.policy.after(attempt, verdict, now, chance()) {
            Next::Again(at) => Outcome::Again { at, reason },
            Next::Park => Outcome::Park(reason),
        })
    }
}

impl Running {
    fn forget(&mut self, done: &[(i64, String, Channel)]) {
        for (seq, mailbox, channel) in done {
            self.out.remove(seq);
            if let Some(out) = self.per_target.get_mut(&(mailbox.clone(), *channel)) {
                *out = out.saturating_sub(1);
            }
        }
    }
}

/// Keeps outcomes, trying until the ledger takes them: until then the parcels count as under way,
/// and nothing behind them in their lanes goes.
async fn settle(
    ledger: Ledger,
    outcomes: Vec<(i64, Outcome)>,
    done: Vec<(i64, String, Channel)>,
) -> Vec<(i64, String, Channel)> {
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
                // What is not kept is sent again, with the same id.
                unreadable(&error);
                return done;
            }
        }
    }
}

fn unreadable(error: &ledger::Error) {
    tracing::error!(error = %crate::telemetry::chain(error), "the ledger did not take what came of deliveries, or say what may go");
}

fn count(mailbox: &str, outcome: &Outcome) {
    let result = match outcome {
        Outcome::Delivered => "delivered",
        Outcome::Again { .. } => "again",
        Outcome::Park(_) => "parked",
    };
    metrics::counter!("budstikke_delivery_attempts_total", "mailbox" => mailbox.to_owned(), "result" => result)
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
