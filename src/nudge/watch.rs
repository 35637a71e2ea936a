//! The loop for one way of telling one team: what is new is looked for, told, and kept as told. What
//! cannot be told is tried again, later each time; what comes meanwhile goes with it.

use std::sync::Arc;
use std::time::Duration;

use budstikke_contract::event::danish_day;
use bytes::Bytes;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::mail::{Address, Mail, Server};
use super::plan::{self, Counts, Hours};
use super::words::{self, About};
use crate::clock::Clock;
use crate::ledger::Ledger;
use crate::retry::{Policy, Waits};
use crate::telemetry::health::Health;
use crate::web::{Endpoint, Request};

/// How often it is looked whether there is something to tell.
const EVERY: Duration = Duration::from_secs(15);

/// How long somebody who is just being told may take when all stops. Who does not answer by then is told
/// again after the next start: a repeat can be known.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// How long to wait after it could not be told.
const WAITS: Policy = Policy::new(Duration::from_secs(30), Duration::from_hours(1));

/// What mail is called in the ledger.
pub const MAIL: &str = "mail";

/// What a webhook is called there.
pub const WEBHOOK: &str = "webhook";

/// A way of telling.
#[derive(Debug)]
pub enum Way {
    /// By mail, to these.
    Mail(Arc<Server>, Vec<Address>),
    /// By a POST to somebody.
    Webhook(Box<Endpoint>),
}

impl Way {
    /// Its name in the ledger.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Mail(..) => MAIL,
            Self::Webhook(_) => WEBHOOK,
        }
    }

    /// What is in trouble when it fails, for people.
    fn service(&self, about: &About) -> String {
        match self {
            Self::Mail(..) => format!("Mailserveren (besked til {})", about.id),
            Self::Webhook(_) => format!("Webhook for {}", about.id),
        }
    }

    async fn tell(&self, about: &About, counts: Counts, now: Timestamp) -> Result<(), &'static str> {
        let key = words::key(about, counts, danish_day(now));
        match self {
            Self::Mail(server, to) => {
                let mail = Mail { key, subject: words::subject(about, counts), text: words::text(about, counts) };
                server.send(to, &mail).await.map_err(super::mail::Fault::what)
            }
            Self::Webhook(endpoint) => {
                let body = Bytes::from(words::body(about, counts).to_string());
                let request = Request::post("application/json", body).header("Idempotency-Key", &key);
                let answer = endpoint.send(&request).await.map_err(|_fault| "no answer that can be used")?;
                let status = answer.status;
                answer.let_go().await;
                if (200..300).contains(&status) { Ok(()) } else { Err("it answers with a fault") }
            }
        }
    }
}

/// One way of telling one team.
#[derive(Debug)]
pub struct Watch {
    /// The ledger.
    pub ledger: Ledger,
    /// The time.
    pub clock: Clock,
    /// How the hub is doing.
    pub health: Health,
    /// The mailbox.
    pub about: About,
    /// How its team is told.
    pub way: Way,
    /// At most this often.
    pub every: Duration,
    /// When.
    pub hours: Hours,
}

impl Watch {
    /// Watches until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let mut waits = WAITS.waits();
        loop {
            let enough = async {
                stop.cancelled().await;
                tokio::time::sleep(LAST_WORDS).await;
            };
            let wait = tokio::select! {
                wait = self.step(&mut waits) => wait,
                () = enough => return,
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// Tells what there is to tell; answers how long to wait before the next look.
    pub(super) async fn step(&self, waits: &mut Waits) -> Duration {
        let now = self.clock.now();
        // What is to be told is not looked for while nobody may be told of it.
        if !self.hours.are(now) {
            return EVERY.min(self.every);
        }
        let (id, way, today) = (self.about.id.clone(), self.way.name(), danish_day(now));
        let read = self.ledger.read(move |reader| reader.to_tell(&id, way, today)).await;
        // What ails the ledger is said by those who write more.
        let Ok((counts, told)) = read else { return EVERY };
        if !plan::is_due(counts, told, (self.every, self.hours), now) {
            return EVERY.min(self.every);
        }
        let service = self.way.service(&self.about);
        if let Err(what) = self.way.tell(&self.about, counts, now).await {
            self.health.service(&service, Some(what));
            tracing::warn!(mailbox = self.about.id, way, what, "a team could not be told; it is tried again");
            metrics::counter!("budstikke_notices_total", "way" => way, "outcome" => "failed").increment(1);
            return waits.next_wait();
        }
        waits.reset();
        self.health.service(&service, None);
        metrics::counter!("budstikke_notices_total", "way" => way, "outcome" => "told").increment(1);
        let id = self.about.id.clone();
        let told = self.ledger.write(move |tx| tx.told(&id, way, counts, today)).await;
        self.health.ledger("notices", &told);
        match told {
            Ok(()) => EVERY.min(self.every),
            // It may be told again: better that than not at all, but not all the time.
            Err(_unwritten) => waits.next_wait(),
        }
    }
}
