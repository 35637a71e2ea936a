//! The agreement as it was known, from the command line: to read, to ask, to compare, and to set the
//! past right.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::node::Vhost;
use crate::post::{EVENT, Post};
use crate::program::{Program, Said};

const CASE: &str = "rehab-6fb927da-3be1-4b9f-8875-a6326617d20b";
const BEFORE: &str = "out.dragoer.genoptraening";
const AFTER: &str = "out.dragoer.borgerservice";

/// The receivers of the level that was set, as they are and as they come to be.
const LEVEL: (&str, &str) = (
    "modtagere   = [{ postkasse = \"bopael/genoptraening\", som = \"orientering\" }]\nbestemmelse = \"S1 8\"\ntekst",
    "modtagere   = [{ postkasse = \"bopael/borgerservice\", som = \"opgave\" }]\nbestemmelse = \"S1 8\"\ntekst",
);

/// Agreements on a disk: as they are shipped, as they come to be, and both, one known after the other.
struct Folders {
    folder: TempDir,
}

impl Folders {
    fn new() -> Self {
        let folders = Self { folder: tempfile::tempdir().expect("a directory") };
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/agreement/dragoer-taarnby");
        for name in ["old", "new", "both"] {
            let copy = folders.path(name).join("dragoer-taarnby");
            std::fs::create_dir_all(&copy).expect("a folder");
            for file in std::fs::read_dir(&shipped).expect("the agreement is there") {
                let file = file.expect("a file").path();
                std::fs::copy(&file, copy.join(file.file_name().expect("a name"))).expect("a copy");
            }
        }
        let old = std::fs::read_to_string(folders.path("old/dragoer-taarnby/genoptraening.toml")).expect("a file");
        let new = replaced(&old, LEVEL);
        std::fs::write(folders.path("new/dragoer-taarnby/genoptraening.toml"), &new).expect("it is written");
        let known = old.lines().find(|line| line.starts_with("kendt")).expect("a day").to_owned();
        let later = replaced(&replaced(&new, (&known, "kendt = 2026-06-01")), ("version    = 1", "version = 2"));
        std::fs::write(folders.path("both/dragoer-taarnby/genoptraening-2.toml"), later).expect("it is written");
        folders
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn name(&self, name: &str) -> String {
        self.path(name).to_string_lossy().into_owned()
    }
}

fn replaced(text: &str, (from, to): (&str, &str)) -> String {
    assert!(text.contains(from), "no `{from}`");
    text.replacen(from, to, 1)
}

/// A level that was set for a citizen of Dragør.
fn level(id: &str) -> Vec<u8> {
    let event = json!({
        "specversion": "1.0",
        "id": id,
        "source": "/taarnby/cura",
        "type": "dk.budstikke.rehab.level.set.v1",
        "time": "2026-11-20T10:00:00Z",
        "subject": CASE,
        "residence": "155",
        "data": {"level": "basal"},
    });
    event.to_string().into_bytes()
}

/// No broker is there: these commands ask none.
fn alone(folder: &str) -> Program {
    Program::at("amqp://nobody:nothing@127.0.0.1:1/none").set("AGREEMENT__FOLDER", folder)
}

fn token(said: &Said) -> String {
    said.json()["past"]["token"].as_str().unwrap_or_else(|| panic!("no token: {said:?}")).to_owned()
}

#[tokio::test]
async fn the_matrix_is_read_in_four_forms_and_as_it_was_known() {
    let program = Program::at("amqp://nobody:nothing@127.0.0.1:1/none");
    let json = program.say_anywhere(&["agreement", "matrix", "--json"]).await;
    let rows = |residence: &str| {
        let tables = json.json()[0]["tables"].as_array().expect("a table for each").clone();
        tables.iter().find(|it| it["residence"] == residence).expect("one of them")["rows"]
            .as_array()
            .expect("rows")
            .len()
    };
    let csv = program.say_anywhere(&["agreement", "matrix", "--csv"]).await;
    assert!(csv.out.starts_with("\u{feff}\"Aftale\";\"Borgere i\";"), "{}", csv.out);
    assert_eq!(csv.out.matches("\r\n").count(), 1 + rows("dragoer") + rows("taarnby"));
    let html = program.say_anywhere(&["agreement", "matrix", "--html", "--known", "2026-11-22"]).await;
    assert!(html.out.contains("<html lang=\"da\">") && html.out.contains("kendt 2026-11-22"), "{}", html.out);
    assert_eq!(html.out.matches("<tr").count(), 2 + rows("dragoer") + rows("taarnby"));
    let text = program.say_anywhere(&["agreement", "matrix"]).await;
    assert!(text.out.contains("Borgere i Dragør") && text.out.contains("SUL § 140"), "{}", text.out);
    for wrong in [&["--csv", "--html"][..], &["--json", "--html"], &["--known", "2000-01-01"], &["--known", "i går"]] {
        let arguments: Vec<&str> = ["agreement", "matrix"].into_iter().chain(wrong.iter().copied()).collect();
        assert_eq!(program.say_anywhere(&arguments).await.code, Some(64), "{wrong:?}");
    }
}

#[tokio::test]
async fn the_same_question_is_answered_as_it_was_known_then() {
    let folders = Folders::new();
    let program = alone(&folders.name("both"));
    let file = folders.path("level.json");
    std::fs::write(&file, level("level-1")).expect("a file");
    let file = file.to_string_lossy();
    for (known, to) in [("2026-05-31", "dragoer/genoptraening"), ("2026-06-01", "dragoer/borgerservice")] {
        let said = program.say_anywhere(&["explain", "--known", known, "--json", &file]).await;
        let explained = said.json()[0].clone();
        let got: Vec<_> =
            explained["deliveries"].as_array().into_iter().flatten().map(|it| it["to"].as_str()).collect();
        assert_eq!(got, [Some(to)], "known on {known}: {explained}");
    }
    let early = program.say_anywhere(&["explain", "--known", "2000-01-01", &file]).await;
    assert_eq!(early.code, Some(64), "{early:?}");
    assert!(early.err.contains("no agreement was known on 2000-01-01"), "{early:?}");
}

#[tokio::test]
async fn folders_and_days_compare_alike() {
    let folders = Folders::new();
    let program = alone(&folders.name("both"));
    let (old, new) = (folders.name("old"), folders.name("new/dragoer-taarnby"));
    let told = |said: &Said| -> Vec<String> {
        assert_eq!(said.code, Some(0), "{said:?}");
        let changes = said.json()["changes"].as_array().expect("a list").clone();
        let receivers = changes.iter().filter(|it| it["sort"] == "receiver");
        receivers.map(|it| it["text"].as_str().expect("a text").to_owned()).collect()
    };
    let by_folders = told(&program.say_anywhere(&["agreement", "diff", &old, &new, "--json"]).await);
    let by_days = told(&program.say_anywhere(&["agreement", "diff", "2026-05-31", "2026-06-01", "--json"]).await);
    assert_eq!(by_folders, by_days);
    assert_eq!(by_days.len(), 4, "{by_days:?}");
    assert!(by_days.iter().any(|it| it.starts_with("dragoer/borgerservice ") && it.ends_with("får den som opgave")));
    let same = program.say_anywhere(&["agreement", "diff", &old, &old]).await;
    assert!(same.out.contains("Intet ændres."), "{same:?}");
    let words = program.say_anywhere(&["agreement", "diff", &old, &new, "--files"]).await;
    assert!(words.out.contains("modtagere"), "{words:?}");
    for wrong in
        [["agreement", "diff", "no-such-folder", "2026-06-01"], ["agreement", "diff", "2000-01-01", "2026-06-01"]]
    {
        assert_eq!(program.say_anywhere(&wrong).await.code, Some(64), "{wrong:?}");
    }
}

/// The cause of each message in a queue: the id of the event that it is because of, or is.
async fn take(post: &Post, queue: &str, kind: &str, count: usize, what: &str) -> Vec<String> {
    let taken = post.take(queue, count).await;
    let mut causes = Vec::new();
    for delivery in taken.into_values().flatten() {
        assert_eq!(delivery.properties.kind().as_ref().map(|it| it.as_str()), Some(kind));
        let event: Value = serde_json::from_slice(&delivery.data).expect("an event");
        causes.push(event[what].as_str().expect("an id").to_owned());
        let edition = event["correctedby"].as_str();
        assert!(edition.is_some_and(|it| it.contains("genoptraening v1")), "{event}");
    }
    causes.sort();
    causes
}

#[tokio::test(flavor = "multi_thread")]
async fn the_past_is_set_right_as_it_was_confirmed_and_once() {
    const SET: &str = "dk.budstikke.rehab.level.set.v1";
    const WITHDRAWN: &str = "dk.budstikke.delivery.withdrawn.v1";
    let folders = Folders::new();
    let (old, new) = (folders.name("old"), folders.name("new"));
    let vhost = Vhost::new();
    let program = Program::at(vhost.address()).set("AGREEMENT__FOLDER", &old);
    let hub = program.start().await;
    let post = Post::at(vhost.address()).await;
    post.send("events", EVENT, &level("level-1")).await;
    post.take(BEFORE, 1).await;
    // Until it knows that it was delivered, it would stop it and not take it back.
    let delivered = |count: u64| move |health: &Value| health["balance"]["deliveries"]["delivered"] == count;
    hub.is("it knows that it was delivered", delivered(1)).await;

    let diff = ["agreement", "diff", old.as_str(), new.as_str(), "--correct"];
    let json = ["agreement", "diff", old.as_str(), new.as_str(), "--correct", "--json"];
    let shown = program.say(&diff).await;
    assert_eq!(shown.code, Some(0), "{shown:?}");
    let first = token(&program.say(&json).await);
    assert!(shown.out.contains(&format!("--confirm {first}")), "{shown:?}");
    assert!(shown.out.contains("#1 leveres til dragoer/borgerservice som opgave"), "{shown:?}");
    assert!(!shown.out.contains("basal"), "never content: {shown:?}");

    // Another one comes before it is confirmed: what was shown is not what there is to do.
    post.send("events", EVENT, &level("level-2")).await;
    post.take(BEFORE, 1).await;
    hub.is("it knows that it was delivered", delivered(2)).await;
    let refused = program.say(&[&diff[..], &["--confirm", first.as_str()]].concat()).await;
    assert_eq!(refused.code, Some(1), "{refused:?}");
    let second = token(&program.say(&json).await);
    assert!(refused.out.contains(&format!("--confirm {second}")) && second != first, "it shows the new: {refused:?}");
    assert_eq!((post.depth(BEFORE).await, post.depth(AFTER).await), (0, 0), "nothing was done");

    let confirm = [&diff[..], &["--confirm", second.as_str()]].concat();
    let made = program.say(&confirm).await;
    assert_eq!(made.code, Some(0), "{made:?}");
    assert_eq!(take(&post, AFTER, SET, 2, "id").await, ["level-1", "level-2"]);
    assert_eq!(take(&post, BEFORE, WITHDRAWN, 2, "causationid").await, ["level-1", "level-2"]);
    let trace = program.say(&["trace", "level-1"]).await;
    for told in ["dragoer/borgerservice (task", "delivery.withdrawn", "genoptraening v1 (kendt"] {
        assert!(trace.out.contains(told), "no `{told}` in {trace:?}");
    }

    // A second time there is nothing to do.
    let again = program.say(&confirm).await;
    assert_eq!(again.code, Some(0), "{again:?}");
    assert!(again.out.contains("Der er intet at rette."), "{again:?}");
    hub.stop().await;
    let proof = program.proof().await;
    assert_eq!((proof["routed"].as_u64(), proof["deliveries"]["delivered"].as_u64()), (Some(2), Some(6)), "{proof}");

    // The change is taken back, with no hub there: it is made under the lock, and goes out later.
    let back = ["agreement", "diff", new.as_str(), old.as_str(), "--correct"];
    let shown = program.say(&[&back[..], &["--json"]].concat()).await;
    let made = program.say(&[&back[..], &["--confirm", &token(&shown)]].concat()).await;
    assert_eq!(made.code, Some(0), "{made:?}");
    let hub = program.start().await;
    assert_eq!(take(&post, BEFORE, SET, 2, "id").await, ["level-1", "level-2"]);
    assert_eq!(take(&post, AFTER, WITHDRAWN, 2, "causationid").await, ["level-1", "level-2"]);
    hub.stop().await;
    let proof = program.proof().await;
    assert_eq!(proof["deliveries"]["delivered"].as_u64(), Some(10), "{proof}");
}
