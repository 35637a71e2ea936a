//! Going through the API as its document says, and timing each call that changes nothing.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use bytes::Bytes;
use serde_json::{Value, json};

use super::super::plan::citizen;
use super::super::report::progress;
use super::visit::{Timed, Visitor};
use crate::web::Request;

/// Where the API is described.
const DOCUMENT: &str = "/api/v1/openapi.json";

/// Where it begins.
const BASE: &str = "/api/v1";

/// What is asked where something must be said behind the `?`; each line is asked.
const ASKED: [(&str, &str); 9] = [
    ("/duties", "party=dragoer"),
    ("/duties", "party=taarnby&state=late"),
    ("/parked", "kind=item&code=OUTSIDE_AGREEMENT&place=events"),
    ("/parked", "kind=delivery&code=HUB_FAILED&place=dragoer/genoptraening&channel=amqp"),
    ("/tasks", "mailbox=taarnby/genoptraening&list=new"),
    ("/tasks", "mailbox=taarnby/genoptraening&list=late"),
    ("/tasks", "mailbox=taarnby/genoptraening&list=waiting"),
    ("/tasks", "mailbox=taarnby/genoptraening&list=done"),
    ("/search", "mailbox=taarnby/genoptraening&state=parked"),
];

/// Calls that bring something along and change nothing but the log of who looked.
fn looks() -> [(&'static str, Value); 8] {
    let purpose = json!({ "aim": "casework" });
    [
        ("/search/citizen", json!({ "cpr": citizen(7), "purpose": purpose })),
        ("/search/citizen", json!({ "cpr": citizen(40_002), "purpose": purpose })),
        ("/search/id", json!({ "id": "#1000" })),
        ("/audit/looks/citizen", json!({ "cpr": citizen(7), "purpose": { "aim": "supervision" } })),
        ("/grants", json!({ "mailbox": "dragoer/kontrakt", "purpose": purpose })),
        ("/grants", json!({ "mailbox": "dragoer/kontrakt", "law": "SEL § 107", "purpose": purpose })),
        ("/items/{item}/content", json!({ "purpose": { "aim": "troubleshooting" } })),
        ("/tasks/{task}/content", json!({ "purpose": purpose })),
    ]
}

/// Times every call that only asks.
pub(super) async fn calls(visitor: &Visitor<'_>) -> Result<Vec<Timed>> {
    let (first, document) = visitor.time(DOCUMENT).await?;
    let document: Value = serde_json::from_str(&document).context("the API's document is no JSON")?;
    let mut timed = vec![first];
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    let paths = document.get("paths").and_then(Value::as_object).into_iter().flatten();
    let paths: Vec<&String> = paths.filter(|(_, calls)| calls.get("get").is_some()).map(|(path, _)| path).collect();
    // What lists comes first: what it says is what the others are asked about.
    let (about, mut lists): (Vec<&String>, Vec<&String>) = paths.into_iter().partition(|path| path.contains('{'));
    // Messages before duties, whose cases are the calendar's.
    lists.sort_by_key(|path| below(path) != "/search");
    for path in lists.into_iter().map(|path| below(path)).chain(about.into_iter().map(|path| below(path))) {
        let asked: Vec<&str> = ASKED.iter().filter(|(asked, _)| *asked == path).map(|(_, query)| *query).collect();
        for query in if asked.is_empty() { vec![""] } else { asked } {
            let Some(filled) = fill(path, &known) else {
                progress(&format!("not measured, as nothing says what to ask about: {path}"));
                continue;
            };
            let mark = if query.is_empty() { "" } else { "?" };
            let (call, body) = visitor.time(&format!("{BASE}{filled}{mark}{query}")).await?;
            learn(&serde_json::from_str(&body).unwrap_or_default(), "", &mut known);
            timed.push(Timed { path: format!("GET {}", call.path), ..call });
        }
    }
    for (path, body) in looks() {
        let filled = fill(path, &known).with_context(|| format!("nothing says what to ask {path} about"))?;
        let request = Request::post("application/json", Bytes::from(body.to_string()));
        let (call, _) = visitor.time_request(&format!("{BASE}{filled}"), request).await?;
        timed.push(Timed { path: format!("POST {}", call.path), ..call });
    }
    Ok(timed)
}

/// A path of the document below the API's own.
fn below(path: &str) -> &str {
    path.strip_prefix(BASE).unwrap_or(path)
}

/// A path with what is known put in: what a list of its own said, or anything of that name.
fn fill(path: &str, known: &BTreeMap<String, String>) -> Option<String> {
    let mut filled = path.to_owned();
    while let Some((before, rest)) = filled.split_once('{') {
        let (name, after) = rest.split_once('}')?;
        let list = before.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let own = [name, "id", "number"].map(|it| format!("{list}.{it}"));
        let value = own.iter().find_map(|own| known.get(own)).or_else(|| known.get(name))?;
        filled = format!("{before}{value}{after}");
    }
    Some(filled)
}

/// Keeps what an answer says of itself, by its names (`item`, `case`), and of what it lists by theirs
/// (`tasks.id`).
fn learn(said: &Value, list: &str, known: &mut BTreeMap<String, String>) {
    match said {
        Value::Object(members) => {
            let list = match members.get("kind").and_then(Value::as_str) {
                Some("item") => "items",
                Some("delivery") => "deliveries",
                Some(_) | None => list,
            };
            for (name, value) in members {
                let text = match value {
                    Value::Number(number) => number.to_string(),
                    // What the calendar asks for has no story of its own.
                    Value::String(text) if text.starts_with("calendar-") => continue,
                    Value::String(text) if !text.contains(['/', ' ', '%']) => text.trim_start_matches('#').to_owned(),
                    Value::Null | Value::Bool(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
                        learn(value, name, known);
                        continue;
                    }
                };
                if !list.is_empty() {
                    known.entry(format!("{list}.{name}")).or_insert_with(|| text.clone());
                }
                known.entry(name.clone()).or_insert(text);
            }
        }
        Value::Array(all) => all.iter().for_each(|one| learn(one, list, known)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_filled_with_what_was_said() {
        let mut known = BTreeMap::new();
        let said = json!({ "tasks": [{ "id": 7, "title": "not a step" }, { "id": 8 }], "things": [{ "kind": "item", "id": "#9" }] });
        learn(&said, "", &mut known);
        assert_eq!(fill("/tasks/{task}/content", &known).as_deref(), Some("/tasks/7/content"));
        assert_eq!(fill("/parked/items/{number}", &known).as_deref(), Some("/parked/items/9"));
        assert_eq!(fill("/other/{unknown}", &known), None);
    }
}
