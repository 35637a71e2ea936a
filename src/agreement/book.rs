//! All agreements, in all the versions that have been known. What is routed is routed by the
//! agreement as it was known when the message came, so that the same input gives the same answer
//! however much later it is asked again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use budstikke_contract::municipality::MunicipalityCode;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::build::{self, Parsed};
use super::check;
use super::fault::{Fault, Kind};
use super::model::{Agreement, Mailbox, MailboxId};

/// A file of an agreement, read from wherever it was.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SourceFile {
    /// The agreement it belongs to: the name of its folder.
    pub agreement: String,
    /// Its name, for faults.
    pub name: String,
    /// Its text.
    pub text: String,
}

impl SourceFile {
    /// Its name without the folders that it was read from.
    pub fn file_name(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or(&self.name)
    }
}

/// The agreements, checked.
#[derive(Debug, Default)]
pub struct Book {
    /// By the day from which each edition was known.
    editions: BTreeMap<Date, Vec<Arc<Agreement>>>,
    /// The files that it was read from.
    files: Vec<SourceFile>,
}

impl Book {
    /// Reads and checks all files.
    ///
    /// # Errors
    /// Every fault of every edition, each once, in the order of files and lines.
    pub fn read(files: &[SourceFile]) -> Result<Self, Vec<Fault>> {
        let mut faults = BTreeSet::new();
        let mut agreements: BTreeMap<&str, Vec<Parsed>> = BTreeMap::new();
        for file in files {
            match build::parse(&file.name, &file.text) {
                Ok(parsed) => agreements.entry(&file.agreement).or_default().push(parsed),
                Err(fault) => drop(faults.insert(fault)),
            }
        }
        for (name, parsed) in &agreements {
            faults.extend(repeated_versions(name, parsed));
        }
        let mut book = Self::default();
        // A file that cannot be read would make everything that refers to it look wrong too.
        if faults.is_empty() {
            let days: BTreeSet<Date> = agreements.values().flatten().map(|parsed| parsed.known).collect();
            for day in days {
                let (edition, wrong) = edition(&agreements, day);
                faults.extend(wrong);
                book.editions.insert(day, edition);
            }
        }
        files.clone_into(&mut book.files);
        if faults.is_empty() { Ok(book) } else { Err(faults.into_iter().collect()) }
    }

    /// What it says where some of its files are others: a file takes the place of the one of the same
    /// agreement and name, and stands beside the others where there is none.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn with(&self, changed: &[SourceFile]) -> Result<Self, Vec<Fault>> {
        let is_same = |one: &SourceFile, other: &SourceFile| {
            one.agreement == other.agreement && one.file_name() == other.file_name()
        };
        let kept = self.files.iter().filter(|file| !changed.iter().any(|it| is_same(it, file)));
        let mut files: Vec<SourceFile> = kept.chain(changed).cloned().collect();
        files.sort_by(|one, other| (&one.agreement, one.file_name()).cmp(&(&other.agreement, other.file_name())));
        Self::read(&files)
    }

    /// The files that it was read from.
    pub fn files(&self) -> &[SourceFile] {
        &self.files
    }

    /// The days from which its editions were known, the first one first.
    pub fn days(&self) -> impl DoubleEndedIterator<Item = Date> {
        self.editions.keys().copied()
    }

    /// The agreements as they were known on a day; empty before the first was.
    pub fn known_on(&self, day: Date) -> &[Arc<Agreement>] {
        self.editions.range(..=day).next_back().map(|(_, edition)| edition.as_slice()).unwrap_or_default()
    }

    /// The agreements as they were known on a day, as if nothing else had been known before or
    /// since.
    #[must_use]
    pub fn as_known_on(&self, day: Date) -> Self {
        Self { editions: BTreeMap::from([(Date::MIN, self.known_on(day).to_vec())]), files: self.files.clone() }
    }

    /// The newest edition, also where it is only known from a day to come.
    pub fn newest(&self) -> &[Arc<Agreement>] {
        self.known_on(Date::MAX)
    }

    /// Of the agreements known on a day, the one that a municipality is a party of.
    pub fn of_municipality(&self, code: MunicipalityCode, day: Date) -> Option<&Arc<Agreement>> {
        self.known_on(day).iter().find(|agreement| agreement.party_of(code).is_some())
    }

    /// Of the agreements known on a day, the one that has a party of this name.
    pub fn of_party(&self, party: &str, day: Date) -> Option<&Agreement> {
        self.known_on(day).iter().find(|agreement| agreement.party(party).is_some()).map(AsRef::as_ref)
    }

    /// Every mailbox of every edition: queues are kept for all of them, since something may still
    /// be on its way to one that is no longer in use. The newest description of each wins.
    pub fn mailboxes(&self) -> BTreeMap<MailboxId, Mailbox> {
        let all = self.editions.values().flatten().flat_map(|agreement| agreement.mailboxes.values());
        all.map(|mailbox| (mailbox.id.clone(), mailbox.clone())).collect()
    }

    /// The names of all parties in all editions.
    pub fn parties(&self) -> BTreeSet<String> {
        let all = self.editions.values().flatten().flat_map(|agreement| &agreement.parties);
        all.map(|party| party.id.to_string()).collect()
    }
}

/// For each part the newest version known on `day`, built and checked.
fn edition(agreements: &BTreeMap<&str, Vec<Parsed>>, day: Date) -> (Vec<Arc<Agreement>>, Vec<Fault>) {
    let mut edition = Vec::new();
    let mut faults = Vec::new();
    for (name, files) in agreements {
        let mut newest: BTreeMap<&str, &Parsed> = BTreeMap::new();
        for parsed in files.iter().filter(|parsed| parsed.known <= day) {
            let chosen = newest.entry(parsed.file.header.part.get_ref()).or_insert(parsed);
            if parsed.known > chosen.known {
                *chosen = parsed;
            }
        }
        if newest.is_empty() {
            continue;
        }
        let files: Vec<&Parsed> = newest.into_values().collect();
        let (agreement, wrong) = build::build(name, &files);
        faults.extend(wrong);
        if let Some(agreement) = agreement {
            faults.extend(check::check(&agreement));
            faults.extend(shared_parties(&edition, &agreement));
            edition.push(Arc::new(agreement));
        }
    }
    (edition, faults)
}

/// A citizen's municipality leads to one agreement, so none is a party of two.
fn shared_parties(edition: &[Arc<Agreement>], agreement: &Agreement) -> Vec<Fault> {
    let mut faults = Vec::new();
    for other in edition {
        let clash = agreement
            .parties
            .iter()
            .find(|party| other.parties.iter().any(|it| it.id == party.id || it.municipality == party.municipality));
        if let Some(party) = clash {
            faults.push(Fault {
                file: agreement.name.clone(),
                line: 1,
                kind: Kind::Contradiction,
                what: format!("`{}` eller dens kommunenummer er også part i aftalen `{}`", party.id, other.name),
                fix: "En kommune kan være part i én aftale; saml reglerne i den.".to_owned(),
            });
        }
    }
    faults
}

/// A later version is known later, and no two of one part have the same number or day.
fn repeated_versions(name: &str, files: &[Parsed]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut parts: BTreeMap<&str, Vec<&Parsed>> = BTreeMap::new();
    for parsed in files {
        parts.entry(parsed.file.header.part.get_ref()).or_default().push(parsed);
    }
    for (part, mut versions) in parts {
        versions.sort_by_key(|parsed| parsed.file.header.version);
        for pair in versions.windows(2) {
            let [earlier, later] = pair else { continue };
            let same_number = earlier.file.header.version == later.file.header.version;
            if same_number || later.known <= earlier.known {
                faults.push(Fault {
                    file: later.name.clone(),
                    line: 1,
                    kind: Kind::Contradiction,
                    what: format!("delen `{part}` af `{name}` har to versioner, hvor den seneste ikke er kendt senest (den anden: {})", earlier.name),
                    fix: "Giv den nye fil et højere `version` og en senere `kendt`.".to_owned(),
                });
            }
        }
    }
    faults
}
