//! Lists of what is parked that a person was shown and then has worked through, line by line. A list
//! never changes: its hash stands in the chain, and so does what came of each line.

mod state;

use jiff::{SignedDuration, Timestamp};

use super::chain::{micros, time};
use super::deed::refuse_numbers;
use super::parked::{Frozen, Kind, Thing};
use super::seal::sha256;
use super::sql::{Row, Sql};
use super::tx::Tx;
use super::{Error, Reader};
pub use state::{Act, Ending, State, Turn};

/// How long a list that was shown may be begun. After that too much has changed.
pub const GOOD_FOR: SignedDuration = SignedDuration::from_hours(1);

/// A list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its number.
    pub seq: i64,
    /// When it was made.
    pub at: Timestamp,
    /// For whom.
    pub by: String,
    /// What is done with each line.
    pub act: Act,
    /// Which things it is of, for people: a group, or those that were chosen.
    pub about: String,
    /// The hash of its lines.
    pub hash: [u8; 32],
    /// How many lines it has.
    pub total: u32,
    /// How it stands.
    pub state: State,
    /// To whom deliveries are handed.
    pub mailbox: Option<String>,
    /// Why.
    pub reason: String,
    /// Who had it begun.
    pub confirmed_by: Option<String>,
    /// How many lines ended in which way, in the order of [`Ending::ALL`].
    pub counts: [u32; 5],
}

impl Job {
    /// How many lines have come to an end: the place of the next one.
    pub fn position(&self) -> u32 {
        self.counts.iter().sum()
    }

    /// How many lines ended so.
    pub fn count(&self, ending: Ending) -> u32 {
        Ending::ALL.iter().zip(self.counts).find(|(it, _)| **it == ending).map_or(0, |(_, count)| count)
    }

    /// Whether it was shown too long ago to be begun.
    pub fn is_stale(&self, now: Timestamp) -> bool {
        now.duration_since(self.at) > GOOD_FOR
    }

    pub(super) fn digest(&self) -> [u8; 32] {
        let texts = [
            self.by.as_str(),
            self.act.name(),
            &self.about,
            self.mailbox.as_deref().unwrap_or(""),
            &self.reason,
            self.confirmed_by.as_deref().unwrap_or(""),
        ];
        let numbers = [micros(self.at), i64::from(self.total)].map(i64::to_be_bytes).concat();
        sha256(&[texts.join("\0").as_bytes(), &numbers, &self.hash])
    }
}

/// A list to be kept.
#[derive(Debug, Clone)]
pub struct NewJob<'a> {
    /// For whom.
    pub by: &'a str,
    /// What is to be done with each line.
    pub act: Act,
    /// Which things it is of, for people.
    pub about: &'a str,
}

/// A line of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its place, from 0.
    pub place: u32,
    /// What it is about, and how that stood.
    pub frozen: Frozen,
    /// What came of it: how it ended, the detail, and when.
    pub outcome: Option<(Ending, String, Timestamp)>,
}

/// The hash of a list: what it is about, in its order, and how each stood.
pub fn hash(lines: &[Frozen]) -> [u8; 32] {
    let mut bytes = Vec::with_capacity(lines.len() * 24);
    for Frozen { thing, entry } in lines {
        bytes.extend_from_slice(thing.kind.name().as_bytes());
        bytes.extend_from_slice(&thing.row.to_be_bytes());
        bytes.extend_from_slice(&entry.to_be_bytes());
    }
    sha256(&[&bytes])
}

pub(super) fn outcome_digest(job: i64, place: i64, ending: &str, detail: &str) -> [u8; 32] {
    sha256(&[&job.to_be_bytes(), &place.to_be_bytes(), ending.as_bytes(), &[0], detail.as_bytes()])
}

pub(super) fn read(row: &dyn Row) -> Result<Job, Error> {
    let act = Act::named(&row.need_text(3)?).ok_or(Error::Unexpected("an act that does not exist"))?;
    let mut counts = [0; 5];
    for (column, count) in (11..).zip(&mut counts) {
        *count = number(row.need_int(column)?);
    }
    Ok(Job {
        seq: row.need_int(0)?,
        at: time(row.need_int(1)?),
        by: row.need_text(2)?,
        act,
        about: row.need_text(4)?,
        hash: row.need_bytes(5)?,
        total: number(row.need_int(6)?),
        state: State::read(&row.need_text(7)?)?,
        mailbox: row.text(8)?,
        reason: row.need_text(9)?,
        confirmed_by: row.text(10)?,
        counts,
    })
}

fn number(stored: i64) -> u32 {
    u32::try_from(stored).unwrap_or(u32::MAX)
}

pub(super) fn read_line(row: &dyn Row) -> Result<Line, Error> {
    let kind = Kind::named(&row.need_text(1)?).ok_or(Error::Unexpected("a line is of a kind that does not exist"))?;
    let outcome = match (row.text(4)?, row.text(5)?, row.int(6)?) {
        (Some(ending), Some(detail), Some(at)) => Some((Ending::read(&ending)?, detail, time(at))),
        _ => None,
    };
    let frozen = Frozen { thing: Thing { kind, row: row.need_int(2)? }, entry: row.need_int(3)? };
    Ok(Line { place: number(row.need_int(0)?), frozen, outcome })
}

/// A list by its number.
fn one(sql: &mut dyn Sql, seq: i64) -> Result<Option<Job>, Error> {
    sql.first("SELECT * FROM job WHERE seq = ?1", &[seq.into()], read)
}

impl Tx<'_> {
    /// Keeps a list as it is shown.
    pub fn prepare_job(&mut self, new: &NewJob<'_>, lines: &[Frozen]) -> Result<Job, Error> {
        const ADD: &str = "INSERT INTO job (at, by_user, act, about, hash, total, state)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) RETURNING seq";
        const LINE: &str = "INSERT INTO job_line (job, place, kind, ref, entry) VALUES (?1, ?2, ?3, ?4, ?5)";
        let mut job = Job {
            seq: 0,
            at: self.at,
            by: new.by.to_owned(),
            act: new.act,
            about: new.about.to_owned(),
            hash: hash(lines),
            total: u32::try_from(lines.len()).unwrap_or(u32::MAX),
            state: State::Prepared,
            mailbox: None,
            reason: String::new(),
            confirmed_by: None,
            counts: [0; 5],
        };
        let params = [
            micros(job.at).into(),
            new.by.into(),
            new.act.name().into(),
            new.about.into(),
            (&job.hash).into(),
            job.total.into(),
            job.state.name().into(),
        ];
        job.seq = self.sql.insert(ADD, &params)?;
        for (place, Frozen { thing, entry }) in (0_u32..).zip(lines) {
            let params = [job.seq.into(), place.into(), thing.kind.name().into(), thing.row.into(), (*entry).into()];
            self.sql.execute(LINE, &params)?;
        }
        self.entry("job+", job.seq, job.state.name(), job.digest())?;
        Ok(job)
    }

    /// A list by its number.
    pub fn job(&mut self, seq: i64) -> Result<Option<Job>, Error> {
        one(self.sql, seq)
    }

    /// The line at a place of a list.
    pub fn job_line(&mut self, job: i64, place: u32) -> Result<Option<Line>, Error> {
        Ok(self.reader().job_lines(job, i64::from(place) - 1, 1)?.pop().filter(|line| line.place == place))
    }

    /// Brings a list, as it is given, into a state.
    pub fn change_job(&mut self, job: &Job) -> Result<(), Error> {
        const CHANGE: &str = "UPDATE job SET state = ?2, mailbox = ?3, reason = ?4, confirmed_by = ?5 WHERE seq = ?1";
        refuse_numbers(&job.reason)?;
        let params = [
            job.seq.into(),
            job.state.name().into(),
            job.mailbox.as_ref().into(),
            (&job.reason).into(),
            job.confirmed_by.as_ref().into(),
        ];
        self.sql.execute(CHANGE, &params)?;
        self.entry("job", job.seq, job.state.name(), job.digest())
    }

    /// Keeps what came of the line that is next.
    pub fn keep_outcome(&mut self, job: &Job, ending: Ending, detail: &str) -> Result<(), Error> {
        const ADD: &str = "INSERT INTO outcome (job, place, at, ending, detail) VALUES (?1, ?2, ?3, ?4, ?5)
            RETURNING seq";
        let place = job.position();
        let params = [job.seq.into(), place.into(), micros(self.at).into(), ending.name().into(), detail.into()];
        let seq = self.sql.insert(ADD, &params)?;
        self.sql.execute(ending.count(), &[job.seq.into()])?;
        self.entry("outcome+", seq, ending.name(), outcome_digest(job.seq, place.into(), ending.name(), detail))
    }
}

impl Reader<'_> {
    /// A list by its number.
    pub fn job(&mut self, seq: i64) -> Result<Option<Job>, Error> {
        one(self.sql, seq)
    }

    /// The numbers of the lists that are being worked through, oldest first, at most `limit`.
    pub fn running_jobs(&mut self, limit: u32) -> Result<Vec<i64>, Error> {
        const RUNNING: &str = "SELECT seq FROM job WHERE state = 'running' ORDER BY seq LIMIT ?1";
        self.sql.all(RUNNING, &[limit.into()], |row| row.need_int(0))
    }

    /// The lists before one, newest first, at most `limit`.
    pub fn jobs_before(&mut self, before: i64, limit: u32) -> Result<Vec<Job>, Error> {
        const LAST: &str = "SELECT * FROM job WHERE seq < ?1 ORDER BY seq DESC LIMIT ?2";
        self.sql.all(LAST, &[before.into(), limit.into()], read)
    }

    /// The lines of a list after a place, at most `limit`.
    pub fn job_lines(&mut self, job: i64, after: i64, limit: u32) -> Result<Vec<Line>, Error> {
        const LINES: &str = "SELECT job_line.place, kind, ref, entry, ending, detail, outcome.at FROM job_line
            LEFT JOIN outcome ON outcome.job = job_line.job AND outcome.place = job_line.place
            WHERE job_line.job = ?1 AND job_line.place > ?2 ORDER BY job_line.place LIMIT ?3";
        self.sql.all(LINES, &[job.into(), after.into(), limit.into()], read_line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_of_what_stands_in_the_list_in_its_order() {
        let line = |kind, row, entry| Frozen { thing: Thing { kind, row }, entry };
        let list = [line(Kind::Item, 1, 5), line(Kind::Item, 2, 6)];
        let others = [
            vec![list[1], list[0]],
            vec![list[0]],
            vec![list[0], line(Kind::Item, 2, 7)],
            vec![list[0], line(Kind::Delivery, 2, 6)],
            vec![list[0], list[1], line(Kind::Item, 3, 7)],
        ];
        assert!(others.iter().all(|other| hash(other) != hash(&list)));
    }
}
