//! What a year's post looks like: plans of hospitals, events of all areas, some that cannot be read.

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::plan::{Plans, citizen};
use crate::intake::prepare::Incoming;

/// Events by which messages are made: their ids, times and citizens are put in.
const SAMPLES: [&str; 4] = [
    include_str!("../../../deploy/samples/17-training-2021-08-31.json"),
    include_str!("../../../deploy/samples/28-child-case.json"),
    include_str!("../../../deploy/samples/11-question.json"),
    include_str!("../../../deploy/samples/13-transport.json"),
];

/// A grant as CURA tells of it, and what is put in for its number and its citizen's.
const GRANT: &str = include_str!("../../../deploy/samples/24-grant-decided.json");
const GRANT_IS: &str = "7c9e6679-3333-40de-944b-e07fc1f90ae7";
const GRANT_OF: &str = "2512489996";

/// A start of training that is offered.
const OFFER: &str = include_str!("../../../deploy/samples/15-start-offered.json");

/// The post.
#[derive(Debug)]
pub(super) struct Letters {
    plans: Plans,
    samples: Vec<Value>,
}

impl Letters {
    /// Post of one day.
    pub(super) fn of(day: jiff::civil::Date) -> Self {
        let samples = SAMPLES.iter().filter_map(|text| serde_json::from_str(text).ok()).collect();
        Self { plans: Plans::of(day), samples }
    }

    /// Message number `number`, that came at `at`.
    pub(super) fn letter(&self, number: u32, at: Timestamp) -> Incoming {
        let (source, body) = match number % 100 {
            // So many of a hundred are read by nobody, or belong nowhere.
            0 => ("events", b"{\"no\": \"event\"".to_vec()),
            1 => ("events", self.event(number, at, "461")),
            2 | 3 => ("cura", Self::grant(number)),
            4..30 => ("rehab-plan", self.plans.plan(number)),
            30..=64 => ("events", self.event(number, at, "155")),
            _ => ("events", self.event(number, at, "185")),
        };
        Self::incoming(source, body, at)
    }

    /// The start of training that a plan's case is owed, offered at `at`.
    pub(super) fn offer(case: &str, at: Timestamp) -> Incoming {
        let mut event: Value = serde_json::from_str(OFFER).unwrap_or_default();
        if let Some(object) = event.as_object_mut() {
            object.insert("id".to_owned(), json!(format!("bench-offer-{case}")));
            object.insert("time".to_owned(), json!(at.to_string()));
            object.insert("subject".to_owned(), json!(case));
        }
        Self::incoming("events", event.to_string().into_bytes(), at)
    }

    fn incoming(source: &str, body: Vec<u8>, at: Timestamp) -> Incoming {
        let media_type = match source {
            "events" => "application/cloudevents+json",
            "cura" => "application/fhir+json",
            _ => "application/xml",
        };
        Incoming {
            source: source.to_owned(),
            media_type: Some(media_type.to_owned()),
            sender_user: None,
            reply_to: None,
            redelivered: false,
            received: at,
            body: Bytes::from(body),
        }
    }

    fn grant(number: u32) -> Vec<u8> {
        let id = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, number.to_string().as_bytes());
        GRANT.replace(GRANT_IS, &id.to_string()).replace(GRANT_OF, &citizen(number)).into_bytes()
    }

    fn event(&self, number: u32, at: Timestamp, residence: &str) -> Vec<u8> {
        let which = usize::try_from(number).unwrap_or(0) % self.samples.len().max(1);
        let mut event = self.samples.get(which).cloned().unwrap_or_default();
        let area = if which == 1 { "child" } else { "rehab" };
        // Each case has some four events.
        let case = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, (number / 4).to_string().as_bytes());
        for (key, value) in [
            ("id", json!(format!("bench-{number}"))),
            ("time", json!(at.to_string())),
            ("subject", json!(format!("{area}-{case}"))),
            ("residence", json!(residence)),
        ] {
            if let Some(object) = event.as_object_mut() {
                object.insert(key.to_owned(), value);
            }
        }
        if let Some(data) = event.get_mut("data").and_then(Value::as_object_mut) {
            data.insert("citizen".to_owned(), json!({ "cpr": citizen(number / 4) }));
            if which >= 2 {
                // These are about a case, and name nobody.
                data.remove("citizen");
            }
        }
        event.to_string().into_bytes()
    }
}
