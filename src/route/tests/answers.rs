//! To whom answers go, and which question they are to.

use super::*;

/// What is known after `events`, and what is then decided about the last of them.
fn last_of(events: &[Event]) -> Result<Routing, Reason> {
    let (last, before) = events.split_last().unwrap();
    decide(last, &known_after(before))
}

fn about_adult(kind: &str, from: &str, residence: &str, data: Value) -> Event {
    event(kind, &format!("/{from}/fagsystem"), residence, "2026-11-22T10:00:00Z", data)
}

#[test]
fn the_team_that_asked_gets_the_answer() {
    for (concerns, team) in [("kontrakt", "kontrakt"), ("social", "social")] {
        let data = json!({"question": "?", "concerns": concerns});
        let question = about_adult("adult.info.requested", "dragoer", "155", data);
        let answer = about_adult("adult.info.provided", "taarnby", "155", json!({"answer": "!"}));
        let routing = last_of(&[question, answer]).unwrap();
        assert_eq!(told(&routing), [format!("dragoer/{team} information (S0 2)")], "{concerns}");
    }
}

#[test]
fn a_team_that_names_itself_gets_the_answer() {
    let related = |from: &str, team: &str| {
        let data = json!({"area": "boern", "reason": "?", "asking_team": team});
        about_adult("case.related", from, "155", data)
    };
    let answer = about_adult("case.coordinated", "dragoer", "155", json!({"area": "boern", "answer": "!"}));
    let routing = last_of(&[related("taarnby", "voksne"), answer]).unwrap();
    assert_eq!(told(&routing), ["taarnby/voksne information (S0 6)"]);

    // Where one municipality is both, either of its teams may ask.
    for (team, other) in [("ydelse", "jobcenter"), ("jobcenter", "ydelse")] {
        let data = json!({"question": "?", "asking_team": team});
        let question = about_adult("employment.info.requested", "taarnby", "185", data);
        let answer = about_adult("employment.info.provided", "taarnby", "185", json!({"answer": "!"}));
        let routing = last_of(&[question, answer]).unwrap();
        assert_eq!(told(&routing), [format!("taarnby/{team} information (S4 2)")], "not {other}");
    }

    let unknown = related("dragoer", "voksne");
    let reason = decide(&unknown, &nothing(&unknown)).unwrap_err();
    assert_eq!((reason.code, reason.path.as_deref()), (UNKNOWN_TEAM, Some("$.data.asking_team")));
}

#[test]
fn a_decision_that_names_another_question_meets_none() {
    let data = json!({"target_group": {"group": "a-dagpenge"}});
    let absence = about_adult("employment.absence.registered", "taarnby", "155", data);
    let known = known_after(std::slice::from_ref(&absence));
    let mut decided = about_adult("benefit.decided", "dragoer", "155", json!({"decision": "x"}));
    assert_eq!(decide(&decided, &known).unwrap().effects, [(known.open[0].id, Effect::Met)], "there is one only");
    decided.causation = WireId::parse("another");
    assert_eq!(decide(&decided, &known).unwrap().effects, [], "it is about what was met before");
    decided.causation = Some(absence.id);
    assert_eq!(decide(&decided, &known).unwrap().effects, [(known.open[0].id, Effect::Met)]);
}

#[test]
fn documentation_is_owed_by_the_clause_of_its_area() {
    for (area, clause) in
        [("voksne", "S0 7"), ("smdb", "S0 7"), ("beskaeftigelse", "S4 10"), ("genoptraening", "S2 4.1")]
    {
        let mut asked =
            about_adult("supervision.documentation.requested", "dragoer", "", json!({"area": area, "cases": []}));
        asked.residence = None;
        let routing = decide(&asked, &nothing(&asked)).unwrap();
        assert_eq!(routing.opened[0].terms.clause, clause, "{area}");
        let mut given =
            about_adult("supervision.documentation.provided", "taarnby", "", json!({"area": area, "documents": []}));
        given.residence = None;
        assert_eq!(last_of(&[asked, given]).unwrap().effects.len(), 1, "{area}");
    }
}
