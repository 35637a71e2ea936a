//! What receivers say of what they got, and what becomes of it.

use budstikke::ledger::delivery::State;
use budstikke_testkit::plans::Plan;
use serde_json::json;

use super::rig::{DRAGOER, Rig, TAARNBY};
use super::wire::{Given, Got};
use crate::wait;

/// A delivered plan, as Tårnby got it.
async fn delivered(rig: &mut Rig) -> Got {
    rig.plan(Plan::ggop("B1").episode("e1")).await;
    rig.got(DRAGOER, 1).await;
    rig.got_one(TAARNBY).await
}

/// Waits until the ledger says that a delivery's receiver said so.
async fn says(rig: &Rig, id: &str, status: &str) {
    let what = format!("its receiver says `{status}`");
    let said = async || (rig.delivery(id).await.business.as_deref() == Some(status)).then_some(());
    wait::until(&what, said).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receivers_words_move_the_delivery_on() {
    let mut rig = Rig::start().await;
    let got = delivered(&mut rig).await;
    for status in ["received", "delivered", "accepted"] {
        rig.send(&Given::receipt(&got.id, status, ""), 1).await;
        says(&rig, &got.id, status).await;
    }
    // A weaker word that comes late changes nothing.
    rig.send(&Given::receipt(&got.id, "received", ""), 1).await;
    rig.taken().await;
    says(&rig, &got.id, "accepted").await;
    assert_eq!(rig.delivery(&got.id).await.state, State::Delivered);
    assert_eq!(rig.balance().await.recorded, 4);
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_parks_the_delivery_is_told_to_the_others_and_can_be_sent_again() {
    let mut rig = Rig::start().await;
    let got = delivered(&mut rig).await;
    rig.send(&Given::receipt(&got.id, "rejected", "Ukendt hos os"), 1).await;
    let (parked, code) = rig.parked_delivery().await;
    assert_eq!((parked.id.to_string(), code.as_str()), (got.id.clone(), "REJECTED_BY_RECEIVER"));
    let notice = rig.got(DRAGOER, 2).await.remove(1);
    assert_eq!(notice.kind, "dk.budstikke.delivery.rejected.v1");
    let data = &notice.json()["data"];
    assert_eq!((&data["mailbox"], &data["status"]), (&json!(TAARNBY), &json!("rejected")));
    assert_eq!(data["event"]["id"], got.json()["id"]);

    // Said twice, it is told once.
    rig.send(&Given::receipt(&got.id, "rejected", "Ukendt hos os"), 1).await;
    rig.taken().await;
    rig.got(DRAGOER, 2).await;

    let resent = rig.budstikke(&["parked", "resend", &got.id, "--reason", "aftalt i telefonen", "--json"]).await;
    assert!(resent.status.success(), "{}", String::from_utf8_lossy(&resent.stderr));
    arrives(&mut rig, &got.id, 2).await;
    rig.send(&Given::receipt(&got.id, "accepted", ""), 1).await;
    says(&rig, &got.id, "accepted").await;
    assert_eq!(rig.delivery(&got.id).await.state, State::Delivered);
    rig.finish().await;
}

/// Waits until something has arrived so often.
async fn arrives(rig: &mut Rig, id: &str, times: usize) {
    let again = async || {
        rig.take().await;
        (rig.arrivals(id) >= times).then_some(())
    };
    wait::until(&format!("it arrives {times} times"), again).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_a_refusal_and_holds_nothing_up() {
    let mut rig = Rig::start().await;
    let got = delivered(&mut rig).await;
    rig.send(&Given::receipt(&got.id, "failed", ""), 1).await;
    assert_eq!(rig.parked_delivery().await.1, "REJECTED_BY_RECEIVER");
    rig.got(DRAGOER, 2).await;
    // What follows on the case goes on.
    rig.plan(Plan::ggop("B2").episode("e1")).await;
    rig.got(TAARNBY, 2).await;
    rig.got(DRAGOER, 3).await;
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_on_and_then_refused_is_refused() {
    let mut rig = Rig::start().await;
    let got = delivered(&mut rig).await;
    rig.send_all(&[Given::receipt(&got.id, "accepted", ""), Given::receipt(&got.id, "failed", "")]).await;
    assert_eq!(rig.parked_delivery().await.1, "REJECTED_BY_RECEIVER");
    rig.got(DRAGOER, 2).await;
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_refused_stays_with_a_person_whatever_is_said_afterwards() {
    let mut rig = Rig::start().await;
    let got = delivered(&mut rig).await;
    rig.send_all(&[Given::receipt(&got.id, "rejected", ""), Given::receipt(&got.id, "accepted", "")]).await;
    rig.taken().await;
    assert_eq!(rig.parked_delivery().await.1, "REJECTED_BY_RECEIVER");
    rig.got(DRAGOER, 2).await;
    rig.finish().await;
}

/// The receiver is quicker than the hub: its word comes while the delivery is, for the hub, still
/// on its way.
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_of_what_has_not_arrived_counts_when_it_has() {
    let mut rig = Rig::start().await;
    rig.pause(TAARNBY).await;
    rig.plan(Plan::ggop("B1")).await;
    rig.got(DRAGOER, 1).await;
    let story = rig.story("B1").await;
    let deliveries = story.event.expect("it is routed").deliveries;
    let waiting = deliveries.iter().find(|it| it.delivery.mailbox == TAARNBY).expect("Tårnby's").delivery.clone();
    rig.send(&Given::receipt(&waiting.id.to_string(), "rejected", ""), 1).await;
    rig.got(DRAGOER, 2).await;
    rig.resume(TAARNBY).await;
    let got = rig.got_one(TAARNBY).await;
    let (parked, code) = rig.parked_delivery().await;
    assert_eq!((parked.id.to_string(), code.as_str()), (got.id, "REJECTED_BY_RECEIVER"));
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_that_says_nothing_is_parked_and_the_next_one_passes() {
    let mut rig = Rig::start().await;
    let got = delivered(&mut rig).await;
    let stranger = "6fb927da-3be1-4b9f-8875-a6326617d20b";
    rig.send_all(&[
        Given::to("receipts", "{"),
        Given::to("receipts", Vec::new()),
        Given::to("receipts", vec![0xff; 1024]),
        Given::to("receipts", "[".repeat(100_000)),
        Given::receipt(&got.id, "perhaps", ""),
        Given::receipt("no id", "accepted", ""),
        Given::receipt(stranger, "accepted", ""),
        Given::receipt(&got.id, "accepted", &"å".repeat(100_000)),
    ])
    .await;
    says(&rig, &got.id, "accepted").await;
    let parked = rig.parked_items(7).await;
    let codes: Vec<String> =
        parked.iter().filter_map(|it| it.reason.as_ref()).map(|reason| reason.code.to_string()).collect();
    let (unreadable, unknown) = ("RECEIPT_UNREADABLE", "RECEIPT_UNKNOWN");
    assert_eq!(codes, [unreadable, unreadable, unreadable, unreadable, unreadable, unknown, unknown]);
    rig.finish().await;
}
