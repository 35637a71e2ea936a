//! The proof that the ledger is what it was: every hash of the chain, every row against its
//! entries, every count made anew. It reads the whole ledger and may run beside a working hub.

mod rows;

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use serde::Serialize;

use super::balance::{Balance, tallies};
use super::chain::{CHAIN, Entry, Head};
use super::sql::{Row, Sql};
use super::{Error, Reader};

/// How many faults are named one by one; a broken ledger has many of a kind.
const NAMED: usize = 20;

/// What was found.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// `ok`, or where the chain first breaks.
    pub chain: String,
    /// What else is wrong: rows that are not as the chain says, bodies that were changed, counts
    /// that differ.
    pub faults: Vec<String>,
    /// The counts, made anew from all rows.
    #[serde(flatten)]
    pub balance: Balance,
    /// Whether all is accounted for and nothing is wrong.
    pub balanced: bool,
    /// How many entries the chain has.
    pub entries: i64,
    /// The hash of the last one. Kept elsewhere, it is what shows that the end was cut off.
    pub head: String,
}

impl Report {
    /// Whether nothing at all is wrong.
    pub fn is_good(&self) -> bool {
        self.chain == "ok" && self.faults.is_empty() && self.balanced
    }
}

/// The end of the chain as it was noted elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// The entry.
    pub seq: i64,
    /// Its hash, in hexadecimal digits.
    pub hash: String,
}

impl Anchor {
    /// Reads `SEQ:HASH`.
    pub fn parse(text: &str) -> Option<Self> {
        let (seq, hash) = text.split_once(':')?;
        let digits = hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit());
        Some(Self { seq: seq.parse().ok()?, hash: digits.then(|| hash.to_ascii_lowercase())? })
    }
}

impl Reader<'_> {
    /// Verifies everything. With an anchor, also that the chain still has what it had then.
    pub fn verify(&mut self, anchor: Option<&Anchor>) -> Result<Report, Error> {
        let mut proof = Proof::default();
        let (head, chain) = proof.chain(self.sql, anchor)?;
        proof.rows(self.sql)?;
        proof.missing();
        let kept = tallies(self.sql)?;
        for (name, counted) in &proof.counts {
            let kept = kept.get(name).copied().unwrap_or(0);
            if kept != *counted {
                proof.faults.push(format!("`{name}` is counted {counted} but was kept as {kept}"));
            }
        }
        let balance = Balance::of(&proof.counts);
        let more = proof.faults.len().saturating_sub(NAMED);
        proof.faults.truncate(NAMED);
        if more > 0 {
            proof.faults.push(format!("and {more} more"));
        }
        Ok(Report {
            balanced: balance.balanced() && proof.faults.is_empty(),
            balance,
            faults: proof.faults,
            chain,
            entries: head.seq,
            head: HEXLOWER.encode(&head.hash),
        })
    }
}

/// Reads a table a page at a time: it may be larger than memory. `sql` takes the last row seen and
/// answers at most a page of the rows after it, with their number.
fn each_row<T>(
    sql: &mut dyn Sql,
    query: &'static str,
    read: impl Fn(&dyn Row) -> Result<(i64, T), Error>,
    mut each: impl FnMut(&mut dyn Sql, i64, T) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut last = 0;
    loop {
        let page = sql.all(query, &[last.into()], &read)?;
        if page.is_empty() {
            return Ok(());
        }
        for (seq, row) in page {
            last = seq;
            each(sql, seq, row)?;
        }
    }
}

#[derive(Default)]
struct Proof {
    faults: Vec<String>,
    /// The counts of the balance.
    counts: BTreeMap<String, i64>,
    /// By kind: how many rows came to be as the chain says, less those that are there.
    gone: BTreeMap<String, i64>,
}

impl Proof {
    fn count(&mut self, name: String) {
        *self.counts.entry(name).or_default() += 1;
    }

    /// Follows the chain from its first entry; where it breaks, nothing behind is proven.
    fn chain(&mut self, sql: &mut dyn Sql, anchor: Option<&Anchor>) -> Result<(Head, String), Error> {
        const ALL: &str = "SELECT seq, at, what, ref, state, digest, hash FROM entry WHERE chain = ?1 ORDER BY seq";
        let mut head = Head::default();
        let mut broken = None;
        let mut anchored = anchor.is_none();
        sql.query(ALL, &[CHAIN.into()], &mut |row| {
            let (what, state) = (row.need_text(2)?, row.need_text(4)?);
            let entry = Entry {
                at: row.need_int(1)?,
                what: &what,
                row: row.need_int(3)?,
                state: &state,
                digest: row.need_bytes(5)?,
            };
            if let Some(kind) = what.strip_suffix('+') {
                *self.gone.entry(kind.to_owned()).or_default() += 1;
                if matches!(kind, "item" | "delivery" | "reply") {
                    self.count(format!("entry {what}"));
                }
            }
            let next = head.after(&entry);
            let stored = Head { seq: row.need_int(0)?, hash: row.need_bytes(6)? };
            if broken.is_none() && next != stored {
                broken = Some(head.seq + 1);
            }
            anchored |= anchor.is_some_and(|it| it.seq == stored.seq && it.hash == HEXLOWER.encode(&stored.hash));
            head = stored;
            Ok(())
        })?;
        let chain = match (broken, anchored) {
            (Some(at), _) => format!("broken at entry {at}"),
            (None, false) => "does not lead to the anchor: its end was cut off, or it was written anew".to_owned(),
            (None, true) => "ok".to_owned(),
        };
        Ok((head, chain))
    }

    /// Rows that are in the chain and nowhere else. Each that is there has been compared with its
    /// own entries, so that the numbers are enough.
    fn missing(&mut self) {
        let gone = self.gone.iter().filter(|(_, gone)| **gone != 0);
        let told = gone.map(|(kind, gone)| format!("{gone} of `{kind}` are in the chain but not in the ledger"));
        self.faults.extend(told);
    }

    /// Compares a row with the last entry about it.
    fn compare(&mut self, sql: &mut dyn Sql, word: &str, row: i64, state: &str, digest: [u8; 32]) -> Result<(), Error> {
        const LAST: &str =
            "SELECT state, digest FROM entry WHERE what IN (?1, ?2) AND ref = ?3 ORDER BY seq DESC LIMIT 1";
        let new = format!("{word}+");
        *self.gone.entry(word.to_owned()).or_default() -= 1;
        let last = sql.first(LAST, &[word.into(), (&new).into(), row.into()], |entry| {
            Ok((entry.need_text(0)?, entry.need_bytes::<32>(1)?))
        })?;
        match last {
            None => self.faults.push(format!("{word} {row} has no entry in the chain")),
            Some((entered, _)) if entered != state => {
                self.faults.push(format!("{word} {row} is `{state}`, the chain says `{entered}`"));
            }
            Some((_, entered)) if entered != digest => {
                self.faults.push(format!("{word} {row} is not as it was entered"));
            }
            Some(_) => {}
        }
        Ok(())
    }
}
