//! What is to be done, who performs it, and where that is agreed.

use std::fmt;

use budstikke_contract::kle::Kle;
use budstikke_contract::law::LawRef;
use serde::{Deserialize, Serialize};

use super::fact::Conditions;
use super::people::{MailboxId, PartyId};
use crate::agreement::period::Period;

/// Where something stands in a source document: `S1 2`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Clause(String);

impl Clause {
    pub(in crate::agreement) fn new(text: String) -> Self {
        Self(text)
    }

    /// The clause as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id of the document.
    pub fn document(&self) -> &str {
        self.0.split(' ').next().unwrap_or_default()
    }
}

impl fmt::Display for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How sure the reading of a clause is. Every answer that rests on it shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// The clause says so.
    Agreed,
    /// Our reading of documents that do not say it outright.
    Interpretation,
    /// The parties are still settling it.
    UnderClarification,
}

impl Standing {
    /// The word that people read beside the clause; nothing where the clause says so outright.
    pub fn remark(self) -> Option<&'static str> {
        match self {
            Self::Agreed => None,
            Self::Interpretation => Some("fortolkning"),
            Self::UnderClarification => Some("under afklaring"),
        }
    }
}
/// What somebody performs: the tasks of a paragraph, or those of an area that has none of its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Matter {
    /// What a law asks for.
    Law(LawRef),
    /// An area of work: `natur-miljoe`.
    Area(String),
}

impl Matter {
    /// The law, where it is one.
    pub fn law(&self) -> Option<&LawRef> {
        match self {
            Self::Law(law) => Some(law),
            Self::Area(_) => None,
        }
    }
}

impl fmt::Display for Matter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Law(law) => fmt::Display::fmt(law, f),
            Self::Area(area) => write!(f, "området {area}"),
        }
    }
}

/// Matter + residence + conditions + period → the party that performs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Responsibility {
    /// What is performed.
    pub matter: Matter,
    /// What the task is, for people.
    pub task: String,
    /// Whose citizens.
    pub residence: PartyId,
    /// On what conditions.
    pub when: Conditions,
    /// Who performs; `None` where the agreement says that neither party does.
    pub performer: Option<PartyId>,
    /// When.
    pub period: Period,
    /// Where it is agreed.
    pub clause: Clause,
    /// How surely.
    pub standing: Standing,
    /// What a reader should know.
    pub note: Option<String>,
    /// The mailboxes that get its events too, to know, beside those whom the rules name.
    pub also: Vec<MailboxId>,
    /// Where it stands in its file.
    pub(in crate::agreement) place: Place,
}

impl Responsibility {
    /// Whether another one says the same, wherever it stands in its file.
    pub fn says_same(&self, other: &Self) -> bool {
        Self { place: other.place.clone(), ..self.clone() } == *other
    }
}

/// An area of work, by which teams and performers are found where no paragraph says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Area {
    /// What people call it.
    pub name: String,
    /// The team of each party that has it.
    pub teams: Vec<(PartyId, String)>,
    /// The laws that belong to it whole, where no responsibility speaks of a paragraph.
    pub laws: Vec<LawRef>,
}

impl Area {
    /// Whether a law belongs to it whole.
    pub fn has(&self, law: &LawRef) -> bool {
        self.laws.iter().any(|own| own == law || own.is_whole_of(law))
    }

    /// The team of a party.
    pub fn team(&self, party: &PartyId) -> Option<&str> {
        self.teams.iter().find(|(of, _)| of == party).map(|(_, team)| team.as_str())
    }
}

/// A subject of KL's classification, and the law that it stands beside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Its number.
    pub kle: Kle,
    /// Its title.
    pub title: String,
    /// The law; `None` where several subjects share one.
    pub law: Option<LawRef>,
    /// When the number holds.
    pub period: Period,
}

/// A file and a line in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::agreement) struct Place {
    pub(in crate::agreement) file: String,
    pub(in crate::agreement) line: usize,
}
