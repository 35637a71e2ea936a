//! The resources in `fixtures/`, and reading them.

use budstikke_contract::adapter::{Adapter, CaseClue, Draft, Item, ItemBody, Raw};
use budstikke_contract::reason::Reason;
use budstikke_cura::Cura;
use budstikke_testkit::fixtures::Fixtures;
use jiff::Timestamp;
use serde_json::Value;

/// The adapter as the hub has it.
pub(crate) const CURA: Cura = Cura::of("taarnby");

const FIXTURES: Fixtures = Fixtures(env!("CARGO_MANIFEST_DIR"));

pub(crate) fn fixture(name: &str) -> Vec<u8> {
    FIXTURES.read(name)
}

/// Every fixture, by name.
pub(crate) fn all() -> Vec<(String, Vec<u8>)> {
    FIXTURES.all()
}

pub(crate) fn json(name: &str) -> Value {
    serde_json::from_slice(&fixture(name)).unwrap()
}

pub(crate) fn items(body: &[u8]) -> Vec<Item> {
    CURA.translate(&Raw { body, received: Timestamp::UNIX_EPOCH }).items
}

/// The one item of a message.
pub(crate) fn item(body: &[u8]) -> Item {
    let mut items = items(body);
    assert_eq!(items.len(), 1, "{items:?}");
    items.remove(0)
}

/// The one event of a message.
pub(crate) fn draft(body: &[u8]) -> Draft {
    event(item(body))
}

pub(crate) fn event(item: Item) -> Draft {
    match item.body {
        ItemBody::Event(draft) => *draft,
        ItemBody::Refused(reason) => panic!("refused: {reason}"),
        ItemBody::Record { what } => panic!("no event: {what}"),
    }
}

/// The event of a fixture.
pub(crate) fn draft_of(name: &str) -> Draft {
    draft(&fixture(name))
}

/// Why the one item of a message is refused.
pub(crate) fn refusal(body: &[u8]) -> Reason {
    match item(body).body {
        ItemBody::Refused(reason) => reason,
        other @ (ItemBody::Record { .. } | ItemBody::Event(_)) => panic!("not refused: {other:?}"),
    }
}

/// What a case is made of.
pub(crate) fn first(draft: &Draft) -> &str {
    match &draft.case {
        CaseClue::Derived { first, .. } => first,
        CaseClue::Key(key) => key.as_str(),
        CaseClue::None => "",
    }
}

/// A fixture with what stands at `pointer` replaced, or taken out where `with` is null.
pub(crate) fn changed(name: &str, pointer: &str, with: Value) -> Vec<u8> {
    let mut value = json(name);
    if with.is_null() {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        match value.pointer_mut(parent).unwrap_or_else(|| panic!("{name} has no {parent}")) {
            Value::Object(map) => drop(map.remove(key).unwrap_or_else(|| panic!("{name} has no {pointer}"))),
            Value::Array(values) => drop(values.remove(key.parse().unwrap())),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                panic!("{pointer} is in a single value")
            }
        }
    } else {
        *value.pointer_mut(pointer).unwrap_or_else(|| panic!("{name} has no {pointer}")) = with;
    }
    value.to_string().into_bytes()
}

/// The place of the extension of the first entry whose address ends so.
pub(crate) fn place(name: &str, url_end: &str) -> String {
    let value = json(name);
    let extensions = value["entry"][0]["resource"]["extension"].as_array().unwrap();
    let ends = |extension: &Value| extension["url"].as_str().unwrap().ends_with(url_end);
    let index = extensions.iter().position(ends).unwrap_or_else(|| panic!("{name} has no {url_end}"));
    format!("/entry/0/resource/extension/{index}")
}
