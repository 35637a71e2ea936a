//! What lets us in: a token from a file, and tokens from a server.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use budstikke::clock::Clock;
use budstikke::web::token::{Access, Credentials};
use budstikke::web::{Endpoint, Fault, Settings, Url};
use jiff::SignedDuration;
use tempfile::NamedTempFile;

use super::{fault, open, send, settings, status};
use crate::receiver::{Act, Receiver};

fn file(content: &str) -> NamedTempFile {
    let file = NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), content).expect("a file");
    file
}

/// A receiver that lets this token in, and whatever it is told later.
async fn guarded(token: &str) -> Receiver {
    let receiver = Receiver::start(|_| Act::Cut).await;
    lets_in(&receiver, token);
    receiver
}

fn lets_in(receiver: &Receiver, token: &str) {
    let wanted = format!("Bearer {token}");
    receiver.does(move |asked| Act::status(if asked.header("authorization") == wanted { 204 } else { 401 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_file_is_read_again() {
    let token = file("first\n");
    let receiver = guarded("first").await;
    let endpoint = open(Settings { access: Access::TokenFile(token.path().into()), ..settings(&receiver.url("/")) });
    assert_eq!(status(&endpoint).await, 204);
    std::fs::write(token.path(), "second").expect("a file");
    assert_eq!(status(&endpoint).await, 401);
    assert_eq!(receiver.asked().len(), 2, "there is no other token to try with");
    lets_in(&receiver, "second");
    assert_eq!(status(&endpoint).await, 204);
    // It changes while a request with the one before is under way.
    let (path, written) = (token.path().to_owned(), Arc::new(AtomicUsize::new(0)));
    receiver.does(move |asked| {
        if written.fetch_add(1, Ordering::SeqCst) == 0 {
            std::fs::write(&path, "third").expect("a file");
        }
        Act::status(if asked.header("authorization") == "Bearer third" { 204 } else { 401 })
    });
    assert_eq!(status(&endpoint).await, 204);
    for gone in ["", "two\nlines"] {
        std::fs::write(token.path(), gone).expect("a file");
        assert_eq!(fault(&endpoint).await, Fault::NoToken { lasting: true });
    }
}

/// A server that gives `token-1`, `token-2` and so on, each for so many seconds.
async fn server(seconds: u32) -> Receiver {
    let given = AtomicUsize::new(0);
    Receiver::start(move |_| {
        let number = given.fetch_add(1, Ordering::SeqCst) + 1;
        let token =
            format!("{{\"access_token\":\"token-{number}\",\"token_type\":\"Bearer\",\"expires_in\":{seconds}}}");
        Act::Answer(200, Vec::new(), token)
    })
    .await
}

fn client(server: &Receiver, secret: &NamedTempFile, at: &Receiver) -> Settings {
    let credentials = Credentials {
        token_url: Url::parse(&server.url("/token")).expect("a URL"),
        client_id: "the hub".to_owned(),
        secret_file: secret.path().into(),
        scope: Some("in/mail".to_owned()),
    };
    Settings { access: Access::Client(credentials), ..settings(&at.url("/")) }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_token_is_fetched_for_many_and_another_before_it_ends() {
    let (server, receiver, secret) = (server(600).await, guarded("token-1").await, file("s:e+c\n"));
    let clock = Clock::system();
    let endpoint = Endpoint::open(client(&server, &secret, &receiver), clock.clone()).expect("it can be used");
    let all = futures::future::join_all((0..20).map(|_| status(&endpoint))).await;
    assert!(all.iter().all(|status| *status == 204), "{all:?}");
    let asked = server.asked();
    assert_eq!(asked.len(), 1, "one for all");
    assert_eq!(asked[0].text(), "grant_type=client_credentials&scope=in%2Fmail");
    // `the+hub:s%3Ae%2Bc`
    assert_eq!(asked[0].header("authorization"), "Basic dGhlK2h1YjpzJTNBZSUyQmM=");

    lets_in(&receiver, "token-2");
    clock.set(clock.now() + SignedDuration::from_secs(575));
    assert_eq!(status(&endpoint).await, 204);
    assert_eq!((server.asked().len(), receiver.asked().len()), (2, 21), "not only when it is refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_refused_is_renewed_once() {
    let (server, receiver, secret) = (server(600).await, guarded("token-2").await, file("secret"));
    let endpoint = open(client(&server, &secret, &receiver));
    assert_eq!(status(&endpoint).await, 204);
    assert_eq!((server.asked().len(), receiver.asked().len()), (2, 2));
    lets_in(&receiver, "none of them");
    assert_eq!(status(&endpoint).await, 401);
    assert_eq!((server.asked().len(), receiver.asked().len()), (3, 4), "once, and no more");
    // All that are refused at one time are content with one new one.
    let before = server.asked().len();
    lets_in(&receiver, &format!("token-{}", before + 1));
    let all = futures::future::join_all((0..20).map(|_| status(&endpoint))).await;
    assert!(all.iter().all(|status| *status == 204), "{all:?}");
    assert_eq!(server.asked().len(), before + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_nothing_is_sent() {
    let (server, receiver, secret) = (server(600).await, guarded("token-1").await, file("secret"));
    let endpoint = open(client(&server, &secret, &receiver));
    let json = |text: &str| Act::Answer(200, Vec::new(), text.to_owned());
    for (act, lasting) in [
        (Act::status(503), false),
        (Act::status(429), false),
        (Act::Cut, false),
        (Act::status(400), true),
        (Act::status(401), true),
        (Act::redirect(307, receiver.url("/")), true),
        (json("<html>"), true),
        (json("{\"access_token\":\"x\",\"token_type\":\"mac\"}"), true),
        (json("{\"access_token\":\"x\\ny\",\"token_type\":\"bearer\"}"), true),
        (json(&" ".repeat(100_000)), true),
    ] {
        let shown = format!("{act:.60?}");
        server.does(move |_| act.clone());
        assert_eq!(fault(&endpoint).await, Fault::NoToken { lasting }, "{shown}");
    }
    // Whoever waits for a token that is not given hears that, and does not ask again in turn.
    let before = server.asked().len();
    server.does(|_| Act::status(503));
    let all = futures::future::join_all((0..20).map(|_| send(&endpoint))).await;
    assert!(all.iter().all(|it| matches!(it, Err(Fault::NoToken { lasting: false }))), "{all:?}");
    assert!(server.asked().len() < before + 20, "{}", server.asked().len() - before);
    std::fs::write(secret.path(), "").expect("a file");
    assert_eq!(fault(&endpoint).await, Fault::NoToken { lasting: true });
    assert_eq!(receiver.asked().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_secret_nor_token_shows() {
    crate::log::keep();
    let (server, receiver, secret) = (server(600).await, guarded("token-1").await, file("Xhemmelig1"));
    let endpoint = open(client(&server, &secret, &receiver));
    assert_eq!(status(&endpoint).await, 204);
    let shown = format!("{endpoint:?} {}", crate::log::text());
    for hidden in ["Xhemmelig1", "token-1", "dGhlK2h1Y"] {
        assert!(!shown.contains(hidden), "{hidden}");
    }
}
