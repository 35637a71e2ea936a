//! The JSON Schema of the contract says what the adapter does: what passes it is read without a
//! remark, and what does not is refused, or read with one.

use std::path::Path;

use budstikke_contract::adapter::ItemBody;
use jsonschema::Validator;
use serde_json::Value;

use crate::fixture::{all, item};

/// What no JSON Schema can say: two names alike, a period that is turned, a text that reads as a
/// CPR number where none may stand or as none where one must.
const BEYOND: [&str; 4] =
    ["fejl-gentaget-navn.json", "fejl-periode-vendt.json", "fejl-id-er-cpr.json", "fejl-cpr.json"];

/// The contract is stricter: nothing in a course stops its message.
const READ_ALL_THE_SAME: &str = "periode-ulaeselige-felter.json";

fn contract() -> Validator {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("contract/smdb-besked.v1.schema.json");
    let schema: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    jsonschema::meta::validate(&schema).unwrap();
    jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
}

#[test]
fn the_contract_and_the_adapter_take_the_same_messages() {
    let contract = contract();
    for (name, bytes) in all() {
        let passes = serde_json::from_slice::<Value>(&bytes).is_ok_and(|value| contract.is_valid(&value));
        let as_it_should = match item(&bytes).body {
            ItemBody::Event(draft) => draft.remarks.is_empty(),
            ItemBody::Refused(_) => false,
            ItemBody::Record { .. } => panic!("{name} is a record"),
        };
        assert_eq!(passes, as_it_should || BEYOND.contains(&name.as_str()), "{name}");
    }
}

#[test]
fn what_is_refused_is_called_so() {
    for (name, bytes) in all() {
        let refused = matches!(item(&bytes).body, ItemBody::Refused(_));
        assert_eq!(refused, name.starts_with("fejl-"), "{name}");
    }
    assert!(matches!(item(&crate::fixture::fixture(READ_ALL_THE_SAME)).body, ItemBody::Event(_)));
}
