//! Starts the node, watches it, starts it again, ends it.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::access::{self, Access};
use super::config::{self, Files};
use super::left_over::{self, Pids};
use super::process::Process;
use super::{Error, Options, Progress, ready};

/// How often to look whether the node is ready.
const LOOK: Duration = Duration::from_millis(100);

/// How long a node must have run for the next wait to be the shortest again.
const SETTLED: Duration = Duration::from_mins(1);

/// How long the port mapper may take. It does nothing but listen.
const EPMD_LIMIT: Duration = Duration::from_secs(10);

/// The processes of a node, and the lock on its directory. The node ends before its port mapper.
#[derive(Debug)]
pub(super) struct Running {
    node: Process,
    epmd: Process,
    files: Files,
    _lock: File,
}

impl Running {
    pub(super) fn node_pid(&self) -> u32 {
        self.node.identity().pid()
    }
}

/// Starts the node, or takes over the one that is there.
pub(super) async fn begin(
    options: &Options,
    progress: &(impl Fn(Progress) + Sync),
) -> Result<(Access, Running), Error> {
    for program in [&options.server, &options.epmd] {
        if !program.exists() {
            return Err(Error::NotInstalled(program.clone()));
        }
    }
    let files = Files::of(options)?;
    access::make_private(files.directory())?;
    let lock = lock(&files.lock())?;
    let access = Access::load_or_create(files.directory())?;
    let same_config = config::write(options, &access, &files)?;
    if let Some((node, epmd)) = left_over::take_over(options, &access, &files, same_config, progress).await {
        return Ok((access, Running { node, epmd, files, _lock: lock }));
    }
    let access = access.with_free_ports(files.directory())?;
    config::write(options, &access, &files)?;
    let epmd = start_epmd(options, &access, &files).await?;
    let mut node = start_node(options, &access, &files)?;
    Pids { node: Some(node.identity()), epmd: Some(epmd.identity()) }.store(&files)?;
    wait_until_ready(options, &access, &files, &mut node, progress).await?;
    Ok((access, Running { node, epmd, files, _lock: lock }))
}

fn lock(path: &Path) -> Result<File, Error> {
    let file = |source| Error::File { path: path.to_owned(), source };
    let lock = File::options().create(true).truncate(false).write(true).open(path).map_err(file)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(Error::InUse(path.with_file_name(""))),
        Err(TryLockError::Error(source)) => Err(file(source)),
    }
}

async fn start_epmd(options: &Options, access: &Access, files: &Files) -> Result<Process, Error> {
    let port = access.ports.epmd;
    let mut command = Command::new(&options.epmd);
    command.args(["-address", "127.0.0.1", "-port", &port.to_string()]).env_clear();
    let mut epmd = Process::start(command, &files.start_log(), "starting the port mapper")?;
    let listening = async {
        while !ready::listens(port).await {
            tokio::time::sleep(LOOK).await;
        }
    };
    tokio::select! {
        () = listening => Ok(epmd),
        () = epmd.ended() => Err(Error::Died { log: files.start_log() }),
        () = tokio::time::sleep(EPMD_LIMIT) => Err(Error::NotReady { limit: EPMD_LIMIT, log: files.start_log() }),
    }
}

fn start_node(options: &Options, access: &Access, files: &Files) -> Result<Process, Error> {
    let mut command = Command::new(&options.server);
    command.env_clear().envs(config::environment(access, files)).current_dir(files.directory());
    Process::start(command, &files.start_log(), "starting the node")
}

async fn wait_until_ready(
    options: &Options,
    access: &Access,
    files: &Files,
    node: &mut Process,
    progress: &(impl Fn(Progress) + Sync),
) -> Result<(), Error> {
    let limit = options.start_limit;
    let begin = Instant::now();
    progress(Progress::Starting);
    let ready = async {
        let mut said = Duration::ZERO;
        while !ready::listens(access.ports.amqp).await {
            tokio::time::sleep(LOOK).await;
            if begin.elapsed() >= said + Duration::from_secs(1) {
                said = begin.elapsed();
                progress(Progress::Waiting(said));
            }
        }
    };
    tokio::select! {
        () = ready => {}
        () = node.ended() => return Err(Error::Died { log: files.start_log() }),
        () = tokio::time::sleep(limit) => return Err(Error::NotReady { limit, log: files.log() }),
    }
    ready::lets_us_in(access).await?;
    progress(Progress::Ready);
    Ok(())
}

/// Watches the node until `stop`, and then ends it.
pub(super) async fn run(
    options: &Options,
    access: &Access,
    mut running: Running,
    stop: &CancellationToken,
) -> Result<(), Error> {
    let mut waits = options.retry.waits();
    let mut begin = Instant::now();
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            () = running.node.ended() => tracing::error!("the private broker has died: starting it again"),
            () = running.epmd.ended() => tracing::error!("the private broker's port mapper has died: starting it again"),
        }
        if begin.elapsed() >= SETTLED {
            waits.reset();
        }
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(waits.next_wait()) => {}
            }
            match revive(options, access, &mut running, stop).await {
                Ok(()) => break,
                Err(error) => tracing::error!(%error, "the private broker cannot be started: trying again"),
            }
        }
        begin = Instant::now();
    }
    running.node.stop(options.stop_limit).await;
    running.epmd.stop(options.stop_limit).await;
    Pids { node: None, epmd: None }.store(&running.files)
}

/// Starts what has died. The node cannot do without its port mapper when it starts.
async fn revive(
    options: &Options,
    access: &Access,
    running: &mut Running,
    stop: &CancellationToken,
) -> Result<(), Error> {
    let files = running.files.clone();
    if !running.epmd.identity().lives() {
        running.epmd = start_epmd(options, access, &files).await?;
    }
    let starts = !running.node.identity().lives();
    if starts {
        running.node = start_node(options, access, &files)?;
    }
    Pids { node: Some(running.node.identity()), epmd: Some(running.epmd.identity()) }.store(&files)?;
    if !starts {
        return Ok(());
    }
    let ready = tokio::select! {
        () = stop.cancelled() => return Ok(()),
        ready = wait_until_ready(options, access, &files, &mut running.node, &|_| {}) => ready,
    };
    if ready.is_err() {
        running.node.stop(options.stop_limit).await;
    } else {
        tracing::info!("the private broker runs again");
    }
    ready
}
