//! The ledger: everything that has arrived, what was decided about it and why, what is owed, what
//! was sent and what came back. A message is acknowledged to its source only when it stands here.
//!
//! | room | what |
//! |---|---|
//! | [`seal`] | keys: sealed bodies, look-up by keyed hash |
//! | [`chain`] | the hash chain over every change |
//! | [`place`], [`sql`], `store`, `sqlite`, [`postgres`] | where it is; the database behind two small traits |
//! | `writer` | one writer, group commit |
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
pub mod place;
pub mod postgres;
mod prove;
pub mod receipt;
pub mod reply;
pub mod seal;
pub mod search;
pub mod sql;
mod sqlite;
mod store;
pub mod system;
pub mod task;
#[cfg(test)]
pub(crate) mod tests;
pub mod trace;
pub mod tx;
pub mod verify;
pub mod wish;
mod writer;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::clock::Clock;
pub use error::{Cause, Error};
use place::{Place, Share};
use seal::Keyring;
use sql::Sql;
use store::Store;
use tokio::sync::{Semaphore, watch};
pub use tx::Tx;
use writer::Writer;

/// How many may read at once.
const READERS: usize = 4;

/// An open ledger. Clones are the same ledger.
#[derive(Clone)]
pub struct Ledger {
    writer: Writer,
    lost: watch::Receiver<Option<&'static str>>,
    readers: Arc<Readers>,
    keys: Arc<Keyring>,
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ledger({:?})", self.readers.place)
    }
}

/// Connections to read by, opened when they are first needed.
struct Readers {
    place: Place,
    idle: Mutex<Vec<Box<dyn Store>>>,
    /// One for each that may be open.
    room: Arc<Semaphore>,
}

impl Ledger {
    /// Opens a ledger, making it where there is none. To be called where the thread may wait.
    pub fn open(place: &Place, share: Share, keys: Keyring, clock: Clock) -> Result<Self, Error> {
        let keys = Arc::new(keys);
        let (writer, lost) = place::aside(|| {
            let mut database = place.open(share)?;
            check_keys(&mut *database, &keys)?;
            Writer::start(database, Arc::clone(&keys), clock)
        })?;
        let readers = Readers { place: place.clone(), idle: Mutex::default(), room: Arc::new(Semaphore::new(READERS)) };
        Ok(Self { writer, lost, readers: Arc::new(readers), keys })
    }

    /// Waits until there is no going on with it, and says why: another hub has it, or it has lost what was
    /// committed to it. Whoever goes on would take messages from whom it does not belong to.
    pub async fn lost(&self) -> &'static str {
        let mut lost = self.lost.clone();
        loop {
            let why = *lost.borrow_and_update();
            if let Some(why) = why {
                return why;
            }
            if lost.changed().await.is_err() {
                // The writer has ended, as the hub has.
                std::future::pending::<()>().await;
            }
        }
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
        let keys = Arc::clone(&self.keys);
        self.by_a_reader(move |database| database.at_one_moment(|sql| work(&mut Reader { sql, keys: &keys }))).await
    }

    /// How many bytes the database takes.
    pub async fn size(&self) -> Result<u64, Error> {
        self.by_a_reader(|database| database.size()).await
    }

    async fn by_a_reader<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Store) -> Result<T, Error> + Send + 'static,
    {
        let Ok(room) = Arc::clone(&self.readers.room).acquire_owned().await else { return Err(Error::Closed) };
        let readers = Arc::clone(&self.readers);
        let run = move || {
            let mut database = readers.take()?;
            let outcome = work(&mut *database);
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
    fn take(&self) -> Result<Box<dyn Store>, Error> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        match idle {
            Some(database) => Ok(database),
            None => self.place.open_to_read(),
        }
    }

    fn give_back(&self, database: Box<dyn Store>) {
        // One that is still at its moment would show others the past.
        if database.in_transaction() {
            return;
        }
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(database);
    }
}

/// Whether the ledger remembers these keys; it refuses others.
fn knows_keys(database: &mut dyn Sql, keys: &Keyring) -> Result<bool, Error> {
    let stored = database.first("SELECT value FROM meta WHERE key = 'keys'", &[], |row| row.need_text(0))?;
    match stored {
        Some(stored) if stored == keys.fingerprint() => Ok(true),
        Some(_) => Err(Error::WrongKey),
        None => Ok(false),
    }
}

/// Remembers which keys the ledger was first written with, and refuses others.
fn check_keys(database: &mut dyn Sql, keys: &Keyring) -> Result<(), Error> {
    if !knows_keys(database, keys)? {
        database.execute("INSERT INTO meta (key, value) VALUES ('keys', ?1)", &[(&keys.fingerprint()).into()])?;
    }
    Ok(())
}

/// Reads a ledger beside a hub that may be running on it. To be called where the thread may wait.
pub fn read<T>(
    place: &Place,
    keys: &Keyring,
    work: impl FnOnce(&mut Reader<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let mut database = place.open_to_read()?;
    database.at_one_moment(|sql| {
        knows_keys(sql, keys)?;
        work(&mut Reader { sql, keys })
    })
}

/// Tries something out on a ledger and undoes it: the same code that decides in earnest says what
/// it would decide. `known` is a ledger to start from; without one nothing is known. To be called where the thread
/// may wait.
pub fn try_out<T>(
    known: Option<(&Place, &Keyring)>,
    clock: &Clock,
    work: impl FnOnce(&mut Tx<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let passing;
    let (mut database, keys) = if let Some((place, keys)) = known {
        let mut database = place.open(Share::Beside)?;
        check_keys(&mut *database, keys)?;
        (database, keys)
    } else {
        passing =
            Keyring::passing().map_err(|source| Error::Open { path: ":memory:".to_owned(), source: source.into() })?;
        #[cfg(not(test))]
        let database: Box<dyn Store> = Box::new(sqlite::Sqlite::in_memory()?);
        #[cfg(test)]
        let database = tests::books::empty()?;
        (database, &passing)
    };
    database.begin()?;
    let mut head = chain::Head::load(&mut *database)?;
    let mut entered = balance::Entered::default();
    let (sql, at) = (&mut *database, clock.now());
    let outcome = work(&mut Tx { sql, keys, head: &mut head, entered: &mut entered, at });
    database.give_up()?;
    outcome
}
