//! Conversations that cross: what comes before what it answers, what is asked twice, what is
//! corrected when it is gone, and an agreement that changes between a question and its answer.

use std::path::Path;

use budstikke::duty::State;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::duties::{LONG_AFTER, settled, told_of};
use super::rig::{DRAGOER, Rig, TAARNBY, at, canonical};

const HOSPITAL: &str = "/hospital/5790000000012";
const CURA: &str = "/taarnby/cura";
const DRAGOERS: &str = "/dragoer/genoptraening";
const CASE: &str = "rehab-6fb927da-3be1-4b9f-8875-a6326617d20b";

/// The day on which the agreement changes, in the tests where it does, is the 23rd.
const AFTER: &str = "2026-11-24T10:00:00Z";

/// What a kind's schema has for an example, said of a citizen of Dragør.
fn said(kind: &str, id: &str, source: &str) -> Value {
    let schema = budstikke_schemas::find(kind).expect("the kind is in the catalogue").text;
    let example = &serde_json::from_str::<Value>(schema).expect("a schema is JSON")["examples"][0];
    let mut event = canonical(kind, id, source, CASE, example);
    event["residence"] = json!("155");
    event
}

fn question(id: &str, source: &str) -> Value {
    said("rehab.info.requested", id, source)
}

fn answer(id: &str, source: &str, to: Option<&str>) -> Value {
    let mut event = said("rehab.info.provided", id, source);
    if let Some(question) = to {
        event["causationid"] = json!(question);
    }
    event
}

fn later(mut event: Value) -> Value {
    event["time"] = json!(AFTER);
    event
}

/// How the duty stands that an event opened.
async fn state(rig: &Rig, event: &str) -> State {
    let duties = rig.duties().await;
    duties.iter().find(|duty| duty.wire_id.as_str() == event).expect("it opened a duty").state
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_overtakes_its_question_waits_for_it() {
    let mut rig = Rig::start().await;
    rig.event(&said("rehab.plan.received", "plan", HOSPITAL)).await;
    rig.got(TAARNBY, 1).await;
    rig.event(&answer("a1", DRAGOERS, Some("q1"))).await;
    rig.event(&answer("a9", DRAGOERS, Some("q9"))).await;
    rig.parked_items(2).await;
    assert_eq!(rig.story("a1").await.item.reason.expect("why").code.to_string(), "NO_OPEN_REQUEST");

    rig.event(&question("q1", CURA)).await;
    let asked = rig.got(DRAGOER, 2).await.remove(1).json();
    assert_eq!((&asked["id"], &asked["dutykind"]), (&json!("q1"), &json!("answer")));
    let back = rig.got(TAARNBY, 2).await.remove(1);
    assert_eq!((back.json()["id"].as_str(), back.correlation.as_deref()), (Some("a1"), Some("q1")));
    assert_eq!(state(&rig, "q1").await, State::Met);
    assert_eq!(rig.parked_items(1).await[0].what, "rehab.info.provided", "what answers another question still waits");
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_open_questions_each_gets_its_answer_and_the_last_needs_no_name() {
    let mut rig = Rig::start().await;
    rig.event(&said("rehab.plan.received", "plan", HOSPITAL)).await;
    rig.event(&question("q1", CURA)).await;
    rig.event(&question("q2", CURA)).await;
    rig.got(DRAGOER, 3).await;
    rig.event(&answer("a2", DRAGOERS, Some("q2"))).await;
    rig.got(TAARNBY, 2).await;
    assert_eq!((state(&rig, "q1").await, state(&rig, "q2").await), (State::Open, State::Met));
    rig.event(&answer("a1", DRAGOERS, None)).await;
    assert_eq!(rig.got(TAARNBY, 3).await[2].json()["id"], "a1");
    assert_eq!(state(&rig, "q1").await, State::Met);
    rig.event(&answer("a3", DRAGOERS, Some("q2"))).await;
    assert_eq!(rig.parked_item().await.1, "NO_OPEN_REQUEST", "it has been answered");
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_after_a_withdrawal_is_told_and_owed_by_nobody() {
    let mut rig = Rig::start().await;
    rig.event(&said("rehab.plan.received", "plan", HOSPITAL)).await;
    rig.event(&said("rehab.plan.withdrawn", "gone", HOSPITAL)).await;
    let mut corrected = said("rehab.plan.corrected", "changed", HOSPITAL);
    corrected["data"]["discharge"] = json!({"date": "2026-12-10", "certainty": "actual"});
    rig.event(&corrected).await;
    for receiver in [DRAGOER, TAARNBY] {
        let got: Vec<Value> = rig.got(receiver, 3).await.iter().map(|it| it.json()["id"].clone()).collect();
        assert_eq!(got, ["plan", "gone", "changed"], "in the order in which it was said");
    }
    assert_eq!(state(&rig, "plan").await, State::Closed);
    assert_eq!(rig.duties().await.len(), 1, "what is gone is not owed anew");
    rig.clock.set(at(LONG_AFTER));
    settled(&mut rig, 1).await;
    assert_eq!(told_of(&rig, TAARNBY, &json!(CASE)), [""; 0]);
    rig.finish().await;
}

/// The agreement as it is shipped, with some blocks of its part on rehabilitation written twice:
/// as they are until the 22nd, and from the 23rd with these words for those.
fn agreement(is: impl Fn(&str) -> bool, changes: &[(&str, &str)]) -> TempDir {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/agreement/dragoer-taarnby");
    let folder = tempfile::tempdir().expect("a folder");
    let copy = folder.path().join("dragoer-taarnby");
    std::fs::create_dir(&copy).expect("a folder for the agreement");
    for file in std::fs::read_dir(shipped).expect("the agreement is there") {
        let file = file.expect("a file");
        let mut text = std::fs::read_to_string(file.path()).expect("a text");
        if file.file_name() == "genoptraening.toml" {
            text = twice(&text, &is, changes);
        }
        std::fs::write(copy.join(file.file_name()), text).expect("a file");
    }
    folder
}

fn twice(text: &str, is: &impl Fn(&str) -> bool, changes: &[(&str, &str)]) -> String {
    assert_eq!(text.split("\n\n").filter(|block| is(block)).count(), 1, "one block is meant");
    let blocks = text.split("\n\n").map(|block| {
        if !is(block) {
            return block.to_owned();
        }
        let until = format!("{}\ntil = 2026-11-22", block.trim_end());
        let mut from = block.replace("2007-01-01", "2026-11-23");
        for (old, new) in changes {
            assert!(from.contains(old), "the block has `{old}`");
            from = from.replace(old, new);
        }
        format!("{until}\n\n{from}")
    });
    blocks.collect::<Vec<_>>().join("\n\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_goes_by_the_rule_of_its_own_day_and_meets_what_was_owed_before() {
    let is_the_rule = |block: &str| block.starts_with("[[regel]]") && block.contains("\"rehab.info.provided\"");
    let changes = [("oplysninger-givet", "oplysninger-givet-nu"), ("spoerger/genoptraening", "spoerger/borgerservice")];
    let folder = agreement(is_the_rule, &changes);
    let mut rig = Rig::with(|settings| settings.agreement = folder.path().to_owned()).await;
    rig.event(&said("rehab.plan.received", "plan", HOSPITAL)).await;
    rig.event(&question("q1", CURA)).await;
    rig.event(&question("q2", CURA)).await;
    rig.event(&answer("a1", DRAGOERS, Some("q1"))).await;
    rig.got(TAARNBY, 2).await;

    rig.clock.set(at(AFTER));
    rig.event(&later(answer("a2", DRAGOERS, Some("q2")))).await;
    let back = rig.got("taarnby/borgerservice", 1).await.remove(0).json();
    assert_eq!((&back["id"], &back["rule"]), (&json!("a2"), &json!("oplysninger-givet-nu")));
    assert_eq!((state(&rig, "q1").await, state(&rig, "q2").await), (State::Met, State::Met));
    // What was said on the 22nd goes by the rule of the 22nd, whenever it comes.
    rig.event(&question("q3", CURA)).await;
    rig.event(&answer("a3", DRAGOERS, Some("q3"))).await;
    assert_eq!(rig.got(TAARNBY, 3).await[2].json()["rule"], "oplysninger-givet");
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_comes_home_leaves_what_was_asked_and_owed_where_it_was() {
    let is_the_task = |block: &str| {
        block.starts_with("[[ansvar]]") && block.contains("\"SUL § 140\"") && block.contains("[\"dragoer\"]")
    };
    let folder = agreement(is_the_task, &[("\"taarnby\"", "\"bopael\"")]);
    let mut rig = Rig::with(|settings| settings.agreement = folder.path().to_owned()).await;
    rig.event(&said("rehab.plan.received", "plan", HOSPITAL)).await;
    rig.event(&question("q1", CURA)).await;
    rig.got(DRAGOER, 2).await;

    rig.clock.set(at(AFTER));
    rig.event(&later(answer("a1", DRAGOERS, Some("q1")))).await;
    assert_eq!(rig.got(TAARNBY, 2).await[1].json()["id"], "a1", "it goes to whoever asked");
    assert_eq!(state(&rig, "q1").await, State::Met);
    let mut next = later(said("rehab.plan.received", "next", HOSPITAL));
    next["subject"] = json!("rehab-6fb927da-3be1-4b9f-8875-a6326617d20c");
    rig.event(&next).await;
    assert_eq!(rig.got(DRAGOER, 3).await[2].json()["deliveredas"], "task");
    let owed: Vec<(String, String)> =
        rig.duties().await.into_iter().map(|it| (it.wire_id.to_string(), it.terms.owed_by)).collect();
    let owes = |event: &str, party: &str| owed.contains(&(event.to_owned(), party.to_owned()));
    assert!(owes("plan", "taarnby") && owes("next", "dragoer"), "{owed:?}");
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_owes_an_answer_may_give_it_though_the_task_has_come_home() {
    let is_the_task = |block: &str| {
        block.starts_with("[[ansvar]]") && block.contains("\"SUL § 140\"") && block.contains("[\"dragoer\"]")
    };
    let folder = agreement(is_the_task, &[("\"taarnby\"", "\"bopael\"")]);
    let mut rig = Rig::with(|settings| settings.agreement = folder.path().to_owned()).await;
    rig.event(&said("rehab.plan.received", "plan", HOSPITAL)).await;
    rig.event(&question("q1", DRAGOERS)).await;
    rig.got(TAARNBY, 2).await;

    rig.clock.set(at(AFTER));
    rig.event(&later(answer("a1", CURA, Some("q1")))).await;
    assert_eq!(rig.got(DRAGOER, 2).await[1].json()["id"], "a1");
    assert_eq!(state(&rig, "q1").await, State::Met);
    rig.finish().await;
}
