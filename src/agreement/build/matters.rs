//! Who performs what, what it may depend on, and by which names the work is known.

use std::collections::BTreeMap;

use budstikke_contract::law::LawRef;

use super::super::fault::Kind;
use super::super::file;
use super::super::model::{Agreement, Area, Fact, MailboxId, Matter, Responsibility, Source, Subject};
use super::Parsed;
use super::read::{self, Reader};

/// The areas of work.
pub(super) fn work(files: &[&Parsed], agreement: &Agreement, reader: &mut Reader) -> BTreeMap<String, Area> {
    let mut areas = BTreeMap::new();
    for at in files {
        for written in &at.file.work {
            let Some(id) = reader.name(at, &written.id) else { continue };
            let mut teams = Vec::new();
            for party in &agreement.parties {
                if let Some(team) = written.teams.get(party.id.as_str()) {
                    teams.push((party.id.clone(), team.get_ref().clone()));
                } else {
                    let what = format!("området `{id}` har intet hold hos {}", party.id);
                    reader.fault(at, &written.id, Kind::Gap, what, "Nævn et hold for hver part under `hold`.");
                }
            }
            for (party, team) in written.teams.iter().filter(|(party, _)| agreement.party(party).is_none()) {
                let what = format!("`{party}` er ikke en part");
                reader.fault(at, team, Kind::Name, what, "Nævn en af aftalens parter.");
            }
            let laws = reader.laws(at, agreement, None, &written.laws);
            if areas.insert(id, Area { name: written.name.clone(), teams, laws }).is_some() {
                let what = format!("området `{}` er beskrevet to gange", written.id.get_ref());
                reader.fault(at, &written.id, Kind::Name, what, "Slet det ene.");
            }
        }
    }
    areas
}

/// KL's subjects.
pub(super) fn subjects(files: &[&Parsed], agreement: &Agreement, reader: &mut Reader) -> Vec<Subject> {
    let mut subjects = Vec::new();
    for at in files {
        for written in &at.file.subjects {
            let kle = reader.kle(at, &written.number);
            let law = written.law.as_ref().and_then(|law| reader.law(at, agreement, law));
            let period = reader.period(at, &written.from, written.to.as_ref());
            if let (Some(kle), Some(period)) = (kle, period) {
                subjects.push(Subject { kle, title: written.title.clone(), law, period });
            }
        }
    }
    subjects
}

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
    let matters = matters(at, agreement, written, reader);
    let when = reader.conditions(at, agreement, &written.when);
    let clause = reader.clause(at, agreement, &written.clause);
    let period = reader.period(at, &written.from, written.to.as_ref());
    let standing = reader.standing(at, written.status.as_ref());
    let also: Vec<MailboxId> = written.also.iter().filter_map(|id| mailbox(at, agreement, id, reader)).collect();
    let mut found = Vec::new();
    for residence in &written.residences {
        let Some(home) = agreement.party(residence.get_ref()) else {
            let what = format!("`{}` er ikke en part", residence.get_ref());
            reader.fault(at, residence, Kind::Name, what, "Nævn en af aftalens parter.");
            continue;
        };
        let performer = match written.performer.get_ref().as_str() {
            "bopael" => Some(Some(home)),
            "ingen" => Some(None),
            party => agreement.party(party).map(Some),
        };
        let Some(performer) = performer else {
            let what = format!("`{}` er hverken en part, `bopael` eller `ingen`", written.performer.get_ref());
            reader.fault(at, &written.performer, Kind::Name, what, "Nævn parten, der løser opgaven.");
            continue;
        };
        let (Some(clause), Some(period)) = (clause.clone(), period) else { continue };
        found.extend(matters.iter().map(|matter| Responsibility {
            matter: matter.clone(),
            task: written.task.clone(),
            residence: home.id.clone(),
            when: when.clone(),
            performer: performer.map(|party| party.id.clone()),
            period,
            clause: clause.clone(),
            standing,
            note: written.note.clone(),
            also: also.clone(),
            place: Reader::place(at, residence),
        }));
    }
    found
}

/// A mailbox by its own name, which is there.
fn mailbox(
    at: &Parsed,
    agreement: &Agreement,
    written: &toml::Spanned<String>,
    reader: &mut Reader,
) -> Option<MailboxId> {
    let found = MailboxId::parse(written.get_ref()).filter(|id| agreement.mailboxes.contains_key(id));
    if found.is_none() {
        let what = format!("postkassen `{}` findes ikke", written.get_ref());
        reader.fault(at, written, Kind::Name, what, "Tilføj den som [[postkasse]], eller ret navnet.");
    }
    found
}

/// What a written responsibility is about: laws, or an area.
fn matters(at: &Parsed, agreement: &Agreement, written: &file::Responsibility, reader: &mut Reader) -> Vec<Matter> {
    let laws: Vec<LawRef> = reader.laws(at, agreement, written.law.as_ref(), &written.laws);
    let area = written.area.as_ref().and_then(|area| reader.work(at, agreement, area));
    let said = usize::from(written.law.is_some()) + usize::from(!written.laws.is_empty());
    if said + usize::from(written.area.is_some()) != 1 {
        let what = "et ansvar skal sige, hvad det er for: én af `lov`, `love` og `omraade`".to_owned();
        reader.fault(at, &written.performer, Kind::Form, what, "Skriv én af de tre.");
    }
    laws.into_iter().map(Matter::Law).chain(area.map(Matter::Area)).collect()
}

pub(super) fn facts(files: &[&Parsed], reader: &mut Reader) -> BTreeMap<String, Fact> {
    let mut facts = BTreeMap::new();
    for at in files {
        for written in &at.file.facts {
            let Some(id) = reader.name(at, &written.id) else { continue };
            let Some(from) = source(at, written, reader) else { continue };
            if !written.values.get_ref().contains(written.missing.get_ref()) {
                let what = format!("`{}` er ikke en af værdierne", written.missing.get_ref());
                reader.fault(at, &written.missing, Kind::Name, what, "`mangler` skal være en af forholdets værdier.");
            }
            let fact =
                Fact { from, values: written.values.get_ref().clone(), missing: written.missing.get_ref().clone() };
            if facts.insert(id, fact).is_some() {
                let what = format!("forholdet `{}` er beskrevet to gange", written.id.get_ref());
                reader.fault(at, &written.id, Kind::Name, what, "Slet det ene.");
            }
        }
    }
    facts
}

/// Where a fact comes from: a path in the event, or the citizen's age.
fn source(at: &Parsed, written: &file::Fact, reader: &mut Reader) -> Option<Source> {
    let many = written.values.get_ref().len();
    let nothing_else = written.path.is_none() && written.ages.is_none() && written.pension_ages.is_empty();
    match (written.sender, written.law) {
        (true, false) if nothing_else => return Some(Source::Sender),
        (false, true) if nothing_else => return Some(Source::Law),
        _ => {}
    }
    match (&written.path, &written.ages, written.pension_ages.as_slice()) {
        (Some(path), None, []) if path.get_ref().starts_with('/') => Some(Source::Data(path.get_ref().clone())),
        (Some(path), None, []) => {
            let what = format!("`{}` er ikke en sti", path.get_ref());
            reader.fault(at, path, Kind::Form, what, "Skriv stien i hændelsens data: \"/plan_type\".");
            None
        }
        (None, Some(ages), []) => {
            let limits = ages.get_ref();
            let rising = limits.windows(2).all(|pair| matches!(pair, [one, next] if one < next));
            // One value more than there are limits, and one for the age that is not known.
            if !rising || many != limits.len() + 2 {
                let what = "aldersgrænserne skal stige, og der skal være én værdi mere end grænser og én for ukendt"
                    .to_owned();
                let fix =
                    "Skriv `alder = [18, 67]` og `vaerdier = [\"under-18\", \"18-66\", \"67-plus\", \"ukendt\"]`.";
                reader.fault(at, ages, Kind::Form, what, fix);
                return None;
            }
            Some(Source::Age(limits.clone()))
        }
        (None, None, [_, ..]) if many == 3 => {
            let mut table = Vec::new();
            for row in &written.pension_ages {
                let from = reader.note(read::date(&at.name, &at.text, &row.born_from))?;
                table.push((from, row.years.saturating_mul(12).saturating_add(row.months)));
            }
            table.sort_unstable_by_key(|(from, _)| std::cmp::Reverse(*from));
            Some(Source::PensionAge(table))
        }
        _ => {
            let what = format!("forholdet `{}` siger ikke, hvor det kommer fra", written.id.get_ref());
            let fix = "Skriv én af `sti`, `afsender`, `lov`, `alder` og `pensionsalder`; den sidste har tre værdier: før, efter og ukendt.";
            reader.fault(at, &written.id, Kind::Form, what, fix);
            None
        }
    }
}
