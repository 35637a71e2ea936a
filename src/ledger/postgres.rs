//! The ledger in a database on a PostgreSQL server.
//!
//! A file cannot go away while it is written, a server can. So a connection is made anew where the last
//! one was lost, between transactions and never within one; and where it was lost at the very commit,
//! the server is asked what became of it, before anybody is told anything.
//!
//! | room | what |
//! |---|---|
//! | `server` | which database, and how to get in |
//! | `wire` | one connection; nothing waits without limit |
//! | `words` | the shared statements in PostgreSQL's spelling |
//! | `schema` | what the ledger asks of a server, and its tables there |
//! | `fault` | what goes wrong, without what it quotes |

mod fault;
mod schema;
mod server;
#[cfg(test)]
mod tests;
mod wire;
mod words;

use std::mem::take;
use std::time::{Duration, Instant};

use tokio_postgres::error::SqlState;
use tokio_util::sync::CancellationToken;

use super::Error;
use super::place::Share;
use super::sql::{Param, Row, Sql};
use super::store::Store;
use fault::Trouble;
pub use server::{AddressFault, Server};
use wire::Wire;

/// How long it is tried to hear what became of a transaction. Meanwhile nobody else can write.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long between two attempts at that.
const PAUSE: Duration = Duration::from_millis(500);

/// Taken by whoever writes, for one transaction. The second number is the schema, so that ledgers in one
/// database do not get in each other's way.
const TO_WRITE: &str = "SELECT pg_advisory_xact_lock(155185, hashtext(current_schema()))";

/// Taken by the hub for as long as its connection lasts. One that has just ended may be there for a moment yet.
const TO_BE_THE_HUB: &str = "SELECT pg_advisory_lock(185155, hashtext(current_schema()))";

/// What each connection is told first: no statement waits long for another, nor is one planned by what
/// a table happens to hold now, or by the values that come with it (a plan like that is good until the
/// table has grown); and neither side takes the other for being there when it is not.
const MANNERS: &str = "SET lock_timeout = '5s'; SET idle_in_transaction_session_timeout = '60s';
    SET client_min_messages = 'warning'; SET jit = off; SET enable_seqscan = off;
    SET plan_cache_mode = force_generic_plan; SET bytea_output = 'hex';
    SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3";

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// To write.
    Writer(Share),
    /// To read only.
    Reader,
}

/// Which transaction is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Open {
    #[default]
    None,
    Reading,
    /// By its number, by which it can be asked about.
    Writing(u64),
}

/// A connection to the database.
pub(super) struct Postgres {
    server: Server,
    role: Role,
    wire: Option<Wire>,
    open: Open,
    /// A statement of this transaction failed. The server would answer its commit without a fault, and
    /// keep nothing.
    spoiled: bool,
    stop: CancellationToken,
}

impl Postgres {
    /// Opens the database; a writer makes the ledger where there is none.
    pub(super) fn open(server: &Server, role: Role) -> Result<Self, Error> {
        let mut database = Self::connect(server, role)?;
        let opened = match role {
            Role::Writer(_) => database.migrate(),
            Role::Reader => database.check_version(),
        };
        opened.map_err(|error| database.not_opened(error))?;
        Ok(database)
    }

    /// Makes the first connection.
    pub(super) fn connect(server: &Server, role: Role) -> Result<Self, Error> {
        let (server, stop) = (server.clone(), CancellationToken::new());
        let mut database = Self { server, role, wire: None, open: Open::None, spoiled: false, stop };
        database.reconnect().map_err(|error| database.not_opened(error))?;
        Ok(database)
    }

    /// A fault at the opening: whoever started the program is told where.
    fn not_opened(&self, error: Error) -> Error {
        if let Error::Full(source) | Error::Unavailable { source, .. } | Error::Failed { source, .. } = error {
            return Error::Open { path: self.server.to_string(), source };
        }
        error
    }

    fn reconnect(&mut self) -> Result<(), Error> {
        const CONNECT: &str = "connecting";
        let wire = Wire::open(&self.server, self.stop.clone()).map_err(|trouble| trouble.meant(CONNECT))?;
        wire.say(MANNERS).map_err(|trouble| trouble.meant(CONNECT))?;
        schema::check_promises(&wire, self.role)?;
        if self.role == Role::Writer(Share::Alone) {
            wire.say(TO_BE_THE_HUB).map_err(|trouble| {
                if trouble.says(&SqlState::LOCK_NOT_AVAILABLE) { Error::Taken } else { trouble.meant(CONNECT) }
            })?;
        }
        self.wire = Some(wire);
        Ok(())
    }

    /// The connection; made anew where it was lost, but not in the middle of a transaction.
    fn wire(&mut self) -> Result<&mut Wire, Trouble> {
        if self.open == Open::None && self.wire.as_ref().is_none_or(Wire::is_closed) {
            self.reconnect().map_err(Trouble::Reading)?;
        }
        self.wire.as_mut().ok_or(Trouble::Lost)
    }

    /// Runs something on the connection, and notes what a fault of it leaves behind.
    fn run<T>(
        &mut self,
        operation: &'static str,
        work: impl FnOnce(&mut Wire) -> Result<T, Trouble>,
    ) -> Result<T, Error> {
        let outcome = self.wire().and_then(work);
        outcome.map_err(|trouble| {
            self.spoiled |= !matches!(trouble, Trouble::Reading(_));
            if trouble.ends_the_connection() {
                self.wire = None;
            }
            trouble.meant(operation)
        })
    }

    /// Runs statements that belong to the handling of transactions.
    pub(super) fn say(&mut self, operation: &'static str, sql: &str) -> Result<Option<String>, Error> {
        self.run(operation, |wire| wire.say(sql))
    }

    /// Begins a transaction, and once more on another connection where the first turns out to be lost:
    /// nothing has been done yet.
    fn begin_by(&mut self, sql: &str) -> Result<Option<String>, Error> {
        const BEGIN: &str = "BEGIN";
        let was_there = self.wire.is_some();
        self.spoiled = false;
        let mut begun = self.say(BEGIN, sql);
        if begun.is_err() && was_there && self.wire.is_none() {
            begun = self.say(BEGIN, sql);
        }
        self.spoiled = false;
        if begun.is_err() && self.wire.is_some() {
            // It waited for a lock in vain; the transaction is open all the same.
            self.say("ROLLBACK", "ROLLBACK")?;
        }
        begun
    }

    /// Whether a transaction whose end was not heard was kept. Whoever asks waits until it has ended.
    fn was_kept(&mut self, number: u64, lost: Error) -> Result<(), Error> {
        let begun = Instant::now();
        let ask = format!("BEGIN; {TO_WRITE}; SELECT pg_xact_status('{number}'::xid8)");
        loop {
            match self.say("asking what became of a transaction", &ask) {
                Ok(status) => {
                    self.say("ROLLBACK", "ROLLBACK")?;
                    return if status.as_deref() == Some("committed") { Ok(()) } else { Err(lost) };
                }
                Err(error) if !error.is_passing() || begun.elapsed() > PATIENCE => {
                    tracing::error!("it is not known whether a transaction was kept: the ledger's server is gone");
                    return Err(lost);
                }
                Err(_not_yet) => {
                    // Where it waited in vain for the transaction's end, it has one of its own open.
                    if self.wire.is_some() {
                        drop(self.say("ROLLBACK", "ROLLBACK"));
                    }
                    std::thread::sleep(PAUSE);
                }
            }
        }
    }
}

impl Sql for Postgres {
    fn execute(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<usize, Error> {
        let changed = self.run(sql, |wire| wire.execute(sql, params))?;
        Ok(usize::try_from(changed).unwrap_or(usize::MAX))
    }

    fn query(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
        each: &mut dyn FnMut(&dyn Row) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.run(sql, |wire| wire.query(sql, params, each))
    }
}

impl Store for Postgres {
    fn begin(&mut self) -> Result<(), Error> {
        let sql = format!("BEGIN ISOLATION LEVEL READ COMMITTED; {TO_WRITE}; SELECT pg_current_xact_id()::text");
        let number = self.begin_by(&sql)?.and_then(|number| number.parse().ok());
        self.open = Open::Writing(number.ok_or(Error::Unexpected("a transaction has no number"))?);
        Ok(())
    }

    fn begin_reading(&mut self) -> Result<(), Error> {
        self.begin_by("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
        self.open = Open::Reading;
        Ok(())
    }

    fn commit(&mut self) -> Result<(), Error> {
        const COMMIT: &str = "COMMIT";
        if self.spoiled {
            self.give_up()?;
            return Err(Error::Unexpected("a transaction is to be kept of which a part failed"));
        }
        match (self.say(COMMIT, COMMIT), take(&mut self.open)) {
            (Ok(_nothing), _) => Ok(()),
            (Err(lost), Open::Writing(number)) if self.wire.is_none() => self.was_kept(number, lost),
            (Err(error), _) => Err(error),
        }
    }

    fn give_up(&mut self) -> Result<(), Error> {
        const ROLLBACK: &str = "ROLLBACK";
        self.spoiled = false;
        if take(&mut self.open) == Open::None || self.wire.is_none() {
            return Ok(());
        }
        let undone = self.say(ROLLBACK, ROLLBACK).map(drop);
        if undone.is_err() {
            // Without its connection nothing of it can be kept.
            self.wire = None;
        }
        undone
    }

    fn in_transaction(&self) -> bool {
        self.open != Open::None
    }

    fn interrupter(&self) -> Box<dyn Fn() + Send + Sync> {
        let stop = self.stop.clone();
        Box::new(move || stop.cancel())
    }

    fn size(&mut self) -> Result<u64, Error> {
        const SIZE: &str = "SELECT pg_database_size(current_database())";
        let size = self.say(SIZE, SIZE)?.and_then(|size| size.parse().ok());
        size.ok_or(Error::Unexpected("a database has no size"))
    }
}
