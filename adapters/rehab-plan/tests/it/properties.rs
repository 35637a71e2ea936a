//! What holds for every input, whole or damaged: it is read to some end, and every rule of the suite
//! holds for what it became.

use budstikke_rehab_plan::RehabPlan;
use budstikke_strict_xml::{Document, Element, Limits};
use budstikke_testkit::conformance::{Breach, Input, breaches};
use budstikke_testkit::plans::{Encoding, Message, Plans};
use proptest::prelude::*;

use crate::fixture::all;

fn broken(body: &[u8], secrets: &[&str]) -> Vec<Breach> {
    breaches(&RehabPlan, &[Input { name: "input", body, secrets }])
}

/// A message of any kind that the generator makes.
fn message() -> impl Strategy<Value = Message> {
    let encoding = prop_oneof![Just(Encoding::Utf8), Just(Encoding::Utf8Marked), Just(Encoding::Latin1)];
    (any::<u64>(), 0_u64..=100, 1_usize..4, any::<bool>(), encoding).prop_map(
        |(seed, correspondence, letters, vans, encoding)| {
            let plans = Plans::seeded(seed).correspondence(correspondence).letters(letters);
            plans.vans(vans).encoding(encoding).next().unwrap()
        },
    )
}

/// What can happen to bytes on the way.
#[derive(Debug, Clone)]
enum Damage {
    Flip(prop::sample::Index, u8),
    Cut(prop::sample::Index, usize),
    Insert(prop::sample::Index, Vec<u8>),
}

fn damage() -> impl Strategy<Value = Damage> {
    let place = any::<prop::sample::Index>;
    prop_oneof![
        (place(), 1_u8..).prop_map(|(at, with)| Damage::Flip(at, with)),
        (place(), 1_usize..200).prop_map(|(at, length)| Damage::Cut(at, length)),
        (place(), proptest::collection::vec(any::<u8>(), 1..20)).prop_map(|(at, bytes)| Damage::Insert(at, bytes)),
    ]
}

impl Damage {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            _ if bytes.is_empty() => {}
            Self::Flip(at, with) => {
                let at = at.index(bytes.len());
                bytes[at] ^= with;
            }
            Self::Cut(at, length) => {
                let at = at.index(bytes.len());
                bytes.drain(at..bytes.len().min(at + length));
            }
            Self::Insert(at, new) => {
                let at = at.index(bytes.len());
                bytes.splice(at..at, new.iter().copied());
            }
        }
    }
}

/// An element and all in it, the root first.
fn elements<'d>(root: Element<'d>, found: &mut Vec<Element<'d>>) {
    found.push(root);
    for child in root.children() {
        elements(child, found);
    }
}

/// A letter without one of its elements, or with one of them twice.
fn restructured(body: &[u8], which: prop::sample::Index, times: usize) -> Vec<u8> {
    let document = Document::read(body, &Limits::default()).unwrap();
    let mut found = Vec::new();
    elements(document.root(), &mut found);
    let element = found[which.index(found.len())];
    let (before, after) = (&body[..element.span().start], &body[element.span().end..]);
    [before, element.source().repeat(times).as_bytes(), after].concat()
}

proptest! {
    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert_eq!(broken(&bytes, &[]), []);
    }

    #[test]
    fn damaged_plans(message in message(), damages in proptest::collection::vec(damage(), 1..4)) {
        let mut bytes = message.bytes();
        for damage in &damages {
            damage.apply(&mut bytes);
        }
        prop_assert_eq!(broken(&bytes, &[]), []);
    }

    #[test]
    fn damaged_fixtures(which in any::<prop::sample::Index>(), damage in damage()) {
        let (_, mut bytes) = which.get(&all()).clone();
        damage.apply(&mut bytes);
        prop_assert_eq!(broken(&bytes, &[]), []);
    }

    #[test]
    fn plans_without_an_element_or_with_one_too_many(
        seed in any::<u64>(), correspondence in any::<bool>(), which in any::<prop::sample::Index>(), times in 0_usize..3
    ) {
        let plans = Plans::seeded(seed).correspondence(if correspondence { 100 } else { 0 });
        let body = plans.encoding(Encoding::Utf8).next().unwrap().bytes();
        prop_assert_eq!(broken(&restructured(&body, which, times), &["Prøvesen", "Åkjær", "Testrup"]), []);
    }
}
