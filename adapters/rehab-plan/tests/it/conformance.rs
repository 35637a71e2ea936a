//! The suite that every adapter passes, over the fixtures and over letters by the hundred.

use budstikke_rehab_plan::RehabPlan;
use budstikke_testkit::conformance::{Input, breaches};
use budstikke_testkit::plans::{Encoding, Plans};

use crate::fixture::all;

/// CPR numbers and names of the fixtures. Of the generated letters all CPR numbers end alike.
const SECRETS: [&str; 6] = ["2512489996", "251248-9996", "7111829991", "9999999999", "Nancy", "Viola"];

#[test]
fn over_the_fixtures() {
    let fixtures = all();
    let input = |(name, body)| Input { name, body, secrets: &SECRETS };
    let inputs: Vec<_> = fixtures.iter().map(|(name, body)| input((name.as_str(), body.as_slice()))).collect();
    assert_eq!(breaches(&RehabPlan, &inputs), []);
}

#[test]
fn over_generated_letters() {
    for (seed, encoding) in
        [Encoding::Utf8, Encoding::Utf8Marked, Encoding::Latin1, Encoding::Windows1252].into_iter().enumerate()
    {
        let plans =
            Plans::seeded(seed as u64).correspondence(50).encoding(encoding).letters(1 + seed).vans(seed % 2 == 0);
        let bodies: Vec<Vec<u8>> = plans.take(25).map(|message| message.bytes()).collect();
        let inputs: Vec<_> =
            bodies.iter().map(|body| Input { name: "generated", body, secrets: &["Prøvesen"] }).collect();
        assert_eq!(breaches(&RehabPlan, &inputs), []);
    }
}

#[test]
fn over_what_is_no_letter() {
    let bodies: [&[u8]; 8] = [
        b"",
        b" ",
        b"\0",
        b"<Emessage/>",
        b"<Emessage><x>2512489996</x></Emessage>",
        b"<VANSEnvelope xmlns='urn:oio:medcom:vans-envelope:1.0.4'/>",
        b"<VANSEnvelope xmlns='urn:oio:medcom:vans-envelope:1.0.5'/>",
        b"<Emessage xmlns='urn:oio:medcom:municipality:1.0.4'><RehabilitationPlan/></Emessage>",
    ];
    let inputs: Vec<_> = bodies.iter().map(|body| Input { name: "no letter", body, secrets: &SECRETS }).collect();
    assert_eq!(breaches(&RehabPlan, &inputs), []);
}
