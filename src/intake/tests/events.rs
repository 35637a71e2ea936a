//! Canonical events: all of the rehabilitation table, and what breaks.

use std::collections::BTreeMap;

use super::*;
use crate::ledger::item::State;

/// Each kind of the catalogue's rehabilitation table, with who sends it and who gets it for a
/// Dragør citizen. The data is the schema's own example.
const TABLE: &[(&str, &str, &[&str])] = &[
    (
        "rehab.plan.received",
        "/hospital/5790000000012",
        &["dragoer/genoptraening information", "taarnby/genoptraening task"],
    ),
    ("rehab.level.set", "/taarnby/cura", &["dragoer/genoptraening information"]),
    ("rehab.citizen.contacted", "/taarnby/cura", &["dragoer/genoptraening information"]),
    ("rehab.info.requested", "/taarnby/cura", &["dragoer/genoptraening task"]),
    ("rehab.info.provided", "/dragoer/x", &["taarnby/genoptraening information"]),
    ("rehab.plan.corrected", "/taarnby/cura", &["dragoer/genoptraening information", "taarnby/genoptraening task"]),
    ("rehab.start.offered", "/taarnby/cura", &["dragoer/genoptraening information"]),
    ("rehab.start.postponed", "/taarnby/cura", &["dragoer/genoptraening information"]),
    ("rehab.choice.made", "/dragoer/x", &["dragoer/genoptraening information", "taarnby/genoptraening information"]),
    ("rehab.course.closed", "/taarnby/cura", &["dragoer/genoptraening information"]),
    ("rehab.transport.requested", "/taarnby/cura", &["dragoer/borgerservice task"]),
    ("rehab.transport.decided", "/dragoer/x", &["taarnby/genoptraening information"]),
    ("rehab.training.requested", "/dragoer/x", &["dragoer/genoptraening task"]),
    (
        "rehab.plan.withdrawn",
        "/hospital/5790000000012",
        &["dragoer/genoptraening information", "taarnby/genoptraening task"],
    ),
];

fn example(kind: &str) -> Value {
    let schema: Value = serde_json::from_str(budstikke_schemas::find(kind).unwrap().text).unwrap();
    schema["examples"][0].clone()
}

const CASE: &str = "rehab-6fb927da-3be1-4b9f-8875-a6326617d20b";

fn event(kind: &str, source: &str) -> Value {
    let mut event = canonical(kind, kind, source, CASE, example(kind));
    event["residence"] = json!("155");
    event
}

#[test]
fn every_kind_of_the_rehabilitation_table_goes_where_it_should() {
    let kinds = TABLE.iter().map(|(kind, _, _)| *kind).collect::<std::collections::BTreeSet<_>>();
    let catalogue = budstikke_schemas::KINDS.iter().filter(|kind| kind.area() == "rehab").map(|kind| kind.name);
    assert_eq!(kinds, catalogue.collect());
    on_a_ledger(|desk| {
        for (kind, source, receivers) in TABLE {
            let taken = desk.event(&event(kind, source))?;
            assert_eq!(taken.state, State::Routed, "{kind}: {taken:?}");
            assert_eq!(told(&desk.routed(&taken)?), *receivers, "{kind}");
        }
        Ok(())
    });
}

#[test]
fn canonical_events_come_by_any_queue() {
    on_a_ledger(|desk| {
        let body = event("rehab.level.set", "/taarnby/cura").to_string();
        let mut message = desk.incoming("rehab-plan", body.clone());
        message.media_type = Some("application/cloudevents+json; charset=utf-8".to_owned());
        assert_eq!(desk.take(message)?[0].state, State::Routed);
        let again = desk.incoming("events", body);
        assert_eq!(desk.take(again)?[0].state, State::Duplicate, "by whichever queue it comes, it is the same event");
        Ok(())
    });
}

#[test]
fn an_event_that_breaks_its_schema_is_parked_with_the_place() {
    on_a_ledger(|desk| {
        let mut bad = event("rehab.start.offered", "/taarnby/cura");
        bad["data"] = json!({"start": "snart"});
        let taken = desk.event(&bad)?;
        assert_eq!((taken.state, taken.refused, code(&taken).as_str()), (State::Parked, false, "EVENT_SCHEMA"));
        assert_eq!(taken.reason.unwrap().path.as_deref(), Some("$.data.start"));
        Ok(())
    });
}

#[test]
fn what_is_no_event_is_refused() {
    on_a_ledger(|desk| {
        for (body, code_of) in [
            ("{", "EVENT_NOT_JSON"),
            ("{\"specversion\": \"1.0\"}", "EVENT_ATTRIBUTE"),
            ("{\"specversion\": \"1.0\", \"type\": \"dk.budstikke.rehab.nothing.v1\"}", "EVENT_UNKNOWN_KIND"),
        ] {
            let message = desk.incoming("events", body);
            let taken = desk.take(message)?.remove(0);
            assert_eq!((taken.refused, code(&taken).as_str()), (true, code_of));
        }
        Ok(())
    });
}

#[test]
fn only_the_hub_speaks_for_itself() {
    on_a_ledger(|desk| {
        let data = example("duty.overdue");
        let taken = desk.event(&canonical("duty.overdue", "x", "/budstikke/hub", CASE, data))?;
        assert_eq!(code(&taken), "HUB_ONLY");
        Ok(())
    });
}

#[test]
fn an_event_without_a_residence_has_its_cases_or_is_parked() {
    on_a_ledger(|desk| {
        let mut unknown = event("rehab.level.set", "/taarnby/cura");
        unknown.as_object_mut().unwrap().remove("residence");
        let taken = desk.event(&unknown)?;
        assert_eq!(code(&taken), "NO_RESIDENCE");
        Ok(())
    });
}

#[test]
fn a_broker_user_speaks_only_for_its_own_source() {
    let mut world = world();
    world.senders = std::sync::Arc::new(BTreeMap::from([("cura-taarnby".to_owned(), "/taarnby".to_owned())]));
    let clock = Clock::starting_at(at(NOW));
    ledger::try_out(None, &clock, |tx| {
        let mut desk = Desk { tx, world: &world, received: at(NOW) };
        for (user, source, id, expected) in [
            (Some("cura-taarnby"), "/taarnby/cura", "1", ""),
            (Some("cura-taarnby"), "/taarnbyen/cura", "2", "SENDER_MISMATCH"),
            (Some("someone"), "/taarnby/cura", "3", "SENDER_MISMATCH"),
            (None, "/taarnby/cura", "4", "SENDER_MISMATCH"),
        ] {
            let mut event = event("rehab.level.set", source);
            event["id"] = json!(id);
            event["subject"] = json!(format!("rehab-6fb927da-3be1-4b9f-8875-a6326617d20{id}"));
            let mut message = desk.incoming("events", event.to_string());
            message.sender_user = user.map(str::to_owned);
            let taken = desk.take(message)?.remove(0);
            assert_eq!(code(&taken), expected, "{user:?} for {source}");
        }
        Ok(())
    })
    .unwrap();
}

#[test]
fn an_answer_that_nobody_waits_for_is_not_guessed_at() {
    on_a_ledger(|desk| {
        let taken = desk.event(&event("rehab.info.provided", "/dragoer/x"))?;
        assert_eq!(code(&taken), "NO_OPEN_REQUEST");
        Ok(())
    });
}

#[test]
fn what_another_user_sent_does_not_take_the_id() {
    let mut world = world();
    world.senders = std::sync::Arc::new(BTreeMap::from([("cura-taarnby".to_owned(), "/taarnby".to_owned())]));
    ledger::try_out(None, &Clock::starting_at(at(NOW)), |tx| {
        let mut desk = Desk { tx, world: &world, received: at(NOW) };
        let event = event("rehab.level.set", "/taarnby/cura");
        let mut send = |user: Option<&str>| {
            let mut message = desk.incoming("events", event.to_string());
            message.sender_user = user.map(str::to_owned);
            desk.take(message).map(|mut taken| taken.remove(0))
        };
        assert_eq!(code(&send(None)?), "SENDER_MISMATCH");
        assert_eq!(code(&send(Some("someone"))?), "SENDER_MISMATCH");
        assert_eq!(send(Some("cura-taarnby"))?.state, State::Routed);
        Ok(())
    })
    .unwrap();
}

#[test]
fn an_answer_to_a_question_that_is_closed_is_no_answer_to_another() {
    on_a_ledger(|desk| {
        let question = |id: &str| {
            let mut question = event("rehab.info.requested", "/taarnby/cura");
            question["id"] = json!(id);
            question
        };
        let answer = |id: &str, to: &str| {
            let mut answer = event("rehab.info.provided", "/dragoer/x");
            answer["id"] = json!(id);
            answer["causationid"] = json!(to);
            answer
        };
        desk.event(&question("q1"))?;
        desk.event(&question("q2"))?;
        assert_eq!(desk.event(&answer("a1", "q1"))?.state, State::Routed);
        assert_eq!(code(&desk.event(&answer("a1-more", "q1"))?), "NO_OPEN_REQUEST");
        let early = desk.event(&answer("a3", "q3"))?;
        assert_eq!(code(&early), "NO_OPEN_REQUEST", "q2 is not what it answers");
        desk.event(&question("q3"))?;
        assert_eq!(desk.story(early.item)?.item.state, State::Routed, "it waited for its own question");
        assert_eq!(desk.tx.reader().duties(None, false)?.len(), 1, "q2 is open still");
        Ok(())
    });
}

/// Every text in a value, wherever it stands, one after the other made one with U+0000 in it; and every name.
fn with_nul(value: &serde_json::Value) -> Vec<serde_json::Value> {
    use serde_json::Value;
    match value {
        Value::String(text) => vec![json!(format!("{text}\u{0}x"))],
        Value::Array(all) => (0..all.len())
            .flat_map(|at| with_nul(&all[at]).into_iter().map(move |changed| (at, changed)))
            .map(|(at, changed)| {
                let mut all = all.clone();
                all[at] = changed;
                Value::Array(all)
            })
            .collect(),
        Value::Object(all) => {
            let of_one = |(name, value): (&String, &Value)| {
                let changed = with_nul(value).into_iter().map(|changed| {
                    let mut all = all.clone();
                    all.insert(name.clone(), changed);
                    Value::Object(all)
                });
                let mut named = all.clone();
                named.insert(format!("{name}\u{0}"), value.clone());
                changed.chain([Value::Object(named)]).collect::<Vec<_>>()
            };
            all.iter().flat_map(of_one).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

#[test]
fn a_text_that_a_database_does_not_keep_stops_nothing() {
    on_a_ledger(|desk| {
        let mut question = event("rehab.info.requested", "/taarnby/cura");
        question["correlationid"] = json!("c");
        question["causationid"] = json!("b");
        for (number, mut changed) in with_nul(&question).into_iter().enumerate() {
            if changed["id"] == question["id"] {
                changed["id"] = json!(format!("q{number}"));
            }
            // What it is taken for is another matter; that it cannot be taken would stop its queue.
            desk.event(&changed).unwrap_or_else(|error| panic!("{error:?}: {changed}"));
        }
        Ok(())
    });
}
