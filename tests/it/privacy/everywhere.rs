//! The places where nothing may be found.

use std::path::Path;

use budstikke_testkit::postgres::Cluster;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;

use super::search::{Marked, found_in};
use super::traffic::{self, Sent};
use crate::look_up::LookUp;
use crate::node::Vhost;
use crate::post::{EVENT, Post};
use crate::program::Program;
use crate::wait;

const MAILBOXES: [&str; 5] = [
    "out.dragoer.genoptraening",
    "out.taarnby.genoptraening",
    "out.dragoer.borgerservice",
    "out.taarnby.borgerservice",
    "out.vans",
];

/// What was found where it must not be.
#[derive(Debug, Default)]
struct Faults(Vec<String>);

impl Faults {
    fn look(&mut self, place: &str, bytes: &[u8]) {
        self.0.extend(found_in(bytes).into_iter().map(|found| format!("{place}: {found}")));
    }

    /// A command, all that it says.
    async fn command(&mut self, program: &Program, arguments: &[&str]) -> String {
        let said = program.say(arguments).await;
        self.look(&format!("`{}`", arguments.join(" ")), format!("{}\n{}", said.out, said.err).as_bytes());
        said.out
    }
}

/// Sends, and waits until everything is taken and what follows from it is sent. One item comes of
/// each message, but of the one with two letters.
async fn send(program: &Program, post: &Post, messages: Vec<Sent>, more: u64) {
    let before = count(&balance(program).await, "/received");
    let expected = before + u64::try_from(messages.len()).expect("a number") + more;
    for Sent { source, media_type, body } in messages {
        post.send(source, media_type, &body).await;
    }
    all_is_taken(program, expected).await;
}

/// The books as they are now.
async fn balance(program: &Program) -> Value {
    program.say(&["status", "--json"]).await.json()["health"]["balance"].clone()
}

fn count(balance: &Value, pointer: &str) -> u64 {
    balance.pointer(pointer).and_then(Value::as_u64).unwrap_or_else(|| panic!("{pointer} in {balance}"))
}

async fn all_is_taken(program: &Program, received: u64) {
    wait::until("everything is taken, and sent", async || {
        let balance = balance(program).await;
        let is_sent = ["/deliveries/waiting", "/replies/waiting"].iter().all(|it| count(&balance, it) == 0);
        (is_sent && count(&balance, "/received") >= received).then_some(())
    })
    .await;
}

/// Properties and headers of everything that was sent out; only bodies may hold something.
async fn sent_out(post: &Post, faults: &mut Faults) -> Vec<Vec<u8>> {
    let mut bodies = Vec::new();
    for queue in MAILBOXES {
        while let Some(delivery) = post.next(queue).await {
            let outside = format!("{} {:?}", delivery.routing_key, delivery.properties);
            faults.look(&format!("properties in `{queue}`"), outside.as_bytes());
            bodies.push(delivery.data);
        }
    }
    bodies
}

/// Every command that looks, on everything that waits for a person; and then what people do.
async fn commands(program: &Program, faults: &mut Faults) {
    let parked = faults.command(program, &["parked", "list", "--json"]).await;
    let parked: Value = serde_json::from_str(&parked).expect("a list");
    let ids: Vec<String> =
        parked.as_array().into_iter().flatten().filter_map(|it| Some(it["id"].as_str()?.to_owned())).collect();
    assert!(ids.len() > 20, "{} are parked", ids.len());
    for arguments in [
        vec!["status"],
        vec!["status", "--json"],
        vec!["parked", "list"],
        vec!["duties"],
        vec!["duties", "--json"],
        vec!["verify", "--json"],
        vec!["trace", "BREV0001"],
        vec!["trace", "BREV0001", "--json"],
        vec!["parked", "resend", "no-such-thing"],
        vec!["pause", "no-such-thing"],
    ] {
        faults.command(program, &arguments).await;
    }
    for (number, id) in ids.iter().enumerate() {
        faults.command(program, &["parked", "show", id]).await;
        faults.command(program, &["trace", id, "--json"]).await;
        let act = if number % 3 == 2 { "discard" } else { "resend" };
        faults.command(program, &["parked", act, id]).await;
    }
}

/// What is asked about citizens: in the body, and nowhere else. Those about whom there is no answer
/// are parked when their time is up.
async fn look_ups(program: &Program, look_up: &LookUp, faults: &mut Faults) {
    faults.command(program, &["parked", "list", "--all"]).await;
    wait::until("nothing waits for the look-up", async || {
        let status = program.say(&["status", "--json"]).await.json();
        (status["wishes"]["residence"] == 0).then_some(())
    })
    .await;
    let asked = look_up.asked();
    for citizen in traffic::UNSETTLED {
        let cpr = Marked::citizen(citizen).cpr;
        assert!(asked.iter().any(|question| question.body.contains(&cpr)), "{citizen} was asked about");
    }
    for question in asked {
        faults.look("what stands before a question's body", question.head.as_bytes());
    }
}

/// What the hub answers to a command that is none.
async fn socket(program: &Program, faults: &mut Faults) {
    let Marked { cpr, family, .. } = Marked::citizen(90);
    for line in [format!("{{\"{family}\": \"{cpr}\"\n"), "{\"user\":\"x\",\"command\":\"status\"}\n".to_owned()] {
        let asked = async {
            let mut socket = UnixStream::connect(program.state().join("hub.sock")).await?;
            socket.write_all(line.as_bytes()).await?;
            let mut answer = String::new();
            BufReader::new(socket).read_line(&mut answer).await?;
            std::io::Result::Ok(answer)
        };
        let answer = wait::soon("the hub answers", asked).await.expect("an answer");
        assert!(!answer.is_empty());
        faults.look("the control socket", answer.as_bytes());
    }
}

/// Every file of a directory.
fn files(directory: &Path, faults: &mut Faults) -> usize {
    let mut count = 0;
    for entry in std::fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            count += files(&path, faults);
        } else if let Ok(bytes) = std::fs::read(&path) {
            faults.look(&path.display().to_string(), &bytes);
            count += 1;
        }
    }
    count
}

/// `explain` and `send` name the file and say why, and no more.
async fn files_given_to_commands(program: &Program, faults: &mut Faults) {
    let folder = tempfile::tempdir().expect("a directory");
    for (number, sent) in traffic::letters().into_iter().chain(traffic::events()).enumerate() {
        let file = folder.path().join(number.to_string());
        std::fs::write(&file, &sent.body).expect("a file");
        faults.command(program, &["explain", &file.to_string_lossy()]).await;
        if number % 10 == 0 {
            faults.command(program, &["explain", "--json", &file.to_string_lossy()]).await;
            faults.command(program, &["send", &file.to_string_lossy()]).await;
        }
    }
}

/// What the broker gives back: for a queue that is gone, and what it gave up itself.
async fn given_back(vhost: &Vhost, program: &Program, post: &Post) {
    let of = |citizen: usize| Sent { source: "events", media_type: EVENT, body: traffic::event(citizen, |_| {}) };
    vhost.management.delete_queue(&vhost.name, "out.dragoer.genoptraening");
    // What was given back is an item too.
    send(program, post, vec![of(91)], 1).await;
    assert_eq!(program.say(&["pause", "events"]).await.code, Some(0));
    let before = count(&balance(program).await, "/parked");
    vhost.management.expire(&vhost.name, "in.events");
    wait::until("the broker gives a message up, and the hub parks it", async || {
        // The consumer may have one more in hand before it hears that it is paused.
        let Sent { source, media_type, body } = of(92);
        post.send(source, media_type, &body).await;
        (count(&balance(program).await, "/parked") > before).then_some(())
    })
    .await;
}

/// A hub that logs all it can, and asks where citizens live.
fn talking(program: Program, look_up: &LookUp) -> Program {
    program
        .set("TELEMETRY__LOG", "trace")
        .set("RESIDENCE__URL", &look_up.url())
        .set("RESIDENCE__ALLOW_PRIVATE", "127.0.0.1")
        .set("RESIDENCE__ALLOW_PLAIN", "127.0.0.1")
        .set("RESIDENCE__GIVE_UP_AFTER", "3s")
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_about_a_person_is_found_where_it_does_not_belong() {
    let vhost = Vhost::new();
    let look_up = LookUp::start(traffic::looked_up).await;
    let program = talking(Program::with_poison(vhost.address()), &look_up);
    let hub = program.start().await;
    let post = Post::at(vhost.address()).await;
    let mut faults = Faults::default();

    send(&program, &post, traffic::letters(), 1).await;
    send(&program, &post, traffic::events(), 0).await;
    send(&program, &post, traffic::panics(), 0).await;
    send(&program, &post, traffic::unsettled(), 0).await;
    look_ups(&program, &look_up, &mut faults).await;
    let bodies = sent_out(&post, &mut faults).await;
    // What is looked for is there to be found: receivers do get it, the original in base64 too.
    let found: Vec<String> = bodies.iter().flat_map(|body| found_in(body)).collect();
    for form in ["UTF-8", "base64"] {
        assert!(found.iter().any(|found| found.contains(form)), "{} bodies", bodies.len());
    }
    let delivery = bodies.iter().find_map(|body| {
        let event: Value = serde_json::from_slice(body).ok()?;
        event["deliveryid"].as_str().map(str::to_owned)
    });
    send(&program, &post, traffic::receipts(&delivery.expect("a delivery")), 0).await;

    commands(&program, &mut faults).await;
    files_given_to_commands(&program, &mut faults).await;
    socket(&program, &mut faults).await;
    all_is_taken(&program, 0).await;
    sent_out(&post, &mut faults).await;
    for path in ["/metrics", "/health/ready", "/health/live", "/no-such-page"] {
        faults.look(path, hub.get(path).await.as_bytes());
    }
    faults.look("the ready file", hub.ready.to_string().as_bytes());
    given_back(&vhost, &program, &post).await;
    for file in ["ledger.db", "ledger.db-wal", "ledger.db-shm"] {
        assert!(program.state().join(file).metadata().is_ok_and(|it| it.len() > 0), "`{file}` is there while it runs");
    }
    files(program.state(), &mut faults);
    hub.stop().await;
    files(program.state(), &mut faults);
    program.proof().await;
    let log = program.log();
    assert!(log.contains("POISON"), "an adapter has panicked");
    faults.look("the log", log.as_bytes());
    assert!(faults.0.is_empty(), "{} faults:\n{}", faults.0.len(), faults.0.join("\n"));
}

/// Whoever runs the server may have it write down every statement with its values, and keeps its backups.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_about_a_person_is_found_on_the_server_of_the_ledger() {
    let talkative = ["log_statement=all", "log_error_verbosity=verbose", "log_parameter_max_length_on_error=-1"];
    let cluster = Cluster::start(&talkative).expect("a server");
    let vhost = Vhost::new();
    let look_up = LookUp::start(traffic::looked_up).await;
    let program = Program::at(vhost.address()).set("LEDGER__URL", &cluster.url("postgres"));
    let program = talking(program, &look_up);
    let hub = program.start().await;
    let post = Post::at(vhost.address()).await;
    let mut faults = Faults::default();
    send(&program, &post, traffic::letters(), 1).await;
    send(&program, &post, traffic::events(), 0).await;
    send(&program, &post, traffic::unsettled(), 0).await;
    look_ups(&program, &look_up, &mut faults).await;
    commands(&program, &mut faults).await;
    hub.stop().await;
    program.proof().await;
    let (kept, log) = (cluster.dump().expect("a dump"), cluster.log().expect("a log"));
    let has = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).any(|it| it == what);
    assert!(
        has(&kept, b"COPY") && has(&kept, b"dragoer/") && has(&log, b"parameters: $1 = "),
        "they are what they should be"
    );
    faults.look("what the server keeps", &kept);
    faults.look("what the server logs", &log);
    faults.look("the log", program.log().as_bytes());
    assert!(faults.0.is_empty(), "{} faults:\n{}", faults.0.len(), faults.0.join("\n"));
}
