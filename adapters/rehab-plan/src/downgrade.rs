//! A GGOP that MedCom's own conversion has made a correspondence of: its fields are lines under known
//! headings. Only lines of exactly that form are read; all else stays in the letter's text.

use jiff::civil::Date;

use crate::civil;
use crate::plan::{self, Diagnosis, Discharge, Rank};

/// The headings that the conversion writes, as far as they begin or end a section that is read.
const HEADINGS: [&str; 20] = [
    CONTACT,
    DEADLINE,
    DIAGNOSES,
    CITIZEN,
    "Kopimodtagere",
    "Underskrivere",
    "Pårørende",
    "Information om behandling til patient og pårørende",
    "Praktiske oplysninger",
    "Patientsikkerhedsmæssige forhold",
    "Aftaler om kontrol og opfølgning",
    "Helbredsforhold inkl. beskrivelse af behandlingsforløb - Sammenfatning",
    "Helbredsrelateret funktionsevne på udskrivningstidspunktet - Sammenfatning",
    "Udvidet beskrivelse af helbredsrelateret funktionsevne på udskrivningstidspunktet",
    "Patientens genoptræningsbehov og potentiale",
    "ICF-koder",
    "Spørgsmål til Regionen",
    "Spørgsmål til Kommunen",
    "Behandlende team under indlæggelse",
    "Slutstatusmodtager",
];
const CONTACT: &str = "Aktuel sygehuskontakt";
const DEADLINE: &str = "Tidsfrist for start af genoptræning";
const DIAGNOSES: &str = "Diagnoser";
const CITIZEN: &str = "Yderligere patientoplysninger";

/// A heading that goes on with what the excerpt is of.
const EXCERPT: &str = "Uddrag fra journal:";

/// What the lines tell.
#[derive(Default)]
pub(crate) struct Downgrade {
    pub(crate) contact_start: Option<Date>,
    pub(crate) discharge: Option<Discharge>,
    pub(crate) deadline: Option<String>,
    pub(crate) diagnoses: Vec<Diagnosis>,
    pub(crate) consent: Option<bool>,
}

impl Downgrade {
    /// Reads a letter's text.
    pub(crate) fn read(text: &str) -> Self {
        let mut found = Self::default();
        let mut section = "";
        let mut deadline = Vec::new();
        for line in text.lines().map(str::trim) {
            if let Some(heading) = HEADINGS.into_iter().find(|heading| *heading == line) {
                section = heading;
            } else if line.starts_with(EXCERPT) {
                section = EXCERPT;
            } else {
                match section {
                    CONTACT => found.contact(line),
                    DEADLINE => deadline.push(line),
                    DIAGNOSES if line.is_empty() => section = "",
                    DIAGNOSES => found.diagnoses.push(diagnosis(line)),
                    CITIZEN => found.consent = found.consent.or_else(|| consent(line)),
                    _ => {}
                }
            }
        }
        found.deadline = Some(deadline.join("\n").trim().to_owned()).filter(|text| !text.is_empty());
        found
    }

    /// `Start: 2026-11-16 Kl. 12:34`, `Forventet Afslutning: 2026-11-20 Kl. 13:45`, or a text in the
    /// latter's place.
    fn contact(&mut self, line: &str) {
        if let Some(start) = line.strip_prefix("Start:") {
            self.contact_start = self.contact_start.or_else(|| moment(start).map(|(date, _)| date));
        } else if let Some(end) = line.strip_prefix("Forventet Afslutning:").map(str::trim)
            && !end.is_empty()
            && self.discharge.is_none()
        {
            self.discharge = Some(match moment(end) {
                Some((date, time)) => Discharge::On { date, time, certainty: "expected" },
                None => Discharge::Text(end.to_owned()),
            });
        }
    }
}

/// `2026-11-20 Kl. 13:45`, or the date alone.
fn moment(text: &str) -> Option<(Date, Option<jiff::civil::Time>)> {
    match text.trim().split_once(" Kl. ") {
        Some((day, clock)) => Some((civil::date(day)?, Some(civil::time(clock)?))),
        None => Some((civil::date(text.trim())?, None)),
    }
}

/// `Brud på lårbenshals (DS720)`, or words alone. The conversion does not say which one is primary.
fn diagnosis(line: &str) -> Diagnosis {
    let is_code = |code: &&str| {
        (3..=10).contains(&code.len())
            && code.starts_with('D')
            && code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    };
    let coded = line.strip_suffix(')').and_then(|line| line.rsplit_once('('));
    let (text, code) = match coded.filter(|(_, code)| is_code(code)) {
        Some((text, code)) => (text.trim(), Some(code.to_owned())),
        None => (line, None),
    };
    Diagnosis { rank: Rank::Unspecified, code, text: Some(text.to_owned()) }
}

fn consent(line: &str) -> Option<bool> {
    plan::yes_or_no(line.strip_prefix("Informeret samtykke:")?.trim())
}
