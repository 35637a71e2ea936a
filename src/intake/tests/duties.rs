//! What comes to be owed, as the ledger keeps it, and the clock.

use budstikke_testkit::plans::{Discharge, Plan};
use jiff::civil::date;

use super::*;
use crate::duty::State;
use crate::duty::watch::tick;

fn expected(day: &str) -> Discharge {
    Discharge::Expected(day.to_owned(), "11:00".to_owned())
}

/// What the hub has told so far: `kind → mailboxes`.
fn notices(desk: &mut Desk<'_, '_>, item: i64) -> Result<Vec<String>, Error> {
    let story = desk.story(item)?;
    Ok(story.notices.iter().map(|notice| format!("{} → {}", notice.kind, told(notice).join(", "))).collect())
}

const REMINDED: &str = "duty.reminded → taarnby/genoptraening information";
const OVERDUE: &str = "duty.overdue → dragoer/genoptraening information, taarnby/genoptraening information";

#[test]
fn the_clock_reminds_and_then_tells_both_parties() {
    on_a_ledger(|desk| {
        let plan = desk.plan(Plan::ggop("B1").discharge(expected("2026-11-22")))?;
        let duty = desk.routed(&plan)?.duties.remove(0);
        assert_eq!(duty.due.date, Some(date(2026, 11, 29)));
        for (now, told) in [
            ("2026-11-26T22:59:59Z", vec![]),
            ("2026-11-26T23:00:00Z", vec![REMINDED]),
            ("2026-11-29T22:59:59Z", vec![REMINDED]),
            ("2026-11-29T23:00:00Z", vec![REMINDED, OVERDUE]),
            ("2027-01-01T00:00:00Z", vec![REMINDED, OVERDUE]),
        ] {
            tick(desk.tx, desk.world, at(now))?;
            assert_eq!(notices(desk, plan.item)?, told, "at {now}");
        }
        Ok(())
    });
}

#[test]
fn a_duty_that_opens_after_its_due_date_gives_one_notice() {
    on_a_ledger(|desk| {
        let plan = desk.plan(Plan::ggop("B1").discharge(expected("2026-11-01")))?;
        for _ in 0..3 {
            tick(desk.tx, desk.world, at(NOW))?;
        }
        assert_eq!(notices(desk, plan.item)?, [OVERDUE]);
        Ok(())
    });
}

#[test]
fn an_offer_in_time_meets_the_duty_and_one_too_late_opens_the_choice() {
    for (start, state, said) in [("2026-11-29", State::Met, vec![]), ("2026-11-30", State::Open, vec![OVERDUE])] {
        on_a_ledger(|desk| {
            let plan = desk.plan(Plan::ggop("B1").discharge(expected("2026-11-22")))?;
            let case = desk.routed(&plan)?.case;
            let offer = canonical("rehab.start.offered", "o1", "/taarnby/cura", &case, json!({"start": start}));
            let offer = desk.event(&offer)?;
            assert_eq!(told(&desk.routed(&offer)?), ["dragoer/genoptraening information"]);
            assert_eq!(desk.routed(&plan)?.duties[0].state, state);
            assert_eq!(notices(desk, plan.item)?, said);
            tick(desk.tx, desk.world, at("2027-01-01T00:00:00Z"))?;
            assert_eq!(notices(desk, plan.item)?, said, "what is met, or told, is not told again");
            Ok(())
        });
    }
}

#[test]
fn a_correction_moves_the_due_date() {
    on_a_ledger(|desk| {
        let plan = desk.plan(Plan::ggop("B1").discharge(expected("2026-11-22")))?;
        let case = desk.routed(&plan)?.case;
        let data = json!({"discharge": {"date": "2026-11-24", "certainty": "actual"}});
        let correction = desk.event(&canonical("rehab.plan.corrected", "c1", "/taarnby/cura", &case, data))?;
        assert_eq!(told(&desk.routed(&correction)?).len(), 2);
        let duty = desk.routed(&plan)?.duties.remove(0);
        assert_eq!(duty.due.date, Some(date(2026, 12, 1)));
        assert_eq!(duty.due.reason, "7 dage efter udskrivning 2026-11-24");
        Ok(())
    });
}

#[test]
fn a_text_in_place_of_a_date_gives_no_due_date() {
    on_a_ledger(|desk| {
        let plan = desk.plan(Plan::ggop("B1").discharge(Discharge::Text("I næste uge".to_owned())))?;
        let duty = desk.routed(&plan)?.duties.remove(0);
        assert_eq!((duty.due.date, duty.next_at()), (None, None));
        Ok(())
    });
}

#[test]
fn questions_and_answers_are_correlated_both_ways() {
    on_a_ledger(|desk| {
        let plan = desk.plan(Plan::ggop("B1"))?;
        let case = desk.routed(&plan)?.case;
        let question = canonical("rehab.info.requested", "q1", "/taarnby/cura", &case, json!({"question": "?"}));
        let question = desk.event(&question)?;
        let asked = desk.routed(&question)?;
        assert_eq!(told(&asked), ["dragoer/genoptraening task"]);
        let mut answer = canonical("rehab.info.provided", "a1", "/dragoer/x", &case, json!({"answer": "!"}));
        answer["causationid"] = json!("q1");
        let answered = desk.event(&answer)?;
        let event = desk.routed(&answered)?;
        assert_eq!(told(&event), ["taarnby/genoptraening information"]);
        assert_eq!(desk.routed(&question)?.duties[0].state, State::Met);
        let body = desk.tx.look("test", "prøve", crate::ledger::look::Sight::Event(event.seq))?;
        let event: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!((&event["causationid"], &event["correlationid"]), (&json!("q1"), &json!("q1")));
        Ok(())
    });
}

#[test]
fn a_specialised_plan_opens_nothing() {
    on_a_ledger(|desk| {
        let plan = desk.plan(Plan::ggop("B1").plan_type("specialiseret"))?;
        let event = desk.routed(&plan)?;
        assert_eq!((told(&event).len(), event.duties.len()), (2, 0));
        Ok(())
    });
}

#[test]
fn a_task_says_what_is_owed_and_by_when() {
    on_a_ledger(|desk| {
        let plan = desk.plan(Plan::ggop("B1").discharge(expected("2026-11-22")))?;
        let event = desk.routed(&plan)?;
        let due = |at: usize| event.deliveries[at].delivery.why.duty.as_ref().map(|duty| duty.due);
        assert_eq!((due(0), due(1)), (None, Some(Some(date(2026, 11, 29)))));
        Ok(())
    });
}
