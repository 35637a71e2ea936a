//! Rules: which event goes to whom.

use budstikke_contract::event::EventKind;
use budstikke_contract::kle::Kle;
use budstikke_contract::law::LawRef;
use serde::Serialize;

use super::fact::Conditions;
use super::matter::{Clause, Matter, Place, Standing};
use super::people::PartyId;
use crate::agreement::period::Period;

/// A part that a party plays towards one event.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// The municipality where the citizen lives.
    Residence,
    /// The municipality that performs the task.
    Performer,
    /// Of residence and performer, the one that did not send the event.
    Other,
    /// Of all parties, the one that did not send the event, wherever the citizen lives. For what
    /// is about no citizen.
    Counterpart,
    /// Who sent the question that the event answers.
    Asker,
    /// This party, whatever part it plays.
    Party(PartyId),
}

/// A mailbox by role: `residence/genoptraening`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RoleMailbox {
    /// Whose.
    pub role: Role,
    /// Which of its teams.
    pub team: Team,
}

/// A team of a party.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Team {
    /// The one of this name.
    Named(String),
    /// The one that has the event's area, or the one that the rule names.
    OfArea,
    /// One team where the party is the citizen's municipality, and another where it performs.
    ByPart {
        /// The team of the municipality of residence.
        residence: String,
        /// The team of the one that performs.
        performer: String,
    },
}

/// Who may send an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sender {
    /// A party in this role.
    Role(Role),
    /// Someone outside the agreement.
    Outsider(String),
    /// Anyone that the agreement knows.
    Anyone,
}

/// In what capacity a mailbox gets an event. A task wins over information.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Capacity {
    /// To know.
    Information,
    /// To act on.
    Task,
}

impl Capacity {
    /// The name in answers, headers and the ledger.
    pub fn name(self) -> &'static str {
        match self {
            Self::Information => "information",
            Self::Task => "task",
        }
    }

    /// The capacity of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Information, Self::Task].into_iter().find(|capacity| capacity.name() == name)
    }
}

/// A receiver of an event by a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receiver {
    /// Which mailbox.
    pub mailbox: RoleMailbox,
    /// In what capacity.
    pub capacity: Capacity,
    /// Where that is agreed.
    pub clause: Clause,
}
/// Event kind + law + conditions + period → mailboxes, and the duties that it opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its name.
    pub id: String,
    /// The kind of event.
    pub event: EventKind,
    /// The law that the event falls under; `None` where it holds whatever the law is.
    pub law: Option<LawRef>,
    /// The laws and paragraphs that an event may name where the rule holds for several; empty for any.
    /// A law stands for all of its paragraphs.
    pub within: Vec<LawRef>,
    /// The subject or group of subjects that it is for. Of several rules that fit, the one with the
    /// longest number holds.
    pub kle: Option<Kle>,
    /// By what the performer is found.
    pub performer_by: PerformerBy,
    /// Whether it is about no citizen, so that nobody's residence is asked for.
    pub without_residence: bool,
    /// The area of the event, where the rule says it; else the event does.
    pub area: Option<String>,
    /// When it holds.
    pub period: Period,
    /// On what conditions.
    pub when: Conditions,
    /// The rule that it adds to, where it does not stand alone.
    pub supplements: Option<String>,
    /// Who may send.
    pub senders: Vec<Sender>,
    /// Who gets it. Empty means: nobody, and `nobody` says why.
    pub receivers: Vec<Receiver>,
    /// Why nobody gets it.
    pub nobody: Option<String>,
    /// The duties that it opens.
    pub duties: Vec<String>,
    /// The duty that it answers. Without exactly one open duty of that name it cannot be known
    /// whom the answer is for.
    pub answers: Option<String>,
    /// The kind of event that must have come before it in the same case.
    pub presupposes: Option<EventKind>,
    /// What its receivers should know when the case already has an event of the same kind.
    pub repeated: Option<String>,
    /// What its receivers should know when no rule supplements this one.
    pub alone: Option<String>,
    /// Where it is agreed.
    pub clause: Clause,
    /// How surely.
    pub standing: Standing,
    /// What it says, for people.
    pub text: Option<String>,
    /// Where it stands in its file.
    pub(in crate::agreement) place: Place,
}

impl Rule {
    /// Whether another one says the same, wherever it stands in its file.
    pub fn says_same(&self, other: &Self) -> bool {
        Self { place: other.place.clone(), ..self.clone() } == *other
    }

    /// Whether it speaks of an event that falls under `law`, or names none.
    pub fn speaks_of(&self, law: Option<&LawRef>) -> bool {
        match (&self.law, law) {
            (Some(own), law) => Some(own) == law,
            (None, None) => true,
            (None, Some(law)) => {
                self.within.is_empty() || self.within.iter().any(|within| within == law || within.is_whole_of(law))
            }
        }
    }
}

/// By what the performer of an event's task is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PerformerBy {
    /// By this law or area.
    Matter(Matter),
    /// By the law that the event names, else by its area.
    Event,
    /// There is none: no receiver, sender or debtor of the rule is the performer.
    Nothing,
}

impl PerformerBy {
    /// What a rule under this law goes by where it says nothing of its performer.
    pub(in crate::agreement) fn law(law: Option<&LawRef>) -> Self {
        law.map_or(Self::Nothing, |law| Self::Matter(Matter::Law(law.clone())))
    }
}
