//! Searching, stories, content and audit: each role its own, and no content but by a look.

use serde_json::{Value, json};

use super::Hub;
use super::browser::Answer;
use crate::post::{Post, XML};
use crate::wait;
use budstikke_testkit::plans::{Message, Plan};

/// The citizen of the letters.
const CPR: &str = "2512489996";
const MARKUP: &str = "<script>alert(1)</script>";

/// A message of two letters: item 1 goes to Tårnby, item 2 is for nobody here and is parked.
fn two_letters() -> Vec<u8> {
    let own = Plan::ggop("BX1").cpr(CPR).name(MARKUP, "Berggren").deadline(MARKUP).diagnosis("DS720", MARKUP);
    Message::new("KX1").plan(own).plan(Plan::ggop("BX2").cpr(CPR).name("Anden", "Borger").municipality("461")).bytes()
}

fn shows_nothing(answer: &Answer) {
    for content in [CPR, "251248-9996", "Berggren", "alert(1)"] {
        assert!(!answer.body.contains(content), "{content}: {}", answer.body);
    }
}

const LOOK: [(&str, &str); 2] = [("hvad", "post-1"), ("formaal", "sagsbehandling")];

#[tokio::test(flavor = "multi_thread")]
async fn content_is_shown_to_whose_it_is_and_nobody_else_and_is_found_in_the_audit() {
    let hub = Hub::new().await;
    Post::at(hub.vhost.address()).await.send("rehab-plan", XML, &two_letters()).await;
    let mut operator = hub.visitor("drift", &["operator"]).await;
    let there = async || operator.clone().get("/soeg").await.body.contains("/forloeb/post/2").then_some(());
    wait::until("both are there", there).await;
    let mut own = hub.visitor("sag", &["caseworker:taarnby/genoptraening"]).await;
    let mut other = hub.visitor("fremmed", &["caseworker:dragoer/ydelse"]).await;
    let mut master = hub.visitor("post", &["postmaster"]).await;
    let mut auditor = hub.visitor("rev", &["auditor"]).await;
    let mut leader = hub.visitor("leder", &["leader:taarnby", "administrator"]).await;

    // Pages without content.
    for (visitor, pages) in [
        (&mut operator, [("/soeg", 200), ("/forloeb/post/1", 200), ("/forloeb/post/2", 200), ("/revision", 403)]),
        (&mut own, [("/soeg", 200), ("/forloeb/post/1", 200), ("/forloeb/post/2", 403), ("/revision", 403)]),
        (&mut other, [("/soeg", 200), ("/forloeb/post/1", 403), ("/forloeb/post/2", 403), ("/revision", 403)]),
        (&mut master, [("/soeg", 403), ("/forloeb/post/1", 403), ("/forloeb/post/2", 200), ("/revision", 403)]),
        (&mut auditor, [("/soeg", 403), ("/forloeb/post/1", 403), ("/forloeb/post/2", 403), ("/revision", 200)]),
        (&mut leader, [("/soeg", 403), ("/forloeb/post/1", 403), ("/forloeb/post/2", 403), ("/revision", 403)]),
    ] {
        for (page, status) in pages {
            let answer = visitor.get(page).await;
            assert_eq!(answer.status, status, "{page}: {}", answer.body);
            shows_nothing(&answer);
        }
        assert_eq!(visitor.get("/forloeb/post/x").await.status, 404);
    }
    let story = own.get("/forloeb/post/1").await.body;
    assert!(story.contains("Fordelt") && story.contains("Efter S1") && story.contains("Vis indhold"), "{story}");
    assert!(!operator.get("/forloeb/post/1").await.body.contains("Vis indhold"));

    for visitor in [&mut operator, &mut other, &mut master, &mut auditor, &mut leader] {
        let refused = visitor.submits("/forloeb/indhold", &LOOK).await;
        assert_eq!(refused.status, 403);
        shows_nothing(&refused);
    }
    contents(&mut own, &mut master).await;
    searches(&hub, &mut operator, &mut own, &mut other).await;
    audits(&mut auditor).await;
    calls(&hub).await;
    assert!(!hub.program.log().contains(CPR), "no number stands in the log");
    hub.running.stop().await;
    hub.program.proof().await;
}

type Visitor = super::browser::Browser;

async fn contents(own: &mut Visitor, master: &mut Visitor) {
    for (fields, status) in [
        (vec![("hvad", "post-1")], 422),
        (vec![("hvad", "post-1"), ("formaal", "andet")], 422),
        (vec![("hvad", "post-1"), ("formaal", "tilsyn"), ("uddybning", "251248-9996")], 422),
        (vec![("hvad", "post-99"), ("formaal", "tilsyn")], 404),
        (vec![("hvad", "alt"), ("formaal", "tilsyn")], 404),
        (vec![("hvad", "post-2"), ("formaal", "tilsyn")], 403),
    ] {
        let answer = own.submits("/forloeb/indhold", &fields).await;
        assert_eq!(answer.status, status, "{fields:?}");
        shows_nothing(&answer);
    }
    let seen = own.submits("/forloeb/indhold", &LOOK).await;
    assert_eq!((seen.status, seen.header("cache-control")), (200, Some("no-store")));
    for shown in ["251248-9996", "Berggren", "&#60;script&#62;", "Diagnoser", "Beskeden, som den kom"] {
        assert!(seen.body.contains(shown), "{shown}: {}", seen.body);
    }
    assert!(
        !seen.body.contains("<script>") && !seen.body.contains("BX2"),
        "markup is text; the other letter is not hers"
    );
    let parked = master.submits("/forloeb/indhold", &[("hvad", "post-2"), ("formaal", "fejlsøgning")]).await;
    assert!(parked.status == 200 && parked.body.contains("Anden Borger") && !parked.body.contains("BX1"));
}

async fn searches(hub: &Hub, operator: &mut Visitor, own: &mut Visitor, other: &mut Visitor) {
    let citizen = [("cpr", "251248-9996"), ("formaal", "sagsbehandling")];
    let refused = operator.submits("/soeg/borger", &citizen).await;
    assert_eq!(refused.status, 403, "operators look for nobody");
    let found = own.submits("/soeg/borger", &citizen).await;
    assert!(found.status == 200 && found.body.contains("/forloeb/post/1") && !found.body.contains("/forloeb/post/2"));
    let nothing = other.submits("/soeg/borger", &citizen).await;
    assert!(nothing.status == 200 && !nothing.body.contains("/forloeb/post/"), "{}", nothing.body);
    assert_eq!(own.submits("/soeg/borger", &[("cpr", CPR)]).await.status, 422, "for what?");
    assert_eq!(own.submits("/soeg/borger", &[("cpr", "12"), ("formaal", "tilsyn")]).await.status, 422);
    let by_number = |number: &'static str| [("nummer", number)];
    let led = own.submits("/soeg/nummer", &by_number("BX1")).await;
    assert_eq!((led.status, led.header("location")), (303, Some("/forloeb/post/1")));
    assert_eq!(other.submits("/soeg/nummer", &by_number("BX1")).await.status, 200, "nothing is found");
    let typed = own.submits("/soeg/nummer", &by_number(CPR)).await;
    assert!(typed.status == 200 && typed.header("location").is_none() && typed.body.contains("CPR-nummer"));
    for (query, status) in [
        ("tilstand=parked", 200),
        ("slags=rehab.plan.received&fra=2020-01-01", 200),
        ("postkasse=dragoer%2Fydelse", 200),
        ("postkasse=odense%2Fx", 422),
        ("fra=x", 422),
        ("foer=x", 422),
    ] {
        assert_eq!(operator.get(&format!("/soeg?{query}")).await.status, status, "{query}");
    }
    assert!(!operator.get("/soeg?tilstand=parked").await.body.contains("/forloeb/post/1"));
    assert_eq!(own.get("/soeg?postkasse=dragoer%2Fydelse").await.status, 422, "none of hers");
    let case = own.get("/forloeb/post/1").await.body;
    let case =
        case.split_once("/forloeb/sag/").and_then(|(_, rest)| rest.split('"').next()).expect("a case").to_owned();
    assert_eq!(own.get(&format!("/forloeb/sag/{case}")).await.status, 200);
    assert_eq!(other.get(&format!("/forloeb/sag/{case}")).await.status, 403);
    let mut stranger = hub.stranger();
    for page in ["/soeg", "/revision", "/forloeb/post/1", "/forloeb/indhold"] {
        assert_eq!(stranger.get(page).await.status, 303, "{page}");
    }
}

async fn audits(auditor: &mut Visitor) {
    let page = auditor.get("/revision").await.body;
    assert!(page.contains("#1") && page.contains("sagsbehandling"), "{page}");
    assert!(!page.contains(CPR));
    let about = [("cpr", CPR), ("formaal", "aktindsigt")];
    let found = auditor.submits("/revision/borger", &about).await.body;
    for said in ["sag", "post", "Søgte efter borgeren", "Søgte, hvem der har set"] {
        assert!(found.contains(said), "{said}: {found}");
    }
    assert_eq!(auditor.submits("/revision/borger", &[("cpr", CPR)]).await.status, 422);
    let nobody = auditor.submits("/revision", &[("bruger", "ingen")]).await.body;
    assert!(nobody.contains("Her er intet"), "{nobody}");
    let did = auditor.submits("/revision", &[("log", "handlinger")]).await.body;
    assert!(did.contains("Loggede ind"), "{did}");
    let csv = auditor.submits("/revision/eksport", &[("form", "csv")]).await;
    assert!(csv.header("content-disposition").is_some() && csv.body.contains("\"sag\";\"sagsbehandling\""), "{csv:?}");
    let lines = auditor.submits("/revision/eksport", &[("form", "jsonl"), ("log", "handlinger")]).await.body;
    // Between the lines stand the lengths of the pieces in which it is sent.
    let rows = lines.lines().filter(|line| line.starts_with('{'));
    let read = rows.map(|line| serde_json::from_str::<Value>(line).expect("JSON")).collect::<Vec<_>>();
    assert!(read.iter().any(|line| line["what"] == "export"), "that it was taken stands there too: {lines}");
    assert_eq!(auditor.submits("/revision/bevis", &[]).await.status, 303);
    let proved = async || auditor.clone().get("/revision").await.body.contains("alt er, som det var").then_some(());
    wait::until("the ledger is proved", proved).await;
}

async fn calls(hub: &Hub) {
    let mut own = hub.system("fag", &["caseworker:taarnby/genoptraening"]).await;
    let mut drift = hub.system("overvaag", &["operator"]).await;
    let mut rev = hub.system("kontrol", &["auditor"]).await;
    let look = json!({"purpose": {"aim": "casework"}}).to_string();
    let seen = own.calls("POST", "/api/v1/items/1/content", &look).await;
    assert_eq!((seen.status, &seen.json()["event"]["data"]["citizen"]["cpr"]), (200, &json!(CPR)));
    for (system, path) in [(&mut own, "/api/v1/items/2/content"), (&mut drift, "/api/v1/items/1/content")] {
        let refused = system.calls("POST", path, &look).await;
        assert_eq!(refused.problem(), "forbidden");
        shows_nothing(&refused);
    }
    assert_eq!(own.calls("POST", "/api/v1/items/1/content", "{\"purpose\":{\"aim\":\"other\"}}").await.status, 422);
    assert_eq!(own.get("/api/v1/items/2/story").await.status, 403);
    assert_eq!(drift.get("/api/v1/items/1/story").await.json()["state"], "routed");
    assert_eq!(drift.get("/api/v1/search?state=parked").await.json()["items"][0]["item"], 2);
    assert_eq!(drift.get("/api/v1/search?state=gone").await.status, 400);
    let citizen = json!({"cpr": CPR, "purpose": {"aim": "casework"}}).to_string();
    assert_eq!(drift.calls("POST", "/api/v1/search/citizen", &citizen).await.problem(), "forbidden");
    assert_eq!(own.calls("POST", "/api/v1/search/citizen", &citizen).await.json()["items"][0]["item"], 1);
    assert_eq!(own.calls("POST", "/api/v1/search/id", "{\"id\":\"BX1\"}").await.json()["items"][0]["item"], 1);
    assert_eq!(drift.get("/api/v1/audit/looks").await.problem(), "forbidden");
    let looks = rev.calls("POST", "/api/v1/audit/looks/citizen", &citizen).await.json();
    let users = looks["looks"].as_array().expect("looks").iter().filter(|it| it["user"] == "system:fag").count();
    assert_eq!(users, 2, "a look and a search: {looks}");
    assert_eq!(rev.get("/api/v1/audit/chain").await.json()["last_proof"]["user"], "rev");
}
