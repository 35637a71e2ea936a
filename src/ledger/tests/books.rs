//! Where tests keep a ledger: in a file in their folder, or, where the environment says
//! `BUDSTIKKE_TEST_LEDGER=postgres`, in a schema of the same name on the server that
//! `BUDSTIKKE_TEST_POSTGRES_URL` names. So the same tests are run for both; and what they do to a ledger
//! behind its back stands here.

use std::collections::BTreeSet;
use std::path::Path;

use super::super::place::{Place, Share, aside};
use super::super::postgres::{Postgres, Role, Server};
use super::super::seal::Keyring;
use super::super::sql::{Row, Sql};
use super::super::sqlite::Sqlite;
use super::super::store::Store;
use super::super::verify::Report;
use super::super::{Error, Reader};
use super::verify;

/// Whether this run is about files.
pub(crate) fn in_files() -> bool {
    std::env::var("BUDSTIKKE_TEST_LEDGER").map_or(true, |kept| kept != "postgres")
}

/// Where the ledger of a folder is; the folder says nothing of what is in a database.
pub(crate) fn place(folder: &Path) -> Place {
    bounded(folder, None)
}

/// The same, with a bound where there can be one.
pub(crate) fn bounded(folder: &Path, max_pages: Option<u32>) -> Place {
    if in_files() {
        return Place::File { path: folder.join("ledger.db"), max_pages };
    }
    let name = schema(folder);
    let make = format!("CREATE SCHEMA IF NOT EXISTS {name}");
    on(&server(""), |database| database.say("tests", &make).map(drop));
    Place::Server(Box::new(server(&name)))
}

fn server(schema: &str) -> Server {
    let url = std::env::var("BUDSTIKKE_TEST_POSTGRES_URL").expect("a server, as `deploy/test` starts one");
    let options = if schema.is_empty() { String::new() } else { format!("?options=-csearch_path%3D{schema}") };
    Server::parse(&format!("{url}{options}"), None, None).unwrap()
}

fn schema(folder: &Path) -> String {
    let name = folder.file_name().unwrap().as_encoded_bytes();
    name.iter().fold("t_".to_owned(), |name, byte| format!("{name}{byte:02x}"))
}

/// The numbers that rows were given are not taken back with the rows.
const FROM_ONE: &str = "DO $$ DECLARE one TEXT; BEGIN
    FOR one IN SELECT quote_ident(sequencename) FROM pg_sequences WHERE schemaname = current_schema() LOOP
    EXECUTE 'ALTER SEQUENCE ' || one || ' RESTART'; END LOOP; END $$";

/// An empty ledger, for what is tried out and undone.
pub(in super::super) fn empty() -> Result<Box<dyn Store>, Error> {
    if in_files() {
        return Ok(Box::new(Sqlite::in_memory()?));
    }
    // Nothing of it is kept, so that one will do for all that are run one after the other.
    let place_in_line = std::env::var("NEXTEST_TEST_GLOBAL_SLOT").unwrap_or_else(|_| std::process::id().to_string());
    let folder = format!("one-{place_in_line}");
    let Place::Server(server) = place(Path::new(&folder)) else { unreachable!("it is no file") };
    let mut database = Postgres::open(&server, Role::Writer(Share::Beside))?;
    database.say("tests", FROM_ONE)?;
    Ok(Box::new(database))
}

/// Does something on a server, for whoever may not wait for it.
fn on<T: Send>(server: &Server, work: impl FnOnce(&mut Postgres) -> Result<T, Error> + Send) -> T {
    aside(|| work(&mut Postgres::connect(server, Role::Writer(Share::Beside))?)).unwrap()
}

fn on_schema<T: Send>(folder: &Path, work: impl FnOnce(&mut Postgres) -> Result<T, Error> + Send) -> T {
    on(&server(&schema(folder)), work)
}

fn file(folder: &Path) -> rusqlite::Connection {
    rusqlite::Connection::open(folder.join("ledger.db")).unwrap()
}

/// Statements are kept as long as the program runs; a test is a short one. How these find their rows is
/// nobody's business.
fn forever(sql: &str) -> &'static str {
    format!("{sql} /* behind its back */").leak()
}

/// Changes something behind the ledger's back.
pub(crate) fn tamper(folder: &Path, sql: &str) {
    let changed = if in_files() {
        file(folder).execute(sql, []).unwrap()
    } else {
        on_schema(folder, |database| database.execute(forever(sql), &[]))
    };
    assert!(changed > 0, "nothing was changed by {sql}");
}

/// The rows of a table, as text.
pub(in super::super) fn rows(folder: &Path, table: &str) -> BTreeSet<String> {
    if !in_files() {
        let all = forever(&format!("SELECT CAST(one AS TEXT) FROM {table} AS one"));
        return ask(folder, all, |row| row.need_text(0)).into_iter().collect();
    }
    let connection = file(folder);
    let mut all = connection.prepare(&format!("SELECT * FROM {table}")).unwrap();
    let width = all.column_count();
    let row = |row: &rusqlite::Row<'_>| {
        (0..width).map(|at| row.get_ref(at).map(|value| format!("{value:?}"))).collect::<Result<Vec<_>, _>>()
    };
    all.query_map([], row).unwrap().map(|it| it.unwrap().join(" ")).collect()
}

/// Asks something behind the ledger's back.
pub(in super::super) fn ask<T: Send>(
    folder: &Path,
    sql: &'static str,
    read: impl Fn(&dyn Row) -> Result<T, Error> + Send,
) -> Vec<T> {
    let all = |database: &mut dyn Sql| database.all(sql, &[], read);
    if in_files() {
        return all(&mut Sqlite::open_to_read(&folder.join("ledger.db")).unwrap()).unwrap();
    }
    on_schema(folder, |database| all(database))
}

/// Everything that is written down anywhere, in whatever form.
pub(in super::super) fn all_bytes(folder: &Path) -> Vec<Vec<u8>> {
    const COLUMNS: &str = "SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT), CAST(data_type AS TEXT)
        FROM information_schema.columns WHERE table_schema = current_schema() /* behind its back */";
    let files = std::fs::read_dir(folder).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap());
    let mut all: Vec<_> = files.collect();
    if in_files() {
        return all;
    }
    all.extend(on_schema(folder, |database| {
        let (database, mut found) = (database as &mut dyn Sql, Vec::new());
        let read = |row: &dyn Row| Ok((row.need_text(0)?, row.need_text(1)?, row.need_text(2)?));
        for (table, column, kind) in database.all(COLUMNS, &[], read)? {
            let (value, is_bytes) = (format!("{table}.{column}"), kind == "bytea");
            let value = if is_bytes { value } else { format!("CAST({value} AS TEXT)") };
            let every = forever(&format!("SELECT {value} FROM {table}"));
            let read = |row: &dyn Row| if is_bytes { row.blob(0) } else { Ok(row.text(0)?.map(String::into_bytes)) };
            found.extend(database.all(every, &[], read)?.into_iter().flatten());
        }
        assert!(found.len() > 20, "{}", found.len());
        Ok(found)
    }));
    all
}

/// What is found of a ledger that was changed behind its back. Afterwards it is as it was.
pub(in super::super) async fn tampered(folder: &Path, sql: &str) -> Report {
    if in_files() {
        let copy = tempfile::tempdir().unwrap();
        for file in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            std::fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
        }
        tamper(copy.path(), sql);
        return verify(&super::open(copy.path(), None).unwrap(), None).await;
    }
    let (keys, sql) = (Keyring::open(&super::key_file(folder), true).unwrap(), forever(sql));
    on_schema(folder, |database| {
        database.begin()?;
        assert!(database.execute(sql, &[])? > 0, "nothing was changed by {sql}");
        let report = Reader { sql: database, keys: &keys }.verify(None)?;
        database.give_up()?;
        Ok(report)
    })
}

/// Lets nothing be written into a table any more.
pub(in super::super) fn forbid(folder: &Path, table: &str) {
    if in_files() {
        let spoil = format!("CREATE TRIGGER forbidden BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'no'); END");
        return file(folder).execute_batch(&spoil).unwrap();
    }
    let refuse = "CREATE FUNCTION refuse() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$";
    let spoil = format!("CREATE TRIGGER forbidden BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION refuse()");
    on_schema(folder, |database| database.say("tests", &format!("{refuse}; {spoil}")).map(drop));
}

/// Makes it one of another version of this program.
pub(in super::super) fn of_version(folder: &Path, version: u32) {
    if in_files() {
        return file(folder).pragma_update(None, "user_version", version).unwrap();
    }
    tamper(folder, &format!("UPDATE ledger_version SET n = {version}"));
}
