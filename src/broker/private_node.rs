//! A `RabbitMQ` node of the hub's own: started as a child, on loopback ports that nobody else uses,
//! with its data in the hub's state directory, watched, and started again on the same address if it
//! dies.
//!
//! The installed system service is neither used nor touched. The server is started directly, not
//! by the wrapper in `sbin`, which wants to be root; any user can run a node this way.

mod access;
mod config;
mod left_over;
mod ports;
mod process;
mod ready;
mod supervision;

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use self::access::Access;
use self::supervision::Running;
use super::address::Address;
use crate::retry;

/// How to run the node.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where everything of the node's lies: data, log, password. One node per directory.
    pub directory: PathBuf,
    /// `rabbitmq-server`, the script beside the other tools, not the one in `sbin`.
    pub server: PathBuf,
    /// Erlang's port mapper, of which the node gets one of its own.
    pub epmd: PathBuf,
    /// More lines for `rabbitmq.conf`.
    pub extra_config: Vec<String>,
    /// Whether to run the management plugin, on a loopback port.
    pub management: bool,
    /// Limit on a start. A node with much to recover takes longer.
    pub start_limit: Duration,
    /// Limit on an orderly stop. After it the node is killed, which loses nothing but time.
    pub stop_limit: Duration,
    /// How long to wait before a node that has died is started again.
    pub retry: retry::Policy,
}

impl Options {
    /// A node in `directory`, with the programs where Debian and Red Hat put them.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
            server: PathBuf::from("/usr/lib/rabbitmq/bin/rabbitmq-server"),
            epmd: PathBuf::from("/usr/bin/epmd"),
            extra_config: Vec::new(),
            management: false,
            start_limit: Duration::from_mins(2),
            stop_limit: Duration::from_secs(40),
            retry: retry::Policy::new(Duration::from_millis(500), Duration::from_secs(20)),
        }
    }
}

/// What the node is doing while it starts, for a person who waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// A node that an earlier hub has left running is being looked at.
    Inspecting,
    /// It is as it should be, and is used.
    Adopted,
    /// It is not, and is being ended.
    Ending,
    /// The node is being started.
    Starting,
    /// It is not ready yet. Said about once a second.
    Waiting(Duration),
    /// It takes connections.
    Ready,
}

/// Why there is no node.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A program is missing.
    #[error("`{0}` is not there: run `deploy/setup`, which installs RabbitMQ, or set `broker.url` to a broker")]
    NotInstalled(PathBuf),
    /// Another hub uses the directory.
    #[error("the broker's directory `{0}` is in use by another process")]
    InUse(PathBuf),
    /// The node's data are there, but the file with its password and ports is not.
    #[error("`{0}` is gone, but the node's data are there: restore it, or the node cannot be entered")]
    AccessLost(PathBuf),
    /// A file of the node's cannot be read or written.
    #[error("`{path}` cannot be used")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A program could not be started or signalled.
    #[error("{what} failed")]
    Process {
        /// What was tried.
        what: &'static str,
        /// Why it failed.
        #[source]
        source: std::io::Error,
    },
    /// No port is free.
    #[error("no free port was found on the loopback interface")]
    NoPort,
    /// The node ended while it started.
    #[error("the node ended while it started: see `{log}`")]
    Died {
        /// Its log.
        log: PathBuf,
    },
    /// The node did not become ready.
    #[error("the node was not ready after {limit:?}: see `{log}`")]
    NotReady {
        /// How long we waited.
        limit: Duration,
        /// Its log.
        log: PathBuf,
    },
    /// The node runs, but does not let us in.
    #[error("the node does not let us in")]
    Login(#[source] Box<super::Error>),
}

/// A running node.
#[derive(Debug)]
pub struct PrivateNode {
    options: Options,
    access: Access,
    running: Running,
    address: Address,
}

impl PrivateNode {
    /// Starts the node, or takes over the one that a killed hub has left running, and returns when
    /// it takes connections.
    pub async fn start(options: Options, progress: impl Fn(Progress) + Send + Sync) -> Result<Self, Error> {
        let (access, running) = supervision::begin(&options, &progress).await?;
        let address = access.address()?;
        Ok(Self { options, access, running, address })
    }

    /// Where it is. The address stays the same for as long as this hub runs the node.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Where its management plugin is, with user and password, if it runs.
    pub fn management(&self) -> Option<SecretString> {
        self.options.management.then(|| self.access.management())
    }

    /// The process id of the Erlang machine, for tests that kill or freeze it.
    pub fn pid(&self) -> u32 {
        self.running.node_pid()
    }

    /// Runs the node until `stop` is cancelled, and then ends it. If it dies before that it is
    /// started again, with the same ports and data, without a last attempt.
    pub async fn run(self, stop: CancellationToken) -> Result<(), Error> {
        let Self { options, access, running, .. } = self;
        supervision::run(&options, &access, running, &stop).await
    }
}
