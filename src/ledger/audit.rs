//! Who has looked at what, and who has done what: the access log and the actions, newest first, a
//! page at a time. To ask whose content was looked at is a look itself.

use jiff::Timestamp;

use super::chain::{Head, micros, time};
use super::look::Looker;
use super::seal::Mark;
use super::sql::{Param, Row};
use super::tx::Tx;
use super::verify::Report;
use super::{Error, Reader};

/// What of a log is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Of whom.
    pub user: Option<String>,
    /// About which message, by the number of an item of it.
    pub item: Option<i64>,
    /// From then on.
    pub from: Option<Timestamp>,
    /// Before then.
    pub to: Option<Timestamp>,
    /// Before this number, where a page ended.
    pub before: Option<i64>,
    /// How many.
    pub limit: u32,
}

/// A look at content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// Its number.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub user: String,
    /// For what.
    pub purpose: String,
    /// What was read: `item`, `event_body`, `search`.
    pub what: String,
    /// Which row of it.
    pub row: i64,
    /// The message that it was about, or came from.
    pub message: Option<i64>,
    /// The event.
    pub event: Option<i64>,
    /// The delivery by which it was reached.
    pub delivery: Option<i64>,
    /// The item that the event was made of.
    pub item: Option<i64>,
    /// What kind of event it is.
    pub kind: Option<String>,
}

/// Something that somebody did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// Its number.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub user: String,
    /// What.
    pub what: String,
    /// To what.
    pub target: String,
    /// Why, or what came of it.
    pub reason: String,
}

/// What the proof of the ledger is called among the actions.
pub const PROVED: &str = "verify";

fn look(row: &dyn Row) -> Result<Look, Error> {
    let (what, number) = (row.need_text(4)?, row.need_int(5)?);
    // A look at something undecided has no event to lead to its item.
    let item = if what == "item" { Some(number) } else { row.int(9)? };
    Ok(Look {
        seq: row.need_int(0)?,
        at: time(row.need_int(1)?),
        user: row.need_text(2)?,
        purpose: row.need_text(3)?,
        item,
        what,
        row: number,
        message: row.int(6)?,
        event: row.int(7)?,
        delivery: row.int(8)?,
        kind: row.text(10)?,
    })
}

fn action(row: &dyn Row) -> Result<Action, Error> {
    Ok(Action {
        seq: row.need_int(0)?,
        at: time(row.need_int(1)?),
        user: row.need_text(2)?,
        what: row.need_text(3)?,
        target: row.need_text(4)?,
        reason: row.need_text(5)?,
    })
}

/// The numbers between which a log is read, both with it.
#[derive(Debug, Clone, Copy)]
struct Span {
    first: i64,
    last: i64,
}

impl Span {
    /// From what was found at the ends of a period; a log's numbers have the order of its times.
    fn of(wanted: &Wanted, first: Option<i64>, last: Option<i64>) -> Self {
        let first = if wanted.from.is_some() { first.unwrap_or(i64::MAX) } else { 0 };
        let last = if wanted.to.is_some() { last.unwrap_or(0) } else { i64::MAX };
        Self { first, last: last.min(wanted.before.map_or(i64::MAX, |before| before.saturating_sub(1))) }
    }
}

impl Reader<'_> {
    /// Who looked at what.
    pub fn looks(&mut self, wanted: &Wanted) -> Result<Vec<Look>, Error> {
        const ALL: &str = "SELECT access.seq, at, by_user, purpose, what, ref, message, access.event, delivery,
                event.item, event.kind
            FROM access LEFT JOIN event ON event.seq = access.event
            WHERE access.seq >= ?1 AND access.seq <= ?2 ORDER BY access.seq DESC LIMIT ?3";
        const OF_USER: &str = "SELECT access.seq, at, by_user, purpose, what, ref, message, access.event, delivery,
                event.item, event.kind
            FROM access LEFT JOIN event ON event.seq = access.event
            WHERE by_user = ?4 AND access.seq >= ?1 AND access.seq <= ?2 ORDER BY access.seq DESC LIMIT ?3";
        const AT_MESSAGE: &str = "SELECT access.seq, at, by_user, purpose, what, ref, message, access.event, delivery,
                event.item, event.kind
            FROM access LEFT JOIN event ON event.seq = access.event
            WHERE message = ?4 AND message IS NOT NULL AND (by_user = ?5 OR ?5 IS NULL)
              AND access.seq >= ?1 AND access.seq <= ?2 ORDER BY access.seq DESC LIMIT ?3";
        const MESSAGE: &str = "SELECT message FROM item WHERE seq = ?1";
        let Span { first, last } = self.span_of_looks(wanted)?;
        let [first, last, limit]: [Param<'_>; 3] = [first.into(), last.into(), wanted.limit.into()];
        if let Some(item) = wanted.item {
            let message = self.sql.first(MESSAGE, &[item.into()], |row| row.need_int(0))?;
            let params = [first, last, limit, message.into(), wanted.user.as_ref().into()];
            return self.sql.all(AT_MESSAGE, &params, look);
        }
        match &wanted.user {
            Some(user) => self.sql.all(OF_USER, &[first, last, limit, user.into()], look),
            None => self.sql.all(ALL, &[first, last, limit], look),
        }
    }

    fn span_of_looks(&mut self, wanted: &Wanted) -> Result<Span, Error> {
        const FIRST: &str = "SELECT seq FROM access WHERE at >= ?1 ORDER BY at, seq LIMIT 1";
        const LAST: &str = "SELECT seq FROM access WHERE at < ?1 ORDER BY at DESC, seq DESC LIMIT 1";
        let ends = self.ends([FIRST, LAST], wanted)?;
        Ok(Span::of(wanted, ends.0, ends.1))
    }

    fn ends(&mut self, sql: [&'static str; 2], wanted: &Wanted) -> Result<(Option<i64>, Option<i64>), Error> {
        let [first, last] = sql;
        let mut end = |sql, at: Option<Timestamp>| match at {
            Some(at) => self.sql.first(sql, &[micros(at).into()], |row| row.need_int(0)),
            None => Ok(None),
        };
        Ok((end(first, wanted.from)?, end(last, wanted.to)?))
    }

    /// Who did what.
    pub fn actions(&mut self, wanted: &Wanted) -> Result<Vec<Action>, Error> {
        const FIRST: &str = "SELECT seq FROM action WHERE at >= ?1 ORDER BY at, seq LIMIT 1";
        const LAST: &str = "SELECT seq FROM action WHERE at < ?1 ORDER BY at DESC, seq DESC LIMIT 1";
        const ALL: &str = "SELECT seq, at, by_user, what, target, reason FROM action
            WHERE seq >= ?1 AND seq <= ?2 ORDER BY seq DESC LIMIT ?3";
        const OF_USER: &str = "SELECT seq, at, by_user, what, target, reason FROM action
            WHERE by_user = ?4 AND seq >= ?1 AND seq <= ?2 ORDER BY seq DESC LIMIT ?3";
        let ends = self.ends([FIRST, LAST], wanted)?;
        let Span { first, last } = Span::of(wanted, ends.0, ends.1);
        let [first, last, limit]: [Param<'_>; 3] = [first.into(), last.into(), wanted.limit.into()];
        match &wanted.user {
            Some(user) => self.sql.all(OF_USER, &[first, last, limit, user.into()], action),
            None => self.sql.all(ALL, &[first, last, limit], action),
        }
    }

    /// What people did to something: `#12`, or a delivery's id. Oldest first.
    pub fn actions_on(&mut self, target: &str) -> Result<Vec<Action>, Error> {
        const ON: &str = "SELECT seq, at, by_user, what, target, reason FROM action WHERE target = ?1
            ORDER BY seq LIMIT 200";
        self.sql.all(ON, &[target.into()], action)
    }

    /// When the ledger was last proved from here, and what came of it.
    pub fn last_proof(&mut self) -> Result<Option<Action>, Error> {
        const LAST: &str = "SELECT seq, at, by_user, what, target, reason FROM action WHERE what = 'verify'
            ORDER BY seq DESC LIMIT 1";
        self.sql.first(LAST, &[], action)
    }

    /// Where the chain ends. Kept elsewhere, it shows later that nothing was cut off.
    pub fn chain_end(&mut self) -> Result<Head, Error> {
        Head::load(self.sql)
    }
}

impl Tx<'_> {
    /// Who looked at what of a citizen's. To ask that is a look too, and is found from then on.
    pub fn looks_at_citizen(&mut self, looker: Looker<'_>, number: &str, wanted: &Wanted) -> Result<Vec<Look>, Error> {
        const OF: &str = "SELECT access.seq, at, by_user, purpose, what, ref, message, access.event, delivery,
                event.item, event.kind
            FROM access_citizen JOIN access ON access.seq = access_citizen.access
            LEFT JOIN event ON event.seq = access.event
            WHERE mark = ?4 AND access_citizen.access >= ?1 AND access_citizen.access <= ?2
              AND (by_user = ?5 OR ?5 IS NULL)
            ORDER BY access_citizen.access DESC LIMIT ?3";
        let mark: Mark = self.look_for(looker, "audit", number)?;
        let Span { first, last } = self.reader().span_of_looks(wanted)?;
        let params = [first.into(), last.into(), wanted.limit.into(), (&mark).into(), wanted.user.as_ref().into()];
        self.sql.all(OF, &params, look)
    }

    /// Keeps what the proof of the ledger said.
    pub fn proved(&mut self, user: &str, report: &Report) -> Result<(), Error> {
        let result = if report.is_good() { "ok" } else { "broken" };
        let faults = report.faults.len();
        let text = format!(
            "{result}: chain {}, {} entries, {faults} faults, head {}",
            report.chain, report.entries, report.head
        );
        self.act(user, PROVED, "ledger", &text)
    }
}
