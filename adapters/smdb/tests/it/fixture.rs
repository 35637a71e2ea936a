//! The messages in `fixtures/`, and reading them. Those that are refused are called `fejl-…`.

use std::path::{Path, PathBuf};

use budstikke_contract::adapter::{Adapter, Draft, Item, ItemBody, Raw};
use budstikke_contract::reason::Reason;
use budstikke_smdb::Smdb;
use jiff::Timestamp;
use serde_json::Value;

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

pub(crate) fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(folder().join(name)).unwrap()
}

/// A fixture as JSON, to change something in it.
pub(crate) fn value(name: &str) -> Value {
    serde_json::from_slice(&fixture(name)).unwrap()
}

/// Every fixture, by name.
pub(crate) fn all() -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(folder()).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names.into_iter().map(|name| (name.clone(), fixture(&name))).collect()
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
