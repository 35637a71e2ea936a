//! What is measured, each in a process of its own.

use std::ffi::OsStr;
use std::fmt;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use tokio::process::{Child, Command};

use super::Bench;

/// Where the forwarder finds its broker. In the environment, because an address has a password in
/// it, and arguments can be read by everyone on the machine.
pub(super) const AMQP: &str = "BUDSTIKKE_BENCH_AMQP";

/// How long a start or a stop may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// How often it is looked whether the hub is ready.
const GLANCE: Duration = Duration::from_millis(20);

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Subject {
    /// The bare forwarder.
    Forwarder,
    /// The hub.
    Hub,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Forwarder => "forwarder",
            Self::Hub => "hub",
        })
    }
}

/// A process that is being measured.
pub(super) struct Running {
    child: Child,
    /// Its number, which is that of its process group too.
    pub(super) pid: u32,
}

impl Bench<'_> {
    /// Starts one side. The hub has a new ledger, and is ready when this returns.
    pub(super) async fn start(&self, subject: Subject) -> Result<Running> {
        match subject {
            Subject::Forwarder => {
                let mut command = self.command()?;
                command.args(["bench", "--forward"]).env(AMQP, &self.amqp);
                Running::of(command, subject)
            }
            Subject::Hub => {
                let state = self.state();
                if state.exists() {
                    std::fs::remove_dir_all(&state)?;
                }
                // On some days of the year the calendar has tasks to give: they would be counted as deliveries.
                self.start_on_what_is_there(&[("BUDSTIKKE__DUTIES__CALENDAR", OsStr::new("off"))]).await
            }
        }
    }

    /// This program, with the same settings.
    fn command(&self) -> Result<Command> {
        let program = std::env::current_exe().context("this program cannot be found")?;
        let mut command = Command::new(program);
        command.arg("--config").arg(self.config).stdin(Stdio::null());
        Ok(command)
    }

    /// Starts a hub on the state that lies there, with these settings besides, and waits until it is ready.
    pub(super) async fn start_on_what_is_there(&self, more: &[(&str, &OsStr)]) -> Result<Running> {
        let mut command = self.command()?;
        command.arg("--state").arg(self.state()).arg("run");
        command.env("BUDSTIKKE__BROKER__URL", &self.amqp).env("BUDSTIKKE__TELEMETRY__LOG", "warn");
        command.env("BUDSTIKKE__TELEMETRY__LISTEN", "127.0.0.1:0");
        command.env("BUDSTIKKE__CONSOLE__LISTEN", "127.0.0.1:0").stdout(Stdio::null());
        command.envs(more.iter().copied());
        let mut running = Running::of(command, Subject::Hub)?;
        running.ready(&self.state().join("hub.json")).await?;
        Ok(running)
    }

    /// Where the hub of a round keeps its state.
    pub(super) fn state(&self) -> std::path::PathBuf {
        self.folder.join("hub")
    }

    /// Has the hub that has stopped proven that it took and delivered all: a fast hub that loses
    /// something is not fast.
    pub(super) async fn prove(&self, plans: u32) -> Result<()> {
        let mut command = self.command()?;
        command.arg("--state").arg(self.state()).args(["verify", "--json"]);
        let output = command.output().await.context("`verify` does not run")?;
        let said: serde_json::Value = serde_json::from_slice(&output.stdout).context("`verify` did not answer")?;
        let number = |pointer: &str| said.pointer(pointer).and_then(serde_json::Value::as_u64);
        ensure!(output.status.success(), "the hub's ledger does not balance: {said}");
        let expected = (Some(u64::from(plans)), Some(u64::from(plans) * 2));
        let found = (number("/routed"), number("/deliveries/delivered"));
        ensure!(found == expected, "the hub did not deliver every plan to both: {said}");
        Ok(())
    }
}

impl Running {
    fn of(mut command: Command, subject: Subject) -> Result<Self> {
        let child = command.process_group(0).kill_on_drop(true).spawn();
        let child = child.with_context(|| format!("the {subject} does not start"))?;
        let pid = child.id().context("it has ended already")?;
        Ok(Self { child, pid })
    }

    async fn ready(&mut self, file: &Path) -> Result<()> {
        let ready = async {
            while !file.exists() {
                if let Some(status) = self.child.try_wait()? {
                    bail!("the hub stopped while it started: {status}");
                }
                tokio::time::sleep(GLANCE).await;
            }
            Ok(())
        };
        tokio::time::timeout(PATIENCE, ready).await.context("the hub is not ready after a minute")?
    }

    /// Stops it in order.
    pub(super) async fn stop(mut self) -> Result<()> {
        let pid = i32::try_from(self.pid).ok().and_then(rustix::process::Pid::from_raw).context("no process")?;
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).context("it has ended already")?;
        let status = tokio::time::timeout(PATIENCE, self.child.wait()).await.context("it does not stop")??;
        ensure!(status.success(), "it did not stop in order: {status}");
        Ok(())
    }

    /// Whether it still runs.
    pub(super) fn check(&mut self) -> Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => bail!("it stopped by itself: {status}"),
        }
    }
}
