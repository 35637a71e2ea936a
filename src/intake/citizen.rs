//! What the CPR register tells of a citizen: to whoever has something open for them, as information.

use budstikke_contract::adapter::Draft;
use budstikke_contract::event::{Event, WireId};
use budstikke_contract::id::EventId;
use budstikke_contract::person::{Citizen, Cpr};
use budstikke_contract::reason::Reason;
use serde_json::Value;

use super::World;
use super::decide::{Decided, Question, Stopped, compose};
use super::outgoing;
use super::prepare::EVENT_SCHEMA;
use crate::duty::Duty;
use crate::ledger::delivery::Why;
use crate::ledger::event::Decision;
use crate::ledger::item::State;
use crate::ledger::{Error, Tx, lane};
use crate::route::Known;
use crate::route::citizen::{self, Case, Concern, News, Register};

/// What the hub itself puts in `data`.
const OWN: [&str; 2] = ["open_duties", "closed_duties"];

/// An event of the register, and whom it concerns.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) id: EventId,
    pub(super) event: Event,
    news: Option<News>,
    cases: Vec<Case>,
    /// What was told of the citizen so far, this with it.
    register: Register,
    concern: Concern,
    protected: bool,
}

impl Told {
    /// Whether someone is told, or nobody has anything open.
    pub(super) fn state(&self) -> State {
        if self.concern.told.is_empty() { State::Recorded } else { State::Routed }
    }
}

/// Decides about an event of the register.
pub(super) fn decide(tx: &mut Tx<'_>, question: Question<'_>, own: &str, known: &Known) -> Result<Decided, Error> {
    let draft = question.draft;
    let stop = |reason: Reason| Stopped::parked(draft, Some(known.case.clone()), reason);
    if known.held {
        return Ok(Decided::Stopped(Stopped::waiting(known.case.clone())));
    }
    if let Some(name) = OWN.into_iter().find(|name| draft.data.contains_key(*name)) {
        let text = format!("Feltet $.data.{name} sættes på ved levering og må ikke stå i en hændelse på vej ind.");
        return Ok(stop(Reason::new(EVENT_SCHEMA, text).at(format!("$.data.{name}"))));
    }
    let Some(person) = &draft.citizen else {
        let text = "Hændelsen siger ikke, hvilken borger den handler om.";
        return Ok(stop(Reason::new(EVENT_SCHEMA, text).at("$.data.citizen")));
    };
    let id = EventId::derive(&draft.source, own, question.index);
    let event = compose(&question, id, known);
    let cases = tx.cases_of(person)?;
    let mut register = tx.register(&known.case, Some(person))?;
    let news = News::of(&event);
    register.0.extend(news.clone());
    let protected = register.protected(event.deciding_date());
    match citizen::concern(&event, &cases, &register) {
        Ok(concern) => Ok(Decided::Told(Box::new(Told { id, event, news, cases, register, concern, protected }))),
        Err(reason) => Ok(stop(reason)),
    }
}

/// Writes down an event of the register and all that follows from it.
pub(super) fn write(tx: &mut Tx<'_>, world: &World, item: i64, draft: &Draft, told: &Told) -> Result<(), Error> {
    let Told { id, event, news, cases, register, concern, protected } = told;
    let sentence = match concern.told.len() {
        0 => "Ingen har noget åbent for borgeren.".to_owned(),
        _ => "Går til dem, der har noget åbent for borgeren.".to_owned(),
    };
    let decision = Decision::of_register(sentence, cases, register);
    let Some(row) = tx.keep_event(*id, Some(item), event, &decision)? else {
        return Err(Error::Unexpected("an event was decided about twice"));
    };
    tx.remember_case(&event.case, None, &draft.case)?;
    if let Some(person) = &draft.citizen {
        tx.remember_citizen(person.reveal(), row)?;
        if let Some(news) = news {
            tx.remember_news(person, row, news)?;
        }
    }
    if event.id != WireId::from(*id) {
        tx.name_item(event.id.as_str(), item)?;
    }
    for duty in &concern.closed {
        tx.change_duty(duty)?;
    }
    for concerned in &concern.told {
        let duties = concerned.duties.iter().map(Duty::shown).collect();
        let why = Why { rules: concerned.rules.clone(), duties, protected: *protected, ..Why::default() };
        let lane_of = |tx: &Tx<'_>, channel: &str| lane::of_case(tx.keys(), &concerned.mailbox, channel, &event.case);
        outgoing::tell_mailbox(tx, world, (row, *id), &concerned.mailbox, &why, &lane_of)?;
    }
    Ok(())
}

/// The citizens whom an agenda names, each with a case of their own.
pub(super) fn on_agenda(event: &Event) -> Vec<Citizen> {
    let cases = event.data.get("cases").and_then(Value::as_array).into_iter().flatten();
    let numbers = cases.filter_map(|case| case.pointer("/citizen/cpr")?.as_str());
    numbers.filter_map(Cpr::parse).map(Citizen::Cpr).collect()
}
