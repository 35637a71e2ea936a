//! A close look at a page: whether people can use it who do not see it, or see it small or dark, and
//! whether it keeps to itself.

use std::fmt::Write;
use std::sync::LazyLock;

use budstikke_contract::person::shows_cpr;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::provider::tools;

/// axe-core, as `deploy/setup --test` has fetched it.
static AXE: LazyLock<String> = LazyLock::new(|| {
    let file = tools().join("npm/node_modules/axe-core/axe.min.js");
    std::fs::read_to_string(&file).unwrap_or_else(|_| panic!("`deploy/setup --test` fetches {}", file.display()))
});

/// What the law asks for, and what is good practice beside it.
const TAGS: [&str; 5] = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"];

const RUN: &str = "
    const [runOnly, done] = arguments;
    axe.run(document, { runOnly, resultTypes: ['violations'] }).then(
      (found) => done(found.violations.map(({ id, help, nodes }) => ({ id, help, nodes: nodes.map((node) =>
        `${node.target.join(' ')}: ${node.html.slice(0, 160)}`) }))),
      (error) => done(String(error)));";

/// What other colours can change.
const COLOURS: [&str; 2] = ["color-contrast", "link-in-text-block"];

/// Wide and narrow, light and dark. Once at each width everything is asked; of the other colours, what
/// they can change.
const WAYS: [(u32, bool); 4] = [(1280, false), (1280, true), (390, true), (390, false)];

impl Browser {
    /// Looks at the page that is there in every way, and fails with all that is wrong with it.
    pub(crate) async fn looks_closely(&self, name: &str) {
        let faults = self.faults(name).await;
        assert!(faults.is_empty(), "{faults}");
    }

    /// All that is wrong with the page that is there, in any way of looking at it.
    pub(crate) async fn faults(&self, name: &str) -> String {
        self.run(&AXE, vec![]).await;
        let mut faults = String::new();
        for (width, dark) in WAYS {
            self.is_wide(width).await;
            self.is_dark(dark).await;
            if width == 390 {
                // What is folded is seen by those who open it.
                self.run("for (const fold of document.querySelectorAll('details')) fold.open = true", vec![]).await;
            }
            let way = format!("{width}-{}", if dark { "dark" } else { "light" });
            self.picture(&format!("{name}-{way}")).await;
            let whole = (width == 390) == dark;
            for violation in self.violations(if whole { &TAGS } else { &COLOURS }).await {
                write!(faults, "\n{name}, {way}: {violation}").expect("a text takes it");
            }
            // Whole pixels, as a part of one may stick out for rounding.
            let over = self.run("return document.documentElement.scrollWidth - innerWidth", vec![]).await;
            if over.as_f64().is_none_or(|over| over > 0.0) {
                let wide = self.run(TOO_WIDE, vec![]).await;
                write!(faults, "\n{name}, {way}: the page is {over} pixels too wide: {wide}").expect("a text takes it");
            }
        }
        self.is_wide(1280).await;
        self.is_dark(false).await;
        let made = self.run(MADE, vec![]).await;
        if made.as_array().is_none_or(|made| !made.is_empty()) {
            write!(faults, "\n{name}: something was made of text: {made}").expect("a text takes it");
        }
        faults.extend(self.complaints().await.into_iter().map(|complaint| format!("\n{name}: {complaint}")));
        faults
    }

    /// What axe finds.
    async fn violations(&self, asked: &[&str]) -> Vec<String> {
        let found = self.client.execute_async(RUN, vec![json!(asked)]).await.expect("axe runs");
        let found = found.as_array().unwrap_or_else(|| panic!("axe failed: {found}"));
        found.iter().map(|violation| format!("{violation:#}")).collect()
    }

    /// What the browser complained of since it was last asked, and whom it wanted to reach.
    pub(crate) async fn complaints(&self) -> Vec<String> {
        let said = self.log("browser").await;
        // That a page is a refusal, the browser says too; whether it should be, its test knows.
        let here = self.client.current_url().await.expect("an address");
        let refused = format!("{here} - Failed to load resource: the server responded with a status of 4");
        let complaints = said.iter().filter(|entry| {
            let is_word = entry["level"] == "INFO" || entry["level"] == "DEBUG";
            !is_word && !entry["message"].as_str().unwrap_or_default().starts_with(&refused)
        });
        let mut all: Vec<String> = complaints.map(|entry| format!("the console of the browser: {entry}")).collect();
        for entry in self.log("performance").await {
            let message: Value = serde_json::from_str(entry["message"].as_str().unwrap_or_default()).expect("JSON");
            let message = &message["message"];
            if message["method"] == "Network.requestWillBeSent" {
                let url = message["params"]["request"]["url"].as_str().unwrap_or_default();
                // The browser's own pictures, of a calendar in a date field, go nowhere.
                if !url.starts_with(&format!("{}/", self.origin)) && !url.starts_with("data:") {
                    all.push(format!("something was asked for elsewhere: {url}"));
                }
                if form_urlencoded::parse(url.as_bytes()).any(|(name, value)| shows_cpr(&name) || shows_cpr(&value)) {
                    all.push(format!("a citizen's number stands in an address: {url}"));
                }
            }
        }
        all
    }
}

/// What no page of ours has, so that somebody else's text would have become it.
const MADE: &str = "
    const made = [...document.querySelectorAll('img, iframe, object, embed, style, body script, [onerror], [onload], [onclick], [style]')];
    return made.map((element) => element.outerHTML.slice(0, 160)).concat(window.ramt ? ['a script that ran'] : []);";

/// The elements that stick out, unless something round them scrolls.
const TOO_WIDE: &str = "
    const scrolls = (element) => element && (getComputedStyle(element).overflowX !== 'visible' || scrolls(element.parentElement));
    return [...document.body.querySelectorAll('*')]
      .filter((element) => element.getBoundingClientRect().right > innerWidth + 1 && !scrolls(element.parentElement))
      .slice(0, 5).map((element) => element.outerHTML.slice(0, 160));";
