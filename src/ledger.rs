//! The ledger: everything that has arrived, what was decided about it and why, what is owed, what
//! was sent and what came back. A message is acknowledged to its source only when it stands here.
//!
//! | room | what |
//! |---|---|
//! | [`seal`] | keys: sealed bodies, look-up by keyed hash |
//! | [`chain`] | the hash chain over every change |
//! | [`sql`], `sqlite`, `writer` | the database behind one small trait; one writer, group commit |
//! | [`tx`] | one piece of work in a transaction |
//! | [`message`], [`item`], [`event`], [`case`], `course` | what arrived |
//! | [`delivery`], [`reply`], [`receipt`], [`lane`], [`goods`] | what is sent, and what is heard of it |
//! | [`duty`], [`agenda`] | what is owed, and whom it concerns by which day |
//! | [`task`] | what teams work on in the console |
//! | [`wish`] | what is asked elsewhere before something can be decided |
//! | [`past`] | what was decided, to be asked about again |
//! | [`grants`] | which events of grants a negotiator's mailbox got |
//! | [`look`] | the only way for people to content |
//! | [`overview`], [`beat`] | how much is where, and comes and goes |
//! | `nudge` | what teams were told outside the console |
//! | [`parked`], [`job`], [`edit`] | what waits for a person, lists of it, corrections of it |
//! | [`account`], [`system`] | who may use the console and the API |
//! | [`search`], [`audit`] | finding messages; who looked at what and did what |
//! | [`balance`], [`verify`], `prove` | the proof |
//!
//! All statements are in SQL that SQLite and PostgreSQL share.

pub mod account;
pub mod agenda;
pub mod audit;
pub mod balance;
pub mod beat;
pub mod case;
pub mod chain;
pub mod citizen;
mod course;
pub mod deed;
pub mod delivery;
pub mod duty;
pub mod edit;
mod error;
pub mod event;
pub mod goods;
pub mod grants;
pub mod item;
pub mod job;
pub mod lane;
pub mod look;
pub mod message;
mod nudge;
pub mod openid;
pub mod overview;
pub mod parked;
pub(crate) mod past;
pub mod pause;
mod prove;
pub mod receipt;
pub mod reply;
pub mod seal;
pub mod search;
pub mod sql;
mod sqlite;
pub mod system;
pub mod task;
#[cfg(test)]
mod tests;
pub mod trace;
pub mod tx;
pub mod verify;
pub mod wish;
mod writer;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::clock::Clock;
pub use error::Error;
use seal::Keyring;
use sql::Sql;
use sqlite::Sqlite;
use tokio::sync::Semaphore;
pub use tx::Tx;
use writer::Writer;

/// How many may read at once.
const READERS: usize = 4;

/// An open ledger. Clones are the same ledger.
#[derive(Clone)]
pub struct Ledger {
    writer: Writer,
    readers: Arc<Readers>,
    keys: Arc<Keyring>,
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ledger({})", self.readers.path.display())
    }
}

/// Connections to read by, opened when they are first needed.
struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Sqlite>>,
    /// One for each that may be open.
    room: Arc<Semaphore>,
}

impl Ledger {
    /// Opens the ledger in a file, making it where there is none. `max_pages` bounds its size, in
    /// pages of 4 KiB.
    pub fn open(path: &Path, keys: Keyring, clock: Clock, max_pages: Option<u32>) -> Result<Self, Error> {
        let mut database = Sqlite::open(path, max_pages)?;
        check_keys(&mut database, &keys)?;
        let keys = Arc::new(keys);
        let writer = Writer::start(database, Arc::clone(&keys), clock)?;
        let readers =
            Readers { path: path.to_owned(), idle: Mutex::default(), room: Arc::new(Semaphore::new(READERS)) };
        Ok(Self { writer, readers: Arc::new(readers), keys })
    }

    /// Its keyed hashes, for what is hashed before it is written.
    pub fn keys(&self) -> &Keyring {
        &self.keys
    }

    /// Runs a piece of work in a transaction and answers when it is on disk. It may run twice: what
    /// it did the first time is then undone, and it must do the same again.
    pub async fn write<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    {
        self.writer.write(work).await
    }

    /// Tries a piece of work out where it would be done, and undoes it: nothing of it is kept, whoever
    /// else writes meanwhile.
    pub async fn try_out<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    {
        self.writer.try_out(work).await
    }

    /// Reads what has been committed, beside the writer: all of it as it was at one moment.
    pub async fn read<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut Reader<'_>) -> Result<T, Error> + Send + 'static,
    {
        let Ok(room) = Arc::clone(&self.readers.room).acquire_owned().await else { return Err(Error::Closed) };
        let (readers, keys) = (Arc::clone(&self.readers), Arc::clone(&self.keys));
        let run = move || {
            let mut database = readers.take()?;
            let outcome = database.at_one_moment(|sql| work(&mut Reader { sql, keys: &keys }));
            readers.give_back(database);
            // The work goes on where nobody waits for it any more, and takes its room until it ends.
            drop(room);
            outcome
        };
        tokio::task::spawn_blocking(run).await.map_err(|_panicked| Error::Panicked)?
    }
}

/// A connection that reads.
pub struct Reader<'a> {
    pub(super) sql: &'a mut dyn Sql,
    pub(super) keys: &'a Keyring,
}

impl fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reader")
    }
}

impl Readers {
    fn take(&self) -> Result<Sqlite, Error> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        match idle {
            Some(database) => Ok(database),
            None => Sqlite::open_to_read(&self.path),
        }
    }

    fn give_back(&self, database: Sqlite) {
        // One that is still at its moment would show others the past.
        if database.in_transaction() {
            return;
        }
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(database);
    }
}

/// Remembers which keys the ledger was first written with, and refuses others.
fn check_keys(database: &mut dyn Sql, keys: &Keyring) -> Result<(), Error> {
    let fingerprint = keys.fingerprint();
    let stored = database.first("SELECT value FROM meta WHERE key = 'keys'", &[], |row| row.need_text(0))?;
    match stored {
        Some(stored) if stored == fingerprint => Ok(()),
        Some(_) => Err(Error::WrongKey),
        None => {
            database.execute("INSERT INTO meta (key, value) VALUES ('keys', ?1)", &[(&fingerprint).into()])?;
            Ok(())
        }
    }
}

/// Reads a ledger in a file, beside a hub that may be running on it.
pub fn read_file<T>(
    path: &Path,
    keys: &Keyring,
    work: impl FnOnce(&mut Reader<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let mut database = Sqlite::open_to_read(path)?;
    let fingerprint = keys.fingerprint();
    let stored = (&mut database as &mut dyn Sql)
        .first("SELECT value FROM meta WHERE key = 'keys'", &[], |row| row.need_text(0))?;
    if stored.is_some_and(|stored| stored != fingerprint) {
        return Err(Error::WrongKey);
    }
    database.at_one_moment(|sql| work(&mut Reader { sql, keys }))
}

/// Tries something out on a ledger and undoes it: the same code that decides in earnest says what
/// it would decide. `path` is a ledger to start from; without one nothing is known.
pub fn try_out<T>(
    path: Option<(&Path, &Keyring)>,
    clock: &Clock,
    work: impl FnOnce(&mut Tx<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let passing;
    let (mut database, keys) = if let Some((path, keys)) = path {
        let mut database = Sqlite::open(path, None)?;
        check_keys(&mut database, keys)?;
        (database, keys)
    } else {
        passing =
            Keyring::passing().map_err(|source| Error::Open { path: ":memory:".to_owned(), source: source.into() })?;
        (Sqlite::in_memory()?, &passing)
    };
    let mut head = chain::Head::load(&mut database)?;
    database.control("BEGIN IMMEDIATE")?;
    let mut entered = balance::Entered::default();
    let (sql, at) = (&mut database, clock.now());
    let outcome = work(&mut Tx { sql, keys, head: &mut head, entered: &mut entered, at });
    if database.in_transaction() {
        database.control("ROLLBACK")?;
    }
    outcome
}
