//! What holds for every input, whole or damaged: it is read to some end, and every rule of the suite
//! holds for what it became.

use budstikke_contract::adapter::{Adapter, ItemBody};
use budstikke_strict_xml::{Document, Element, Limits};
use budstikke_testkit::conformance::{Breach, Input, breaches};
use proptest::prelude::*;

use crate::fixture::{adapter, all, changed, fixture, item};

fn broken(body: &[u8], secrets: &[&str]) -> Vec<Breach> {
    // What is carried is taken out of anything without a panic, too.
    drop(adapter().carried(body));
    breaches(&adapter(), &[Input { name: "input", body, secrets }])
}

fn elements<'d>(root: Element<'d>, found: &mut Vec<Element<'d>>) {
    found.push(root);
    for child in root.children() {
        elements(child, found);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert_eq!(broken(&bytes, &[]), []);
    }

    #[test]
    fn damaged_fixtures(
        which in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), with in 1_u8.., cut in 0_usize..200
    ) {
        let (_, mut bytes) = which.get(&all()).clone();
        let at = at.index(bytes.len());
        bytes[at] ^= with;
        bytes.drain(at..bytes.len().min(at + cut));
        prop_assert_eq!(broken(&bytes, &[]), []);
    }

    #[test]
    fn fixtures_without_an_element_or_with_one_too_many(
        which in any::<prop::sample::Index>(), element in any::<prop::sample::Index>(), times in 0_usize..3
    ) {
        let (_, body) = which.get(&all()).clone();
        let Ok(document) = Document::read(&body, &Limits::default()) else { return Ok(()) };
        let mut found = Vec::new();
        elements(document.root(), &mut found);
        let element = found[element.index(found.len())];
        let (before, after) = (&body[..element.span().start], &body[element.span().end..]);
        let restructured = [before, element.source().repeat(times).as_bytes(), after].concat();
        prop_assert_eq!(broken(&restructured, &["2512489996", "0108589995", "Prøvevej"]), []);
    }

    /// What stands around a payload changes nothing of it.
    #[test]
    fn a_payload_comes_out_as_it_went_in(text in "[ -~æøå]{0,60}[!-~]", base64 in any::<bool>()) {
        let payload = format!("<t:a xmlns:t='urn:t'>{}</t:a>", text.replace('&', "&amp;").replace('<', "&lt;").replace("]]>", ""));
        let data = if base64 {
            let encoded = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, &payload);
            format!("<x:Base64 xmlns:x='urn:besked:kuvert:1.0'>{encoded}</x:Base64>")
        } else {
            payload.clone()
        };
        let body = changed("record-unknown-type.xml", "<t:a xmlns:t='urn:t'/>", &data);
        let carried = adapter().carried(&body).unwrap();
        let (went, came) = (Document::read(payload.as_bytes(), &Limits::default()).unwrap(), carried);
        let came = Document::read(&came, &Limits::default()).unwrap();
        prop_assert_eq!(went.root().text(), came.root().text());
        prop_assert_eq!(came.root().namespace(), Some("urn:t"));
    }

    /// A code that the table does not know is never an event.
    #[test]
    fn an_unknown_number_is_never_an_event(number in 0_u32..1_000_000) {
        prop_assume!(number != 907);
        let body = changed("record-unknown-number.xml", "personhaendelse:004", &format!("personhaendelse:{number}"));
        let recorded = matches!(item(&body).body, ItemBody::Record { .. });
        prop_assert!(recorded);
    }
}

#[test]
fn the_fixtures_are_what_their_names_say() {
    for (name, body) in all() {
        let refused = crate::fixture::translate(&body).items.iter().any(|it| matches!(it.body, ItemBody::Refused(_)));
        assert_eq!(refused, name.starts_with("refused"), "{name}");
    }
    assert!(!fixture("moved.xml").is_empty());
}
