//! The chain read as a pulse: when something came in from a source, and when something left for a
//! mailbox.

use jiff::Timestamp;

use super::chain::{CHAIN, micros, time};
use super::{Error, Reader};

/// How much is read at once.
const AT_ONCE: u32 = 20_000;

/// One thing that came or went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beat {
    /// When.
    pub at: Timestamp,
    /// Which way.
    pub way: Way,
}

/// Which way something went.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// In, from a source.
    In(String),
    /// Out, to a mailbox by a channel.
    Out(String, String),
}

impl Reader<'_> {
    /// The place in the chain before the first entry that is not older than `since`.
    pub fn chain_before(&mut self, since: Timestamp) -> Result<i64, Error> {
        const AT: &str = "SELECT at FROM entry WHERE chain = ?1 AND seq = ?2";
        let since = micros(since);
        // Entries are written in the order of time: what is looked for is between `low` and `high`.
        let (mut low, mut high) = (0, self.chain_end()?.seq);
        while low < high {
            let middle = low + (high - low) / 2 + 1;
            let at = self.sql.first(AT, &[CHAIN.into(), middle.into()], |row| row.need_int(0))?;
            if at.is_some_and(|at| at < since) { low = middle } else { high = middle - 1 }
        }
        Ok(low)
    }

    /// What came and went after a place in the chain, and the place up to which was read; at most
    /// so many entries that the next call may have more.
    pub fn beats_after(&mut self, place: i64) -> Result<(Vec<Beat>, i64), Error> {
        const AFTER: &str = "SELECT e.at, e.what, COALESCE(d.mailbox, e.state), d.channel FROM entry e
            LEFT JOIN delivery d ON d.seq = e.ref AND e.what IN ('delivery', 'reply')
            WHERE e.chain = ?1 AND e.seq > ?2 AND e.seq <= ?3
            AND (e.what = 'message+' OR e.what IN ('delivery', 'reply') AND e.state = 'delivered') ORDER BY e.seq";
        const LAST: &str = "SELECT MAX(seq) FROM entry WHERE chain = ?1 AND seq > ?2";
        let Some(last) = self.sql.first(LAST, &[CHAIN.into(), place.into()], |row| row.int(0))?.flatten() else {
            return Ok((Vec::new(), place));
        };
        let until = last.min(place + i64::from(AT_ONCE));
        let beats = self.sql.all(AFTER, &[CHAIN.into(), place.into(), until.into()], |row| {
            let name = row.need_text(2)?;
            let way = row.text(3)?.map_or(Way::In(name.clone()), |channel| Way::Out(name, channel));
            Ok(Beat { at: time(row.need_int(0)?), way })
        })?;
        Ok((beats, until))
    }
}
