//! Grants and contracts: shown to their negotiator for a purpose, each event a look, and to nobody else.

use serde_json::{Value, json};

use super::Hub;
use super::browser::Browser;
use crate::post::{EVENT, Post};
use crate::wait;

const CPR: &str = "2512489996";

fn event(number: u32, kind: &str, case: u32, data: &Value) -> Vec<u8> {
    let mut data = data.clone();
    data["citizen"] = json!({"cpr": CPR, "name": {"given": "Nancy <b>Ann</b> Test", "family": "Berggren"}});
    let event = json!({
        "specversion": "1.0", "id": format!("g-{number}"), "source": "/taarnby/cura", "time": "2026-11-20T10:00:00Z",
        "type": format!("dk.budstikke.{kind}.v1"), "law": "SEL § 107", "residence": "155",
        "subject": format!("adult-5d1a3c52-6a0e-5f6b-9d0c-{case:012}"), "data": data,
    });
    event.to_string().into_bytes()
}

/// Asks for a list, for casework.
async fn list(visitor: &mut Browser, fields: &[(&str, &str)]) -> (u16, String) {
    let all: Vec<(&str, &str)> = [("formaal", "sagsbehandling")].into_iter().chain(fields.iter().copied()).collect();
    let answer = visitor.submits("/bevillinger", &all).await;
    (answer.status, answer.body)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_negotiator_sees_grants_for_a_purpose_and_each_look_is_kept() {
    let hub = Hub::new().await;
    let post = Post::at(hub.vhost.address()).await;
    let period = json!({"from": "2026-01-01", "to": "2099-12-31"});
    let granted = |provider: &str| {
        json!({"decision": "bevilget", "service": {"name": "Midlertidigt botilbud"}, "period": period,
            "provider": {"name": provider}})
    };
    post.send("events", EVENT, &event(1, "adult.grant.decided", 1, &granted("Prøvebakken"))).await;
    post.send("events", EVENT, &event(2, "adult.grant.decided", 2, &granted("<script>Havblik</script>"))).await;
    let signed = json!({"signed": "2026-11-01", "provider": {"name": "Prøvebakken"}, "period": period});
    post.send(
        "events",
        EVENT,
        &event(
            3,
            "contract.needed",
            1,
            &json!({"service": {"name": "Botilbud"},
        "period": period, "occasion": "ny bevilling"}),
        ),
    )
    .await;
    post.send("events", EVENT, &event(4, "contract.signed", 1, &signed)).await;

    let mut kim = hub.visitor("kim", &["caseworker:dragoer/kontrakt"]).await;
    let form = kim.get("/bevillinger").await;
    assert!(form.status == 200 && !form.body.contains("Berggren"), "nothing is shown before it is said what for");
    let signed_and_missing = async || {
        let (status, body) = list(&mut kim.clone(), &[]).await;
        assert_eq!(status, 200, "{body}");
        (body.contains("underskrevet</span>") && body.contains("mangler</span>")).then_some(body)
    };
    let shown = wait::until("both grants are shown", signed_and_missing).await;
    is_chosen(&mut kim, &shown).await;
    others(&hub).await;
    calls(&hub).await;
    let log = hub.program.log();
    assert!(!log.contains(CPR) && !log.contains("Berggren"), "nothing of it is logged");
    let report = hub.program.say(&["verify", "--json"]).await.json();
    assert_eq!((report["chain"].clone(), report["balanced"].clone()), (json!("ok"), json!(true)));
}

async fn is_chosen(kim: &mut Browser, shown: &str) {
    for part in ["Nancy &#60;b&#62;Ann&#60;/b&#62; Test Berggren", "251248-9996", "Prøvebakken", "2 bevillinger"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(!shown.contains("<script>Havblik") && !shown.contains("<b>Ann"), "what is written is text");
    for (field, value, one, other) in [
        ("leverandoer", "prøve", "Prøvebakken", "Havblik"),
        ("kontrakt", "missing", "Havblik", "Prøvebakken"),
        ("kontrakt", "signed", "Prøvebakken", "Havblik"),
    ] {
        let (_, body) = list(kim, &[(field, value)]).await;
        assert!(body.contains("1 bevilling<") && body.contains(one) && !body.contains(other), "{field}: {body}");
    }
    for fields in [[("cpr", "251248-9996"), ("liste", "107-108")], [("fra", "2030-01-01"), ("lov", "SEL § 107")]] {
        assert!(list(kim, &fields).await.1.contains("2 bevillinger"), "{fields:?}");
    }
    for fields in [
        [("cpr", "0101010000"), ("liste", "")],
        [("lov", "SEL § 85"), ("til", "")],
        [("side", "7"), ("til", "2020-01-01")],
    ] {
        assert!(list(kim, &fields).await.1.contains("Ingen bevillinger passer"), "{fields:?}");
    }
    for wrong in [("cpr", "2512"), ("lov", "x"), ("fra", "x"), ("kontrakt", "x"), ("liste", "x"), ("bevilling", "x")] {
        let (status, body) = list(kim, &[wrong]).await;
        assert!(status == 422 && body.contains("Intet er vist"), "{wrong:?}: {body}");
    }
    assert_eq!(kim.submits("/bevillinger", &[]).await.status, 422, "it is said what for");
    assert_eq!(kim.submits("/bevillinger", &[("formaal", "andet"), ("uddybning", CPR)]).await.status, 422);
}

/// Nobody else, and not what another's mailbox has.
async fn others(hub: &Hub) {
    for (user, roles) in [
        ("drift", "operator"),
        ("leder", "leader:dragoer"),
        ("revisor", "auditor"),
        ("post", "postmaster"),
        ("ydelse", "caseworker:dragoer/ydelse"),
    ] {
        let mut other = hub.visitor(user, &[roles]).await;
        assert_eq!(other.get("/bevillinger").await.status, 403, "{user}");
        assert_eq!(list(&mut other, &[("postkasse", "dragoer/kontrakt")]).await.0, 403, "{user}");
    }
    let mut theirs = hub.visitor("tim", &["caseworker:taarnby/kontrakt"]).await;
    assert!(list(&mut theirs, &[]).await.1.contains("Ingen bevillinger passer"));
    assert_eq!(list(&mut theirs, &[("postkasse", "dragoer/kontrakt")]).await.0, 403);
    assert_eq!(hub.stranger().get("/bevillinger").await.status, 303);
}

/// The same by a call.
async fn calls(hub: &Hub) {
    let ask =
        |mailbox: &str| json!({"mailbox": mailbox, "purpose": {"aim": "casework"}, "contract": "signed"}).to_string();
    let mut system = hub.system("esdh", &["caseworker:dragoer/kontrakt"]).await;
    let answer = system.calls("POST", "/api/v1/grants", &ask("dragoer/kontrakt")).await;
    assert_eq!((answer.status, answer.json()["grants"][0]["contract"].clone()), (200, json!("signed")), "{answer:?}");
    assert_eq!(system.calls("POST", "/api/v1/grants", &ask("taarnby/kontrakt")).await.status, 403);
    let aimless = json!({"mailbox": "dragoer/kontrakt"}).to_string();
    assert_eq!(system.calls("POST", "/api/v1/grants", &aimless).await.problem(), "misfit");
    let wrong = json!({"mailbox": "dragoer/kontrakt", "purpose": {"aim": "casework"}, "citizen": "x"}).to_string();
    assert_eq!(system.calls("POST", "/api/v1/grants", &wrong).await.problem(), "refused");
    let mut operator = hub.system("drift2", &["operator"]).await;
    assert_eq!(operator.calls("POST", "/api/v1/grants", &ask("dragoer/kontrakt")).await.problem(), "forbidden");
}
