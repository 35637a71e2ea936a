//! What opens a duty of the calendar: an event of the hub's own, delivered as a task to the team that
//! owes it.

use budstikke_contract::event::Event;
use budstikke_contract::id::{CaseKey, DutyId, EventId};
use jiff::civil::Date;
use jiff::{Timestamp, Unit};
use serde_json::Map;

use super::notice::{hub_kind, hub_source};
use super::{DueDate, Duty, Late, Remind, Terms, Told};
use crate::agreement::model::{Agreement, Entry, MailboxId, PartyId};

/// A duty of the calendar that opens.
#[derive(Debug)]
pub struct Opening {
    /// The event's id, the same however often the same opening is made.
    pub id: EventId,
    /// The event.
    pub event: Event,
    /// The duty.
    pub duty: Duty,
    /// The team that gets the task.
    pub to: MailboxId,
}

/// The case of an entry: what is owed at all its times.
pub fn case(agreement: &str, entry: &str) -> CaseKey {
    CaseKey::derive("calendar", &hub_source(), &format!("{agreement}/{entry}"))
}

/// All that is to be open by `today`, of what is due on `since` or later.
pub fn openings(agreement: &Agreement, since: Date, today: Date, at: Timestamp) -> Vec<Opening> {
    let mut all = Vec::new();
    for entry in &agreement.calendar {
        for due in entry.open_by(since, today) {
            all.extend(entry.owed_by.iter().map(|party| opening(agreement, entry, party, due, at)));
        }
    }
    all
}

fn opening(agreement: &Agreement, entry: &Entry, party: &PartyId, due: Date, at: Timestamp) -> Opening {
    let id = EventId::of_hub("calendar", &format!("{}/{}/{due}/{party}", agreement.name, entry.id), 0);
    let mut event = Event {
        id: id.into(),
        source: hub_source(),
        kind: hub_kind("calendar.opened"),
        time: at.round(Unit::Second).unwrap_or(at),
        occurred: None,
        case: case(&agreement.name, &entry.id),
        correlation: Some(id.into()),
        causation: None,
        residence: None,
        law: None,
        kle: None,
        data: Map::new(),
    };
    let duty_id = DutyId::derive(id, &entry.id, party.as_str());
    let mut duty = Duty::open(duty_id, terms(agreement, entry, party), id, &event);
    duty.due = DueDate { date: Some(due), reason: format!("årets gang: {due}") };
    let duty = duty.opened_at(at);
    event.data.insert("duty".to_owned(), duty.shown());
    Opening { id, event, duty, to: MailboxId::new(party, &entry.team) }
}

fn terms(agreement: &Agreement, entry: &Entry, party: &PartyId) -> Terms {
    let told = |party: &PartyId| Told(MailboxId::new(party, &entry.team).to_string());
    let everyone = || agreement.parties.iter().map(|party| told(&party.id)).collect();
    Terms {
        name: entry.id.clone(),
        kind: entry.kind.name().to_owned(),
        what: entry.what.clone(),
        owed_by: party.to_string(),
        law: None,
        clause: entry.clause.to_string(),
        one_by_one: true,
        shared: entry.shared,
        due: None,
        met_by: entry.met_by.iter().map(|kind| kind.name().to_owned()).collect(),
        met_from: None,
        moved_by: Vec::new(),
        closed_by: Vec::new(),
        remind: entry.remind_before.map(|days_before| Remind { days_before, to: vec![told(party)] }),
        late: entry.late.as_ref().map(|text| Late {
            to: everyone(),
            text: text.clone(),
            law: None,
            clause: entry.clause.to_string(),
        }),
    }
}
