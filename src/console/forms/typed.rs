//! What somebody has typed into a form: texts, in the shape of the content. It comes of a post, or of
//! content that a form begins with, and makes content.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Number, Value};

use super::PREFIX;
use super::field::{Field, Shape};

/// What was typed in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::console) enum Typed {
    /// In a field.
    Text(String),
    /// In the fields of a group, by name.
    Group(BTreeMap<String, Self>),
    /// In the rows of a list.
    Rows(Vec<Self>),
}

/// What stands where nothing was typed.
static NOTHING: Typed = Typed::Text(String::new());

impl Default for Typed {
    fn default() -> Self {
        Self::Group(BTreeMap::new())
    }
}

impl Typed {
    /// Whether nothing was typed.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.trim().is_empty(),
            Self::Group(members) => members.values().all(Self::is_empty),
            Self::Rows(rows) => rows.iter().all(Self::is_empty),
        }
    }

    /// What was typed in a field; empty where it is none.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Group(_) | Self::Rows(_) => "",
        }
    }

    /// What was typed in a member of a group.
    pub(super) fn member(&self, name: &str) -> &Self {
        match self {
            Self::Group(members) => members.get(name).unwrap_or(&NOTHING),
            Self::Text(_) | Self::Rows(_) => &NOTHING,
        }
    }

    /// The rows of a list.
    pub(super) fn rows(&self) -> &[Self] {
        match self {
            Self::Rows(rows) => rows,
            Self::Text(_) | Self::Group(_) => &[],
        }
    }
}

/// The posted fields by name; of several of one name the first counts.
type Posted<'a> = BTreeMap<&'a str, &'a str>;

pub(super) fn from_post(fields: &[Field], posted: &[(String, String)]) -> Typed {
    let prefix = format!("{PREFIX}.");
    let own = posted.iter().rev().filter(|(name, _)| name.starts_with(&prefix));
    let posted = own.map(|(name, value)| (name.as_str(), value.as_str())).collect();
    group_posted(fields, PREFIX, &posted)
}

fn group_posted(fields: &[Field], name: &str, posted: &Posted<'_>) -> Typed {
    let member = |field: &Field| (field.name.clone(), field_posted(field, &format!("{name}.{}", field.name), posted));
    Typed::Group(fields.iter().map(member).collect())
}

fn field_posted(field: &Field, name: &str, posted: &Posted<'_>) -> Typed {
    match &field.shape {
        Shape::Group { fields, .. } => group_posted(fields, name, posted),
        Shape::List { item, .. } => {
            let rows =
                places(name, posted).into_iter().map(|place| field_posted(item, &format!("{name}.{place}"), posted));
            Typed::Rows(rows.filter(|row| !row.is_empty()).collect())
        }
        Shape::Text { .. }
        | Shape::Digits(_)
        | Shape::Date
        | Shape::Time
        | Shape::Choice(_)
        | Shape::Whole
        | Shape::Number
        | Shape::YesNo => Typed::Text(posted.get(name).map_or_else(String::new, |value| plain(value))),
    }
}

/// A text as it was typed: a browser sends another end of a line than it shows.
fn plain(text: &str) -> String {
    text.replace("\r\n", "\n").trim().to_owned()
}

/// The places of a list's rows, in their order.
fn places(name: &str, posted: &Posted<'_>) -> BTreeSet<u32> {
    let begin = format!("{name}.");
    let within = posted.range(begin.as_str()..).take_while(|(key, _)| key.starts_with(&begin));
    within.filter_map(|(key, _)| key.strip_prefix(&begin)?.split('.').next()?.parse().ok()).collect()
}

pub(super) fn from_data(fields: &[Field], data: &Map<String, Value>) -> Typed {
    let member = |field: &Field| Some((field.name.clone(), written(field, data.get(&field.name)?)));
    Typed::Group(fields.iter().filter_map(member).collect())
}

fn written(field: &Field, value: &Value) -> Typed {
    match (&field.shape, value) {
        (Shape::Group { fields, .. }, Value::Object(members)) => from_data(fields, members),
        (Shape::List { item, .. }, Value::Array(list)) => {
            Typed::Rows(list.iter().map(|value| written(item, value)).collect())
        }
        (_, Value::String(text)) => Typed::Text(text.clone()),
        (_, Value::Bool(yes)) => Typed::Text(if *yes { YES } else { NO }.to_owned()),
        (_, Value::Number(number)) => Typed::Text(number.to_string().replace('.', ",")),
        (_, Value::Null | Value::Object(_) | Value::Array(_)) => Typed::Text(String::new()),
    }
}

/// How yes and no are sent.
pub(super) const YES: &str = "ja";
/// See [`YES`].
pub(super) const NO: &str = "nej";

pub(super) fn to_data(fields: &[Field], typed: &Typed) -> Map<String, Value> {
    let member = |field: &Field| Some((field.name.clone(), content(field, typed.member(&field.name))?));
    fields.iter().filter_map(member).collect()
}

/// What a field holds; `None` where nothing was typed. What makes no sense stays the text that it is,
/// for the schema to say what is wrong.
fn content(field: &Field, typed: &Typed) -> Option<Value> {
    let text = typed.text().trim();
    let own = || Value::String(text.to_owned());
    let simple = |value: Value| (!text.is_empty()).then_some(value);
    match &field.shape {
        // What must be there is there, so that it is said of its members what is missing.
        Shape::Group { fields, .. } => {
            (field.required || !typed.is_empty()).then(|| Value::Object(to_data(fields, typed)))
        }
        Shape::List { item, .. } => {
            let rows: Vec<Value> = typed.rows().iter().filter_map(|row| content(item, row)).collect();
            (!rows.is_empty()).then_some(Value::Array(rows))
        }
        Shape::Digits(_) => simple(Value::String(text.chars().filter(|it| !" -".contains(*it)).collect())),
        Shape::Whole => simple(text.parse::<i64>().map_or_else(|_| own(), Value::from)),
        Shape::Number => simple(number(text).map_or_else(own, Value::Number)),
        Shape::YesNo => simple(match text {
            YES => Value::Bool(true),
            NO => Value::Bool(false),
            _ => own(),
        }),
        Shape::Text { .. } | Shape::Date | Shape::Time | Shape::Choice(_) => simple(own()),
    }
}

/// A number as people write it in Danish (`7,5`).
fn number(text: &str) -> Option<Number> {
    if let Ok(whole) = text.parse::<i64>() {
        return Some(whole.into());
    }
    text.replace(',', ".").parse().ok().and_then(Number::from_f64)
}
