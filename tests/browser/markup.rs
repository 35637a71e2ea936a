//! Messages with markup in every text that people write, as somebody would send them who wants to
//! reach those who read. Pages show it as text: nothing is made of it, and nothing runs.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::house::{House, sample};

/// Makes an element, and says so if it is taken for one.
pub(crate) const MARKUP: &str = "<img src=x onerror=\"window.ramt=1\">";

/// The elements of a plan that hold what somebody wrote.
const WRITTEN: [&str; 9] = [
    "OrganisationName",
    "DepartmentName",
    "PersonSurnameName",
    "PersonGivenName",
    "InformationForPatientAndRelatives",
    "RehabilitationDeadline",
    "AbilityAtDischargeSummary",
    "RehabilitationNeedAndPotential",
    "Text",
];

/// The samples that are events or another system's JSON, and what reads them.
const JSON: [(&str, &str); 8] = [
    ("17-training-2021-08-31.json", "events"),
    ("28-child-case.json", "events"),
    ("37-notice.json", "events"),
    ("39-complaint.json", "events"),
    ("40-file-access.json", "events"),
    ("20-sanction.json", "momentum"),
    ("24-grant-decided.json", "cura"),
    ("27-visitation-case.json", "cura"),
];

impl House {
    /// Sends a plan and events of several areas, with [`MARKUP`] in every text of theirs.
    pub(crate) async fn sends_markup(&self) {
        let folder = tempfile::tempdir().expect("a directory");
        let plan = keep(folder.path(), "plan.xml", &marked_plan(&sample("01-plan.xml")));
        self.sends("rehab-plan", &[plan]).await;
        for adapter in ["events", "momentum", "cura"] {
            let of_it = JSON.iter().filter(|(_, reads)| *reads == adapter);
            let files: Vec<PathBuf> =
                of_it.map(|(name, _)| keep(folder.path(), name, &marked_json(&sample(name)))).collect();
            self.sends(adapter, &files).await;
        }
    }
}

fn keep(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).expect("a message");
    path
}

/// A plan under other names, with the markup at the end of what was written.
fn marked_plan(plan: &str) -> String {
    let escaped = MARKUP.replace('<', "&lt;").replace('>', "&gt;");
    let marked = WRITTEN.iter().fold(plan.to_owned(), |plan, name| {
        let end = format!("{name}>");
        // The end of the element, with whatever prefix it has.
        let mut parts = plan.split("</").map(str::to_owned).collect::<Vec<_>>();
        for at in 1..parts.len() {
            if parts[at].trim_start_matches("m:").starts_with(&end) {
                parts[at - 1].push_str(&escaped);
            }
        }
        parts.join("</")
    });
    marked.replace("DEMO", "MARK").replace("demo0001", "mark0001")
}

/// A message under other names, with the markup at the end of every text of more than one word, and
/// of names.
fn marked_json(message: &str) -> String {
    let mut message: Value = serde_json::from_str(message).expect("JSON");
    if message.get("data").is_some() {
        mark("", &mut message["data"]);
        for name in ["id", "subject"] {
            if let Some(Value::String(text)) = message.get_mut(name) {
                text.replace_range(text.len() - 1.., "f");
            }
        }
    } else {
        mark("", &mut message);
    }
    message.to_string()
}

fn mark(key: &str, value: &mut Value) {
    match value {
        Value::Object(members) => members.iter_mut().for_each(|(key, value)| mark(key, value)),
        Value::Array(items) => items.iter_mut().for_each(|item| mark(key, item)),
        Value::String(text) => {
            let is_name = ["given", "family", "firstName", "lastName"].contains(&key);
            // A paragraph is read and must be one.
            if is_name || text.contains(' ') && !text.contains('§') {
                text.push_str(MARKUP);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[test]
fn every_text_is_marked() {
    let plan = marked_plan(&sample("01-plan.xml"));
    assert_eq!(plan.matches("&lt;img").count(), 11, "{plan}");
    assert!(plan.contains("Nancy Ann Test&lt;img"), "{plan}");
    let complaint = marked_json(&sample("39-complaint.json"));
    assert_eq!(complaint.matches("<img").count(), 3, "{complaint}");
    assert!(complaint.contains("\"SEL § 85\"") && complaint.contains("klage-f"), "{complaint}");
}
