//! What is owed: who sees it, as a list, a month and files, and nothing of a person in any of them.

use budstikke::clock::Clock;
use budstikke_contract::event::danish_day;
use budstikke_testkit::plans::{Message, Plan};
use jiff::ToSpan;

use super::Hub;
use super::browser::Browser;
use crate::post::{Post, XML};
use crate::wait;

const PAGES: [&str; 4] = ["/pligter", "/pligter/kalender", "/pligter/pligter.csv", "/pligter/pligter.ics"];

/// A plan for one of Dragør's citizens, with a due day.
fn plan(id: &str, cpr: &str) -> Vec<u8> {
    Message::new(format!("K{id}")).plan(Plan::ggop(format!("B{id}")).episode(format!("E{id}")).cpr(cpr)).bytes()
}

/// The values of a property in a calendar file, unfolded.
fn all(text: &str, name: &str) -> Vec<String> {
    let lines = text.replace("\r\n ", "");
    let own = lines.split("\r\n").filter_map(|line| line.strip_prefix(name)?.strip_prefix(':').map(str::to_owned));
    own.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_party_sees_what_it_owes_and_is_owed_and_nobody_else_does() {
    let hub = Hub::with(&[("DUTIES__CALENDAR", "on")]).await;
    let post = Post::at(hub.vhost.address()).await;
    let cpr = "2512489996";
    post.send("rehab-plan", XML, &plan("P000001", cpr)).await;
    let mut dragoer = hub.visitor("dorte", &["leader:dragoer"]).await;
    let shown = async || {
        let page = dragoer.clone().get("/pligter?tilstand=all&omraade=rehab").await;
        assert_eq!(page.status, 200, "{page:?}");
        page.body.contains("7 dage efter forventet udskrivning 2026-11-21").then_some(page.body)
    };
    let page = wait::until("the duty is shown", shown).await;
    for part in ["Opfyldes af: ", "Tårnby Kommune", "til Dragør Kommune", "S1 ", "/forloeb", "Overblik"] {
        assert!(page.contains(part), "{part}: {page}");
    }

    others(&hub).await;
    what_makes_no_sense(&hub, &mut dragoer).await;
    let files = files_and_months(&mut dragoer).await;
    for text in [&page].into_iter().chain(&files) {
        assert!(!text.contains(cpr) && !text.contains("Berggren"), "nothing of a person");
    }
    calls(&hub).await;
}

/// Others see it, or nothing, by what they are.
async fn others(hub: &Hub) {
    for (user, roles, status) in [
        ("tove", vec!["leader:taarnby"], 200),
        ("sanne", vec!["caseworker:dragoer/ydelse"], 200),
        ("drift", vec!["operator"], 403),
        ("post", vec!["postmaster"], 403),
        ("revisor", vec!["auditor"], 403),
        ("ingen", vec![], 403),
    ] {
        let mut visitor = hub.visitor(user, &roles).await;
        for page in PAGES {
            assert_eq!(visitor.get(page).await.status, status, "{user}: {page}");
        }
    }
}

async fn what_makes_no_sense(hub: &Hub, dragoer: &mut Browser) {
    for page in PAGES {
        assert_eq!(hub.stranger().get(page).await.status, 303, "{page}");
        assert_eq!(dragoer.get(&format!("{page}?kommune=taarnby")).await.status, 403, "another party's: {page}");
        assert_eq!(dragoer.get(&format!("{page}?kommune=%3Cb%3E")).await.status, 403, "{page}");
        for wrong in ["fra=i+g%C3%A5r", "tilstand=x", "skyldes_af=odense", "omraade=2512489996", "til=2026-02-30"] {
            let answer = dragoer.get(&format!("{page}?{wrong}")).await;
            assert_eq!(answer.status, 422, "{page}?{wrong}");
            assert!(!answer.body.contains("2512489996"), "nothing is quoted");
        }
    }
    assert_eq!(dragoer.get("/pligter/kalender?maaned=9999-99").await.status, 422);
    assert_eq!(dragoer.get("/pligter?efter=x").await.status, 200, "a place that is none is the beginning");
}

/// The files hold what the filter shows, and the month the same, and what the agreement's calendar brings.
async fn files_and_months(dragoer: &mut Browser) -> [String; 3] {
    let query = "tilstand=all&fra=2026-11-01&til=2026-12-31";
    let table = dragoer.get(&format!("/pligter/pligter.csv?{query}")).await;
    assert_eq!(table.header("content-type"), Some("text/csv; charset=utf-8"));
    assert!(table.header("content-disposition").expect("a name").contains("pligter-dragoer-"), "{table:?}");
    let calendar = dragoer.get(&format!("/pligter/pligter.ics?{query}")).await.body;
    let (ids, days) = (all(&calendar, "UID"), all(&calendar, "DTSTART;VALUE=DATE"));
    assert_eq!(table.body.lines().count(), 1 + ids.len(), "all of them have a day");
    assert!(days.contains(&"20261128".to_owned()) && days.is_sorted(), "{days:?}");
    let again = dragoer.get(&format!("/pligter/pligter.ics?{query}")).await.body;
    assert_eq!(all(&again, "UID"), ids, "a calendar knows them again");
    assert!(ids.iter().all(|id| table.body.contains(id.trim_end_matches("@budstikke"))), "{ids:?}");

    let month = dragoer.get("/pligter/kalender?maaned=2026-11").await.body;
    assert!(month.contains("november 2026") && month.contains("maaned=2026-12"), "{month}");
    assert!(month.contains("Tilbyd"), "{month}");
    let in_two_months = danish_day(Clock::system().now()).checked_add(2.months()).expect("a day").strftime("%Y-%m");
    let later = dragoer.get(&format!("/pligter/kalender?maaned={in_two_months}")).await.body;
    assert!(later.contains("Hold ugens visitationsmøde") && later.contains("kommende"), "{later}");
    [table.body, calendar, month]
}

/// The same by a call.
async fn calls(hub: &Hub) {
    let mut system = hub.system("bi", &["leader:dragoer"]).await;
    let answer = system.get("/api/v1/duties?party=dragoer&state=all&area=rehab&limit=1").await;
    assert_eq!((answer.status, answer.json()["duties"][0]["owed_by"].clone()), (200, "taarnby".into()), "{answer:?}");
    for state in ["planned", "all"] {
        let whole = format!("/api/v1/duties?party=dragoer&state={state}&limit=500");
        let whole = system.get(&whole).await.json();
        let whole = whole["duties"].as_array().expect("duties").clone();
        assert!((60..500).contains(&whole.len()), "{state}: {}", whole.len());
        assert_eq!(in_pages(&mut system, state).await, whole, "{state}");
    }
    for (query, kind) in [
        ("party=taarnby", "forbidden"),
        ("party=", "unreadable"),
        ("", "unreadable"),
        ("party=dragoer&state=x", "refused"),
        ("party=dragoer&from=x", "refused"),
        ("party=dragoer&after=x", "unreadable"),
        ("party=dragoer&limit=-1", "unreadable"),
        ("party=dragoer&x=1", "unreadable"),
    ] {
        assert_eq!(system.get(&format!("/api/v1/duties?{query}")).await.problem(), kind, "{query}");
    }
}

/// All duties that stand so, page after page.
async fn in_pages(system: &mut Browser, state: &str) -> Vec<serde_json::Value> {
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let query = format!("party=dragoer&state={state}&limit=30&after={after}");
        let page = system.get(&format!("/api/v1/duties?{query}")).await.json();
        all.extend(page["duties"].as_array().expect("duties").iter().cloned());
        match page["next"].as_str() {
            Some(next) => next.clone_into(&mut after),
            None => return all,
        }
    }
}
