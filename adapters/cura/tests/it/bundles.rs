//! Several resources in one message: each an item, and each receiver gets no more than its own.

use budstikke_contract::adapter::{Adapter, ItemBody};
use serde_json::json;

use crate::fixture::{CURA, changed, event, fixture, items, json, refusal};

#[test]
fn each_resource_is_an_item_about_its_own_citizen() {
    let mut items = items(&fixture("bundle-several.json"));
    assert_eq!(items.len(), 3);
    let other = items.pop().unwrap();
    assert!(matches!(other.body, ItemBody::Refused(reason) if reason.code.as_str() == "KIND_NOT_CARRIED"));
    let told: Vec<_> = items.into_iter().map(|item| event(item).citizen.unwrap().reveal().to_owned()).collect();
    assert_eq!(told, ["2512489996", "0108589995"]);
}

#[test]
fn one_alone_has_nobody_else_in_it() {
    let body = fixture("bundle-several.json");
    for (index, own, other) in [(0, "2512489996", "0108589995"), (1, "0108589995", "2512489996")] {
        let alone = String::from_utf8(CURA.alone(&body, index).unwrap()).unwrap();
        assert!(alone.contains(own) && !alone.contains(other), "{alone}");
        assert!(alone.contains("Prøvebakken"), "what it refers to goes with it");
    }
    assert_eq!(CURA.alone(&body, 3), None);
    assert_eq!(CURA.alone(b"{", 0), None);
}

#[test]
fn a_bundle_with_a_stranger_is_refused_whole() {
    let reason = refusal(&fixture("bundle-with-a-stranger.json"));
    assert_eq!((reason.code.as_str(), reason.path.as_deref()), ("FIELD_INVALID", Some("$.entry")));
}

#[test]
fn a_page_without_anything_is_kept_and_is_no_fault() {
    for body in
        [fixture("bundle-empty.json"), br#"{"resourceType": "Bundle", "type": "searchset", "entry": []}"#.to_vec()]
    {
        let [item] = items(&body).try_into().unwrap();
        assert!(matches!(item.body, ItemBody::Record { .. }));
    }
}

#[test]
fn what_was_deleted_is_told_to_a_person() {
    let deleted = items(&fixture("bundle-with-a-deletion.json")).remove(0);
    assert!(matches!(deleted.body, ItemBody::Refused(reason) if reason.code.as_str() == "TAKEN_BACK"));
}

#[test]
fn a_bundle_has_at_most_a_page() {
    let mut bundle = json("bundle-several.json");
    let entry = bundle["entry"][0].clone();
    bundle["entry"].as_array_mut().unwrap().extend(vec![entry; 1000]);
    assert_eq!(refusal(bundle.to_string().as_bytes()).path.unwrap(), "$.entry");
}

#[test]
fn the_same_resource_in_another_bundle_is_the_same_thing() {
    let first = items(&fixture("grant-decided.json")).remove(0);
    let again = items(&changed("grant-decided.json", "/total", json!(99))).remove(0);
    assert_eq!((first.key, first.content), (again.key, again.content));
}

#[test]
fn what_was_missing_may_come_beside_the_same_version() {
    let without = items(&fixture("grant-without-citizen.json")).remove(0);
    let mut bundle = json("grant-decided.json");
    assert_eq!(bundle["entry"][0]["resource"], json("grant-without-citizen.json"));
    bundle["entry"][1]["resource"]["identifier"] = json!([]);
    let nameless = items(bundle.to_string().as_bytes()).remove(0);
    assert!(matches!(nameless.body, ItemBody::Refused(_)));
    assert_ne!(without.content, nameless.content, "the second is no repeat of the first");
    let with = items(&fixture("grant-decided.json")).remove(0);
    assert!(matches!(with.body, ItemBody::Event(_)));
}

#[test]
fn many_references_among_many_resources_take_no_time_to_speak_of() {
    // Six hundred resources, each of which refers to half of them.
    let all: Vec<_> = (0..300).map(|id| json!({"reference": format!("Organization/o{id}")})).collect();
    let organisation =
        |id| json!({"resource": {"resourceType": "Organization", "id": format!("o{id}"), "partOf": all}});
    let basic = |id| json!({"resource": {"resourceType": "Basic", "id": format!("b{id}"), "about": all}});
    let entries: Vec<_> = (0..300).map(organisation).chain((0..300).map(basic)).collect();
    let body = json!({"resourceType": "Bundle", "type": "searchset", "entry": entries}).to_string();
    let items = items(body.as_bytes());
    assert_eq!(items.len(), 300);
    let kept: usize = items.iter().map(|item| item.content.len()).sum();
    assert!(kept < 4 * body.len(), "what is kept of them grows with the message: {kept} of {}", body.len());
}
