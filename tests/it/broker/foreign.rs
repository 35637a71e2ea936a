//! Somebody else's broker, from which the hub only takes.

use std::sync::Arc;

use budstikke::broker::{Broker, Error, Settings, State, Whose};
use budstikke::clock::Clock;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::handler::Keep;
use crate::hub::consume;
use crate::node::{Vhost, settings};
use crate::raw_lapin::{channel, confirmed, declare, depth, quorum};
use crate::{scripted_broker, wait};

const QUEUE: &str = "6fb927da-3be1-4b9f-8875-a6326617d20b";

/// What takes from it.
pub(super) struct Taking {
    state: watch::Receiver<State>,
    stop: CancellationToken,
    work: JoinSet<Result<(), Error>>,
}

impl Taking {
    pub(super) fn start(settings: Settings, queue: &str, keep: &Arc<Keep>) -> Self {
        let stop = CancellationToken::new();
        let settings = Settings { prefetch: 1, watchdog: None, ..settings };
        let (state, work) = Broker::taking(settings, consume(queue, keep), Clock::system(), stop.clone());
        let mut running = JoinSet::new();
        running.spawn(work);
        Self { state, stop, work: running }
    }

    pub(super) async fn down_because(&mut self, why: &str) {
        let because = |state: &State| matches!(state, State::Down { reason, .. } if reason.contains(why));
        let came = wait::soon(why, self.state.wait_for(because)).await;
        came.expect("it is still at work");
    }

    pub(super) async fn stop(mut self) {
        self.stop.cancel();
        let ended = wait::soon("it stops", self.work.join_next()).await;
        ended.expect("it runs").expect("it does not panic").expect("it stops in order");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_logs_in_with_what_the_token_file_holds_at_that_moment() {
    let (address, mut logins, _serving) = scripted_broker::refusing_logins().await;
    let file = tempfile::NamedTempFile::new().expect("a file");
    let write = |text: &str| std::fs::write(file.path(), text).expect("a file");
    write("<saml:Assertion>one</saml:Assertion>\n");
    let settings = Settings { token: Some(file.path().to_owned()), ..settings(&address) };
    let taking = Taking::start(settings, QUEUE, &Keep::open());
    let mut login = async || wait::soon("it logs in", logins.recv()).await.expect("a login");
    assert_eq!(login().await, ("EXTERNAL".to_owned(), "<saml:Assertion>one</saml:Assertion>".to_owned()));
    write("<saml:Assertion>two</saml:Assertion>");
    let renewed = async || (login().await.1 == "<saml:Assertion>two</saml:Assertion>").then_some(());
    wait::until("it logs in with the new one", renewed).await;
    taking.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_it_waits_for_one_and_the_hub_runs_on() {
    let (address, mut logins, _serving) = scripted_broker::refusing_logins().await;
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("saml.xml");
    let settings = Settings { token: Some(file.clone()), ..settings(&address) };
    let mut taking = Taking::start(settings, QUEUE, &Keep::open());
    taking.down_because("token file").await;
    std::fs::write(&file, " \n").expect("a file");
    taking.down_because("token file").await;
    std::fs::write(&file, "an assertion").expect("a file");
    let login = wait::soon("it logs in", logins.recv()).await.expect("a login");
    assert_eq!(login.1, "an assertion");
    taking.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_takes_one_at_a_time_acknowledges_each_and_declares_nothing() {
    let vhost = Vhost::new();
    let keep = Keep::open();
    let mut taking = Taking::start(vhost.settings(), QUEUE, &keep);
    // The queue is not there yet; that is not for the hub to mend.
    taking.down_because("not found").await;
    let ours = channel(vhost.address()).await;
    declare(&ours, QUEUE, quorum(None)).await;
    for id in ["one", "two", "three"] {
        confirmed(&ours, QUEUE, id).await.expect("a confirm");
    }
    keep.has(3).await;
    assert_eq!(keep.batches().await, [1, 1, 1]);
    let acknowledged = async || (depth(&ours, QUEUE).await == 0).then_some(());
    wait::until("all are acknowledged", acknowledged).await;
    assert!(vhost.management.queue(&vhost.name, "budstikke.dead").is_none());
    let only_consumes = vhost.management.connections(&vhost.name);
    assert!(only_consumes.iter().all(|name| !name.contains("publish")), "{only_consumes:?}");
    taking.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_kept_stays_there() {
    let vhost = Vhost::new();
    let ours = channel(vhost.address()).await;
    declare(&ours, QUEUE, quorum(None)).await;
    confirmed(&ours, QUEUE, "one").await.expect("a confirm");
    let keep = Keep::open();
    keep.leave(true);
    let taking = Taking::start(vhost.settings(), QUEUE, &keep);
    wait::until("it is left", async || (keep.left() > 0).then_some(())).await;
    keep.leave(false);
    keep.has(1).await;
    taking.stop().await;
    assert_eq!(vhost.settings().whose, Whose::Ours, "unless it is said");
}
