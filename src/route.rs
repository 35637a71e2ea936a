//! Event × agreement × residence × day → who gets it, what comes to be owed, and by which clause.
//!
//! Pure: no clock, no ledger. What is known of the case comes in as [`Known`], which is stored with
//! the decision, so that the same question asked years later gets the same answer.

pub mod citizen;
pub mod compare;
mod duties;
mod known;
mod parties;
#[cfg(test)]
mod tests;

use budstikke_contract::event::Event;
use budstikke_contract::id::{DeliveryId, DutyId, EventId};
use budstikke_contract::kle::Kle;
use budstikke_contract::law::LawRef;
use budstikke_contract::reason::{Code, Reason, Remark};
use serde_json::Value;

use crate::agreement::model::{Agreement, Capacity, Channel, Clause, MailboxId, Part, PartyId, Rule, Standing};
use crate::duty::{Duty, Effect};
use parties::{Asker, Parties};

pub use known::{Earlier, Known, ToldBefore};

/// No rule of the agreement is about this kind of event under this law on this day.
pub const NO_RULE: Code = Code::new("NO_RULE");
/// The event does not say under which of several laws it falls.
pub const NO_LAW: Code = Code::new("NO_LAW");
/// Nobody performs the task for this citizen on this day.
pub const NO_PERFORMER: Code = Code::new("NO_PERFORMER");
/// The event says neither law nor area, and one of them is needed.
pub const NO_AREA: Code = Code::new("NO_AREA");
/// The event names a team that is to have the answer, and the sender has no such mailbox.
pub const UNKNOWN_TEAM: Code = Code::new("UNKNOWN_TEAM");
/// The rule does not let this sender send this kind of event.
pub const SENDER_NOT_ALLOWED: Code = Code::new("SENDER_NOT_ALLOWED");
/// The case has no event of the kind that must have come before.
pub const PRECEDING_MISSING: Code = Code::new("PRECEDING_MISSING");
/// An answer to a question that nobody has open.
pub const NO_OPEN_REQUEST: Code = Code::new("NO_OPEN_REQUEST");
/// Several open duties could be meant.
pub const AMBIGUOUS_DUTY: Code = Code::new("AMBIGUOUS_DUTY");
/// A remark: the case already had an event of the same kind.
pub const REPEATED: Code = Code::new("MAY_REPLACE");
/// A remark: no clause binds the sender to tell of it.
const BEYOND_DUTY: Code = Code::new("BEYOND_DUTY");
/// A remark: the clause is read, or still being settled.
const STANDING: Code = Code::new("CLAUSE_STANDING");

/// What was decided about an event.
#[derive(Debug, Clone)]
pub struct Routing {
    /// By which agreement.
    pub agreement: String,
    /// In which versions of its files.
    pub parts: Vec<Part>,
    /// Under which law; `None` where the rule holds whatever the law is, and the event names none.
    pub law: Option<LawRef>,
    /// Its subject in KL's classification.
    pub kle: Option<Kle>,
    /// Where the citizen lives; `None` where it is about no citizen.
    pub residence: Option<PartyId>,
    /// Who performs; `None` where the rule asks for no performer.
    pub performer: Option<PartyId>,
    /// By which rules, with the clause each rests on; the first is the one that stands alone.
    pub because: Vec<Because>,
    /// Who gets it. Empty where the rule says that nobody does.
    pub deliveries: Vec<Planned>,
    /// Why nobody gets it.
    pub nobody: Option<String>,
    /// What comes to be owed.
    pub opened: Vec<Duty>,
    /// What becomes of duties that were open.
    pub effects: Vec<(DutyId, Effect)>,
    /// What the receivers should know.
    pub remarks: Vec<Remark>,
}

/// A rule and the clause that it rests on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Because {
    /// The rule.
    pub rule: String,
    /// The clause.
    pub clause: Clause,
    /// The title of the document that it stands in, for people.
    pub document: String,
    /// How surely it says so.
    pub standing: Standing,
}

/// One delivery to be made.
#[derive(Debug, Clone)]
pub struct Planned {
    /// Its id.
    pub id: DeliveryId,
    /// To whom.
    pub mailbox: MailboxId,
    /// How.
    pub channel: Channel,
    /// In what capacity.
    pub capacity: Capacity,
    /// By which rules.
    pub because: Vec<Because>,
}

/// Decides about one event.
///
/// # Errors
/// Why it cannot be decided; the event is then parked with that reason.
pub fn route(agreement: &Agreement, id: EventId, event: &Event, known: &Known) -> Result<Routing, Reason> {
    let law = law_of(agreement, event)?;
    let rules = rules_for(agreement, event, law.as_ref())?;
    let Some(base) = rules.iter().find(|rule| rule.supplements.is_none()).copied() else {
        return Err(no_rule(event, law.as_ref()));
    };
    let parties = Parties::find(agreement, base, event, law.as_ref())?;
    if !owes_this(event, known) {
        parties.check_sender(base, event)?;
    }
    check_preceding(base, known)?;
    let effects = duties::effects(agreement, base, event, &parties, known)?;
    let asker = effects.asker.clone();
    let deliveries = deliveries(agreement, id, &rules, &parties, asker.as_ref())?;
    let opened = duties::opened(agreement, id, event, &rules, &parties)?;
    Ok(Routing {
        agreement: agreement.name.clone(),
        parts: agreement.parts.clone(),
        remarks: remarks(&rules, event, known, &parties),
        because: rules.iter().map(|rule| because(agreement, rule, &rule.clause)).collect(),
        nobody: base.nobody.clone(),
        kle: event.kle.clone().or_else(|| subject_of(agreement, event, law.as_ref())),
        residence: parties.residence,
        performer: parties.responsible.map(|it| it.performer),
        law,
        deliveries,
        opened,
        effects: effects.effects,
    })
}

/// Whether the sender owes what the event does. It may always do what it owes, also when the task
/// has gone to somebody else since.
fn owes_this(event: &Event, known: &Known) -> bool {
    let sender = event.source.party();
    known.open.iter().any(|duty| duty.terms.owed_by == sender && duty.is_met_by(event.kind))
}

fn subject_of(agreement: &Agreement, event: &Event, law: Option<&LawRef>) -> Option<Kle> {
    agreement.subject_of(law?, event.deciding_date()).cloned()
}

/// The law that the event names: the attribute, or the member `law` that some kinds have.
fn named_law(event: &Event) -> Result<Option<LawRef>, Reason> {
    let said = event.data.get("law").and_then(Value::as_str).and_then(LawRef::parse);
    match (&event.law, said) {
        (Some(law), Some(said)) if *law != said => {
            let text = "Hændelsen nævner én lov i `law` og en anden i indholdet, så det kan ikke afgøres, hvem der løser opgaven. Afsenderen skal nævne den samme begge steder.";
            Err(Reason::new(NO_LAW, text).at("$.data.law"))
        }
        (Some(law), _) => Ok(Some(law.clone())),
        (None, said) => Ok(said),
    }
}

/// The law that the event names, else the only one that the rules about its kind know. None where
/// they hold whatever the law is.
fn law_of(agreement: &Agreement, event: &Event) -> Result<Option<LawRef>, Reason> {
    if let Some(law) = named_law(event)? {
        return Ok(Some(law));
    }
    let mut laws: Vec<Option<&LawRef>> =
        agreement.rules.iter().filter(|rule| rule.event == event.kind).map(|rule| rule.law.as_ref()).collect();
    laws.sort();
    laws.dedup();
    match laws.as_slice() {
        [] => Err(Reason::new(NO_RULE, format!("Aftalen har ingen regel om {}.", event.kind))),
        [only] => Ok(only.cloned()),
        several => {
            let names: Vec<String> = several.iter().flatten().map(ToString::to_string).collect();
            let text = format!(
                "Hændelsen siger ikke, hvilken lov den falder under; det kan være {}. Afsenderen skal udfylde `law`.",
                names.join(" eller ")
            );
            Err(Reason::new(NO_LAW, text).at("$.law"))
        }
    }
}

/// The rules that hold: the one that stands alone first, then those that supplement it. Of those
/// that stand alone, the ones with the longest KLE number.
fn rules_for<'a>(agreement: &'a Agreement, event: &Event, law: Option<&LawRef>) -> Result<Vec<&'a Rule>, Reason> {
    let day = event.deciding_date();
    let subject = event.kle.clone().or_else(|| subject_of(agreement, event, law));
    let known_as = law.map(|law| agreement.known_as(law));
    let holds = |rule: &&Rule| {
        rule.event == event.kind
            && (rule.speaks_of(law) || (rule.law.is_some() && rule.speaks_of(known_as.as_ref())))
            && rule.period.contains(day)
            && rule.kle.as_ref().is_none_or(|group| subject.as_ref().is_some_and(|subject| group.covers(subject)))
            && rule.when.hold(|fact| agreement.fact(fact, event))
    };
    let length = |rule: &Rule| rule.kle.as_ref().map_or(0, |kle| kle.as_str().len());
    let mut rules: Vec<&Rule> = agreement.rules.iter().filter(holds).collect();
    let longest = rules.iter().filter(|rule| rule.supplements.is_none()).map(|rule| length(rule)).max();
    rules.retain(|rule| rule.supplements.is_some() || longest == Some(length(rule)));
    // A rule that supplements another has nothing to say while that one does not hold.
    let alone: Vec<&String> = rules.iter().filter(|rule| rule.supplements.is_none()).map(|rule| &rule.id).collect();
    rules.retain(|rule| rule.supplements.as_ref().is_none_or(|base| alone.contains(&base)));
    rules.sort_by_key(|rule| (rule.supplements.is_some(), rule.id.clone()));
    if rules.is_empty() { Err(no_rule(event, law)) } else { Ok(rules) }
}

fn no_rule(event: &Event, law: Option<&LawRef>) -> Reason {
    let law = law.map_or_else(String::new, |law| format!(" efter {law}"));
    let text = format!(
        "Aftalen har ingen regel om {}{law}, som gælder {}. Ret afsenderen, eller tilføj reglen og send igen.",
        event.kind,
        event.deciding_date()
    );
    Reason::new(NO_RULE, text)
}

fn check_preceding(rule: &Rule, known: &Known) -> Result<(), Reason> {
    let Some(before) = rule.presupposes else { return Ok(()) };
    if known.earlier.iter().any(|earlier| earlier.kind == before) {
        return Ok(());
    }
    let text = format!(
        "Der er ingen {before} i sagen, som {} kan følge. Den fortsætter af sig selv, hvis den kommer; ellers find sagen og afgør.",
        rule.event
    );
    Err(Reason::new(PRECEDING_MISSING, text))
}

fn because(agreement: &Agreement, rule: &Rule, clause: &Clause) -> Because {
    let document = agreement.document_title(clause).to_owned();
    Because { rule: rule.id.clone(), clause: clause.clone(), document, standing: rule.standing }
}

/// One delivery for each mailbox and channel that any rule names. A task wins over information,
/// and all clauses are listed.
fn deliveries(
    agreement: &Agreement,
    id: EventId,
    rules: &[&Rule],
    parties: &Parties,
    asker: Option<&Asker>,
) -> Result<Vec<Planned>, Reason> {
    let mut planned: Vec<Planned> = Vec::new();
    for rule in rules {
        for receiver in &rule.receivers {
            let mailbox = parties.mailbox(&receiver.mailbox, asker)?;
            let channels = agreement.mailboxes.get(&mailbox).map(|it| it.channels.as_slice()).unwrap_or_default();
            for channel in channels {
                let because = because(agreement, rule, &receiver.clause);
                add(&mut planned, id, (&mailbox, *channel), receiver.capacity, because);
            }
        }
    }
    if let (Some(responsible), Some(base)) = (&parties.responsible, rules.first()) {
        for mailbox in &responsible.also {
            let channels = agreement.mailboxes.get(mailbox).map(|it| it.channels.as_slice()).unwrap_or_default();
            for channel in channels {
                let because =
                    Because { standing: responsible.standing, ..because(agreement, base, &responsible.clause) };
                add(&mut planned, id, (mailbox, *channel), Capacity::Information, because);
            }
        }
    }
    Ok(planned)
}

/// Adds a delivery, or a further reason for one that is to be made anyway.
fn add(
    planned: &mut Vec<Planned>,
    id: EventId,
    (mailbox, channel): (&MailboxId, Channel),
    capacity: Capacity,
    because: Because,
) {
    let same = planned.iter_mut().find(|it| it.mailbox == *mailbox && it.channel == channel);
    if let Some(same) = same {
        same.capacity = same.capacity.max(capacity);
        if !same.because.contains(&because) {
            same.because.push(because);
        }
    } else {
        planned.push(Planned {
            id: DeliveryId::derive(id, mailbox.as_str(), channel.name()),
            mailbox: mailbox.clone(),
            channel,
            capacity,
            because: vec![because],
        });
    }
}

fn remarks(rules: &[&Rule], event: &Event, known: &Known, parties: &Parties) -> Vec<Remark> {
    let mut remarks = Vec::new();
    if let Some((standing, responsible)) = parties.responsible.as_ref().and_then(|it| Some((it.standing.remark()?, it)))
    {
        let age = if responsible.age_unknown { ": borgerens alder er ikke oplyst" } else { "" };
        let text = format!(
            "Bestemmelsen {} om, at {} udfører {}, er {standing}{age}.",
            responsible.clause, responsible.performer, responsible.matter
        );
        remarks.push(Remark::new(STANDING, text));
    }
    let earlier = known.earlier.iter().rev().find(|earlier| earlier.kind == event.kind);
    if let [only] = rules
        && let Some(text) = &only.alone
    {
        remarks.push(Remark::new(BEYOND_DUTY, text.clone()));
    }
    for rule in rules {
        if let (Some(text), Some(earlier)) = (&rule.repeated, earlier) {
            remarks.push(Remark::new(REPEATED, format!("{text} Tidligere: {}.", earlier.id)));
        }
        if let Some(standing) = rule.standing.remark() {
            remarks.push(Remark::new(STANDING, format!("Bestemmelsen {} er {standing}.", rule.clause)));
        }
    }
    remarks
}
