//! What is parked, grouped by its cause and a page at a time. Counts, codes and names; no content.

use budstikke_contract::reason::Code;
use jiff::Timestamp;

use super::chain::since;
use super::delivery::{self, Delivery};
use super::item::{self, Item};
use super::sql::Row;
use super::{Error, Reader};

/// What is parked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// An item that was not routed.
    Item,
    /// A delivery, or an answer, that did not arrive.
    Delivery,
}

impl Kind {
    /// The name in the ledger.
    pub fn name(self) -> &'static str {
        match self {
            Self::Item => "item",
            Self::Delivery => "delivery",
        }
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Item, Self::Delivery].into_iter().find(|kind| kind.name() == name)
    }
}

/// One thing that is parked: an item or a delivery, by its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Thing {
    /// What it is.
    pub kind: Kind,
    /// Its number.
    pub row: i64,
}

/// Why things are parked, as far as it tells groups apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cause {
    /// What is parked.
    pub kind: Kind,
    /// The reason's code.
    pub code: Code,
    /// The source of items, the mailbox of deliveries.
    pub place: String,
    /// The channel of deliveries; empty for items.
    pub channel: String,
}

/// What is parked for one cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Why.
    pub cause: Cause,
    /// How much.
    pub count: u32,
    /// Since when the first of it is.
    pub oldest: Option<Timestamp>,
    /// Since when the last of it is.
    pub newest: Option<Timestamp>,
}

/// Something parked, with what surrounds it.
#[derive(Debug, Clone)]
pub struct Parked {
    /// Which.
    pub thing: Thing,
    /// Since when.
    pub since: Option<Timestamp>,
    /// The source of an item.
    pub source: Option<String>,
    /// What it is.
    pub body: Body,
}

/// An item or a delivery.
#[derive(Debug, Clone)]
pub enum Body {
    /// An item.
    Item(Box<Item>),
    /// A delivery.
    Delivery(Box<Delivery>),
}

/// A thing, and the last entry of the chain about it: while that is the last, it stands as it stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frozen {
    /// Which.
    pub thing: Thing,
    /// The entry.
    pub entry: i64,
}

/// The words of the chain for what can be parked.
pub(super) fn words(kind: Kind) -> [&'static str; 4] {
    match kind {
        Kind::Item => ["item", "item+", "item", "item+"],
        Kind::Delivery => ["delivery", "delivery+", "reply", "reply+"],
    }
}

impl Reader<'_> {
    /// What is parked, by cause; the largest group first.
    pub fn parked_causes(&mut self) -> Result<Vec<Group>, Error> {
        const ITEMS: &str = "SELECT item.code, message.source, '', COUNT(*), MIN(item.seq), MAX(item.seq)
            FROM item JOIN message ON message.seq = item.message WHERE item.state = 'parked'
            GROUP BY item.code, message.source";
        const DELIVERIES: &str = "SELECT code, mailbox, channel, COUNT(*), MIN(seq), MAX(seq)
            FROM delivery WHERE state = 'parked' GROUP BY code, mailbox, channel";
        let mut groups = Vec::new();
        for (kind, sql) in [(Kind::Item, ITEMS), (Kind::Delivery, DELIVERIES)] {
            let read = |row: &dyn Row| {
                let code = Code::stored(row.need_text(0)?);
                let cause = Cause { kind, code, place: row.need_text(1)?, channel: row.need_text(2)? };
                let count = u32::try_from(row.need_int(3)?).unwrap_or(u32::MAX);
                Ok((Group { cause, count, oldest: None, newest: None }, row.need_int(4)?, row.need_int(5)?))
            };
            for (group, first, last) in self.sql.all(sql, &[], read)? {
                let oldest = self.parked_since(Thing { kind, row: first })?;
                let newest = self.parked_since(Thing { kind, row: last })?;
                groups.push(Group { oldest, newest, ..group });
            }
        }
        groups.sort_by(|one, other| other.count.cmp(&one.count).then_with(|| one.cause.cmp(&other.cause)));
        Ok(groups)
    }

    /// How much is parked for a cause.
    pub fn parked_count(&mut self, cause: &Cause) -> Result<u32, Error> {
        const ITEMS: &str = "SELECT COUNT(*) FROM item JOIN message ON message.seq = item.message
            WHERE item.state = 'parked' AND item.code = ?1 AND message.source = ?2 AND ?3 = ''";
        const DELIVERIES: &str = "SELECT COUNT(*) FROM delivery
            WHERE state = 'parked' AND code = ?1 AND mailbox = ?2 AND channel = ?3";
        let sql = match cause.kind {
            Kind::Item => ITEMS,
            Kind::Delivery => DELIVERIES,
        };
        let params = [cause.code.as_str().into(), (&cause.place).into(), (&cause.channel).into()];
        let count = self.sql.first(sql, &params, |row| row.need_int(0))?.unwrap_or(0);
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// What is parked for a cause after a row, oldest first, at most `limit`.
    pub fn parked_rows(&mut self, cause: &Cause, after: i64, limit: u32) -> Result<Vec<Thing>, Error> {
        const ITEMS: &str = "SELECT item.seq FROM item JOIN message ON message.seq = item.message
            WHERE item.state = 'parked' AND item.code = ?1 AND message.source = ?2 AND ?3 = '' AND item.seq > ?4
            ORDER BY item.seq LIMIT ?5";
        const DELIVERIES: &str = "SELECT seq FROM delivery
            WHERE state = 'parked' AND code = ?1 AND mailbox = ?2 AND channel = ?3 AND seq > ?4
            ORDER BY seq LIMIT ?5";
        let sql = match cause.kind {
            Kind::Item => ITEMS,
            Kind::Delivery => DELIVERIES,
        };
        let params =
            [cause.code.as_str().into(), (&cause.place).into(), (&cause.channel).into(), after.into(), limit.into()];
        self.sql.all(sql, &params, |row| Ok(Thing { kind: cause.kind, row: row.need_int(0)? }))
    }

    /// A thing with what surrounds it, however it stands now. `None` where there is none.
    pub fn parked_thing(&mut self, thing: Thing) -> Result<Option<Parked>, Error> {
        let (body, source) = match thing.kind {
            Kind::Item => {
                let found = self.sql.first("SELECT * FROM item WHERE seq = ?1", &[thing.row.into()], item::read)?;
                let Some(item) = found else { return Ok(None) };
                let source = self.message(item.message)?.source;
                (Body::Item(Box::new(item)), Some(source))
            }
            Kind::Delivery => {
                let Some(delivery) = delivery::by_number(self.sql, thing.row)? else { return Ok(None) };
                (Body::Delivery(Box::new(delivery)), None)
            }
        };
        Ok(Some(Parked { thing, since: self.parked_since(thing)?, source, body }))
    }

    /// Whether there is such a thing, and it is parked.
    pub fn is_parked(&mut self, thing: Thing) -> Result<bool, Error> {
        let sql = match thing.kind {
            Kind::Item => "SELECT 1 FROM item WHERE seq = ?1 AND state = 'parked'",
            Kind::Delivery => "SELECT 1 FROM delivery WHERE seq = ?1 AND state = 'parked'",
        };
        Ok(self.sql.first(sql, &[thing.row.into()], |row| row.need_int(0))?.is_some())
    }

    /// Fixes how a thing stands now.
    pub fn freeze(&mut self, thing: Thing) -> Result<Frozen, Error> {
        const LAST: &str = "SELECT MAX(seq) FROM entry WHERE what IN (?1, ?2, ?3, ?4) AND ref = ?5";
        let [old, new, other, new_other] = words(thing.kind);
        let params = [old.into(), new.into(), other.into(), new_other.into(), thing.row.into()];
        let entry = self.sql.first(LAST, &params, |row| row.int(0))?.flatten();
        Ok(Frozen { thing, entry: entry.unwrap_or(0) })
    }

    /// When a thing was parked last.
    fn parked_since(&mut self, thing: Thing) -> Result<Option<Timestamp>, Error> {
        since(self.sql, words(thing.kind), thing.row, "parked")
    }
}
