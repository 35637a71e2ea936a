//! What may not be reached is not: by number, by name, or by redirection.

use budstikke::web::Fault;
use budstikke::web::address::Net;

use super::{fault, open, settings, status};
use crate::authority::Authority;
use crate::receiver::{Act, Receiver};

#[tokio::test(flavor = "multi_thread")]
async fn a_private_address_must_be_named() {
    let receiver = Receiver::start(|_| Act::status(200)).await;
    for url in [receiver.url("/"), receiver.named("/")] {
        let mut nothing = settings(&url);
        nothing.reach.nets.clear();
        assert_eq!(fault(&open(nothing.clone())).await, Fault::Address, "{url}");
        let mut elsewhere = nothing.clone();
        elsewhere.reach.nets.push(Net::parse("10.0.0.0/8").expect("a net"));
        elsewhere.reach.hosts.insert("other.example".to_owned());
        assert_eq!(fault(&open(elsewhere)).await, Fault::Address, "{url}");
        let mut named = nothing;
        named.reach.hosts.insert(named.url.host_str().expect("a host").to_owned());
        assert_eq!(status(&open(named)).await, 200, "{url}");
    }
    assert_eq!(receiver.asked().len(), 2, "nothing came but what was allowed");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_in_other_clothes_is_the_same() {
    let receiver = Receiver::start(|_| Act::status(200)).await;
    let port = receiver.url("").rsplit(':').next().expect("a port").to_owned();
    for host in ["[::ffff:127.0.0.1]", "127.1", "2130706433", "0x7f.0.0.1", "0.0.0.0"] {
        let mut nothing = settings(&format!("http://{host}:{port}/"));
        nothing.reach.nets.clear();
        nothing.reach.plain.insert(nothing.url.host_str().expect("a host").to_owned());
        assert_eq!(fault(&open(nothing)).await, Fault::Address, "{host}");
    }
    assert_eq!(receiver.asked().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_encrypted_must_be_named() {
    let receiver = Receiver::start(|_| Act::status(200)).await;
    let mut encrypted = settings(&receiver.url("/"));
    encrypted.reach.plain.clear();
    assert_eq!(fault(&open(encrypted)).await, Fault::Address);
    assert_eq!(receiver.asked().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirection_elsewhere_is_an_answer_and_goes_nowhere() {
    let other = Receiver::start(|_| Act::status(200)).await;
    let receiver = Receiver::start(|_| Act::status(200)).await;
    let endpoint = open(settings(&receiver.url("/in")));
    for to in [other.url("/"), other.named("/"), "//127.0.0.2/".to_owned(), "/here".to_owned()] {
        for code in [301, 302, 303, 307, 308] {
            let to = to.clone();
            receiver.does(move |_| Act::redirect(code, to.clone()));
            assert_eq!(status(&endpoint).await, code);
        }
    }
    assert_eq!(other.asked().len(), 0);
    assert!(receiver.asked().iter().all(|asked| asked.path == "/in"), "plain HTTP is not followed at all");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_host_is_followed_with_the_same_request() {
    let authority = Authority::new("ours");
    let receiver = Receiver::encrypted(&authority, None, |asked| match asked.path.as_str() {
        "/in" => Act::redirect(307, "/there"),
        "/there" => Act::redirect(308, "/at-last"),
        "/round" => Act::redirect(307, "/round"),
        "/get" => Act::redirect(303, "/at-last"),
        _ => Act::status(201),
    })
    .await;
    let at = |path: &str| {
        let mut settings = settings(&receiver.url(path));
        settings.tls.ca_file = Some(authority.file("authority.pem"));
        open(settings)
    };
    assert_eq!(status(&at("/in")).await, 201);
    let asked = receiver.asked();
    assert_eq!(asked.iter().map(|it| it.path.as_str()).collect::<Vec<_>>(), ["/in", "/there", "/at-last"]);
    assert!(asked.iter().all(|it| it.method == "POST" && it.text() == "the body" && it.id() == "one"));
    assert_eq!(status(&at("/get")).await, 303, "a POST never becomes a GET");
    let before = receiver.asked().len();
    assert_eq!(status(&at("/round")).await, 307);
    assert_eq!(receiver.asked().len(), before + 4, "and not for ever");
}
