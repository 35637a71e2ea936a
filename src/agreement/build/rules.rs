//! Who performs what, and who is told.

use std::collections::BTreeMap;

use toml::Spanned;

use super::super::fault::Kind;
use super::super::file;
use super::super::model::{Agreement, Capacity, Fact, Receiver, Responsibility, Role, Rule, Sender};
use super::Parsed;
use super::read::Reader;

pub(super) fn responsibilities(files: &[&Parsed], agreement: &Agreement, reader: &mut Reader) -> Vec<Responsibility> {
    let mut all = Vec::new();
    for at in files {
        for written in &at.file.responsibilities {
            all.extend(responsibility(at, agreement, written, reader));
        }
    }
    all
}

/// One written responsibility, for each of the residences that it names.
fn responsibility(
    at: &Parsed,
    agreement: &Agreement,
    written: &file::Responsibility,
    reader: &mut Reader,
) -> Vec<Responsibility> {
    let law = reader.law(at, agreement, &written.law);
    let clause = reader.clause(at, agreement, &written.clause);
    let period = reader.period(at, &written.from, written.to.as_ref());
    let standing = reader.standing(at, written.status.as_ref());
    let mut found = Vec::new();
    for residence in &written.residences {
        let Some(home) = agreement.party(residence.get_ref()) else {
            let what = format!("`{}` er ikke en part", residence.get_ref());
            reader.fault(at, residence, Kind::Name, what, "Nævn en af aftalens parter.");
            continue;
        };
        let performer = match written.performer.get_ref().as_str() {
            "bopael" => Some(home),
            party => agreement.party(party),
        };
        let Some(performer) = performer else {
            let what = format!("`{}` er hverken en part eller `bopael`", written.performer.get_ref());
            reader.fault(at, &written.performer, Kind::Name, what, "Nævn parten, der løser opgaven.");
            continue;
        };
        let (Some(law), Some(clause), Some(period)) = (law.clone(), clause.clone(), period) else { continue };
        found.push(Responsibility {
            law,
            task: written.task.clone(),
            residence: home.id.clone(),
            performer: performer.id.clone(),
            period,
            clause,
            standing,
            note: written.note.clone(),
            place: Reader::place(at, &written.law),
        });
    }
    found
}

pub(super) fn facts(files: &[&Parsed], reader: &mut Reader) -> BTreeMap<String, Fact> {
    let mut facts = BTreeMap::new();
    for at in files {
        for written in &at.file.facts {
            let Some(id) = reader.name(at, &written.id) else { continue };
            if !written.path.get_ref().starts_with('/') {
                let what = format!("`{}` er ikke en sti", written.path.get_ref());
                reader.fault(at, &written.path, Kind::Form, what, "Skriv stien i hændelsens data: \"/plan_type\".");
            }
            if !written.values.get_ref().contains(written.missing.get_ref()) {
                let what = format!("`{}` er ikke en af værdierne", written.missing.get_ref());
                reader.fault(at, &written.missing, Kind::Name, what, "`mangler` skal være en af forholdets værdier.");
            }
            let fact = Fact {
                path: written.path.get_ref().clone(),
                values: written.values.get_ref().clone(),
                missing: written.missing.get_ref().clone(),
            };
            if facts.insert(id, fact).is_some() {
                let what = format!("forholdet `{}` er beskrevet to gange", written.id.get_ref());
                reader.fault(at, &written.id, Kind::Name, what, "Slet det ene.");
            }
        }
    }
    facts
}

pub(super) fn rules(files: &[&Parsed], agreement: &Agreement, reader: &mut Reader) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    for at in files {
        for written in &at.file.rules {
            let Some(rule) = rule(at, agreement, written, reader) else { continue };
            if rules.iter().any(|known| known.id == rule.id) {
                let what = format!("der er to regler med navnet `{}`", rule.id);
                reader.fault(at, &written.id, Kind::Name, what, "Giv hver regel sit eget navn.");
            }
            rules.push(rule);
        }
    }
    rules
}

fn rule(at: &Parsed, agreement: &Agreement, written: &file::Rule, reader: &mut Reader) -> Option<Rule> {
    let id = reader.name(at, &written.id);
    let event = reader.event(at, &written.event);
    let law = reader.law(at, agreement, &written.law);
    let performer_by = match &written.performer_by {
        Some(by) => reader.law(at, agreement, by),
        None => law.clone(),
    };
    let period = reader.period(at, &written.from, written.to.as_ref());
    let clause = reader.clause(at, agreement, &written.clause);
    let when = reader.conditions(at, agreement, &written.when);
    let presupposes = written.presupposes.as_ref().map(|event| reader.event(at, event));
    let senders = senders(at, agreement, &written.senders, reader);
    let receivers = receivers(at, agreement, written, reader);
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
    Some(Rule {
        id: id?,
        event: event?,
        law: law?,
        performer_by: performer_by?,
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
        clause: clause?,
        standing: reader.standing(at, written.status.as_ref()),
        text: written.text.clone(),
        place: Reader::place(at, &written.id),
    })
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

fn receivers(at: &Parsed, agreement: &Agreement, rule: &file::Rule, reader: &mut Reader) -> Vec<Receiver> {
    let mut receivers = Vec::new();
    for written in &rule.receivers {
        let mailbox = reader.role_mailbox(at, agreement, &written.mailbox);
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
