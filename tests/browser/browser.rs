//! Somebody at a browser: they see text, links, buttons and labels, and use what they see.

use std::panic::AssertUnwindSafe;
use std::path::PathBuf;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::error::{CmdError, ErrorStatus};
use fantoccini::{Client, Locator};
use futures::FutureExt;
use serde_json::{Value, json};

use crate::driver::{Driver, Own};
use crate::wait;

/// A browser.
#[derive(Debug)]
pub(crate) struct Browser {
    pub(super) client: Client,
    /// Where the console is: `http://127.0.0.1:40123`.
    pub(super) origin: String,
    _driver: Driver,
}

impl Browser {
    /// Opens one for the console at this address.
    pub(crate) async fn open(origin: &str) -> Self {
        let driver = Driver::start().await;
        let client = driver.browser().await;
        let browser = Self { client, origin: origin.to_owned(), _driver: driver };
        browser.is_wide(1280).await;
        // What its own first page did is no concern of the console's.
        browser.complaints().await;
        browser
    }

    /// Does something, and where that fails, says what was to be seen then.
    pub(crate) async fn does<T>(&self, what: impl Future<Output = T>) -> T {
        match AssertUnwindSafe(what).catch_unwind().await {
            Ok(done) => done,
            Err(panic) => {
                let url = self.client.current_url().await.map(|url| url.to_string());
                println!("the browser was at {url:?}, and showed:\n{}", self.text().await);
                std::panic::resume_unwind(panic);
            }
        }
    }

    /// Gives the window another width.
    pub(crate) async fn is_wide(&self, width: u32) {
        let size = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        self.tool("Emulation.setDeviceMetricsOverride", &size).await;
        let inner = self.run("return innerWidth", vec![]).await;
        assert_eq!(inner, json!(width), "the window has another width");
    }

    /// Asks for the light or the dark colours.
    pub(crate) async fn is_dark(&self, dark: bool) {
        let scheme = if dark { "dark" } else { "light" };
        self.media("", &[("prefers-color-scheme", scheme)]).await;
        let is = self.run("return matchMedia('(prefers-color-scheme: dark)').matches", vec![]).await;
        assert_eq!(is, json!(dark), "the colours did not change");
    }

    /// Shows pages as they are on paper, or with these wishes.
    pub(crate) async fn media(&self, media: &str, features: &[(&str, &str)]) {
        let features: Vec<Value> =
            features.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
        self.tool("Emulation.setEmulatedMedia", &json!({ "media": media, "features": features })).await;
    }

    /// Uses one of the browser's own tools.
    pub(super) async fn tool(&self, name: &str, parameters: &Value) -> Value {
        self.client.issue_cmd(Own::tool(name, parameters)).await.expect("the browser's tool works")
    }

    /// What a log of the browser says since it was last asked.
    pub(super) async fn log(&self, kind: &str) -> Vec<Value> {
        let said = self.client.issue_cmd(Own::log(kind)).await.expect("a log");
        said.as_array().cloned().unwrap_or_default()
    }

    /// Runs a script in the page.
    pub(crate) async fn run(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.client.execute(script, arguments).await.expect("the script runs")
    }

    /// Goes to a page by its path.
    pub(crate) async fn goes_to(&self, path: &str) {
        self.client.goto(&format!("{}{path}", self.origin)).await.expect("the page comes");
    }

    /// The path of the page, with what follows it.
    pub(crate) async fn path(&self) -> String {
        let url = self.client.current_url().await.expect("an address");
        url.as_str().strip_prefix(&self.origin).expect("one of ours").to_owned()
    }

    /// What a person can read on the page.
    pub(crate) async fn text(&self) -> String {
        let text = self.client.execute("return document.body ? document.body.innerText : ''", vec![]).await;
        text.ok().and_then(|text| text.as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// Waits until the page says something.
    pub(crate) async fn sees(&self, what: &str) {
        let seen = async || self.text().await.contains(what).then_some(());
        wait::until(&format!("the page says `{what}`"), seen).await;
    }

    /// Waits until something is found on the page and this could be done with it: a part that is
    /// sent anew may go away under one's hand.
    async fn with<T>(&self, what: Locator<'_>, mut then: impl AsyncFnMut(Element) -> Result<T, CmdError>) -> T {
        wait::until(&format!("there is {what:?} and it can be used"), async || {
            let done = match self.client.find(what).await {
                Ok(element) => then(element).await,
                Err(missing) => Err(missing),
            };
            match done {
                Ok(done) => Some(done),
                Err(CmdError::Standard(error)) if PASSING.contains(&error.error) => None,
                Err(error) => panic!("{what:?}: {error}"),
            }
        })
        .await
    }

    /// Presses a button, by its name.
    pub(crate) async fn presses(&self, name: &str) {
        let xpath = format!("//button[not(@aria-hidden) and ({})]", named(name));
        self.with(Locator::XPath(&xpath), async |button| button.click().await).await;
    }

    /// Follows a link, by its name.
    pub(crate) async fn follows(&self, name: &str) {
        let xpath = format!("//a[{}]", named(name));
        self.with(Locator::XPath(&xpath), async |link| link.click().await).await;
    }

    /// Chooses from a list, by its label, what stands for this.
    pub(crate) async fn chooses(&self, label: &str, value: &str) {
        self.with(Locator::XPath(&labelled(label)), async |list| list.select_by_value(value).await).await;
    }

    /// What the console answers to who asks for this, with the cookie of this browser.
    pub(crate) async fn status_of(&self, path: &str) -> u64 {
        let asked = "const [path, done] = arguments;
            const stop = new AbortController();
            fetch(path, { signal: stop.signal, redirect: 'manual' })
              .then((answer) => { done(answer.status); stop.abort(); }, (error) => done(String(error)));";
        let answer = self.client.execute_async(asked, vec![json!(path)]).await.expect("an answer");
        answer.as_u64().unwrap_or_else(|| panic!("{path}: {answer}"))
    }

    /// What the console answers to a form that somebody has filled in by hand, wherever it leads.
    pub(crate) async fn posts(&self, path: &str, fields: &str) -> u64 {
        let sent = self.client.execute_async(FORM, vec![json!(path), json!(fields)]).await.expect("an answer");
        sent.as_u64().unwrap_or_else(|| panic!("{path}: {sent}"))
    }

    /// Clicks on the first of what this selector finds.
    pub(crate) async fn clicks(&self, selector: &str) {
        self.with(Locator::Css(selector), async |found| found.click().await).await;
    }

    /// Writes into a field, by its label, in place of what stands there.
    pub(crate) async fn writes(&self, label: &str, text: &str) {
        self.with(Locator::XPath(&labelled(label)), async |field| {
            field.clear().await?;
            field.send_keys(text).await
        })
        .await;
    }

    /// Strikes keys, wherever the focus is.
    pub(crate) async fn strikes(&self, keys: &str) {
        let keys = keys.chars().flat_map(|key| [KeyAction::Down { value: key }, KeyAction::Up { value: key }]);
        let keys = keys.fold(KeyActions::new("keyboard".to_owned()), InputSource::then);
        self.client.perform_actions(keys).await.expect("the keys are struck");
    }

    /// The name of what has the focus.
    pub(crate) async fn focused(&self) -> String {
        self.run(FOCUSED, vec![]).await.as_str().unwrap_or_default().to_owned()
    }

    /// Goes on by the tabulator until something of this name has the focus, and its ring is seen.
    pub(crate) async fn tabs_to(&self, name: &str) {
        for _stop in 0..200 {
            if self.focused().await == name {
                let ring = self.run("return getComputedStyle(document.activeElement).outlineStyle", vec![]).await;
                assert_ne!(ring, "none", "where the focus is cannot be seen: {name}");
                return;
            }
            self.strikes(TAB).await;
        }
        panic!("the keyboard does not reach `{name}`");
    }

    /// Waits until the page does not say something any more.
    pub(crate) async fn gone(&self, what: &str) {
        let gone = async || (!self.text().await.contains(what)).then_some(());
        wait::until(&format!("the page no longer says `{what}`"), gone).await;
    }

    /// Takes the whole page as a picture, where pictures are wanted.
    pub(crate) async fn picture(&self, name: &str) {
        let Some(folder) = std::env::var_os("BUDSTIKKE_PICTURES").map(PathBuf::from) else { return };
        let taken = self.tool("Page.captureScreenshot", &json!({ "captureBeyondViewport": true })).await;
        let bytes = BASE64_STANDARD.decode(taken["data"].as_str().expect("a picture")).expect("a picture");
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join(format!("{name}.png")), bytes).expect("a picture is kept");
    }
}

/// What is wrong with an element for the moment only: it is not there yet, or no longer, or something
/// stands before it.
const PASSING: [ErrorStatus; 4] = [
    ErrorStatus::NoSuchElement,
    ErrorStatus::StaleElementReference,
    ErrorStatus::ElementClickIntercepted,
    ErrorStatus::ElementNotInteractable,
];

/// A key, as the driver knows it.
pub(crate) const TAB: &str = "\u{e004}";
/// Another.
pub(crate) const ENTER: &str = "\u{e007}";

const FORM: &str = "
    const [path, fields, done] = arguments;
    const body = new URLSearchParams(fields);
    body.set('csrf', document.querySelector('input[name=csrf]').value);
    fetch(path, { method: 'POST', body }).then((answer) => done(answer.status), (error) => done(String(error)));";

const FOCUSED: &str = "
    const at = document.activeElement;
    return at.ariaLabel ?? at.labels?.[0]?.innerText.trim() ?? at.innerText?.trim();";

/// What bears this name, as it is read or as it is said.
fn named(name: &str) -> String {
    format!("normalize-space()={name:?} or @aria-label={name:?}")
}

/// The field that this label is for.
fn labelled(label: &str) -> String {
    // What stands behind the name is only said beside it: that the field may stay empty.
    let is = format!("normalize-space()={label:?} or normalize-space(text())={label:?}");
    format!("//*[@id=//label[{is}]/@for] | //label[{is}]//input")
}
