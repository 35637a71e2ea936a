//! The agreement as the hub works with it. These types are built only by [`super::build`], after
//! every name, date and reference in them has been checked.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use budstikke_contract::event::EventKind;
use budstikke_contract::law::LawRef;
use budstikke_contract::municipality::MunicipalityCode;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::period::Period;

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

/// Whether a text can be a name in ids, queue names and files: lower-case letters, digits, hyphens.
pub(super) fn is_name(text: &str) -> bool {
    let good = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=40).contains(&text.len()) && text.bytes().all(good)
}

/// The name of a party: `dragoer`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct PartyId(String);

impl PartyId {
    /// Reads a name: lower-case letters, digits and hyphens.
    pub fn parse(text: &str) -> Option<Self> {
        is_name(text).then(|| Self(text.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PartyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A municipality of the agreement.
#[derive(Debug, Clone)]
pub struct Party {
    /// Its name in ids.
    pub id: PartyId,
    /// Its name for people.
    pub name: String,
    /// Its code, by which residence is known.
    pub municipality: MunicipalityCode,
}

/// The name of a mailbox: `dragoer/genoptraening`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct MailboxId(String);

impl MailboxId {
    /// The mailbox of that team of that party.
    pub fn new(party: &PartyId, team: &str) -> Self {
        Self(format!("{party}/{team}"))
    }

    /// Reads `party/team`.
    pub fn parse(text: &str) -> Option<Self> {
        let (party, team) = text.split_once('/')?;
        (is_name(party) && is_name(team)).then(|| Self(text.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The party that it belongs to.
    pub fn party(&self) -> &str {
        self.0.split('/').next().unwrap_or_default()
    }
}

impl fmt::Display for MailboxId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A team of a party that receives.
#[derive(Debug, Clone)]
pub struct Mailbox {
    /// Its name in ids.
    pub id: MailboxId,
    /// Its name for people.
    pub name: String,
    /// How it is reached; never empty.
    pub channels: Vec<Channel>,
    /// What it gets.
    pub body: Body,
}

/// A way to reach a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// The queue `out.<party>.<team>`.
    Amqp,
    /// A POST to an address that the settings name.
    Http,
    /// The console's inbox.
    Inbox,
}

impl Channel {
    /// All of them, with their names.
    pub const ALL: [Self; 3] = [Self::Amqp, Self::Http, Self::Inbox];

    /// The name in files, ids and answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Amqp => "amqp",
            Self::Http => "http",
            Self::Inbox => "inbox",
        }
    }

    /// The channel of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.name() == name)
    }
}

/// What a mailbox gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// The event.
    Event,
    /// The event, with the message that it came from in `data.original`.
    EventAndOriginal,
    /// The message that it came from, as it came.
    Original,
}

impl Body {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Event, Self::EventAndOriginal, Self::Original];

    /// The name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::EventAndOriginal => "event+original",
            Self::Original => "original",
        }
    }

    /// The body of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|body| body.name() == name)
    }
}

/// Where something stands in a source document: `S1 2`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Clause(String);

impl Clause {
    pub(super) fn new(text: String) -> Self {
        Self(text)
    }

    /// The clause as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id of the document.
    pub fn document(&self) -> &str {
        self.0.split(' ').next().unwrap_or_default()
    }
}

impl fmt::Display for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How sure the reading of a clause is. Every answer that rests on it shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// The clause says so.
    Agreed,
    /// Our reading of documents that do not say it outright.
    Interpretation,
    /// The parties are still settling it.
    UnderClarification,
}

impl Standing {
    /// The word that people read beside the clause; nothing where the clause says so outright.
    pub fn remark(self) -> Option<&'static str> {
        match self {
            Self::Agreed => None,
            Self::Interpretation => Some("fortolkning"),
            Self::UnderClarification => Some("under afklaring"),
        }
    }
}

/// Law + residence + period → the party that performs.
#[derive(Debug, Clone)]
pub struct Responsibility {
    /// The law.
    pub law: LawRef,
    /// What the task is, for people.
    pub task: String,
    /// Whose citizens.
    pub residence: PartyId,
    /// Who performs.
    pub performer: PartyId,
    /// When.
    pub period: Period,
    /// Where it is agreed.
    pub clause: Clause,
    /// How surely.
    pub standing: Standing,
    /// What a reader should know.
    pub note: Option<String>,
    /// Where it stands in its file.
    pub(super) place: Place,
}

/// A file and a line in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) file: String,
    pub(super) line: usize,
}

/// A property of an event that rules may depend on. It has one of a few values, so that it can be
/// checked that the rules leave none out.
#[derive(Debug, Clone)]
pub struct Fact {
    /// Where it stands in `data`, as a JSON pointer.
    pub path: String,
    /// What it can be.
    pub values: Vec<String>,
    /// What it counts as where it does not stand there, or is something else.
    pub missing: String,
}

impl Fact {
    /// Its value in this event.
    pub fn of<'a>(&'a self, data: &'a Map<String, Value>) -> &'a str {
        let found = pointer(data, &self.path).and_then(Value::as_str);
        found.filter(|value| self.values.iter().any(|known| known == value)).unwrap_or(&self.missing)
    }
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
pub struct Conditions(pub(super) BTreeMap<String, BTreeSet<String>>);

impl Conditions {
    /// Whether they hold, given each fact's value.
    pub fn hold<'a>(&self, value_of: impl Fn(&str) -> &'a str) -> bool {
        self.0.iter().all(|(fact, allowed)| allowed.contains(value_of(fact)))
    }

    /// The facts that they look at.
    pub fn facts(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// A part that a party plays towards one event.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// The municipality where the citizen lives.
    Residence,
    /// The municipality that performs the task.
    Performer,
    /// Of residence and performer, the one that did not send the event.
    Other,
    /// Who sent the question that the event answers.
    Asker,
    /// This party, whatever part it plays.
    Party(PartyId),
}

/// A mailbox by role: `residence/genoptraening`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RoleMailbox {
    /// Whose.
    pub role: Role,
    /// Which of its teams.
    pub team: String,
}

/// Who may send an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sender {
    /// A party in this role.
    Role(Role),
    /// Someone outside the agreement.
    Outsider(String),
    /// Anyone that the agreement knows.
    Anyone,
}

/// In what capacity a mailbox gets an event. A task wins over information.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Capacity {
    /// To know.
    Information,
    /// To act on.
    Task,
}

impl Capacity {
    /// The name in answers, headers and the ledger.
    pub fn name(self) -> &'static str {
        match self {
            Self::Information => "information",
            Self::Task => "task",
        }
    }

    /// The capacity of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Information, Self::Task].into_iter().find(|capacity| capacity.name() == name)
    }
}

/// A receiver of an event by a rule.
#[derive(Debug, Clone)]
pub struct Receiver {
    /// Which mailbox.
    pub mailbox: RoleMailbox,
    /// In what capacity.
    pub capacity: Capacity,
    /// Where that is agreed.
    pub clause: Clause,
}

/// Event kind + law + conditions + period → mailboxes, and the duties that it opens.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its name.
    pub id: String,
    /// The kind of event.
    pub event: EventKind,
    /// The law that the event falls under.
    pub law: LawRef,
    /// The law by which the performer is found; mostly the same.
    pub performer_by: LawRef,
    /// When it holds.
    pub period: Period,
    /// On what conditions.
    pub when: Conditions,
    /// The rule that it adds to, where it does not stand alone.
    pub supplements: Option<String>,
    /// Who may send.
    pub senders: Vec<Sender>,
    /// Who gets it. Empty means: nobody, and `nobody` says why.
    pub receivers: Vec<Receiver>,
    /// Why nobody gets it.
    pub nobody: Option<String>,
    /// The duties that it opens.
    pub duties: Vec<String>,
    /// The duty that it answers. Without exactly one open duty of that name it cannot be known
    /// whom the answer is for.
    pub answers: Option<String>,
    /// The kind of event that must have come before it in the same case.
    pub presupposes: Option<EventKind>,
    /// What its receivers should know when the case already has an event of the same kind.
    pub repeated: Option<String>,
    /// Where it is agreed.
    pub clause: Clause,
    /// How surely.
    pub standing: Standing,
    /// What it says, for people.
    pub text: Option<String>,
    /// Where it stands in its file.
    pub(super) place: Place,
}

/// What kind of thing is owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DutyKind {
    /// To do something.
    Act,
    /// To answer.
    Answer,
    /// To approve.
    Approve,
    /// To inform.
    Inform,
}

impl DutyKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Act, Self::Answer, Self::Approve, Self::Inform];

    /// The name in answers and the ledger.
    pub fn name(self) -> &'static str {
        match self {
            Self::Act => "act",
            Self::Answer => "answer",
            Self::Approve => "approve",
            Self::Inform => "inform",
        }
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Something that a party comes to owe.
#[derive(Debug, Clone)]
pub struct Duty {
    /// Its name.
    pub id: String,
    /// What kind.
    pub kind: DutyKind,
    /// What is owed, for people.
    pub what: String,
    /// Who owes it.
    pub owed_by: Role,
    /// On what conditions it arises.
    pub when: Conditions,
    /// By when; `None` where the agreement sets no time.
    pub due: Option<Due>,
    /// The kind of event that meets it.
    pub met_by: EventKind,
    /// Where that event says from when; it then meets the duty only if that is not after the due
    /// date.
    pub met_from: Option<String>,
    /// The kinds of events that move the due date.
    pub moved_by: BTreeSet<EventKind>,
    /// The kinds of events that close it without meeting it.
    pub closed_by: BTreeSet<EventKind>,
    /// Whom to remind, and when.
    pub remind: Option<Remind>,
    /// Whom to tell when it is late, and what follows.
    pub late: Option<Late>,
    /// Where it is agreed.
    pub clause: Clause,
}

/// How a due date is found. Calendar days; the due day itself is still in time.
#[derive(Debug, Clone)]
pub struct Due {
    /// How many days.
    pub days: u16,
    /// After what: a JSON pointer to an object with `date` and `certainty`.
    pub after: String,
    /// What that is called: `udskrivning`.
    pub called: String,
}

/// When to remind of a duty, and whom.
#[derive(Debug, Clone)]
pub struct Remind {
    /// How many days before the due day.
    pub days_before: u16,
    /// Whom.
    pub to: Vec<RoleMailbox>,
}

/// What follows when a duty is not met in time.
#[derive(Debug, Clone)]
pub struct Late {
    /// Whom to tell.
    pub to: Vec<RoleMailbox>,
    /// What follows, for people.
    pub text: String,
    /// By what law.
    pub law: Option<LawRef>,
    /// Where it is agreed.
    pub clause: Clause,
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

    /// Who performs tasks of `law` for the citizens of `residence` on `day`.
    pub fn responsibility(&self, law: &LawRef, residence: &PartyId, day: Date) -> Option<&Responsibility> {
        self.responsibilities.iter().find(|it| it.law == *law && it.residence == *residence && it.period.contains(day))
    }

    /// The mailboxes that a mailbox by role may come to be, but that are not there. Any party may
    /// be the residence, so the team must be there for each; so too for the other roles.
    pub(super) fn missing_mailboxes(&self, mailbox: &RoleMailbox) -> Vec<MailboxId> {
        let parties: Vec<&PartyId> = match &mailbox.role {
            Role::Party(party) => vec![party],
            Role::Performer => {
                self.responsibilities.iter().map(|it| &it.performer).collect::<BTreeSet<_>>().into_iter().collect()
            }
            Role::Residence | Role::Other | Role::Asker => self.parties.iter().map(|party| &party.id).collect(),
        };
        let ids = parties.into_iter().map(|party| MailboxId::new(party, &mailbox.team));
        ids.filter(|id| !self.mailboxes.contains_key(id)).collect()
    }

    /// The title of a clause's document, for people.
    pub fn document_title(&self, clause: &Clause) -> &str {
        self.documents.get(clause.document()).map_or("", String::as_str)
    }
}
