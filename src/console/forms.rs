//! Forms made of the schemas of events, so that a kind of event has one without anybody writing it:
//! what can be typed, what was typed, and the content that it makes, checked by the schema itself.
//! Pure: a page says for which kind, and shows the [`Line`]s (`templates/form-fields.html`).
//!
//! | room | what |
//! |---|---|
//! | [`field`] | the schema as fields |
//! | [`typed`] | posted fields ↔ what was typed ↔ content |
//! | [`lines`] | what a page shows |
//! | [`words`] | what is wrong, at its field |
//!
//! What is typed is never lost: what makes no sense stands as it was typed, with what is wrong.

mod field;
mod lines;
#[cfg(test)]
mod tests;
mod typed;
mod words;

use std::collections::BTreeMap;

use budstikke_contract::event::EventKind;
use serde_json::{Map, Value};

use field::Field;
pub(super) use lines::{Line, Way};
pub(super) use typed::Typed;

/// What the fields of a form are called in a post: `data.citizen.cpr`, `data.cases.0.reference`.
pub(super) const PREFIX: &str = "data";

/// What stands on the button that adds a row to a list; its value is the list's name.
pub(super) const MORE: &str = "flere";

/// The form for the content of one kind of event.
#[derive(Debug, Clone)]
pub(super) struct Form {
    kind: EventKind,
    fields: Vec<Field>,
}

/// What is wrong, by the name of the field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Faults(BTreeMap<String, String>);

impl Faults {
    /// None.
    pub(super) fn none() -> Self {
        Self::default()
    }

    /// Whether nothing is wrong.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Notes what is wrong at a field; the first that is said of it stands.
    pub(super) fn note(&mut self, name: impl Into<String>, text: impl Into<String>) {
        self.0.entry(name.into()).or_insert_with(|| text.into());
    }

    /// What is wrong with all of it, and so at no field.
    pub(super) fn of_whole(&self) -> Option<&str> {
        self.at(PREFIX)
    }

    fn at(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Whether something is wrong at a field or within it.
    fn within(&self, name: &str) -> bool {
        self.0.keys().any(|key| key.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
    }
}

impl Form {
    /// The form of a kind.
    pub(super) fn of(kind: EventKind) -> Self {
        Self { kind, fields: field::fields(kind.schema()) }
    }

    /// The same without some members, which the page puts in itself.
    #[must_use]
    pub(super) fn without(mut self, names: &[&str]) -> Self {
        self.fields.retain(|field| !names.contains(&field.name.as_str()));
        self
    }

    /// What was posted. Rows with nothing in them go.
    pub(super) fn typed(&self, posted: &[(String, String)]) -> Typed {
        typed::from_post(&self.fields, posted)
    }

    /// What would have to be typed to make this content.
    pub(super) fn prefilled(&self, data: &Map<String, Value>) -> Typed {
        typed::from_data(&self.fields, data)
    }

    /// The content that was typed, checked or not.
    pub(super) fn data(&self, typed: &Typed) -> Map<String, Value> {
        typed::to_data(&self.fields, typed)
    }

    /// What is wrong with content, at the fields that it stands in.
    pub(super) fn faults(&self, data: &Map<String, Value>) -> Faults {
        let mut faults = Faults::none();
        for fault in budstikke_schemas::faults(self.kind.schema(), &Value::Object(data.clone())) {
            let name = field_name(&fault.path);
            let text = words::of(&self.fields, &name, &fault.broken);
            faults.note(name, text);
        }
        faults
    }

    /// What a page shows. `row` is a list that gets one more row than was typed in.
    pub(super) fn lines(&self, typed: &Typed, faults: &Faults, row: Option<&str>) -> Vec<Line> {
        lines::of(&self.fields, typed, faults, row)
    }

    /// Whether a field stands in the form, so that what is said at it is seen.
    pub(super) fn shows(&self, name: &str) -> bool {
        field::find(&self.fields, name).is_some()
    }
}

/// The field that a JSON path of an event leads to: `$.data.cases[0].law` → `data.cases.0.law`.
pub(super) fn field_name(path: &str) -> String {
    path.trim_start_matches("$.").replace('[', ".").replace(']', "")
}
