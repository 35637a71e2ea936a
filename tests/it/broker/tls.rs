//! Encryption: whom we trust, and who trusts us.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;

use budstikke::broker::{Error, Identity, Published, Settings, State, Tls};

use crate::authority::Authority;
use crate::handler::Keep;
use crate::hub::{Hub, consume, in_queue, incoming};
use crate::node::{Private, Vhost, settings};
use crate::wait;

/// What the hub is told when it shall trust `trusted` and show what `other` has signed.
fn tls(trusted: &Authority, other: &Authority) -> Tls {
    let identity = Identity { certificate: other.file("hub.pem"), key: other.file("hub-key.pem") };
    Tls { authorities: trusted.file("authority.pem"), identity: Some(identity), server_name: None }
}

/// A port that is free now, below those that outgoing connections are given.
fn free_port() -> u16 {
    let free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    (15_000..20_000).find(free).expect("a free port")
}

/// A broker that wants a certificate, and settings for it without any.
async fn broker(authority: &Authority) -> (Private, Settings) {
    let port = free_port();
    let path = |name: &str| authority.file(name).display().to_string();
    let config = [
        format!("listeners.ssl.1 = 127.0.0.1:{port}"),
        format!("ssl_options.cacertfile = {}", path("authority.pem")),
        format!("ssl_options.certfile = {}", path("broker.pem")),
        format!("ssl_options.keyfile = {}", path("broker-key.pem")),
        "ssl_options.verify = verify_peer".to_owned(),
        "ssl_options.fail_if_no_peer_cert = true".to_owned(),
        "ssl_options.versions.1 = tlsv1.3".to_owned(),
    ];
    let node = Private::start(&config.each_ref().map(String::as_str)).await;
    let address = node.vhost().address_by(port).replacen("amqp://", "amqps://", 1);
    (node, settings(&address))
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
