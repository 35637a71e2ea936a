//! What networks do. Whatever it is, in the end everything that was published is there, and what
//! was said of each message was true.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use budstikke::broker::{Published, Settings};
use futures::StreamExt;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

use crate::chaos_proxy::{ChaosProxy, Way};
use crate::handler::{Keep, first_arrivals};
use crate::hub::{Hub, consume, in_queue};
use crate::node::{Vhost, settings};
use crate::wait;

const MESSAGES: usize = 1_000;

/// How many publish at once.
const CALLERS: usize = 50;

fn body(number: usize) -> String {
    format!("{number:05}")
}

/// A hub behind a proxy, that takes in what it publishes.
struct Rig {
    hub: Hub,
    proxy: ChaosProxy,
    keep: Arc<Keep>,
    vhost: Vhost,
}

impl Rig {
    async fn new() -> Self {
        let vhost = Vhost::new();
        let proxy = ChaosProxy::to(vhost.port()).await;
        let keep = Keep::open();
        let settings = impatient(&vhost, &proxy);
        let hub = Hub::up(settings, vec![consume(&in_queue(), &keep)]).await;
        Self { hub, proxy, keep, vhost }
    }

    /// Publishes numbered messages until each is confirmed, while `weather` does its worst, and
    /// then sees that all of them have come in, and nothing else.
    async fn weathers(self, weather: impl AsyncFn(&Self)) {
        let publishing = async {
            let insist = async |number| self.hub.insist(&body(number)).await;
            futures::stream::iter(0..MESSAGES).map(insist).buffer_unordered(CALLERS).count().await
        };
        let (count, ()) =
            wait::soon("everything is confirmed", async { tokio::join!(publishing, weather(&self)) }).await;
        self.proxy.both_ways(Way::Open);
        let bodies = self.keep.has_different(count).await;
        assert_eq!(first_arrivals(&bodies).len(), MESSAGES, "nothing came that was not sent");
        self.hub.stop().await;
        drop(self.vhost);
    }

    /// Waits until some have arrived.
    async fn some(&self, count: usize) {
        self.keep.has_different(count).await;
    }

    /// Waits for one more session.
    async fn another_session(&self, before: usize) {
        wait::until("it connects again", async || (self.proxy.accepted() >= before + 2).then_some(())).await;
        self.hub.is_up().await;
    }
}

/// Impatient: what a test does to the network shall be noticed soon.
fn impatient(vhost: &Vhost, proxy: &ChaosProxy) -> Settings {
    Settings {
        heartbeat: Duration::from_secs(2),
        connect_timeout: Duration::from_secs(2),
        call_timeout: Duration::from_secs(2),
        confirm_timeout: Duration::from_secs(3),
        ..settings(&vhost.address_by(proxy.port()))
    }
}

/// Each message is in the queue, and at most once for each attempt of which it was not said that
/// it was not sent.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_of_a_message_is_so() {
    let vhost = Vhost::new();
    let proxy = ChaosProxy::to(vhost.port()).await;
    let hub = Hub::up(impatient(&vhost, &proxy), Vec::new()).await;
    let confirmed = AtomicUsize::new(0);
    let publishing = async {
        let insist = async |number| {
            let said = (body(number), hub.insist(&body(number)).await);
            confirmed.fetch_add(1, Ordering::SeqCst);
            said
        };
        futures::stream::iter(0..MESSAGES).map(insist).buffer_unordered(CALLERS).collect::<HashMap<_, _>>().await
    };
    let weather = async {
        for round in 1..=8 {
            let progress = async || (confirmed.load(Ordering::SeqCst) >= round * 100).then_some(());
            wait::until("it makes progress", progress).await;
            if round % 2 == 0 { proxy.cut() } else { proxy.reset() }
        }
    };
    let (said, ()) = wait::soon("everything is confirmed", async { tokio::join!(publishing, weather) }).await;
    let uncertain = said.values().flatten().filter(|published| **published == Published::Unknown).count();
    assert!(uncertain > 0, "some were on their way when the connection ended");
    hub.stop().await;

    let keep = Keep::open();
    let hub = Hub::up(vhost.settings(), vec![consume(&in_queue(), &keep)]).await;
    keep.has_different(MESSAGES).await;
    hub.holds(&in_queue(), 0).await;
    hub.stop().await;
    let mut copies: HashMap<String, usize> = HashMap::new();
    for body in keep.bodies().await {
        *copies.entry(body).or_default() += 1;
    }
    for (body, attempts) in said {
        let possible = attempts.iter().filter(|published| **published != Published::NotSent).count();
        assert!((1..=possible).contains(&copies[&body]), "{body}: {} copies of {attempts:?}", copies[&body]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cut_connections() {
    Rig::new()
        .await
        .weathers(async |rig| {
            for round in 1..=3 {
                rig.some(round * 100).await;
                let before = rig.proxy.accepted();
                rig.proxy.cut();
                rig.another_session(before).await;
            }
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn resets() {
    Rig::new()
        .await
        .weathers(async |rig| {
            for round in 1..=3 {
                rig.some(round * 100).await;
                let before = rig.proxy.accepted();
                rig.proxy.reset();
                rig.another_session(before).await;
            }
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_black_hole() {
    Rig::new()
        .await
        .weathers(async |rig| {
            rig.some(100).await;
            rig.proxy.both_ways(Way::BlackHole);
            rig.hub.is_down().await;
            rig.proxy.both_ways(Way::Open);
        })
        .await;
}

/// The broker hears us, and we do not hear it.
#[tokio::test(flavor = "multi_thread")]
async fn silence_from_the_broker() {
    Rig::new()
        .await
        .weathers(async |rig| {
            rig.some(100).await;
            rig.proxy.to_hub(Way::BlackHole);
            rig.hub.is_down().await;
            rig.proxy.to_hub(Way::Open);
        })
        .await;
}

/// We hear the broker, and it does not hear us.
#[tokio::test(flavor = "multi_thread")]
async fn silence_towards_the_broker() {
    Rig::new()
        .await
        .weathers(async |rig| {
            rig.some(100).await;
            rig.proxy.to_broker(Way::BlackHole);
            rig.hub.is_down().await;
            rig.proxy.to_broker(Way::Open);
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn delay() {
    Rig::new().await.weathers(async |rig| rig.proxy.both_ways(Way::Late(Duration::from_millis(20)))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn single_bytes() {
    Rig::new().await.weathers(async |rig| rig.proxy.both_ways(Way::Sliced)).await;
}

/// The connection is reset in the midst of a frame, again and again, each time a bit later.
#[tokio::test(flavor = "multi_thread")]
async fn resets_at_many_bytes() {
    Rig::new()
        .await
        .weathers(async |rig| {
            for limit in (0..24).map(|step| 200 + step * 331) {
                let before = rig.proxy.accepted();
                rig.proxy.to_broker(Way::Limited(limit));
                rig.proxy.reset();
                wait::until("a connection has met its end", async || (rig.proxy.accepted() > before).then_some(()))
                    .await;
                rig.hub.is_down().await;
            }
            rig.proxy.to_broker(Way::Open);
        })
        .await;
}

/// lapin leaves a thread and a socket behind for each attempt that is given up, see
/// `pins::an_attempt_that_is_dropped_lives_on`. We cut the socket.
#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_that_is_given_up_leaves_nothing_behind() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let patience = Duration::from_millis(200);
    let settings = Settings {
        connect_timeout: patience,
        call_timeout: patience,
        ..settings(&format!("amqp://hub:secret@127.0.0.1:{port}/%2f"))
    };
    let hub = Hub::start(settings, Vec::new());
    for _attempt in 0..3 {
        // A broker that takes the connection and says nothing.
        let (mut socket, _) = wait::soon("an attempt", listener.accept()).await.expect("a connection");
        let mut heard = Vec::new();
        wait::soon("the attempt is given up", socket.read_to_end(&mut heard)).await.expect("the socket is closed");
        assert!(heard.starts_with(b"AMQP"));
    }
    hub.stop().await;
}
