//! The ledger in a SQLite file: WAL, and every commit on disk before anyone hears of it
//! (`synchronous = FULL`), because a message is acknowledged on its strength.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::ffi::ErrorCode;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags, ToSql};

use super::Error;
use super::sql::{Param, Row, Sql};
use super::store::{self, Store};

/// The statements that are kept prepared; there are fewer in all.
const PREPARED: usize = 256;

/// After how many pages of 4 KiB the log is carried over into the file: a page that was written
/// many times is carried over once.
const CHECKPOINT: u32 = 8_192;

/// How long to wait for another process (a `verify`, a backup) that holds the file.
const BUSY: Duration = Duration::from_secs(5);

/// The migrations, in order; the ledger's version is how many of them it has had.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001-spine.sql"),
    include_str!("migrations/0002-citizens.sql"),
    include_str!("migrations/0003-wishes.sql"),
    include_str!("migrations/0004-console.sql"),
    include_str!("migrations/0005-looks.sql"),
    include_str!("migrations/0006-parked.sql"),
    include_str!("migrations/0007-tasks.sql"),
    include_str!("migrations/0008-api.sql"),
    include_str!("migrations/0009-notices.sql"),
    include_str!("migrations/0010-operations.sql"),
    include_str!("migrations/0011-duties.sql"),
    include_str!("migrations/0012-login.sql"),
];

/// A connection to the file.
#[derive(Debug)]
pub(super) struct Sqlite {
    connection: Connection,
}

impl Sqlite {
    /// Opens the file to write, making it and bringing it to this program's version.
    pub(super) fn open(path: &Path, max_pages: Option<u32>) -> Result<Self, Error> {
        let open = |source: rusqlite::Error| Error::Open { path: path.display().to_string(), source: source.into() };
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(open)?;
        configure(&connection).map_err(open)?;
        connection.pragma_update(None, "journal_mode", "WAL").map_err(open)?;
        connection.pragma_update(None, "synchronous", "FULL").map_err(open)?;
        let mut ledger = Self { connection };
        ledger.check_promises().map_err(open)?;
        ledger.migrate()?;
        if let Some(pages) = max_pages {
            ledger.connection.pragma_update(None, "max_page_count", pages).map_err(open)?;
        }
        Ok(ledger)
    }

    /// A ledger in memory, for what is only tried out.
    pub(super) fn in_memory() -> Result<Self, Error> {
        let open = |source: rusqlite::Error| Error::Open { path: ":memory:".to_owned(), source: source.into() };
        let connection = Connection::open_in_memory().map_err(open)?;
        configure(&connection).map_err(open)?;
        let mut ledger = Self { connection };
        ledger.migrate()?;
        Ok(ledger)
    }

    /// Opens an existing file to read only.
    pub(super) fn open_to_read(path: &Path) -> Result<Self, Error> {
        let open = |source: rusqlite::Error| Error::Open { path: path.display().to_string(), source: source.into() };
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(open)?;
        configure(&connection).map_err(open)?;
        // The file itself is opened to write, because a reader of a WAL file must be able to make
        // its shared-memory file; the connection refuses every statement that writes.
        connection.pragma_update(None, "query_only", true).map_err(open)?;
        let ledger = Self { connection };
        store::check_version(ledger.version().map_err(open)?, known())?;
        Ok(ledger)
    }

    /// What this program promises rests on these two; a file system or a build may not keep them.
    fn check_promises(&self) -> Result<(), rusqlite::Error> {
        let mode: String = self.connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
        let synchronous: i64 = self.connection.pragma_query_value(None, "synchronous", |row| row.get(0))?;
        if mode.eq_ignore_ascii_case("wal") && synchronous >= 2 {
            return Ok(());
        }
        Err(rusqlite::Error::InvalidParameterName("journal_mode=WAL with synchronous=FULL is not to be had".to_owned()))
    }

    fn version(&self) -> Result<i64, rusqlite::Error> {
        self.connection.pragma_query_value(None, "user_version", |row| row.get(0))
    }

    fn migrate(&mut self) -> Result<(), Error> {
        let found = self.version().map_err(|source| fault("reading the ledger's version", source))?;
        let known = known();
        if found > known {
            return Err(Error::TooNew { found, known });
        }
        let done = usize::try_from(found).unwrap_or(0);
        for (number, migration) in MIGRATIONS.iter().enumerate().skip(done) {
            let text = format!("BEGIN IMMEDIATE; {migration}; PRAGMA user_version = {}; COMMIT;", number + 1);
            self.connection.execute_batch(&text).map_err(|source| fault("migrating the ledger", source))?;
        }
        Ok(())
    }

    /// Runs a statement that belongs to the handling of transactions.
    fn control(&mut self, statement: &'static str) -> Result<(), Error> {
        let run = self.connection.prepare_cached(statement).and_then(|mut statement| statement.execute([]));
        run.map(drop).map_err(|source| fault(statement, source))
    }
}

impl Store for Sqlite {
    fn begin(&mut self) -> Result<(), Error> {
        self.control("BEGIN IMMEDIATE")
    }

    fn begin_reading(&mut self) -> Result<(), Error> {
        self.control("BEGIN")
    }

    fn commit(&mut self) -> Result<(), Error> {
        self.control("COMMIT")
    }

    fn give_up(&mut self) -> Result<(), Error> {
        if self.in_transaction() { self.control("ROLLBACK") } else { Ok(()) }
    }

    /// Some faults (no room, an I/O error) end it by themselves.
    fn in_transaction(&self) -> bool {
        !self.connection.is_autocommit()
    }

    fn interrupter(&self) -> Box<dyn Fn() + Send + Sync> {
        let handle = self.connection.get_interrupt_handle();
        Box::new(move || handle.interrupt())
    }

    fn size(&mut self) -> Result<u64, Error> {
        let pragma = |name| self.connection.pragma_query_value(None, name, |row| row.get::<_, u32>(0));
        let size = pragma("page_count").and_then(|pages| Ok(u64::from(pages) * u64::from(pragma("page_size")?)));
        size.map_err(|source| fault("asking for its size", source))
    }
}

/// The version that this program knows.
pub(super) fn known() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

fn configure(connection: &Connection) -> Result<(), rusqlite::Error> {
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(PREPARED);
    connection.pragma_update(None, "foreign_keys", false)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cache_size", -64_000)?;
    // Otherwise a statement is planned anew whenever another value is bound to it: a fifth of all
    // the writer did.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT)?;
    connection.pragma_update(None, "journal_size_limit", 67_108_864)
}

/// A fault of the library, by what it means.
fn fault(operation: &'static str, source: rusqlite::Error) -> Error {
    match source.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => Error::Full(source.into()),
        Some(
            ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen
            | ErrorCode::ReadOnly
            | ErrorCode::OutOfMemory
            | ErrorCode::OperationAborted
            | ErrorCode::OperationInterrupted
            | ErrorCode::FileLockingProtocolFailed
            | ErrorCode::SchemaChanged,
        ) => Error::Unavailable { operation, source: source.into() },
        _ => Error::Failed { operation, source: source.into() },
    }
}

impl ToSql for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match *self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

struct SqliteRow<'a, 'b>(&'a rusqlite::Row<'b>);

impl Row for SqliteRow<'_, '_> {
    fn int(&self, column: usize) -> Result<Option<i64>, Error> {
        self.0.get(column).map_err(|source| fault("reading a number", source))
    }

    fn text(&self, column: usize) -> Result<Option<String>, Error> {
        self.0.get(column).map_err(|source| fault("reading a text", source))
    }

    fn blob(&self, column: usize) -> Result<Option<Vec<u8>>, Error> {
        self.0.get(column).map_err(|source| fault("reading bytes", source))
    }
}

impl Sql for Sqlite {
    fn execute(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<usize, Error> {
        #[cfg(test)]
        plans::check(&self.connection, sql);
        let mut statement = self.connection.prepare_cached(sql).map_err(|source| fault(sql, source))?;
        statement.execute(rusqlite::params_from_iter(params)).map_err(|source| fault(sql, source))
    }

    fn query(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
        each: &mut dyn FnMut(&dyn Row) -> Result<(), Error>,
    ) -> Result<(), Error> {
        #[cfg(test)]
        plans::check(&self.connection, sql);
        let mut statement = self.connection.prepare_cached(sql).map_err(|source| fault(sql, source))?;
        let mut rows = statement.query(rusqlite::params_from_iter(params)).map_err(|source| fault(sql, source))?;
        while let Some(row) = rows.next().map_err(|source| fault(sql, source))? {
            each(&SqliteRow(row))?;
        }
        Ok(())
    }

    /// To SQLite, `RETURNING` is a trigger: the answer gets a table of its own, and of each page that
    /// the statement changes the old state is kept until its end. The number is to be had for nothing.
    fn add(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<Option<i64>, Error> {
        let plain = sql.strip_suffix("RETURNING seq").ok_or(Error::Unexpected("an insert does not say its number"))?;
        let added = self.execute(plain.trim_end(), params)?;
        Ok((added > 0).then(|| self.connection.last_insert_rowid()))
    }
}

#[cfg(test)]
pub(super) use plans::may_scan;

/// In every test, every statement is asked how it finds its rows: one that looks at all rows of a
/// table that grows makes a hub that slows down until it stands still.
#[cfg(test)]
mod plans {
    use super::Connection;

    /// What may look at all there is, and why.
    const MAY_SCAN: [(&str, &str); 14] = [
        ("FROM tally", "a few rows, however much is kept"),
        ("FROM pause", "a few rows, however much is kept"),
        ("FROM account ORDER BY login", "a person's list of all accounts"),
        ("FROM vouched ORDER BY login", "and of all who came by the municipality's sign-in"),
        ("FROM session WHERE seen", "as many rows as people who are signed in"),
        ("DELETE FROM ticket WHERE", "as many rows as links that were not used"),
        ("SELECT doc FROM duty", "a person's list of all duties"),
        ("SELECT COUNT(*) FROM (SELECT 1 FROM task", "counted so far and no further"),
        ("FROM entry WHERE chain = ?1 ORDER BY seq DESC LIMIT 1", "the chain's head, and no further"),
        ("SELECT seq, at, what, ref, state, digest, hash FROM entry", "the proof of the whole chain"),
        ("/* behind its back */", "tests only"),
        ("SELECT * FROM delivery ORDER BY seq", "tests only"),
        ("SELECT seq FROM delivery WHERE ready = 1", "tests only"),
        ("SELECT token FROM session UNION", "tests only"),
    ];

    /// What pages and gauges count again and again: in the order of an index, not sorted each time.
    const IN_ORDER: [&str; 3] = [
        "FROM item WHERE state = 'parked' GROUP BY",
        "FROM delivery WHERE state = 'parked' GROUP BY",
        "FROM duty WHERE opened_by = ?1",
    ];

    pub(crate) fn may_scan(sql: &str) -> bool {
        MAY_SCAN.iter().any(|(fragment, _)| sql.contains(fragment))
    }

    pub(super) fn check(connection: &Connection, sql: &str) {
        if may_scan(sql) {
            return;
        }
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let params =
            rusqlite::params_from_iter(std::iter::repeat_n(rusqlite::types::Null, statement.parameter_count()));
        let steps = statement.query_map(params, |row| row.get::<_, String>(3)).unwrap();
        for step in steps.map(Result::unwrap) {
            // Going along an index in its order, with a limit or to its end, is what it is for.
            let scans = step.starts_with("SCAN") && !step.contains(" INDEX ") && !step.contains("CONSTANT ROW");
            // Every entry is in the one chain: by that alone it is walked from end to end.
            let walks = step.ends_with("USING PRIMARY KEY (chain=?)");
            let sorts = step.contains("TEMP B-TREE") && IN_ORDER.iter().any(|it| sql.contains(it));
            assert!(!scans && !walks && !sorts, "{step}: {sql}");
        }
    }
}
