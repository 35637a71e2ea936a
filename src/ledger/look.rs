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
}

impl Sight {
    fn parts(self) -> (Body, i64) {
        match self {
            Self::Message(seq) => (Body::Message, seq),
            Self::Event(seq) => (Body::Event, seq),
            Self::Reply(seq) => (Body::Reply, seq),
        }
    }
}

impl Tx<'_> {
    /// Shows `user` some content, for `purpose`.
    pub fn look(&mut self, user: &str, purpose: &str, sight: Sight) -> Result<Vec<u8>, Error> {
        const ADD: &str =
            "INSERT INTO access (at, by_user, purpose, what, ref) VALUES (?1, ?2, ?3, ?4, ?5) RETURNING seq";
        if user.trim().is_empty() || purpose.trim().is_empty() {
            return Err(Error::Refused("say who looks, and for what purpose".to_owned()));
        }
        let (table, row) = sight.parts();
        let row = match sight {
            Sight::Message(seq) => self.message(seq)?.body,
            Sight::Event(_) | Sight::Reply(_) => row,
        };
        let params = [micros(self.at).into(), user.into(), purpose.into(), table.name().into(), row.into()];
        let seq = self.sql.insert(ADD, &params)?;
        let digest = sha256(&[[user, purpose, table.name()].join("\0").as_bytes(), &row.to_be_bytes()]);
        self.entry("access+", seq, table.name(), digest)?;
        self.open_body(table, row)
    }
}
