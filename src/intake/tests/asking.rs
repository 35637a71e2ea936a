//! What waits for a look-up, and how it goes on.

mod protected;
mod thin;

use budstikke_contract::municipality::MunicipalityCode;
use budstikke_testkit::plans::Plan;
use jiff::SignedDuration;

use super::people_act::person;
use super::*;
use crate::intake::ask::{self, GoneOn, Lives, RESIDENCE};
use crate::intake::{Asks, people};
use crate::ledger::item::State;
use crate::ledger::seal::Mark;
use crate::ledger::wish::{Outcome, State as WishState};
use crate::residence::Ask;

const CPR: &str = "2512489996";
const OTHER: &str = "0108589995";
const CASE: &str = "rehab-6fb927da-3be1-4b9f-8875-a6326617d20b";

/// A world that may ask where a citizen lives.
fn asking(residence: Ask) -> World {
    world().asking(Asks { residence, ..Asks::default() })
}

/// Somebody asks for training, and does not say where the citizen lives.
fn wish_for_training(id: &str, case: &str, cpr: &str) -> Value {
    let data = json!({"citizen": {"cpr": cpr}, "reason": "Nyligt funktionstab"});
    canonical("rehab.training.requested", id, "/dragoer/x", case, data)
}

fn case(number: usize) -> String {
    format!("rehab-6fb927da-3be1-4b9f-8875-a6326617d2{number:02}")
}

fn about(desk: &Desk<'_, '_>, cpr: &str) -> Mark {
    desk.tx.keys().mark(RESIDENCE, cpr)
}

fn lives(code: &str) -> Outcome {
    Lives { asked: at(NOW), municipality: MunicipalityCode::parse(code).unwrap(), protected: false }.outcome()
}

fn answer(desk: &mut Desk<'_, '_>, cpr: &str, outcome: &Outcome) -> Result<usize, Error> {
    let about = about(desk, cpr);
    Ok(ask::settle(desk.tx, desk.world, (RESIDENCE, &about), i64::MAX, outcome)?.items)
}

/// The service did not answer; what has waited for `limit` is given up.
fn in_vain(desk: &mut Desk<'_, '_>, cpr: &str, limit: SignedDuration) -> Result<usize, Error> {
    let (about, now) = (about(desk, cpr), desk.tx.at());
    Ok(ask::postpone(desk.tx, desk.world, (RESIDENCE, &about), now + HOUR, now - limit)?.items)
}

fn due(desk: &mut Desk<'_, '_>) -> Result<Vec<String>, Error> {
    let now = desk.tx.at();
    let due = desk.tx.reader().wishes(RESIDENCE, now, 64)?.due;
    Ok(due.into_iter().map(|due| String::from_utf8(due.question).unwrap()).collect())
}

fn stands(desk: &mut Desk<'_, '_>, taken: &Taken) -> Result<(State, String), Error> {
    let item = desk.story(taken.item)?.item;
    Ok((item.state, item.reason.map(|reason| reason.code.to_string()).unwrap_or_default()))
}

const HOUR: SignedDuration = SignedDuration::from_hours(1);

const WAITS: (State, String) = (State::Waiting, String::new());

#[test]
fn an_event_without_a_residence_waits_for_the_look_up_and_goes_by_its_answer() {
    on_a_ledger_in(&asking(Ask::ToKnow), |desk| {
        let taken = desk.event(&wish_for_training("a", CASE, CPR))?;
        assert_eq!((taken.state, taken.reason.clone()), (State::Waiting, None));
        assert_eq!(due(desk)?, [CPR]);
        assert_eq!(answer(desk, CPR, &lives("185"))?, 1);
        let event = desk.routed(&taken)?;
        assert_eq!(event.residence.as_deref(), Some("185"));
        assert_eq!(event.decision.known["looked_up"], json!({"at": NOW, "said": "lives", "municipality": "185"}));
        assert_eq!(due(desk)?, [""; 0]);
        // The case has it from now on, and nothing more is asked.
        let mut next = wish_for_training("b", CASE, CPR);
        next["source"] = json!("/taarnby/cura");
        assert_eq!(desk.event(&next)?.state, State::Routed);
        Ok(())
    });
}

#[test]
fn without_a_look_up_or_a_cpr_number_nothing_is_asked() {
    on_a_ledger(|desk| {
        let taken = desk.event(&wish_for_training("a", CASE, CPR))?;
        assert_eq!((taken.state, code(&taken).as_str()), (State::Parked, "NO_RESIDENCE"));
        Ok(())
    });
    on_a_ledger_in(&asking(Ask::ToCheck), |desk| {
        let mut stranger = wish_for_training("a", CASE, CPR);
        stranger["data"]["citizen"] = json!({"replacement_id": "251248TRP6"});
        assert_eq!(code(&desk.event(&stranger)?), "NO_RESIDENCE");
        let mut said = wish_for_training("b", &case(2), CPR);
        said["residence"] = json!("155");
        assert_eq!(desk.event(&said)?.state, State::Routed, "what an event says is not checked");
        Ok(())
    });
}

#[test]
fn what_waits_holds_its_case_and_nothing_else_and_all_goes_on_in_its_order() {
    on_a_ledger_in(&asking(Ask::ToKnow), |desk| {
        let first = desk.event(&wish_for_training("a", CASE, CPR))?;
        let mut said = wish_for_training("b", CASE, CPR);
        said["residence"] = json!("155");
        let second = desk.event(&said)?;
        let third = desk.event(&wish_for_training("c", CASE, CPR))?;
        let mut elsewhere = wish_for_training("d", &case(4), CPR);
        elsewhere["residence"] = json!("155");
        assert_eq!(desk.event(&elsewhere)?.state, State::Routed);
        for taken in [&first, &second, &third] {
            assert_eq!(stands(desk, taken)?, WAITS);
        }
        assert_eq!(desk.tx.reader().open_wishes()?[RESIDENCE], 1, "what is behind asks when its turn comes");
        answer(desk, CPR, &lives("155"))?;
        let events = [desk.routed(&first)?.seq, desk.routed(&second)?.seq, desk.routed(&third)?.seq];
        assert!(events.is_sorted(), "{events:?}");
        Ok(())
    });
}

#[test]
fn one_answer_is_for_all_who_asked_the_same_and_no_one_else() {
    on_a_ledger_in(&asking(Ask::ToKnow), |desk| {
        let one = desk.event(&wish_for_training("a", &case(1), CPR))?;
        let same = desk.event(&wish_for_training("b", &case(2), CPR))?;
        let other = desk.event(&wish_for_training("c", &case(3), OTHER))?;
        assert_eq!(due(desk)?, [CPR, OTHER], "each is asked about once");
        assert_eq!(answer(desk, CPR, &lives("155"))?, 2);
        assert_eq!((stands(desk, &one)?.0, stands(desk, &same)?.0), (State::Routed, State::Routed));
        assert_eq!(stands(desk, &other)?, WAITS);
        Ok(())
    });
}

#[test]
fn an_answer_is_not_for_one_who_asked_after_it_was_asked_for() {
    on_a_ledger_in(&asking(Ask::ToKnow), |desk| {
        let one = desk.event(&wish_for_training("a", &case(1), CPR))?;
        let now = desk.tx.at();
        let due = desk.tx.reader().wishes(RESIDENCE, now, 64)?.due.remove(0);
        let later = desk.event(&wish_for_training("b", &case(2), CPR))?;
        let (about, world) = (due.wish.about, desk.world);
        assert_eq!(ask::settle(desk.tx, world, (RESIDENCE, &about), due.upto, &lives("155"))?.items, 1);
        assert_eq!((stands(desk, &one)?.0, stands(desk, &later)?.0), (State::Routed, State::Waiting));
        Ok(())
    });
}

#[test]
fn one_whom_the_look_up_does_not_know_is_parked_and_asked_about_again_when_it_is_sent_on() {
    on_a_ledger_in(&asking(Ask::ToKnow), |desk| {
        let taken = desk.event(&wish_for_training("a", CASE, CPR))?;
        answer(desk, CPR, &Outcome::Unknown)?;
        assert_eq!(stands(desk, &taken)?, (State::Parked, "NO_RESIDENCE".to_owned()));
        let said = people::resend(desk.tx, desk.world, &format!("#{}", taken.item), &person())?;
        assert_eq!(said, "waiting");
        answer(desk, CPR, &lives("155"))?;
        assert_eq!(stands(desk, &taken)?.0, State::Routed);
        Ok(())
    });
}

#[test]
fn a_look_up_that_lies_outside_the_agreement_is_no_guess() {
    on_a_ledger_in(&asking(Ask::ToKnow), |desk| {
        let taken = desk.event(&wish_for_training("a", CASE, CPR))?;
        answer(desk, CPR, &lives("461"))?;
        assert_eq!(stands(desk, &taken)?, (State::Parked, "OUTSIDE_AGREEMENT".to_owned()));
        let id = format!("#{}", taken.item);
        assert_eq!(
            people::resend(desk.tx, desk.world, &id, &person())?,
            "waiting",
            "the register may have been mended"
        );
        Ok(())
    });
}

#[test]
fn a_look_up_that_does_not_answer_is_waited_for_until_the_limit_and_then_a_person_is() {
    on_a_ledger_in(&asking(Ask::ToKnow), |desk| {
        let taken = desk.event(&wish_for_training("a", CASE, CPR))?;
        assert_eq!(in_vain(desk, CPR, HOUR)?, 0);
        assert_eq!(stands(desk, &taken)?, WAITS);
        assert_eq!(due(desk)?, [""; 0], "not before the next attempt");
        assert_eq!(desk.story(taken.item)?.wishes[0].attempts, 1);
        assert_eq!(in_vain(desk, CPR, SignedDuration::ZERO)?, 1);
        assert_eq!(stands(desk, &taken)?, (State::Parked, "LOOKUP_FAILED".to_owned()));
        let said = people::resend(desk.tx, desk.world, &format!("#{}", taken.item), &person())?;
        assert_eq!(said, "waiting");
        assert_eq!(due(desk)?, [CPR], "it is asked again, at once");
        answer(desk, CPR, &lives("155"))?;
        assert_eq!(stands(desk, &taken)?.0, State::Routed);
        Ok(())
    });
}

#[test]
fn an_event_whose_look_up_failed_does_not_hold_the_plan_that_says_it() {
    on_a_ledger_in(&asking(Ask::ToKnow), |desk| {
        let plan = desk.plan(Plan::ggop("B0").episode("e0"))?;
        let known_as = desk.routed(&plan)?.case;
        let mut early = wish_for_training("a", &known_as, CPR);
        early["subject"] = json!(case(7));
        let early = desk.event(&early)?;
        let mut says = wish_for_training("b", &case(7), CPR);
        says["residence"] = json!("155");
        let says = desk.event(&says)?;
        assert_eq!(stands(desk, &says)?, WAITS);
        in_vain(desk, CPR, SignedDuration::ZERO)?;
        assert_eq!(stands(desk, &says)?.0, State::Routed);
        assert_eq!(stands(desk, &early)?.0, State::Routed, "and the case is known now");
        Ok(())
    });
}

#[test]
fn when_the_service_answers_nobody_all_who_have_waited_too_long_are_given_up() {
    on_a_ledger_in(&asking(Ask::ToKnow), |desk| {
        let taken: Vec<Taken> =
            (0..3).map(|n| desk.event(&wish_for_training(&n.to_string(), &case(n), CPR))).collect::<Result<_, _>>()?;
        let (world, now) = (desk.world, desk.tx.at());
        assert_eq!(ask::give_up(desk.tx, world, RESIDENCE, now - HOUR)?, GoneOn::default());
        let all = GoneOn { items: 3, parked: 3 };
        assert_eq!(ask::give_up(desk.tx, world, RESIDENCE, now)?, all);
        for one in &taken {
            assert_eq!(stands(desk, one)?, (State::Parked, "LOOKUP_FAILED".to_owned()));
        }
        Ok(())
    });
}

#[test]
fn a_plan_is_confirmed_where_that_is_asked_for_and_never_moved() {
    on_a_ledger_in(&asking(Ask::ToCheck), |desk| {
        // Each in a case of its own: what is known of a case is not asked for again.
        let plan = |id: &str, contact: &str| {
            Plan::ggop(id).episode(format!("e-{id}")).contact_start(contact).municipality("155")
        };
        let right = desk.plan(plan("B1", "2026-11-01"))?;
        assert_eq!(stands(desk, &right)?, WAITS);
        assert_eq!(desk.answers(right.item)?, ["XCTL03"], "we hold it");
        let [asked] = due(desk)?.try_into().unwrap();
        answer(desk, &asked, &lives("155"))?;
        assert_eq!(desk.routed(&right)?.residence.as_deref(), Some("155"));

        let wrong = desk.plan(plan("B2", "2026-11-02"))?;
        answer(desk, &asked, &lives("185"))?;
        assert_eq!(stands(desk, &wrong)?, (State::Parked, "RESIDENCE_DIFFERS".to_owned()));
        people::resend(desk.tx, desk.world, &format!("#{}", wrong.item), &person())?;
        assert_eq!(desk.routed(&wrong)?.residence.as_deref(), Some("155"), "what the letter says");

        let silent = desk.plan(plan("B3", "2026-11-03"))?;
        in_vain(desk, &asked, SignedDuration::ZERO)?;
        assert_eq!(stands(desk, &silent)?, (State::Parked, "LOOKUP_FAILED".to_owned()));
        people::resend(desk.tx, desk.world, &format!("#{}", silent.item), &person())?;
        assert_eq!(desk.routed(&silent)?.residence.as_deref(), Some("155"), "a person has looked");
        Ok(())
    });
}

#[test]
fn a_plan_that_waited_brings_its_early_correction_with_it() {
    on_a_ledger_in(&asking(Ask::ToCheck), |desk| {
        let correction = desk.plan(Plan::correspondence("B2").corrected(true))?;
        let [asked] = due(desk)?.try_into().unwrap();
        answer(desk, &asked, &lives("155"))?;
        assert_eq!(stands(desk, &correction)?, (State::Parked, "PRECEDING_MISSING".to_owned()));
        let plan = desk.plan(Plan::correspondence("B1"))?;
        assert_eq!(stands(desk, &plan)?, WAITS);
        answer(desk, &asked, &lives("155"))?;
        assert_eq!(stands(desk, &plan)?.0, State::Routed);
        assert_eq!(stands(desk, &correction)?.0, State::Routed);
        Ok(())
    });
}

#[test]
fn a_further_letter_of_a_case_is_not_asked_about() {
    on_a_ledger_in(&asking(Ask::ToCheck), |desk| {
        let first = desk.plan(Plan::ggop("B1").episode("e1"))?;
        let [asked] = due(desk)?.try_into().unwrap();
        answer(desk, &asked, &lives("155"))?;
        assert_eq!(stands(desk, &first)?.0, State::Routed);
        let further = desk.plan(Plan::ggop("B2").episode("e1"))?;
        assert_eq!(further.state, State::Routed);
        Ok(())
    });
}

#[test]
fn what_is_discarded_is_asked_about_no_more() {
    on_a_ledger_in(&asking(Ask::ToKnow), |desk| {
        let taken = desk.event(&wish_for_training("a", CASE, CPR))?;
        people::discard(desk.tx, desk.world, &format!("#{}", taken.item), &person())?;
        assert_eq!(due(desk)?, [""; 0]);
        assert_eq!(desk.story(taken.item)?.wishes[0].state, WishState::Dropped);
        assert_eq!(answer(desk, CPR, &lives("155"))?, 0, "an answer on its way finds nobody");
        Ok(())
    });
}

#[test]
fn a_repeat_of_what_waits_is_a_repeat() {
    on_a_ledger_in(&asking(Ask::ToKnow), |desk| {
        let event = wish_for_training("a", CASE, CPR);
        desk.event(&event)?;
        assert_eq!(desk.event(&event)?.state, State::Duplicate);
        assert_eq!(desk.tx.reader().open_wishes()?[RESIDENCE], 1);
        Ok(())
    });
}

#[test]
fn where_the_look_up_is_taken_out_of_the_settings_nothing_waits_for_it() {
    let (with, without) = (asking(Ask::ToKnow), world());
    on_a_ledger_in(&with, |desk| {
        let waits = desk.event(&wish_for_training("a", CASE, CPR))?;
        let behind = desk.event(&wish_for_training("b", CASE, CPR))?;
        assert_eq!(ask::let_go(desk.tx, &with)?.items, 0);
        assert_eq!(ask::let_go(desk.tx, &without)?.items, 1);
        for taken in [&waits, &behind] {
            assert_eq!(stands(desk, taken)?, (State::Parked, "NO_RESIDENCE".to_owned()));
        }
        Ok(())
    });
}
