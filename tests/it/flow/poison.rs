//! A message on which an adapter goes down: it alone is parked, and when the adapter has been mended
//! it goes on.

use std::sync::Arc;

use budstikke::adapters::Registry;
use budstikke_contract::adapter::{Adapter, Raw, Translated};
use budstikke_events::Events;
use serde_json::{Value, json};

use super::rig::{DRAGOER, Rig, canonical};
use super::wire::Given;

/// The source under test, and what its adapter does not survive.
const SOURCE: &str = "fragile";
const POISON: &str = "avanceret";

/// Reads canonical events, but for one word.
#[derive(Debug)]
struct Fragile {
    mended: bool,
}

impl Adapter for Fragile {
    fn name(&self) -> &'static str {
        SOURCE
    }

    fn media_type(&self) -> &'static str {
        "application/json"
    }

    fn translate(&self, raw: &Raw<'_>) -> Translated {
        let poisoned = raw.body.windows(POISON.len()).any(|window| window == POISON.as_bytes());
        assert!(self.mended || !poisoned, "nobody thought of this");
        Events.translate(raw)
    }
}

fn adapters(mended: bool) -> Registry {
    Registry::default().with(Arc::new(Fragile { mended }))
}

/// An event of a case of its own.
fn event(number: u32, level: &str) -> Value {
    let case = format!("rehab-6fb927da-3be1-4b9f-8875-{number:012}");
    let mut event = canonical("rehab.level.set", &number.to_string(), "/taarnby/cura", &case, &json!({"level": level}));
    event["residence"] = json!("155");
    event
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_an_adapter_does_not_survive_takes_no_neighbour_with_it() {
    let mut rig = Rig::with_adapters(adapters(false), |_| {}).await;
    let levels = ["basal", "basal", POISON, "basal", "basal"];
    let all: Vec<Given> =
        (1..).zip(levels).map(|(number, level)| Given::to(SOURCE, event(number, level).to_string())).collect();
    rig.send_all(&all).await;
    let (item, code) = rig.parked_item().await;
    assert_eq!((code.as_str(), item.refused), ("POISON", false));
    let mut got: Vec<_> = rig.got(DRAGOER, 4).await.iter().map(|it| it.json()["id"].to_string()).collect();
    got.sort();
    assert_eq!(got, ["\"1\"", "\"2\"", "\"4\"", "\"5\""]);
    rig.plan(budstikke_testkit::plans::Plan::ggop("B1")).await;
    rig.got(DRAGOER, 5).await;

    rig.stop().await;
    rig.adapters = adapters(true);
    rig.begin().await;
    rig.resend(&format!("#{}", item.seq)).await;
    assert_eq!(rig.got(DRAGOER, 6).await[5].json()["data"]["level"], POISON);
    // It is known by its own name from now on.
    rig.send(&all[2], 1).await;
    rig.taken().await;
    assert_eq!(rig.balance().await.duplicate, 1);
    rig.finish().await;
}
