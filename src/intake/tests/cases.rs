//! Which case an event belongs to, and what waits for what.

use budstikke_testkit::plans::{Discharge, Plan};

use super::*;
use crate::ledger::item::State;

fn corrected(id: &str) -> Plan {
    Plan::correspondence(id).corrected(true)
}

#[test]
fn a_further_plan_of_an_episode_is_delivered_with_a_remark() {
    on_a_ledger(|desk| {
        let first = desk.plan(Plan::ggop("B1").episode("e-1"))?;
        let second = desk.plan(Plan::ggop("B2").episode("E1"))?;
        let (first, second) = (desk.routed(&first)?, desk.routed(&second)?);
        assert_eq!(first.case, second.case, "an episode is the same with hyphens and without");
        assert_eq!(told(&second).len(), 2);
        let body = desk.tx.look("test", "prøve", crate::ledger::look::Sight::Event(second.seq))?;
        let event: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(event["data"]["remarks"][0]["code"], "MAY_REPLACE");
        assert_eq!(desk.tx.reader().duties(None, false)?.len(), 2, "a person chooses which of them counts");
        Ok(())
    });
}

#[test]
fn a_further_plan_is_known_by_sender_citizen_and_contact_start() {
    on_a_ledger(|desk| {
        let plan = |id: &str| Plan::ggop(id).cpr("2512489996").contact_start("2026-11-10");
        let first = desk.plan(plan("B1"))?;
        let same = desk.plan(plan("B2"))?;
        let other_start = desk.plan(plan("B3").contact_start("2026-11-12"))?;
        let other_citizen = desk.plan(plan("B4").cpr("2911829996"))?;
        let other_sender = desk.plan(plan("B5").sender("5790000000067"))?;
        let case = desk.routed(&first)?.case;
        assert_eq!(desk.routed(&same)?.case, case);
        for other in [other_start, other_citizen, other_sender] {
            assert_ne!(desk.routed(&other)?.case, case);
        }
        Ok(())
    });
}

#[test]
fn a_correction_without_an_episode_follows_the_one_plan_of_its_citizen() {
    on_a_ledger(|desk| {
        let plan = desk.plan(Plan::correspondence("B1").cpr("2512489996"))?;
        let correction = desk.plan(corrected("B2").cpr("2512489996"))?;
        assert_eq!(correction.state, State::Routed);
        assert_eq!(desk.routed(&correction)?.case, desk.routed(&plan)?.case);
        Ok(())
    });
}

#[test]
fn a_correction_that_could_follow_several_plans_is_for_a_person() {
    on_a_ledger(|desk| {
        desk.plan(Plan::ggop("B1").cpr("2512489996").contact_start("2026-10-01"))?;
        desk.plan(Plan::ggop("B2").cpr("2512489996").contact_start("2026-11-01"))?;
        let correction = desk.plan(corrected("B3").cpr("2512489996"))?;
        assert_eq!((correction.state, code(&correction).as_str()), (State::Parked, "AMBIGUOUS_CASE"));
        Ok(())
    });
}

#[test]
fn a_correction_that_comes_first_goes_on_by_itself_when_its_plan_has_come() {
    on_a_ledger(|desk| {
        let correction = desk.plan(corrected("B2").episode("e1").cpr("2512489996"))?;
        assert_eq!((correction.state, code(&correction).as_str()), (State::Parked, "PRECEDING_MISSING"));
        let plan = desk.plan(Plan::correspondence("B1").episode("e1").cpr("2512489996"))?;
        assert_eq!(plan.state, State::Routed, "a correction does not hold up its own plan");
        let story = desk.story(correction.item)?;
        assert_eq!(story.item.state, State::Routed);
        let (plan, correction) = (desk.routed(&plan)?, story.event.unwrap());
        assert!(plan.seq < correction.seq);
        Ok(())
    });
}

#[test]
fn what_is_parked_holds_what_follows_on_its_case_and_nothing_else() {
    on_a_ledger(|desk| {
        let parked = desk.plan(Plan::ggop("B1").episode("e1").receiver_named_by("lokationsnummer"))?;
        let behind = desk.plan(Plan::ggop("B2").episode("e1"))?;
        let behind_that = desk.plan(corrected("B3").episode("e1"))?;
        let elsewhere = desk.plan(Plan::ggop("B4").episode("e4"))?;
        assert_eq!(parked.state, State::Parked);
        assert_eq!((behind.state, behind_that.state), (State::Waiting, State::Waiting));
        assert_eq!(elsewhere.state, State::Routed);
        assert_eq!(desk.answers(behind.item)?, ["XCTL03"], "we hold it");
        Ok(())
    });
}

#[test]
fn a_plan_for_elsewhere_neither_waits_nor_holds() {
    on_a_ledger(|desk| {
        desk.plan(Plan::ggop("B1").episode("e1").municipality("461"))?;
        let again = desk.plan(Plan::ggop("B2").episode("e1").municipality("461"))?;
        assert_eq!(again.state, State::Parked);
        assert_eq!(desk.answers(again.item)?, ["XCTL02 problem_med_modtagerID"], "its sender must hear it at once");
        let ours = desk.plan(Plan::ggop("B3").episode("e1").municipality("155"))?;
        assert_eq!(ours.state, State::Routed);
        Ok(())
    });
}

#[test]
fn residence_is_the_receivers_municipality_and_a_case_has_one() {
    on_a_ledger(|desk| {
        let plan = desk.plan(Plan::ggop("B1").episode("e1").municipality("185"))?;
        let event = desk.routed(&plan)?;
        assert_eq!(
            (event.residence.as_deref(), told(&event)),
            (Some("185"), vec!["taarnby/genoptraening task".to_owned()])
        );
        let moved = desk.plan(Plan::ggop("B2").episode("e1").municipality("155"))?;
        assert_eq!((moved.state, code(&moved).as_str()), (State::Parked, "RESIDENCE_DIFFERS"));
        Ok(())
    });
}

#[test]
fn a_plan_is_decided_by_the_day_it_was_signed() {
    on_a_ledger(|desk| {
        let old = desk.plan(Plan::ggop("B1").authorised("2006-12-31", "23:59"))?;
        assert_eq!((old.state, code(&old).as_str()), (State::Parked, "NO_RULE"));
        let new = desk.plan(
            Plan::ggop("B2")
                .authorised("2007-01-01", "00:00")
                .discharge(Discharge::Expected("2007-01-03".to_owned(), "11:00".to_owned())),
        )?;
        assert_eq!(desk.routed(&new)?.day, "2007-01-01");
        Ok(())
    });
}

#[test]
fn before_the_agreement_was_known_nothing_is_decided() {
    on_a_ledger(|desk| {
        desk.received = at("2021-08-31T20:00:00Z");
        let early = desk.plan(Plan::ggop("B1"))?;
        assert_eq!((early.state, code(&early).as_str()), (State::Parked, "AGREEMENT_UNKNOWN"));
        Ok(())
    });
}

#[test]
fn an_event_that_comes_before_its_case_is_known_goes_on_when_it_is() {
    on_a_ledger(|desk| {
        let case = "rehab-6fb927da-3be1-4b9f-8875-a6326617d201";
        let source = "/taarnby/cura";
        let mut answer = canonical("rehab.info.provided", "a", "/dragoer/kommune", case, json!({"answer": "Ja."}));
        let mut question =
            canonical("rehab.info.requested", "q", source, case, json!({"question": "Har borgeren hjælp?"}));
        let early = [desk.event(&answer)?, desk.event(&question)?];
        assert_eq!(early.each_ref().map(code), ["NO_RESIDENCE", "NO_RESIDENCE"]);
        let level = json!({"level": "basal"});
        let mut first = canonical("rehab.level.set", "l", source, case, level);
        first["residence"] = json!("155");
        assert_eq!(desk.event(&first)?.state, State::Routed, "it does not wait for what waits for it");
        let [answer_now, question_now] = [&early[0], &early[1]].map(|taken| desk.story(taken.item).unwrap());
        assert_eq!((answer_now.item.state, question_now.item.state), (State::Routed, State::Routed));
        assert!(question_now.event.unwrap().seq < answer_now.event.unwrap().seq, "an answer follows its question");
        for (event, id) in [(&mut answer, "a2"), (&mut question, "q2")] {
            event["id"] = json!(id);
        }
        assert_eq!(code(&desk.event(&answer)?), "NO_OPEN_REQUEST");
        assert_eq!(desk.event(&question)?.state, State::Routed, "its own answer does not hold it up");
        assert!(desk.tx.reader().duties(None, false)?.is_empty(), "it is answered by the one that waited");
        Ok(())
    });
}

#[test]
fn what_follows_something_parked_waits_even_where_it_could_not_be_decided_alone() {
    on_a_ledger(|desk| {
        let parked = desk.plan(Plan::ggop("B1").episode("e1").receiver_named_by("lokationsnummer"))?;
        let behind = desk.plan(Plan::ggop("B2").episode("e1").receiver_named_by("lokationsnummer"))?;
        assert_eq!((parked.state, behind.state), (State::Parked, State::Waiting));
        Ok(())
    });
}

#[test]
fn one_start_is_offered_for_all_plans_of_a_course() {
    on_a_ledger(|desk| {
        let first = desk.plan(Plan::ggop("B1").episode("e1"))?;
        desk.plan(Plan::ggop("B2").episode("e1"))?;
        let case = desk.routed(&first)?.case;
        let offered = json!({"start": "2026-11-23"});
        let taken = desk.event(&canonical("rehab.start.offered", "s", "/taarnby/cura", &case, offered))?;
        assert_eq!(taken.state, State::Routed, "{:?}", taken.reason);
        assert!(desk.tx.reader().duties(None, false)?.is_empty());
        Ok(())
    });
}

#[test]
fn a_person_can_find_that_the_citizen_has_moved() {
    on_a_ledger(|desk| {
        let plan = desk.plan(Plan::ggop("B1").episode("e1"))?;
        let moved = desk.plan(Plan::ggop("B2").episode("e1").municipality("185"))?;
        assert_eq!(code(&moved), "RESIDENCE_DIFFERS");
        let said = crate::intake::people::resend(
            desk.tx,
            desk.world,
            &format!("#{}", moved.item),
            &super::people_act::person(),
        )?;
        assert_eq!(said, "routed");
        let later = desk.plan(Plan::ggop("B3").episode("e1").municipality("185"))?;
        assert_eq!(later.state, State::Routed, "the case knows it now");
        assert_eq!(desk.routed(&later)?.case, desk.routed(&plan)?.case);
        Ok(())
    });
}

#[test]
fn a_correction_that_comes_first_and_names_no_episode_finds_its_plan_too() {
    on_a_ledger(|desk| {
        let correction = desk.plan(corrected("B2").cpr("2512489996"))?;
        assert_eq!(code(&correction), "PRECEDING_MISSING");
        let plan = desk.plan(Plan::correspondence("B1").cpr("2512489996"))?;
        let (plan, correction) = (desk.routed(&plan)?, desk.routed(&correction)?);
        assert_eq!(plan.case, correction.case);
        assert!(plan.seq < correction.seq);
        Ok(())
    });
}
