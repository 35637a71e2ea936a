//! A broker that dies, freezes, or runs out of memory. Each test has a broker of its own.

use std::time::Duration;

use budstikke::broker::{Published, Settings, State};
use futures::StreamExt;
use rustix::process::Signal;

use crate::handler::{Keep, first_arrivals};
use crate::hub::{Hub, consume, in_queue, out_queue, outgoing};
use crate::node::Private;
use crate::wait;

const MESSAGES: usize = 2_000;

/// Publishes all, while `fault` does what it does.
async fn publish_through(hub: &Hub, fault: impl Future<Output = ()>) {
    let publishing = async {
        let insist = async |number: usize| hub.insist(&format!("{number:05}")).await;
        futures::stream::iter(0..MESSAGES).map(insist).buffer_unordered(100).count().await
    };
    let (count, ()) = wait::soon("everything is confirmed", async { tokio::join!(publishing, fault) }).await;
    assert_eq!(count, MESSAGES);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_killed_comes_back_with_everything() {
    let node = Private::start(&[]).await;
    let keep = Keep::open();
    let hub = Hub::up(node.vhost().settings(), vec![consume(&in_queue(), &keep)]).await;
    publish_through(&hub, async {
        keep.has_different(500).await;
        node.signal(Signal::KILL);
        hub.is_down().await;
        hub.is_up().await;
    })
    .await;
    let bodies = keep.has_different(MESSAGES).await;
    assert_eq!(first_arrivals(&bodies).len(), MESSAGES);
    hub.stop().await;
    node.stop().await;
}

/// Longer than both heartbeats: neither side may believe that the other has heard it.
#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_freezes_is_given_up_and_found_again() {
    let node = Private::start(&[]).await;
    let keep = Keep::open();
    let settings = Settings {
        heartbeat: Duration::from_secs(1),
        connect_timeout: Duration::from_secs(2),
        call_timeout: Duration::from_secs(2),
        ..node.vhost().settings()
    };
    let hub = Hub::up(settings, vec![consume(&in_queue(), &keep)]).await;
    publish_through(&hub, async {
        keep.has_different(500).await;
        node.signal(Signal::STOP);
        hub.is_down().await;
        // Several attempts fail meanwhile.
        let reason = "took longer";
        wait::until("a new connection is refused", async || {
            let state = hub.broker.state().borrow().clone();
            matches!(state, State::Down { reason: why, .. } if why.contains(reason)).then_some(())
        })
        .await;
        node.signal(Signal::CONT);
        hub.is_up().await;
    })
    .await;
    let bodies = keep.has_different(MESSAGES).await;
    assert_eq!(first_arrivals(&bodies).len(), MESSAGES);
    hub.stop().await;
    node.stop().await;
}

/// The broker reads nothing from a connection that publishes; a second one goes on as ever. While
/// that lasts nothing is given up and nothing is sent twice.
#[tokio::test(flavor = "multi_thread")]
async fn a_broker_short_of_memory_blocks_publishing_and_nothing_else() {
    let node = Private::start(&[]).await;
    let keep = Keep::shut();
    let limit = Duration::from_millis(500);
    let impatient = Settings { confirm_timeout: limit, ..node.vhost().settings() };
    let hub = Hub::up(impatient, vec![consume(&in_queue(), &keep)]).await;
    hub.insert((0..100).map(|number| format!("{number:05}"))).await;
    keep.holds_a_batch().await;

    node.ctl(&["set_vm_memory_high_watermark", "0.00001"]).await;
    let publishing = futures::future::join_all((0..50).map(|number| {
        let publisher = hub.publisher.clone();
        async move { publisher.publish(outgoing(&number.to_string())).await }
    }));
    let meanwhile = async {
        hub.is_blocked().await;
        // Deliveries and acknowledgements go on.
        keep.let_through(1_000);
        keep.has(100).await;
        hub.holds(&in_queue(), 0).await;
        // However long it lasts, the limit on confirms does not run out.
        tokio::time::sleep(limit * 4).await;
        assert!(matches!(&*hub.broker.state().borrow(), State::Blocked { reason, .. } if reason.contains("memory")));
        node.ctl(&["set_vm_memory_high_watermark", "0.4"]).await;
        hub.is_up().await;
    };
    let (published, ()) = wait::soon("the shortage ends", async { tokio::join!(publishing, meanwhile) }).await;
    assert_eq!(published, [Published::Confirmed; 50]);
    hub.holds(&out_queue(), 50).await;
    hub.stop().await;
    node.stop().await;
}

/// A hub that stops while it is blocked does not wait for the end of the shortage, and what it
/// gives up does not arrive afterwards by surprise: lapin alone would send it then.
#[tokio::test(flavor = "multi_thread")]
async fn a_hub_can_stop_while_it_is_blocked() {
    let node = Private::start(&[]).await;
    let hub = Hub::up(node.vhost().settings(), Vec::new()).await;
    node.ctl(&["set_vm_memory_high_watermark", "0.00001"]).await;
    let publisher = hub.publisher.clone();
    // The first is what makes the broker block the connection.
    let first = publisher.publish(outgoing("first"));
    let rest = async {
        hub.is_blocked().await;
        let rest = futures::future::join_all((0..50).map(|number| {
            let publisher = hub.publisher.clone();
            async move { publisher.publish(outgoing(&number.to_string())).await }
        }));
        let stop = async { hub.begin_to_stop() };
        tokio::join!(rest, stop).0
    };
    let (_first, rest) = wait::soon("everybody is answered", async { tokio::join!(first, rest) }).await;
    assert_eq!(rest, [Published::NotSent; 50]);
    hub.ended().await.expect("it stops in order");

    node.ctl(&["set_vm_memory_high_watermark", "0.4"]).await;
    let hub = Hub::up(node.vhost().settings(), Vec::new()).await;
    assert_eq!(hub.publisher.publish(outgoing("last")).await, Published::Confirmed);
    let depth = hub.depth(&out_queue()).await;
    assert!(depth.is_some_and(|depth| depth <= 2), "{depth:?}");
    hub.stop().await;
    node.stop().await;
}

/// The broker ends a channel on which a delivery is not acknowledged in time. The handler is not
/// disturbed, and does not get the message a second time while it has it in hand; but when it is
/// done, the acknowledgement cannot be sent, and lapin says so only by the way.
#[tokio::test(flavor = "multi_thread")]
async fn a_handler_that_takes_too_long_for_the_broker_gets_its_batch_again() {
    let node = Private::start(&["consumer_timeout = 2000"]).await;
    // Channels look once a minute otherwise.
    node.ctl(&["eval", "application:set_env(rabbit, channel_tick_interval, 500)."]).await;
    let keep = Keep::shut();
    let hub = Hub::up(node.vhost().settings(), vec![consume(&in_queue(), &keep)]).await;
    hub.insert(["slow".to_owned()]).await;
    keep.holds_a_batch().await;
    let vhost = node.vhost();
    let ended = async || {
        let queue = vhost.management.queue(&vhost.name, &in_queue())?;
        (queue["consumers"] == 0 && queue["messages_ready"] == 1).then_some(())
    };
    wait::until("the broker has taken the message back", ended).await;
    assert!(keep.got().await.is_empty());
    keep.let_through(1_000);
    let got = keep.has(2).await;
    let counts: Vec<_> = got.iter().map(|message| message.delivery_count).collect();
    assert_eq!(counts, [0, 1]);
    hub.holds(&in_queue(), 0).await;
    hub.stop().await;
    node.stop().await;
}
