//! Deliveries: one event to one mailbox on one channel, or one answer to a sender.

mod change;
mod handed;
pub(crate) mod withdrawn;

use budstikke_contract::id::DeliveryId;
use budstikke_contract::reason::{Code, Reason};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::chain::{micros, time};
use super::seal::{Mark, sha256};
use super::sql::{Row, Sql};
use super::tx::Tx;
use super::{Error, Reader};

pub use change::{Outcome, Returned, UNROUTABLE};
pub use handed::{HANDED, Handed};

/// The delivery's mailbox, or its channel, is in no agreement any more.
pub const MAILBOX_GONE: Code = Code::new("MAILBOX_GONE");

/// How a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// To be sent, or being sent.
    Waiting,
    /// Its receiver's broker, endpoint or inbox has it.
    Delivered,
    /// Waits for a person.
    Parked,
    /// A person decided that it is not sent.
    Discarded,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Delivered, Self::Parked, Self::Discarded];

    /// The name in the ledger and in answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Parked => "parked",
            Self::Discarded => "discarded",
        }
    }

    pub(super) fn read(name: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|state| state.name() == name);
        found.ok_or(Error::Unexpected("a delivery is in a state that does not exist"))
    }
}

/// Why a mailbox gets something, in words that go with it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Why {
    /// The rules and their clauses.
    pub rules: Vec<(String, String)>,
    /// What its receiver owes because of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duty: Option<WhyDuty>,
    /// By which edition of the agreement it was corrected, where it did not go there at first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrected_by: Option<String>,
    /// Whose delivery it was, where a person has handed it on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handed: Option<Handed>,
    /// The duties that the event is news about, as they go with it: `duty` of the shared schema.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub duties: Vec<Value>,
    /// Whether the citizen's name and address are protected.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub protected: bool,
}

/// A duty that a task comes with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhyDuty {
    /// Its id.
    pub id: String,
    /// What kind.
    pub kind: String,
    /// By when, where that is known.
    pub due: Option<Date>,
}

/// What is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Content {
    /// An event.
    Event(i64),
    /// An answer to a sender.
    Reply(i64),
}

impl Content {
    /// The word for it in the chain.
    fn word(self, new: bool) -> &'static str {
        match (self, new) {
            (Self::Event(_), true) => "delivery+",
            (Self::Event(_), false) => "delivery",
            (Self::Reply(_), true) => "reply+",
            (Self::Reply(_), false) => "reply",
        }
    }

    fn columns(self) -> (Option<i64>, Option<i64>) {
        match self {
            Self::Event(event) => (Some(event), None),
            Self::Reply(reply) => (None, Some(reply)),
        }
    }

    fn read(event: Option<i64>, reply: Option<i64>) -> Result<Self, Error> {
        match (event, reply) {
            (Some(event), None) => Ok(Self::Event(event)),
            (None, Some(reply)) => Ok(Self::Reply(reply)),
            _ => Err(Error::Unexpected("a delivery is neither an event's nor a reply's")),
        }
    }
}

/// A delivery to be made.
#[derive(Debug, Clone)]
pub struct NewDelivery<'a> {
    /// Its id.
    pub id: DeliveryId,
    /// What.
    pub content: Content,
    /// To whom.
    pub mailbox: &'a str,
    /// How.
    pub channel: &'a str,
    /// In what capacity.
    pub capacity: &'a str,
    /// Why.
    pub why: &'a Why,
    /// In which order: those of one lane go one after the other.
    pub lane: Mark,
}

/// A delivery that was kept.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Its number, by which its lane is ordered.
    pub seq: i64,
    /// Its id.
    pub id: DeliveryId,
    /// What.
    pub content: Content,
    /// To whom.
    pub mailbox: String,
    /// How.
    pub channel: String,
    /// In what capacity.
    pub capacity: String,
    /// Why.
    pub why: Why,
    /// Its lane.
    pub lane: Mark,
    /// How it stands.
    pub state: State,
    /// Whether it is parked without holding its lane.
    pub passed: bool,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next.
    pub next_at: Timestamp,
    /// Why it is not there yet.
    pub reason: Option<Reason>,
    /// What its receiver said last.
    pub business: Option<String>,
    /// How the broker gave it back before it was known that it had left.
    pub returned: Option<Returned>,
}

/// Reads a row of `SELECT * FROM delivery`; a later version only ever adds columns at the end.
pub(super) fn read(row: &dyn Row) -> Result<Delivery, Error> {
    let why = row.need_text(7)?;
    let reason = match (row.text(14)?, row.text(15)?) {
        (Some(code), Some(text)) => Some(Reason::new(Code::stored(code), text)),
        _ => None,
    };
    Ok(Delivery {
        seq: row.need_int(0)?,
        id: DeliveryId::from_bytes(row.need_bytes(1)?),
        content: Content::read(row.int(2)?, row.int(3)?)?,
        mailbox: row.need_text(4)?,
        channel: row.need_text(5)?,
        capacity: row.need_text(6)?,
        why: serde_json::from_str(&why).map_err(|_unquoted| Error::Unexpected("a delivery's reason cannot be read"))?,
        lane: row.need_bytes(8)?,
        state: State::read(&row.need_text(9)?)?,
        passed: row.need_int(11)? != 0,
        attempts: u32::try_from(row.need_int(12)?).unwrap_or(u32::MAX),
        next_at: time(row.need_int(13)?),
        reason,
        business: row.text(16)?,
        returned: row.text(17)?.map(|name| Returned::read(&name)).transpose()?,
    })
}

impl Delivery {
    /// What the chain says of it: all that does not change with its state.
    pub(super) fn digest(&self) -> [u8; 32] {
        let why = serde_json::to_string(&self.why).unwrap_or_default();
        digest(
            &NewDelivery {
                id: self.id,
                content: self.content,
                mailbox: &self.mailbox,
                channel: &self.channel,
                capacity: &self.capacity,
                why: &self.why,
                lane: self.lane,
            },
            &why,
        )
    }

    /// The word for it in the chain.
    pub(super) fn word(&self) -> &'static str {
        self.content.word(false)
    }
}

fn digest(delivery: &NewDelivery<'_>, why: &str) -> [u8; 32] {
    let (event, reply) = delivery.content.columns();
    let texts = [delivery.mailbox, delivery.channel, delivery.capacity, why].join("\0");
    let numbers = [event.unwrap_or(0), reply.unwrap_or(0)].map(i64::to_be_bytes).concat();
    sha256(&[delivery.id.as_bytes(), &numbers, texts.as_bytes(), &delivery.lane])
}

impl Tx<'_> {
    /// Keeps a delivery that is to be made, unless it is kept already. It is ready at once if
    /// nothing of its lane is before it.
    pub fn plan_delivery(&mut self, delivery: &NewDelivery<'_>) -> Result<(), Error> {
        const ADD: &str =
            "INSERT INTO delivery (id, event, reply, mailbox, channel, capacity, why, lane, state, ready, next_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'waiting', CASE WHEN EXISTS (SELECT 1 FROM delivery AS first
                WHERE first.lane = ?8 AND first.state IN ('waiting', 'parked') AND first.passed = 0) THEN 0 ELSE 1 END, ?9)
            ON CONFLICT (id) DO NOTHING RETURNING seq";
        let why = serde_json::to_string(delivery.why).unwrap_or_default();
        let (event, reply) = delivery.content.columns();
        let params = [
            delivery.id.as_bytes().into(),
            event.into(),
            reply.into(),
            delivery.mailbox.into(),
            delivery.channel.into(),
            delivery.capacity.into(),
            (&why).into(),
            (&delivery.lane).into(),
            micros(self.at).into(),
        ];
        if let Some(seq) = self.sql.add(ADD, &params)? {
            event.map_or(Ok(()), |event| self.note_grant(delivery.mailbox, event))?;
            self.entry(delivery.content.word(true), seq, State::Waiting.name(), digest(delivery, &why))?;
        }
        Ok(())
    }

    /// A delivery by its number.
    pub(crate) fn delivery_row(&mut self, seq: i64) -> Result<Delivery, Error> {
        one(self.sql, seq)
    }

    /// A delivery by its id.
    pub fn delivery(&mut self, id: DeliveryId) -> Result<Option<Delivery>, Error> {
        by_id(self.sql, id)
    }

    /// The deliveries of an event.
    pub fn deliveries_of(&mut self, event: i64) -> Result<Vec<Delivery>, Error> {
        of_event(self.sql, event)
    }
}

impl Reader<'_> {
    /// The numbers of deliveries that may be sent now, to one mailbox by one channel, at most
    /// `limit`. They are read from the index alone: most of them may be on their way already.
    pub fn ready(&mut self, mailbox: &str, channel: &str, now: Timestamp, limit: usize) -> Result<Vec<i64>, Error> {
        const READY: &str =
            "SELECT seq FROM delivery WHERE ready = 1 AND mailbox = ?1 AND channel = ?2 AND next_at <= ?3
            ORDER BY next_at, seq LIMIT ?4";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.sql.all(READY, &[mailbox.into(), channel.into(), micros(now).into(), limit.into()], |row| row.need_int(0))
    }

    /// The one of them by which it is tried whether a broken way is mended: one that was not tried
    /// yet, else who was tried longest ago. It may be one of them alone that gets nowhere.
    pub fn to_try_way(&mut self, mailbox: &str, channel: &str, now: Timestamp) -> Result<Option<i64>, Error> {
        const TRY: &str = "SELECT seq FROM delivery
            WHERE ready = 1 AND mailbox = ?1 AND channel = ?2 AND next_at <= ?3
            ORDER BY code IS NOT NULL, next_at, seq LIMIT 1";
        self.sql.first(TRY, &[mailbox.into(), channel.into(), micros(now).into()], |row| row.need_int(0))
    }

    /// The mailboxes and channels to which something may be sent, now or later.
    pub fn ready_targets(&mut self) -> Result<Vec<(String, String)>, Error> {
        const TARGETS: &str = "SELECT DISTINCT mailbox, channel FROM delivery WHERE ready = 1";
        self.sql.all(TARGETS, &[], |row| Ok((row.need_text(0)?, row.need_text(1)?)))
    }

    /// When the next one of them may be sent that may not be sent now.
    pub fn next_ready_at(&mut self, mailbox: &str, channel: &str, now: Timestamp) -> Result<Option<Timestamp>, Error> {
        const NEXT: &str = "SELECT next_at FROM delivery
            WHERE ready = 1 AND mailbox = ?1 AND channel = ?2 AND next_at > ?3 ORDER BY next_at LIMIT 1";
        let next =
            self.sql.first(NEXT, &[mailbox.into(), channel.into(), micros(now).into()], |row| row.need_int(0))?;
        Ok(next.map(time))
    }

    /// A delivery by its id.
    pub fn delivery(&mut self, id: DeliveryId) -> Result<Option<Delivery>, Error> {
        by_id(self.sql, id)
    }

    /// A delivery by its number.
    pub fn delivery_row(&mut self, seq: i64) -> Result<Delivery, Error> {
        one(self.sql, seq)
    }

    /// The deliveries of an event.
    pub(crate) fn deliveries_of(&mut self, event: i64) -> Result<Vec<Delivery>, Error> {
        of_event(self.sql, event)
    }
}

/// A delivery by its number; `None` where there is none.
pub(super) fn by_number(sql: &mut dyn Sql, seq: i64) -> Result<Option<Delivery>, Error> {
    sql.first("SELECT * FROM delivery WHERE seq = ?1", &[seq.into()], read)
}

fn one(sql: &mut dyn Sql, seq: i64) -> Result<Delivery, Error> {
    by_number(sql, seq)?.ok_or(Error::Unexpected("a delivery is missing"))
}

fn of_event(sql: &mut dyn Sql, event: i64) -> Result<Vec<Delivery>, Error> {
    sql.all("SELECT * FROM delivery WHERE event = ?1 ORDER BY seq", &[event.into()], read)
}

fn by_id(sql: &mut dyn Sql, id: DeliveryId) -> Result<Option<Delivery>, Error> {
    sql.first("SELECT * FROM delivery WHERE id = ?1", &[id.as_bytes().into()], read)
}
