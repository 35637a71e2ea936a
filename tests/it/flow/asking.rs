//! What must be asked elsewhere first: a look-up that answers, is slow, wrong, down and flapping,
//! and the content of thin events.

use std::time::Duration;

use budstikke::config::{Asked, Residence, Settings};
use budstikke::enquire::asker::Limits;
use budstikke::ledger::item::State;
use budstikke::retry::Policy;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::rig::{DRAGOER, Rig, TAARNBY, canonical};
use super::wire::Given;
use crate::look_up::{LookUp, Question, Says, lives};
use crate::wait;

const CPR: &str = "2512489996";
const OTHER: &str = "0108589995";
const CASE: &str = "rehab-6fb927da-3be1-4b9f-8875-a6326617d20b";
const ELSEWHERE: &str = "rehab-6fb927da-3be1-4b9f-8875-a6326617d20c";

fn asked(service: &LookUp) -> Asked {
    Asked {
        web: service.settings(),
        limits: Limits {
            per_second: 1_000,
            at_once: 4,
            cache: Duration::ZERO,
            give_up_after: Duration::from_hours(1),
            waits: Policy::new(Duration::from_millis(20), Duration::from_millis(100)),
        },
    }
}

/// A hub that asks where citizens live.
async fn asking(service: &LookUp) -> Rig {
    let asked = asked(service);
    Rig::with(move |settings: &mut Settings| settings.residence = Some(Residence { asked, check_plans: false })).await
}

/// Somebody asks for training, and does not say where the citizen lives.
fn training(id: &str, case: &str, cpr: &str) -> Value {
    let data = json!({"citizen": {"cpr": cpr}, "reason": "Nyligt funktionstab"});
    canonical("rehab.training.requested", id, "/dragoer/x", case, &data)
}

fn at_home(id: &str, case: &str, code: &str) -> Value {
    let mut event = training(id, case, CPR);
    event["residence"] = json!(code);
    event
}

/// Waits until so many items wait.
async fn waiting(rig: &Rig, count: i64) {
    wait::until(&format!("{count} items wait"), async || (rig.balance().await.waiting == count).then_some(())).await;
}

async fn ids(rig: &mut Rig, receiver: &str, count: usize) -> Vec<String> {
    let got = rig.got(receiver, count).await;
    got.iter().map(|got| got.json()["id"].as_str().expect("an id").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_else_says_it_the_look_up_is_asked_and_the_number_is_in_no_address() {
    let service = LookUp::start(|_| lives("155")).await;
    let mut rig = asking(&service).await;
    rig.event(&training("a", CASE, CPR)).await;
    assert_eq!(ids(&mut rig, DRAGOER, 1).await, ["a"], "as by the agreement for one who lives there");
    let [question] = service.asked().try_into().expect("one question");
    assert_eq!(question.body, format!("{{\"cpr\":\"{CPR}\"}}"));
    assert!(question.head.starts_with("POST /opslag ") && !question.head.contains("2512"), "{}", question.head);
    let story = rig.story("a").await;
    assert_eq!(story.wishes.len(), 1);
    assert_eq!(story.event.expect("an event").decision.known["looked_up"]["municipality"], "155");
    rig.finish().await;
}

/// Everything that is no answer: none of it lets a message go anywhere.
fn wrong(number: usize) -> Says {
    match number % 7 {
        0 => Says::Json(500, String::new()),
        1 => Says::Json(200, "{\"municipality\": 155}".to_owned()),
        2 => Says::Html(404, "Not Found".to_owned()),
        3 => Says::Json(503, "{\"municipality\": \"155\"}".to_owned()),
        4 => Says::Json(200, "{\"municipality\": \"15".to_owned()),
        5 => Says::Json(404, "{\"message\": \"no route\"}".to_owned()),
        _ => Says::Html(200, "155".to_owned()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_up_that_is_wrong_says_nothing_and_the_order_holds_when_it_is_right() {
    let mut number = 0;
    let service = LookUp::start(move |_| {
        number += 1;
        wrong(number)
    })
    .await;
    let mut rig = asking(&service).await;
    for (id, cpr) in [("a", CPR), ("b", CPR), ("c", CPR)] {
        rig.event(&training(id, CASE, cpr)).await;
    }
    rig.event(&at_home("d", CASE, "155")).await;
    rig.event(&at_home("elsewhere", ELSEWHERE, "155")).await;
    assert_eq!(ids(&mut rig, DRAGOER, 1).await, ["elsewhere"], "another case waits for nothing");
    waiting(&rig, 4).await;
    wait::until("it has been wrong in every way", async || (service.asked().len() > 14).then_some(())).await;
    assert_eq!(rig.balance().await.waiting, 4);
    // Flapping: every other answer is none.
    let mut number = 0;
    service.says(move |_| {
        number += 1;
        if number % 2 == 0 { wrong(number) } else { lives("155") }
    });
    assert_eq!(ids(&mut rig, DRAGOER, 5).await[1..], ["a", "b", "c", "d"]);
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_up_that_is_down_for_too_long_leaves_it_to_a_person_who_can_have_it_asked_again() {
    let service = LookUp::start(|_| Says::Json(503, String::new())).await;
    let mut rig = asking(&service).await;
    rig.event(&training("a", CASE, CPR)).await;
    waiting(&rig, 1).await;
    wait::until("it was asked in vain", async || (service.asked().len() > 1).then_some(())).await;
    rig.clock.set(rig.clock.now() + SignedDuration::from_mins(61));
    let (item, code) = rig.parked_item().await;
    assert_eq!(code, "LOOKUP_FAILED");
    service.says(|_| lives("185"));
    assert_eq!(rig.resend(&format!("#{}", item.seq)).await, "waiting");
    assert_eq!(ids(&mut rig, TAARNBY, 1).await, ["a"]);
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_that_is_stopped_while_it_asks_asks_again_when_it_is_back() {
    let service = LookUp::start(|_| Says::Nothing).await;
    let mut rig = asking(&service).await;
    rig.event(&training("a", CASE, CPR)).await;
    rig.event(&at_home("b", CASE, "155")).await;
    rig.event(&training("c", ELSEWHERE, OTHER)).await;
    waiting(&rig, 3).await;
    wait::until("both are being asked about", async || (service.asked().len() == 2).then_some(())).await;
    rig.stop().await;
    service.says(|_| lives("155"));
    rig.begin().await;
    let mut got = ids(&mut rig, DRAGOER, 3).await;
    got.retain(|id| id != "c");
    assert_eq!(got, ["a", "b"]);
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_up_that_is_taken_out_of_the_settings_is_waited_for_no_more() {
    let service = LookUp::start(|_| Says::Json(503, String::new())).await;
    let mut rig = asking(&service).await;
    rig.event(&training("a", CASE, CPR)).await;
    waiting(&rig, 1).await;
    rig.stop().await;
    rig.settings.residence = None;
    rig.begin().await;
    assert_eq!(rig.parked_item().await.1, "NO_RESIDENCE");
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_status_and_metrics_say_of_it_names_nobody() {
    let service = LookUp::start(|_| Says::Json(500, String::new())).await;
    let mut rig = asking(&service).await;
    rig.event(&training("a", CASE, CPR)).await;
    waiting(&rig, 1).await;
    wait::until("it is known to be down", async || {
        let said = String::from_utf8(rig.budstikke(&["status"]).await.stdout).expect("text");
        said.contains("asks      the look-up of residence: does not answer since").then_some(())
    })
    .await;
    let list = String::from_utf8(rig.budstikke(&["parked", "list", "--all"]).await.stdout).expect("text");
    assert!(list.contains("waiting for the look-up of residence since"), "{list}");
    let trace = String::from_utf8(rig.budstikke(&["trace", "a"]).await.stdout).expect("text");
    assert!(trace.contains("asked     waiting for the look-up of residence since"), "{trace}");
    assert!(!list.contains("2512") && !trace.contains("2512"));
    service.says(|_| lives("155"));
    rig.got(DRAGOER, 1).await;
    rig.finish().await;
}

const THIN: &str = include_str!("../../../adapters/momentum/fixtures/thin-changed.json");
const CONTENT: &str = include_str!("../../../adapters/momentum/fixtures/event-absence-registered.json");

#[tokio::test(flavor = "multi_thread")]
async fn a_thin_event_is_what_its_senders_system_says_it_is() {
    let mut number = 0;
    let service = LookUp::start(move |_: &Question| {
        number += 1;
        if number < 3 { Says::Json(503, String::new()) } else { Says::Json(200, CONTENT.to_owned()) }
    })
    .await;
    let asked = asked(&service);
    let mut rig =
        Rig::with(move |settings: &mut Settings| drop(settings.fetch.insert("momentum".to_owned(), asked))).await;
    rig.everyone();
    rig.send(&Given::to("momentum", THIN), 1).await;
    let story = wait::until("it has been read", async || {
        let story = rig.read(|reader| reader.stories_after(0)).await.pop()?;
        (story.item.state != State::Waiting).then_some(story)
    })
    .await;
    assert_eq!(story.item.what, "employment.absence.registered");
    let path = service.asked().pop().expect("a question").path;
    let thin: Value = serde_json::from_str(THIN).expect("JSON");
    assert!(path.starts_with("/opslag/") && path.split('/').count() == 4, "{path} of {thin}");
    rig.finish().await;
}
