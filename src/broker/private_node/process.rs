//! A process that the hub started, or that an earlier hub did: told from a stranger with the same
//! number, waited for, and ended.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal};
use serde::{Deserialize, Serialize};
use tokio::process::{Child, Command};

use super::Error;

/// How often to look whether a process that is not our child has ended.
const LOOK: Duration = Duration::from_millis(200);

/// Which process it is. A process id is used again; the time of birth is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Identity {
    pid: u32,
    /// Clock ticks from the machine's start to the process's.
    born: u64,
}

impl Identity {
    fn of(pid: u32) -> Option<Self> {
        born(pid).map(|born| Self { pid, born })
    }

    pub(super) fn pid(self) -> u32 {
        self.pid
    }

    /// Whether the process still runs.
    pub(super) fn lives(self) -> bool {
        born(self.pid) == Some(self.born)
    }
}

/// When the process was born, unless it is dead (a dead child that nobody has asked for is still
/// listed). The second field of `/proc/<pid>/stat` is the program's name, in brackets, and may hold
/// anything; behind it the state is the first and the time of birth the twentieth.
fn born(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace();
    let state = fields.next()?;
    let born = fields.nth(18)?.parse().ok()?;
    (!matches!(state, "Z" | "X")).then_some(born)
}

/// A process, the leader of a group of its own.
#[derive(Debug)]
pub(super) struct Process {
    identity: Identity,
    /// Nothing for a process that an earlier hub started.
    child: Option<Child>,
    /// It has ended, or is no longer ours to end.
    done: bool,
}

impl Process {
    /// Starts a program in a group of its own, so that a signal to the hub's terminal does not
    /// reach it, and a signal to it reaches all of it.
    pub(super) fn start(mut command: Command, log: &Path, what: &'static str) -> Result<Self, Error> {
        let open = || File::options().create(true).append(true).open(log);
        let file = |source| Error::File { path: log.to_owned(), source };
        let (out, err) = (open().map_err(file)?, open().map_err(file)?);
        command.stdin(Stdio::null()).stdout(Stdio::from(out)).stderr(Stdio::from(err)).process_group(0);
        let child = command.spawn().map_err(|source| Error::Process { what, source })?;
        let gone = || Error::Process { what, source: io::ErrorKind::NotFound.into() };
        let identity = child.id().and_then(Identity::of).ok_or_else(gone)?;
        Ok(Self { identity, child: Some(child), done: false })
    }

    /// Takes over a process that an earlier hub started, if it still runs.
    pub(super) fn adopt(identity: Identity) -> Option<Self> {
        identity.lives().then_some(Self { identity, child: None, done: false })
    }

    pub(super) fn identity(&self) -> Identity {
        self.identity
    }

    /// Waits until the process has ended.
    pub(super) async fn ended(&mut self) {
        match &mut self.child {
            Some(child) => {
                if let Err(error) = child.wait().await {
                    tracing::debug!(%error, "cannot wait for a child");
                }
            }
            None => {
                while self.identity.lives() {
                    tokio::time::sleep(LOOK).await;
                }
            }
        }
        self.done = true;
    }

    /// Asks the process to end, and after `limit` kills it.
    pub(super) async fn stop(&mut self, limit: Duration) {
        if self.done {
            return;
        }
        self.signal(Signal::TERM);
        // A process that was stopped hears nothing before it is continued.
        self.signal(Signal::CONT);
        if tokio::time::timeout(limit, self.ended()).await.is_err() {
            tracing::warn!(pid = self.identity.pid, "a process did not end when asked, and is killed");
            self.signal(Signal::KILL);
            // A killed process ends as soon as the kernel gets to it.
            self.ended().await;
        }
    }

    fn signal(&self, signal: Signal) {
        let Some(group) = i32::try_from(self.identity.pid).ok().and_then(Pid::from_raw) else { return };
        if let Err(error) = rustix::process::kill_process_group(group, signal) {
            tracing::debug!(%error, pid = self.identity.pid, "no such process to signal");
        }
    }
}

impl Drop for Process {
    /// Whoever forgets to stop a process does not leave it behind.
    fn drop(&mut self) {
        if !self.done && self.identity.lives() {
            self.signal(Signal::TERM);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(20);

    fn shell(script: &str) -> Process {
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(script);
        let log = tempfile::NamedTempFile::new().unwrap();
        Process::start(command, log.path(), "starting a shell").unwrap()
    }

    #[tokio::test]
    async fn a_process_ends_when_asked() {
        let mut process = shell("sleep 600");
        let identity = process.identity();
        assert!(identity.lives());
        process.stop(LIMIT).await;
        assert!(!identity.lives());
    }

    #[tokio::test]
    async fn what_does_not_listen_is_killed() {
        // The inner sleep is of the same group, and goes with it.
        let mut process = shell("trap '' TERM; while :; do sleep 600; done");
        process.stop(Duration::from_millis(300)).await;
        assert!(!process.identity().lives());
    }

    #[tokio::test]
    async fn a_process_of_an_earlier_hub_is_waited_for_and_ended() {
        let mut child = shell("sleep 600");
        let mut adopted = Process::adopt(child.identity()).unwrap();
        let (stopped, ()) = tokio::join!(tokio::time::timeout(LIMIT, adopted.stop(LIMIT)), child.ended());
        stopped.unwrap();
        assert!(Process::adopt(child.identity()).is_none());
    }

    #[tokio::test]
    async fn a_stopped_process_hears_it_too() {
        let mut process = shell("sleep 600");
        process.signal(Signal::STOP);
        tokio::time::timeout(LIMIT, process.stop(LIMIT * 2)).await.unwrap();
    }

    #[test]
    fn a_stranger_with_the_same_number_is_not_taken_for_it() {
        let ours = Identity::of(std::process::id()).unwrap();
        assert!(ours.lives());
        let stranger = Identity { born: ours.born + 1, ..ours };
        assert!(!stranger.lives() && Process::adopt(stranger).is_none());
    }
}
