//! Encryption: whom we trust, and who trusts us.

use std::path::Path;

use budstikke::broker::{Error, Identity, Published, Settings, State, Tls, Whose};

use super::foreign::Taking;
use crate::authority::Authority;
use crate::handler::Keep;
use crate::hub::{Hub, consume, in_queue, incoming};
use crate::node::{Private, Vhost, settings};
use crate::raw_lapin::{channel, confirmed, declare, quorum};
use crate::wait;

/// What the hub is told when it shall trust `trusted` and show what `other` has signed.
fn tls(trusted: &Authority, other: &Authority) -> Tls {
    let identity = Identity { certificate: other.file("hub.pem"), key: other.file("hub-key.pem") };
    Tls { authorities: trusted.file("authority.pem"), identity: Some(identity), server_name: None }
}

/// A broker that wants a certificate, and settings for it without any.
async fn broker(authority: &Authority) -> (Private, Settings) {
    let (node, port) = Private::encrypted(authority, &[]).await;
    let address = encrypted(&node, port);
    (node, settings(&address))
}

/// The address of a node by its port for certificates.
fn encrypted(node: &Private, port: u16) -> String {
    node.vhost().address_by(port).replacen("amqp://", "amqps://", 1)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_side_is_known_by_its_certificate_and_by_nothing_else() {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    let (node, plain) = broker(&ours).await;
    let with = |tls: Tls| Settings { tls: Some(tls), ..plain.clone() };

    let keep = Keep::open();
    let hub = Hub::up(with(tls(&ours, &ours)), vec![consume(&in_queue(), &keep)]).await;
    assert_eq!(hub.publisher.publish(incoming("one")).await, Published::Confirmed);
    keep.has(1).await;
    hub.stop().await;

    let named = |name: &str| Tls { server_name: Some(name.to_owned()), ..tls(&ours, &ours) };
    Hub::up(with(named("broker.example")), Vec::new()).await.stop().await;

    let not_trusted = tls(&theirs, &ours);
    let other_name = named("other.example");
    let not_ours = tls(&ours, &theirs);
    let nobody = Tls { identity: None, ..tls(&ours, &ours) };
    for tls in [not_trusted, other_name, not_ours, nobody] {
        let hub = Hub::start(with(tls.clone()), Vec::new());
        let refused = async || {
            let state = hub.broker.state().borrow().clone();
            matches!(state, State::Down { reason, .. } if reason.contains("cannot be reached")).then_some(())
        };
        wait::until(&format!("it is refused with {tls:?}"), refused).await;
        hub.stop().await;
    }
    node.stop().await;
}

/// `RabbitMQ` itself as the broker that lets in by certificate. Its EXTERNAL takes the user from the
/// certificate and does not look at the response, so that it cannot show *which* token was sent:
/// `broker::foreign` does, against a broker of the test's own. What a real one shows is that the login
/// holds, that another certificate of the same authority is nobody's, and that there is no
/// connection without reading the file anew.
#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_and_external_get_in_and_the_token_is_read_for_each_connection() {
    let ours = Authority::new("ours");
    let (node, port) = Private::knowing_certificates(&ours).await;
    let vhost = node.vhost();
    let directory = tempfile::tempdir().expect("a directory");
    let token = directory.path().join("saml.xml");
    std::fs::write(&token, "<saml:Assertion/>").expect("a file");
    // As for KOMBIT's broker: nobody's name or password, a certificate, and a token from a file.
    let showing = |subject: &str| {
        let file = |end: &str| ours.file(&format!("{subject}{end}"));
        let identity = Identity { certificate: file(".pem"), key: file("-key.pem") };
        let address = format!("amqps://127.0.0.1:{port}/{}?auth_mechanism=external", vhost.name);
        let tls = Some(Tls { identity: Some(identity), ..tls(&ours, &ours) });
        Settings { tls, token: Some(token.clone()), whose: Whose::Theirs, ..settings(&address) }
    };
    let queue = in_queue();
    let raw = channel(vhost.address()).await;
    declare(&raw, &queue, quorum(None)).await;
    confirmed(&raw, &queue, "one").await.expect("a confirm");
    let keep = Keep::open();
    let mut hub = Taking::start(showing("hub"), &queue, &keep);
    keep.has(1).await;

    // No token, no connection; and it is back when there is one.
    std::fs::remove_file(&token).expect("it was there");
    node.ctl(&["close_all_user_connections", "hub", "to see it come back"]).await;
    hub.down_because("token file").await;
    confirmed(&raw, &queue, "two").await.expect("a confirm");
    std::fs::write(&token, "<saml:Assertion/>").expect("a file");
    keep.has(2).await;
    hub.stop().await;

    let mut other = Taking::start(showing("broker"), &queue, &keep);
    other.down_because("refused the login").await;
    other.stop().await;
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_that_are_not_there_are_named() {
    let vhost = Vhost::new();
    let address = vhost.address().replacen("amqp://", "amqps://", 1);
    let start = async |tls: Option<Tls>| {
        let hub = Hub::start(Settings { tls, ..settings(&address) }, Vec::new());
        hub.ended().await.expect_err("it cannot start")
    };
    let trust = |path: &Path| Tls { authorities: path.to_owned(), identity: None, server_name: None };
    assert!(matches!(start(None).await, Error::NoAuthorities));
    let empty = tempfile::NamedTempFile::new().expect("a file");
    assert!(matches!(start(Some(trust(empty.path()))).await, Error::NoAuthorities));
    let fault = start(Some(trust(Path::new("/no/such/file.pem")))).await;
    assert!(matches!(&fault, Error::Certificate { path, .. } if path == Path::new("/no/such/file.pem")), "{fault:?}");
}
