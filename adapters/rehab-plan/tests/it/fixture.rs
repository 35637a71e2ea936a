//! The letters in `fixtures/`, and reading them.

use budstikke_contract::adapter::{Adapter, Draft, Item, ItemBody, Raw, Reply, Translated};
use budstikke_contract::reason::Reason;
use budstikke_rehab_plan::RehabPlan;
use budstikke_testkit::fixtures::Fixtures;
use jiff::Timestamp;

/// When all of it happens: a quarter to twelve on a Danish clock.
pub(crate) const AT: &str = "2026-11-20T10:45:00Z";

pub(crate) fn at() -> Timestamp {
    AT.parse().unwrap()
}

const FIXTURES: Fixtures = Fixtures(env!("CARGO_MANIFEST_DIR"));

pub(crate) fn fixture(name: &str) -> Vec<u8> {
    FIXTURES.read(name)
}

/// Every fixture, by name.
pub(crate) fn all() -> Vec<(String, Vec<u8>)> {
    FIXTURES.all()
}

pub(crate) fn translate(body: &[u8]) -> Translated {
    RehabPlan.translate(&Raw { body, received: at() })
}

/// The one item of a message.
pub(crate) fn item(body: &[u8]) -> Item {
    let mut items = translate(body).items;
    assert_eq!(items.len(), 1);
    items.remove(0)
}

/// The one event of a message.
pub(crate) fn draft(body: &[u8]) -> Draft {
    match item(body).body {
        ItemBody::Event(draft) => *draft,
        other @ (ItemBody::Record { .. } | ItemBody::Refused(_)) => panic!("no event: {other:?}"),
    }
}

/// Why the one item of a message is refused.
pub(crate) fn refusal(body: &[u8]) -> Reason {
    match item(body).body {
        ItemBody::Refused(reason) => reason,
        other @ (ItemBody::Record { .. } | ItemBody::Event(_)) => panic!("not refused: {other:?}"),
    }
}

/// An answer's bytes as text: the declared encoding is Latin-1 or UTF-8.
pub(crate) fn text(reply: &Reply) -> String {
    match std::str::from_utf8(&reply.body) {
        Ok(text) => text.to_owned(),
        Err(_) => reply.body.iter().map(|&b| char::from(b)).collect(),
    }
}

/// A fixture with something in it replaced, as text.
pub(crate) fn changed(name: &str, from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(fixture(name)).unwrap();
    assert!(text.contains(from), "{from} is not in {name}");
    text.replace(from, to).into_bytes()
}
