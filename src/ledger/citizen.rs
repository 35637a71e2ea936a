//! Citizens, by keyed hashes: which cases are theirs, and what the CPR register has told of them.

use budstikke_contract::id::CaseKey;
use budstikke_contract::person::Citizen;
use jiff::civil::Date;

use super::Error;
use super::delivery::{State, Why};
use super::duty;
use super::seal::Mark;
use super::tx::Tx;
use crate::route::citizen::{AREA, Case, News, Reached, Register};

impl Tx<'_> {
    /// Remembers whose a case is. A case of what the register tells is none.
    pub fn remember_whose(&mut self, citizen: &Citizen, case: &CaseKey) -> Result<(), Error> {
        const ADD: &str = "INSERT INTO case_citizen (mark, case_key) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        let mark = self.mark_of(citizen);
        self.sql.execute(ADD, &[(&mark).into(), case.as_str().into()])?;
        Ok(())
    }

    /// Remembers what the register told of a citizen.
    pub fn remember_news(&mut self, citizen: &Citizen, event: i64, news: &News) -> Result<(), Error> {
        const ADD: &str = "INSERT INTO citizen_news (mark, event, doc) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
        let mark = self.mark_of(citizen);
        // Plain data with text keys, which always serializes.
        let doc = serde_json::to_string(news).unwrap_or_default();
        self.sql.execute(ADD, &[(&mark).into(), event.into(), (&doc).into()])?;
        Ok(())
    }

    /// What the register has told of the citizens of a case, and of the one that an event names.
    pub fn register(&mut self, case: &CaseKey, citizen: Option<&Citizen>) -> Result<Register, Error> {
        const OF_CASE: &str = "SELECT mark FROM case_citizen WHERE case_key = ?1 ORDER BY mark";
        let mut marks: Vec<Vec<u8>> = self.sql.all(OF_CASE, &[case.as_str().into()], |row| row.need_blob(0))?;
        let named = citizen.map(|citizen| self.mark_of(citizen).to_vec()).filter(|mark| !marks.contains(mark));
        marks.extend(named);
        let mut news = Vec::new();
        for mark in marks {
            news.extend(self.news(&mark)?);
        }
        // In the order in which it was told, of however many people.
        news.sort_by_key(|(event, _)| *event);
        Ok(Register(news.into_iter().map(|(_, news)| news).collect()))
    }

    fn news(&mut self, mark: &[u8]) -> Result<Vec<(i64, News)>, Error> {
        const TOLD: &str = "SELECT event, doc FROM citizen_news WHERE mark = ?1 ORDER BY event";
        self.sql.all(TOLD, &[mark.into()], |row| {
            let doc = row.need_text(1)?;
            let news = serde_json::from_str(&doc)
                .map_err(|_unquoted| Error::Unexpected("what was told of a citizen cannot be read"))?;
            Ok((row.need_int(0)?, news))
        })
    }

    /// The citizen's cases, with what is open in them.
    pub fn cases_of(&mut self, citizen: &Citizen) -> Result<Vec<Case>, Error> {
        const CASES: &str = "SELECT case_key FROM case_citizen WHERE mark = ?1 ORDER BY case_key";
        let mark = self.mark_of(citizen);
        let keys = self.sql.all(CASES, &[(&mark).into()], |row| row.need_text(0))?;
        let read = |key: String| CaseKey::parse(&key).ok_or(Error::Unexpected("a case key is none"));
        keys.into_iter().map(read).map(|key| self.case_of_citizen(key?)).collect()
    }

    fn case_of_citizen(&mut self, case: CaseKey) -> Result<Case, Error> {
        const OPEN: &str = "SELECT duty.doc, event.day FROM duty JOIN event ON event.seq = duty.event
            WHERE duty.case_key = ?1 AND duty.state = 'open' ORDER BY duty.seq";
        let open = self.sql.all(OPEN, &[case.as_str().into()], |row| {
            let day: Date = row.need_text(1)?.parse().map_err(|_unquoted| Error::Unexpected("a day is none"))?;
            Ok((duty::read(row)?, day))
        })?;
        let mut kinds = self.known(&case, None)?.earlier.into_iter().map(|earlier| earlier.kind);
        let last = kinds.rfind(|kind| kind.area() != AREA && !kind.schema().of_hub);
        let (reached, under_way) = self.reached(&case)?;
        Ok(Case { case, last: last.map(|kind| kind.name().to_owned()), open, reached, under_way })
    }

    /// Who has got something of a case, and whether something of it is still to be delivered.
    fn reached(&mut self, case: &CaseKey) -> Result<(Vec<Reached>, bool), Error> {
        const REACHED: &str = "SELECT delivery.mailbox, delivery.why, delivery.state, event.kind
            FROM event JOIN delivery ON delivery.event = event.seq
            WHERE event.case_key = ?1 ORDER BY delivery.seq DESC";
        let rows = self.sql.all(REACHED, &[case.as_str().into()], |row| {
            Ok((row.need_text(0)?, row.need_text(1)?, row.need_text(2)?, row.need_text(3)?))
        })?;
        let mut reached: Vec<Reached> = Vec::new();
        let mut under_way = false;
        for (mailbox, why, state, kind) in rows {
            if kind.split('.').next() == Some(AREA) {
                continue;
            }
            under_way |= [State::Waiting, State::Parked].iter().any(|open| open.name() == state);
            if reached.iter().all(|it| it.mailbox != mailbox) {
                let why: Why = serde_json::from_str(&why)
                    .map_err(|_unquoted| Error::Unexpected("why a delivery was made cannot be read"))?;
                reached.push(Reached { mailbox, rules: why.rules });
            }
        }
        Ok((reached, under_way))
    }

    fn mark_of(&self, citizen: &Citizen) -> Mark {
        self.keys.mark("citizen", citizen.reveal())
    }

    /// Whether what is told of a case now must say that its citizen is protected.
    pub fn protected(&mut self, case: &str, day: Date) -> Result<bool, Error> {
        let case = CaseKey::parse(case).ok_or(Error::Unexpected("a case key is none"))?;
        Ok(self.register(&case, None)?.protected(day))
    }
}
