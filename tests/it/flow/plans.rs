//! A hospital's plan, in each of its forms, to those who must know of it and back to the hospital.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use budstikke::ledger::item::State;
use budstikke_testkit::plans::{Discharge, Encoding, Message, Plan, Vans};
use data_encoding::HEXLOWER;
use jiff::civil::date;
use serde_json::json;

use super::rig::{DRAGOER, Rig, TAARNBY, VANS};
use super::wire::{Given, Got};

/// The kinds of what a receiver got.
fn kinds(got: &[Got]) -> Vec<&str> {
    got.iter().map(|it| it.kind.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_for_a_dragoer_citizen_is_told_to_dragoer_and_done_by_taarnby() {
    let mut rig = Rig::start().await;
    let message = Message::new("K1").plan(Plan::ggop("B1").name("Asta Prøve", "Åkjær")).encoding(Encoding::Latin1);
    rig.message(&message).await;

    let told = rig.got_one(DRAGOER).await;
    let asked = rig.got_one(TAARNBY).await;
    let duty = rig.duties().await.remove(0);
    for (got, capacity) in [(&told, "information"), (&asked, "task")] {
        let event = got.json();
        assert_eq!(event["deliveryid"], got.id.as_str());
        assert_eq!(event["deliveredas"], capacity);
        assert_eq!((&event["rule"], &event["clause"]), (&json!("plan-modtaget"), &json!("S1 2")));
        assert_eq!((&event["residence"], &event["law"]), (&json!("155"), &json!("SUL § 140")));
        assert_eq!(event["data"]["citizen"]["name"]["family"], "Åkjær");
        assert_eq!(event["type"], got.kind.as_str());
        assert_eq!(event["correlationid"].as_str(), got.correlation.as_deref());
        assert_eq!((got.kind.as_str(), got.persistent), ("dk.budstikke.rehab.plan.received.v1", true));
        assert_eq!(got.content_type, "application/cloudevents+json");

        let original = &event["data"]["original"];
        let bytes = BASE64_STANDARD.decode(original["base64"].as_str().expect("a text")).expect("base64");
        assert_eq!(bytes, message.bytes(), "the original travels byte for byte");
        assert_eq!(original["sha256"], HEXLOWER.encode(digest(&SHA256, &bytes).as_ref()));
        assert_eq!((&original["encoding"], &original["media_type"]), (&json!("ISO-8859-1"), &json!("application/xml")));
    }
    assert_eq!(asked.json()["dutyid"], duty.id.to_string());
    assert_eq!((&asked.json()["dutykind"], &asked.json()["dutydue"]), (&json!("act"), &json!("2026-11-28")));
    assert_eq!((&told.json()["dutyid"], &told.json()["dutydue"]), (&json!(null), &json!(null)));

    let answer = rig.got_one(VANS).await;
    assert_eq!((answer.kind.as_str(), answer.content_type.as_str()), ("XCTL03", "application/xml"));
    assert!(answer.text().contains("<OriginalLetterIdentifier>B1<"), "it names the letter");
    rig.finish().await;
}

/// One trace per event, a step of its own per delivery, and nothing about the citizen outside the
/// body.
#[tokio::test(flavor = "multi_thread")]
async fn the_headers_carry_the_trace_and_nothing_of_the_citizen() {
    let mut rig = Rig::start().await;
    rig.plan(Plan::ggop("B1").cpr("2512489996").name("Nancy Ann Test", "Berggren")).await;
    let (one, other) = (rig.got_one(DRAGOER).await, rig.got_one(TAARNBY).await);
    let trace = |got: &Got| got.headers["traceparent"].split('-').map(str::to_owned).collect::<Vec<_>>();
    let (first, second) = (trace(&one), trace(&other));
    assert_eq!(first.iter().map(String::len).collect::<Vec<_>>(), [2, 32, 16, 2]);
    assert_eq!(first[1], second[1], "one event, one trace");
    assert_ne!(first[2], second[2], "each delivery is a step of its own");
    for got in [one, other] {
        let outside = format!("{:?} {:?} {} {}", got.headers, got.correlation, got.id, got.kind);
        assert!(!outside.contains("2512489996") && !outside.contains("Berggren"), "{outside}");
    }
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taarnby_citizens_plan_goes_to_taarnby_once() {
    let mut rig = Rig::start().await;
    rig.plan(Plan::ggop("B1").municipality("185")).await;
    let asked = rig.got_one(TAARNBY).await.json();
    assert_eq!((&asked["deliveredas"], &asked["dutydue"]), (&json!("task"), &json!("2026-11-28")));
    rig.got(VANS, 1).await;
    assert_eq!(rig.balance().await.deliveries.total, 1, "one mailbox, one delivery");
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_specialised_plan_goes_to_both_and_is_owed_by_nobody() {
    let mut rig = Rig::start().await;
    rig.plan(Plan::ggop("B1").plan_type("specialiseret")).await;
    let (told, asked) = (rig.got_one(DRAGOER).await.json(), rig.got_one(TAARNBY).await.json());
    assert_eq!((&told["deliveredas"], &asked["deliveredas"]), (&json!("information"), &json!("task")));
    assert_eq!(asked["dutyid"], json!(null));
    assert!(rig.duties().await.is_empty());
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_in_a_correspondence_is_a_plan() {
    let mut rig = Rig::start().await;
    rig.message(&Message::new("K1").plan(Plan::correspondence("B1")).encoding(Encoding::Windows1252)).await;
    let asked = rig.got_one(TAARNBY).await.json();
    assert_eq!(asked["type"], "dk.budstikke.rehab.plan.received.v1");
    assert_eq!((&asked["data"]["plan_type"], &asked["dutydue"]), (&json!("almen"), &json!("2026-11-28")));
    assert_eq!(asked["data"]["original"]["encoding"], "windows-1252");
    assert_eq!(kinds(&rig.got(VANS, 1).await), ["XCTL03"]);
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_networks_envelope_the_network_is_answered_too() {
    let mut rig = Rig::start().await;
    rig.message(&Message::new("K1").plan(Plan::ggop("B1")).vans(Vans::numbered(1))).await;
    let reliable = rig.got(VANS, 2).await;
    assert_eq!(kinds(&reliable), ["XCTL03", "PositiveMessage"]);
    for answer in &reliable {
        assert!(answer.text().contains("<VANSEnvelope"), "an answer goes as the question came");
    }
    let receipt = reliable[1].text();
    assert!(receipt.contains("<OriginalEnvelopeIdentifier>e0000000-0000-4000-8000-000000000001<"), "{receipt}");

    let unreliable = Message::new("K2").plan(Plan::ggop("B2")).vans(Vans::numbered(2).reliable(false));
    rig.message(&unreliable).await;
    assert_eq!(kinds(&rig.got(VANS, 3).await)[2..], ["XCTL03"], "the network does not wait for an answer");
    rig.got(TAARNBY, 2).await;
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_for_odense_is_parked_and_its_hospital_hears_it_at_once() {
    let mut rig = Rig::start().await;
    rig.plan(Plan::ggop("B1").municipality("461")).await;
    let answer = rig.got_one(VANS).await;
    assert_eq!(answer.kind, "XCTL02");
    assert!(answer.text().contains("problem_med_modtagerID"), "{}", answer.text());
    let (item, code) = rig.parked_item().await;
    assert_eq!((code.as_str(), item.refused), ("OUTSIDE_AGREEMENT", false));
    assert_eq!(rig.balance().await.deliveries.total, 0, "nobody is told");
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_of_mixed_fate_each_go_their_way() {
    let mut rig = Rig::start().await;
    let message = Message::new("K1")
        .plan(Plan::ggop("B1"))
        .plan(Plan::ggop("B2").municipality("461"))
        .plan(Plan::ggop("B3").municipality("185").cpr("2509479989"));
    rig.send(&Given::to("rehab-plan", message.bytes()), 3).await;
    let answers = rig.got(VANS, 2).await;
    assert_eq!(kinds(&answers), ["XCTL03", "XCTL02"]);
    let names = |answer: &Got, letter: &str| answer.text().contains(&format!("<OriginalLetterIdentifier>{letter}<"));
    assert_eq!(["B1", "B2", "B3"].map(|letter| names(&answers[0], letter)), [true, false, true]);
    assert_eq!(["B1", "B2", "B3"].map(|letter| names(&answers[1], letter)), [false, true, false]);
    let dragoer = rig.got(DRAGOER, 1).await;
    let taarnby = rig.got(TAARNBY, 2).await;
    for (got, own) in dragoer.iter().map(|got| (got, "B1")).chain(taarnby.iter().zip(["B1", "B3"])) {
        let original = got.json()["data"]["original"]["base64"].as_str().map(|text| BASE64_STANDARD.decode(text));
        let original = String::from_utf8(original.expect("an original").expect("base64")).expect("UTF-8");
        let has = ["B1", "B2", "B3"].map(|letter| original.contains(&format!(">{letter}<")));
        assert_eq!(has, ["B1", "B2", "B3"].map(|letter| letter == own), "nobody gets another citizen's letter");
    }
    assert_eq!(rig.parked_item().await.1, "OUTSIDE_AGREEMENT");
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_follows_its_plan_and_moves_the_due_date() {
    let mut rig = Rig::start().await;
    let expected = |day: &str| Discharge::Expected(day.to_owned(), "11:00".to_owned());
    rig.plan(Plan::correspondence("B1").episode("e1").discharge(expected("2026-11-23"))).await;
    rig.got(TAARNBY, 1).await;
    assert_eq!(rig.duties().await[0].due.date, Some(date(2026, 11, 30)));

    rig.plan(Plan::correspondence("B2").episode("e1").corrected(true).discharge(expected("2026-11-26"))).await;
    let got = rig.got(TAARNBY, 2).await;
    let (plan, correction) = (got[0].json(), got[1].json());
    assert_eq!(correction["type"], "dk.budstikke.rehab.plan.corrected.v1");
    assert_eq!(correction["subject"], plan["subject"], "it stands in the same case");
    assert_eq!(rig.got(DRAGOER, 2).await[1].json()["deliveredas"], "information");
    let duties = rig.duties().await;
    assert_eq!((duties.len(), duties[0].due.date, duties[0].moves), (1, Some(date(2026, 12, 3)), 1));
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_that_comes_first_waits_for_its_plan() {
    let mut rig = Rig::start().await;
    rig.plan(Plan::correspondence("B2").episode("e1").corrected(true)).await;
    assert_eq!(rig.parked_item().await.1, "PRECEDING_MISSING");
    assert_eq!(kinds(&rig.got(VANS, 1).await), ["XCTL03"], "we hold it");

    rig.plan(Plan::correspondence("B1").episode("e1")).await;
    for receiver in [DRAGOER, TAARNBY] {
        let got = rig.got(receiver, 2).await;
        let wanted = ["dk.budstikke.rehab.plan.received.v1", "dk.budstikke.rehab.plan.corrected.v1"];
        assert_eq!(kinds(&got), wanted, "{receiver}");
    }
    rig.parked_items(0).await;
    assert_eq!(rig.story("B2").await.item.state, State::Routed);
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_further_plan_is_delivered_with_a_remark() {
    let mut rig = Rig::start().await;
    rig.plan(Plan::ggop("B1").episode("e-1")).await;
    rig.plan(Plan::ggop("B2").episode("E1")).await;
    for receiver in [DRAGOER, TAARNBY] {
        let got = rig.got(receiver, 2).await;
        let (first, further) = (got[0].json(), got[1].json());
        assert_eq!(first["subject"], further["subject"]);
        assert_eq!(first["data"]["remarks"], json!(null));
        assert_eq!(further["data"]["remarks"][0]["code"], "MAY_REPLACE", "a person chooses: {receiver}");
    }
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_kind_of_letter_is_refused_and_a_receipt_is_recorded() {
    let mut rig = Rig::start().await;
    let other = include_bytes!("../../../deploy/samples/09-other-kind.xml");
    rig.send(&Given::to("rehab-plan", other.as_slice()), 1).await;
    let answer = rig.got_one(VANS).await;
    assert_eq!(answer.kind, "XCTL02");
    assert!(answer.text().contains("problem_med_version"), "{}", answer.text());
    let (item, code) = rig.parked_item().await;
    assert_eq!((code.as_str(), item.refused), ("KIND_NOT_CARRIED", true));

    // What the hub says to hospitals, sent to the hub.
    rig.send(&Given::to("rehab-plan", answer.body.clone()), 1).await;
    rig.taken().await;
    assert_eq!(rig.balance().await.recorded, 1);
    rig.got(VANS, 1).await;
    rig.finish().await;
}
