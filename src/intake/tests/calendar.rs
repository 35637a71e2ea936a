//! What is owed every year, on a ledger.

use super::*;
use crate::duty::{State, watch};

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

/// Its state, and by when it is owed, of each duty of that name, the first due first.
fn all_of(desk: &mut Desk<'_, '_>, name: &str) -> Result<Vec<(State, String)>, Error> {
    let duties = desk.tx.reader().duties(None, true)?;
    let own = duties.iter().filter(|duty| duty.terms.name == name);
    Ok(own.map(|duty| (duty.state, duty.due.date.unwrap().to_string())).collect())
}

fn order(id: &str, year: u16) -> Value {
    told("order.placed", id, "/dragoer/ledelse", &json!({"area": "faelles", "year": year, "text": "x"}))
}

#[test]
fn what_is_delivered_before_its_task_is_given_meets_it() {
    on_a_ledger(|desk| {
        let taken = desk.event(&order("o1", 2028))?;
        assert_eq!(all_of(desk, "bestilling")?, [(State::Met, "2027-05-31".to_owned())]);
        assert_eq!(desk.routed(&taken)?.decision.performed_by(), "-", "no rule asks for a performer");
        watch::open(desk.tx, desk.world, at("2027-05-10T09:00:00Z"))?;
        assert_eq!(all_of(desk, "bestilling")?.len(), 1, "it is not asked for any more");
        assert_eq!(all_of(desk, "afrapportering-voksne")?.len(), 1, "other things are");
        desk.event(&order("o2", 2028))?;
        assert_eq!(all_of(desk, "bestilling")?.len(), 1, "a second one is for no other year");
        Ok(())
    });
}

#[test]
fn what_is_of_another_year_or_week_meets_nothing() {
    on_a_ledger(|desk| {
        watch::open(desk.tx, desk.world, at("2027-01-10T09:00:00Z"))?;
        for (id, year, left) in [("r1", 2025, 1), ("r2", 2027, 1), ("r3", 2026, 0)] {
            let report = json!({"area": "beskaeftigelse", "year": year, "text": "x"});
            desk.event(&told("report.delivered", id, "/taarnby/ledelse", &report))?;
            let duties = desk.tx.reader().duties(None, false)?;
            assert_eq!(open_of(&duties, "aarsrapport-beskaeftigelse").len(), left, "{year}");
        }
        let agenda = |week: &str| {
            let data = json!({"week": week, "meeting": "2027-01-13", "cases": []});
            let mut event = told("visitation.agenda.set", &format!("a-{week}"), "/taarnby/cura", &data);
            event["residence"] = json!("155");
            event
        };
        let this_week = (State::Open, "2027-01-15".to_owned());
        assert!(all_of(desk, "visitationsmoede")?.contains(&this_week));
        desk.event(&agenda("2027-W03"))?;
        let all = all_of(desk, "visitationsmoede")?;
        assert!(all.contains(&this_week), "the week after is another one: {all:?}");
        assert!(all.contains(&(State::Met, "2027-01-22".to_owned())), "{all:?}");
        desk.event(&agenda("2027-W02"))?;
        let all = all_of(desk, "visitationsmoede")?;
        assert!(all.contains(&(State::Met, "2027-01-15".to_owned())), "{all:?}");
        Ok(())
    });
}

#[test]
fn a_due_day_that_is_edited_makes_no_second_duty() {
    let mut files = shipped();
    let year = files.iter_mut().find(|file| file.name == "kalender.toml").unwrap();
    year.text = year.text.replace("{ maaned = 1, dag = 31 }", "{ maaned = 1, dag = 25 }");
    let edited = World::new(Book::read(&files).unwrap(), Registry::default(), BTreeMap::new());
    on_a_ledger(|desk| {
        let january = at("2027-01-10T09:00:00Z");
        watch::open(desk.tx, desk.world, at(NOW))?;
        assert!(watch::open(desk.tx, desk.world, january)? > 0);
        assert_eq!(watch::open(desk.tx, &edited, january)?, 0);
        assert_eq!(all_of(desk, "aarsrapport-genoptraening")?, [(State::Open, "2027-01-31".to_owned())]);
        Ok(())
    });
}

#[test]
fn each_sub_agreement_that_is_left_owes_its_report() {
    on_a_ledger(|desk| {
        watch::open(desk.tx, desk.world, at("2027-01-10T09:00:00Z"))?;
        let duties = desk.tx.reader().duties(None, false)?;
        for (name, clause) in [
            ("aarsrapport-genoptraening", "S1 6"),
            ("aarsrapport-beskaeftigelse", "S4 6"),
            ("aarsrapport-boern", "S2"),
            ("aarsrapport-natur-miljoe", "S2"),
        ] {
            let [report] = open_of(&duties, name)[..] else { panic!("{name} is owed once") };
            assert_eq!((report.terms.owed_by.as_str(), report.terms.clause.as_str()), ("taarnby", clause), "{name}");
        }
        Ok(())
    });
}

#[test]
fn each_makes_its_own_employment_plan() {
    on_a_ledger(|desk| {
        watch::open(desk.tx, desk.world, at(NOW))?;
        let owed = |desk: &mut Desk<'_, '_>| -> Result<Vec<String>, Error> {
            let duties = desk.tx.reader().duties(None, false)?;
            let plans = duties.iter().filter(|duty| duty.terms.name.starts_with("beskaeftigelsesplan"));
            let mut owed: Vec<String> =
                plans.map(|duty| format!("{} {}", duty.terms.owed_by, duty.terms.clause)).collect();
            owed.sort();
            Ok(owed)
        };
        assert_eq!(owed(desk)?, ["dragoer S4 2", "taarnby S4 1"]);
        let mut plan = told(
            "employment-plan.delivered",
            "p1",
            "/dragoer/ledelse",
            &json!({"area": "beskaeftigelse", "year": 2027, "text": "x"}),
        );
        plan["time"] = json!(NOW);
        desk.event(&plan)?;
        assert_eq!(owed(desk)?, ["taarnby S4 1"]);
        Ok(())
    });
}

#[test]
fn the_weekly_meetings_task_is_for_those_who_hold_it() {
    let book = Book::read(&shipped()).unwrap();
    let agreement = &book.known_on(jiff::civil::date(2026, 11, 22))[0];
    let (from, to) = (jiff::civil::date(2026, 11, 22), jiff::civil::date(2026, 11, 22));
    let openings = crate::duty::calendar::openings(agreement, from, to, at(NOW));
    let to: Vec<&str> = openings
        .iter()
        .filter(|opening| opening.duty.terms.name == "visitationsmoede")
        .map(|opening| opening.to.as_str())
        .collect();
    assert_eq!(to, ["taarnby/visitation"]);
}

#[test]
fn what_both_owe_is_met_for_both_also_before_its_task_is_given() {
    on_a_ledger(|desk| {
        let agreed = json!({"area": "faelles", "year": 2027, "text": "x"});
        desk.event(&told("template.agreed", "t1", "/taarnby/ledelse", &agreed))?;
        let met = (State::Met, "2027-02-10".to_owned());
        assert_eq!(all_of(desk, "skabelon")?, [met.clone(), met]);
        Ok(())
    });
}

#[test]
fn a_calendar_that_is_off_follows_nothing() {
    on_a_ledger_in(&World { calendar: false, ..world() }, |desk| {
        desk.event(&order("o1", 2028))?;
        assert_eq!(all_of(desk, "bestilling")?, []);
        Ok(())
    });
}
