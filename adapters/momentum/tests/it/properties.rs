//! What holds for every input, whole or damaged: it is read to some end, and every rule of the suite
//! holds for what it became.

use budstikke_contract::adapter::{Adapter, ItemBody};
use budstikke_momentum::Momentum;
use budstikke_testkit::conformance::{Breach, Input, breaches};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::conformance::SECRETS;
use crate::fixture::{all, raw};

fn broken(body: &[u8], secrets: &[&str]) -> Vec<Breach> {
    breaches(&Momentum, &[Input { name: "input", body, secrets }])
}

/// Any JSON value of few levels.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        Just(json!("2026-12-01")),
        Just(json!("2512489996")),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::hash_map("[a-z]{1,8}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// The places of all values in a document, as JSON pointers.
fn places(value: &Value, at: String, found: &mut Vec<String>) {
    if let Value::Object(object) = value {
        object.iter().for_each(|(name, inner)| places(inner, format!("{at}/{name}"), found));
    }
    if let Value::Array(list) = value {
        list.iter().enumerate().for_each(|(index, inner)| places(inner, format!("{at}/{index}"), found));
    }
    found.push(at);
}

fn valid() -> impl Strategy<Value = Value> {
    let messages: Vec<Value> = ["event-", "thin-", "list", "before"]
        .iter()
        .flat_map(|prefix| all(prefix))
        .map(|(_, body)| serde_json::from_slice(&body).unwrap())
        .collect();
    proptest::sample::select(messages)
}

proptest! {
    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert_eq!(broken(&bytes, &[]), []);
        prop_assert!(Momentum.wanted(&raw(&bytes)).is_none());
    }

    #[test]
    fn any_json(value in value()) {
        prop_assert_eq!(broken(value.to_string().as_bytes(), &[]), []);
    }

    #[test]
    fn a_message_with_any_value_anywhere(message in valid(), which in any::<prop::sample::Index>(), value in value()) {
        let mut found = Vec::new();
        places(&message, String::new(), &mut found);
        let mut message = message;
        *message.pointer_mut(which.get::<String>(&found)).unwrap() = value;
        prop_assert_eq!(broken(message.to_string().as_bytes(), &SECRETS), []);
    }

    #[test]
    fn damaged_bytes(message in valid(), at in any::<prop::sample::Index>(), with in 1_u8..) {
        let mut bytes = message.to_string().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= with;
        prop_assert_eq!(broken(&bytes, &[]), []);
    }

    #[test]
    fn whatever_is_fetched_the_thin_event_keeps_its_name(fetched in prop_oneof![valid(), value()]) {
        let thin = crate::fixture::fixture("thin-changed.json");
        let refused = Momentum.translate(&raw(&thin)).items.remove(0);
        let complete = || Momentum.complete(&raw(&thin), fetched.to_string().as_bytes()).items;
        let items = complete();
        prop_assert_eq!(items.len(), 1);
        prop_assert_eq!(&items[0].key, &refused.key);
        prop_assert_eq!(&items[0].content, &refused.content);
        if let ItemBody::Refused(reason) = &items[0].body {
            prop_assert!(SECRETS.iter().all(|secret| !reason.to_string().contains(secret)));
        }
        prop_assert_eq!(format!("{items:?}"), format!("{:?}", complete()));
    }
}
