//! The loop round a service: takes what is to be asked out of the ledger, asks, and writes down the
//! answer; what waited for it then goes on in the same transaction. It knows nothing that a hub
//! could not forget: a wish that was being asked about when the hub was killed is still open.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use super::bucket::Bucket;
use super::cache::Cache;
use super::gate::{Gate, Stand};
use super::{Failure, Service, Trouble};
use crate::clock::Clock;
use crate::intake::World;
use crate::intake::ask::{self, GoneOn};
use crate::ledger::seal::Mark;
use crate::ledger::wish::{Due, Outcome, Wishes};
use crate::ledger::{Error, Ledger, Tx};
use crate::retry::Policy;
use crate::telemetry::health::Health;

/// How many wishes are read at once.
const READ: u32 = 256;

/// How long to wait before the ledger is tried again.
const LEDGER_PAUSE: Duration = Duration::from_millis(500);

/// How much a service may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Calls a second.
    pub per_second: u32,
    /// Calls at once.
    pub at_once: usize,
    /// How long an answer is good for others who ask the same; zero for not at all.
    pub cache: Duration,
    /// How long something waits for a service that does not answer, before a person must look.
    pub give_up_after: Duration,
    /// How long the service is left alone when it has not answered.
    pub waits: Policy,
}

/// Asks one service.
#[derive(Debug)]
pub struct Asker {
    /// The service's name in the ledger.
    pub name: String,
    /// The service.
    pub service: Arc<dyn Service>,
    /// How much it may be asked.
    pub limits: Limits,
    /// The ledger.
    pub ledger: Ledger,
    /// What decisions rest on.
    pub world: Arc<World>,
    /// The time.
    pub clock: Clock,
    /// How the hub is doing.
    pub health: Health,
    /// Changed when something may be to be asked.
    pub bell: watch::Receiver<()>,
    /// Rung when something is to be delivered.
    pub deliver: Arc<Notify>,
    /// Rung when duties have changed.
    pub duties: Arc<Notify>,
}

/// What a call came to.
struct Called {
    due: Due,
    said: Result<Outcome, Failure>,
}

/// What the loop remembers. All of it may be forgotten.
struct Memory {
    bucket: Bucket,
    cache: Cache,
    gate: Gate,
    calls: FuturesUnordered<BoxFuture<'static, Called>>,
    /// Whom or what the calls are about.
    asked: BTreeSet<Mark>,
}

impl Asker {
    /// Asks until `stop`. A call that is under way then is dropped; it is made again.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut memory = Memory {
            bucket: Bucket::new(self.limits.per_second),
            cache: Cache::new(signed(self.limits.cache)),
            gate: Gate::new(self.limits.waits),
            calls: FuturesUnordered::new(),
            asked: BTreeSet::new(),
        };
        self.show(&memory.gate, None);
        loop {
            self.bell.mark_unchanged();
            let until = match self.turn(&mut memory).await {
                Ok(until) => until,
                Err(error) => {
                    tracing::error!(service = self.name, error = %crate::telemetry::chain(&error), "what is to be asked cannot be read or written");
                    self.clock.now().checked_add(LEDGER_PAUSE).ok()
                }
            };
            let sleep = async {
                match until {
                    Some(until) => self.clock.sleep_until(until).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                Some(called) = memory.calls.next() => {
                    memory.asked.remove(&called.due.wish.about);
                    if let Err(error) = self.heard(&mut memory, called).await {
                        tracing::error!(service = self.name, error = %crate::telemetry::chain(&error), "an answer could not be written down; it is asked for again");
                        tokio::select! {
                            () = stop.cancelled() => return,
                            () = tokio::time::sleep(LEDGER_PAUSE) => {}
                        }
                    }
                }
                // The other end lives as long as the hub; without it there is only the clock.
                Ok(()) = self.bell.changed() => {}
                () = sleep => {}
            }
        }
    }

    /// Begins what calls may be made; answers when to look again at the latest.
    async fn turn(&self, memory: &mut Memory) -> Result<Option<Timestamp>, Error> {
        let now = self.clock.now();
        let name = self.name.clone();
        let Wishes { due, next, oldest, lost } =
            self.ledger.read(move |reader| reader.wishes(&name, now, READ)).await?;
        let mut wake = next;
        let mut earlier = |at: Timestamp| wake = Some(wake.map_or(at, |wake: Timestamp| wake.min(at)));
        for wish in lost {
            tracing::error!(
                service = self.name,
                wish,
                "what is to be asked cannot be opened; what waits for it is parked"
            );
            self.write(move |tx, _world| ask::lost(tx, wish)).await?;
            // There may be more than were read.
            earlier(now);
        }
        for due in due.into_iter().filter(|due| !memory.asked.contains(&due.wish.about)).collect::<Vec<_>>() {
            if let Some(outcome) = memory.cache.get(&due.wish.about, now).cloned() {
                metrics::counter!("budstikke_asked_total", "service" => self.name.clone(), "outcome" => "cached")
                    .increment(1);
                self.settle(&due, outcome).await?;
                // There may be more than were read.
                earlier(now);
                continue;
            }
            let room = match memory.gate.stand(now) {
                Stand::Open => self.limits.at_once,
                Stand::Probe => 1,
                Stand::Closed(until) => {
                    earlier(until);
                    break;
                }
            };
            if memory.calls.len() >= room {
                break;
            }
            if let Err(then) = memory.bucket.take(now) {
                earlier(then);
                break;
            }
            memory.asked.insert(due.wish.about);
            memory.calls.push(self.call(due));
        }
        if let (Stand::Closed(_), Some(oldest)) = (memory.gate.stand(now), oldest) {
            let limit = oldest.checked_add(self.limits.give_up_after).unwrap_or(Timestamp::MAX);
            if limit <= now {
                self.give_up(now).await?;
                // There may be more of them.
                earlier(now);
            } else {
                earlier(limit);
            }
        }
        Ok(wake)
    }

    fn call(&self, due: Due) -> BoxFuture<'static, Called> {
        let service = Arc::clone(&self.service);
        Box::pin(async move {
            let said = service.ask(&due.question).await;
            Called { due, said }
        })
    }

    /// Writes down what a call came to.
    async fn heard(&self, memory: &mut Memory, called: Called) -> Result<(), Error> {
        let Called { due, said } = called;
        let now = self.clock.now();
        let outcome = match &said {
            Ok(Outcome::Answered(_)) => "answered",
            Ok(Outcome::Unknown) => "unknown",
            Err(failure) => failure.what.name(),
        };
        metrics::counter!("budstikke_asked_total", "service" => self.name.clone(), "outcome" => outcome).increment(1);
        match said {
            Ok(outcome) => {
                if memory.gate.answered() {
                    tracing::info!(service = self.name, "the service answers again");
                }
                self.show(&memory.gate, None);
                memory.cache.keep(due.wish.about, &outcome, now);
                self.settle(&due, outcome).await
            }
            Err(Failure { what: Trouble::Unaskable, .. }) => {
                tracing::error!(service = self.name, "what is to be asked is no question; what waits for it is parked");
                let (name, about) = (self.name.clone(), due.wish.about);
                self.write(move |tx, _world| ask::unaskable(tx, (&name, &about))).await.map(drop)
            }
            Err(failure) => {
                if memory.gate.failed(now, failure.after) {
                    tracing::warn!(
                        service = self.name,
                        what = failure.what.name(),
                        "the service does not answer; what needs its answer waits"
                    );
                }
                self.show(&memory.gate, Some(failure));
                self.postpone(&due, now).await
            }
        }
    }

    async fn settle(&self, due: &Due, outcome: Outcome) -> Result<(), Error> {
        let (name, about, upto) = (self.name.clone(), due.wish.about, due.upto);
        let settled = self.write(move |tx, world| ask::settle(tx, world, (&name, &about), upto, &outcome)).await;
        match settled {
            Err(error) if !error.is_passing() => self.fail(due, &error).await,
            other => other.map(drop),
        }
    }

    async fn postpone(&self, due: &Due, now: Timestamp) -> Result<(), Error> {
        let wait = self.limits.waits.wait_after(due.wish.attempts.saturating_add(1));
        let again = now.checked_add(wait).unwrap_or(Timestamp::MAX);
        let (name, about, give_up) = (self.name.clone(), due.wish.about, self.give_up_before(now));
        let given_up = self.write(move |tx, world| ask::postpone(tx, world, (&name, &about), again, give_up)).await;
        match given_up {
            Err(error) if !error.is_passing() => self.fail(due, &error).await,
            other => other.map(drop),
        }
    }

    /// Gives up on what has waited too long, as the service answers nobody.
    async fn give_up(&self, now: Timestamp) -> Result<(), Error> {
        let (name, give_up) = (self.name.clone(), self.give_up_before(now));
        self.write(move |tx, world| ask::give_up(tx, world, &name, give_up)).await.map(drop)
    }

    /// Parks what the hub itself failed on, so that it is not tried without end.
    async fn fail(&self, due: &Due, error: &Error) -> Result<(), Error> {
        tracing::error!(service = self.name, error = %crate::telemetry::chain(error), "the hub failed on what waited for an answer, which is parked");
        let (name, about) = (self.name.clone(), due.wish.about);
        self.write(move |tx, _world| ask::fail(tx, (&name, &about))).await.map(drop)
    }

    /// Since when something must have waited to be given up.
    fn give_up_before(&self, now: Timestamp) -> Timestamp {
        now.checked_sub(self.limits.give_up_after).unwrap_or(Timestamp::MIN)
    }

    async fn write(
        &self,
        work: impl Fn(&mut Tx<'_>, &World) -> Result<GoneOn, Error> + Send + 'static,
    ) -> Result<GoneOn, Error> {
        let world = Arc::clone(&self.world);
        let outcome = self.ledger.write(move |tx| work(tx, &world)).await;
        self.health.ledger(&self.name, &outcome);
        if let Ok(GoneOn { items, parked }) = outcome
            && items > 0
        {
            if parked > 0 {
                tracing::warn!(service = self.name, parked, "parked after asking: `budstikke parked list`");
            }
            self.deliver.notify_one();
            self.duties.notify_one();
        }
        outcome
    }

    /// Shows whether the service answers.
    fn show(&self, gate: &Gate, failure: Option<Failure>) {
        let answers = gate.stand(Timestamp::MAX) == Stand::Open;
        metrics::gauge!("budstikke_service_answers", "service" => self.name.clone()).set(if answers {
            1.0
        } else {
            0.0
        });
        self.health.service(&self.name, failure.map(|failure| failure.what.name()));
    }
}

fn signed(duration: Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
}
