//! What lapin 4.12.3 does that the broker module is built around. None of this is wished for: a
//! test that fails here after an upgrade says that something can perhaps be made simpler.
#![expect(clippy::disallowed_methods, reason = "tests look at lapin itself")]

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures::{FutureExt, StreamExt};
use lapin::message::Delivery;
use lapin::options::{BasicAckOptions, BasicConsumeOptions, BasicQosOptions, QueueDeleteOptions};
use lapin::types::{FieldTable, ShortString};
use lapin::uri::AMQPUri;
use lapin::{Channel, Confirmation, Connection, ConnectionProperties, Consumer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::hub::{Hub, in_queue};
use crate::node::{Private, Vhost};
use crate::raw_amqp::{HEADERS, MESSAGE_ID, RawSender, long, short};
use crate::raw_lapin::{channel, confirmed, confirming, connect, declare, depth, publish, quorum};
use crate::{scripted_broker, wait};

/// How often the race is run before it counts as lost. Seen: it is there the first time.
const ROUNDS: usize = 20;

async fn consume(channel: &Channel, queue: &str, prefetch: u16) -> Consumer {
    channel.basic_qos(prefetch, BasicQosOptions { global: false }).await.expect("a prefetch");
    let options = BasicConsumeOptions::default();
    channel.basic_consume(queue.into(), "".into(), options, FieldTable::default()).await.expect("a consumer")
}

async fn deliveries(consumer: &mut Consumer, count: usize) -> Vec<Delivery> {
    let deliveries = consumer.take(count).map(|delivery| delivery.expect("a delivery")).collect();
    wait::soon("the deliveries come", deliveries).await
}

/// So returns are keyed by message id, and only when all of a window is confirmed.
#[tokio::test(flavor = "multi_thread")]
async fn returns_come_with_the_wrong_confirm() {
    let (address, _serving) = scripted_broker::returning_late(2, "unwanted").await;
    let connection = connect(&address).await;
    let channel = confirming(&connection).await;
    let publish = async |id: &str| {
        let confirmation = confirmed(&channel, "a queue", id).await.expect("a confirm");
        assert!(confirmation.is_ack(), "what is returned is acked as well");
        confirmation.take_message().map(|message| message.properties.message_id().clone())
    };
    let (wanted, unwanted) = tokio::join!(publish("wanted"), publish("unwanted"));
    let came_with_the_other = wanted.flatten().map(|id| id.to_string());
    assert_eq!(came_with_the_other.as_deref(), Some("unwanted"));
    assert_eq!(unwanted, None, "it looks as if it had arrived");
}

/// So a channel has one owner.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_tasks_swap_their_confirms() {
    let vhost = Vhost::new();
    let connection = connect(vhost.address()).await;
    let channel = Arc::new(confirming(&connection).await);
    declare(&channel, "open", quorum(None)).await;
    declare(&channel, "full", quorum(Some(1))).await;
    let fill = async || confirmed(&channel, "full", "fill").await.ok().filter(Confirmation::is_nack);
    wait::until("the queue is full", fill).await;
    for _round in 0..ROUNDS {
        let mut tasks = JoinSet::new();
        for queue in ["open", "full"] {
            let channel = Arc::clone(&channel);
            tasks.spawn(async move {
                let publish = |_| async { confirmed(&channel, queue, "x").await.expect("a confirm").is_ack() };
                let acked = futures::stream::iter(0..20_000).map(publish).buffered(256);
                acked.filter(|acked| std::future::ready(*acked != (queue == "open"))).count().await
            });
        }
        let swapped: usize = tasks.join_all().await.into_iter().sum();
        if swapped > 0 {
            return;
        }
    }
    panic!("each task got its own confirms");
}

/// So a time limit means that it is not known what became of a message.
#[tokio::test(flavor = "multi_thread")]
async fn a_publish_that_is_dropped_is_sent() {
    let vhost = Vhost::new();
    let connection = connect(vhost.address()).await;
    let channel = confirming(&connection).await;
    declare(&channel, &in_queue(), quorum(None)).await;
    for number in 0..1_000 {
        let id = number.to_string();
        let _ = pin!(publish(&channel, &in_queue(), &id)).now_or_never();
    }
    let all = async || (depth(&channel, &in_queue()).await == 1_000).then_some(());
    wait::until("all thousand are in the queue", all).await;
}

/// So the answer to an ack is looked at.
#[tokio::test(flavor = "multi_thread")]
async fn an_ack_on_a_dead_channel_is_no_error() {
    let vhost = Vhost::new();
    let connection = connect(vhost.address()).await;
    let channel = confirming(&connection).await;
    declare(&channel, "queue", quorum(None)).await;
    confirmed(&channel, "queue", "x").await.expect("a confirm");
    let mut consumer = consume(&channel, "queue", 1).await;
    let delivery = deliveries(&mut consumer, 1).await.remove(0);
    channel.close(200, "done".into()).await.expect("it is closed");
    let acked = delivery.ack(BasicAckOptions::default()).await;
    assert_eq!(acked, Ok(false));
}

/// So the end of a stream is a fault, unless we have asked for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_whose_queue_is_deleted_just_ends() {
    let vhost = Vhost::new();
    let connection = connect(vhost.address()).await;
    let consuming = connection.create_channel().await.expect("a channel");
    declare(&consuming, "queue", quorum(None)).await;
    let mut consumer = consume(&consuming, "queue", 1).await;
    let other = channel(vhost.address()).await;
    other.queue_delete("queue".into(), QueueDeleteOptions::default()).await.expect("it is deleted");
    assert!(wait::soon("the stream ends", consumer.next()).await.is_none());
    assert!(consuming.status().connected(), "the channel itself is well");
}

/// So the channel is closed before its consumer is dropped, or the connection is cut.
#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_that_is_dropped_with_messages_in_hand_loses_their_order() {
    let vhost = Vhost::new();
    let connection = connect(vhost.address()).await;
    let channel = confirming(&connection).await;
    declare(&channel, "queue", quorum(None)).await;
    for number in 0..20 {
        confirmed(&channel, "queue", &format!("{number:02}")).await.expect("a confirm");
    }
    let first = connection.create_channel().await.expect("a channel");
    let mut consumer = consume(&first, "queue", 5).await;
    let in_hand = deliveries(&mut consumer, 5).await;
    drop(consumer);
    let second = connection.create_channel().await.expect("a channel");
    let mut next = consume(&second, "queue", 100).await;
    let mut order: Vec<_> = deliveries(&mut next, 15).await;
    first.close(200, "done".into()).await.expect("it is closed");
    order.extend(deliveries(&mut next, 5).await);
    let bodies: Vec<_> = order.iter().map(|delivery| String::from_utf8_lossy(&delivery.data).into_owned()).collect();
    let expected: Vec<_> = (5..20).chain(0..5).map(|number| format!("{number:02}")).collect();
    assert_eq!(bodies, expected);
    drop(in_hand);
}

/// So we hold the socket, and cut it.
#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_that_is_dropped_lives_on() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let address = format!("amqp://hub:secret@127.0.0.1:{port}/%2f");
    let attempt = Connection::connect(&address, ConnectionProperties::default());
    assert!(tokio::time::timeout(Duration::from_millis(500), attempt).await.is_err(), "nobody answered");

    let (mut socket, _) = wait::soon("the attempt", listener.accept()).await.expect("a connection");
    let mut hello = [0; 8];
    socket.read_exact(&mut hello).await.expect("it greets");
    let start = [vec![0, 10, 0, 10, 0, 9], long(b""), long(b"PLAIN"), long(b"en_US")].concat();
    let size = u32::try_from(start.len()).expect("a size").to_be_bytes();
    socket.write_all(&[&[1, 0, 0], size.as_slice(), &start, &[0xce]].concat()).await.expect("it is still there");
    let mut answer = [0; 11];
    wait::soon("it answers", socket.read_exact(&mut answer)).await.expect("it is still there");
    assert_eq!(answer[7..], [0, 10, 0, 11], "it would log in");
}

/// So frames are mended before lapin sees them.
#[tokio::test(flavor = "multi_thread")]
async fn bad_properties_end_the_connection() {
    let vhost = Vhost::new();
    Hub::up(vhost.settings(), Vec::new()).await.stop().await;
    let connection = connect(vhost.address()).await;
    let channel = connection.create_channel().await.expect("a channel");
    let mut consumer = consume(&channel, &in_queue(), 1).await;
    let mut sender = RawSender::connect(vhost.address()).await;
    sender.publish(b"cura", MESSAGE_ID, &short(b"s\xf8d"), b"x").await;
    let got = wait::soon("something comes", consumer.next()).await;
    assert!(matches!(got, Some(Err(_))), "it is no message");
    assert!(connection.status().errored());
}

const CHILD: &str = "BUDSTIKKE_TEST_DEEP_HEADER";

/// The same, and worse: the process is aborted. So it is a process of its own.
#[tokio::test(flavor = "multi_thread")]
async fn a_deep_header_ends_the_process() {
    let vhost = Vhost::new();
    Hub::up(vhost.settings(), Vec::new()).await.stop().await;
    let deep = (0..20_000).fold(b"V".to_vec(), |value, _| [b"A".as_slice(), &long(&value)].concat());
    let mut sender = RawSender::connect(vhost.address()).await;
    sender.publish(b"cura", HEADERS, &long(&[short(b"a"), deep].concat()), b"x").await;
    let child = std::env::current_exe().expect("this program");
    let mut child = tokio::process::Command::new(child);
    child.args(["--exact", "broker::pins::child_that_reads_a_deep_header"]).env(CHILD, vhost.address());
    let ended = wait::soon("the child ends", child.kill_on_drop(true).output()).await.expect("it runs");
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&ended.status), Some(6), "it was aborted");
    assert!(String::from_utf8_lossy(&ended.stderr).contains("overflowed its stack"));
}

/// Does nothing by itself: see [`a_deep_header_ends_the_process`].
#[tokio::test(flavor = "multi_thread")]
async fn child_that_reads_a_deep_header() {
    let Ok(address) = std::env::var(CHILD) else { return };
    let channel = channel(&address).await;
    let mut consumer = consume(&channel, &in_queue(), 1).await;
    deliveries(&mut consumer, 1).await;
}

/// So lengths are checked before a message comes near lapin.
#[test]
fn a_long_short_string_panics() {
    let long = "x".repeat(256);
    assert!(std::panic::catch_unwind(|| ShortString::from(long)).is_err());
}

/// So we read the host ourselves.
#[test]
fn an_ipv6_address_is_taken_for_localhost() {
    let uri: AMQPUri = "amqp://hub:secret@[2001:db8::7]:5672/%2f".parse().expect("an address");
    assert_eq!(uri.authority.host, "localhost");
}

/// So publishing and consuming have connections of their own, a window's limit stands still while
/// we are blocked, and a session that is given up is cut.
#[tokio::test(flavor = "multi_thread")]
async fn under_an_alarm_everything_on_the_connection_hangs_and_is_sent_afterwards() {
    let node = Private::start(&[]).await;
    let connection = connect(node.vhost().address()).await;
    let channel = confirming(&connection).await;
    declare(&channel, &in_queue(), quorum(None)).await;
    confirmed(&channel, &in_queue(), "in hand").await.expect("a confirm");
    let mut consumer = consume(&channel, &in_queue(), 1).await;
    let in_hand = deliveries(&mut consumer, 1).await.remove(0);

    node.ctl(&["set_vm_memory_high_watermark", "0.00001"]).await;
    let patience = Duration::from_millis(500);
    let given_up = async || tokio::time::timeout(patience, confirmed(&channel, &in_queue(), "x")).await.is_err();
    wait::until("the broker blocks", async || (given_up().await && connection.status().blocked()).then_some(())).await;
    assert!(given_up().await);
    let ack = tokio::time::timeout(patience, in_hand.ack(BasicAckOptions::default())).await;
    assert!(ack.is_err(), "not even an acknowledgement gets through");
    drop(consumer);

    node.ctl(&["set_vm_memory_high_watermark", "0.4"]).await;
    let arrived = async || (depth(&channel, &in_queue()).await >= 2).then_some(());
    wait::until("what was given up is sent", arrived).await;
    node.stop().await;
}
