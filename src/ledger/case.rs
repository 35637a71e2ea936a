//! Cases: how an event's case is found, and what is known of it.

use budstikke_contract::adapter::CaseClue;
use budstikke_contract::event::{EventKind, SourcePath, WireId};
use budstikke_contract::id::CaseKey;
use budstikke_contract::municipality::MunicipalityCode;

use super::Error;
use super::seal::Mark;
use super::tx::Tx;
use crate::route::{Earlier, Known};

/// Which case an event belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// This one; nothing of it may be known yet.
    Case(CaseKey),
    /// A correction that says no more than whom it is about, where that is several cases.
    Several,
}

/// What is known of an event before its case is.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// The area of its kind.
    pub area: &'a str,
    /// Who sent it.
    pub source: &'a SourcePath,
    /// Its id at its source, which names the case of an event that says nothing of one.
    pub own: &'a str,
    /// Whether it follows an earlier event, so that it may be led to it by no more than whom it is
    /// about. A new plan for the same citizen may well be a new case.
    pub follows: bool,
}

impl Tx<'_> {
    /// Finds the case by what the event says of it.
    pub fn find_case(&mut self, clue: &CaseClue, about: &About<'_>) -> Result<Found, Error> {
        let About { area, source, own, follows } = *about;
        let (episode, first, likeness, trail) = match clue {
            CaseClue::Key(key) => return Ok(Found::Case(key.clone())),
            CaseClue::None => return Ok(Found::Case(CaseKey::derive(area, source, own))),
            CaseClue::Derived { episode, first, likeness, trail, .. } => (episode, first, likeness, trail),
        };
        let derived = CaseKey::derive(area, source, &self.keys.masked(episode.as_ref().unwrap_or(first)));
        if self.is_case(&derived)? {
            return Ok(Found::Case(derived));
        }
        for text in likeness {
            if let [known] = self.cases_marked("likeness", text)?.as_slice() {
                return Ok(Found::Case(known.clone()));
            }
        }
        match trail {
            Some(trail) if follows => self.follow(trail, derived),
            _ => Ok(Found::Case(derived)),
        }
    }

    /// The one case that a trail leads to; where it leads to several, the one in which something
    /// is still owed.
    fn follow(&mut self, trail: &str, otherwise: CaseKey) -> Result<Found, Error> {
        let cases = self.cases_marked("trail", trail)?;
        match cases.as_slice() {
            [] => return Ok(Found::Case(otherwise)),
            [only] => return Ok(Found::Case(only.clone())),
            _ => {}
        }
        let mut open = Vec::new();
        for case in cases {
            if !self.open_duties(&case)?.is_empty() {
                open.push(case);
            }
        }
        match open.as_slice() {
            [only] => Ok(Found::Case(only.clone())),
            _ => Ok(Found::Several),
        }
    }

    /// Remembers a case, and by what it can be found. `residence` is where its citizen lives by
    /// the latest that was routed.
    pub fn remember_case(
        &mut self,
        case: &CaseKey,
        residence: Option<MunicipalityCode>,
        clue: &CaseClue,
    ) -> Result<(), Error> {
        const ADD: &str = "INSERT INTO case_file (key, residence) VALUES (?1, ?2)
            ON CONFLICT (key) DO UPDATE SET residence = COALESCE(excluded.residence, case_file.residence)";
        let residence = residence.map(|code| code.to_string());
        self.sql.execute(ADD, &[case.as_str().into(), residence.as_ref().into()])?;
        if let CaseClue::Derived { likeness, trail, .. } = clue {
            for text in likeness {
                let mark = self.keys.mark("likeness", text);
                self.mark_case(&mark, case)?;
            }
            if let Some(text) = trail {
                let mark = self.keys.mark("trail", text);
                self.mark_case(&mark, case)?;
            }
        }
        Ok(())
    }

    /// Remembers that something which follows a trail came before what it follows, and waits in a
    /// case of its own.
    pub fn remember_early(&mut self, trail: &str, case: &CaseKey) -> Result<(), Error> {
        let mark = self.keys.mark("early", trail);
        self.mark_case(&mark, case)
    }

    /// The cases in which something waits, or has waited, that follows this trail.
    pub fn early_cases(&mut self, trail: &str) -> Result<Vec<CaseKey>, Error> {
        self.cases_marked("early", trail)
    }

    fn mark_case(&mut self, mark: &Mark, case: &CaseKey) -> Result<(), Error> {
        const ADD: &str = "INSERT INTO case_mark (mark, case_key) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        self.sql.execute(ADD, &[mark.into(), case.as_str().into()])?;
        Ok(())
    }

    fn is_case(&mut self, case: &CaseKey) -> Result<bool, Error> {
        const ONE: &str = "SELECT 1 FROM case_file WHERE key = ?1";
        Ok(self.sql.first(ONE, &[case.as_str().into()], |row| row.need_int(0))?.is_some())
    }

    fn cases_marked(&mut self, kind: &str, text: &str) -> Result<Vec<CaseKey>, Error> {
        const MARKED: &str = "SELECT case_key FROM case_mark WHERE mark = ?1 ORDER BY case_key";
        let mark = self.keys.mark(kind, text);
        self.sql.all(MARKED, &[(&mark).into()], |row| read_case(&row.need_text(0)?))
    }

    /// What is known of a case now. Of what waits for a person, only that counts which came before
    /// the item `before`; for a new item, all of it.
    pub fn known(&mut self, case: &CaseKey, before: Option<i64>) -> Result<Known, Error> {
        const RESIDENCE: &str = "SELECT residence FROM case_file WHERE key = ?1";
        const HELD: &str = "SELECT 1 FROM item 
            WHERE case_key = ?1 AND seq < ?2 AND holds = 1 AND state IN ('parked', 'waiting') LIMIT 1";
        let mut known = Known::nothing(case.clone());
        // Of a case in which nothing was routed there is nothing to know, but what is parked.
        if let Some(residence) = self.sql.first(RESIDENCE, &[case.as_str().into()], |row| row.text(0))? {
            known.residence = residence.as_deref().and_then(MunicipalityCode::parse);
            known.earlier = self.earlier(case)?;
            known.open = self.open_duties(case)?;
        }
        let before = before.unwrap_or(i64::MAX);
        known.held = self.sql.first(HELD, &[case.as_str().into(), before.into()], |row| row.need_int(0))?.is_some();
        Ok(known)
    }

    /// The latest event of each kind that was routed in a case, oldest first.
    fn earlier(&mut self, case: &CaseKey) -> Result<Vec<Earlier>, Error> {
        const LATEST: &str = "SELECT kind, wire_id, id FROM event WHERE seq IN
            (SELECT MAX(seq) FROM event WHERE case_key = ?1 GROUP BY kind) ORDER BY seq";
        let rows = self.sql.all(LATEST, &[case.as_str().into()], |row| {
            Ok((row.need_text(0)?, row.need_text(1)?, row.need_bytes(2)?))
        })?;
        // A kind that a later version of the catalogue no longer has is nothing to go by.
        let earlier = rows.into_iter().filter_map(|(kind, wire_id, id)| {
            Some(Earlier {
                kind: EventKind::named(&kind)?,
                id: WireId::parse(&wire_id)?,
                event: budstikke_contract::id::EventId::from_bytes(id),
            })
        });
        Ok(earlier.collect())
    }
}

fn read_case(text: &str) -> Result<CaseKey, Error> {
    CaseKey::parse(text).ok_or(Error::Unexpected("a case key is none"))
}
