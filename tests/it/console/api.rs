//! The API as systems see it: who gets in, and how it says no.

use super::browser::Answer;
use super::{Hub, PASSWORD};

fn said(answer: &Answer) -> (u16, String) {
    (answer.status, answer.problem())
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_token_that_is_good_lets_in() {
    let hub = Hub::new().await;
    let mut visitor = hub.visitor("ida", &["operator"]).await;
    let places =
        ["/api/v1/status", "/api/v1/pauses", "/api/v1/openapi.json", "/api/v1/nowhere", "/api/v2", "/api", "/api/"];
    for place in places {
        let by_cookie = visitor.get(place).await;
        assert_eq!(said(&by_cookie), (401, "no-token".to_owned()), "{place}: a cookie counts for nothing");
        assert_eq!(by_cookie.header("www-authenticate"), Some("Bearer"));
        for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"] {
            assert_eq!(hub.stranger().calls(method, place, "").await.status, 401, "{method} {place}");
        }
    }
    let mut system = hub.system("drift", &["operator"]).await;
    assert_eq!(system.get("/api/v1/pauses").await.json(), serde_json::json!({"targets": []}));
    for wrong in ["Basic aWRhOmVuIGxhbmcga29kZQ==", "Bearer", "Bearer x", &format!("Bearer {}", "A".repeat(43))] {
        let answer = hub.stranger().saying("authorization", wrong).get("/api/v1/pauses").await;
        assert_eq!(said(&answer), (401, "no-token".to_owned()), "{wrong}");
    }
    assert_eq!(hub.stranger().saying("host", "evil.example").get("/api/v1/pauses").await.problem(), "elsewhere");

    // A new token ends the one before, and one that is taken away is good for nothing.
    let mut newer = hub.system("drift", &["operator"]).await;
    assert_eq!((system.get("/api/v1/pauses").await.status, newer.get("/api/v1/pauses").await.status), (401, 200));
    let list = hub.does(&["token", "list"]).await;
    assert!(list.starts_with("drift  until 20") && list.trim().ends_with("operator"), "{list}");
    let listed: serde_json::Value = serde_json::from_str(&hub.does(&["token", "list", "--json"]).await).expect("JSON");
    assert!(listed[0]["seen"].is_string(), "it is seen that it is in use: {listed}");
    assert_eq!(hub.does(&["token", "remove", "drift"]).await.trim(), "drift: removed");
    assert_eq!(newer.get("/api/v1/pauses").await.status, 401);
    assert_eq!(hub.does(&["token", "list"]).await, "");
    hub.running.stop().await;
    hub.program.proof().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_no_is_a_problem_that_quotes_nothing() {
    let hub = Hub::new().await;
    let mut drift = hub.system("drift", &["operator"]).await;
    let mut sender = hub.system("cura", &["sender:cura"]).await;
    for (method, path, body, status, kind) in [
        ("GET", "/api/v1/nowhere", "", 404, "not-found"),
        ("GET", "/api/v3", "", 404, "not-found"),
        ("PUT", "/api/v1/pauses", "{}", 405, "method"),
        ("POST", "/api/v1/status", "{}", 405, "method"),
        ("POST", "/api/v1/pauses", "{\"target\": \"120499-9993\"", 400, "unreadable"),
        ("POST", "/api/v1/pauses", "{\"target\": 1204999993}", 422, "misfit"),
        ("POST", "/api/v1/pauses", "{\"target\": \"cura\", \"x\": \"120499-9993\"}", 422, "misfit"),
        ("POST", "/api/v1/pauses", "{\"target\": \"120499-9993\"}", 422, "refused"),
        ("DELETE", "/api/v1/pauses", "", 400, "unreadable"),
        ("DELETE", "/api/v1/pauses?target=nothing", "", 422, "refused"),
    ] {
        let answer = drift.calls(method, path, body).await;
        assert_eq!(said(&answer), (status, kind.to_owned()), "{method} {path} {body}");
        assert!(!answer.body.contains("120499") && !answer.body.contains("9993"), "{answer:?}");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
    let allowed = drift.calls("PUT", "/api/v1/status", "{}").await;
    assert!(allowed.header("allow").is_some_and(|it| it.contains("GET")), "{allowed:?}");
    let form = drift.post("/api/v1/pauses", &[("target", "cura")]).await;
    assert_eq!(said(&form), (415, "no-json".to_owned()), "a form of a page is no call");
    let huge = format!("{{\"target\": \"{}\"}}", "x".repeat(100_000));
    assert_eq!(said(&drift.calls("POST", "/api/v1/pauses", &huge).await), (413, "too-large".to_owned()));
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    assert_eq!(said(&drift.calls("POST", "/api/v1/pauses", &deep).await).0, 422);

    for (method, path, body) in [
        ("GET", "/api/v1/status", ""),
        ("GET", "/api/v1/pauses", ""),
        ("POST", "/api/v1/pauses", "{\"target\": \"cura\"}"),
        ("DELETE", "/api/v1/pauses?target=cura", ""),
    ] {
        let answer = sender.calls(method, path, body).await;
        assert_eq!(said(&answer), (403, "forbidden".to_owned()), "{method} {path}");
    }
    assert_eq!(sender.get("/api/v1/openapi.json").await.json()["openapi"], "3.1.0");

    // Said twice it is so once; and who did it is a system and no person.
    for _time in 0..2 {
        let paused = drift.calls("POST", "/api/v1/pauses", "{\"target\": \"cura\"}").await;
        assert_eq!((paused.status, paused.json()), (200, serde_json::json!({"targets": ["cura"]})));
    }
    let page = hub.visitor("ida", &["operator"]).await.get("/drift").await.body;
    assert!(page.contains("system:drift"), "{page}");
    assert_eq!(drift.calls("DELETE", "/api/v1/pauses?target=cura", "").await.json()["targets"], serde_json::json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_token_is_refused_and_said_why() {
    let hub = Hub::new().await;
    for (arguments, why) in [
        (vec!["cura"], "--role"),
        (vec!["Cura", "--role", "operator"], "lower-case letters"),
        (vec!["cura", "--role", "root"], "a role is"),
        (vec!["cura", "--role", "sender:nothing"], "there is no such source"),
        (vec!["cura", "--role", "caseworker:dragoer/nothing"], "there is no such mailbox"),
        (vec!["cura", "--role", "operator", "--days", "0"], "--days"),
        (vec!["cura", "--role", "operator", "--days", "9999"], "--days"),
    ] {
        let said = hub.program.say(&[&["token", "add"], arguments.as_slice()].concat()).await;
        assert_eq!(said.code, Some(64), "{said:?}");
        assert!(said.err.contains(why), "{said:?}");
    }
    let made =
        hub.program.say(&["token", "add", "cura", "--role", "sender:cura", "--days", "30", "--json"]).await.json();
    assert_eq!((&made["system"], &made["roles"]), (&"cura".into(), &serde_json::json!(["sender:cura"])));
    let token = made["token"].as_str().expect("a token").to_owned();
    let listed = hub.does(&["token", "list", "--json"]).await;
    assert!(listed.contains("sender:cura") && !listed.contains(&token), "it is shown once: {listed}");
    let mut system = hub.stranger().saying("authorization", &format!("bearer {token}"));
    assert_eq!(system.get("/api/v1/status").await.status, 403, "it is known, and may not");
    assert!(!hub.program.log().contains(&token) && !hub.program.log().contains(PASSWORD));
}
