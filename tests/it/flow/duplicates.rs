//! The same again: shown once, answered each time as the first time.

use budstikke_testkit::plans::{Message, Plan, Vans};

use super::rig::{DRAGOER, Rig, TAARNBY, VANS, canonical};
use super::wire::{Given, Got};

fn in_vans(envelope: u64, message: u64, letter: &str) -> Message {
    let id = |number: u64| format!("00000000-0000-4000-8000-{number:012}");
    Message::new("K1").plan(Plan::ggop(letter)).vans(Vans::new(id(envelope), id(message)))
}

fn kinds(got: &[Got]) -> Vec<&str> {
    got.iter().map(|it| it.kind.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_plan_twice_is_shown_once_and_answered_twice() {
    let mut rig = Rig::start().await;
    let message = Message::new("K1").plan(Plan::ggop("B1"));
    rig.message(&message).await;
    rig.got(TAARNBY, 1).await;
    rig.message(&message).await;
    let answers = rig.got(VANS, 2).await;
    assert_eq!(kinds(&answers), ["XCTL03", "XCTL03"]);
    assert_ne!(answers[0].id, answers[1].id, "a network that drops repeats must carry both");
    assert_eq!(answers[0].body, answers[1].body, "without an envelope the first answer, byte for byte");
    rig.got(TAARNBY, 1).await;
    rig.got(DRAGOER, 1).await;
    assert_eq!(rig.balance().await.duplicate, 1);
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_plan_five_thousand_times_is_shown_once() {
    const TIMES: usize = 5_000;
    const PART: usize = 500;
    let mut rig = Rig::start().await;
    let given = Given::to("rehab-plan", Message::new("K1").plan(Plan::ggop("B1")).bytes());
    // A part at a time, so that a slow machine is only slow.
    for sent in (PART..=TIMES).step_by(PART) {
        rig.send_all(&vec![given.clone(); PART]).await;
        rig.taken().await;
        rig.gets(VANS, sent).await;
    }
    let answers = rig.got(VANS, TIMES).await;
    assert!(answers.iter().all(|answer| answer.body == answers[0].body), "always the first answer");
    rig.got(TAARNBY, 1).await;
    rig.got(DRAGOER, 1).await;
    let balance = rig.balance().await;
    assert_eq!((balance.routed, balance.duplicate), (1, 4_999));
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_event_twice_is_shown_once() {
    let mut rig = Rig::start().await;
    let case = "rehab-6fb927da-3be1-4b9f-8875-a6326617d20b";
    let mut event = canonical("rehab.level.set", "l", "/taarnby/cura", case, &serde_json::json!({"level": "basal"}));
    event["residence"] = "155".into();
    rig.send_all(&[Given::event(&event), Given::event(&event)]).await;
    rig.taken().await;
    rig.got(DRAGOER, 1).await;

    // The same name for something else is not a repeat.
    event["data"]["level"] = "avanceret".into();
    rig.event(&event).await;
    assert_eq!(rig.parked_item().await.1, "ID_REUSED");
    rig.got(DRAGOER, 1).await;
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_letter_with_other_content_is_parked_and_never_contradicted() {
    let mut rig = Rig::start().await;
    rig.message(&Message::new("K1").plan(Plan::ggop("B1"))).await;
    rig.got(VANS, 1).await;
    rig.message(&Message::new("K2").plan(Plan::ggop("B1").deadline("Straks"))).await;
    assert_eq!(rig.parked_item().await.1, "ID_REUSED");
    assert_eq!(kinds(&rig.got(VANS, 2).await), ["XCTL03", "XCTL03"], "never positive, then negative");

    rig.message(&Message::new("K3").plan(Plan::ggop("B3").municipality("461"))).await;
    rig.got(VANS, 3).await;
    rig.message(&Message::new("K4").plan(Plan::ggop("B3").municipality("155"))).await;
    assert_eq!(kinds(&rig.got(VANS, 4).await)[2..], ["XCTL02", "XCTL02"], "never negative, then positive");
    rig.parked_items(3).await;
    rig.got(TAARNBY, 1).await;
    rig.finish().await;
}

/// Envelope and message new: handled. Both seen, or only the message: the first answer again.
#[tokio::test(flavor = "multi_thread")]
async fn in_the_networks_envelope_a_repeat_is_answered_as_the_first_time() {
    let mut rig = Rig::start().await;
    rig.message(&in_vans(1, 1, "B1")).await;
    assert_eq!(kinds(&rig.got(VANS, 2).await), ["XCTL03", "PositiveMessage"]);
    rig.message(&in_vans(1, 1, "B1")).await;
    assert_eq!(kinds(&rig.got(VANS, 4).await)[2..], ["XCTL03", "PositiveMessage"]);
    rig.message(&in_vans(2, 1, "B1")).await;
    let answers = rig.got(VANS, 6).await;
    assert_eq!(kinds(&answers)[4..], ["XCTL03", "PositiveMessage"]);

    let envelopes: std::collections::BTreeSet<String> = answers.iter().map(own_envelope).collect();
    assert_eq!(envelopes.len(), 6, "no envelope of ours is used twice");
    rig.got(TAARNBY, 1).await;
    assert_eq!(rig.balance().await.duplicate, 2);
    rig.finish().await;
}

fn own_envelope(answer: &Got) -> String {
    let text = answer.text();
    let (_, rest) = text.split_once("<EnvelopeIdentifier>").expect("an envelope");
    rest.split_once('<').expect("an id").0.to_owned()
}

/// Envelope seen, message new: parked, and held rather than refused.
#[tokio::test(flavor = "multi_thread")]
async fn a_used_envelope_with_another_message_is_parked_and_held() {
    let mut rig = Rig::start().await;
    rig.message(&in_vans(1, 1, "B1")).await;
    rig.got(VANS, 2).await;
    rig.message(&in_vans(1, 2, "B2")).await;
    assert_eq!(rig.parked_item().await.1, "ENVELOPE_REUSED");
    assert_eq!(kinds(&rig.got(VANS, 4).await)[2..], ["XCTL03", "PositiveMessage"], "no negative answer");
    rig.got(TAARNBY, 1).await;
    rig.finish().await;
}
