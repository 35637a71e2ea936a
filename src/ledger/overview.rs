//! What operations look at: how much is where, since when, and why it does not go on. Counts and
//! codes, no content; each is one question that an index answers.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use super::chain::{micros, since, time};
use super::parked::{Kind, words};
use super::sql::Row;
use super::{Error, Reader};

/// What is parked for the same reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParkedGroup {
    /// The reason's code.
    pub code: String,
    /// Items that were not routed.
    pub items: u32,
    /// Deliveries and answers that did not arrive.
    pub deliveries: u32,
    /// Since when the first of them is.
    pub since: Option<Timestamp>,
}

/// What waits to be sent to a mailbox by a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backlog {
    /// The mailbox, or the way to the hospitals.
    pub mailbox: String,
    /// How it is reached.
    pub channel: String,
    /// How much waits to be sent.
    pub waiting: u32,
    /// How much is parked.
    pub parked: u32,
    /// Since when the first that was tried and is not there waits.
    pub since: Option<Timestamp>,
    /// How often what was tried most was tried.
    pub attempts: u32,
    /// Why what was tried is not there yet.
    pub code: Option<String>,
}

/// What a person has paused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paused {
    /// Since when.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
}

/// What a party owes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Owed {
    /// How many duties are open.
    pub open: u32,
    /// How many of them are past their day.
    pub late: u32,
}

/// The words of the chain by which a delivery came to be.
const PLANNED: [&str; 4] = ["delivery+", "reply+", "delivery+", "reply+"];

fn count(row: &dyn Row, column: usize) -> Result<u32, Error> {
    Ok(u32::try_from(row.need_int(column)?).unwrap_or(u32::MAX))
}

impl Reader<'_> {
    /// What is parked, by reason; the largest group first.
    pub fn parked_groups(&mut self) -> Result<Vec<ParkedGroup>, Error> {
        const ITEMS: &str = "SELECT code, COUNT(*), MIN(seq) FROM item WHERE state = 'parked' GROUP BY code";
        const DELIVERIES: &str = "SELECT code, COUNT(*), MIN(seq) FROM delivery WHERE state = 'parked' GROUP BY code";
        let mut groups: BTreeMap<String, ParkedGroup> = BTreeMap::new();
        for (sql, kind) in [(ITEMS, Kind::Item), (DELIVERIES, Kind::Delivery)] {
            let read = |row: &dyn Row| Ok((row.need_text(0)?, count(row, 1)?, row.need_int(2)?));
            for (code, n, first) in self.sql.all(sql, &[], read)? {
                let since = since(self.sql, words(kind), first, "parked")?;
                let new = || ParkedGroup { code: code.clone(), items: 0, deliveries: 0, since: None };
                let group = groups.entry(code.clone()).or_insert_with(new);
                *(if kind == Kind::Item { &mut group.items } else { &mut group.deliveries }) += n;
                group.since = [group.since, since].into_iter().flatten().min();
            }
        }
        let mut groups: Vec<ParkedGroup> = groups.into_values().collect();
        groups.sort_by_key(|group| std::cmp::Reverse(group.items + group.deliveries));
        Ok(groups)
    }

    /// What waits or is parked, by mailbox and channel.
    pub fn backlogs(&mut self) -> Result<Vec<Backlog>, Error> {
        const WAITING: &str = "SELECT MIN(mailbox), MIN(channel), SUM(CASE WHEN state = 'waiting' THEN 1 ELSE 0 END),
            SUM(CASE WHEN state = 'parked' THEN 1 ELSE 0 END),
            MIN(CASE WHEN state = 'waiting' AND attempts > 0 THEN seq END),
            COALESCE(MAX(CASE WHEN state = 'waiting' THEN attempts END), 0),
            MAX(CASE WHEN state = 'waiting' AND attempts > 0 THEN code END)
            FROM delivery WHERE state IN ('waiting', 'parked') GROUP BY mailbox || '', channel || ''";
        // With `||` it goes by the index of what is open, and not by one of all that ever was.
        let found = self.sql.all(WAITING, &[], |row| {
            let backlog = Backlog {
                mailbox: row.need_text(0)?,
                channel: row.need_text(1)?,
                waiting: count(row, 2)?,
                parked: count(row, 3)?,
                since: None,
                attempts: count(row, 5)?,
                code: row.text(6)?,
            };
            Ok((backlog, row.int(4)?))
        })?;
        let dated = found.into_iter().map(|(backlog, first)| {
            let since = first.map(|seq| since(self.sql, PLANNED, seq, "waiting")).transpose()?.flatten();
            Ok(Backlog { since, ..backlog })
        });
        dated.collect()
    }

    /// How many duties are open and how many of them past their day, by who owes them.
    pub fn duties_owed(&mut self, today: Date) -> Result<BTreeMap<String, Owed>, Error> {
        // What has no day stands under the last of all.
        const OWED: &str =
            "SELECT owed_by, CAST(SUM(n) AS BIGINT), CAST(SUM(CASE WHEN day < ?1 THEN n ELSE 0 END) AS BIGINT)
            FROM duty_tally WHERE state = 'open' GROUP BY owed_by";
        let today = today.to_string();
        let read = |row: &dyn Row| Ok((row.need_text(0)?, Owed { open: count(row, 1)?, late: count(row, 2)? }));
        Ok(self.sql.all(OWED, &[(&today).into()], read)?.into_iter().collect())
    }

    /// How many people are signed in who were seen after `since`.
    pub fn sessions_after(&mut self, since: Timestamp) -> Result<u32, Error> {
        const SEEN: &str = "SELECT COUNT(*) FROM session WHERE seen > ?1";
        Ok(self.sql.first(SEEN, &[micros(since).into()], |row| count(row, 0))?.unwrap_or(0))
    }

    /// When something last came from a source.
    pub fn last_came(&mut self, source: &str) -> Result<Option<Timestamp>, Error> {
        const LAST: &str = "SELECT at FROM message WHERE source = ?1 ORDER BY seq DESC LIMIT 1";
        Ok(self.sql.first(LAST, &[source.into()], |row| row.need_int(0))?.map(time))
    }

    /// What is paused, since when and by whom.
    pub fn paused_by(&mut self) -> Result<BTreeMap<String, Paused>, Error> {
        let read =
            |row: &dyn Row| Ok((row.need_text(0)?, Paused { at: time(row.need_int(1)?), by: row.need_text(2)? }));
        let paused = self.sql.all("SELECT target, at, by_user FROM pause", &[], read)?;
        Ok(paused.into_iter().collect())
    }

    /// When something was last sent to a mailbox by a channel.
    pub fn last_sent(&mut self, mailbox: &str, channel: &str) -> Result<Option<Timestamp>, Error> {
        const LAST: &str = "SELECT seq FROM delivery WHERE mailbox = ?1 AND channel = ?2 AND state = 'delivered'
            ORDER BY seq DESC LIMIT 1";
        let found = self.sql.first(LAST, &[mailbox.into(), channel.into()], |row| row.need_int(0))?;
        found.map(|seq| since(self.sql, words(Kind::Delivery), seq, "delivered")).transpose().map(Option::flatten)
    }

    /// When the `nth` last delivery to a mailbox by its queue was sent: how old the oldest message
    /// of a queue is that holds so many. RabbitMQ does not say it of quorum queues.
    pub fn sent_back(&mut self, mailbox: &str, nth: u32) -> Result<Option<Timestamp>, Error> {
        const NTH: &str = "SELECT seq FROM delivery WHERE mailbox = ?1 AND channel = 'amqp' AND state = 'delivered'
            ORDER BY seq DESC LIMIT 1 OFFSET ?2";
        let found = self.sql.first(NTH, &[mailbox.into(), nth.saturating_sub(1).into()], |row| row.need_int(0))?;
        found.map(|seq| since(self.sql, words(Kind::Delivery), seq, "delivered")).transpose().map(Option::flatten)
    }
}
