//! The one writer. What is waiting goes into one transaction: a commit costs the disk the same for
//! one piece of work as for a hundred, and while it is under way the next hundred gather.
//!
//! Each piece of work has its own savepoint, so that one that fails, or panics, takes nothing of
//! its neighbours with it. Nobody hears of success before the commit is on disk.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use super::Error;
use super::chain::Head;
use super::seal::Keyring;
use super::sqlite::Sqlite;
use super::tx::Tx;
use crate::clock::Clock;

/// How many pieces of work may wait; whoever brings the next one waits for room.
const WAITING: usize = 1024;

/// How many go into one transaction. Intake brings a batch of messages as one piece.
const GROUP: usize = 256;

/// A piece of work, and how its bringer hears of it.
trait Job: Send {
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), Error>;
    /// Tells the bringer. `None` where the commit that it was part of failed; the error went to
    /// one of the others, and each gets its own.
    fn tell(self: Box<Self>, committed: Result<(), Error>);
}

struct Pending<T, F> {
    work: Option<F>,
    done: Option<Result<T, Error>>,
    reply: oneshot::Sender<Result<T, Error>>,
}

impl<T: Send, F: FnOnce(&mut Tx<'_>) -> Result<T, Error> + Send> Job for Pending<T, F> {
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), Error> {
        let Some(work) = self.work.take() else { return Err(Error::Unexpected("a piece of work ran twice")) };
        match catch_unwind(AssertUnwindSafe(|| work(tx))).unwrap_or(Err(Error::Panicked)) {
            Ok(value) => {
                self.done = Some(Ok(value));
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    fn tell(self: Box<Self>, committed: Result<(), Error>) {
        let outcome = match (committed, self.done) {
            (Ok(()), Some(done)) => done,
            (Ok(()), None) => Err(Error::Unexpected("a piece of work ended without an outcome")),
            (Err(error), _) => Err(error),
        };
        // Whoever no longer listens has stopped; the work is done all the same.
        drop(self.reply.send(outcome));
    }
}

/// A handle to the writer.
#[derive(Clone)]
pub(super) struct Writer {
    jobs: mpsc::Sender<Box<dyn Job>>,
}

impl Writer {
    /// Starts the writer on a thread of its own.
    pub(super) fn start(database: Sqlite, keys: Arc<Keyring>, clock: Clock) -> Result<Self, Error> {
        let (jobs, waiting) = mpsc::channel(WAITING);
        let mut thread = Thread { database, keys, clock, head: Head::default() };
        thread.head = Head::load(&mut thread.database)?;
        let spawned = std::thread::Builder::new().name("ledger".to_owned()).spawn(move || thread.run(waiting));
        match spawned {
            Ok(_detached) => Ok(Self { jobs }),
            Err(source) => Err(Error::Open { path: "a thread".to_owned(), source: source.into() }),
        }
    }

    /// Runs a piece of work and answers when it is on disk.
    pub(super) async fn write<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Pending { work: Some(work), done: None, reply });
        self.jobs.send(job).await.map_err(|_closed| Error::Closed)?;
        answer.await.map_err(|_closed| Error::Closed)?
    }
}

struct Thread {
    database: Sqlite,
    keys: Arc<Keyring>,
    clock: Clock,
    head: Head,
}

impl Thread {
    fn run(mut self, mut waiting: mpsc::Receiver<Box<dyn Job>>) {
        let mut group = Vec::with_capacity(GROUP);
        while waiting.blocking_recv_many(&mut group, GROUP) > 0 {
            self.commit(std::mem::take(&mut group));
        }
    }

    fn commit(&mut self, group: Vec<Box<dyn Job>>) {
        let before = self.head;
        if let Err(error) = self.database.control("BEGIN IMMEDIATE") {
            tell_all(group, error);
            return;
        }
        let mut done = Vec::with_capacity(group.len());
        let mut failed = Vec::new();
        let mut jobs = group.into_iter();
        for mut job in jobs.by_ref() {
            match self.attempt(&mut *job) {
                Ok(()) => done.push(job),
                Err(error) => failed.push((job, error)),
            }
            if !self.database.in_transaction() {
                break;
            }
        }
        let committed = if self.database.in_transaction() {
            self.database.control("COMMIT")
        } else {
            // The database gave up the whole transaction; the error went to the one that met it.
            Err(lost())
        };
        match committed {
            Ok(()) => done.into_iter().for_each(|job| job.tell(Ok(()))),
            Err(error) => {
                self.head = before;
                if self.database.in_transaction() {
                    drop(self.database.control("ROLLBACK"));
                }
                tell_all(done, error);
            }
        }
        tell_all(jobs.collect(), lost());
        for (job, error) in failed {
            job.tell(Err(error));
        }
    }

    /// Runs one piece of work within its savepoint.
    fn attempt(&mut self, job: &mut dyn Job) -> Result<(), Error> {
        let before = self.head;
        self.database.control("SAVEPOINT work")?;
        let at = self.clock.now();
        let mut tx = Tx { sql: &mut self.database, keys: &self.keys, head: &mut self.head, at };
        let outcome = job.run(&mut tx);
        if outcome.is_err() {
            self.head = before;
            if self.database.in_transaction() {
                self.database.control("ROLLBACK TO work")?;
            }
        }
        if self.database.in_transaction() {
            self.database.control("RELEASE work")?;
        }
        outcome
    }
}

/// The transaction that a piece of work was part of did not come to be.
fn lost() -> Error {
    let source = rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_ABORT), None);
    Error::Unavailable { operation: "the transaction was given up", source }
}

/// The first one gets the error itself, the others that the transaction was given up.
fn tell_all(jobs: Vec<Box<dyn Job>>, error: Error) {
    let mut error = Some(error);
    for job in jobs {
        job.tell(Err(error.take().unwrap_or_else(lost)));
    }
}
