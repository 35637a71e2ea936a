//! The messages in `fixtures/`, and reading them. `event-` is one of each type, `wrong-` one of each
//! way to be wrong, `thin-` an event of DFDG's.

use budstikke_contract::adapter::{Adapter, Draft, Item, ItemBody, Raw, Translated};
use budstikke_contract::reason::Reason;
use budstikke_momentum::Momentum;
use budstikke_testkit::fixtures::Fixtures;
use jiff::Timestamp;
use serde_json::Value;

/// When the hub took all of them.
pub(crate) fn received() -> Timestamp {
    "2026-11-20T10:45:00Z".parse().unwrap()
}

const FIXTURES: Fixtures = Fixtures(env!("CARGO_MANIFEST_DIR"));

pub(crate) fn fixture(name: &str) -> Vec<u8> {
    FIXTURES.read(name)
}

/// Every fixture whose name begins like that, by name.
pub(crate) fn all(prefix: &str) -> Vec<(String, Vec<u8>)> {
    let mut all = FIXTURES.all();
    all.retain(|(name, _)| name.starts_with(prefix));
    assert!(!all.is_empty(), "no fixture begins with {prefix}");
    all
}

pub(crate) fn json(name: &str) -> Value {
    serde_json::from_slice(&fixture(name)).unwrap()
}

pub(crate) fn raw(body: &[u8]) -> Raw<'_> {
    Raw { body, received: received() }
}

pub(crate) fn translate(body: &[u8]) -> Translated {
    Momentum.translate(&raw(body))
}

/// The one item of a message.
pub(crate) fn only(translated: Translated) -> Item {
    let mut items = translated.items;
    assert_eq!(items.len(), 1);
    items.remove(0)
}

/// The event that an item is.
pub(crate) fn event(item: Item) -> Draft {
    match item.body {
        ItemBody::Event(draft) => *draft,
        other @ (ItemBody::Record { .. } | ItemBody::Refused(_)) => panic!("no event: {other:?}"),
    }
}

/// Why an item is refused.
pub(crate) fn refused(item: Item) -> Reason {
    match item.body {
        ItemBody::Refused(reason) => reason,
        other @ (ItemBody::Record { .. } | ItemBody::Event(_)) => panic!("not refused: {other:?}"),
    }
}

/// The one event of a message.
pub(crate) fn draft(message: &Value) -> Draft {
    event(only(translate(message.to_string().as_bytes())))
}

/// Why the one item of a message is refused: the code, and where.
pub(crate) fn refusal(message: &Value) -> (String, String) {
    let reason = refused(only(translate(message.to_string().as_bytes())));
    (reason.code.to_string(), reason.path.unwrap_or_default())
}
