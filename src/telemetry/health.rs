//! How the hub is doing, as one value: what `/health/ready`, `status` and the metrics show.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::chain;
use crate::broker::State;
use crate::clock::Clock;
use crate::ledger::balance::{Balance, Sent};
use crate::ledger::{Error, Ledger};

/// How often the balance is looked at.
const EVERY: Duration = Duration::from_secs(1);

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
    ledger: Mutex<Option<Trouble>>,
    balance: Mutex<Option<Balance>>,
    clock: Clock,
}

/// Something that does not work, and since when.
#[derive(Debug, Clone, Serialize)]
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
    pub foreign: Vec<(&'static str, String)>,
    /// `ok`, or what is wrong with the ledger.
    pub ledger: String,
    /// The balance; `null` until it has been looked at.
    pub balance: Option<Balance>,
    /// Whether everything is accounted for.
    pub balanced: bool,
}

impl Health {
    /// A hub whose broker shows `broker`.
    pub fn new(broker: watch::Receiver<State>, clock: Clock) -> Self {
        let inner =
            Inner { broker, foreign: Mutex::default(), ledger: Mutex::default(), balance: Mutex::default(), clock };
        Self { inner: Arc::new(inner) }
    }

    /// Notes how a piece of work with the ledger ended.
    pub fn ledger<T>(&self, outcome: &Result<T, Error>) {
        let mut trouble = self.inner.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        match outcome {
            Err(error) if error.is_passing() => {
                let what = chain(error);
                if trouble.as_ref().is_none_or(|known| known.what != what) {
                    tracing::error!(error = %what, "the ledger cannot be written; nothing is taken until it can");
                }
                let since = trouble.as_ref().map_or_else(|| self.inner.clock.now(), |known| known.since);
                *trouble = Some(Trouble { since, what });
            }
            Ok(_) | Err(_) => {
                if let Some(over) = trouble.take() {
                    tracing::info!(since = %over.since, "the ledger can be written again");
                }
            }
        }
        metrics::gauge!("budstikke_ledger_writable").set(if trouble.is_none() { 1.0 } else { 0.0 });
    }

    /// Whether the ledger could not be written lately.
    fn ledger_trouble(&self) -> Option<Trouble> {
        self.inner.ledger.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Shows somebody else's broker too.
    pub fn also(&self, source: &'static str, state: watch::Receiver<State>) {
        self.inner.foreign.lock().unwrap_or_else(PoisonError::into_inner).push((source, state));
    }

    /// How everything is doing.
    pub fn report(&self) -> Report {
        let broker = shown(&self.inner.broker.borrow());
        let foreign = self.inner.foreign.lock().unwrap_or_else(PoisonError::into_inner);
        let foreign = foreign.iter().map(|(source, state)| (*source, shown(&state.borrow()))).collect();
        let ledger =
            self.ledger_trouble().map_or_else(|| "ok".to_owned(), |it| format!("since {}: {}", it.since, it.what));
        let balance = self.inner.balance.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let balanced = balance.as_ref().is_none_or(Balance::balanced);
        Report { ready: broker == "up" && ledger == "ok", broker, foreign, ledger, balance, balanced }
    }

    /// Looks at the balance until `stop`, and says loudly when something is not accounted for.
    pub async fn watch(self, ledger: Ledger, stop: CancellationToken) {
        let mut was_balanced = true;
        loop {
            if self.ledger_trouble().is_some() {
                // Nobody else may be writing; find out when there is room again.
                let probe = ledger.write(|tx| tx.probe()).await;
                self.ledger(&probe);
            }
            if let Ok(balance) = ledger.read(|reader| reader.balance()).await {
                let balanced = balance.balanced();
                if was_balanced && !balanced {
                    tracing::error!(?balance, "the books do not balance: run `budstikke verify`");
                }
                was_balanced = balanced;
                show(&balance);
                *self.inner.balance.lock().unwrap_or_else(PoisonError::into_inner) = Some(balance);
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
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
