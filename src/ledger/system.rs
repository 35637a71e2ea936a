//! The systems that may use the API. Each has one token, of which only the hash is kept; a new one
//! ends the one before.

use jiff::Timestamp;

use super::account::Token;
use super::chain::{micros, time};
use super::sql::Row;
use super::tx::Tx;
use super::{Error, Reader};

/// How often at most it is kept that a token is in use.
const SEEN_EVERY: std::time::Duration = std::time::Duration::from_mins(1);

/// A system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct System {
    /// Its name in the books.
    pub name: String,
    /// What it may, as text: roles separated by spaces.
    pub roles: String,
    /// When its token was made.
    pub made: Timestamp,
    /// When its token ends.
    pub ends: Timestamp,
    /// When it was last used, to the minute.
    pub seen: Option<Timestamp>,
}

fn read(row: &dyn Row) -> Result<System, Error> {
    Ok(System {
        name: row.need_text(0)?,
        roles: row.need_text(1)?,
        made: time(row.need_int(2)?),
        ends: time(row.need_int(3)?),
        seen: row.int(4)?.map(time),
    })
}

impl Tx<'_> {
    /// Gives a system a token, in place of the one that it had.
    pub fn keep_system(
        &mut self,
        (name, roles): (&str, &str),
        token: Token,
        ends: Timestamp,
        by: &str,
    ) -> Result<(), Error> {
        const KEEP: &str = "INSERT INTO system (name, token, roles, made, ends) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (name) DO UPDATE SET token = excluded.token, roles = excluded.roles, made = excluded.made,
            ends = excluded.ends, seen = NULL";
        let hash = token.hash();
        let params = [name.into(), hash.as_slice().into(), roles.into(), micros(self.at).into(), micros(ends).into()];
        self.sql.execute(KEEP, &params)?;
        self.act(by, "system", name, roles)
    }

    /// Takes a system's token away; whether it had one.
    pub fn remove_system(&mut self, name: &str, by: &str) -> Result<bool, Error> {
        let there = self.sql.execute("DELETE FROM system WHERE name = ?1", &[name.into()])? > 0;
        if there {
            self.act(by, "system removed", name, "")?;
        }
        Ok(there)
    }

    /// Notes that a system has used its token.
    pub fn system_seen(&mut self, name: &str) -> Result<(), Error> {
        let params = [name.into(), micros(self.at).into()];
        self.sql.execute("UPDATE system SET seen = ?2 WHERE name = ?1", &params)?;
        Ok(())
    }
}

impl System {
    /// Whether it is to be noted that it was in use just now.
    pub fn is_unseen(&self, now: Timestamp) -> bool {
        self.seen.is_none_or(|seen| now.duration_since(seen).unsigned_abs() >= SEEN_EVERY)
    }
}

impl Reader<'_> {
    /// Whose a token is, while it is good.
    pub fn system(&mut self, token: Token, now: Timestamp) -> Result<Option<System>, Error> {
        const ONE: &str = "SELECT name, roles, made, ends, seen FROM system WHERE token = ?1 AND ends > ?2";
        let hash = token.hash();
        self.sql.first(ONE, &[hash.as_slice().into(), micros(now).into()], read)
    }

    /// One by its name.
    pub fn system_named(&mut self, name: &str) -> Result<Option<System>, Error> {
        self.sql.first("SELECT name, roles, made, ends, seen FROM system WHERE name = ?1", &[name.into()], read)
    }

    /// All of them, by name.
    pub fn systems(&mut self) -> Result<Vec<System>, Error> {
        self.sql.all("SELECT name, roles, made, ends, seen FROM system ORDER BY name", &[], read)
    }
}
