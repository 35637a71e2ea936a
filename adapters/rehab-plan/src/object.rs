//! Building the event's data so that it always passes its schema: nothing empty, nothing longer than
//! it may be, and a remark where something had to go.

use budstikke_contract::reason::Remark;
use serde_json::{Map, Value};

use crate::refusal;

/// A JSON object under construction.
pub(crate) struct Object<'r> {
    map: Map<String, Value>,
    /// Whose it is, in Danish, for remarks: `afsenderens`.
    owner: &'static str,
    remarks: &'r mut Vec<Remark>,
}

impl<'r> Object<'r> {
    pub(crate) fn new(owner: &'static str, remarks: &'r mut Vec<Remark>) -> Self {
        Self { map: Map::new(), owner, remarks }
    }

    /// What people call a member: `afsenderens adresse`.
    fn title_of(&self, key: &str) -> String {
        [self.owner, title(key)].join(" ").trim().to_owned()
    }

    /// A text, of which a part is better than nothing.
    pub(crate) fn text(&mut self, key: &'static str, value: Option<impl AsRef<str>>, max: usize) {
        let Some(value) = value else { return };
        let value = value.as_ref();
        match cut(value, max) {
            Some(cut) => {
                let remark = refusal::cut(&self.title_of(key), max);
                refusal::remark(self.remarks, remark);
                self.put(key, Value::String(cut));
            }
            None if value.is_empty() => {}
            None => self.put(key, Value::String(value.to_owned())),
        }
    }

    /// A number or code, of which a part would be another one.
    pub(crate) fn exact(&mut self, key: &'static str, value: Option<impl AsRef<str>>, max: usize) {
        let Some(value) = value else { return };
        let value = value.as_ref();
        if is_longer(value, max) {
            self.leave_out(key);
        } else if !value.is_empty() {
            self.put(key, Value::String(value.to_owned()));
        }
    }

    /// A value that is already as it must be.
    pub(crate) fn put(&mut self, key: &'static str, value: impl Into<Value>) {
        self.map.insert(key.to_owned(), value.into());
    }

    /// A value that is already as it must be, where there is one.
    pub(crate) fn put_some(&mut self, key: &'static str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.put(key, value);
        }
    }

    /// Remarks that a value could not be taken over.
    pub(crate) fn leave_out(&mut self, key: &str) {
        let remark = refusal::left_out(&self.title_of(key));
        refusal::remark(self.remarks, remark);
    }

    /// The object, whether or not there is anything in it.
    pub(crate) fn finish(self) -> Map<String, Value> {
        self.map
    }

    /// The object, where there is anything in it.
    pub(crate) fn finish_some(self) -> Option<Value> {
        Some(self.map).filter(|map| !map.is_empty()).map(Value::Object)
    }
}

/// What people call what stands under a name.
fn title(key: &str) -> &str {
    match key {
        "code" => "kode",
        "deadline_text" => "tidsfrist for start af genoptræning",
        "department" => "afdeling",
        "district" => "by",
        "episode_of_care" => "forløbsnummer",
        "family" => "efternavn",
        "given" => "fornavn",
        "gln" => "lokationsnummer",
        "identifier" => "nummer",
        "identifier_code" => "nummertype",
        "organisation" => "navn",
        "phone" => "telefonnummer",
        "postcode" => "postnummer",
        "statistical_code" => "statistikkode",
        "street" => "adresse",
        "subject" => "emne",
        "text" => "tekst",
        "title" => "stilling",
        "unit" => "afsnit",
        other => other,
    }
}

fn is_longer(text: &str, max: usize) -> bool {
    // No text has more characters than bytes, and nearly every one is short.
    text.len() > max && text.chars().count() > max
}

/// The first `max` characters with an ellipsis as the last of them; `None` where all fit.
fn cut(text: &str, max: usize) -> Option<String> {
    let kept = || text.chars().take(max.saturating_sub(1)).chain(std::iter::once('…')).collect();
    is_longer(text, max).then(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_codes_are_left_out_and_both_remarked_upon() {
        let mut remarks = Vec::new();
        let mut object = Object::new("afsenderens", &mut remarks);
        object.text("unit", Some("æøåæøå"), 6);
        object.text("street", Some("æøåæøåæ"), 6);
        object.exact("postcode", Some("1234567"), 6);
        object.exact("phone", Some(""), 6);
        object.text("district", None::<&str>, 6);
        let map = object.finish();
        assert_eq!(Value::Object(map), serde_json::json!({"unit": "æøåæøå", "street": "æøåæø…"}));
        let told: Vec<_> = remarks.iter().map(|r| (r.code.as_str(), r.text.split(" er").next().unwrap())).collect();
        assert_eq!(told, [("VALUE_CUT", "Afsenderens adresse"), ("VALUE_LEFT_OUT", "Afsenderens postnummer")]);
    }
}
