//! `asyncapi.json` is what tools for `AsyncAPI` 3.0.0 take: it holds against the initiative's own schema
//! of such documents, and no reference in it leads nowhere.

use std::path::{Path, PathBuf};

use jsonschema::Validator;
use serde_json::{Value, json};

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(file: &str) -> Value {
    let text = std::fs::read_to_string(folder().join(file)).expect("the file is there");
    serde_json::from_str(&text).expect("it is JSON")
}

fn official() -> Validator {
    jsonschema::draft7::new(&read("tests/asyncapi-3.0.0/schema.json")).expect("it is a schema")
}

/// Where a document is not what the schema wants.
fn faults(official: &Validator, document: &Value) -> Vec<String> {
    official.iter_errors(document).map(|fault| fault.instance_path().to_string()).collect()
}

#[test]
fn the_shipped_document_is_asyncapi() {
    assert_eq!(faults(&official(), &read("asyncapi.json")), Vec::<String>::new());
}

/// The schema is one that can say no.
#[test]
fn a_document_with_a_fault_is_not() {
    let official = official();
    let shipped = read("asyncapi.json");
    for (pointer, value) in [
        ("/asyncapi", json!("2.6.0")),
        ("/info/title", json!(null)),
        ("/servers/broker/host", json!(5672)),
        ("/channels/out/messages", json!([])),
        ("/channels/out/parameters/team", json!({"schema": {"type": "string"}})),
        ("/channels/out/bindings/amqp/queue/durable", json!("yes")),
        ("/operations/give.out/action", json!("publish")),
        ("/components/messages/receipt/contentType", json!({})),
        ("/components/schemas/receipt/type", json!("objekt")),
    ] {
        let mut document = shipped.clone();
        *document.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer} is not there")) = value;
        assert!(!faults(&official, &document).is_empty(), "{pointer}");
    }
}

/// All references in a value, wherever they stand.
fn references(value: &Value) -> Vec<&str> {
    match value {
        Value::Object(members) => {
            let own = members.get("$ref").and_then(Value::as_str);
            own.into_iter().chain(members.values().flat_map(references)).collect()
        }
        Value::Array(list) => list.iter().flat_map(references).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = read("asyncapi.json");
    let all = references(&document);
    assert!(all.len() > 200, "each kind of event has some: {}", all.len());
    let leads_nowhere = |reference: &&str| match reference.strip_prefix('#') {
        Some(pointer) => document.pointer(pointer).is_none(),
        None => !folder().join(PathBuf::from(reference)).is_file(),
    };
    assert_eq!(all.into_iter().filter(leads_nowhere).collect::<Vec<_>>(), Vec::<&str>::new());
}
