//! Operations: what is seen, live, and pausing.

use super::Hub;
use crate::post::{Post, XML, letters};
use crate::wait;

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_is_seen_without_reload_and_holds_nobody() {
    let hub = Hub::new().await;
    let mut visitor = hub.visitor("ida", &["operator"]).await;
    let mut live = visitor.watches("/drift/live").await.expect("it is open");
    assert!(live.says("<dt>modtaget</dt><dd>0</dd>").await);
    let post = Post::at(hub.vhost.address()).await;
    let letter = letters('A', 1).next().expect("a letter");
    post.send("rehab-plan", XML, &letter).await;
    assert!(live.says("<dt>modtaget</dt><dd>1</dd>").await, "it is shown when it comes");
    post.send("rehab-plan", XML, b"<no plan").await;
    assert!(live.says("1 besked er parkeret: XML_MALFORMED").await, "and what is wrong with it");
    let page = visitor.get("/drift").await.body;
    assert!(page.contains("href=\"/hjaelp/XML_MALFORMED\""), "{page}");
    let help = visitor.get("/hjaelp/XML_MALFORMED").await;
    assert!(help.status == 200 && help.body.contains("<h1>XML_MALFORMED</h1>"), "{help:?}");
    let letter = String::from_utf8_lossy(&letter).into_owned();
    let cpr = letter.split_once("CivilRegistrationNumber>").and_then(|(_, rest)| rest.get(..10)).expect("a number");
    assert!(!page.contains(cpr), "operators see no content");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_paused_waits_and_goes_on() {
    let hub = Hub::new().await;
    let mut visitor = hub.visitor("ida", &["operator"]).await;
    let mailbox = "taarnby/genoptraening";
    assert_eq!(visitor.submits("/drift/pause", &[("pause", mailbox)]).await.status, 303);
    let page = visitor.get("/drift").await.body;
    assert!(page.contains("taarnby/genoptraening har været på pause siden"), "{page}");
    let post = Post::at(hub.vhost.address()).await;
    post.send("rehab-plan", XML, &letters('A', 1).next().expect("a letter")).await;
    let waits = async || visitor.clone().get("/drift").await.body.contains("<dt>fordelt</dt><dd>1</dd>").then_some(());
    wait::until("it is routed", waits).await;
    assert_eq!(post.depth("out.taarnby.genoptraening").await, 0, "and waits");
    assert_eq!(visitor.submits("/drift/pause", &[("resume", mailbox)]).await.status, 303);
    post.take("out.taarnby.genoptraening", 1).await;
    assert!(!visitor.get("/drift").await.body.contains("på pause siden"));
}

#[tokio::test(flavor = "multi_thread")]
async fn trouble_is_said_with_what_the_hub_does_about_it() {
    let broker = crate::node::Private::start(&[]).await;
    let program = crate::program::Program::at(broker.vhost().address());
    let hub = Hub { vhost: crate::node::Vhost::new(), running: program.start().await, program };
    let visitor = hub.visitor("ida", &["operator"]).await;
    let well = async || visitor.clone().get("/drift").await.body.contains("Alt kører").then_some(());
    wait::until("all is well", well).await;
    let mut live = visitor.watches("/drift/live").await.expect("it is open");
    broker.signal(rustix::process::Signal::KILL);
    assert!(live.says("Der har ikke været forbindelse til RabbitMQ siden").await);
    assert!(live.says("Alt kører").await, "and when it is over");
    hub.running.stop().await;
    broker.stop().await;
}
