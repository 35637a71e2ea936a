//! The state directory, and opening what stands in it and in the settings.

use std::collections::BTreeSet;
use std::fs::{DirBuilder, File, TryLockError};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};

use crate::adapters::Registry;
use crate::agreement::Book;
use crate::clock::Clock;
use crate::config::{Fault, Settings, agreement};
use crate::intake::{Asks, World};
use crate::ledger::Ledger;
use crate::ledger::place::{Place, Share};
use crate::ledger::seal::Keyring;
use crate::residence::Ask;

/// The directory in which a hub keeps what it must not lose. Only its user can enter it.
#[derive(Debug, Clone)]
pub struct State {
    folder: PathBuf,
}

/// Held by the one process that may write in a state directory.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl State {
    /// The state in a folder, which is made where it is not there.
    pub fn at(folder: &Path) -> Result<Self> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.with_context(|| format!("the state directory `{}` cannot be made", folder.display()))?;
        let folder = folder.canonicalize().with_context(|| format!("`{}` cannot be entered", folder.display()))?;
        Ok(Self { folder })
    }

    /// Where a running hub says how it can be reached.
    pub fn ready_file(&self) -> PathBuf {
        self.folder.join("hub.json")
    }

    /// Where a running hub takes commands.
    pub fn socket(&self) -> PathBuf {
        self.folder.join("hub.sock")
    }

    /// Where the private broker lives.
    pub fn broker_folder(&self) -> PathBuf {
        self.folder.join("broker")
    }

    /// Takes the lock.
    pub fn lock(&self) -> Result<Lock> {
        let path = self.folder.join("hub.lock");
        let file = File::create(&path).with_context(|| format!("`{}` cannot be made", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock { _file: file }),
            Err(TryLockError::WouldBlock) => {
                bail!(
                    "another hub runs on the state directory `{}`: stop it, or use another with --state",
                    self.folder.display()
                )
            }
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("`{}` cannot be locked", path.display()))
            }
        }
    }

    /// Where the ledger is.
    pub fn ledger(&self, settings: &Settings) -> Place {
        match settings.ledger.place.clone() {
            Place::File { path, max_pages } => Place::File { path: self.folder.join(path), max_pages },
            server @ Place::Server(_) => server,
        }
    }

    /// The ledger's keys.
    pub fn keys(&self, settings: &Settings) -> Result<Keyring> {
        let exists = self.ledger(settings).exists()?;
        Keyring::open(&self.folder.join(&settings.ledger.key_file), exists).context("the ledger's keys cannot be used")
    }

    /// Opens the ledger, making it where there is none. To be called where the thread may wait.
    pub fn open_ledger(&self, settings: &Settings, share: Share, clock: Clock) -> Result<Ledger> {
        Ok(Ledger::open(&self.ledger(settings), share, self.keys(settings)?, clock)?)
    }
}

/// Reads and checks the agreements.
pub fn world(settings: &Settings, adapters: Registry) -> Result<World> {
    let files = agreement::files(&settings.agreement)?;
    if files.is_empty() {
        bail!("there is no agreement in `{}`: it should hold a folder with *.toml files", settings.agreement.display());
    }
    let book = Book::read(&files).map_err(|faults| {
        let list: Vec<String> = faults.iter().map(ToString::to_string).collect();
        anyhow!("the agreement does not hold ({} faults):\n{}", list.len(), list.join("\n"))
    })?;
    let adapters = match &settings.beskedfordeler.codes_file {
        Some(file) => {
            let table = std::fs::read_to_string(file)
                .with_context(|| format!("`beskedfordeler.codes_file`: `{}` cannot be read", file.display()))?;
            adapters.with_codes(&table).context("`beskedfordeler.codes_file` does not hold")?
        }
        None => adapters,
    };
    let residence = match &settings.residence {
        Some(residence) if residence.check_plans => Ask::ToCheck,
        Some(_) => Ask::ToKnow,
        None => Ask::Never,
    };
    let content: BTreeSet<String> = settings.fetch.keys().cloned().collect();
    if let Some(unknown) = content.iter().find(|source| adapters.named(source).is_none()) {
        let known: Vec<&str> = adapters.names().collect();
        bail!("`fetch.{unknown}`: there is no source `{unknown}`; there are: {}", known.join(", "));
    }
    let world = World::new(book, adapters, settings.senders.clone()).asking(Asks { residence, content });
    let world = world.carrying(&settings.beskedfordeler.sources);
    Ok(World { calendar: settings.calendar, ..world })
}

/// Faults as one text, a line for each.
pub fn listed(faults: &[Fault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
