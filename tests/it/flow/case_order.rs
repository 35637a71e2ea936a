//! What happens in one case goes in order, whatever happens in between; one case never waits for
//! another.

use std::collections::BTreeMap;

use budstikke::control::Command;
use budstikke::ledger::item::State;
use budstikke_testkit::plans::Message;
use serde_json::{Value, json};

use super::rig::{DRAGOER, Rig, TAARNBY, VANS, canonical, plan_in_case};
use super::wire::{Given, Got};

const CASE: &str = "rehab-6fb927da-3be1-4b9f-8875-a6326617d20b";
const ELSEWHERE: &str = "rehab-6fb927da-3be1-4b9f-8875-a6326617d20c";

fn level(id: &str, case: &str, data: &Value) -> Value {
    let mut event = canonical("rehab.level.set", id, "/taarnby/cura", case, data);
    event["residence"] = json!("155");
    event
}

fn ids(got: &[Got]) -> Vec<String> {
    got.iter().map(|it| it.json()["id"].as_str().expect("an id").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_parked_holds_its_own_case_and_no_other() {
    let mut rig = Rig::start().await;
    let good = json!({"level": "basal"});
    rig.event(&level("broken", CASE, &json!({"level": "højere"}))).await;
    for id in ["behind-1", "behind-2"] {
        rig.event(&level(id, CASE, &good)).await;
    }
    rig.event(&level("elsewhere", ELSEWHERE, &good)).await;
    assert_eq!(ids(&rig.got(DRAGOER, 1).await), ["elsewhere"]);
    let (item, code) = rig.parked_item().await;
    assert_eq!((code.as_str(), rig.balance().await.waiting), ("EVENT_SCHEMA", 2));

    let id = format!("#{}", item.seq);
    let still = rig.resend(&id).await;
    assert!(still.as_str().is_some_and(|it| it.starts_with("parked: EVENT_SCHEMA")), "{still}");
    assert_eq!(rig.balance().await.waiting, 2, "sent again, it still holds its case");

    rig.command(Command::Discard { id, reason: "sendt rigtigt igen".to_owned() }).await;
    assert_eq!(ids(&rig.got(DRAGOER, 3).await)[1..], ["behind-1", "behind-2"]);
    rig.finish().await;
}

/// A letter that is too large to be carried with its event: its deliveries are parked, and hold
/// their lanes, until a person lets the next one pass.
#[tokio::test(flavor = "multi_thread")]
async fn what_can_never_be_carried_holds_its_lane_until_a_person_lets_the_rest_pass() {
    let mut rig = Rig::start().await;
    let large = Message::new("K0").plan(plan_in_case("B1", 1)).bytes();
    let large = String::from_utf8(large).expect("UTF-8").replace("</Emessage>", &padding(13));
    rig.send(&Given::to("rehab-plan", large), 1).await;
    rig.plan(plan_in_case("B2", 1)).await;
    rig.plan(plan_in_case("B3", 3)).await;
    let letter = |got: &Got| got.json()["data"]["letter"]["id"].clone();
    assert_eq!(letter(&rig.got_one(TAARNBY).await), "B3");
    assert_eq!(letter(&rig.got_one(DRAGOER).await), "B3");
    rig.got(VANS, 3).await;

    let parked = rig.read(|reader| reader.parked()).await.1;
    for delivery in &parked {
        assert_eq!(delivery.reason.as_ref().expect("why").code.as_str(), "UNSENDABLE");
        let id = delivery.id.to_string();
        rig.command(Command::Pass { id, reason: "sendt på papir".to_owned() }).await;
    }
    assert_eq!(letter(&rig.got(TAARNBY, 2).await[1]), "B2");
    assert_eq!(letter(&rig.got(DRAGOER, 2).await[1]), "B2");
    rig.finish().await;
}

/// So many mebibytes of comments, which are no part of what is read but travel in the original.
fn padding(mebibytes: usize) -> String {
    let comment = format!("<!--{}-->", "x".repeat(1024 * 1024 - 7));
    comment.repeat(mebibytes) + "</Emessage>"
}

/// The hub is stopped and started again while plans keep coming.
#[tokio::test(flavor = "multi_thread")]
async fn a_hub_that_is_stopped_in_the_middle_goes_on_where_it_was() {
    const CASES: usize = 10;
    const ROUNDS: usize = 12;
    let mut rig = Rig::start().await;
    let burst = |round: usize| {
        let plan = |case: usize| plan_in_case(format!("B{case}-{round}"), case);
        let message = |case: usize| Message::new(format!("K{case}-{round}")).plan(plan(case));
        (0..CASES).map(|case| Given::to("rehab-plan", message(case).bytes())).collect::<Vec<_>>()
    };
    for round in 0..ROUNDS {
        rig.send_all(&burst(round)).await;
        if round % 4 == 3 {
            rig.stop().await;
            rig.send_all(&burst(ROUNDS + round)).await;
            rig.begin().await;
        }
    }
    let all = CASES * (ROUNDS + ROUNDS / 4);
    for receiver in [DRAGOER, TAARNBY] {
        let mut rounds: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for got in rig.got(receiver, all).await {
            let letter = got.json()["data"]["letter"]["id"].as_str().expect("an id").to_owned();
            let (case, round) = letter.split_once('-').expect("a case and a round");
            rounds.entry(case.to_owned()).or_default().push(round.to_owned());
        }
        let sent = (0..ROUNDS).flat_map(|it| if it % 4 == 3 { vec![it, ROUNDS + it] } else { vec![it] });
        let sent: Vec<String> = sent.map(|it| it.to_string()).collect();
        assert_eq!(rounds.len(), CASES);
        for (case, got) in rounds {
            assert_eq!(got, sent, "{case} at {receiver}");
        }
    }
    rig.got(VANS, all).await;
    assert_eq!(rig.story("B0-0").await.item.state, State::Routed);
    rig.finish().await;
}
