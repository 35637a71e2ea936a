//! What was agreed about a duty, taken from the agreement when the duty opened.

use budstikke_contract::law::LawRef;
use jiff::Span;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::agreement::model::pointer;

/// The terms of one duty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Its name in the agreement.
    pub name: String,
    /// What kind of thing is owed: `act`, `answer`, `approve`, `inform`.
    pub kind: String,
    /// What is owed, for people.
    pub what: String,
    /// The party that owes it.
    pub owed_by: String,
    /// By what law.
    pub law: LawRef,
    /// By what clause.
    pub clause: String,
    /// How the due date is found; `None` where none was agreed.
    pub due: Option<DueAfter>,
    /// The kind of event that meets it.
    pub met_by: String,
    /// Where that event says from when.
    pub met_from: Option<String>,
    /// The kinds of events that move the due date.
    pub moved_by: Vec<String>,
    /// The kinds of events that close it.
    pub closed_by: Vec<String>,
    /// When to remind, and whom.
    pub remind: Option<Remind>,
    /// Whom to tell when it is late, and what follows.
    pub late: Option<Late>,
}

/// So many calendar days after something; the due day itself is still in time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DueAfter {
    /// How many.
    pub days: u16,
    /// After what: a JSON pointer to an object with `date` and `certainty`.
    pub after: String,
    /// What that is called: `udskrivning`.
    pub called: String,
}

/// A mailbox to tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Told(pub String);

/// When to remind, and whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remind {
    /// How many days before the due day.
    pub days_before: u16,
    /// Whom.
    pub to: Vec<Told>,
}

/// What follows when it is late.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Late {
    /// Whom to tell.
    pub to: Vec<Told>,
    /// What follows, for people.
    pub text: String,
    /// By what law.
    pub law: Option<LawRef>,
    /// By what clause.
    pub clause: String,
}

/// By when something is owed, and why then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DueDate {
    /// The last day that is in time; `None` where there is none or it cannot be known.
    pub date: Option<Date>,
    /// Why then, or why none, for people.
    pub reason: String,
}

impl Terms {
    /// The due date, given the event that opens the duty.
    pub fn due_date(&self, data: &Map<String, Value>) -> DueDate {
        let Some(due) = &self.due else {
            return DueDate { date: None, reason: "ingen frist i aftalen".to_owned() };
        };
        self.moved_due_date(data)
            .unwrap_or_else(|| DueDate { date: None, reason: format!("ingen frist: {}sdatoen er ukendt", due.called) })
    }

    /// The due date by what another event says; `None` where it says nothing of it.
    pub fn moved_due_date(&self, data: &Map<String, Value>) -> Option<DueDate> {
        let due = self.due.as_ref()?;
        let said = pointer(data, &due.after)?;
        let after: Date = said.get("date")?.as_str()?.parse().ok()?;
        let expected = match said.get("certainty").and_then(Value::as_str) {
            Some("expected") => "forventet ",
            _ => "",
        };
        let date = after.checked_add(Span::new().days(i64::from(due.days))).ok()?;
        Some(DueDate { date: Some(date), reason: format!("{} dage efter {expected}{} {after}", due.days, due.called) })
    }
}
