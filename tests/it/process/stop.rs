//! Starting and stopping.

use std::os::unix::fs::PermissionsExt;

use rustix::process::Signal;
use serde_json::Value;

use crate::chaos_proxy::{ChaosProxy, Way};
use crate::node::{Vhost, send};
use crate::post::{Post, XML, letters};
use crate::program::Program;
use crate::wait;

const MAILBOX: &str = "out.taarnby.genoptraening";

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_that_is_told_to_stop_finishes_what_it_has_in_hand() {
    const LETTERS: usize = 400;
    let vhost = Vhost::new();
    let program = Program::at(vhost.address());
    let mut hub = program.start().await;
    let post = Post::at(vhost.address()).await;
    for (number, letter) in letters('A', LETTERS).enumerate() {
        post.send("rehab-plan", XML, &letter).await;
        if number % 100 == 50 {
            hub.stop().await;
            hub = program.start().await;
        }
    }
    // Nothing comes twice: what was under way when it stopped was waited for.
    let taken = post.take(MAILBOX, LETTERS).await;
    assert_eq!(taken.values().map(Vec::len).sum::<usize>(), LETTERS);
    hub.stop().await;
    let proof = program.proof().await;
    assert_eq!((proof["routed"].as_u64(), proof["received"].as_u64()), (Some(400), Some(400)), "{proof}");
}

/// Its broker does not answer any more, so there is something in hand that does not end.
#[tokio::test(flavor = "multi_thread")]
async fn the_second_signal_ends_it_at_once() {
    let vhost = Vhost::new();
    let proxy = ChaosProxy::to(vhost.port()).await;
    let program = Program::at(&vhost.address_by(proxy.port()))
        .set("BROKER__HEARTBEAT", "60s")
        .set("BROKER__CONFIRM_TIMEOUT", "5m")
        .set("STOP__GRACE", "5m");
    let hub = program.start().await;
    let post = Post::at(vhost.address()).await;
    proxy.to_broker(Way::BlackHole);
    post.send("rehab-plan", XML, &letters('A', 1).next().expect("a letter")).await;
    let waits = |health: &Value| health["balance"]["deliveries"]["waiting"].as_u64() > Some(0);
    hub.is("it has something to send", waits).await;

    hub.signal(Signal::TERM);
    wait::until("it says that it stops", async || program.log().contains("once more to stop at once").then_some(()))
        .await;
    hub.signal(Signal::TERM);
    assert_eq!(hub.ended().await.code(), Some(1));

    proxy.both_ways(Way::Open);
    let hub = program.start().await;
    post.take(MAILBOX, 1).await;
    hub.stop().await;
    program.proof().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_hub_on_one_state_directory_is_refused() {
    let vhost = Vhost::new();
    let program = Program::at(vhost.address());
    let hub = program.start().await;
    let second = program.say(&["run"]).await;
    assert_eq!(second.code, Some(1), "{second:?}");
    assert!(second.err.contains("another hub runs on the state directory"), "{second:?}");
    assert!(second.err.contains("--state"), "it says what to do: {second:?}");
    // The first one has noticed nothing.
    let status = program.say(&["status", "--json"]).await;
    assert_eq!((status.code, &status.json()["running"]), (Some(0), &Value::Bool(true)), "{status:?}");
    hub.stop().await;
    assert_eq!(program.say(&["status"]).await.code, Some(1), "without a hub `status` says so");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ready_hub_says_where_it_can_be_reached() {
    let vhost = Vhost::new();
    let program = Program::at(vhost.address());
    let mut child = program.begin();
    let ready = program.ready(&mut child).await;
    let pid = child.id().expect("it runs");
    assert_eq!(ready["amqp"].as_str(), Some(vhost.address()));
    assert_eq!(ready["pid"].as_u64(), Some(u64::from(pid)));
    assert!(ready["telemetry"].as_str().is_some_and(|url| url.starts_with("http://127.0.0.1:")), "{ready}");
    assert!(ready.as_object().is_some_and(|it| it.contains_key("console")), "{ready}");
    for file in [program.ready_file(), program.state().join("hub.json"), program.state().join("hub.sock")] {
        let mode = std::fs::metadata(&file).expect("a file").permissions().mode();
        assert_eq!(mode & 0o077, 0, "nobody else can read `{}`: the address has a password", file.display());
    }
    send(pid, Signal::INT);
    let status = wait::soon("it ends", child.wait()).await.expect("a status");
    assert_eq!(status.code(), Some(0), "Ctrl-C is an orderly stop too");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_setting_is_64_and_a_broker_that_says_no_is_1() {
    let vhost = Vhost::new();
    let wrong = Program::at(vhost.address()).set("BROKER__PREFETCH", "1.9").say(&["run"]).await;
    assert_eq!(wrong.code, Some(64), "{wrong:?}");
    assert!(wrong.err.contains("BUDSTIKKE__BROKER__PREFETCH"), "{wrong:?}");

    let other = vhost.address().replace("amqp://", "amqp://nobody-");
    let refused = Program::at(&other).say(&["run"]).await;
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.err.contains("refused the login"), "{refused:?}");
}
