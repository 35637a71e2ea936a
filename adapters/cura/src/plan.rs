//! Rehabilitation plans in CURA: `CuraRehabilitationPlan`, a `Communication`. The plan itself comes
//! from the hospital; what CURA adds is the level that the municipality sets.

use budstikke_contract::adapter::CaseClue;
use budstikke_contract::law::LawRef;
use budstikke_contract::municipality::Gln;
use budstikke_contract::reason::Reason;

use crate::around::{Around, id_of};
use crate::case::{self, Plan};
use crate::citizen::{self, Person};
use crate::data::Data;
use crate::extension;
use crate::facts::coded;
use crate::node::Node;
use crate::organisation::Organisation;
use crate::refusal;
use crate::resource::Resource;
use crate::said::{Event, Said};

/// CURA's codes of the level, as its screen names them: Basalt niveau, Avanceret niveau.
const LEVELS: [(&str, &str); 2] = [("BASIC", "basal"), ("ADVANCED", "avanceret")];

/// The system of the identifier that names the hospital's letter.
const LETTER: &str = "urn:budstikke:brev";

/// The types that have a level. The others are not public.
const TYPES: [(&str, &str); 1] = [("GENERALIZED", "almen")];

/// Reads a plan.
pub(crate) fn read<'v>(resource: &Resource<'v>, around: &Around<'v>) -> Result<Said, Reason> {
    let node = &resource.node;
    extension::check_names(node, &["actingMunicipality"])?;
    if node.text("status")? == Some("entered-in-error") {
        return Err(refusal::taken_back(node.at("status")));
    }
    let Some(level) = extension::of_cura(node, &resource.own("subType"))? else { return Ok(no_level()) };
    // CURA has an empty code where nobody has chosen one.
    let Some(code) = level.text()? else { return Ok(no_level()) };
    let level = coded(&LEVELS, &code.to_ascii_uppercase(), level.path(), "niveauet")?;
    if let Some(extension) = extension::of_cura(node, &resource.own("type"))? {
        coded(&TYPES, extension.text()?.unwrap_or_default(), extension.path(), "planens type")?;
    }
    let subject = node.node("subject")?.ok_or_else(|| refusal::missing(node.at("subject"), "borgeren"))?;
    let person = Person::find(&subject, node, around)?;
    let mut data = Data::default();
    data.put("level", level);
    let citizen = person.write(&mut data);
    data.put("citizen", citizen);
    let event = Event {
        kind: "rehab.level.set",
        resource,
        occurred: None,
        law: LawRef::parse("SUL § 140"),
        kle: None,
        residence: person.residence(citizen::acting(node)?),
        case: course(resource, Some(node), around, &person)?,
        person: Some(&person),
        data,
    };
    Ok(event.said())
}

fn no_level() -> Said {
    Said::Nothing("CuraRehabilitationPlan uden niveau".to_owned())
}

/// The course that `plan`, a communication of the message, begins.
pub(crate) fn course<'v>(
    resource: &Resource<'v>,
    plan: Option<&Node<'v>>,
    around: &Around<'v>,
    person: &Person,
) -> Result<CaseClue, Reason> {
    let Some(plan) = plan else { return Ok(case::rehab(resource, &Plan::default(), person)) };
    let sender = plan.node("sender")?.map(|sender| Organisation::find(&sender, plan, around)).transpose()?;
    let known = Plan {
        id: plan.text("id")?,
        episode: plan.reference("context")?.and_then(|context| id_of(context, "EpisodeOfCare")),
        letter: letter(plan)?,
        sender,
    };
    Ok(case::rehab(resource, &known, person))
}

/// The hospital's letter, by our contract.
fn letter<'v>(plan: &Node<'v>) -> Result<Option<&'v str>, Reason> {
    for identifier in plan.list("identifier")? {
        if identifier.text("system")? == Some(LETTER) {
            let value = identifier.text("value")?;
            let good = value
                .and_then(|value| value.split_once('/'))
                .is_some_and(|(gln, id)| Gln::parse(gln).is_some() && !id.is_empty());
            let path = identifier.at("value");
            return if good {
                Ok(value)
            } else {
                Err(refusal::invalid(path, "brevets nummer", "lokationsnummer/brevnummer (5790000000000/123)"))
            };
        }
    }
    Ok(None)
}
