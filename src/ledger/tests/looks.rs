//! Looking, searching, and who looked at what.

use super::*;
use crate::intake::tests::{NOW, at, world};
use crate::intake::{prepare, record};
use crate::ledger::look::{Looker, Reading, Wanted};
use crate::ledger::search::Filter;
use crate::ledger::{audit, goods};
use budstikke_testkit::plans::{Message, Plan};

/// The number of the citizen of every plan.
const CPR: &str = "2512489996";

const IDA: Looker<'static> = Looker { user: "ida", purpose: "sagsbehandling" };

/// A message with two letters: one is routed, one is parked.
pub(super) fn fill(tx: &mut Tx<'_>) -> Result<(), Error> {
    let letters = Message::new("K1").plan(Plan::ggop("B1")).plan(Plan::ggop("B2").municipality("461"));
    let message = prepare::Incoming {
        source: "rehab-plan".to_owned(),
        media_type: None,
        sender_user: None,
        reply_to: None,
        redelivered: false,
        received: at(NOW),
        body: letters.bytes().into(),
    };
    let world = world();
    record::record(tx, &world, &prepare::prepare(&world, message).unwrap()).map(drop)
}

fn look(tx: &mut Tx<'_>, wanted: Wanted) -> Result<crate::ledger::look::Seen, Error> {
    let world = world();
    let found = tx.reader().whereabouts(wanted)?.expect("it is there");
    let original = |read_by: goods::ReadBy<'_>, place, body| {
        crate::deliver::dispatch::original(&world.adapters, read_by, place, body)
    };
    tx.look_at(IDA, &found, &Reading { original: &original, citizens: &|_, _, _| vec![CPR.to_owned()] })
}

#[tokio::test]
async fn a_look_shows_the_own_letter_and_is_found_by_whom_it_was_about() {
    let Fixture { folder, ledger } = fixture();
    ledger.write(fill).await.unwrap();
    let places = ledger.read(|reader| Ok([1, 2].map(|item| reader.whereabouts(Wanted::Item(item)).unwrap().unwrap())));
    let [routed, parked] = places.await.unwrap();
    assert!(!routed.undecided && routed.mailboxes.contains(&"taarnby/genoptraening".to_owned()), "{routed:?}");
    assert!(parked.undecided && parked.mailboxes.is_empty(), "{parked:?}");
    assert_eq!(ledger.read(|reader| reader.whereabouts(Wanted::Item(99))).await.unwrap(), None);

    let seen = ledger.write(|tx| look(tx, Wanted::Item(1))).await.unwrap();
    let letter = String::from_utf8(seen.original.unwrap().bytes.to_vec()).unwrap();
    assert!(letter.contains("B1") && !letter.contains("B2"), "the other letter is none of its business");
    assert!(seen.event.is_some());
    assert!(ledger.write(|tx| look(tx, Wanted::Item(2))).await.unwrap().event.is_none());
    ledger.write(|tx| tx.look("bo", "tilsyn", Sight::Event(1)).map(drop)).await.unwrap();

    let wanted = audit::Wanted { limit: 10, ..audit::Wanted::default() };
    let all = wanted.clone();
    let about = ledger.write(move |tx| tx.looks_at_citizen(Looker { user: "rev", purpose: "aktindsigt" }, CPR, &all));
    let users: Vec<(String, String)> = about.await.unwrap().into_iter().map(|it| (it.user, it.what)).collect();
    let expected = [("rev", "audit"), ("bo", "event_body"), ("ida", "item"), ("ida", "item")];
    assert_eq!(users, expected.map(|(user, what)| (user.to_owned(), what.to_owned())), "the asking is among them");
    let other = wanted.clone();
    let none = ledger.write(move |tx| tx.looks_at_citizen(IDA, "0101010101", &other)).await.unwrap();
    assert_eq!(none.len(), 1, "nobody looked at another one's but by asking");

    let by = |user: Option<&str>, item| audit::Wanted { user: user.map(str::to_owned), item, ..wanted.clone() };
    let looks = async |wanted: audit::Wanted| ledger.read(move |reader| reader.looks(&wanted)).await.unwrap();
    assert_eq!(looks(by(Some("bo"), None)).await.len(), 1);
    assert_eq!(looks(by(None, Some(1))).await.len(), 3, "by the message of an item");
    assert_eq!(looks(by(None, Some(99))).await, []);
    let late = audit::Wanted { from: Some(at("2999-01-01T00:00:00Z")), ..wanted.clone() };
    assert_eq!(looks(late).await, []);
    let first = looks(audit::Wanted { limit: 2, ..wanted.clone() }).await;
    let next = audit::Wanted { before: first.last().map(|it| it.seq), ..wanted.clone() };
    assert_eq!(looks(next).await.len(), 3);
    assert!(verify(&ledger, None).await.is_good());
    // While it is open: when it closes, the log of what is written ahead goes away.
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(10).any(|window| window == CPR.as_bytes()), "no number stands in clear");
    }
    drop(ledger);
}

#[tokio::test]
async fn a_look_shows_the_letter_as_it_was_corrected() {
    let Fixture { folder: _folder, ledger } = fixture();
    ledger.write(fill).await.unwrap();
    let seen = ledger.write(|tx| {
        let edit = tx.propose_edit(2, "ida", "Forkert kommune", b"corrected")?;
        let original = |_: goods::ReadBy<'_>, _, body: Vec<u8>| {
            Some(goods::Original { media_type: "text/plain", bytes: body.into() })
        };
        let shown = |tx: &mut Tx<'_>| -> Result<Vec<u8>, Error> {
            let found = tx.reader().whereabouts(Wanted::Item(2))?.expect("it is there");
            let seen = tx.look_at(IDA, &found, &Reading { original: &original, citizens: &|_, _, _| Vec::new() })?;
            Ok(seen.original.unwrap().bytes.to_vec())
        };
        let proposed = shown(tx)?;
        tx.decide_edit(&edit, crate::ledger::edit::State::Approved, "bo", "")?;
        Ok((proposed, shown(tx)?))
    });
    let (proposed, approved) = seen.await.unwrap();
    assert!(proposed != b"corrected" && approved == b"corrected");
}

#[tokio::test]
async fn a_look_that_cannot_be_written_down_shows_nothing() {
    let Fixture { folder, ledger } = fixture();
    ledger.write(fill).await.unwrap();
    books::forbid(folder.path(), "access");
    assert!(ledger.write(|tx| look(tx, Wanted::Item(1))).await.is_err());
    assert!(ledger.write(|tx| tx.look("ida", "tilsyn", Sight::Event(1))).await.is_err());
    let own = vec!["taarnby/genoptraening".to_owned()];
    assert!(ledger.write(move |tx| tx.search_citizen(IDA, CPR, &own, None)).await.is_err());
    let wanted = audit::Wanted { limit: 10, ..audit::Wanted::default() };
    assert!(ledger.write(move |tx| tx.looks_at_citizen(IDA, CPR, &wanted)).await.is_err());
}

#[tokio::test]
async fn search_finds_what_fits_and_a_mailbox_only_its_own() {
    let Fixture { folder: _folder, ledger } = fixture();
    ledger.write(fill).await.unwrap();
    let found = async |filter: Filter| {
        let hits = ledger.read(move |reader| reader.search(&filter)).await.unwrap().hits;
        hits.into_iter().map(|hit| hit.item).collect::<Vec<_>>()
    };
    let of = |mailbox: &str| Some(vec![mailbox.to_owned()]);
    assert_eq!(found(Filter::default()).await, [Some(2), Some(1)], "the newest first");
    assert_eq!(found(Filter { before: Some(2), ..Filter::default() }).await, [Some(1)]);
    assert_eq!(found(Filter { state: Some(item::State::Parked), ..Filter::default() }).await, [Some(2)]);
    assert_eq!(found(Filter { state: Some(item::State::Routed), ..Filter::default() }).await, [Some(1)]);
    assert_eq!(found(Filter { law: Some("SUL § 140".to_owned()), ..Filter::default() }).await, [Some(1)]);
    assert_eq!(found(Filter { mailboxes: of("taarnby/genoptraening"), ..Filter::default() }).await, [Some(1)]);
    assert_eq!(found(Filter { mailboxes: of("dragoer/ydelse"), ..Filter::default() }).await, []);
    assert_eq!(found(Filter { source: Some("cura".to_owned()), ..Filter::default() }).await, []);
    for (from, to, hits) in [(Some(NOW), None, 2), (None, Some(NOW), 0), (Some("2999-01-01T00:00:00Z"), None, 0)] {
        let filter = Filter { from: from.map(at), to: to.map(at), ..Filter::default() };
        assert_eq!(found(filter).await.len(), hits, "{from:?} {to:?}");
    }
    let events = ledger.read(|reader| reader.last_event()).await.unwrap();
    let first = async |from: &str| {
        let from = at(from);
        ledger.read(move |reader| reader.first_event(from)).await.unwrap()
    };
    assert_eq!((first("2000-01-01T00:00:00Z").await, first("2999-01-01T00:00:00Z").await), (1, events));
    let named = async |name: &'static str, own: Option<Vec<String>>| {
        ledger.read(move |reader| reader.named(name, own.as_deref())).await.unwrap().hits.len()
    };
    assert_eq!(named("B1", None).await, 1);
    assert_eq!((named("#1", of("dragoer/ydelse")).await, named("#1", of("taarnby/genoptraening")).await), (0, 1));
    assert_eq!(named("2", of("taarnby/genoptraening")).await, 0, "what is parked is in no mailbox");

    let citizen = async |mailbox: &'static str| {
        ledger.write(move |tx| tx.search_citizen(IDA, CPR, &[mailbox.to_owned()], None)).await.unwrap().hits.len()
    };
    assert_eq!((citizen("taarnby/genoptraening").await, citizen("dragoer/ydelse").await), (1, 0));
}

#[tokio::test]
async fn the_proof_runs_beside_the_work_and_what_it_said_is_kept() {
    let Fixture { folder: _folder, ledger } = fixture();
    ledger.write(fill).await.unwrap();
    assert_eq!(ledger.read(|reader| reader.last_proof()).await.unwrap(), None);
    let report = ledger.prove(tokio_util::sync::CancellationToken::new()).await.unwrap();
    assert!(report.is_good(), "{report:?}");
    ledger.write(move |tx| tx.proved("rev", &report)).await.unwrap();
    let last = ledger.read(|reader| reader.last_proof()).await.unwrap().unwrap();
    assert!(last.reason.starts_with("ok:") && last.user == "rev", "{last:?}");
    assert!(verify(&ledger, None).await.is_good());
}
