//! What people raise in the console, and what systems send by the API: in whose name, once, and
//! with what is wrong said where it is.

use serde_json::{Value, json};

use super::Hub;
use super::browser::{Answer, Browser};
use crate::wait;

const CPR: &str = "2512489996";

/// The fields of a form that make this content.
fn fields(name: &str, value: &Value, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(key, value)| fields(&format!("{name}.{key}"), value, found));
        }
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(at, value)| fields(&format!("{name}.{at}"), value, found));
        }
        Value::String(text) => found.push((name.to_owned(), text.clone())),
        Value::Number(number) => found.push((name.to_owned(), number.to_string())),
        Value::Bool(yes) => found.push((name.to_owned(), if *yes { "ja" } else { "nej" }.to_owned())),
        Value::Null => {}
    }
}

/// The kind's own example, as a form.
fn example(kind: &str) -> Vec<(String, String)> {
    let schema: Value = serde_json::from_str(budstikke_schemas::find(kind).expect("a kind").text).expect("a schema");
    let mut found = Vec::new();
    fields("data", &schema["examples"][0], &mut found);
    found
}

async fn posts(visitor: &mut Browser, kind: &str, fields: &[(String, String)], more: &[(&str, &str)]) -> Answer {
    let all = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain(more.iter().copied());
    let all: Vec<(&str, &str)> = all.collect();
    visitor.submits(&format!("/ny/{kind}"), &all).await
}

/// Where an answer sends a browser.
fn place(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{answer:?}");
    answer.header("location").expect("a place").to_owned()
}

async fn balance(hub: &Hub) -> Value {
    let status = hub.does(&["status", "--json"]).await;
    let status: Value = serde_json::from_str(&status).expect("JSON");
    status["health"]["balance"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_that_is_offered_can_be_raised_and_has_a_receipt() {
    let hub = Hub::new().await;
    let taarnby = hub.visitor("tove", &["caseworker:taarnby/voksne"]).await;
    let dragoer = hub.visitor("dorte", &["caseworker:dragoer/kontrakt"]).await;
    let mut raised = Vec::new();
    // Questions come before their answers.
    for mut visitor in [taarnby.clone(), dragoer, taarnby] {
        let visitor = &mut visitor;
        let page = visitor.get("/ny").await;
        assert_eq!((page.status, page.header("cache-control")), (200, Some("no-store")));
        let kinds: Vec<String> =
            page.body.split("href=\"/ny/").skip(1).filter_map(|it| it.split('"').next()).map(str::to_owned).collect();
        assert!(kinds.len() > 6, "{kinds:?}");
        for kind in kinds.iter().filter(|kind| !raised.contains(*kind)).cloned().collect::<Vec<_>>() {
            let form = visitor.get(&format!("/ny/{kind}")).await;
            assert_eq!(form.status, 200, "{kind}: {form:?}");
            let question = form.body.split_once("id=\"svar\"").and_then(|(_, rest)| rest.split("</select>").next());
            let open = question.map(|list| {
                list.split("<option value=\"")
                    .filter_map(|it| it.split('"').next())
                    .filter(|it| it.len() == 36)
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            });
            // There is nothing to answer yet.
            if open.as_ref().is_some_and(Vec::is_empty) {
                continue;
            }
            let mut fields = example(&kind);
            fields.push(("stempel".to_owned(), form.hidden("stempel")));
            fields.push(("bopael".to_owned(), "155".to_owned()));
            fields.extend(open.and_then(|open| open.first().cloned()).map(|id| ("svar".to_owned(), id)));
            let look = posts(visitor, &kind, &fields, &[("goer", "se")]).await;
            assert!(look.status == 200 && look.body.contains("value=\"send\""), "{kind}: {}", look.body);
            assert!(
                look.body.contains("Sendes til modtagerne") && look.body.contains("Afgjort efter"),
                "{kind}: {}",
                look.body
            );
            let sent = posts(visitor, &kind, &fields, &[("goer", "send")]).await;
            let receipt = visitor.get(&place(&sent)).await;
            assert!(receipt.status == 200 && receipt.body.contains("Modtagere"), "{kind}: {receipt:?}");
            assert!(!receipt.body.contains(CPR) && !place(&sent).contains(CPR), "{kind}: a receipt has no content");
            raised.push(kind);
        }
    }
    raised.sort();
    let all = [
        "management-info.provided",
        "supervision.documentation.provided",
        "visitation.case.requested",
        "complaint.received",
    ];
    assert!(raised.len() >= 11 && all.iter().all(|kind| raised.iter().any(|it| it == kind)), "{raised:?}");
    let said = balance(&hub).await;
    assert_eq!((said["routed"].as_u64(), said["parked"].as_u64()), (Some(raised.len() as u64), Some(0)), "{said}");
    assert!(!hub.program.log().contains(CPR));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_raised_once_by_whom_may_and_what_is_wrong_is_said_at_its_field() {
    let hub = Hub::new().await;
    for (user, roles) in [
        ("drift", vec!["operator"]),
        ("leder", vec!["leader:dragoer"]),
        ("post", vec!["postmaster"]),
        ("revisor", vec!["auditor"]),
        ("admin", vec!["administrator"]),
    ] {
        let mut visitor = hub.visitor(user, &roles).await;
        for page in ["/ny", "/ny/notice.given"] {
            assert_eq!(visitor.get(page).await.status, 403, "{user} {page}");
        }
        assert_eq!(visitor.submits("/ny/notice.given", &[("goer", "send")]).await.status, 403, "{user}");
    }
    let mut visitor = hub.visitor("tove", &["caseworker:taarnby/voksne"]).await;
    let other_mailbox = [("postkasse", "dragoer/kontrakt"), ("goer", "send")];
    assert_eq!(visitor.submits("/ny/notice.given", &other_mailbox).await.status, 403, "not in another's name");
    for nothing in
        ["/ny/rehab.plan.received", "/ny/duty.overdue", "/ny/x", "/ny/kvittering/1", "/ny/kvittering/99999999"]
    {
        assert_eq!(visitor.get(nothing).await.status, 404, "{nothing}");
    }

    wrong_is_said(&mut visitor).await;
    // Sent twice at once, it is one event; the same form with something else is a second one, on purpose.
    let form = visitor.get("/ny/notice.given").await;
    assert!(form.body.contains("<option value=\"voksne\" selected>"), "it begins with the mailbox's area");
    let mut fields = example("notice.given");
    fields.push(("stempel".to_owned(), form.hidden("stempel")));
    let (mut one, mut two) = (visitor.clone(), visitor.clone());
    let send = [("goer", "send")];
    let (first, second) =
        tokio::join!(posts(&mut one, "notice.given", &fields, &send), posts(&mut two, "notice.given", &fields, &send));
    let receipt = visitor.get(&place(&first)).await;
    let receipts = if receipt.status == 303 { place(&receipt) } else { place(&first) };
    let again = visitor.get(&place(&second)).await;
    assert_eq!(if again.status == 303 { place(&again) } else { place(&second) }, receipts, "both lead to one receipt");
    let said = balance(&hub).await;
    assert_eq!(
        (said["received"].as_u64(), said["routed"].as_u64(), said["duplicate"].as_u64()),
        (Some(2), Some(1), Some(1)),
        "{said}"
    );
    fields.retain(|(name, _)| name != "data.text");
    fields.push(("data.text".to_owned(), "Noget andet".to_owned()));
    let changed = posts(&mut visitor, "notice.given", &fields, &send).await;
    assert!(changed.status == 200 && changed.body.contains("skema før"), "{changed:?}");
    assert_ne!(changed.hidden("stempel"), form.hidden("stempel"));
    assert_eq!(balance(&hub).await["received"], 2, "nothing of it was taken");

    // A receipt is its sender's.
    let mut colleague = hub.visitor("tina", &["caseworker:taarnby/voksne"]).await;
    assert_eq!(colleague.get(&receipts).await.status, 404);
    paused_is_not_taken(&hub, &mut visitor, fields).await;
}

async fn wrong_is_said(visitor: &mut Browser) {
    // What is wrong is said at its field, and nothing typed is lost.
    let bad = "</textarea><script>alert(1)</script>";
    let wrong = [("data.area", "maanen"), ("data.text", bad), ("data.from", "i morgen"), ("goer", "send")];
    let page = visitor.submits("/ny/notice.given", &wrong).await;
    assert!(page.status == 200 && page.body.contains("Intet er sendt"), "{page:?}");
    for shown in ["maanen", "i morgen", "&#60;script&#62;", "id=\"data.category-fejl\"", "id=\"data.from-fejl\""] {
        assert!(page.body.contains(shown), "{shown}: {}", page.body);
    }
    assert!(!page.body.contains("<script>alert"), "{}", page.body);
    let row = visitor
        .submits("/ny/supervision.result.shared", &[("flere", "data.documents"), ("data.documents.0.title", "Rapport")])
        .await;
    assert!(row.body.contains("value=\"Rapport\"") && row.body.contains("data.documents.1.title"), "{}", row.body);
    let long = "x".repeat(600 * 1024);
    assert_eq!(visitor.submits("/ny/notice.given", &[("data.text", &long)]).await.status, 413);
}

async fn paused_is_not_taken(hub: &Hub, visitor: &mut Browser, mut fields: Vec<(String, String)>) {
    let send = [("goer", "send")];
    // What is paused is not taken, and is seen as paused.
    let mut operator = hub.visitor("drift2", &["operator"]).await;
    let drift = operator.get("/drift").await.body;
    assert!(drift.contains("console"), "{drift}");
    assert_eq!(operator.submits("/drift/pause", &[("pause", "console")]).await.status, 303);
    let form = visitor.get("/ny/notice.given").await;
    fields.retain(|(name, _)| name != "stempel");
    fields.push(("stempel".to_owned(), form.hidden("stempel")));
    let held = posts(visitor, "notice.given", &fields, &send).await;
    assert!(held.status == 422 && held.body.contains("på pause"), "{held:?}");
    assert!(held.body.contains(">\nNoget andet</textarea>"), "what was written stays: {held:?}");
    assert_eq!(held.hidden("stempel"), form.hidden("stempel"), "and is sent as one");
    assert_eq!(operator.submits("/drift/pause", &[("resume", "console")]).await.status, 303);
    assert_eq!(posts(visitor, "notice.given", &fields, &send).await.status, 303);
    let well = async || operator.clone().get("/drift").await.body.contains("Alt kører").then_some(());
    wait::until("all is well", well).await;
}

fn notice(source: &str, id: &str) -> Value {
    let schema: Value =
        serde_json::from_str(budstikke_schemas::find("notice.given").expect("a kind").text).expect("a schema");
    json!({
        "specversion": "1.0", "id": id, "source": source, "time": "2026-11-22T10:00:00Z",
        "type": "dk.budstikke.notice.given.v1", "data": schema["examples"][0],
    })
}

fn event(source: &str, id: &str) -> Value {
    json!({
        "specversion": "1.0", "id": id, "source": source, "time": "2026-11-22T10:00:00Z", "residence": "155",
        "type": "dk.budstikke.rehab.training.requested.v1", "law": "SEL § 86",
        "data": {"citizen": {"cpr": CPR}, "requested": "2026-11-20", "need": "Træning"},
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_system_sends_for_its_own_source_and_once() {
    let hub = Hub::new().await;
    let mut cura = hub.system("cura-prod", &["sender:cura"]).await;
    let others = hub.system("esdh", &["sender:events"]).await;
    let operator = hub.system("drift", &["operator"]).await;
    let events = "/api/v1/events";
    // Whoever has no right to a source does not send for it.
    for (system, source, may) in [
        (&cura, "/taarnby/cura", true),
        (&cura, "/taarnby/momentum", false),
        (&cura, "/taarnby/esdh", false),
        (&cura, "/taarnby/console", false),
        (&others, "/taarnby/esdh", true),
        (&others, "/taarnby/cura", false),
        (&others, "/dragoer/console", false),
        (&operator, "/taarnby/esdh", false),
    ] {
        let answer = system.clone().calls("POST", events, &notice(source, "n-1").to_string()).await;
        assert_eq!(answer.status, if may { 202 } else { 403 }, "{source}: {answer:?}");
    }
    // A repeat is one, by whatever form it comes.
    let body = notice("/taarnby/cura", "n-1").to_string();
    let again = cura.calls("POST", events, &body).await;
    assert_eq!((again.status, again.json()["items"][0]["outcome"].as_str()), (200, Some("duplicate")), "{again:?}");
    let batch = format!("[{body}, {}]", notice("/taarnby/cura", "n-2"));
    let answer = cura.saying("content-type", "application/cloudevents-batch+json").post_raw(events, &batch).await;
    let outcomes: Vec<Value> =
        answer.json()["items"].as_array().expect("items").iter().map(|it| it["outcome"].clone()).collect();
    assert_eq!((answer.status, outcomes), (202, vec![json!("duplicate"), json!("routed")]));
    let half = format!("[{}, {}]", notice("/taarnby/cura", "n-3"), notice("/taarnby/momentum", "n-3"));
    assert_eq!(cura.calls("POST", events, &half).await.status, 403, "all or nothing");

    what_is_wrong_is_not_quoted(&hub, &mut cura, &body).await;
    hub.does(&["pause", "cura"]).await;
    let paused = cura.calls("POST", events, &notice("/taarnby/cura", "n-9").to_string()).await;
    assert_eq!((paused.status, paused.problem().as_str(), paused.header("retry-after")), (503, "paused", Some("5")));
    assert!(!hub.program.log().contains(CPR));
}

async fn what_is_wrong_is_not_quoted(hub: &Hub, cura: &mut Browser, body: &str) {
    let events = "/api/v1/events";
    // What the agreement or the schema does not take is kept, with code and path; what is no event is not.
    let mut bad = notice("/taarnby/cura", "n-4");
    bad["data"]["category"] = json!(CPR);
    let parked = cura.calls("POST", events, &bad.to_string()).await.json();
    let item = &parked["items"][0];
    assert_eq!(
        (item["outcome"].as_str(), item["code"].as_str(), item["path"].as_str()),
        (Some("parked"), Some("EVENT_SCHEMA"), Some("$.data.category")),
        "{parked}"
    );
    let said = balance(hub).await["received"].clone();
    for (body, status) in [
        (format!("{{\"specversion\": \"{CPR}\""), 400),
        (json!({"specversion": "1.0", "id": CPR, "source": "/taarnby/cura"}).to_string(), 400),
        (event("/taarnby/cura", CPR).to_string(), 400),
        ("[]".to_owned(), 422),
        ("7".to_owned(), 400),
        (String::new(), 400),
        (format!("\"{}\"", "x".repeat(1024 * 1024)), 413),
    ] {
        let answer = cura.calls("POST", events, &body).await;
        assert_eq!(answer.status, status, "{answer:?}");
        answer.problem();
        assert!(!answer.body.contains(CPR), "nothing is quoted: {answer:?}");
    }
    let text = cura.saying("content-type", "text/plain").post_raw(events, body).await;
    assert_eq!(text.problem(), "no-json");
    assert_eq!(hub.stranger().calls("POST", events, body).await.status, 401);
    assert_eq!(balance(hub).await["received"], said, "nothing of it was taken");
}
