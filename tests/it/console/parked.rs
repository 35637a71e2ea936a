//! What is parked, through a hub that runs: lists as they were shown, whoever comes between.

use budstikke_testkit::plans::{Message, Plan};
use serde_json::json;

use super::browser::Browser;
use super::{Hub, PASSWORD};
use crate::post::{EVENT, Post, XML};
use crate::wait;

/// More than are worked through before the hub is killed.
const MANY: usize = 60;

/// A group of letters that are no XML.
const GROUP: [(&str, &str); 3] = [("art", "item"), ("kode", "XML_MALFORMED"), ("sted", "rehab-plan")];

const GROUP_PAGE: &str = "/parkeret/gruppe?art=item&kode=XML_MALFORMED&sted=rehab-plan&vej=";

async fn park(hub: &Hub, numbers: impl Iterator<Item = usize>, in_all: usize) {
    let post = Post::at(hub.vhost.address()).await;
    for number in numbers {
        post.send("rehab-plan", XML, format!("<no plan {number} 120499-9993").as_bytes()).await;
    }
    let there = async || {
        let counts = hub.does(&["parked", "list", "--json"]).await;
        (counts.matches("XML_MALFORMED").count() >= in_all * 2).then_some(())
    };
    wait::until("all is parked", there).await;
}

async fn signs_in_again(hub: &Hub, user: &str) -> Browser {
    let mut browser = hub.stranger();
    assert_eq!(browser.signs_in(user, PASSWORD, "/").await.status, 303);
    browser
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_done_once_as_it_was_shown_though_the_hub_is_killed() {
    let mut hub = Hub::new().await;
    park(&hub, 0..MANY, MANY).await;
    let (mut ida, mut bo) = (hub.visitor("ida", &["operator"]).await, hub.visitor("bo", &["operator"]).await);
    let groups = ida.get("/parkeret").await.body;
    assert!(groups.contains("XML_MALFORMED") && groups.contains("60 beskeder"), "{groups}");
    let page = ida.get(GROUP_PAGE).await.body;
    assert!(page.contains("efter=50") && !page.contains("120499"), "{page}");

    let wanted: Vec<(&str, &str)> = GROUP.into_iter().chain([("handling", "discard"), ("alle", "ja")]).collect();
    let made = ida.submits("/parkeret/liste", &wanted).await;
    assert_eq!((made.status, made.header("location")), (303, Some("/parkeret/liste/1")), "{made:?}");
    park(&hub, [MANY].into_iter(), MANY + 1).await;
    let shown = ida.get("/parkeret/liste/1").await;
    assert!(shown.body.contains("60 linjer"), "{shown:?}");
    let hash = shown.hidden("kontrol");
    let silent = ida.submits("/parkeret/liste/1", &[("skridt", "begynd"), ("kontrol", &hash)]).await;
    assert!(silent.status == 422 && silent.body.contains("skriv hvorfor"), "{silent:?}");
    let begin = [("skridt", "begynd"), ("kontrol", hash.as_str()), ("grund", "sendt på ny af sygehuset")];
    let (one, other) = tokio::join!(ida.submits("/parkeret/liste/1", &begin), bo.submits("/parkeret/liste/1", &begin));
    let mut both = [one.status, other.status];
    both.sort_unstable();
    assert_eq!(both, [303, 422], "of two at once one has begun it: {one:?} {other:?}");
    let second = if one.status == 422 { one } else { other };
    assert!(second.body.contains("allerede sat i gang af"), "{second:?}");

    // It dies in the middle, and goes on.
    hub.running.kill().await;
    hub.running = hub.program.start().await;
    let mut ida = signs_in_again(&hub, "ida").await;
    let mut live = ida.watches("/parkeret/liste/1/live?efter=-1").await.expect("it is open");
    assert!(live.says("60 linjer, færdig").await);
    let report = ida.get("/parkeret/liste/1").await.body;
    assert_eq!(report.matches("udført: kasseret").count(), MANY, "{report}");
    let again = ida.submits("/parkeret/liste/1", &begin).await;
    assert_eq!(again.status, 422, "and it is not begun twice");
    assert!(ida.get("/parkeret").await.body.contains("1 besked"), "what was parked later is untouched");
    hub.running.stop().await;
    let proof = hub.program.proof().await;
    assert_eq!((&proof["parked"], &proof["discarded"]), (&json!(1), &json!(MANY)), "{proof}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_stops_where_the_right_of_whoever_began_it_is_taken_away() {
    let hub = Hub::new().await;
    park(&hub, 0..160, 160).await;
    let mut ida = hub.visitor("ida", &["operator"]).await;
    let wanted: Vec<(&str, &str)> = GROUP.into_iter().chain([("handling", "discard"), ("alle", "ja")]).collect();
    assert_eq!(ida.submits("/parkeret/liste", &wanted).await.status, 303);
    let hash = ida.get("/parkeret/liste/1").await.hidden("kontrol");
    let begin = [("skridt", "begynd"), ("kontrol", hash.as_str()), ("grund", "prøve")];
    assert_eq!(ida.submits("/parkeret/liste/1", &begin).await.status, 303);
    hub.does(&["user", "add", "ida", "--name", "Ida", "--role", "auditor"]).await;
    let mut bo = hub.visitor("bo", &["operator"]).await;
    let held = wait::until("it is held", async || {
        let page = bo.clone().get("/parkeret/liste/1").await.body;
        page.contains("har ikke længere retten til det").then_some(page)
    });
    let held = held.await;
    assert!(held.contains("linjer, på pause") && held.contains("Fortsæt"), "{held}");
    let mut system = hub.system("vagt", &["operator"]).await;
    let list = system.get("/api/v1/parked/lists/1").await.json()["list"].clone();
    assert_eq!((&list["state"], list["held"].is_string()), (&json!("paused"), true), "{list}");
    assert_eq!(bo.submits("/parkeret/liste/1", &[("skridt", "videre")]).await.status, 303);
    let done = wait::until("it goes on in another's name", async || {
        let page = bo.clone().get("/parkeret/liste/1").await.body;
        page.contains("linjer, færdig").then_some(page)
    });
    let done = done.await;
    assert!(done.contains("<dt>Kører for</dt><dd>bo</dd>") && !done.contains("længere retten"), "{done}");
    hub.running.stop().await;
    hub.program.proof().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_role_does_with_what_is_parked_what_it_may_by_page_and_by_call() {
    let hub = Hub::new().await;
    park(&hub, 0..3, 3).await;
    let things = json!({"act": "resend", "things": ["#1", "#2"]}).to_string();
    for (user, roles, sees, acts) in [
        ("ingen", vec![], false, false),
        ("sag", vec!["caseworker:dragoer/ydelse"], false, false),
        ("revisor", vec!["auditor"], false, false),
        ("post", vec!["postmaster"], true, false),
        ("drift", vec!["operator"], true, true),
    ] {
        let mut visitor = hub.visitor(user, &roles).await;
        for page in ["/parkeret", GROUP_PAGE, "/parkeret/besked/1"] {
            let answer = visitor.get(page).await;
            assert_eq!(answer.status, if sees { 200 } else { 403 }, "{user} {page}");
            assert!(!answer.body.contains("120499"), "{user} {page}");
        }
        assert_eq!(visitor.watches("/parkeret/live").await.is_some(), sees, "{user}");
        let made = visitor.submits("/parkeret/liste", &[("handling", "resend"), ("valg", "item:1")]).await;
        assert_eq!(made.status, if acts { 303 } else { 403 }, "{user}: {made:?}");
        let act = [("ting", "item:2"), ("handling", "pass"), ("stand", "1")];
        let done = visitor.submits("/parkeret/handling", &act).await;
        assert_eq!(done.status, if acts { 422 } else { 403 }, "{user}: {done:?}");
        if roles.is_empty() {
            continue;
        }
        let mut system = hub.system(user, &roles).await;
        for call in ["/api/v1/parked/groups", "/api/v1/parked/lists", "/api/v1/parked/items/1"] {
            assert_eq!(system.get(call).await.status, if sees { 200 } else { 403 }, "{user} {call}");
        }
        let made = system.calls("POST", "/api/v1/parked/lists", &things).await;
        assert_eq!(made.status, if acts { 200 } else { 403 }, "{user}: {made:?}");
    }
    acts_by_call(&hub).await;
    hub.running.stop().await;
    let proof = hub.program.proof().await;
    assert_eq!((&proof["parked"], &proof["discarded"]), (&json!(1), &json!(2)), "{proof}");
}

/// All that a system can do, and what it is told where it cannot.
async fn acts_by_call(hub: &Hub) {
    let mut drift = hub.system("drift2", &["operator"]).await;
    let groups = drift.get("/api/v1/parked/groups").await.json();
    assert_eq!((&groups["groups"][0]["code"], &groups["groups"][0]["count"]), (&json!("XML_MALFORMED"), &json!(3)));
    let thing = drift.get("/api/v1/parked/items/1").await.json();
    let act = |act: &str, reason: &str| {
        json!({"id": "#1", "stands": thing["stands"], "act": act, "reason": reason}).to_string()
    };
    for (body, status) in [
        (act("discard", ""), 422),
        (act("discard", "om 120499-9993"), 422),
        (act("pass", "x"), 422),
        (act("burn", "x"), 400),
        (json!({"id": "#99", "stands": 1, "act": "discard", "reason": "x"}).to_string(), 404),
        (json!({"id": "#1", "stands": 1, "act": "discard", "reason": "x"}).to_string(), 409),
    ] {
        let answer = drift.calls("POST", "/api/v1/parked/acts", &body).await;
        assert_eq!(answer.status, status, "{body}: {answer:?}");
        assert!(!answer.body.contains("120499"), "{answer:?}");
    }
    let again = drift.calls("POST", "/api/v1/parked/acts", &act("resend", "")).await.json();
    assert_eq!((&again["state"], &again["code"]), (&json!("parked"), &json!("XML_MALFORMED")));
    let stale = drift.calls("POST", "/api/v1/parked/acts", &act("discard", "prøve")).await;
    assert_eq!(stale.problem(), "stale", "it is parked anew");

    let sent = json!({"act": "discard", "things": ["#1", "#2"]}).to_string();
    let made = drift.calls("POST", "/api/v1/parked/lists", &sent).await.json();
    let number = made["list"]["number"].as_i64().expect("a number");
    let place = format!("/api/v1/parked/lists/{number}");
    let wrong = json!({"hash": "0".repeat(64), "reason": "prøve"}).to_string();
    assert_eq!(drift.calls("POST", &format!("{place}/confirm"), &wrong).await.status, 422);
    let right = json!({"hash": made["list"]["hash"], "reason": "prøve"}).to_string();
    assert_eq!(drift.calls("POST", &format!("{place}/confirm"), &right).await.json()["state"], "running");
    let done = async || Some(drift.clone().get(&place).await.json()).filter(|it| it["list"]["state"] == "done");
    let report = wait::until("the list is done", done).await;
    assert_eq!(report["lines"].as_array().expect("lines").len(), 2);
    assert!(report["lines"].as_array().expect("lines").iter().all(|line| line["ending"] == "done"), "{report}");
    assert_eq!(drift.calls("POST", &format!("{place}/stop"), "{}").await.status, 422, "it is over");
}

/// An event with a member that its schema does not know, and as it should be.
fn spoiled_and_mended() -> (String, String) {
    let sample = std::fs::read_to_string("deploy/samples/17-training-2021-08-31.json").expect("a sample");
    let mended: serde_json::Value = serde_json::from_str(&sample).expect("JSON");
    let mut spoiled = mended.clone();
    spoiled["data"]["ukendt"] = json!("120499-9993");
    let text = |value: &serde_json::Value| serde_json::to_string_pretty(value).expect("JSON");
    (text(&spoiled), text(&mended))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_corrected_by_one_and_approved_by_another() {
    let hub = Hub::new().await;
    let (spoiled, mended) = spoiled_and_mended();
    Post::at(hub.vhost.address()).await.send("events", EVENT, spoiled.as_bytes()).await;
    let parked = async || hub.does(&["parked", "list"]).await.contains("EVENT_SCHEMA").then_some(());
    wait::until("it is parked", parked).await;
    let looks = [("formaal", "fejlsøgning")];
    for (user, roles) in [("drift", vec!["operator"]), ("sag", vec!["caseworker:taarnby/genoptraening"])] {
        let mut visitor = hub.visitor(user, &roles).await;
        assert_eq!(visitor.get("/parkeret/besked/1/ret").await.status, 403, "{user}");
        for form in ["/parkeret/besked/1/ret", "/parkeret/besked/1/ret/gem", "/parkeret/rettelse/1"] {
            let answer = visitor.submits(form, &[looks[0], ("tekst", &mended), ("grund", "x")]).await;
            assert_eq!(answer.status, 403, "{user} {form}");
        }
        let mut system = hub.system(user, &roles).await;
        let look = json!({"purpose": {"aim": "troubleshooting"}}).to_string();
        assert_eq!(system.calls("POST", "/api/v1/parked/items/1/look", &look).await.status, 403, "{user}");
    }
    let (mut pia, mut per) = (hub.visitor("pia", &["postmaster"]).await, hub.visitor("per", &["postmaster"]).await);
    let silent = pia.submits("/parkeret/besked/1/ret", &[]).await;
    assert!(silent.status == 422 && !silent.body.contains("120499"), "nothing without a purpose: {silent:?}");
    let opened = pia.submits("/parkeret/besked/1/ret", &looks).await;
    assert!(opened.status == 200 && opened.body.contains("ukendt"), "{opened:?}");
    let save = "/parkeret/besked/1/ret/gem";
    let markup = format!("{mended}</textarea><script>alert(1)</script>");
    let broken = pia.submits(save, &[("tekst", &markup), ("grund", "efter aftale")]).await;
    assert!(broken.status == 422 && broken.body.contains("EVENT_NOT_JSON"), "{broken:?}");
    assert!(!broken.body.contains("<script>alert"), "what was written comes out as text: {broken:?}");
    // As a browser sends it.
    let sent = mended.replace('\n', "\r\n");
    let saved = pia.submits(save, &[("tekst", &sent), ("grund", "efter aftale med CURA")]).await;
    assert_eq!(saved.header("location"), Some("/parkeret/besked/1?svar=rettet"), "{saved:?}");
    let approve = [("svar", "godkend")];
    assert_eq!(pia.submits("/parkeret/rettelse/1/afgoer", &approve).await.status, 422, "not her own");
    let shown = per.submits("/parkeret/rettelse/1", &looks).await;
    assert!(shown.body.contains("− ") && shown.body.contains("ukendt"), "{shown:?}");
    let mut again = per.clone();
    let (one, other) = tokio::join!(
        per.submits("/parkeret/rettelse/1/afgoer", &approve),
        again.submits("/parkeret/rettelse/1/afgoer", &approve)
    );
    let mut both = [one.status, other.status];
    both.sort_unstable();
    assert_eq!(both, [303, 422], "a double click approves once: {one:?} {other:?}");
    let story = hub.does(&["trace", "#1"]).await;
    assert!(story.contains("edited    by pia") && story.contains("approved by per"), "{story}");
    assert!(per.get("/parkeret/besked/1").await.body.contains("gælder"));
    nobody_opens_what_is_decided(&hub, &mut per).await;
    hub.running.stop().await;
    let proof = hub.program.proof().await;
    assert_eq!((&proof["routed"], &proof["parked"]), (&json!(1), &json!(0)), "{proof}");
}

/// What was corrected is in its mailbox now: whoever corrects what is in none sees it no more.
async fn nobody_opens_what_is_decided(hub: &Hub, per: &mut Browser) {
    let shown = per.submits("/parkeret/rettelse/1", &[("formaal", "fejlsøgning")]).await;
    assert!(shown.status == 403 && !shown.body.contains("ukendt"), "{shown:?}");
    let asked = per.get("/parkeret/rettelse/1").await;
    assert_eq!((asked.status, asked.header("location")), (303, Some("/parkeret/besked/1")), "{asked:?}");
    let look = json!({"purpose": {"aim": "troubleshooting"}}).to_string();
    let mut both = hub.system("begge", &["postmaster", "caseworker:taarnby/genoptraening"]).await;
    let answer = both.calls("POST", "/api/v1/parked/edits/1/look", &look).await;
    assert!(answer.problem() == "forbidden" && !answer.body.contains("ukendt"), "{answer:?}");
    let revision = hub.visitor("revisor", &["auditor"]).await.get("/revision").await.body;
    assert_eq!(revision.matches("(rettelse 1)").count(), 1, "the look of who decided, and no other: {revision}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_corrects_is_told_that_the_sender_was_answered_after_a_refusal_too() {
    let hub = Hub::new().await;
    let plan = Message::new("K000001").plan(Plan::ggop("B000001").municipality("461")).bytes();
    Post::at(hub.vhost.address()).await.send("rehab-plan", XML, &plan).await;
    let parked = async || hub.does(&["parked", "list"]).await.contains("OUTSIDE_AGREEMENT").then_some(());
    wait::until("it is parked", parked).await;
    let mut pia = hub.visitor("pia", &["postmaster"]).await;
    let answered = "Afsenderen har allerede fået svar";
    assert!(pia.get("/parkeret/besked/1/ret").await.body.contains(answered));
    let opened = pia.submits("/parkeret/besked/1/ret", &[("formaal", "fejlsøgning")]).await;
    assert!(opened.status == 200 && opened.body.contains(answered), "{opened:?}");
    let wrong = [("tekst", "<ingen plan"), ("grund", "efter aftale med sygehuset")];
    let refused = pia.submits("/parkeret/besked/1/ret/gem", &wrong).await;
    assert!(refused.status == 422 && refused.body.contains("XML_MALFORMED"), "{refused:?}");
    assert!(refused.body.contains(answered), "{refused:?}");
    for page in ["/parkeret/besked/7/ret", "/parkeret/rettelse/7"] {
        assert_eq!(pia.get(page).await.status, 404, "{page}");
    }
    assert_eq!(pia.submits("/parkeret/besked/7/ret", &[("formaal", "fejlsøgning")]).await.status, 404);
    assert_eq!(pia.submits("/parkeret/besked/7/ret/gem", &wrong).await.status, 404);
    hub.running.stop().await;
}
