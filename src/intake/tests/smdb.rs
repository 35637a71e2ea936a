//! The register of drug treatment: a period, the conversation about it, and what is wrong with its
//! courses.

use super::*;
use crate::ledger::item::State;
use crate::ledger::look::Sight;

/// A message about the social treatment of a month of Dragør's.
fn message(typ: &str, id: &str, sender: &str, month: u8, more: Value) -> Value {
    let mut message = json!({
        "Version": "1.0", "BeskedType": typ, "BeskedId": id, "Afsender": sender, "Tidspunkt": NOW,
        "Kommune": "155", "Indberetning": "social",
        "Periode": {"Fra": format!("2026-{month:02}-01"), "Til": format!("2026-{month:02}-28")},
    });
    let Value::Object(more) = more else { panic!("an object") };
    message.as_object_mut().unwrap().extend(more);
    message
}

fn period(id: &str, month: u8, courses: &Value) -> Value {
    message("PeriodeKlar", id, "/smdb/register", month, json!({"Kontaktforloeb": courses}))
}

fn course(id: &str, cpr: &str, requested: &str) -> Value {
    json!({"KONTAKTFORLOEBID": id, "CPR": cpr, "BehandlingAnmodningDato": requested, "IvaerksatDato": requested})
}

impl Desk<'_, '_> {
    fn smdb(&mut self, message: &Value) -> Result<Taken, Error> {
        let message = self.incoming("smdb", message.to_string());
        Ok(self.take(message)?.remove(0))
    }

    /// `CODE` of each remark on an event, and their texts.
    fn remarks(&mut self, taken: &Taken) -> Result<Vec<(String, String)>, Error> {
        let event = self.routed(taken)?;
        let body = self.tx.look("test", "test", Sight::Event(event.seq))?;
        let event: Value = serde_json::from_slice(&body).unwrap();
        let remarks = event["data"]["remarks"].as_array().cloned().unwrap_or_default();
        let text = |remark: &Value, member: &str| remark[member].as_str().unwrap().to_owned();
        Ok(remarks.iter().map(|remark| (text(remark, "code"), text(remark, "text"))).collect())
    }

    fn codes(&mut self, taken: &Taken) -> Result<Vec<String>, Error> {
        Ok(self.remarks(taken)?.into_iter().map(|(code, _)| code).collect())
    }
}

/// The duties that are open in the case of an event.
fn owed(desk: &mut Desk<'_, '_>, taken: &Taken) -> Result<Vec<String>, Error> {
    let case = desk.routed(taken)?.case;
    let open = desk.tx.open_duties(&budstikke_contract::id::CaseKey::parse(&case).unwrap())?;
    Ok(open.iter().map(|duty| format!("{} {}", duty.terms.owed_by, duty.terms.kind)).collect())
}

#[test]
fn all_that_is_said_of_a_period_is_one_case_and_meets_what_is_owed() {
    let approved = |municipality: &str| json!({"GodkendtAf": {"Kommune": municipality}, "GodkendtDato": "2026-11-10"});
    let conversation = [
        ("OplysningerOensket", "T-1", "/taarnby/smdb", json!({"Spoergsmaal": "Hvornår?"}), "dragoer/smdb task"),
        (
            "OplysningerGivet",
            "D-1",
            "/dragoer/smdb",
            json!({"SvarPaa": "T-1", "Svar": "I går."}),
            "taarnby/smdb information",
        ),
        ("Godkendt", "T-2", "/taarnby/smdb", approved("185"), "dragoer/smdb information"),
    ];
    on_a_ledger(|desk| {
        let ready = desk.smdb(&period("P-10", 10, &json!([])))?;
        assert_eq!(owed(desk, &ready)?, ["taarnby approve"]);
        let event = desk.routed(&ready)?;
        assert_eq!(told(&event), ["taarnby/smdb task", "dragoer/smdb information"]);
        for (typ, id, sender, more, receiver) in conversation {
            let taken = desk.smdb(&message(typ, id, sender, 10, more))?;
            assert_eq!(taken.state, State::Routed, "{typ}: {taken:?}");
            let answer = desk.routed(&taken)?;
            assert_eq!((&answer.case, told(&answer)), (&event.case, vec![receiver.to_owned()]), "{typ}");
        }
        assert_eq!(owed(desk, &ready)?, Vec::<String>::new());
        let asked =
            desk.smdb(&message("EndeligGodkendelseOensket", "S-1", "/dst/smdb", 10, json!({"Frist": "2026-12-01"})))?;
        assert_eq!(owed(desk, &asked)?, ["dragoer approve"]);
        let given = desk.smdb(&message("EndeligGodkendelseGivet", "D-2", "/dragoer/smdb", 10, approved("155")))?;
        assert_eq!(owed(desk, &given)?, Vec::<String>::new());
        Ok(())
    });
}

#[test]
fn a_final_approval_that_is_refused_is_a_task_for_who_approves() {
    on_a_ledger(|desk| {
        let asked = desk.smdb(&message("EndeligGodkendelseOensket", "S-1", "/dst/smdb", 10, json!({})))?;
        assert_eq!(owed(desk, &asked)?, ["dragoer approve"]);
        let why = json!({"SvarPaa": "S-1", "Begrundelse": "Et forløb mangler."});
        let refused = desk.smdb(&message("EndeligGodkendelseAfvist", "D-1", "/dragoer/smdb", 10, why))?;
        assert_eq!(told(&desk.routed(&refused)?), ["taarnby/smdb task"]);
        assert_eq!(owed(desk, &asked)?, Vec::<String>::new());
        Ok(())
    });
}

#[test]
fn each_report_is_due_when_its_rule_says() {
    let due = |name: &str, when: &str| {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/adapters/smdb/fixtures/");
        let body = std::fs::read(format!("{folder}{name}")).unwrap();
        on_a_ledger(|desk| {
            let message = desk.incoming("smdb", body);
            let taken = desk.take(message)?.remove(0);
            let event = desk.routed(&taken)?;
            let due: Vec<String> =
                event.duties.iter().filter_map(|duty| duty.due.date).map(|day| day.to_string()).collect();
            assert_eq!(due, [when], "{name}");
            Ok(())
        });
    };
    due("periode-social.json", "2026-11-15");
    due("periode-boern.json", "2026-11-15");
    due("periode-taarnby.json", "2026-11-15");
    due("periode-medicinsk.json", "2026-11-12");
    due("periode-substitution.json", "2026-11-20");
}

#[test]
fn a_course_that_an_earlier_period_left_open_is_held_against_a_new_one() {
    on_a_ledger(|desk| {
        let september = desk.smdb(&period("P-9", 9, &json!([course("KF-1", "2512489996", "2026-09-02")])))?;
        assert_eq!(desk.codes(&september)?, Vec::<String>::new());
        let october = desk.smdb(&period("P-10", 10, &json!([course("KF-2", "251248-9996", "2026-10-02")])))?;
        let [(code, text)] = desk.remarks(&october)?.try_into().unwrap();
        assert_eq!(code, "COURSE_OVERLAP");
        assert!(text.contains("kontaktforløb KF-1 (indberettet tidligere) og kontaktforløb KF-2"), "{text}");
        // Somebody else's, and somebody else's municipality.
        let other = desk.smdb(&period("P-10-B", 10, &json!([course("KF-3", "0108589995", "2026-10-02")])))?;
        assert_eq!(desk.codes(&other)?, Vec::<String>::new());
        let mut moved = period("P-10-S", 10, &json!([course("KF-4", "2512489996", "2026-10-02")]));
        moved["Kommune"] = json!("185");
        let moved = desk.smdb(&moved)?;
        assert_eq!(desk.codes(&moved)?, Vec::<String>::new());
        Ok(())
    });
}

#[test]
fn what_a_later_period_says_of_a_course_takes_the_place_of_what_was_said() {
    on_a_ledger(|desk| {
        desk.smdb(&period("P-8", 8, &json!([course("KF-1", "2512489996", "2026-08-02")])))?;
        let mut closed = course("KF-1", "2512489996", "2026-08-02");
        closed["BehandlingAfsluttetDato"] = json!("2026-09-01");
        desk.smdb(&period("P-9", 9, &json!([closed])))?;
        let october = desk.smdb(&period("P-10", 10, &json!([course("KF-2", "2512489996", "2026-10-02")])))?;
        assert_eq!(desk.codes(&october)?, Vec::<String>::new());
        Ok(())
    });
}

#[test]
fn a_decision_keeps_which_events_it_looked_at_and_nothing_of_anyone() {
    on_a_ledger(|desk| {
        let september = desk.smdb(&period("P-9", 9, &json!([course("KF-1", "2512489996", "2026-09-02")])))?;
        let october = desk.smdb(&period("P-10", 10, &json!([course("KF-2", "2512489996", "2026-10-02")])))?;
        let known = desk.routed(&october)?.decision.known;
        assert_eq!(known["told"], json!([{"event": desk.routed(&september)?.id}]));
        assert!(!known.to_string().contains("KF-1"), "{known}");
        Ok(())
    });
}

#[test]
fn no_course_stops_a_period_and_each_fault_is_remarked_upon() {
    let fixture = include_bytes!("../../../adapters/smdb/fixtures/periode-forkerte-forloeb.json");
    let message: Value = serde_json::from_slice(fixture).unwrap();
    on_a_ledger(|desk| {
        let taken = desk.smdb(&message)?;
        assert_eq!(taken.state, State::Routed, "{taken:?}");
        let remarks = desk.remarks(&taken)?;
        let codes: Vec<&str> = remarks.iter().map(|(code, _)| code.as_str()).collect();
        assert_eq!(
            codes,
            [
                "COURSE_CPR",
                "COURSE_CPR",
                "COURSE_CPR",
                "COURSE_DATES",
                "COURSE_OVERLAP",
                "COURSE_MERGED",
                "COURSE_LATE",
                "COURSE_AFTER_DEATH",
                "COURSE_ANONYMOUS",
            ]
        );
        assert!(!format!("{remarks:?}").contains("2512484916"), "{remarks:?}");
        Ok(())
    });
}

#[test]
fn a_canonical_period_is_checked_like_the_registers_own() {
    on_a_ledger(|desk| {
        let courses = json!([{"id": "KF-1", "citizen": {"cpr": "0000000000"}}]);
        let period = json!({"from": "2026-10-01", "to": "2026-10-31"});
        let data = json!({"kind": "social", "period": period, "courses": courses});
        let mut event = canonical("smdb.period.ready", "E-1", "/smdb/x", "x", data);
        event.as_object_mut().unwrap().remove("subject");
        event["residence"] = json!("155");
        let taken = desk.event(&event)?;
        assert_eq!(desk.codes(&taken)?, ["COURSE_CPR"]);
        Ok(())
    });
}

#[test]
fn the_death_of_one_citizen_ends_no_period_of_the_register() {
    on_a_ledger(|desk| {
        let ready = desk.smdb(&period("P-10", 10, &json!([course("F-1", "2512489996", "2026-10-01")])))?;
        let more = json!({"Spoergsmaal": "Hvornår?", "CPR": "2512489996"});
        let asked = desk.smdb(&message("OplysningerOensket", "T-1", "/taarnby/smdb", 10, more))?;
        assert_eq!(asked.state, State::Routed, "{asked:?}");
        let owed_before = owed(desk, &ready)?;
        assert_eq!(owed_before, ["taarnby approve", "dragoer inform"]);
        let died = json!({"citizen": {"cpr": "2512489996"}, "date": "2026-11-22"});
        let mut died = canonical("citizen.died", "died", "/kombit/beskedfordeler", "", died);
        died.as_object_mut().unwrap().remove("subject");
        desk.event(&died)?;
        assert_eq!(owed(desk, &ready)?, owed_before, "the period is of a whole municipality");
        Ok(())
    });
}
