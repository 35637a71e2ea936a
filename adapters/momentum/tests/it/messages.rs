//! What matters most in a message, one by one.

use budstikke_contract::adapter::{Adapter, CaseClue, ItemBody};
use budstikke_contract::id::CaseKey;
use budstikke_momentum::Momentum;
use serde_json::{Value, json};

use crate::fixture::{draft, fixture, json, only, refusal, translate};

fn occurred(message: &Value) -> Option<String> {
    draft(message).occurred.map(|occurred| occurred.to_string())
}

#[test]
fn a_sanction_has_all_that_the_benefit_team_needs() {
    let draft = draft(&json("event-sanction-recommended.json"));
    assert_eq!(draft.kind.name(), "employment.sanction.recommended");
    assert_eq!(draft.law.unwrap().to_string(), "LAS § 37");
    assert_eq!(draft.kle.unwrap().as_str(), "32.24.06");
    assert_eq!(draft.residence.unwrap().to_string(), "155");
    let data = Value::Object(draft.data);
    assert_eq!(data["effective"], "2026-11-16");
    assert_eq!(data["legal_basis"], "LAS § 37");
    assert_eq!(data["hearing"]["held"], true);
    assert_eq!(
        data["target_group"],
        json!({"group": "kontanthjaelp-jobparat", "code": "6.2", "vocational_education": "yes", "contact_group": "Jobparat"})
    );
}

#[test]
fn a_grant_happens_on_the_first_day_of_its_period_and_a_refusal_when_it_is_made() {
    let mut message = json("event-sickness-benefit-extension-decided.json");
    message["occurredAt"] = json!("2026-11-19");
    assert_eq!(occurred(&message).as_deref(), Some("2026-12-01"));
    message["details"] = json!({"decision": "REFUSED", "reason": "Ingen regel er opfyldt"});
    assert_eq!(occurred(&message).as_deref(), Some("2026-11-19"));
    message.as_object_mut().unwrap().remove("occurredAt");
    assert_eq!(occurred(&message), None);
    assert_eq!(occurred(&json("event-flex-job-started.json")).as_deref(), Some("2026-12-01"));
    assert_eq!(occurred(&json("event-absence-registered.json")), None);
    assert_eq!(occurred(&json("event-benefit-decided.json")).as_deref(), Some("2026-12-01"));
}

#[test]
fn a_code_means_what_it_meant_on_the_day_it_happened() {
    let before = draft(&json("before-the-reform.json"));
    assert_eq!(before.data["target_group"]["group"], "overgangsydelse-jobparat");
    // Half an hour later it is 1 July in Denmark, and there is no overgangsydelse any more.
    let mut after = json("before-the-reform.json");
    after["createdAt"] = json!("2025-06-30T22:00:00Z");
    assert_eq!(refusal(&after), ("TARGET_GROUP_UNKNOWN".to_owned(), "$.targetGroup.benefitCode".to_owned()));
}

#[test]
fn a_previous_group_is_the_one_of_the_day_before() {
    let mut message = json("event-target-group-changed.json");
    message["occurredAt"] = json!("2025-07-01");
    message["details"]["previousTargetGroup"] = json!({"targetGroupCode": "6.2", "benefitCode": "OVERGANGSYDELSE"});
    assert_eq!(draft(&message).data["previous"]["group"], "overgangsydelse-jobparat");
}

#[test]
fn a_case_is_known_by_its_number_in_momentum_and_an_answer_by_the_key() {
    let CaseClue::Derived { area, first, likeness, .. } = draft(&json("event-case-opened.json")).case else { panic!() };
    assert_eq!((area, first.as_str(), likeness.len()), ("employment", "MOM-2026-1187", 0));
    let CaseClue::Derived { area, .. } = draft(&json("event-housing-needed.json")).case else { panic!() };
    assert_eq!(area, "integration");
    let answer = draft(&json("event-benefit-decided.json"));
    assert_eq!(answer.case, CaseClue::Key(CaseKey::parse("employment-0b6f8f0e-6f0f-5d3b-8d1d-2f5f7c0a9d11").unwrap()));
    assert_eq!(answer.causation.unwrap().as_str(), "8e4a1e0a-55f5-5c6b-9a52-90f2b1c0de02");
}

#[test]
fn the_benefit_of_an_integration_citizen_is_of_that_case() {
    let mut message = json("event-benefit-decided.json");
    message.as_object_mut().unwrap().remove("subject");
    message["targetGroup"] = json!({"targetGroupCode": "INT-KP"});
    let CaseClue::Derived { area, .. } = draft(&message).case else { panic!() };
    assert_eq!(area, "integration");
}

#[test]
fn a_message_is_the_same_alone_in_a_list_and_with_other_spaces() {
    let message = json("event-case-opened.json");
    let alone = only(translate(&fixture("event-case-opened.json")));
    let dense = only(translate(message.to_string().as_bytes()));
    let listed = translate(json!([message, json("event-case-closed.json")]).to_string().as_bytes());
    for item in [&dense, &listed.items[0]] {
        assert_eq!((&item.key, &item.content), (&alone.key, &alone.content));
    }
    assert_eq!(alone.key.as_deref(), Some("/taarnby/momentum 7d2c1f40-0b1e-4c55-9a31-000000000001"));
}

#[test]
fn each_of_a_list_has_a_fate_of_its_own() {
    let body = fixture("list.json");
    let items = translate(&body).items;
    let bodies: Vec<bool> = items.iter().map(|item| matches!(item.body, ItemBody::Event(_))).collect();
    assert_eq!(bodies, [true, false, true]);
    let ItemBody::Refused(reason) = &items[1].body else { panic!() };
    assert_eq!(reason.path.as_deref(), Some("$[1].details.hearing"));
    for (at, item) in items.iter().enumerate() {
        assert_eq!(Momentum.alone(&body, at).as_ref(), Some(&item.content));
    }
    assert_eq!(Momentum.alone(&body, 3), None);
}

#[test]
fn a_list_has_a_limit() {
    let message = json("event-case-opened.json");
    let list = |length: usize| Value::Array(vec![message.clone(); length]).to_string();
    assert_eq!(translate(list(1000).as_bytes()).items.len(), 1000);
    let over: Value = serde_json::from_str(&list(1001)).unwrap();
    assert_eq!(refusal(&over), ("FIELD_INVALID".to_owned(), "$".to_owned()));
}

#[test]
fn what_is_refused_for_a_fault_may_come_again_under_its_number() {
    let mut message = json("event-case-opened.json");
    message["citizen"]["cpr"] = json!("0000000000");
    assert_eq!(only(translate(message.to_string().as_bytes())).key, None);
}

#[test]
fn a_message_that_another_carried_is_known() {
    for name in ["event-case-opened.json", "list.json", "thin-created.json", "wrong-cpr.json", "wrong-event-type.json"]
    {
        assert!(Momentum.recognises(&fixture(name)), "{name}");
    }
    for body in [&b"{}"[..], b"[]", b"{\"contractVersion\": 1}", b"<a/>", b"7"] {
        assert!(!Momentum.recognises(body));
    }
}
