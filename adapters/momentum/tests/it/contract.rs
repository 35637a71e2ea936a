//! The published contract and the adapter are two writings of one thing: what the one takes, the
//! other takes.

use budstikke_contract::adapter::ItemBody;
use jsonschema::Validator;
use serde_json::Value;

use crate::fixture::{all, json, translate};

fn contract() -> Validator {
    let schema: Value = serde_json::from_str(include_str!("../../contract.v1.json")).unwrap();
    jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
}

fn is_taken(message: &Value) -> bool {
    translate(message.to_string().as_bytes()).items.iter().all(|item| matches!(item.body, ItemBody::Event(_)))
}

/// The fixtures that are JSON as the contract has it, and wrong in what a code or a text stands for.
const WRONG_IN_MEANING: [&str; 8] = [
    "wrong-target-group.json",
    "wrong-benefit.json",
    "wrong-education.json",
    "wrong-absence.json",
    "wrong-end-before-start.json",
    "wrong-case-id.json",
    "wrong-cpr.json",
    "wrong-repeated-key.json",
];

#[test]
fn every_event_of_the_fixtures_is_of_the_contract() {
    let contract = contract();
    for (name, body) in all("event-")
        .into_iter()
        .chain([("before-the-reform.json".to_owned(), crate::fixture::fixture("before-the-reform.json"))])
    {
        let message: Value = serde_json::from_slice(&body).unwrap();
        assert!(contract.is_valid(&message), "{name}: {:?}", contract.validate(&message));
        assert!(is_taken(&message), "{name}");
    }
}

#[test]
fn what_is_wrong_is_wrong_by_the_contract_or_by_what_it_means() {
    let contract = contract();
    for (name, body) in all("wrong-") {
        let Ok(message) = serde_json::from_slice::<Value>(&body) else { continue };
        let means_wrong = WRONG_IN_MEANING.contains(&name.as_str());
        assert_eq!(contract.is_valid(&message), means_wrong, "{name}");
        if name != "wrong-repeated-key.json" {
            assert!(!is_taken(&message), "{name}");
        }
    }
}

#[test]
fn what_the_contract_and_the_readme_show_is_of_the_contract() {
    let schema: Value = serde_json::from_str(include_str!("../../contract.v1.json")).unwrap();
    let readme = include_str!("../../README.md").split("```json").nth(1).and_then(|text| text.split("```").next());
    let readme: Value = serde_json::from_str(readme.unwrap()).unwrap();
    let contract = contract();
    for example in schema["examples"].as_array().unwrap().iter().chain([&readme]) {
        assert!(contract.is_valid(example) && is_taken(example), "{example}");
    }
}

#[test]
fn each_type_of_event_has_a_fixture() {
    let schema: Value = serde_json::from_str(include_str!("../../contract.v1.json")).unwrap();
    let types = schema["$defs"]["message"]["properties"]["eventType"]["enum"].as_array().unwrap().clone();
    let fixtures: Vec<Value> = all("event-").iter().map(|(name, _)| json(name)["eventType"].clone()).collect();
    assert_eq!(fixtures.len(), types.len());
    assert!(types.iter().all(|event_type| fixtures.contains(event_type)));
}

/// The paths of all members of an object, those of the objects in it too.
fn members(value: &Value, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    let Value::Object(object) = value else { return };
    for (name, member) in object {
        path.push(name.clone());
        found.push(path.clone());
        members(member, path, found);
        path.pop();
    }
}

fn object_at<'v>(message: &'v mut Value, path: &[String]) -> &'v mut serde_json::Map<String, Value> {
    path.iter().fold(message, |value, name| &mut value[name.as_str()]).as_object_mut().unwrap()
}

/// Takes each member out, adds one that the contract does not have beside it, and gives it a value of
/// another type: each time the two must agree.
#[test]
fn contract_and_adapter_agree_on_every_member_of_every_type() {
    let contract = contract();
    let (mut agreed, mut refused) = (0, 0);
    for (name, _) in all("event-") {
        let message = json(&name);
        let mut found = Vec::new();
        members(&message, &mut Vec::new(), &mut found);
        for path in found {
            let (last, above) = path.split_last().unwrap();
            for change in ["without", "beside", "other type"] {
                let mut changed = message.clone();
                let object = object_at(&mut changed, above);
                match change {
                    "without" => drop(object.remove(last)),
                    "beside" => drop(object.insert(format!("{last}X"), Value::Bool(true))),
                    _ => drop(object.insert(last.clone(), serde_json::json!([{}]))),
                }
                let (by_contract, by_adapter) = (contract.is_valid(&changed), is_taken(&changed));
                assert_eq!(by_contract, by_adapter, "{name}: {change} {}", path.join("."));
                agreed += 1;
                refused += usize::from(!by_contract);
            }
        }
    }
    assert!(refused * 2 > agreed, "{refused} of {agreed}");
}
