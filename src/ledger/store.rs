//! A database that the ledger can be kept in: statements, and the transactions round them.

use std::cmp::Ordering;

use super::Error;
use super::sql::Sql;

/// Whether a program that knows a version can make something of a ledger that has one.
pub(super) fn check_version(found: i64, known: i64) -> Result<(), Error> {
    match found.cmp(&known) {
        Ordering::Equal => Ok(()),
        Ordering::Greater => Err(Error::TooNew { found, known }),
        Ordering::Less => Err(Error::TooOld { found, known }),
    }
}

/// A connection to a database, and its transactions.
pub(super) trait Store: Sql + Send {
    /// Begins a transaction that writes. Whoever else would write waits for its end.
    fn begin(&mut self) -> Result<(), Error>;

    /// Begins a transaction that reads: all of it as it is at one moment.
    fn begin_reading(&mut self) -> Result<(), Error>;

    /// Ends a transaction; what it did is on disk when this returns.
    fn commit(&mut self) -> Result<(), Error>;

    /// Undoes a transaction. Does nothing where none is open: some faults end it by themselves.
    fn give_up(&mut self) -> Result<(), Error>;

    /// Whether a transaction is open.
    fn in_transaction(&self) -> bool;

    /// What ends a statement that runs on it, from another thread.
    fn interrupter(&self) -> Box<dyn Fn() + Send + Sync>;

    /// How many bytes the whole database takes, where it is the one to ask.
    fn size(&mut self) -> Result<u64, Error>;
}

impl dyn Store + '_ {
    /// Reads all of it as it was at one moment, so that it fits together.
    pub(super) fn at_one_moment<T>(&mut self, read: impl FnOnce(&mut dyn Sql) -> Result<T, Error>) -> Result<T, Error> {
        self.begin_reading()?;
        let outcome = read(self);
        // Nothing was written, so nothing can be lost by what goes wrong now.
        drop(self.give_up());
        outcome
    }
}
