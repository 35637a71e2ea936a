//! The only way for people to content. A look is written to the access log in the same transaction
//! in which the content is read: if the log cannot be written, nothing is shown.
//!
//! | room | what |
//! |---|---|
//! | `whole` | an event with its letter, and who may see it |
//! | `citizen` | whom a look was about; looking for a citizen is a look too |

mod citizen;
mod whole;

use super::Error;
use super::chain::micros;
use super::seal::{Mark, sha256};
use super::tx::{Body, Tx};
pub use whole::{Reading, Seen, Wanted, Whereabouts};

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

/// Who looks, and for what purpose.
#[derive(Debug, Clone, Copy)]
pub struct Looker<'a> {
    /// Who.
    pub user: &'a str,
    /// For what.
    pub purpose: &'a str,
}

/// What a look is about, beside the row that is read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct About {
    pub(super) message: Option<i64>,
    pub(super) event: Option<i64>,
    pub(super) delivery: Option<i64>,
    /// The citizens, each once and in order.
    pub(super) marks: Vec<Mark>,
}

/// What the chain says of a look. One that an earlier version wrote is about nothing but its row.
pub(super) fn digest(looker: Looker<'_>, what: &str, row: i64, about: &About) -> [u8; 32] {
    let texts = [looker.user, looker.purpose, what].join("\0");
    let numbers = [about.message, about.event, about.delivery].map(|it| it.unwrap_or(0).to_be_bytes()).concat();
    let (row, marks) = (row.to_be_bytes(), about.marks.concat());
    if *about == About::default() {
        return sha256(&[texts.as_bytes(), &row]);
    }
    sha256(&[texts.as_bytes(), &row, &numbers, &marks])
}

impl Tx<'_> {
    /// Shows `user` some content, for `purpose`.
    pub fn look(&mut self, user: &str, purpose: &str, sight: Sight) -> Result<Vec<u8>, Error> {
        let (table, row, mut about) = match sight {
            Sight::Message(seq) => {
                let about = About { message: Some(seq), marks: self.marks_of_message(seq)?, ..About::default() };
                (Body::Message, self.message(seq)?.body, about)
            }
            Sight::Event(seq) => (Body::Event, seq, self.about_event(seq)?),
            Sight::Reply(seq) => {
                let message = self.reader().reply(seq)?.message;
                let marks = self.marks_of_message(message)?;
                (Body::Reply, seq, About { message: Some(message), marks, ..About::default() })
            }
            Sight::Said(delivery) => (Body::Receipt, self.last_receipt(delivery)?, self.about_delivery(delivery)?),
            Sight::Note(seq) => (Body::Note, seq, self.about_note(seq)?),
        };
        self.log(Looker { user, purpose }, table.name(), row, &mut about)?;
        self.open_body(table, row)
    }

    /// Whom the case of a note is about.
    fn about_note(&mut self, note: i64) -> Result<About, Error> {
        const CASE: &str = "SELECT task.case_key FROM note JOIN task ON task.seq = note.task WHERE note.seq = ?1";
        let case = self.sql.first(CASE, &[note.into()], |row| row.need_text(0))?;
        let case = case.ok_or(Error::Unexpected("a note is missing"))?;
        Ok(About { marks: self.marks_of_case(&case)?, ..About::default() })
    }

    /// Writes a look down.
    pub(super) fn log(&mut self, looker: Looker<'_>, what: &str, row: i64, about: &mut About) -> Result<(), Error> {
        const ADD: &str = "INSERT INTO access (at, by_user, purpose, what, ref, message, event, delivery)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) RETURNING seq";
        const WHOM: &str = "INSERT INTO access_citizen (mark, access) VALUES (?1, ?2)";
        if looker.user.trim().is_empty() || looker.purpose.trim().is_empty() {
            return Err(Error::Refused("say who looks, and for what purpose".to_owned()));
        }
        super::deed::refuse_numbers(looker.purpose)?;
        about.marks.sort_unstable();
        about.marks.dedup();
        let params = [
            micros(self.at).into(),
            looker.user.into(),
            looker.purpose.into(),
            what.into(),
            row.into(),
            about.message.into(),
            about.event.into(),
            about.delivery.into(),
        ];
        let seq = self.sql.insert(ADD, &params)?;
        for mark in &about.marks {
            self.sql.execute(WHOM, &[mark.into(), seq.into()])?;
        }
        self.entry("access+", seq, what, digest(looker, what, row, about))
    }

    fn last_receipt(&mut self, delivery: i64) -> Result<i64, Error> {
        const LAST: &str = "SELECT seq FROM receipt WHERE delivery = ?1 ORDER BY seq DESC LIMIT 1";
        let last = self.sql.first(LAST, &[delivery.into()], |row| row.need_int(0))?;
        last.ok_or_else(|| Error::Refused("its receiver has said nothing of it".to_owned()))
    }
}
