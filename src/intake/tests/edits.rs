//! Corrections by people: read by the same adapter, decided about like any other, and never lost.

use super::people_act::person;
use super::*;
use crate::intake::edit::{self, Unfit};
use crate::intake::people::{self, Person};
use crate::ledger::edit::State as EditState;
use crate::ledger::item::State;
use crate::ledger::look::Sight;

fn other() -> Person {
    Person { user: "bo".to_owned(), reason: String::new() }
}

/// The sample of a request for training, which is good.
fn good() -> Value {
    let text = include_str!("../../../deploy/samples/17-training-2021-08-31.json");
    serde_json::from_str(text).unwrap()
}

/// The sample with something in it that no schema knows.
fn spoiled() -> String {
    let mut event = good();
    event["data"]["ukendt"] = json!("nej");
    serde_json::to_string_pretty(&event).unwrap()
}

fn park(desk: &mut Desk<'_, '_>) -> Result<Taken, Error> {
    let message = desk.incoming("events", spoiled());
    let taken = desk.take(message)?.remove(0);
    assert_eq!(code(&taken), "EVENT_SCHEMA");
    Ok(taken)
}

fn mended() -> String {
    serde_json::to_string_pretty(&good()).unwrap()
}

fn propose(desk: &mut Desk<'_, '_>, item: i64, text: &str, person: &Person) -> Result<Result<i64, Unfit>, Error> {
    let kept = edit::propose(desk.tx, desk.world, item, text, (person, true))?;
    Ok(kept.map(|(edit, became)| {
        assert!(became.is_none(), "it waits for somebody else");
        edit.seq
    }))
}

#[test]
fn a_second_person_approves_and_the_same_message_goes_on_corrected() {
    on_a_ledger(|desk| {
        let taken = park(desk)?;
        let seq = propose(desk, taken.item, &mended(), &person())?.unwrap();
        assert_eq!(desk.story(taken.item)?.item.state, State::Parked, "nothing has happened yet");
        assert_eq!(edit::approve(desk.tx, desk.world, seq, &person())?.err(), Some(Unfit::Own));
        let (edit, became) = edit::approve(desk.tx, desk.world, seq, &other())?.unwrap();
        assert_eq!((edit.state, became.state), (EditState::Approved, "routed"));
        let story = desk.story(taken.item)?;
        assert_eq!(story.edits.iter().map(|it| it.decided_by.as_deref()).collect::<Vec<_>>(), [Some("bo")]);
        let event = story.event.unwrap();
        let shown = desk.tx.look("test", "prøve", Sight::Event(event.seq))?;
        let shown: Value = serde_json::from_slice(&shown).unwrap();
        assert_eq!(shown["id"], good()["id"], "it keeps its source's id");
        assert!(shown["data"]["remarks"].as_array().unwrap().iter().any(|it| it["code"] == "EDITED"), "{shown}");
        let came = desk.tx.look("test", "prøve", Sight::Message(story.message.seq))?;
        assert_eq!(came, spoiled().into_bytes(), "what came stays as it came");
        assert_eq!(edit::approve(desk.tx, desk.world, seq, &other())?.err(), Some(Unfit::Decided));
        // What its sender sends again is known.
        let message = desk.incoming("events", spoiled());
        assert_eq!(desk.take(message)?.remove(0).state, State::Duplicate);
        Ok(())
    });
}

#[test]
fn where_nobody_else_is_asked_it_counts_at_once() {
    on_a_ledger(|desk| {
        let taken = park(desk)?;
        let kept = edit::propose(desk.tx, desk.world, taken.item, &mended(), (&person(), false))?;
        let (edit, became) = kept.unwrap();
        assert_eq!((edit.state, became.unwrap().state), (EditState::Approved, "routed"));
        Ok(())
    });
}

#[test]
fn what_cannot_be_used_is_not_kept_and_says_why_as_the_adapter_does() {
    on_a_ledger(|desk| {
        let taken = park(desk)?;
        let refused = |desk: &mut Desk<'_, '_>, text: &str| propose(desk, taken.item, text, &person());
        let unreadable = |said: Result<i64, Unfit>| match said {
            Err(Unfit::Unreadable(reason)) => (reason.code.to_string(), reason.path.unwrap_or_default()),
            other => panic!("{other:?}"),
        };
        assert_eq!(unreadable(refused(desk, "{")?).0, "EVENT_NOT_JSON");
        let mut half = good();
        half["data"]["ogsaa"] = json!(1);
        assert_eq!(unreadable(refused(desk, &half.to_string())?).0, "EVENT_SCHEMA");
        let mut renamed = good();
        renamed["id"] = json!("another");
        assert_eq!(refused(desk, &renamed.to_string())?, Err(Unfit::OtherId));
        assert_eq!(refused(desk, &spoiled())?, Err(Unfit::Same));
        assert_eq!(refused(desk, "a\u{0}b")?, Err(Unfit::NoText));
        let tells = Person { reason: "om 1204999993".to_owned(), ..person() };
        assert_eq!(propose(desk, taken.item, &mended(), &tells)?, Err(Unfit::Numbers));
        let silent = Person { reason: " ".to_owned(), ..person() };
        assert_eq!(propose(desk, taken.item, &mended(), &silent)?, Err(Unfit::NoReason));
        assert_eq!(desk.story(taken.item)?.edits, [], "nothing was kept");
        Ok(())
    });
}

#[test]
fn one_correction_waits_at_a_time_and_its_author_may_write_another() {
    on_a_ledger(|desk| {
        let taken = park(desk)?;
        let first = propose(desk, taken.item, &mended(), &person())?.unwrap();
        let intruder = Person { user: "bo".to_owned(), ..person() };
        let other_text = format!("{}\n", mended());
        assert_eq!(propose(desk, taken.item, &other_text, &intruder)?, Err(Unfit::Waits("asta".to_owned())));
        let second = propose(desk, taken.item, &other_text, &person())?.unwrap();
        assert_eq!(edit::approve(desk.tx, desk.world, first, &other())?.err(), Some(Unfit::Decided), "it was replaced");
        assert_eq!(edit::reject(desk.tx, second, &other())?.err(), Some(Unfit::NoReason));
        let why = Person { reason: "spørg sygehuset først".to_owned(), ..other() };
        assert_eq!(edit::reject(desk.tx, second, &why)?.unwrap().state, EditState::Rejected);
        let third = propose(desk, taken.item, &mended(), &intruder)?.unwrap();
        people::discard(desk.tx, desk.world, &format!("#{}", taken.item), &person())?;
        let late = edit::approve(desk.tx, desk.world, third, &person())?.err();
        assert_eq!(late, Some(Unfit::NotParked), "somebody else was quicker");
        Ok(())
    });
}

#[test]
fn a_letter_is_corrected_too_and_its_sender_is_not_answered_again() {
    on_a_ledger(|desk| {
        let plan = Plan::ggop("B1").municipality("461");
        let message = desk.incoming("rehab-plan", Message::new("KUVERT1").plan(plan).bytes());
        let text = String::from_utf8(message.body.to_vec()).unwrap();
        let taken = desk.take(message)?.remove(0);
        assert_eq!(code(&taken), "OUTSIDE_AGREEMENT");
        let answers = desk.answers(taken.item)?;
        let right = text.replace("461", "155");
        assert_ne!(right, text);
        let kept = edit::propose(desk.tx, desk.world, taken.item, &right, (&person(), false))?;
        assert_eq!(kept.unwrap().1.unwrap().state, "routed");
        assert_eq!(desk.routed(&taken)?.residence.as_deref(), Some("155"));
        assert_eq!(desk.answers(taken.item)?, answers);
        Ok(())
    });
}
