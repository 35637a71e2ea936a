//! What is owed, as the days go by: reminded of, told when it is late, each once, and over restarts
//! of the hub.

use budstikke::duty::State;
use budstikke_testkit::plans::{Discharge, Plan};
use serde_json::{Value, json};

use super::rig::{DRAGOER, Rig, TAARNBY, at, canonical, plan_in_case};
use crate::wait;

/// Discharged on 21 November: due on the 28th, reminded of on the 26th.
const BEFORE_THE_REMINDER: &str = "2026-11-25T22:59:00Z";
const REMINDER: &str = "2026-11-25T23:00:00Z";
const LATE: &str = "2026-11-28T23:00:00Z";
pub(super) const LONG_AFTER: &str = "2027-02-01T12:00:00Z";

/// Where the cases of plans begin that come too late.
const LATECOMERS: usize = 1_000;

const REMINDED: &str = "duty.reminded";
const OVERDUE: &str = "duty.overdue";

/// What a receiver has been told of duties, in order: what, and about which letter's case.
fn told(rig: &Rig, receiver: &str) -> Vec<(String, Value)> {
    let notices = rig.has(receiver).into_iter().filter(|it| it.kind.starts_with("dk.budstikke.duty."));
    notices
        .map(|it| {
            let kind = it.kind.trim_start_matches("dk.budstikke.").trim_end_matches(".v1").to_owned();
            (kind, it.json()["subject"].clone())
        })
        .collect()
}

/// What a receiver has been told of one case.
pub(super) fn told_of(rig: &Rig, receiver: &str, case: &Value) -> Vec<String> {
    told(rig, receiver).into_iter().filter(|(_, subject)| subject == case).map(|(kind, _)| kind).collect()
}

/// A plan that Tårnby has; its case.
async fn planned(rig: &mut Rig) -> Value {
    rig.plan(
        Plan::ggop("B1").episode("e1").discharge(Discharge::Expected("2026-11-21".to_owned(), "11:00".to_owned())),
    )
    .await;
    rig.got(DRAGOER, 1).await;
    rig.got_one(TAARNBY).await.json()["subject"].clone()
}

/// Waits until everything that is due by now has been told: a plan that comes too late is told of
/// after it. `number` is that plan's case.
pub(super) async fn settled(rig: &mut Rig, number: usize) {
    let letter = format!("S{number}");
    let long_ago = Discharge::Expected("2026-01-01".to_owned(), "11:00".to_owned());
    rig.plan(plan_in_case(letter.as_str(), LATECOMERS + number).discharge(long_ago)).await;
    rig.taken().await;
    let case = json!(rig.story(&letter).await.event.expect("it is routed").case);
    wait::until(&format!("{letter} is told of"), async || {
        let waiting = rig.balance().await.deliveries.waiting;
        rig.take().await;
        let told = [DRAGOER, TAARNBY].iter().all(|receiver| told_of(rig, receiver, &case) == [OVERDUE]);
        (told && waiting == 0).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_reminds_and_then_tells_both_parties_of_the_free_choice() {
    let mut rig = Rig::start().await;
    let case = planned(&mut rig).await;
    rig.clock.set(at(BEFORE_THE_REMINDER));
    settled(&mut rig, 1).await;
    assert_eq!(told_of(&rig, TAARNBY, &case), [""; 0]);

    rig.clock.set(at(REMINDER));
    let reminder = rig.got(TAARNBY, 4).await.remove(3).json();
    assert_eq!((&reminder["deliveredas"], &reminder["data"]["days_left"]), (&json!("information"), &json!(2)));
    assert_eq!(told_of(&rig, DRAGOER, &case), [""; 0], "only Tårnby is reminded");

    rig.clock.set(at(LATE));
    rig.got(TAARNBY, 5).await;
    let late = rig.got(DRAGOER, 4).await.remove(3).json();
    assert_eq!(late["data"]["cause"], "due-date-passed");
    assert_eq!(late["data"]["consequence"]["law"], "SUL § 140");
    assert_eq!((&late["data"]["duty"]["due"], &late["correlationid"]), (&json!("2026-11-28"), &case_of(&rig)));

    rig.clock.set(at(LONG_AFTER));
    settled(&mut rig, 2).await;
    assert_eq!(told_of(&rig, TAARNBY, &case), [REMINDED, OVERDUE]);
    assert_eq!(told_of(&rig, DRAGOER, &case), [OVERDUE]);
    rig.finish().await;
}

/// What ties all of a plan's case together: the plan's own id.
fn case_of(rig: &Rig) -> Value {
    rig.has(TAARNBY)[0].json()["id"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn duties_are_followed_over_restarts_and_told_once() {
    let mut rig = Rig::start().await;
    let case = planned(&mut rig).await;
    let days = [(REMINDER, 1, 0), (LATE, 2, 1), (LONG_AFTER, 2, 1)];
    for (number, (now, taarnby, dragoer)) in days.into_iter().enumerate() {
        rig.stop().await;
        rig.clock.set(at(now));
        rig.begin().await;
        settled(&mut rig, number).await;
        assert_eq!(told_of(&rig, TAARNBY, &case).len(), taarnby, "at {now}");
        assert_eq!(told_of(&rig, DRAGOER, &case).len(), dragoer, "at {now}");
    }
    assert_eq!(told_of(&rig, TAARNBY, &case), [REMINDED, OVERDUE]);
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_that_was_down_over_both_days_tells_only_that_it_is_late() {
    let mut rig = Rig::start().await;
    let case = planned(&mut rig).await;
    rig.stop().await;
    rig.clock.set(at(LONG_AFTER));
    rig.begin().await;
    settled(&mut rig, 1).await;
    assert_eq!(told_of(&rig, TAARNBY, &case), [OVERDUE]);
    assert_eq!(told_of(&rig, DRAGOER, &case), [OVERDUE]);
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_met_or_closed_is_not_told_of() {
    let mut rig = Rig::start().await;
    let cases = [
        ("rehab.start.offered", json!({"start": "2026-11-28"}), State::Met),
        ("rehab.start.postponed", json!({"reason": "Borgeren er på rejse"}), State::Closed),
        ("rehab.choice.made", json!({"choice": "privat leverandør"}), State::Closed),
        ("rehab.plan.withdrawn", json!({"reason": "Sendt ved en fejl"}), State::Closed),
    ];
    for (number, (kind, data, state)) in cases.iter().enumerate() {
        rig.plan(plan_in_case(format!("B{number}"), number)).await;
        rig.taken().await;
        let event = rig.story(&format!("B{number}")).await.event.expect("it is routed");
        rig.event(&canonical(kind, kind, "/taarnby/cura", &event.case, data)).await;
        rig.taken().await;
        assert_eq!(
            rig.story(&format!("B{number}")).await.event.expect("it is routed").duties[0].state,
            *state,
            "{kind}"
        );
    }
    // Each plan, each event but one that is told to one party only, and the choice.
    rig.got(DRAGOER, 8).await;
    rig.got(TAARNBY, 6).await;
    rig.clock.set(at(LONG_AFTER));
    settled(&mut rig, 1).await;
    assert_eq!((told(&rig, DRAGOER).len(), told(&rig, TAARNBY).len()), (1, 1), "only of the plan that came late");
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_due_date_that_moves_after_it_has_passed_is_followed_anew() {
    let mut rig = Rig::start().await;
    let case = planned(&mut rig).await;
    rig.clock.set(at(LATE));
    rig.got(TAARNBY, 2).await;
    rig.got(DRAGOER, 2).await;

    let data = json!({"discharge": {"date": "2026-12-10", "certainty": "actual"}});
    let subject = case.as_str().expect("a case");
    rig.event(&canonical("rehab.plan.corrected", "c", "/taarnby/cura", subject, &data)).await;
    rig.got(TAARNBY, 3).await;
    assert_eq!(rig.duties().await[0].due.date, Some(jiff::civil::date(2026, 12, 17)));

    rig.clock.set(at("2026-12-14T23:00:00Z"));
    rig.got(TAARNBY, 4).await;
    rig.clock.set(at("2026-12-17T23:00:00Z"));
    settled(&mut rig, 1).await;
    assert_eq!(told_of(&rig, TAARNBY, &case), [OVERDUE, REMINDED, OVERDUE]);
    assert_eq!(told_of(&rig, DRAGOER, &case), [OVERDUE, OVERDUE]);
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_duty_that_opens_too_late_gives_one_notice() {
    let mut rig = Rig::start().await;
    settled(&mut rig, 1).await;
    assert_eq!(told(&rig, TAARNBY).len(), 1);
    assert_eq!(told(&rig, TAARNBY)[0].0, OVERDUE);
    rig.stop().await;
    rig.begin().await;
    settled(&mut rig, 2).await;
    assert_eq!(told(&rig, TAARNBY).len(), 2, "one for each");
    rig.finish().await;
}
