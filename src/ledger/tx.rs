//! One piece of work in a transaction: what it may ask of the ledger, and what it must not forget
//! (the entry in the chain for each change).

use std::fmt;

use jiff::Timestamp;

use super::Error;
use super::balance::Entered;
use super::chain::{self, Entry, Head, micros};
use super::seal::{Keyring, Sealed};
use super::sql::Sql;

/// An open transaction.
pub struct Tx<'a> {
    /// The database.
    pub(super) sql: &'a mut dyn Sql,
    /// The keys.
    pub(super) keys: &'a Keyring,
    /// Where the chain ends, in this transaction.
    pub(super) head: &'a mut Head,
    /// What it has entered in the chain, for the balance.
    pub(super) entered: &'a mut Entered,
    /// When it happens.
    pub(super) at: Timestamp,
}

impl fmt::Debug for Tx<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tx(at {}, {:?})", self.at, self.head)
    }
}

impl Tx<'_> {
    /// When the transaction happens, by the hub's clock.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// When the first thing was written down; `None` in an empty ledger.
    pub fn begun(&mut self) -> Result<Option<Timestamp>, Error> {
        const FIRST: &str = "SELECT at FROM entry WHERE chain = ?1 AND seq = 1";
        Ok(self.sql.first(FIRST, &[chain::CHAIN.into()], |row| row.need_int(0))?.map(chain::time))
    }

    /// The same ledger, to read only, as it stands in this transaction.
    pub fn reader(&mut self) -> super::Reader<'_> {
        super::Reader { sql: self.sql, keys: self.keys }
    }

    /// The ledger's keyed hashes.
    pub fn keys(&self) -> &Keyring {
        self.keys
    }

    /// Notes in the chain that a row came to be, or came into a state.
    pub(super) fn entry(&mut self, what: &str, row: i64, state: &str, digest: [u8; 32]) -> Result<(), Error> {
        let entry = Entry { at: micros(self.at), what, row, state, digest };
        self.head.append(self.sql, &entry)?;
        self.entered.note(what);
        Ok(())
    }

    /// Adds up what has been entered so far, for tests that end no transaction. A transaction does so by itself at its end.
    #[cfg(test)]
    pub(crate) fn add_up(&mut self) -> Result<(), Error> {
        self.entered.keep(self.sql)
    }

    /// Stores a sealed body under the row's number and answers its digest.
    pub(super) fn store_body(&mut self, table: Body, row: i64, open: &[u8]) -> Result<[u8; 32], Error> {
        let sealed = self.keys.seal(table.name(), row, open)?;
        self.sql.execute(table.insert(), &[row.into(), (&sealed.key).into(), sealed.bytes.as_slice().into()])?;
        Ok(sealed.digest())
    }

    /// Opens a stored body, for the hub's own work. People get to content by
    /// [`look`](super::look) only.
    pub(super) fn open_body(&mut self, table: Body, row: i64) -> Result<Vec<u8>, Error> {
        open_body(self.sql, self.keys, table, row)
    }
}

/// Opens a stored body.
pub(super) fn open_body(sql: &mut dyn Sql, keys: &Keyring, table: Body, row: i64) -> Result<Vec<u8>, Error> {
    let sealed = sql
        .first(table.select(), &[row.into()], |row| Ok(Sealed { key: row.need_text(0)?, bytes: row.need_blob(1)? }))?;
    let sealed = sealed.ok_or(Error::Unexpected("a body is missing"))?;
    keys.open_sealed(table.name(), row, &sealed.key, &sealed.bytes)
}

/// The tables of sealed bodies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Body {
    Message,
    Event,
    Reply,
    Receipt,
    Wish,
    Answer,
    Edit,
    Note,
}

impl Body {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Message => "body",
            Self::Event => "event_body",
            Self::Reply => "reply_body",
            Self::Receipt => "receipt_body",
            Self::Wish => "wish_body",
            Self::Answer => "answer_body",
            Self::Edit => "edit_body",
            Self::Note => "note_body",
        }
    }

    fn insert(self) -> &'static str {
        match self {
            Self::Message => "INSERT INTO body (seq, key, sealed) VALUES (?1, ?2, ?3)",
            Self::Event => "INSERT INTO event_body (seq, key, sealed) VALUES (?1, ?2, ?3)",
            Self::Reply => "INSERT INTO reply_body (seq, key, sealed) VALUES (?1, ?2, ?3)",
            Self::Receipt => "INSERT INTO receipt_body (seq, key, sealed) VALUES (?1, ?2, ?3)",
            Self::Wish => "INSERT INTO wish_body (seq, key, sealed) VALUES (?1, ?2, ?3)",
            Self::Answer => "INSERT INTO answer_body (seq, key, sealed) VALUES (?1, ?2, ?3)",
            Self::Edit => "INSERT INTO edit_body (seq, key, sealed) VALUES (?1, ?2, ?3)",
            Self::Note => "INSERT INTO note_body (seq, key, sealed) VALUES (?1, ?2, ?3)",
        }
    }

    pub(super) fn select(self) -> &'static str {
        match self {
            Self::Message => "SELECT key, sealed FROM body WHERE seq = ?1",
            Self::Event => "SELECT key, sealed FROM event_body WHERE seq = ?1",
            Self::Reply => "SELECT key, sealed FROM reply_body WHERE seq = ?1",
            Self::Receipt => "SELECT key, sealed FROM receipt_body WHERE seq = ?1",
            Self::Wish => "SELECT key, sealed FROM wish_body WHERE seq = ?1",
            Self::Answer => "SELECT key, sealed FROM answer_body WHERE seq = ?1",
            Self::Edit => "SELECT key, sealed FROM edit_body WHERE seq = ?1",
            Self::Note => "SELECT key, sealed FROM note_body WHERE seq = ?1",
        }
    }
}
