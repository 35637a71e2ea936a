//! What holds for every message.

use budstikke_contract::adapter::ItemBody;
use budstikke_smdb::Smdb;
use budstikke_testkit::conformance::{Input, breaches};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::fixture::{draft, fixture, item, value};

/// Any JSON value, small.
fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,45}".prop_map(Value::from),
        "[0-9]{6}-?[0-9]{4}".prop_map(Value::from),
        "20[0-9]{2}-[01][0-9]-[0-3][0-9]".prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("[A-Za-z]{1,8}", inner, 0..4).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

/// A member of a course, or one that the contract does not know.
fn any_member() -> impl Strategy<Value = String> {
    let known = [
        "KONTAKTFORLOEBID",
        "CPR",
        "Doedsdato",
        "BehandlingAnmodningDato",
        "IvaerksatDato",
        "BehandlingAfsluttetDato",
        "AfslutningAarsag",
        "Anonym",
    ];
    prop_oneof![8 => prop::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => "[A-Za-z]{1,8}"]
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        item(&bytes);
    }

    #[test]
    fn whatever_one_member_is_the_suite_holds(
        name in prop::sample::select(vec!["periode-social.json", "oplysninger-oensket.json", "endelig-afvist.json"]),
        at in any::<prop::sample::Index>(),
        bad in any_value(),
    ) {
        let mut message = value(name);
        let members: Vec<String> = message.as_object().unwrap().keys().cloned().collect();
        message[at.get(&members)] = bad;
        let body = message.to_string();
        let input = Input { name, body: body.as_bytes(), secrets: &["2512489996", "251248-9996"] };
        prop_assert_eq!(breaches(&Smdb, &[input]), []);
    }

    #[test]
    fn no_course_stops_its_message(
        courses in prop::collection::vec(prop::collection::hash_map(any_member(), any_value(), 0..6), 0..6),
    ) {
        let objects = courses.len();
        let mut message = value("periode-social.json");
        message["Kontaktforloeb"] = json!(courses);
        let body = message.to_string();
        prop_assert_eq!(breaches(&Smdb, &[Input { name: "courses", body: body.as_bytes(), secrets: &[] }]), []);
        let read = draft(body.as_bytes());
        prop_assert_eq!(read.data["courses"].as_array().unwrap().len(), objects);
    }

    #[test]
    fn a_cpr_number_in_place_of_an_id_is_shown_to_nobody(day in 1..=28u8, month in 1..=12u8, rest in 0..=999_999u32) {
        let cpr = format!("{day:02}{month:02}{rest:06}");
        let hyphenated = format!("{}-{}", cpr.split_at(6).0, cpr.split_at(6).1);
        for id in [cpr.clone(), hyphenated.clone(), format!("KF{cpr}"), format!("KF-{hyphenated}")] {
            let mut message = value("periode-social.json");
            message["Kontaktforloeb"] = json!([{"KONTAKTFORLOEBID": id, "IvaerksatDato": "i går"}]);
            let remarks = draft(message.to_string().as_bytes()).remarks;
            prop_assert_eq!(remarks.len(), 1);
            prop_assert!(!remarks[0].text.contains(cpr.split_at(6).1), "{}", remarks[0].text);
        }
    }
}

#[test]
fn a_message_that_is_cut_is_refused_and_not_guessed() {
    let whole = fixture("periode-social.json");
    for length in 0..whole.trim_ascii_end().len() {
        let cut: Vec<u8> = whole.iter().copied().take(length).collect();
        assert!(matches!(item(&cut).body, ItemBody::Refused(_)), "{length}");
    }
}
