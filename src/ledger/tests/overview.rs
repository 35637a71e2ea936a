//! What operations look at. That each question is answered by an index is asked of every statement
//! in a test (`sqlite::plans`): here each is put.

use super::super::beat::{Beat, Way};
use super::*;

const MINUTE: i64 = 60_000_000;

fn at(minute: i64) -> Timestamp {
    Timestamp::from_microsecond(1_700_000_000_000_000 + minute * MINUTE).unwrap()
}

fn test_reason() -> Reason {
    Reason::new(Code::new("TEST"), "på prøve")
}

#[test]
fn what_waits_and_what_is_parked_is_counted_by_mailbox_and_reason() {
    try_out(None, &Clock::system(), |tx| {
        for (number, minute) in [(1, 1), (2, 2), (3, 3), (4, 4)] {
            tx.at = at(minute);
            plan(tx, u8::try_from(number).unwrap(), number)?;
        }
        tx.at = at(5);
        tx.settle(1, &Outcome::Delivered)?;
        tx.settle(2, &Outcome::Park(test_reason()))?;
        tx.settle(3, &Outcome::Again { at: Timestamp::MAX, reason: test_reason() })?;
        let backlog = tx.reader().backlogs()?.remove(0);
        assert_eq!((backlog.mailbox.as_str(), backlog.channel.as_str()), ("a/b", "amqp"));
        assert_eq!((backlog.waiting, backlog.parked, backlog.attempts), (2, 1, 1));
        assert_eq!((backlog.since, backlog.code.as_deref()), (Some(at(3)), Some("TEST")), "since the first that waits");
        let group = tx.reader().parked_groups()?.remove(0);
        assert_eq!((group.code.as_str(), group.items, group.deliveries), ("TEST", 0, 1));
        assert_eq!(group.since, Some(at(5)), "since it was parked, not since it came");
        Ok(())
    })
    .unwrap();
}

#[test]
fn how_old_the_oldest_of_a_queue_is_follows_from_its_depth() {
    try_out(None, &Clock::system(), |tx| {
        for number in 1..=3 {
            plan(tx, 1, number)?;
            tx.at = at(number.into());
            tx.settle(number.into(), &Outcome::Delivered)?;
        }
        let mut reader = tx.reader();
        let oldest: Vec<_> = (1..=4).map(|depth| reader.sent_back("a/b", depth).unwrap()).collect();
        assert_eq!(oldest, [Some(at(3)), Some(at(2)), Some(at(1)), None]);
        assert_eq!(reader.last_sent("a/b", "amqp")?, Some(at(3)));
        assert_eq!((reader.last_sent("a/b", "http")?, reader.last_sent("a/c", "amqp")?), (None, None));
        Ok(())
    })
    .unwrap();
}

#[test]
fn what_comes_and_goes_is_found_in_the_chain_and_read_once() {
    try_out(None, &Clock::system(), |tx| {
        tx.at = at(0);
        keep(tx, b"old", "0")?;
        tx.at = at(61);
        keep(tx, b"new", "1")?;
        plan(tx, 1, 1)?;
        tx.settle(1, &Outcome::Again { at: Timestamp::UNIX_EPOCH, reason: test_reason() })?;
        tx.at = at(62);
        tx.settle(1, &Outcome::Delivered)?;
        let mut reader = tx.reader();
        let place = reader.chain_before(at(1))?;
        let (beats, until) = reader.beats_after(place)?;
        let expected = [(61, Way::In("events".to_owned())), (62, Way::Out("a/b".to_owned(), "amqp".to_owned()))]
            .map(|(m, way)| Beat { at: at(m), way });
        assert_eq!(beats, expected);
        assert_eq!(reader.beats_after(until)?, (vec![], until), "nothing twice");
        assert_eq!(reader.chain_before(at(99))?, until);
        assert_eq!(reader.chain_before(at(-99))?, 0);
        Ok(())
    })
    .unwrap();
}

#[test]
fn what_is_paused_and_what_is_late_is_told() {
    try_out(None, &Clock::system(), |tx| {
        tx.at = at(7);
        tx.pause("cura", "ida")?;
        let paused = tx.reader().paused_by()?.remove("cura").unwrap();
        assert_eq!((paused.at, paused.by.as_str()), (at(7), "ida"));
        assert!(tx.reader().duties_owed(jiff::civil::date(2026, 11, 22))?.is_empty());
        Ok(())
    })
    .unwrap();
}
