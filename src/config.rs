//! Settings: one TOML file, over it the environment (`BUDSTIKKE__SECTION__KEY`). They are read,
//! checked and never looked at raw again. All faults come at once, each with its key, what is
//! wrong and what to write instead.
//!
//! Relative paths in the file are relative to the file; those of the ledger to the state directory.
//! Secrets never stand in the file: a fault in it is shown with its line.

pub mod agreement;
mod asked;
pub mod beskedfordeler;
mod desk;
mod ledger;
pub mod mailbox;
pub mod notice;
pub mod openid;
mod read;
mod value;
mod watched;
mod web;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::console;
use crate::deliver::carrier::HttpMailbox;
use crate::deliver::retry::Policy;
use crate::enquire::asker::Limits;
use crate::ledger::place::Place as Kept;
use crate::nudge;
use crate::telemetry::Format;
use crate::web as endpoint;

/// The settings of a hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Where the agreements are: a folder for each.
    pub agreement: PathBuf,
    /// The broker.
    pub broker: Broker,
    /// The ledger.
    pub ledger: Ledger,
    /// Deliveries.
    pub retry: Policy,
    /// Whether the hub opens the duties of the agreement's calendar.
    pub calendar: bool,
    /// The console.
    pub console: Console,
    /// Metrics, health and logs.
    pub telemetry: Telemetry,
    /// How long what is in hand may take to finish when the hub stops.
    pub stop_grace: Duration,
    /// Which source a broker's user may speak for.
    pub senders: BTreeMap<String, String>,
    /// KOMBIT's Beskedfordeler.
    pub beskedfordeler: beskedfordeler::Beskedfordeler,
    /// The mailboxes that are reached by HTTP, by id.
    pub mailboxes: BTreeMap<String, HttpMailbox>,
    /// Who is asked where a citizen lives, if anybody.
    pub residence: Option<Residence>,
    /// Whom the hub tells that something waits in the console.
    pub notices: nudge::Settings,
    /// Who is asked what a source's thin events are about.
    pub fetch: BTreeMap<String, Asked>,
}

/// Somebody whom the hub asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Where they are and how one gets in.
    pub web: endpoint::Settings,
    /// How much they may be asked.
    pub limits: Limits,
}

/// Who is asked where a citizen lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Residence {
    /// Who.
    pub asked: Asked,
    /// Whether they must confirm what a plan says.
    pub check_plans: bool,
}

/// Where the console is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Console {
    /// Where it listens.
    pub listen: SocketAddr,
    /// How browsers reach it, and how long somebody stays signed in.
    pub set_up: console::Settings,
}

/// Where the broker is and how it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broker {
    /// Where it is.
    pub place: Place,
    /// The file with its password, where the address has none.
    pub password_file: Option<PathBuf>,
    /// The only authorities that may vouch for it, where it speaks TLS.
    pub ca_file: Option<PathBuf>,
    /// Its management interface, where the hub may ask it.
    pub management: Option<endpoint::Settings>,
    /// Our certificate and its key, where it asks for one.
    pub identity: Option<(PathBuf, PathBuf)>,
    /// Messages taken and not yet acknowledged, for each queue.
    pub prefetch: u16,
    /// Messages sent and not yet confirmed.
    pub window: usize,
    /// How often each side says that it lives.
    pub heartbeat: Duration,
    /// How long a confirm may take.
    pub confirm_timeout: Duration,
}

/// Where the broker is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A node of the hub's own.
    Private,
    /// At this address.
    At(String),
}

/// Where the ledger is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ledger {
    /// Where; a file is relative to the state directory.
    pub place: Kept,
    /// Its keys; relative to the state directory.
    pub key_file: PathBuf,
    /// How large it may grow, in bytes; `None` as far as the disk goes.
    pub max_size: Option<u64>,
}

/// What the hub says about itself, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Telemetry {
    /// Where metrics and health are.
    pub listen: SocketAddr,
    /// Which log lines are written.
    pub log: String,
    /// In which form.
    pub format: Format,
    /// Where traces go, if anywhere.
    pub otlp: Option<endpoint::Settings>,
}

/// A fault in the settings.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("{place}: {what}")]
pub struct Fault {
    /// The key, and where its value came from.
    pub place: String,
    /// What is wrong, and what to write instead.
    pub what: String,
}

impl Settings {
    /// Reads the file, and over it the environment.
    ///
    /// # Errors
    /// All faults.
    pub fn read(path: &Path) -> Result<Self, Vec<Fault>> {
        read::read(path, std::env::vars())
    }
}
