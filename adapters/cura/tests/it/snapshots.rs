//! What every fixture becomes, as snapshots.

use budstikke_contract::adapter::{Item, ItemBody};
use budstikke_testkit::conformance::draft_shown;
use insta::assert_json_snapshot;
use serde_json::{Value, json};

use crate::fixture::{all, items};

fn shown(item: &Item) -> Value {
    let body = match &item.body {
        ItemBody::Event(draft) => json!({"event": draft_shown(draft)}),
        ItemBody::Record { what } => json!({"record": what}),
        ItemBody::Refused(reason) => json!({"refused": reason}),
    };
    json!({"key": item.key, "body": body})
}

#[test]
fn every_fixture_is_read_as_its_snapshot_says() {
    for (name, bytes) in all() {
        assert_json_snapshot!(name, items(&bytes).iter().map(shown).collect::<Value>());
    }
}
