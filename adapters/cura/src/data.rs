//! Building the event's data so that it always passes its schema: nothing empty, nothing longer than
//! it may be, and a remark where something had to go.

use budstikke_contract::reason::Remark;
use serde_json::{Map, Value};

use crate::refusal;

/// The data of an event under construction.
#[derive(Debug, Default)]
pub(crate) struct Data {
    map: Map<String, Value>,
    remarks: Vec<Remark>,
}

impl Data {
    /// A value that is already as it must be.
    pub(crate) fn put(&mut self, key: &str, value: impl Into<Value>) {
        self.map.insert(key.to_owned(), value.into());
    }

    /// A value that is already as it must be, where there is one.
    pub(crate) fn put_some(&mut self, key: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.put(key, value);
        }
    }

    /// A text of which a part is better than nothing. `what` is what people call it.
    pub(crate) fn text(&mut self, key: &str, what: &str, value: Option<&str>, max: usize) {
        let Some(value) = value.filter(|value| !value.is_empty()) else { return };
        let value = self.fit(what, value, max);
        self.put(key, value);
    }

    /// The text, cut where it is too long.
    pub(crate) fn fit(&mut self, what: &str, value: &str, max: usize) -> String {
        // No text has more characters than bytes, and nearly every one is short.
        if value.len() <= max || value.chars().count() <= max {
            return value.to_owned();
        }
        self.remark(refusal::cut(what, max));
        value.chars().take(max.saturating_sub(1)).chain(std::iter::once('…')).collect()
    }

    /// Whether it is there already.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.map.contains_key(key)
    }

    /// Whether it is there and is that text.
    pub(crate) fn is(&self, key: &str, text: &str) -> bool {
        self.map.get(key).and_then(Value::as_str) == Some(text)
    }

    /// What the receiver should know.
    pub(crate) fn remark(&mut self, remark: Remark) {
        refusal::remark(&mut self.remarks, remark);
    }

    /// The data, and the remarks that go with it.
    pub(crate) fn finish(self) -> (Map<String, Value>, Vec<Remark>) {
        (self.map, self.remarks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_and_remarked_upon_once() {
        let mut data = Data::default();
        data.text("a", "teksten", Some("æøåæøå"), 6);
        data.text("b", "teksten", Some("æøåæøåæ"), 6);
        data.text("c", "teksten", Some("æøåæøåæø"), 6);
        data.text("d", "teksten", Some(""), 6);
        let (map, remarks) = data.finish();
        assert_eq!(Value::Object(map), serde_json::json!({"a": "æøåæøå", "b": "æøåæø…", "c": "æøåæø…"}));
        assert_eq!(remarks.iter().map(|remark| remark.code.as_str()).collect::<Vec<_>>(), ["VALUE_CUT"]);
    }
}
