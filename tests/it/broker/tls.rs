//! Encryption: whom we trust, and who trusts us.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};

use budstikke::broker::{Error, Identity, Published, Settings, State, Tls};
use rcgen::{CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, SanType};
use tempfile::TempDir;

use crate::handler::Keep;
use crate::hub::{Hub, consume, in_queue, incoming};
use crate::node::{Private, Vhost, settings};
use crate::wait;

/// An authority, and what it has signed: for the broker at 127.0.0.1, and for the hub.
struct Authority {
    directory: TempDir,
}

impl Authority {
    fn new(name: &str) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let mut params = CertificateParams::new([]).expect("parameters");
        params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let authority = CertifiedIssuer::self_signed(params, key()).expect("an authority");
        let this = Self { directory };
        std::fs::write(this.file("authority.pem"), authority.pem()).expect("a file");
        for subject in ["broker", "hub"] {
            let mut params = CertificateParams::new(["broker.example".to_owned()]).expect("parameters");
            params.subject_alt_names.push(SanType::IpAddress(Ipv4Addr::LOCALHOST.into()));
            params.distinguished_name.push(DnType::CommonName, subject);
            let key = key();
            let signed = params.signed_by(&key, &authority).expect("a certificate");
            std::fs::write(this.file(&format!("{subject}.pem")), signed.pem()).expect("a file");
            std::fs::write(this.file(&format!("{subject}-key.pem")), key.serialize_pem()).expect("a file");
        }
        this
    }

    fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// What the hub is told when it shall trust `self` and show what `other` has signed.
    fn tls(&self, other: &Self) -> Tls {
        let identity = Identity { certificate: other.file("hub.pem"), key: other.file("hub-key.pem") };
        Tls { authorities: self.file("authority.pem"), identity: Some(identity), server_name: None }
    }
}

fn key() -> KeyPair {
    KeyPair::generate().expect("a key")
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
    let hub = Hub::up(with(ours.tls(&ours)), vec![consume(&in_queue(), &keep)]).await;
    assert_eq!(hub.publisher.publish(incoming("one")).await, Published::Confirmed);
    keep.has(1).await;
    hub.stop().await;

    let named = |name: &str| Tls { server_name: Some(name.to_owned()), ..ours.tls(&ours) };
    Hub::up(with(named("broker.example")), Vec::new()).await.stop().await;

    let not_trusted = theirs.tls(&ours);
    let other_name = named("other.example");
    let not_ours = ours.tls(&theirs);
    let nobody = Tls { identity: None, ..ours.tls(&ours) };
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
