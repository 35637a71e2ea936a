//! Who gets in, for how long, and who does not.

use super::{Hub, PASSWORD};
use crate::wait;

/// Everything that there is, and something that is not.
const PAGES: &[&str] = &[
    "/",
    "/aftale",
    "/aftale/forklar",
    "/aftale/regler",
    "/aftale/sammenlign",
    "/bevillinger",
    "/drift",
    "/drift/live",
    "/forloeb/post/1",
    "/forloeb/post/x",
    "/forloeb/sag/x",
    "/hjaelp/NO_RULE",
    "/indbakke",
    "/indbakke/live",
    "/indbakke/1",
    "/indbakke/x",
    "/indbakke/1/live",
    "/indbakke/1/svar/benefit.decided",
    "/nowhere",
    "/ny",
    "/ny/kvittering/1",
    "/ny/kvittering/x",
    "/ny/notice.given?postkasse=a&postkasse=%FF",
    "/parkeret",
    "/parkeret/live",
    "/parkeret/gruppe",
    "/parkeret/besked/1",
    "/parkeret/besked/x",
    "/parkeret/besked/1/ret",
    "/parkeret/levering/x",
    "/parkeret/liste/1",
    "/parkeret/liste/1/live",
    "/parkeret/rettelse/1",
    "/pligter",
    "/pligter/kalender",
    "/pligter/pligter.csv",
    "/pligter/pligter.ics",
    "/revision",
    "/soeg",
];

/// The forms, and one that is none.
const FORMS: &[&str] = &[
    "/bevillinger",
    "/drift/pause",
    "/forloeb/indhold",
    "/indbakke/tag",
    "/indbakke/1",
    "/indbakke/1/note",
    "/indbakke/1/svar/benefit.decided",
    "/log-ud",
    "/nowhere",
    "/ny/notice.given",
    "/parkeret/besked/1/ret",
    "/parkeret/besked/1/ret/gem",
    "/parkeret/handling",
    "/parkeret/liste",
    "/parkeret/liste/1",
    "/parkeret/rettelse/1",
    "/parkeret/rettelse/1/afgoer",
    "/revision",
    "/revision/bevis",
    "/revision/borger",
    "/revision/eksport",
    "/soeg/borger",
    "/soeg/nummer",
];

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_open_to_a_stranger() {
    let hub = Hub::new().await;
    let mut stranger = hub.stranger();
    for page in PAGES {
        let answer = stranger.get(page).await;
        assert_eq!(answer.status, 303, "{page}");
        assert!(answer.header("location").expect("a place").starts_with("/log-ind?til="), "{page}: {answer:?}");
        assert_eq!(answer.body, "", "{page}");
    }
    for form in FORMS {
        let answer = stranger.post(form, &[("pause", "cura")]).await;
        assert_eq!(answer.status, 303, "{form}: {answer:?}");
    }
    assert_eq!(stranger.get("/drift/pause").await.status, 303, "nobody learns which pages there are");
    let mut forger = stranger.saying("cookie", "budstikke=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    assert_eq!(forger.get("/drift").await.status, 303);
    assert!(!hub.does(&["status"]).await.contains("paused"), "nothing is paused");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_lets_in_and_signing_out_ends_it() {
    let hub = Hub::new().await;
    hub.account("ida", &["operator"]).await;
    let mut browser = hub.stranger();
    let wrong = browser.signs_in("ida", "en anden lang kode", "/drift").await;
    let unknown = browser.signs_in("nobody", PASSWORD, "/drift").await;
    assert_eq!((wrong.status, unknown.status), (422, 422));
    assert_eq!(wrong.body, unknown.body, "nobody learns who has an account");
    assert!(wrong.body.contains("role=\"alert\""), "{}", wrong.body);

    let answer = browser.signs_in("ida", PASSWORD, "//evil.example/").await;
    assert_eq!((answer.status, answer.header("location")), (303, Some("/")), "nobody is sent elsewhere");
    let set = answer.header("set-cookie").expect("a cookie").to_owned();
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax"), "{set}");
    let page = browser.get("/drift").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Ida &#60;b&#62;Test&#60;/b&#62;") && !page.body.contains("<b>Test"), "a name is text");

    let kept = browser.clone();
    let out = browser.submits("/log-ud", &[]).await;
    assert_eq!((out.status, out.header("location")), (303, Some("/log-ind")));
    assert_eq!(kept.clone().get("/drift").await.status, 303, "the cookie is good for nothing now");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_guesses_is_locked_out_and_nobody_else() {
    let hub = Hub::new().await;
    hub.account("ida", &["operator"]).await;
    hub.account("bo", &["operator"]).await;
    let mut browser = hub.stranger();
    for _guess in 0..5 {
        assert_eq!(browser.signs_in("ida", "det er ikke koden", "/").await.status, 422);
    }
    assert_eq!(browser.signs_in("ida", PASSWORD, "/").await.status, 422, "she is locked out for a while");
    assert_eq!(browser.signs_in("bo", PASSWORD, "/").await.status, 303);
    // Who keeps the accounts can let her in at once, with a new password.
    hub.account("ida", &["operator"]).await;
    assert_eq!(hub.stranger().signs_in("ida", PASSWORD, "/").await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_lets_in_once_and_is_not_used_up_by_looking() {
    let hub = Hub::new().await;
    hub.does(&["user", "add", "ida", "--name", "Ida", "--role", "operator"]).await;
    let link = hub.does(&["user", "link", "ida"]).await;
    let path = link.trim().split_once("/log-ind").map(|(_, rest)| format!("/log-ind{rest}")).expect("a link");
    let token = path.rsplit('/').next().expect("a token").to_owned();
    let mut browser = hub.stranger();
    for _look in 0..2 {
        assert_eq!(browser.get(&path).await.status, 200, "a program that looks at links first");
    }
    let answer = browser.post("/log-ind/link", &[("link", &token)]).await;
    assert_eq!(answer.status, 303, "{answer:?}");
    assert_eq!(browser.get("/drift").await.status, 200);
    let again = hub.stranger().post("/log-ind/link", &[("link", &token)]).await;
    assert_eq!((again.status, again.header("set-cookie")), (422, None), "{again:?}");
    assert_eq!(hub.stranger().signs_in("ida", "", "/").await.status, 422, "no password is no password");
    assert!(!hub.program.log().contains(&token), "the link does not stand in the log");
    let unknown = hub.program.say(&["user", "link", "nobody"]).await;
    assert_eq!(unknown.code, Some(1), "{unknown:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_by_itself_however_much_it_is_used() {
    let hub = Hub::with(&[("CONSOLE__LONGEST", "10s")]).await;
    let mut browser = hub.visitor("ida", &["operator"]).await;
    assert_eq!(browser.get("/drift").await.status, 200, "she is in");
    wait::until("she must sign in again", async || (browser.get("/drift").await.status == 303).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_two_use_at_once_lets_one_in() {
    let hub = Hub::new().await;
    hub.does(&["user", "add", "ida", "--name", "Ida", "--role", "operator"]).await;
    let link = hub.does(&["user", "link", "ida"]).await;
    let token = link.trim().rsplit('/').next().expect("a token").to_owned();
    let uses = (0..8).map(|_| {
        let (mut browser, token) = (hub.stranger(), token.clone());
        async move { browser.post("/log-ind/link", &[("link", &token)]).await.status }
    });
    let mut got = futures::future::join_all(uses).await;
    got.sort_unstable();
    assert_eq!(got, [303, 422, 422, 422, 422, 422, 422, 422]);
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_anew_ends_what_was_before() {
    let hub = Hub::new().await;
    let mut browser = hub.visitor("ida", &["operator"]).await;
    let mut before = browser.clone();
    assert_eq!(browser.signs_in("ida", PASSWORD, "/").await.status, 303);
    assert_eq!((before.get("/drift").await.status, browser.get("/drift").await.status), (303, 200));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_that_stops_waits_for_nobody_who_says_nothing() {
    let hub = Hub::with(&[("STOP__GRACE", "60s")]).await;
    let visitor = hub.visitor("ida", &["operator"]).await;
    // One looks and does not read, one has begun to ask and does not go on.
    let _unread = visitor.watches("/drift/live").await.expect("it is open");
    let _half = visitor.half_asks().await;
    hub.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_from_elsewhere_is_refused() {
    let hub = Hub::new().await;
    let mut visitor = hub.visitor("ida", &["operator"]).await;
    let csrf = visitor.csrf().await;
    let mut other = hub.visitor("bo", &["operator"]).await;
    let others = other.csrf().await;
    assert_ne!(csrf, others);
    let paused = |csrf: &str| [("pause".to_owned(), "cura".to_owned()), ("csrf".to_owned(), csrf.to_owned())];
    for (mut browser, csrf, why) in [
        (visitor.clone(), "", "a form without what stands in ours"),
        (visitor.clone(), others.as_str(), "what stands in somebody else's form"),
        (visitor.saying("origin", "https://evil.example"), csrf.as_str(), "a page of another site"),
        (visitor.saying("sec-fetch-site", "cross-site"), csrf.as_str(), "a page of another site, as the browser says"),
        (visitor.saying("host", "evil.example"), csrf.as_str(), "a name that was made to lead here"),
    ] {
        let fields = paused(csrf);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(browser.post("/drift/pause", &fields).await.status, 403, "{why}");
    }
    assert_eq!(visitor.saying("host", "evil.example").get("/drift").await.status, 403);
    assert!(!visitor.get("/drift").await.body.contains("på pause siden"), "nothing came of it");
    assert_eq!(visitor.post("/drift/pause", &[("pause", "cura"), ("csrf", &csrf)]).await.status, 303);
    assert!(visitor.get("/drift").await.body.contains("cura har været på pause siden"), "so it is our own that counts");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_says_what_a_browser_may_do_with_it() {
    let hub = Hub::new().await;
    let mut visitor = hub.visitor("ida", &["operator"]).await;
    for page in PAGES.iter().copied().filter(|page| !page.ends_with("live")).chain(["/log-ind"]) {
        let answer = visitor.get(page).await;
        let policy = answer.header("content-security-policy").expect("a policy");
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{page}: {policy}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{page}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{page}");
        for inline in ["<script>", " onclick=", " style=", "javascript:", "http://", "https://"] {
            assert!(!answer.body.contains(inline), "{page}: {inline}");
        }
    }
    let page = visitor.get("/drift").await.body;
    let style = page.split_once("stylesheet\" href=\"").and_then(|(_, rest)| rest.split('"').next()).expect("a style");
    let style = visitor.get(style).await;
    assert_eq!((style.status, style.header("content-type")), (200, Some("text/css; charset=utf-8")));
    assert!(style.header("cache-control").expect("a word").contains("immutable"));
    let huge = "x".repeat(100_000);
    assert_eq!(visitor.post("/drift/pause", &[("pause", &huge)]).await.status, 413);
}
