//! Grants over time, in whatever order they are told.

use jiff::civil::date as day;
use proptest::prelude::*;
use serde_json::json;

use super::*;

const TODAY: Date = day(2026, 11, 30);

fn said(seq: i64, kind: &str, data: &Value) -> Said {
    let law = if kind == "adult.follow-up.done" { "SEL § 148" } else { "SEL § 107" };
    let citizen = json!({"cpr": "2512489996", "name": {"given": "Nancy Ann Test", "family": "Berggren"}});
    let mut data = data.clone();
    data["citizen"] = citizen;
    Said { seq, case: "adult-1".to_owned(), kind: kind.to_owned(), law: Some(law.to_owned()), at: seq * 1_000, data }
}

fn decided(seq: i64, from: &str, to: &str) -> Said {
    let data = json!({"decision": "bevilget", "service": {"name": "Botilbud"}, "period": {"from": from, "to": to}});
    said(seq, "adult.grant.decided", &data)
}

fn signed(seq: i64, from: &str, to: &str) -> Said {
    let provider = json!({"name": "Prøvebakken"});
    said(seq, "contract.signed", &json!({"signed": from, "provider": provider, "period": {"from": from, "to": to}}))
}

fn needed(seq: i64) -> Said {
    said(
        seq,
        "contract.needed",
        &json!({"service": {"name": "Botilbud"}, "period": {"from": "2027-01-01"}, "occasion": "forlængelse"}),
    )
}

/// A grant that runs.
pub(in super::super) fn granted() -> Vec<Grant> {
    grants(&[decided(1, "2026-01-01", "2027-12-31"), signed(2, "2026-01-01", "2026-12-31")], TODAY)
}

fn only(events: &[Said]) -> Grant {
    let mut all = grants(events, TODAY);
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

#[test]
fn a_contract_is_missing_needed_signed_and_expired() {
    let runs = decided(1, "2026-01-01", "2027-12-31");
    for (events, contract) in [
        (vec![runs.clone()], Contract::Missing),
        (vec![runs.clone(), needed(2)], Contract::Needed),
        (vec![runs.clone(), needed(2), signed(3, "2026-01-01", "2026-12-31")], Contract::Signed),
        (vec![runs.clone(), signed(2, "2026-01-01", "2026-11-30")], Contract::Signed),
        (vec![runs.clone(), signed(2, "2026-01-01", "2026-11-29")], Contract::Expired),
        (vec![runs.clone(), signed(2, "2026-01-01", "2026-06-30"), needed(3)], Contract::Needed),
        (vec![decided(1, "2025-01-01", "2025-12-31"), needed(2)], Contract::Unwanted),
        (vec![needed(2)], Contract::Needed),
        (vec![signed(2, "2026-01-01", "2027-11-29")], Contract::Signed),
    ] {
        assert_eq!(only(&events).contract, contract, "{events:?}");
    }
    let grant = only(&[runs, signed(2, "2026-01-01", "2026-12-31")]);
    assert_eq!((grant.provider.as_deref(), grant.service.as_deref()), (Some("Prøvebakken"), Some("Botilbud")));
    assert_eq!((grant.name.as_str(), grant.law.as_str()), ("Nancy Ann Test Berggren", "SEL § 107"));
    assert!(!format!("{grant:?}").contains("Nancy"));
}

#[test]
fn a_grant_is_refused_changed_ended_and_taken_back() {
    let runs = decided(1, "2026-01-01", "2027-12-31");
    let ended = |status: &str, end: Option<&str>| {
        let mut data = json!({"service": {"name": "Botilbud"}, "status": status});
        if let Some(end) = end {
            data["end"] = end.into();
        }
        said(5, "adult.grant.ended", &data)
    };
    let refused = said(2, "adult.grant.decided", &json!({"decision": "afslag", "service": {"name": "Botilbud"}}));
    for (event, standing) in [
        (refused, Standing::Refused),
        (ended("afsluttet", Some("2026-10-31")), Standing::Ended),
        (ended("afsluttet", Some("2027-01-31")), Standing::Running),
        (ended("afsluttet", None), Standing::Ended),
        (ended("fejlregistreret", Some("2027-01-31")), Standing::Void),
    ] {
        assert_eq!(only(&[runs.clone(), event.clone()]).standing, standing, "{event:?}");
    }
    let longer =
        json!({"service": {"name": "Andet"}, "status": "aktiv", "period": {"from": "2026-01-01", "to": "2028-12-31"}});
    let changed = only(&[runs, said(3, "adult.grant.changed", &longer)]);
    assert_eq!(changed.period.and_then(|it| it.to), Some(day(2028, 12, 31)));
    assert_eq!(changed.service.as_deref(), Some("Andet"));
}

#[test]
fn follow_ups_and_meetings_are_told_with_the_grant_that_they_are_about() {
    let followed =
        json!({"done": "2026-05-20", "outcome": "uændret", "grant_law": "SEL § 107", "next_follow_up": "2026-11-20"});
    let mut meeting = said(4, "visitation.case.decided", &json!({"decision": "på dagsordenen"}));
    meeting.law = None;
    let grant = only(&[decided(1, "2026-01-01", "2027-12-31"), said(2, "adult.follow-up.done", &followed), meeting]);
    let follow_up = grant.follow_up.unwrap();
    assert_eq!((follow_up.done, follow_up.next), (Some(day(2026, 5, 20)), Some(day(2026, 11, 20))));
    assert_eq!(grant.visitation.as_deref(), Some("på dagsordenen"));
    assert_eq!(grant.events, [1, 2, 4]);
}

fn any_event() -> impl Strategy<Value = Said> {
    let kinds = vec![
        "adult.grant.decided",
        "adult.grant.changed",
        "adult.grant.ended",
        "contract.needed",
        "contract.signed",
        "adult.follow-up.done",
        "visitation.case.decided",
    ];
    let days = prop::sample::select(vec!["2025-12-31", "2026-11-29", "2026-11-30", "2027-06-30", "ikke en dato"]);
    let words = prop::sample::select(vec!["bevilget", "afslag", "fejlregistreret", "afsluttet", "aktiv"]);
    (1_i64..40, prop::sample::select(kinds), days.clone(), days, words, prop::option::of(0..3_u8), 0..3_u8).prop_map(
        |(seq, kind, from, to, word, law, case)| {
            let data = json!({"decision": word, "status": word, "end": to, "done": from, "grant_law": "SEL § 108",
                "period": {"from": from, "to": to}, "provider": {"name": format!("L{seq}")}});
            let law = law.map(|number| format!("SEL § 10{number}"));
            // What has one number is one event.
            let case = format!("adult-{case}");
            Said { seq, case, law, ..said(seq, kind, &data) }
        },
    )
}

fn once(mut events: Vec<Said>) -> Vec<Said> {
    events.sort_by_key(|it| it.seq);
    events.dedup_by_key(|it| it.seq);
    events
}

proptest! {
    #[test]
    fn neither_order_nor_repeats_change_what_is_known(
        (events, shuffled) in prop::collection::vec(any_event(), 0..14).prop_map(once).prop_flat_map(|events| {
            (Just(events.clone()), Just([events.clone(), events].concat()).prop_shuffle())
        })
    ) {
        prop_assert_eq!(grants(&events, TODAY), grants(&shuffled, TODAY));
    }

    #[test]
    fn what_runs_has_a_contract_or_wants_one_and_what_is_over_wants_none(
        events in prop::collection::vec(any_event(), 0..14).prop_map(once)
    ) {
        for grant in grants(&events, TODAY) {
            match grant.standing {
                Standing::Running => prop_assert_ne!(grant.contract, Contract::Unwanted),
                Standing::Ended | Standing::Refused | Standing::Void => prop_assert_eq!(grant.contract, Contract::Unwanted),
                Standing::Unknown => prop_assert_ne!(grant.contract, Contract::Missing),
            }
            if grant.standing == Standing::Running {
                prop_assert!(grant.period.is_none_or(|period| !period.is_over(TODAY)));
            }
        }
    }

    #[test]
    fn a_word_that_comes_later_counts(events in prop::collection::vec(any_event(), 0..10).prop_map(once)) {
        let last = said(100, "contract.signed", &json!({"period": {"from": "2026-11-01", "to": "2027-11-01"}, "contract_number": "K-9"}));
        let all: Vec<Said> = events.into_iter().map(|it| Said { case: "adult-1".to_owned(), ..it }).chain([last]).collect();
        let of_law = grants(&all, TODAY).into_iter().find(|it| it.law == "SEL § 107").unwrap();
        prop_assert_eq!(of_law.contract_number.as_deref(), Some("K-9"));
        prop_assert!(!matches!(of_law.contract, Contract::Needed | Contract::Missing | Contract::Expired));
    }
}
