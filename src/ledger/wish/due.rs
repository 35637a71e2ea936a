//! What is to be asked, and what was.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;

use super::{TALLY, Wish, read};
use crate::ledger::balance::tallies;
use crate::ledger::chain::{micros, time};
use crate::ledger::tx::{Body, open_body};
use crate::ledger::{Error, Reader};

/// What is to be asked now.
#[derive(Clone)]
pub struct Due {
    /// The first wish of those that it answers.
    pub wish: Wish,
    /// The last of them.
    pub upto: i64,
    /// What is asked. Personal.
    pub question: Vec<u8>,
}

impl fmt::Debug for Due {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Due({:?})", self.wish)
    }
}

/// What a service is to be asked.
#[derive(Debug, Clone)]
pub struct Wishes {
    /// What is due, the longest due first.
    pub due: Vec<Due>,
    /// When the first of the rest is due.
    pub next: Option<Timestamp>,
    /// Since when the longest of all waits.
    pub oldest: Option<Timestamp>,
    /// The numbers of wishes that are due and whose question cannot be opened.
    pub lost: Vec<i64>,
}

impl Reader<'_> {
    /// What is to be asked of a service now: at most `limit` wishes are read, and of those about the
    /// same only the first is told.
    pub fn wishes(&mut self, service: &str, now: Timestamp, limit: u32) -> Result<Wishes, Error> {
        const DUE: &str = "SELECT * FROM wish WHERE service = ?1 AND state = 'open' AND next_at <= ?2
            ORDER BY next_at, seq LIMIT ?3";
        const LAST: &str = "SELECT MAX(seq) FROM wish WHERE service = ?1 AND about = ?2 AND state = 'open'";
        const NEXT: &str = "SELECT next_at FROM wish WHERE service = ?1 AND state = 'open' AND next_at > ?2
            ORDER BY next_at LIMIT 1";
        const OLDEST: &str = "SELECT since FROM wish WHERE service = ?1 AND state = 'open' ORDER BY since LIMIT 1";
        let at = micros(now);
        let (mut due, mut lost): (Vec<Due>, _) = (Vec::new(), Vec::new());
        for wish in self.sql.all(DUE, &[service.into(), at.into(), limit.into()], read)? {
            if due.iter().all(|other| other.wish.about != wish.about) {
                let question = match open_body(self.sql, self.keys, Body::Wish, wish.seq) {
                    Ok(question) => question,
                    Err(error) if error.is_passing() => return Err(error),
                    Err(_lost) => {
                        lost.push(wish.seq);
                        continue;
                    }
                };
                let upto = self.sql.first(LAST, &[service.into(), (&wish.about).into()], |row| row.need_int(0))?;
                due.push(Due { upto: upto.unwrap_or(wish.seq), wish, question });
            }
        }
        let next = self.sql.first(NEXT, &[service.into(), at.into()], |row| row.need_int(0))?;
        let oldest = self.sql.first(OLDEST, &[service.into()], |row| row.need_int(0))?;
        Ok(Wishes { due, next: next.map(time), oldest: oldest.map(time), lost })
    }

    /// How many wishes each service has open.
    pub fn open_wishes(&mut self) -> Result<BTreeMap<String, i64>, Error> {
        let tallies = tallies(self.sql)?.into_iter();
        Ok(tallies.filter_map(|(name, count)| Some((name.strip_prefix(TALLY)?.to_owned(), count))).collect())
    }

    /// What an item waited for, oldest first.
    pub fn wishes_of(&mut self, item: i64) -> Result<Vec<Wish>, Error> {
        self.sql.all("SELECT * FROM wish WHERE item = ?1 ORDER BY seq", &[item.into()], read)
    }
}
