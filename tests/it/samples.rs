//! The hub against letters that nobody here wrote: the public samples, in a folder that
//! `BUDSTIKKE_SAMPLES` names. What the adapter makes of each is tested beside the adapter; here is
//! what the whole hub says, does and answers. The letters stay outside the project.

use std::path::{Path, PathBuf};

use base64::prelude::{BASE64_STANDARD, Engine};
use budstikke::broker::topology::VANS;
use budstikke_testkit::xsd::Schemas;
use serde_json::Value;

use crate::node::Vhost;
use crate::post::{Post, XML};
use crate::program::{Program, Running};
use crate::wait;

/// The folder of samples. Without it there is nothing to test, and the test says so.
fn samples() -> Option<PathBuf> {
    let folder = std::env::var_os("BUDSTIKKE_SAMPLES").map(PathBuf::from);
    if folder.is_none() {
        println!("SKIPPED: BUDSTIKKE_SAMPLES is not set");
    }
    folder
}

fn read(folder: &Path, name: &str) -> Vec<u8> {
    std::fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The public plan, as if it had been for Dragør, and another letter than the one for Odense.
fn plan_for_dragoer(folder: &Path) -> Vec<u8> {
    let text = String::from_utf8(read(folder, "ggop.xml")).expect("it is in UTF-8");
    let odense = "<mm100:Identifier>461</mm100:Identifier>";
    assert_eq!(text.matches(odense).count(), 1, "it is for Odense");
    let text = text.replace(odense, "<mm100:Identifier>155</mm100:Identifier>");
    text.replace("54382645943294", "54382645943295").replace("45249877239313", "45249877239314").into_bytes()
}

async fn explain(program: &Program, files: &[PathBuf]) -> Vec<Value> {
    let files: Vec<_> = files.iter().map(|file| file.to_string_lossy()).collect();
    let arguments: Vec<&str> = ["explain", "--json"].into_iter().chain(files.iter().map(AsRef::as_ref)).collect();
    let said = program.say_anywhere(&arguments).await;
    assert_eq!(said.code, Some(0), "{said:?}");
    said.json().as_array().expect("an object for each file").clone()
}

/// The answers that would be given: type, and code.
fn replies(explained: &Value) -> Vec<(&str, Option<&str>)> {
    let replies = explained["replies"].as_array().expect("a list");
    replies.iter().map(|reply| (reply["type"].as_str().expect("a type"), reply["code"].as_str())).collect()
}

#[tokio::test]
async fn every_sample_is_explained() {
    let Some(folder) = samples() else { return };
    let program = Program::at("amqp://nobody:nothing@127.0.0.1:1/none");
    for (name, outcome, code, answers) in [
        ("ggop.xml", "parked", "OUTSIDE_AGREEMENT: ", vec![("XCTL02", Some("problem_med_modtagerID"))]),
        ("xdis91-1.xml", "refused", "NOT_A_PLAN: ", vec![("XCTL02", Some("ikke_specificeret"))]),
        ("xdis91-formatted-text.xml", "refused", "NOT_A_PLAN: ", vec![("XCTL02", Some("ikke_specificeret"))]),
        (
            "VANSEnvelope-XDIS22-message.xml",
            "refused",
            "KIND_NOT_CARRIED: ",
            vec![("XCTL02", Some("problem_med_version")), ("NegativeMessage", Some("problem_med_version"))],
        ),
        ("xctl02-negative-receipt.xml", "recorded", "", vec![]),
        ("xctl03-positive-receipt.xml", "recorded", "", vec![]),
    ] {
        let explained = explain(&program, &[folder.join(name)]).await;
        let [one] = explained.as_slice() else { panic!("{name}: {explained:?}") };
        assert_eq!((one["adapter"].as_str(), one["outcome"].as_str()), (Some("rehab-plan"), Some(outcome)), "{one}");
        assert!(one["reason"].as_str().unwrap_or_default().starts_with(code), "{one}");
        assert_eq!(replies(one), answers, "{one}");
        for what in ["events", "deliveries", "duties"] {
            assert_eq!(one[what].as_array().map(Vec::len), Some(0), "{name}: {what}: {one}");
        }
    }
}

/// A specialised plan: both municipalities hear of it, and nobody owes a start. The second time it
/// is known.
#[tokio::test]
async fn the_public_plan_for_dragoer_is_explained_as_a_sequence() {
    let Some(folder) = samples() else { return };
    let program = Program::at("amqp://nobody:nothing@127.0.0.1:1/none");
    let file = tempfile::tempdir().expect("a directory");
    let plan = file.path().join("plan.xml");
    std::fs::write(&plan, plan_for_dragoer(&folder)).expect("a file");
    let explained = explain(&program, &[plan.clone(), plan]).await;
    let [first, second] = explained.as_slice() else { panic!("{explained:?}") };
    assert_eq!((first["outcome"].as_str(), second["outcome"].as_str()), (Some("routed"), Some("duplicate")));
    let to: Vec<_> = first["deliveries"].as_array().into_iter().flatten().map(|it| it["to"].as_str()).collect();
    assert_eq!(to, [Some("dragoer/genoptraening"), Some("taarnby/genoptraening")], "{first}");
    assert_eq!(first["duties"].as_array().map(Vec::len), Some(0), "{first}");
    let event = &first["events"][0];
    assert_eq!(
        (event["type"].as_str(), event["residence"].as_str()),
        (Some("dk.budstikke.rehab.plan.received.v1"), Some("155"))
    );
    assert_eq!(replies(first), [("XCTL03", None)]);
}

async fn answers(hub: &Running, post: &Post, expected: usize) -> Vec<Vec<u8>> {
    let mut answers = Vec::new();
    wait::until("the hub has answered", async || {
        while let Some(delivery) = post.next(VANS).await {
            answers.push(delivery.data);
        }
        (answers.len() >= expected).then_some(())
    })
    .await;
    let sent = |health: &Value| health["balance"]["replies"]["total"].as_u64() == u64::try_from(expected).ok();
    hub.is("there is no other answer", sent).await;
    answers
}

/// The whole way: what hospitals get back is valid, and mailboxes get the original byte for byte.
#[tokio::test(flavor = "multi_thread")]
async fn every_answer_that_leaves_the_hub_is_valid_by_the_public_schemas() {
    let Some(folder) = samples() else { return };
    let vhost = Vhost::new();
    let program = Program::at(vhost.address());
    let hub = program.start().await;
    let post = Post::at(vhost.address()).await;
    let plan = plan_for_dragoer(&folder);
    let others = ["ggop.xml", "xdis91-1.xml", "VANSEnvelope-XDIS22-message.xml"].map(|name| read(&folder, name));
    let receipts = ["xctl02-negative-receipt.xml", "xctl03-positive-receipt.xml"].map(|name| read(&folder, name));
    for body in others.iter().chain(&receipts).chain([&plan, &plan]) {
        post.send("rehab-plan", XML, body).await;
    }
    for mailbox in ["out.dragoer.genoptraening", "out.taarnby.genoptraening"] {
        let taken = post.take(mailbox, 1).await;
        let event: Value = serde_json::from_slice(&taken.values().next().expect("one")[0].data).expect("an event");
        let original = event["data"]["original"]["base64"].as_str().expect("the original");
        assert!(BASE64_STANDARD.decode(original).is_ok_and(|bytes| bytes == plan), "it is the original");
    }
    // One to Odense's plan, one to the letter, two to the envelope, and one to each of two plans;
    // none to a receipt.
    let (mut envelopes, mut emessages) = (Vec::new(), Vec::new());
    for answer in answers(&hub, &post, 6).await {
        let text = String::from_utf8_lossy(&answer).into_owned();
        if !text.contains("<VANSEnvelope") {
            emessages.push(answer);
            continue;
        }
        if let Some((_, data)) = text.split_once("<Data>") {
            let (data, _) = data.split_once("</Data>").expect("its end");
            emessages.push(BASE64_STANDARD.decode(data).expect("base64"));
        }
        envelopes.push(answer);
    }
    assert_eq!((emessages.len(), envelopes.len()), (5, 2));
    let schemas = Schemas::of(&folder).expect("the schemas");
    assert_eq!(schemas.faults_in_emessages(&emessages).expect("xmllint"), None);
    assert_eq!(schemas.faults_in_envelopes(&envelopes).expect("xmllint"), None);
    hub.stop().await;
    let proof = program.proof().await;
    let counts = ["received", "routed", "duplicate", "parked", "recorded"].map(|name| proof[name].as_u64());
    assert_eq!(counts, [7, 1, 1, 3, 2].map(Some), "{proof}");
}
