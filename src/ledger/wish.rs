//! Wishes: what an item waits for that the hub asks elsewhere. A wish stands in the ledger from
//! the moment the item does, and so does its answer: a decision is made from what is stored, and a
//! hub that is killed in between asks again when it is back.

mod due;

use std::fmt;

use jiff::Timestamp;

use super::Error;
use super::chain::{micros, time};
use super::seal::{Mark, sha256};
use super::sql::Row;
use super::tx::{Body, Tx};

pub use due::{Due, Wishes};

/// What stands before a service's name where its open wishes are counted.
pub(super) const TALLY: &str = "wish ";

/// How a wish stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// To be asked.
    Open,
    /// There is an answer.
    Answered,
    /// Whoever was asked knows nothing of it.
    Unknown,
    /// Nobody answered for as long as was asked.
    Silent,
    /// Nobody needs the answer any more, or it is asked for anew.
    Dropped,
}

impl State {
    const ALL: [Self; 5] = [Self::Open, Self::Answered, Self::Unknown, Self::Silent, Self::Dropped];

    /// The name in the ledger and in answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Answered => "answered",
            Self::Unknown => "unknown",
            Self::Silent => "silent",
            Self::Dropped => "dropped",
        }
    }

    fn read(name: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|state| state.name() == name);
        found.ok_or(Error::Unexpected("a wish is in a state that does not exist"))
    }
}

/// A wish to be kept.
#[derive(Clone, Copy)]
pub struct NewWish<'a> {
    /// Who waits for it.
    pub item: i64,
    /// Who is asked.
    pub service: &'a str,
    /// Whom or what it is about. Personal: only ever hashed with a key.
    pub about: &'a str,
    /// What is asked. Personal: it is sealed.
    pub question: &'a [u8],
}

impl fmt::Debug for NewWish<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewWish(item {}, {})", self.item, self.service)
    }
}

/// A wish that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Its number.
    pub seq: i64,
    /// Who waits for it.
    pub item: i64,
    /// Who is asked.
    pub service: String,
    /// Whom or what it is about.
    pub about: Mark,
    /// How it stands.
    pub state: State,
    /// When the wait began.
    pub since: Timestamp,
    /// When it is asked next, where it is open.
    pub next_at: Timestamp,
    /// How often it was asked in vain.
    pub attempts: u32,
    /// When it was answered, or given up.
    pub settled: Option<Timestamp>,
}

impl Wish {
    /// The wish as JSON, for programs.
    pub fn value(&self) -> serde_json::Value {
        serde_json::json!({
            "service": self.service,
            "state": self.state.name(),
            "since": self.since.to_string(),
            "attempts": self.attempts,
            "next": (self.state == State::Open).then(|| self.next_at.to_string()),
            "settled": self.settled.map(|at| at.to_string()),
        })
    }
}

/// A wish that is settled.
#[derive(Clone)]
pub struct Settled {
    /// The wish.
    pub wish: Wish,
    /// What was answered, where something was. Personal.
    pub answer: Option<Vec<u8>>,
}

impl fmt::Debug for Settled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Settled({:?})", self.wish)
    }
}

/// What came of asking.
#[derive(Clone, PartialEq, Eq)]
pub enum Outcome {
    /// This was answered. Personal: it is sealed.
    Answered(Vec<u8>),
    /// Nothing is known of it.
    Unknown,
}

impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Answered(_) => "Answered",
            Self::Unknown => "Unknown",
        })
    }
}

/// Reads a row of `SELECT * FROM wish`; a later version only ever adds columns at the end.
pub(super) fn read(row: &dyn Row) -> Result<Wish, Error> {
    Ok(Wish {
        seq: row.need_int(0)?,
        item: row.need_int(1)?,
        service: row.need_text(2)?,
        about: row.need_bytes(3)?,
        state: State::read(&row.need_text(4)?)?,
        since: time(row.need_int(5)?),
        next_at: time(row.need_int(6)?),
        attempts: u32::try_from(row.need_int(7)?).unwrap_or(u32::MAX),
        settled: row.int(8)?.map(time),
    })
}

/// What the chain says of a wish: who waits for what, and the sealed bytes of question and answer.
pub(super) fn digest(wish: &Wish, question: [u8; 32], answer: Option<[u8; 32]>) -> [u8; 32] {
    let settled = wish.settled.map_or(0, micros);
    let numbers = [wish.item, micros(wish.since), settled].map(i64::to_be_bytes).concat();
    sha256(&[&question, &answer.unwrap_or_default(), &wish.about, &numbers, wish.service.as_bytes()])
}

impl Tx<'_> {
    /// Keeps a wish, due at once. Where the item has such a wish open already, that one stands.
    pub fn wish(&mut self, new: &NewWish<'_>) -> Result<(), Error> {
        const OPEN: &str = "SELECT 1 FROM wish WHERE item = ?1 AND service = ?2 AND state = 'open'";
        const ADD: &str = "INSERT INTO wish (item, service, about, state, since, next_at)
            VALUES (?1, ?2, ?3, 'open', ?4, ?4) RETURNING *";
        if self.sql.first(OPEN, &[new.item.into(), new.service.into()], |row| row.need_int(0))?.is_some() {
            return Ok(());
        }
        let about = self.keys.mark(new.service, new.about);
        let params = [new.item.into(), new.service.into(), (&about).into(), micros(self.at).into()];
        let kept = self.sql.first(ADD, &params, read)?.ok_or(Error::Unexpected("an insert gave no row"))?;
        let question = self.store_body(Body::Wish, kept.seq, new.question)?;
        self.entry("wish+", kept.seq, kept.state.name(), digest(&kept, question, None))
    }

    /// What came of asking a service for an item, with the answer where there is one. `None` where
    /// it was not asked, or has not answered yet.
    pub fn answer_to(&mut self, item: i64, service: &str) -> Result<Option<Settled>, Error> {
        const SETTLED: &str =
            "SELECT * FROM wish WHERE item = ?1 AND service = ?2 AND state <> 'open' AND state <> 'dropped'
            ORDER BY seq DESC LIMIT 1";
        let Some(wish) = self.sql.first(SETTLED, &[item.into(), service.into()], read)? else { return Ok(None) };
        let answer = match wish.state {
            State::Answered => Some(self.open_body(Body::Answer, wish.seq)?),
            State::Open | State::Unknown | State::Silent | State::Dropped => None,
        };
        Ok(Some(Settled { wish, answer }))
    }

    /// Settles every open wish about the same, up to number `upto`: one that came while the
    /// service was already asked may be about something newer than the answer. Answers who waited,
    /// oldest first.
    pub fn settle_wishes(
        &mut self,
        (service, about): (&str, &Mark),
        upto: i64,
        outcome: &Outcome,
    ) -> Result<Vec<i64>, Error> {
        const OPEN: &str = "SELECT * FROM wish WHERE service = ?1 AND about = ?2 AND state = 'open' AND seq <= ?3
            ORDER BY seq";
        let open = self.sql.all(OPEN, &[service.into(), about.into(), upto.into()], read)?;
        let mut items = Vec::with_capacity(open.len());
        for wish in open {
            items.push(wish.item);
            let answer = match outcome {
                Outcome::Answered(answer) => Some(self.store_body(Body::Answer, wish.seq, answer)?),
                Outcome::Unknown => None,
            };
            let state = if answer.is_some() { State::Answered } else { State::Unknown };
            self.end_wish(wish, state, answer)?;
        }
        items.sort_unstable();
        Ok(items)
    }

    /// Notes that asking was in vain, and when it is asked again. Who has waited since `give_up` or
    /// longer is given up; answers those who waited, oldest first.
    pub fn postpone_wishes(
        &mut self,
        (service, about): (&str, &Mark),
        again: Timestamp,
        give_up: Timestamp,
    ) -> Result<Vec<i64>, Error> {
        const LATE: &str =
            "SELECT * FROM wish WHERE service = ?1 AND about = ?2 AND state = 'open' AND since <= ?3 ORDER BY seq";
        const AGAIN: &str = "UPDATE wish SET attempts = attempts + 1, next_at = ?3 WHERE service = ?1 AND about = ?2 AND state = 'open'";
        let late = self.sql.all(LATE, &[service.into(), about.into(), micros(give_up).into()], read)?;
        let items = self.end_wishes(late, State::Silent)?;
        self.sql.execute(AGAIN, &[service.into(), about.into(), micros(again).into()])?;
        Ok(items)
    }

    /// Gives up on what has waited since `give_up` or longer, at most `limit` of it; answers who
    /// waited, oldest first.
    pub fn give_up_wishes(&mut self, service: &str, give_up: Timestamp, limit: u32) -> Result<Vec<i64>, Error> {
        const LATE: &str = "SELECT * FROM wish WHERE service = ?1 AND state = 'open' AND since <= ?2
            ORDER BY since, seq LIMIT ?3";
        let late = self.sql.all(LATE, &[service.into(), micros(give_up).into(), limit.into()], read)?;
        self.end_wishes(late, State::Silent)
    }

    /// Drops what a service was to be asked, at most `limit` of it; answers who waited, oldest
    /// first.
    pub fn drop_wishes_of(&mut self, service: &str, limit: u32) -> Result<Vec<i64>, Error> {
        const OPEN: &str = "SELECT * FROM wish WHERE service = ?1 AND state = 'open' ORDER BY since, seq LIMIT ?2";
        let open = self.sql.all(OPEN, &[service.into(), limit.into()], read)?;
        self.end_wishes(open, State::Dropped)
    }

    /// Drops every open wish about the same; answers who waited, oldest first.
    pub fn drop_wishes_about(&mut self, (service, about): (&str, &Mark)) -> Result<Vec<i64>, Error> {
        const OPEN: &str = "SELECT * FROM wish WHERE service = ?1 AND about = ?2 AND state = 'open' ORDER BY seq";
        let open = self.sql.all(OPEN, &[service.into(), about.into()], read)?;
        self.end_wishes(open, State::Dropped)
    }

    /// Drops one wish, where it is still open; answers who waited.
    pub fn drop_wish(&mut self, seq: i64) -> Result<Vec<i64>, Error> {
        const OPEN: &str = "SELECT * FROM wish WHERE seq = ?1 AND state = 'open'";
        let open = self.sql.all(OPEN, &[seq.into()], read)?;
        self.end_wishes(open, State::Dropped)
    }

    /// What is asked about, where that is still open and can be read. Personal.
    pub fn question_about(&mut self, (service, about): (&str, &Mark)) -> Result<Option<Vec<u8>>, Error> {
        const OPEN: &str = "SELECT seq FROM wish WHERE service = ?1 AND about = ?2 AND state = 'open' ORDER BY seq";
        for seq in self.sql.all(OPEN, &[service.into(), about.into()], |row| row.need_int(0))? {
            match self.open_body(Body::Wish, seq) {
                Ok(question) => return Ok(Some(question)),
                Err(error) if error.is_passing() => return Err(error),
                Err(_lost) => {}
            }
        }
        Ok(None)
    }

    /// Ends wishes without an answer; answers who waited, oldest first.
    fn end_wishes(&mut self, wishes: Vec<Wish>, state: State) -> Result<Vec<i64>, Error> {
        let mut items = Vec::with_capacity(wishes.len());
        for wish in wishes {
            items.push(wish.item);
            self.end_wish(wish, state, None)?;
        }
        items.sort_unstable();
        Ok(items)
    }

    /// Drops what an item waits for: it has ended, or goes on without.
    pub fn drop_open_wishes(&mut self, item: i64) -> Result<(), Error> {
        const OPEN: &str = "SELECT * FROM wish WHERE item = ?1 AND state = 'open' ORDER BY seq";
        let open = self.sql.all(OPEN, &[item.into()], read)?;
        self.end_wishes(open, State::Dropped).map(drop)
    }

    /// Forgets that nobody answered or knew for an item, and with `answers` what was answered too,
    /// so that it is asked anew. What is still to be asked is asked at once.
    pub fn ask_anew(&mut self, item: i64, answers: bool) -> Result<(), Error> {
        const ALL: &str = "SELECT * FROM wish WHERE item = ?1 AND state <> 'dropped' ORDER BY seq";
        const NOW: &str = "UPDATE wish SET next_at = ?2 WHERE item = ?1 AND state = 'open'";
        for wish in self.sql.all(ALL, &[item.into()], read)? {
            let again = match wish.state {
                State::Answered => answers,
                State::Unknown | State::Silent => true,
                State::Open | State::Dropped => false,
            };
            if again {
                let answer = self.digest_of(Body::Answer, wish.seq)?;
                self.end_wish(wish, State::Dropped, answer)?;
            }
        }
        let now = micros(self.at);
        self.sql.execute(NOW, &[item.into(), now.into()])?;
        Ok(())
    }

    fn end_wish(&mut self, mut wish: Wish, state: State, answer: Option<[u8; 32]>) -> Result<(), Error> {
        const END: &str = "UPDATE wish SET state = ?2, settled = ?3 WHERE seq = ?1";
        let at = micros(self.at);
        self.sql.execute(END, &[wish.seq.into(), state.name().into(), at.into()])?;
        // As it will be read again: the ledger keeps microseconds.
        wish.settled = Some(time(at));
        // That a question is gone is for `verify` to say; the wish must end all the same.
        let question = self.digest_of(Body::Wish, wish.seq)?.unwrap_or_default();
        self.entry("wish", wish.seq, state.name(), digest(&wish, question, answer))
    }

    /// The digest of a stored body, if there is one.
    fn digest_of(&mut self, table: Body, row: i64) -> Result<Option<[u8; 32]>, Error> {
        self.sql.first(table.select(), &[row.into()], |row| Ok(sha256(&[&row.need_blob(1)?])))
    }

    /// The services that are to be asked something.
    pub fn wished_of(&mut self) -> Result<Vec<String>, Error> {
        // A step from one service to the next, as there are few and there may be many wishes.
        const NEXT: &str = "SELECT service FROM wish WHERE service > ?1 AND state = 'open' ORDER BY service LIMIT 1";
        let mut services: Vec<String> = Vec::new();
        loop {
            let last = services.last().map_or("", String::as_str);
            let next = self.sql.first(NEXT, &[last.into()], |row| row.need_text(0))?;
            match next {
                Some(service) => services.push(service),
                None => return Ok(services),
            }
        }
    }
}
