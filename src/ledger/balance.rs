//! The conservation laws: what came in is all accounted for. The left sides are counted from the
//! chain's entries, which are only ever added; the right sides from the state tables, counted by
//! the database itself as rows change. Nothing keeps the two equal but that no step was forgotten.

use std::collections::BTreeMap;

use serde::Serialize;

use super::sql::Sql;
use super::{Error, Reader, delivery, item};

/// Both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Balance {
    /// Items that came in.
    pub received: i64,
    /// Of those: decided, at least one mailbox gets it.
    pub routed: i64,
    /// Decided, by rule nobody gets it.
    pub recorded: i64,
    /// Seen before.
    pub duplicate: i64,
    /// Behind something that waits for a person.
    pub waiting: i64,
    /// Waiting for a person.
    pub parked: i64,
    /// Discarded by a person.
    pub discarded: i64,
    /// Deliveries of events.
    pub deliveries: Sent,
    /// Answers to senders.
    pub replies: Sent,
}

/// Things to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Sent {
    /// How many there are.
    pub total: i64,
    /// Of those: there.
    pub delivered: i64,
    /// On their way.
    pub waiting: i64,
    /// Waiting for a person.
    pub parked: i64,
    /// Discarded by a person.
    pub discarded: i64,
}

impl Sent {
    fn balanced(&self) -> bool {
        self.total == self.delivered + self.waiting + self.parked + self.discarded
    }

    fn of(counts: &BTreeMap<String, i64>, what: &str) -> Self {
        let count = |state: delivery::State| get(counts, &format!("{what} {}", state.name()));
        Self {
            total: get(counts, &format!("entry {what}+")),
            delivered: count(delivery::State::Delivered),
            waiting: count(delivery::State::Waiting),
            parked: count(delivery::State::Parked),
            discarded: count(delivery::State::Discarded),
        }
    }
}

fn get(counts: &BTreeMap<String, i64>, name: &str) -> i64 {
    counts.get(name).copied().unwrap_or(0)
}

impl Balance {
    pub(super) fn of(counts: &BTreeMap<String, i64>) -> Self {
        let count = |state: item::State| get(counts, &format!("item {}", state.name()));
        Self {
            received: get(counts, "entry item+"),
            routed: count(item::State::Routed),
            recorded: count(item::State::Recorded),
            duplicate: count(item::State::Duplicate),
            waiting: count(item::State::Waiting),
            parked: count(item::State::Parked),
            discarded: count(item::State::Discarded),
            deliveries: Sent::of(counts, "delivery"),
            replies: Sent::of(counts, "reply"),
        }
    }

    /// Whether all is accounted for.
    pub fn balanced(&self) -> bool {
        let states = self.routed + self.recorded + self.duplicate + self.waiting + self.parked + self.discarded;
        self.received == states && self.deliveries.balanced() && self.replies.balanced()
    }
}

/// What one transaction has entered in the chain of things that came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Entered {
    items: i64,
    deliveries: i64,
    replies: i64,
}

impl Entered {
    /// Notes an entry.
    pub(super) fn note(&mut self, what: &str) {
        match what {
            "item+" => self.items += 1,
            "delivery+" => self.deliveries += 1,
            "reply+" => self.replies += 1,
            _ => {}
        }
    }

    /// Adds it to the tallies, and begins anew.
    pub(super) fn keep(&mut self, sql: &mut dyn Sql) -> Result<(), Error> {
        const ADD: &str =
            "INSERT INTO tally (name, n) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET n = tally.n + ?2";
        let Self { items, deliveries, replies } = std::mem::take(self);
        for (name, n) in [("entry item+", items), ("entry delivery+", deliveries), ("entry reply+", replies)] {
            if n != 0 {
                sql.execute(ADD, &[name.into(), n.into()])?;
            }
        }
        Ok(())
    }
}

/// The counts that the database keeps.
pub(super) fn tallies(sql: &mut dyn Sql) -> Result<BTreeMap<String, i64>, Error> {
    let rows = sql.all("SELECT name, n FROM tally", &[], |row| Ok((row.need_text(0)?, row.need_int(1)?)))?;
    Ok(rows.into_iter().collect())
}

impl Reader<'_> {
    /// The balance, by the counts that the database keeps.
    pub fn balance(&mut self) -> Result<Balance, Error> {
        Ok(Balance::of(&tallies(self.sql)?))
    }
}
