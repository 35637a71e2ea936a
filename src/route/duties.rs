//! What an event means for duties: which of those that are open it meets, moves or closes, and
//! which it opens.

use std::collections::BTreeMap;

use budstikke_contract::event::Event;
use budstikke_contract::id::{DutyId, EventId};
use budstikke_contract::reason::Reason;

use super::known::Known;
use super::parties::{Asker, Parties};
use super::{AMBIGUOUS_DUTY, NO_OPEN_REQUEST, SENDER_NOT_ALLOWED};
use crate::agreement::model::{self, Agreement, DutyKind, MailboxId, PartyId, RoleMailbox, Rule};
use crate::duty::{self, Duty, Effect, Told};

/// What becomes of the duties that were open.
#[derive(Debug, Default)]
pub(super) struct Effects {
    pub(super) effects: Vec<(DutyId, Effect)>,
    /// Who asked the question that the event answers.
    pub(super) asker: Option<Asker>,
}

/// Finds the duties that the event is about. It says so by `causationid`; without it, all that are
/// open in its case: a further plan of the same course opens the same duty once more, and one start
/// that is offered is offered for both. Only an answer must be to one question, or it would tell
/// the wrong one.
pub(super) fn effects(
    agreement: &Agreement,
    rule: &Rule,
    event: &Event,
    parties: &Parties<'_>,
    known: &Known,
) -> Result<Effects, Reason> {
    let sender = parties.sender.as_ref();
    // Of duties that several parties owe, each meets its own.
    let own = |duty: &&Duty| !duty.is_met_by(event.kind) || sender.is_none_or(|it| it.as_str() == duty.terms.owed_by);
    let all: Vec<&Duty> = known.open.iter().filter(|duty| duty.concerned_by(event.kind)).collect();
    let concerned: Vec<&Duty> = all.iter().copied().filter(own).collect();
    let meant = meant(event, &concerned, rule.answers.as_deref())?;
    let mut found = Effects::default();
    if let Some(answers) = &rule.answers {
        let Some(duty) = meant.iter().find(|duty| duty.terms.name == *answers) else {
            return Err(all
                .iter()
                .find(|duty| duty.terms.name == *answers)
                .map_or_else(|| nothing_asked(event), |duty| not_theirs(event, duty)));
        };
        let mailbox = duty.answer_to.as_deref().and_then(MailboxId::parse);
        found.asker = PartyId::parse(&duty.asked_by).map(|party| Asker { party, mailbox });
    }
    let effect = |duty: &&Duty| {
        Some((duty.id, if lapses(agreement, duty, event) { Effect::Closed } else { duty.effect(event)? }))
    };
    found.effects = meant.iter().filter_map(effect).collect();
    found.effects.extend(of_calendar(event, known));
    Ok(found)
}

/// What an event means for the calendar: it meets the earliest that is open of each thing that is
/// owed at set times, for its sender, or for all who share it. Of another year or week it meets nothing.
fn of_calendar(event: &Event, known: &Known) -> Vec<(DutyId, Effect)> {
    let sender = event.source.party();
    let mut earliest: BTreeMap<(&str, &str), &Duty> = BTreeMap::new();
    let theirs = |duty: &&Duty| duty.terms.shared || duty.terms.owed_by == sender;
    for duty in known.calendar.iter().filter(theirs).filter(|duty| duty.terms.is_about(&event.data)) {
        let name = (duty.terms.name.as_str(), duty.terms.owed_by.as_str());
        let first = earliest.entry(name).or_insert(duty);
        if duty.due.date < first.due.date {
            *first = duty;
        }
    }
    earliest.into_values().filter_map(|duty| Some((duty.id, duty.effect(event)?))).collect()
}

/// Whether an event that may move a duty's due date says that the duty would not have arisen: a
/// plan that is corrected to a specialised one, which the hospital performs itself.
fn lapses(agreement: &Agreement, duty: &Duty, event: &Event) -> bool {
    let Some(written) = agreement.duties.get(&duty.terms.name) else { return false };
    written.moved_by.contains(&event.kind) && !written.when.hold(|fact| agreement.fact(fact, event))
}

fn meant<'a>(event: &Event, concerned: &[&'a Duty], answers: Option<&str>) -> Result<Vec<&'a Duty>, Reason> {
    if let Some(cause) = &event.causation {
        let named: Vec<&Duty> = concerned.iter().copied().filter(|duty| duty.opened_by(cause)).collect();
        if !named.is_empty() {
            return Ok(named);
        }
        // An answer to another question than those that are open is an answer to none of them.
        if answers.is_some() {
            return Err(nothing_asked(event));
        }
    }
    let one_by_one = |duty: &Duty| duty.terms.one_by_one || duty.terms.kind != DutyKind::Act.name();
    // What says which question it is about, and means another than those that are open, meets none
    // of them: a second decision about the first must not pass for one about the second.
    let elsewhere = |duty: &&Duty| event.causation.is_some() && one_by_one(duty) && duty.is_met_by(event.kind);
    let concerned: Vec<&Duty> = concerned.iter().copied().filter(|duty| !elsewhere(duty)).collect();
    for duty in concerned.iter().filter(|duty| one_by_one(duty)) {
        let rivals = concerned.iter().filter(|other| other.terms.name == duty.terms.name).count();
        if rivals > 1 {
            let text = format!(
                "Sagen har {rivals} åbne spørgsmål ({}), og svaret siger ikke hvilket det er til. Afsenderen skal sætte `causationid` til id'et på den hændelse, der spurgte.",
                duty.terms.what
            );
            return Err(Reason::new(AMBIGUOUS_DUTY, text).at("$.causationid"));
        }
    }
    Ok(concerned)
}

fn not_theirs(event: &Event, duty: &Duty) -> Reason {
    let text = format!("`{}` skylder ikke svaret; det gør `{}`.", event.source.party(), duty.terms.owed_by);
    Reason::new(SENDER_NOT_ALLOWED, text).at("$.source")
}

fn nothing_asked(event: &Event) -> Reason {
    let text = format!(
        "{} besvarer intet åbent spørgsmål i sagen, så det kan ikke afgøres, hvem svaret er til. Afsenderen skal angive sag (`subject`) og spørgsmål (`causationid`).",
        event.kind
    );
    Reason::new(NO_OPEN_REQUEST, text).at("$.causationid")
}

/// The duties that the rules open.
pub(super) fn opened(
    agreement: &Agreement,
    id: EventId,
    event: &Event,
    rules: &[&Rule],
    parties: &Parties<'_>,
) -> Result<Vec<Duty>, Reason> {
    let mut opened: Vec<Duty> = Vec::new();
    for rule in rules {
        for name in &rule.duties {
            let Some(written) = agreement.duties.get(name) else { continue };
            if !written.when.hold(|fact| agreement.fact(fact, event)) {
                continue;
            }
            for role in &written.owed_by {
                let owed_by = parties.role(role, None)?;
                let same = |duty: &Duty| duty.terms.name == *name && duty.terms.owed_by == owed_by.as_str();
                if !opened.iter().any(same) {
                    opened.push(open(agreement, id, event, (rule, written), &owed_by, parties)?);
                }
            }
        }
    }
    Ok(opened)
}

fn open(
    agreement: &Agreement,
    id: EventId,
    event: &Event,
    (rule, written): (&Rule, &model::Duty),
    owed_by: &PartyId,
    parties: &Parties<'_>,
) -> Result<Duty, Reason> {
    let remind = match &written.remind {
        Some(remind) => Some(duty::Remind { days_before: remind.days_before, to: told(&remind.to, parties)? }),
        None => None,
    };
    let late = match &written.late {
        Some(late) => Some(duty::Late {
            to: told(&late.to, parties)?,
            text: late.text.clone(),
            law: late.law.clone(),
            clause: late.clause.to_string(),
        }),
        None => None,
    };
    let terms = duty::Terms {
        name: written.id.clone(),
        kind: written.kind.name().to_owned(),
        what: written.what.clone(),
        owed_by: owed_by.to_string(),
        law: rule.law.clone().or_else(|| event.law.clone()),
        clause: written.clause.to_string(),
        due: written.due.as_ref().map(|due| duty::DueAfter {
            number: due.number,
            reckoned: due.reckoned,
            after: due.after.clone(),
            called: due.called.clone(),
            source: due.clause.as_ref().map(|clause| agreement.document_title(clause).to_owned()),
        }),
        one_by_one: written.one_by_one,
        shared: false,
        met_by: written.met_by.iter().map(|kind| kind.name().to_owned()).collect(),
        met_from: written.met_from.clone(),
        about: Vec::new(),
        moved_by: written.moved_by.iter().map(|kind| kind.name().to_owned()).collect(),
        closed_by: written.closed_by.iter().map(|kind| kind.name().to_owned()).collect(),
        remind,
        late,
    };
    let duty_id = DutyId::derive(id, &written.id, owed_by.as_str());
    let answered = agreement.rules.iter().any(|rule| rule.answers.as_ref() == Some(&written.id));
    let asks = if answered { parties.asks(rule, event)? } else { None };
    Ok(Duty { answer_to: asks.map(|id| id.to_string()), ..Duty::open(duty_id, terms, id, event) })
}

fn told(mailboxes: &[RoleMailbox], parties: &Parties<'_>) -> Result<Vec<Told>, Reason> {
    let resolve = |mailbox| parties.mailbox(mailbox, None).map(|id| Told(id.to_string()));
    let mut told: Vec<Told> = mailboxes.iter().map(resolve).collect::<Result<_, _>>()?;
    told.dedup();
    Ok(told)
}
