//! Signing in by the municipality's own sign-in, against a real OpenID provider that can be told to
//! be down and to answer wrongly (`tests/tools/openid-provider.mjs`).

use serde_json::{Value, json};

use super::browser::{Answer, Browser};
use super::{Hub, inbox};
use crate::post::{JSON, Post};
use crate::provider::Provider;
use crate::wait;

/// What may stand in no log.
const NUMBER: &str = "2512489996";

impl Provider {
    /// A hub that takes its word.
    async fn hub(&self, local: &str) -> Hub {
        self.hub_with(local, &[]).await
    }

    /// The same, with more that is set.
    async fn hub_with(&self, local: &str, more: &[(&str, &str)]) -> Hub {
        let own = self.settings();
        let own = own.iter().map(|(name, value)| (*name, value.as_str()));
        let own = [("CONSOLE__LOCAL", local)].into_iter().chain(own);
        let settings: Vec<(&str, &str)> = own.chain(more.iter().copied()).collect();
        let hub = Hub::with(&settings).await;
        self.is_told(json!({"console": hub.running.ready["console"]})).await;
        hub
    }

    /// Where the browser is sent back to, once whoever it is has signed in there.
    async fn sends_back(&self, there: &str) -> String {
        let went = self.is_told(json!({"visit": there})).await;
        let sent = went["sent"].as_str().unwrap_or_else(|| panic!("{went}"));
        let path =
            sent.strip_prefix("http://").and_then(|rest| rest.split_once('/')).map(|(_, path)| format!("/{path}"));
        path.expect("an address of the console")
    }

    /// The path that a browser comes back by.
    async fn way_back(&self, browser: &mut Browser) -> String {
        let going = browser.get("/log-ind/openid?til=%2Fdrift").await;
        assert_eq!(going.status, 303, "{going:?}");
        self.sends_back(going.header("location").expect("a place")).await
    }

    /// Signs somebody in.
    async fn signs_in(&self, hub: &Hub, account: Value) -> (Browser, Answer) {
        self.is_told(json!({"account": account})).await;
        let mut browser = hub.stranger();
        let back = self.way_back(&mut browser).await;
        let answer = browser.get(&back).await;
        (browser, answer)
    }
}

fn ida(groups: &[&str]) -> Value {
    json!({"sub": "4f2c", "preferred_username": "ida", "name": "Ida <i>Test</i>", "groups": groups})
}

/// Nobody has come in by that answer.
fn is_refused(answer: &Answer, why: &str) {
    assert_eq!(answer.status, 422, "{why}: {answer:?}");
    assert!(answer.body.contains("role=\"alert\"") && answer.body.contains("Log ind med"), "{why}: {}", answer.body);
    let set: Vec<&str> = answer.all("set-cookie").collect();
    assert!(set.len() == 1 && set[0].starts_with("budstikke-openid=;"), "{why}: the attempt is over: {set:?}");
}

/// So often somebody came in by the provider, or did not.
async fn are_counted(hub: &Hub, times: [(&str, u32); 2]) {
    let counted = hub.running.get("/metrics").await;
    for (outcome, times) in times {
        let line = format!("budstikke_sign_ins_total{{by=\"openid\",outcome=\"{outcome}\"}} {times}\n");
        assert!(counted.contains(&line), "{line}: {counted}");
    }
}

/// The code by which somebody came back stands in no line of the log.
fn logs_no_code(hub: &Hub, back: &str) {
    let log = hub.program.log();
    let code = back.split_once("code=").and_then(|(_, rest)| rest.split('&').next()).expect("a code");
    assert!(!log.is_empty() && !log.contains("code=") && !log.contains(code), "no code stands in the log: {log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_signs_in_there_may_here_what_their_groups_may() {
    let provider = Provider::start().await;
    provider.is_told(json!({"down": true, "account": ida(&["drift"])})).await;
    let hub = provider.hub("true").await;

    // It is down: that is said, and nobody else is harmed.
    let mut browser = hub.stranger();
    let down = browser.get("/log-ind/openid").await;
    assert_eq!((down.status, down.header("set-cookie")), (503, None), "{down:?}");
    assert!(down.body.contains("svarer ikke lige nu"), "{}", down.body);
    let page = browser.get("/log-ind").await.body;
    assert!(page.contains("Log ind med Dragør &#60;b&#62;Kommune") && page.contains("name=\"kode\""), "{page}");
    let mut own = hub.visitor("bo", &["operator"]).await;
    assert_eq!(own.get("/drift").await.status, 200);

    // It is up again, and somebody signs in.
    provider.is_told(json!({"down": false})).await;
    let up = async || (hub.stranger().get("/log-ind/openid").await.status == 303).then_some(());
    wait::until("it is noticed", up).await;
    let going = browser.get("/log-ind/openid?til=%2Fdrift").await;
    let set = going.header("set-cookie").expect("a cookie").to_owned();
    for part in ["budstikke-openid=", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=600"] {
        assert!(set.contains(part), "{part}: {set}");
    }
    let there = going.header("location").expect("a place").to_owned();
    for part in ["code_challenge_method=S256", "response_type=code", "state=", "nonce=", "scope=openid+profile"] {
        assert!(there.contains(part), "{part}: {there}");
    }
    let back = provider.sends_back(&there).await;
    let before = browser.clone();
    let came = browser.get(&back).await;
    assert_eq!((came.status, came.header("location")), (303, Some("/drift")), "{came:?}");
    let page = browser.get("/drift").await;
    assert!(page.status == 200 && page.body.contains("Ida &#60;i&#62;Test"), "{page:?}");
    logs_no_code(&hub, &back);

    // The same answer counts once, and only in the browser that went.
    is_refused(&before.clone().get(&back).await, "the code has been used");
    let elsewhere = hub.stranger().get(&back).await;
    assert_eq!(elsewhere.status, 422, "{elsewhere:?}");
    are_counted(&hub, [("entered", 1), ("refused", 2)]).await;

    // Who is in no group that counts may nothing, whatever their groups are called.
    let (mut nobody, came) = provider.signs_in(&hub, ida(&["operator", "administrator", "alle"])).await;
    assert_eq!(came.status, 303, "{came:?}");
    assert_eq!((nobody.get("/drift").await.status, nobody.get("/").await.status), (403, 200));
    let (mut caseworker, _) = provider.signs_in(&hub, ida(&["ydelse"])).await;
    assert_eq!(caseworker.get("/drift").await.status, 403);
    assert!(caseworker.get("/hjaelp/NO_RULE").await.body.contains("href=\"/indbakke\""));

    // They sign out, here and there.
    let out = browser.submits("/log-ud", &[]).await;
    assert_eq!((out.status, out.header("location")), (303, Some("/log-ud/videre")));
    assert_eq!(browser.get("/drift").await.status, 303);
    let page = browser.get("/log-ud/videre").await.body;
    let onward = page.split_once("href=\"http").and_then(|(_, rest)| rest.split('"').next()).expect("a way on");
    let onward = format!("http{}", onward.replace("&#38;", "&"));
    assert!(onward.contains("/session/end?") && !onward.contains("ida"), "{onward}");
    assert_eq!(provider.is_told(json!({"visit": onward})).await["status"], 200, "it takes that address");
    assert_eq!(own.submits("/log-ud", &[]).await.header("location"), Some("/log-ind"), "a user of ours has no other");

    // They sign out there, and are signed out here.
    let (mut browser, _) = provider.signs_in(&hub, ida(&["drift"])).await;
    let (mut other, _) = provider.signs_in(&hub, json!({"sub": "77aa", "groups": ["drift"]})).await;
    for forged in ["", "x.y.z", "logout_token=eyJhbGciOiJub25lIn0.e30."] {
        assert_eq!(browser.clone().calls("POST", "/log-ud/openid", forged).await.status, 400, "{forged}");
    }
    assert_eq!(browser.get("/drift").await.status, 200);
    provider.is_told(json!({"ended": "4f2c"})).await;
    assert_eq!((browser.get("/drift").await.status, other.get("/drift").await.status), (303, 200));

    hub.running.stop().await;
    hub.program.proof().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_handed_to_a_colleague_who_came_by_it() {
    let provider = Provider::start().await;
    let agreement = inbox::agreement(&["dragoer/ydelse"]);
    let hub = provider.hub_with("true", &[("AGREEMENT__FOLDER", &agreement.path().to_string_lossy())]).await;
    Post::at(hub.vhost.address()).await.send("momentum", JSON, &inbox::sanction()).await;
    let (mut ida, _) = provider.signs_in(&hub, ida(&["ydelse"])).await;
    let (_, came) = provider.signs_in(&hub, json!({"sub": "77aa", "name": "Eva Drift", "groups": ["drift"]})).await;
    assert_eq!(came.status, 303, "{came:?}");
    let mut bo = hub.visitor("bo", &["caseworker:dragoer/ydelse"]).await;
    let task = inbox::first_task(&bo, "/indbakke").await;
    let page = bo.get(&task).await.body;
    let (_, options) = page.split_once("<select id=\"til\"").expect("colleagues");
    let options = options.split("</select>").next().expect("it ends");
    assert!(options.contains("Ida &#60;i&#62;Test") && !options.contains("Eva"), "only who works with it: {options}");
    let user = options.split("value=\"").find_map(|it| it.split('"').next().filter(|it| it.starts_with("oidc:")));
    let to = user.expect("her name in the books").to_owned();
    for (whom, status) in [("oidc:77aa", 409), (to.as_str(), 303)] {
        let handed = inbox::does(&mut bo, &task, &[("handling", "giv"), ("til", whom)]).await;
        assert_eq!(handed.status, status, "{whom}: {handed:?}");
    }
    assert!(bo.get(&task).await.body.contains("hos Ida &#60;i&#62;Test"), "she is called by her name");
    assert!(ida.get(&task).await.body.contains("hos dig"));
    hub.running.stop().await;
    hub.program.proof().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_not_what_was_asked_for_lets_nobody_in() {
    let provider = Provider::start().await;
    let hub = provider.hub("false").await;
    provider.is_told(json!({"account": ida(&["drift"])})).await;

    for bend in ["nonce", "audience", "issuer", "expired", "key", "unsigned", "secret"] {
        provider.is_told(json!({"bend": bend})).await;
        let mut browser = hub.stranger();
        let back = provider.way_back(&mut browser).await;
        is_refused(&browser.get(&back).await, bend);
        assert_eq!(browser.get("/drift").await.status, 303, "{bend}");
    }
    // A key that is new is looked up, and is as good as the one before.
    provider.is_told(json!({"bend": "rotated"})).await;
    let rotated = async || {
        let mut browser = hub.stranger();
        let back = provider.way_back(&mut browser).await;
        (browser.get(&back).await.status == 303).then_some(())
    };
    wait::until("the new key is taken", rotated).await;
    provider.is_told(json!({"bend": null})).await;

    let (mut one, mut other) = (hub.stranger(), hub.stranger());
    let (back, others) = (provider.way_back(&mut one).await, provider.way_back(&mut other).await);
    let part = |path: &str, name: &str| {
        let query = path.split_once('?').expect("a query").1.to_owned();
        let pair = query.split('&').find(|pair| pair.starts_with(&format!("{name}="))).expect("it is there");
        pair.to_owned()
    };
    let swap = |name: &str| back.replace(&part(&back, name), &part(&others, name));
    for (path, why) in [
        (swap("state"), "somebody else's state"),
        (swap("code"), "somebody else's code"),
        (back.replace(&part(&back, "iss"), "iss=https%3A%2F%2Fevil.example"), "another issuer's answer"),
        (back.replace(&format!("&{}", part(&back, "iss")), ""), "an answer that does not say whose it is"),
        (back.replace(&part(&back, "code"), "error=access_denied"), "they did not want to"),
        (back.replace(&part(&back, "code"), "code=120499-9993"), "no code of its own"),
        ("/log-ind/openid/svar".to_owned(), "no answer at all"),
        ("/log-ind/openid/svar?state=%ff&code=%00".to_owned(), "no text"),
    ] {
        is_refused(&one.clone().get(&path).await, why);
    }
    assert_eq!(one.get("/drift").await.status, 303);
    let others = other.get(&others).await;
    assert!(others.status == 303 || others.status == 422, "its code may have been used up above: {others:?}");

    // A number is no name.
    let number = json!({"sub": NUMBER, "preferred_username": "251248-9996", "name": "Ida", "groups": ["drift"]});
    let (mut browser, came) = provider.signs_in(&hub, number).await;
    is_refused(&came, "a number is all that is known");
    assert_eq!(browser.get("/drift").await.status, 303);
    let masked = json!({"sub": NUMBER, "preferred_username": "ida", "name": NUMBER, "groups": ["drift"]});
    let (mut browser, came) = provider.signs_in(&hub, masked).await;
    assert_eq!(came.status, 303, "{came:?}");
    let page = browser.get("/drift").await.body;
    assert!(page.contains("<span>ida</span>") && !page.contains(NUMBER), "{page}");
    let log = hub.program.log();
    assert!(log.contains("not let in") && !log.contains(NUMBER) && !log.contains("251248-9996"), "{log}");

    // Here the hub has no users of its own; who keeps the machine can let somebody in all the same.
    let page = hub.stranger().get("/log-ind").await.body;
    assert!(page.contains("Log ind med") && !page.contains("name=\"kode\""), "{page}");
    assert_eq!(hub.stranger().signs_in("ida", super::PASSWORD, "/").await.status, 404);
    hub.does(&["user", "add", "vagt", "--name", "Vagt", "--role", "operator"]).await;
    let link = hub.does(&["user", "link", "vagt"]).await;
    let token = link.trim().rsplit('/').next().expect("a token").to_owned();
    assert_eq!(hub.stranger().post("/log-ind/link", &[("link", &token)]).await.status, 303);
}
