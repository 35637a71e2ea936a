//! `schemas/VENDORS.md`, as a developer would follow it: its examples are run as they stand there.

use std::path::Path;
use std::process::Output;

use bytes::Bytes;
use serde_json::Value;
use tempfile::TempDir;

use super::asyncapi;
use crate::flow::rig::{DRAGOER, Rig, TAARNBY, queue};
use crate::flow::wire::Got;
use crate::wait;

/// Debian's Python, for which `deploy/setup --test` installs pika.
const PYTHON: &str = "/usr/bin/python3";

/// The examples of the page in that language, in their order.
fn examples(language: &str) -> Vec<String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/VENDORS.md");
    let page = std::fs::read_to_string(page).expect("the page is there");
    let fence = format!("```{language}\n");
    page.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap_or_default().to_owned()).collect()
}

/// Runs an example, with what the page says it needs; what it prints.
async fn run(rig: &Rig, program: &[&str], example: &str) -> String {
    let folder = TempDir::new().expect("a folder");
    let script = folder.path().join("example");
    std::fs::write(&script, example).expect("the example can be written");
    let command = tokio::process::Command::new(program[0])
        .args(&program[1..])
        .arg(&script)
        .current_dir(folder.path())
        .env("BUDSTIKKE_AMQP", rig.vhost.address())
        .env("BUDSTIKKE_MANAGEMENT", std::env::var("BUDSTIKKE_TEST_MANAGEMENT_URL").unwrap_or_default())
        .env("BUDSTIKKE_VHOST", &rig.vhost.name)
        .kill_on_drop(true)
        .output();
    let Output { status, stdout, stderr } = wait::soon("the example ends", command).await.expect("it can be run");
    let said = String::from_utf8_lossy(&stdout).trim().to_owned();
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    said
}

/// What the hub delivered has no header and no attribute that `asyncapi.json` does not name.
fn is_described(got: &Got) {
    let schemas = &asyncapi::shipped()["components"]["schemas"];
    let named = |schema: &str, name: &String| schemas[schema]["properties"].get(name).is_some();
    assert!(got.headers.keys().all(|name| named("headers", name)), "{:?}", got.headers);
    let Value::Object(event) = got.json() else { panic!("an event is an object") };
    assert!(event.keys().all(|name| named("event", name)), "{:?}", event.keys());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_examples_of_the_page_work() {
    let mut rig = Rig::start().await;
    let [send, receive] = &examples("python")[..] else { panic!("the page sends and receives in Python") };
    assert_eq!(run(&rig, &[PYTHON], send).await, "routed");
    rig.gave_back(1);
    rig.taken().await;

    let received = run(&rig, &[PYTHON], receive).await;
    let [id, kind, "task"] = received.split(' ').collect::<Vec<_>>()[..] else { panic!("{received}") };
    let said = async || (rig.delivery(id).await.business.as_deref() == Some("accepted")).then_some(());
    wait::until("its receipt is in the ledger", said).await;
    let got = Got {
        queue: queue(DRAGOER),
        id: id.to_owned(),
        kind: kind.to_owned(),
        correlation: None,
        content_type: String::new(),
        persistent: true,
        headers: std::collections::BTreeMap::new(),
        body: Bytes::new(),
    };
    rig.note(got);
    rig.gave_back(1);

    let [curl] = &examples("sh")[..] else { panic!("the page sends with curl") };
    assert_eq!(run(&rig, &["sh", "-eu"], curl).await, r#"{"routed":true}"#);
    rig.gave_back(1);
    let got = rig.got_one(TAARNBY).await;
    assert_eq!(got.json()["id"], "example-1");
    is_described(&got);
    rig.finish().await;
}
