//! Publishing: what is said of a message is so.

use std::collections::HashMap;
use std::sync::Arc;

use budstikke::broker::publisher::Unfit;
use budstikke::broker::topology::{OUT, UNROUTABLE};
use budstikke::broker::{ExchangeName, Publish, Published, Publisher};
use futures::StreamExt;
use futures::future::join_all;

use crate::handler::Keep;
use crate::hub::{self, Hub, consume, in_queue, incoming, out_queue, outgoing};
use crate::log;
use crate::node::Vhost;
use crate::wait;

/// Publishes all of these at once, and says what became of each.
async fn publish_all(publisher: &Publisher, messages: Vec<Publish>) -> HashMap<String, Published> {
    let publish = |message: Publish| async {
        let id = message.message_id.clone();
        (id, publisher.publish(message).await)
    };
    futures::stream::iter(messages.into_iter().map(publish)).buffer_unordered(1_024).collect().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_arrives_as_it_was_sent() {
    let vhost = Vhost::new();
    let keep = Keep::open();
    let hub = Hub::up(vhost.settings(), vec![consume(&out_queue(), &keep)]).await;

    assert_eq!(hub.publisher.publish(outgoing("one")).await, Published::Confirmed);

    let got = keep.has(1).await.remove(0);
    let sent = outgoing("one");
    assert_eq!(got.body, sent.body);
    assert_eq!(got.message_id, Some(sent.message_id));
    assert_eq!(got.kind, sent.kind);
    assert_eq!(got.correlation_id, sent.correlation_id);
    assert_eq!(got.content_type, Some(sent.content_type));
    assert_eq!(got.traceparent.as_ref(), sent.headers.first().map(|(_, value)| value));
    assert_eq!((got.exchange.as_str(), got.routing_key), (OUT, sent.routing_key));
    assert_eq!((got.delivery_count, got.redelivered, got.death), (0, false, None));
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_without_a_body_is_told_from_others_too() {
    let vhost = Vhost::new();
    let hub = Hub::up(vhost.settings(), Vec::new()).await;
    let nobody = Publish { routing_key: "nobody".to_owned(), body: bytes::Bytes::new(), ..incoming("empty") };
    let published = publish_all(&hub.publisher, vec![nobody, incoming("full")]).await;
    assert_eq!(published["empty"], Published::Returned);
    assert_eq!(published["full"], Published::Confirmed);
    hub.stop().await;
}

/// lapin hands a return to whichever confirm completes next, and the broker confirms what it has
/// returned: see `pins::returns_come_with_the_wrong_confirm`.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_returned_is_known_by_its_id() {
    let vhost = Vhost::new();
    let hub = Hub::up(vhost.settings(), Vec::new()).await;
    for _round in 0..5 {
        let message = |number: u32| {
            let nobody = number % 10 == 3;
            let routing_key = if nobody { "nobody" } else { hub::SOURCE };
            Publish { routing_key: routing_key.to_owned(), ..incoming(&number.to_string()) }
        };
        let published = publish_all(&hub.publisher, (0..5_000).map(message).collect()).await;
        for number in 0..5_000 {
            let expected = if number % 10 == 3 { Published::Returned } else { Published::Confirmed };
            assert_eq!(published[&number.to_string()], expected, "message {number}");
        }
    }
    hub.holds(&in_queue(), 5 * 4_500).await;
    hub.stop().await;
}

/// Two tasks on one channel get each other's answers: see `pins::two_tasks_swap_their_confirms`.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_full_queue_refuses_is_known_by_its_id() {
    let vhost = Vhost::new();
    let hub = Hub::up(vhost.settings(), Vec::new()).await;
    vhost.management.limit_length(&vhost.name, &out_queue(), 1);
    // A queue overshoots its limit by what is in flight: fill it until it refuses.
    wait::until("the queue is full", async || {
        (hub.publisher.publish(outgoing("fill")).await == Published::Nacked).then_some(())
    })
    .await;
    let filled = hub.depth(&out_queue()).await;

    let message = |number: u32| {
        let id = number.to_string();
        if number.is_multiple_of(2) { outgoing(&id) } else { incoming(&id) }
    };
    let published = publish_all(&hub.publisher, (0..40_000).map(message).collect()).await;

    let wrong = (0..40_000_u32).filter(|number| {
        let expected = if number.is_multiple_of(2) { Published::Nacked } else { Published::Confirmed };
        published[&number.to_string()] != expected
    });
    assert_eq!(wrong.count(), 0);
    hub.holds(&in_queue(), 20_000).await;
    assert_eq!(hub.depth(&out_queue()).await, filled);
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_id_sent_twice_at_once_gets_two_answers() {
    let vhost = Vhost::new();
    let hub = Hub::up(vhost.settings(), Vec::new()).await;
    let twice = (0..200).flat_map(|number: u32| [number, number]).map(|number| {
        let nobody = number.is_multiple_of(2);
        let routing_key = if nobody { "nobody" } else { hub::SOURCE };
        let message = Publish { routing_key: routing_key.to_owned(), ..incoming(&number.to_string()) };
        let published = hub.publisher.publish(message);
        async move { (nobody, published.await) }
    });
    for (nobody, published) in join_all(twice).await {
        assert_eq!(published, if nobody { Published::Returned } else { Published::Confirmed });
    }
    hub.holds(&in_queue(), 200).await;
    hub.stop().await;
}

/// With an alternate exchange nothing is returned: the broker stores what no queue wants where the
/// hub consumes it. And redeclaring puts right what was deleted.
#[tokio::test(flavor = "multi_thread")]
async fn what_no_queue_wants_is_stored_and_comes_back() {
    let vhost = Vhost::new();
    let keep = Keep::open();
    let hub = Hub::up(vhost.settings(), vec![consume(UNROUTABLE, &keep)]).await;
    vhost.management.delete_queue(&vhost.name, &out_queue());

    assert_eq!(hub.publisher.publish(outgoing("stray")).await, Published::Confirmed);

    let stray = keep.has(1).await.remove(0);
    assert_eq!(stray.message_id.as_deref(), Some("stray"));
    assert_eq!((stray.exchange.as_str(), stray.routing_key), (OUT, hub::MAILBOX.routing_key()));

    hub.broker.redeclare().await.expect("it is declared again");
    assert_eq!(hub.publisher.publish(outgoing("home")).await, Published::Confirmed);
    hub.holds(&out_queue(), 1).await;
    assert_eq!(keep.got().await.len(), 1);
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_even_be_stored_is_returned() {
    let vhost = Vhost::new();
    let hub = Hub::up(vhost.settings(), Vec::new()).await;
    for queue in [out_queue().as_str(), UNROUTABLE] {
        vhost.management.delete_queue(&vhost.name, queue);
    }
    assert_eq!(hub.publisher.publish(outgoing("stray")).await, Published::Returned);

    vhost.management.delete_exchange(&vhost.name, UNROUTABLE);
    assert_eq!(hub.publisher.publish(outgoing("stray")).await, Published::Returned);

    hub.broker.redeclare().await.expect("it is declared again");
    assert_eq!(hub.publisher.publish(outgoing("home")).await, Published::Confirmed);
    hub.holds(&out_queue(), 1).await;
    hub.stop().await;
}

/// The broker ends a channel on which something is published to an exchange that is not there.
#[tokio::test(flavor = "multi_thread")]
async fn without_its_exchange_a_message_is_unknown_and_the_next_session_makes_it() {
    let vhost = Vhost::new();
    let hub = Hub::up(vhost.settings(), Vec::new()).await;
    vhost.management.delete_exchange(&vhost.name, OUT);
    assert_eq!(hub.publisher.publish(outgoing("again")).await, Published::Unknown);
    wait::until("the message is confirmed", async || {
        (hub.publisher.publish(outgoing("again")).await == Published::Confirmed).then_some(())
    })
    .await;
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_reaches_a_sender_that_waits_and_no_other_queue() {
    let vhost = Vhost::new();
    let hub = Hub::up(vhost.settings(), Vec::new()).await;
    let answer = |queue: &str| Publish {
        exchange: ExchangeName::Default,
        routing_key: queue.to_owned(),
        ..outgoing(&format!("answer for {queue}"))
    };
    // A sender that has gone away is not missed.
    assert_eq!(hub.publisher.publish(answer("reply.gone")).await, Published::Confirmed);
    let past_the_exchange = hub.publisher.publish(answer(&out_queue())).await;
    assert_eq!(past_the_exchange, Published::Unfit(Unfit::NotAReply));
    assert_eq!(hub.depth(&out_queue()).await, Some(0));
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_connection_nothing_is_sent() {
    let nowhere = crate::node::settings("amqp://hub:secret@127.0.0.1:1/%2f");
    let hub = Hub::start(nowhere, Vec::new());
    assert_eq!(hub.publisher.publish(outgoing("one")).await, Published::NotSent);
    assert_eq!(hub.broker.depths(&["in.cura", "out.vans"]).await, [None, None]);
    assert!(hub.broker.redeclare().await.is_err());
    let publisher = hub.publisher.clone();
    hub.stop().await;
    assert_eq!(publisher.publish(outgoing("late")).await, Published::NotSent);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_log_line_holds_a_body_or_a_password() {
    log::keep();
    let vhost = Vhost::new();
    let keep = Keep::open();
    let hub = Hub::up(vhost.settings(), vec![consume(&in_queue(), &keep)]).await;
    let marker = "0101014321-body";
    let body = |message: Publish| Publish { body: bytes::Bytes::from_static(marker.as_bytes()), ..message };
    let nobody = Publish { routing_key: "nobody".to_owned(), ..incoming("returned") };
    assert_eq!(hub.publisher.publish(body(nobody)).await, Published::Returned);
    assert_eq!(hub.publisher.publish(body(incoming("taken"))).await, Published::Confirmed);
    keep.has(1).await;
    hub.stop().await;

    let log = log::text();
    assert!(log.contains("session with the broker"), "nothing was logged");
    assert!(!log.contains(marker), "a body was logged");
    let password = vhost.address().split([':', '@']).nth(2).expect("a password");
    assert!(!log.contains(password), "the password was logged");
    let _keep: Arc<Keep> = keep;
}
