//! The same change in many situations, said once.

use std::collections::{BTreeMap, BTreeSet};

use budstikke_contract::event::EventKind;
use serde::Serialize;

use super::change::{What, between};
use super::extent::Extent;
use super::probe::{self, Cell, Situation};
use super::words::Names;
use super::{Change, extent, words};
use crate::agreement::model::{Agreement, Matter};
use crate::agreement::period::Period;

/// For whom, from when, and in which situations. What is empty holds for all.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Scope {
    /// The first day; `None` where no day is meant.
    pub from: Option<String>,
    /// The last day.
    pub to: Option<String>,
    /// Whose citizens, by the municipality's name.
    pub residences: BTreeSet<String>,
    /// Who sends it.
    pub senders: BTreeSet<String>,
    /// Who asked what it answers.
    pub askers: BTreeSet<String>,
    /// In which situations: fact → value, any of them.
    pub when: BTreeSet<Situation>,
    /// Whether only where what it presupposes has not come before.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unpreceded: bool,
}

/// What is said of a citizen's home where an event is about no citizen.
const NOBODY: &str = "ingen borger";

/// Under which law, which change, whether preceded, and when.
type Key = (Option<String>, What, bool, Period);

/// The situations of one change, by what tells them apart.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Who {
    residences: BTreeSet<String>,
    senders: BTreeSet<String>,
    askers: BTreeSet<String>,
    when: BTreeSet<Situation>,
}

/// All that changes for one kind of event.
pub(super) fn of_kind(old: &Agreement, new: &Agreement, kind: EventKind, changed: &BTreeSet<Matter>) -> Vec<Change> {
    let extent = extent::of(old, new, kind, changed);
    if extent == Extent::Nothing {
        return Vec::new();
    }
    let mut found: BTreeMap<Key, BTreeSet<Who>> = BTreeMap::new();
    let mut all = Who::default();
    for cell in probe::cells(old, new, kind, &extent) {
        let (Some(before), Some(after)) = (cell.decide(old), cell.decide(new)) else { continue };
        let differing = between(&before, &after);
        if before.is_err() && after.is_err() && differing.is_empty() {
            continue;
        }
        let Some(situation) = cell.situation(new) else { continue };
        if before.is_ok() || after.is_ok() {
            all.take(&cell, &situation);
        }
        for what in differing {
            let law = cell.said.law.as_ref().map(ToString::to_string);
            let mut one = Who::default();
            one.take(&cell, &situation);
            found.entry((law, what, !cell.preceded, cell.period)).or_default().insert(one);
        }
    }
    let names = Names::of(old, new);
    let mut changes: BTreeMap<(Scope, What), BTreeSet<String>> = BTreeMap::new();
    for ((law, what, unpreceded, period), who) in join_periods(without_unnamed_laws(found)) {
        for one in boxes(who) {
            let scope = one.scope(&all, period, unpreceded, names);
            changes.entry((scope, what.clone())).or_default().extend(law.clone());
        }
    }
    let said = changes.into_iter().map(|((scope, what), laws)| Change {
        sort: what.sort(),
        about: words::about(kind, &laws),
        scope,
        text: words::text(&what, names),
        laws,
        what: Some(what),
    });
    said.collect()
}

/// An event that names no law falls under the only one there is; what is said of that law is said.
fn without_unnamed_laws(mut found: BTreeMap<Key, BTreeSet<Who>>) -> BTreeMap<Key, BTreeSet<Who>> {
    let named: BTreeSet<(What, bool, Period)> =
        found.keys().filter(|key| key.0.is_some()).map(|(_, what, un, period)| (what.clone(), *un, *period)).collect();
    found.retain(|(law, what, un, period), _| law.is_some() || !named.contains(&(what.clone(), *un, *period)));
    found
}

/// Stretches that follow on one another and change the same for the same become one.
fn join_periods(found: BTreeMap<Key, BTreeSet<Who>>) -> Vec<(Key, BTreeSet<Who>)> {
    let mut joined: Vec<(Key, BTreeSet<Who>)> = Vec::new();
    for (key, who) in found {
        let (law, what, unpreceded, period) = &key;
        if let Some(((law_before, what_before, un_before, last), who_before)) = joined.last_mut()
            && (&*law_before, &*what_before, &*un_before) == (law, what, unpreceded)
            && last.to.and_then(|to| to.tomorrow().ok()) == Some(period.from)
            && *who_before == who
        {
            last.to = period.to;
            continue;
        }
        joined.push((key, who));
    }
    joined
}

/// What tells boxes apart but for one side, and how that side is added.
type Side = (fn(&Who) -> Who, fn(&mut Who, Who));

/// The situations as few boxes: in each, every residence goes with every sender, asker and value.
fn boxes(mut boxes: BTreeSet<Who>) -> BTreeSet<Who> {
    let sides: [Side; 4] = [
        (|it| Who { senders: BTreeSet::new(), ..it.clone() }, |to, from| to.senders.extend(from.senders)),
        (|it| Who { askers: BTreeSet::new(), ..it.clone() }, |to, from| to.askers.extend(from.askers)),
        (|it| Who { when: BTreeSet::new(), ..it.clone() }, |to, from| to.when.extend(from.when)),
        (|it| Who { residences: BTreeSet::new(), ..it.clone() }, |to, from| to.residences.extend(from.residences)),
    ];
    for (rest, add) in sides {
        let mut merged: BTreeMap<Who, Who> = BTreeMap::new();
        for one in boxes {
            match merged.get_mut(&rest(&one)) {
                Some(known) => add(known, one),
                None => drop(merged.insert(rest(&one), one)),
            }
        }
        boxes = merged.into_values().collect();
    }
    boxes
}

impl Who {
    fn take(&mut self, cell: &Cell, situation: &Situation) {
        self.residences.insert(cell.residence.map_or_else(|| NOBODY.to_owned(), |code| code.to_string()));
        self.senders.insert(cell.sender.clone());
        self.askers.extend(cell.asker.clone());
        self.when.insert(situation.clone());
    }

    /// What need not be said is left out: that it holds for all.
    fn scope(self, all: &Self, period: Period, unpreceded: bool, names: Names<'_>) -> Scope {
        let unless = |some: BTreeSet<String>, all: &BTreeSet<String>| if some == *all { BTreeSet::new() } else { some };
        let residences = unless(self.residences, &all.residences);
        Scope {
            from: Some(period.from.to_string()),
            to: period.to.map(|to| to.to_string()),
            residences: residences.iter().map(|code| names.municipality(code)).collect(),
            senders: unless(self.senders, &all.senders),
            askers: unless(self.askers, &all.askers),
            when: telling(self.when, &all.when),
            unpreceded,
        }
    }
}

/// The situations without the facts that tell nothing: those that may have any value they can have,
/// whatever the others have.
fn telling(mut when: BTreeSet<Situation>, all: &BTreeSet<Situation>) -> BTreeSet<Situation> {
    let facts: BTreeSet<String> = all.iter().flat_map(|situation| situation.keys().cloned()).collect();
    for fact in facts {
        let without = |situation: &Situation| {
            let mut rest = situation.clone();
            rest.remove(&fact);
            rest
        };
        let rests: BTreeSet<Situation> = when.iter().map(without).collect();
        // Of all situations that agree with one of these in the other facts, none is missing.
        let agreeing = |situation: &&Situation| {
            let rest = without(situation);
            rests.iter().any(|known| known.iter().all(|(fact, value)| rest.get(fact) == Some(value)))
        };
        let covered = |situation: &Situation| {
            when.iter().any(|known| known.iter().all(|(fact, value)| situation.get(fact) == Some(value)))
        };
        if all.iter().filter(agreeing).all(covered) {
            when = rests;
        }
    }
    when.retain(|situation| !situation.is_empty());
    when
}
