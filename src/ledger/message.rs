//! Messages as they arrived, one row for each arrival.

use jiff::Timestamp;

use super::chain::micros;
use super::seal::Mark;
use super::tx::{Body, Tx};
use super::{Error, Reader};

/// A message to be kept.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    /// The queue that it came by, without `in.`.
    pub source: &'a str,
    /// The adapter that reads it.
    pub adapter: &'a str,
    /// The broker's user that sent it, where the broker says.
    pub sender_user: Option<&'a str>,
    /// Whether the broker has handed it out before.
    pub redelivered: bool,
    /// When it was taken.
    pub received: Timestamp,
    /// Its bytes.
    pub body: &'a [u8],
    /// Their keyed hash, where it has been made already.
    pub content: Option<Mark>,
}

/// A message that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its number.
    pub seq: i64,
    /// The queue that it came by.
    pub source: String,
    /// The adapter that reads it.
    pub adapter: String,
    /// The broker's user that sent it, where the broker said.
    pub sender_user: Option<String>,
    /// When it was taken.
    pub received: Timestamp,
    /// The message whose body stands for this one's too; often itself.
    pub body: i64,
    /// The keyed hash of its bytes.
    pub content: Mark,
}

impl Tx<'_> {
    /// Keeps a message. Where the same bytes came before, their body is not kept twice.
    pub fn keep_message(&mut self, arrival: &Arrival<'_>, same_as: Option<i64>) -> Result<i64, Error> {
        const ADD: &str = "INSERT INTO message (at, source, adapter, sender_user, redelivered, size, content, same_as)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) RETURNING seq";
        let content = arrival.content.unwrap_or_else(|| self.keys.content(arrival.body));
        let size = i64::try_from(arrival.body.len()).unwrap_or(i64::MAX);
        let seq = self.sql.insert(
            ADD,
            &[
                micros(arrival.received).into(),
                arrival.source.into(),
                arrival.adapter.into(),
                arrival.sender_user.into(),
                arrival.redelivered.into(),
                size.into(),
                (&content).into(),
                same_as.into(),
            ],
        )?;
        let digest = match same_as {
            Some(_) => [0; 32],
            None => self.store_body(Body::Message, seq, arrival.body)?,
        };
        self.entry("message+", seq, arrival.source, digest)?;
        Ok(seq)
    }

    /// A message that was kept.
    pub fn message(&mut self, seq: i64) -> Result<Stored, Error> {
        load(self.sql, seq)
    }

    /// Its bytes, for the hub's own work.
    pub(crate) fn message_body(&mut self, message: &Stored) -> Result<Vec<u8>, Error> {
        self.open_body(Body::Message, message.body)
    }
}

impl Reader<'_> {
    /// A message that was kept.
    pub fn message(&mut self, seq: i64) -> Result<Stored, Error> {
        load(self.sql, seq)
    }
}

fn load(sql: &mut dyn super::Sql, seq: i64) -> Result<Stored, Error> {
    const ONE: &str =
        "SELECT seq, source, adapter, at, COALESCE(same_as, seq), content, sender_user FROM message WHERE seq = ?1";
    let found = sql.first(ONE, &[seq.into()], |row| {
        Ok(Stored {
            seq: row.need_int(0)?,
            source: row.need_text(1)?,
            adapter: row.need_text(2)?,
            received: super::chain::time(row.need_int(3)?),
            body: row.need_int(4)?,
            content: row.need_bytes(5)?,
            sender_user: row.text(6)?,
        })
    })?;
    found.ok_or(Error::Unexpected("a message is missing"))
}
