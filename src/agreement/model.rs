//! The agreement as the hub works with it. These types are built only by [`super::build`], after
//! every name, date and reference in them has been checked.

mod calendar;
mod duty;
mod fact;
mod matter;
mod people;
mod rule;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use budstikke_contract::event::{Event, EventKind};
use budstikke_contract::kle::Kle;
use budstikke_contract::law::LawRef;
use budstikke_contract::municipality::MunicipalityCode;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use calendar::{DueDay, Entry, Time};
pub use duty::{Due, Duty, DutyKind, Late, Remind};
pub use fact::{Conditions, Fact, Source, pointer};
pub(super) use matter::Place;
pub use matter::{Area, Clause, Matter, Responsibility, Standing, Subject};
pub(super) use people::is_name;
pub use people::{Body, Channel, Mailbox, MailboxId, Party, PartyId};
pub use rule::{Capacity, PerformerBy, Receiver, Role, RoleMailbox, Rule, Sender, Team};

/// One agreement between parties, as it was known from some day on.
#[derive(Debug)]
pub struct Agreement {
    /// Its name, the folder of its files: `dragoer-taarnby`.
    pub name: String,
    /// The files it was built from, which go with every decision that rests on it.
    pub parts: Vec<Part>,
    /// The municipalities.
    pub parties: Vec<Party>,
    /// Those outside it that send.
    pub outsiders: BTreeSet<String>,
    /// The source documents, by id.
    pub documents: BTreeMap<String, String>,
    /// The laws' titles, by short name.
    pub laws: BTreeMap<String, String>,
    /// The mailboxes, by id.
    pub mailboxes: BTreeMap<MailboxId, Mailbox>,
    /// Who performs what.
    pub responsibilities: Vec<Responsibility>,
    /// What rules and duties may depend on, by id.
    pub facts: BTreeMap<String, Fact>,
    /// The rules.
    pub rules: Vec<Rule>,
    /// The duties, by id.
    pub duties: BTreeMap<String, Duty>,
    /// The areas of work, by id.
    pub work: BTreeMap<String, Area>,
    /// KL's subjects that it names.
    pub subjects: Vec<Subject>,
    /// What is owed at set times.
    pub calendar: Vec<Entry>,
    /// The areas it settles.
    pub areas: BTreeSet<String>,
    /// The areas that it says outright it does not settle.
    pub without_areas: BTreeSet<String>,
    /// The first day that it settles.
    pub(super) since: Option<Date>,
}

/// One file of an agreement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Which part: `genoptraening`.
    pub part: String,
    /// What it is called, for people.
    #[serde(skip)]
    pub title: String,
    /// Which version of it.
    pub version: u32,
    /// The day it became known.
    pub known: Date,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} v{} (kendt {})", self.part, self.version, self.known)
    }
}

impl Agreement {
    /// The party of that municipality code.
    pub fn party_of(&self, municipality: MunicipalityCode) -> Option<&Party> {
        self.parties.iter().find(|party| party.municipality == municipality)
    }

    /// The party of that name.
    pub fn party(&self, id: &str) -> Option<&Party> {
        self.parties.iter().find(|party| party.id.as_str() == id)
    }

    /// Whether events of this kind follow earlier ones of their case.
    pub fn follows(&self, kind: EventKind) -> bool {
        self.rules.iter().any(|rule| rule.event == kind && rule.presupposes.is_some())
    }

    /// Whether the agreement says who performs a matter.
    pub fn settles(&self, matter: &Matter) -> bool {
        self.responsibilities.iter().any(|it| it.matter == *matter)
    }

    /// The law by which the agreement knows what an event names: itself, or the whole of it where no
    /// rule or responsibility speaks of the paragraph and one speaks of the law (`LSV` for `LSV § 1`).
    pub fn known_as(&self, law: &LawRef) -> LawRef {
        let laws = || {
            let of_rules = self.rules.iter().filter_map(|rule| rule.law.as_ref());
            of_rules.chain(self.responsibilities.iter().filter_map(|it| it.matter.law()))
        };
        let whole = law.whole();
        if !laws().any(|it| it == law) && laws().any(|it| *it == whole) { whole } else { law.clone() }
    }

    /// Whether events of this kind are about no citizen.
    pub fn without_residence(&self, kind: EventKind) -> bool {
        self.rules.iter().any(|rule| rule.event == kind && rule.without_residence)
    }

    /// The value of a fact for an event; empty for a fact that the agreement does not describe.
    pub fn fact<'a>(&'a self, fact: &str, event: &Event) -> &'a str {
        self.facts.get(fact).map_or("", |fact| fact.of(event))
    }

    /// Who performs a matter for the citizens of `residence`, in the case of this event. Where two
    /// say so, which can only be by an age that is not known, it is the less certain one.
    pub fn responsibility(&self, matter: &Matter, residence: &PartyId, event: &Event) -> Option<&Responsibility> {
        let day = event.deciding_date();
        let holds = |it: &&Responsibility| {
            it.matter == *matter
                && it.residence == *residence
                && it.period.contains(day)
                && it.when.hold(|fact| self.fact(fact, event))
        };
        self.responsibilities.iter().filter(holds).max_by_key(|it| it.standing)
    }

    /// The subject that stands beside a law on a day, where there is just one.
    pub fn subject_of(&self, law: &LawRef, day: Date) -> Option<&Kle> {
        let mut beside =
            self.subjects.iter().filter(|it| it.law.as_ref() == Some(law) && it.period.contains(day)).map(|it| &it.kle);
        beside.next().filter(|_| beside.next().is_none())
    }

    /// The entries of the calendar that an event can meet.
    pub fn calendar_met_by<'a>(&'a self, event: &'a Event) -> impl Iterator<Item = &'a Entry> {
        let met = |entry: &&Entry| entry.met_by.contains(&event.kind) && entry.when.hold(|fact| self.fact(fact, event));
        self.calendar.iter().filter(met)
    }

    /// Those that may come to perform by a rule.
    pub(super) fn performers(&self, by: &PerformerBy) -> BTreeSet<&PartyId> {
        let fits = |matter: &Matter| match by {
            PerformerBy::Matter(by) => by == matter,
            PerformerBy::Event => true,
            PerformerBy::Nothing => false,
        };
        self.responsibilities.iter().filter(|it| fits(&it.matter)).filter_map(|it| it.performer.as_ref()).collect()
    }

    /// The mailboxes that a mailbox by role may come to be, but that are not there. Any party may
    /// be the residence, so the team must be there for each; so too for the other roles.
    pub(super) fn missing_mailboxes(&self, mailbox: &RoleMailbox, performers: &BTreeSet<&PartyId>) -> Vec<String> {
        let all = || self.parties.iter().map(|party| &party.id).collect();
        let parties: Vec<&PartyId> = match &mailbox.role {
            Role::Party(party) => vec![party],
            Role::Performer => performers.iter().copied().collect(),
            Role::Residence | Role::Other | Role::Counterpart | Role::Asker => all(),
        };
        let mut missing = Vec::new();
        for party in parties {
            let teams: Vec<&str> = match &mailbox.team {
                Team::Named(team) => vec![team.as_str()],
                Team::ByPart { residence, performer } => Self::teams_by_part(party, (residence, performer), performers),
                Team::OfArea => self.work.values().filter_map(|area| area.team(party)).collect(),
            };
            let ids = teams.into_iter().map(|team| MailboxId::new(party, team));
            missing.extend(ids.filter(|id| !self.mailboxes.contains_key(id)).map(|id| id.to_string()));
        }
        missing.sort();
        missing.dedup();
        missing
    }

    /// Of the two teams, those that a party may come to need: the performer's only where it may perform.
    fn teams_by_part<'a>(
        party: &PartyId,
        (residence, performer): (&'a str, &'a str),
        performers: &BTreeSet<&PartyId>,
    ) -> Vec<&'a str> {
        if performers.contains(party) { vec![residence, performer] } else { vec![residence] }
    }

    /// The title of a clause's document, for people.
    pub fn document_title(&self, clause: &Clause) -> &str {
        self.documents.get(clause.document()).map_or("", String::as_str)
    }
}
