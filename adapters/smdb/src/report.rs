//! Which report a message is about, for which days, and so which case it belongs to.

use budstikke_contract::adapter::CaseClue;
use budstikke_contract::event::SourcePath;
use budstikke_contract::id::CaseKey;
use budstikke_contract::law::LawRef;
use budstikke_contract::members::Members;
use budstikke_contract::municipality::MunicipalityCode;
use budstikke_contract::reason::Reason;
use jiff::civil::Date;
use serde_json::{Map, Value, json};

use crate::refusal;

/// The area of the cases.
const AREA: &str = "smdb";
/// In whose name the keys of the cases are made, whoever sends: the register's.
const REGISTER: &str = "/smdb/register";

/// The reports that a municipality owes the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Social treatment.
    Social,
    /// Medical treatment.
    Medical,
    /// A doctor's substitution treatment.
    Substitution,
}

impl Kind {
    fn parse(text: &str) -> Option<Self> {
        [Self::Social, Self::Medical, Self::Substitution].into_iter().find(|kind| kind.name() == text)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Social => "social",
            Self::Medical => "medicinsk",
            Self::Substitution => "substitution",
        }
    }

    /// The law that it rests on where the message names none: for adults.
    fn law(self) -> &'static str {
        match self {
            Self::Social => "SEL § 101",
            Self::Medical | Self::Substitution => "SUL § 142",
        }
    }
}

/// A report of some days.
#[derive(Debug)]
pub(crate) struct Report {
    kind: Kind,
    period: Option<(Date, Date)>,
    /// The day on which a medical treatment began.
    start: Option<Date>,
    law: Option<LawRef>,
}

impl Report {
    /// Reads it from the members that every message has.
    pub(crate) fn read(members: &mut Members) -> Result<Self, Reason> {
        let kind = members.parsed("Indberetning", "social, medicinsk eller substitution", Kind::parse)?;
        let kind = members.need("Indberetning", kind)?;
        let period = members.object("Periode")?.map(period).transpose()?;
        let start = members.date("BehandlingStartDato")?;
        match kind {
            Kind::Social | Kind::Substitution => drop(members.need("Periode", period)?),
            // A year's data are approved at last as a period; a treatment by the day it began.
            Kind::Medical if period.is_none() => drop(members.need("BehandlingStartDato", start)?),
            Kind::Medical => {}
        }
        let law = members.parsed("Lovgrundlag", "en lovhenvisning som \"SEL § 101\"", LawRef::parse)?;
        Ok(Self { kind, period, start, law: law.or_else(|| LawRef::parse(kind.law())) })
    }

    /// What the approval of a medical treatment is due by.
    pub(crate) fn need_start(&self, members: &Members) -> Result<(), Reason> {
        match self.kind {
            Kind::Medical => members.need("BehandlingStartDato", self.start).map(drop),
            Kind::Social | Kind::Substitution => Ok(()),
        }
    }

    /// The law it falls under.
    pub(crate) fn law(&self) -> Option<LawRef> {
        self.law.clone()
    }

    /// The case of that municipality's data.
    pub(crate) fn case(&self, municipality: MunicipalityCode) -> CaseClue {
        let days = match (self.kind, self.start, self.period) {
            (Kind::Medical, Some(start), _) | (_, Some(start), None) => start.to_string(),
            (_, _, Some((from, to))) => format!("{from} {to}"),
            (_, None, None) => String::new(),
        };
        let law = self.law.as_ref().map(ToString::to_string).unwrap_or_default();
        let clue = format!("{municipality} {} {law} {days}", self.kind.name());
        let key = SourcePath::parse(REGISTER).map(|register| CaseKey::derive(AREA, &register, &clue));
        key.map_or(CaseClue::None, CaseClue::Key)
    }

    /// Its members in an event.
    pub(crate) fn write(&self, data: &mut Map<String, Value>) {
        data.insert("kind".to_owned(), self.kind.name().into());
        if let Some((from, to)) = self.period {
            data.insert("period".to_owned(), json!({"from": from.to_string(), "to": to.to_string()}));
        }
        if let Some(start) = self.start {
            data.insert("start".to_owned(), start.to_string().into());
        }
    }
}

fn period(mut members: Members) -> Result<(Date, Date), Reason> {
    let from = members.date("Fra")?;
    let from = members.need("Fra", from)?;
    let to = members.date("Til")?;
    let to = members.need("Til", to)?;
    members.finish()?;
    if from > to { Err(refusal::period_turned()) } else { Ok((from, to)) }
}
