//! How the agreement is read where the law, the age or the target group leaves a doubt.

use super::*;

const DAY: &str = "2026-11-22T10:00:00Z";

fn under(law: &str, kind: &str, from: &str, data: Value) -> Event {
    let mut event = event(kind, &format!("/{from}/fagsystem"), "155", DAY, data);
    event.law = LawRef::parse(law);
    event
}

fn alone(event: &Event) -> Result<Routing, Reason> {
    decide(event, &nothing(event))
}

/// Whether its receivers are told that it rests on a reading, or on what is not settled.
fn remarked(routing: &Routing) -> Option<&str> {
    routing.remarks.iter().find(|remark| remark.code == STANDING).map(|remark| remark.text.as_str())
}

#[test]
fn a_complaint_about_a_law_that_nobody_delegated_is_nobodys_by_its_area() {
    let complaint = |law: &str, area: &str| under(law, "complaint.received", "dragoer", json!({"area": area}));
    let parked = |law: &str, area: &str| alone(&complaint(law, area)).unwrap_err().code;
    assert_eq!(parked("SEL § 83", "voksne"), NO_PERFORMER);
    assert_eq!(parked("BL § 32", "boern"), NO_PERFORMER);
    let routing = alone(&complaint("SEL § 85", "voksne")).unwrap();
    assert_eq!(told(&routing)[0], "taarnby/voksne task (S2)");
}

#[test]
fn what_is_left_of_integration_is_the_municipality_of_residences() {
    for law in ["INT § 12", "INT"] {
        let complaint = |area: &str| under(law, "complaint.received", "dragoer", json!({"area": area}));
        assert_eq!(told(&alone(&complaint("integration")).unwrap())[0], "dragoer/integration task (S2)", "{law}");
        assert_eq!(told(&alone(&complaint("beskaeftigelse")).unwrap())[0], "taarnby/jobcenter task (S2)", "{law}");
    }
}

#[test]
fn the_law_in_the_content_counts_and_must_not_be_another_than_the_attribute() {
    let said = json!({"area": "voksne", "law": "SEL § 85"});
    let in_content = event("complaint.received", "/dragoer/fagsystem", "155", DAY, said.clone());
    let routing = alone(&in_content).unwrap();
    assert_eq!(routing.law.as_ref().map(ToString::to_string).as_deref(), Some("SEL § 85"));
    assert!(alone(&under("SEL § 85", "complaint.received", "dragoer", said.clone())).is_ok());
    let reason = alone(&under("SEL § 112", "complaint.received", "dragoer", said)).unwrap_err();
    assert_eq!((reason.code, reason.path.as_deref()), (NO_LAW, Some("$.data.law")));
}

#[test]
fn a_law_that_is_delegated_whole_holds_for_its_paragraphs() {
    let requested =
        |law: &str| alone(&under(law, "adult.grant.requested", "dragoer", json!({"citizen": {"cpr": "0505059996"}})));
    for law in ["LSV", "LSV § 1"] {
        let routing = requested(law).unwrap();
        assert_eq!(told(&routing), ["taarnby/voksne task (S0 1)"], "{law}");
        assert_eq!(routing.law.unwrap().to_string(), law);
    }
    assert_eq!(requested("ÆL § 10").unwrap_err().code, NO_RULE, "nobody has delegated it");
    assert_eq!(requested("SEL § 82 c").unwrap_err().code, NO_RULE, "only a whole law holds for its paragraphs");
}

#[test]
fn a_childs_file_is_asked_of_the_municipality_of_residence() {
    let data = json!({"area": "boern", "received": "2026-11-20"});
    let asked = event("file-access.requested", "/dragoer/post", "155", DAY, data);
    let routing = alone(&asked).unwrap();
    assert_eq!(told(&routing), ["dragoer/boern task (S2)"]);
    assert_eq!(routing.opened[0].terms.owed_by, "dragoer");
}

#[test]
fn supervision_of_integration_asks_the_job_centres_municipality() {
    for area in ["integration", "beskaeftigelse"] {
        let mut asked =
            event("supervision.documentation.requested", "/dragoer/x", "", DAY, json!({"area": area, "cases": []}));
        asked.residence = None;
        let routing = alone(&asked).unwrap();
        assert_eq!(told(&routing), ["taarnby/ledelse task (S4 10)"], "{area}");
        assert_eq!(routing.opened[0].terms.owed_by, "taarnby");
    }
}

#[test]
fn who_performs_by_an_age_that_is_not_known_is_a_reading() {
    let requested = |citizen: Value| {
        let routing =
            alone(&under("SEL § 97", "adult.grant.requested", "dragoer", json!({"citizen": citizen}))).unwrap();
        assert_eq!(told(&routing), ["taarnby/voksne task (S0 1)"]);
        routing
    };
    assert_eq!(remarked(&requested(json!({"cpr": "0505059996"}))), None);
    let text = "Bestemmelsen S0 1 om, at taarnby udfører SEL § 97, er fortolkning: borgerens alder er ikke oplyst.";
    assert_eq!(remarked(&requested(json!({"name": "x"}))), Some(text));
    let paragraph_to_settle = under("SEL § 110", "adult.grant.requested", "dragoer", json!({}));
    assert!(remarked(&alone(&paragraph_to_settle).unwrap()).unwrap().contains("under afklaring"));
}

#[test]
fn sheltered_work_is_for_adults_below_the_pension_age() {
    let on = |day: &str| {
        let mut requested =
            under("SEL § 103", "adult.grant.requested", "dragoer", json!({"citizen": {"cpr": "0505059996"}}));
        requested.time = format!("{day}T10:00:00Z").parse().unwrap();
        alone(&requested).map(|routing| routing.performer.unwrap().to_string()).map_err(|reason| reason.code)
    };
    assert_eq!(on("2023-05-04"), Err(NO_PERFORMER), "17 years old");
    assert_eq!(on("2023-05-05"), Ok("taarnby".to_owned()));
    assert_eq!(on("2075-05-06"), Err(NO_PERFORMER), "70 years old");
}

#[test]
fn the_register_of_childrens_treatment_is_a_reading_and_the_deadline_is_the_registers() {
    let period = |law: &str| {
        let data = json!({"kind": "social", "period": {"from": "2026-09-01", "to": "2026-09-30"}});
        let mut event = event("smdb.period.ready", "/smdb/register", "155", DAY, data);
        event.law = LawRef::parse(law);
        alone(&event).unwrap()
    };
    for (law, doubtful) in [("SEL § 101", false), ("SUL § 142", false), ("BL § 33", true)] {
        let routing = period(law);
        assert_eq!(told(&routing), ["taarnby/smdb task (S0 2)", "dragoer/smdb information (S0 2)"], "{law}");
        assert_eq!(remarked(&routing).is_some(), doubtful, "{law}");
        let duty = &routing.opened[0];
        assert_eq!(duty.terms.clause, "S0 2", "that it is owed stands in the agreement");
        assert_eq!(duty.terms.late.as_ref().unwrap().clause, "DST", "by when does not");
        let reason = &duty.due.reason;
        assert!(
            reason.starts_with("15 dage efter udgangen af måneden for perioden til 2026-09-30 (Danmarks Statistik"),
            "{reason}"
        );
    }
}

#[test]
fn social_assistance_outside_the_target_groups_is_told_to_both_while_it_is_settled() {
    let told_of = |kind: &str, group: &str, education: &str, cpr: &str| {
        let target = json!({"group": group, "vocational_education": education});
        let data = json!({"target_group": target, "citizen": {"cpr": cpr}});
        let routing = alone(&under("LAS", kind, "taarnby", data)).unwrap();
        let remark = remarked(&routing).map(str::to_owned);
        (told(&routing), remark)
    };
    let (adult, young) = ("2512489996", "0505059996");
    for (group, education, cpr, outside) in [
        ("kontanthjaelp-jobparat", "yes", adult, false),
        ("kontanthjaelp-jobparat", "yes", young, true),
        ("kontanthjaelp-aktivitetsparat", "no", adult, true),
        ("overgangsydelse-jobparat", "unknown", adult, true),
        ("uddannelseshjaelp", "no", young, true),
        ("selvforsoergende", "no", young, true),
        ("selvforsoergende", "no", adult, false),
        ("sygedagpenge", "no", young, false),
    ] {
        for (kind, capacity) in
            [("employment.absence.registered", "task"), ("employment.education-order.given", "information")]
        {
            let (told, remark) = told_of(kind, group, education, cpr);
            let benefit = format!("dragoer/ydelse {capacity} (S4 2)");
            if outside {
                assert_eq!(told, [benefit, "taarnby/jobcenter information (S4 1)".to_owned()], "{kind} {group}");
                assert!(remark.unwrap().contains("under afklaring"), "{kind} {group}");
            } else {
                assert_eq!((told, remark), (vec![benefit], None), "{kind} {group}");
            }
        }
    }
}

#[test]
fn a_childs_grant_is_a_reading_where_the_disability_is_not_settled() {
    for kind in ["child.grant.decided", "child.grant.changed", "child.grant.ended"] {
        for (disability, doubtful) in [("yes", false), ("unknown", true)] {
            let routing = alone(&event(kind, "/taarnby/x", "155", DAY, json!({"disability": disability}))).unwrap();
            assert_eq!(told(&routing), ["dragoer/boern information (S3)"], "{kind} {disability}");
            assert_eq!(remarked(&routing).is_some(), doubtful, "{kind} {disability}");
        }
    }
}
