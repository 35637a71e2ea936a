//! What differs between two decisions about one event.

use std::collections::{BTreeMap, BTreeSet};

use budstikke_contract::reason::Reason;
use serde_json::Value;

use super::Sort;
use crate::agreement::model::Capacity;
use crate::route::Routing;

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// A mailbox comes to get it.
    Gets(String, Capacity),
    /// A mailbox gets it no longer.
    Loses(String, Capacity),
    /// A mailbox gets it in another capacity: before, after.
    As(String, Capacity, Capacity),
    /// It can be decided about now; the code for which it stopped before.
    Goes(String),
    /// It stops now: the code.
    Stops(String),
    /// It stops for another reason: before, after.
    StopsOtherwise(String, String),
    /// A party comes to owe something.
    Owes(Owed),
    /// A party no longer comes to owe something.
    OwesNoMore(Owed),
    /// Something is owed on other terms.
    Terms {
        /// What is owed, and by whom.
        owed: Owed,
        /// Which of the terms.
        aspect: String,
        /// As it was.
        before: String,
        /// As it is to be.
        after: String,
    },
    /// It rests on other clauses, or less surely: before, after.
    Rests(String, String),
}

/// Something that a party owes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Owed {
    /// The party, by its name in ids.
    pub by: String,
    /// The duty's name in the agreement.
    pub name: String,
    /// What is owed, for people.
    pub what: String,
    /// By when, and why then.
    pub due: String,
}

impl What {
    /// Whether by it an event goes elsewhere, or somebody else owes what it asks for.
    pub fn is_elsewhere(&self) -> bool {
        match self {
            Self::Gets(..)
            | Self::Loses(..)
            | Self::As(..)
            | Self::Goes(_)
            | Self::Stops(_)
            | Self::Owes(_)
            | Self::OwesNoMore(_) => true,
            Self::StopsOtherwise(..) | Self::Terms { .. } | Self::Rests(..) => false,
        }
    }

    /// What kind of thing changes.
    pub fn sort(&self) -> Sort {
        match self {
            Self::Gets(..) | Self::Loses(..) | Self::As(..) => Sort::Receiver,
            Self::Goes(_) | Self::Stops(_) | Self::StopsOtherwise(..) => Sort::Stop,
            Self::Owes(_) | Self::OwesNoMore(_) | Self::Terms { .. } => Sort::Duty,
            Self::Rests(..) => Sort::Ground,
        }
    }
}

/// A decision, or why there is none.
pub type Decided = Result<Routing, Reason>;

/// All that differs. Empty where both editions decide the same by the same clauses.
pub fn between(old: &Decided, new: &Decided) -> Vec<What> {
    match (old, new) {
        (Ok(old), Ok(new)) => {
            let mut all = receivers(old, new);
            all.extend(duties(old, new));
            all.extend(ground(old, new));
            all
        }
        (Err(old), Err(new)) if old.code == new.code => Vec::new(),
        (Err(old), Err(new)) => vec![What::StopsOtherwise(old.code.to_string(), new.code.to_string())],
        (Ok(old), Err(new)) => {
            let lost = told(old).into_iter().map(|(mailbox, capacity)| What::Loses(mailbox, capacity));
            [What::Stops(new.code.to_string())].into_iter().chain(lost).collect()
        }
        (Err(old), Ok(new)) => {
            let got = told(new).into_iter().map(|(mailbox, capacity)| What::Gets(mailbox, capacity));
            let owed = new.opened.iter().map(|duty| What::Owes(owed(duty)));
            [What::Goes(old.code.to_string())].into_iter().chain(got).chain(owed).collect()
        }
    }
}

/// Who gets it, and in what capacity. By which ways is the mailbox's own affair.
fn told(routing: &Routing) -> BTreeMap<String, Capacity> {
    let mut told: BTreeMap<String, Capacity> = BTreeMap::new();
    for planned in &routing.deliveries {
        let one = told.entry(planned.mailbox.to_string()).or_insert(planned.capacity);
        *one = planned.capacity.max(*one);
    }
    told
}

fn receivers(old: &Routing, new: &Routing) -> Vec<What> {
    let (old, new) = (told(old), told(new));
    let mut all = Vec::new();
    for (mailbox, before) in &old {
        match new.get(mailbox) {
            None => all.push(What::Loses(mailbox.clone(), *before)),
            Some(after) if after != before => all.push(What::As(mailbox.clone(), *before, *after)),
            Some(_) => {}
        }
    }
    let came = new.iter().filter(|(mailbox, _)| !old.contains_key(*mailbox));
    all.extend(came.map(|(mailbox, capacity)| What::Gets(mailbox.clone(), *capacity)));
    all
}

fn owed(duty: &crate::duty::Duty) -> Owed {
    Owed {
        by: duty.terms.owed_by.clone(),
        name: duty.terms.name.clone(),
        what: duty.terms.what.clone(),
        due: undated(&duty.due.reason).to_owned(),
    }
}

/// Why something is due when it is, without the day from which that was reckoned.
fn undated(reason: &str) -> &str {
    match reason.rsplit_once(' ') {
        Some((words, day)) if day.parse::<jiff::civil::Date>().is_ok() => words,
        _ => reason,
    }
}

fn duties(old: &Routing, new: &Routing) -> Vec<What> {
    let key = |duty: &crate::duty::Duty| (duty.terms.name.clone(), duty.terms.owed_by.clone());
    let of =
        |routing: &Routing| -> BTreeMap<_, _> { routing.opened.iter().map(|duty| (key(duty), duty.clone())).collect() };
    let (old, new) = (of(old), of(new));
    let mut all = Vec::new();
    for (key, before) in &old {
        match new.get(key) {
            Some(after) => all.extend(terms(before, after)),
            None => all.push(What::OwesNoMore(owed(before))),
        }
    }
    all.extend(new.iter().filter(|(key, _)| !old.contains_key(*key)).map(|(_, duty)| What::Owes(owed(duty))));
    all
}

/// What the terms of a duty are called, by their names in the ledger.
const ASPECTS: [(&str, &str); 10] = [
    ("kind", "arten"),
    ("what", "hvad der skal gøres"),
    ("law", "loven"),
    ("due", "fristen"),
    ("met_by", "den hændelse, der opfylder den,"),
    ("met_from", "datoen, der opfylder den,"),
    ("moved_by", "det, der flytter fristen,"),
    ("closed_by", "det, der lukker den,"),
    ("remind", "påmindelsen"),
    ("late", "følgen af, at fristen overskrides,"),
];

fn terms(before: &crate::duty::Duty, after: &crate::duty::Duty) -> Vec<What> {
    let as_value = |duty: &crate::duty::Duty| serde_json::to_value(&duty.terms).unwrap_or_default();
    let (old, new) = (as_value(before), as_value(after));
    let names: BTreeSet<&String> =
        [&old, &new].into_iter().filter_map(Value::as_object).flat_map(|it| it.keys()).collect();
    let about = owed(after);
    let mut all = Vec::new();
    for name in names {
        let (was, is) = (old.get(name), new.get(name));
        if was == is || matches!(name.as_str(), "name" | "owed_by" | "clause") {
            continue;
        }
        let aspect = ASPECTS.iter().find(|(known, _)| known == name).map_or(name.as_str(), |(_, said)| said);
        let (before, after) = if name == "due" && before.due.reason != after.due.reason {
            (undated(&before.due.reason).to_owned(), undated(&after.due.reason).to_owned())
        } else {
            (shown(was), shown(is))
        };
        all.push(What::Terms { owed: about.clone(), aspect: aspect.to_owned(), before, after });
    }
    let (was, is) = (&before.terms.clause, &after.terms.clause);
    if was != is {
        all.push(What::Rests(format!("{was} (pligten {})", before.terms.name), is.clone()));
    }
    all
}

/// A value as a person reads it, in one line.
fn shown(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "ikke sat".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(list)) if list.is_empty() => "intet".to_owned(),
        Some(Value::Array(list)) => list.iter().map(|one| shown(Some(one))).collect::<Vec<_>>().join(", "),
        Some(Value::Object(object)) => {
            let said = object.values().filter(|it| !it.is_null());
            said.map(|one| shown(Some(one))).collect::<Vec<_>>().join(", ")
        }
        Some(other) => other.to_string(),
    }
}

/// The clauses that decide, each with how surely it says so.
fn clauses(routing: &Routing) -> String {
    let of_deliveries = routing.deliveries.iter().flat_map(|planned| &planned.because);
    let all: BTreeSet<String> = routing
        .because
        .iter()
        .chain(of_deliveries)
        .map(|it| match it.standing.remark() {
            Some(remark) => format!("{} ({remark})", it.clause),
            None => it.clause.to_string(),
        })
        .collect();
    all.into_iter().collect::<Vec<_>>().join(", ")
}

fn ground(old: &Routing, new: &Routing) -> Option<What> {
    let (old, new) = (clauses(old), clauses(new));
    (old != new).then_some(What::Rests(old, new))
}
