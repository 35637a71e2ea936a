//! Canonical events, from the queue of any system to those who must know.

use std::collections::BTreeSet;

use budstikke::duty::State;
use serde_json::{Value, json};

use super::rig::{BORGERSERVICE, DRAGOER, Rig, TAARNBY, canonical};
use super::wire::Given;
use crate::wait;

const HOSPITAL: &str = "/hospital/5790000000012";
const CURA: &str = "/taarnby/cura";
const DRAGOERS: &str = "/dragoer/genoptraening";

const CASE: &str = "rehab-6fb927da-3be1-4b9f-8875-a6326617d20b";

/// Where senders hear what became of their messages.
const REPLY: &str = "reply.cura";

/// A mailbox, and in what capacity it gets something.
type Receiver = (&'static str, &'static str);

/// The catalogue's rehabilitation table: each kind, who sends it and who gets it for a Dragør
/// citizen. In an order in which each can happen.
const TABLE: &[(&str, &str, &[Receiver])] = &[
    ("rehab.plan.received", HOSPITAL, &[(DRAGOER, "information"), (TAARNBY, "task")]),
    ("rehab.level.set", CURA, &[(DRAGOER, "information")]),
    ("rehab.citizen.contacted", CURA, &[(DRAGOER, "information")]),
    ("rehab.info.requested", CURA, &[(DRAGOER, "task")]),
    ("rehab.info.provided", DRAGOERS, &[(TAARNBY, "information")]),
    ("rehab.plan.corrected", CURA, &[(DRAGOER, "information"), (TAARNBY, "task")]),
    ("rehab.start.offered", CURA, &[(DRAGOER, "information")]),
    ("rehab.start.postponed", CURA, &[(DRAGOER, "information")]),
    ("rehab.choice.made", DRAGOERS, &[(DRAGOER, "information"), (TAARNBY, "information")]),
    ("rehab.transport.requested", CURA, &[(BORGERSERVICE, "task")]),
    ("rehab.transport.decided", DRAGOERS, &[(TAARNBY, "information")]),
    ("rehab.training.requested", DRAGOERS, &[(DRAGOER, "task")]),
    ("rehab.course.closed", CURA, &[(DRAGOER, "information")]),
    ("rehab.plan.withdrawn", HOSPITAL, &[(DRAGOER, "information"), (TAARNBY, "task")]),
];

/// The example that stands in a kind's schema.
fn example(kind: &str) -> Value {
    let schema = budstikke_schemas::find(kind).expect("the kind is in the catalogue").text;
    serde_json::from_str::<Value>(schema).expect("a schema is JSON")["examples"][0].clone()
}

fn of_dragoer(kind: &str, id: &str, source: &str, data: &Value) -> Value {
    let mut event = canonical(kind, id, source, CASE, data);
    event["residence"] = json!("155");
    event
}

/// The plan that most of it begins with: discharged on 20 November, so that a start is due on the
/// 27th.
async fn planned(rig: &mut Rig) {
    rig.event(&of_dragoer("rehab.plan.received", "plan", HOSPITAL, &example("rehab.plan.received"))).await;
    rig.got(TAARNBY, 1).await;
    assert_eq!(rig.duties().await[0].due.date, Some(jiff::civil::date(2026, 11, 27)));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_the_table_goes_where_it_should() {
    let kinds: BTreeSet<_> = TABLE.iter().map(|(kind, ..)| *kind).collect();
    let catalogue = budstikke_schemas::KINDS.iter().filter(|kind| kind.area() == "rehab").map(|kind| kind.name);
    assert_eq!(kinds, catalogue.collect());

    let mut rig = Rig::start().await;
    let mut expected: Vec<(&str, Vec<(String, String)>)> =
        [DRAGOER, TAARNBY, BORGERSERVICE].map(|mailbox| (mailbox, Vec::new())).to_vec();
    for (kind, source, receivers) in TABLE {
        let data = example(kind);
        rig.event(&of_dragoer(kind, kind, source, &data)).await;
        for (mailbox, capacity) in *receivers {
            let (_, list) = expected.iter_mut().find(|(known, _)| known == mailbox).expect("a known mailbox");
            list.push(((*kind).to_owned(), (*capacity).to_owned()));
            let got = rig.got(mailbox, list.len()).await;
            let event = got.last().expect("it has come").json();
            assert_eq!(event["type"], format!("dk.budstikke.{kind}.v1"));
            assert_eq!((&event["subject"], &event["source"]), (&json!(CASE), &json!(source)), "{kind}");
            assert_eq!(event["deliveredas"], *capacity, "{kind} to {mailbox}");
            let sent = data.as_object().expect("an object");
            assert!(sent.iter().all(|(name, value)| event["data"][name] == *value), "{kind}: all that was said");
        }
    }
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_and_its_answer_are_tied_both_ways() {
    let mut rig = Rig::start().await;
    planned(&mut rig).await;
    // Each party asks the other.
    let ask = |id: &str, source| of_dragoer("rehab.info.requested", id, source, &example("rehab.info.requested"));
    rig.event(&ask("q1", CURA)).await;
    rig.event(&ask("q2", DRAGOERS)).await;
    let to_dragoer = rig.got(DRAGOER, 2).await.remove(1).json();
    let to_taarnby = rig.got(TAARNBY, 2).await.remove(1).json();
    for (question, id) in [(&to_dragoer, "q1"), (&to_taarnby, "q2")] {
        assert_eq!((&question["id"], &question["correlationid"]), (&json!(id), &json!(id)));
        assert_eq!((&question["deliveredas"], &question["dutykind"]), (&json!("task"), &json!("answer")));
    }

    let answer = |id: &str, source, cause: &str| {
        let mut event = of_dragoer("rehab.info.provided", id, source, &example("rehab.info.provided"));
        event["causationid"] = json!(cause);
        event
    };
    // The answers cross.
    rig.event(&answer("a2", CURA, "q2")).await;
    rig.event(&answer("a1", DRAGOERS, "q1")).await;
    let back_to_dragoer = rig.got(DRAGOER, 3).await.remove(2);
    let back_to_taarnby = rig.got(TAARNBY, 3).await.remove(2);
    for (got, id, question) in [(back_to_dragoer, "a2", "q2"), (back_to_taarnby, "a1", "q1")] {
        let event = got.json();
        assert_eq!((&event["id"], &event["causationid"]), (&json!(id), &json!(question)));
        assert_eq!(got.correlation.as_deref(), Some(question), "the queue's own property says it too");
    }
    let duties = rig.duties().await;
    let answered = duties.iter().filter(|duty| duty.terms.kind == "answer" && duty.state == State::Met);
    assert_eq!(answered.count(), 2);
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_could_answer_two_questions_is_for_a_person() {
    let mut rig = Rig::start().await;
    planned(&mut rig).await;
    for id in ["q1", "q2"] {
        rig.event(&of_dragoer("rehab.info.requested", id, CURA, &example("rehab.info.requested"))).await;
    }
    rig.got(DRAGOER, 3).await;
    rig.event(&of_dragoer("rehab.info.provided", "a", DRAGOERS, &example("rehab.info.provided"))).await;
    assert_eq!(rig.parked_item().await.1, "AMBIGUOUS_DUTY");
    assert!(rig.duties().await.iter().all(|duty| duty.state == State::Open), "nothing is guessed");
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn transport_goes_to_borgerservice_and_its_decision_back() {
    let mut rig = Rig::start().await;
    planned(&mut rig).await;
    rig.event(&of_dragoer("rehab.transport.requested", "t", CURA, &example("rehab.transport.requested"))).await;
    let asked = rig.got_one(BORGERSERVICE).await.json();
    assert_eq!((&asked["law"], &asked["dutykind"]), (&json!("SUL § 171"), &json!("act")));
    assert_eq!(asked["data"]["original"], json!(null), "Borgerservice gets the event alone");
    let mut decision = of_dragoer("rehab.transport.decided", "d", DRAGOERS, &example("rehab.transport.decided"));
    decision["causationid"] = json!("t");
    rig.event(&decision).await;
    assert_eq!(rig.got(TAARNBY, 2).await[1].correlation.as_deref(), Some("t"));
    let duties = rig.duties().await;
    let transport = duties.iter().find(|duty| duty.id.to_string() == asked["dutyid"].as_str().expect("a duty"));
    assert_eq!(transport.expect("it is in the ledger").state, State::Met);
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_offered_in_time_meets_the_duty() {
    let mut rig = Rig::start().await;
    planned(&mut rig).await;
    rig.event(&of_dragoer("rehab.start.offered", "o", CURA, &json!({"start": "2026-11-27"}))).await;
    rig.got(DRAGOER, 2).await;
    assert_eq!(rig.duties().await[0].state, State::Met);
    rig.clock.set("2027-01-01T00:00:00Z".parse().expect("a time"));
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_offered_too_late_opens_the_free_choice_at_once() {
    let mut rig = Rig::start().await;
    planned(&mut rig).await;
    rig.event(&of_dragoer("rehab.start.offered", "o", CURA, &json!({"start": "2026-11-28"}))).await;
    // The offer itself and the notice go in lanes of their own.
    let dragoer = rig.got(DRAGOER, 3).await;
    let taarnby = rig.got(TAARNBY, 2).await;
    for got in [&dragoer, &taarnby] {
        let notice = got.iter().find(|it| it.kind == "dk.budstikke.duty.overdue.v1").expect("it is told").json();
        assert_eq!(notice["data"]["cause"], "met-too-late");
        let text = notice["data"]["consequence"]["text"].as_str().expect("a text");
        assert!(text.contains("privat leverandør"), "{text}");
    }
    assert_eq!(rig.duties().await[0].state, State::Open);
    rig.finish().await;
}

/// Both were sent as the same evening in Greenwich; in Denmark one of them was the day after.
#[tokio::test(flavor = "multi_thread")]
async fn training_goes_by_the_danish_day_on_which_it_was_asked_for() {
    let mut rig = Rig::start().await;
    for (id, time, case) in [
        ("before", "2021-08-31T21:59:59Z", "rehab-6fb927da-3be1-4b9f-8875-a6326617d201"),
        ("after", "2021-08-31T22:00:00Z", "rehab-6fb927da-3be1-4b9f-8875-a6326617d202"),
    ] {
        let mut event = canonical("rehab.training.requested", id, DRAGOERS, case, &example("rehab.training.requested"));
        event["residence"] = json!("155");
        event["time"] = json!(time);
        rig.event(&event).await;
    }
    let taarnby = rig.got_one(TAARNBY).await.json();
    assert_eq!((&taarnby["id"], &taarnby["deliveredas"]), (&json!("before"), &json!("task")));
    let mut dragoer: Vec<_> = rig.got(DRAGOER, 2).await.iter().map(|it| it.json()).collect();
    dragoer.sort_by_key(|event| event["id"].to_string());
    let capacities: Vec<_> = dragoer.iter().map(|event| (&event["id"], &event["deliveredas"])).collect();
    assert_eq!(capacities, [(&json!("after"), &json!("task")), (&json!("before"), &json!("information"))]);
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_canonical_event_may_come_by_another_systems_queue() {
    let mut rig = Rig::start().await;
    let event = of_dragoer("rehab.level.set", "l", CURA, &example("rehab.level.set"));
    let by_hospital = Given::to("rehab-plan", event.to_string());
    rig.send(&by_hospital.clone().media_type("application/cloudevents+json; charset=utf-8"), 1).await;
    assert_eq!(rig.got_one(DRAGOER).await.json()["id"], "l");

    // Without its media type it is what the queue is for, and cannot be read as that.
    rig.send(&by_hospital, 1).await;
    assert_eq!(rig.parked_item().await.1, "XML_MALFORMED");
    // By its own queue it is the same event.
    rig.event(&event).await;
    rig.taken().await;
    assert_eq!(rig.balance().await.duplicate, 1);
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_breaks_its_schema_is_parked_with_the_place() {
    let mut rig = Rig::start().await;
    rig.event(&of_dragoer("rehab.start.offered", "o", CURA, &json!({"start": "i næste uge"}))).await;
    let (item, code) = rig.parked_item().await;
    let reason = item.reason.expect("why");
    assert_eq!((code.as_str(), reason.path.as_deref()), ("EVENT_SCHEMA", Some("$.data.start")));
    assert!(!reason.text.contains("i næste uge"), "the reason never repeats what it is about");
    rig.finish().await;
}

/// What the sender of one message hears.
async fn heard(rig: &mut Rig) -> Value {
    let heard = wait::until("the sender is answered", async || rig.wire.take(REPLY).await.pop()).await;
    assert_eq!((heard.kind.as_str(), heard.content_type.as_str()), ("budstikke.answer", "application/json"));
    heard.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_that_asks_hears_what_became_of_it_and_nothing_of_its_content() {
    let mut rig = Rig::start().await;
    rig.wire.listen(REPLY).await;
    let good = Given::event(&of_dragoer("rehab.level.set", "good", CURA, &json!({"level": "basal"}))).reply_to(REPLY);
    let broken = of_dragoer("rehab.start.offered", "broken", CURA, &json!({"start": "hos 2512489996"}));
    let says = |outcome: &str, id: Option<&str>, code: Option<&str>, path: Option<&str>| json!({"id": id, "outcome": outcome, "code": code, "path": path});
    for (given, expected) in [
        (good.clone(), says("routed", Some("good"), None, None)),
        (good, says("duplicate", Some("good"), None, None)),
        (
            Given::event(&broken).reply_to(REPLY),
            says("parked", Some("broken"), Some("EVENT_SCHEMA"), Some("$.data.start")),
        ),
        (Given::to("events", "{").reply_to(REPLY), says("refused", None, Some("EVENT_NOT_JSON"), None)),
    ] {
        rig.send(&given, 1).await;
        assert_eq!(heard(&mut rig).await, expected);
    }
    rig.finish().await;
}

/// A sender cannot use the hub to write into somebody's queue.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_goes_to_a_reply_queue_or_nowhere() {
    let mut rig = Rig::start().await;
    rig.wire.listen(REPLY).await;
    let event = |id: &str| Given::event(&of_dragoer("rehab.level.set", id, CURA, &json!({"level": "basal"})));
    rig.send(&event("1").reply_to("out.taarnby.genoptraening"), 1).await;
    rig.send(&event("2").reply_to("reply.nobody"), 1).await;
    rig.send(&event("3").reply_to(REPLY), 1).await;
    assert_eq!(heard(&mut rig).await["id"], "3", "answers go in order, so the others are done with");
    rig.got(DRAGOER, 3).await;
    rig.got(TAARNBY, 0).await;
    rig.finish().await;
}
