//! A schema as fields. It reads the keywords that the schemas of `schemas/events` use; a test holds
//! every one of them to it.

use budstikke_schemas::{Kind, shared};
use serde_json::{Map, Value};

use super::super::words::capital;

/// What the hub itself puts into events: nobody types it.
const OF_HUB: [&str; 2] = ["remarks", "original"];

/// A text that may be longer than this is written in a field of several lines.
const LONG: u64 = 250;

/// The most rows of a list that a form has, whatever the schema allows.
const ROWS: usize = 50;

/// How deep the schemas go at most; the parts that they share do not use one another in a circle.
const DEEPEST: u32 = 8;

/// One member of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::console) struct Field {
    /// Its name in JSON.
    pub(in crate::console) name: String,
    /// Its name for people.
    pub(super) title: String,
    /// What is to be known of it.
    pub(super) help: Option<String>,
    /// Whether it must be there where the object is.
    pub(super) required: bool,
    /// What it holds.
    pub(super) shape: Shape,
}

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shape {
    /// A text of at most so many characters.
    Text { long: bool, most: Option<u64> },
    /// So many digits. People write spaces and hyphens between them.
    Digits(u32),
    /// A date.
    Date,
    /// A time of day.
    Time,
    /// One of these values, each with its word.
    Choice(Vec<(String, String)>),
    /// A whole number.
    Whole,
    /// A number.
    Number,
    /// Yes or no.
    YesNo,
    /// An object, and the members of which it must have one (`true`: exactly one).
    Group { fields: Vec<Field>, either: Option<(bool, Vec<String>)> },
    /// A list of at most so many.
    List { item: Box<Field>, most: usize },
}

/// The fields of a kind's content: what must be there first, in the order in which the schema says so.
pub(super) fn fields(kind: &Kind) -> Vec<Field> {
    let schema = kind.json();
    Reader { own: schema }.members(schema, 0)
}

/// The field of a name in a post: `data.cases.0.reference`.
pub(super) fn find<'a>(fields: &'a [Field], name: &str) -> Option<&'a Field> {
    let mut steps = name.split('.').skip(1);
    let first = steps.next()?;
    let mut found = fields.iter().find(|field| field.name == first)?;
    for step in steps {
        found = match &found.shape {
            Shape::Group { fields, .. } => fields.iter().find(|field| field.name == step)?,
            Shape::List { item, .. } if step.bytes().all(|byte| byte.is_ascii_digit()) => item,
            Shape::List { .. }
            | Shape::Text { .. }
            | Shape::Digits(_)
            | Shape::Date
            | Shape::Time
            | Shape::Choice(_)
            | Shape::Whole
            | Shape::Number
            | Shape::YesNo => return None,
        };
    }
    Some(found)
}

struct Reader<'a> {
    /// The schema of the kind, to which its own references lead.
    own: &'a Value,
}

impl Reader<'_> {
    fn members(&self, object: &Value, depth: u32) -> Vec<Field> {
        let required: Vec<&str> = texts(object.get("required")).collect();
        let empty = Map::new();
        let members = object.get("properties").and_then(Value::as_object).unwrap_or(&empty);
        let mut fields: Vec<Field> = members
            .iter()
            .filter(|(name, _)| !OF_HUB.contains(&name.as_str()))
            .filter_map(|(name, schema)| self.field(name, schema, required.contains(&name.as_str()), depth))
            .collect();
        let place = |field: &Field| required.iter().position(|name| *name == field.name).unwrap_or(usize::MAX);
        fields.sort_by_key(place);
        fields
    }

    fn field(&self, name: &str, schema: &Value, required: bool, depth: u32) -> Option<Field> {
        let schema = self.resolved(schema);
        let text = |key: &str| schema.get(key).and_then(Value::as_str).map(str::to_owned);
        let title = text("title").unwrap_or_else(|| name.to_owned());
        let shape = self.shape(&schema, (name, title.as_str()), depth)?;
        Some(Field { name: name.to_owned(), title, help: text("description"), required, shape })
    }

    /// What a schema says with what it refers to: its own words count for more.
    fn resolved(&self, schema: &Value) -> Value {
        let (Some(object), Some(reference)) = (schema.as_object(), schema.get("$ref").and_then(Value::as_str)) else {
            return schema.clone();
        };
        let (file, pointer) = reference.split_once('#').unwrap_or((reference, ""));
        let root = if file.is_empty() { self.own } else { shared() };
        let mut whole = root.pointer(pointer).map(|part| self.resolved(part)).unwrap_or_default();
        if let Some(whole) = whole.as_object_mut() {
            whole.extend(
                object.iter().filter(|(key, _)| *key != "$ref").map(|(key, value)| (key.clone(), value.clone())),
            );
        }
        whole
    }

    fn shape(&self, schema: &Value, (name, title): (&str, &str), depth: u32) -> Option<Shape> {
        if depth > DEEPEST {
            return None;
        }
        if schema.get("enum").is_some() {
            return Some(Shape::Choice(choices(schema)));
        }
        match schema.get("type").and_then(Value::as_str) {
            Some("object") => {
                let fields = self.members(schema, depth + 1);
                let either = either(schema, &fields);
                Some(Shape::Group { fields, either })
            }
            Some("array") => {
                let item = self.field(name, schema.get("items")?, true, depth + 1)?;
                let most = schema.get("maxItems").and_then(Value::as_u64);
                let most = most.and_then(|most| usize::try_from(most).ok()).unwrap_or(ROWS).min(ROWS);
                Some(Shape::List { item: Box::new(Field { title: title.to_owned(), ..item }), most })
            }
            Some("integer") => Some(Shape::Whole),
            Some("number") => Some(Shape::Number),
            Some("boolean") => Some(Shape::YesNo),
            Some("string") => Some(text(schema)),
            // What may be nothing instead: it is left out then.
            Some(_) | None => ["oneOf", "anyOf"].into_iter().find_map(|key| {
                let all = schema.get(key)?.as_array()?;
                all.iter().find_map(|one| self.shape(&self.resolved(one), (name, title), depth + 1))
            }),
        }
    }
}

fn text(schema: &Value) -> Shape {
    let most = schema.get("maxLength").and_then(Value::as_u64);
    let pattern = schema.get("pattern").and_then(Value::as_str).unwrap_or_default();
    let digits = pattern.strip_prefix("^[0-9]{").and_then(|rest| rest.strip_suffix("}$"));
    if let Some(digits) = digits.and_then(|digits| digits.parse().ok()) {
        return Shape::Digits(digits);
    }
    match schema.get("format").and_then(Value::as_str) {
        Some("date") => Shape::Date,
        Some(_) | None if pattern.contains("2[0-3]):") => Shape::Time,
        Some(_) | None => Shape::Text { long: most.is_some_and(|most| most > LONG), most },
    }
}

fn texts(list: Option<&Value>) -> impl Iterator<Item = &str> {
    list.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default().iter().filter_map(Value::as_str)
}

/// The values that may be chosen, each with its word: a value that is no code is its own.
fn choices(schema: &Value) -> Vec<(String, String)> {
    let word = |value: &str| {
        let label = schema.get("x-labels").and_then(|labels| labels.get(value)).and_then(Value::as_str);
        label.map_or_else(|| capital(value), str::to_owned)
    };
    texts(schema.get("enum")).map(|value| (value.to_owned(), word(value))).collect()
}

/// The titles of the members of which an object must have one, and whether exactly one.
fn either(schema: &Value, fields: &[Field]) -> Option<(bool, Vec<String>)> {
    let (exactly, list) = match (schema.get("oneOf"), schema.get("anyOf")) {
        (Some(list), _) => (true, list),
        (None, Some(list)) => (false, list),
        (None, None) => return None,
    };
    let first = |one: &Value| texts(one.get("required")).next().map(str::to_owned);
    let title = |name: String| fields.iter().find(|field| field.name == name).map(|field| field.title.clone());
    let titles = list.as_array()?.iter().filter_map(first).filter_map(title).collect();
    Some((exactly, titles))
}
