//! Items: the letters of a message, or the one event that it is. An item is what is counted: each
//! is in exactly one state.

use budstikke_contract::id::CaseKey;
use budstikke_contract::reason::{Code, Reason};

use super::seal::{Mark, sha256};
use super::sql::{Row, Sql};
use super::tx::Tx;
use super::{Error, Reader};

/// How an item stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Decided: at least one mailbox gets it.
    Routed,
    /// Decided: by rule nobody gets it.
    Recorded,
    /// Seen before.
    Duplicate,
    /// Behind something of its case that waits for a person.
    Waiting,
    /// Waits for a person.
    Parked,
    /// A person decided that it goes nowhere.
    Discarded,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Routed, Self::Recorded, Self::Duplicate, Self::Waiting, Self::Parked, Self::Discarded];

    /// The name in the ledger and in answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Routed => "routed",
            Self::Recorded => "recorded",
            Self::Duplicate => "duplicate",
            Self::Waiting => "waiting",
            Self::Parked => "parked",
            Self::Discarded => "discarded",
        }
    }

    pub(super) fn read(name: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|state| state.name() == name);
        found.ok_or(Error::Unexpected("an item is in a state that does not exist"))
    }
}

/// An item to be kept.
#[derive(Debug, Clone)]
pub struct NewItem<'a> {
    /// The message that it came in.
    pub message: i64,
    /// Its place in it.
    pub index: u32,
    /// What its source calls it.
    pub key: &'a str,
    /// How it stands.
    pub state: State,
    /// What it is: a kind of event, or what the adapter called it.
    pub what: &'a str,
    /// Its case, where that is known.
    pub case: Option<&'a CaseKey>,
    /// The item that it repeats.
    pub same_as: Option<i64>,
    /// Why it does not go on.
    pub reason: Option<&'a Reason>,
    /// Whether it could not be read or is of a kind that is not carried.
    pub refused: bool,
    /// Whether it holds what follows on its case.
    pub holds: bool,
}

/// An item that was kept.
#[derive(Debug, Clone)]
pub struct Item {
    /// Its number.
    pub seq: i64,
    /// The message that it came in.
    pub message: i64,
    /// Its place in it.
    pub index: u32,
    /// What its source calls it.
    pub key: String,
    /// How it stands.
    pub state: State,
    /// What it is.
    pub what: String,
    /// Its case, where that is known.
    pub case: Option<String>,
    /// The event that it became.
    pub event: Option<i64>,
    /// The item that it repeats.
    pub same_as: Option<i64>,
    /// Why it does not go on.
    pub reason: Option<Reason>,
    /// Whether it could not be read or is of a kind that is not carried.
    pub refused: bool,
    /// Whether it holds what follows on its case.
    pub holds: bool,
    /// The codes, with spaces between, of reasons that a person has accepted.
    pub accepted: String,
}

impl Item {
    /// Its case, where that is known.
    pub fn case_key(&self) -> Option<CaseKey> {
        self.case.as_deref().and_then(CaseKey::parse)
    }

    /// Whether a person has sent it on though there was this reason not to.
    pub fn is_accepted(&self, code: &Code) -> bool {
        self.accepted.split(' ').any(|accepted| accepted == code.as_str())
    }
}

/// What is parked is grouped by why: without a reason nobody would find it.
fn check_reason(state: State, reason: Option<&Reason>) -> Result<(), Error> {
    if state == State::Parked && reason.is_none() {
        return Err(Error::Unexpected("something is parked and nobody said why"));
    }
    Ok(())
}

/// Reads a row of `SELECT * FROM item`; a later version only ever adds columns at the end.
pub(super) fn read(row: &dyn Row) -> Result<Item, Error> {
    let reason = match (row.text(9)?, row.text(10)?) {
        (Some(code), Some(text)) => Some(Reason { code: Code::stored(code), text, path: row.text(11)? }),
        _ => None,
    };
    Ok(Item {
        seq: row.need_int(0)?,
        message: row.need_int(1)?,
        index: u32::try_from(row.need_int(2)?).unwrap_or(u32::MAX),
        key: row.need_text(3)?,
        state: State::read(&row.need_text(4)?)?,
        what: row.need_text(5)?,
        case: row.text(6)?,
        event: row.int(7)?,
        same_as: row.int(8)?,
        reason,
        refused: row.need_int(12)? != 0,
        holds: row.need_int(13)? != 0,
        accepted: row.need_text(14)?,
    })
}

/// What the chain says of an item in a state: its name, its place, and why it does not go on.
fn digest(key: &str, message: i64, index: u32, reason: Option<&Reason>) -> [u8; 32] {
    let why = reason.map(|it| [it.code.as_str(), &it.text, it.path.as_deref().unwrap_or("")].join("\0"));
    sha256(&[key.as_bytes(), &message.to_be_bytes(), &index.to_be_bytes(), why.unwrap_or_default().as_bytes()])
}

pub(super) fn digest_of(item: &Item) -> [u8; 32] {
    digest(&item.key, item.message, item.index, item.reason.as_ref())
}

/// Something that was seen before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// The keyed hash of what stood under that id.
    pub content: Mark,
    /// The row that it was: an item, or a message for envelopes.
    pub row: i64,
}

/// What kind of id was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeenKind {
    /// A transmission.
    Envelope,
    /// A message within a transmission.
    Message,
    /// An item.
    Item,
}

impl SeenKind {
    fn name(self) -> &'static str {
        match self {
            Self::Envelope => "envelope",
            Self::Message => "message",
            Self::Item => "item",
        }
    }
}

impl Tx<'_> {
    /// Keeps an item.
    pub fn keep_item(&mut self, item: &NewItem<'_>) -> Result<i64, Error> {
        const ADD: &str =
            "INSERT INTO item (message, idx, key, state, what, case_key, same_as, code, reason, path, refused, holds)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) RETURNING seq";
        let reason = item.reason;
        check_reason(item.state, reason)?;
        let seq = self.sql.insert(
            ADD,
            &[
                item.message.into(),
                item.index.into(),
                item.key.into(),
                item.state.name().into(),
                item.what.into(),
                item.case.map(CaseKey::as_str).into(),
                item.same_as.into(),
                reason.map(|it| it.code.as_str()).into(),
                reason.map(|it| &it.text).into(),
                reason.and_then(|it| it.path.as_ref()).into(),
                item.refused.into(),
                item.holds.into(),
            ],
        )?;
        self.entry("item+", seq, item.state.name(), digest(item.key, item.message, item.index, reason))?;
        Ok(seq)
    }

    /// Brings an item into another state.
    pub fn change_item(
        &mut self,
        item: &Item,
        state: State,
        case: Option<&CaseKey>,
        reason: Option<&Reason>,
        holds: bool,
    ) -> Result<(), Error> {
        const CHANGE: &str = "UPDATE item SET state = ?2, case_key = COALESCE(?3, case_key), code = ?4, reason = ?5, path = ?6, holds = ?7 WHERE seq = ?1";
        check_reason(state, reason)?;
        self.sql.execute(
            CHANGE,
            &[
                item.seq.into(),
                state.name().into(),
                case.map(CaseKey::as_str).into(),
                reason.map(|it| it.code.as_str()).into(),
                reason.map(|it| &it.text).into(),
                reason.and_then(|it| it.path.as_ref()).into(),
                holds.into(),
            ],
        )?;
        self.entry("item", item.seq, state.name(), digest(&item.key, item.message, item.index, reason))
    }

    /// Notes that a person accepts the reason why an item was parked. It counts from then on, also
    /// where the item is stopped once more by something else.
    pub fn accept(&mut self, item: &mut Item, code: &Code) -> Result<(), Error> {
        if !item.accepted.is_empty() {
            item.accepted.push(' ');
        }
        item.accepted.push_str(code.as_str());
        let params = [item.seq.into(), (&item.accepted).into()];
        self.sql.execute("UPDATE item SET accepted = ?2 WHERE seq = ?1", &params)?;
        Ok(())
    }

    /// Notes what an item turned out to be that could not be read when it was kept.
    pub fn read_as(&mut self, item: &Item, what: &str, refused: bool) -> Result<(), Error> {
        const READ: &str = "UPDATE item SET what = ?2, refused = ?3 WHERE seq = ?1";
        self.sql.execute(READ, &[item.seq.into(), what.into(), refused.into()])?;
        Ok(())
    }

    /// An item by its number.
    pub fn item(&mut self, seq: i64) -> Result<Item, Error> {
        one(self.sql, seq)
    }

    /// What was seen under an id, if anything.
    pub fn seen(&mut self, kind: SeenKind, source: &str, id: &str) -> Result<Option<Seen>, Error> {
        const SEEN: &str = "SELECT content, ref FROM seen WHERE kind = ?1 AND key = ?2";
        let key = self.keys.mark(source, id);
        self.sql.first(SEEN, &[kind.name().into(), (&key).into()], |row| {
            Ok(Seen { content: row.need_bytes(0)?, row: row.need_int(1)? })
        })
    }

    /// Remembers an id, unless it was seen before.
    pub fn remember(&mut self, kind: SeenKind, source: &str, id: &str, seen: Seen) -> Result<(), Error> {
        const ADD: &str = "INSERT INTO seen (kind, key, content, ref) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
        let key = self.keys.mark(source, id);
        self.sql.execute(ADD, &[kind.name().into(), (&key).into(), (&seen.content).into(), seen.row.into()])?;
        Ok(())
    }

    /// Remembers a name by which people look for an item.
    pub fn name_item(&mut self, name: &str, item: i64) -> Result<(), Error> {
        const ADD: &str = "INSERT INTO name (name, item) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        let name = self.keys.masked(name);
        self.sql.execute(ADD, &[(&name).into(), item.into()])?;
        Ok(())
    }

    /// Counts that a message which came back is begun once more; answers how often by now.
    pub fn begin_again(&mut self, body: &[u8]) -> Result<i64, Error> {
        const COUNT: &str = "INSERT INTO attempt (key, count) VALUES (?1, 1)
            ON CONFLICT (key) DO UPDATE SET count = attempt.count + 1 RETURNING count";
        let key = self.keys.content(body);
        let count = self.sql.first(COUNT, &[(&key).into()], |row| row.need_int(0))?;
        count.ok_or(Error::Unexpected("an attempt was not counted"))
    }

    /// Forgets the count: the message was taken.
    pub fn begun_well(&mut self, body: &[u8]) -> Result<(), Error> {
        let key = self.keys.content(body);
        self.sql.execute("DELETE FROM attempt WHERE key = ?1", &[(&key).into()])?;
        Ok(())
    }

    /// The items that people know by a name, oldest first.
    pub fn items_named(&mut self, name: &str) -> Result<Vec<Item>, Error> {
        const NAMED: &str =
            "SELECT item.* FROM name JOIN item ON item.seq = name.item WHERE name.name = ?1 ORDER BY item.seq";
        let name = self.keys.masked(name);
        self.sql.all(NAMED, &[(&name).into()], read)
    }

    /// The items of a case that have not gone on: parked, or behind such a one. Oldest first.
    pub fn stopped_in_case(&mut self, case: &str) -> Result<Vec<Item>, Error> {
        const STOPPED: &str = "SELECT * FROM item WHERE case_key = ?1 AND state IN ('parked', 'waiting') ORDER BY seq";
        self.sql.all(STOPPED, &[case.into()], read)
    }
}

impl Reader<'_> {
    /// An item by its number.
    pub fn item(&mut self, seq: i64) -> Result<Item, Error> {
        one(self.sql, seq)
    }

    /// The items that wait though nothing is left that they wait for: neither an answer nor something
    /// before them in their case. Oldest first.
    pub fn waiting_for_nothing(&mut self) -> Result<Vec<i64>, Error> {
        // In the order of the index over the few that have not gone on.
        const FREE: &str = "SELECT seq FROM item
            WHERE state IN ('parked', 'waiting') AND state = 'waiting'
              AND NOT EXISTS (SELECT 1 FROM wish WHERE wish.item = item.seq AND wish.state = 'open')
              AND NOT EXISTS (SELECT 1 FROM item AS first WHERE first.case_key = item.case_key
                AND first.seq < item.seq AND first.holds = 1 AND first.state IN ('parked', 'waiting'))
            ORDER BY case_key, seq";
        let mut free = self.sql.all(FREE, &[], |row| row.need_int(0))?;
        free.sort_unstable();
        Ok(free)
    }
}

fn one(sql: &mut dyn Sql, seq: i64) -> Result<Item, Error> {
    let found = sql.first("SELECT * FROM item WHERE seq = ?1", &[seq.into()], read)?;
    found.ok_or(Error::Unexpected("an item is missing"))
}
