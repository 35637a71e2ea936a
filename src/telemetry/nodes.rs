//! The broker's nodes, as its management interface tells of them: whether they run, see each other
//! and have room, and whether a policy changes one of our queues.
//!
//! What it says is not trusted: it is bounded, names are cut, and nothing of it but numbers, names of
//! nodes and names of policies goes on. Nothing waits for it, and where it is silent the nodes are unknown.

mod export;
mod read;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::health::{Health, Trouble};
use crate::clock::Clock;
use crate::web::{Endpoint, Fault, Request};
use export::Exported;
pub use read::{Cluster, Node, Shadowed};

/// How often it is asked.
const EVERY: Duration = Duration::from_secs(5);

/// How long all that is asked at once may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// How much of an answer is read, in bytes. A node takes some hundred, a queue too.
const MOST: usize = 2 * 1024 * 1024;

/// What is asked of each node: all of it would be kilobytes.
const OF_NODES: &str = "name,running,partitions,mem_alarm,disk_free_alarm,disk_free,disk_free_limit";

/// What is asked of each queue.
const OF_QUEUES: &str = "name,policy,operator_policy,effective_policy_definition";

/// What is known of the broker's nodes.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum View {
    /// Nobody has said where to ask.
    #[default]
    Unasked,
    /// The broker is a node of the hub's own, on the same machine and disk.
    Own,
    /// It was asked, and there was no answer.
    Silent(Trouble),
    /// What it said last.
    Seen(Cluster),
}

/// Keeps what was seen last.
#[derive(Debug, Default)]
pub(super) struct Kept(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    view: View,
    /// Since when a node was not as it should be when they were last seen: that nobody answers for a
    /// while does not mend it.
    ill_since: Option<Timestamp>,
    exported: Exported,
}

impl Kept {
    pub(super) fn get(&self) -> View {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).view.clone()
    }

    pub(super) fn own(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).view = View::Own;
    }

    /// A silence has one beginning, however often it is asked.
    fn keep(&self, seen: Result<Cluster, &'static str>, now: Timestamp) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = &mut *kept;
        kept.exported.show(seen.as_ref().ok());
        kept.view = match (seen, &kept.view) {
            (Ok(cluster), before) => {
                if matches!(before, View::Silent(_)) {
                    tracing::info!("the broker's management interface answers again");
                }
                let cluster = cluster.following(kept.ill_since, now);
                kept.ill_since = cluster.ill_since;
                View::Seen(cluster)
            }
            (Err(what), View::Silent(known)) => View::Silent(Trouble { since: known.since, what: what.to_owned() }),
            (Err(what), View::Unasked | View::Own | View::Seen(_)) => {
                tracing::warn!(what, "the broker's management interface does not answer; its nodes are unknown");
                View::Silent(Trouble { since: now, what: what.to_owned() })
            }
        };
    }
}

/// Asks a broker's management interface.
#[derive(Debug)]
pub struct Watch {
    /// Where it is.
    pub endpoint: Endpoint,
    /// The virtual host that our queues are in.
    pub vhost: String,
    /// Where what it says is shown.
    pub health: Health,
    /// The time.
    pub clock: Clock,
}

impl Watch {
    /// Asks until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        loop {
            let asked = tokio::time::timeout(PATIENCE, self.ask());
            let seen = tokio::select! {
                () = stop.cancelled() => return,
                seen = asked => seen.unwrap_or(Err("no answer came in time")),
            };
            self.health.nodes_kept().keep(seen, self.clock.now());
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }

    /// Asks once.
    pub async fn ask(&self) -> Result<Cluster, &'static str> {
        let nodes = self.get(Request::get().below("api").below("nodes").query("columns", OF_NODES)).await?;
        let queues = Request::get().below("api").below("queues").below(&self.vhost).query("columns", OF_QUEUES);
        let queues = self.get(queues).await?;
        Cluster::read(&nodes, &queues).ok_or("what it answered is not what RabbitMQ answers")
    }

    async fn get(&self, request: Request) -> Result<Value, &'static str> {
        let answer = self.endpoint.send(&request).await.map_err(words)?;
        match answer.status {
            200 => {}
            401 | 403 => {
                answer.let_go().await;
                return Err("the user may not see it: it needs the tag `monitoring` and a right in the virtual host");
            }
            _ => {
                answer.let_go().await;
                return Err("it answered with an error");
            }
        }
        let body = answer.body(MOST).await.map_err(words)?;
        // The parser's own fault quotes what it read.
        serde_json::from_slice(&body).map_err(|_quotes| "what it answered is no JSON")
    }
}

/// What is wrong, without what was sent or answered.
fn words(fault: Fault) -> &'static str {
    match fault {
        Fault::Unreachable => "it cannot be reached",
        Fault::Unanswered => "no answer came in time",
        Fault::Address => "its address may not be reached",
        Fault::Untrusted => "its certificate is not accepted",
        Fault::NoToken { .. } => "there is no password",
        Fault::TooLong => "its answer is too long",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silence_has_one_beginning_and_hides_what_was_seen_before() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let (first, then) = (at("2026-11-22T10:00:00Z"), at("2026-11-22T10:00:05Z"));
        let kept = Kept::default();
        assert_eq!(kept.get(), View::Unasked);
        kept.keep(Ok(Cluster::default()), first);
        assert_eq!(kept.get(), View::Seen(Cluster::default()));
        kept.keep(Err("one"), first);
        kept.keep(Err("two"), then);
        assert_eq!(kept.get(), View::Silent(Trouble { since: first, what: "two".to_owned() }));
    }

    #[test]
    fn an_illness_does_not_begin_anew_where_nobody_answered_meanwhile() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let with = |running| {
            let node =
                serde_json::json!([{ "name": "a", "running": running, "mem_alarm": false, "disk_free_alarm": false }]);
            Cluster::read(&node, &serde_json::json!([])).unwrap()
        };
        let kept = Kept::default();
        let since = |kept: &Kept| {
            let View::Seen(cluster) = kept.get() else { panic!("it is seen") };
            cluster.ill_since
        };
        kept.keep(Ok(with(false)), at(1));
        kept.keep(Err("silent"), at(2));
        kept.keep(Ok(with(false)), at(3));
        assert_eq!(since(&kept), Some(at(1)));
        kept.keep(Ok(with(true)), at(4));
        kept.keep(Err("silent"), at(5));
        kept.keep(Ok(with(false)), at(6));
        assert_eq!(since(&kept), Some(at(6)));
    }
}
