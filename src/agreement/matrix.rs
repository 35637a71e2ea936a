//! Who performs what, as a table that people read: one for the citizens of each municipality, by
//! law and period, with the clause of each row and how surely it says so.

mod csv;
mod html;
mod words;

use std::collections::BTreeMap;

use serde::Serialize;

use super::model::{Agreement, Conditions, Matter, Part, PartyId, Responsibility, Standing};
use super::period::Period;

/// The tables of one agreement.
#[derive(Debug, Clone, Serialize)]
pub struct Matrix {
    /// The agreement's name: `dragoer-taarnby`.
    pub agreement: String,
    /// In which versions of its files.
    pub parts: Vec<Part>,
    /// The documents that clauses stand in, by the first word of a clause.
    pub documents: BTreeMap<String, String>,
    /// One for each municipality whose citizens it is about.
    pub tables: Vec<Table>,
}

/// Who performs what for the citizens of one municipality.
#[derive(Debug, Clone, Serialize)]
pub struct Table {
    /// The municipality, by its name in ids.
    pub residence: String,
    /// Its name for people.
    pub residence_name: String,
    /// What is performed, in the order of the laws and the days.
    pub rows: Vec<Row>,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The law, `SEL § 82 a`, or the area that has no paragraph of its own.
    pub law: String,
    /// The law's title; empty where the agreement gives none.
    pub law_title: String,
    /// What the task is.
    pub task: String,
    /// On what conditions: `alder er under 67 år`; empty where there are none.
    pub condition: String,
    /// The first day.
    pub from: String,
    /// The last day; `None` where no end has been agreed.
    pub to: Option<String>,
    /// Who performs, by its name in ids; `None` where the agreement says that neither does.
    pub performer: Option<String>,
    /// The performer's name for people.
    pub performer_name: String,
    /// Where that is agreed: `S1 2`.
    pub clause: String,
    /// The title of the clause's document.
    pub document: String,
    /// `fortolkning` or `under afklaring`, where the clause does not say it outright.
    pub standing: Option<&'static str>,
    /// What a reader should know.
    pub note: Option<String>,
}

/// What the columns are called, where there is room for names.
const COLUMNS: [&str; 9] = [
    "Lov eller område",
    "Opgave",
    "Betingelse",
    "Gælder fra",
    "Gælder til",
    "Udføres af",
    "Bestemmelse",
    "Status",
    "Bemærkning",
];

impl Matrix {
    /// The tables of an agreement.
    pub fn of(agreement: &Agreement) -> Self {
        let tables = agreement.parties.iter().map(|party| {
            let own = agreement.responsibilities.iter().filter(|it| it.residence == party.id);
            let mut rows: Vec<(Place, Row)> = own.map(|it| (Place::of(it), row(agreement, it))).collect();
            rows.sort_by(|(one, _), (other, _)| one.cmp(other));
            let rows = rows.into_iter().map(|(_, row)| row).collect();
            Table { residence: party.id.to_string(), residence_name: party.name.clone(), rows }
        });
        Self {
            agreement: agreement.name.clone(),
            parts: agreement.parts.clone(),
            documents: agreement.documents.clone(),
            tables: tables.collect(),
        }
    }

    /// In which versions, in one line.
    pub fn versions(&self) -> String {
        self.parts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    }
}

impl Row {
    /// Its period, for people.
    pub fn period(&self) -> String {
        match &self.to {
            Some(to) => format!("{} – {to}", self.from),
            None => format!("{} –", self.from),
        }
    }
}

/// Conditions in words: `alder er under 67 år`; empty where there are none.
pub fn condition(agreement: &Agreement, when: &Conditions) -> String {
    words::of(&agreement.facts, when)
}

/// All tables as one, for a spreadsheet as it stands on a Danish desk.
pub fn csv(matrices: &[Matrix]) -> String {
    csv::write(matrices)
}

/// All tables as one page that needs nothing else: no script, no picture, no network.
pub fn html(matrices: &[Matrix], known: &str) -> String {
    html::write(matrices, known)
}

fn row(agreement: &Agreement, it: &Responsibility) -> Row {
    let Period { from, to } = it.period;
    let performer = it.performer.as_ref();
    let law_title = it.matter.law().and_then(|law| agreement.laws.get(law.law()));
    let name_of =
        |id: &PartyId| agreement.party(id.as_str()).map_or_else(|| id.to_string(), |party| party.name.clone());
    Row {
        law: match &it.matter {
            Matter::Law(law) => law.to_string(),
            Matter::Area(id) => agreement.work.get(id).map_or_else(|| id.clone(), |area| area.name.clone()),
        },
        law_title: law_title.cloned().unwrap_or_default(),
        task: it.task.clone(),
        condition: words::of(&agreement.facts, &it.when),
        from: from.to_string(),
        to: to.map(|to| to.to_string()),
        performer: performer.map(ToString::to_string),
        performer_name: performer.map_or_else(|| "ingen af parterne".to_owned(), name_of),
        clause: it.clause.to_string(),
        document: agreement.document_title(&it.clause).to_owned(),
        standing: Standing::remark(it.standing),
        note: it.note.clone(),
    }
}

/// Where a row stands: laws before areas, by the law's name, then by number and letter as people
/// count (§ 9 before § 82, § 82 before § 82 a), then by day.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    area: Option<String>,
    law: String,
    number: u32,
    letter: String,
    from: jiff::civil::Date,
    task: String,
}

impl Place {
    fn of(it: &Responsibility) -> Self {
        let (area, text) = match &it.matter {
            Matter::Law(law) => (None, law.to_string()),
            Matter::Area(id) => (Some(id.clone()), String::new()),
        };
        let (law, paragraph) = text.split_once(" § ").unwrap_or((&text, ""));
        let (number, letter) = paragraph.split_once(' ').unwrap_or((paragraph, ""));
        Self {
            area,
            law: law.to_owned(),
            number: number.parse().unwrap_or_default(),
            letter: letter.to_owned(),
            from: it.period.from,
            task: it.task.clone(),
        }
    }
}

#[cfg(test)]
mod tests;
