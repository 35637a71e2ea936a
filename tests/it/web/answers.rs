//! Answers, and what comes instead of them.

use std::time::Duration;

use budstikke::web::{Fault, Request};

use super::{body, fault, open, send, settings, status};
use crate::receiver::{Act, Receiver};

#[tokio::test(flavor = "multi_thread")]
async fn a_request_comes_as_it_was_made() {
    let receiver = Receiver::start(|_| Act::busy(503, "120")).await;
    let endpoint = open(settings(&receiver.url("/in?x=1")));
    let request = body().below("a b").below("c/d").header("clause", "S2 § 4 \"ny\" 100%");
    let answer = endpoint.send(&request).await.expect("an answer");
    assert_eq!((answer.status, answer.retry_after), (503, Some(Duration::from_mins(2))));
    let asked = receiver.asked().remove(0);
    assert_eq!((asked.method.as_str(), asked.path.as_str()), ("POST", "/in/a%20b/c%2Fd?x=1"));
    assert_eq!((asked.text().as_str(), asked.header("content-type"), asked.id()), ("the body", "text/plain", "one"));
    assert_eq!(asked.header("clause"), "S2 %C2%A7 4 %22ny%22 100%25");
    assert!(asked.header("user-agent").starts_with("budstikke/"));
    for unasked in ["accept-encoding", "authorization", "referer", "cookie"] {
        assert_eq!(asked.header(unasked), "", "{unasked}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_is_read_as_far_as_it_is_wanted() {
    let long = Act::Answer(200, vec![("content-type", "Text/Plain; charset=utf-8".to_owned())], "x".repeat(100_000));
    let receiver = Receiver::start(move |_| long.clone()).await;
    let endpoint = open(settings(&receiver.url("/")));
    let answer = endpoint.send(&Request::get()).await.expect("an answer");
    assert_eq!(answer.media_type().as_deref(), Some("text/plain"));
    assert_eq!(answer.body(100_000).await.map(|body| body.len()), Ok(100_000));
    let answer = endpoint.send(&Request::get()).await.expect("an answer");
    assert_eq!(answer.body(99_999).await, Err(Fault::TooLong));
    assert_eq!(receiver.asked()[0].method, "GET");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_cut_off_or_no_http_is_no_answer() {
    let receiver = Receiver::start(|_| Act::Cut).await;
    let endpoint = open(settings(&receiver.url("/")));
    let raw = |text: &str| Act::Raw(text.as_bytes().to_vec());
    for act in [
        Act::Cut,
        Act::HalfClose,
        raw("HTTP/1.1 2"),
        raw("HTTP/1.1 200 OK\r\ncontent-le"),
        raw("220 mail.example ESMTP\r\n"),
        raw("HTTP/1.1 banana\r\n\r\n"),
        Act::Raw(b"\x16\x03\x01\x00\xff\x01".to_vec()),
        Act::Raw([b"HTTP/1.1 200 OK\r\n".as_slice(), &b"x: y\r\n".repeat(100_000)].concat()),
    ] {
        let shown = format!("{act:.40?}");
        receiver.does(move |_| act.clone());
        assert_eq!(fault(&endpoint).await, Fault::Unanswered, "{shown}");
    }
    receiver.resets();
    receiver.does(|_| Act::Cut);
    assert_eq!(fault(&endpoint).await, Fault::Unanswered);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_never_answers_is_given_up() {
    let receiver = Receiver::start(|_| Act::Hang).await;
    let mut hasty = settings(&receiver.url("/"));
    hasty.timeout = Duration::from_millis(300);
    let endpoint = open(hasty);
    assert_eq!(fault(&endpoint).await, Fault::Unanswered);
    // A head in time, and a body that never ends: the head is an answer, the body is not.
    receiver.does(|_| Act::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nten bytes.".to_vec()));
    let answer = send(&endpoint).await.expect("an answer");
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body(1_000).await, Err(Fault::Unanswered));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_there_is_unreachable() {
    let receiver = Receiver::start(|_| Act::status(200)).await;
    let url = receiver.url("/");
    drop(receiver);
    assert_eq!(fault(&open(settings(&url))).await, Fault::Unreachable);
    assert_eq!(fault(&open(settings("https://nowhere.invalid/"))).await, Fault::Unreachable);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_a_receiver_wants_closed_is_not_used_again() {
    let receiver = Receiver::start(|_| Act::Raw(b"HTTP/1.1 204 .\r\nconnection: close\r\n\r\n".to_vec())).await;
    let endpoint = open(settings(&receiver.url("/")));
    for _ in 0..20 {
        assert_eq!(status(&endpoint).await, 204);
    }
    assert_eq!(receiver.asked().len(), 20);
}
