//! What was said before of citizens' courses.

use std::collections::BTreeSet;

use budstikke_contract::event::EventKind;
use budstikke_contract::municipality::MunicipalityCode;
use serde_json::{Map, Value};

use super::Error;
use super::tx::{Body, Tx};
use crate::course::{self, Course};
use crate::route::ToldBefore;

/// How far back it is looked: so many events, of a citizen and in all. A municipality's report is
/// monthly, so this is two years.
const EVENTS: usize = 24;

impl Tx<'_> {
    /// What earlier events of that kind said of the citizens of `courses` in that municipality, the
    /// latest event first.
    pub fn told_before(
        &mut self,
        kind: EventKind,
        municipality: MunicipalityCode,
        courses: &[Course],
    ) -> Result<Vec<ToldBefore>, Error> {
        let citizens: BTreeSet<&str> =
            courses.iter().filter_map(|course| course.person.citizen()).map(|cpr| cpr.reveal()).collect();
        let mut events = BTreeSet::new();
        for citizen in &citizens {
            events.extend(self.events_about(citizen, kind, municipality)?);
        }
        let mut told = Vec::new();
        for event in events.into_iter().rev().take(EVENTS) {
            told.extend(self.told_by(event, &citizens)?);
        }
        Ok(told)
    }

    /// The latest events of that kind about a citizen in that municipality.
    fn events_about(
        &mut self,
        citizen: &str,
        kind: EventKind,
        municipality: MunicipalityCode,
    ) -> Result<Vec<i64>, Error> {
        const ABOUT: &str = "SELECT event.seq FROM citizen JOIN event ON event.seq = citizen.event
            WHERE citizen.mark = ?1 AND event.kind = ?2 AND event.residence = ?3 ORDER BY event.seq DESC LIMIT ?4";
        let (mark, municipality) = (self.keys.mark("citizen", citizen), municipality.to_string());
        let limit = i64::try_from(EVENTS).unwrap_or(i64::MAX);
        let params = [(&mark).into(), kind.name().into(), (&municipality).into(), limit.into()];
        self.sql.all(ABOUT, &params, |row| row.need_int(0))
    }

    /// What one event said of those citizens. What cannot be opened says nothing: a lost content is
    /// found by whoever verifies, and must not stop what comes now.
    fn told_by(&mut self, event: i64, citizens: &BTreeSet<&str>) -> Result<Option<ToldBefore>, Error> {
        let Some(id) = super::event::id_of(self.sql, event)? else { return Ok(None) };
        let body = match self.open_body(Body::Event, event) {
            Ok(body) => body,
            Err(Error::Unsealable { .. } | Error::Unexpected(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let said: Map<String, Value> = serde_json::from_slice(&body).unwrap_or_default();
        let mut courses = said.get("data").and_then(Value::as_object).map(course::courses).unwrap_or_default();
        courses.retain(|course| course.person.citizen().is_some_and(|cpr| citizens.contains(cpr.reveal())));
        Ok(Some(ToldBefore { event: id, courses }))
    }
}
