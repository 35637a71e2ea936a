//! Who gets what, by the shipped agreement.

mod answers;
mod reading;

use std::sync::{Arc, LazyLock};

use budstikke_contract::event::{EventKind, SourcePath, WireId};
use budstikke_contract::id::CaseKey;
use budstikke_contract::municipality::MunicipalityCode;
use jiff::Timestamp;
use jiff::civil::date;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::agreement::Book;
use crate::agreement::tests::shipped;

static AGREEMENT: LazyLock<Arc<Agreement>> = LazyLock::new(|| {
    let book = Book::read(&shipped()).unwrap();
    Arc::clone(&book.known_on(date(2026, 11, 22))[0])
});

fn event(kind: &str, source: &str, residence: &str, time: &str, data: Value) -> Event {
    let source = SourcePath::parse(source).unwrap();
    let Value::Object(data) = data else { panic!("data is an object") };
    Event {
        id: WireId::parse("e-1").unwrap(),
        kind: EventKind::named(kind).unwrap(),
        time: time.parse::<Timestamp>().unwrap(),
        occurred: None,
        case: CaseKey::derive("rehab", &source, "case"),
        correlation: None,
        causation: None,
        kle: None,
        residence: MunicipalityCode::parse(residence),
        law: None,
        data,
        source,
    }
}

fn plan(residence: &str, plan_type: &str) -> Event {
    let data = json!({"plan_type": plan_type, "discharge": {"date": "2026-11-20", "certainty": "expected"}});
    event("rehab.plan.received", "/hospital/5790000000012", residence, "2026-11-22T10:00:00Z", data)
}

fn nothing(event: &Event) -> Known {
    Known::nothing(event.case.clone())
}

fn id() -> EventId {
    EventId::of_hub("test", "route", 0)
}

fn decide(event: &Event, known: &Known) -> Result<Routing, Reason> {
    route(&AGREEMENT, id(), event, known)
}

/// `mailbox as capacity (clauses)`, one for each delivery.
fn told(routing: &Routing) -> Vec<String> {
    let line = |it: &Planned| {
        let clauses: Vec<&str> = it.because.iter().map(|it| it.clause.as_str()).collect();
        format!("{} {} ({})", it.mailbox, it.capacity.name(), clauses.join(", "))
    };
    routing.deliveries.iter().map(line).collect()
}

#[test]
fn a_dragoer_citizens_plan_goes_to_both_and_taarnby_must_offer_a_start() {
    let plan = plan("155", "almen");
    let routing = decide(&plan, &nothing(&plan)).unwrap();
    assert_eq!(told(&routing), ["dragoer/genoptraening information (S1 2)", "taarnby/genoptraening task (S1 2)"]);
    let [duty] = routing.opened.as_slice() else { panic!("one duty") };
    assert_eq!(duty.terms.owed_by, "taarnby");
    assert_eq!(duty.due.date, Some(date(2026, 11, 27)));
    assert_eq!(duty.due.reason, "7 dage efter forventet udskrivning 2026-11-20");
}

#[test]
fn a_taarnby_citizens_plan_is_one_task_by_the_same_rules() {
    let plan = plan("185", "almen");
    let routing = decide(&plan, &nothing(&plan)).unwrap();
    assert_eq!(told(&routing), ["taarnby/genoptraening task (S1 2)"]);
    assert_eq!(routing.opened[0].terms.owed_by, "taarnby");
}

#[test]
fn a_specialised_plan_goes_the_same_way_and_opens_no_duty() {
    let plan = plan("155", "specialiseret");
    let routing = decide(&plan, &nothing(&plan)).unwrap();
    assert_eq!(routing.deliveries.len(), 2);
    assert!(routing.opened.is_empty());
}

#[test]
fn without_a_discharge_date_there_is_no_due_date_and_the_reason_says_so() {
    let mut plan = plan("155", "ukendt");
    plan.data.insert("discharge".to_owned(), json!({"text": "I næste uge"}));
    let routing = decide(&plan, &nothing(&plan)).unwrap();
    assert_eq!(routing.opened[0].due.date, None);
    assert_eq!(routing.opened[0].due.reason, "ingen frist: datoen for udskrivning er ukendt");
}

#[test]
fn a_citizen_of_neither_is_outside() {
    let plan = plan("461", "almen");
    assert_eq!(decide(&plan, &nothing(&plan)).unwrap_err().code, residence_code());
}

fn residence_code() -> Code {
    crate::residence::OUTSIDE_AGREEMENT
}

#[test]
fn before_the_agreement_there_is_no_rule() {
    let mut plan = plan("155", "almen");
    plan.time = "2006-12-31T22:59:59Z".parse().unwrap();
    assert_eq!(decide(&plan, &nothing(&plan)).unwrap_err().code, NO_RULE);
    plan.time = "2006-12-31T23:00:00Z".parse().unwrap();
    assert!(decide(&plan, &nothing(&plan)).is_ok(), "that is already 2007 in Denmark");
}

#[test]
fn training_without_a_hospital_stay_goes_by_the_day_it_happened() {
    let performer = |time: &str| {
        let data = json!({"reason": "x", "citizen": {"cpr": "2512489996"}});
        let event = event("rehab.training.requested", "/dragoer/cura", "155", time, data);
        told(&decide(&event, &nothing(&event)).unwrap())
    };
    let clause = "(S2 1. september 2021)";
    let before = ["taarnby/genoptraening task", "dragoer/genoptraening information"];
    assert_eq!(performer("2021-08-31T21:59:59Z"), before.map(|told| format!("{told} {clause}")));
    let after = performer("2021-08-31T22:00:00Z");
    assert_eq!(after.len(), 1);
    assert!(after[0].starts_with("dragoer/genoptraening task"));
}

#[test]
fn only_those_whom_the_rule_names_may_send() {
    let mut plan = plan("155", "almen");
    plan.source = SourcePath::parse("/taarnby/cura").unwrap();
    let reason = decide(&plan, &nothing(&plan)).unwrap_err();
    assert_eq!((reason.code, reason.path.as_deref()), (SENDER_NOT_ALLOWED, Some("$.source")));
    let contacted = event(
        "rehab.citizen.contacted",
        "/dragoer/cura",
        "155",
        "2026-11-22T10:00:00Z",
        json!({"contacted": "2026-11-22"}),
    );
    assert_eq!(decide(&contacted, &nothing(&contacted)).unwrap_err().code, SENDER_NOT_ALLOWED);
}

fn question(from: &str, id: &str) -> Event {
    let mut event = event("rehab.info.requested", from, "155", "2026-11-22T10:00:00Z", json!({"question": "?"}));
    event.id = WireId::parse(id).unwrap();
    event
}

/// What is known after `events`, each routed in its turn.
fn known_after(events: &[Event]) -> Known {
    let mut known = Known::nothing(events[0].case.clone());
    known.case = events[0].case.clone();
    for (n, event) in events.iter().enumerate() {
        let event_id = EventId::of_hub("test", event.id.as_str(), u32::try_from(n).unwrap());
        let routing = route(&AGREEMENT, event_id, event, &known).unwrap();
        known.earlier.push(Earlier { kind: event.kind, id: event.id.clone(), event: event_id });
        known.open.extend(routing.opened);
    }
    known
}

#[test]
fn questions_go_to_the_other_and_answers_to_the_asker() {
    for (asker, answerer) in [("taarnby", "dragoer"), ("dragoer", "taarnby")] {
        let question = question(&format!("/{asker}/cura"), "q-1");
        let routing = decide(&question, &nothing(&question)).unwrap();
        assert_eq!(told(&routing), [format!("{answerer}/genoptraening task (S1 2)")]);
        assert_eq!(routing.opened[0].terms.owed_by, answerer);
        assert_eq!(routing.opened[0].due.date, None);

        let known = known_after(std::slice::from_ref(&question));
        let mut answer = question.clone();
        answer.kind = EventKind::named("rehab.info.provided").unwrap();
        answer.source = SourcePath::parse(&format!("/{answerer}/cura")).unwrap();
        let routing = decide(&answer, &known).unwrap();
        assert_eq!(told(&routing), [format!("{asker}/genoptraening information (S1 2)")]);
        assert_eq!(routing.effects, [(known.open[0].id, Effect::Met)]);
        answer.source = SourcePath::parse(&format!("/{asker}/cura")).unwrap();
        assert_eq!(decide(&answer, &known).unwrap_err().code, SENDER_NOT_ALLOWED);
    }
}

#[test]
fn an_answer_to_nothing_and_an_answer_to_one_of_two_are_not_guessed_at() {
    let first = question("/taarnby/cura", "q-1");
    let mut answer = first.clone();
    answer.kind = EventKind::named("rehab.info.provided").unwrap();
    answer.source = SourcePath::parse("/dragoer/cura").unwrap();
    assert_eq!(decide(&answer, &nothing(&answer)).unwrap_err().code, NO_OPEN_REQUEST);

    let known = known_after(&[first, question("/taarnby/cura", "q-2")]);
    assert_eq!(decide(&answer, &known).unwrap_err().code, AMBIGUOUS_DUTY);
    answer.causation = WireId::parse("q-2");
    assert_eq!(decide(&answer, &known).unwrap().effects, [(known.open[1].id, Effect::Met)]);
    answer.causation = Some(known.open[0].event.into());
    assert_eq!(decide(&answer, &known).unwrap().effects, [(known.open[0].id, Effect::Met)]);
}

#[test]
fn transport_goes_to_the_citizens_own_borgerservice_and_the_answer_to_the_rehabilitation_unit() {
    let need =
        event("rehab.transport.requested", "/taarnby/cura", "155", "2026-11-22T10:00:00Z", json!({"need": "taxa"}));
    let routing = decide(&need, &nothing(&need)).unwrap();
    assert_eq!(told(&routing), ["dragoer/borgerservice task (S1 2)"]);
    assert_eq!(routing.law.unwrap().to_string(), "SUL § 171");
    assert_eq!(routing.opened[0].terms.owed_by, "dragoer");
    let known = known_after(&[need]);
    let decided = event(
        "rehab.transport.decided",
        "/dragoer/kommune",
        "155",
        "2026-11-23T10:00:00Z",
        json!({"decision": "bevilget"}),
    );
    let routing = decide(&decided, &known).unwrap();
    assert_eq!(told(&routing), ["taarnby/genoptraening information (S1 8)"]);
    assert_eq!(routing.effects, [(known.open[0].id, Effect::Met)]);
}

#[test]
fn an_offer_meets_the_duty_in_time_and_not_after() {
    let known = known_after(&[plan("155", "almen")]);
    let offer = |start: &str| {
        let data = json!({"start": start});
        let event = event("rehab.start.offered", "/taarnby/cura", "155", "2026-11-23T10:00:00Z", data);
        decide(&event, &known).unwrap().effects
    };
    let duty = known.open[0].id;
    assert_eq!(offer("2026-11-27"), [(duty, Effect::Met)], "the due day is in time");
    assert_eq!(offer("2026-11-28"), [(duty, Effect::MetTooLate("2026-11-28".parse().ok()))]);
}

#[test]
fn corrections_follow_their_plan_and_move_its_due_date() {
    let correction = |discharge: Value| {
        let data = json!({"discharge": discharge});
        event("rehab.plan.corrected", "/taarnby/cura", "155", "2026-11-23T10:00:00Z", data)
    };
    let actual = correction(json!({"date": "2026-11-22", "certainty": "actual"}));
    assert_eq!(decide(&actual, &nothing(&actual)).unwrap_err().code, PRECEDING_MISSING);

    let known = known_after(&[plan("155", "almen")]);
    let routing = decide(&actual, &known).unwrap();
    assert_eq!(routing.deliveries.len(), 2);
    let [(_, Effect::Moved(due))] = routing.effects.as_slice() else { panic!("{:?}", routing.effects) };
    assert_eq!((due.date, due.reason.as_str()), (Some(date(2026, 11, 29)), "7 dage efter udskrivning 2026-11-22"));
    let says_nothing = correction(json!({"text": "snart"}));
    assert!(decide(&says_nothing, &known).unwrap().effects.is_empty());
}

#[test]
fn a_further_plan_is_delivered_with_a_remark_and_a_person_chooses() {
    let first = plan("155", "almen");
    let known = known_after(std::slice::from_ref(&first));
    let routing = decide(&first, &known).unwrap();
    assert_eq!(routing.deliveries.len(), 2);
    assert_eq!(routing.remarks[0].code, REPEATED);
    assert!(routing.remarks[0].text.contains("e-1"));
}

#[test]
fn a_withdrawal_a_postponement_and_a_choice_close_the_duty() {
    let known = known_after(&[plan("155", "almen")]);
    for (kind, source, data) in [
        ("rehab.plan.withdrawn", "/hospital/5790000000012", json!({"reason": "x"})),
        ("rehab.start.postponed", "/taarnby/cura", json!({"reason": "x"})),
        ("rehab.choice.made", "/dragoer/cura", json!({"choice": "privat leverandør"})),
    ] {
        let event = event(kind, source, "155", "2026-11-23T10:00:00Z", data);
        assert_eq!(decide(&event, &known).unwrap().effects, [(known.open[0].id, Effect::Closed)], "{kind}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn routing_is_total_and_the_same_for_the_same_input(
        seconds in -2_000_000_000_i64..6_000_000_000,
        kind in 0..budstikke_schemas::KINDS.len(),
        residence in prop_oneof![Just("155"), Just("185"), Just("461"), Just("")],
        source in prop_oneof![Just("/taarnby/cura"), Just("/dragoer/x"), Just("/hospital/5790000000012"), Just("/x/y")],
        plan_type in prop_oneof![Just("almen"), Just("specialiseret"), Just("noget andet")],
        discharge in prop_oneof![Just(json!({"date": "2026-11-20", "certainty": "actual"})), Just(json!("x")), Just(json!({"date": "9999-12-31"}))],
    ) {
        let data = json!({"plan_type": plan_type, "discharge": discharge, "start": "2026-11-20"});
        let mut event = event(budstikke_schemas::KINDS[kind].name, source, residence, "2026-01-01T00:00:00Z", data);
        event.time = Timestamp::from_second(seconds).unwrap();
        let known = known_after(&[plan("155", "almen"), question("/taarnby/cura", "q-1")]);
        let once = decide(&event, &known);
        prop_assert_eq!(format!("{once:?}"), format!("{:?}", decide(&event, &known)));
        if let Ok(routing) = once {
            prop_assert!(!routing.deliveries.is_empty() || routing.nobody.is_some());
            prop_assert!(routing.deliveries.iter().all(|it| !it.because.is_empty()));
        }
    }
}

#[test]
fn a_plan_that_is_corrected_to_a_specialised_one_leaves_nothing_owed() {
    let known = known_after(&[plan("155", "almen")]);
    let corrected = |plan_type: &str| {
        let data = json!({"plan_type": plan_type});
        let event = event("rehab.plan.corrected", "/hospital/5790000000012", "155", "2026-11-22T10:00:00Z", data);
        decide(&event, &known).unwrap().effects
    };
    assert_eq!(corrected("specialiseret"), [(known.open[0].id, Effect::Closed)]);
    assert!(corrected("almen").iter().all(|(_, effect)| *effect != Effect::Closed));
}

/// What ends is a part of a case, and the case goes on.
const PARTS: [&str; 10] = [
    "child.grant.ended",
    "employment.flex-job.ended",
    "employment.job-clarification.ended",
    "employment.placement.ended",
    "employment.resource-course.ended",
    "employment.revalidation.ended",
    "employment.wage-subsidy.ended",
    "integration.programme.ended",
    // An answer, and a notice of the hub's own.
    "smdb.final-approval.refused",
    "delivery.withdrawn",
];

#[test]
fn of_every_kind_that_sounds_like_an_end_it_is_said_whether_it_ends_its_case() {
    const WORDS: [&str; 12] = [
        "cancelled",
        "closed",
        "completed",
        "deleted",
        "discontinued",
        "ended",
        "expired",
        "finished",
        "refused",
        "revoked",
        "stopped",
        "withdrawn",
    ];
    let sounds = |name: &&str| name.rsplit('.').next().is_some_and(|word| WORDS.contains(&word));
    let mut judged = [citizen::ENDS.as_slice(), PARTS.as_slice()].concat();
    judged.sort_unstable();
    let mut all: Vec<&str> = budstikke_schemas::KINDS.iter().map(|kind| kind.name).filter(sounds).collect();
    all.sort_unstable();
    assert_eq!(judged, all, "each in one of the two lists");
}
