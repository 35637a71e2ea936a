//! What every fixture becomes, as snapshots.

use budstikke_contract::adapter::{Adapter, ItemBody};
use budstikke_testkit::conformance::draft_shown;
use insta::assert_json_snapshot;
use serde_json::{Value, json};

use crate::fixture::{adapter, all, translate};

fn shown(body: &[u8]) -> Value {
    let items = translate(body).items.into_iter().map(|item| {
        let body = match &item.body {
            ItemBody::Event(draft) => json!({"event": draft_shown(draft)}),
            ItemBody::Record { what } => json!({"record": what}),
            ItemBody::Refused(reason) => json!({"refused": reason}),
        };
        json!({"key": item.key, "body": body})
    });
    let carried = adapter().carried(body).map(|bytes| String::from_utf8(bytes).unwrap());
    json!({"items": items.collect::<Vec<_>>(), "carried": carried})
}

#[test]
fn every_fixture() {
    for (name, body) in all() {
        assert_json_snapshot!(name, shown(&body));
    }
}
