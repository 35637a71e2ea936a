//! Which members of an event stand together, and in which order people read them.

use budstikke_contract::event::EventKind;
use serde_json::{Map, Value};

/// What stands under one heading.
pub(super) struct Group {
    /// The heading; empty where it is what the event is.
    pub(super) title: &'static str,
    pub(super) members: Members,
}

/// Which members.
pub(super) enum Members {
    /// These.
    Named(&'static [&'static str]),
    /// These, and what the letter says that is not in the event.
    WithLetter(&'static [&'static str]),
    /// All that are in no other group. It stands behind those that come first.
    Rest,
}

impl Members {
    /// The names of those that are there.
    pub(super) fn names(&self, data: &Map<String, Value>) -> Vec<String> {
        match self {
            Self::Named(names) | Self::WithLetter(names) => names.iter().copied().map(str::to_owned).collect(),
            Self::Rest => data.keys().filter(|name| !LAST.contains(&name.as_str())).cloned().collect(),
        }
    }

    pub(super) fn has_letter(&self) -> bool {
        matches!(self, Self::WithLetter(_) | Self::Rest)
    }
}

/// What stands after all else.
const LAST: [&str; 7] = ["note", "remarks", "unit", "reference", "documents", "original", "episode_of_care"];

/// The attributes that people look for, as they are titled.
pub(super) const ATTRIBUTES: &[(&str, &str)] = &[
    ("time", "Sendt"),
    ("occurred", "Skete"),
    ("source", "Afsender"),
    ("residence", "Bopælskommune"),
    ("law", "Lov"),
    ("kle", "KLE-emne"),
    ("subject", "Sag"),
    ("id", "Hændelsens nummer"),
    ("correlationid", "Hører sammen med"),
    ("causationid", "Svar på"),
];

/// Attributes that are the same for all, or that the heading says.
pub(super) const SAID_BY_ALL: [&str; 3] = ["specversion", "type", "datacontenttype"];

/// The groups of an event, in order. Every member is in one.
pub(super) fn groups(kind: Option<EventKind>) -> Vec<Group> {
    let named = |title, names| Group { title, members: Members::Named(names) };
    let is_plan = kind.is_some_and(|kind| kind.name().starts_with("rehab.plan."));
    let mut groups = vec![named("Borger", &["citizen"])];
    if is_plan {
        // As a therapist reads a plan: what is wrong, what the citizen can do and shall come to do,
        // at what level, and by when.
        let letter = Members::WithLetter(&["text"]);
        groups.extend([
            named("Diagnoser", &["diagnoses"]),
            Group { title: "Funktionsevne og behov", members: letter },
            named("Niveau og frister", &["plan_type", "discharge", "deadline_text", "contact_start", "reason"]),
            named("Samtykke", &["informed_consent"]),
            named("Afsender og modtager", &["sender", "contact_points", "receiver"]),
            named("Brevet", &["letter", "episode_of_care"]),
        ]);
    }
    groups.extend([
        Group { title: if is_plan { "Andet" } else { "" }, members: Members::Rest },
        named("Bemærkninger", &["note", "remarks"]),
        named("Hvor det kommer fra", &["unit", "reference", "documents", "original", "episode_of_care"]),
    ]);
    groups
}
