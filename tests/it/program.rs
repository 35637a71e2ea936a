//! The `budstikke` command as a process of its own, with a state directory of its own.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};

use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::node::send;
use crate::wait;

/// The command, and where it works.
#[derive(Debug)]
pub(crate) struct Program {
    path: PathBuf,
    folder: TempDir,
    state: PathBuf,
    environment: Vec<(String, String)>,
}

/// What a command said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    /// What it said in JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("this is no JSON: {self:?}"))
    }
}

impl Program {
    /// The command itself, for a hub on the broker at `address`: everything as in production, but
    /// quick to notice and to try again.
    pub(crate) fn at(address: &str) -> Self {
        Self::of(Path::new(env!("CARGO_BIN_EXE_budstikke")), address)
    }

    /// The hub of `tests/tools/poison_hub.rs`, which has a source that can make it die.
    pub(crate) fn with_poison(address: &str) -> Self {
        let program = Path::new(env!("CARGO_BIN_EXE_budstikke")).with_file_name("examples").join("poison-hub");
        assert!(program.exists(), "build the examples first, as `deploy/test` does: cargo build --examples");
        Self::of(&program, address)
    }

    fn of(path: &Path, address: &str) -> Self {
        let folder = tempfile::tempdir().expect("a directory");
        let state = folder.path().join("state");
        Self { path: path.to_owned(), folder, state, environment: Vec::new() }
            .set("BROKER__URL", address)
            .set("BROKER__HEARTBEAT", "2s")
            .set("BROKER__CONFIRM_TIMEOUT", "5s")
            .set("DELIVER__RETRY_FIRST", "50ms")
            .set("DELIVER__RETRY_LONGEST", "1s")
            .set("DUTIES__CALENDAR", "off")
            .set("TELEMETRY__LISTEN", "127.0.0.1:0")
            .set("CONSOLE__LISTEN", "127.0.0.1:0")
            .set("TELEMETRY__FORMAT", "json")
    }

    /// With another setting: `LEDGER__MAX_SIZE`.
    #[must_use]
    pub(crate) fn set(mut self, setting: &str, value: &str) -> Self {
        let name = format!("BUDSTIKKE__{setting}");
        self.environment.retain(|(known, _)| *known != name);
        self.environment.push((name, value.to_owned()));
        self
    }

    /// With another state directory.
    #[must_use]
    pub(crate) fn keeping_state_in(mut self, state: &Path) -> Self {
        state.clone_into(&mut self.state);
        self
    }

    /// The state directory.
    pub(crate) fn state(&self) -> &Path {
        &self.state
    }

    /// Where `run` says that it is ready.
    pub(crate) fn ready_file(&self) -> PathBuf {
        self.folder.path().join("ready.json")
    }

    /// All that its hubs have logged.
    pub(crate) fn log(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(self.log_file()).unwrap_or_default()).into_owned()
    }

    fn log_file(&self) -> PathBuf {
        self.folder.path().join("hub.log")
    }

    /// The command with these arguments; it dies with the test.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.stateless(arguments);
        command.arg("--state").arg(&self.state);
        command
    }

    /// The command without a state directory.
    fn stateless(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--"]).arg(&self.path).args(arguments);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("BUDSTIKKE__") {
                command.env_remove(name);
            }
        }
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.env("RUST_BACKTRACE", "1").current_dir(env!("CARGO_MANIFEST_DIR"));
        command.stdin(Stdio::null()).kill_on_drop(true);
        command
    }

    /// Runs a command to its end.
    pub(crate) async fn say(&self, arguments: &[&str]) -> Said {
        Self::said(self.command(arguments)).await
    }

    /// The same, without a state directory.
    pub(crate) async fn say_anywhere(&self, arguments: &[&str]) -> Said {
        Self::said(self.stateless(arguments)).await
    }

    async fn said(mut command: Command) -> Said {
        let output = wait::soon("a command ends", command.output()).await.expect("it runs");
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Said { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// Starts a hub, and does not wait until it is ready.
    pub(crate) fn begin(&self) -> Child {
        let log = File::options().create(true).append(true).open(self.log_file()).expect("a log file");
        drop(std::fs::remove_file(self.ready_file()));
        let ready = self.ready_file();
        let mut command = self.command(&["run", "--ready-file", &ready.to_string_lossy()]);
        command.stdout(Stdio::null()).stderr(log).spawn().expect("the hub starts")
    }

    /// Starts a hub and waits until it is ready.
    pub(crate) async fn start(&self) -> Running {
        self.adopt(self.begin()).await
    }

    /// Waits until a hub that was begun is ready.
    pub(crate) async fn adopt(&self, mut child: Child) -> Running {
        let ready = self.ready(&mut child).await;
        Running { child, ready }
    }

    /// Waits until a hub is ready.
    pub(crate) async fn ready(&self, child: &mut Child) -> Value {
        wait::until("the hub is ready", async || {
            if let Some(status) = child.try_wait().expect("the hub's status") {
                panic!("the hub ended with {status}: {}", tail(&self.log()));
            }
            serde_json::from_slice(&std::fs::read(self.ready_file()).ok()?).ok()
        })
        .await
    }

    /// The proof, once no hub runs: the books and the chain, by `verify`.
    pub(crate) async fn proof(&self) -> Value {
        let said = self.say(&["verify", "--json"]).await;
        assert_eq!(said.code, Some(0), "{said:?}");
        let proof = said.json();
        assert_eq!((proof["chain"].as_str(), proof["balanced"].as_bool()), (Some("ok"), Some(true)), "{proof}");
        proof
    }
}

/// Where a test fails, how its hubs came to that.
impl Drop for Program {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("the end of the hub's log:\n{}", tail(&self.log()));
        }
    }
}

/// The last lines of a log.
fn tail(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(40)..].join("\n")
}

/// A hub that runs.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    /// What it wrote to its ready file.
    pub(crate) ready: Value,
}

impl Running {
    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    pub(crate) fn signal(&self, signal: Signal) {
        send(self.pid(), signal);
    }

    /// Kills it at once.
    pub(crate) async fn kill(mut self) {
        wait::soon("a hub dies", self.child.kill()).await.expect("it is killed");
    }

    /// Waits until it has ended.
    pub(crate) async fn ended(mut self) -> ExitStatus {
        wait::soon("a hub ends", self.child.wait()).await.expect("its status")
    }

    /// Tells it to stop, and waits until it has.
    pub(crate) async fn stop(self) {
        self.signal(Signal::TERM);
        let status = self.ended().await;
        assert_eq!(status.code(), Some(0), "a hub that is told to stop does so in order");
    }

    /// What it answers under this path of its telemetry.
    pub(crate) async fn get(&self, path: &str) -> String {
        let url = self.ready["telemetry"].as_str().expect("an address");
        let place = url.strip_prefix("http://").expect("an address");
        let asked = async {
            let mut socket = TcpStream::connect(place).await?;
            let request = format!("GET {path} HTTP/1.1\r\nHost: {place}\r\nConnection: close\r\n\r\n");
            socket.write_all(request.as_bytes()).await?;
            let mut answer = String::new();
            socket.read_to_string(&mut answer).await?;
            std::io::Result::Ok(answer)
        };
        wait::soon("the hub answers", asked).await.expect("it answers")
    }

    /// How it says that it is doing.
    pub(crate) async fn health(&self) -> Value {
        let answer = self.get("/health/ready").await;
        let (_, body) = answer.split_once("\r\n\r\n").expect("an answer");
        serde_json::from_str(body).unwrap_or_else(|_| panic!("this is no health: {answer}"))
    }

    /// Waits until its health is like that.
    pub(crate) async fn is(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        wait::until(what, async || Some(self.health().await).filter(&wanted)).await
    }
}
