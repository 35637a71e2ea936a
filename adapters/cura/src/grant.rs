//! Grants: `CuraGrantedProcedureRequest`, a `ProcedureRequest` of FHIR STU3.
//!
//! | status | what it says |
//! |---|---|
//! | `requested` | `adult.grant.requested` |
//! | `active` | `adult.grant.decided` where it is the first version or was `requested` before, else `adult.grant.changed` |
//! | `completed`, `cancelled` | `adult.grant.ended` |
//! | `entered-in-error` | `adult.grant.ended` with a remark: it should never have been |
//!
//! What it was before, only the sender can know: a poller sees the newest version alone. Our
//! contract lets it say so (`previousStatus`).

use budstikke_contract::law::LawRef;
use budstikke_contract::reason::Reason;
use jiff::civil::Date;

use crate::around::{Around, id_of};
use crate::case::{self, Plan};
use crate::citizen::{self, Person};
use crate::civil;
use crate::data::Data;
use crate::extension;
use crate::facts::{self, Period, coded};
use crate::html;
use crate::node::Node;
use crate::organisation::Organisation;
use crate::refusal;
use crate::resource::Resource;
use crate::said::{Event, Said};
use budstikke_contract::event::danish_day;

/// The statuses that are known, and what each is called in the event.
const STATUSES: [(&str, &str); 5] = [
    ("requested", "ansøgt"),
    ("active", "aktiv"),
    ("completed", "afsluttet"),
    ("cancelled", "annulleret"),
    ("entered-in-error", "fejlregistreret"),
];

const DECISIONS: [(&str, &str); 3] =
    [("granted", "bevilget"), ("partly-granted", "delvist bevilget"), ("refused", "afslag")];

/// What became of a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Requested,
    Decided(&'static str),
    /// Changed; `true` where it is known that it was granted before.
    Changed(bool),
    Ended,
}

/// Reads a grant.
pub(crate) fn read<'v>(resource: &Resource<'v>, around: &Around<'v>) -> Result<Said, Reason> {
    let node = &resource.node;
    extension::check_names(node, &["previousStatus", "decision", "effective", "actingMunicipality"])?;
    let paragraph = facts::of_grant(node, "legalParagraph")?;
    let law = facts::law(paragraph)?;
    let law = law.ok_or_else(|| refusal::missing(node.at("extension[legalParagraph]"), "paragraffen"))?;
    let subject = node.node("subject")?.ok_or_else(|| refusal::missing(node.at("subject"), "borgeren"))?;
    let person = Person::find(&subject, node, around)?;
    let status = node.text("status")?.ok_or_else(|| refusal::missing(node.at("status"), "bevillingens status"))?;
    let named = coded(&STATUSES, status, &node.at("status"), "bevillingens status")?;
    let step = step(resource, status)?;
    if law.law() == "SUL" {
        return Err(refusal::not_ours(node.at("extension[legalParagraph]"), "En ydelse efter sundhedsloven"));
    }
    if step == Step::Requested && LawRef::parse("SEL § 86").as_ref() == Some(&law) {
        return training(resource, &person, law);
    }
    let period = Period::read(facts::of_grant(node, "period")?)?;
    let mut data = Data::default();
    let citizen = person.write(&mut data);
    data.put("citizen", citizen);
    let kind = write_step(resource, step, period, &mut data)?;
    if let Step::Decided("afslag") = step {
        // What was refused has no period and is not active.
    } else {
        data.put("status", named);
        data.put_some("period", period.map(|period| period.value()));
    }
    members(node, around, &mut data)?;
    data.put("reference", reference(resource));
    let event = Event {
        kind,
        resource,
        occurred: period.map(|period| period.from),
        law: Some(law),
        residence: citizen::acting(node)?.or(person.acting),
        case: case::adult(resource, Some(resource.id), &replaced(node)?),
        kle: facts::kle(node)?,
        person: Some(&person),
        data,
    };
    Ok(event.said())
}

/// What became of it, by its status, its version and what the sender says.
fn step(resource: &Resource<'_>, status: &str) -> Result<Step, Reason> {
    let node = &resource.node;
    let code = |name, codes, what| -> Result<Option<(&'static str, String)>, Reason> {
        let Some(extension) = extension::of_contract(node, name)? else { return Ok(None) };
        let text = extension.text()?.unwrap_or_default();
        Ok(Some((coded(codes, text, extension.path(), what)?, extension.path().to_owned())))
    };
    let previous = code("previousStatus", &STATUSES, "bevillingens forrige status")?.map(|(status, _)| status);
    let decision = code("decision", &DECISIONS, "afgørelsen")?;
    Ok(match (status, decision) {
        ("active", Some(("afslag", path))) => {
            return Err(refusal::invalid(path, "afgørelsen", "granted eller partly-granted, når bevillingen er aktiv"));
        }
        ("requested", _) => Step::Requested,
        ("cancelled", Some(("afslag", _))) => Step::Decided("afslag"),
        ("active", decision) => match (previous, resource.version) {
            (Some("aktiv"), _) => Step::Changed(true),
            (None, version) if version != "1" && decision.is_none() => Step::Changed(false),
            _ => Step::Decided(decision.map_or("bevilget", |(decision, _)| decision)),
        },
        _ => Step::Ended,
    })
}

/// What only that step has, and the kind of event.
fn write_step(
    resource: &Resource<'_>,
    step: Step,
    period: Option<Period>,
    data: &mut Data,
) -> Result<&'static str, Reason> {
    let node = &resource.node;
    let needed = || period.ok_or_else(|| refusal::missing(node.at("extension[period]"), "perioden"));
    match step {
        Step::Requested => {
            data.put("requested", requested(resource)?.to_string());
            Ok("adult.grant.requested")
        }
        Step::Decided(decision) => {
            data.put("decision", decision);
            if decision != "afslag" {
                needed()?;
            }
            Ok("adult.grant.decided")
        }
        Step::Changed(certain) => {
            needed()?;
            if !certain {
                data.remark(refusal::change_uncertain());
            }
            if let Some(extension) = extension::of_contract(node, "effective")? {
                let day = extension.text()?.and_then(civil::day);
                let day = day.ok_or_else(|| refusal::invalid(extension.path(), "ændringens dag", "en dato"))?;
                data.put("effective", day.to_string());
            }
            Ok("adult.grant.changed")
        }
        Step::Ended => {
            match node.text("status")? {
                Some("completed") => {
                    let end = needed()?.to;
                    let end =
                        end.ok_or_else(|| refusal::missing(node.at("extension[period].end"), "periodens slutning"))?;
                    data.put("end", end.to_string());
                }
                Some("entered-in-error") => data.remark(refusal::entered_in_error()),
                _ => data.put_some("end", period.and_then(|period| period.to).map(|end| end.to_string())),
            }
            Ok("adult.grant.ended")
        }
    }
}

/// What every step has.
fn members<'v>(node: &Node<'v>, around: &Around<'v>, data: &mut Data) -> Result<(), Reason> {
    let service = facts::service(node, data)?;
    data.put("service", service.ok_or_else(|| refusal::missing(node.at("code"), "ydelsen"))?);
    let provider = facts::provider(node, around, data)?;
    data.put_some("provider", provider);
    let kind = node.text("status")?;
    if !matches!(kind, Some("requested" | "completed" | "cancelled" | "entered-in-error")) {
        let rate = facts::rate(facts::of_grant(node, "rate")?, facts::of_grant(node, "rateUnit")?, data)?;
        data.put_some("rate", rate);
    }
    if let Some(requester) = node.node("requester")?
        && let Some(unit) = requester.node("onBehalfOf")?
    {
        let unit = Organisation::find(&unit, node, around)?.unit(data);
        data.put_some("unit", unit);
    }
    data.text("case_type", "sagstypen", facts::text(node, "caseType")?, 200);
    let paragraph = facts::text(node, "legalParagraph")?;
    data.text("law_text", "paragraffen", paragraph, 200);
    let note = note(node)?;
    data.text("note", "bemærkningen", Some(&note), 4000);
    Ok(())
}

/// The remark of the grant, and its notes.
fn note(node: &Node<'_>) -> Result<String, Reason> {
    let mut texts: Vec<String> = facts::text(node, "remark")?.map(html::plain).into_iter().collect();
    for note in node.list("note")? {
        texts.extend(note.text("text")?.map(html::plain));
    }
    texts.retain(|text| !text.is_empty());
    Ok(texts.join("\n\n"))
}

/// Where it stands in CURA.
pub(crate) fn reference(resource: &Resource<'_>) -> serde_json::Value {
    let mut reference = serde_json::json!({"system": "cura", "id": format!("{}/{}", resource.kind, resource.id)});
    if resource.version.len() <= 40
        && let Some(map) = reference.as_object_mut()
    {
        map.insert("version".to_owned(), resource.version.into());
    }
    reference
}

/// The day it was asked for: as CURA says, else the day of its first version, else of this one.
fn requested(resource: &Resource<'_>) -> Result<Date, Reason> {
    let node = &resource.node;
    match node.text("authoredOn")? {
        Some(text) => civil::day(text)
            .ok_or_else(|| refusal::invalid(node.at("authoredOn"), "ansøgningens dag", "en hel dato (2026-11-22)")),
        None => Ok(danish_day(resource.updated)),
    }
}

/// The ids of the grants that this one takes the place of.
fn replaced<'v>(node: &Node<'v>) -> Result<Vec<&'v str>, Reason> {
    let mut ids = Vec::new();
    for reference in node.list("replaces")? {
        ids.extend(reference.text("reference")?.and_then(|it| id_of(it, "ProcedureRequest")));
    }
    Ok(ids)
}

/// Training without a hospital stay, which is no grant of the area Adults.
fn training(resource: &Resource<'_>, person: &Person, law: LawRef) -> Result<Said, Reason> {
    let node = &resource.node;
    let mut data = Data::default();
    let citizen = person.write(&mut data);
    data.put("citizen", citizen);
    let mut reason = Some(note(node)?).filter(|note| !note.is_empty());
    if reason.is_none() {
        let service = facts::service(node, &mut data)?;
        reason = service.and_then(|service| service.get("name")?.as_str().map(str::to_owned));
    }
    let reason = reason.ok_or_else(|| refusal::missing(node.at("code"), "ydelsen"))?;
    data.text("reason", "begrundelsen", Some(&reason), 2000);
    data.put("requested", requested(resource)?.to_string());
    let event = Event {
        kind: "rehab.training.requested",
        resource,
        occurred: None,
        law: Some(law),
        residence: person.residence(citizen::acting(node)?),
        case: case::rehab(resource, &Plan::default(), person),
        kle: facts::kle(node)?,
        person: Some(person),
        data,
    };
    Ok(event.said())
}
