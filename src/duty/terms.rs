//! What was agreed about a duty, taken from the agreement when the duty opened.

use budstikke_contract::event::Event;
use budstikke_contract::law::LawRef;
use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::agreement::model::pointer;
use crate::agreement::reckoning::Reckoned;

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
    /// By what law, where there is one.
    pub law: Option<LawRef>,
    /// By what clause.
    pub clause: String,
    /// Whether one event meets one such duty only.
    #[serde(default)]
    pub one_by_one: bool,
    /// Whether any party meets it for all that owe it.
    #[serde(default)]
    pub shared: bool,
    /// How the due date is found; `None` where none was agreed.
    pub due: Option<DueAfter>,
    /// The kinds of events that meet it.
    #[serde(deserialize_with = "one_or_many")]
    pub met_by: Vec<String>,
    /// Where that event says from when.
    pub met_from: Option<String>,
    /// What such an event must say, where it says anything of it: a JSON pointer, and the values of which
    /// it must have one. A report of another year meets nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<(String, Vec<String>)>,
    /// The kinds of events that move the due date.
    pub moved_by: Vec<String>,
    /// The kinds of events that close it.
    pub closed_by: Vec<String>,
    /// When to remind, and whom.
    pub remind: Option<Remind>,
    /// Whom to tell when it is late, and what follows.
    pub late: Option<Late>,
}

/// How a due date is found; the due day itself is still in time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DueAfter {
    /// How many of what is reckoned in.
    #[serde(alias = "days")]
    pub number: u16,
    /// What is reckoned in.
    #[serde(default)]
    pub reckoned: Reckoned,
    /// From what: a JSON pointer to a date, or to an object with `date` and `certainty`; `None` for
    /// the event's own day.
    pub after: Option<String>,
    /// What that is called: `udskrivning`.
    pub called: String,
    /// Where the time limit stands, for people, where that is not where the duty does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// Ledgers of the first version hold one kind where there is a list now.
fn one_or_many<'de, D: Deserializer<'de>>(reader: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        One(String),
        Many(Vec<String>),
    }
    Ok(match Written::deserialize(reader)? {
        Written::One(one) => vec![one],
        Written::Many(many) => many,
    })
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
    /// Whether an event is about this one, and not about the same of another year or week.
    pub fn is_about(&self, data: &Map<String, Value>) -> bool {
        self.about.iter().all(|(path, values)| match pointer(data, path) {
            Some(Value::String(said)) => values.contains(said),
            Some(Value::Number(said)) => values.contains(&said.to_string()),
            _ => true,
        })
    }

    /// The due date, given the event that opens the duty.
    pub fn due_date(&self, event: &Event) -> DueDate {
        let Some(due) = &self.due else {
            return DueDate { date: None, reason: "ingen frist i aftalen".to_owned() };
        };
        let unknown = || DueDate { date: None, reason: format!("ingen frist: datoen for {} er ukendt", due.called) };
        match due.after {
            None => due.reckon(event.deciding_date(), "").unwrap_or_else(unknown),
            Some(_) => self.moved_due_date(&event.data).unwrap_or_else(unknown),
        }
    }

    /// The due date by what another event says; `None` where it says nothing of it.
    pub fn moved_due_date(&self, data: &Map<String, Value>) -> Option<DueDate> {
        let due = self.due.as_ref()?;
        let said = pointer(data, due.after.as_ref()?)?;
        let after: Date = said.get("date").unwrap_or(said).as_str()?.parse().ok()?;
        let expected = match said.get("certainty").and_then(Value::as_str) {
            Some("expected") => "forventet ",
            _ => "",
        };
        due.reckon(after, expected)
    }
}

impl DueAfter {
    fn reckon(&self, after: Date, expected: &str) -> Option<DueDate> {
        let called = format!("{expected}{} {after}", self.called);
        let date = self.reckoned.due(self.number, after)?;
        let source = self.source.as_ref().map_or_else(String::new, |source| format!(" ({source})"));
        Some(DueDate { date: Some(date), reason: self.reckoned.sentence(self.number, &called) + &source })
    }
}
