//! Every role finds in the menu what it may open, and nothing else opens.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::house::House;

/// All that any menu has.
const PAGES: [&str; 9] =
    ["/drift", "/parkeret", "/indbakke", "/ny", "/soeg", "/pligter", "/bevillinger", "/aftale", "/revision"];

/// Everybody, and what they may open.
const ROLES: [(&str, &[&str], &[&str]); 7] = [
    ("ingen", &[], &[]),
    ("drift", &["operator"], &["/drift", "/parkeret", "/soeg", "/aftale"]),
    ("post", &["postmaster"], &["/parkeret", "/aftale"]),
    ("sag", &["caseworker:dragoer/ydelse"], &["/indbakke", "/ny", "/soeg", "/pligter", "/aftale"]),
    (
        "kontrakt",
        &["caseworker:dragoer/kontrakt"],
        &["/indbakke", "/ny", "/soeg", "/pligter", "/bevillinger", "/aftale"],
    ),
    ("leder", &["leader:taarnby"], &["/pligter", "/aftale"]),
    ("revisor", &["auditor"], &["/aftale", "/revision"]),
];

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_in_the_menu_opens_and_nothing_else() {
    let house = House::with(&[]).await;
    for (user, roles, _) in ROLES {
        house.account(user, "Ida Test", roles).await;
    }
    let browser = house.browser().await;
    browser
        .does(async {
            for (user, _, own) in ROLES {
                browser.signs_in(user).await;
                looks_round(&browser, user, own).await;
                browser.presses("Log ud").await;
                browser.sees("Adgangskode").await;
            }
        })
        .await;
}

async fn looks_round(browser: &Browser, user: &str, own: &[&str]) {
    let menu = browser.run(MENU, vec![]).await;
    let menu: BTreeSet<&str> = menu.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    assert_eq!(menu, own.iter().copied().collect(), "{user}: what the menu has");
    for page in PAGES {
        let opens = browser.status_of(page).await == 200;
        assert!(!opens || own.contains(&page), "{user}: {page} opens and is in no menu of theirs");
    }
    let operates = own.contains(&"/drift");
    assert_eq!(browser.status_of("/drift/live").await, if operates { 200 } else { 403 }, "{user}: the live part");
    // The form that only operators are shown, filled in by hand; there is no source of that name.
    let sent = browser.client.execute_async(FORM, vec![json!("/drift/pause"), json!("pause=nothing")]).await;
    assert_eq!(sent.expect("an answer"), json!(if operates { 422 } else { 403 }), "{user}: the form");
    // Whatever somebody may, a browser's cookie is no token: no page can call for them.
    assert_eq!(browser.status_of("/api/v1/status").await, 401, "{user}: the API");
}

const MENU: &str = "return [...document.querySelectorAll('nav[aria-label=Sider] a')].map((link) => link.pathname);";

const FORM: &str = "
    const [path, fields, done] = arguments;
    const csrf = document.querySelector('input[name=csrf]').value;
    const body = new URLSearchParams(fields);
    body.set('csrf', csrf);
    fetch(path, { method: 'POST', body }).then((answer) => done(answer.status), (error) => done(String(error)));";
