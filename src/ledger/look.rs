//! The only way for people to content. A look is written to the access log in the same transaction
//! in which the content is read: if the log cannot be written, nothing is shown.

use super::Error;
use super::chain::micros;
use super::seal::sha256;
use super::tx::{Body, Tx};

/// What someone wants to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// The message as it came.
    Message(i64),
    /// The event that was made of it.
    Event(i64),
    /// An answer that was sent.
    Reply(i64),
    /// What a receiver said last of a delivery.
    Said(i64),
    /// What somebody noted beside a task.
    Note(i64),
}

/// What the chain says of a look.
pub(super) fn digest(user: &str, purpose: &str, what: &str, row: i64) -> [u8; 32] {
    sha256(&[[user, purpose, what].join("\0").as_bytes(), &row.to_be_bytes()])
}

impl Tx<'_> {
    /// Shows `user` some content, for `purpose`.
    pub fn look(&mut self, user: &str, purpose: &str, sight: Sight) -> Result<Vec<u8>, Error> {
        const ADD: &str =
            "INSERT INTO access (at, by_user, purpose, what, ref) VALUES (?1, ?2, ?3, ?4, ?5) RETURNING seq";
        if user.trim().is_empty() || purpose.trim().is_empty() {
            return Err(Error::Refused("say who looks, and for what purpose".to_owned()));
        }
        super::pause::refuse_numbers(purpose)?;
        let (table, row) = match sight {
            Sight::Message(seq) => (Body::Message, self.message(seq)?.body),
            Sight::Event(seq) => (Body::Event, seq),
            Sight::Reply(seq) => (Body::Reply, seq),
            Sight::Said(delivery) => (Body::Receipt, self.last_receipt(delivery)?),
            Sight::Note(seq) => (Body::Note, seq),
        };
        let params = [micros(self.at).into(), user.into(), purpose.into(), table.name().into(), row.into()];
        let seq = self.sql.insert(ADD, &params)?;
        self.entry("access+", seq, table.name(), digest(user, purpose, table.name(), row))?;
        self.open_body(table, row)
    }

    fn last_receipt(&mut self, delivery: i64) -> Result<i64, Error> {
        const LAST: &str = "SELECT seq FROM receipt WHERE delivery = ?1 ORDER BY seq DESC LIMIT 1";
        let last = self.sql.first(LAST, &[delivery.into()], |row| row.need_int(0))?;
        last.ok_or_else(|| Error::Refused("its receiver has said nothing of it".to_owned()))
    }
}
