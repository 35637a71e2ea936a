//! The suite that every adapter passes, over the fixtures and over what is no message.

use budstikke_momentum::Momentum;
use budstikke_testkit::conformance::{Input, breaches};

use crate::fixture::all;

/// CPR numbers and names of the fixtures.
pub(crate) const SECRETS: [&str; 8] =
    ["2512489996", "251248-9996", "0108589995", "010858-9995", "0505059996", "Nancy", "Bruno", "Viola"];

#[test]
fn over_the_fixtures() {
    let fixtures = all("");
    let inputs: Vec<_> = fixtures.iter().map(|(name, body)| Input { name, body, secrets: &SECRETS }).collect();
    assert_eq!(breaches(&Momentum, &inputs), []);
}

#[test]
fn over_what_is_no_message() {
    let bodies: [&[u8]; 9] = [
        b"",
        b" ",
        b"\0",
        b"{}",
        b"[[]]",
        b"[{}, 2512489996, null]",
        b"{\"EntitetNavn\": null}",
        b"{\"EntitetNavn\": \"2512489996\"}",
        b"{\"2512489996\": {}, \"contractVersion\": 1, \"eventType\": \"CASE_OPENED\"}",
    ];
    let inputs: Vec<_> = bodies.iter().map(|body| Input { name: "no message", body, secrets: &SECRETS }).collect();
    assert_eq!(breaches(&Momentum, &inputs), []);
}
