//! What opens a duty of the calendar: an event of the hub's own, delivered as a task to the team that
//! owes it.

use budstikke_contract::event::Event;
use budstikke_contract::id::{CaseKey, DutyId, EventId};
use jiff::civil::Date;
use jiff::{Timestamp, Unit};
use serde_json::Map;

use super::notice::{hub_kind, hub_source};
use super::{DueDate, Duty, Late, Remind, Terms, Told};
use crate::agreement::model::{Agreement, Entry, MailboxId, PartyId, Time};

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
        for time in entry.open_by(since, today) {
            all.extend(entry.owed_by.iter().map(|party| opening(agreement, entry, party, &time, at)));
        }
    }
    all
}

/// What is to be opened later and is due up to a day, the first due first.
pub fn planned(agreement: &Agreement, today: Date, until: Date, at: Timestamp) -> Vec<Duty> {
    let of_entry = |entry: &Entry| -> Vec<Duty> {
        let times = entry.planned(today, until).into_iter();
        let of_time =
            |time: Time| entry.owed_by.iter().map(move |party| opening(agreement, entry, party, &time, at).duty);
        times.flat_map(of_time).collect()
    };
    let mut all: Vec<Duty> = agreement.calendar.iter().flat_map(of_entry).collect();
    all.sort_by(|one, other| (one.due.date, &one.terms.name).cmp(&(other.due.date, &other.terms.name)));
    all
}

/// What an event is for whose task is given later: the next time after its own day of which it speaks.
/// What is done after a due day counts for the time after it.
pub fn ahead(agreement: &Agreement, entry: &Entry, event: &Event, at: Timestamp) -> Vec<Opening> {
    let of_time = |time: Time| -> Vec<Opening> {
        entry.owed_by.iter().map(|party| opening(agreement, entry, party, &time, at)).collect()
    };
    let speaks_of = |all: &Vec<Opening>| all.iter().all(|it| it.duty.terms.is_about(&event.data));
    entry.after(event.deciding_date()).into_iter().map(of_time).find(speaks_of).unwrap_or_default()
}

/// The event that says that a duty of the calendar is open. Nothing in it depends on who gets it.
pub fn announcement(duty: &Duty, at: Timestamp) -> Event {
    let mut event = event(duty.event, duty.case.clone(), at);
    event.data.insert("duty".to_owned(), duty.shown());
    event
}

fn event(id: EventId, case: CaseKey, at: Timestamp) -> Event {
    Event {
        id: id.into(),
        source: hub_source(),
        kind: hub_kind("calendar.opened"),
        time: at.round(Unit::Second).unwrap_or(at),
        occurred: None,
        case,
        correlation: Some(id.into()),
        causation: None,
        residence: None,
        law: None,
        kle: None,
        data: Map::new(),
    }
}

fn opening(agreement: &Agreement, entry: &Entry, party: &PartyId, time: &Time, at: Timestamp) -> Opening {
    // By its place in the year, so that a day that is edited makes no second duty.
    let id = EventId::of_hub("calendar", &format!("{}/{}/{}/{party}", agreement.name, entry.id, time.name), 0);
    let duty_id = DutyId::derive(id, &entry.id, party.as_str());
    let bare = event(id, case(&agreement.name, &entry.id), at);
    let mut duty = Duty::open(duty_id, terms(agreement, entry, party, time.due), id, &bare);
    duty.due = DueDate { date: Some(time.due), reason: format!("årets gang: {}", time.due) };
    let duty = duty.opened_at(at);
    Opening { id, event: announcement(&duty, at), duty, to: MailboxId::new(party, &entry.team) }
}

fn terms(agreement: &Agreement, entry: &Entry, party: &PartyId, due: Date) -> Terms {
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
        about: entry.said_of(due),
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
