//! How much of what two editions say of one kind of event has to be asked about. Most kinds are not
//! touched by a change, and of a performer that changes only the own matters are.

use std::collections::{BTreeMap, BTreeSet};

use budstikke_contract::event::EventKind;

use crate::agreement::model::{Agreement, Area, Duty, Fact, Matter, PerformerBy, Responsibility, Rule, Subject, Team};

/// What has to be asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Extent {
    /// Nothing: both say the same.
    Nothing,
    /// The events that name one of these matters, whose performer changes.
    Matters(BTreeSet<Matter>),
    /// All of it.
    Everything,
}

/// The rules about a kind, and those that open what it answers.
pub(super) fn concerned(agreement: &Agreement, kind: EventKind) -> Vec<&Rule> {
    let own = || agreement.rules.iter().filter(move |rule| rule.event == kind);
    let answered: BTreeSet<&String> = own().filter_map(|rule| rule.answers.as_ref()).collect();
    let opens = |rule: &&Rule| rule.event != kind && rule.duties.iter().any(|duty| answered.contains(duty));
    own().chain(agreement.rules.iter().filter(opens)).collect()
}

/// How much of one kind has to be asked about, where the performer of these matters changes.
pub(super) fn of(old: &Agreement, new: &Agreement, kind: EventKind, changed: &BTreeSet<Matter>) -> Extent {
    let rules = [concerned(old, kind), concerned(new, kind)];
    if !same_rules(&rules) || surroundings(old, &rules[0]) != surroundings(new, &rules[1]) {
        return Extent::Everything;
    }
    let fixed = |rule: &&Rule| matches!(&rule.performer_by, PerformerBy::Matter(matter) if changed.contains(matter));
    if rules[1].iter().any(fixed) {
        return Extent::Everything;
    }
    if !changed.is_empty() && rules[1].iter().any(|rule| rule.performer_by == PerformerBy::Event) {
        return Extent::Matters(changed.clone());
    }
    Extent::Nothing
}

fn same_rules([old, new]: &[Vec<&Rule>; 2]) -> bool {
    let known_again = |rule: &&Rule| old.iter().any(|other| other.says_same(rule));
    old.len() == new.len() && new.iter().all(known_again)
}

/// What each matter's performers are said to be.
type ByMatter<'a> = BTreeMap<&'a Matter, Vec<&'a Responsibility>>;

/// The matters of which the editions do not say the same.
pub(super) fn changed_matters(old: &Agreement, new: &Agreement) -> BTreeSet<Matter> {
    let (old, new) = (by_matter(old), by_matter(new));
    let same = |matter: &&Matter| {
        let (Some(was), Some(is)) = (old.get(*matter), new.get(*matter)) else { return false };
        was.len() == is.len() && was.iter().zip(is).all(|(one, other)| one.says_same(other))
    };
    let all: BTreeSet<&Matter> = old.keys().chain(new.keys()).copied().collect();
    all.into_iter().filter(|matter| !same(matter)).cloned().collect()
}

fn by_matter(agreement: &Agreement) -> ByMatter<'_> {
    let mut all = ByMatter::new();
    for it in &agreement.responsibilities {
        all.entry(&it.matter).or_default().push(it);
    }
    all
}

/// What rules lean on beside performers, so far as it can change what they say.
#[derive(Debug, PartialEq)]
struct Surroundings<'a> {
    parties: Vec<(&'a str, String)>,
    outsiders: &'a BTreeSet<String>,
    duties: Vec<Option<&'a Duty>>,
    facts: &'a BTreeMap<String, Fact>,
    teams: Option<&'a BTreeMap<String, Area>>,
    subjects: Option<&'a Vec<Subject>>,
}

fn surroundings<'a>(agreement: &'a Agreement, rules: &[&'a Rule]) -> Surroundings<'a> {
    let named: BTreeSet<&String> = rules.iter().flat_map(|rule| rule.duties.iter().chain(&rule.answers)).collect();
    let duties: Vec<Option<&Duty>> = named.into_iter().map(|id| agreement.duties.get(id)).collect();
    let told = duties.iter().flatten().flat_map(|duty| {
        let late = duty.late.iter().flat_map(|late| &late.to);
        duty.remind.iter().flat_map(|remind| &remind.to).chain(late)
    });
    let mut mailboxes = rules.iter().flat_map(|rule| &rule.receivers).map(|it| &it.mailbox).chain(told);
    let by_area =
        mailboxes.any(|it| it.team == Team::OfArea) || rules.iter().any(|rule| rule.performer_by == PerformerBy::Event);
    let by_subject = rules.iter().any(|rule| rule.kle.is_some());
    Surroundings {
        parties: agreement.parties.iter().map(|it| (it.id.as_str(), it.municipality.to_string())).collect(),
        outsiders: &agreement.outsiders,
        duties,
        facts: &agreement.facts,
        teams: by_area.then_some(&agreement.work),
        subjects: by_subject.then_some(&agreement.subjects),
    }
}
