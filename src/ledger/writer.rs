//! The one writer. What is waiting goes into one transaction: a commit costs the disk the same for
//! one piece of work as for a hundred, and while it is under way the next hundred gather.
//!
//! A group is kept whole or not at all. Where one of it fails, or panics, each is done again in a
//! transaction of its own, so that it takes nothing of its neighbours with it; so a piece of work
//! may run twice, and must do the same then. (A savepoint for each would be the obvious way, but in
//! a large transaction SQLite walks through all it has noted for them at the end of every
//! statement: 3 ms for each message, where now there are 0.2.) Nobody hears of success before the
//! commit is on disk. What is only tried out has a transaction of its own, which is given up.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::{mpsc, oneshot, watch};

use super::Error;
use super::balance::Entered;
use super::chain::Head;
use super::seal::Keyring;
use super::store::Store;
use super::tx::Tx;
use crate::clock::Clock;

/// How many pieces of work may wait; whoever brings the next one waits for room.
const WAITING: usize = 1024;

/// How many go into one transaction. Intake brings a batch of messages as one piece.
const GROUP: usize = 256;

/// Why there is no going on with a ledger.
const TAKEN: &str = "another hub has taken the ledger over";

/// The same.
const BEHIND: &str =
    "the ledger has lost what was committed to it: compare it with a backup and an anchor (`verify --anchor`)";

/// A piece of work, and how its bringer hears of it.
trait Job: Send {
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), Error>;
    /// Whether it is only tried out.
    fn is_trial(&self) -> bool;
    /// Tells the bringer.
    fn tell(self: Box<Self>, committed: Result<(), Error>);
}

struct Pending<T, F> {
    work: F,
    trial: bool,
    done: Option<T>,
    reply: oneshot::Sender<Result<T, Error>>,
}

impl<T: Send, F: FnMut(&mut Tx<'_>) -> Result<T, Error> + Send> Job for Pending<T, F> {
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), Error> {
        let work = &mut self.work;
        let done = catch_unwind(AssertUnwindSafe(|| work(tx))).unwrap_or(Err(Error::Panicked))?;
        self.done = Some(done);
        Ok(())
    }

    fn is_trial(&self) -> bool {
        self.trial
    }

    fn tell(self: Box<Self>, committed: Result<(), Error>) {
        let Self { work, done, reply, .. } = *self;
        // Whoever hears of the end may want back what the work had in hand.
        drop(work);
        let outcome =
            committed.and_then(|()| done.ok_or(Error::Unexpected("a piece of work ended without an outcome")));
        // Whoever no longer listens has stopped; the work is done all the same.
        drop(reply.send(outcome));
    }
}

/// A handle to the writer.
#[derive(Clone)]
pub(super) struct Writer {
    jobs: mpsc::Sender<Box<dyn Job>>,
}

impl Writer {
    /// Starts the writer on a thread of its own.
    pub(super) fn start(
        database: Box<dyn Store>,
        keys: Arc<Keyring>,
        clock: Clock,
    ) -> Result<(Self, watch::Receiver<Option<&'static str>>), Error> {
        let (jobs, waiting) = mpsc::channel(WAITING);
        let (lost, why) = watch::channel(None);
        let mut thread = Thread { database, keys, clock, head: Head::default(), lost };
        thread.head = Head::load(&mut *thread.database)?;
        let spawned = std::thread::Builder::new().name("ledger".to_owned()).spawn(move || thread.run(waiting));
        match spawned {
            Ok(_detached) => Ok((Self { jobs }, why)),
            Err(source) => Err(Error::Open { path: "a thread".to_owned(), source: source.into() }),
        }
    }

    /// Runs a piece of work and answers when it is on disk.
    pub(super) async fn write<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    {
        self.bring(work, false).await
    }

    /// Runs a piece of work where it would be done, and answers when it is undone.
    pub(super) async fn try_out<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    {
        self.bring(work, true).await
    }

    async fn bring<T, F>(&self, work: F, trial: bool) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Pending { work, trial, done: None, reply });
        self.jobs.send(job).await.map_err(|_closed| Error::Closed)?;
        answer.await.map_err(|_closed| Error::Closed)?
    }
}

struct Thread {
    database: Box<dyn Store>,
    keys: Arc<Keyring>,
    clock: Clock,
    head: Head,
    /// Why there is no going on, once there is none.
    lost: watch::Sender<Option<&'static str>>,
}

impl Thread {
    fn run(mut self, mut waiting: mpsc::Receiver<Box<dyn Job>>) {
        let mut group = Vec::with_capacity(GROUP);
        while waiting.blocking_recv_many(&mut group, GROUP) > 0 {
            // A trial fails whatever it shares a transaction with, as that is given up.
            let (trials, kept): (Vec<_>, Vec<_>) = group.drain(..).partition(|job| job.is_trial());
            if !kept.is_empty() {
                self.commit(kept);
            }
            for trial in trials {
                self.try_out(trial);
            }
        }
    }

    fn try_out(&mut self, mut trial: Box<dyn Job>) {
        let tried = self.begin().and_then(|()| {
            let before = self.head;
            let tried = self.run_one(&mut *trial, &mut Entered::default());
            self.give_up(before);
            tried
        });
        trial.tell(tried);
    }

    fn commit(&mut self, mut group: Vec<Box<dyn Job>>) {
        let begun = Instant::now();
        let kept = self.together(&mut group);
        metrics::histogram!("budstikke_ledger_commit_seconds").record(begun.elapsed());
        match kept {
            Ok(()) => group.into_iter().for_each(|job| job.tell(Ok(()))),
            Err(Fault { of_one: true, .. }) if group.len() > 1 => {
                let mut group = group.into_iter();
                while let Some(mut job) = group.next() {
                    match self.together(std::slice::from_mut(&mut job)) {
                        Err(Fault { of_one: false, error }) if error.is_passing() => {
                            // It is not the work: the others would wait as long, one after the other.
                            return tell_all([job].into_iter().chain(group).collect(), error);
                        }
                        kept => job.tell(kept.map_err(|fault| fault.error)),
                    }
                }
            }
            Err(fault) => tell_all(group, fault.error),
        }
    }

    /// Does a group in one transaction, all of it or nothing.
    fn together(&mut self, group: &mut [Box<dyn Job>]) -> Result<(), Fault> {
        let of_all = |error| Fault { of_one: false, error };
        self.begin().map_err(of_all)?;
        let before = self.head;
        let mut entered = Entered::default();
        let run = group
            .iter_mut()
            .try_for_each(|job| self.run_one(&mut **job, &mut entered).map_err(|error| Fault { of_one: true, error }));
        let added_up = run.and_then(|()| entered.keep(&mut *self.database).map_err(of_all));
        let kept = added_up.and_then(|()| self.database.commit().map_err(of_all));
        if kept.is_err() {
            self.give_up(before);
        }
        kept
    }

    fn run_one(&mut self, job: &mut dyn Job, entered: &mut Entered) -> Result<(), Error> {
        let (sql, head) = (&mut *self.database, &mut self.head);
        job.run(&mut Tx { sql, keys: &self.keys, head, entered, at: self.clock.now() })
    }

    /// Undoes a transaction; the chain ends where it did.
    fn give_up(&mut self, before: Head) {
        self.head = before;
        if let Err(error) = self.database.give_up() {
            tracing::error!(error = &error as &dyn std::error::Error, "a transaction could not be given up");
        }
    }

    /// Begins a transaction at the chain's end as it is now: since the last one, another process
    /// may have entered a look at content (`parked show --content`).
    fn begin(&mut self) -> Result<(), Error> {
        let begun = self.database.begin().and_then(|()| Head::load(&mut *self.database));
        let head = match begun {
            Ok(head) => head,
            Err(error) => {
                drop(self.database.give_up());
                if matches!(error, Error::Taken) {
                    self.lost.send_replace(Some(TAKEN));
                }
                return Err(error);
            }
        };
        // What was committed can be gone: a standby that had not got it has taken over, or a backup.
        if head.seq < self.head.seq || (head.seq == self.head.seq && head.hash != self.head.hash) {
            drop(self.database.give_up());
            tracing::error!(known = self.head.seq, found = head.seq, "{BEHIND}");
            self.lost.send_replace(Some(BEHIND));
            return Err(Error::Unavailable { operation: "BEGIN", source: BEHIND.into() });
        }
        self.head = head;
        Ok(())
    }
}

/// Why a group was not kept.
struct Fault {
    /// Whether a piece of work failed, and not the transaction round it.
    of_one: bool,
    error: Error,
}

/// The first one gets the error itself, the others that the transaction was given up.
fn tell_all(jobs: Vec<Box<dyn Job>>, error: Error) {
    let lost = || Error::Unavailable { operation: "COMMIT", source: "the transaction was given up".into() };
    let mut error = Some(error);
    for job in jobs {
        job.tell(Err(error.take().unwrap_or_else(lost)));
    }
}
