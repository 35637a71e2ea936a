//! Messages that bring the hub down, in a queue of somebody else's broker.

use lapin::types::FieldTable;

use super::poison::{event, parked, restart_until};
use crate::authority::Authority;
use crate::node::Private;
use crate::post::Post;
use crate::program::Program;
use crate::raw_lapin::{channel, declare};

const QUEUE: &str = "6fb927da-3be1-4b9f-8875-a6326617d20b";

/// A classic queue does not count how often it hands a message out; it says only that it has before.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_kills_the_hub_from_a_classic_queue_is_parked_too() {
    let ours = Authority::new("ours");
    let (node, port) = Private::knowing_certificates(&ours).await;
    let vhost = node.vhost();
    let token = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(token.path(), "<saml:Assertion/>").expect("a file");
    let file = |name: &str| ours.file(name).display().to_string();
    let program = Program::with_poison(vhost.address())
        .set("BESKEDFORDELER__HOST", "127.0.0.1")
        .set("BESKEDFORDELER__PORT", &port.to_string())
        .set("BESKEDFORDELER__VHOST", &vhost.name)
        .set("BESKEDFORDELER__QUEUE", QUEUE)
        .set("BESKEDFORDELER__SOURCES", "/dragoer/social")
        .set("BESKEDFORDELER__CA_FILE", &file("authority.pem"))
        .set("BESKEDFORDELER__CERT_FILE", &file("hub.pem"))
        .set("BESKEDFORDELER__KEY_FILE", &file("hub-key.pem"))
        .set("BESKEDFORDELER__TOKEN_FILE", &token.path().display().to_string());
    program.start().await.stop().await;
    let post = Post::at(vhost.address()).await;
    declare(&channel(vhost.address()).await, QUEUE, FieldTable::default()).await;
    for (number, word) in [(0, ""), (1, "abort"), (2, "")] {
        post.put(QUEUE, &event(number, word)).await;
    }
    let (deaths, _, hub) = restart_until(&program, &post, 2).await;
    assert!((2..=4).contains(&deaths), "it is tried a few times: {deaths}");
    let parked = parked(&program).await;
    let codes: Vec<_> = parked.iter().map(|it| it["code"].as_str().unwrap_or_default()).collect();
    assert_eq!(codes, ["POISON"], "{parked:?}");
    hub.stop().await;
    program.proof().await;
    node.stop().await;
}
