//! Answers to senders in their own protocol. An answer is made once and kept; a sender that
//! repeats its message gets the same answer again.

use budstikke_contract::adapter::Reply;
use budstikke_contract::id::ReplyId;

use super::delivery::{Content, NewDelivery, Why};
use super::lane;
use super::sql::Row;
use super::tx::{Body, Tx};
use super::{Error, Reader};

/// The mailbox, in the ledger's words, of answers to hospitals: the queue `out.vans`.
pub const VANS: &str = "vans";

/// What stands in a reply's row.
#[derive(Debug, Clone)]
pub struct StoredReply {
    /// Its number.
    pub seq: i64,
    /// The message that it answers.
    pub message: i64,
    /// How often the same answer was asked for again.
    pub repeats: u32,
    /// Whom it goes to.
    pub to: String,
    /// What it is in the system's own words.
    pub kind: String,
    /// Why it is negative, in the system's own code.
    pub code: Option<String>,
    /// Its media type.
    pub media_type: String,
    index: u32,
}

/// Reads a row of `SELECT * FROM reply`.
fn read(row: &dyn Row) -> Result<StoredReply, Error> {
    Ok(StoredReply {
        seq: row.need_int(0)?,
        message: row.need_int(1)?,
        index: u32::try_from(row.need_int(2)?).unwrap_or(0),
        repeats: u32::try_from(row.need_int(4)?).unwrap_or(0),
        to: row.need_text(5)?,
        kind: row.need_text(6)?,
        code: row.text(7)?,
        media_type: row.need_text(8)?,
    })
}

/// An answer, as far as the ledger cares.
#[derive(Debug, Clone, Copy)]
struct Parts<'a> {
    to: &'a str,
    kind: &'a str,
    code: Option<&'a str>,
    media_type: &'a str,
    body: &'a [u8],
}

/// Which of the times an answer is given.
#[derive(Debug, Clone, Copy)]
struct Round {
    index: u32,
    repeat_of: Option<i64>,
    repeat: u32,
}

/// What is common to the answers to one message.
#[derive(Debug, Clone, Copy)]
pub struct Answered<'a> {
    /// The source that the message came by.
    pub source: &'a str,
    /// The message.
    pub message: i64,
    /// What names it at its source, so that the answer's id is the same after a crash.
    pub key: &'a str,
}

impl Tx<'_> {
    /// Keeps an answer and plans its delivery.
    pub fn answer(&mut self, about: Answered<'_>, index: u32, reply: &Reply) -> Result<(), Error> {
        let parts = Parts {
            to: reply.to.as_str(),
            kind: reply.kind,
            code: reply.code,
            media_type: reply.media_type,
            body: &reply.body,
        };
        self.keep_reply(about, Round { index, repeat_of: None, repeat: 0 }, parts)
    }

    fn keep_reply(&mut self, about: Answered<'_>, round: Round, reply: Parts<'_>) -> Result<(), Error> {
        const ADD: &str = "INSERT INTO reply (message, idx, repeat_of, to_gln, kind, code, media_type)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) RETURNING seq";
        let seq = self.sql.insert(
            ADD,
            &[
                about.message.into(),
                round.index.into(),
                round.repeat_of.into(),
                reply.to.into(),
                reply.kind.into(),
                reply.code.into(),
                reply.media_type.into(),
            ],
        )?;
        let digest = self.store_body(Body::Reply, seq, reply.body)?;
        self.entry("answer+", seq, reply.kind, digest)?;
        let id = ReplyId::derive(about.source, about.key, round.index, round.repeat);
        let delivery = NewDelivery {
            id: budstikke_contract::id::DeliveryId::from_bytes(*id.as_bytes()),
            content: Content::Reply(seq),
            mailbox: VANS,
            channel: crate::agreement::model::Channel::Amqp.name(),
            capacity: "reply",
            why: &Why::default(),
            lane: lane::of_reply(self.keys, about.message),
        };
        self.plan_delivery(&delivery)
    }

    /// Plans the answers to a message once more. `renew` puts each into a new transport envelope.
    pub fn answer_again(&mut self, about: Answered<'_>, renew: &dyn Fn(&[u8], u32) -> Vec<u8>) -> Result<(), Error> {
        const FIRST: &str = "SELECT * FROM reply WHERE message = ?1 AND repeat_of IS NULL ORDER BY seq";
        for stored in self.sql.all(FIRST, &[about.message.into()], read)? {
            let repeat = stored.repeats + 1;
            self.sql.execute("UPDATE reply SET repeats = ?2 WHERE seq = ?1", &[stored.seq.into(), repeat.into()])?;
            let body = renew(&self.open_body(Body::Reply, stored.seq)?, repeat);
            let parts = Parts {
                to: &stored.to,
                kind: &stored.kind,
                code: stored.code.as_deref(),
                media_type: &stored.media_type,
                body: &body,
            };
            self.keep_reply(about, Round { index: stored.index, repeat_of: Some(stored.seq), repeat }, parts)?;
        }
        Ok(())
    }
}

impl Reader<'_> {
    /// A reply's row.
    pub fn reply(&mut self, seq: i64) -> Result<StoredReply, Error> {
        let found = self.sql.first("SELECT * FROM reply WHERE seq = ?1", &[seq.into()], read)?;
        found.ok_or(Error::Unexpected("a reply is missing"))
    }

    /// The answers to a message.
    pub fn replies_to(&mut self, message: i64) -> Result<Vec<StoredReply>, Error> {
        self.sql.all("SELECT * FROM reply WHERE message = ?1 ORDER BY seq", &[message.into()], read)
    }
}
