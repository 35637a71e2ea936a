//! The suite that every adapter passes, over the fixtures and over what is no resource.

use budstikke_testkit::conformance::{Input, breaches};

use crate::fixture::{CURA, all};

/// CPR numbers and names of the fixtures.
const SECRETS: [&str; 7] = ["2512489996", "0108589995", "0505059996", "Nancy", "Berggren", "Bruno", "Silke"];

#[test]
fn over_the_fixtures() {
    let fixtures = all();
    let input = |(name, body)| Input { name, body, secrets: &SECRETS };
    let inputs: Vec<_> = fixtures.iter().map(|(name, body)| input((name.as_str(), body.as_slice()))).collect();
    assert_eq!(breaches(&CURA, &inputs), []);
}

#[test]
fn over_what_is_no_resource() {
    let bodies: [&[u8]; 12] = [
        b"",
        b" ",
        b"\0",
        b"null",
        b"[]",
        b"{}",
        b"2512489996",
        br#"{"resourceType": 2512489996}"#,
        br#"{"resourceType": "2512489996"}"#,
        br#"{"resourceType": "Bundle", "entry": "2512489996"}"#,
        br#"{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Basic", "id": "2512489996"}}]}"#,
        br#"{"resourceType": "ProcedureRequest", "id": "2512489996", "meta": {"profile": ["2512489996"]}}"#,
    ];
    let inputs: Vec<_> = bodies.iter().map(|body| Input { name: "no resource", body, secrets: &SECRETS }).collect();
    assert_eq!(breaches(&CURA, &inputs), []);
}
