//! Every role finds in the menu what it may open, and everything else is refused: pages, forms, live
//! parts and calls. What each may is written down here in full, so that an opening too many and one
//! too few are both seen.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::house::{House, sample};

/// All that any menu has.
pub(crate) const MENU: [&str; 9] =
    ["/drift", "/parkeret", "/indbakke", "/ny", "/soeg", "/pligter", "/bevillinger", "/aftale", "/revision"];

/// Everybody, and what they are.
const PEOPLE: [(&str, &[&str]); 8] = [
    ("ingen", &[]),
    ("drift", &["operator"]),
    ("post", &["postmaster"]),
    ("sag", &["caseworker:dragoer/ydelse"]),
    ("kontrakt", &["caseworker:dragoer/kontrakt"]),
    ("leder", &["leader:taarnby"]),
    ("revisor", &["auditor"]),
    ("admin", &["administrator"]),
];

/// Those who have a role.
const ALL: &[&str] = &["drift", "post", "sag", "kontrakt", "leder", "revisor", "admin"];
const DRIFT: &[&str] = &["drift"];
const PARKED: &[&str] = &["drift", "post"];
const TEAMS: &[&str] = &["sag", "kontrakt"];
const SAG: &[&str] = &["sag"];
const KNOW: &[&str] = &["drift", "sag"];
const FIND: &[&str] = &["drift", "sag", "kontrakt"];
const DUTIES: &[&str] = &["sag", "kontrakt", "leder"];

/// What can be opened, and by whom: of a hub on which message 1 has gone to `dragoer/ydelse` as task 1,
/// message 2 is parked and stands on list 1.
const PAGES: [(&str, &[&str]); 27] = [
    ("/drift", DRIFT),
    ("/drift/live", DRIFT),
    ("/parkeret", PARKED),
    ("/parkeret/live", PARKED),
    ("/parkeret/gruppe?art=item&kode=OUTSIDE_AGREEMENT&sted=rehab-plan", PARKED),
    ("/parkeret/besked/2", PARKED),
    ("/parkeret/besked/2/ret", &["post"]),
    ("/parkeret/liste/1", PARKED),
    ("/parkeret/liste/1/live", PARKED),
    ("/indbakke", TEAMS),
    ("/indbakke/live", TEAMS),
    ("/indbakke/1", SAG),
    ("/indbakke/1/live?version=1", SAG),
    ("/indbakke/1/svar/benefit.decided", SAG),
    ("/ny", TEAMS),
    ("/soeg", FIND),
    ("/forloeb/post/1", KNOW),
    ("/forloeb/post/2", PARKED),
    ("/pligter", DUTIES),
    ("/pligter/kalender", DUTIES),
    ("/pligter/pligter.csv", DUTIES),
    ("/pligter/pligter.ics", DUTIES),
    ("/bevillinger", &["kontrakt"]),
    ("/aftale", ALL),
    ("/aftale/regler", ALL),
    ("/aftale/sammenlign", ALL),
    ("/revision", &["revisor"]),
];

/// What can be sent by a form, and by whom; none of it changes anything.
const FORMS: [(&str, &str, &[&str]); 8] = [
    // There is no source of that name.
    ("/drift/pause", "pause=nothing", DRIFT),
    ("/parkeret/liste", "handling=nothing", DRIFT),
    ("/parkeret/handling", "ting=item:2&handling=nothing&stand=1", DRIFT),
    ("/parkeret/besked/2/ret", "formaal=tilsyn", &["post"]),
    ("/forloeb/indhold", "hvad=post-1&formaal=tilsyn", SAG),
    ("/soeg/borger", "cpr=2512489996&formaal=tilsyn", TEAMS),
    ("/bevillinger", "formaal=tilsyn", &["kontrakt"]),
    ("/revision/bevis", "", &["revisor"]),
];

/// What can be asked by a call, and by whom.
const CALLS: [(&str, &[&str]); 20] = [
    ("/agreement/matrix", ALL),
    ("/agreement/rules", ALL),
    ("/audit/actions", &["revisor"]),
    ("/audit/chain", &["revisor"]),
    ("/audit/looks", &["revisor"]),
    ("/duties?party=dragoer", TEAMS),
    ("/items/1/story", KNOW),
    ("/items/2/story", PARKED),
    ("/openapi.json", ALL),
    ("/parked?kind=item&code=OUTSIDE_AGREEMENT&place=rehab-plan", PARKED),
    ("/parked/edits", PARKED),
    ("/parked/groups", PARKED),
    ("/parked/items/2", PARKED),
    ("/parked/lists", PARKED),
    ("/parked/lists/1", PARKED),
    ("/pauses", DRIFT),
    ("/search", FIND),
    ("/status", DRIFT),
    ("/tasks?mailbox=dragoer/ydelse&list=new", SAG),
    ("/tasks/1", SAG),
];

/// Pages with a live part.
const LIVE: [&str; 5] = ["/drift", "/parkeret", "/parkeret/liste/1", "/indbakke", "/indbakke/1"];

async fn house() -> House {
    let house = House::with_inboxes(&["dragoer/ydelse"]).await;
    let folder = tempfile::tempdir().expect("a directory");
    for (name, adapter) in [("20-sanction.json", "momentum"), ("05-plan-odense.xml", "rehab-plan")] {
        let path = folder.path().join(name);
        std::fs::write(&path, sample(name)).expect("a message");
        house.sends(adapter, &[path]).await;
    }
    house
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_in_the_menu_opens_and_all_else_is_refused() {
    let house = house().await;
    let mut tokens = Vec::new();
    for (user, roles) in PEOPLE {
        house.account(user, "Ida Test", roles).await;
        if !roles.is_empty() {
            let token = house.does(&["token", "add", user, "--role", roles[0]]).await;
            tokens.push((user, token.trim().to_owned()));
        }
    }
    let browser = house.browser().await;
    browser
        .does(async {
            browser.goes_to("/log-ind").await;
            for (page, _) in PAGES {
                let status = browser.status_of(page).await;
                assert!([0, 401].contains(&status), "a stranger is sent to sign in: {page}: {status}");
            }
            prepares_a_list(&browser).await;
            for (user, _) in PEOPLE {
                browser.signs_in(user).await;
                looks_round(&browser, user).await;
                browser.presses("Log ud").await;
                browser.sees("Adgangskode").await;
            }
            for (user, token) in &tokens {
                for (call, own) in CALLS {
                    let status = asks(&browser, &format!("/api/v1{call}"), token).await;
                    assert_eq!(status, if own.contains(user) { 200 } else { 403 }, "{user}: the call {call}");
                }
            }
        })
        .await;
}

/// Operations make a list that all who may see it find, and leave it at that.
async fn prepares_a_list(browser: &Browser) {
    browser.signs_in("drift").await;
    let made = browser.posts("/parkeret/liste", "handling=resend&valg=item:2").await;
    assert_eq!(made, 200, "the list");
    browser.goes_to("/parkeret/liste/1").await;
    browser.sees("Skal det gøres med").await;
    browser.presses("Log ud").await;
    browser.sees("Adgangskode").await;
}

async fn looks_round(browser: &Browser, user: &str) {
    let menu = browser.run(LINKS, vec![]).await;
    let menu: BTreeSet<&str> = menu.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let own = |page: &&str| PAGES.iter().any(|(known, who)| known == page && who.contains(&user));
    assert_eq!(menu, MENU.into_iter().filter(own).collect(), "{user}: what the menu has");
    for (page, who) in PAGES {
        let wanted = if who.contains(&user) { 200 } else { 403 };
        assert_eq!(browser.status_of(page).await, wanted, "{user}: {page}");
    }
    for (form, fields, who) in FORMS {
        let status = browser.posts(form, fields).await;
        let taken = status == 200 || status == 422;
        assert!(if who.contains(&user) { taken } else { status == 403 }, "{user}: the form {form}: {status}");
    }
    // Whatever somebody may, a browser's cookie is no token: no page can call for them.
    for (call, _) in CALLS {
        assert_eq!(browser.status_of(&format!("/api/v1{call}")).await, 401, "{user}: the API by a cookie: {call}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_loses_a_right_is_shown_nothing_new_on_any_page_that_is_open() {
    let house = house().await;
    let may = ["operator", "caseworker:dragoer/ydelse"];
    let browser = house.visitor("ida", "Ida Test", &may).await;
    let becomes = async |roles: &[&str]| {
        let roles = roles.iter().flat_map(|role| ["--role", role]);
        let arguments: Vec<&str> = ["user", "add", "ida", "--name", "Ida Test"].into_iter().chain(roles).collect();
        house.does(&arguments).await;
    };
    browser
        .does(async {
            assert_eq!(browser.posts("/parkeret/liste", "handling=resend&valg=item:2").await, 200, "the list");
            for page in LIVE {
                browser.goes_to(page).await;
                browser.run("window.kept = true", vec![]).await;
                becomes(&["auditor"]).await;
                browser.sees("Forbindelsen til budstikken er afbrudt").await;
                assert_eq!(browser.run("return window.kept", vec![]).await, true, "{page}: on the page that was open");
                assert_eq!(browser.status_of(page).await, 403, "{page}: it does not open anew");
                becomes(&may).await;
            }
        })
        .await;
}

/// Calls with a token.
async fn asks(browser: &Browser, path: &str, token: &str) -> u64 {
    let asked = browser.client.execute_async(CALL, vec![json!(path), json!(token)]).await.expect("an answer");
    asked.as_u64().unwrap_or_else(|| panic!("{path}: {asked}"))
}

const LINKS: &str = "return [...document.querySelectorAll('nav[aria-label=Sider] a')].map((link) => link.pathname);";

const CALL: &str = "
    const [path, token, done] = arguments;
    fetch(path, { headers: { authorization: `Bearer ${token}` } })
      .then((answer) => done(answer.status), (error) => done(String(error)));";

/// What the API's document has that can only be asked by what the hub has named itself.
const NAMED: [&str; 2] = ["/cases/{}/story", "/parked/deliveries/{}"];

#[test]
fn all_that_can_be_read_by_a_call_is_asked_for() {
    let document: Value = serde_json::from_str(include_str!("../../schemas/openapi.json")).expect("JSON");
    let one = |part: &str| {
        let names = part.starts_with('{') || part.bytes().all(|byte| byte.is_ascii_digit());
        if names && !part.is_empty() { "{}".to_owned() } else { part.to_owned() }
    };
    let kind = |path: &str| path.split('/').map(one).collect::<Vec<_>>().join("/");
    let paths = document["paths"].as_object().expect("paths");
    let read = paths.iter().filter(|(_, calls)| calls.get("get").is_some());
    let read: BTreeSet<String> = read.map(|(path, _)| kind(path.trim_start_matches("/api/v1"))).collect();
    let asked = CALLS.iter().map(|(call, _)| kind(call.split('?').next().unwrap_or_default()));
    let asked: BTreeSet<String> = asked.chain(NAMED.map(str::to_owned)).collect();
    assert_eq!(read, asked);
}
