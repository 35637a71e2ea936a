//! The messages in `fixtures/`, and reading them.

use budstikke_beskedfordeler::Beskedfordeler;
use budstikke_contract::adapter::{Adapter, Draft, Item, ItemBody, Raw, Translated};
use budstikke_testkit::fixtures::Fixtures;
use jiff::Timestamp;

/// A table of codes as a municipality may have it.
pub(crate) const TABLE: &str = r#"[{"code": "urn:oio:cpr:personhaendelse:907", "of": "registration",
    "means": "Flytning", "becomes": "citizen.moved", "from": "2026-01-01", "known": "kombit"}]"#;

pub(crate) fn at() -> Timestamp {
    "2026-11-22T10:45:00Z".parse().unwrap()
}

pub(crate) fn adapter() -> Beskedfordeler {
    Beskedfordeler::with_codes(TABLE).unwrap()
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
    adapter().translate(&Raw { body, received: at() })
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

/// A fixture with something in it replaced, as text.
pub(crate) fn changed(name: &str, from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(fixture(name)).unwrap();
    assert!(text.contains(from), "{from} is not in {name}");
    text.replace(from, to).into_bytes()
}
