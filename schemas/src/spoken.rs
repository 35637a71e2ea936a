//! What a schema says for people: the Danish title of each member, and what its codes mean
//! (`x-labels`). Whoever shows an event, or makes a form for one, asks here.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Map, Value};

use crate::check::SHARED;
use crate::{KINDS, Kind};

/// How often one reference may lead to the next.
const DEEPEST: usize = 8;

static SCHEMAS: LazyLock<BTreeMap<&'static str, Value>> =
    LazyLock::new(|| KINDS.iter().map(|kind| (kind.name, parse(kind.text))).collect());
static SHARED_SCHEMA: LazyLock<Value> = LazyLock::new(|| parse(SHARED));
static NOTHING: Value = Value::Null;

fn parse(text: &str) -> Value {
    // The schemas are ours, and tests read them all.
    serde_json::from_str(text).unwrap_or_default()
}

/// A place in a schema.
#[derive(Debug, Clone, Copy)]
pub struct Spoken {
    /// What stands there.
    own: &'static Value,
    /// What that leads to.
    is: &'static Value,
    /// The file that it stands in.
    file: &'static Value,
}

/// What the schemas share, read once.
pub fn shared() -> &'static Value {
    &SHARED_SCHEMA
}

impl Kind {
    /// Its schema, read once.
    pub fn json(&self) -> &'static Value {
        SCHEMAS.get(self.name).unwrap_or(&NOTHING)
    }

    /// What its schema says of its `data`.
    pub fn spoken(&self) -> Spoken {
        let file = self.json();
        Spoken { own: file, is: file, file }
    }
}

impl Spoken {
    fn at(own: &'static Value, file: &'static Value) -> Self {
        let (mut is, mut file) = (own, file);
        for _step in 0..DEEPEST {
            let Some(reference) = is.get("$ref").and_then(Value::as_str) else { break };
            let Some((place, pointer)) = reference.split_once('#') else { break };
            if !place.is_empty() {
                file = &SHARED_SCHEMA;
            }
            is = file.pointer(pointer).unwrap_or(&NOTHING);
        }
        Self { own, is, file }
    }

    fn text(self, name: &str) -> Option<&'static str> {
        [self.own, self.is].into_iter().find_map(|it| it.get(name)).and_then(Value::as_str)
    }

    /// Its Danish title.
    pub fn title(self) -> Option<&'static str> {
        self.text("title")
    }

    /// What it is, in a sentence.
    pub fn description(self) -> Option<&'static str> {
        self.text("description")
    }

    /// A member of it.
    pub fn member(self, name: &str) -> Option<Self> {
        Some(Self::at(self.members()?.get(name)?, self.file))
    }

    /// The names of its members, in the schema's order.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        self.members().into_iter().flat_map(Map::keys).map(String::as_str)
    }

    fn members(self) -> Option<&'static Map<String, Value>> {
        self.is.get("properties").and_then(Value::as_object)
    }

    /// What each element of it is, where it is a list.
    pub fn element(self) -> Option<Self> {
        Some(Self::at(self.is.get("items")?, self.file))
    }

    /// Whether it is a calendar day.
    pub fn is_day(self) -> bool {
        self.is.get("format").and_then(Value::as_str) == Some("date")
    }

    /// What a code means, in Danish. A code that is a Danish word already means itself.
    pub fn meaning(self, code: &str) -> Option<&'static str> {
        self.is.get("x-labels")?.get(code).and_then(Value::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_part_speaks_where_it_is_used() {
        let plan = crate::find("rehab.plan.received").unwrap().spoken();
        assert_eq!(plan.title(), Some("Genoptræningsplan modtaget"));
        let discharge = plan.member("discharge").unwrap();
        assert_eq!(discharge.title(), Some("Udskrivning"));
        assert!(discharge.member("date").unwrap().is_day());
        assert_eq!(discharge.member("certainty").unwrap().meaning("expected"), Some("Forventet"));
        assert_eq!(discharge.member("certainty").unwrap().meaning("never"), None);
        let rank = plan.member("diagnoses").and_then(Spoken::element).and_then(|it| it.member("rank")).unwrap();
        assert_eq!(rank.meaning("primary"), Some("Aktionsdiagnose"));
        assert!(plan.member("nothing").is_none());
        let course = crate::find("smdb.period.ready").unwrap().spoken().member("courses").and_then(Spoken::element);
        assert_eq!(course.and_then(|it| it.member("requested")).and_then(Spoken::title), Some("Ansøgt den"));
    }
}
