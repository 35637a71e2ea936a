//! Two agreements in one hub: the shipped one, and one of two invented municipalities whose tasks go
//! the one way in one area and the other way in another. The second is files alone.

use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::rig::{Rig, canonical, queue};

const HOSPITAL: &str = "/hospital/5790000000012";

/// A folder with both agreements.
fn both() -> TempDir {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().expect("a folder");
    for from in ["deploy/agreement/dragoer-taarnby", "tests/agreements/solby-engby"] {
        let from = root.join(from);
        let to = folder.path().join(from.file_name().expect("a name"));
        std::fs::create_dir(&to).expect("a folder for an agreement");
        for file in std::fs::read_dir(&from).expect("an agreement") {
            let file = file.expect("a file").path();
            std::fs::copy(&file, to.join(file.file_name().expect("a name"))).expect("a copy");
        }
    }
    folder
}

/// What a kind's schema has for an example, said of a citizen of that municipality.
fn said(kind: &str, id: &str, source: &str, case: &str, residence: &str) -> Value {
    let schema = budstikke_schemas::find(kind).expect("the kind is in the catalogue").text;
    let example = &serde_json::from_str::<Value>(schema).expect("a schema is JSON")["examples"][0];
    let mut event = canonical(kind, id, source, case, example);
    event["residence"] = json!(residence);
    event
}

#[tokio::test(flavor = "multi_thread")]
async fn each_pair_goes_its_own_way_in_the_same_hub() {
    let folder = both();
    let mut rig = Rig::with(|settings| settings.agreement = folder.path().to_owned()).await;
    rig.everyone();
    let plan = |id: &str, residence: &str| {
        said("rehab.plan.received", id, HOSPITAL, &format!("rehab-6fb927da-3be1-4b9f-8875-a63262{id}"), residence)
    };
    let sanction = |id: &str, source: &str, residence: &str| {
        let case = format!("employment-6fb927da-3be1-4b9f-8875-a63262{id}");
        let mut event = said("employment.sanction.recommended", id, source, &case, residence);
        event["law"] = json!("LAB");
        event
    };
    rig.event(&plan("000901", "901")).await;
    rig.event(&plan("000902", "902")).await;
    rig.event(&plan("000155", "155")).await;
    rig.event(&sanction("100902", "/solby/momentum", "902")).await;
    rig.event(&sanction("100155", "/taarnby/momentum", "155")).await;

    let ids = async |rig: &mut Rig, mailbox: &str, count: usize| -> Vec<(String, String)> {
        let got = rig.got(mailbox, count).await;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        got.iter().map(|it| it.json()).map(|it| (text(&it["id"]), text(&it["deliveredas"]))).collect()
    };
    let pair = |id: &str, capacity: &str| (id.to_owned(), capacity.to_owned());
    assert_eq!(ids(&mut rig, "solby/traening", 1).await, [pair("000901", "information")]);
    assert_eq!(ids(&mut rig, "engby/traening", 2).await, [pair("000901", "task"), pair("000902", "task")]);
    assert_eq!(ids(&mut rig, "engby/ydelse", 1).await, [pair("100902", "task")]);
    assert_eq!(ids(&mut rig, "dragoer/genoptraening", 1).await, [pair("000155", "information")]);
    assert_eq!(ids(&mut rig, "taarnby/genoptraening", 1).await, [pair("000155", "task")]);
    assert_eq!(ids(&mut rig, "dragoer/ydelse", 1).await, [pair("100155", "task")]);

    // A party of the one agreement has no say in the other.
    rig.event(&sanction("200902", "/taarnby/momentum", "902")).await;
    assert_eq!(rig.parked_item().await.1, "SENDER_NOT_ALLOWED");
    // Not even where the same name stands for a part that it has at home.
    rig.event(&plan("000461", "461")).await;
    rig.parked_items(2).await;
    assert_eq!(rig.wire.depth(&queue("solby/ydelse")).await, Some(0));
    rig.finish().await;
}
