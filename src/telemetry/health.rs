//! How the hub is doing, as one value: what `/health/ready`, `status` and the metrics show.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::chain;
use super::nodes::{Kept, View};
use super::room::Room;
use crate::broker::State;
use crate::clock::Clock;
use crate::ledger::balance::{Balance, Sent};
use crate::ledger::{Error, Ledger};

/// How often the balance is looked at.
const EVERY: Duration = Duration::from_secs(1);

/// Who writes for people, in [`Health::ledger`]: whether they try again is up to them.
pub const PEOPLE: &str = "people";

/// How the parts of a hub are doing. Clones show the same.
#[derive(Debug, Clone)]
pub struct Health {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    broker: watch::Receiver<State>,
    /// Brokers of others' that the hub takes from, by source.
    foreign: Mutex<Vec<(&'static str, watch::Receiver<State>)>>,
    /// What has last failed with the ledger, by who tries it again.
    ledger: Mutex<BTreeMap<String, Trouble>>,
    balance: Mutex<Option<Balance>>,
    services: Mutex<BTreeMap<String, Option<Trouble>>>,
    /// By mailbox and channel.
    broken: Mutex<BTreeMap<(String, &'static str), Trouble>>,
    nodes: Kept,
    room: Mutex<Option<Room>>,
    clock: Clock,
}

/// Something that does not work, and since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trouble {
    /// Since when.
    pub since: Timestamp,
    /// What.
    pub what: String,
}

/// What is shown.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Whether messages are taken and sent.
    pub ready: bool,
    /// `up`, or what is wrong with the broker.
    pub broker: String,
    /// The brokers of others' that the hub takes from, by source. None of them keeps it from being
    /// ready.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub foreign: Vec<(String, String)>,
    /// `ok`, or what is wrong with the ledger.
    pub ledger: String,
    /// The balance; `null` until it has been looked at.
    pub balance: Option<Balance>,
    /// Whether everything is accounted for.
    pub balanced: bool,
    /// The services that the hub asks: whether each answers.
    pub services: BTreeMap<String, String>,
    /// The ways to receivers that are broken and need a person, as `dragoer/ydelse by http`, with
    /// the code. What goes by them waits.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub broken: BTreeMap<String, String>,
    /// The broker's nodes, as its management interface tells of them.
    pub nodes: View,
    /// How much room the ledger has; `null` until it has been looked at.
    pub room: Option<Room>,
}

impl Health {
    /// A hub whose broker shows `broker`.
    pub fn new(broker: watch::Receiver<State>, clock: Clock) -> Self {
        let inner = Inner {
            broker,
            foreign: Mutex::default(),
            ledger: Mutex::default(),
            balance: Mutex::default(),
            services: Mutex::default(),
            broken: Mutex::default(),
            nodes: Kept::default(),
            room: Mutex::default(),
            clock,
        };
        Self { inner: Arc::new(inner) }
    }

    /// Notes how a piece of work with the ledger ended. What `who` could not write is over when
    /// `who` could: that somebody else has found room for something small says nothing about it.
    pub fn ledger<T>(&self, who: &str, outcome: &Result<T, Error>) {
        let mut troubles = self.inner.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        match outcome {
            Err(error) if error.is_passing() => {
                let what = chain(error);
                let known = troubles.get(who);
                if known.is_none_or(|known| known.what != what) {
                    tracing::error!(who, error = %what, "the ledger cannot be written; nothing is taken until it can");
                }
                let since = known.map_or_else(|| self.inner.clock.now(), |known| known.since);
                troubles.insert(who.to_owned(), Trouble { since, what });
            }
            Ok(_) | Err(_) => {
                if let Some(over) = troubles.remove(who) {
                    tracing::info!(who, since = %over.since, "the ledger can be written again");
                }
            }
        }
        metrics::gauge!("budstikke_ledger_writable").set(if troubles.is_empty() { 1.0 } else { 0.0 });
    }

    /// Whether the ledger could not be written lately: what has lasted longest.
    pub fn ledger_trouble(&self) -> Option<Trouble> {
        let troubles = self.inner.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        troubles.values().min_by_key(|trouble| trouble.since).cloned()
    }

    /// Finds out for those who do not try again by themselves when the ledger can be written.
    async fn probe(&self, ledger: &Ledger) {
        let failed = self.inner.ledger.lock().unwrap_or_else(PoisonError::into_inner).contains_key(PEOPLE);
        if failed {
            self.ledger(PEOPLE, &ledger.write(|tx| tx.probe()).await);
        }
    }

    /// Notes whether a service that the hub asks answers, and with what it is in trouble.
    pub fn service(&self, name: &str, trouble: Option<&'static str>) {
        let mut services = self.inner.services.lock().unwrap_or_else(PoisonError::into_inner);
        let known = services.entry(name.to_owned()).or_default();
        let since = known.as_ref().map_or_else(|| self.inner.clock.now(), |known| known.since);
        *known = trouble.map(|what| Trouble { since, what: what.to_owned() });
    }

    /// How the broker is doing.
    pub fn broker(&self) -> State {
        self.inner.broker.borrow().clone()
    }

    /// How the brokers of others' are doing that the hub takes from, by source.
    pub fn foreign(&self) -> Vec<(String, State)> {
        let foreign = self.inner.foreign.lock().unwrap_or_else(PoisonError::into_inner);
        foreign.iter().map(|(source, state)| ((*source).to_owned(), state.borrow().clone())).collect()
    }

    /// The services that the hub asks, each with what is wrong with it.
    pub fn services(&self) -> BTreeMap<String, Option<Trouble>> {
        self.inner.services.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn shown_services(&self) -> BTreeMap<String, String> {
        let shown = |trouble: &Option<Trouble>| match trouble {
            Some(trouble) => format!("does not answer since {}: {}", trouble.since, trouble.what),
            None => "answers".to_owned(),
        };
        self.services().iter().map(|(name, trouble)| (name.clone(), shown(trouble))).collect()
    }

    /// Notes whether a way to a mailbox is broken, and what it is; `None` when something got there.
    pub fn way(&self, mailbox: &str, channel: &'static str, broken: Option<&str>) {
        let mut ways = self.inner.broken.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (mailbox.to_owned(), channel);
        let gauge = || metrics::gauge!("budstikke_way_broken", "mailbox" => mailbox.to_owned(), "channel" => channel);
        match broken {
            Some(what) => {
                let since = ways.get(&key).map_or_else(|| self.inner.clock.now(), |known| known.since);
                ways.insert(key, Trouble { since, what: what.to_owned() });
                gauge().set(1.0);
            }
            None if ways.remove(&key).is_some() => gauge().set(0.0),
            None => {}
        }
    }

    /// The ways to mailboxes, by mailbox and channel, that somebody must mend.
    pub fn broken_ways(&self) -> BTreeMap<(String, &'static str), Trouble> {
        self.inner.broken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn shown_ways(&self) -> BTreeMap<String, String> {
        let shown = |((mailbox, channel), trouble): ((String, &str), Trouble)| {
            (format!("{mailbox} by {channel}"), format!("since {}: {}", trouble.since, trouble.what))
        };
        self.broken_ways().into_iter().map(shown).collect()
    }

    /// What is known of the broker's nodes.
    pub fn nodes(&self) -> View {
        self.inner.nodes.get()
    }

    /// Says that the broker is a node of the hub's own.
    pub fn node_is_own(&self) {
        self.inner.nodes.own();
    }

    pub(super) fn nodes_kept(&self) -> &Kept {
        &self.inner.nodes
    }

    /// How much room the ledger has.
    pub fn room(&self) -> Option<Room> {
        *self.inner.room.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn has_room(&self, room: Option<Room>) {
        *self.inner.room.lock().unwrap_or_else(PoisonError::into_inner) = room;
    }

    /// Shows somebody else's broker too.
    pub fn also(&self, source: &'static str, state: watch::Receiver<State>) {
        self.inner.foreign.lock().unwrap_or_else(PoisonError::into_inner).push((source, state));
    }

    /// How everything is doing.
    pub fn report(&self) -> Report {
        let broker = shown(&self.inner.broker.borrow());
        let foreign = self.foreign().into_iter().map(|(source, state)| (source, shown(&state))).collect();
        let ledger =
            self.ledger_trouble().map_or_else(|| "ok".to_owned(), |it| format!("since {}: {}", it.since, it.what));
        let balance = self.inner.balance.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let balanced = balance.as_ref().is_none_or(Balance::balanced);
        // What needs an answer waits; everything else goes on.
        let (services, broken) = (self.shown_services(), self.shown_ways());
        let ready = broker == "up" && ledger == "ok";
        Report {
            ready,
            broker,
            foreign,
            ledger,
            balance,
            balanced,
            services,
            broken,
            nodes: self.nodes(),
            room: self.room(),
        }
    }

    /// Looks at the balance until `stop`, and says loudly when something is not accounted for.
    pub async fn watch(self, ledger: Ledger, stop: CancellationToken) {
        let mut was_balanced = true;
        loop {
            self.probe(&ledger).await;
            show_broker(&self.broker());
            if let Ok(balance) = ledger.read(|reader| reader.balance()).await {
                let balanced = balance.balanced();
                if was_balanced && !balanced {
                    tracing::error!(?balance, "the books do not balance: run `budstikke verify`");
                }
                was_balanced = balanced;
                show(&balance);
                if let Ok(wishes) = ledger.read(|reader| reader.open_wishes()).await {
                    show_wishes(&wishes);
                }
                *self.inner.balance.lock().unwrap_or_else(PoisonError::into_inner) = Some(balance);
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }
}

/// Exports how the broker is doing.
fn show_broker(state: &State) {
    let (up, blocked) = match state {
        State::Up => (1.0, 0.0),
        State::Blocked { .. } => (1.0, 1.0),
        State::Down { .. } => (0.0, 0.0),
    };
    metrics::gauge!("budstikke_broker_up").set(up);
    metrics::gauge!("budstikke_broker_blocked").set(blocked);
}

/// Exports how much waits for which service.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn show_wishes(wishes: &BTreeMap<String, i64>) {
    for (service, count) in wishes {
        metrics::gauge!("budstikke_wishes", "service" => service.clone()).set(*count as f64);
    }
}

/// How a broker is doing, in words.
fn shown(state: &State) -> String {
    match state {
        State::Up => "up".to_owned(),
        State::Down { since, reason } => format!("down since {since}: {reason}"),
        State::Blocked { since, reason } => format!("takes nothing from us since {since}: {reason}"),
    }
}

/// Exports the balance.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn show(balance: &Balance) {
    let items = [
        ("received", balance.received),
        ("routed", balance.routed),
        ("recorded", balance.recorded),
        ("duplicate", balance.duplicate),
        ("waiting", balance.waiting),
        ("parked", balance.parked),
        ("discarded", balance.discarded),
    ];
    for (state, count) in items {
        metrics::gauge!("budstikke_items", "state" => state).set(count as f64);
    }
    for (what, sent) in [("delivery", balance.deliveries), ("reply", balance.replies)] {
        let Sent { total, delivered, waiting, parked, discarded } = sent;
        let states = [
            ("total", total),
            ("delivered", delivered),
            ("waiting", waiting),
            ("parked", parked),
            ("discarded", discarded),
        ];
        for (state, count) in states {
            metrics::gauge!("budstikke_deliveries", "what" => what, "state" => state).set(count as f64);
        }
    }
    metrics::gauge!("budstikke_balanced").set(if balance.balanced() { 1.0 } else { 0.0 });
}
