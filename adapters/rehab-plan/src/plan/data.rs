//! The event's data, by the schema of `rehab.plan.received`.

use budstikke_contract::municipality::Gln;
use budstikke_contract::person::Citizen;
use budstikke_contract::reason::Remark;
use serde_json::{Map, Value};

use super::{ContactPoint, Content, Diagnosis, Discharge, Passage, Rank, statistical_code};
use crate::civil::hour_and_minute;
use crate::letter::Frame;
use crate::object::Object;
use crate::part::Part;

/// The data of an event.
pub(super) fn of(
    letter: Part<'_>,
    frame: &Frame,
    passage: &Passage,
    content: Content<'_>,
    remarks: &mut Vec<Remark>,
) -> Map<String, Value> {
    let of_letter = letter_object(letter, frame, passage, &content, remarks);
    let citizen = citizen(letter, &frame.citizen, remarks);
    let sender = sender(letter, frame, remarks);
    let receiver = receiver(letter, frame, remarks);
    let discharge = content.discharge.and_then(|discharge| discharge_object(discharge, remarks));
    let diagnoses: Vec<Value> = content.diagnoses.into_iter().filter_map(|d| diagnosis(d, remarks)).collect();
    let points: Vec<Value> = content.contact_points.iter().filter_map(|p| contact_point(p, remarks)).collect();
    let mut data = Object::new("planens", remarks);
    data.put("letter", of_letter);
    data.put("plan_type", content.plan_type);
    data.put("citizen", citizen);
    data.put("sender", sender);
    data.put("receiver", receiver);
    data.put_some("contact_start", content.contact_start.map(|date| date.to_string()));
    data.put_some("discharge", discharge);
    data.text("deadline_text", content.deadline, 1000);
    data.put_some("diagnoses", Some(diagnoses).filter(|list| !list.is_empty()));
    data.put_some("informed_consent", content.consent);
    data.put_some("contact_points", Some(points).filter(|list| !list.is_empty()));
    data.exact("episode_of_care", frame.episode.as_deref(), 36);
    data.text("text", content.text, 200_000);
    data.finish()
}

fn letter_object(
    letter: Part<'_>,
    frame: &Frame,
    passage: &Passage,
    content: &Content<'_>,
    remarks: &mut Vec<Remark>,
) -> Map<String, Value> {
    let mut object = Object::new("brevets", remarks);
    object.put("id", frame.id.as_str());
    object.put("envelope", passage.envelope.as_str());
    if let Some((envelope, message)) = &passage.vans {
        object.put("vans_envelope", envelope.as_str());
        object.put("vans_message", message.as_str());
    }
    object.put("format", content.format);
    object.exact("statistical_code", statistical_code(letter), 8);
    object.put_some("status", content.status);
    object.text("subject", content.subject.as_deref(), 70);
    object.finish()
}

fn citizen(letter: Part<'_>, citizen: &Citizen, remarks: &mut Vec<Remark>) -> Map<String, Value> {
    let patient = letter.child("Patient");
    let mut name = Object::new("borgerens", remarks);
    name.text("given", patient.and_then(|p| p.get("PersonGivenName")), 120);
    name.text("family", patient.and_then(|p| p.get("PersonSurnameName")), 120);
    let name = name.finish_some();
    let mut object = Object::new("borgerens", remarks);
    match citizen {
        Citizen::Cpr(cpr) => object.put("cpr", cpr.reveal()),
        Citizen::Replacement(id) => object.put("replacement_id", id.as_str()),
    }
    object.put_some("name", name);
    object.finish()
}

fn sender(letter: Part<'_>, frame: &Frame, remarks: &mut Vec<Remark>) -> Map<String, Value> {
    let Some(part) = letter.child("Sender") else { return Map::new() };
    let signed_by = part.child("SignedBy").and_then(|signer| {
        let mut object = Object::new("underskriverens", remarks);
        object.text("given", signer.get("PersonGivenName"), 120);
        object.text("family", signer.get("PersonSurnameName"), 120);
        object.text("title", signer.get("PersonTitle"), 120);
        object.text("department", signer.get("DepartmentName"), 120);
        object.exact("phone", signer.get("TelephoneSubscriberIdentifier"), 40);
        object.finish_some()
    });
    let mut object = Object::new("afsenderens", remarks);
    object.put("gln", frame.sender.as_str());
    object.exact("identifier", part.get("Identifier"), 35);
    object.exact("identifier_code", part.get("IdentifierCode"), 40);
    organisation(&mut object, part);
    address(&mut object, part);
    object.put_some("signed_by", signed_by);
    object.finish()
}

/// What a sender and a receiver have in common.
fn organisation(object: &mut Object<'_>, part: Part<'_>) {
    object.text("organisation", part.get("OrganisationName"), 120);
    object.text("department", part.get("DepartmentName"), 120);
    object.text("unit", part.get("UnitName"), 120);
}

/// What a sender and a contact point have in common.
fn address(object: &mut Object<'_>, part: Part<'_>) {
    object.text("street", part.get("StreetName"), 120);
    object.text("district", part.get("DistrictName"), 120);
    object.exact("postcode", part.get("PostCodeIdentifier"), 9);
    object.exact("phone", part.get("TelephoneSubscriberIdentifier"), 40);
}

fn receiver(letter: Part<'_>, frame: &Frame, remarks: &mut Vec<Remark>) -> Map<String, Value> {
    let Some(part) = letter.child("Receiver") else { return Map::new() };
    let mut object = Object::new("modtagerens", remarks);
    if let Some(gln) = part.get("EANIdentifier") {
        match Gln::parse(&gln) {
            Some(gln) => object.put("gln", gln.as_str()),
            None => object.leave_out("gln"),
        }
    }
    object.put_some("municipality", frame.residence.map(|code| code.to_string()));
    organisation(&mut object, part);
    object.finish()
}

fn discharge_object(discharge: Discharge, remarks: &mut Vec<Remark>) -> Option<Value> {
    let mut object = Object::new("udskrivningens", remarks);
    match discharge {
        Discharge::On { date, time, certainty } => {
            object.put("date", date.to_string());
            object.put_some("time", time.map(hour_and_minute));
            object.put("certainty", certainty);
        }
        Discharge::Text(text) => object.text("text", Some(text), 1000),
    }
    object.finish_some()
}

fn diagnosis(diagnosis: Diagnosis, remarks: &mut Vec<Remark>) -> Option<Value> {
    let mut object = Object::new("en diagnoses", remarks);
    object.exact("code", diagnosis.code, 20);
    object.text("text", diagnosis.text, 400);
    object.finish_some().map(|mut value| {
        let rank = match diagnosis.rank {
            Rank::Primary => "primary",
            Rank::Secondary => "secondary",
            Rank::Unspecified => "unspecified",
        };
        if let Value::Object(map) = &mut value {
            map.insert("rank".to_owned(), rank.into());
        }
        value
    })
}

fn contact_point(point: &ContactPoint<'_>, remarks: &mut Vec<Remark>) -> Option<Value> {
    let mut object = Object::new("et kontaktpunkts", remarks);
    object.exact("gln", point.part.get("EANIdentifier"), 35);
    object.text("department", point.part.get("DepartmentName"), 120);
    address(&mut object, point.part);
    let mut map = Map::new();
    map.insert("for".to_owned(), point.of.into());
    map.extend(object.finish());
    (map.len() > 1).then_some(Value::Object(map))
}
