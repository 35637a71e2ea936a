//! What differs between two folders of agreements, in the words of their files. Of each part the
//! newest version is compared, also where it is only known from a day to come.

use std::collections::BTreeMap;

use toml::{Table, Value};

use super::SourceFile;

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Where: `dragoer-taarnby/genoptraening, regel plan-modtaget: afsendere`.
    pub place: String,
    /// What stood there.
    pub before: Option<String>,
    /// What is to stand there.
    pub after: Option<String>,
}

/// The keys by which an entry is known again, the first ones that it has.
const NAMES: [&[&str]; 3] = [&["id"], &["lov", "bopael", "fra"], &["kort"]];

/// Compares. Files that cannot be read say nothing here: [`super::Book::read`] refuses them.
pub fn differences(old: &[SourceFile], new: &[SourceFile]) -> Vec<Change> {
    let (old, new) = (sayings(old), sayings(new));
    let gone_or_other = old.iter().filter(|(place, said)| new.get(*place) != Some(said));
    let changed = gone_or_other.map(|(place, said)| Change {
        place: place.clone(),
        before: Some(said.clone()),
        after: new.get(place).cloned(),
    });
    let added = new.iter().filter(|(place, _)| !old.contains_key(*place));
    let added = added.map(|(place, said)| Change { place: place.clone(), before: None, after: Some(said.clone()) });
    let mut changes: Vec<Change> = changed.chain(added).collect();
    changes.sort_by(|one, other| one.place.cmp(&other.place));
    changes
}

/// All that the newest versions say, each under where it stands.
fn sayings(files: &[SourceFile]) -> BTreeMap<String, String> {
    let mut newest: BTreeMap<String, (i64, Table)> = BTreeMap::new();
    for file in files {
        let Ok(table) = file.text.parse::<Table>() else { continue };
        let head = |key: &str| table.get("fil").and_then(|head| head.get(key));
        let part = head("del").and_then(Value::as_str).unwrap_or(&file.name);
        let version = head("version").and_then(Value::as_integer).unwrap_or_default();
        let name = format!("{}/{part}", file.agreement);
        if newest.get(&name).is_none_or(|(known, _)| *known < version) {
            newest.insert(name, (version, table));
        }
    }
    let mut said = BTreeMap::new();
    for (name, (_, table)) in newest {
        for (section, value) in &table {
            let Some(entries) = value.as_array() else {
                entry_says(&format!("{name}, {section}"), value, &mut said);
                continue;
            };
            for (number, entry) in entries.iter().enumerate() {
                entry_says(&format!("{name}, {section} {}", known_by(entry, number)), entry, &mut said);
            }
        }
    }
    said
}

fn entry_says(place: &str, entry: &Value, said: &mut BTreeMap<String, String>) {
    match entry.as_table() {
        Some(table) => {
            said.extend(table.iter().map(|(key, value)| (format!("{place}: {key}"), shown(value))));
        }
        None => drop(said.insert(place.to_owned(), shown(entry))),
    }
}

/// What an entry of a list is called.
fn known_by(entry: &Value, number: usize) -> String {
    let of = |keys: &&[&str]| keys.iter().map(|key| entry.get(*key).map(shown)).collect::<Option<Vec<_>>>();
    NAMES.iter().find_map(of).map_or_else(|| (number + 1).to_string(), |names| names.join(" "))
}

/// A value as a person writes it, in one line.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(shown).collect::<Vec<_>>().join(", "),
        Value::Table(table) => {
            let pairs: Vec<String> = table.iter().map(|(key, value)| format!("{key} {}", shown(value))).collect();
            format!("({})", pairs.join(", "))
        }
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Boolean(yes) => if *yes { "ja" } else { "nej" }.to_owned(),
        Value::Datetime(day) => day.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agreement::tests::shipped;

    fn changed(from: &str, to: &str) -> Vec<SourceFile> {
        let mut files = shipped();
        let file = files.iter_mut().find(|file| file.text.contains(from)).unwrap();
        file.text = file.text.replacen(from, to, 1);
        files
    }

    #[test]
    fn nothing_differs_from_itself_and_every_key_counts() {
        let shipped = shipped();
        assert_eq!(differences(&shipped, &shipped), []);
        for (from, to, place) in [
            ("afsendere   = [\"hospital\"]", "afsendere = [\"udfoerer\"]", "regel plan-modtaget: afsendere"),
            ("indhold = \"event+original\"", "indhold = \"event\"", "postkasse dragoer/genoptraening: indhold"),
            ("vaerdier = [\"almen\", ", "vaerdier = [", "forhold plantype: vaerdier"),
            ("bestemmelse = \"S1 2\"", "bestemmelse = \"S1 9\"", "ansvar SUL § 140 dragoer 2007-01-01: bestemmelse"),
        ] {
            let changes = differences(&shipped, &changed(from, to));
            let [change] = changes.as_slice() else { panic!("{from}: {changes:?}") };
            assert!(change.place.ends_with(place), "{}", change.place);
            assert!(change.before.is_some() && change.after.is_some());
        }
    }

    #[test]
    fn a_version_that_is_only_known_later_counts_and_what_is_taken_out_shows() {
        let shipped = shipped();
        let mut later = shipped.clone();
        let rehab = shipped.iter().find(|file| file.text.contains("plan-modtaget")).unwrap();
        let mut next = rehab.clone();
        next.text = next.text.replace("version    = 1", "version = 2").replace("kendt      = 2021", "kendt = 2999");
        next.text = next.text.replace("\"plan-rettet\"", "\"plan-omdøbt\"");
        later.push(next);
        let changes = differences(&shipped, &later);
        let of = |place: &str| changes.iter().filter(|change| change.place.contains(place)).collect::<Vec<_>>();
        assert!(of("regel plan-rettet").iter().all(|change| change.after.is_none()));
        assert!(of("regel plan-omdøbt").iter().all(|change| change.before.is_none()));
        assert_eq!(of("fil: ").len(), 2, "{changes:?}");
    }
}
