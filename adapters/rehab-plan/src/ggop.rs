//! MedCom GGOP 1.0: *Den Gode Genoptræningsplan*. Its schema is not public; what stands here is what
//! the public example and MedCom's own conversion to XDIS91 show.

use budstikke_contract::adapter::Draft;
use budstikke_contract::reason::{Reason, Remark};
use jiff::civil::Date;

use crate::civil::Moment;
use crate::letter::{self, Frame};
use crate::part::Part;
use crate::plan::{self, ContactPoint, Content, Diagnosis, Discharge, Passage, Rank};
use crate::plan_type::{self, Said};
use crate::{refusal, text};

/// The version that is read.
const VERSION: &str = "GGOP100";

/// Reads a `RehabilitationPlan`.
pub(crate) fn read(letter: Part<'_>, passage: &Result<Passage, Reason>) -> Result<Draft, Reason> {
    if !letter.is_municipality() && !letter.is_other_municipality() {
        return Err(refusal::not_carried());
    }
    let version = letter::version(letter)?;
    if version != VERSION || !letter.is_municipality() {
        return Err(refusal::version_unknown());
    }
    let frame = Frame::read(letter)?;
    let passage = passage.as_ref().map_err(Clone::clone)?;
    let mut remarks = Vec::new();
    let content = content(letter, &mut remarks);
    Ok(plan::draft(letter, frame, passage, content, remarks))
}

fn content<'d>(letter: Part<'d>, remarks: &mut Vec<Remark>) -> Content<'d> {
    let contact = letter.child("CurrentHospitalContact");
    let said = Said {
        element: letter.get("TypeOfRehabilitationPlan"),
        statistical: plan::statistical_code(letter),
        subject: None,
    };
    Content {
        format: VERSION,
        plan_type: plan_type::decide(&said, remarks),
        contact_start: contact.and_then(|contact| contact_start(contact, remarks)),
        discharge: contact.and_then(|contact| discharge(contact, remarks)),
        deadline: letter.child("RehabilitationDeadline").map(|deadline| text::plain(deadline.element())),
        diagnoses: letter.all("ICD10Diagnoses").flat_map(diagnoses).collect(),
        consent: consent(letter, remarks),
        contact_points: [("region", "ContactCounty"), ("kommune", "ContactMunicipality")]
            .into_iter()
            .flat_map(|(of, name)| letter.all(name).map(move |part| ContactPoint { of, part }))
            .collect(),
        ..Content::received()
    }
}

fn contact_start(contact: Part<'_>, remarks: &mut Vec<Remark>) -> Option<Date> {
    match Moment::of(contact.child("Start")?) {
        Moment::Read(date, _) => Some(date),
        Moment::Unread(_) => {
            remarks.push(refusal::left_out("datoen for kontaktens begyndelse"));
            None
        }
        Moment::Absent => None,
    }
}

/// An actual end is better than an expected one, and either is better than a text.
fn discharge(contact: Part<'_>, remarks: &mut Vec<Remark>) -> Option<Discharge> {
    let mut unread = None;
    for (name, certainty) in [("End", "actual"), ("ExpectedEnd", "expected")] {
        match contact.child(name).map_or(Moment::Absent, Moment::of) {
            Moment::Read(date, time) => return Some(Discharge::On { date, time, certainty }),
            Moment::Unread(written) => unread = unread.or(Some(written)),
            Moment::Absent => {}
        }
    }
    let text = contact.child("ExpectedEndText").map(|part| text::plain(part.element())).filter(|text| !text.is_empty());
    if unread.is_some() {
        remarks.push(refusal::left_out("udskrivningens dato"));
    }
    text.or(unread).map(Discharge::Text)
}

fn consent(letter: Part<'_>, remarks: &mut Vec<Remark>) -> Option<bool> {
    let said = letter.get("ConsentInformed")?;
    let consent = plan::yes_or_no(&said);
    if consent.is_none() {
        remarks.push(refusal::left_out("det informerede samtykke"));
    }
    consent
}

/// The coded diagnoses, and those that stand beside them in words.
fn diagnoses(part: Part<'_>) -> Vec<Diagnosis> {
    let coded = part.all("ICD10Diagnose").flat_map(Part::children).filter_map(|diagnosis| {
        let rank = match diagnosis.name() {
            "PrimaryDiagnosis" => Rank::Primary,
            "SecondaryDiagnosis" => Rank::Secondary,
            _ => return None,
        };
        let code = diagnosis.get("Code").map(Into::into);
        Some(Diagnosis { rank, code, text: diagnosis.child("Text").map(|part| text::plain(part.element())) })
    });
    let in_words =
        |part: Part<'_>| Diagnosis { rank: Rank::Unspecified, code: None, text: Some(text::plain(part.element())) };
    coded.chain(part.all("Text").map(in_words)).collect()
}
