//! What single values do to a message.

use budstikke_contract::adapter::CaseClue;
use serde_json::{Value, json};

use crate::fixture::{draft, fixture, refusal, value};

fn changed(name: &str, member: &str, to: Value) -> Vec<u8> {
    let mut message = value(name);
    message[member] = to;
    message.to_string().into_bytes()
}

fn without(name: &str, member: &str) -> Vec<u8> {
    let mut message = value(name);
    message.as_object_mut().unwrap().remove(member).unwrap();
    message.to_string().into_bytes()
}

fn case(body: &[u8]) -> String {
    match draft(body).case {
        CaseClue::Key(key) => key.to_string(),
        other @ (CaseClue::Derived { .. } | CaseClue::None) => panic!("{other:?}"),
    }
}

#[test]
fn what_every_message_needs_is_missed_by_name() {
    for member in ["Version", "BeskedId", "BeskedType", "Tidspunkt", "Afsender", "Kommune", "Indberetning", "Periode"] {
        for body in [without("periode-social.json", member), changed("periode-social.json", member, Value::Null)] {
            let reason = refusal(&body);
            assert_eq!((reason.code.as_str(), reason.path.unwrap()), ("FIELD_MISSING", format!("$.{member}")));
        }
    }
}

#[test]
fn what_a_type_needs_is_missed_by_name() {
    for (name, member) in [
        ("periode-medicinsk.json", "BehandlingStartDato"),
        ("oplysninger-oensket.json", "Spoergsmaal"),
        ("oplysninger-givet.json", "Svar"),
        ("godkendt.json", "GodkendtAf"),
        ("godkendt.json", "GodkendtDato"),
        ("endelig-givet.json", "GodkendtAf"),
        ("endelig-givet.json", "GodkendtDato"),
        ("endelig-afvist.json", "Begrundelse"),
    ] {
        let reason = refusal(&without(name, member));
        assert_eq!((reason.code.as_str(), reason.path.unwrap()), ("FIELD_MISSING", format!("$.{member}")), "{name}");
    }
}

#[test]
fn what_is_not_what_it_must_be_is_named_and_never_quoted() {
    for (name, member, bad, path) in [
        ("periode-social.json", "Tidspunkt", json!("2026-11-02T06:00:00"), "$.Tidspunkt"),
        ("periode-social.json", "Afsender", json!("registret"), "$.Afsender"),
        ("periode-social.json", "Kommune", json!(155), "$.Kommune"),
        ("periode-social.json", "Indberetning", json!("alkohol"), "$.Indberetning"),
        ("periode-social.json", "Periode", json!("2026-10"), "$.Periode"),
        ("periode-social.json", "Periode", json!({"Fra": "2026-10-01"}), "$.Periode.Til"),
        ("periode-social.json", "Periode", json!({"Fra": "20261001", "Til": "2026-10-31"}), "$.Periode.Fra"),
        ("periode-social.json", "Periode", json!({"Fra": "2026-10-01", "Til": "2026-10-31", "x": 1}), "$.Periode"),
        ("periode-social.json", "Lovgrundlag", json!("serviceloven"), "$.Lovgrundlag"),
        ("periode-social.json", "Registre", json!(["VBGS", "DanRIS"]), "$.Registre"),
        ("periode-social.json", "Registre", json!(["VBGS", "VBGS"]), "$.Registre"),
        ("periode-social.json", "KONTAKTPERSON", json!({"Navn": "2512489996"}), "$.KONTAKTPERSON"),
        ("periode-social.json", "KONTAKTPERSON", json!({"Fornavn": " "}), "$.KONTAKTPERSON.Fornavn"),
        ("periode-social.json", "Kontaktforloeb", json!({}), "$.Kontaktforloeb"),
        ("periode-social.json", "Bemaerkning", json!("x".repeat(4001)), "$.Bemaerkning"),
        ("oplysninger-oensket.json", "SvarPaa", json!("251248-9996"), "$.SvarPaa"),
        ("oplysninger-oensket.json", "KONTAKTFORLOEBID", json!([""]), "$.KONTAKTFORLOEBID"),
        ("oplysninger-oensket.json", "CPR", json!("0000000000"), "$.CPR"),
        ("godkendt.json", "GodkendtAf", json!({"Kommune": "185", "Navn": "x"}), "$.GodkendtAf"),
        ("endelig-oensket.json", "Frist", json!("30-11-2026"), "$.Frist"),
    ] {
        let reason = refusal(&changed(name, member, bad));
        assert!(["FIELD_INVALID", "FIELD_MISSING", "CPR_IMPOSSIBLE"].contains(&reason.code.as_str()), "{reason}");
        assert_eq!(reason.path.as_deref(), Some(path), "{reason}");
        assert!(!reason.to_string().contains("2512"), "{reason}");
    }
}

#[test]
fn more_courses_than_are_read_at_once_are_refused_whole() {
    let courses = |count: usize| Value::Array(vec![json!({"KONTAKTFORLOEBID": "KF"}); count]);
    assert_eq!(draft(&changed("periode-social.json", "Kontaktforloeb", courses(5000))).remarks, []);
    let reason = refusal(&changed("periode-social.json", "Kontaktforloeb", courses(5001)));
    assert_eq!(reason.path.as_deref(), Some("$.Kontaktforloeb"));
}

#[test]
fn what_is_left_out_is_remarked_upon_so_far_as_a_person_reads() {
    let courses = Value::Array(vec![json!({"KONTAKTFORLOEBID": "KF-1", "IvaerksatDato": "i går"}); 53]);
    let remarks = draft(&changed("periode-social.json", "Kontaktforloeb", courses)).remarks;
    assert_eq!(remarks.len(), 51);
    assert!(remarks.last().unwrap().text.starts_with("Yderligere 3 oplysninger"), "{remarks:?}");
}

#[test]
fn all_that_is_said_of_one_period_is_one_case_whoever_says_it() {
    let of_period = case(&fixture("periode-social.json"));
    for name in [
        "oplysninger-oensket.json",
        "oplysninger-givet.json",
        "godkendt.json",
        "endelig-oensket.json",
        "endelig-givet.json",
    ] {
        assert_eq!(case(&fixture(name)), of_period, "{name}");
    }
    for name in ["periode-taarnby.json", "periode-substitution.json", "periode-medicinsk.json"] {
        assert_ne!(case(&fixture(name)), of_period, "{name}");
    }
    let november = json!({"Fra": "2026-11-01", "Til": "2026-11-30"});
    assert_ne!(case(&changed("periode-social.json", "Periode", november)), of_period);
}

#[test]
fn a_medical_treatment_is_a_case_by_the_day_it_began() {
    let period = json!({"Fra": "2026-10-01", "Til": "2026-10-31"});
    let name = "periode-medicinsk.json";
    assert_eq!(case(&changed(name, "Periode", period)), case(&fixture(name)));
    assert_ne!(case(&changed(name, "BehandlingStartDato", json!("2026-10-13"))), case(&fixture(name)));
}

#[test]
fn the_law_is_the_one_named_else_that_of_the_report_for_adults() {
    for (name, law) in [
        ("periode-social.json", "SEL § 101"),
        ("periode-boern.json", "BL § 33"),
        ("periode-medicinsk.json", "SUL § 142"),
        ("periode-substitution.json", "SUL § 142"),
    ] {
        assert_eq!(draft(&fixture(name)).law.unwrap().to_string(), law, "{name}");
    }
}
