//! Holding a source, a mailbox or a channel: what is held waits, nothing is parked, and all else
//! goes on.

use budstikke_testkit::plans::Plan;
use serde_json::json;

use super::rig::{DRAGOER, Rig, TAARNBY, VANS, canonical};
use super::wire::Given;
use crate::wait;

const CASE: &str = "rehab-6fb927da-3be1-4b9f-8875-a6326617d20b";

/// Waits until nobody takes from a source's queue, or somebody does.
async fn consumers(rig: &mut Rig, queue: &str, count: u32) {
    let what = format!("`{queue}` has {count} consumers");
    wait::until(&what, async || (rig.wire.consumers(queue).await == Some(count)).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_source_waits_at_the_broker_and_another_goes_on() {
    let mut rig = Rig::start().await;
    rig.pause("rehab-plan").await;
    consumers(&mut rig, "in.rehab-plan", 0).await;
    rig.plan(Plan::ggop("B1")).await;
    let mut event = canonical("rehab.level.set", "l", "/taarnby/cura", CASE, &json!({"level": "basal"}));
    event["residence"] = json!("155");
    rig.event(&event).await;
    assert_eq!(rig.got_one(DRAGOER).await.json()["id"], "l");
    assert_eq!(rig.wire.depth("in.rehab-plan").await, Some(1), "the plan is where it was");

    rig.resume("rehab-plan").await;
    rig.got(TAARNBY, 1).await;
    rig.got(DRAGOER, 2).await;
    assert_eq!(rig.balance().await.parked, 0);
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_mailbox_gets_everything_afterwards_in_order() {
    let mut rig = Rig::start().await;
    rig.pause(TAARNBY).await;
    for letter in ["B1", "B2", "B3"] {
        rig.plan(Plan::ggop(letter).episode("e1")).await;
    }
    rig.got(DRAGOER, 3).await;
    rig.got(VANS, 3).await;
    rig.got(TAARNBY, 0).await;
    let balance = rig.balance().await;
    assert_eq!((balance.deliveries.waiting, balance.deliveries.parked), (3, 0));

    rig.resume(TAARNBY).await;
    let got = rig.got(TAARNBY, 3).await;
    let letters: Vec<_> = got.iter().map(|it| it.json()["data"]["letter"]["id"].clone()).collect();
    assert_eq!(letters, ["B1", "B2", "B3"]);
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_channel_holds_every_mailbox_of_it() {
    let mut rig = Rig::start().await;
    rig.pause("amqp").await;
    rig.plan(Plan::ggop("B1")).await;
    rig.taken().await;
    let balance = rig.balance().await;
    assert_eq!((balance.deliveries.waiting, balance.replies.waiting), (2, 1));
    for receiver in [DRAGOER, TAARNBY, VANS] {
        rig.got(receiver, 0).await;
    }
    rig.resume("amqp").await;
    for receiver in [DRAGOER, TAARNBY, VANS] {
        rig.got(receiver, 1).await;
    }
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_that_was_paused_is_paused_after_a_restart() {
    let mut rig = Rig::start().await;
    rig.pause(TAARNBY).await;
    rig.pause("events").await;
    rig.plan(Plan::ggop("B1").episode("e1")).await;
    rig.got(DRAGOER, 1).await;
    rig.got(VANS, 1).await;
    rig.stop().await;
    rig.begin().await;
    // Something that comes later, and goes to the others, shows that the hub is at work.
    rig.plan(Plan::ggop("B2").episode("e2")).await;
    rig.got(DRAGOER, 2).await;
    rig.got(TAARNBY, 0).await;
    consumers(&mut rig, "in.events", 0).await;

    for target in [TAARNBY, "events"] {
        rig.resume(target).await;
    }
    rig.got(TAARNBY, 2).await;
    consumers(&mut rig, "in.events", 1).await;
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_receivers_say_can_be_held_too() {
    let mut rig = Rig::start().await;
    rig.plan(Plan::ggop("B1")).await;
    let id = rig.got_one(TAARNBY).await.id;
    rig.pause("receipts").await;
    consumers(&mut rig, "in.receipts", 0).await;
    rig.send(&Given::receipt(&id, "accepted", ""), 1).await;
    assert_eq!(rig.wire.depth("in.receipts").await, Some(1));
    assert_eq!(rig.delivery(&id).await.business, None);
    rig.resume("receipts").await;
    rig.taken().await;
    assert_eq!(rig.delivery(&id).await.business.as_deref(), Some("accepted"));
    rig.finish().await;
}
