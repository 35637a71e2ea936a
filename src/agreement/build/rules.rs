//! Who is told of what.

use std::collections::BTreeSet;

use budstikke_contract::law::LawRef;
use toml::Spanned;

use super::super::fault::Kind;
use super::super::file;
use super::super::model::{Agreement, Capacity, Matter, PartyId, PerformerBy, Receiver, Role, Rule, Sender};
use super::Parsed;
use super::read::Reader;

pub(super) fn rules(files: &[&Parsed], agreement: &Agreement, reader: &mut Reader) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    for at in files {
        for written in &at.file.rules {
            let Some(found) = rule(at, agreement, written, reader) else { continue };
            if rules.iter().any(|known| known.id == *written.id.get_ref()) {
                let what = format!("der er to regler med navnet `{}`", written.id.get_ref());
                reader.fault(at, &written.id, Kind::Name, what, "Giv hver regel sit eget navn.");
            }
            rules.extend(found);
        }
    }
    rules
}

/// One written rule, for each of the laws that it names.
fn rule(at: &Parsed, agreement: &Agreement, written: &file::Rule, reader: &mut Reader) -> Option<Vec<Rule>> {
    let id = reader.name(at, &written.id);
    let event = reader.event(at, &written.event);
    let laws = laws(at, agreement, written, reader)?;
    let performer_by = performer_by(at, agreement, written, reader)?;
    let kle = match &written.kle {
        Some(kle) => Some(reader.kle(at, kle)?),
        None => None,
    };
    let area = match &written.area {
        Some(area) => Some(reader.work(at, agreement, area)?),
        None => None,
    };
    let period = reader.period(at, &written.from, written.to.as_ref());
    let clause = reader.clause(at, agreement, &written.clause);
    let when = reader.conditions(at, agreement, &written.when);
    let presupposes = written.presupposes.as_ref().map(|event| reader.event(at, event));
    let senders = senders(at, agreement, &written.senders, reader);
    let receivers = receivers(at, agreement, written, (&laws, performer_by.as_ref()), reader);
    check_names(at, agreement, written, reader);
    let one = Rule {
        id: id?,
        event: event?,
        law: None,
        within: reader.laws(at, agreement, None, &written.within),
        kle,
        performer_by: PerformerBy::Nothing,
        without_residence: written.without_residence,
        area,
        period: period?,
        when,
        supplements: written.supplements.as_ref().map(|id| id.get_ref().clone()),
        senders,
        receivers,
        nobody: written.nobody.clone(),
        duties: written.duties.iter().map(|duty| duty.get_ref().clone()).collect(),
        answers: written.answers.as_ref().map(|duty| duty.get_ref().clone()),
        presupposes: match presupposes {
            Some(event) => Some(event?),
            None => None,
        },
        repeated: written.repeated.clone(),
        alone: written.alone.clone(),
        clause: clause?,
        standing: reader.standing(at, written.status.as_ref()),
        text: written.text.clone(),
        place: Reader::place(at, &written.id),
    };
    let for_law =
        |law: Option<LawRef>| Rule { performer_by: found_by(performer_by.as_ref(), law.as_ref()), law, ..one.clone() };
    Some(laws.into_iter().map(for_law).collect())
}

/// The duties that a rule names are there, and somebody gets it or it says why nobody does.
fn check_names(at: &Parsed, agreement: &Agreement, written: &file::Rule, reader: &mut Reader) {
    for duty in written.duties.iter().chain(&written.answers) {
        if !agreement.duties.contains_key(duty.get_ref()) {
            let what = format!("pligten `{}` er ikke beskrevet", duty.get_ref());
            reader.fault(at, duty, Kind::Name, what, "Tilføj den som [[pligt]], eller ret navnet.");
        }
    }
    if written.receivers.is_empty() != written.nobody.is_some() {
        let what = format!(
            "reglen `{}` skal enten have modtagere eller sige, hvorfor ingen skal have besked",
            written.id.get_ref()
        );
        reader.fault(
            at,
            &written.id,
            Kind::Form,
            what,
            "Nævn modtagere, eller skriv `modtagere = []` og `ingen = \"hvorfor\"`.",
        );
    }
}

/// The laws of a rule; `None` among them where it holds whatever the law is.
fn laws(at: &Parsed, agreement: &Agreement, written: &file::Rule, reader: &mut Reader) -> Option<Vec<Option<LawRef>>> {
    let said = written.law.is_some() || !written.laws.is_empty();
    let laws = reader.laws(at, agreement, written.law.as_ref(), &written.laws);
    if !said {
        return Some(vec![None]);
    }
    (!laws.is_empty()).then(|| laws.into_iter().map(Some).collect())
}

/// What a rule says of how its performer is found; `None` where it says nothing.
#[expect(clippy::option_option, reason = "not said is another thing than said wrong")]
fn performer_by(
    at: &Parsed,
    agreement: &Agreement,
    written: &file::Rule,
    reader: &mut Reader,
) -> Option<Option<PerformerBy>> {
    let Some(by) = &written.performer_by else { return Some(None) };
    let found = match by.get_ref().as_str() {
        "haendelsen" => Some(PerformerBy::Event),
        area if agreement.work.contains_key(area) => Some(PerformerBy::Matter(Matter::Area(area.to_owned()))),
        _ => reader.law(at, agreement, by).map(|law| PerformerBy::Matter(Matter::Law(law))),
    };
    found.map(Some)
}

/// By what the performer of a rule's task is found, under one of its laws.
fn found_by(said: Option<&PerformerBy>, law: Option<&LawRef>) -> PerformerBy {
    said.cloned().unwrap_or_else(|| PerformerBy::law(law))
}

fn senders(at: &Parsed, agreement: &Agreement, written: &[Spanned<String>], reader: &mut Reader) -> Vec<Sender> {
    let mut senders = Vec::new();
    for sender in written {
        let text = sender.get_ref().as_str();
        let known = match text {
            "enhver" => Some(Sender::Anyone),
            outsider if agreement.outsiders.contains(outsider) => Some(Sender::Outsider(outsider.to_owned())),
            role => reader.role(at, agreement, sender, role).map(Sender::Role),
        };
        if matches!(known, Some(Sender::Role(Role::Other | Role::Asker))) {
            let what = format!("`{text}` kan ikke være afsender: rollen findes først ud fra afsenderen");
            reader.fault(
                at,
                sender,
                Kind::Name,
                what,
                "Skriv bopael, udfoerer, en part, en udenforstående eller enhver.",
            );
        }
        senders.extend(known);
    }
    senders
}

fn receivers(
    at: &Parsed,
    agreement: &Agreement,
    rule: &file::Rule,
    (laws, said): (&[Option<LawRef>], Option<&PerformerBy>),
    reader: &mut Reader,
) -> Vec<Receiver> {
    let mut receivers = Vec::new();
    let by: Vec<PerformerBy> = laws.iter().map(|law| found_by(said, law.as_ref())).collect();
    let performers: BTreeSet<&PartyId> = by.iter().flat_map(|by| agreement.performers(by)).collect();
    for written in &rule.receivers {
        let mailbox = reader.role_mailbox(at, agreement, &written.mailbox, Some(&performers));
        let clause = reader.clause(at, agreement, written.clause.as_ref().unwrap_or(&rule.clause));
        let capacity = match written.capacity.get_ref().as_str() {
            "opgave" => Some(Capacity::Task),
            "orientering" => Some(Capacity::Information),
            other => {
                let what = format!("`{other}` er hverken opgave eller orientering");
                reader.fault(
                    at,
                    &written.capacity,
                    Kind::Form,
                    what,
                    "Skriv `som = \"opgave\"` eller `som = \"orientering\"`.",
                );
                None
            }
        };
        if let (Some(mailbox), Some(clause), Some(capacity)) = (mailbox, clause, capacity) {
            if mailbox.role == Role::Asker && rule.answers.is_none() {
                let what = "`spoerger` kan kun modtage svar".to_owned();
                reader.fault(at, &written.mailbox, Kind::Name, what, "Skriv hvilken pligt reglen `besvarer`.");
            }
            receivers.push(Receiver { mailbox, capacity, clause });
        }
    }
    receivers
}
