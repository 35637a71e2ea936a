//! The agenda of the weekly visitation meeting: one task about several citizens, all of one
//! municipality. That municipality alone gets it.

use budstikke_contract::reason::Reason;
use serde_json::{Map, Value};

use super::contract::MATTERS;
use crate::around::Around;
use crate::case;
use crate::citizen::{self, Person};
use crate::civil;
use crate::data::Data;
use crate::extension::{self, Extension};
use crate::facts::{self, coded};
use crate::html;
use crate::node::Node;
use crate::refusal;
use crate::resource::Resource;
use crate::said::{Event, Said};

/// More cases than any meeting treats.
const CASES_MAX: usize = 200;

/// Reads an agenda.
pub(super) fn read<'v>(resource: &Resource<'v>, around: &Around<'v>) -> Result<Said, Reason> {
    let node = &resource.node;
    extension::check_names(node, &["week", "meeting", "case", "note", "actingMunicipality"])?;
    let acting = citizen::acting(node)?;
    let acting = acting.ok_or_else(|| refusal::missing(node.at("extension[actingMunicipality]"), "handlekommunen"))?;
    let mut data = Data::default();
    let week = required(node, "week", "ugen")?;
    let path = week.path().to_owned();
    let text = week.text()?.filter(|text| is_week(text));
    data.put("week", text.ok_or_else(|| refusal::invalid(path, "ugen", "skrevet som 2026-W48"))?);
    let meeting = required(node, "meeting", "mødets dag")?;
    let day = meeting.text()?.and_then(civil::day);
    let day = day.ok_or_else(|| refusal::invalid(meeting.path(), "mødets dag", "en hel dato (2026-11-22)"))?;
    data.put("meeting", day.to_string());
    let listed = extension::all_of_contract(node, "case")?;
    if listed.len() > CASES_MAX {
        return Err(refusal::invalid(node.at("extension[case]"), "dagsordenen", "på højst 200 sager"));
    }
    let mut cases = Vec::new();
    for case in &listed {
        let person = person(case, resource, around)?;
        if person.acting.is_some_and(|other| other != acting) {
            let path = format!("{}.extension[citizen]", case.path());
            return Err(refusal::invalid(path, "borgeren", "fra dagsordenens kommune"));
        }
        cases.push(entry(case, &person, &mut data)?);
    }
    data.put("cases", cases);
    let note = extension::of_contract(node, "note")?.map_or(Ok(None), |note| note.text())?.map(html::plain);
    data.text("note", "noten", note.as_deref(), 4000);
    let event = Event {
        kind: "visitation.agenda.set",
        resource,
        occurred: None,
        law: None,
        kle: None,
        residence: Some(acting),
        case: case::adult(resource, None, &[]),
        person: None,
        data,
    };
    Ok(event.said())
}

fn person<'v>(case: &Extension<'v>, resource: &Resource<'v>, around: &Around<'v>) -> Result<Person, Reason> {
    let reference = required(&case.node, "citizen", "borgeren")?.object()?;
    Person::find(&reference, &resource.node, around)
}

/// One case of the agenda.
fn entry(case: &Extension<'_>, person: &Person, data: &mut Data) -> Result<Value, Reason> {
    let node = &case.node;
    extension::check_names(node, &["citizen", "matter", "occasion", "legalParagraph"])?;
    let mut entry = Map::new();
    entry.insert("citizen".to_owned(), person.write(data));
    let matter = required(node, "matter", "sagens emne")?;
    let text = html::plain(matter.text()?.unwrap_or_default());
    if text.is_empty() {
        return Err(refusal::missing(matter.path(), "sagens emne"));
    }
    entry.insert("matter".to_owned(), data.fit("sagens emne", &text, 1000).into());
    let occasion = required(node, "occasion", "anledningen")?;
    let code = occasion.text()?.unwrap_or_default();
    entry.insert("occasion".to_owned(), coded(MATTERS, code, occasion.path(), "anledningen")?.into());
    if let Some(law) = facts::law(extension::of_contract(node, "legalParagraph")?)? {
        entry.insert("law".to_owned(), law.to_string().into());
    }
    Ok(Value::Object(entry))
}

fn required<'v>(node: &Node<'v>, name: &str, what: &str) -> Result<Extension<'v>, Reason> {
    let found = extension::of_contract(node, name)?;
    found.ok_or_else(|| refusal::missing(node.at(&format!("extension[{name}]")), what))
}

/// `2026-W48`.
fn is_week(text: &str) -> bool {
    let week = text.split_once("-W").filter(|(year, week)| year.len() == 4 && week.len() == 2);
    week.is_some_and(|(year, week)| {
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        digits(year) && digits(week) && week.parse::<u8>().is_ok_and(|week| (1..=53).contains(&week))
    })
}
