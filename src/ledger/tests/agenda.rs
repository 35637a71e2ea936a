//! Whom duties concern, and which grants a mailbox got: kept as they come, and the same as what is made
//! of a ledger that was there before.

use jiff::civil::date;
use serde_json::json;

use super::books::rows;
use super::*;
use crate::duty::State as DutyState;
use crate::intake::tests::{NOW, at, canonical, world};
use crate::intake::{prepare, record};
use crate::ledger::agenda::{Place, Slice, Viewpoint};
use crate::ledger::sql::Row;
use budstikke_testkit::plans::{Message, Plan};

const MIGRATION: &str = include_str!("../migrations/0011-duties.sql");

fn take(tx: &mut Tx<'_>, source: &str, body: Vec<u8>) -> Result<(), Error> {
    let world = world();
    let incoming = prepare::Incoming {
        source: source.to_owned(),
        media_type: None,
        sender_user: None,
        reply_to: None,
        redelivered: false,
        received: at(NOW),
        body: body.into(),
    };
    let prepared = prepare::prepare(&world, incoming).unwrap();
    record::record(tx, &world, &prepared).map(drop)
}

/// Plans for citizens of both, and a question.
fn fill(tx: &mut Tx<'_>) -> Result<(), Error> {
    for (number, home) in ["155", "185", "155"].into_iter().enumerate() {
        let plan = Plan::ggop(format!("B{number}")).municipality(home).episode(format!("E{number}"));
        take(tx, "rehab-plan", Message::new(format!("K{number}")).plan(plan).bytes())?;
    }
    let grant = json!({"citizen": {"cpr": "2512489996"}, "decision": "bevilget", "service": {"name": "Botilbud"},
        "period": {"from": "2026-12-01"}});
    for (id, kind, data) in [
        ("g-1", "adult.grant.decided", grant),
        (
            "g-2",
            "contract.needed",
            json!({"citizen": {"cpr": "2512489996"}, "service": {"name": "Botilbud"},
            "period": {"from": "2026-12-01"}, "occasion": "ny bevilling"}),
        ),
    ] {
        let mut event = canonical(kind, id, "/taarnby/cura", "adult-5d1a3c52-6a0e-5f6b-9d0c-1c5b0a7d2e51", data);
        event["law"] = "SEL § 107".into();
        event["residence"] = "155".into();
        take(tx, "events", event.to_string().into_bytes())?;
    }
    Ok(())
}

fn slice(party: &str, code: &str, state: DutyState) -> Slice {
    let other = if party == "dragoer" { "taarnby" } else { "dragoer" };
    Slice {
        seen_from: Viewpoint::of(party, code, &[other]).unwrap(),
        state,
        from: None,
        to: None,
        owed_by: None,
        area: None,
        backwards: false,
    }
}

/// The statement of the migration that begins so.
fn statement(begin: &str) -> String {
    let (_, rest) = MIGRATION.split_once(begin).unwrap();
    let rest = rest.split(';').next().unwrap();
    format!("{begin}{rest}")
}

#[tokio::test]
async fn a_party_finds_what_it_owes_and_is_owed_by_its_day() {
    let whole = fixture();
    whole.ledger.write(fill).await.unwrap();
    let seen = |slice: Slice| {
        whole.ledger.read(move |reader| {
            let places = reader.agenda(&slice, None, 10)?;
            let read = |place: Place| reader.duty_row(place.seq).map(|duty| (place, duty));
            places.into_iter().map(read).collect::<Result<Vec<_>, Error>>()
        })
    };
    let dragoer = seen(slice("dragoer", "155", DutyState::Open)).await.unwrap();
    let taarnby = seen(slice("taarnby", "185", DutyState::Open)).await.unwrap();
    assert!(dragoer.iter().all(|(_, duty)| duty.residence.unwrap().to_string() == "155"), "{dragoer:?}");
    let counts = (dragoer.len(), taarnby.len());
    assert!(counts.0 >= 2 && counts.1 >= counts.0, "Tårnby owes all of it: {counts:?}");
    assert!(dragoer.is_sorted_by_key(|(place, _)| place.clone()));

    // Page by page, and backwards, they are the same.
    let (one, other) = (slice("taarnby", "185", DutyState::Open), slice("taarnby", "185", DutyState::Open));
    let paged = whole.ledger.read(move |reader| {
        let (mut all, mut after): (Vec<Place>, Option<Place>) = (Vec::new(), None);
        while let [place] = reader.agenda(&one, after.as_ref(), 1)?.as_slice() {
            all.push(place.clone());
            after = Some(place.clone());
        }
        Ok(all)
    });
    let whole_list: Vec<Place> = taarnby.iter().map(|(place, _)| place.clone()).collect();
    assert_eq!(paged.await.unwrap(), whole_list);
    let backwards = seen(Slice { backwards: true, ..other.clone() }).await.unwrap();
    assert!(backwards.iter().map(|(place, _)| place).eq(whole_list.iter().rev()));

    // What is counted is what is listed, each once though a party has two reasons to see it.
    let days = (date(2026, 11, 1), date(2026, 12, 31));
    let counted = whole.ledger.read(move |reader| reader.agenda_counts(&other, days)).await.unwrap();
    assert_eq!(counted.values().map(|it| it.all()).sum::<u32>(), u32::try_from(whole_list.len()).unwrap());
    let filtered = Slice {
        area: Some("rehab".to_owned()),
        to: Some(date(2026, 1, 1)),
        ..slice("dragoer", "155", DutyState::Open)
    };
    assert_eq!(seen(filtered).await.unwrap(), []);
    assert!(Viewpoint::of("a", "101", &["b"; 7]).is_err());
}

#[tokio::test]
async fn a_ledger_that_was_there_before_is_told_the_same() {
    if !books::in_files() {
        eprintln!("SKIPPED: in a database there was none before");
        return;
    }
    let whole = fixture();
    whole.ledger.write(fill).await.unwrap();
    let folder = whole.folder.path();
    for (table, begin) in [("duty_of", "INSERT INTO duty_of"), ("grant_event", "INSERT INTO grant_event")] {
        let kept = rows(folder, table);
        assert!(kept.len() >= 2, "{table}: {kept:?}");
        tamper(folder, &format!("DELETE FROM {table}"));
        tamper(folder, &statement(begin));
        assert_eq!(rows(folder, table), kept, "{table}");
    }
    let kept = (rows(folder, "duty"), rows(folder, "duty_tally"));
    assert!(kept.1.len() >= 2, "{kept:?}");
    tamper(folder, "UPDATE duty SET opened_by = NULL, seen_by = ''");
    tamper(folder, "DELETE FROM duty_tally");
    for begin in ["UPDATE duty SET opened_by = (", "UPDATE duty SET seen_by = ", "INSERT INTO duty_tally"] {
        tamper(folder, &statement(begin));
    }
    assert_eq!((rows(folder, "duty"), rows(folder, "duty_tally")), kept);
}

#[tokio::test]
async fn what_is_counted_follows_each_change() {
    let whole = fixture();
    let counted = whole.ledger.write(|tx| {
        fill(tx)?;
        let mut duty = tx.reader().duty_row(1)?;
        let seen = slice(&duty.terms.owed_by, "185", DutyState::Open);
        let days = (date(2026, 11, 1), date(2026, 12, 31));
        let count = |tx: &mut Tx<'_>, state| {
            let found = tx.reader().agenda_counts(&Slice { state, ..seen.clone() }, days)?;
            Ok::<_, Error>(found.values().map(|it| it.all()).sum::<u32>())
        };
        let before = (count(tx, DutyState::Open)?, count(tx, DutyState::Met)?);
        duty.due.date = Some(date(2027, 1, 1));
        tx.change_duty(&duty)?;
        assert_eq!((count(tx, DutyState::Open)?, count(tx, DutyState::Met)?), before);
        duty.state = DutyState::Met;
        tx.change_duty(&duty)?;
        tx.change_duty(&duty)?;
        Ok((before, (count(tx, DutyState::Open)?, count(tx, DutyState::Met)?)))
    });
    let (before, after) = counted.await.unwrap();
    assert_eq!((before.0 - 1, before.1 + 1), after);
}

#[tokio::test]
async fn what_a_party_is_asked_is_found_by_the_kind_of_question() {
    let whole = fixture();
    whole.ledger.write(fill).await.unwrap();
    let sql = "SELECT event.kind, duty.owed_by, COUNT(*) FROM duty JOIN event ON event.seq = duty.event
        WHERE duty.state = 'open' GROUP BY 1, 2";
    let read = |row: &dyn Row| Ok((row.need_text(0)?, row.need_text(1)?, usize::try_from(row.need_int(2)?).unwrap()));
    let open = books::ask(whole.folder.path(), sql, read);
    assert!(open.len() >= 2, "{open:?}");
    let found = whole.ledger.read(move |reader| {
        for (kind, party, count) in &open {
            let found = reader.open_requests(kind, party)?.len();
            assert_eq!(found, *count, "{kind} {party}");
            assert_eq!(reader.open_requests(kind, "hospital")?, []);
        }
        reader.open_requests("rehab.question.asked", "taarnby")
    });
    assert_eq!(found.await.unwrap(), []);
}

#[tokio::test]
async fn a_negotiator_finds_the_events_of_grants_and_those_of_a_citizen() {
    let whole = fixture();
    whole.ledger.write(fill).await.unwrap();
    let found = whole.ledger.read(|reader| {
        let own = reader.grant_events("dragoer/kontrakt", 10)?;
        let kinds: Vec<String> = own.iter().map(|it| it.kind.clone()).collect();
        assert_eq!(kinds, ["contract.needed", "adult.grant.decided"]);
        assert!(own.iter().all(|it| it.law.as_deref() == Some("SEL § 107")));
        assert_eq!(reader.grant_events("dragoer/kontrakt", 1)?.len(), 1);
        assert_eq!(reader.grant_events("dragoer/social", 10)?, [], "it negotiates nothing");
        assert_eq!(reader.grant_events("taarnby/kontrakt", 10)?, [], "it is another's citizen");
        let of = |reader: &mut Reader<'_>, number: &str| reader.grant_cases_of("dragoer/kontrakt", number);
        Ok((of(reader, "2512489996")?.len(), of(reader, "0101010000")?.len()))
    });
    assert_eq!(found.await.unwrap(), (1, 0));
}
