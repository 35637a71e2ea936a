//! The broker's nodes, by its management interface: a real one, and one that lies, hangs or is gone.

use std::path::Path;
use std::time::Duration;

use budstikke::clock::Clock;
use budstikke::telemetry::health::Health;
use budstikke::telemetry::nodes::Watch;
use budstikke::web;
use budstikke::web::token::Access;
use budstikke_testkit::plans::Plan;
use serde_json::{Value, json};

use super::rig::{DRAGOER, Rig, TAARNBY, VANS};
use crate::receiver::{Act, Receiver};
use crate::wait;

/// Where it is asked, and by whom.
fn settings(url: &str, user: &str, password_file: &Path) -> web::Settings {
    let url = web::Url::parse(url).expect("an address");
    let access = Access::User { name: user.to_owned(), password_file: password_file.to_owned() };
    web::Settings { access, ..web::Settings::here(url, Duration::from_secs(1)) }
}

/// What the hub says of the nodes.
async fn nodes(rig: &Rig) -> Value {
    let (_, body) = super::health::get(rig, "/health/ready").await;
    serde_json::from_str::<Value>(&body).expect("the report is JSON")["nodes"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_brokers_nodes_are_seen_and_a_policy_too() {
    let url = std::env::var("BUDSTIKKE_TEST_MANAGEMENT_URL").expect("deploy/test says where");
    let (login, place) = url.strip_prefix("http://").and_then(|rest| rest.rsplit_once('@')).expect("an address");
    let (user, password) = login.split_once(':').expect("user and password");
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), format!("{password}\n")).expect("a file");
    let wanted = settings(&format!("http://{place}"), user, file.path());
    let rig = Rig::with(|settings| settings.broker.management = Some(wanted)).await;
    let seen = wait::until("the nodes are seen", async || {
        let nodes = nodes(&rig).await;
        nodes.get("seen").cloned()
    })
    .await;
    let node = &seen["nodes"][0];
    assert_eq!((&node["running"], &node["partitions"]), (&json!(true), &json!(0)), "{seen}");
    assert_eq!((&node["memory_alarm"], &node["disk_alarm"]), (&json!(false), &json!(false)), "{seen}");
    assert!(node["disk_free"].as_u64().is_some_and(|free| free > 0), "{seen}");
    assert_eq!(seen["shadowed"], json!([]));

    rig.vhost.management.expire(&rig.vhost.name, "in.cura");
    let shadowed = wait::until("the policy is seen", async || {
        let nodes = nodes(&rig).await;
        nodes["seen"]["shadowed"].get(0).cloned()
    })
    .await;
    assert_eq!(shadowed, json!({ "queue": "in.cura", "policy": "in.cura", "what": ["message-ttl"] }));
    rig.finish().await;
}

/// As the page of `BROKER_UNSEEN` says.
#[tokio::test(flavor = "multi_thread")]
async fn a_user_sees_the_nodes_and_the_queues_by_the_tag_and_a_right_that_gives_nothing() {
    let vhost = crate::node::Vhost::new();
    let url = std::env::var("BUDSTIKKE_TEST_MANAGEMENT_URL").expect("deploy/test says where");
    let (_, place) = url.rsplit_once('@').expect("an address");
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), "hemmelig\n").expect("a file");
    let clock = Clock::system();
    let (_board, broker) = tokio::sync::watch::channel(budstikke::broker::State::Up);
    for (tags, right, may) in [("monitoring", true, true), ("monitoring", false, false), ("", true, false)] {
        let user = format!("{}-{tags}-{right}", vhost.name);
        vhost.management.create_user_with(&user, "hemmelig", tags);
        if right {
            vhost.management.allow_nothing(&vhost.name, &user);
        }
        let endpoint = web::Endpoint::open(settings(&format!("http://{place}"), &user, file.path()), clock.clone());
        let health = Health::new(broker.clone(), clock.clone());
        let endpoint = endpoint.expect("it opens");
        let seen = Watch { endpoint, vhost: vhost.name.clone(), health, clock: clock.clone() }.ask().await;
        vhost.management.delete_user(&user);
        assert_eq!(seen.is_ok(), may, "{tags} {right}: {seen:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interface_that_lies_hangs_or_is_gone_is_not_believed() {
    let node = json!([{ "name": "rabbit@a", "running": true, "mem_alarm": false, "disk_free_alarm": false }]);
    let right = move |path: &str| {
        let body = if path.contains("/api/nodes") { node.to_string() } else { "[]".to_owned() };
        Act::Answer(200, Vec::new(), body)
    };
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), "hemmelig\n").expect("a file");
    let honest = right.clone();
    let receiver = Receiver::start(move |asked| honest(&asked.path)).await;
    let clock = Clock::system();
    let endpoint = web::Endpoint::open(settings(&receiver.url("/prefix"), "hub", file.path()), clock.clone());
    let (_board, broker) = tokio::sync::watch::channel(budstikke::broker::State::Up);
    let health = Health::new(broker, clock.clone());
    let watch = Watch { endpoint: endpoint.expect("it opens"), vhost: "a/b".to_owned(), health, clock };
    let seen = watch.ask().await.expect("it is honest");
    assert_eq!((seen.nodes[0].name.as_str(), seen.nodes[0].is_ill()), ("rabbit@a", false));
    let asked = receiver.asked();
    assert!(asked[0].path.starts_with("/prefix/api/nodes?columns=name%2C"), "{}", asked[0].path);
    assert!(asked[1].path.starts_with("/prefix/api/queues/a%2Fb?columns="), "{}", asked[1].path);
    assert_eq!(asked[0].header("authorization"), "Basic aHViOmhlbW1lbGln");

    for (act, said) in [
        (Act::Hang, "no answer came in time"),
        (Act::Cut, "no answer came in time"),
        (Act::Raw(b"garbage".to_vec()), "no answer came in time"),
        (Act::status(401), "may not see it"),
        (Act::status(500), "an error"),
        (Act::redirect(302, "https://evil.example/"), "an error"),
        (Act::Answer(200, Vec::new(), "<html>0101900000".to_owned()), "no JSON"),
        (Act::Answer(200, Vec::new(), "{\"nodes\": 7}".to_owned()), "not what RabbitMQ answers"),
        (Act::Answer(200, Vec::new(), format!("[{}]", "7,".repeat(2_000_000))), "too long"),
        (Act::Answer(200, Vec::new(), "[".repeat(1_000_000)), "no JSON"),
    ] {
        let lie = act.clone();
        receiver.does(move |_| lie.clone());
        let what = wait::soon("it gives up", watch.ask()).await.expect_err("it lies");
        assert!(what.contains(said), "{act:?}: {what}");
    }
    receiver.does(move |asked| right(&asked.path));
    watch.ask().await.expect("it is honest again");
    drop(receiver);
    // The connection that was kept for the next question is found to have ended first.
    let gone = async || (watch.ask().await == Err("it cannot be reached")).then_some(());
    wait::until("it is gone", gone).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interface_that_is_gone_harms_no_message() {
    let receiver = Receiver::start(|_| Act::Hang).await;
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), "hemmelig\n").expect("a file");
    let url = receiver.url("/");
    let mut rig = Rig::with(|all| all.broker.management = Some(settings(&url, "hub", file.path()))).await;
    rig.plan(Plan::ggop("B1")).await;
    rig.got(TAARNBY, 1).await;
    rig.got(DRAGOER, 1).await;
    rig.got(VANS, 1).await;
    let silent = wait::until("the silence is seen", async || nodes(&rig).await.get("silent").cloned()).await;
    assert_eq!(silent["what"], "no answer came in time");
    assert_eq!(super::health::get(&rig, "/health/ready").await.0, 200, "it is no reason not to be ready");
    rig.finish().await;
}
