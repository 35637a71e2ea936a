//! What would happen with a message, as a page tells it: kinds, laws, days, case keys, who gets it and
//! why. Nothing of what stands in the message.

use super::super::{names, words};
use crate::agreement::model::{Agreement, MailboxId};
use crate::explain::Explained;
use crate::ledger::event::Because;
use crate::ledger::trace::EventStory;

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    /// Which of those that were given.
    pub(super) number: usize,
    pub(super) adapter: String,
    /// What becomes of it, in a sentence.
    pub(super) outcome: &'static str,
    pub(super) class: &'static str,
    pub(super) reasons: Vec<Why>,
    /// What would be asked elsewhere first.
    pub(super) asks: Vec<String>,
    pub(super) events: Vec<Event>,
    /// What its sender would be answered.
    pub(super) replies: Vec<String>,
}

/// Why it does not go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Why {
    pub(super) code: String,
    pub(super) text: String,
    pub(super) path: Option<String>,
}

/// An event that it becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) title: String,
    pub(super) kind: String,
    pub(super) case: String,
    pub(super) day: String,
    pub(super) law: Option<String>,
    pub(super) residence: Option<String>,
    pub(super) performer: Option<String>,
    /// The clauses that decide.
    pub(super) because: Vec<Because>,
    pub(super) nobody: Option<String>,
    pub(super) deliveries: Vec<Delivery>,
    pub(super) duties: Vec<Duty>,
}

/// Who gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Delivery {
    pub(super) to: String,
    pub(super) name: String,
    pub(super) capacity: &'static str,
    pub(super) way: String,
    /// The rules, each with its clause.
    pub(super) rules: Vec<(String, String)>,
}

/// What comes to be owed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Duty {
    pub(super) owed_by: String,
    pub(super) what: String,
    pub(super) due: String,
    pub(super) due_reason: String,
    pub(super) fulfilled_by: String,
    pub(super) clause: String,
}

/// Tells of one message.
pub(super) fn message(number: usize, explained: &Explained, agreement: &Agreement) -> Message {
    let (outcome, class) = match explained.outcome() {
        "routed" => ("Den fordeles.", "god"),
        "recorded" => ("Den gemmes; efter reglerne skal ingen have den.", "god"),
        "parked" => ("Den parkeres: den kan læses, men det kan ikke afgøres, hvem der skal have den.", "obs"),
        "waiting" => {
            ("Den venter, til budstikken har spurgt andre, eller til det, den følger efter, er gået videre.", "obs")
        }
        "refused" => ("Den afvises: den kan ikke læses eller er af en slags, budstikken ikke fører.", "fejl"),
        _ => ("Den er kommet før; intet mere sker.", "stille"),
    };
    let reasons = explained.taken.iter().filter_map(|taken| taken.reason.as_ref());
    let wishes = explained.stories.iter().flat_map(|story| &story.wishes);
    let replies = explained.stories.first().into_iter().flat_map(|story| &story.answers);
    Message {
        number,
        adapter: explained.adapter.clone(),
        outcome,
        class,
        reasons: reasons
            .map(|it| Why { code: it.code.to_string(), text: it.text.clone(), path: it.path.clone() })
            .collect(),
        asks: wishes.map(|wish| asked(&wish.service)).collect(),
        events: explained.events.iter().map(|it| event(it, agreement)).collect(),
        replies: replies
            .map(|(reply, _)| {
                let code = reply.code.as_ref().map_or_else(String::new, |code| format!(" {code}"));
                format!("{}{code} til {}", reply.kind, reply.to)
            })
            .collect(),
    }
}

fn asked(service: &str) -> String {
    match service.split_once('.') {
        Some((_, source)) => format!("hændelsens indhold hos {source}"),
        None => "hvor borgeren bor".to_owned(),
    }
}

fn event(it: &EventStory, agreement: &Agreement) -> Event {
    let home = it.residence.as_deref().map(|code| {
        let party = agreement.parties.iter().find(|party| party.municipality.to_string() == code);
        party.map_or_else(|| format!("kommune {code}"), |party| party.name.clone())
    });
    let performer = &it.decision.performer;
    Event {
        title: names::happening(&it.kind).to_owned(),
        kind: it.kind.clone(),
        case: it.case.clone(),
        day: it.day.parse().map_or_else(|_no_day| it.day.clone(), words::day),
        law: it.law.clone(),
        residence: home,
        performer: (!performer.is_empty()).then(|| names::party(agreement, performer).to_owned()),
        because: it.decision.clauses(),
        nobody: it.decision.nobody.clone(),
        deliveries: it.deliveries.iter().map(|story| delivery(&story.delivery, agreement)).collect(),
        duties: it.duties.iter().map(|it| duty(it, agreement)).collect(),
    }
}

fn delivery(it: &crate::ledger::delivery::Delivery, agreement: &Agreement) -> Delivery {
    let known = MailboxId::parse(&it.mailbox).and_then(|id| agreement.mailboxes.get(&id));
    Delivery {
        to: it.mailbox.clone(),
        name: known.map(|mailbox| mailbox.name.clone()).unwrap_or_default(),
        capacity: words::capacity(&it.capacity),
        way: names::way(&it.channel).to_owned(),
        rules: it.why.rules.clone(),
    }
}

fn duty(it: &crate::duty::Duty, agreement: &Agreement) -> Duty {
    let met: Vec<&str> = it.terms.met_by.iter().map(|kind| names::happening(kind)).collect();
    Duty {
        owed_by: names::party(agreement, &it.terms.owed_by).to_owned(),
        what: it.terms.what.clone(),
        due: it.due.date.map_or_else(|| "ingen frist".to_owned(), words::day),
        due_reason: it.due.reason.clone(),
        fulfilled_by: met.join(" eller "),
        clause: it.terms.clause.clone(),
    }
}
