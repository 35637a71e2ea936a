//! The catalogue of event kinds. `events/` holds one JSON Schema (2020-12) per kind and version,
//! for the `data` of the CloudEvents object, with a Danish title, an English one (`x-title-en`)
//! and an example; `events/shared.v1.json` holds what several of them use. Each member has a Danish
//! `title` for forms and for showing it, and values that are codes have Danish words (`x-labels`):
//! [`Spoken`].
//!
//! A new kind is a file there and a line in the list here.

mod catalogue;
mod check;
mod spoken;

pub use catalogue::KINDS;
pub use check::{Broken, Fault, SHARED, check, faults};
pub use spoken::{Spoken, shared};

/// One kind of event, in one version.
#[derive(Debug)]
pub struct Kind {
    /// Its name in rules and text: `rehab.plan.received`.
    pub name: &'static str,
    /// The version of its schema.
    pub version: u8,
    /// The schema, as JSON text.
    pub text: &'static str,
    /// Whether only the hub itself makes it.
    pub of_hub: bool,
}

impl Kind {
    /// The area it belongs to, the first word of its name.
    pub fn area(&self) -> &'static str {
        self.name.split('.').next().unwrap_or(self.name)
    }

    /// The Danish title: `Genoptræningsplan modtaget`.
    pub fn title(&self) -> &'static str {
        self.spoken().title().unwrap_or(self.name)
    }
}

/// The kind of that name; `None` where the catalogue has none.
pub fn find(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use serde_json::Value;

    use super::*;

    #[test]
    fn the_list_and_the_folder_agree() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("events");
        let files: BTreeSet<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != "shared.v1.json")
            .collect();
        let listed: BTreeSet<String> =
            KINDS.iter().map(|kind| format!("{}.v{}.json", kind.name, kind.version)).collect();
        assert_eq!(files, listed);
    }

    /// Each member of the objects in a schema, with where it stands.
    fn members(schema: &Value, place: &str, found: &mut Vec<(String, Value)>) {
        match schema {
            Value::Object(object) => {
                for (key, value) in object {
                    if let (true, Some(properties)) = (key == "properties", value.as_object()) {
                        for (name, member) in properties {
                            found.push((format!("{place}.{name}"), member.clone()));
                            members(member, &format!("{place}.{name}"), found);
                        }
                    } else if !["if", "then", "else", "allOf", "anyOf", "oneOf", "examples"].contains(&key.as_str()) {
                        members(value, place, found);
                    }
                }
            }
            Value::Array(list) => list.iter().for_each(|value| members(value, place, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    #[test]
    fn each_member_has_a_danish_title_and_words_for_its_codes() {
        let texts = KINDS.iter().map(|kind| (kind.name, kind.text)).chain([("shared", SHARED)]);
        let mut found = Vec::new();
        for (name, text) in texts {
            members(&serde_json::from_str(text).unwrap(), name, &mut found);
        }
        assert!(found.len() > 500, "{}", found.len());
        for (place, member) in found {
            assert!(member["title"].as_str().is_some_and(|title| !title.is_empty()), "{place} has no title");
            let Some(labels) = member.get("x-labels").and_then(Value::as_object) else { continue };
            let values = member["enum"].as_array().unwrap();
            for value in labels.keys() {
                assert!(values.contains(&Value::String(value.clone())), "{place}: {value} is no value of it");
            }
        }
    }

    #[test]
    fn each_kind_has_titles_and_examples_that_pass_its_own_schema() {
        for kind in KINDS {
            let schema: Value = serde_json::from_str(kind.text).unwrap();
            for title in ["title", "x-title-en"] {
                assert!(schema[title].as_str().is_some_and(|text| !text.is_empty()), "{}: {title}", kind.name);
            }
            assert_eq!(schema["$id"], format!("urn:budstikke:schema:{}.v{}", kind.name, kind.version));
            let examples = schema["examples"].as_array().unwrap();
            assert!(!examples.is_empty(), "{} has no example", kind.name);
            for example in examples {
                assert_eq!(check(kind, example), Ok(()), "{}", kind.name);
            }
        }
    }
}
