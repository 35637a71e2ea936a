//! What the CPR register tells of citizens, and what then becomes of their cases.

mod moved_out;
mod several;

use budstikke_testkit::plans::Discharge;
use proptest::prelude::*;

use super::*;
use crate::agreement::model::Body;
use crate::deliver::parcel::Parcel;
use crate::duty::State as DutyState;
use crate::duty::watch::tick;
use crate::ledger::delivery::{Delivery, Outcome};
use crate::ledger::goods::ReadBy;
use crate::ledger::item::State;
use crate::ledger::tests::books;

const BOTH: [&str; 2] = ["dragoer/genoptraening information", "taarnby/genoptraening information"];

/// What the register tells of the citizen of the plans.
fn news(kind: &str, id: &str, mut data: Value) -> Value {
    data["citizen"] = json!({"cpr": "2512489996"});
    let mut event = canonical(kind, id, "/kombit/beskedfordeler", "", data);
    event.as_object_mut().unwrap().remove("subject");
    event
}

fn moved(from: &str, municipality: &str) -> Value {
    news(
        "citizen.moved",
        &format!("{from} {municipality}").replace(' ', "-"),
        json!({"from": from, "municipality": municipality}),
    )
}

fn died(day: &str) -> Value {
    news("citizen.died", "died", json!({"date": day}))
}

/// A further event of a case, on that day.
fn level(case: &str, id: &str, day: &str) -> Value {
    let mut event = canonical("rehab.level.set", id, "/taarnby/cura", case, json!({"level": "basal"}));
    event["occurred"] = json!(day);
    event
}

fn packed(desk: &mut Desk<'_, '_>, delivery: &Delivery) -> Result<Value, Error> {
    let adapters = desk.world.adapters.clone();
    let goods = desk.tx.reader().goods(delivery, &|read_by: ReadBy<'_>, place, body| {
        crate::deliver::dispatch::original(&adapters, read_by, place, body)
    })?;
    Ok(serde_json::from_slice(&Parcel::pack(delivery, Body::Event, &goods).body).unwrap())
}

fn plan() -> Plan {
    Plan::ggop("B1").municipality("155").discharge(Discharge::Expected("2026-11-22".to_owned(), "11:00".to_owned()))
}

#[test]
fn a_move_is_shown_to_both_parties_with_the_duties_that_are_open() {
    on_a_ledger(|desk| {
        let plan = desk.plan(plan())?;
        let taken = desk.event(&moved("2026-12-01", "185"))?;
        assert_eq!(taken.state, State::Routed, "{taken:?}");
        let event = desk.routed(&taken)?;
        assert_eq!(told(&event), BOTH);
        let duty = desk.routed(&plan)?.duties.remove(0);
        assert_eq!(duty.state, DutyState::Open, "it is still owed");
        for story in &event.deliveries {
            let sent = packed(desk, &story.delivery)?;
            assert_eq!(sent["clause"], "S1 2");
            assert_eq!(sent["data"]["open_duties"][0]["id"], duty.id.to_string());
            assert_eq!(sent["data"]["municipality"], "185");
            let kind = budstikke_schemas::find("citizen.moved").unwrap();
            assert_eq!(budstikke_schemas::check(kind, &sent["data"]), Ok(()));
        }
        Ok(())
    });
}

#[test]
fn what_happens_from_the_day_of_the_move_goes_by_the_new_residence() {
    on_a_ledger(|desk| {
        let plan = desk.plan(plan())?;
        let case = desk.routed(&plan)?.case;
        desk.event(&moved("2026-12-01", "185"))?;
        // In any order: what decides is the day, and what was known.
        for (id, day, residence, receivers) in [
            ("l-1", "2026-12-01", "185", ["taarnby/genoptraening information"]),
            ("l-2", "2026-11-30", "155", ["dragoer/genoptraening information"]),
            ("l-3", "2027-01-01", "185", ["taarnby/genoptraening information"]),
        ] {
            let taken = desk.event(&level(&case, id, day))?;
            let event = desk.routed(&taken)?;
            assert_eq!(
                (event.residence.as_deref(), told(&event)),
                (Some(residence), receivers.map(str::to_owned).to_vec()),
                "{day}"
            );
        }
        let mut said = level(&case, "l-4", "2027-01-01");
        said["residence"] = json!("155");
        assert_eq!(code(&desk.event(&said)?), "RESIDENCE_DIFFERS");
        Ok(())
    });
}

#[test]
fn a_question_is_answered_to_whoever_asked_though_the_citizen_moved_meanwhile() {
    on_a_ledger(|desk| {
        let plan = desk.plan(plan())?;
        let case = desk.routed(&plan)?.case;
        let question =
            canonical("rehab.info.requested", "q-1", "/taarnby/cura", &case, json!({"question": "Hvornår?"}));
        assert_eq!(
            told(&{
                let taken = desk.event(&question)?;
                desk.routed(&taken)?
            }),
            ["dragoer/genoptraening task"]
        );
        desk.event(&moved("2026-11-22", "185"))?;
        let mut answer = canonical("rehab.info.provided", "a-1", "/dragoer/x", &case, json!({"answer": "I morgen"}));
        answer["causationid"] = json!("q-1");
        let taken = desk.event(&answer)?;
        assert_eq!(taken.state, State::Routed, "{taken:?}");
        assert_eq!(told(&desk.routed(&taken)?), ["taarnby/genoptraening information"]);
        Ok(())
    });
}

#[test]
fn a_case_that_was_moved_out_of_the_agreement_waits_for_a_person() {
    on_a_ledger(|desk| {
        let plan = desk.plan(plan())?;
        let case = desk.routed(&plan)?.case;
        desk.event(&moved("2026-11-01", "461"))?;
        let taken = desk.event(&level(&case, "l-1", "2026-11-22"))?;
        assert_eq!((taken.state, code(&taken).as_str()), (State::Parked, "OUTSIDE_AGREEMENT"));
        Ok(())
    });
}

#[test]
fn a_death_closes_what_is_owed_and_says_so() {
    on_a_ledger(|desk| {
        let plan = desk.plan(plan())?;
        let taken = desk.event(&died("2026-11-22"))?;
        let event = desk.routed(&taken)?;
        assert_eq!(told(&event), BOTH);
        let duty = desk.routed(&plan)?.duties.remove(0);
        assert_eq!(duty.state, DutyState::Closed);
        assert_eq!(duty.closed_because.as_deref(), Some("borgeren er død 2026-11-22 ifølge CPR"));
        let sent = packed(desk, &event.deliveries[0].delivery)?;
        assert_eq!(sent["data"]["closed_duties"][0]["id"], duty.id.to_string());
        tick(desk.tx, desk.world, at("2027-06-01T00:00:00Z"))?;
        assert!(desk.story(plan.item)?.notices.is_empty(), "nobody is reminded");
        Ok(())
    });
}

#[test]
fn what_is_asked_after_a_death_is_owed() {
    on_a_ledger(|desk| {
        let plan = desk.plan(plan())?;
        let case = desk.routed(&plan)?.case;
        desk.event(&died("2026-11-01"))?;
        assert_eq!(
            desk.routed(&plan)?.duties.remove(0).state,
            DutyState::Open,
            "the plan came after it, and was meant"
        );
        let question =
            canonical("rehab.info.requested", "q-1", "/taarnby/cura", &case, json!({"question": "Hvornår?"}));
        let taken = desk.event(&question)?;
        let event = desk.routed(&taken)?;
        assert_eq!(event.duties[0].state, DutyState::Open);
        let sent = packed(desk, &event.deliveries[0].delivery)?;
        assert_eq!(sent["data"]["remarks"][0]["code"], "CITIZEN_HAS_DIED");
        Ok(())
    });
}

#[test]
fn a_grant_that_was_given_before_the_death_and_begins_after_it_is_owed_no_longer() {
    let case = "rehab-6fb927da-3be1-4b9f-8875-a6326617d20b";
    let asked = |time: &str| {
        let mut event =
            canonical("rehab.transport.requested", "t", "/taarnby/cura", case, example("rehab.transport.requested"));
        event["data"]["citizen"] = json!({"cpr": "2512489996"});
        event["residence"] = json!("155");
        (event["occurred"], event["time"]) = (json!("2027-01-01"), json!(time));
        event
    };
    for (time, state) in [("2026-12-15T10:00:00Z", DutyState::Closed), ("2026-12-16T10:00:00Z", DutyState::Open)] {
        for first in [true, false] {
            on_a_ledger(|desk| {
                let mut both = [asked(time), died("2026-12-15")];
                if !first {
                    both.reverse();
                }
                let taken = both.map(|event| desk.event(&event).unwrap());
                let asked = desk.routed(&taken[usize::from(!first)])?;
                assert_eq!(asked.duties[0].state, state, "{time}, {first}");
                Ok(())
            });
        }
    }
}

#[test]
fn a_decision_about_news_keeps_all_that_it_was_made_by() {
    on_a_ledger(|desk| {
        desk.plan(plan())?;
        desk.event(&moved("2026-12-01", "185"))?;
        let taken = desk.event(&died("2026-12-15"))?;
        let known = desk.routed(&taken)?.decision.known;
        assert_eq!(known["cases"].as_array().unwrap().len(), 1);
        let told: Vec<_> = known["register"].as_array().unwrap().iter().map(|it| it["what"].clone()).collect();
        assert_eq!(told, ["moved", "died"]);
        Ok(())
    });
}

#[test]
fn protection_is_said_with_everything_until_it_ends() {
    on_a_ledger(|desk| {
        let plan = desk.plan(plan())?;
        let before = desk.routed(&plan)?.deliveries.remove(0).delivery;
        let protection = json!({"protection": "navne-og-adressebeskyttelse", "from": "2026-11-22", "to": "2027-11-21"});
        let taken = desk.event(&news("citizen.protected", "p", protection))?;
        let told = desk.routed(&taken)?.deliveries.remove(0).delivery;
        assert_eq!(packed(desk, &told)?["protected"], "true", "from the news itself on");
        assert!(packed(desk, &before)?.get("protected").is_none(), "what was sent is what is sent again");
        let case = desk.routed(&plan)?.case;
        for (id, day, protected) in
            [("l-1", "2026-11-21", true), ("l-2", "2027-11-21", true), ("l-3", "2027-11-22", false)]
        {
            let taken = desk.event(&level(&case, id, day))?;
            let delivery = desk.routed(&taken)?.deliveries.remove(0).delivery;
            assert_eq!(packed(desk, &delivery)?.get("protected").is_some(), protected, "{day}");
        }
        tick(desk.tx, desk.world, at("2026-11-29T23:00:00Z"))?;
        let notice = desk.story(plan.item)?.notices.remove(0).deliveries.remove(0).delivery;
        assert_eq!(packed(desk, &notice)?["protected"], "true", "the hub's own notices too");
        Ok(())
    });
}

#[test]
fn nobody_is_told_where_nothing_is_open() {
    on_a_ledger(|desk| {
        let taken = desk.event(&moved("2026-12-01", "185"))?;
        assert_eq!(taken.state, State::Recorded);
        let plan = desk.plan(plan())?;
        let story = desk.routed(&plan)?;
        let offered =
            canonical("rehab.start.offered", "s", "/taarnby/cura", &story.case, json!({"start": "2026-11-25"}));
        desk.event(&offered)?;
        let closed = canonical("rehab.course.closed", "c", "/taarnby/cura", &story.case, json!({"end": "2026-11-30"}));
        let closed = desk.event(&closed)?;
        assert_eq!(closed.state, State::Routed, "{closed:?}");
        let settle = |desk: &mut Desk<'_, '_>| -> Result<(), Error> {
            for seq in 1..=desk.tx.reader().last_event()? {
                for delivery in desk.tx.deliveries_of(seq)? {
                    if delivery.state == crate::ledger::delivery::State::Waiting {
                        desk.tx.settle(delivery.seq, &Outcome::Delivered)?;
                    }
                }
            }
            Ok(())
        };
        assert_eq!(desk.event(&died("2026-12-01"))?.state, State::Routed, "it is still on its way to them");
        settle(desk)?;
        let again = news("citizen.died", "again", json!({"date": "2026-12-01"}));
        assert_eq!(desk.event(&again)?.state, State::Recorded, "the course has ended, and everybody knows");
        Ok(())
    });
}

#[test]
fn who_was_to_get_it_and_by_a_person_did_not_hears_nothing() {
    on_a_ledger(|desk| {
        let plan = desk.plan(plan())?;
        let delivery = desk.routed(&plan)?.deliveries.remove(0).delivery;
        let reason = budstikke_contract::reason::Reason::new(crate::ledger::delivery::UNROUTABLE, "Ingen kø.");
        desk.tx.settle(delivery.seq, &Outcome::Park(reason))?;
        crate::intake::people::discard(desk.tx, desk.world, &delivery.id.to_string(), &super::people_act::person())?;
        let taken = desk.event(&moved("2026-12-01", "185"))?;
        let left: Vec<String> =
            BOTH.map(str::to_owned).into_iter().filter(|it| !it.starts_with(&delivery.mailbox)).collect();
        assert_eq!(told(&desk.routed(&taken)?), left);
        Ok(())
    });
}

#[test]
fn a_part_of_a_case_that_ends_does_not_end_it() {
    on_a_ledger(|desk| {
        let case = "employment-6fb927da-3be1-4b9f-8875-a6326617d20b";
        let mut ended = canonical(
            "employment.placement.ended",
            "e-1",
            "/taarnby/momentum",
            case,
            example("employment.placement.ended"),
        );
        ended["residence"] = json!("155");
        ended["data"]["citizen"] = json!({"cpr": "2512489996"});
        let taken = desk.event(&ended)?;
        assert_eq!(told(&desk.routed(&taken)?), ["dragoer/ydelse information"]);
        for delivery in desk.routed(&taken)?.deliveries {
            desk.tx.settle(delivery.delivery.seq, &Outcome::Delivered)?;
        }
        let news = desk.event(&moved("2026-12-01", "185"))?;
        assert_eq!(told(&desk.routed(&news)?), ["dragoer/ydelse information"]);
        Ok(())
    });
}

/// The first example of a kind's schema.
fn example(kind: &str) -> Value {
    let schema: Value = serde_json::from_str(budstikke_schemas::find(kind).unwrap().text).unwrap();
    schema["examples"][0].clone()
}

#[test]
fn only_the_register_speaks_of_citizens() {
    on_a_ledger(|desk| {
        desk.plan(plan())?;
        let mut event = died("2026-11-22");
        event["source"] = json!("/taarnby/cura");
        assert_eq!(code(&desk.event(&event)?), "SENDER_NOT_ALLOWED");
        let mut event = moved("2026-12-01", "185");
        event["data"]["open_duties"] = json!([]);
        assert_eq!(code(&desk.event(&event)?), "EVENT_SCHEMA");
        Ok(())
    });
}

#[test]
fn a_message_of_the_register_is_the_same_as_its_event() {
    on_a_ledger(|desk| {
        desk.plan(plan())?;
        let registration = r"<k:ObjektRegistrering><k:ObjektId><URNIdentifikator>urn:oio:cpr-nr:2512489996</URNIdentifikator></k:ObjektId><k:ObjektHandling><UUIDIdentifikator>298aa424-0a16-4a5a-956c-2bdab17fd11f</UUIDIdentifikator></k:ObjektHandling></k:ObjektRegistrering></k:Filtreringsdata>";
        let body = super::carried::carrying("1", "").replace("</k:Filtreringsdata>", registration);
        let message = desk.incoming("beskedfordeler", body.clone());
        let taken = desk.take(message)?.remove(0);
        let event = desk.routed(&taken)?;
        assert_eq!((event.kind.as_str(), told(&event)), ("citizen.died", BOTH.map(str::to_owned).to_vec()));
        let again = desk.incoming("beskedfordeler", body);
        assert_eq!(desk.take(again)?[0].state, State::Duplicate);
        Ok(())
    });
}

/// The state of the plan's duty, and whom the level went to, after these steps.
fn after(steps: &[usize]) -> (String, Vec<Vec<String>>) {
    let mut seen = (String::new(), Vec::new());
    on_a_ledger(|desk| {
        let plan = desk.plan(plan())?;
        let case = desk.routed(&plan)?.case;
        let mut levels = std::collections::BTreeMap::new();
        for step in steps {
            match step {
                0 => drop(desk.event(&moved("2026-12-01", "185"))?),
                1 => drop(desk.event(&moved("2027-02-01", "155"))?),
                2 => drop(desk.event(&died("2027-06-01"))?),
                _ => {
                    let day = ["2026-11-25", "2026-12-24", "2027-03-01"][step - 3];
                    let taken = desk.event(&level(&case, &format!("l-{step}"), day))?;
                    levels.insert(*step, told(&desk.routed(&taken)?));
                }
            }
        }
        seen = (desk.routed(&plan)?.duties.remove(0).state.name().to_owned(), levels.into_values().collect());
        Ok(())
    });
    seen
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if books::in_files() { 24 } else { 1 }))]

    /// Once it is known, the order in which the register told it decides nothing, nor does the order
    /// of what happens in the case.
    #[test]
    fn the_day_decides_and_not_the_order(
        news in Just(vec![0, 1, 2]).prop_shuffle(), levels in Just(vec![3, 4, 5]).prop_shuffle()
    ) {
        let (duty, told) = after(&[news, levels].concat());
        prop_assert_eq!(duty, "closed");
        prop_assert_eq!(told, [
            ["dragoer/genoptraening information"],
            ["taarnby/genoptraening information"],
            ["dragoer/genoptraening information"],
        ].map(|told| told.map(str::to_owned).to_vec()));
    }
}
