//! A PostgreSQL server of a test's own, on loopback: made, started, killed, frozen and started again.

use std::fs::{self, Permissions};
use std::io::{Error, ErrorKind, Result};
use std::net::TcpListener;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Where Debian keeps the servers, one folder for each version.
const VERSIONS: &str = "/usr/lib/postgresql";

/// How long a server may take to start or to end.
const LIMIT: Duration = Duration::from_mins(1);

/// The owner of all that is in it.
pub const USER: &str = "hub";

/// The user's password.
pub const PASSWORD: &str = "kun-til-test";

/// A server, with its data. Both are gone when it is dropped.
#[derive(Debug)]
pub struct Cluster {
    folder: PathBuf,
    programs: PathBuf,
    owner: Option<(u32, u32)>,
    port: u16,
    settings: Vec<String>,
    running: Option<Child>,
}

/// How a server is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// In order: whoever is connected is told.
    Fast,
    /// As if its machine had failed.
    AtOnce,
}

impl Cluster {
    /// Makes a server and starts it.
    pub fn start(settings: &[&str]) -> Result<Self> {
        let mut cluster = Self::make(settings)?;
        cluster.start_again()?;
        Ok(cluster)
    }

    /// Makes a server with its data in a new folder. `settings` are lines of its configuration; the
    /// files that they name are looked for in [`Cluster::folder`].
    pub fn make(settings: &[&str]) -> Result<Self> {
        let cluster = Self::empty(settings)?;
        cluster.fill()?;
        Ok(cluster)
    }

    /// Makes and starts a standby of this one: it follows, and can be [promoted](Cluster::promote).
    pub fn standby(&self, settings: &[&str]) -> Result<Self> {
        let mut standby = Self::empty(settings)?;
        let mut command = standby.program("pg_basebackup");
        command.arg("-D").arg(standby.folder.join("data")).args([
            "-R",
            "-X",
            "stream",
            "--checkpoint=fast",
            "--no-sync",
        ]);
        succeeds(command.arg("-d").arg(self.url("postgres")))?;
        standby.start_again()?;
        Ok(standby)
    }

    /// Lets another server answer in the place of this one, which has ended.
    pub fn take_port_of(&mut self, mut other: Self) -> Result<()> {
        other.end(End::Fast)?;
        other.port = self.port;
        other.start_again()?;
        *self = other;
        Ok(())
    }

    /// Makes a standby take writes.
    pub fn promote(&self) -> Result<()> {
        succeeds(self.program("pg_ctl").arg("promote").arg("-D").arg(self.folder.join("data")))
    }

    fn empty(settings: &[&str]) -> Result<Self> {
        let owner = owner()?;
        let folder = std::env::temp_dir().join(format!("budstikke-pg-{}-{}", std::process::id(), free_port()?));
        fs::DirBuilder::new().mode(0o700).create(&folder)?;
        let settings = settings.iter().map(|&line| line.to_owned()).collect();
        let cluster = Self { folder, programs: programs()?, owner, port: 0, settings, running: None };
        cluster.own(&cluster.folder)?;
        Ok(cluster)
    }

    /// All that it keeps, as text.
    pub fn dump(&self) -> Result<Vec<u8>> {
        let mut command = self.program("pg_dump");
        let dumped = command.arg(self.url("postgres")).stdout(Stdio::piped()).stderr(Stdio::inherit()).output()?;
        if dumped.status.success() { Ok(dumped.stdout) } else { Err(Error::other("pg_dump failed")) }
    }

    /// All that it has logged.
    pub fn log(&self) -> Result<Vec<u8>> {
        fs::read(self.folder.join("log"))
    }

    /// Gives it a copy of a file, which nobody else can read.
    pub fn give(&self, file: &Path, name: &str) -> Result<PathBuf> {
        let place = self.folder.join(name);
        fs::copy(file, &place)?;
        fs::set_permissions(&place, Permissions::from_mode(0o600))?;
        self.own(&place)?;
        Ok(place)
    }

    /// Its port, which stays the same.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The address of a database on it.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://{USER}:{PASSWORD}@127.0.0.1:{}/{database}", self.port)
    }

    fn own(&self, path: &Path) -> Result<()> {
        match self.owner {
            Some((user, group)) => chown(path, Some(user), Some(group)),
            None => Ok(()),
        }
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        if let Some((user, group)) = self.owner {
            command.uid(user).gid(group);
        }
        command.current_dir(&self.folder).env("LC_ALL", "C").stdin(Stdio::null()).stdout(Stdio::null());
        command
    }

    fn fill(&self) -> Result<()> {
        let password = self.folder.join("password");
        fs::write(&password, PASSWORD)?;
        self.own(&password)?;
        let mut command = self.program("initdb");
        command.arg("-D").arg(self.folder.join("data")).arg(format!("--pwfile={}", password.display()));
        command.args(["-U", USER, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]);
        // A language whose order is not that of the bytes: nothing may depend on it.
        command.args(["--locale-provider=icu", "--icu-locale=da"]);
        succeeds(&mut command)
    }

    /// Starts it where it does not run, and waits until it answers.
    pub fn start_again(&mut self) -> Result<()> {
        let fixed = self.port != 0;
        for _attempt in 0..5 {
            let port = if fixed { self.port } else { free_port()? };
            let mut child = self.server(port)?.spawn()?;
            if self.is_up(&mut child, port)? {
                (self.port, self.running) = (port, Some(child));
                return Ok(());
            }
        }
        let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        Err(Error::other(format!("the server does not start: {log}")))
    }

    fn server(&self, port: u16) -> Result<Command> {
        let log = fs::File::options().create(true).append(true).open(self.folder.join("log"))?;
        let mut command = self.program("postgres");
        command.arg("-D").arg(self.folder.join("data")).arg("-k").arg(&self.folder).stderr(log);
        let own = ["listen_addresses=127.0.0.1", "shared_buffers=32MB", "max_connections=200"];
        let port = format!("port={port}");
        for setting in own.into_iter().chain([port.as_str()]).chain(self.settings.iter().map(String::as_str)) {
            command.args(["-c", setting]);
        }
        // Whoever is interrupted at the keyboard ends it in order.
        command.process_group(0);
        Ok(command)
    }

    /// Whether it came up; if another took its port it has ended.
    fn is_up(&self, child: &mut Child, port: u16) -> Result<bool> {
        let begun = Instant::now();
        while begun.elapsed() < LIMIT {
            if child.try_wait()?.is_some() {
                return Ok(false);
            }
            let mut ask = self.program("pg_isready");
            ask.args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()]);
            if ask.status()?.success() {
                return Ok(true);
            }
            sleep(Duration::from_millis(50));
        }
        child.kill()?;
        child.wait()?;
        Ok(false)
    }

    /// Ends it; its data stay.
    pub fn end(&mut self, how: End) -> Result<()> {
        let Some(mut child) = self.running.take() else { return Ok(()) };
        let begun = Instant::now();
        signal(if how == End::Fast { "INT" } else { "QUIT" }, &[child.id()])?;
        while child.try_wait()?.is_none() {
            if begun.elapsed() > LIMIT {
                child.kill()?;
            }
            sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Stops it in the middle of whatever it does, with all that serve a connection.
    pub fn freeze(&self) -> Result<()> {
        signal("STOP", &self.processes()?)
    }

    /// Lets it go on.
    pub fn thaw(&self) -> Result<()> {
        signal("CONT", &self.processes()?)
    }

    /// The server, and after it each process that it has started.
    fn processes(&self) -> Result<Vec<u32>> {
        let Some(server) = self.running.as_ref().map(Child::id) else { return Ok(Vec::new()) };
        let children = fs::read_to_string(format!("/proc/{server}/task/{server}/children"))?;
        Ok(std::iter::once(server).chain(children.split_whitespace().filter_map(|id| id.parse().ok())).collect())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.thaw());
        drop(self.end(End::AtOnce));
        drop(fs::remove_dir_all(&self.folder));
    }
}

fn succeeds(command: &mut Command) -> Result<()> {
    let ended = command.stderr(Stdio::piped()).output()?;
    if ended.status.success() { Ok(()) } else { Err(Error::other(String::from_utf8_lossy(&ended.stderr))) }
}

/// The programs of the newest version.
fn programs() -> Result<PathBuf> {
    let missing = || Error::new(ErrorKind::NotFound, "PostgreSQL is not installed: `deploy/setup --test` does it");
    let versions = fs::read_dir(VERSIONS).map_err(|_none| missing())?;
    let number = |path: &PathBuf| path.file_name()?.to_str()?.parse::<u32>().ok();
    let found = versions.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.join("bin/postgres").exists());
    Ok(found.max_by_key(number).ok_or_else(missing)?.join("bin"))
}

/// As whom it must run: it refuses to be root.
fn owner() -> Result<Option<(u32, u32)>> {
    let is_root = fs::read_to_string("/proc/self/status")?.lines().any(|line| line.starts_with("Uid:\t0\t"));
    if !is_root {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd")?;
    let of = |name: &str| {
        let mut fields = users.lines().find_map(|line| line.strip_prefix(name))?.strip_prefix(':')?.split(':').skip(1);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    let found = of("postgres").or_else(|| of("nobody"));
    found.map(Some).ok_or_else(|| Error::other("there is no user `postgres` to run the server as"))
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

fn signal(name: &str, processes: &[u32]) -> Result<()> {
    let sent = Command::new("kill")
        .args(["-s", name, "--"])
        .args(processes.iter().map(ToString::to_string))
        .stderr(Stdio::null())
        .status()?;
    // Of those that serve a connection one may just have ended.
    if sent.success() || processes.len() > 1 { Ok(()) } else { Err(Error::other("the signal did not arrive")) }
}
