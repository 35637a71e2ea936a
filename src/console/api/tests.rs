//! The document is whole, and the one that is committed is the one that is served.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{calls, is_call};

/// Writes `schemas/openapi.json` anew where it is set.
const WRITE: &str = "BUDSTIKKE_WRITE_OPENAPI";

fn document() -> Value {
    serde_json::to_value(calls().1).unwrap()
}

/// Method, path and what is said of it.
fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    let of = |(path, item): (&String, &'_ Value)| {
        let item = item.as_object().unwrap();
        item.keys().map(|method| format!("{method} {path}")).collect::<Vec<_>>()
    };
    let names = paths.iter().flat_map(|(path, item)| of((path, item)));
    let values = paths.values().flat_map(|item| item.as_object().unwrap().values());
    names.zip(values).collect()
}

#[test]
fn the_committed_document_is_the_one_that_is_served() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/openapi.json");
    let text = format!("{}\n", serde_json::to_string_pretty(&document()).unwrap());
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(path, &text).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == text,
        "schemas/openapi.json is not what the calls are now. If they are meant so:\n  \
         {WRITE}=1 cargo nextest run -p budstikke --lib -E 'test(the_committed_document)'\nand look at what has changed"
    );
}

#[test]
fn every_call_says_what_it_is_and_how_it_fails() {
    let document = document();
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    let problem = |response: &Value| {
        response["content"]["application/problem+json"]["schema"]["$ref"] == "#/components/schemas/Problem"
    };
    let mut names = BTreeSet::new();
    let mut faults = Vec::new();
    for (call, said) in operations(&document) {
        let name = said["operationId"].as_str().unwrap_or_default();
        if name.is_empty() || !names.insert(name) {
            faults.push(format!("{call}: its name `{name}` is another's too, or none"));
        }
        if said["summary"].as_str().is_none_or(str::is_empty) {
            faults.push(format!("{call}: nobody says what it does"));
        }
        if said["tags"].as_array().is_none_or(|tags| tags.len() != 1 || tags[0] == "") {
            faults.push(format!("{call}: it is of no topic"));
        }
        let responses: BTreeMap<String, Value> = serde_json::from_value(said["responses"].clone()).unwrap();
        if !responses.keys().any(|status| status.starts_with('2')) {
            faults.push(format!("{call}: it never goes well"));
        }
        for status in ["401", "429", "503"] {
            if !responses.contains_key(status) {
                faults.push(format!("{call}: it does not say {status}"));
            }
        }
        for (status, said) in responses.iter().filter(|(status, _)| status.starts_with(['4', '5'])) {
            if !problem(said) {
                faults.push(format!("{call}: {status} is no problem"));
            }
        }
        if said.get("security").is_some() {
            faults.push(format!("{call}: who may call is said once for all"));
        }
        if call.contains("cpr") {
            faults.push(format!("{call}: nothing about a citizen stands in an address"));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    assert_eq!(document["security"], serde_json::json!([{"token": []}]));
    assert_eq!(document["components"]["securitySchemes"]["token"]["scheme"], "bearer");
}

/// Where everything in it leads that only names what it is.
fn references(within: &Value, found: &mut BTreeSet<String>) {
    match within {
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|member| references(member, found));
        }
        Value::Array(several) => several.iter().for_each(|one| references(one, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn what_is_named_is_there() {
    let document = document();
    let mut named = BTreeSet::new();
    references(&document, &mut named);
    let is_there = |name: &String| name.strip_prefix('#').and_then(|place| document.pointer(place)).is_some();
    let missing: Vec<&String> = named.iter().filter(|name| !is_there(name)).collect();
    assert!(
        named.len() > 1 && missing.is_empty(),
        "write `#[param(inline)]` where a parameter names these: {missing:?}"
    );
}

#[test]
fn what_wants_to_be_a_call_is_answered_as_one() {
    for (path, call) in
        [("/api", true), ("/api/", true), ("/api/v2/x", true), ("/apiary", false), ("/drift", false), ("/", false)]
    {
        assert_eq!(is_call(path), call, "{path}");
    }
}
