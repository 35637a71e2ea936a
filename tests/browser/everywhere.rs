//! Every page that links lead to, looked at closely, on a hub that has had a day's work.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write;

use serde_json::Value;

use crate::browser::Browser;
use crate::correcting::spoiled_and_mended;
use crate::house::House;
use crate::markup::MARKUP;
use crate::rights::MENU;
use crate::wait;

/// Somebody who may see all there is.
const ALL: [&str; 6] = ["operator", "postmaster", "auditor", "administrator", "leader:dragoer", "leader:taarnby"];

/// The teams that work in the console; the others have systems of their own.
const INBOXES: [&str; 4] = ["dragoer/ydelse", "dragoer/kontrakt", "dragoer/genoptraening", "taarnby/genoptraening"];

/// The kinds of pages that there must be at least, beside those of the menu. What else links lead to is
/// looked at too.
const KNOWN: [&str; 23] = [
    "/forloeb/indhold",
    "/forloeb/post/*",
    "/forloeb/sag/*",
    "/aftale/forklar",
    "/aftale/regler",
    "/aftale/sammenlign",
    "/hjaelp/*",
    "/indbakke/*",
    "/indbakke/*/svar/*?pligt",
    "/indbakke?fane",
    "/ny/*",
    "/parkeret/besked/*",
    "/parkeret/besked/*/ret",
    "/parkeret/gruppe?art&kode&sted&vej",
    "/parkeret/liste/*",
    "/parkeret/rettelse/*",
    "/parkeret?kode",
    "/pligter/kalender?kommune&tilstand",
    "/pligter/kalender?kommune&maaned&tilstand",
    "/pligter?kommune&tilstand",
    "/revision/borger",
    "/soeg/borger",
    "/soeg?foer",
];

/// There are not more kinds of pages than this: a mistake in telling them apart shall not take all day.
const MOST: usize = 60;

#[tokio::test(flavor = "multi_thread")]
async fn every_page_can_be_used_by_everybody() {
    let house = House::with_inboxes(&INBOXES).await;
    let (spoiled, mended) = spoiled_and_mended();
    let folder = tempfile::tempdir().expect("a directory");
    let first = folder.path().join("spoiled.json");
    std::fs::write(&first, spoiled).expect("a message");
    house.sends("events", &[first]).await;
    house.sends_the_day().await;
    house.sends_markup().await;
    let mailboxes: Vec<String> =
        House::mailboxes().into_iter().map(|mailbox| format!("caseworker:{mailbox}")).collect();
    let roles: Vec<&str> = ALL.into_iter().chain(mailboxes.iter().map(String::as_str)).collect();
    let visitor = house.visitor("alle", &format!("Kirsten Æbeltoft-Ørskov {MARKUP}"), &roles).await;
    let text = form_urlencoded::byte_serialize(mended.as_bytes()).collect::<String>();
    for (form, fields) in [
        ("/parkeret/liste", "handling=resend&valg=item:1"),
        ("/parkeret/besked/1/ret/gem", &format!("grund=aftalt&tekst={text}")),
    ] {
        assert_eq!(visitor.posts(form, fields).await, 200, "{form}");
    }
    let seen = visitor.does(look_everywhere(&visitor)).await;
    let missing: Vec<&str> = MENU.into_iter().chain(KNOWN).filter(|kind| !seen.contains(*kind)).collect();
    assert!(missing.is_empty(), "nothing leads to {missing:?}, only to {seen:#?}");
}

/// Follows all links, to one page of each kind. The kinds that were seen.
async fn look_everywhere(visitor: &Browser) -> BTreeSet<String> {
    let mut seen = BTreeMap::new();
    let mut open = VecDeque::from(["/".to_owned()]);
    let mut faults = String::new();
    while let Some(path) = open.pop_front() {
        let sort = kind(&path);
        if seen.contains_key(&sort) {
            continue;
        }
        assert!(seen.len() < MOST, "so many kinds of pages: {seen:?}");
        visitor.goes_to(&path).await;
        let status = visitor.run(STATUS, vec![]).await;
        if status != 200 {
            writeln!(faults, "a link leads to {path}, which is answered by {status}").expect("a text takes it");
        }
        let name = sort.trim_start_matches('/').replace(['/', '?', '&', '*'], "-");
        seen.insert(sort, path.clone());
        if visitor.run("return document.contentType", vec![]).await != "text/html" {
            continue;
        }
        faults += &visitor.faults(&name).await;
        open.extend(visitor.links().await);
        // What is shown only to who says what for.
        if visitor.run(PURPOSE, vec![]).await == true {
            let anew = async || (visitor.run(ANEW, vec![]).await == true).then_some(());
            wait::until("what was asked for is there", anew).await;
            let (path, status) = (visitor.path().await, visitor.run(STATUS, vec![]).await);
            if status != 200 {
                writeln!(faults, "{path} is answered by {status} to who says what for").expect("a text takes it");
            }
            faults += &visitor.faults(&format!("{name}-indhold")).await;
            open.extend(visitor.links().await);
            // It may be a page that no link leads to, as what it shows stands in no address.
            seen.entry(kind(&path)).or_insert(path);
        }
    }
    assert!(faults.is_empty(), "{faults}");
    seen.into_keys().collect()
}

impl Browser {
    /// Where the links of the page lead.
    async fn links(&self) -> Vec<String> {
        let links = self.run(LINKS, vec![]).await;
        links.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }
}

/// How the page was answered.
const STATUS: &str = "return performance.getEntriesByType('navigation')[0].responseStatus;";

/// Whether the page from which something was asked for is gone, and what was asked for is there.
const ANEW: &str = "return !window.asked && document.readyState === 'complete';";

/// The pages of our own that links of a page lead to; files to be kept are none.
const LINKS: &str = "
    return [...document.querySelectorAll('a[href]')]
      .map((link) => new URL(link.href))
      .filter((url) => url.origin === location.origin && !/[.](csv|ics|json|xml)$/.test(url.pathname))
      .map((url) => url.pathname + url.search);";

/// Says what for, in the first form that asks, and sends it.
const PURPOSE: &str = "
    const choice = document.querySelector('select[name=formaal]');
    const word = choice && [...choice.options].find((option) => option.value);
    if (!word) return false;
    choice.value = word.value;
    for (const field of choice.form.querySelectorAll('input[required]:not([type=hidden])')) {
      field.value ||= field.name === 'cpr' ? '2512489996' : 'Prøve';
    }
    window.asked = true;
    choice.form.requestSubmit(choice.form.querySelector('button'));
    return true;";

/// What pages of one kind have in common: the path without what names one thing, and the names of
/// what is asked.
fn kind(path: &str) -> String {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let is_name = |part: &str| part.contains(|c: char| !c.is_ascii_lowercase() && c != '-');
    let parts = path.split('/').map(|part| if is_name(part) { "*" } else { part });
    let asked: BTreeSet<&str> = query.split('&').filter_map(|pair| pair.split('=').next()).collect();
    let asked: Vec<&str> = asked.into_iter().filter(|name| !name.is_empty()).collect();
    let path = parts.collect::<Vec<_>>().join("/");
    if asked.is_empty() { path } else { format!("{path}?{}", asked.join("&")) }
}

#[test]
fn pages_of_one_kind_are_looked_at_once() {
    assert_eq!(kind("/hjaelp/NO_RULE"), kind("/hjaelp/XML_MALFORMED"));
    assert_eq!(kind("/indbakke/12"), "/indbakke/*");
    assert_eq!(kind("/pligter?visning=liste&side=2"), "/pligter?side&visning");
    assert_eq!(kind("/"), "/");
}
