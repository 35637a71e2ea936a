//! Rules for some KLE subjects, and for some laws, beside those for the rest.

use super::*;

/// A further rule about the end of a course, with more keys.
fn another_rule(keys: &str) -> String {
    format!(
        "[[regel]]\nid = \"mere{}\"\nhaendelse = \"rehab.course.closed\"\nfra = 2007-01-01\nudfoerer_efter = \"SUL § 140\"\nafsendere = [\"udfoerer\"]\nmodtagere = [{{ postkasse = \"bopael/borgerservice\", som = \"orientering\" }}]\nbestemmelse = \"S1 2\"\n{keys}\n",
        keys.len()
    )
}

#[test]
fn refuses_a_rule_for_some_subjects_where_nothing_is_said_of_the_others() {
    let closed = "haendelse   = \"rehab.course.closed\"";
    let faults = faults_after("genoptraening.toml", closed, &format!("{closed}\nkle = \"29.21\""));
    refused(&faults, Kind::Gap, &["forloeb-afsluttet", "KLE 29.21", "andre emner"]);
    let beside = another_rule("kle = \"29.21\"\nlov = \"SUL § 140\"") + "[[regel]]";
    assert_eq!(faults_after("genoptraening.toml", "[[regel]]", &beside), []);
}

#[test]
fn refuses_a_rule_for_a_law_beside_one_for_all_laws_of_the_same_subject() {
    let (of_law, of_all) = ("kle = \"29.21\"\nlov = \"SUL § 140\"", "kle = \"29.21\"");
    let both = another_rule(of_law) + &another_rule(of_all) + "[[regel]]";
    let faults = faults_after("genoptraening.toml", "[[regel]]", &both);
    refused(&faults, Kind::Contradiction, &["SUL § 140", "KLE 29.21", "uanset lov"]);
}

#[test]
fn takes_a_rule_for_a_law_beside_one_that_is_within_other_laws() {
    let opened = "[[regel]]\nid          = \"sag-aabnet\"";
    let beside = |law: &str| {
        another_rule(&format!("lov = \"{law}\"")).replace("rehab.course.closed", "employment.case.opened") + opened
    };
    assert_eq!(faults_after("beskaeftigelse.toml", opened, &beside("SUL § 140")), []);
    refused(&faults_after("beskaeftigelse.toml", opened, &beside("LAB § 1")), Kind::Contradiction, &["uanset lov"]);
}
