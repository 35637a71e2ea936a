//! Properties of an event that rules, duties and responsibilities may depend on. Each has one of a
//! few values, so that it can be checked that nothing is left out.

use std::collections::{BTreeMap, BTreeSet};

use budstikke_contract::event::Event;
use budstikke_contract::person::Cpr;
use jiff::civil::Date;
use jiff::{Span, Unit};
use serde_json::{Map, Value};

/// A property with its possible values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Where it comes from.
    pub from: Source,
    /// What it can be.
    pub values: Vec<String>,
    /// What it counts as where it cannot be known.
    pub missing: String,
}

/// Where a fact comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// What stands at a JSON pointer in `data`.
    Data(String),
    /// The party that sends the event: each value is one, and any other sender counts as missing.
    Sender,
    /// The law that the event names: each value is one, and any other counts as missing.
    Law,
    /// The citizen's age on the deciding day. With it, for each value in their order, the first age
    /// in years that is above it; the last value has none.
    Age(Vec<i32>),
    /// Whether the citizen has reached the state pension age on the deciding day: the first value
    /// until then, the second from then on. With it, from which day of birth the age is how many
    /// months, latest first.
    PensionAge(Vec<(Date, i32)>),
}

impl Fact {
    /// Its value for this event.
    pub fn of<'a>(&'a self, event: &Event) -> &'a str {
        let found = match &self.from {
            Source::Data(path) => {
                let said = pointer(&event.data, path).and_then(Value::as_str);
                said.and_then(|said| self.values.iter().find(|known| *known == said))
            }
            Source::Sender => self.values.iter().find(|party| *party == event.source.party()),
            Source::Law => {
                let law = event.law.as_ref().map(ToString::to_string);
                let said = law.as_deref().or_else(|| event.data.get("law").and_then(Value::as_str));
                said.and_then(|said| self.values.iter().find(|known| *known == said))
            }
            Source::Age(limits) => age(event).and_then(|age| self.values.get(limits.partition_point(|it| *it <= age))),
            Source::PensionAge(table) => {
                reached(event, table).and_then(|reached| self.values.get(usize::from(reached)))
            }
        };
        found.map_or(self.missing.as_str(), String::as_str)
    }
}

impl Fact {
    /// Whether it is the citizen's age, and the event does not say it.
    pub fn is_unknown_age(&self, event: &Event) -> bool {
        matches!(self.from, Source::Age(_) | Source::PensionAge(_)) && self.of(event) == self.missing
    }
}

fn born(event: &Event) -> Option<Date> {
    Cpr::parse(event.data.get("citizen")?.get("cpr")?.as_str()?)?.born()
}

/// The citizen's age in whole years on the deciding day; `None` where the number does not say it.
fn age(event: &Event) -> Option<i32> {
    let span = born(event)?.until((Unit::Year, event.deciding_date())).ok()?;
    Some(i32::from(span.get_years()))
}

fn reached(event: &Event, table: &[(Date, i32)]) -> Option<bool> {
    let born = born(event)?;
    let (_, months) = table.iter().find(|(from, _)| *from <= born)?;
    let day = born.checked_add(Span::new().months(*months)).ok()?;
    Some(day <= event.deciding_date())
}

/// The value at a JSON pointer (`/discharge/date`) within `data`.
pub fn pointer<'a>(data: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    let (first, rest) = match path.strip_prefix('/')?.split_once('/') {
        Some((first, rest)) => (first, Some(rest)),
        None => (path.strip_prefix('/')?, None),
    };
    let value = data.get(first)?;
    match rest {
        Some(rest) => value.pointer(&format!("/{rest}")),
        None => Some(value),
    }
}

/// Conditions on facts: each must have one of its values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conditions(pub(in crate::agreement) BTreeMap<String, BTreeSet<String>>);

impl Conditions {
    /// Whether they hold, given each fact's value.
    pub fn hold<'a>(&self, value_of: impl Fn(&str) -> &'a str) -> bool {
        self.0.iter().all(|(fact, allowed)| allowed.contains(value_of(fact)))
    }

    /// The values that a fact may have; `None` where any will do.
    pub fn allowed(&self, fact: &str) -> Option<&BTreeSet<String>> {
        self.0.get(fact)
    }

    /// The facts that they look at.
    pub fn facts(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

impl std::fmt::Display for Conditions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let values =
            |allowed: &BTreeSet<String>| allowed.iter().map(String::as_str).collect::<Vec<_>>().join(" eller ");
        let all: Vec<String> = self.0.iter().map(|(fact, allowed)| format!("{fact} er {}", values(allowed))).collect();
        f.write_str(&all.join(" og "))
    }
}
