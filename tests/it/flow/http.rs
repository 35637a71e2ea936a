//! A mailbox that is reached by HTTP, and receivers that are slow, wrong, flapping and lying.

mod broken;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use budstikke::deliver::carrier::HttpMailbox;
use budstikke::ledger::delivery::{Delivery, State};
use budstikke::web::token::{Access, Credentials};
use budstikke::web::{Settings, Url};
use jiff::SignedDuration;
use tempfile::TempDir;

use super::rig::{DRAGOER, Rig, TAARNBY, VANS, plan_in_case};
use super::wire::Got;
use crate::authority::Authority;
use crate::receiver::{Act, Asked, Receiver};
use crate::{agreed, wait, web};

/// A hub that reaches Dragør's team by HTTP.
struct Hub {
    rig: Rig,
    receiver: Receiver,
    _agreement: TempDir,
}

impl Hub {
    async fn start(receiver: Receiver) -> Self {
        let web = web::settings(&receiver.url("/in"));
        Self::with("[\"http\"]", receiver, web, |_| {}).await
    }

    async fn with(
        channels: &str,
        receiver: Receiver,
        web: Settings,
        change: impl FnOnce(&mut budstikke::config::Settings),
    ) -> Self {
        let agreement = agreed::reaching(DRAGOER, channels);
        let mailbox = HttpMailbox { web, at_once: 3, duplicates: BTreeSet::from([412]) };
        let rig = Rig::with(|settings| {
            settings.agreement = agreement.path().to_owned();
            settings.mailboxes.insert(DRAGOER.to_owned(), mailbox);
            change(settings);
        });
        Self { rig: rig.await, receiver, _agreement: agreement }
    }

    /// Sends a letter of a case.
    async fn letter(&mut self, letter: &str, case: usize) {
        self.rig.plan(plan_in_case(letter, case)).await;
    }

    /// The delivery of a letter by HTTP, when it is as wanted.
    async fn stands(&self, letter: &str, what: &str, wanted: impl Fn(&Delivery) -> bool) -> Delivery {
        self.rig.taken().await;
        let delivery = async || {
            let deliveries = self.rig.story(letter).await.event?.deliveries;
            deliveries.into_iter().map(|it| it.delivery).find(|it| it.mailbox == DRAGOER && it.channel == "http")
        };
        wait::until(&format!("{letter} {what}"), async || delivery().await.filter(&wanted)).await
    }

    /// Ends the test: everything that came is held against the books.
    async fn finish(mut self) {
        self.rig.taken().await;
        wait::until("nothing is on its way", async || (self.rig.balance().await.deliveries.waiting == 0).then_some(()))
            .await;
        for asked in self.receiver.asked() {
            self.rig.note(Got {
                queue: "by http".to_owned(),
                id: asked.id().to_owned(),
                kind: asked.header("budstikke-type").to_owned(),
                correlation: None,
                content_type: asked.header("content-type").to_owned(),
                persistent: true,
                headers: asked.headers,
                body: asked.body.into(),
            });
        }
        // It holds all of the rig: on the heap, so that those who wait for this one stay small.
        Box::pin(self.rig.finish()).await;
    }
}

/// The letter that something came of.
fn letter_of(asked: &Asked) -> String {
    let event: serde_json::Value = serde_json::from_slice(&asked.body).expect("an event");
    event["data"]["letter"]["id"].as_str().expect("a letter").to_owned()
}

fn letters_of(receiver: &Receiver) -> Vec<String> {
    receiver.asked().iter().map(letter_of).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_gets_by_http_what_it_gets_by_amqp() {
    let (ours, secret) = (Authority::new("ours"), tempfile::NamedTempFile::new().expect("a file"));
    std::fs::write(secret.path(), "secret").expect("a file");
    let server = Receiver::encrypted(&ours, None, |_| {
        let token = "{\"access_token\":\"a-token\",\"token_type\":\"bearer\",\"expires_in\":60}";
        Act::Answer(200, Vec::new(), token.to_owned())
    })
    .await;
    let receiver = Receiver::encrypted(&ours, Some(&ours), |asked| {
        Act::status(if asked.header("authorization") == "Bearer a-token" { 202 } else { 401 })
    })
    .await;
    let mut web = web::settings(&receiver.url("/in"));
    web.tls.ca_file = Some(ours.file("authority.pem"));
    web.tls.identity = Some((ours.file("hub.pem"), ours.file("hub-key.pem")));
    web.access = Access::Client(Credentials {
        token_url: Url::parse(&server.url("/token")).expect("a URL"),
        client_id: "hub".to_owned(),
        secret_file: secret.path().to_owned(),
        scope: None,
    });
    let mut hub = Hub::with("[\"amqp\", \"http\"]", receiver, web, |_| {}).await;
    hub.letter("B1", 1).await;
    let by_amqp = hub.rig.got_one(DRAGOER).await;
    let by_http = hub.receiver.has(1).await.remove(0);

    assert_eq!((by_http.method.as_str(), by_http.path.as_str()), ("POST", "/in"));
    let same = |json: &str| {
        let mut event: serde_json::Value = serde_json::from_str(json).expect("an event");
        assert!(event["data"]["original"]["base64"].is_string(), "the original goes with it");
        (event["deliveryid"].take(), event)
    };
    let ((amqp_id, amqp), (http_id, http)) = (same(&by_amqp.text()), same(&by_http.text()));
    assert_eq!(amqp, http);
    assert_eq!((amqp_id.as_str(), http_id.as_str()), (Some(by_amqp.id.as_str()), Some(by_http.id())));
    assert_ne!(amqp_id, http_id, "the way is a part of the id");
    assert_eq!(by_http.header("content-type"), by_amqp.content_type);
    assert_eq!(by_http.header("budstikke-type"), by_amqp.kind);
    // Nothing else goes along, where anyone on the way may write it down.
    let names: Vec<&str> = by_http.headers.keys().map(String::as_str).collect();
    let known = [
        "accept",
        "authorization",
        "budstikke-clause",
        "budstikke-deliveredas",
        "budstikke-rule",
        "budstikke-type",
        "content-length",
        "content-type",
        "host",
        "idempotency-key",
        "traceparent",
        "user-agent",
    ];
    assert_eq!(names, known);
    hub.finish().await;
}

/// What a bad receiver does, one after the other. Whatever it says, it has got the request.
fn whims() -> Vec<Act> {
    vec![
        Act::Cut,
        Act::busy(503, "0"),
        Act::status(200),
        Act::HalfClose,
        Act::status(500),
        Act::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\ncut".to_vec()),
        Act::Raw(b"550 no HTTP\r\n".to_vec()),
        Act::busy(429, "0"),
        Act::Answer(200, Vec::new(), "x".repeat(100_000)),
        Act::status(409),
        Act::redirect(307, "https://127.0.0.1:1/elsewhere"),
        Act::status(412),
        Act::Hang,
        Act::Answer(200, vec![("content-type", "application/json".to_owned())], "{{{ garbage".to_owned()),
        Act::status(408),
        Act::busy(502, "never"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flapping_and_lying_receiver_gets_everything_in_order() {
    const CASES: usize = 3;
    const LETTERS: usize = 8;
    let (whims, turn) = (whims(), AtomicUsize::new(0));
    let receiver = Receiver::start(move |_| whims[turn.fetch_add(1, Ordering::SeqCst) % whims.len()].clone()).await;
    let mut web = web::settings(&receiver.url("/in"));
    web.timeout = Duration::from_millis(500);
    let mut hub = Hub::with("[\"http\"]", receiver, web, |_| {}).await;
    for number in 0..LETTERS {
        for case in 0..CASES {
            hub.letter(&format!("B{case}{number}"), case).await;
        }
    }
    wait::until("all have come", async || {
        let different: BTreeSet<String> = letters_of(&hub.receiver).into_iter().collect();
        (different.len() == LETTERS * CASES).then_some(())
    })
    .await;
    wait::until("nothing is on its way", async || (hub.rig.balance().await.deliveries.waiting == 0).then_some(()))
        .await;
    assert_eq!(hub.rig.balance().await.deliveries.parked, 0);
    for case in 0..CASES {
        let of_case = |letter: &String| letter.starts_with(&format!("B{case}"));
        let came: Vec<String> = letters_of(&hub.receiver).into_iter().filter(of_case).collect();
        assert!(came.is_sorted(), "never one before the one before it is done: {came:?}");
    }
    assert!(hub.receiver.asked().len() > LETTERS * CASES, "some came twice");
    hub.finish().await;
}

/// A few are under way to one that never answers. The others get theirs, the hub stops in time all
/// the same, and what was under way goes again, with the same id and the same bytes.
#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_hangs_holds_up_only_itself() {
    const LETTERS: usize = 12;
    let receiver = Receiver::start(|_| Act::Hang).await;
    let web = web::settings(&receiver.url("/in"));
    let grace = |settings: &mut budstikke::config::Settings| settings.stop_grace = Duration::from_secs(4);
    let mut hub = Hub::with("[\"http\"]", receiver, web, grace).await;
    for number in 0..LETTERS {
        hub.letter(&format!("B{number}"), number).await;
    }
    hub.rig.got(TAARNBY, LETTERS).await;
    hub.rig.got(VANS, LETTERS).await;
    let hanging = hub.receiver.has(3).await;
    assert_eq!((hanging.len(), hub.receiver.most_at_once()), (3, 3), "as many as may be under way at once");
    hub.rig.stop().await;
    hub.receiver.does(|_| Act::status(200));
    hub.rig.begin().await;
    let came = hub.receiver.has(LETTERS + 3).await;
    for first in &hanging {
        let times = came.iter().filter(|it| it.id() == first.id() && it.body == first.body).count();
        assert_eq!(times, 2, "{}", first.id());
    }
    hub.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_is_for_a_person_and_holds_its_lane() {
    let mut hub = Hub::start(Receiver::start(|_| Act::status(422)).await).await;
    hub.letter("B1", 1).await;
    let (parked, code) = hub.rig.parked_delivery().await;
    assert_eq!(code, "HTTP_REFUSED");
    assert!(parked.reason.expect("why").text.contains("422"));
    hub.receiver.does(|_| Act::status(200));
    hub.letter("B2", 1).await;
    hub.letter("C1", 2).await;
    hub.stands("C1", "is delivered", |it| it.state == State::Delivered).await;
    assert_eq!(letters_of(&hub.receiver), ["B1", "C1"]);
    hub.rig.resend(&parked.id.to_string()).await;
    hub.receiver.has(4).await;
    assert_eq!(letters_of(&hub.receiver), ["B1", "C1", "B1", "B2"]);
    hub.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_duplicate_is_delivered() {
    let mut hub = Hub::start(Receiver::start(|_| Act::status(412)).await).await;
    hub.letter("B1", 1).await;
    let delivery = hub.stands("B1", "is delivered", |it| it.state == State::Delivered).await;
    assert_eq!(delivery.attempts, 1);
    hub.finish().await;
}

/// What a status means that nobody has said anything about.
#[tokio::test(flavor = "multi_thread")]
async fn a_412_is_for_a_person_unless_the_mailbox_says_what_it_means() {
    let agreement = agreed::reaching(DRAGOER, "[\"http\"]");
    let receiver = Receiver::start(|_| Act::status(412)).await;
    let web = web::settings(&receiver.url("/in"));
    let rig = Rig::with(|settings| {
        settings.agreement = agreement.path().to_owned();
        let mailbox = HttpMailbox { web, at_once: 3, duplicates: BTreeSet::new() };
        settings.mailboxes.insert(DRAGOER.to_owned(), mailbox);
    });
    let mut hub = Hub { rig: rig.await, receiver, _agreement: agreement };
    hub.letter("B1", 1).await;
    assert_eq!(hub.rig.parked_delivery().await.1, "HTTP_REFUSED");
    hub.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_address_that_is_not_named_gets_nothing() {
    let receiver = Receiver::start(|_| Act::status(200)).await;
    let mut web = web::settings(&receiver.named("/in"));
    web.reach.nets.clear();
    let mut hub = Hub::with("[\"http\"]", receiver, web, |_| {}).await;
    hub.letter("B1", 1).await;
    let is = |it: &Delivery| it.reason.as_ref().is_some_and(|reason| reason.code.as_str() == "HTTP_ADDRESS");
    hub.stands("B1", "goes nowhere", is).await;
    assert_eq!(hub.receiver.asked().len(), 0);
    // Somebody names it, and it goes by itself.
    hub.rig.stop().await;
    let mailbox = hub.rig.settings.mailboxes.get_mut(DRAGOER).expect("it is set");
    mailbox.web.reach.hosts.insert("localhost".to_owned());
    hub.rig.begin().await;
    hub.receiver.has(1).await;
    hub.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_to_be_asked_later_is_granted() {
    let mut hub = Hub::start(Receiver::start(|_| Act::busy(503, "120")).await).await;
    hub.letter("B1", 1).await;
    let put_off = hub.stands("B1", "is put off", |it| it.attempts == 1).await;
    assert!(put_off.next_at >= hub.rig.clock.now() + SignedDuration::from_secs(60), "{}", put_off.next_at);
    // That was about one; this is about all.
    hub.receiver.does(|_| Act::busy(429, "120"));
    hub.letter("C1", 2).await;
    hub.stands("C1", "is put off", |it| it.attempts == 1).await;
    hub.receiver.does(|_| Act::status(200));
    hub.letter("D1", 3).await;
    hub.rig.got(TAARNBY, 3).await;
    assert_eq!(letters_of(&hub.receiver), ["B1", "C1"]);
    hub.rig.clock.set(hub.rig.clock.now() + SignedDuration::from_secs(121));
    hub.receiver.has(5).await;
    hub.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_channel_waits_and_the_others_go_on() {
    let mut hub = Hub::start(Receiver::start(|_| Act::status(200)).await).await;
    for held in ["http", DRAGOER] {
        let before = hub.receiver.asked().len();
        hub.rig.pause(held).await;
        hub.letter(&format!("B{before}"), before).await;
        hub.rig.gets(TAARNBY, before + 1).await;
        assert_eq!(hub.receiver.asked().len(), before, "{held} is held");
        assert_eq!(hub.rig.balance().await.deliveries.parked, 0);
        hub.rig.resume(held).await;
        hub.receiver.has(before + 1).await;
    }
    hub.finish().await;
}
