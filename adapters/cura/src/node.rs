//! A JSON object with its place in the message. Values are read by name and type; a fault names the
//! place, which is made of names that stand in this program, and never what stood there.

use budstikke_contract::reason::Reason;
use serde_json::{Map, Value};

use crate::refusal;

/// An object somewhere in the message.
#[derive(Debug, Clone)]
pub(crate) struct Node<'v> {
    map: &'v Map<String, Value>,
    path: String,
}

impl<'v> Node<'v> {
    /// The object at `path`; `None` where the value is none.
    pub(crate) fn new(value: &'v Value, path: impl Into<String>) -> Option<Self> {
        value.as_object().map(|map| Self { map, path: path.into() })
    }

    /// The same object under another path.
    pub(crate) fn renamed(&self, path: String) -> Self {
        Self { map: self.map, path }
    }

    /// Where it stands: `$.entry[2].resource`.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Where a member of it stands.
    pub(crate) fn at(&self, key: &str) -> String {
        format!("{}.{key}", self.path)
    }

    /// All that is in it.
    pub(crate) fn map(&self) -> &'v Map<String, Value> {
        self.map
    }

    /// A member, where it is there; `null` is as good as absent.
    pub(crate) fn get(&self, key: &str) -> Option<&'v Value> {
        self.map.get(key).filter(|value| !value.is_null())
    }

    /// A text without the space around it; nothing where it is empty.
    ///
    /// # Errors
    /// Where it is something else than a text.
    pub(crate) fn text(&self, key: &str) -> Result<Option<&'v str>, Reason> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.trim()).filter(|text| !text.is_empty())),
            Some(_) => Err(refusal::wrong_type(self.at(key), "en tekst")),
        }
    }

    /// An object in it.
    ///
    /// # Errors
    /// Where it is something else than an object.
    pub(crate) fn node(&self, key: &str) -> Result<Option<Self>, Reason> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let node = Self::new(value, self.at(key));
        node.map(Some).ok_or_else(|| refusal::wrong_type(self.at(key), "et objekt"))
    }

    /// The objects of a list. CURA's clients meet one object alone where the standard has a list
    /// (`performer`, `payload`); it is a list of one.
    ///
    /// # Errors
    /// Where it is something else.
    pub(crate) fn list(&self, key: &str) -> Result<Vec<Self>, Reason> {
        match self.get(key) {
            None => Ok(Vec::new()),
            Some(Value::Array(values)) => values
                .iter()
                .enumerate()
                .map(|(index, value)| {
                    let path = format!("{}[{index}]", self.at(key));
                    Self::new(value, path.clone()).ok_or_else(|| refusal::wrong_type(path, "et objekt"))
                })
                .collect(),
            Some(_) => Ok(self.node(key)?.into_iter().collect()),
        }
    }

    /// The texts of a list.
    ///
    /// # Errors
    /// Where it is something else.
    pub(crate) fn texts(&self, key: &str) -> Result<Vec<&'v str>, Reason> {
        let wrong = || refusal::wrong_type(self.at(key), "en liste af tekster");
        match self.get(key) {
            None => Ok(Vec::new()),
            Some(Value::Array(values)) => {
                values.iter().map(|value| value.as_str().map(str::trim).ok_or_else(wrong)).collect()
            }
            Some(_) => Err(wrong()),
        }
    }

    /// The reference of a `Reference`: `Patient/123`.
    ///
    /// # Errors
    /// Where the member is no reference.
    pub(crate) fn reference(&self, key: &str) -> Result<Option<&'v str>, Reason> {
        match self.list(key)?.first() {
            Some(node) => node.text("reference"),
            None => Ok(None),
        }
    }
}

/// A value as bytes that do not change with the order of names or the space between them.
pub(crate) fn canonical(value: &Value) -> Vec<u8> {
    let mut sorted = value.clone();
    sorted.sort_all_objects();
    sorted.to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_by_type_and_names_the_place() {
        let value =
            json!({"a": " x ", "b": {"reference": "Patient/1"}, "c": [{}, {}], "d": 1, "e": null, "f": ["p", 1]});
        let node = Node::new(&value, "$").unwrap();
        assert_eq!(node.text("a").unwrap(), Some("x"));
        assert_eq!(node.text("e").unwrap(), None);
        assert_eq!(node.reference("b").unwrap(), Some("Patient/1"));
        assert_eq!(node.list("c").unwrap().len(), 2);
        assert_eq!(node.list("b").unwrap().len(), 1, "one alone is a list of one");
        assert_eq!(node.text("d").unwrap_err().path.unwrap(), "$.d");
        assert_eq!(node.node("a").unwrap_err().path.unwrap(), "$.a");
        assert_eq!(node.texts("f").unwrap_err().path.unwrap(), "$.f");
        assert_eq!(node.list("f").unwrap_err().path.unwrap(), "$.f[0]");
    }

    #[test]
    fn order_and_space_make_no_difference() {
        let one: Value = serde_json::from_str(r#"{"a": {"x": 1, "y": [2]}, "b": 3}"#).unwrap();
        let other: Value = serde_json::from_str(r#"{"b":3,"a":{"y":[2],"x":1}}"#).unwrap();
        assert_eq!(canonical(&one), canonical(&other));
    }
}
