//! What holds for every input, whole or damaged: it is read to some end, and every rule of the suite
//! holds for what it became.

use budstikke_contract::adapter::Adapter;
use budstikke_testkit::conformance::{Breach, Input, breaches};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::fixture::{CURA, all, items};

const SECRETS: [&str; 3] = ["2512489996", "Nancy", "Berggren"];

fn broken(body: &[u8], secrets: &[&str]) -> Vec<Breach> {
    breaches(&CURA, &[Input { name: "input", body, secrets }])
}

/// The fixtures that are JSON.
fn documents() -> Vec<Value> {
    let whole = |(name, _): &(String, Vec<u8>)| !name.contains(".txt") && name != "name-twice.json";
    all().into_iter().filter(whole).map(|(_, body)| serde_json::from_slice(&body).unwrap()).collect()
}

/// The addresses of all values in a document.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let at = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
                pointers(value, &at, found);
                found.push(at);
            }
        }
        Value::Array(values) => {
            for (index, value) in values.iter().enumerate() {
                let at = format!("{at}/{index}");
                pointers(value, &at, found);
                found.push(at);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What a value may be replaced by.
fn other() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        Just(json!([])),
        Just(json!({})),
        Just(json!([null, 1, "x"])),
        Just(json!({"reference": "Patient/0b6f2f0e-1111-4a6e-9b6e-000000000001"})),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        "\\PC{0,12}".prop_map(Value::from),
        (4000_usize..9000).prop_map(|length| "æ §".repeat(length / 3).into()),
        Just(json!("2026-02-30")),
        Just(json!("2026-11-22")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert_eq!(broken(&bytes, &[]), []);
    }

    #[test]
    fn damaged_fixtures(
        which in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), with in 1_u8.., length in 0_usize..40
    ) {
        let (_, mut bytes) = which.get(&all()).clone();
        let at = at.index(bytes.len());
        bytes[at] ^= with;
        bytes.drain(at..bytes.len().min(at + length));
        prop_assert_eq!(broken(&bytes, &[]), []);
    }

    #[test]
    fn one_value_replaced(
        which in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), with in other()
    ) {
        let mut value = which.get(&documents()).clone();
        let mut found = Vec::new();
        pointers(&value, "", &mut found);
        *value.pointer_mut(&found[at.index(found.len())]).unwrap() = with;
        prop_assert_eq!(broken(value.to_string().as_bytes(), &SECRETS), []);
    }

    #[test]
    fn one_value_gone(which in any::<prop::sample::Index>(), at in any::<prop::sample::Index>()) {
        let mut value = which.get(&documents()).clone();
        let mut found = Vec::new();
        pointers(&value, "", &mut found);
        let (parent, key) = found[at.index(found.len())].rsplit_once('/').unwrap();
        match value.pointer_mut(parent).unwrap() {
            Value::Object(map) => drop(map.remove(&key.replace("~1", "/").replace("~0", "~"))),
            Value::Array(values) => drop(values.remove(key.parse().unwrap())),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => unreachable!("a pointer leads through objects and arrays"),
        }
        prop_assert_eq!(broken(value.to_string().as_bytes(), &SECRETS), []);
    }

    #[test]
    fn space_and_order_make_no_difference(which in any::<prop::sample::Index>()) {
        let value = which.get(&documents()).clone();
        let mut sorted = value.clone();
        sorted.sort_all_objects();
        let (one, other) = (serde_json::to_vec_pretty(&value).unwrap(), sorted.to_string().into_bytes());
        let shown = |body: &[u8]| format!("{:?}", items(body).iter().map(|it| (&it.key, &it.content)).collect::<Vec<_>>());
        prop_assert_eq!(shown(&one), shown(&other));
    }

    #[test]
    fn one_alone_is_read_as_among_the_others(which in any::<prop::sample::Index>()) {
        let value = which.get(&documents()).clone();
        prop_assume!(value["resourceType"] == "Bundle");
        let body = value.to_string().into_bytes();
        for (index, item) in items(&body).iter().enumerate().filter(|(_, item)| item.key.is_some()) {
            let alone = CURA.alone(&body, index).unwrap();
            let [only] = items(&alone).try_into().unwrap();
            prop_assert_eq!((&only.key, &only.content), (&item.key, &item.content));
        }
    }
}
