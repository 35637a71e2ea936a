//! A hub that reaches a mailbox by HTTP: what it says of wrong settings, and what becomes of what is
//! under way when it is killed.

use std::collections::BTreeMap;

use budstikke_testkit::plans::{Discharge, Message, Plan};
use serde_json::Value;

use crate::agreed;
use crate::node::Vhost;
use crate::post::{Post, XML};
use crate::program::Program;
use crate::receiver::{Act, Receiver};

const MAILBOX: &str = "taarnby/genoptraening";

const CASES: usize = 6;
const IN_CASE: usize = 20;

#[tokio::test(flavor = "multi_thread")]
async fn settings_and_agreement_that_differ_are_a_fault() {
    let agreement = agreed::reaching(MAILBOX, "[\"http\"]");
    let folder = agreement.path().to_string_lossy().into_owned();
    let program = || Program::at("amqp://127.0.0.1:1").set("AGREEMENT__FOLDER", &folder);
    let of = |key: &str, value: &str| program().set(&format!("MAILBOX__TAARNBY__GENOPTRAENING__{key}"), value);
    let https = "https://a.example/";
    for (program, says) in [
        (program(), "[mailbox.taarnby.genoptraening]: is missing"),
        (of("AT_ONCE", "2"), "`mailbox.taarnby.genoptraening.url`"),
        (of("URL", "http://a.example/"), "is not encrypted"),
        (of("URL", https).set("MAILBOX__TAARNBY__INGEN__URL", https), "no agreement has a mailbox `taarnby/ingen`"),
        (of("URL", https).set("MAILBOX__DRAGOER__GENOPTRAENING__URL", https), "does not reach `dragoer/genoptraening`"),
        (of("URL", https).set("MAILBOX__TAARNBY__GENOPTRAENING__CA_FILE", "/no/such/file"), "genoptraening.ca_file`"),
    ] {
        for command in [["check"], ["run"]] {
            let said = program.say(&command).await;
            assert_eq!(said.code, Some(64), "{said:?}");
            assert!(said.err.contains(says), "{says}: {said:?}");
        }
    }
    assert_eq!(of("URL", https).say(&["check"]).await.code, Some(0));
}

/// What the hub itself would not start with is found before anything is opened, and by `check` too.
#[tokio::test(flavor = "multi_thread")]
async fn a_way_to_others_whose_file_is_missing_is_a_fault() {
    let gone = "/no/such/file";
    let of = |section: &str, file: &str| {
        let program = Program::at("amqp://127.0.0.1:1").set(&format!("{section}__URL"), "https://a.example/");
        program.set(&format!("{section}__{file}"), gone)
    };
    let alone = |setting: &str, value: &str| Program::at("amqp://127.0.0.1:1").set(setting, value);
    for (program, says) in [
        (of("NOTICE__DRAGOER__YDELSE__WEBHOOK", "TOKEN_FILE"), "`notice.dragoer.ydelse.webhook.token_file`"),
        (of("RESIDENCE", "CA_FILE"), "`residence.ca_file`"),
        (of("FETCH__MOMENTUM", "TOKEN_FILE"), "`fetch.momentum.token_file`"),
        (of("FETCH__NOBODY", "TOKEN_FILE"), "there is no source `nobody`"),
        (
            of("BROKER__MANAGEMENT", "PASSWORD_FILE").set("BROKER__MANAGEMENT__USER", "hub"),
            "`broker.management.password_file`",
        ),
        (
            alone("TELEMETRY__OTLP", "https://a.example/").set("TELEMETRY__OTLP_TOKEN_FILE", gone),
            "`telemetry.otlp_token_file`",
        ),
        (alone("BESKEDFORDELER__CODES_FILE", gone), "`beskedfordeler.codes_file`"),
    ] {
        for command in [["check"], ["run"]] {
            let said = program.say(&command).await;
            assert_eq!(said.code, Some(64), "{command:?}: {said:?}");
            assert!(said.err.contains(says), "{says}: {said:?}");
        }
    }
}

/// A letter of a case; its name sorts as it was sent.
fn letter(case: usize, number: usize) -> Vec<u8> {
    let day = Discharge::Text("Efter aftale".to_owned());
    let plan = Plan::ggop(format!("B{case:02}{number:04}")).municipality("185").discharge(day);
    let plan = plan.episode(format!("episode-{case}")).contact_start(format!("2026-01-{:02}", case + 1));
    Message::new(format!("K{case:02}{number:04}")).plan(plan).bytes()
}

/// Killed four times while a receiver that lies is getting its deliveries: each arrives at least
/// once, with the same id and the same bytes, in the order of its lane, and nothing is lost.
#[tokio::test(flavor = "multi_thread")]
async fn a_hub_that_is_killed_sends_again_what_was_under_way() {
    let agreement = agreed::reaching(MAILBOX, "[\"http\"]");
    let mut count = 0;
    let receiver = Receiver::start(move |_| {
        count += 1;
        match count % 7 {
            0 => Act::Cut,
            3 => Act::status(500),
            _ => Act::status(200),
        }
    })
    .await;
    let vhost = Vhost::new();
    let program = Program::at(vhost.address())
        .set("AGREEMENT__FOLDER", &agreement.path().to_string_lossy())
        .set("MAILBOX__TAARNBY__GENOPTRAENING__URL", &receiver.url("/in"))
        .set("MAILBOX__TAARNBY__GENOPTRAENING__ALLOW_PRIVATE", "127.0.0.0/8")
        .set("MAILBOX__TAARNBY__GENOPTRAENING__ALLOW_PLAIN", "127.0.0.1")
        .set("MAILBOX__TAARNBY__GENOPTRAENING__AT_ONCE", "2");
    let mut hub = program.start().await;
    // What is being read when a hub is killed is another test's matter.
    assert_eq!(program.say(&["pause", "http"]).await.code, Some(0));
    let post = Post::at(vhost.address()).await;
    for number in 0..IN_CASE {
        for case in 0..CASES {
            post.send("rehab-plan", XML, &letter(case, number)).await;
        }
    }
    let all = u64::try_from(CASES * IN_CASE).expect("a number");
    hub.is("all are taken", |health| health["balance"]["received"].as_u64() == Some(all)).await;
    assert_eq!(program.say(&["resume", "http"]).await.code, Some(0));
    for moment in [10, 35, 60, 90] {
        receiver.has(moment).await;
        hub.kill().await;
        hub = program.start().await;
    }
    let is_idle = |health: &Value| health["balance"]["deliveries"]["waiting"].as_u64() == Some(0);
    hub.is("the hub has nothing more to send", is_idle).await;
    hub.stop().await;

    let mut bodies: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut came: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for asked in receiver.asked() {
        let known = bodies.entry(asked.id().to_owned()).or_insert_with(|| asked.body.clone());
        assert_eq!(*known, asked.body, "the same id has the same bytes");
        let event: Value = serde_json::from_slice(&asked.body).expect("an event");
        let letter = event["data"]["letter"]["id"].as_str().expect("a letter").to_owned();
        came.entry(letter.get(1..3).and_then(|it| it.parse().ok()).expect("a case")).or_default().push(letter);
    }
    assert_eq!(bodies.len(), CASES * IN_CASE, "each has an id of its own, and none is lost");
    for letters in came.values_mut() {
        assert!(letters.is_sorted(), "in the order of their lane: {letters:?}");
        letters.dedup();
        assert_eq!(letters.len(), IN_CASE);
    }
    let proof = program.proof().await;
    assert_eq!((proof["routed"].as_u64(), proof["parked"].as_u64()), (Some(all), Some(0)), "{proof}");
    assert_eq!(proof["deliveries"]["delivered"].as_u64(), Some(all), "{proof}");
}
