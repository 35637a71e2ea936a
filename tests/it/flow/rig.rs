//! A hub under test and its world: one source side, all receivers, and the three books.

mod people;

use std::collections::BTreeMap;
use std::time::Duration;

use budstikke::adapters::Registry;
use budstikke::app::{Hub, Parts, State};
use budstikke::broker::topology;
use budstikke::clock::Clock;
use budstikke::config::{Place, Settings};
use budstikke::deliver::retry::Policy;
use budstikke::ledger::{Ledger, delivery};
use budstikke::retry;
use budstikke_contract::id::DeliveryId;
use budstikke_testkit::plans::{Message, Plan};
use jiff::Timestamp;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use self::people::config;
use super::wire::{Given, Got, Wire};
use crate::node::Vhost;
use crate::wait;

/// When the tests begin, unless they say otherwise.
pub(crate) const NOW: &str = "2026-11-22T10:00:00Z";

pub(crate) const DRAGOER: &str = "dragoer/genoptraening";
pub(crate) const TAARNBY: &str = "taarnby/genoptraening";
pub(crate) const BORGERSERVICE: &str = "dragoer/borgerservice";
pub(crate) const VANS: &str = "vans";

/// The receivers that take, unless a test says that everyone does.
const RECEIVERS: [&str; 5] = [DRAGOER, TAARNBY, BORGERSERVICE, "taarnby/borgerservice", VANS];

/// The queues that must be empty when all is done, beside those of the sources: what receivers said,
/// and what the broker gave back.
const EMPTIED: [&str; 3] = [topology::RECEIPTS, topology::DEAD, topology::UNROUTABLE];

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

/// The queue of a mailbox.
pub(crate) fn queue(mailbox: &str) -> String {
    format!("out.{}", mailbox.replace('/', "."))
}

/// A plan that stands in the case of that number: each has an episode and a citizen's contact with
/// the hospital of its own.
pub(crate) fn plan_in_case(letter: impl Into<String>, case: usize) -> Plan {
    let (year, month, day) = (2001 + case / 336, 1 + case / 28 % 12, 1 + case % 28);
    Plan::ggop(letter).episode(format!("e{case}")).contact_start(format!("{year}-{month:02}-{day:02}"))
}

/// A canonical event of a case.
pub(crate) fn canonical(kind: &str, id: &str, source: &str, case: &str, data: &Value) -> Value {
    json!({
        "specversion": "1.0",
        "id": id,
        "source": source,
        "type": format!("dk.budstikke.{kind}.v1"),
        "time": NOW,
        "subject": case,
        "data": data,
    })
}

/// A hub under test.
#[derive(Debug)]
pub(crate) struct Rig {
    pub(crate) vhost: Vhost,
    pub(crate) clock: Clock,
    pub(crate) wire: Wire,
    /// What the hub is started with, the next time it is.
    pub(crate) settings: Settings,
    pub(crate) adapters: Registry,
    state: TempDir,
    receivers: Vec<String>,
    hub: Option<Running>,
    /// How many items the hub must have taken.
    sent: i64,
    /// What receivers got, in the order of its first arrival, and how often it arrived.
    got: Vec<Got>,
    arrivals: BTreeMap<String, usize>,
}

/// A hub that runs.
#[derive(Debug)]
struct Running {
    ledger: Ledger,
    telemetry: String,
    stop: CancellationToken,
    work: JoinSet<anyhow::Result<()>>,
}

impl Rig {
    /// A hub as it is shipped, but quick to try again.
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// The same with some settings changed.
    pub(crate) async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::with_adapters(Registry::default(), change).await
    }

    /// The same with adapters of the test's own.
    pub(crate) async fn with_adapters(adapters: Registry, change: impl FnOnce(&mut Settings)) -> Self {
        let vhost = Vhost::new();
        let mut settings = Settings::read(&config()).expect("the shipped settings hold");
        settings.broker.place = Place::At(vhost.address().to_owned());
        settings.telemetry.listen = ([127, 0, 0, 1], 0).into();
        settings.console.listen = ([127, 0, 0, 1], 0).into();
        // What is owed every year would come between; the tests of the calendar turn it on.
        settings.calendar = false;
        let waits = retry::Policy::new(Duration::from_millis(50), Duration::from_millis(500));
        settings.retry = Policy { waits, attempts: u32::MAX };
        change(&mut settings);
        let wire = Wire::connect(vhost.address()).await;
        let mut rig = Self {
            vhost,
            clock: Clock::starting_at(at(NOW)),
            wire,
            settings,
            adapters,
            state: tempfile::tempdir().expect("a state directory"),
            receivers: RECEIVERS.map(str::to_owned).to_vec(),
            hub: None,
            sent: 0,
            got: Vec::new(),
            arrivals: BTreeMap::new(),
        };
        rig.begin().await;
        rig
    }

    /// Starts the hub on its state directory.
    pub(crate) async fn begin(&mut self) {
        let parts = Parts {
            settings: self.settings.clone(),
            state: self.state(),
            clock: self.clock.clone(),
            adapters: self.adapters.clone(),
        };
        let stop = CancellationToken::new();
        let hub = wait::soon("the hub starts", Box::pin(Hub::start(parts, stop.clone(), |_| {}))).await;
        let hub = hub.unwrap_or_else(|error| panic!("the hub does not start: {error:#}"));
        let (ledger, telemetry) = (hub.ledger.clone(), hub.ready.telemetry.clone());
        let mut work = JoinSet::new();
        work.spawn(hub.run());
        self.hub = Some(Running { ledger, telemetry, stop, work });
    }

    /// Stops the hub in order.
    pub(crate) async fn stop(&mut self) {
        let mut hub = self.hub.take().expect("the hub runs");
        hub.stop.cancel();
        let ended = wait::soon("the hub stops", hub.work.join_next()).await;
        ended.expect("it runs").expect("it does not panic").expect("it stops in order");
    }

    fn state(&self) -> State {
        State::at(self.state.path()).expect("a state directory")
    }

    fn hub(&self) -> &Running {
        self.hub.as_ref().expect("the hub runs")
    }

    /// Where metrics and health are.
    pub(crate) fn telemetry(&self) -> &str {
        &self.hub().telemetry
    }

    // What sources do.

    /// Sends a message with so many items in it.
    pub(crate) async fn send(&mut self, given: &Given, items: i64) {
        self.wire.send(given).await;
        self.sent += items;
    }

    /// Sends many with one item each, in a row.
    pub(crate) async fn send_all(&mut self, all: &[Given]) {
        self.wire.send_all(all).await;
        self.sent += i64::try_from(all.len()).expect("not that many");
    }

    /// Sends one plan in an envelope of its own.
    pub(crate) async fn plan(&mut self, plan: Plan) {
        let message = Message::new(format!("K{:06}", self.sent)).plan(plan);
        self.message(&message).await;
    }

    /// Sends a message with one letter.
    pub(crate) async fn message(&mut self, message: &Message) {
        self.send(&Given::to("rehab-plan", message.bytes()), 1).await;
    }

    /// Sends a canonical event.
    pub(crate) async fn event(&mut self, event: &Value) {
        self.send(&Given::event(event), 1).await;
    }

    /// Items that nobody here sent: what the broker gave back, or handed out again.
    pub(crate) fn gave_back(&mut self, items: i64) {
        self.sent += items;
    }

    // What receivers do.

    /// All receivers take what lies there. A repeat is known by its id, has the same bytes, and is
    /// dropped.
    pub(crate) async fn take(&mut self) {
        for receiver in self.receivers.clone() {
            self.take_from(&receiver).await;
        }
    }

    /// From now on every mailbox of the agreement is one that takes.
    pub(crate) fn everyone(&mut self) {
        let world = budstikke::app::world(&self.settings, self.adapters.clone()).expect("the agreement holds");
        self.receivers = world.mailboxes.keys().map(ToString::to_string).chain([VANS.to_owned()]).collect();
    }

    /// One receiver takes what lies there.
    pub(crate) async fn take_from(&mut self, receiver: &str) {
        for got in self.wire.take(&queue(receiver)).await {
            self.note(got);
        }
    }

    /// Notes something that was taken by other means.
    pub(crate) fn note(&mut self, got: Got) {
        let arrivals = self.arrivals.entry(got.id.clone()).or_default();
        *arrivals += 1;
        if *arrivals == 1 {
            self.got.push(got);
            return;
        }
        let first = self.got.iter().find(|known| known.id == got.id).expect("it has arrived before");
        assert_eq!((&first.queue, &first.body), (&got.queue, &got.body), "a resend has the same bytes");
    }

    /// What a receiver has got so far, in order.
    pub(crate) fn has(&self, receiver: &str) -> Vec<Got> {
        let queue = queue(receiver);
        self.got.iter().filter(|got| got.queue == queue).cloned().collect()
    }

    /// Waits until a receiver has got so many, or more.
    pub(crate) async fn gets(&mut self, receiver: &str, count: usize) {
        let enough = async || {
            self.take().await;
            (self.count(receiver) >= count).then_some(())
        };
        wait::until(&format!("{receiver} has {count}"), enough).await;
    }

    /// What a receiver has got when it has got so many, in order.
    pub(crate) async fn got(&mut self, receiver: &str, count: usize) -> Vec<Got> {
        self.gets(receiver, count).await;
        let got = self.has(receiver);
        assert_eq!(got.len(), count, "{receiver} has {count} and no more");
        got
    }

    /// What all receivers have got so far.
    pub(crate) fn all(&self) -> &[Got] {
        &self.got
    }

    fn count(&self, receiver: &str) -> usize {
        let queue = queue(receiver);
        self.got.iter().filter(|got| got.queue == queue).count()
    }

    /// The one thing that a receiver has got.
    pub(crate) async fn got_one(&mut self, receiver: &str) -> Got {
        self.got(receiver, 1).await.remove(0)
    }

    /// How often something arrived.
    pub(crate) fn arrivals(&self, id: &str) -> usize {
        self.arrivals.get(id).copied().unwrap_or(0)
    }

    // The books.

    /// Waits until all that was sent is in the ledger.
    pub(crate) async fn taken(&self) {
        let what = format!("the ledger has all {} items", self.sent);
        wait::until(&what, async || (self.balance().await.received >= self.sent).then_some(())).await;
    }

    /// How many of the things that were got the ledger has as delivered. It knows all of them.
    async fn arrived(&self) -> i64 {
        let ids: Vec<_> = self.got.iter().filter_map(|got| DeliveryId::parse(&got.id)).collect();
        assert_eq!(ids.len(), self.got.len(), "what the hub sends has a delivery's id");
        let delivered = self.read(move |reader| {
            let mut delivered = 0;
            for id in ids {
                let known = reader.delivery(id)?.expect("the ledger knows what was got");
                delivered += i64::from(known.state == delivery::State::Delivered);
            }
            Ok(delivered)
        });
        delivered.await
    }

    /// Ends a test: waits until nothing is on its way, stops the hub in order, and compares the
    /// three books. All that was sent is in the ledger, once; all that the ledger says is delivered
    /// was got, once; nothing was got that it does not know; the chain holds.
    pub(crate) async fn finish(mut self) {
        self.taken().await;
        wait::until("nothing is on its way", async || {
            let balance = self.balance().await;
            (balance.deliveries.waiting == 0 && balance.replies.waiting == 0).then_some(())
        })
        .await;
        self.take().await;
        let sources: Vec<String> = self.adapters.names().map(topology::source_queue).collect();
        for queue in sources.iter().map(String::as_str).chain(EMPTIED) {
            wait::until(&format!("`{queue}` is empty"), async || {
                (self.wire.depth(queue).await == Some(0)).then_some(())
            })
            .await;
        }
        let arrived = self.arrived().await;
        self.stop().await;
        let verified = self.budstikke(&["verify", "--json"]).await;
        let report: Value = serde_json::from_slice(&verified.stdout).expect("`verify --json` writes JSON");
        assert!(verified.status.success(), "{report:#}");
        assert_eq!((&report["chain"], &report["balanced"]), (&json!("ok"), &json!(true)), "{report:#}");
        assert_eq!(report["received"], self.sent, "all that was sent, and nothing else: {report:#}");
        let delivered = |what: &str| report[what]["delivered"].as_i64().expect("a count");
        assert_eq!(delivered("deliveries") + delivered("replies"), arrived, "what is delivered was got: {report:#}");
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        assert!(self.hub.is_none() || std::thread::panicking(), "a test ends with `finish`");
    }
}
