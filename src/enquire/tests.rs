//! The loop round a service, on a ledger in a file, with a service that does what the test says.

mod bench;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tokio::sync::Semaphore;

use self::bench::{Bench, Fake, NOW, citizen, down, event, eventually, lives};
use super::Trouble;
use crate::intake::ask::RESIDENCE;
use crate::ledger::Error;
use crate::ledger::item::State;
use crate::ledger::wish::Outcome;

#[tokio::test]
async fn what_is_asked_is_answered_and_goes_on() {
    let mut bench = Bench::new();
    let fake = Fake::new(|_| lives("185"));
    bench.start(&fake);
    let before = bench.take(1, &citizen(1)).await;
    bench.comes_to(before, State::Routed).await;
    assert_eq!(bench.residence(before).await.as_deref(), Some("185"));
    assert_eq!(fake.asked(), [citizen(1)]);
    assert_eq!(bench.service(), "answers");
    bench.stop().await;
    bench.proof().await;
}

#[tokio::test]
async fn one_citizen_is_asked_about_once_at_a_time_and_not_more_than_so_many_together() {
    let mut bench = Bench::new();
    bench.limits.at_once = 3;
    let fake = Fake::shut(|_| lives("155"));
    bench.start(&fake);
    let mut items = Vec::new();
    for number in 0..24 {
        items.push(bench.take(number, &citizen(number % 6)).await);
    }
    eventually("three are inside", async || fake.inside() == 3).await;
    fake.door.add_permits(Semaphore::MAX_PERMITS);
    for item in items {
        bench.comes_to(item, State::Routed).await;
    }
    assert_eq!(fake.inside.lock().unwrap().1, 3, "at most");
    bench.stop().await;
    bench.proof().await;
}

#[tokio::test]
async fn an_answer_is_good_for_a_while() {
    let mut bench = Bench::new();
    bench.limits.cache = Duration::from_mins(15);
    let fake = Fake::new(|_| lives("155"));
    bench.start(&fake);
    for number in 0..3 {
        let item = bench.take(number, &citizen(1)).await;
        bench.comes_to(item, State::Routed).await;
    }
    assert_eq!(fake.asked().len(), 1);
    bench.later(SignedDuration::from_mins(16));
    let item = bench.take(3, &citizen(1)).await;
    bench.comes_to(item, State::Routed).await;
    assert_eq!(fake.asked().len(), 2);
    bench.stop().await;
    bench.proof().await;
}

#[tokio::test]
async fn a_service_that_is_down_is_left_alone_and_asked_again_and_nothing_is_guessed() {
    let mut bench = Bench::new();
    let fake = Fake::new(down);
    bench.start(&fake);
    let first = bench.take(1, &citizen(1)).await;
    eventually("it was asked in vain", async || bench.attempts(first).await == 1).await;
    let others = [bench.take(2, &citizen(2)).await, bench.take(3, &citizen(3)).await];
    eventually("it is known to be down", async || bench.service().starts_with("does not answer since")).await;
    assert_eq!(fake.asked().len(), 1, "the others leave it alone");
    fake.now_answers(|_| lives("155"));
    bench.later(SignedDuration::from_secs(30));
    for item in [first, others[0], others[1]] {
        bench.comes_to(item, State::Routed).await;
    }
    assert_eq!(bench.service(), "answers");
    bench.stop().await;
    bench.proof().await;
}

#[tokio::test]
async fn what_has_waited_too_long_is_for_a_person_and_the_rest_waits_on() {
    let mut bench = Bench::new();
    let fake = Fake::new(down);
    bench.start(&fake);
    let early = [bench.take(1, &citizen(1)).await, bench.take(2, &citizen(2)).await];
    eventually("it was asked in vain", async || bench.attempts(early[0]).await > 0).await;
    bench.later(SignedDuration::from_mins(50));
    let late = bench.take(3, &citizen(3)).await;
    // Whichever is asked first, the others are left alone for a while after it.
    let again = async || {
        bench.later(SignedDuration::from_secs(1));
        bench.attempts(early[0]).await > 1
    };
    eventually("it was asked again in vain", again).await;
    bench.later(SignedDuration::from_mins(10));
    for item in early {
        bench.comes_to(item, State::Parked).await;
        assert_eq!(bench.code(item).await, "LOOKUP_FAILED");
    }
    assert_eq!(bench.item(late).await.state, State::Waiting);
    bench.stop().await;
    bench.proof().await;
}

#[tokio::test]
async fn one_question_that_always_fails_does_not_stop_the_others() {
    let mut bench = Bench::new();
    let bad = citizen(1);
    let fake = Fake::new({
        let bad = bad.clone();
        move |question| if question == bad { Err(Trouble::Garbled.into()) } else { lives("155") }
    });
    bench.start(&fake);
    let poison = bench.take(1, &bad).await;
    eventually("it was asked in vain", async || bench.attempts(poison).await == 1).await;
    let mut good = Vec::new();
    for number in 2..8 {
        good.push(bench.take(number, &citizen(number)).await);
    }
    bench.later(SignedDuration::from_secs(20));
    for item in good {
        bench.comes_to(item, State::Routed).await;
    }
    assert_eq!(bench.item(poison).await.state, State::Waiting);
    bench.later(SignedDuration::from_hours(2));
    bench.comes_to(poison, State::Parked).await;
    assert_eq!(bench.code(poison).await, "LOOKUP_FAILED");
    bench.stop().await;
    bench.proof().await;
}

#[tokio::test]
async fn one_who_is_killed_while_asking_asks_again() {
    let mut bench = Bench::new();
    let fake = Fake::shut(|_| lives("155"));
    bench.start(&fake);
    let item = bench.take(1, &citizen(1)).await;
    let behind = {
        let event = json!({
            "specversion": "1.0", "id": "behind", "source": "/dragoer/x",
            "type": "dk.budstikke.rehab.training.requested.v1", "time": NOW,
            "subject": "rehab-6fb927da-3be1-4b9f-8875-a63266100001", "residence": "155",
            "data": {"citizen": {"cpr": citizen(1)}, "reason": "Igen"},
        });
        bench.take_event(event).await
    };
    eventually("it is being asked about", async || fake.inside() == 1).await;
    bench.kill().await;
    assert_eq!(bench.item(item).await.state, State::Waiting);
    let fresh = Fake::new(|_| lives("155"));
    bench.start(&fresh);
    for item in [item, behind] {
        bench.comes_to(item, State::Routed).await;
    }
    assert_eq!(fresh.asked(), [citizen(1)]);
    let events = bench.ledger.read(move |reader| Ok((reader.item(item)?.event, reader.item(behind)?.event)));
    let (first, second) = events.await.unwrap();
    assert!(first < second, "in their order");
    bench.stop().await;
    bench.proof().await;
}

#[tokio::test]
async fn a_hub_that_was_away_for_long_asks_before_it_gives_up() {
    let mut bench = Bench::new();
    let mut items = Vec::new();
    for number in 0..5 {
        items.push(bench.take(number, &citizen(number)).await);
    }
    bench.later(SignedDuration::from_hours(48));
    let fake = Fake::new(|_| lives("155"));
    bench.start(&fake);
    for item in items {
        bench.comes_to(item, State::Routed).await;
    }
    bench.stop().await;
    bench.proof().await;
}

#[tokio::test]
async fn calls_are_no_more_than_so_many_a_second() {
    let mut bench = Bench::new();
    bench.limits.per_second = 2;
    let fake = Fake::new(|_| lives("155"));
    let mut items = Vec::new();
    for number in 0..6 {
        items.push(bench.take(number, &citizen(number)).await);
    }
    let begun: Timestamp = bench.clock.now();
    bench.start(&fake);
    for item in items {
        bench.comes_to(item, State::Routed).await;
    }
    // Two at once, and then each half a second after the one before.
    assert!(bench.clock.now().duration_since(begun) >= SignedDuration::from_secs(2));
    bench.stop().await;
    bench.proof().await;
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_parked_and_asked_for_anew_when_a_person_sends_it_on() {
    let mut bench = Bench::new();
    // An answer that this program has not written cannot be decided by.
    let fake = Fake::new(|_| Ok(Outcome::Answered(b"{".to_vec())));
    bench.start(&fake);
    let item = bench.take(1, &citizen(1)).await;
    bench.comes_to(item, State::Parked).await;
    assert_eq!(bench.code(item).await, "CONTENT_LOST");
    assert_eq!(fake.asked().len(), 1);
    let open = bench.ledger.read(|reader| reader.open_wishes()).await;
    assert_eq!(open.map_err(|error: Error| error.to_string()).unwrap()[RESIDENCE], 0);
    fake.now_answers(|_| lives("155"));
    bench.resend(item).await;
    bench.comes_to(item, State::Routed).await;
    bench.stop().await;
    bench.proof().await;
}

#[tokio::test]
async fn what_the_hub_fails_on_is_parked_and_not_tried_without_end() {
    let mut bench = Bench::new();
    let fake = Fake::shut(|_| lives("155"));
    bench.start(&fake);
    let item = bench.take(1, &citizen(1)).await;
    eventually("it is asked", async || fake.inside() == 1).await;
    bench.tamper("DELETE FROM message");
    fake.door.add_permits(1);
    bench.comes_to(item, State::Parked).await;
    assert_eq!(bench.code(item).await, "HUB_FAILED");
    assert_eq!(fake.asked().len(), 1);
    bench.stop().await;
}

#[tokio::test]
async fn a_question_that_cannot_be_opened_is_parked_alone() {
    let mut bench = Bench::new();
    let fake = Fake::new(|_| lives("155"));
    let lost = bench.take(1, &citizen(1)).await;
    let same = bench.take(2, &citizen(1)).await;
    let other = bench.take(3, &citizen(2)).await;
    bench.tamper("UPDATE wish_body SET sealed = about FROM wish WHERE wish.seq = 1 AND wish_body.seq = 1");
    bench.start(&fake);
    for item in [same, other] {
        bench.comes_to(item, State::Routed).await;
    }
    bench.comes_to(lost, State::Parked).await;
    assert_eq!(bench.code(lost).await, "CONTENT_LOST");
    bench.resend(lost).await;
    bench.comes_to(lost, State::Routed).await;
    bench.stop().await;
}

#[tokio::test]
async fn an_answer_that_cannot_be_opened_any_more_stops_nothing_else_of_its_case() {
    let mut bench = Bench::new();
    let fake = Fake::new(|_| lives("155"));
    let mut said = event(1, &citizen(1));
    let first = bench.take_event(said.clone()).await;
    said["id"] = json!("e2");
    said["residence"] = json!("155");
    let behind = bench.take_event(said).await;
    // The answer came, and the row was changed before anything was done with it.
    let settled = bench.ledger.write(|tx| {
        let about = tx.keys().mark(RESIDENCE, &citizen(1));
        let Ok(outcome) = lives("155") else { unreachable!() };
        tx.settle_wishes((RESIDENCE, &about), i64::MAX, &outcome)
    });
    assert_eq!(settled.await.unwrap(), [first]);
    bench.tamper("UPDATE answer_body SET sealed = about FROM wish WHERE wish.seq = answer_body.seq");
    assert_eq!(bench.free(first).await.parked, 1);
    assert_eq!(bench.code(first).await, "CONTENT_LOST");
    assert_eq!(bench.item(behind).await.state, State::Waiting, "it holds its case");
    bench.start(&fake);
    bench.resend(first).await;
    for item in [first, behind] {
        bench.comes_to(item, State::Routed).await;
    }
    bench.stop().await;
}

#[tokio::test]
async fn what_is_no_question_is_parked_and_says_nothing_of_the_service() {
    let mut bench = Bench::new();
    let odd = citizen(1);
    let fake = Fake::new({
        let odd = odd.clone();
        move |question| if question == odd { Err(Trouble::Unaskable.into()) } else { lives("155") }
    });
    bench.start(&fake);
    let lost = bench.take(1, &odd).await;
    bench.comes_to(lost, State::Parked).await;
    assert_eq!(bench.code(lost).await, "CONTENT_LOST");
    let other = bench.take(2, &citizen(2)).await;
    bench.comes_to(other, State::Routed).await;
    assert_eq!((fake.asked().len(), bench.service().as_str()), (2, "answers"));
    bench.stop().await;
    bench.proof().await;
}
