//! A ledger on a database server: the server goes away and comes back, another hub comes, the
//! connection is encrypted.

use budstikke_testkit::postgres::{Cluster, End};
use serde_json::Value;

use crate::authority::Authority;
use crate::node::Vhost;
use crate::post::{Post, XML, letters};
use crate::program::Program;
use crate::wait;

const MAILBOX: &str = "out.taarnby.genoptraening";

async fn send(post: &Post, series: char, count: usize) {
    for letter in letters(series, count) {
        post.send("rehab-plan", XML, &letter).await;
    }
}

fn is_well(health: &Value) -> bool {
    health["ready"] == true && health["ledger"] == "ok"
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_goes_away_is_waited_for_and_nothing_is_lost() {
    let mut cluster = Cluster::start(&[]).expect("a server");
    let vhost = Vhost::new();
    let program = Program::at(vhost.address()).set("LEDGER__URL", &cluster.url("postgres"));
    let hub = program.start().await;
    let post = Post::at(vhost.address()).await;
    send(&post, 'A', 50).await;
    post.take(MAILBOX, 50).await;

    cluster.end(End::AtOnce).expect("it ends");
    send(&post, 'B', 50).await;
    let silent = |health: &Value| health["ready"] == false && health["ledger"].as_str().is_some_and(|it| it != "ok");
    let health = hub.is("it says that its ledger is gone", silent).await;
    println!("without its server: {}", health["ledger"]);
    cluster.start_again().expect("it starts");
    post.take(MAILBOX, 50).await;
    hub.is("it is well again", is_well).await;

    // In the middle of the work, again and again.
    for series in ['C', 'D', 'E'] {
        send(&post, series, 100).await;
        cluster.end(if series == 'D' { End::Fast } else { End::AtOnce }).expect("it ends");
        cluster.start_again().expect("it starts");
        post.take(MAILBOX, 100).await;
    }
    hub.is("it is well again", is_well).await;
    assert!(!program.state().join("ledger.db").exists(), "nothing is kept in a file");
    hub.stop().await;
    let proof = program.proof().await;
    assert_eq!((proof["routed"].as_u64(), proof["parked"].as_u64()), (Some(400), Some(0)), "{proof}");
}

/// Nobody is told anything by a server that has stopped in the middle of something, not even that it has.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_freezes_is_given_up_and_comes_back() {
    let cluster = Cluster::start(&[]).expect("a server");
    let vhost = Vhost::new();
    let program = Program::at(vhost.address()).set("LEDGER__URL", &cluster.url("postgres"));
    let hub = program.start().await;
    let post = Post::at(vhost.address()).await;
    send(&post, 'A', 20).await;
    post.take(MAILBOX, 20).await;
    cluster.freeze().expect("it freezes");
    send(&post, 'B', 20).await;
    hub.is("it says that its ledger does not answer", |health| health["ledger"] != "ok").await;
    cluster.thaw().expect("it goes on");
    post.take(MAILBOX, 20).await;
    hub.is("it is well again", is_well).await;
    hub.stop().await;
    let proof = program.proof().await;
    assert_eq!((proof["routed"].as_u64(), proof["received"].as_u64()), (Some(40), Some(40)), "{proof}");
}

/// Two machines, one database: one hub works, and the other one takes over when the first is gone.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_hub_on_one_database_is_refused_until_the_first_is_gone() {
    let cluster = Cluster::start(&[]).expect("a server");
    let vhost = Vhost::new();
    let first = Program::at(vhost.address()).set("LEDGER__URL", &cluster.url("postgres"));
    let key = first.state().join("ledger.key").display().to_string();
    let second =
        Program::at(vhost.address()).set("LEDGER__URL", &cluster.url("postgres")).set("LEDGER__KEY_FILE", &key);
    let hub = first.start().await;
    let post = Post::at(vhost.address()).await;
    send(&post, 'A', 20).await;
    post.take(MAILBOX, 20).await;
    let refused = second.say(&["run"]).await;
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.err.contains("another hub works on this ledger"), "{refused:?}");
    let status = first.say(&["status", "--json"]).await;
    assert_eq!((status.code, &status.json()["running"]), (Some(0), &Value::Bool(true)), "{status:?}");

    // Without the key it was written with, nobody makes anything of it, or a key of their own for it.
    let stranger = Program::at(vhost.address()).set("LEDGER__URL", &cluster.url("postgres"));
    let keyless = stranger.say(&["run"]).await;
    assert_eq!(keyless.code, Some(1), "{keyless:?}");
    assert!(!stranger.state().join("ledger.key").exists(), "no other key is made: {keyless:?}");

    send(&post, 'B', 20).await;
    hub.kill().await;
    let hub = second.start().await;
    post.take(MAILBOX, 20).await;
    hub.stop().await;
    let proof = second.proof().await;
    assert_eq!((proof["routed"].as_u64(), proof["received"].as_u64()), (Some(40), Some(40)), "{proof}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_known_by_its_certificate() {
    let (ours, other) = (Authority::new("ours"), Authority::new("other"));
    let mut cluster = Cluster::make(&["ssl=on", "ssl_min_protocol_version=TLSv1.3"]).expect("a server");
    for (name, place) in [("broker.pem", "data/server.crt"), ("broker-key.pem", "data/server.key")] {
        cluster.give(&ours.file(name), place).expect("a file");
    }
    cluster.start_again().expect("it starts");
    let vhost = Vhost::new();
    let by = |authority: &Authority| {
        let ca = authority.file("authority.pem").display().to_string();
        Program::at(vhost.address()).set("LEDGER__URL", &cluster.url("postgres")).set("LEDGER__CA_FILE", &ca)
    };
    let refused = by(&other).say(&["run"]).await;
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.err.contains("certificate"), "{refused:?}");

    let program = by(&ours);
    let hub = program.start().await;
    let post = Post::at(vhost.address()).await;
    send(&post, 'A', 20).await;
    post.take(MAILBOX, 20).await;
    hub.stop().await;
    program.proof().await;

    // It is not enough that nothing is said aloud: a server that does not encrypt is not spoken to.
    let bare = Cluster::start(&[]).expect("a server");
    let refused = by(&ours).set("LEDGER__URL", &bare.url("postgres")).say(&["run"]).await;
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.err.contains("TLS"), "{refused:?}");
}

/// What people ask of a ledger, beside the hub and without it.
#[tokio::test(flavor = "multi_thread")]
async fn every_command_finds_the_ledger_on_its_server() {
    let cluster = Cluster::start(&[]).expect("a server");
    let vhost = Vhost::new();
    let program = Program::at(vhost.address()).set("LEDGER__URL", &cluster.url("postgres"));
    let hub = program.start().await;
    let post = Post::at(vhost.address()).await;
    send(&post, 'A', 3).await;
    post.send("rehab-plan", XML, b"<no letter>").await;
    post.take(MAILBOX, 3).await;
    let list = wait::until("something is parked", async || {
        let list = program.say(&["parked", "list", "--json"]).await.json();
        (list.as_array()?.len() == 1).then_some(list)
    })
    .await;
    let id = list[0]["id"].as_str().expect("an id").to_owned();
    let good = async |arguments: &[&str]| {
        let said = program.say(arguments).await;
        assert_eq!(said.code, Some(0), "{arguments:?}: {said:?}");
        said.out
    };
    // A look is written down beside the hub.
    let shown = good(&["parked", "show", &id, "--content", "--purpose", "fejlsøgning"]).await;
    assert!(shown.contains("<no letter>"), "{shown}");
    good(&["trace", "KA000001"]).await;
    good(&["duties", "--json"]).await;
    good(&["status", "--json"]).await;
    good(&["verify", "--json"]).await;
    hub.stop().await;
    let discarded = good(&["parked", "discard", &id, "--reason", "ikke et brev"]).await;
    assert!(discarded.contains("discarded"), "{discarded}");
    let proof = program.proof().await;
    assert_eq!((proof["routed"].as_u64(), proof["discarded"].as_u64()), (Some(3), Some(1)), "{proof}");
}

/// Its machine is gone for good, and another one has all that was committed.
#[tokio::test(flavor = "multi_thread")]
async fn a_standby_takes_over_and_has_everything() {
    let mut primary = Cluster::start(&["synchronous_standby_names=*"]).expect("a server");
    let standby = primary.standby(&[]).expect("a standby");
    let both = primary.url("postgres").replace("/postgres", &format!(",127.0.0.1:{}/postgres", standby.port()));
    let vhost = Vhost::new();
    let program = Program::at(vhost.address()).set("LEDGER__URL", &format!("{both}?target_session_attrs=read-write"));
    let hub = program.start().await;
    let post = Post::at(vhost.address()).await;
    send(&post, 'A', 50).await;
    post.take(MAILBOX, 50).await;
    primary.end(End::AtOnce).expect("it ends");
    send(&post, 'B', 50).await;
    hub.is("it says that nobody takes writes", |health| health["ledger"] != "ok").await;
    standby.promote().expect("it takes writes");
    post.take(MAILBOX, 50).await;
    hub.is("it is well again", is_well).await;
    hub.stop().await;
    let proof = program.proof().await;
    assert_eq!((proof["routed"].as_u64(), proof["received"].as_u64()), (Some(100), Some(100)), "{proof}");
}
