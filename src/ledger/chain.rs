//! The hash chain. Each change of state is an entry; its hash covers the entry and the hash before
//! it, so that nothing in the middle can be changed, left out or put in unseen. That the end was
//! cut off shows only against an anchor kept elsewhere.

use jiff::Timestamp;

use super::Error;
use super::seal::sha256;
use super::sql::Sql;

/// SQLite has one writer and so one chain.
pub(super) const CHAIN: i64 = 1;

/// What stands before the first entry.
const START: [u8; 32] = [0; 32];

/// Where the chain ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The last entry's number; 0 where there is none.
    pub seq: i64,
    /// Its hash.
    pub hash: [u8; 32],
}

impl Default for Head {
    fn default() -> Self {
        Self { seq: 0, hash: START }
    }
}

/// One entry, without its hash.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'a> {
    /// When.
    pub(super) at: i64,
    /// What changed: the table's name, with `+` where the row is new.
    pub(super) what: &'a str,
    /// Which row of it.
    pub(super) row: i64,
    /// The state it came into.
    pub(super) state: &'a str,
    /// The hash of what the row holds.
    pub(super) digest: [u8; 32],
}

impl Head {
    /// The head after one more entry.
    pub(super) fn after(self, entry: &Entry<'_>) -> Self {
        let seq = self.seq + 1;
        let numbers = [CHAIN, seq, entry.at, entry.row].map(i64::to_be_bytes).concat();
        let texts = [entry.what, entry.state].map(|text| {
            let length = u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes();
            [length.as_slice(), text.as_bytes()].concat()
        });
        let hash = sha256(&[&self.hash, &numbers, &texts.concat(), &entry.digest]);
        Self { seq, hash }
    }

    /// Where the stored chain ends.
    pub(super) fn load(sql: &mut dyn Sql) -> Result<Self, Error> {
        const LAST: &str = "SELECT seq, hash FROM entry WHERE chain = ?1 ORDER BY seq DESC LIMIT 1";
        let last =
            sql.first(LAST, &[CHAIN.into()], |row| Ok(Self { seq: row.need_int(0)?, hash: row.need_bytes(1)? }))?;
        Ok(last.unwrap_or_default())
    }

    /// Appends an entry.
    pub(super) fn append(&mut self, sql: &mut dyn Sql, entry: &Entry<'_>) -> Result<(), Error> {
        const ADD: &str = "INSERT INTO entry (chain, seq, at, what, ref, state, digest, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let next = self.after(entry);
        sql.execute(
            ADD,
            &[
                CHAIN.into(),
                next.seq.into(),
                entry.at.into(),
                entry.what.into(),
                entry.row.into(),
                entry.state.into(),
                (&entry.digest).into(),
                (&next.hash).into(),
            ],
        )?;
        *self = next;
        Ok(())
    }
}

/// When a row came into a state for the last time, as one of these words says.
pub(super) fn since(
    sql: &mut dyn Sql,
    [one, other, third, fourth]: [&str; 4],
    row: i64,
    state: &str,
) -> Result<Option<Timestamp>, Error> {
    // In two steps: in one, the whole chain would be gone through backwards.
    const LAST: &str = "SELECT at FROM entry WHERE chain = ?1 AND seq = (SELECT MAX(seq) FROM entry
        WHERE what IN (?2, ?3, ?4, ?5) AND ref = ?6 AND state = ?7)";
    let params = [CHAIN.into(), one.into(), other.into(), third.into(), fourth.into(), row.into(), state.into()];
    Ok(sql.first(LAST, &params, |row| row.need_int(0))?.map(time))
}

/// A day that is later than all: it sorts last what has none.
pub(super) const NO_DAY: &str = "9999-12-31";

/// A time as the ledger stores it.
pub(super) fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// A time as the ledger stored it.
pub(super) fn time(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(state: &str) -> Entry<'_> {
        Entry { at: 5, what: "item+", row: 7, state, digest: [1; 32] }
    }

    #[test]
    fn every_field_is_covered() {
        let base = Head::default().after(&entry("routed"));
        let variants = [
            Entry { at: 6, ..entry("routed") },
            Entry { what: "item", ..entry("routed") },
            Entry { row: 8, ..entry("routed") },
            entry("parked"),
            Entry { digest: [2; 32], ..entry("routed") },
        ];
        for variant in variants {
            assert_ne!(base.hash, Head::default().after(&variant).hash, "{variant:?}");
        }
        assert_ne!(base.hash, base.after(&entry("routed")).hash);
        let moved = Entry { what: "item+r", state: "outed", ..entry("") };
        assert_ne!(base.hash, Head::default().after(&moved).hash, "texts do not run together");
    }
}
