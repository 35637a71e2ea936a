//! The same change in many situations, said once.

use std::collections::{BTreeMap, BTreeSet};

use budstikke_contract::event::EventKind;
use budstikke_contract::law::LawRef;
use serde::Serialize;

use super::change::{What, between};
use super::probe::{self, Cell};
use super::{Change, words};
use crate::agreement::model::Agreement;
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
    pub when: BTreeSet<BTreeMap<String, String>>,
    /// Whether only where what it presupposes has not come before.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unpreceded: bool,
}

/// Under which law, which change, and when.
type Key = (Option<LawRef>, What, Period, bool);

/// The situations of one change, by what tells them apart.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Who {
    residences: BTreeSet<String>,
    senders: BTreeSet<String>,
    askers: BTreeSet<String>,
    when: BTreeSet<BTreeMap<String, String>>,
}

/// All that changes for one kind of event.
pub(super) fn of_kind(old: &Agreement, new: &Agreement, kind: EventKind) -> Vec<Change> {
    let mut found: BTreeMap<Key, Vec<Cell>> = BTreeMap::new();
    let mut all = Who::default();
    for cell in probe::cells(old, new, kind) {
        let (Some(before), Some(after)) = (cell.decide(old), cell.decide(new)) else { continue };
        if before.is_ok() || after.is_ok() {
            all.take(&cell);
        }
        for what in between(&before, &after) {
            let key = (cell.law.clone(), what, cell.period, !cell.preceded);
            found.entry(key).or_default().push(cell.clone());
        }
    }
    let found = without_unnamed_laws(found);
    let joined = join_periods(found);
    let names = words::Names::of(old, new);
    let mut changes = Vec::new();
    for ((law, what, period, unpreceded), cells) in joined {
        for who in boxes(&cells) {
            let scope = who.scope(&all, period, unpreceded, names);
            changes.push(Change {
                sort: what.sort(),
                about: words::about(kind, law.as_ref()),
                scope,
                text: words::text(&what, names),
                what: Some(what.clone()),
            });
        }
    }
    changes
}

/// An event that names no law falls under the only one there is; what is said of that law is said.
fn without_unnamed_laws(mut found: BTreeMap<Key, Vec<Cell>>) -> BTreeMap<Key, Vec<Cell>> {
    let named: BTreeSet<(What, Period, bool)> =
        found.keys().filter(|key| key.0.is_some()).map(|(_, what, period, un)| (what.clone(), *period, *un)).collect();
    found.retain(|(law, what, period, un), _| law.is_some() || !named.contains(&(what.clone(), *period, *un)));
    found
}

/// Stretches that follow on one another and change the same for the same become one.
fn join_periods(found: BTreeMap<Key, Vec<Cell>>) -> Vec<(Key, Vec<Cell>)> {
    let same = |cell: &Cell| Cell { period: Period::since(jiff::civil::Date::MIN), ..cell.clone() };
    let mut joined: Vec<(Key, Vec<Cell>)> = Vec::new();
    for ((law, what, period, unpreceded), cells) in found {
        let cells: Vec<Cell> = cells.iter().map(same).collect();
        let follows = |(key, known): &&mut (Key, Vec<Cell>)| {
            let next = key.2.to.and_then(|to| to.tomorrow().ok());
            (&key.0, &key.1, key.3) == (&law, &what, unpreceded) && next == Some(period.from) && *known == cells
        };
        match joined.iter_mut().rev().find(follows) {
            Some((key, _)) => key.2.to = period.to,
            None => joined.push(((law, what, period, unpreceded), cells)),
        }
    }
    joined
}

/// What tells boxes apart but for one side, and how that side is added.
type Side = (fn(&Who) -> Who, fn(&mut Who, Who));

/// The situations as few boxes: in each, every residence goes with every sender, asker and value.
fn boxes(cells: &[Cell]) -> Vec<Who> {
    let mut boxes: BTreeSet<Who> = cells
        .iter()
        .map(|cell| {
            let mut one = Who::default();
            one.take(cell);
            one
        })
        .collect();
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
    boxes.into_iter().collect()
}

impl Who {
    fn take(&mut self, cell: &Cell) {
        self.residences.insert(cell.residence.to_string());
        self.senders.insert(cell.sender.clone());
        self.askers.extend(cell.asker.clone());
        self.when.insert(cell.facts.clone());
    }

    /// What need not be said is left out: that it holds for all.
    fn scope(self, all: &Self, period: Period, unpreceded: bool, names: words::Names<'_>) -> Scope {
        let unless = |some: BTreeSet<String>, all: &BTreeSet<String>| if some == *all { BTreeSet::new() } else { some };
        let residences = unless(self.residences, &all.residences);
        Scope {
            from: Some(period.from.to_string()),
            to: period.to.map(|to| to.to_string()),
            residences: residences.iter().map(|code| names.municipality(code)).collect(),
            senders: unless(self.senders, &all.senders),
            askers: unless(self.askers, &all.askers),
            when: if self.when == all.when { BTreeSet::new() } else { self.when },
            unpreceded,
        }
    }
}
