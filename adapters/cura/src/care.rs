//! Care communication: `MedcomCareCommunication`, a `Communication`. What one municipality asks the
//! other about a citizen, and what it answers. MedCom's national categories say which area it is.

use budstikke_contract::law::LawRef;
use budstikke_contract::reason::Reason;

use crate::around::{Around, id_of};
use crate::case;
use crate::citizen::{self, Person};
use crate::data::Data;
use crate::extension;
use crate::facts::{self, coded};
use crate::html;
use crate::node::Node;
use crate::plan;
use crate::refusal;
use crate::resource::Resource;
use crate::said::{Event, Said};

/// The area that a category belongs to, and the paragraph where the category is one.
#[derive(Debug, Clone, Copy)]
enum Area {
    Adult(Option<&'static str>),
    Rehab,
    /// No area of the agreement.
    Other,
}

/// MedCom's categories (medcom-careCommunication-categoryCodes 1.9.0).
const CATEGORIES: [(&str, Area); 18] = [
    ("psychiatry-social-disability", Area::Adult(None)),
    ("alcohol-and-drug-treatment", Area::Adult(Some("SEL § 101"))),
    ("training", Area::Rehab),
    ("acute-ambulant", Area::Other),
    ("assistive-devices", Area::Other),
    ("carecoordination", Area::Other),
    ("decease", Area::Other),
    ("discharge", Area::Other),
    ("examination-results", Area::Other),
    ("extended-care-responsibility", Area::Other),
    ("healthcare", Area::Other),
    ("home-care-assessment", Area::Other),
    ("medicine", Area::Other),
    ("nursing", Area::Other),
    ("outpatient", Area::Other),
    ("regarding-referral", Area::Other),
    ("telemedicine", Area::Other),
    ("other", Area::Other),
];

/// What the question is about.
pub(crate) const CONCERNS: [(&str, &str); 2] = [("contract", "kontrakt"), ("social", "social")];

/// Reads a care communication.
pub(crate) fn read<'v>(resource: &Resource<'v>, around: &Around<'v>) -> Result<Said, Reason> {
    let node = &resource.node;
    extension::check_names(node, &["legalParagraph", "concerns", "actingMunicipality"])?;
    if node.text("status")? == Some("entered-in-error") {
        return Err(refusal::taken_back(node.at("status")));
    }
    let area = area(node)?;
    let subject = node.node("subject")?.ok_or_else(|| refusal::missing(node.at("subject"), "borgeren"))?;
    let person = Person::find(&subject, node, around)?;
    let is_answer = !node.list("partOf")?.is_empty() || resource.causation.is_some();
    let mut data = Data::default();
    let text = body(resource, &mut data)?;
    let citizen = person.write(&mut data);
    let (member, what, max) = if is_answer { ("answer", "svaret", 8000) } else { ("question", "spørgsmålet", 4000) };
    data.text(member, what, Some(&text), max);
    let said_law = facts::law(extension::of_contract(node, "legalParagraph")?)?;
    let acting = citizen::acting(node)?;
    let (kind, law, residence, case) = match area {
        Area::Rehab => {
            let course = thread(node, around)?;
            let case = plan::course(resource, course.as_ref(), around, &person)?;
            let kind = if is_answer { "rehab.info.provided" } else { "rehab.info.requested" };
            (kind, LawRef::parse("SUL § 140"), person.residence(acting), case)
        }
        Area::Adult(of_category) => {
            if !is_answer {
                data.put("concerns", concerns(node)?);
            }
            data.put("reference", crate::grant::reference(resource));
            let kind = if is_answer { "adult.info.provided" } else { "adult.info.requested" };
            let grant = about(node)?.and_then(|reference| id_of(reference, "ProcedureRequest"));
            let law = said_law.or_else(|| of_category.and_then(LawRef::parse));
            (kind, law, acting.or(person.acting), case::adult(resource, grant, &[]))
        }
        Area::Other => return Err(refusal::not_ours(node.at("category"), "Kategorien af korrespondance")),
    };
    data.put("citizen", citizen);
    let event = Event { kind, resource, occurred: None, law, kle: None, residence, case, person: Some(&person), data };
    Ok(event.said_once())
}

/// Which area it belongs to.
fn area(node: &Node<'_>) -> Result<Area, Reason> {
    let path = node.at("category");
    for category in node.list("category")? {
        for coding in category.list("coding")? {
            let Some(code) = coding.text("code")? else { continue };
            // MedCom's list makes no difference between capitals and others.
            let code = code.to_ascii_lowercase();
            let found = CATEGORIES.iter().find(|(known, _)| *known == code).map(|(_, area)| *area);
            return found
                .ok_or_else(|| refusal::code_unknown(path, "kategorien", CATEGORIES.iter().map(|(code, _)| *code)));
        }
    }
    Err(refusal::missing(path, "kategorien"))
}

/// The text of it: the subject line, and the bodies as plain text.
fn body(resource: &Resource<'_>, data: &mut Data) -> Result<String, Reason> {
    let node = &resource.node;
    let mut texts = Vec::new();
    let topic = match extension::of_cura(node, &resource.own("careCommunicationSubject"))? {
        Some(subject) => subject.text()?,
        None => None,
    };
    texts.extend(topic.map(html::plain));
    let mut said = false;
    for payload in node.list("payload")? {
        match payload.text("contentString")? {
            Some(text) => {
                let text = html::plain(text);
                said |= !text.is_empty();
                texts.push(text);
            }
            None if payload.get("contentAttachment").is_some() || payload.get("contentReference").is_some() => {
                data.remark(refusal::left_out("en vedhæftet fil"));
            }
            None => {}
        }
    }
    texts.retain(|text| !text.is_empty());
    if said { Ok(texts.join("\n\n")) } else { Err(refusal::missing(node.at("payload"), "beskedens tekst")) }
}

fn concerns(node: &Node<'_>) -> Result<&'static str, Reason> {
    let Some(extension) = extension::of_contract(node, "concerns")? else {
        // MedCom's categories know no contracts.
        return Ok("social");
    };
    coded(&CONCERNS, extension.text()?.unwrap_or_default(), extension.path(), "hvad spørgsmålet angår")
}

/// What it is about: the first of what it is based on.
fn about<'v>(node: &Node<'v>) -> Result<Option<&'v str>, Reason> {
    node.reference("basedOn")
}

/// The plan that it is about, where the message has it.
fn thread<'v>(node: &Node<'v>, around: &Around<'v>) -> Result<Option<Node<'v>>, Reason> {
    match about(node)? {
        Some(reference) if id_of(reference, "Communication").is_some() => around.resolve(node, reference),
        _ => Ok(None),
    }
}
