//! A task is answered by the form of the event that meets its duty, or by a call; once, however often
//! it is sent.

use serde_json::{Value, json};

use super::super::Hub;
use super::super::browser::Browser;
use super::{CPR, YDELSE, balanced, first_task, hub, sanction};
use crate::post::{JSON, Post};
use crate::wait;

/// The job centre's queue, which gets the answer.
const ASKER: &str = "out.taarnby.jobcenter";

fn unescaped(text: &str) -> String {
    let mut parts = text.split("&#");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (code, rest) = part.split_once(';').expect("a letter's number");
        plain.extend(code.parse().ok().and_then(char::from_u32));
        plain.push_str(rest);
    }
    plain
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    rest.split('"').next().map(unescaped)
}

/// What a browser would send of the form on a page.
fn fields(page: &str) -> Vec<(String, String)> {
    let (_, form) = page.split_once("class=\"skema\"").unwrap_or_else(|| panic!("no form: {page}"));
    let form = form.split("</form>").next().expect("it ends");
    let mut found = Vec::new();
    for tag in form.split('<').skip(1) {
        let (tag, rest) = tag.split_once('>').unwrap_or((tag, ""));
        let name = attribute(&format!(" {tag}"), "name");
        match tag.split(' ').next() {
            Some("input") => found.extend(name.zip(attribute(tag, "value"))),
            Some("textarea") => found.extend(name.map(|name| (name, unescaped(rest.trim_start_matches('\n'))))),
            Some("select") => found.extend(name.map(|name| (name, String::new()))),
            Some("option") if tag.contains(" selected") => {
                let chosen = attribute(tag, "value").unwrap_or_default();
                if let Some(last) = found.last_mut() {
                    last.1 = chosen;
                }
            }
            Some(_) | None => {}
        }
    }
    found
}

fn set(fields: &mut [(String, String)], values: &[(&str, &str)]) {
    for (name, value) in values {
        let field = fields.iter_mut().find(|(known, _)| known == name);
        (*value).clone_into(&mut field.unwrap_or_else(|| panic!("no field {name}")).1);
    }
}

fn as_text(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// How many duties are open.
async fn open_duties(hub: &Hub) -> usize {
    let duties: Value = serde_json::from_str(&hub.does(&["duties", "--json"]).await).expect("JSON");
    duties.as_array().expect("a list").len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_answers_once_and_the_duty_is_met() {
    let (hub, _agreement) = hub().await;
    let post = Post::at(hub.vhost.address()).await;
    post.send("momentum", JSON, &sanction()).await;
    let mut ida = hub.visitor("ida", &[YDELSE]).await;
    let mut trainer = hub.visitor("trainer", &["caseworker:taarnby/genoptraening"]).await;
    let task = first_task(&ida, "/indbakke").await;
    assert_eq!(open_duties(&hub).await, 1);
    let page = ida.get(&task).await.body;
    let (_, rest) = page.split_once(&format!("{task}/svar/benefit.decided")).expect("a way to the form");
    let address = format!("{task}/svar/benefit.decided{}", rest.split('"').next().expect("an address"));
    let form = ida.get(&address).await;
    assert_eq!(form.status, 200, "{form:?}");
    let mut filled = fields(&form.body);
    for (name, value) in [("data.citizen.cpr", CPR), ("data.legal_basis", "LAS § 37"), ("data.effective", "2026-11-16")]
    {
        assert!(filled.contains(&(name.to_owned(), value.to_owned())), "{name} is known: {filled:?}");
    }
    assert_eq!(trainer.get(&address).await.status, 403);
    let mut others = as_text(&filled);
    others.retain(|(name, _)| *name != "csrf");
    assert_eq!(trainer.submits(&format!("{task}/svar/benefit.decided"), &others).await.status, 403);
    for nothing in ["notice.given", "benefit", "employment.info.provided"] {
        assert_eq!(ida.get(&format!("{task}/svar/{nothing}")).await.status, 404, "{nothing}");
    }

    // What is wrong is said at its field, and what was written is not lost.
    let path = format!("{task}/svar/benefit.decided");
    set(&mut filled, &[("data.benefit", "<b>kontanthjælp</b>")]);
    let wrong = ida.post(&path, &as_text(&filled)).await;
    assert_eq!(wrong.status, 422, "{wrong:?}");
    assert!(wrong.body.contains("href=\"#data.decision\"") && !wrong.body.contains("<b>kont"), "{}", wrong.body);
    assert!(fields(&wrong.body).contains(&("data.benefit".to_owned(), "<b>kontanthjælp</b>".to_owned())));
    let mut per = hub.visitor("per", &[YDELSE]).await;
    let late = fields(&per.get(&address).await.body);
    let values = [("data.decision", "ændret"), ("data.period.from", "2026-11-16"), ("data.period.to", "2026-11-30")];
    set(&mut filled, &values);
    for click in 0..3 {
        let sent = ida.post(&path, &as_text(&filled)).await;
        assert_eq!((sent.status, sent.header("location")), (303, Some(task.as_str())), "click {click}: {sent:?}");
    }
    assert!(ida.get(&task).await.body.contains("besvaret af dig"), "the task is at its end");
    assert_eq!(open_duties(&hub).await, 0, "the duty is met");
    is_counted_once(&hub).await;
    keeps_what_is_written(&mut per, &task, &path, late).await;
    let told = async || (post.depth(ASKER).await > 0).then_some(());
    wait::until("the job centre is told", told).await;
    assert_eq!(post.depth(ASKER).await, 1, "one answer, however often she clicks");
    balanced(hub).await;
}

/// What people raise is counted as what comes.
async fn is_counted_once(hub: &Hub) {
    let counted = hub.running.get("/metrics").await;
    let own: Vec<&str> = counted
        .lines()
        .filter(|line| line.starts_with("budstikke_received_total{") && line.contains("source=\"console\""))
        .collect();
    assert!(matches!(own.as_slice(), [one] if one.contains("outcome=\"routed\"") && one.ends_with(" 1")), "{own:?}");
}

async fn keeps_what_is_written(per: &mut Browser, task: &str, path: &str, mut late: Vec<(String, String)>) {
    // Who was overtaken keeps what they wrote; and a note that is refused is not lost.
    set(&mut late, &[("data.benefit", "kontanthjælp, som den var")]);
    for _ in 0..2 {
        let overtaken = per.post(path, &as_text(&late)).await;
        assert!(overtaken.status == 409 && overtaken.body.contains("Imens du skrev"), "{overtaken:?}");
        assert!(fields(&overtaken.body).contains(&("data.benefit".to_owned(), "kontanthjælp, som den var".to_owned())));
    }
    let note = format!("Ringede til {CPR} i dag");
    let refused = per.submits(&format!("{task}/note"), &[("note", &"x".repeat(2_001))]).await;
    assert!(
        refused.status == 422 && refused.body.contains(&format!(">{}</textarea>", "x".repeat(2_001))),
        "{refused:?}"
    );
    assert_eq!(per.submits(&format!("{task}/note"), &[("note", &note)]).await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_system_works_on_tasks_by_calls() {
    let (hub, _agreement) = hub().await;
    let post = Post::at(hub.vhost.address()).await;
    post.send("momentum", JSON, &sanction()).await;
    let ida = hub.visitor("ida", &[YDELSE]).await;
    first_task(&ida, "/indbakke").await;
    let mut own = hub.system("fagsystem", &[YDELSE]).await;
    let mut other = hub.system("andet", &["caseworker:taarnby/genoptraening", "operator"]).await;
    let list = "/api/v1/tasks?mailbox=dragoer/ydelse&list=new";
    let listed = own.get(list).await;
    assert!(listed.status == 200 && !listed.body.contains(CPR), "{listed:?}");
    let task = listed.json()["tasks"][0].clone();
    assert_eq!((&task["kind"], &task["owed"]), (&json!("employment.sanction.recommended"), &json!(1)));
    let at = format!("/api/v1/tasks/{}", task["id"]);
    let (acts, notes, content) = (format!("{at}/acts"), format!("{at}/notes"), format!("{at}/content"));
    let take = json!({"act": "take", "version": task["version"]}).to_string();
    let look = json!({"purpose": {"aim": "casework"}}).to_string();
    for (method, path, body) in [
        ("GET", list, ""),
        ("GET", at.as_str(), ""),
        ("POST", acts.as_str(), take.as_str()),
        ("POST", notes.as_str(), "{\"text\": \"x\"}"),
        ("POST", content.as_str(), look.as_str()),
    ] {
        assert_eq!(other.calls(method, path, body).await.status, 403, "{method} {path}");
    }
    assert_eq!(own.calls("POST", &content, "{}").await.status, 422, "no look without a purpose");
    let whole = own.get(&at).await;
    assert!(whole.status == 200 && !whole.body.contains(CPR), "{whole:?}");
    let shown = own.calls("POST", &content, &look).await.json();
    assert_eq!(shown["events"][0]["data"]["citizen"]["cpr"], CPR);
    for _ in 0..2 {
        let taken = own.calls("POST", &acts, &take).await;
        assert_eq!((taken.status, &taken.json()["by"]), (200, &json!("system:fagsystem")), "{taken:?}");
    }
    let stale = own.calls("POST", &acts, &json!({"act": "accept", "version": 1}).to_string()).await;
    assert_eq!((stale.status, stale.problem()), (409, "stale".to_owned()));
    assert_eq!(own.calls("POST", &notes, "{\"text\": \"set på\"}").await.status, 204);

    let known = &shown["events"][0]["data"];
    let answer = json!({
        "act": "complete",
        "version": own.get(&at).await.json()["version"],
        "answer": {"kind": "benefit.decided", "data": {
            "citizen": known["citizen"], "target_group": known["target_group"], "legal_basis": known["legal_basis"],
            "effective": "2026-11-16", "decision": "stoppet", "benefit": "kontanthjælp", "reason": "Udeblevet",
        }},
    });
    let mut broken = answer.clone();
    broken["answer"]["data"]["decision"] = json!("måske");
    assert_eq!(
        own.calls("POST", &acts, &broken.to_string()).await.status,
        422,
        "nothing is sent that breaks its schema"
    );
    for _ in 0..2 {
        let done = own.calls("POST", &acts, &answer.to_string()).await;
        assert_eq!((done.status, &done.json()["outcome"]), (200, &json!("answered")), "{done:?}");
    }
    assert_eq!(open_duties(&hub).await, 0);
    balanced(hub).await;
}
