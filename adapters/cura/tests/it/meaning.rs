//! What the resources mean: which event at which step, whose case, which day, once or anew.

use budstikke_contract::adapter::{CaseClue, Draft, ItemBody};
use serde_json::{Value, json};

use crate::fixture::{changed, draft, draft_of, first, fixture, item, json as value_of, place};

fn kind(draft: &Draft) -> &'static str {
    draft.kind.name()
}

fn codes(draft: &Draft) -> Vec<&str> {
    draft.remarks.iter().map(|remark| remark.code.as_str()).collect()
}

#[test]
fn a_grant_is_what_its_status_and_its_version_say() {
    for (name, event, status, remarks) in [
        ("grant-requested.json", "adult.grant.requested", Some("ansøgt"), vec![]),
        ("grant-decided.json", "adult.grant.decided", Some("aktiv"), vec![]),
        ("grant-decided-after-request.json", "adult.grant.decided", Some("aktiv"), vec![]),
        ("grant-changed.json", "adult.grant.changed", Some("aktiv"), vec![]),
        ("grant-changed-uncertain.json", "adult.grant.changed", Some("aktiv"), vec!["CHANGE_UNCERTAIN"]),
        ("grant-completed.json", "adult.grant.ended", Some("afsluttet"), vec![]),
        ("grant-cancelled.json", "adult.grant.ended", Some("annulleret"), vec![]),
        ("grant-refused.json", "adult.grant.decided", None, vec![]),
        ("grant-entered-in-error.json", "adult.grant.ended", Some("fejlregistreret"), vec!["ENTERED_IN_ERROR"]),
    ] {
        let draft = draft_of(name);
        assert_eq!(kind(&draft), event, "{name}");
        assert_eq!(draft.data.get("status").and_then(Value::as_str), status, "{name}");
        assert_eq!(codes(&draft), remarks, "{name}");
        assert_eq!(draft.occurred.unwrap().to_string(), "2026-12-01", "{name}: the start of its period decides");
        assert_eq!(draft.law.as_ref().unwrap().to_string(), "SEL § 107");
        assert_eq!(draft.residence.unwrap().to_string(), "155");
    }
    assert_eq!(draft_of("grant-decided-after-request.json").data["decision"], "delvist bevilget");
    assert_eq!(draft_of("grant-refused.json").data["decision"], "afslag");
}

#[test]
fn all_of_one_grant_is_one_case_and_another_grant_is_another() {
    let own = "ProcedureRequest/7c9e6679-3333-40de-944b-e07fc1f90ae7";
    for name in [
        "grant-requested.json",
        "grant-decided.json",
        "grant-changed.json",
        "grant-completed.json",
        "task-contract-needed.json",
        "task-contract-signed.json",
        "task-follow-up.json",
        "task-force-report.json",
        "task-info-request.json",
        "task-visitation-decision.json",
        "care-question.json",
    ] {
        let draft = draft_of(name);
        assert_eq!(first(&draft), own, "{name}");
        assert!(matches!(draft.case, CaseClue::Derived { area: "adult", .. }), "{name}");
    }
    let other = changed("grant-decided.json", "/entry/0/resource/id", json!("another"));
    assert_eq!(first(&draft(&other)), "ProcedureRequest/another");
}

#[test]
fn a_grant_that_replaces_another_follows_its_case() {
    let mut value = value_of("grant-decided.json");
    value["entry"][0]["resource"]["replaces"] = json!([{"reference": "ProcedureRequest/before"}]);
    let draft = draft(value.to_string().as_bytes());
    let CaseClue::Derived { likeness, .. } = &draft.case else { panic!("{:?}", draft.case) };
    assert!(likeness.contains(&"cura taarnby ProcedureRequest/before".to_owned()), "{likeness:?}");
}

#[test]
fn a_case_is_never_made_of_a_cpr_number() {
    for (name, body) in crate::fixture::all() {
        for item in crate::fixture::items(&body) {
            let ItemBody::Event(draft) = &item.body else { continue };
            let made_of = match &draft.case {
                CaseClue::Derived { episode, first, .. } => format!("{episode:?}{first}"),
                CaseClue::Key(key) => key.to_string(),
                CaseClue::None => String::new(),
            };
            for number in ["2512489996", "0108589995"] {
                assert!(!made_of.contains(number), "{name}");
                assert!(!item.key.as_ref().unwrap().contains(number), "{name}");
            }
        }
    }
}

#[test]
fn the_hubs_own_key_and_event_are_echoed() {
    let answer = draft_of("care-answer.json");
    assert!(matches!(&answer.case, CaseClue::Key(key) if key.as_str() == "adult-6fb927da-3be1-4b9f-8875-a6326617d20b"));
    assert_eq!(answer.causation.unwrap().as_str(), "question-1");
}

#[test]
fn a_plan_leads_to_the_case_of_the_hospitals_letter() {
    let draft = draft_of("plan-level.json");
    let CaseClue::Derived { area, first, likeness, trail, .. } = &draft.case else { panic!("{:?}", draft.case) };
    assert_eq!(likeness[0], "brev 5790000121526/45249877239313", "as the letters' adapter writes it");
    assert_eq!((*area, first.as_str()), ("rehab", "Communication/de4c0000-4444-4011-995a-5e1c06950000"));
    assert_eq!(trail.as_deref(), Some("5790000121526\n2512489996"), "as the letters' adapter writes it");
    assert_eq!(draft.residence.unwrap().to_string(), "155", "of rehabilitation it is where the citizen lives");
}

#[test]
fn of_adults_the_acting_municipality_decides_and_an_address_does_not() {
    let moved = "/entry/1/resource/address/0/extension/0/valueCodeableConcept/coding/0/code";
    let elsewhere = changed("grant-decided.json", moved, json!("0185"));
    assert_eq!(draft(&elsewhere).residence.unwrap().to_string(), "155");
    let unsaid = changed("grant-decided.json", "/entry/1/resource/extension", Value::Null);
    assert_eq!(draft(&unsaid).residence, None, "an address alone is no acting municipality");
    let of_plan = changed("plan-level.json", moved, json!("0185"));
    assert_eq!(draft(&of_plan).residence.unwrap().to_string(), "185");
}

#[test]
fn of_two_homes_neither_is_where_the_citizen_lives_and_who_acts_does_not_settle_it() {
    let names = ["plan-level.json", "task-rehab-transport.json", "care-training.json", "grant-training.json"];
    let addresses = "/entry/1/resource/address";
    for name in names {
        let home = |code: &str, used: &str| {
            let mut home = value_of(name).pointer(addresses).unwrap()[0].clone();
            home["extension"][0]["valueCodeableConcept"]["coding"][0]["code"] = json!(code);
            home["use"] = json!(used);
            home
        };
        for (addresses_are, residence) in [
            (vec![home("0155", "home"), home("0185", "home")], None),
            (vec![home("0155", "home"), home("0155", "home")], Some("155")),
            (vec![home("0155", "home"), home("0185", "old")], Some("155")),
            (vec![home("0185", "old")], Some("155")),
        ] {
            let read = draft(&changed(name, addresses, json!(addresses_are)));
            assert_eq!(read.residence.map(|code| code.to_string()).as_deref(), residence, "{name}");
        }
    }
}

#[test]
fn another_party_may_speak_in_the_same_cura_about_the_same_grant() {
    let (grant, request) = (draft_of("grant-decided.json"), draft_of("task-visitation-case.json"));
    assert_eq!((grant.source.as_str(), request.source.as_str()), ("/taarnby/cura", "/dragoer/cura"));
    let marks = |draft: &Draft| match &draft.case {
        CaseClue::Derived { likeness, .. } => likeness.clone(),
        CaseClue::Key(_) | CaseClue::None => Vec::new(),
    };
    assert_eq!(marks(&grant), marks(&request), "the request finds the grant's case");
    assert!(!marks(&grant).is_empty());
}

#[test]
fn a_question_is_said_once_whatever_becomes_of_its_task() {
    let asked = item(&fixture("task-info-request.json"));
    let status = format!("{}/valueCode", place("task-info-request.json", "task/status"));
    let mut later: Value =
        serde_json::from_slice(&changed("task-info-request.json", &status, json!("in-progress"))).unwrap();
    later["entry"][0]["resource"]["meta"]["versionId"] = json!("2");
    later["entry"][0]["resource"]["meta"]["lastUpdated"] = json!("2026-11-23T09:00:00+01:00");
    let later = item(later.to_string().as_bytes());
    assert_eq!((&asked.key, &asked.content), (&later.key, &later.content));
    let question = format!("{}/valueString", place("task-info-request.json", "question"));
    let reworded = item(&changed("task-info-request.json", &question, json!("Noget andet?")));
    assert_eq!(asked.key, reworded.key);
    assert_ne!(asked.content, reworded.content, "another question under the same name is found out");
}

#[test]
fn a_kle_number_beside_the_service_is_the_subject_and_not_the_service() {
    let draft = draft_of("grant-with-kle.json");
    assert_eq!(draft.kle.unwrap().as_str(), "27.57.04");
    assert_eq!(draft.data["service"]["code"], "107-01");
}

#[test]
fn a_new_version_of_a_grant_is_a_new_thing() {
    let one = item(&fixture("grant-decided.json"));
    let other = item(&changed("grant-decided.json", "/entry/0/resource/meta/versionId", json!("2")));
    assert_ne!(one.key, other.key);
    let unversioned = item(&changed("grant-decided.json", "/entry/0/resource/meta/versionId", Value::Null));
    assert!(unversioned.key.unwrap().ends_with("/2026-11-20T09:15:00+01:00"), "the time is its version");
}

#[test]
fn a_task_about_a_grant_says_what_the_grant_says() {
    let draft = draft_of("task-contract-needed.json");
    assert_eq!(draft.law.unwrap().to_string(), "SEL § 107");
    assert_eq!(draft.data["period"], json!({"from": "2026-12-01", "to": "2027-11-30"}));
    assert_eq!(draft.data["provider"], json!({"name": "Prøvebakken", "cvr": "12345678"}));
    assert_eq!(draft.data["rate"], json!({"amount": "2345.5", "unit": "døgn"}));
    let follow_up = draft_of("task-follow-up.json");
    assert_eq!(follow_up.law.unwrap().to_string(), "SEL § 148");
    assert_eq!(follow_up.data["grant_law"], "SEL § 107");
    assert_eq!(follow_up.occurred.unwrap().to_string(), "2026-11-20");
}

#[test]
fn tasks_that_say_nothing_are_kept_by_name() {
    for (name, what) in [
        ("task-incoming.json", "CuraSimpleTask: incoming communication"),
        ("task-under-way.json", "CuraSimpleTask: follow-up"),
        ("plan-without-level.json", "CuraRehabilitationPlan uden niveau"),
    ] {
        let item = item(&fixture(name));
        assert!(item.key.is_some(), "{name}");
        assert!(matches!(&item.body, ItemBody::Record { what: it } if it == what), "{name}: {:?}", item.body);
    }
}

#[test]
fn a_body_of_html_becomes_plain_text_and_what_is_too_long_is_cut() {
    let question = draft_of("care-question.json");
    let text = "Værgemål\n\nHar borgeren værge?\n\nKontrakten skal bruge det.\nHilsen Voksne";
    assert_eq!(question.data["question"], text);
    let long = format!("<p>{}</p>", "å".repeat(5000));
    let body = changed("care-question.json", "/entry/0/resource/payload/0/contentString", json!(long));
    let draft = draft(&body);
    assert_eq!(draft.data["question"].as_str().unwrap().chars().count(), 4000);
    assert_eq!(codes(&draft), ["VALUE_CUT"]);
}

#[test]
fn an_attachment_is_remarked_upon() {
    let mut value = value_of("care-question.json");
    let payload = value["entry"][0]["resource"]["payload"].as_array_mut().unwrap();
    payload.push(json!({"contentAttachment": {"contentType": "application/pdf", "data": "AA=="}}));
    assert_eq!(codes(&draft(value.to_string().as_bytes())), ["VALUE_LEFT_OUT"]);
}

#[test]
fn a_provider_without_a_name_is_remarked_upon() {
    let body = changed("grant-decided.json", "/entry/2", Value::Null);
    let draft = draft(&body);
    assert!(!draft.data.contains_key("provider"));
    assert_eq!(codes(&draft), ["VALUE_LEFT_OUT"]);
}

#[test]
fn a_period_that_begins_at_midnight_utc_begins_on_a_danish_day() {
    let start = format!("{}/valuePeriod/start", place("grant-decided.json", "/period"));
    let body = changed("grant-decided.json", &start, json!("2026-11-30T23:00:00Z"));
    assert_eq!(draft(&body).occurred.unwrap().to_string(), "2026-12-01");
}
