//! Chromium's driver as a process of the test's own, and the commands of it that `WebDriver` has not.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use axum::http::Method;
use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use reqwest::Url;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};

use crate::wait;

/// Chromium shall ask nobody anything, and no other host can be reached.
const ARGUMENTS: [&str; 13] = [
    "--headless=new",
    // A page that scrolls slowly is not where it was when it is clicked on.
    "--force-prefers-reduced-motion",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--lang=da",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

/// A driver. It ends with the test, whatever happens, and its browser with it.
#[derive(Debug)]
pub(crate) struct Driver {
    url: String,
    folder: TempDir,
    _process: Child,
    /// Kept open: who cannot write what it has to say may die of it.
    _said: BufReader<ChildStdout>,
}

impl Driver {
    /// Starts one, on a port that it finds itself: one that is free of both IPv6 and IPv4. It draws by the
    /// first alone, and ends where somebody has the same number of the second; then it draws again.
    pub(crate) async fn start() -> Self {
        let mut heard = String::new();
        for _draw in 0..20 {
            match Self::draw().await {
                Ok(driver) => return driver,
                Err(said) => heard = said,
            }
            if !heard.contains("port not available") {
                break;
            }
        }
        panic!("chromedriver did not start (`deploy/setup --test` installs it): {heard}");
    }

    async fn draw() -> Result<Self, String> {
        let folder = tempfile::tempdir().expect("a directory");
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--", "chromedriver", "--port=0"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        let mut process = command.spawn().expect("setpriv starts");
        let mut said = BufReader::new(process.stdout.take().expect("what it says"));
        let port = wait::soon("chromedriver starts", port(&mut said)).await?;
        Ok(Self { url: format!("http://127.0.0.1:{port}"), folder, _process: process, _said: said })
    }

    /// A browser that knows nothing yet.
    pub(crate) async fn browser(&self) -> Client {
        let profile = self.folder.path().join("profile").display().to_string();
        let arguments: Vec<String> =
            ARGUMENTS.map(str::to_owned).into_iter().chain([format!("--user-data-dir={profile}")]).collect();
        let wanted = json!({
            "goog:chromeOptions": {
                "binary": self.mortal_chromium(),
                "args": arguments,
                "perfLoggingPrefs": { "enableNetwork": true, "enablePage": false },
            },
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
            "timeouts": { "pageLoad": 60_000, "script": 60_000, "implicit": 0 },
        });
        let wanted: Capabilities = wanted.as_object().expect("an object").clone();
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let connecting = builder.capabilities(wanted).connect(&self.url);
        wait::soon("Chromium starts", connecting).await.expect("Chromium starts")
    }

    /// Chromium, which dies with its driver.
    fn mortal_chromium(&self) -> String {
        let script = self.folder.path().join("chromium");
        let text = "#!/bin/sh\nexec setpriv --pdeathsig KILL -- /usr/bin/chromium \"$@\"\n";
        std::fs::write(&script, text).expect("a script");
        std::fs::set_permissions(&script, Permissions::from_mode(0o700)).expect("it can be run");
        script.display().to_string()
    }
}

/// The port that a driver says it listens on; what it said instead where it ended.
async fn port(said: &mut BufReader<ChildStdout>) -> Result<u16, String> {
    let mut heard = String::new();
    while said.read_line(&mut heard).await.expect("it speaks") > 0 {
        let port = heard.rsplit_once("started successfully on port ");
        if let Some(port) = port.and_then(|(_, rest)| rest.trim().trim_end_matches('.').parse().ok()) {
            return Ok(port);
        }
    }
    Err(heard)
}

/// A command of Chromium's own.
#[derive(Debug)]
pub(crate) struct Own {
    path: &'static str,
    body: Value,
}

impl Own {
    /// A command of the `DevTools` protocol.
    pub(crate) fn tool(name: &str, parameters: &Value) -> Self {
        Self { path: "goog/cdp/execute", body: json!({ "cmd": name, "params": parameters }) }
    }

    /// What was written to a log since it was last asked for.
    pub(crate) fn log(kind: &str) -> Self {
        Self { path: "se/log", body: json!({ "type": kind }) }
    }
}

impl WebDriverCompatibleCommand for Own {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, <Url as std::str::FromStr>::Err> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _url: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}
