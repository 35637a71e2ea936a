//! Every role sees its own: pages, forms and live parts ask the same.

use super::Hub;

#[tokio::test(flavor = "multi_thread")]
async fn operations_are_for_operators() {
    let hub = Hub::new().await;
    for (user, roles, opens) in [
        ("nobody", vec![], None),
        ("drift", vec!["operator"], Some("/drift")),
        ("sag", vec!["caseworker:dragoer/ydelse"], Some("/indbakke")),
        ("leder", vec!["leader:dragoer"], Some("/pligter")),
        ("revisor", vec!["auditor"], Some("/aftale")),
        ("admin", vec!["administrator"], Some("/aftale")),
    ] {
        let may = roles == ["operator"];
        let mut visitor = hub.visitor(user, &roles).await;
        let page = visitor.get("/drift").await;
        assert_eq!(page.status, if may { 200 } else { 403 }, "{user}");
        assert_eq!(visitor.watches("/drift/live").await.is_some(), may, "{user}");
        let paused = visitor.submits("/drift/pause", &[("pause", user)]).await;
        // An operator is told that there is no source of that name.
        assert_eq!(paused.status, if may { 422 } else { 403 }, "{user}: {paused:?}");
        let first = visitor.get("/").await;
        assert_eq!(first.header("location"), opens, "{user}");
        assert!(!first.body.contains("/drift\""), "{user}: no way there is shown");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_is_taken_away_is_gone_at_once() {
    let hub = Hub::new().await;
    let mut visitor = hub.visitor("ida", &["operator"]).await;
    let mut live = visitor.watches("/drift/live").await.expect("it is open");
    assert!(live.says("Kilder").await);
    hub.does(&["user", "add", "ida", "--name", "Ida", "--role", "auditor"]).await;
    assert_eq!(visitor.get("/drift").await.status, 403);
    assert!(!live.says("this is on no page").await, "what she looked at ends");
    hub.account("ida", &["operator"]).await;
    assert_eq!(visitor.get("/drift").await.status, 303, "a new password signs her out");
    let mut visitor = hub.visitor("ida", &["operator"]).await;
    hub.does(&["user", "remove", "ida"]).await;
    assert_eq!(visitor.get("/drift").await.status, 303, "she is signed out");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_account_is_refused_and_said_why() {
    let hub = Hub::new().await;
    let short = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(short.path(), "kort").expect("a file");
    let short = short.path().to_string_lossy().into_owned();
    for (arguments, why) in [
        (vec!["Ida", "--name", "Ida"], "lower-case letters"),
        (vec!["ida", "--name", "Ida", "--role", "root"], "a role is"),
        (vec!["ida", "--name", "Ida", "--role", "caseworker:dragoer/nothing"], "there is no such mailbox"),
        (vec!["ida", "--name", "Ida", "--role", "leader:odense"], "there is no such party"),
        (vec!["ida", "--name", "Ida", "--password-file", &short], "at least 12 characters"),
        (vec!["ida", "--name", "Ida", "--password-file", "/no/such/file"], "cannot be read"),
    ] {
        let said = hub.program.say(&[&["user", "add"], arguments.as_slice()].concat()).await;
        assert_eq!(said.code, Some(64), "{said:?}");
        assert!(said.err.contains(why), "{said:?}");
    }
    assert_eq!(hub.does(&["user", "list"]).await, "");
    hub.account("ida", &["operator", "leader:dragoer"]).await;
    let list = hub.does(&["user", "list"]).await;
    assert_eq!(list.trim(), "ida  Ida <b>Test</b>  operator leader:dragoer");
    assert!(!hub.does(&["user", "list", "--json"]).await.contains("argon2"), "no secret is shown");
}
