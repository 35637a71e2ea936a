//! The messages in `fixtures/`, and reading them. Those that are refused are called `fejl-…`.

use budstikke_contract::adapter::{Adapter, Draft, Item, ItemBody, Raw};
use budstikke_contract::reason::Reason;
use budstikke_smdb::Smdb;
use budstikke_testkit::fixtures::Fixtures;
use jiff::Timestamp;
use serde_json::Value;

const FIXTURES: Fixtures = Fixtures(env!("CARGO_MANIFEST_DIR"));

pub(crate) fn fixture(name: &str) -> Vec<u8> {
    FIXTURES.read(name)
}

/// A fixture as JSON, to change something in it.
pub(crate) fn value(name: &str) -> Value {
    serde_json::from_slice(&fixture(name)).unwrap()
}

/// Every fixture, by name.
pub(crate) fn all() -> Vec<(String, Vec<u8>)> {
    FIXTURES.all()
}

/// The one item of a message.
pub(crate) fn item(body: &[u8]) -> Item {
    let mut items = Smdb.translate(&Raw { body, received: Timestamp::UNIX_EPOCH }).items;
    assert_eq!(items.len(), 1);
    items.remove(0)
}

/// The event of a message.
pub(crate) fn draft(body: &[u8]) -> Draft {
    match item(body).body {
        ItemBody::Event(draft) => *draft,
        other @ (ItemBody::Record { .. } | ItemBody::Refused(_)) => panic!("no event: {other:?}"),
    }
}

/// Why a message is refused.
pub(crate) fn refusal(body: &[u8]) -> Reason {
    match item(body).body {
        ItemBody::Refused(reason) => reason,
        other @ (ItemBody::Record { .. } | ItemBody::Event(_)) => panic!("not refused: {other:?}"),
    }
}
