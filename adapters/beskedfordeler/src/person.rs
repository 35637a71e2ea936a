//! From a registration of a person to an event of the citizen. What the message does not say is not
//! guessed: it is left out, and a remark says so.

use budstikke_contract::adapter::{CaseClue, Draft, ItemBody};
use budstikke_contract::event::{Occurred, SourcePath, danish_day};
use budstikke_contract::person::{Citizen, Cpr};
use budstikke_contract::reason::{Reason, Remark};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Map, Value, json};

use crate::codes::Code;
use crate::envelope::{Message, Registration};
use crate::moment::Moment;
use crate::payload::{self, Facts};
use crate::refusal;

/// Who says so.
const SOURCE: &str = "/kombit/beskedfordeler";
/// How long what is quoted of the source may be.
const MAX_QUOTED: usize = 128;
/// How long a time as it stood may be.
const MAX_TIME: usize = 40;

/// The event that a registration with this code is.
pub(crate) fn event(
    message: &Message<'_>,
    (index, registration): (Option<usize>, &Registration<'_>),
    code: &Code,
    received: Timestamp,
) -> ItemBody {
    match draft(message, (index, registration), code, received) {
        Ok(draft) => ItemBody::Event(Box::new(draft)),
        Err(reason) => ItemBody::Refused(reason),
    }
}

fn draft(
    message: &Message<'_>,
    (index, registration): (Option<usize>, &Registration<'_>),
    code: &Code,
    received: Timestamp,
) -> Result<Draft, Reason> {
    let citizen = citizen(registration)?;
    let (Some(kind), Some(source)) = (code.kind(), SourcePath::parse(SOURCE)) else {
        // The table is checked when it is read, and a test reads the source.
        return Err(refusal::not_carried());
    };
    let mut remarks = Vec::new();
    let facts = match payload::of(message) {
        // Of several registrations one may be answered; of the only one another person's answer is a
        // mistake, and would reach whoever has something open for this one.
        Ok(payloads) if index.is_none() && payload::are_of_another(&payloads, &citizen) => {
            return Err(refusal::of_another());
        }
        Ok(payloads) => payload::facts(&payloads, &citizen),
        Err(_reason) => Facts { unread: true, ..Facts::default() },
    };
    if facts.unread {
        remarks.push(refusal::left_out("Noget i beskedens indhold (Beskeddata)"));
    }
    let validity = (day(message.from.as_ref(), &mut remarks), day(message.to.as_ref(), &mut remarks));
    let mut data = Map::new();
    data.insert("citizen".to_owned(), json!({"cpr": citizen.reveal()}));
    let occurred = match kind.name() {
        "citizen.moved" => moved(&mut data, &facts, validity.0, &mut remarks),
        "citizen.died" => died(&mut data, &facts, validity.0, &mut remarks),
        _ => protected(&mut data, code, validity),
    };
    let told = message.told(Some(registration));
    data.insert("reported".to_owned(), reported(message, registration, told, &mut remarks));
    if told.is_some_and(|moment| moment.at.is_none()) {
        remarks.push(refusal::left_out("Tidspunktet for registreringen"));
    }
    Ok(Draft {
        kind,
        source,
        id: None,
        time: told.and_then(|moment| moment.at).unwrap_or(received),
        occurred: occurred.map(Occurred::On),
        law: None,
        kle: None,
        residence: None,
        case: CaseClue::Derived {
            area: "citizen",
            episode: None,
            first: message.key(index),
            likeness: vec![format!("citizen {}", citizen.reveal())],
            trail: None,
        },
        citizen: Some(Citizen::Cpr(citizen)),
        correlation: None,
        causation: None,
        data,
        remarks,
    })
}

fn citizen(registration: &Registration<'_>) -> Result<Cpr, Reason> {
    const PATH: &str = "ObjektRegistrering/ObjektId";
    let Some(about) = &registration.about else {
        return Err(if registration.says_about() { refusal::no_person(PATH) } else { refusal::missing(PATH) });
    };
    match about.person() {
        Some(_) => about.cpr().ok_or_else(|| refusal::cpr_impossible(PATH)),
        None => Err(refusal::no_person(PATH)),
    }
}

/// The day of a time in Denmark.
fn day(moment: Option<&Moment>, remarks: &mut Vec<Remark>) -> Option<Date> {
    let moment = moment?;
    if moment.at.is_none() {
        remarks.push(refusal::left_out("En gyldighedsdato"));
    }
    moment.at.map(danish_day)
}

/// What CPR itself says goes before the validity of the message.
fn moved(data: &mut Map<String, Value>, facts: &Facts, valid: Option<Date>, remarks: &mut Vec<Remark>) -> Option<Date> {
    let from = facts.moved.or(valid);
    put(data, "from", from);
    put(data, "municipality", facts.municipality);
    match (from, facts.municipality) {
        (Some(_), Some(_)) => {}
        (None, None) => remarks.push(refusal::thin("hvornår og hvortil borgeren er flyttet")),
        (None, Some(_)) => remarks.push(refusal::thin("hvornår borgeren er flyttet")),
        (Some(_), None) => remarks.push(refusal::thin("hvortil borgeren er flyttet")),
    }
    from
}

fn died(data: &mut Map<String, Value>, facts: &Facts, valid: Option<Date>, remarks: &mut Vec<Remark>) -> Option<Date> {
    let date = facts.died.or(valid);
    put(data, "date", date);
    if date.is_none() {
        remarks.push(refusal::thin("hvornår borgeren døde"));
    }
    date
}

fn protected(data: &mut Map<String, Value>, code: &Code, (from, to): (Option<Date>, Option<Date>)) -> Option<Date> {
    let protection = code.protection.map_or("ukendt", crate::codes::Protection::name);
    data.insert("protection".to_owned(), protection.into());
    put(data, "from", from);
    put(data, "to", to);
    from
}

fn put(data: &mut Map<String, Value>, name: &str, value: Option<impl ToString>) {
    if let Some(value) = value {
        data.insert(name.to_owned(), value.to_string().into());
    }
}

/// What the source called it, as it stood.
fn reported(
    message: &Message<'_>,
    registration: &Registration<'_>,
    told: Option<&Moment>,
    remarks: &mut Vec<Remark>,
) -> Value {
    let mut reported = Map::new();
    let code = registration.codes.first().map(|code| code.raw());
    let parts = [
        ("message", Some(message.id().raw()), MAX_QUOTED, "Beskedens id"),
        ("code", code, MAX_QUOTED, "Hændelsens kode"),
        ("registered", told.map(|moment| moment.raw.as_str()), MAX_TIME, "Registreringens tidspunkt"),
    ];
    for (name, value, max, title) in parts {
        match value {
            Some(value) if value.chars().count() > max => remarks.push(refusal::left_out(title)),
            Some(value) => drop(reported.insert(name.to_owned(), value.into())),
            None => {}
        }
    }
    reported.into()
}
