//! What is owed every year, on a ledger.

use super::*;
use crate::duty::watch;

/// An event of a party, about no citizen.
fn told(kind: &str, id: &str, source: &str, data: &Value) -> Value {
    json!({
        "specversion": "1.0", "id": id, "source": source, "time": "2027-01-10T10:00:00Z",
        "type": format!("dk.budstikke.{kind}.v1"), "data": data,
    })
}

fn open_of<'a>(duties: &'a [crate::duty::Duty], name: &str) -> Vec<&'a crate::duty::Duty> {
    duties.iter().filter(|duty| duty.terms.name == name).collect()
}

#[test]
fn the_year_opens_its_duties_once_and_a_report_meets_the_one_of_its_area() {
    on_a_ledger(|desk| {
        let january = at("2027-01-10T09:00:00Z");
        desk.event(&told(
            "template.agreed",
            "t0",
            "/dragoer/ledelse",
            &json!({"area": "faelles", "year": 2026, "text": "x"}),
        ))?;
        let opened = watch::open(desk.tx, desk.world, january)?;
        assert!(opened > 0);
        assert_eq!(watch::open(desk.tx, desk.world, january)?, 0, "the same day opens nothing again");

        let duties = desk.tx.reader().duties(None, false)?;
        let [report] = open_of(&duties, "aarsrapport-genoptraening")[..] else { panic!("one report is owed") };
        assert_eq!(report.due.date, Some(jiff::civil::date(2027, 1, 31)));
        assert_eq!((report.terms.owed_by.as_str(), report.terms.clause.as_str()), ("taarnby", "S1 6"));
        assert_eq!(open_of(&duties, "skabelon").len(), 0, "it opens 30 days before the tenth of February");
        assert_eq!(open_of(&duties, "aarsrapport-beskaeftigelse").len(), 1);

        let report = json!({"area": "genoptraening", "year": 2026, "text": "Aktivitet og økonomi"});
        desk.event(&told("report.delivered", "r1", "/taarnby/ledelse", &report))?;
        let duties = desk.tx.reader().duties(None, false)?;
        assert_eq!(open_of(&duties, "aarsrapport-genoptraening").len(), 0, "it is met");
        assert_eq!(open_of(&duties, "aarsrapport-beskaeftigelse").len(), 1, "the other area still owes its own");
        Ok(())
    });
}

#[test]
fn what_was_due_before_the_ledger_began_is_not_opened() {
    on_a_ledger(|desk| {
        watch::open(desk.tx, desk.world, at(NOW))?;
        let duties = desk.tx.reader().duties(None, false)?;
        assert!(!duties.is_empty());
        assert!(duties.iter().all(|duty| duty.due.date >= Some(jiff::civil::date(2026, 11, 22))), "{duties:?}");
        Ok(())
    });
}
