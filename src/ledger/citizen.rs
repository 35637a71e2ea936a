//! Citizens, by keyed hashes: which cases are theirs, and what the CPR register has told of them.

use budstikke_contract::event::EventKind;
use budstikke_contract::id::{CaseKey, EventId};
use budstikke_contract::person::Citizen;
use jiff::civil::Date;

use super::Error;
use super::chain::time;
use super::delivery::{State, Why};
use super::duty;
use super::seal::Mark;
use super::sql::Param;
use super::tx::Tx;
use crate::route::citizen::{AREA, Case, News, Reached, Register, asked_on};

impl Tx<'_> {
    /// Remembers whose a case is. A case of what the register tells is none.
    pub fn remember_whose(&mut self, citizen: &Citizen, case: &CaseKey) -> Result<(), Error> {
        const ADD: &str = "INSERT INTO case_citizen (mark, case_key) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        let mark = self.mark_of(citizen);
        self.sql.execute(ADD, &[(&mark).into(), case.as_str().into()])?;
        Ok(())
    }

    /// Remembers what was told of a citizen, in the place of that event, or behind what is there
    /// already: nothing that was told is lost, and it keeps its order.
    pub fn remember_news(&mut self, citizen: &Citizen, event: i64, news: &News) -> Result<(), Error> {
        const ADD: &str = "INSERT INTO citizen_news (mark, event, doc)
            SELECT ?1, CASE WHEN MAX(event) >= ?2 THEN MAX(event) + 1 ELSE ?2 END, ?3 FROM citizen_news WHERE mark = ?1";
        let mark = self.mark_of(citizen);
        // Plain data with text keys, which always serializes.
        let doc = serde_json::to_string(news).unwrap_or_default();
        self.sql.execute(ADD, &[(&mark).into(), event.into(), (&doc).into()])?;
        Ok(())
    }

    /// Remembers that a citizen is protected, which the look-up said, unless that is known. It stands
    /// after all that was told so far.
    pub fn remember_protected(&mut self, citizen: &Citizen) -> Result<(), Error> {
        let (mark, now) = (self.mark_of(citizen), News::Protected { to: None });
        if Register(self.news(&mark)?).protection() == Some(&now) {
            return Ok(());
        }
        let last = self.reader().last_event()?;
        self.remember_news(citizen, last, &now)
    }

    /// What the register has told of the citizen of an event: of the one that it names, else of the
    /// one whose case it belongs to. Where the case is several citizens' and the event names none, it
    /// may be about any of them: nobody's move or death decides, but what must be protected of one is
    /// protected. The register speaks of CPR numbers alone: any other number names nobody to it.
    pub fn register(&mut self, case: &CaseKey, citizen: Option<&Citizen>) -> Result<Register, Error> {
        if let Some(citizen @ Citizen::Cpr(_)) = citizen {
            let mark = self.mark_of(citizen);
            return Ok(Register(self.news(&mark)?));
        }
        let marks = self.whose(case)?;
        if let [only] = marks.as_slice() {
            return Ok(Register(self.news(only)?));
        }
        let mut protections = Vec::new();
        for mark in marks {
            protections.extend(Register(self.news(&mark)?).protection().cloned());
        }
        // The last one counts: the one that lasts longest.
        protections.sort_by_key(|news| match news {
            News::Protected { to } => to.unwrap_or(Date::MAX),
            News::Moved { .. } | News::Died { .. } => Date::MIN,
        });
        Ok(Register(protections))
    }

    /// Whose a case is.
    fn whose(&mut self, case: &CaseKey) -> Result<Vec<Vec<u8>>, Error> {
        const OF_CASE: &str = "SELECT mark FROM case_citizen WHERE case_key = ?1 ORDER BY mark";
        self.sql.all(OF_CASE, &[case.as_str().into()], |row| row.need_blob(0))
    }

    fn news(&mut self, mark: &[u8]) -> Result<Vec<News>, Error> {
        const TOLD: &str = "SELECT doc FROM citizen_news WHERE mark = ?1 ORDER BY event";
        self.sql.all(TOLD, &[mark.into()], |row| {
            serde_json::from_str(&row.need_text(0)?)
                .map_err(|_unquoted| Error::Unexpected("what was told of a citizen cannot be read"))
        })
    }

    /// The citizen's cases, with what is open in them. Of a case that is several citizens', only what
    /// came of events that name this one: the rest is not about them.
    pub fn cases_of(&mut self, citizen: &Citizen) -> Result<Vec<Case>, Error> {
        const CASES: &str = "SELECT case_key FROM case_citizen WHERE mark = ?1 ORDER BY case_key";
        let mark = self.mark_of(citizen);
        let keys = self.sql.all(CASES, &[(&mark).into()], |row| row.need_text(0))?;
        let mut cases = Vec::new();
        for key in keys {
            let case = CaseKey::parse(&key).ok_or(Error::Unexpected("a case key is none"))?;
            let own = Own { all: self.whose(&case)?.len() == 1, mark };
            cases.push(self.case_of_citizen(case, own)?);
        }
        Ok(cases)
    }

    fn case_of_citizen(&mut self, case: CaseKey, own: Own) -> Result<Case, Error> {
        const OPEN: &str = "SELECT duty.doc, event.day, event.time FROM duty JOIN event ON event.seq = duty.event
            WHERE duty.case_key = ?1 AND duty.state = 'open'
              AND (?2 = 1 OR EXISTS (SELECT 1 FROM citizen WHERE citizen.mark = ?3 AND citizen.event = event.seq))
            ORDER BY duty.seq";
        let open = self.sql.all(OPEN, &own.params(&case), |row| {
            let day: Date = row.need_text(1)?.parse().map_err(|_unquoted| Error::Unexpected("a day is none"))?;
            Ok((duty::read(row)?, asked_on(day, time(row.need_int(2)?))))
        })?;
        let last = self.last_of(&case, own)?;
        let (reached, under_way) = self.reached(&case, own)?;
        Ok(Case { case, last, open, reached, under_way })
    }

    /// The last kind of event in a case, what the register and the hub itself told left out.
    fn last_of(&mut self, case: &CaseKey, own: Own) -> Result<Option<String>, Error> {
        const KINDS: &str = "SELECT kind, MAX(seq) FROM event WHERE case_key = ?1
              AND (?2 = 1 OR EXISTS (SELECT 1 FROM citizen WHERE citizen.mark = ?3 AND citizen.event = event.seq))
            GROUP BY kind ORDER BY MAX(seq) DESC";
        let kinds = self.sql.all(KINDS, &own.params(case), |row| row.need_text(0))?;
        // A kind that a later version of the catalogue no longer has is nothing to go by.
        let mut known = kinds.iter().filter_map(|name| EventKind::named(name));
        let last = known.find(|kind| kind.area() != AREA && !kind.schema().of_hub);
        Ok(last.map(|kind| kind.name().to_owned()))
    }

    /// Who has got something of a case, and whether something of it is still to be delivered. What
    /// was discarded nobody got, and what was taken back nobody has.
    fn reached(&mut self, case: &CaseKey, own: Own) -> Result<(Vec<Reached>, bool), Error> {
        const REACHED: &str =
            "SELECT delivery.mailbox, delivery.why, delivery.state, event.kind, event.id, delivery.seq
            FROM event JOIN delivery ON delivery.event = event.seq
            WHERE event.case_key = ?1 AND delivery.state <> 'discarded'
              AND (?2 = 1 OR EXISTS (SELECT 1 FROM citizen WHERE citizen.mark = ?3 AND citizen.event = event.seq))
            ORDER BY delivery.seq DESC";
        let rows = self.sql.all(REACHED, &own.params(case), |row| {
            let event = EventId::from_bytes(row.need_bytes(4)?);
            Ok((row.need_text(0)?, row.need_text(1)?, row.need_text(2)?, row.need_text(3)?, event, row.need_int(5)?))
        })?;
        let mut reached: Vec<Reached> = Vec::new();
        let mut under_way = false;
        for (mailbox, why, state, kind, event, seq) in rows {
            // Of the register, and of what became of deliveries.
            if kind.split('.').next().is_some_and(|area| [AREA, "delivery"].contains(&area)) {
                continue;
            }
            let open = [State::Waiting, State::Parked].iter().any(|open| open.name() == state);
            let known = reached.iter().any(|it| it.mailbox == mailbox);
            if (known && (under_way || !open)) || self.reader().notices(event, &mailbox)?.told > seq {
                continue;
            }
            under_way |= open;
            if !known {
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

/// What of a case is about a citizen: all of it, or the events that name them.
#[derive(Debug, Clone, Copy)]
struct Own {
    all: bool,
    mark: Mark,
}

impl Own {
    /// The parameters of a query: the case, whether all of it counts, and the citizen.
    fn params<'a>(&'a self, case: &'a CaseKey) -> [Param<'a>; 3] {
        [case.as_str().into(), self.all.into(), (&self.mark).into()]
    }
}
