//! What people note beside a task: content, so it is sealed, and read by a look.

use jiff::Timestamp;

use crate::ledger::chain::{micros, time};
use crate::ledger::look::Sight;
use crate::ledger::seal::sha256;
use crate::ledger::tx::{Body, Tx};
use crate::ledger::{Error, Reader};

/// The longest note, in bytes.
const LONGEST: usize = 8 * 1024;

/// How many are shown of a task.
const SHOWN: i64 = 50;

/// A note, without what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Its number.
    pub seq: i64,
    /// When it was written.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
}

/// What the chain says of a note: what it says, whose it is, and beside which task.
pub(in crate::ledger) fn digest(sealed: [u8; 32], task: i64, user: &str) -> [u8; 32] {
    sha256(&[&sealed, &task.to_be_bytes(), user.as_bytes()])
}

/// After what a note by the same person that says the same is the same note, sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// After the last note that they saw.
    Note(i64),
    /// After a time, where it is not known what they saw.
    Time(Timestamp),
}

impl Tx<'_> {
    /// Keeps a note beside a task, unless the same one has been kept already; answers its number.
    pub fn keep_note_once(&mut self, task: i64, user: &str, text: &str, since: Since) -> Result<i64, Error> {
        const SINCE: &str = "SELECT seq FROM note WHERE task = ?1 AND by_user = ?2 AND seq > ?3 AND at >= ?4
            ORDER BY seq DESC LIMIT ?5";
        let (note, time) = match since {
            Since::Note(seq) => (seq, 0),
            Since::Time(at) => (0, micros(at)),
        };
        let params = [task.into(), user.into(), note.into(), time.into(), SHOWN.into()];
        for seq in self.sql.all(SINCE, &params, |row| row.need_int(0))? {
            if self.open_body(Body::Note, seq)? == text.trim().as_bytes() {
                return Ok(seq);
            }
        }
        self.keep_note(task, user, text)
    }

    /// Keeps a note beside a task.
    pub fn keep_note(&mut self, task: i64, user: &str, text: &str) -> Result<i64, Error> {
        const ADD: &str = "INSERT INTO note (task, at, by_user) VALUES (?1, ?2, ?3) RETURNING seq";
        if text.trim().is_empty() || text.len() > LONGEST {
            return Err(Error::Refused(format!("a note has something in it, and at most {LONGEST} bytes")));
        }
        let seq = self.sql.insert(ADD, &[task.into(), micros(self.at).into(), user.into()])?;
        let sealed = self.store_body(Body::Note, seq, text.trim().as_bytes())?;
        self.entry("note+", seq, "kept", digest(sealed, task, user))?;
        Ok(seq)
    }

    /// Shows `user` a note.
    pub fn look_at_note(&mut self, user: &str, purpose: &str, note: &Note) -> Result<String, Error> {
        let bytes = self.look(user, purpose, Sight::Note(note.seq))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

impl Reader<'_> {
    /// The notes beside a task, the last first.
    pub fn notes(&mut self, task: i64) -> Result<Vec<Note>, Error> {
        const NOTES: &str = "SELECT seq, at, by_user FROM note WHERE task = ?1 ORDER BY seq DESC LIMIT ?2";
        self.sql.all(NOTES, &[task.into(), SHOWN.into()], |row| {
            Ok(Note { seq: row.need_int(0)?, at: time(row.need_int(1)?), by: row.need_text(2)? })
        })
    }
}
