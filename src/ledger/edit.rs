//! How people have corrected the text of what could not be decided about. The message itself stays as
//! it came; what it says instead is sealed beside it, with who wrote it and who approved.

use jiff::Timestamp;

use super::chain::{micros, time};
use super::deed::refuse_numbers;
use super::seal::sha256;
use super::sql::{Row, Sql};
use super::tx::{Body, Tx, open_body};
use super::{Error, Reader};

/// How a correction stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Waits for a second person.
    Proposed,
    /// It counts instead of what came.
    Approved,
    /// A second person did not want it.
    Rejected,
    /// Its author has written another one.
    Replaced,
}

impl State {
    const ALL: [Self; 4] = [Self::Proposed, Self::Approved, Self::Rejected, Self::Replaced];

    /// The name in the ledger and in answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Replaced => "replaced",
        }
    }

    fn read(name: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|state| state.name() == name);
        found.ok_or(Error::Unexpected("a correction is in a state that does not exist"))
    }
}

/// A correction, without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// Its number.
    pub seq: i64,
    /// The item that it is of.
    pub item: i64,
    /// When it was written.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// Why.
    pub reason: String,
    /// How it stands.
    pub state: State,
    /// Who decided about it.
    pub decided_by: Option<String>,
    /// What they said.
    pub said: String,
}

impl Edit {
    /// What the chain says of it, with its sealed text.
    pub(super) fn digest(&self, sealed: [u8; 32]) -> [u8; 32] {
        let texts = [self.by.as_str(), &self.reason, self.decided_by.as_deref().unwrap_or(""), &self.said];
        let numbers = [self.item, micros(self.at)].map(i64::to_be_bytes).concat();
        sha256(&[&sealed, &numbers, texts.join("\0").as_bytes()])
    }
}

pub(super) fn read(row: &dyn Row) -> Result<Edit, Error> {
    Ok(Edit {
        seq: row.need_int(0)?,
        item: row.need_int(1)?,
        at: time(row.need_int(2)?),
        by: row.need_text(3)?,
        reason: row.need_text(4)?,
        state: State::read(&row.need_text(5)?)?,
        decided_by: row.text(6)?,
        said: row.need_text(7)?,
    })
}

/// The number of the correction that counts for an item.
pub(super) fn approved(sql: &mut dyn Sql, item: i64) -> Result<Option<i64>, Error> {
    const LAST: &str = "SELECT MAX(seq) FROM edit WHERE item = ?1 AND state = 'approved'";
    Ok(sql.first(LAST, &[item.into()], |row| row.int(0))?.flatten())
}

impl Tx<'_> {
    /// Keeps a correction that waits for somebody to decide about it.
    pub fn propose_edit(&mut self, item: i64, by: &str, reason: &str, text: &[u8]) -> Result<Edit, Error> {
        const ADD: &str = "INSERT INTO edit (item, at, by_user, reason, state) VALUES (?1, ?2, ?3, ?4, 'proposed')
            RETURNING seq";
        refuse_numbers(reason)?;
        let params = [item.into(), micros(self.at).into(), by.into(), reason.into()];
        let seq = self.sql.insert(ADD, &params)?;
        let sealed = self.store_body(Body::Edit, seq, text)?;
        let edit = Edit {
            seq,
            item,
            at: self.at,
            by: by.to_owned(),
            reason: reason.to_owned(),
            state: State::Proposed,
            decided_by: None,
            said: String::new(),
        };
        self.entry("edit+", seq, edit.state.name(), edit.digest(sealed))?;
        Ok(edit)
    }

    /// Brings a correction into a state.
    pub fn decide_edit(&mut self, edit: &Edit, state: State, by: &str, said: &str) -> Result<Edit, Error> {
        const DECIDE: &str = "UPDATE edit SET state = ?2, decided_by = ?3, said = ?4 WHERE seq = ?1";
        refuse_numbers(said)?;
        let after = Edit { state, decided_by: Some(by.to_owned()), said: said.to_owned(), ..edit.clone() };
        self.sql.execute(DECIDE, &[edit.seq.into(), state.name().into(), by.into(), said.into()])?;
        let sealed =
            self.sql.first(Body::Edit.select(), &[edit.seq.into()], |row| Ok(sha256(&[&row.need_blob(1)?])))?;
        let sealed = sealed.ok_or(Error::Unexpected("a correction has lost its text"))?;
        self.entry("edit", edit.seq, state.name(), after.digest(sealed))?;
        Ok(after)
    }

    /// The text of a correction, for the hub's own work, and for whoever has looked at its message.
    pub(crate) fn edit_text(&mut self, seq: i64) -> Result<Vec<u8>, Error> {
        self.open_body(Body::Edit, seq)
    }

    /// What counts instead of what came, where a correction does.
    pub(crate) fn edited(&mut self, item: i64) -> Result<Option<Vec<u8>>, Error> {
        let Some(seq) = approved(self.sql, item)? else { return Ok(None) };
        open_body(self.sql, self.keys, Body::Edit, seq).map(Some)
    }
}

impl Reader<'_> {
    /// A correction by its number.
    pub fn edit(&mut self, seq: i64) -> Result<Option<Edit>, Error> {
        self.sql.first("SELECT * FROM edit WHERE seq = ?1", &[seq.into()], read)
    }

    /// The corrections of an item, oldest first.
    pub fn edits_of(&mut self, item: i64) -> Result<Vec<Edit>, Error> {
        self.sql.all("SELECT * FROM edit WHERE item = ?1 ORDER BY seq", &[item.into()], read)
    }

    /// The correction of an item that waits for a second person.
    pub fn proposed_edit(&mut self, item: i64) -> Result<Option<Edit>, Error> {
        self.sql.first("SELECT * FROM edit WHERE item = ?1 AND state = 'proposed'", &[item.into()], read)
    }

    /// The corrections that wait for a second person, of what is still parked; oldest first.
    pub fn proposed_edits(&mut self, limit: u32) -> Result<Vec<Edit>, Error> {
        const WAITING: &str = "SELECT edit.* FROM edit JOIN item ON item.seq = edit.item
            WHERE edit.state = 'proposed' AND item.state = 'parked' ORDER BY edit.item LIMIT ?1";
        self.sql.all(WAITING, &[limit.into()], read)
    }
}
