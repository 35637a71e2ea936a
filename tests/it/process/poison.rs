//! Messages that bring the hub down, on a `RabbitMQ` that would send them again for ever.

use serde_json::{Value, json};

use crate::node::Vhost;
use crate::post::{JSON, Post, Taken};
use crate::program::{Program, Running};
use crate::wait;

pub(super) const MAILBOX: &str = "out.dragoer.genoptraening";
const MESSAGES: usize = 400;

/// An event for Dragør's team; `word` is what may be too much for the adapter.
pub(super) fn event(number: usize, word: &str) -> Vec<u8> {
    let event = json!({
        "specversion": "1.0",
        "id": format!("{number}"),
        "source": "/dragoer/social",
        "type": "dk.budstikke.rehab.training.requested.v1",
        "time": "2026-11-20T10:00:00Z",
        "residence": "155",
        "data": {"citizen": {"cpr": "2512489996"}, "reason": format!("Nyligt funktionstab {word}")},
    });
    event.to_string().into_bytes()
}

async fn send(post: &Post, words: &[(usize, &str)]) {
    for number in 0..MESSAGES {
        let word = words.iter().find(|(at, _)| *at == number).map_or("", |(_, word)| word);
        post.send("poison", JSON, &event(number, word)).await;
    }
}

/// Starts the hub again and again until the mailbox has had so many different messages. Repeats do
/// not count: a hub that has yet to die of the last message has sent enough of them. How often it
/// died, and what came.
pub(super) async fn restart_until(program: &Program, post: &Post, different: usize) -> (usize, Taken, Running) {
    let mut deaths = 0;
    let mut taken = Taken::new();
    loop {
        let mut child = program.begin();
        let survived = wait::until("the hub dies, or delivers everything", async || {
            post.collect(MAILBOX, &mut taken).await;
            if taken.len() >= different {
                return Some(true);
            }
            child.try_wait().expect("a status").is_some().then_some(false)
        })
        .await;
        if survived {
            let running = program.adopt(child).await;
            return (deaths, taken, running);
        }
        deaths += 1;
        assert!(deaths < 20, "the hub dies for ever");
    }
}

pub(super) async fn parked(program: &Program) -> Vec<Value> {
    let said = program.say(&["parked", "list", "--json"]).await;
    said.json().as_array().expect("a list").clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_kills_the_hub_is_parked_and_takes_nobody_with_it() {
    let vhost = Vhost::new();
    let program = Program::with_poison(vhost.address());
    program.start().await.stop().await;
    let post = Post::at(vhost.address()).await;
    send(&post, &[(20, "abort"), (21, "abort"), (MESSAGES - 5, "abort")]).await;
    let readable = MESSAGES - 3;

    let (deaths, taken, hub) = restart_until(&program, &post, readable).await;
    println!("the hub died {deaths} times of three messages");
    assert!((3..=9).contains(&deaths), "each is tried a few times: {deaths}");
    assert_eq!(taken.len(), readable);
    let parked = parked(&program).await;
    let codes: Vec<_> = parked.iter().map(|it| it["code"].as_str().unwrap_or_default()).collect();
    assert_eq!(codes, ["POISON"; 3], "{parked:?}");
    hub.stop().await;
    let proof = program.proof().await;
    let count = |of: &str| proof[of].as_u64().and_then(|it| usize::try_from(it).ok());
    assert_eq!((count("received"), count("routed"), count("parked")), (Some(MESSAGES), Some(readable), Some(3)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_parks_only_its_message() {
    let vhost = Vhost::new();
    let program = Program::with_poison(vhost.address());
    let hub = program.start().await;
    let post = Post::at(vhost.address()).await;
    send(&post, &[(7, "panic"), (MESSAGES - 5, "panic")]).await;
    post.take(MAILBOX, MESSAGES - 2).await;
    let parked = parked(&program).await;
    let codes: Vec<_> = parked.iter().map(|it| it["code"].as_str().unwrap_or_default()).collect();
    assert_eq!(codes, ["POISON"; 2], "{parked:?}");
    assert_eq!(hub.health().await["ready"], true, "it is the hub that was started");
    hub.stop().await;
    program.proof().await;
}
