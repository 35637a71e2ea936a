//! A ledger in a file, what asks, and a service that does what the test says.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use budstikke_contract::municipality::MunicipalityCode;
use jiff::SignedDuration;
use serde_json::{Value, json};
use tokio::sync::{Notify, Semaphore, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::super::asker::{Asker, Limits};
use super::super::{Failure, Service, Trouble};
use crate::adapters::Registry;
use crate::agreement::Book;
use crate::agreement::tests::shipped;
use crate::broker::State as BrokerState;
use crate::clock::Clock;
use crate::intake::ask::{self, GoneOn, Lives, RESIDENCE};
use crate::intake::people::{self, Person};
use crate::intake::prepare::{self, Incoming};
use crate::intake::{Asks, World, record};
use crate::ledger::Ledger;
use crate::ledger::item::{Item, State};
use crate::ledger::place::Share;
use crate::ledger::seal::Keyring;
use crate::ledger::tests::books;
use crate::ledger::wish::Outcome;
use crate::residence::Ask;
use crate::retry::Policy;
use crate::telemetry::health::Health;

pub(super) const NOW: &str = "2026-11-22T10:00:00Z";
pub(super) const LIMIT: Duration = Duration::from_secs(30);

/// What the service does, which the test may change while it runs.
pub(super) type Answers = dyn Fn(&str) -> Result<Outcome, Failure> + Send + Sync;

/// A service that does what the test says, one call at a time or as many as it lets in.
pub(super) struct Fake {
    answers: Mutex<Arc<Answers>>,
    asked: Mutex<Vec<String>>,
    /// As many calls go through as it has permits.
    pub(super) door: Semaphore,
    /// How many calls are inside, and how many there were at most.
    pub(super) inside: Mutex<(usize, usize)>,
}

impl std::fmt::Debug for Fake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fake")
    }
}

impl Fake {
    pub(super) fn new(answers: impl Fn(&str) -> Result<Outcome, Failure> + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            answers: Mutex::new(Arc::new(answers)),
            asked: Mutex::default(),
            door: Semaphore::new(Semaphore::MAX_PERMITS),
            inside: Mutex::default(),
        })
    }

    /// The same with a door that is shut until the test opens it.
    pub(super) fn shut(answers: impl Fn(&str) -> Result<Outcome, Failure> + Send + Sync + 'static) -> Arc<Self> {
        let fake = Self::new(answers);
        fake.door.forget_permits(Semaphore::MAX_PERMITS);
        fake
    }

    pub(super) fn now_answers(&self, answers: impl Fn(&str) -> Result<Outcome, Failure> + Send + Sync + 'static) {
        *self.answers.lock().unwrap() = Arc::new(answers);
    }

    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    pub(super) fn inside(&self) -> usize {
        self.inside.lock().unwrap().0
    }
}

#[async_trait]
impl Service for Fake {
    async fn ask(&self, question: &[u8]) -> Result<Outcome, Failure> {
        let question = String::from_utf8(question.to_vec()).unwrap();
        self.asked.lock().unwrap().push(question.clone());
        {
            let mut inside = self.inside.lock().unwrap();
            inside.0 += 1;
            inside.1 = inside.1.max(inside.0);
        }
        self.door.acquire().await.unwrap().forget();
        self.inside.lock().unwrap().0 -= 1;
        let answers = Arc::clone(&self.answers.lock().unwrap());
        answers(&question)
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it is what a service says")]
pub(super) fn lives(code: &str) -> Result<Outcome, Failure> {
    let municipality = MunicipalityCode::parse(code).unwrap();
    Ok(Lives { asked: NOW.parse().unwrap(), municipality, protected: false }.outcome())
}

pub(super) fn down(_question: &str) -> Result<Outcome, Failure> {
    Err(Trouble::Unreachable.into())
}

/// A hub's half: a ledger, a clock, and what asks.
pub(super) struct Bench {
    folder: tempfile::TempDir,
    pub(super) ledger: Ledger,
    world: Arc<World>,
    pub(super) clock: Clock,
    health: Health,
    bell: watch::Sender<()>,
    pub(super) limits: Limits,
    broker: watch::Sender<BrokerState>,
    running: Option<(CancellationToken, JoinSet<()>)>,
}

pub(super) fn open(folder: &Path, clock: &Clock) -> Ledger {
    let place = books::place(folder);
    let keys = Keyring::open(&folder.join("ledger.key"), place.exists().unwrap()).unwrap();
    Ledger::open(&place, Share::Beside, keys, clock.clone()).unwrap()
}

impl Bench {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::starting_at(NOW.parse().unwrap());
        let asks = Asks { residence: Ask::ToKnow, ..Asks::default() };
        let world = World::new(Book::read(&shipped()).unwrap(), Registry::default(), BTreeMap::new()).asking(asks);
        let (broker, seen) = watch::channel(BrokerState::Up);
        Self {
            ledger: open(folder.path(), &clock),
            folder,
            world: Arc::new(world),
            health: Health::new(seen, clock.clone()),
            clock,
            bell: watch::Sender::new(()),
            limits: Limits {
                per_second: 1_000,
                at_once: 4,
                cache: Duration::ZERO,
                give_up_after: Duration::from_hours(1),
                waits: Policy::new(Duration::from_secs(10), Duration::from_mins(1)),
            },
            broker,
            running: None,
        }
    }

    pub(super) fn start(&mut self, service: &Arc<Fake>) {
        let asker = Asker {
            name: RESIDENCE.to_owned(),
            service: Arc::clone(service) as Arc<dyn Service>,
            limits: self.limits,
            ledger: self.ledger.clone(),
            world: Arc::clone(&self.world),
            clock: self.clock.clone(),
            health: self.health.clone(),
            bell: self.bell.subscribe(),
            deliver: Arc::new(Notify::new()),
            duties: Arc::new(Notify::new()),
        };
        let stop = CancellationToken::new();
        let mut running = JoinSet::new();
        running.spawn(asker.run(stop.clone()));
        self.running = Some((stop, running));
    }

    /// Ends the task as a killed hub ends it: in the middle of whatever it does.
    pub(super) async fn kill(&mut self) {
        let (_stop, mut running) = self.running.take().unwrap();
        running.shutdown().await;
        self.ledger = open(self.folder.path(), &self.clock);
    }

    pub(super) async fn stop(&mut self) {
        let (stop, mut running) = self.running.take().unwrap();
        stop.cancel();
        tokio::time::timeout(LIMIT, running.join_next()).await.unwrap().unwrap().unwrap();
    }

    /// Takes an event about a citizen, each in a case of its own; answers its item.
    pub(super) async fn take(&self, number: usize, cpr: &str) -> i64 {
        self.take_event(event(number, cpr)).await
    }

    /// A person sends on what is parked.
    pub(super) async fn resend(&self, item: i64) {
        let world = Arc::clone(&self.world);
        let person = Person { user: "asta".to_owned(), reason: "set på sagen".to_owned() };
        let sent = self.ledger.write(move |tx| people::resend(tx, &world, &format!("#{item}"), &person));
        sent.await.unwrap();
        self.bell.send_replace(());
    }

    /// Takes up what waits for nothing.
    pub(super) async fn free(&self, item: i64) -> GoneOn {
        let world = Arc::clone(&self.world);
        self.ledger.write(move |tx| ask::free(tx, &world, item)).await.unwrap()
    }

    /// Changes the file behind the ledger's back.
    pub(super) fn tamper(&self, sql: &str) {
        books::tamper(self.folder.path(), sql);
    }

    pub(super) async fn take_event(&self, event: Value) -> i64 {
        let message = Incoming {
            source: "events".to_owned(),
            media_type: None,
            sender_user: None,
            reply_to: None,
            redelivered: false,
            received: self.clock.now(),
            body: event.to_string().into(),
        };
        let world = Arc::clone(&self.world);
        let taken = self.ledger.write(move |tx| {
            let prepared = prepare::prepare(&world, message.clone()).unwrap();
            record::record(tx, &world, &prepared)
        });
        let item = taken.await.unwrap().remove(0).item;
        self.bell.send_replace(());
        item
    }

    pub(super) async fn item(&self, seq: i64) -> Item {
        self.ledger.read(move |reader| reader.item(seq)).await.unwrap()
    }

    pub(super) async fn comes_to(&self, seq: i64, state: State) {
        eventually(&format!("#{seq} is {}", state.name()), async || self.item(seq).await.state == state).await;
    }

    pub(super) async fn code(&self, seq: i64) -> String {
        self.item(seq).await.reason.map(|reason| reason.code.to_string()).unwrap_or_default()
    }

    pub(super) async fn attempts(&self, seq: i64) -> u32 {
        self.ledger.read(move |reader| reader.wishes_of(seq)).await.unwrap().last().map_or(0, |wish| wish.attempts)
    }

    pub(super) async fn residence(&self, seq: i64) -> Option<String> {
        let story = self.ledger.read(move |reader| reader.story(seq)).await.unwrap();
        story.event.and_then(|event| event.residence)
    }

    pub(super) fn later(&self, by: SignedDuration) {
        self.clock.set(self.clock.now() + by);
    }

    /// All is accounted for.
    pub(super) async fn proof(&self) {
        let report = self.ledger.read(|reader| reader.verify(None)).await.unwrap();
        assert!(report.is_good(), "{report:?}");
        drop(self.broker.borrow());
    }

    pub(super) fn service(&self) -> String {
        self.health.report().services[RESIDENCE].clone()
    }
}

/// Waits until something is so, however long the machine takes for it.
pub(super) async fn eventually(what: &str, is_so: impl AsyncFn() -> bool) {
    let waited = tokio::time::timeout(LIMIT, async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    assert!(waited.await.is_ok(), "this did not come true in {LIMIT:?}: {what}");
}

/// A citizen that no citizen is: the day has 60 added to it.
pub(super) fn citizen(number: usize) -> String {
    format!("{:02}01480{number:03}", 61 + number % 28)
}

/// An event about a citizen, in a case of its own.
pub(super) fn event(number: usize, cpr: &str) -> Value {
    json!({
        "specversion": "1.0",
        "id": format!("e{number}"),
        "source": "/dragoer/x",
        "type": "dk.budstikke.rehab.training.requested.v1",
        "time": NOW,
        "subject": format!("rehab-6fb927da-3be1-4b9f-8875-a632661{number:05}"),
        "data": {"citizen": {"cpr": cpr}, "reason": "Nyligt funktionstab"},
    })
}
