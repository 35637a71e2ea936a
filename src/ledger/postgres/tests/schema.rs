//! Both databases have the same tables, and every statement finds its rows by an index in both.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

/// A table's columns in their order, with what they hold and whether they may be empty; and its indexes.
#[derive(Debug, Default, PartialEq, Eq)]
struct Table {
    columns: Vec<(String, &'static str, bool)>,
    indexes: BTreeSet<(String, String)>,
}

/// The columns of an index, and when a row is in it, without what each database adds.
fn plain(definition: &str) -> String {
    let (_, rest) = definition.split_once(" ON ").unwrap();
    let columns = rest.split_once('(').unwrap().1;
    let (columns, when) = columns.split_once(')').unwrap();
    let unique = if definition.contains("UNIQUE INDEX") { "unique " } else { "" };
    let when = when.split_once("WHERE").map_or("", |(_, when)| when);
    // One says IN where the other says = ANY: which column it goes by says enough.
    let when: String = when.chars().take_while(|it| !"=<I".contains(*it)).filter(char::is_ascii_lowercase).collect();
    format!("{unique}{columns} {when}")
}

fn of_files() -> BTreeMap<String, Table> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    drop(super::super::super::sqlite::Sqlite::open(&path, None).unwrap());
    let file = rusqlite::Connection::open(&path).unwrap();
    let mut tables = BTreeMap::<String, Table>::new();
    let columns =
        "SELECT m.name, c.name, c.type, c.\"notnull\" OR c.pk > 0 FROM sqlite_master m, pragma_table_info(m.name) c
        WHERE m.type = 'table' ORDER BY m.name, c.cid";
    let mut columns = file.prepare(columns).unwrap();
    let mut rows = columns.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let kind = match row.get::<_, String>(2).unwrap().as_str() {
            "INTEGER" => "number",
            "TEXT" => "text",
            _ => "bytes",
        };
        let column = (row.get(1).unwrap(), kind, row.get(3).unwrap());
        tables.entry(row.get(0).unwrap()).or_default().columns.push(column);
    }
    let mut indexes = file.prepare("SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'index'").unwrap();
    let mut rows = indexes.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        if let Some(definition) = row.get::<_, Option<String>>(2).unwrap() {
            let index = (row.get(1).unwrap(), plain(&definition));
            tables.get_mut(&row.get::<_, String>(0).unwrap()).unwrap().indexes.insert(index);
        }
    }
    tables
}

fn of_a_server(database: &mut Postgres) -> BTreeMap<String, Table> {
    const COLUMNS: &str = "SELECT table_name::text, column_name::text, data_type::text, (is_nullable = 'NO')::int4
        FROM information_schema.columns WHERE table_schema = current_schema() ORDER BY table_name, ordinal_position";
    const INDEXES: &str = "SELECT tablename::text, indexname::text, indexdef FROM pg_indexes
        WHERE schemaname = current_schema() AND indexname NOT LIKE '%\\_key' AND indexname NOT LIKE '%\\_pkey'";
    let mut tables = BTreeMap::<String, Table>::new();
    let each = &mut |row: &dyn Row| {
        let kind = match row.need_text(2)?.as_str() {
            "bigint" => "number",
            "text" => "text",
            _ => "bytes",
        };
        let column = (row.need_text(1)?, kind, row.need_int(3)? == 1);
        tables.entry(row.need_text(0)?).or_default().columns.push(column);
        Ok(())
    };
    database.query(COLUMNS, &[], each).unwrap();
    let each = &mut |row: &dyn Row| {
        let index = (row.need_text(1)?, plain(&row.need_text(2)?));
        tables.get_mut(&row.need_text(0)?).unwrap().indexes.insert(index);
        Ok(())
    };
    database.query(INDEXES, &[], each).unwrap();
    for own in ["ledger_version", "commit_mark"] {
        tables.remove(own).unwrap();
    }
    tables
}

#[test]
fn both_databases_have_the_same_tables_and_indexes() {
    let fixture = Fixture::new(&[]);
    let server = Server::parse(&fixture.url(), None, None).unwrap();
    let mut database = Postgres::open(&server, Role::Writer(Share::Beside)).unwrap();
    let (files, servers) = (of_files(), of_a_server(&mut database));
    assert!(files.len() > 40, "{}", files.len());
    for (name, table) in &files {
        assert_eq!(servers.get(name), Some(table), "{name}");
    }
    assert_eq!(files.len(), servers.len());
}
