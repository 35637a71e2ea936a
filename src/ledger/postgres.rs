//! The ledger in a database on a PostgreSQL server.
//!
//! A file cannot go away while it is written, a server can. So a connection is made anew where the last
//! one was lost, between transactions and never within one; and where it was lost at the very commit,
//! the server is asked what became of it, before anybody is told anything: each transaction leaves a mark.
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

const CONNECT: &str = "connecting to the ledger's server";

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
    SET plan_cache_mode = force_generic_plan;
    SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3;
    SET tcp_user_timeout = '20s'; SELECT set_config('client_connection_check_interval', '10s', false)
    WHERE current_setting('server_version_num')::int >= 140000";

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
    /// By the mark that it leaves, by which it can be asked about.
    Writing(u64),
}

/// A connection to the database.
pub(super) struct Postgres {
    server: Server,
    role: Role,
    wire: Option<Wire>,
    /// It has been opened: what goes wrong with a connection from now on may go right again.
    opened: bool,
    /// Under which name it leaves its marks, and which was the last.
    name: String,
    mark: u64,
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
        let opened = database.version().and_then(|found| match role {
            Role::Writer(Share::Alone) => database.migrate(),
            // A hub of another version may be at work on it.
            Role::Writer(Share::Beside) if found == 0 => database.migrate(),
            Role::Writer(Share::Beside) | Role::Reader => schema::check(found),
        });
        opened.map_err(|error| database.not_opened(error))?;
        database.opened = true;
        Ok(database)
    }

    /// Makes the first connection.
    pub(super) fn connect(server: &Server, role: Role) -> Result<Self, Error> {
        let (server, stop) = (server.clone(), CancellationToken::new());
        let (wire, name) = (None, String::new());
        let mut database =
            Self { server, role, wire, opened: false, name, mark: 0, open: Open::None, spoiled: false, stop };
        database.reconnect().map_err(|error| database.not_opened(error))?;
        Ok(database)
    }

    /// A fault at the opening: whoever started the program is told where. To a reader, which is opened when
    /// it is needed, it is one that may pass.
    fn not_opened(&self, error: Error) -> Error {
        if self.role == Role::Reader {
            return not_now(error);
        }
        if let Error::Full(source) | Error::Unavailable { source, .. } | Error::Failed { source, .. } = error {
            return Error::Open { path: self.server.to_string(), source };
        }
        error
    }

    fn reconnect(&mut self) -> Result<(), Error> {
        self.wire = None;
        let wire = Wire::open(&self.server, self.stop.clone()).map_err(|trouble| trouble.meant(CONNECT))?;
        wire.say(MANNERS).map_err(|trouble| trouble.meant(CONNECT))?;
        schema::check_promises(&wire, self.role)?;
        if self.role == Role::Writer(Share::Alone) {
            wire.say(TO_BE_THE_HUB).map_err(|trouble| {
                if trouble.says(&SqlState::LOCK_NOT_AVAILABLE) { Error::Taken } else { trouble.meant(CONNECT) }
            })?;
        }
        if self.name.is_empty() {
            let name = wire.say("SELECT gen_random_uuid()").map_err(|trouble| trouble.meant(CONNECT))?;
            self.name = name.unwrap_or_default();
        }
        if self.opened {
            // Whoever had it meanwhile may have been of another version.
            schema::version(&wire).map_err(|trouble| trouble.meant(CONNECT)).and_then(schema::check)?;
        }
        self.wire = Some(wire);
        Ok(())
    }

    /// The connection; made anew where it was lost, but not in the middle of a transaction.
    fn wire(&mut self) -> Result<&mut Wire, Trouble> {
        if self.open == Open::None && self.wire.as_ref().is_none_or(Wire::is_closed) {
            let opened = self.opened;
            let fault = |error| Trouble::Reading(if opened { not_now(error) } else { error });
            self.reconnect().map_err(fault)?;
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
            drop(self.undo());
        }
        begun
    }

    /// Undoes what is open on the connection. Where that fails the connection goes, and with it what was open.
    fn undo(&mut self) -> Result<(), Error> {
        const ROLLBACK: &str = "ROLLBACK";
        let undone = self.say(ROLLBACK, ROLLBACK).map(drop);
        if undone.is_err() {
            self.wire = None;
        }
        undone
    }

    /// Begins a transaction for the tables themselves: there is no place for a mark yet.
    fn begin_alone(&mut self) -> Result<(), Error> {
        self.begin_by(&format!("BEGIN; {TO_WRITE}"))?;
        self.open = Open::Reading;
        Ok(())
    }

    /// Runs a statement of a transaction's; none where one before it failed, as nothing of it will be kept.
    fn run_whole<T>(
        &mut self,
        operation: &'static str,
        work: impl FnOnce(&mut Wire) -> Result<T, Trouble>,
    ) -> Result<T, Error> {
        if self.spoiled && self.open != Open::None {
            return Err(Error::Unexpected("a transaction goes on of which a part failed"));
        }
        self.run(operation, work)
    }

    /// Whether a transaction whose end was not heard was kept: whether its mark is there. Its number would
    /// not do: one that was not kept before a crash is given to another afterwards. Whoever asks waits
    /// until it has ended.
    fn was_kept(&mut self, mark: u64, lost: Error) -> Result<(), Error> {
        let begun = Instant::now();
        let ask = format!("BEGIN; {TO_WRITE}; SELECT mark FROM commit_mark WHERE writer = '{}'", self.name);
        loop {
            let found = self.say("asking what became of a transaction", &ask);
            if self.wire.is_some() {
                drop(self.undo());
            }
            match found {
                Ok(found) => {
                    let kept = found.and_then(|found| found.parse().ok()) == Some(mark);
                    return if kept { Ok(()) } else { Err(lost) };
                }
                Err(_not_yet) if begun.elapsed() < PATIENCE => std::thread::sleep(PAUSE),
                Err(error) => {
                    tracing::error!(%error, "it is not known whether a transaction was kept");
                    return Err(lost);
                }
            }
        }
    }
}

/// A fault of a connection that is made anew: the work has not been tried, and may be later.
fn not_now(error: Error) -> Error {
    if error.is_passing() {
        return error;
    }
    Error::Unavailable { operation: CONNECT, source: error.into() }
}

impl Sql for Postgres {
    fn execute(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<usize, Error> {
        let changed = self.run_whole(sql, |wire| wire.execute(sql, params))?;
        Ok(usize::try_from(changed).unwrap_or(usize::MAX))
    }

    fn query(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
        each: &mut dyn FnMut(&dyn Row) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.run_whole(sql, |wire| wire.query(sql, params, each))
    }
}

impl Store for Postgres {
    fn begin(&mut self) -> Result<(), Error> {
        let mark = self.mark + 1;
        let sql = format!(
            "BEGIN ISOLATION LEVEL READ COMMITTED; {TO_WRITE}; INSERT INTO commit_mark (writer, mark) VALUES ('{}', {mark})
             ON CONFLICT (writer) DO UPDATE SET mark = excluded.mark, at = now()",
            self.name
        );
        self.begin_by(&sql)?;
        (self.mark, self.open) = (mark, Open::Writing(mark));
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
            (Err(lost), Open::Writing(mark)) if self.wire.is_none() => self.was_kept(mark, lost),
            (Err(error), _) => Err(error),
        }
    }

    fn give_up(&mut self) -> Result<(), Error> {
        self.spoiled = false;
        // What a lost connection had open is undone with it, and no other is made for that.
        if take(&mut self.open) == Open::None || self.wire.as_ref().is_none_or(Wire::is_closed) {
            return Ok(());
        }
        self.undo()
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
