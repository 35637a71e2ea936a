//! Duties over time.

use budstikke_contract::event::SourcePath;
use budstikke_contract::law::LawRef;
use jiff::ToSpan;
use jiff::civil::date;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;
use crate::agreement::reckoning::Reckoned;

const TO: &str = "taarnby/genoptraening";

fn terms() -> Terms {
    Terms {
        name: "tilbyd-start".to_owned(),
        kind: "act".to_owned(),
        what: "Tilbyd start".to_owned(),
        owed_by: "taarnby".to_owned(),
        law: LawRef::parse("SUL § 140"),
        clause: "S1 1".to_owned(),
        due: Some(DueAfter {
            number: 7,
            reckoned: Reckoned::Days,
            after: Some("/discharge".to_owned()),
            called: "udskrivning".to_owned(),
            source: None,
        }),
        met_by: vec!["rehab.start.offered".to_owned()],
        one_by_one: false,
        shared: false,
        met_from: Some("/start".to_owned()),
        about: Vec::new(),
        moved_by: vec!["rehab.plan.corrected".to_owned()],
        closed_by: vec!["rehab.choice.made".to_owned()],
        remind: Some(Remind { days_before: 2, to: vec![Told(TO.to_owned())] }),
        late: Some(Late {
            to: vec![Told("dragoer/genoptraening".to_owned()), Told(TO.to_owned())],
            text: "Frit valg".to_owned(),
            law: LawRef::parse("SUL § 140"),
            clause: "S1 1".to_owned(),
        }),
    }
}

fn event(kind: &str, data: &Value) -> Event {
    let data: Map<String, Value> = data.as_object().unwrap().clone();
    let source = SourcePath::parse("/hospital/5790000000012").unwrap();
    Event {
        id: WireId::parse("plan-1").unwrap(),
        kind: EventKind::named(kind).unwrap(),
        time: at("2026-11-20T09:00:00Z"),
        occurred: None,
        case: CaseKey::derive("rehab", &source, "x"),
        correlation: None,
        causation: None,
        kle: None,
        residence: MunicipalityCode::parse("155"),
        law: LawRef::parse("SUL § 140"),
        data,
        source,
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn plan(discharge: &str) -> Event {
    event("rehab.plan.received", &json!({"discharge": {"date": discharge, "certainty": "actual"}}))
}

fn duty(discharge: &str, opened: &str) -> Duty {
    let event_id = EventId::of_hub("test", "plan", 0);
    Duty::open(DutyId::derive(event_id, "tilbyd-start", "taarnby"), terms(), event_id, &plan(discharge))
        .opened_at(at(opened))
}

/// Tårnby offers a start on training.
pub(crate) fn training() -> Duty {
    duty("2026-11-20", "2026-11-20T09:00:00Z")
}

fn kinds(notices: &[Notice]) -> Vec<&str> {
    notices.iter().map(|notice| notice.event.kind.name()).collect()
}

/// Lets the clock run until nothing more is to come; what was told, with when.
fn run(mut duty: Duty) -> (Vec<Notice>, Vec<Timestamp>) {
    let (mut notices, mut times) = (Vec::new(), Vec::new());
    while let Some(next) = duty.next_at() {
        let (after, notice) = duty.tick(next);
        assert_ne!(after, duty, "a tick that does nothing would come again at once");
        if let Some(notice) = notice {
            times.push(next);
            notices.push(notice);
        }
        duty = after;
    }
    (notices, times)
}

#[test]
fn reminds_two_days_before_and_tells_when_late() {
    let (notices, times) = run(duty("2026-11-20", "2026-11-20T09:00:00Z"));
    assert_eq!(kinds(&notices), ["duty.reminded", "duty.overdue"]);
    // Winter time: the 25th and the 28th begin at 23:00 UTC the day before.
    assert_eq!(times, [at("2026-11-24T23:00:00Z"), at("2026-11-27T23:00:00Z")]);
    assert_eq!(notices[0].event.data["days_left"], 2);
    assert_eq!(notices[1].to.len(), 2);
    assert_eq!(notices[1].event.data["consequence"]["clause"], "S1 1");
}

#[test]
fn the_due_day_itself_is_in_time() {
    let open = duty("2026-11-20", "2026-11-20T09:00:00Z");
    let (reminded, _) = open.tick(at("2026-11-25T12:00:00Z"));
    assert!(reminded.tick(at("2026-11-27T22:59:59Z")).1.is_none());
    assert!(reminded.tick(at("2026-11-27T23:00:00Z")).1.is_some());
}

#[test]
fn days_are_danish_days_in_summer_too() {
    let (_, times) = run(duty("2026-03-27", "2026-03-27T09:00:00Z"));
    // Due 3 April, after the clocks went forward on 29 March.
    assert_eq!(times, [at("2026-03-31T22:00:00Z"), at("2026-04-03T22:00:00Z")]);
}

#[test]
fn a_duty_that_opens_late_is_told_of_once() {
    let (notices, _) = run(duty("2026-11-01", "2026-11-20T09:00:00Z"));
    assert_eq!(kinds(&notices), ["duty.overdue"]);
}

#[test]
fn a_duty_that_opens_when_it_could_be_reminded_of_is_not() {
    let (notices, _) = run(duty("2026-11-20", "2026-11-26T09:00:00Z"));
    assert_eq!(kinds(&notices), ["duty.overdue"]);
}

#[test]
fn what_is_met_or_closed_is_told_of_no_more() {
    let open = duty("2026-11-20", "2026-11-20T09:00:00Z");
    for effect in [Effect::Met, Effect::Closed] {
        let (after, notice) = open.after(&effect, at("2026-11-21T09:00:00Z"));
        assert!(notice.is_none() && after.next_at().is_none());
        assert!(after.tick(at("2027-01-01T00:00:00Z")).1.is_none());
    }
}

#[test]
fn an_offer_that_is_too_late_opens_the_choice_at_once_and_only_once() {
    let open = duty("2026-11-20", "2026-11-20T09:00:00Z");
    let offer = event("rehab.start.offered", &json!({"start": "2026-12-01"}));
    let effect = open.effect(&offer).unwrap();
    assert_eq!(effect, Effect::MetTooLate("2026-12-01".parse().ok()));
    let (after, notice) = open.after(&effect, at("2026-11-21T09:00:00Z"));
    assert_eq!(notice.unwrap().event.data["cause"], "met-too-late");
    assert_eq!(after.state, State::Open);
    assert!(after.after(&effect, at("2026-11-22T09:00:00Z")).1.is_none());
    assert!(run(after).0.is_empty());
}

#[test]
fn a_moved_due_date_starts_afresh() {
    let open = duty("2026-11-20", "2026-11-20T09:00:00Z");
    let (late, _) = open.tick(at("2026-11-28T09:00:00Z"));
    assert!(late.told_late);
    let correction =
        event("rehab.plan.corrected", &json!({"discharge": {"date": "2026-11-27", "certainty": "actual"}}));
    let effect = late.effect(&correction).unwrap();
    let (moved, notice) = late.after(&effect, at("2026-11-28T10:00:00Z"));
    assert!(notice.is_none());
    assert_eq!(moved.due.date, Some(date(2026, 12, 4)));
    let (notices, _) = run(moved);
    assert_eq!(kinds(&notices), ["duty.reminded", "duty.overdue"]);
    assert_ne!(notices[1].id, Notice::new(&late, Occasion::Late, at("2026-11-28T09:00:00Z")).id);
}

#[test]
fn the_same_correction_twice_moves_nothing() {
    let open = duty("2026-11-20", "2026-11-20T09:00:00Z");
    assert_eq!(
        open.effect(&event(
            "rehab.plan.corrected",
            &json!({"discharge": {"date": "2026-11-20", "certainty": "actual"}})
        )),
        None
    );
}

#[test]
fn notices_pass_their_schemas() {
    let (notices, _) = run(duty("2026-11-20", "2026-11-20T09:00:00Z"));
    let late =
        duty("2026-11-20", "2026-11-20T09:00:00Z").after(&Effect::MetTooLate(None), at("2026-11-21T09:00:00Z")).1;
    for notice in notices.iter().chain(&late) {
        let data = Value::Object(notice.event.data.clone());
        assert_eq!(budstikke_schemas::check(notice.event.kind.schema(), &data), Ok(()));
    }
}

proptest! {
    /// However often and whenever the clock looks, before or after a crash that lost nothing but
    /// the looking: at most one reminder, then at most one that it is late.
    #[test]
    fn looking_often_tells_once(
        opened in 0_i64..20,
        looks in proptest::collection::vec(0_i64..40 * 24, 1..60),
    ) {
        let start = at("2026-11-20T09:00:00Z");
        let opened = start + (opened * 24).hours();
        let mut duty = duty("2026-11-20", &opened.to_string());
        let mut looks: Vec<Timestamp> = looks.into_iter().map(|hours| opened + hours.hours()).collect();
        looks.sort();
        let mut told = Vec::new();
        for look in looks {
            let (after, notice) = duty.tick(look);
            told.extend(notice.map(|notice| notice.event.kind.name()));
            duty = after;
        }
        prop_assert!(matches!(told.as_slice(), [] | ["duty.reminded" | "duty.overdue"] | ["duty.reminded", "duty.overdue"]), "{:?}", told);
    }
}

#[test]
fn an_offer_that_was_too_late_is_in_time_when_the_due_date_has_moved() {
    let open = duty("2026-11-20", "2026-11-20T09:00:00Z");
    let offer = event("rehab.start.offered", &json!({"start": "2026-11-29"}));
    let (late, notice) = open.after(&open.effect(&offer).unwrap(), at("2026-11-21T09:00:00Z"));
    assert!(notice.is_some(), "29 is after 27");
    let moved = |day: &str| {
        let data = json!({"discharge": {"date": day, "certainty": "actual"}});
        let effect = late.effect(&event("rehab.plan.corrected", &data)).unwrap();
        late.after(&effect, at("2026-11-22T09:00:00Z")).0
    };
    assert_eq!(moved("2026-11-23").state, State::Met, "29 is not after 30");
    assert_eq!(moved("2026-11-21").state, State::Open, "29 is after 28");
}
