//! Reading a canonical event from JSON, attribute by attribute, so that a fault names its place
//! and quotes nothing.

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Map, Value};

use super::{EventKind, Occurred, SourcePath, WireId};
use crate::adapter::{CaseClue, Draft};
use crate::id::CaseKey;
use crate::kle::Kle;
use crate::law::LawRef;
use crate::municipality::MunicipalityCode;
use crate::person::{Citizen, Cpr};
use crate::reason::{Code, Reason};
use crate::strict_json;

const NOT_JSON: Code = Code::new("EVENT_NOT_JSON");
const ATTRIBUTE: Code = Code::new("EVENT_ATTRIBUTE");
const UNKNOWN_KIND: Code = Code::new("EVENT_UNKNOWN_KIND");

const WIRE_ID: &str = "skal være 1-128 synlige ASCII-tegn uden noget, der ligner et CPR-nummer";
const SOURCE: &str = "skal være en sti som /taarnby/cura";
const TIME: &str = "skal være et tidspunkt med tidszone (2026-11-22T10:00:00Z)";

/// Reads CloudEvents JSON in structured mode. What the schema of the kind says of `data` is not
/// looked at here.
///
/// # Errors
/// The first attribute that is missing or cannot be what it should be, with its JSON path.
pub fn read(bytes: &[u8]) -> Result<Draft, Reason> {
    let Value::Object(mut object) = strict_json::parse(bytes).map_err(|fault| not_json(&fault))? else {
        return Err(Reason::new(
            NOT_JSON,
            "Beskeden er JSON, men ikke et objekt: en hændelse er et CloudEvents-objekt.",
        ));
    };
    if required(&object, "specversion")? != "1.0" {
        return Err(wrong("specversion", "skal være \"1.0\""));
    }
    let kind = EventKind::of_type(required(&object, "type")?).ok_or_else(|| {
        let text = "Hændelsens type findes ikke i kataloget (schemas/). Ret afsenderen, eller tilføj typen.";
        Reason::new(UNKNOWN_KIND, text).at("$.type")
    })?;
    if object.contains_key("data_base64") {
        return Err(wrong("data_base64", "bruges ikke: indholdet skal stå som JSON i data"));
    }
    if optional(&object, "datacontenttype")?.is_some_and(|media| !is_json(media)) {
        return Err(wrong("datacontenttype", "skal være application/json"));
    }
    let data = match object.remove("data") {
        Some(Value::Object(data)) => data,
        Some(_) => return Err(wrong("data", "skal være et JSON-objekt")),
        None => return Err(missing("data")),
    };
    if data.contains_key("original") {
        return Err(wrong("data.original", "sættes på ved levering og må ikke stå i en hændelse på vej ind"));
    }
    Ok(Draft {
        kind,
        id: Some(parsed(&object, "id", WireId::parse, WIRE_ID)?.ok_or_else(|| missing("id"))?),
        source: parsed(&object, "source", SourcePath::parse, SOURCE)?.ok_or_else(|| missing("source"))?,
        time: parsed(&object, "time", timestamp, TIME)?.ok_or_else(|| missing("time"))?,
        occurred: parsed(&object, "occurred", occurred, "skal være et tidspunkt eller en dato (2026-11-22)")?,
        law: parsed(&object, "law", LawRef::parse, "skal være en lovhenvisning som \"SUL § 140\"")?,
        kle: parsed(&object, "kle", subject, "skal være et KLE-emne som \"27.57.04\"")?,
        residence: parsed(&object, "residence", MunicipalityCode::parse, "skal være et kommunenummer på tre cifre")?,
        case: parsed(&object, "subject", CaseKey::parse, "skal være sagsnøglen fra sagens første hændelse")?
            .map_or(CaseClue::None, CaseClue::Key),
        citizen: citizen(&data)?,
        correlation: parsed(&object, "correlationid", WireId::parse, WIRE_ID)?,
        causation: parsed(&object, "causationid", WireId::parse, WIRE_ID)?,
        data,
        remarks: Vec::new(),
    })
}

/// Whether the bytes are a CloudEvents object, whatever is wrong with it otherwise.
pub fn is_cloud_event(bytes: &[u8]) -> bool {
    matches!(strict_json::parse(bytes), Ok(Value::Object(object)) if object.contains_key("specversion"))
}

/// The citizen in `data.citizen`, which is of the same shape in every kind.
fn citizen(data: &Map<String, Value>) -> Result<Option<Citizen>, Reason> {
    let Some(Value::Object(citizen)) = data.get("citizen") else { return Ok(None) };
    if let Some(cpr) = citizen.get("cpr").and_then(Value::as_str) {
        let cpr = Cpr::parse(cpr).ok_or_else(|| wrong("data.citizen.cpr", "er ikke et muligt CPR-nummer"))?;
        return Ok(Some(Citizen::Cpr(cpr)));
    }
    let replacement = citizen.get("replacement_id").and_then(Value::as_str);
    Ok(replacement.map(|id| Citizen::Replacement(id.to_owned())))
}

fn not_json(fault: &strict_json::Fault) -> Reason {
    Reason::new(NOT_JSON, format!("Hændelsen kan ikke læses: {fault}."))
}

fn wrong(attribute: &str, what: &str) -> Reason {
    Reason::new(ATTRIBUTE, format!("Hændelsens attribut {attribute} {what}.")).at(format!("$.{attribute}"))
}

fn missing(attribute: &str) -> Reason {
    wrong(attribute, "mangler")
}

fn optional<'a>(object: &'a Map<String, Value>, attribute: &str) -> Result<Option<&'a str>, Reason> {
    match object.get(attribute) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(wrong(attribute, "skal være en tekst")),
    }
}

fn required<'a>(object: &'a Map<String, Value>, attribute: &str) -> Result<&'a str, Reason> {
    optional(object, attribute)?.ok_or_else(|| missing(attribute))
}

fn parsed<T>(
    object: &Map<String, Value>,
    attribute: &str,
    parse: impl Fn(&str) -> Option<T>,
    expected: &str,
) -> Result<Option<T>, Reason> {
    let Some(text) = optional(object, attribute)? else { return Ok(None) };
    parse(text).map(Some).ok_or_else(|| wrong(attribute, expected))
}

fn is_json(media: &str) -> bool {
    let essence = media.split(';').next().unwrap_or_default().trim();
    essence == "application/json" || essence.ends_with("+json")
}

fn timestamp(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

fn subject(text: &str) -> Option<Kle> {
    Kle::parse(text).filter(Kle::is_subject)
}

fn occurred(text: &str) -> Option<Occurred> {
    match text.parse::<Timestamp>() {
        Ok(instant) => Some(Occurred::At(instant)),
        Err(_) if text.len() == 10 => text.parse::<Date>().ok().map(Occurred::On),
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sample() -> Value {
        json!({
            "specversion": "1.0",
            "id": "offer-1",
            "source": "/taarnby/cura",
            "type": "dk.budstikke.rehab.start.offered.v1",
            "time": "2026-11-22T10:00:00+01:00",
            "subject": "rehab-6fb927da-3be1-4b9f-8875-a6326617d20b",
            "law": "SUL §140",
            "residence": "155",
            "data": {"start": "2026-11-25"},
        })
    }

    fn fault(attribute: &str, bad: Option<Value>) -> Reason {
        let mut value = sample();
        let object = value.as_object_mut().unwrap();
        match bad {
            Some(bad) => drop(object.insert(attribute.to_owned(), bad)),
            None => drop(object.remove(attribute)),
        }
        read(value.to_string().as_bytes()).unwrap_err()
    }

    #[test]
    fn reads_an_event() {
        let draft = read(sample().to_string().as_bytes()).unwrap();
        assert_eq!(draft.kind.name(), "rehab.start.offered");
        assert_eq!(draft.source.party(), "taarnby");
        assert_eq!(draft.law.unwrap().to_string(), "SUL § 140");
        assert_eq!(draft.time.to_string(), "2026-11-22T09:00:00Z");
    }

    #[test]
    fn names_what_is_missing() {
        for attribute in ["id", "source", "type", "time", "specversion", "data"] {
            let reason = fault(attribute, None);
            assert_eq!(reason.code, ATTRIBUTE);
            assert_eq!(reason.path.unwrap(), format!("$.{attribute}"));
        }
    }

    #[test]
    fn names_the_place_of_a_fault_and_quotes_nothing() {
        for (attribute, bad) in [
            ("id", json!("251248-9996")),
            ("source", json!("/taarnby")),
            ("time", json!("2026-11-22")),
            ("residence", json!(155)),
            ("subject", json!("rehab-2512489996")),
            ("law", json!("§ 140")),
            ("kle", json!("29.21")),
            ("occurred", json!("2026-02-30")),
            ("data", json!("text")),
            ("type", json!("dk.budstikke.rehab.start.offered.v2")),
        ] {
            let reason = fault(attribute, Some(bad));
            assert_eq!(reason.path.as_deref(), Some(format!("$.{attribute}").as_str()));
            assert!(!reason.to_string().contains("2512"), "{reason}");
        }
    }

    #[test]
    fn finds_the_citizen_and_refuses_an_impossible_number() {
        let mut value = sample();
        value["data"]["citizen"] = json!({"cpr": "2512489996"});
        let draft = read(value.to_string().as_bytes()).unwrap();
        assert_eq!(draft.citizen.unwrap().reveal(), "2512489996");
        value["data"]["citizen"] = json!({"cpr": "9999999999"});
        assert_eq!(read(value.to_string().as_bytes()).unwrap_err().path.unwrap(), "$.data.citizen.cpr");
    }

    #[test]
    fn a_day_or_an_instant_may_have_been_when_it_happened() {
        let mut value = sample();
        value["occurred"] = json!("2021-08-31");
        let draft = read(value.to_string().as_bytes()).unwrap();
        assert!(matches!(draft.occurred, Some(Occurred::On(_))));
    }
}
