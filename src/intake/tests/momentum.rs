//! What the job centre tells: who gets it, what is owed, and how it is met.

use super::*;
use crate::duty;
use crate::intake::{Asks, ask};
use crate::ledger::item::State;
use crate::ledger::wish::Outcome;

fn fixture(name: &str) -> Value {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/adapters/momentum/fixtures");
    serde_json::from_slice(&std::fs::read(format!("{folder}/{name}.json")).unwrap()).unwrap()
}

fn taken(desk: &mut Desk<'_, '_>, message: &Value) -> Result<Vec<Taken>, Error> {
    let message = desk.incoming("momentum", message.to_string());
    desk.take(message)
}

#[test]
fn a_sanction_is_a_task_for_the_benefit_team_until_it_has_decided() {
    on_a_ledger(|desk| {
        let sanction = taken(desk, &fixture("event-sanction-recommended"))?.remove(0);
        let event = desk.routed(&sanction)?;
        assert_eq!(told(&event), ["dragoer/ydelse task"]);
        assert_eq!(event.duties[0].state, duty::State::Open);
        let mut decision = fixture("event-benefit-decided");
        for (name, value) in [
            ("subject", json!(event.case)),
            ("causationId", json!(event.id)),
            (
                "targetGroup",
                json!({"targetGroupCode": "6.2", "benefitCode": "KONTANTHJAELP", "vocationalEducation": true}),
            ),
            ("citizen", json!({"cpr": "0108589995"})),
        ] {
            decision[name] = value;
        }
        let decision = taken(desk, &decision)?.remove(0);
        assert_eq!(decision.state, State::Routed, "{decision:?}");
        assert_eq!(told(&desk.routed(&decision)?), ["taarnby/jobcenter information"]);
        assert_eq!(desk.routed(&sanction)?.duties[0].state, duty::State::Met);
        Ok(())
    });
}

#[test]
fn every_message_of_a_list_has_its_own_fate_and_comes_once() {
    on_a_ledger(|desk| {
        let list = fixture("list");
        let states = |taken: &[Taken]| taken.iter().map(|one| one.state).collect::<Vec<_>>();
        let first = taken(desk, &list)?;
        assert_eq!(states(&first), [State::Routed, State::Parked, State::Routed]);
        assert_eq!(code(&first[1]), "FIELD_MISSING");
        let alone = taken(desk, &list[2])?;
        assert_eq!(states(&alone), [State::Duplicate], "the same message by itself");
        let mut corrected = fixture("event-sanction-recommended");
        corrected["messageId"] = list[1]["messageId"].clone();
        assert_eq!(states(&taken(desk, &corrected)?), [State::Routed], "what was refused may come again");
        Ok(())
    });
}

#[test]
fn a_thin_event_waits_for_a_person_and_holds_nothing() {
    on_a_ledger(|desk| {
        let thin = taken(desk, &fixture("thin-changed"))?.remove(0);
        assert_eq!((thin.state, code(&thin).as_str()), (State::Parked, "CONTENT_NEEDED"));
        assert_eq!(taken(desk, &fixture("thin-changed"))?[0].state, State::Duplicate);
        assert_eq!(taken(desk, &fixture("event-absence-registered"))?[0].state, State::Routed);
        Ok(())
    });
}

#[test]
fn a_change_that_tells_no_time_and_comes_again_is_one_event_until_something_else_is_fetched_for_it() {
    let content = ["momentum".to_owned()].into();
    let world = world().asking(Asks { content, ..Asks::default() });
    let mut thin = fixture("thin-changed");
    thin.as_object_mut().unwrap().remove("Tidspunkt");
    let about = format!("Fravaer/{}", thin["EksternIdentifier"].as_str().unwrap());
    let fetched = |desk: &mut Desk<'_, '_>, content: &Value| {
        let mark = desk.tx.keys().mark("content.momentum", &about);
        let outcome = Outcome::Answered(content.to_string().into_bytes());
        ask::settle(desk.tx, desk.world, ("content.momentum", &mark), i64::MAX, &outcome)
    };
    on_a_ledger_in(&world, |desk| {
        let absence = fixture("event-absence-registered");
        // The broker hands it out again before and after its content is there.
        let mut items = vec![taken(desk, &thin)?.remove(0).item];
        desk.received = at("2026-11-22T10:00:01Z");
        items.push(taken(desk, &thin)?.remove(0).item);
        fetched(desk, &absence)?;
        desk.received = at("2026-11-22T11:00:00Z");
        items.push(taken(desk, &thin)?.remove(0).item);
        fetched(desk, &absence)?;
        let mut later = absence.clone();
        later["messageId"] = json!("another");
        desk.received = at("2026-11-22T12:00:00Z");
        items.push(taken(desk, &thin)?.remove(0).item);
        fetched(desk, &later)?;
        let mut states = Vec::new();
        for item in items {
            states.push(desk.story(item)?.item.state);
        }
        assert_eq!(states, [State::Routed, State::Duplicate, State::Duplicate, State::Routed]);
        Ok(())
    });
}
