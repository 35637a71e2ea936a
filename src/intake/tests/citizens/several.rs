//! Cases whose events name different citizens.

use super::*;

#[test]
fn what_happens_to_one_of_two_citizens_of_a_case_is_not_the_others() {
    const OTHER: &str = "0108589995";
    on_a_ledger(|desk| {
        let plan = desk.plan(plan())?;
        let case = desk.routed(&plan)?.case;
        // Somebody has put the other one into the case.
        let mut asked =
            canonical("rehab.transport.requested", "t-1", "/taarnby/cura", &case, example("rehab.transport.requested"));
        asked["data"]["citizen"] = json!({"cpr": OTHER});
        let asked = desk.event(&asked)?;
        assert_eq!(asked.state, State::Routed, "{asked:?}");
        let unnamed = desk.event(&level(&case, "l-1", "2026-11-22"))?;
        assert_eq!(unnamed.state, State::Routed);

        let mut news = died("2026-12-31");
        news["data"]["citizen"]["cpr"] = json!(OTHER);
        let taken = desk.event(&news)?;
        let event = desk.routed(&taken)?;
        assert_eq!(told(&event), ["dragoer/borgerservice information"], "who has something of that one");
        let sent = packed(desk, &event.deliveries[0].delivery)?;
        assert_eq!(sent["data"]["closed_duties"].as_array().unwrap().len(), 1);
        assert_eq!(desk.routed(&asked)?.duties[0].state, DutyState::Closed);
        assert_eq!(desk.routed(&plan)?.duties[0].state, DutyState::Open, "it is owed to the one who lives");

        // A move of one does not move the other, nor what names nobody.
        desk.event(&moved("2026-12-01", "185"))?;
        let taken = desk.event(&level(&case, "l-2", "2026-12-05"))?;
        assert_eq!(desk.routed(&taken)?.residence.as_deref(), Some("155"));
        let mut named = level(&case, "l-3", "2026-12-05");
        named["data"]["citizen"] = json!({"cpr": OTHER});
        let taken = desk.event(&named)?;
        assert_eq!(desk.routed(&taken)?.residence.as_deref(), Some("155"));
        named["id"] = json!("l-4");
        named["data"]["citizen"] = json!({"cpr": "2512489996"});
        let taken = desk.event(&named)?;
        assert_eq!(desk.routed(&taken)?.residence.as_deref(), Some("185"));
        Ok(())
    });
}

#[test]
fn what_names_none_of_two_citizens_is_protected_for_either() {
    on_a_ledger(|desk| {
        let plan = desk.plan(plan())?;
        let case = desk.routed(&plan)?.case;
        let mut other = level(&case, "l-1", "2026-11-22");
        other["data"]["citizen"] = json!({"cpr": "0108589995"});
        desk.event(&other)?;
        desk.event(&news(
            "citizen.protected",
            "p",
            json!({"protection": "navne-og-adressebeskyttelse", "from": "2026-11-22"}),
        ))?;
        let mut ended = news(
            "citizen.protected",
            "q",
            json!({"protection": "navne-og-adressebeskyttelse", "from": "2020-01-01", "to": "2020-12-31"}),
        );
        ended["data"]["citizen"]["cpr"] = json!("0108589995");
        desk.event(&ended)?;
        let taken = desk.event(&level(&case, "l-2", "2026-11-22"))?;
        assert!(desk.routed(&taken)?.deliveries[0].delivery.why.protected);
        Ok(())
    });
}

#[test]
fn an_agenda_is_protected_where_one_of_those_on_it_is() {
    let agenda = |id: &str, cprs: &[&str]| {
        let one = |cpr: &&str| json!({"citizen": {"cpr": cpr}, "matter": "Botilbud", "occasion": "ny sag"});
        let cases: Vec<Value> = cprs.iter().map(one).collect();
        let data = json!({"week": "2026-W48", "meeting": "2026-11-25", "cases": cases});
        let mut agenda = canonical("visitation.agenda.set", id, "/taarnby/cura", "", data);
        agenda.as_object_mut().unwrap().remove("subject");
        agenda["residence"] = json!("155");
        agenda
    };
    on_a_ledger(|desk| {
        let protection = json!({"protection": "navne-og-adressebeskyttelse", "from": "2026-11-22"});
        desk.event(&news("citizen.protected", "p", protection))?;
        for (id, cprs, expected) in
            [("a-1", &["0108589995"][..], false), ("a-2", &["0108589995", "2512489996"], true), ("a-3", &[], false)]
        {
            let taken = desk.event(&agenda(id, cprs))?;
            let event = desk.routed(&taken)?;
            assert!(!event.deliveries.is_empty());
            assert!(event.deliveries.iter().all(|it| it.delivery.why.protected == expected), "{id}");
        }
        Ok(())
    });
}
