//! The register of drug treatment: a period, the conversation about it, and what is wrong with its
//! courses. By an agreement of its own, so that only the flow is tested here.

use std::fmt::Write as _;

use super::*;
use crate::agreement::SourceFile;
use crate::ledger::item::State;
use crate::ledger::look::Sight;

/// Nord asks Syd to approve; Syd's own data are Syd's. Kinds of other areas are not settled.
const AGREEMENT: &str = r#"
[fil]
del = "aftale"
titel = "Nord og Syd"
version = 1
kendt = 2020-01-01
gaelder_fra = 2020-01-01
omraader = ["smdb"]

[[part]]
id = "nord"
navn = "Nord Kommune"
kommunenummer = "901"
cvr = "90000001"

[[part]]
id = "syd"
navn = "Syd Kommune"
kommunenummer = "902"
cvr = "90000002"

[[udenforstaaende]]
id = "smdb"
navn = "Registret"

[[udenforstaaende]]
id = "dst"
navn = "Danmarks Statistik"

[[dokument]]
id = "D"
titel = "Aftalen"

[[lov]]
kort = "SEL"
titel = "Serviceloven"

[[ansvar]]
lov = "SEL § 101"
opgave = "Godkendelse"
bopael = ["nord", "syd"]
udfoerer = "syd"
fra = 2020-01-01
bestemmelse = "D 1"

[[postkasse]]
id = "nord/smdb"
navn = "SMDB, Nord"
kanaler = ["amqp"]

[[postkasse]]
id = "syd/smdb"
navn = "SMDB, Syd"
kanaler = ["amqp"]

[[pligt]]
id = "godkend"
art = "godkende"
hvad = "Godkend perioden"
skyldes_af = "udfoerer"
opfyldes_af = { haendelse = "smdb.approved" }
bestemmelse = "D 1"

[[pligt]]
id = "oplys"
art = "orientere"
hvad = "Giv oplysningerne"
skyldes_af = "bopael"
opfyldes_af = { haendelse = "smdb.info.provided" }
bestemmelse = "D 1"
"#;

/// Each kind: who may send it, who gets it as a task, and the duty that it opens.
const RULES: [(&str, &str, &str, &str); 7] = [
    ("smdb.period.ready", "smdb", "udfoerer", "\"godkend\""),
    ("smdb.info.requested", "udfoerer", "bopael", "\"oplys\""),
    ("smdb.info.provided", "bopael", "udfoerer", ""),
    ("smdb.approved", "udfoerer", "bopael", ""),
    ("smdb.final-approval.requested", "dst", "bopael", ""),
    ("smdb.final-approval.given", "bopael", "udfoerer", ""),
    ("smdb.final-approval.refused", "bopael", "udfoerer", ""),
];

fn smdb_world() -> World {
    let mut text = AGREEMENT.to_owned();
    for (kind, sender, receiver, duties) in RULES {
        write!(
            text,
            "[[regel]]\nid = \"{}\"\nhaendelse = \"{kind}\"\nlov = \"SEL § 101\"\nfra = 2020-01-01\n\
             afsendere = [\"{sender}\"]\nmodtagere = [{{ postkasse = \"{receiver}/smdb\", som = \"opgave\" }}]\n\
             pligter = [{duties}]\nbestemmelse = \"D 1\"\n",
            kind.replace('.', "-")
        )
        .unwrap();
    }
    let areas: std::collections::BTreeSet<&str> = budstikke_schemas::KINDS
        .iter()
        .filter(|kind| !kind.of_hub && kind.area() != "smdb")
        .map(budstikke_schemas::Kind::area)
        .collect();
    let text = text.replace(
        "omraader = [\"smdb\"]",
        &format!("omraader = [\"smdb\"]\nuden_omraader = {areas:?}").replace('{', "[").replace('}', "]"),
    );
    let file = SourceFile { agreement: "nord-syd".to_owned(), name: "aftale.toml".to_owned(), text };
    World::new(Book::read(&[file]).unwrap(), Registry::default(), BTreeMap::new())
}

fn on_smdb(work: impl FnOnce(&mut Desk<'_, '_>) -> Result<(), Error>) {
    let clock = Clock::starting_at(at(NOW));
    let world = smdb_world();
    ledger::try_out(None, &clock, |tx| {
        let mut desk = Desk { tx, world: &world, received: at(NOW) };
        work(&mut desk)
    })
    .unwrap();
}

/// A message about the social treatment of a month of Nord's.
fn message(typ: &str, id: &str, sender: &str, month: u8, more: Value) -> Value {
    let mut message = json!({
        "Version": "1.0", "BeskedType": typ, "BeskedId": id, "Afsender": sender, "Tidspunkt": NOW,
        "Kommune": "901", "Indberetning": "social",
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

#[test]
fn all_that_is_said_of_a_period_is_one_case_and_meets_what_is_owed() {
    on_smdb(|desk| {
        let ready = desk.smdb(&period("P-10", 10, &json!([])))?;
        assert_eq!(ready.state, State::Routed, "{ready:?}");
        let event = desk.routed(&ready)?;
        assert_eq!((event.law.as_deref(), event.duties.len()), (Some("SEL § 101"), 1));
        let approver = json!({"GodkendtAf": {"Kommune": "902"}, "GodkendtDato": "2026-11-20"});
        for (typ, id, sender, more) in [
            ("OplysningerOensket", "S-1", "/syd/smdb", json!({"Spoergsmaal": "Hvornår?"})),
            ("OplysningerGivet", "N-1", "/nord/smdb", json!({"SvarPaa": "S-1", "Svar": "I går."})),
            ("Godkendt", "S-2", "/syd/smdb", approver.clone()),
            ("EndeligGodkendelseOensket", "D-1", "/dst/smdb", json!({"Frist": "2026-12-01"})),
            ("EndeligGodkendelseGivet", "N-2", "/nord/smdb", approver),
            ("EndeligGodkendelseAfvist", "N-3", "/nord/smdb", json!({"Begrundelse": "Et forløb mangler."})),
        ] {
            let taken = desk.smdb(&message(typ, id, sender, 10, more))?;
            assert_eq!(taken.state, State::Routed, "{typ}: {taken:?}");
            assert_eq!(desk.routed(&taken)?.case, event.case, "{typ}");
        }
        let open = desk.tx.open_duties(&budstikke_contract::id::CaseKey::parse(&event.case).unwrap())?;
        assert!(open.is_empty(), "{open:?}");
        Ok(())
    });
}

#[test]
fn a_course_that_an_earlier_period_left_open_is_held_against_a_new_one() {
    on_smdb(|desk| {
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
        moved["Kommune"] = json!("902");
        let moved = desk.smdb(&moved)?;
        assert_eq!(desk.codes(&moved)?, Vec::<String>::new());
        Ok(())
    });
}

#[test]
fn what_a_later_period_says_of_a_course_takes_the_place_of_what_was_said() {
    on_smdb(|desk| {
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
    on_smdb(|desk| {
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
    let mut message: Value = serde_json::from_slice(fixture).unwrap();
    message["Kommune"] = json!("901");
    on_smdb(|desk| {
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
    on_smdb(|desk| {
        let courses = json!([{"id": "KF-1", "citizen": {"cpr": "0000000000"}}]);
        let period = json!({"from": "2026-10-01", "to": "2026-10-31"});
        let data = json!({"kind": "social", "period": period, "courses": courses});
        let mut event = canonical("smdb.period.ready", "E-1", "/smdb/x", "x", data);
        event.as_object_mut().unwrap().remove("subject");
        event["residence"] = json!("901");
        let taken = desk.event(&event)?;
        assert_eq!(desk.codes(&taken)?, ["COURSE_CPR"]);
        Ok(())
    });
}
