//! What the ledger promises, each promise with something that tries to break it.

mod accounts;
mod agenda;
pub(crate) mod books;
mod inbox;
mod looks;
mod openid;
mod overview;
mod tampered;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use budstikke_contract::id::{DeliveryId, EventId};
use budstikke_contract::reason::{Code, Reason};
use jiff::Timestamp;
use proptest::prelude::*;
use tempfile::TempDir;

use super::delivery::{Content, NewDelivery, Outcome, State, Why};
use super::item::{NewItem, Seen, SeenKind};
use super::look::Sight;
use super::message::Arrival;
use super::verify::{Anchor, Report};
use super::*;
use books::tamper;

struct Fixture {
    folder: TempDir,
    ledger: Ledger,
}

fn key_file(folder: &Path) -> PathBuf {
    folder.join("ledger.key")
}

fn open(folder: &Path, max_pages: Option<u32>) -> Result<Ledger, Error> {
    let place = books::bounded(folder, max_pages);
    let keys = Keyring::open(&key_file(folder), place.exists()?).unwrap();
    Ledger::open(&place, Share::Alone, keys, Clock::system())
}

fn fixture() -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let ledger = open(folder.path(), None).unwrap();
    Fixture { folder, ledger }
}

fn arrival(body: &[u8]) -> Arrival<'_> {
    Arrival {
        source: "events",
        adapter: "events",
        sender_user: None,
        redelivered: false,
        received: Timestamp::UNIX_EPOCH,
        body,
        content: None,
    }
}

pub(super) fn keep(tx: &mut Tx<'_>, body: &[u8], key: &str) -> Result<i64, Error> {
    let message = tx.keep_message(&arrival(body), None)?;
    tx.keep_item(&NewItem {
        message,
        index: 0,
        key,
        state: item::State::Recorded,
        what: "test",
        case: None,
        same_as: None,
        reason: None,
        refused: false,
        holds: false,
    })
}

pub(super) async fn verify(ledger: &Ledger, anchor: Option<Anchor>) -> Report {
    ledger.read(move |reader| reader.verify(anchor.as_ref())).await.unwrap()
}

#[tokio::test]
async fn what_is_written_is_there_after_a_restart_and_the_chain_goes_on() {
    let Fixture { folder, ledger } = fixture();
    ledger.write(|tx| keep(tx, b"one", "1")).await.unwrap();
    drop(ledger);
    let ledger = open(folder.path(), None).unwrap();
    ledger.write(|tx| keep(tx, b"two", "2")).await.unwrap();
    let report = verify(&ledger, None).await;
    assert!(report.is_good(), "{report:?}");
    assert_eq!((report.balance.received, report.balance.recorded, report.entries), (2, 2, 4));
}

#[tokio::test]
async fn many_writers_share_commits_and_none_is_lost() {
    let Fixture { folder: _folder, ledger } = fixture();
    let writes = (0..500).map(|n| {
        let ledger = ledger.clone();
        async move { ledger.write(move |tx| keep(tx, b"x", &n.to_string())).await.unwrap() }
    });
    let mut rows = futures::future::join_all(writes).await;
    rows.sort_unstable();
    rows.dedup();
    assert_eq!(rows.len(), 500);
    assert!(verify(&ledger, None).await.is_good());
}

#[tokio::test]
async fn work_that_fails_or_panics_is_undone_and_takes_nothing_with_it() {
    let Fixture { folder: _folder, ledger } = fixture();
    let good = ledger.write(|tx| keep(tx, b"a", "a"));
    let fails = ledger.write(|tx| {
        keep(tx, b"b", "b")?;
        Err::<(), _>(Error::Refused("on purpose".to_owned()))
    });
    let panics = ledger.write(|tx| -> Result<(), Error> {
        keep(tx, b"c", "c")?;
        panic!("2512489996")
    });
    let also_good = ledger.write(|tx| keep(tx, b"d", "d"));
    let (good, fails, panics, also_good) = tokio::join!(good, fails, panics, also_good);
    assert!(good.is_ok() && also_good.is_ok());
    assert!(matches!(fails, Err(Error::Refused(_))));
    let panicked = panics.unwrap_err();
    assert!(matches!(panicked, Error::Panicked) && !panicked.to_string().contains("2512"));
    let report = verify(&ledger, None).await;
    assert!(report.is_good() && report.balance.received == 2, "{report:?}");
}

#[tokio::test]
async fn what_is_tried_out_makes_nobody_do_their_work_again() {
    let Fixture { folder: _folder, ledger } = fixture();
    let (go_on, wait) = std::sync::mpsc::channel();
    // While the writer is held up, the others gather behind.
    let first = ledger.write(move |_tx| Ok(wait.recv().is_ok()));
    let tried = ledger.try_out(|tx| keep(tx, b"tried", "tried"));
    let runs = Arc::new(std::sync::atomic::AtomicU32::new(0));
    let counted = Arc::clone(&runs);
    let beside = ledger.write(move |tx| {
        counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        keep(tx, b"kept", "kept")
    });
    let (first, tried, beside, ()) = tokio::join!(first, tried, beside, async { go_on.send(()).unwrap() });
    assert!(first.unwrap() && tried.is_ok() && beside.is_ok());
    assert_eq!(runs.load(std::sync::atomic::Ordering::SeqCst), 1);
    let fails = ledger.try_out(|tx| keep(tx, b"x", "x").and(Err::<(), _>(Error::Refused("on purpose".to_owned()))));
    assert!(matches!(fails.await, Err(Error::Refused(_))));
    let report = verify(&ledger, None).await;
    assert!(report.is_good() && report.balance.received == 1, "{report:?}");
}

#[tokio::test]
async fn what_is_read_together_is_of_one_moment() {
    let Fixture { folder: _folder, ledger } = fixture();
    let (begun, begins) = tokio::sync::oneshot::channel();
    let (go_on, wait) = std::sync::mpsc::channel();
    let reading = ledger.read(move |reader| {
        let before = reader.chain_end()?;
        begun.send(()).unwrap();
        wait.recv().unwrap();
        Ok((before, reader.chain_end()?))
    });
    let writing = async {
        begins.await.unwrap();
        ledger.write(|tx| keep(tx, b"one", "1")).await.unwrap();
        go_on.send(()).unwrap();
    };
    let (read, ()) = tokio::join!(reading, writing);
    let (before, after) = read.unwrap();
    assert_eq!(before.seq, after.seq);
    assert!(ledger.read(|reader| reader.chain_end()).await.unwrap().seq > after.seq);
}

#[tokio::test]
async fn a_full_ledger_takes_nothing_and_goes_on_when_there_is_room() {
    if !books::in_files() {
        eprintln!("SKIPPED: how large a database may grow is its server's business");
        return;
    }
    let Fixture { folder, ledger } = fixture();
    drop(ledger);
    let small = open(folder.path(), Some(240)).unwrap();
    let body = vec![7_u8; 40_000];
    let mut kept = 0;
    let error = loop {
        let body = body.clone();
        match small.write(move |tx| keep(tx, &body, &kept.to_string())).await {
            Ok(_) => kept += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, Error::Full(_)) && error.is_passing(), "{error:?}");
    assert!(kept > 0);
    drop(small);
    let roomy = open(folder.path(), None).unwrap();
    let report = verify(&roomy, None).await;
    assert!(report.is_good() && report.balance.received == i64::from(kept), "{report:?}");
    roomy.write(move |tx| keep(tx, &body, "more")).await.unwrap();
    assert!(verify(&roomy, None).await.is_good());
}

#[tokio::test]
async fn a_full_ledger_fails_the_whole_group_and_no_one_hears_of_success() {
    if !books::in_files() {
        eprintln!("SKIPPED: how large a database may grow is its server's business");
        return;
    }
    let Fixture { folder, ledger } = fixture();
    drop(ledger);
    let small = open(folder.path(), Some(240)).unwrap();
    let writes = (0..60).map(|n| {
        let small = small.clone();
        async move { small.write(move |tx| keep(tx, &vec![7; 20_000], &n.to_string())).await }
    });
    let outcomes = futures::future::join_all(writes).await;
    let kept = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert!(kept < 60 && outcomes.iter().filter_map(|it| it.as_ref().err()).all(Error::is_passing));
    drop(small);
    let report = verify(&open(folder.path(), None).unwrap(), None).await;
    assert!(report.is_good());
    assert_eq!(report.balance.received, i64::try_from(kept).unwrap());
}

#[tokio::test]
async fn every_change_behind_its_back_is_found() {
    for sql in [
        "UPDATE entry SET state = 'routed' WHERE seq = 2",
        "UPDATE entry SET at = at + 1 WHERE seq = 1",
        "DELETE FROM entry WHERE seq = 2",
        "UPDATE item SET state = 'discarded' WHERE seq = 1",
        "UPDATE item SET key = 'other' WHERE seq = 1",
        "DELETE FROM item WHERE seq = 1",
        "UPDATE body SET sealed = (SELECT content FROM message WHERE message.seq = body.seq) WHERE seq = 1",
        "DELETE FROM body WHERE seq = 1",
        "UPDATE tally SET n = n + 1 WHERE name = 'item recorded'",
    ] {
        let Fixture { folder, ledger } = fixture();
        ledger.write(|tx| keep(tx, b"one", "1")).await.unwrap();
        ledger.write(|tx| keep(tx, b"two", "2")).await.unwrap();
        drop(ledger);
        tamper(folder.path(), sql);
        let report = verify(&open(folder.path(), None).unwrap(), None).await;
        assert!(!report.is_good(), "not found: {sql}");
    }
}

#[tokio::test]
async fn a_tail_that_was_cut_off_shows_only_against_an_anchor() {
    let Fixture { folder, ledger } = fixture();
    ledger.write(|tx| keep(tx, b"one", "1")).await.unwrap();
    ledger.write(|tx| keep(tx, b"two", "2")).await.unwrap();
    let whole = verify(&ledger, None).await;
    let anchor = Anchor::parse(&format!("{}:{}", whole.entries, whole.head)).unwrap();
    assert!(verify(&ledger, Some(anchor.clone())).await.is_good());
    drop(ledger);
    for sql in [
        "DELETE FROM entry WHERE seq > 2",
        "DELETE FROM item WHERE seq = 2",
        "DELETE FROM message WHERE seq = 2",
        "UPDATE tally SET n = 1",
    ] {
        tamper(folder.path(), sql);
    }
    let ledger = open(folder.path(), None).unwrap();
    assert!(verify(&ledger, None).await.is_good());
    assert!(!verify(&ledger, Some(anchor)).await.is_good());
}

#[tokio::test]
async fn another_key_file_is_refused() {
    let Fixture { folder, ledger } = fixture();
    drop(ledger);
    std::fs::remove_file(key_file(folder.path())).unwrap();
    let other = Keyring::open(&key_file(folder.path()), false).unwrap();
    let error = Ledger::open(&books::place(folder.path()), Share::Alone, other, Clock::system()).unwrap_err();
    assert!(matches!(error, Error::WrongKey));
}

#[tokio::test]
async fn a_ledger_of_a_later_version_is_refused() {
    let Fixture { folder, ledger } = fixture();
    drop(ledger);
    books::of_version(folder.path(), 99);
    assert!(matches!(open(folder.path(), None).unwrap_err(), Error::TooNew { found: 99, .. }));
}

#[tokio::test]
async fn content_is_sealed_in_the_file_and_a_look_at_it_is_kept() {
    let Fixture { folder, ledger } = fixture();
    let row = ledger.write(|tx| keep(tx, b"CPR 2512489996 Nancy", "1")).await.unwrap();
    let seen = ledger.write(move |tx| {
        let message = tx.item(row)?.message;
        tx.look("ops", "fejlsøgning", Sight::Message(message))
    });
    assert_eq!(seen.await.unwrap(), b"CPR 2512489996 Nancy");
    let refused = ledger.write(|tx| tx.look("ops", " ", Sight::Message(1))).await;
    assert!(matches!(refused, Err(Error::Refused(_))));
    drop(ledger);
    let looks = books::ask(folder.path(), "SELECT seq FROM access WHERE by_user = 'ops'", |row| row.need_int(0));
    assert_eq!(looks.len(), 1);
    for bytes in books::all_bytes(folder.path()) {
        assert!(!bytes.windows(10).any(|window| window == b"2512489996"));
        assert!(!bytes.windows(5).any(|window| window == b"Nancy"));
    }
}

#[tokio::test]
async fn another_process_may_enter_a_look_beside_a_working_hub() {
    let Fixture { folder, ledger } = fixture();
    let row = ledger.write(|tx| keep(tx, b"one", "1")).await.unwrap();
    let keys = Keyring::open(&key_file(folder.path()), true).unwrap();
    let beside = Ledger::open(&books::place(folder.path()), Share::Beside, keys, Clock::system()).unwrap();
    let seen = beside.write(move |tx| tx.look("ops", "fejlsøgning", Sight::Message(row)));
    assert_eq!(seen.await.unwrap(), b"one");
    ledger.write(|tx| keep(tx, b"two", "2")).await.unwrap();
    assert!(verify(&ledger, None).await.is_good());
}

#[tokio::test]
async fn trying_something_out_leaves_no_trace() {
    let Fixture { folder, ledger } = fixture();
    ledger.write(|tx| keep(tx, b"one", "1")).await.unwrap();
    let place = books::place(folder.path());
    let keys = Keyring::open(&key_file(folder.path()), true).unwrap();
    let tried = || try_out(Some((&place, &keys)), &Clock::system(), |tx| keep(tx, b"two", "2"));
    assert_eq!(place::aside(tried).unwrap(), 2);
    let report = verify(&ledger, None).await;
    assert!(report.is_good() && report.balance.received == 1);
    let nowhere = || try_out(None, &Clock::system(), |tx| keep(tx, b"x", "x"));
    assert_eq!(place::aside(nowhere).unwrap(), 1);
}

#[tokio::test]
async fn what_was_seen_is_known_again_by_its_content() {
    let Fixture { folder: _folder, ledger } = fixture();
    ledger
        .write(|tx| {
            let content = tx.keys().content(b"letter");
            tx.remember(SeenKind::Item, "rehab-plan", "k", Seen { content, row: 5 })?;
            let other = tx.keys().content(b"other");
            tx.remember(SeenKind::Item, "rehab-plan", "k", Seen { content: other, row: 6 })?;
            assert_eq!(tx.seen(SeenKind::Item, "rehab-plan", "k")?, Some(Seen { content, row: 5 }));
            assert_eq!(tx.seen(SeenKind::Item, "cura", "k")?, None);
            assert_eq!(tx.seen(SeenKind::Envelope, "rehab-plan", "k")?, None);
            Ok(())
        })
        .await
        .unwrap();
}

// ---------------------------------------------------------------------------------------- lanes

/// What may happen to a lane.
#[derive(Debug, Clone)]
enum Step {
    Plan(u8),
    Deliver(usize),
    Again(usize),
    Broken(usize),
    Park(usize),
    Resend(usize),
    Discard(usize),
    Pass(usize),
    Reject(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0_u8..3).prop_map(Step::Plan),
        4 => any::<usize>().prop_map(Step::Deliver),
        1 => any::<usize>().prop_map(Step::Again),
        1 => any::<usize>().prop_map(Step::Broken),
        2 => any::<usize>().prop_map(Step::Park),
        2 => any::<usize>().prop_map(Step::Resend),
        1 => any::<usize>().prop_map(Step::Discard),
        1 => any::<usize>().prop_map(Step::Pass),
        1 => any::<usize>().prop_map(Step::Reject),
    ]
}

fn plan(tx: &mut Tx<'_>, lane: u8, number: u32) -> Result<(), Error> {
    let event = EventId::of_hub("test", "lane", number);
    tx.plan_delivery(&NewDelivery {
        id: DeliveryId::derive(event, "m", "amqp"),
        content: Content::Event(i64::from(number)),
        mailbox: "a/b",
        channel: "amqp",
        capacity: "task",
        why: &Why::default(),
        lane: [lane; 16],
    })
}

fn all(tx: &mut Tx<'_>) -> Result<Vec<delivery::Delivery>, Error> {
    tx.sql.all("SELECT * FROM delivery ORDER BY seq", &[], delivery::read)
}

fn ready(tx: &mut Tx<'_>) -> Result<Vec<i64>, Error> {
    tx.sql.all("SELECT seq FROM delivery WHERE ready = 1 ORDER BY seq", &[], |row| row.need_int(0))
}

fn pick(rows: &[delivery::Delivery], state: State, n: usize) -> Option<&delivery::Delivery> {
    let fitting: Vec<_> = rows.iter().filter(|it| it.state == state).collect();
    fitting.get(n.checked_rem(fitting.len())?).copied()
}

fn run_step(tx: &mut Tx<'_>, step: &Step, number: u32) -> Result<(), Error> {
    let reason = Reason::new(Code::new("TEST"), "på prøve");
    let rows = all(tx)?;
    let ready = ready(tx)?;
    let sendable = |n: usize| n.checked_rem(ready.len()).and_then(|at| ready.get(at)).copied();
    match step {
        Step::Plan(lane) => plan(tx, *lane, number),
        Step::Deliver(n) => sendable(*n).map_or(Ok(()), |seq| tx.settle(seq, &Outcome::Delivered)),
        Step::Again(n) => {
            sendable(*n).map_or(Ok(()), |seq| tx.settle(seq, &Outcome::Again { at: Timestamp::MAX, reason }))
        }
        Step::Broken(n) => {
            sendable(*n).map_or(Ok(()), |seq| tx.settle(seq, &Outcome::Broken { at: Timestamp::UNIX_EPOCH, reason }))
        }
        Step::Park(n) => sendable(*n).map_or(Ok(()), |seq| tx.settle(seq, &Outcome::Park(reason))),
        Step::Resend(n) => pick(&rows, State::Parked, *n).map_or(Ok(()), |it| tx.reopen(it, Timestamp::UNIX_EPOCH, 0)),
        Step::Discard(n) => pick(&rows, State::Parked, *n).map_or(Ok(()), |it| tx.discard_delivery(it)),
        Step::Pass(n) => pick(&rows, State::Parked, *n).map_or(Ok(()), |it| tx.let_pass(it)),
        Step::Reject(n) => pick(&rows, State::Delivered, *n)
            .map_or(Ok(()), |it| tx.keep_receipt(it, receipt::Status::Rejected, "nej").map(drop)),
    }
}

/// In each lane exactly the first that could go is ready, and none if something holds it.
fn check_lanes(tx: &mut Tx<'_>) -> Result<(), Error> {
    let ready = ready(tx)?;
    let mut first: BTreeMap<seal::Mark, (i64, bool)> = BTreeMap::new();
    for row in all(tx)? {
        let in_lane = row.state == State::Waiting || (row.state == State::Parked && !row.passed);
        if in_lane {
            first.entry(row.lane).or_insert((row.seq, row.state == State::Waiting));
        }
    }
    let expected: Vec<i64> = first.values().filter(|(_, waiting)| *waiting).map(|(seq, _)| *seq).collect();
    let mut expected = expected;
    expected.sort_unstable();
    assert_eq!(ready, expected);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if books::in_files() { 256 } else { 32 }))]

    #[test]
    fn exactly_the_first_of_a_lane_is_ready(steps in proptest::collection::vec(step(), 1..60)) {
        try_out(None, &Clock::system(), |tx| {
            for (number, step) in steps.iter().enumerate() {
                run_step(tx, step, u32::try_from(number).unwrap())?;
                check_lanes(tx)?;
            }
            tx.add_up()?;
            let counts = balance::tallies(tx.sql)?;
            assert!(balance::Balance::of(&counts).balanced());
            Ok(())
        }).unwrap();
    }
}

#[test]
fn a_delivery_is_planned_once_however_often() {
    try_out(None, &Clock::system(), |tx| {
        plan(tx, 1, 1)?;
        plan(tx, 1, 1)?;
        assert_eq!(all(tx)?.len(), 1);
        Ok(())
    })
    .unwrap();
}

#[test]
fn a_refusal_that_comes_before_the_confirm_still_reaches_a_person() {
    try_out(None, &Clock::system(), |tx| {
        plan(tx, 1, 1)?;
        let row = all(tx)?.remove(0);
        tx.keep_receipt(&row, receipt::Status::Rejected, "nej")?;
        tx.settle(row.seq, &Outcome::Delivered)?;
        let row = all(tx)?.remove(0);
        assert_eq!((row.state, row.passed), (State::Parked, true));
        Ok(())
    })
    .unwrap();
}

#[test]
fn a_weaker_word_after_a_stronger_one_changes_nothing() {
    try_out(None, &Clock::system(), |tx| {
        plan(tx, 1, 1)?;
        let mut row = all(tx)?.remove(0);
        tx.settle(row.seq, &Outcome::Delivered)?;
        for (status, business) in [("received", "received"), ("accepted", "accepted"), ("delivered", "accepted")] {
            row = all(tx)?.remove(0);
            tx.keep_receipt(&row, receipt::Status::named(status).unwrap(), "")?;
            assert_eq!(all(tx)?.remove(0).business.as_deref(), Some(business));
        }
        Ok(())
    })
    .unwrap();
}
