//! What a message says beside what every message says: the members of `details`, each in the form
//! that its type of event gives it.

use budstikke_contract::members::Members;
use budstikke_contract::reason::Reason;
use jiff::civil::Date;
use serde_json::{Map, Value, json};

use crate::codes;
use crate::event_type::{Detail, Entails, EventType, Form, Need, Word};
use crate::id;
use crate::target_group;

/// The details of a message as they stand, before the day is known on which its codes are looked up.
pub(crate) struct Details<'t> {
    event_type: &'t EventType,
    fields: Members,
    /// What its decision or assessment says.
    pub(crate) entails: Entails,
}

impl<'t> Details<'t> {
    /// Reads the word that tells what else there must be.
    pub(crate) fn begin(event_type: &'t EventType, message: &mut Members) -> Result<Self, Reason> {
        let fields = message.object("details")?.unwrap_or_else(|| Members::new(Map::new(), message.path_of("details")));
        let entails = event_type.details.iter().find_map(|detail| {
            let Form::Word(words) = detail.form else { return None };
            word(words, fields.peek(detail.from)?).map(|word| word.entails)
        });
        let entails = entails.unwrap_or(Entails::Nothing);
        Ok(Self { event_type, fields, entails })
    }

    /// Takes each detail into the event's data.
    pub(crate) fn finish(mut self, day: Date, data: &mut Map<String, Value>) -> Result<(), Reason> {
        for detail in self.event_type.details {
            let value = value(&mut self.fields, detail, day)?;
            let is_needed = detail.need == Need::Must || detail.from == "reason" && self.entails == Entails::Reason;
            match value {
                Some(value) => drop(data.insert(detail.to.to_owned(), value)),
                None if is_needed => return self.fields.need(detail.from, None),
                None => {}
            }
        }
        self.fields.finish()
    }
}

fn word<'w>(words: &'w [Word], value: &Value) -> Option<&'w Word> {
    words.iter().find(|word| value == word.from)
}

fn value(fields: &mut Members, detail: &Detail, day: Date) -> Result<Option<Value>, Reason> {
    let name = detail.from;
    match &detail.form {
        Form::Text(max) => Ok(fields.text(name, *max)?.map(Value::from)),
        Form::Id => Ok(fields.parsed(name, id::ID, id::parse)?.map(Value::from)),
        Form::Date => Ok(fields.date(name)?.map(|day| day.to_string().into())),
        Form::Hours => fields.read(name, "et tal fra 0 til 168", hours),
        Form::Persons => fields.read(name, "et helt tal fra 1 til 30", persons),
        Form::Word(words) => {
            let listed: Vec<&str> = words.iter().map(|word| word.from).collect();
            fields
                .read(name, &format!("en af {}", listed.join(", ")), |value| word(words, value).map(|it| it.to.into()))
        }
        Form::Hearing => fields.object(name)?.map(hearing).transpose(),
        Form::Absence => absence(fields, name, day),
        Form::TargetGroup => {
            // It was in force until the day before.
            let day = day.yesterday().unwrap_or(day);
            let previous = fields.object(name)?.map(|fields| target_group::read(fields, day)).transpose()?;
            Ok(previous.map(|group| Value::Object(group.data)))
        }
        Form::Provider => fields.object(name)?.map(provider).transpose(),
    }
}

fn hours(value: &Value) -> Option<Value> {
    value.as_f64().filter(|hours| (0.0..=168.0).contains(hours)).map(|_| value.clone())
}

fn persons(value: &Value) -> Option<Value> {
    value.as_u64().filter(|persons| (1..=30).contains(persons)).map(Value::from)
}

/// Whether the citizen was heard. With a hearing goes its day.
fn hearing(mut fields: Members) -> Result<Value, Reason> {
    let held = fields.flag("held")?;
    let held = fields.need("held", held)?;
    let date = fields.date("date")?;
    let mut hearing = Map::new();
    hearing.insert("held".to_owned(), held.into());
    match date {
        Some(date) => drop(hearing.insert("date".to_owned(), date.to_string().into())),
        None if held => return fields.need("date", None),
        None => {}
    }
    if let Some(text) = fields.text("text", 1000)? {
        hearing.insert("text".to_owned(), text.into());
    }
    fields.finish()?;
    Ok(Value::Object(hearing))
}

fn absence(fields: &mut Members, name: &str, day: Date) -> Result<Option<Value>, Reason> {
    let Some(code) = fields.text(name, 80)? else { return Ok(None) };
    let absence = codes::absence(&code, day, &fields.path_of(name))?;
    Ok(Some(json!({"code": code, "title": absence.title})))
}

fn provider(mut fields: Members) -> Result<Value, Reason> {
    let mut provider = Map::new();
    let name = fields.text("name", 200)?;
    provider.insert("name".to_owned(), fields.need("name", name)?.into());
    let is_cvr = |text: &str| text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
    if let Some(cvr) = fields.parsed("cvr", "otte cifre", |text| is_cvr(text).then(|| text.to_owned()))? {
        provider.insert("cvr".to_owned(), cvr.into());
    }
    if let Some(place) = fields.text("place", 200)? {
        provider.insert("place".to_owned(), place.into());
    }
    fields.finish()?;
    Ok(Value::Object(provider))
}
