//! What every fixture becomes, as snapshots.

use budstikke_contract::adapter::ItemBody;
use budstikke_testkit::conformance::draft_shown;
use insta::assert_json_snapshot;
use serde_json::json;

use crate::fixture::{all, item};

#[test]
fn every_fixture_is_read_as_its_snapshot_says() {
    for (name, bytes) in all() {
        let item = item(&bytes);
        let body = match &item.body {
            ItemBody::Event(draft) => json!({"event": draft_shown(draft)}),
            ItemBody::Record { what } => json!({"record": what}),
            ItemBody::Refused(reason) => json!({"refused": reason}),
        };
        assert_json_snapshot!(format!("read-{name}"), json!({"key": item.key, "body": body}));
    }
}
