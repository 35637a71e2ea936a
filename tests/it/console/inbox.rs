//! Tasks: what comes is seen live, taken by one, read by those whose mailbox it is, and brought to an
//! end.

mod answers;
mod told;

use serde_json::{Value, json};

use super::Hub;
use super::browser::{Answer, Browser};
use crate::post::{JSON, Post, XML, letters};
use crate::wait;

const YDELSE: &str = "caseworker:dragoer/ydelse";
const TRAINERS: &str = "caseworker:taarnby/genoptraening";

/// The citizen of the sanction.
const CPR: &str = "0108589995";

/// The shipped agreement, where these mailboxes work in the console.
pub(super) fn agreement(mailboxes: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a directory");
    let own = folder.path().join("dragoer-taarnby");
    std::fs::create_dir(&own).expect("a directory");
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/agreement/dragoer-taarnby");
    for entry in std::fs::read_dir(shipped).expect("the agreement") {
        let path = entry.expect("a file").path();
        let mut text = std::fs::read_to_string(&path).expect("text");
        if path.ends_with("postkasser.toml") {
            for id in mailboxes {
                let (before, mailbox) = text.split_once(&format!("\"{id}\"")).expect("the mailbox");
                text = format!("{before}\"{id}\"{}", mailbox.replacen("[\"amqp\"]", "[\"inbox\"]", 1));
            }
        }
        std::fs::write(own.join(path.file_name().expect("a name")), text).expect("a file");
    }
    folder
}

/// A hub where the benefit team and the trainers work in the console.
async fn hub() -> (Hub, tempfile::TempDir) {
    let folder = agreement(&["dragoer/ydelse", "taarnby/genoptraening"]);
    let hub = Hub::with(&[("AGREEMENT__FOLDER", &folder.path().to_string_lossy())]).await;
    (hub, folder)
}

pub(super) fn sanction() -> Vec<u8> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/samples/20-sanction.json");
    std::fs::read(file).expect("a sample")
}

/// The address of the first task of a list.
pub(super) async fn first_task(browser: &Browser, list: &str) -> String {
    let found = async || {
        let page = browser.clone().get(list).await.body;
        let (_, rest) = page.split_once("<th scope=\"row\"><a href=\"")?;
        rest.split('"').next().map(str::to_owned)
    };
    wait::until("there is a task", found).await
}

/// Sends a form of a task's page, as it stands there.
pub(super) async fn does(browser: &mut Browser, task: &str, fields: &[(&str, &str)]) -> Answer {
    let version = browser.get(task).await.hidden("version");
    let all: Vec<(&str, &str)> = fields.iter().copied().chain([("version", version.as_str())]).collect();
    browser.submits(task, &all).await
}

/// The proof, when the hub has ended.
async fn balanced(hub: Hub) {
    // A mailbox that is worked on here has no queue, and nobody asks the broker for it.
    let status: Value = serde_json::from_str(&hub.does(&["status", "--json"]).await).expect("JSON");
    assert!(status["queues"].get("out.taarnby.voksne").is_some(), "{status}");
    assert_eq!(status["queues"].get("out.dragoer.ydelse"), None, "{status}");
    assert!(!hub.program.log().contains("no queue"), "{}", hub.program.log());
    hub.running.stop().await;
    let said = hub.program.say(&["verify", "--json"]).await;
    let report: Value = said.json();
    assert_eq!((&report["chain"], &report["balanced"]), (&"ok".into(), &true.into()), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_comes_live_and_is_taken_by_one_of_two() {
    let (hub, _agreement) = hub().await;
    let mut ida = hub.visitor("ida", &[YDELSE]).await;
    let mut bo = hub.visitor("bo", &[YDELSE]).await;
    assert_eq!(ida.get("/").await.header("location"), Some("/indbakke"), "it is her first page");
    assert!(ida.get("/indbakke").await.body.contains("Der er intet nyt."));
    let mut live = ida.watches("/indbakke/live?fane=nye").await.expect("it is open");
    let post = Post::at(hub.vhost.address()).await;
    post.send("momentum", JSON, &sanction()).await;
    assert!(live.says("LAS § 37").await, "it is shown when it comes");
    let list = ida.get("/indbakke").await.body;
    assert!(!list.contains(CPR) && !list.contains("Bruno"), "a list shows no content");

    let task = first_task(&ida, "/indbakke").await;
    let mut part = bo.watches(&format!("{task}/live?version=1")).await.expect("it is open");
    assert!(part.says("ingen har den").await);
    let seen = bo.get(&task).await;
    assert!(seen.body.contains(CPR) && seen.body.contains("S4 2 ("), "all that it takes, and why it came: {seen:?}");
    let took = does(&mut ida, &task, &[("handling", "tag")]).await;
    assert_eq!((took.status, took.header("location")), (303, Some(task.as_str())), "{took:?}");
    assert!(part.says("siden du åbnede siden").await, "the second sees that it has changed");
    let late = bo.submits(&task, &[("handling", "tag"), ("version", &seen.hidden("version"))]).await;
    assert_eq!(late.status, 409);
    assert!(late.body.contains("Ida &#60;b&#62;Test&#60;/b&#62; har haft opgaven siden"), "{}", late.body);

    // Handed over, it waits; a note is text.
    assert_eq!(does(&mut ida, &task, &[("handling", "giv"), ("til", "eva")]).await.status, 409, "no colleague");
    assert_eq!(does(&mut ida, &task, &[("handling", "giv"), ("til", "bo")]).await.status, 303);
    assert_eq!(does(&mut bo, &task, &[("handling", "vent"), ("dag", "2001-01-01")]).await.status, 409);
    assert_eq!(does(&mut bo, &task, &[("handling", "vent"), ("dag", "i morgen")]).await.status, 422);
    assert_eq!(does(&mut bo, &task, &[("handling", "vent-svar")]).await.status, 303);
    assert_eq!(first_task(&ida, "/indbakke?fane=venter").await, task);
    let note = "<script>alert(1)</script> ringet til";
    assert_eq!(bo.submits(&format!("{task}/note"), &[("note", note)]).await.status, 303);
    let page = ida.get(&task).await.body;
    assert!(page.contains("&#60;script&#62;alert(1)") && !page.contains("<script>alert"), "{page}");
    let owed = does(&mut bo, &task, &[("handling", "faerdig")]).await;
    assert!(owed.status == 409 && owed.body.contains("skylder et svar"), "{owed:?}");
    balanced(hub).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_that_is_sent_twice_is_kept_once() {
    let (hub, _agreement) = hub().await;
    Post::at(hub.vhost.address()).await.send("momentum", JSON, &sanction()).await;
    let mut ida = hub.visitor("ida", &[YDELSE]).await;
    let task = first_task(&ida, "/indbakke").await;
    let note = format!("{task}/note");
    let kept = async |ida: &mut Browser| ida.get(&task).await.body.matches("<p class=\"note\">").count();
    // A second click, and what a colleague and she write meanwhile.
    let seen = ida.get(&task).await.hidden("set");
    let first = [("note", "Ringet, intet svar"), ("set", &seen)];
    assert_eq!(ida.submits(&note, &first).await.status, 303);
    assert_eq!(ida.submits(&note, &[("note", "Ringet, svarede"), ("set", &seen)]).await.status, 303);
    assert_eq!(ida.submits(&note, &first).await.status, 303);
    assert_eq!(kept(&mut ida).await, 2);
    // What somebody writes once more is said once more.
    let again = ida.get(&task).await.hidden("set");
    assert_eq!(ida.submits(&note, &[("note", "Ringet, intet svar"), ("set", &again)]).await.status, 303);
    assert_eq!(kept(&mut ida).await, 3);
    // A call whose answer was lost is made again.
    let mut system = hub.system("fagsystem", &[YDELSE]).await;
    let call = format!("/api/v1/tasks/{}/notes", task.rsplit('/').next().expect("a number"));
    for _ in 0..2 {
        assert_eq!(system.calls("POST", &call, r#"{"text": "Ringet, intet svar"}"#).await.status, 204);
    }
    assert_eq!(kept(&mut ida).await, 4, "another's is another note");
    balanced(hub).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_with_many_messages_says_so_and_leads_to_the_older_ones() {
    let (hub, _agreement) = hub().await;
    let post = Post::at(hub.vhost.address()).await;
    let first = String::from_utf8(sanction()).expect("text");
    for number in 100..153 {
        let next = first.replace("000000000011", &format!("000000000{number}"));
        post.send("momentum", JSON, next.as_bytes()).await;
    }
    let mut operator = hub.visitor("drift", &["operator"]).await;
    let case = wait::until("all of them are there", async || {
        let page = operator.clone().get("/forloeb/post/53").await.body;
        let (_, rest) = page.split_once("/forloeb/sag/")?;
        rest.split('"').next().map(str::to_owned)
    });
    let case = case.await;
    let newest = operator.get(&format!("/forloeb/sag/{case}")).await.body;
    let told = |page: &str| page.matches("<h2 id=\"post-").count();
    assert_eq!(told(&newest), 50);
    assert!(newest.contains("det er de nyeste") && newest.contains("?foer=4\""), "{newest}");
    let older = operator.get(&format!("/forloeb/sag/{case}?foer=4")).await.body;
    assert!(told(&older) == 3 && older.contains("id=\"post-1\"") && !older.contains("rel=\"prev\""), "{older}");
    assert!(older.contains("Se de nyeste"), "{older}");
    assert_eq!(operator.get(&format!("/forloeb/sag/{case}?foer=1")).await.status, 404);
    let mut other = hub.visitor("trainer", &[TRAINERS]).await;
    assert_eq!(other.get(&format!("/forloeb/sag/{case}?foer=4")).await.status, 403);
    let mut system = hub.system("fagsystem", &[YDELSE]).await;
    let page = system.get(&format!("/api/v1/cases/{case}/story")).await;
    let link = format!("</api/v1/cases/{case}/story?before=4>; rel=\"prev\"");
    assert_eq!((page.json().as_array().map(Vec::len), page.header("link")), (Some(50), Some(link.as_str())));
    let rest = system.get(&format!("/api/v1/cases/{case}/story?before=4")).await;
    assert_eq!((rest.json().as_array().map(Vec::len), rest.header("link")), (Some(3), None));
    balanced(hub).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_open_to_its_own_mailbox_alone() {
    let (hub, _agreement) = hub().await;
    let post = Post::at(hub.vhost.address()).await;
    post.send("momentum", JSON, &sanction()).await;
    let mut ida = hub.visitor("ida", &[YDELSE]).await;
    let task = first_task(&ida, "/indbakke").await;
    let live = format!("{task}/live?version=1");
    let note = format!("{task}/note");
    for (user, roles, lists) in [
        ("nobody", vec![], 403),
        ("drift", vec!["operator", "postmaster"], 403),
        ("leder", vec!["leader:dragoer", "auditor", "administrator"], 403),
        ("trainer", vec![TRAINERS], 200),
    ] {
        let mut other = hub.visitor(user, &roles).await;
        assert_eq!(other.get("/indbakke").await.status, lists, "{user}");
        for refused in ["/indbakke?postkasse=dragoer/ydelse", task.as_str()] {
            let answer = other.get(refused).await;
            assert_eq!(answer.status, 403, "{user}: {refused}");
            assert!(!answer.body.contains(CPR), "{user}: {refused}");
        }
        assert!(other.watches("/indbakke/live?postkasse=dragoer/ydelse").await.is_none(), "{user}");
        assert!(other.watches(&live).await.is_none(), "{user}");
        for (form, fields) in [
            (task.as_str(), [("handling", "tag"), ("version", "1")]),
            (note.as_str(), [("note", "x"), ("version", "1")]),
        ] {
            assert_eq!(other.submits(form, &fields).await.status, 403, "{user}: {form}");
        }
        assert_eq!(other.submits("/indbakke/tag", &[("opgave", "1 1")]).await.status, 403, "{user}");
    }
    for nowhere in ["/indbakke/999", "/indbakke/x", "/indbakke/999/live"] {
        assert_eq!(ida.get(nowhere).await.status, 404, "{nowhere}");
    }
    // What makes no sense changes nothing, and never breaks.
    for fields in [
        vec![("handling", "slet"), ("version", "1")],
        vec![("handling", "afvis"), ("version", "1"), ("grund", "  ")],
        vec![("version", "1")],
    ] {
        assert_eq!(ida.submits(&task, &fields).await.status, 422, "{fields:?}");
    }
    assert_eq!(ida.submits(&task, &[("handling", "tag"), ("version", "-1")]).await.status, 403);
    assert_eq!(ida.submits("/indbakke/tag", &[("opgave", "1 2 3 x")]).await.status, 409, "of another version");
    let mut stream = ida.watches("/indbakke/live").await.expect("it is open");
    assert!(stream.says("LAS § 37").await);
    hub.does(&["user", "add", "ida", "--name", "Ida", "--role", "operator"]).await;
    assert!(!stream.says("this is on no page").await, "a role that is taken away ends what she looks at");
    assert_eq!(ida.get(&task).await.status, 403);
}

/// The id of what is parked.
async fn parked(hub: &Hub) -> String {
    let parked = hub.does(&["parked", "list", "--json"]).await;
    let is_id = |part: &&str| part.len() == 36 && part.matches('-').count() == 4;
    parked.split('"').find(is_id).unwrap_or_else(|| panic!("nothing is parked: {parked}")).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_back_is_parked_and_comes_again() {
    let (hub, _agreement) = hub().await;
    let post = Post::at(hub.vhost.address()).await;
    post.send("rehab-plan", XML, &letters('A', 1).next().expect("a letter")).await;
    let mut trainer = hub.visitor("trainer", &[TRAINERS]).await;
    let mut operator = hub.visitor("drift", &["operator"]).await;
    let task = first_task(&trainer, "/indbakke").await;
    let reason = "<i>Ikke</i> vores";
    let sent = does(&mut trainer, &task, &[("handling", "afvis"), ("grund", reason)]).await;
    assert_eq!(sent.status, 303, "{sent:?}");
    let page = trainer.get(&task).await.body;
    assert!(page.contains("afvist af dig"), "{page}");
    let drift = operator.get("/drift").await.body;
    assert!(drift.contains("REJECTED_BY_RECEIVER") && !drift.contains("Ikke"), "{drift}");
    let id = parked(&hub).await;
    hub.does(&["parked", "resend", &id, "--reason", "aftalt"]).await;
    assert_eq!(first_task(&trainer, "/indbakke?fane=nye").await, task, "the same task is new again");
    // A second click on the same form does nothing more.
    let version = trainer.get(&task).await.hidden("version");
    for _ in 0..2 {
        let done = trainer.submits(&task, &[("handling", "tag"), ("version", &version)]).await;
        assert_eq!(done.status, 303, "{done:?}");
    }
    balanced(hub).await;
}

/// How many looks are told of.
async fn looks(auditor: &mut Browser) -> usize {
    let answer = auditor.get("/api/v1/audit/looks").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["looks"].as_array().expect("looks").len()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_mailbox_is_not_to_have_is_opened_no_more() {
    let (hub, _agreement) = hub().await;
    let post = Post::at(hub.vhost.address()).await;
    post.send("rehab-plan", XML, &letters('A', 1).next().expect("a letter")).await;
    let mut trainer = hub.visitor("trainer", &[TRAINERS]).await;
    let mut system = hub.system("fagsystem", &[TRAINERS]).await;
    let task = first_task(&trainer, "/indbakke").await;
    let content = format!("/api/v1/tasks/{}/content", task.rsplit('/').next().expect("a number"));
    let look = json!({"purpose": {"aim": "casework"}}).to_string();
    let shown = system.calls("POST", &content, &look).await.json();
    let citizen = shown["events"][0]["data"]["citizen"]["cpr"].as_str().expect("a citizen").to_owned();
    let sent = does(&mut trainer, &task, &[("handling", "afvis"), ("grund", "Ikke vores")]).await;
    assert_eq!(sent.status, 303, "{sent:?}");
    hub.does(&["parked", "discard", &parked(&hub).await, "--reason", "kom til den forkerte"]).await;
    let mut auditor = hub.system("revision", &["auditor"]).await;
    let before = looks(&mut auditor).await;
    let after = system.calls("POST", &content, &look).await;
    assert_eq!((after.status, &after.json()["events"]), (200, &json!([])), "{after:?}");
    for path in [task.clone(), format!("{task}/svar/rehab.info.requested")] {
        let page = trainer.get(&path).await;
        assert!(!page.body.contains(&citizen), "{path}: {page:?}");
    }
    assert_eq!(looks(&mut auditor).await, before, "nobody is told to have seen what was not shown");
    balanced(hub).await;
}
