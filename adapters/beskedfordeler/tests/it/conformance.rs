//! The suite that every adapter passes, over the fixtures and over what is no message.

use budstikke_testkit::conformance::{Input, breaches};

use crate::fixture::{adapter, all};

/// CPR numbers and addresses of the fixtures.
const SECRETS: [&str; 5] = ["2512489996", "0108589995", "0505059996", "9999999999", "Prøvevej"];

#[test]
fn over_the_fixtures() {
    let fixtures = all();
    let input = |(name, body)| Input { name, body, secrets: &SECRETS };
    let inputs: Vec<_> = fixtures.iter().map(|(name, body)| input((name.as_str(), body.as_slice()))).collect();
    assert_eq!(breaches(&adapter(), &inputs), []);
}

#[test]
fn over_what_is_no_message() {
    let bodies: [&[u8]; 6] = [
        b"",
        b" ",
        b"\0",
        b"<Haendelsesbesked/>",
        b"<a xmlns='urn:oio:besked:kuvert:1.0'><x>2512489996</x></a>",
        b"<Haendelsesbesked xmlns='urn:oio:besked:kuvert:1.0'><BeskedId>2512489996</BeskedId></Haendelsesbesked>",
    ];
    let inputs: Vec<_> = bodies.iter().map(|body| Input { name: "no message", body, secrets: &SECRETS }).collect();
    assert_eq!(breaches(&adapter(), &inputs), []);
}
