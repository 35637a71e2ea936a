//! A trial: a source and receivers at work, for as long as something is done to the hub.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use serde_json::Value;
use tokio::task::JoinSet;

use super::books::Books;
use super::chance::Chance;
use super::letter::Letter;
use super::receiver::receive;
use super::source::Source;
use crate::chaos_proxy::ChaosProxy;
use crate::node::Vhost;
use crate::program::{Program, Running};
use crate::wait;

/// Letters in a case.
const IN_CASE: usize = 5;

/// A source and receivers at work.
#[derive(Debug)]
pub(crate) struct Trial {
    name: String,
    letters: usize,
    pub(crate) books: Arc<Books>,
    source: JoinSet<()>,
    receivers: JoinSet<()>,
}

impl Trial {
    /// Begins to send so many letters through the hub on the broker of `vhost`. No two trials on
    /// one hub have the same round.
    pub(crate) async fn begin(what: &str, vhost: &Vhost, round: usize, letters: usize, chance: &mut Chance) -> Self {
        let lead = 50 + chance.below(700);
        Self::with_lead(lead, what, vhost, round, letters, chance).await
    }

    /// The same, and the source is never further ahead of the receivers than `lead`.
    pub(crate) async fn with_lead(
        lead: usize,
        what: &str,
        vhost: &Vhost,
        round: usize,
        letters: usize,
        chance: &mut Chance,
    ) -> Self {
        let books = Arc::new(Books::new(round));
        let case =
            |case: usize| -> VecDeque<Letter> { (0..IN_CASE).map(|number| Letter { round, case, number }).collect() };
        let cases: Vec<_> = (0..letters / IN_CASE).map(case).collect();
        let (mut source, mut receivers) = (JoinSet::new(), JoinSet::new());
        source.spawn(Source::new(vhost.address(), &books, chance.branch(), cases, lead).run());
        let proxy = ChaosProxy::to(vhost.port()).await;
        let address = vhost.address_by(proxy.port());
        receivers.spawn(receive(proxy, address, Arc::clone(&books), chance.branch()));
        Self { name: format!("{what} {round}"), letters: letters / IN_CASE * IN_CASE, books, source, receivers }
    }

    /// How many deliveries its letters make.
    pub(crate) fn deliveries(&self) -> usize {
        let cases = self.letters / IN_CASE;
        (0..cases).map(|case| Letter { round: 0, case, number: 0 }.mailboxes().len() * IN_CASE).sum()
    }

    /// Waits until everything is where it belongs and the hub has nothing more to do, and looks at
    /// the books.
    pub(crate) async fn end(mut self, program: &Program, hub: &Running) {
        let sent = wait::soon("the source has sent everything", self.source.join_next()).await;
        sent.expect("a source").expect("it does not panic");
        let missing = self.only_suspects_are_missing(hub).await;
        self.books.are_late(&missing);
        let suspects = resend(program).await;
        let complete = async || self.books.missing().is_empty().then_some(());
        wait::until("everything arrives and is answered", complete).await;
        hub.is("the hub has nothing more to send", is_idle).await;
        assert!(self.receivers.try_join_next().is_none(), "the receivers are at work");
        self.receivers.shutdown().await;
        println!("{}: {} letters were taken for poison, and sent on by a person", self.name, suspects);
        self.books.counters().are_good(&self.name, self.letters);
    }

    /// Waits until nothing is missing but what is parked. A hub that was killed again and again
    /// while it had just begun a letter takes that letter for the cause, however innocent it is.
    async fn only_suspects_are_missing(&self, hub: &Running) -> BTreeSet<Letter> {
        wait::until("what is not parked arrives and is answered", async || {
            let missing = self.books.missing();
            let parked = hub.health().await["balance"]["parked"].as_u64()?;
            // There may be more parked than missing: one that was kept and not acknowledged comes
            // again, and can then be taken for poison.
            (u64::try_from(missing.len()).ok()? <= parked).then_some(missing)
        })
        .await
    }
}

/// Does what the runbook says of `POISON` where the hub was killed from outside. How many there were.
async fn resend(program: &Program) -> usize {
    let parked = program.say(&["parked", "list", "--json"]).await.json();
    let parked = parked.as_array().expect("a list");
    for item in parked {
        assert_eq!(item["code"], "POISON", "{item}");
        let resent = program.say(&["parked", "resend", item["id"].as_str().expect("an id")]).await;
        assert_eq!(resent.code, Some(0), "{resent:?}");
    }
    parked.len()
}

/// Whether nothing waits. A look is at most a second old.
pub(crate) fn is_idle(health: &Value) -> bool {
    let waiting = |of: &str| health["balance"][of]["waiting"].as_u64();
    waiting("deliveries") == Some(0) && waiting("replies") == Some(0)
}
