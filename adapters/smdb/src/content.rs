//! What each type of message has of its own, as the data of its event.

use budstikke_contract::event::Occurred;
use budstikke_contract::members::{self, Members};
use budstikke_contract::municipality::MunicipalityCode;
use budstikke_contract::person::{Citizen, Cpr};
use budstikke_contract::reason::{CPR_IMPOSSIBLE, Reason, Remark};
use jiff::civil::Date;
use serde_json::{Map, Value, json};

use crate::course;
use crate::message::Type;
use crate::report::Report;

/// The most courses in one message.
const COURSES: usize = 5000;
/// The longest question and reason, in characters.
const QUESTION: usize = 4000;
/// The longest answer, in characters.
const ANSWER: usize = 8000;
/// The longest name of a person or a place, in characters.
const NAME: usize = 120;
/// The longest telephone number, in characters.
const PHONE: usize = 40;

/// The registers that SMDB collects for.
const REGISTERS: [&str; 3] = ["VBGS", "SIB", "KvalHep"];

/// The content of one message.
#[derive(Default)]
pub(crate) struct Content {
    pub(crate) data: Map<String, Value>,
    pub(crate) occurred: Option<Occurred>,
    pub(crate) citizen: Option<Citizen>,
    pub(crate) remarks: Vec<Remark>,
}

impl Content {
    /// Takes out what a message of that type has.
    pub(crate) fn read(
        typ: Type,
        members: &mut Members,
        report: &Report,
        municipality: MunicipalityCode,
    ) -> Result<Self, Reason> {
        let mut content = Self::default();
        match typ {
            Type::PeriodReady => {
                report.need_start(members)?;
                content.period(members)?;
            }
            Type::InfoRequested => {
                content.need_text(members, "Spoergsmaal", "question", QUESTION)?;
                content.concerned(members)?;
            }
            Type::InfoProvided => {
                content.need_text(members, "Svar", "answer", ANSWER)?;
                content.concerned(members)?;
            }
            Type::Approved => {
                content.approver(members, "GodkendtAf", true)?;
                content.day(members, "GodkendtDato", true)?;
                content.put("on_behalf_of", municipality.to_string());
            }
            Type::FinalRequested => {
                if let Some(due) = members.date("Frist")? {
                    content.put("due", due.to_string());
                }
            }
            Type::FinalGiven => {
                content.approver(members, "GodkendtAf", true)?;
                content.day(members, "GodkendtDato", true)?;
            }
            Type::FinalRefused => {
                content.need_text(members, "Begrundelse", "reason", QUESTION)?;
                content.approver(members, "AfvistAf", false)?;
                content.day(members, "AfvistDato", false)?;
                content.concerned(members)?;
            }
        }
        Ok(content)
    }

    fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.data.insert(name.to_owned(), value.into());
    }

    fn need_text(&mut self, members: &mut Members, from: &str, to: &str, max: usize) -> Result<(), Reason> {
        let text = members.text(from, max)?;
        self.put(to, members.need(from, text)?);
        Ok(())
    }

    fn period(&mut self, members: &mut Members) -> Result<(), Reason> {
        if let Some(registers) = members.list("Registre", REGISTERS.len())? {
            let known = |value: &Value| REGISTERS.iter().any(|register| value == register);
            let repeated =
                registers.iter().enumerate().any(|(at, value)| registers.iter().take(at).any(|it| it == value));
            if repeated || !registers.iter().all(known) {
                return Err(members::invalid("Registre", "en liste af VBGS, SIB og KvalHep", "$.Registre".to_owned()));
            }
            self.put("registers", registers);
        }
        if let Some(person) = members.object("KONTAKTPERSON")? {
            self.put("contact_person", person_of(person)?);
        }
        if let Some(values) = members.list("Kontaktforloeb", COURSES)? {
            let (courses, remarks) = course::read_all(values);
            self.put("courses", courses);
            self.remarks = remarks;
        }
        Ok(())
    }

    /// Who approved or refused.
    fn approver(&mut self, members: &mut Members, name: &str, needed: bool) -> Result<(), Reason> {
        let Some(mut by) = members.object(name)? else {
            return if needed { members.need(name, None) } else { Ok(()) };
        };
        let municipality = by.parsed("Kommune", "et kommunenummer på tre cifre", MunicipalityCode::parse)?;
        let municipality = by.need("Kommune", municipality)?;
        let mut approver = Map::new();
        approver.insert("municipality".to_owned(), municipality.to_string().into());
        if let Some(person) = by.object("Person")? {
            approver.insert("person".to_owned(), person_of(person)?);
        }
        by.finish()?;
        self.put("by", approver);
        Ok(())
    }

    /// The day on which it was approved or refused: the day by which the agreement decides.
    fn day(&mut self, members: &mut Members, name: &str, needed: bool) -> Result<(), Reason> {
        let day: Option<Date> = members.date(name)?;
        if needed {
            members.need(name, day)?;
        }
        if let Some(day) = day {
            self.put("on", day.to_string());
            self.occurred = Some(Occurred::On(day));
        }
        Ok(())
    }

    /// The courses and the citizen that it is about, where it is not about all of them.
    fn concerned(&mut self, members: &mut Members) -> Result<(), Reason> {
        if let Some(values) = members.list("KONTAKTFORLOEBID", COURSES)? {
            let ids: Option<Vec<&str>> =
                values.iter().map(|value| value.as_str().filter(|id| course::is_id(id))).collect();
            let expected = "en liste af id'er på 1-64 tegn";
            let ids =
                ids.ok_or_else(|| members::invalid("KONTAKTFORLOEBID", expected, "$.KONTAKTFORLOEBID".to_owned()))?;
            self.put("courses", json!(ids));
        }
        if let Some(value) = members.take("CPR") {
            let cpr = value.as_str().and_then(Cpr::parse).ok_or_else(|| {
                let text = "CPR-nummeret er ikke et muligt CPR-nummer. Ret det, og send beskeden igen.";
                Reason::new(CPR_IMPOSSIBLE, text).at("$.CPR")
            })?;
            self.put("citizen", json!({"cpr": cpr.reveal()}));
            self.citizen = Some(Citizen::Cpr(cpr));
        }
        Ok(())
    }
}

fn person_of(mut members: Members) -> Result<Value, Reason> {
    let mut person = Map::new();
    for (from, to, max) in [
        ("Fornavn", "given", NAME),
        ("Efternavn", "family", NAME),
        ("Titel", "title", NAME),
        ("Afdeling", "department", NAME),
        ("Telefon", "phone", PHONE),
    ] {
        if let Some(text) = members.text(from, max)? {
            person.insert(to.to_owned(), text.into());
        }
    }
    members.finish()?;
    Ok(Value::Object(person))
}
