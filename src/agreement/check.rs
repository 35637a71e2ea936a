//! What a set of rules must be to decide every case the same way: no day on which nobody performs
//! or no rule speaks, none on which two say the same, none on which two say different things.
//!
//! Nothing is sampled. Between two days on which some period begins or ends nothing changes, and
//! the facts that conditions look at have few values, so every combination is looked at.

use std::collections::{BTreeMap, BTreeSet};

use budstikke_contract::event::EventKind;
use budstikke_contract::kle::Kle;
use budstikke_contract::law::LawRef;
use budstikke_schemas::KINDS;
use jiff::civil::Date;

use super::fault::{Fault, Kind};
use super::model::{Agreement, Duty, Matter, PartyId, PerformerBy, Place, Responsibility, Role, Rule};
use super::period::{Period, stretches};

/// What stands for every area that is not named, where an agreement settles some only.
const ALL_OTHER: &str = "alle-andre";

/// All faults of a built agreement.
pub(super) fn check(agreement: &Agreement) -> Vec<Fault> {
    let mut faults = Vec::new();
    let Some(since) = agreement.since else {
        faults.push(no_beginning(agreement));
        return faults;
    };
    responsibilities(agreement, since, &mut faults);
    rules(agreement, since, &mut faults);
    supplements(agreement, &mut faults);
    presupposed(agreement, &mut faults);
    duties(agreement, &mut faults);
    silences(agreement, &mut faults);
    faults
}

fn at(place: &Place, kind: Kind, what: String, fix: &str) -> Fault {
    Fault { file: place.file.clone(), line: place.line, kind, what, fix: fix.to_owned() }
}

fn no_beginning(agreement: &Agreement) -> Fault {
    let place = Place { file: agreement.name.clone(), line: 1 };
    let what = "ingen fil siger, hvornår aftalen begynder".to_owned();
    at(&place, Kind::Form, what, "Skriv `gaelder_fra = 2007-01-01` under [fil] i mindst én fil.")
}

/// For each matter and each party's citizens: on every day, and for every combination of the facts
/// that it depends on, somebody is said to perform, or nobody is, and only one.
fn responsibilities(agreement: &Agreement, since: Date, faults: &mut Vec<Fault>) {
    let stated = agreement.responsibilities.iter().map(|it| it.matter.clone());
    let of_rule = |rule: &Rule| {
        let by = match &rule.performer_by {
            PerformerBy::Matter(matter) => Some(matter.clone()),
            PerformerBy::Event | PerformerBy::Nothing => None,
        };
        [rule.law.clone().map(Matter::Law), by]
    };
    let used = agreement.rules.iter().flat_map(of_rule).flatten();
    let matters: BTreeSet<Matter> = stated.chain(used).collect();
    for matter in &matters {
        for party in &agreement.parties {
            let own: Vec<&Responsibility> = agreement
                .responsibilities
                .iter()
                .filter(|it| it.matter == *matter && it.residence == party.id)
                .collect();
            responsibility_of(agreement, matter, &party.id, &own, since, faults);
        }
    }
}

fn responsibility_of(
    agreement: &Agreement,
    matter: &Matter,
    party: &PartyId,
    own: &[&Responsibility],
    since: Date,
    faults: &mut Vec<Fault>,
) {
    let situations = situations(agreement, own.iter().flat_map(|it| it.when.facts()));
    for stretch in stretches(since, own.iter().map(|it| &it.period)) {
        for situation in &situations {
            let holds =
                |it: &&&Responsibility| it.period.contains(stretch.from) && it.when.hold(|fact| known(situation, fact));
            let mut holding = own.iter().filter(holds);
            let when = describe(situation);
            let Some(first) = holding.next() else {
                let place = own.first().map_or_else(|| place_of_matter(agreement, matter), |it| it.place.clone());
                let what = format!("ingen udfører {matter} for borgere i {party} {stretch}{when}");
                let fix = "Tilføj et [[ansvar]] for de dage, ret en periode, eller sig `udfoerer = \"ingen\"`.";
                faults.push(at(&place, Kind::Gap, what, fix));
                continue;
            };
            for other in holding {
                faults.push(twice(matter, party, stretch, &when, first, other));
            }
        }
    }
}

/// Two that say who performs, on the same day of the same citizens.
fn twice(
    matter: &Matter,
    party: &PartyId,
    stretch: Period,
    when: &str,
    first: &Responsibility,
    other: &Responsibility,
) -> Fault {
    let (kind, how) = if first.performer == other.performer {
        (Kind::Overlap, "begge samme")
    } else {
        (Kind::Contradiction, "hver sin")
    };
    let name = |it: &Responsibility| it.performer.as_ref().map_or_else(|| "ingen".to_owned(), ToString::to_string);
    let what = format!(
        "bestemmelserne `{}` (linje {}) og `{}` giver {how} udfører af {matter} for borgere i {party} {stretch}{when}: {} og {}",
        first.clause,
        first.place.line,
        other.clause,
        name(first),
        name(other)
    );
    at(&other.place, kind, what, "Lad den ene slutte dagen før den anden begynder.")
}

fn place_of_matter(agreement: &Agreement, matter: &Matter) -> Place {
    let uses =
        |rule: &&Rule| rule.law.as_ref() == matter.law() || rule.performer_by == PerformerBy::Matter(matter.clone());
    let using = agreement.rules.iter().find(uses);
    using.map_or(Place { file: agreement.name.clone(), line: 1 }, |rule| rule.place.clone())
}

/// For each kind of event, law and KLE number: exactly one rule on every day and for every
/// combination of the facts, not counting those that say which rule they supplement. A rule for a
/// longer number goes before one for a shorter, so that those need leave nothing out.
fn rules(agreement: &Agreement, since: Date, faults: &mut Vec<Fault>) {
    let mut groups: BTreeMap<About<'_>, Vec<&Rule>> = BTreeMap::new();
    for rule in agreement.rules.iter().filter(|rule| rule.supplements.is_none()) {
        let about = About { event: rule.event, law: rule.law.as_ref(), kle: rule.kle.as_ref() };
        groups.entry(about).or_default().push(rule);
    }
    for (about, group) in &groups {
        let about = *about;
        let whatever_law = groups.get(&About { law: None, ..about }).filter(|_| about.law.is_some());
        if whatever_law.is_some_and(|others| others.iter().any(|other| other.speaks_of(about.law))) {
            faults.extend(group.first().map(|rule| beside_all(rule, about)));
        }
        let other_subjects = [about.law, None].map(|law| About { law, kle: None, ..about });
        if about.kle.is_some() && !other_subjects.iter().any(|others| groups.contains_key(others)) {
            faults.extend(group.first().map(|rule| some_subjects(rule, about)));
        }
        let situations = situations(agreement, group.iter().flat_map(|rule| rule.when.facts()));
        for stretch in stretches(since, group.iter().map(|rule| &rule.period)) {
            for situation in &situations {
                one_rule(about, stretch, situation, group, faults);
            }
        }
    }
}

/// What a group of rules is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct About<'a> {
    event: EventKind,
    law: Option<&'a LawRef>,
    kle: Option<&'a Kle>,
}

impl std::fmt::Display for About<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}`", self.event)?;
        if let Some(law) = self.law {
            write!(f, " efter {law}")?;
        }
        self.kle.map_or(Ok(()), |kle| write!(f, " med KLE {kle}"))
    }
}

fn beside_all(rule: &Rule, about: About<'_>) -> Fault {
    let what = format!("reglen `{}` om {about} står ved siden af en, der gælder uanset lov", rule.id);
    at(&rule.place, Kind::Contradiction, what, "Giv den anden sine love, eller slet loven i denne.")
}

fn some_subjects(rule: &Rule, about: About<'_>) -> Fault {
    let what = format!("reglen `{}` om {about} siger intet om andre emner, og ingen anden regel gør det", rule.id);
    at(&rule.place, Kind::Gap, what, "Tilføj en [[regel]] uden `kle`, som gælder de andre emner, eller sig `ingen`.")
}

/// A value for each fact that the rules of one group look at.
type Situation<'a> = BTreeMap<&'a str, &'a str>;

fn known<'a>(situation: &Situation<'a>, fact: &str) -> &'a str {
    situation.get(fact).copied().unwrap_or_default()
}

/// Every combination of values.
fn situations<'a>(agreement: &'a Agreement, facts: impl Iterator<Item = &'a str>) -> Vec<Situation<'a>> {
    let facts: BTreeSet<&str> = facts.collect();
    let mut all = vec![Situation::new()];
    for fact in facts {
        let values = agreement.facts.get(fact).map(|fact| fact.values.as_slice()).unwrap_or_default();
        let extended = all.iter().flat_map(|situation| {
            values.iter().map(move |value| {
                let mut longer = situation.clone();
                longer.insert(fact, value);
                longer
            })
        });
        all = extended.collect();
    }
    all
}

fn describe(situation: &Situation<'_>) -> String {
    let facts: Vec<String> = situation.iter().map(|(fact, value)| format!("{fact} = {value}")).collect();
    if facts.is_empty() { String::new() } else { format!(", når {}", facts.join(" og ")) }
}

fn one_rule(about: About<'_>, stretch: Period, situation: &Situation<'_>, group: &[&Rule], faults: &mut Vec<Fault>) {
    let holds = |rule: &&&Rule| rule.period.contains(stretch.from) && rule.when.hold(|fact| known(situation, fact));
    let mut holding = group.iter().filter(holds);
    let when = describe(situation);
    let Some(first) = holding.next() else {
        let Some(near) = group.first().filter(|_| about.kle.is_none()) else { return };
        let what = format!("ingen regel siger, hvem der skal have {about} {stretch}{when}");
        faults.push(at(&near.place, Kind::Gap, what, "Tilføj en [[regel]], ret en periode, eller sig `ingen`."));
        return;
    };
    for other in holding {
        let (kind, how) = if same_effect(first, other) {
            (Kind::Overlap, "siger det samme")
        } else {
            (Kind::Contradiction, "modsiger hinanden")
        };
        let what = format!(
            "reglerne `{}` (`{}`, linje {}) og `{}` (`{}`) {how} om {about} {stretch}{when}",
            first.id, first.clause, first.place.line, other.id, other.clause
        );
        let fix = "Ret en periode eller betingelse, eller skriv `supplerer` i den, der lægger til den anden.";
        faults.push(at(&other.place, kind, what, fix));
    }
}

fn same_effect(one: &Rule, other: &Rule) -> bool {
    let told = |rule: &Rule| -> BTreeSet<_> {
        rule.receivers.iter().map(|receiver| (receiver.mailbox.clone(), receiver.capacity)).collect()
    };
    told(one) == told(other) && one.duties == other.duties && one.answers == other.answers
}

/// A rule that supplements another speaks of the same kind of event, only while that one holds.
fn supplements(agreement: &Agreement, faults: &mut Vec<Fault>) {
    for rule in &agreement.rules {
        let Some(base) = &rule.supplements else { continue };
        let fits = agreement.rules.iter().any(|base_rule| {
            base_rule.id == *base
                && base_rule.supplements.is_none()
                && base_rule.event == rule.event
                && base_rule.law == rule.law
                && base_rule.nobody.is_none()
                && rule.nobody.is_none()
        });
        if !fits {
            let what = format!("reglen `{}` kan ikke supplere `{base}`", rule.id);
            let fix = "Nævn en selvstændig regel om samme hændelse og lov, som har modtagere.";
            faults.push(at(&rule.place, Kind::Name, what, fix));
        }
        let of_base = [
            ("besvarer", rule.answers.is_some()),
            ("forudsaetter", rule.presupposes.is_some()),
            ("udfoerer_efter", rule.performer_by != PerformerBy::law(rule.law.as_ref())),
        ];
        for (key, _) in of_base.into_iter().filter(|(_, said)| *said) {
            let what = format!("reglen `{}` supplerer `{base}`, så `{key}` i den har ingen virkning", rule.id);
            faults.push(at(&rule.place, Kind::Form, what, "Slet nøglen, eller skriv den i den regel, der suppleres."));
        }
    }
}

/// What a rule presupposes must be able to come.
fn presupposed(agreement: &Agreement, faults: &mut Vec<Fault>) {
    for rule in &agreement.rules {
        let Some(before) = rule.presupposes else { continue };
        if before == rule.event || !agreement.rules.iter().any(|other| other.event == before) {
            let what = format!("reglen `{}` forudsætter `{before}`, som ingen anden regel fører frem", rule.id);
            faults.push(at(
                &rule.place,
                Kind::Silence,
                what,
                "Tilføj en [[regel]] for hændelsen, eller slet `forudsaetter`.",
            ));
        }
    }
}

/// Every event that a duty waits for can come: some rule carries it. What answers is what meets.
fn duties(agreement: &Agreement, faults: &mut Vec<Fault>) {
    for rule in &agreement.rules {
        for duty in rule.duties.iter().filter_map(|id| agreement.duties.get(id)) {
            duty_of(agreement, rule, duty, faults);
        }
        let answered = rule.answers.as_ref().and_then(|id| agreement.duties.get(id));
        if let Some(duty) = answered.filter(|duty| !duty.met_by.contains(&rule.event)) {
            let what =
                format!("reglen `{}` besvarer pligten `{}`, som ikke opfyldes af `{}`", rule.id, duty.id, rule.event);
            faults.push(at(&rule.place, Kind::Contradiction, what, "Lad pligten opfyldes af reglens egen hændelse."));
        }
    }
    let opened: BTreeSet<&String> = agreement.rules.iter().flat_map(|rule| &rule.duties).collect();
    for duty in agreement.duties.values().filter(|duty| !opened.contains(&duty.id)) {
        let place = agreement.rules.first().map(|rule| rule.place.clone());
        let place = place.unwrap_or(Place { file: agreement.name.clone(), line: 1 });
        let what = format!("ingen regel giver pligten `{}`", duty.id);
        faults.push(at(&place, Kind::Silence, what, "Nævn den under `pligter` i en regel, eller slet den."));
    }
}

fn duty_of(agreement: &Agreement, rule: &Rule, duty: &Duty, faults: &mut Vec<Fault>) {
    let awaited = duty.moved_by.iter().chain(&duty.closed_by).chain(&duty.met_by);
    for event in awaited.filter(|event| !agreement.rules.iter().any(|rule| rule.event == **event)) {
        let what = format!("pligten `{}` venter på `{event}`, som ingen regel fører frem", duty.id);
        faults.push(at(&rule.place, Kind::Silence, what, "Tilføj en [[regel]] for hændelsen."));
    }
    for mailbox in duty.remind.iter().flat_map(|it| &it.to).chain(duty.late.iter().flat_map(|it| &it.to)) {
        for missing in agreement.missing_mailboxes(mailbox, &agreement.performers(&rule.performer_by)) {
            let what =
                format!("postkassen `{missing}` findes ikke, men pligten `{}` kan skulle fortælle den noget", duty.id);
            faults.push(at(&rule.place, Kind::Name, what, "Tilføj den som [[postkasse]], eller ret pligten."));
        }
    }
    let owes_other = duty.owed_by.contains(&Role::Other);
    let known_sender = rule.senders.iter().all(|sender| matches!(sender, super::model::Sender::Role(_)));
    if owes_other && !known_sender {
        let what =
            format!("pligten `{}` skyldes af den anden, men reglen `{}` kan have en afsender udefra", duty.id, rule.id);
        faults.push(at(&rule.place, Kind::Contradiction, what, "Lad kun bopael og udfoerer være afsendere."));
    }
}

/// Every kind in the catalogue belongs to an area that the agreement settles, or says it does not;
/// and in the areas that it settles every kind has a rule.
fn silences(agreement: &Agreement, faults: &mut Vec<Fault>) {
    let place = agreement.rules.first().map(|rule| rule.place.clone());
    let place = place.unwrap_or(Place { file: agreement.name.clone(), line: 1 });
    let carried: BTreeSet<&str> = agreement.rules.iter().map(|rule| rule.event.name()).collect();
    let says_without =
        |area: &str| agreement.without_areas.contains(area) || agreement.without_areas.contains(ALL_OTHER);
    let mut silent_areas = BTreeSet::new();
    for kind in KINDS.iter().filter(|kind| !kind.of_hub) {
        let settled = agreement.areas.contains(kind.area());
        if settled && !carried.contains(kind.name) {
            let what = format!("aftalen siger intet om `{}`", kind.name);
            faults.push(at(
                &place,
                Kind::Silence,
                what,
                "Tilføj en [[regel]]; skal ingen have den, så sig `ingen = \"hvorfor\"`.",
            ));
        } else if !settled && !says_without(kind.area()) {
            silent_areas.insert(kind.area());
        }
    }
    for area in silent_areas {
        let what = format!("aftalen siger intet om området `{area}`");
        faults.push(at(&place, Kind::Silence, what, "Nævn det under `omraader` eller `uden_omraader` i en [fil]."));
    }
    for area in &agreement.areas {
        if !KINDS.iter().any(|kind| kind.area() == area) {
            let what = format!("området `{area}` findes ikke i kataloget");
            faults.push(at(&place, Kind::Name, what, "Et område er første led i hændelsernes navne, som `rehab`."));
        }
    }
}
