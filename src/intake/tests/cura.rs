//! What comes from CURA finds the cases of others, and its own.

use budstikke_testkit::plans::{Discharge, Plan};

use super::*;

/// A fixture of the adapter's.
fn fixture(name: &str) -> Vec<u8> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("adapters/cura/fixtures");
    std::fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Takes a fixture with one thing in it.
fn cura(desk: &mut Desk<'_, '_>, name: &str) -> Result<Taken, Error> {
    let message = desk.incoming("cura", fixture(name));
    Ok(desk.take(message)?.remove(0))
}

fn open(desk: &mut Desk<'_, '_>) -> Result<usize, Error> {
    Ok(desk.tx.reader().duties(None, false)?.len())
}

#[test]
fn a_start_offered_in_cura_meets_what_the_hospitals_letter_opened() {
    on_a_ledger(|desk| {
        let expected = Discharge::Expected("2026-11-22".to_owned(), "11:00".to_owned());
        let plan = Plan::ggop("45249877239313").sender("5790000121526").discharge(expected);
        let plan = desk.plan(plan)?;
        let case = desk.routed(&plan)?.case;
        assert_eq!(open(desk)?, 1);
        let level = cura(desk, "plan-level.json")?;
        assert_eq!(desk.routed(&level)?.case, case, "by the number of the letter");
        // This one says no more than which plan of CURA's it is about.
        let start = cura(desk, "task-rehab-start.json")?;
        assert_eq!(desk.routed(&start)?.case, case);
        assert_eq!(open(desk)?, 0);
        Ok(())
    });
}

#[test]
fn a_contract_follows_its_grant() {
    on_a_ledger(|desk| {
        let asked = cura(desk, "grant-requested.json")?;
        let case = desk.routed(&asked)?.case;
        for (name, owed) in [
            ("grant-decided-after-request.json", 0),
            ("task-contract-needed.json", 1),
            ("task-contract-signed.json", 0),
            ("grant-changed.json", 0),
        ] {
            let taken = cura(desk, name)?;
            assert_eq!(desk.routed(&taken)?.case, case, "{name}");
            assert_eq!(open(desk)?, owed, "{name}");
        }
        Ok(())
    });
}

#[test]
fn what_dragoers_negotiator_asks_in_cura_taarnby_answers_there() {
    on_a_ledger(|desk| {
        let asked = cura(desk, "task-visitation-case.json")?;
        let asked = desk.routed(&asked)?;
        assert_eq!(told(&asked), ["taarnby/visitation task"]);
        assert_eq!(open(desk)?, 1);
        let decided = cura(desk, "task-visitation-decision.json")?;
        assert_eq!(desk.routed(&decided)?.case, asked.case);
        assert_eq!(open(desk)?, 0);
        Ok(())
    });
}
