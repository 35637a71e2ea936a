//! What an answer is about, and what its form begins with: what is known of the case.

use std::sync::Arc;

use budstikke_contract::event::EventKind;
use serde_json::{Map, Value, json};

use super::super::super::Console;
use super::super::super::access::Person;
use super::super::super::fault::Fault;
use super::super::super::looking::see_if_theirs;
use super::super::open::purpose;
use crate::agreement::model::MailboxId;
use crate::duty::{Duty, State as DutyState};
use crate::intake::World;
use crate::ledger::look::{Seen, Wanted};
use crate::ledger::task::{Entry, Kept};
use crate::ledger::{Error, Reader, Tx};

/// Members that somebody says anew, though what is answered has one of the same name.
const SAID_ANEW: [&str; 8] = ["note", "reason", "documents", "remarks", "original", "unit", "reference", "asking_team"];

/// How many duties of the case are looked through, and how many events.
const MOST: u32 = 50;

/// What the event answers, or is asked because of.
#[derive(Debug)]
pub(super) struct Basis {
    pub(super) kept: Kept,
    /// The duty that it meets; none where it asks.
    pub(super) duty: Option<Duty>,
    /// What is answered, or came last.
    pub(super) about: Option<Entry>,
}

/// The kind by which somebody else is asked because of something of a kind, where its area has one.
pub(in crate::console::inbox) fn question(of: &str) -> Option<EventKind> {
    let area = EventKind::named(of).map(EventKind::area)?;
    EventKind::named(&format!("{area}.info.requested"))
}

/// What a duty of the task is met by that kind, or that the kind is a question.
pub(super) fn basis(
    reader: &mut Reader<'_>,
    kept: Kept,
    (kind, wanted): (EventKind, &str),
) -> Result<Option<Basis>, Error> {
    let party = MailboxId::parse(&kept.task.mailbox).map(|id| id.party().to_owned()).unwrap_or_default();
    let mut entries = reader.task_entries(kept.seq, MOST)?;
    let own: Vec<&str> = entries.iter().filter_map(|it| Some(it.delivery.why.duty.as_ref()?.id.as_str())).collect();
    let duties = reader.duties_of_case(&kept.task.case, MOST)?;
    let duty = duties.into_iter().find(|duty| {
        let id = duty.id.to_string();
        duty.state == DutyState::Open
            && duty.terms.owed_by == party
            && own.contains(&id.as_str())
            && (duty.is_met_by(kind) || duty.terms.closed_by.iter().any(|it| it == kind.name()))
            && (wanted.is_empty() || wanted == id)
    });
    if duty.is_none() && question(&kept.task.kind) != Some(kind) {
        return Ok(None);
    }
    let is_answered = |it: &Entry| duty.as_ref().is_some_and(|duty| it.wire_id == duty.wire_id.as_str());
    let at = entries.iter().position(is_answered).unwrap_or(0);
    let about = (at < entries.len()).then(|| entries.swap_remove(at));
    Ok(Some(Basis { kept, duty, about }))
}

/// What is known of it: the content of what is answered, or of what came last. Personal.
pub(super) type Known = (EventKind, Map<String, Value>);

fn known_of(entry: &Entry, seen: &Seen) -> Option<Known> {
    let event: Value = serde_json::from_slice(seen.event.as_deref()?).ok()?;
    EventKind::named(&entry.kind).zip(event.get("data").and_then(Value::as_object).cloned())
}

/// What an answer begins with: what is known of the case, where both schemas mean the same by it.
pub(super) fn prefilled(kind: EventKind, known: Option<&Known>, team: &str) -> Map<String, Value> {
    let members = |kind: EventKind| kind.schema().json().get("properties");
    let meaning = |member: &'static Value| member.get("$ref").unwrap_or(member);
    let wanted = members(kind);
    let mut data = Map::new();
    if let Some((of, known)) = known {
        let said = members(*of);
        for (name, value) in known.iter().filter(|(name, _)| !SAID_ANEW.contains(&name.as_str())) {
            let both = wanted.and_then(|it| it.get(name)).zip(said.and_then(|it| it.get(name)));
            let same = both.is_some_and(|(one, other)| meaning(one) == meaning(other));
            if same {
                data.insert(name.clone(), value.clone());
            }
        }
    }
    if wanted.is_some_and(|wanted| wanted.get("unit").is_some()) {
        data.insert("unit".to_owned(), json!({"name": team}));
    }
    data
}

impl Console {
    /// What a form begins with. That is a look, by whoever may see what came still.
    pub(super) async fn known(self: &Arc<Self>, person: &Person, basis: &Basis) -> Result<Option<Known>, Fault> {
        let Some(about) = &basis.about else { return Ok(None) };
        let (by, purpose, now) = (person.clone(), purpose()?, self.hub.desk.clock.now());
        let wanted = Wanted::Delivery(about.delivery.seq);
        let look = move |tx: &mut Tx<'_>, world: &World, _| see_if_theirs(tx, (world, now), (&by, &purpose), wanted);
        let seen = self.in_mailbox(person, basis.kept.seq, look).await?;
        Ok(seen.and_then(|seen| known_of(about, &seen)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(name: &str) -> EventKind {
        EventKind::named(name).unwrap()
    }

    fn example(kind: EventKind) -> Map<String, Value> {
        kind.schema().text.parse::<Value>().unwrap()["examples"][0].as_object().unwrap().clone()
    }

    #[test]
    fn an_answer_begins_with_what_is_known_and_nothing_of_what_is_said_anew() {
        let sanction = kind("employment.sanction.recommended");
        let known = example(sanction);
        let data = prefilled(kind("benefit.decided"), Some(&(sanction, known.clone())), "Ydelse, Dragør");
        for name in ["citizen", "target_group", "legal_basis"] {
            assert_eq!(data.get(name), known.get(name), "{name}");
        }
        assert_eq!(data["unit"], json!({"name": "Ydelse, Dragør"}));
        assert!(!data.contains_key("note") && !data.contains_key("sanction"), "{data:?}");
        assert_eq!(prefilled(kind("benefit.decided"), None, "Y").len(), 1);
    }

    #[test]
    fn every_area_that_asks_has_its_question() {
        for of in ["employment.sanction.recommended", "rehab.plan.received", "adult.grant.decided", "smdb.period.ready"]
        {
            assert_eq!(question(of).map(EventKind::area), EventKind::named(of).map(EventKind::area), "{of}");
        }
        assert_eq!(question("notice.given"), None);
    }
}
