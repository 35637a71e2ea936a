//! What an event says, for people: labelled sections in Danish, made of the event and the titles in
//! its schema. Pure. Nothing is lost: a member without a title is shown under its own name, and the
//! event and its letter stand below as they are.
//!
//! | room | what |
//! |---|---|
//! | `order` | which members stand together, and in which order one reads them |
//! | `value`, `shown` | how a value is written |

mod order;
mod shown;
#[cfg(test)]
mod tests;
mod value;

use std::collections::BTreeMap;

use budstikke_contract::adapter::{Draft, Passage};
use budstikke_contract::event::{EventKind, copenhagen};
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::words;
use order::{Group, groups};
pub(super) use shown::{Field, Shown};

/// How much of a letter is shown as it is, in characters.
const LONGEST: usize = 200_000;

/// What an event says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Content {
    /// What it is: `Genoptræningsplan modtaget`.
    pub(super) title: String,
    /// Whether name and address of the citizen are to be shown to nobody outside.
    pub(super) protected: bool,
    pub(super) sections: Vec<Section>,
    pub(super) raw: Vec<Raw>,
}

/// What stands under one heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Section {
    pub(super) title: String,
    pub(super) fields: Vec<Field>,
}

/// Something as it is, to be read by who wants to know exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Raw {
    pub(super) title: String,
    pub(super) text: String,
    /// Whether there is more than is shown.
    pub(super) cut: bool,
}

/// The names of municipalities by their codes.
pub(super) type Names = BTreeMap<String, String>;

/// An event, taken apart.
struct Parts {
    kind: Option<EventKind>,
    attributes: Map<String, Value>,
    data: Map<String, Value>,
}

impl Content {
    /// What an event in CloudEvents JSON says, with what its letter says beside it.
    pub(super) fn of(event: &[u8], passages: Vec<Passage>, names: &Names) -> Self {
        let Ok(Value::Object(attributes)) = serde_json::from_slice(event) else {
            return Self::default().with_raw("Hændelsen, som den står", event);
        };
        let pretty = serde_json::to_string_pretty(&attributes).unwrap_or_default();
        Self::made(Parts::of(attributes), passages, names).with_raw("Hændelsen, som den står (JSON)", pretty.as_bytes())
    }

    /// The same of something that is no event yet.
    pub(super) fn of_draft(draft: &Draft, passages: Vec<Passage>, names: &Names) -> Self {
        let texts = [
            ("time", Some(draft.time.to_string())),
            ("occurred", draft.occurred.map(|when| when.to_string())),
            ("source", Some(draft.source.to_string())),
            ("residence", draft.residence.map(|code| code.to_string())),
            ("law", draft.law.as_ref().map(ToString::to_string)),
            ("kle", draft.kle.as_ref().map(ToString::to_string)),
            ("id", draft.id.as_ref().map(ToString::to_string)),
        ];
        let attributes = texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), Value::String(text?))));
        let mut data = draft.data.clone();
        if !draft.remarks.is_empty() {
            let remarks = draft.remarks.iter().map(|it| serde_json::json!({"code": it.code.as_str(), "text": it.text}));
            data.insert("remarks".to_owned(), remarks.collect());
        }
        Self::made(Parts { kind: Some(draft.kind), attributes: attributes.collect(), data }, passages, names)
    }

    /// The same, and something as it is.
    #[must_use]
    pub(super) fn with_raw(mut self, title: &str, bytes: &[u8]) -> Self {
        // What is no UTF-8 is one of the old single-byte sets, whose letters are nearly all here.
        let whole = match std::str::from_utf8(bytes) {
            Ok(text) => text.trim_start_matches('\u{feff}').to_owned(),
            Err(_latin) => bytes.iter().copied().map(char::from).collect(),
        };
        let text: String = whole.chars().take(LONGEST).collect();
        self.raw.push(Raw { title: title.to_owned(), cut: text.len() < whole.len(), text });
        self
    }

    fn made(parts: Parts, mut passages: Vec<Passage>, names: &Names) -> Self {
        let Parts { kind, attributes, mut data } = parts;
        let spoken = kind.map(|kind| kind.schema().spoken());
        let title = kind.map_or_else(|| "Hændelse", |kind| kind.schema().title()).to_owned();
        let mut sections = Vec::new();
        for Group { title: heading, members } in groups(kind) {
            let mut fields = Vec::new();
            for name in members.names(&data) {
                let Some(found) = data.shift_remove(&name) else { continue };
                fields.extend(value::field(&name, &found, spoken.and_then(|it| it.member(&name)), names));
            }
            if members.has_letter() {
                let told = passages.drain(..).map(|it| Field { title: it.title, value: value::text(&it.text) });
                fields.extend(told);
            }
            let heading = if heading.is_empty() { &title } else { heading };
            sections.push(Section { title: heading.to_owned(), fields });
        }
        sections.push(about(&attributes, names));
        sections.retain(|section| !section.fields.is_empty());
        Self { title, sections, ..Self::default() }
    }
}

impl Parts {
    fn of(mut attributes: Map<String, Value>) -> Self {
        let kind = attributes.get("type").and_then(Value::as_str).and_then(EventKind::of_type);
        let data = match attributes.shift_remove("data") {
            Some(Value::Object(data)) => data,
            Some(other) => Map::from_iter([("data".to_owned(), other)]),
            None => Map::new(),
        };
        Self { kind, attributes, data }
    }
}

/// What goes with an event: when, who, under what law.
fn about(attributes: &Map<String, Value>, names: &Names) -> Section {
    let mut fields = Vec::new();
    for (name, title) in order::ATTRIBUTES {
        if let Some(found) = attributes.get(*name).and_then(Value::as_str) {
            let text = match *name {
                "time" | "occurred" => moment(found),
                "residence" => value::municipality(found, names),
                _ => found.to_owned(),
            };
            fields.push(Field { title: (*title).to_owned(), value: value::text(&text) });
        }
    }
    let known = |name: &str| {
        order::SAID_BY_ALL.contains(&name) || order::ATTRIBUTES.iter().any(|(attribute, _)| *attribute == name)
    };
    let others = attributes.iter().filter(|(name, _)| !known(name));
    fields.extend(others.flat_map(|(name, found)| value::field(name, found, None, names)));
    Section { title: "Om hændelsen".to_owned(), fields }
}

/// A time as an event writes it: an instant or a day.
fn moment(text: &str) -> String {
    if let Ok(at) = text.parse::<Timestamp>() {
        let zoned = at.to_zoned(copenhagen());
        return format!("{} kl. {}", words::day(zoned.date()), zoned.strftime("%H.%M"));
    }
    text.parse().map_or_else(|_no_day| text.to_owned(), words::day)
}
