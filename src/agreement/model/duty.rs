//! Duties: what parties come to owe.

use std::collections::BTreeSet;

use budstikke_contract::event::EventKind;
use budstikke_contract::law::LawRef;
use serde::Serialize;

use super::fact::Conditions;
use super::matter::Clause;
use super::rule::{Role, RoleMailbox};
use crate::agreement::reckoning::Reckoned;

/// What kind of thing is owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DutyKind {
    /// To do something.
    Act,
    /// To answer.
    Answer,
    /// To approve.
    Approve,
    /// To inform.
    Inform,
}

impl DutyKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Act, Self::Answer, Self::Approve, Self::Inform];

    /// The name in answers and the ledger.
    pub fn name(self) -> &'static str {
        match self {
            Self::Act => "act",
            Self::Answer => "answer",
            Self::Approve => "approve",
            Self::Inform => "inform",
        }
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Something that a party comes to owe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duty {
    /// Its name.
    pub id: String,
    /// What kind.
    pub kind: DutyKind,
    /// What is owed, for people.
    pub what: String,
    /// Who owes it. Several, where each of them does.
    pub owed_by: Vec<Role>,
    /// Whether one event meets one such duty only, so that it must say which where several are open.
    pub one_by_one: bool,
    /// On what conditions it arises.
    pub when: Conditions,
    /// By when; `None` where the agreement sets no time.
    pub due: Option<Due>,
    /// The kinds of events that meet it.
    pub met_by: BTreeSet<EventKind>,
    /// Where that event says from when; it then meets the duty only if that is not after the due
    /// date.
    pub met_from: Option<String>,
    /// The kinds of events that move the due date.
    pub moved_by: BTreeSet<EventKind>,
    /// The kinds of events that close it without meeting it.
    pub closed_by: BTreeSet<EventKind>,
    /// Whom to remind, and when.
    pub remind: Option<Remind>,
    /// Whom to tell when it is late, and what follows.
    pub late: Option<Late>,
    /// Where it is agreed.
    pub clause: Clause,
}

/// How a due date is found. The due day itself is still in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// How many of what is reckoned in.
    pub number: u16,
    /// What is reckoned in.
    pub reckoned: Reckoned,
    /// From what: a JSON pointer to a date, or to an object with `date` and `certainty`; `None` for
    /// the event's own day.
    pub after: Option<String>,
    /// What that is called: `udskrivning`.
    pub called: String,
    /// Where the time limit stands, where that is not where the duty does.
    pub clause: Option<Clause>,
}

/// When to remind of a duty, and whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remind {
    /// How many days before the due day.
    pub days_before: u16,
    /// Whom.
    pub to: Vec<RoleMailbox>,
}

/// What follows when a duty is not met in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Late {
    /// Whom to tell.
    pub to: Vec<RoleMailbox>,
    /// What follows, for people.
    pub text: String,
    /// By what law.
    pub law: Option<LawRef>,
    /// Where it is agreed.
    pub clause: Clause,
}
