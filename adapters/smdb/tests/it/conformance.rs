//! The suite that every adapter passes, over the fixtures.

use budstikke_smdb::Smdb;
use budstikke_testkit::conformance::{Input, breaches};

use crate::fixture::all;

/// CPR numbers and names of the fixtures.
const SECRETS: [&str; 12] = [
    "2512489996",
    "251248-9996",
    "0108589995",
    "0505059996",
    "505059996",
    "2512484916",
    "8512489996",
    "3113489996",
    "Asta",
    "Kim",
    "ukendt\"",
    "12. oktober",
];

#[test]
fn over_the_fixtures() {
    let fixtures = all();
    let input = |(name, body)| Input { name, body, secrets: &SECRETS };
    let inputs: Vec<_> = fixtures.iter().map(|(name, body)| input((name.as_str(), body.as_slice()))).collect();
    assert_eq!(breaches(&Smdb, &inputs), []);
}

#[test]
fn over_what_is_no_message() {
    let bodies: [&[u8]; 7] = [b"", b" ", b"\0", b"null", b"[]", b"{}", b"{\"Version\": 2512489996}"];
    let inputs: Vec<_> = bodies.iter().map(|body| Input { name: "no message", body, secrets: &SECRETS }).collect();
    assert_eq!(breaches(&Smdb, &inputs), []);
}
