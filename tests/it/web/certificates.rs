//! Whom we trust, and who trusts us.

use budstikke::web::{Fault, Settings, Unusable};

use super::{open, refusal, settings, status};
use crate::authority::Authority;
use crate::receiver::{Act, Receiver};

/// With a trust in `trusted`, and what `shown` has signed.
fn with(url: &str, trusted: &Authority, shown: Option<&Authority>) -> Settings {
    let mut settings = settings(url);
    settings.tls.ca_file = Some(trusted.file("authority.pem"));
    settings.tls.identity = shown.map(|shown| (shown.file("hub.pem"), shown.file("hub-key.pem")));
    settings
}

#[tokio::test(flavor = "multi_thread")]
async fn each_side_is_known_by_its_certificate_and_by_nothing_else() {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    let receiver = Receiver::encrypted(&ours, Some(&ours), |_| Act::status(204)).await;
    let url = receiver.url("/");
    assert_eq!(status(&open(with(&url, &ours, Some(&ours)))).await, 204);
    for (trusted, shown) in [(&theirs, Some(&ours)), (&ours, Some(&theirs)), (&ours, None)] {
        let refused = refusal(&open(with(&url, trusted, shown))).await;
        assert_eq!(refused, Fault::Untrusted, "{trusted:?} {shown:?}");
    }
    let machine = Settings { tls: budstikke::web::Tls::default(), ..with(&url, &ours, None) };
    assert_eq!(refusal(&open(machine)).await, Fault::Untrusted, "the machine's authorities know nothing of it");
    assert_eq!(receiver.asked().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_that_change_are_used_without_a_restart() {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    let receiver = Receiver::encrypted(&ours, Some(&ours), |_| Act::status(204)).await;
    let folder = tempfile::tempdir().expect("a directory");
    let place = |name: &str| folder.path().join(name);
    // As those do who know how: whole, or not at all.
    let put = |from: &Authority, name: &str| {
        std::fs::copy(from.file(name), place("new")).expect("a file");
        std::fs::rename(place("new"), place(name)).expect("a file");
    };
    put(&theirs, "hub.pem");
    put(&theirs, "hub-key.pem");
    let mut settings = with(&receiver.url("/"), &ours, None);
    settings.tls.identity = Some((place("hub.pem"), place("hub-key.pem")));
    let endpoint = open(settings);
    assert_eq!(refusal(&endpoint).await, Fault::Untrusted);
    // Half of a change: the key is another certificate's. What was used before is used on.
    put(&ours, "hub.pem");
    assert_eq!(refusal(&endpoint).await, Fault::Untrusted);
    put(&ours, "hub-key.pem");
    assert_eq!(status(&endpoint).await, 204);
    std::fs::write(place("hub.pem"), "no certificate").expect("a file");
    assert_eq!(status(&endpoint).await, 204, "rubbish changes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_cannot_be_used_are_named_with_their_setting() {
    let ours = Authority::new("ours");
    let empty = tempfile::NamedTempFile::new().expect("a file");
    let text = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(text.path(), "no certificate").expect("a file");
    let refused = |settings: Settings| -> Unusable {
        budstikke::web::Endpoint::open(settings, budstikke::clock::Clock::system()).expect_err("it cannot be used")
    };
    let sound = with("https://a.example/", &ours, Some(&ours));
    for path in [empty.path(), text.path(), std::path::Path::new("/no/such/file")] {
        let mut settings = sound.clone();
        settings.tls.ca_file = Some(path.to_owned());
        assert_eq!(refused(settings).setting(), "ca_file", "{path:?}");
    }
    let mut keyless = sound.clone();
    keyless.tls.identity = Some((ours.file("hub.pem"), ours.file("hub.pem")));
    assert_eq!(refused(keyless).setting(), "key_file");
    let mut other = sound;
    other.tls.identity = Some((ours.file("hub.pem"), ours.file("broker-key.pem")));
    assert_eq!(refused(other).setting(), "cert_file");
}
