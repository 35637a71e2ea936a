//! The situations that two editions tell apart, each as an event. Between two days on which some
//! period begins or ends nothing changes, and what conditions look at has few values, so that they
//! can all be asked about.

use std::collections::{BTreeMap, BTreeSet};

use budstikke_contract::event::{Event, EventKind, Occurred, SourcePath, WireId};
use budstikke_contract::id::{CaseKey, EventId};
use budstikke_contract::kle::Kle;
use budstikke_contract::law::LawRef;
use budstikke_contract::municipality::MunicipalityCode;
use jiff::civil::Date;
use jiff::{Span, Timestamp};
use serde_json::{Map, Value, json};

use super::change::Decided;
use super::extent::{Extent, concerned};
use crate::agreement::model::{Agreement, Fact, Matter, PerformerBy, Responsibility, Rule, Sender, Source, Team};
use crate::agreement::period::{Period, stretches};
use crate::route::{Earlier, Known, route};

/// Value of each fact, by its name.
pub(super) type Situation = BTreeMap<String, String>;

/// What an event says of itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Said {
    pub(super) law: Option<LawRef>,
    pub(super) area: Option<String>,
    pub(super) kle: Option<Kle>,
}

/// One situation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) kind: EventKind,
    pub(super) said: Said,
    /// Where the citizen lives; `None` for what is about no citizen.
    pub(super) residence: Option<MunicipalityCode>,
    /// Who sends it: a party, or someone outside.
    pub(super) sender: String,
    /// Who asked what it answers, where it answers.
    pub(super) asker: Option<String>,
    /// Whether what it presupposes has come before.
    pub(super) preceded: bool,
    /// What stands in it, of what rules may look at.
    pub(super) content: Situation,
    /// When the citizen was born, where that is known and may matter.
    pub(super) born: Option<Date>,
    /// The days on which all of this is the same.
    pub(super) period: Period,
}

/// The kinds of events that either edition speaks of.
pub(super) fn kinds(old: &Agreement, new: &Agreement) -> BTreeSet<EventKind> {
    old.rules.iter().chain(&new.rules).map(|rule| rule.event).collect()
}

/// Two editions, and the rules in them that one kind of event has to do with.
struct Both<'a> {
    kind: EventKind,
    agreements: [&'a Agreement; 2],
    rules: Vec<&'a Rule>,
}

/// Every situation in which an event of one kind can come, so far as it has to be asked about.
pub(super) fn cells(old: &Agreement, new: &Agreement, kind: EventKind, extent: &Extent) -> Vec<Cell> {
    let agreements = [old, new];
    let rules = agreements.into_iter().flat_map(|it| concerned(it, kind)).collect();
    let both = Both { kind, agreements, rules };
    let mut cells = Vec::new();
    for said in both.said(extent) {
        let responsible = both.responsible(&said);
        let facts = both.facts(&responsible);
        let people = both.people(&said);
        let contents = contents(&facts);
        for period in both.periods(&responsible) {
            let births = people.first().map(|one| distinct_births(old, one, &facts, period)).unwrap_or_default();
            for one in &people {
                for content in &contents {
                    let cell =
                        |born: &Option<Date>| Cell { content: content.clone(), born: *born, period, ..one.clone() };
                    cells.extend(births.iter().map(cell));
                }
            }
        }
    }
    cells
}

/// Days of birth between which a fact tells a difference on the first day of a period.
fn distinct_births(
    agreement: &Agreement,
    cell: &Cell,
    facts: &[(&String, &Fact)],
    period: Period,
) -> Vec<Option<Date>> {
    let mut seen = BTreeSet::new();
    let mut distinct = Vec::new();
    for born in births(facts, period.from) {
        let cell = Cell { born, period, ..cell.clone() };
        let Some(event) = cell.event(agreement, cell.kind, None, &cell.sender) else { continue };
        let of_citizen = facts.iter().filter(|(_, fact)| !matches!(fact.from, Source::Data(_) | Source::Sender));
        if seen.insert(of_citizen.map(|(_, fact)| fact.of(&event).to_owned()).collect::<Vec<_>>()) {
            distinct.push(born);
        }
    }
    distinct
}

impl<'a> Both<'a> {
    fn own(&self) -> impl Iterator<Item = &'a Rule> {
        self.rules.iter().copied().filter(|rule| rule.event == self.kind)
    }

    /// What an event can say of its law, its area and its subject.
    fn said(&self, extent: &Extent) -> Vec<Said> {
        let by_event = self.own().any(|rule| rule.performer_by == PerformerBy::Event);
        let to_area = self.own().any(|rule| rule.area.is_none() && self.tells_area(rule));
        let needs_area = by_event || to_area;
        // By its law the performer is known, so that the area says nothing more.
        let by_law_alone =
            |law: &LawRef| !to_area && self.agreements.iter().all(|it| it.settles(&Matter::Law(law.clone())));
        let matters = || self.agreements.into_iter().flat_map(|it| &it.responsibilities).map(|it| &it.matter);
        let all_laws: BTreeSet<&LawRef> = matters().filter(|_| by_event).filter_map(Matter::law).collect();
        let of_rules = self.own().flat_map(|rule| [&rule.law].into_iter().flatten().chain(&rule.within)).map(Some);
        let laws: BTreeSet<Option<&LawRef>> = of_rules.chain([None]).chain(all_laws.into_iter().map(Some)).collect();
        let work = self.agreements.into_iter().flat_map(|it| it.work.keys()).filter(|_| needs_area);
        let areas: BTreeSet<Option<&String>> = work.map(Some).chain([None]).collect();
        let kles: BTreeSet<Option<&Kle>> = self.own().map(|rule| rule.kle.as_ref()).chain([None]).collect();
        let asked = |law: Option<&LawRef>, area: Option<&String>| match extent {
            Extent::Nothing => false,
            Extent::Everything => true,
            Extent::Matters(changed) => {
                let law = law.is_some_and(|law| changed.contains(&Matter::Law(law.clone())));
                law || area.is_some_and(|area| changed.contains(&Matter::Area(area.clone())))
            }
        };
        let mut all = Vec::new();
        for law in &laws {
            let lawful = law.is_some_and(by_law_alone);
            for area in areas.iter().filter(|area| asked(*law, **area) && (area.is_none() || !lawful)) {
                all.extend(kles.iter().map(|kle| Said { law: law.cloned(), area: area.cloned(), kle: kle.cloned() }));
            }
        }
        all
    }

    /// Whether anybody is told of it, or of what it makes them owe, by the team of an area.
    fn tells_area(&self, rule: &Rule) -> bool {
        let duties = self.agreements.into_iter().flat_map(|it| rule.duties.iter().filter_map(|id| it.duties.get(id)));
        let told = duties.flat_map(|duty| {
            let late = duty.late.iter().flat_map(|late| &late.to);
            duty.remind.iter().flat_map(|remind| &remind.to).chain(late)
        });
        rule.receivers.iter().map(|it| &it.mailbox).chain(told).any(|it| it.team == Team::OfArea)
    }

    /// Who may send it: the parties, and those outside that some rule names.
    fn senders(&self) -> BTreeSet<String> {
        let parties = self.agreements.into_iter().flat_map(|it| &it.parties).map(|party| party.id.to_string());
        let anyone = self.own().any(|rule| rule.senders.contains(&Sender::Anyone));
        let outsiders = self.agreements.into_iter().flat_map(|it| it.outsiders.iter().cloned()).filter(|_| anyone);
        let named = self.own().flat_map(|rule| &rule.senders).filter_map(|sender| match sender {
            Sender::Outsider(outsider) => Some(outsider.clone()),
            Sender::Role(_) | Sender::Anyone => None,
        });
        parties.chain(outsiders).chain(named).collect()
    }

    /// Those that may come to perform for an event that says this.
    fn responsible(&self, said: &Said) -> Vec<&'a Responsibility> {
        let by_law = said.law.clone().map(Matter::Law);
        let by_area = said.area.clone().map(Matter::Area);
        let of_rules = self.rules.iter().filter_map(|rule| match &rule.performer_by {
            PerformerBy::Matter(matter) => Some(matter.clone()),
            PerformerBy::Event | PerformerBy::Nothing => rule.area.clone().map(Matter::Area),
        });
        let matters: BTreeSet<Matter> = of_rules.chain(by_law).chain(by_area).collect();
        let all = self.agreements.into_iter().flat_map(|it| &it.responsibilities);
        all.filter(|it| matters.contains(&it.matter)).collect()
    }

    /// The stretches of days within which neither edition changes.
    fn periods(&self, responsible: &[&Responsibility]) -> Vec<Period> {
        let subjects = self.agreements.into_iter().flat_map(|it| &it.subjects);
        let by_subject = self.own().any(|rule| rule.kle.is_some());
        let all: Vec<&Period> = self
            .rules
            .iter()
            .map(|rule| &rule.period)
            .chain(responsible.iter().map(|it| &it.period))
            .chain(subjects.filter(|_| by_subject).map(|it| &it.period))
            .collect();
        let Some(start) = all.iter().map(|period| period.from).min() else { return Vec::new() };
        stretches(start, all)
    }

    /// The facts that matter, in both editions.
    fn facts(&self, responsible: &[&Responsibility]) -> Vec<(&'a String, &'a Fact)> {
        let of_performers = responsible.iter().flat_map(|it| it.when.facts());
        let mut named: BTreeSet<&str> = self.rules.iter().flat_map(|rule| rule.when.facts()).collect();
        named.extend(of_performers);
        for agreement in self.agreements {
            let duties = self.rules.iter().flat_map(|rule| &rule.duties).filter_map(|id| agreement.duties.get(id));
            named.extend(duties.flat_map(|duty| duty.when.facts()));
        }
        let all = self.agreements.into_iter().flat_map(|it| &it.facts);
        all.filter(|(id, _)| named.contains(id.as_str())).collect()
    }

    /// Who lives where, who sends, who asked, and what has come before.
    fn people(&self, said: &Said) -> Vec<Cell> {
        let parties = self.agreements.into_iter().flat_map(|it| &it.parties);
        let about_nobody = self.own().any(|rule| rule.without_residence).then_some(None);
        let homes: BTreeSet<Option<MunicipalityCode>> =
            parties.clone().map(|party| Some(party.municipality)).chain(about_nobody).collect();
        let names: BTreeSet<String> = parties.map(|party| party.id.to_string()).collect();
        let senders = self.senders();
        let answers = self.own().any(|rule| rule.answers.is_some());
        let askers: Vec<Option<String>> = if answers { names.into_iter().map(Some).collect() } else { vec![None] };
        let follows = self.own().any(|rule| rule.presupposes.is_some());
        let mut cells = Vec::new();
        for residence in homes {
            for sender in &senders {
                for asker in &askers {
                    for preceded in [true, false].into_iter().filter(|preceded| *preceded || follows) {
                        cells.push(Cell {
                            kind: self.kind,
                            said: said.clone(),
                            residence,
                            sender: sender.clone(),
                            asker: asker.clone(),
                            preceded,
                            content: Situation::new(),
                            born: None,
                            period: Period::since(Date::MIN),
                        });
                    }
                }
            }
        }
        cells
    }
}

/// Every combination of what may stand in an event.
fn contents(facts: &[(&String, &Fact)]) -> Vec<Situation> {
    let mut values: BTreeMap<&String, BTreeSet<&String>> = BTreeMap::new();
    for (id, fact) in facts.iter().filter(|(_, fact)| matches!(fact.from, Source::Data(_))) {
        values.entry(id).or_default().extend(fact.values.iter().chain([&fact.missing]));
    }
    let mut all = vec![Situation::new()];
    for (fact, values) in values {
        let longer = all.iter().flat_map(|situation| {
            values.iter().map(move |value| {
                let mut longer = situation.clone();
                longer.insert(fact.clone(), (*value).clone());
                longer
            })
        });
        all = longer.collect();
    }
    all
}

/// Days of birth on both sides of every age that matters, as it is on a day; and none.
fn births(facts: &[(&String, &Fact)], day: Date) -> BTreeSet<Option<Date>> {
    let mut births = BTreeSet::from([None]);
    for (_, fact) in facts {
        let ages: Vec<Span> = match &fact.from {
            Source::Age(limits) => limits.iter().map(|years| Span::new().years(*years)).collect(),
            Source::PensionAge(table) => table.iter().map(|(_, months)| Span::new().months(*months)).collect(),
            Source::Data(_) | Source::Sender | Source::Law => Vec::new(),
        };
        for reached in ages.into_iter().filter_map(|age| day.checked_sub(age).ok()) {
            births.extend([Some(reached), reached.tomorrow().ok()]);
        }
    }
    births
}

impl Cell {
    /// What an edition decides in this situation.
    pub(super) fn decide(&self, agreement: &Agreement) -> Option<Decided> {
        let event = self.event(agreement, self.kind, self.said.law.clone(), &self.sender)?;
        let known = self.known(agreement, &event);
        Some(route(agreement, EventId::of_hub("probe", "", 0), &event, &known))
    }

    /// The situation as people would tell it: the facts as an edition sees them, the area and the
    /// subject.
    pub(super) fn situation(&self, agreement: &Agreement) -> Option<Situation> {
        let event = self.event(agreement, self.kind, self.said.law.clone(), &self.sender)?;
        let mut situation = self.content.clone();
        let of_citizen = |fact: &&(&String, &Fact)| matches!(fact.1.from, Source::Age(_) | Source::PensionAge(_));
        for (id, fact) in agreement.facts.iter().filter(|it| of_citizen(&it)) {
            situation.insert(id.clone(), fact.of(&event).to_owned());
        }
        situation.insert("område".to_owned(), self.said.area.clone().unwrap_or_else(|| "ikke nævnt".to_owned()));
        let kle = self.said.kle.as_ref().map_or_else(|| "ikke nævnt".to_owned(), ToString::to_string);
        situation.insert("KLE".to_owned(), kle);
        Some(situation)
    }

    /// What would be known: what it presupposes, and the question that it answers, as this edition
    /// would have had it asked.
    fn known(&self, agreement: &Agreement, event: &Event) -> Known {
        let mut known = Known::nothing(event.case.clone());
        let own = || agreement.rules.iter().filter(|rule| rule.event == self.kind);
        if self.preceded {
            let kinds: BTreeSet<EventKind> = own().filter_map(|rule| rule.presupposes).collect();
            let earlier = |kind| Earlier { kind, id: event.id.clone(), event: EventId::of_hub("probe", "earlier", 0) };
            known.earlier = kinds.into_iter().map(earlier).collect();
        }
        let Some(asker) = &self.asker else { return known };
        let names: BTreeSet<&String> = own().filter_map(|rule| rule.answers.as_ref()).collect();
        for name in names {
            let mut openers = agreement.rules.iter().filter(|rule| rule.duties.contains(name));
            let asked = openers.find_map(|rule| {
                let law = rule.law.clone().or_else(|| self.said.law.clone());
                let asked = self.event(agreement, rule.event, law, asker)?;
                let nothing = Known::nothing(asked.case.clone());
                let routing = route(agreement, EventId::of_hub("probe", "asked", 0), &asked, &nothing).ok()?;
                routing.opened.into_iter().find(|duty| duty.terms.name == *name)
            });
            known.open.extend(asked);
        }
        known
    }

    /// The event of a situation. `None` where the sender's name could stand in no event.
    fn event(&self, agreement: &Agreement, kind: EventKind, law: Option<LawRef>, sender: &str) -> Option<Event> {
        let source = SourcePath::parse(&format!("/{sender}/system"))?;
        Some(Event {
            id: WireId::parse("probe")?,
            kind,
            time: Timestamp::UNIX_EPOCH,
            occurred: Some(Occurred::On(self.period.from)),
            case: CaseKey::derive(kind.area(), &source, "probe"),
            correlation: None,
            causation: None,
            residence: self.residence,
            law,
            kle: self.said.kle.clone(),
            data: self.data(agreement),
            source,
        })
    }

    /// Content that has the cell's facts, and the days from which duties are reckoned.
    fn data(&self, agreement: &Agreement) -> Map<String, Value> {
        let mut data = Map::new();
        for path in agreement.duties.values().filter_map(|duty| duty.due.as_ref()?.after.as_deref()) {
            put(&mut data, path, json!({"date": self.period.from.to_string(), "certainty": "actual"}));
        }
        if let Some(area) = &self.said.area {
            put(&mut data, "/area", Value::String(area.clone()));
        }
        if let Some(cpr) = self.born.and_then(number_of) {
            put(&mut data, "/citizen/cpr", Value::String(cpr));
        }
        for (id, value) in &self.content {
            if let Some(Fact { from: Source::Data(path), .. }) = agreement.facts.get(id) {
                put(&mut data, path, Value::String(value.clone()));
            }
        }
        data
    }
}

/// Digits that say a day of birth as CPR numbers do. They are nobody's: they are only asked about.
fn number_of(born: Date) -> Option<String> {
    let century = match born.year() {
        1900..=1999 => 1,
        1858..=1899 | 2000..=2057 => 5,
        _ => return None,
    };
    Some(format!("{:02}{:02}{:02}{century}000", born.day(), born.month(), born.year() % 100))
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
