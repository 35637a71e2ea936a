//! What the hub says of itself while it runs.

use budstikke::config::beskedfordeler::Fetch;
use budstikke_testkit::plans::Plan;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::rig::{DRAGOER, Rig, TAARNBY, VANS, plan_in_case};
use super::wire::Wire;
use crate::wait;

/// Status and body of a page.
pub(super) async fn get(rig: &Rig, path: &str) -> (u16, String) {
    let place = rig.telemetry().strip_prefix("http://").expect("an address");
    let mut socket = TcpStream::connect(place).await.expect("it listens");
    let request = format!("GET {path} HTTP/1.0\r\nHost: {place}\r\n\r\n");
    socket.write_all(request.as_bytes()).await.expect("it takes a request");
    let mut answer = String::new();
    wait::soon("it answers", socket.read_to_string(&mut answer)).await.expect("it answers");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    (status, body.to_owned())
}

async fn ready(rig: &Rig) -> (u16, Value) {
    let (status, body) = get(rig, "/health/ready").await;
    (status, serde_json::from_str(&body).expect("the report is JSON"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_at_work_says_so_and_accounts_for_everything() {
    let mut rig = Rig::start().await;
    assert_eq!(get(&rig, "/health/live").await, (200, "alive\n".to_owned()));
    rig.plan(Plan::ggop("B1").cpr("2512489996")).await;
    rig.plan(Plan::ggop("B2").municipality("461").cpr("2512489996")).await;
    rig.got(TAARNBY, 1).await;
    rig.got(DRAGOER, 1).await;
    rig.got(VANS, 2).await;

    // It looks at the books every second.
    let report = wait::until("the report shows all that came", async || {
        let (status, report) = ready(&rig).await;
        assert_eq!(status, 200, "{report}");
        let balance = &report["balance"];
        (balance["received"] == 2 && balance["deliveries"]["delivered"] == 2).then_some(report)
    })
    .await;
    assert_eq!((&report["ready"], &report["balanced"]), (&json!(true), &json!(true)));
    assert_eq!((&report["broker"], &report["ledger"]), (&json!("up"), &json!("ok")));
    assert_eq!((&report["balance"]["routed"], &report["balance"]["parked"]), (&json!(1), &json!(1)));

    // What is counted every ten seconds was counted when the hub began, and is again.
    let counted = "budstikke_parked{code=\"OUTSIDE_AGREEMENT\"} 1";
    let metrics = wait::until("the metrics are counted", async || {
        let (status, metrics) = get(&rig, "/metrics").await;
        assert_eq!(status, 200);
        metrics.contains(counted).then_some(metrics)
    })
    .await;
    for name in [
        "budstikke_parked_oldest_seconds{code=\"OUTSIDE_AGREEMENT\"} ",
        "budstikke_backlog{mailbox=\"taarnby/genoptraening\",channel=\"amqp\",state=\"waiting\"} 0",
        "budstikke_lane_oldest_seconds{mailbox=\"taarnby/genoptraening\",channel=\"amqp\"} 0",
        "budstikke_in_flight{mailbox=\"taarnby/genoptraening\",channel=\"amqp\"} 0",
        "budstikke_duties{party=\"taarnby\",state=\"open\"} 1",
        "budstikke_duties{party=\"taarnby\",state=\"late\"} 0",
        "budstikke_last_received_timestamp_seconds{source=\"rehab-plan\"} 1",
        "budstikke_last_delivered_timestamp_seconds{mailbox=\"vans\",channel=\"amqp\"} 1",
        "budstikke_ledger_commit_seconds_bucket{le=\"+Inf\"} ",
        "budstikke_ledger_bytes ",
        "budstikke_ledger_disk_free_bytes ",
        "budstikke_chain_head ",
        "budstikke_console_sessions 0",
        "budstikke_broker_up 1",
        "budstikke_broker_blocked 0",
        "budstikke_build_info{version=",
        "budstikke_items{state=\"routed\"}",
        "budstikke_deliveries{what=\"delivery\",state=\"delivered\"}",
        "budstikke_received_total{source=\"rehab-plan\",outcome=\"parked\",code=\"OUTSIDE_AGREEMENT\"}",
        "budstikke_delivery_attempts_total{mailbox=\"taarnby/genoptraening\",channel=\"amqp\",result=\"delivered\"}",
        "budstikke_balanced 1",
        "budstikke_ledger_writable 1",
    ] {
        assert!(metrics.contains(name), "`{name}` is not in\n{metrics}");
    }
    assert!(!metrics.contains("2512489996") && !metrics.contains("Berggren"), "nothing about a person");
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_that_has_lost_its_broker_says_so_until_it_is_back() {
    let mut rig = Rig::start().await;
    rig.plan(Plan::ggop("B1").episode("e1")).await;
    rig.got(TAARNBY, 1).await;
    rig.got(DRAGOER, 1).await;
    rig.got(VANS, 1).await;
    rig.vhost.management.delete_vhost(&rig.vhost.name);
    let lost = wait::until("it says that the broker is gone", async || {
        let (status, report) = ready(&rig).await;
        (status == 503).then_some(report)
    })
    .await;
    assert_eq!(lost["ready"], json!(false));
    assert!(lost["broker"].as_str().is_some_and(|it| it.starts_with("down since")), "{lost}");
    assert_eq!(get(&rig, "/health/live").await.0, 200, "it lives, and must not be killed for it");

    rig.vhost.management.create_vhost(&rig.vhost.name);
    wait::until("it says that the broker is back", async || (ready(&rig).await.0 == 200).then_some(())).await;
    rig.wire = Wire::connect(rig.vhost.address()).await;
    rig.plan(Plan::ggop("B2").episode("e2")).await;
    rig.got(TAARNBY, 2).await;
    rig.finish().await;
}

/// `verify` beside a working hub sees one state of the ledger, whole.
#[tokio::test(flavor = "multi_thread")]
async fn the_proof_holds_while_the_hub_is_at_work() {
    let mut rig = Rig::start().await;
    for number in 0..3 {
        for letter in 0..20 {
            rig.plan(plan_in_case(format!("B{number}-{letter}"), letter)).await;
        }
        let verified = rig.budstikke(&["verify", "--json"]).await;
        let report: Value = serde_json::from_slice(&verified.stdout).expect("JSON");
        assert!(verified.status.success(), "{report:#}");
        assert_eq!(report["balanced"], json!(true));
    }
    rig.got(TAARNBY, 60).await;
    rig.finish().await;
}

/// The commands that look, beside a working hub. None of them shows anything of the citizen.
#[tokio::test(flavor = "multi_thread")]
async fn the_commands_tell_what_happened_and_nothing_of_the_citizen() {
    let mut rig = Rig::start().await;
    rig.plan(Plan::ggop("B1").cpr("2512489996").name("Nancy Ann Test", "Berggren")).await;
    rig.plan(Plan::ggop("B2").cpr("2512489996").municipality("461")).await;
    let delivery = rig.got_one(TAARNBY).await.id;
    rig.got(DRAGOER, 1).await;
    rig.parked_items(1).await;
    for (arguments, says) in [
        (vec!["status"], "in.rehab-plan"),
        (vec!["trace", "B1"], DRAGOER),
        (vec!["trace", delivery.as_str()], TAARNBY),
        (vec!["parked", "list"], "OUTSIDE_AGREEMENT"),
        (vec!["parked", "show", "B2"], "OUTSIDE_AGREEMENT"),
        (vec!["duties"], "2026-11-28"),
        (vec!["verify"], "chain"),
    ] {
        for json in [false, true] {
            let mut arguments = arguments.clone();
            arguments.extend(json.then_some("--json"));
            let ran = rig.budstikke(&arguments).await;
            let said = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
            assert!(ran.status.success() && said.contains(says), "{arguments:?}: {said}");
            assert!(!said.contains("2512489996") && !said.contains("Berggren"), "{arguments:?}: {said}");
            let is_json = !json || serde_json::from_slice::<Value>(&ran.stdout).is_ok();
            assert!(is_json, "{arguments:?} in JSON: {said}");
        }
    }
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_elses_broker_that_is_down_is_shown_and_keeps_nothing_up() {
    let nowhere = std::path::PathBuf::from("/no/such/file");
    let mut rig = Rig::with(|settings| {
        settings.beskedfordeler.fetch = Some(Fetch {
            host: "127.0.0.1".to_owned(),
            port: 9,
            vhost: "BF".to_owned(),
            queue: "6fb927da-3be1-4b9f-8875-a6326617d20b".to_owned(),
            ca_file: nowhere.clone(),
            identity: (nowhere.clone(), nowhere.clone()),
            token_file: nowhere.clone(),
        });
    })
    .await;
    let (status, report) = ready(&rig).await;
    assert_eq!((status, &report["ready"]), (200, &json!(true)));
    assert_eq!(report["foreign"][0][0], "beskedfordeler");
    let down = async || {
        let (_, report) = ready(&rig).await;
        let shown = report["foreign"][0][1].as_str().unwrap_or_default().to_owned();
        shown.contains("down since").then_some(())
    };
    wait::until("it is shown", down).await;
    let (_, metrics) = get(&rig, "/metrics").await;
    assert!(metrics.contains("budstikke_foreign_up{source=\"beskedfordeler\"} 0"), "{metrics}");
    rig.plan(Plan::ggop("B1").cpr("2512489996")).await;
    rig.got(TAARNBY, 1).await;
    rig.got(DRAGOER, 1).await;
    rig.finish().await;
}
