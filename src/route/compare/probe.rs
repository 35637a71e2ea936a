//! The situations that two editions tell apart, each as an event. Between two days on which some
//! period begins or ends nothing changes, and what conditions look at has few values, so that they
//! can all be asked about.

use std::collections::{BTreeMap, BTreeSet};

use budstikke_contract::event::{Event, EventKind, Occurred, SourcePath, WireId};
use budstikke_contract::id::{CaseKey, EventId};
use budstikke_contract::law::LawRef;
use budstikke_contract::municipality::MunicipalityCode;
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::change::Decided;
use crate::agreement::model::{Agreement, Rule};
use crate::agreement::period::{Period, stretches};
use crate::route::{Earlier, Known, route};

/// One situation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) kind: EventKind,
    pub(super) law: Option<LawRef>,
    pub(super) residence: MunicipalityCode,
    /// Who sends it: a party, or someone outside.
    pub(super) sender: String,
    /// Who asked what it answers, where it answers.
    pub(super) asker: Option<String>,
    /// Whether what it presupposes has come before.
    pub(super) preceded: bool,
    /// The value of each fact that may matter.
    pub(super) facts: BTreeMap<String, String>,
    /// The days on which all of this is the same.
    pub(super) period: Period,
}

/// The kinds of events that either edition speaks of.
pub(super) fn kinds(old: &Agreement, new: &Agreement) -> BTreeSet<EventKind> {
    old.rules.iter().chain(&new.rules).map(|rule| rule.event).collect()
}

fn rules_of<'a>(agreements: [&'a Agreement; 2], kind: EventKind) -> Vec<&'a Rule> {
    agreements.into_iter().flat_map(|it| &it.rules).filter(|rule| rule.event == kind).collect()
}

/// Every situation in which an event of one kind can come.
pub(super) fn cells(old: &Agreement, new: &Agreement, kind: EventKind) -> Vec<Cell> {
    let both = [old, new];
    let rules = rules_of(both, kind);
    let laws: BTreeSet<Option<LawRef>> = rules.iter().map(|rule| Some(rule.law.clone())).chain([None]).collect();
    let parties = both.into_iter().flat_map(|it| &it.parties);
    let residences: BTreeSet<MunicipalityCode> = parties.clone().map(|party| party.municipality).collect();
    let names: BTreeSet<String> = parties.map(|party| party.id.to_string()).collect();
    let outsiders = both.into_iter().flat_map(|it| it.outsiders.iter().cloned());
    let senders: BTreeSet<String> = names.iter().cloned().chain(outsiders).collect();
    let answers = rules.iter().any(|rule| rule.answers.is_some());
    let askers: Vec<Option<String>> = if answers { names.into_iter().map(Some).collect() } else { vec![None] };
    let preceded: &[bool] = if rules.iter().any(|rule| rule.presupposes.is_some()) { &[true, false] } else { &[true] };
    let situations = situations(both, &rules);
    let periods = periods(both, &rules);
    let mut cells = Vec::new();
    for law in &laws {
        for residence in &residences {
            for sender in &senders {
                for asker in &askers {
                    for preceded in preceded {
                        for facts in &situations {
                            cells.extend(periods.iter().map(|period| Cell {
                                kind,
                                law: law.clone(),
                                residence: *residence,
                                sender: sender.clone(),
                                asker: asker.clone(),
                                preceded: *preceded,
                                facts: facts.clone(),
                                period: *period,
                            }));
                        }
                    }
                }
            }
        }
    }
    cells
}

/// The stretches of days within which neither edition changes, for events of one kind.
fn periods(both: [&Agreement; 2], rules: &[&Rule]) -> Vec<Period> {
    let of_rules = rules.iter().map(|rule| &rule.period);
    let of_performers = both.into_iter().flat_map(|it| &it.responsibilities).map(|it| &it.period);
    let all: Vec<&Period> = of_rules.chain(of_performers).collect();
    let Some(start) = all.iter().map(|period| period.from).min() else { return Vec::new() };
    stretches(start, all)
}

/// Every combination of the values of the facts that rules of one kind, or the duties that they
/// open, look at.
fn situations(both: [&Agreement; 2], rules: &[&Rule]) -> Vec<BTreeMap<String, String>> {
    let mut values: BTreeMap<&str, BTreeSet<&String>> = BTreeMap::new();
    for agreement in both {
        let duties = rules.iter().flat_map(|rule| &rule.duties).filter_map(|id| agreement.duties.get(id));
        let of_duties = duties.flat_map(|duty| duty.when.facts());
        let named: BTreeSet<&str> = rules.iter().flat_map(|rule| rule.when.facts()).chain(of_duties).collect();
        for fact in agreement.facts.iter().filter(|(id, _)| named.contains(id.as_str())) {
            values.entry(fact.0).or_default().extend(fact.1.values.iter().chain([&fact.1.missing]));
        }
    }
    let mut all = vec![BTreeMap::new()];
    for (fact, values) in values {
        let longer = all.iter().flat_map(|situation: &BTreeMap<String, String>| {
            values.iter().map(move |value| {
                let mut longer = situation.clone();
                longer.insert(fact.to_owned(), (*value).clone());
                longer
            })
        });
        all = longer.collect();
    }
    all
}

impl Cell {
    /// What an edition decides in this situation.
    pub(super) fn decide(&self, agreement: &Agreement) -> Option<Decided> {
        let event = event(agreement, self, self.kind, self.law.clone(), &self.sender)?;
        let known = self.known(agreement, &event)?;
        Some(route(agreement, EventId::of_hub("probe", "", 0), &event, &known))
    }

    /// What would be known: what it presupposes, and the question that it answers, as this edition
    /// would have had it asked.
    fn known(&self, agreement: &Agreement, event: &Event) -> Option<Known> {
        let mut known = Known::nothing(event.case.clone());
        let own = || agreement.rules.iter().filter(|rule| rule.event == self.kind);
        if self.preceded {
            let kinds: BTreeSet<EventKind> = own().filter_map(|rule| rule.presupposes).collect();
            let earlier = |kind| Earlier { kind, id: event.id.clone(), event: EventId::of_hub("probe", "earlier", 0) };
            known.earlier = kinds.into_iter().map(earlier).collect();
        }
        let Some(asker) = &self.asker else { return Some(known) };
        let names: BTreeSet<&String> = own().filter_map(|rule| rule.answers.as_ref()).collect();
        for name in names {
            let mut openers = agreement.rules.iter().filter(|rule| rule.duties.contains(name));
            let asked = openers.find_map(|rule| {
                let asked = self::event(agreement, self, rule.event, Some(rule.law.clone()), asker)?;
                let nothing = Known::nothing(asked.case.clone());
                let routing = route(agreement, EventId::of_hub("probe", "asked", 0), &asked, &nothing).ok()?;
                routing.opened.into_iter().find(|duty| duty.terms.name == *name)
            });
            known.open.extend(asked);
        }
        Some(known)
    }
}

/// The event of a situation. `None` where the sender's name could stand in no event.
fn event(agreement: &Agreement, cell: &Cell, kind: EventKind, law: Option<LawRef>, sender: &str) -> Option<Event> {
    let source = SourcePath::parse(&format!("/{sender}/system"))?;
    Some(Event {
        id: WireId::parse("probe")?,
        kind,
        time: Timestamp::UNIX_EPOCH,
        occurred: Some(Occurred::On(cell.period.from)),
        case: CaseKey::derive(kind.area(), &source, "probe"),
        correlation: None,
        causation: None,
        residence: Some(cell.residence),
        law,
        data: data(agreement, cell),
        source,
    })
}

/// Content that has the cell's facts, and the days from which duties are reckoned.
fn data(agreement: &Agreement, cell: &Cell) -> Map<String, Value> {
    let mut data = Map::new();
    for due in agreement.duties.values().filter_map(|duty| duty.due.as_ref()) {
        put(&mut data, &due.after, day(cell.period.from));
    }
    for (id, value) in &cell.facts {
        if let Some(fact) = agreement.facts.get(id) {
            put(&mut data, &fact.path, Value::String(value.clone()));
        }
    }
    data
}

fn day(day: Date) -> Value {
    json!({"date": day.to_string(), "certainty": "actual"})
}

/// Puts a value where a JSON pointer leads, making the objects on the way.
fn put(data: &mut Map<String, Value>, path: &str, value: Value) {
    let mut steps: Vec<&str> = path.split('/').skip(1).collect();
    let Some(last) = steps.pop() else { return };
    let mut place = data;
    for step in steps {
        let next = place.entry(step).or_insert_with(|| Value::Object(Map::new()));
        let Value::Object(next) = next else { return };
        place = next;
    }
    place.insert(last.to_owned(), value);
}
