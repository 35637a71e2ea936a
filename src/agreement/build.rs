//! From the files of one agreement to its model. Every fault is collected; a model is only made
//! when there is none, so that whoever holds an [`Agreement`] need not ask again.

mod calendar;
mod duties;
mod matters;
mod people;
mod read;
mod rules;

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::fault::{Fault, Kind};
use super::file::File;
use super::model::{Agreement, Part};
use read::Reader;

/// One file, read, with what is needed to say where something stands in it.
#[derive(Debug)]
pub(super) struct Parsed {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) file: File,
    pub(super) known: Date,
}

/// Reads one file.
pub(super) fn parse(name: &str, text: &str) -> Result<Parsed, Fault> {
    let file: File = toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| read::line_of(text, span.start));
        Fault {
            file: name.to_owned(),
            line,
            kind: Kind::Form,
            what: format!("filen kan ikke læses: {}", error.message().trim()),
            fix: "Ret linjen; nøglerne er beskrevet i deploy/agreement/README.md.".to_owned(),
        }
    })?;
    let known = read::date(name, text, &file.header.known)?;
    Ok(Parsed { name: name.to_owned(), text: text.to_owned(), file, known })
}

/// Makes the model of the agreement `name` out of its files. `None` where there are faults.
pub(super) fn build(name: &str, files: &[&Parsed]) -> (Option<Agreement>, Vec<Fault>) {
    let mut reader = Reader::default();
    let mut agreement = Agreement {
        name: name.to_owned(),
        parts: files.iter().map(|parsed| part(parsed)).collect(),
        parties: people::parties(files, &mut reader),
        outsiders: people::outsiders(files, &mut reader),
        documents: people::documents(files, &mut reader),
        laws: people::laws(files, &mut reader),
        mailboxes: std::collections::BTreeMap::new(),
        responsibilities: Vec::new(),
        facts: std::collections::BTreeMap::new(),
        rules: Vec::new(),
        duties: std::collections::BTreeMap::new(),
        work: std::collections::BTreeMap::new(),
        subjects: Vec::new(),
        calendar: Vec::new(),
        areas: areas(files, |file| &file.header.areas),
        without_areas: areas(files, |file| &file.header.without_areas),
        since: None,
    };
    agreement.since = since(files, &mut reader);
    agreement.mailboxes = people::mailboxes(files, &agreement, &mut reader);
    agreement.work = matters::work(files, &agreement, &mut reader);
    agreement.subjects = matters::subjects(files, &agreement, &mut reader);
    agreement.facts = matters::facts(files, &mut reader);
    agreement.responsibilities = matters::responsibilities(files, &agreement, &mut reader);
    agreement.duties = duties::duties(files, &agreement, &mut reader);
    agreement.rules = rules::rules(files, &agreement, &mut reader);
    agreement.calendar = calendar::calendar(files, &agreement, &mut reader);
    let faults = reader.faults;
    (faults.is_empty().then_some(agreement), faults)
}

fn part(parsed: &Parsed) -> Part {
    let header = &parsed.file.header;
    Part {
        part: header.part.get_ref().clone(),
        title: header.title.clone(),
        version: header.version,
        known: parsed.known,
    }
}

fn areas(files: &[&Parsed], of: impl Fn(&File) -> &Vec<toml::Spanned<String>>) -> BTreeSet<String> {
    files.iter().flat_map(|parsed| of(&parsed.file)).map(|area| area.get_ref().clone()).collect()
}

/// The first day that the agreement settles: the earliest that a file gives.
fn since(files: &[&Parsed], reader: &mut Reader) -> Option<Date> {
    let mut days = Vec::new();
    for parsed in files {
        if let Some(since) = &parsed.file.header.since {
            days.extend(reader.note(read::date(&parsed.name, &parsed.text, since)));
        }
    }
    days.into_iter().min()
}
