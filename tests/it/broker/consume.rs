//! Consuming: in order, nothing acknowledged too early, nothing given back out of order.

use std::sync::Arc;

use budstikke::broker::topology::DEAD;
use budstikke::broker::{Consume, Settings};
use tokio::sync::watch;

use crate::handler::{Keep, first_arrivals};
use crate::hub::{Hub, consume, in_queue, incoming};
use crate::node::Vhost;
use crate::raw_amqp::{HEADERS, MESSAGE_ID, RawSender, long, short};
use crate::wait;

/// `count` bodies that sort as they were sent.
fn bodies(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("{number:05}")).collect()
}

/// A consumer that can be paused.
fn pausable(queue: &str, handler: &Arc<Keep>) -> (Consume, watch::Sender<bool>) {
    let (pause, paused) = watch::channel(false);
    (Consume { paused, ..consume(queue, handler) }, pause)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_there_comes_in_order_and_in_batches() {
    let vhost = Vhost::new();
    let keep = Keep::open();
    let (consumer, pause) = pausable(&in_queue(), &keep);
    pause.send_replace(true);
    let hub = Hub::up(vhost.settings(), vec![consumer]).await;
    hub.insert(bodies(2_000)).await;
    pause.send_replace(false);
    keep.has(2_000).await;
    assert_eq!(keep.bodies().await, bodies(2_000));
    let batches = keep.batches().await;
    assert!(batches.len() < 500, "{} batches for 2,000 messages", batches.len());
    assert!(batches.iter().all(|batch| *batch <= 256), "{batches:?}");
    // All was acknowledged.
    hub.stop().await;
    let hub = Hub::up(vhost.settings(), Vec::new()).await;
    assert_eq!(hub.depth(&in_queue()).await, Some(0));
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_acknowledged_before_the_handler_says_so() {
    let vhost = Vhost::new();
    let shut = Keep::shut();
    let hub = Hub::up(vhost.settings(), vec![consume(&in_queue(), &shut)]).await;
    hub.insert(bodies(10)).await;
    shut.holds_a_batch().await;
    // A hub that dies: nothing is finished, nothing is said.
    drop(hub);

    let keep = Keep::open();
    let hub = Hub::up(vhost.settings(), vec![consume(&in_queue(), &keep)]).await;
    let got = keep.has(10).await;
    assert_eq!(first_arrivals(&keep.bodies().await), bodies(10));
    assert!(got.iter().all(|message| message.redelivered && message.delivery_count == 1));
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_delivered_before_comes_alone() {
    let vhost = Vhost::new();
    let keep = Keep::open();
    keep.leave(true);
    let (consumer, pause) = pausable(&in_queue(), &keep);
    pause.send_replace(true);
    let hub = Hub::up(vhost.settings(), vec![consumer]).await;
    hub.insert(bodies(300)).await;
    pause.send_replace(false);
    wait::until("a batch has come and gone", async || (keep.left() > 0).then_some(())).await;
    keep.leave(false);
    let got = keep.has(300).await;
    assert_eq!(keep.bodies().await, bodies(300), "they came back in their order");
    let again = got.iter().filter(|message| message.delivery_count > 0).count();
    assert!(again > 0, "the broker counts");
    let mut rest = got.as_slice();
    for size in keep.batches().await {
        let batch = rest.split_off(..size).expect("as many as were kept");
        assert!(size == 1 || batch.iter().all(|message| message.delivery_count == 0), "{size}");
    }
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_that_waits_holds_no_more_than_the_prefetch() {
    let vhost = Vhost::new();
    let shut = Keep::shut();
    let settings = Settings { prefetch: 50, ..vhost.settings() };
    let hub = Hub::up(settings, vec![consume(&in_queue(), &shut)]).await;
    hub.insert(bodies(300)).await;
    shut.holds_a_batch().await;
    hub.holds(&in_queue(), 250).await;
    shut.let_through(1_000);
    shut.has(300).await;
    assert_eq!(shut.bodies().await, bodies(300));
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_finishes_the_batch_and_keeps_the_order() {
    let vhost = Vhost::new();
    let keep = Keep::shut();
    let (consumer, pause) = pausable(&in_queue(), &keep);
    let hub = Hub::up(Settings { prefetch: 100, ..vhost.settings() }, vec![consumer]).await;
    hub.insert(bodies(500)).await;
    keep.holds_a_batch().await;
    hub.holds(&in_queue(), 400).await;

    pause.send_replace(true);
    keep.let_through(1);
    let done = u32::try_from(keep.has(1).await.len()).expect("a small number");
    // What was prefetched is back in the queue, and nobody consumes from it.
    hub.holds(&in_queue(), 500 - done).await;
    let consumers = async || {
        let depth = hub.broker.depths(&[&in_queue()]).await.pop().flatten()?;
        (depth.consumers == 0).then_some(())
    };
    wait::until("nobody consumes", consumers).await;
    assert_eq!(keep.batches().await.len(), 1);

    keep.let_through(1_000);
    pause.send_replace(false);
    keep.has(500).await;
    assert_eq!(keep.bodies().await, bodies(500));
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_finishes_the_batch_in_hand() {
    let vhost = Vhost::new();
    let keep = Keep::shut();
    let settings = Settings { prefetch: 50, ..vhost.settings() };
    let hub = Hub::up(settings, vec![consume(&in_queue(), &keep)]).await;
    hub.insert(bodies(200)).await;
    keep.holds_a_batch().await;
    hub.holds(&in_queue(), 150).await;
    hub.begin_to_stop();
    keep.let_through(1_000);
    hub.ended().await.expect("it stops in order");
    let done = keep.bodies().await;
    assert!(!done.is_empty() && done.len() <= 50);

    let rest = Keep::open();
    let hub = Hub::up(vhost.settings(), vec![consume(&in_queue(), &rest)]).await;
    rest.has(200 - done.len()).await;
    let all: Vec<_> = done.into_iter().chain(rest.bodies().await).collect();
    assert_eq!(all, bodies(200), "each once, in order");
    hub.stop().await;
}

/// With a single active consumer the second hub gets nothing before the first is gone.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_hub_waits_and_goes_on_where_the_first_has_stopped() {
    let vhost = Vhost::new();
    let (first, second) = (Keep::shut(), Keep::open());
    let settings = Settings { prefetch: 50, ..vhost.settings() };
    let one = Hub::up(settings, vec![consume(&in_queue(), &first)]).await;
    one.insert(bodies(200)).await;
    first.holds_a_batch().await;
    let two = Hub::up(vhost.settings(), vec![consume(&in_queue(), &second)]).await;
    wait::until("both consume", async || {
        let queue = vhost.management.queue(&vhost.name, &in_queue())?;
        (queue["consumers"] == 2).then_some(())
    })
    .await;
    assert!(second.got().await.is_empty());
    one.begin_to_stop();
    first.let_through(1_000);
    one.ended().await.expect("it stops in order");

    let done = first.bodies().await;
    second.has(200 - done.len()).await;
    let all: Vec<_> = done.into_iter().chain(second.bodies().await).collect();
    assert_eq!(all, bodies(200), "each once, in order");
    two.stop().await;
}

/// The broker tells a consumer nothing but that its stream has ended.
#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_is_deleted_is_made_again_and_consumed() {
    let vhost = Vhost::new();
    let keep = Keep::open();
    let hub = Hub::up(vhost.settings(), vec![consume(&in_queue(), &keep)]).await;
    hub.insert(bodies(3)).await;
    keep.has(3).await;
    vhost.management.delete_queue(&vhost.name, &in_queue());
    hub.is_down().await;
    hub.is_up().await;
    hub.insert(["after".to_owned()]).await;
    keep.has(4).await;
    hub.stop().await;
}

/// Nothing comes, though there is something: here because somebody else's consumer is the active
/// one and holds its hands in its lap.
#[tokio::test(flavor = "multi_thread")]
async fn the_watchdog_consumes_anew_from_a_queue_that_gives_nothing() {
    let vhost = Vhost::new();
    let (idle, keep) = (Keep::shut(), Keep::open());
    let one = Hub::up(Settings { prefetch: 1, ..vhost.settings() }, vec![consume(&in_queue(), &idle)]).await;
    one.insert(bodies(5)).await;
    idle.holds_a_batch().await;
    let watchdog = Some(std::time::Duration::from_millis(200));
    crate::log::keep();
    let two = Hub::up(Settings { watchdog, ..vhost.settings() }, vec![consume(&in_queue(), &keep)]).await;
    wait::until("the watchdog has barked twice", async || {
        let log = crate::log::text();
        (log.matches("consuming anew").count() > 1).then_some(())
    })
    .await;
    // It did no harm: neither session has ended, and the order is kept.
    assert!(two.broker.state().borrow().clone() == budstikke::broker::State::Up);
    idle.let_through(1_000);
    one.stop().await;
    keep.has_different(5 - idle.got().await.len()).await;
    two.stop().await;
}

/// What any sender can do, and what would end lapin's connection or the process: see
/// `pins::bad_properties_end_the_connection`.
#[tokio::test(flavor = "multi_thread")]
async fn what_lapin_cannot_read_is_received_all_the_same() {
    let vhost = Vhost::new();
    let keep = Keep::open();
    let hub = Hub::up(vhost.settings(), vec![consume(&in_queue(), &keep)]).await;
    let mut sender = RawSender::connect(vhost.address()).await;
    let deep = |levels: usize| (0..levels).fold(b"V".to_vec(), |value, _| [b"A".as_slice(), &long(&value)].concat());
    let table = |entry: &[u8]| long(&[short(b"a"), entry.to_vec()].concat());

    sender.publish(b"cura", MESSAGE_ID, &short(b"s\xf8d"), b"latin-1 id").await;
    sender.publish(b"cura", HEADERS, &table(&deep(20_000)), b"deep header").await;
    let latin_1_name = long(&[short(b"bl\xe5"), b"V".to_vec()].concat());
    sender.publish(b"cura", HEADERS, &latin_1_name, b"latin-1 header").await;
    let copy = [b"A".as_slice(), &long(&[b"S".as_slice(), &long(b"cura")].concat())].concat();
    let carbon_copy = long(&[short(b"CC"), copy].concat());
    sender.publish(b"\xff\xfe", HEADERS, &carbon_copy, b"routing key").await;
    hub.insert(["good".to_owned()]).await;

    let got = keep.has(5).await;
    assert_eq!(keep.bodies().await, ["latin-1 id", "deep header", "latin-1 header", "routing key", "good"]);
    assert_eq!(got[0].message_id.as_deref(), Some("sød"));
    assert_eq!(got[3].routing_key, "ÿþ");
    assert!(got.iter().all(|message| message.delivery_count == 0), "no connection was lost over it");
    hub.stop().await;
}

/// A queue gives up a message after its last delivery, and the broker keeps it until it is in
/// `budstikke.dead`. Nothing here is delivered so often: a message that expires goes the same way.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_broker_gives_up_comes_with_where_and_why() {
    let vhost = Vhost::new();
    let dead = Keep::open();
    let hub = Hub::up(vhost.settings(), vec![consume(DEAD, &dead)]).await;
    vhost.management.expire(&vhost.name, &in_queue());
    assert_eq!(hub.publisher.publish(incoming("late")).await, budstikke::broker::Published::Confirmed);
    let got = dead.has(1).await.remove(0);
    assert_eq!(got.message_id.as_deref(), Some("late"));
    let death = got.death.expect("it says why");
    assert_eq!((death.queue, death.reason.as_str()), (in_queue(), "expired"));
    hub.stop().await;
}
