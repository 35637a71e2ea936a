//! What every message has: version, id, type, sender, time, municipality, and what it is about.

use budstikke_contract::adapter::Draft;
use budstikke_contract::event::{EventKind, SourcePath, WireId};
use budstikke_contract::members::Members;
use budstikke_contract::municipality::MunicipalityCode;
use budstikke_contract::reason::Reason;
use budstikke_contract::strict_json;
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::content::Content;
use crate::refusal;
use crate::report::Report;

/// The version of the contract that is read.
const VERSION: &str = "1.0";

/// The longest note, in characters.
const NOTE: usize = 4000;

const WIRE_ID: &str = "1-128 synlige ASCII-tegn uden noget, der ligner et CPR-nummer";

/// The types of messages, and the kind of event that each becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    PeriodReady,
    InfoRequested,
    InfoProvided,
    Approved,
    FinalRequested,
    FinalGiven,
    FinalRefused,
}

impl Type {
    const ALL: [Self; 7] = [
        Self::PeriodReady,
        Self::InfoRequested,
        Self::InfoProvided,
        Self::Approved,
        Self::FinalRequested,
        Self::FinalGiven,
        Self::FinalRefused,
    ];

    /// Its name in the contract and the kind of event.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::PeriodReady => ("PeriodeKlar", "smdb.period.ready"),
            Self::InfoRequested => ("OplysningerOensket", "smdb.info.requested"),
            Self::InfoProvided => ("OplysningerGivet", "smdb.info.provided"),
            Self::Approved => ("Godkendt", "smdb.approved"),
            Self::FinalRequested => ("EndeligGodkendelseOensket", "smdb.final-approval.requested"),
            Self::FinalGiven => ("EndeligGodkendelseGivet", "smdb.final-approval.given"),
            Self::FinalRefused => ("EndeligGodkendelseAfvist", "smdb.final-approval.refused"),
        }
    }
}

/// Reads one message.
pub(crate) fn read(bytes: &[u8]) -> Result<Draft, Reason> {
    let Value::Object(object) = strict_json::parse(bytes).map_err(|fault| refusal::json(&fault))? else {
        return Err(refusal::no_object());
    };
    let mut members = Members::new(object, "$");
    check_version(&mut members)?;
    let (typ, kind) = read_type(&mut members)?;
    let id = members.parsed("BeskedId", WIRE_ID, WireId::parse)?;
    let id = members.need("BeskedId", id)?;
    let source = members.parsed("Afsender", "en sti som /smdb/register", SourcePath::parse)?;
    let source = members.need("Afsender", source)?;
    let time = members.parsed("Tidspunkt", "et tidspunkt med tidszone (2026-11-22T10:00:00Z)", timestamp)?;
    let time = members.need("Tidspunkt", time)?;
    let municipality = members.parsed("Kommune", "et kommunenummer på tre cifre", MunicipalityCode::parse)?;
    let municipality = members.need("Kommune", municipality)?;
    let causation = members.parsed("SvarPaa", WIRE_ID, WireId::parse)?;
    let note = members.text("Bemaerkning", NOTE)?;
    let report = Report::read(&mut members)?;
    let content = Content::read(typ, &mut members, &report, municipality)?;
    members.finish()?;
    let mut data = Map::new();
    report.write(&mut data);
    data.extend(content.data);
    if let Some(note) = note {
        data.insert("note".to_owned(), note.into());
    }
    Ok(Draft {
        kind,
        source,
        id: Some(id),
        time,
        occurred: content.occurred,
        law: report.law(),
        kle: None,
        residence: Some(municipality),
        case: report.case(municipality),
        citizen: content.citizen,
        correlation: None,
        causation,
        data,
        remarks: content.remarks,
    })
}

fn check_version(members: &mut Members) -> Result<(), Reason> {
    let version = members.parsed("Version", "en tekst", |text| Some(text.to_owned()))?;
    if members.need("Version", version)? == VERSION { Ok(()) } else { Err(refusal::version_unknown(VERSION)) }
}

fn read_type(members: &mut Members) -> Result<(Type, EventKind), Reason> {
    let name = members.parsed("BeskedType", "en tekst", |text| Some(text.to_owned()))?;
    let name = members.need("BeskedType", name)?;
    let typ = Type::ALL.into_iter().find(|typ| typ.names().0 == name);
    // A type whose kind is not in the catalogue is as little carried as one that nobody knows.
    let known = typ.and_then(|typ| Some((typ, EventKind::named(typ.names().1)?)));
    known.ok_or_else(refusal::not_carried)
}

fn timestamp(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_becomes_a_kind_of_the_catalogue() {
        for typ in Type::ALL {
            assert!(EventKind::named(typ.names().1).is_some(), "{typ:?}");
        }
    }
}
