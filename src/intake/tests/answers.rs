//! What hospitals are told, and what they are told when they say the same again.

use budstikke_testkit::plans::{Message, Plan, Vans};

use super::*;
use crate::ledger::item::State;

#[test]
fn a_plan_is_confirmed_where_that_is_asked_for() {
    on_a_ledger(|desk| {
        let asked = desk.letter(&Message::new("K1").plan(Plan::ggop("B1")))?.remove(0);
        assert_eq!(desk.answers(asked.item)?, ["XCTL03"]);
        let not_asked = desk.letter(&Message::new("K2").wants_positive(false).plan(Plan::ggop("B2")))?.remove(0);
        assert!(desk.answers(not_asked.item)?.is_empty());
        Ok(())
    });
}

#[test]
fn in_a_vans_envelope_the_network_is_answered_too_unless_it_does_not_wait() {
    on_a_ledger(|desk| {
        let reliable = Message::new("K1").plan(Plan::ggop("B1")).vans(Vans::numbered(1));
        let taken = desk.letter(&reliable)?.remove(0);
        assert_eq!(desk.answers(taken.item)?, ["XCTL03", "PositiveMessage"]);
        let unreliable = Message::new("K2").plan(Plan::ggop("B2")).vans(Vans::numbered(2).reliable(false));
        let taken = desk.letter(&unreliable)?.remove(0);
        assert_eq!(desk.answers(taken.item)?, ["XCTL03"]);
        Ok(())
    });
}

#[test]
fn a_municipality_outside_is_parked_and_at_once_refused() {
    on_a_ledger(|desk| {
        let taken = desk.plan(Plan::ggop("B1").municipality("461"))?;
        assert_eq!((taken.state, taken.refused, code(&taken).as_str()), (State::Parked, false, "OUTSIDE_AGREEMENT"));
        assert_eq!(desk.answers(taken.item)?, ["XCTL02 problem_med_modtagerID"]);
        Ok(())
    });
}

#[test]
fn parked_for_any_other_reason_we_hold_it() {
    on_a_ledger(|desk| {
        let taken = desk.plan(Plan::ggop("B1").receiver_named_by("lokationsnummer"))?;
        assert_eq!((taken.state, code(&taken).as_str()), (State::Parked, "NO_RESIDENCE"));
        assert_eq!(desk.answers(taken.item)?, ["XCTL03"]);
        Ok(())
    });
}

#[test]
fn letters_of_mixed_fate_get_two_receipts() {
    on_a_ledger(|desk| {
        let message = Message::new("K1")
            .plan(Plan::ggop("B1"))
            .plan(Plan::ggop("B2").municipality("461"))
            .plan(Plan::ggop("B3").cpr("9999999999"));
        let taken = desk.letter(&message)?;
        let states: Vec<State> = taken.iter().map(|it| it.state).collect();
        assert_eq!(states, [State::Routed, State::Parked, State::Parked]);
        assert_eq!(desk.answers(taken[0].item)?, ["XCTL03", "XCTL02 problem_med_modtagerID"]);
        Ok(())
    });
}

/// The four rows of MedCom's table, with the network's envelope and without.
#[test]
fn a_repeat_gets_the_first_answer_and_is_never_shown_twice() {
    let vans = |envelope: u64, message: u64| {
        let id = |number: u64| format!("00000000-0000-4000-8000-{number:012}");
        Vans::new(id(envelope), id(message))
    };
    for wrap in [false, true] {
        on_a_ledger(|desk| {
            let message = |envelope: u64, letter: u64| {
                let it = Message::new(format!("K{envelope}")).plan(Plan::ggop(format!("B{letter}")));
                if wrap { it.vans(vans(envelope, letter)) } else { it }
            };
            let first = desk.letter(&message(1, 1))?.remove(0);
            let answers = desk.answers(first.item)?;
            for (again, what) in [(message(1, 1), "seen, seen"), (message(2, 1), "new, seen")] {
                // Within the network's envelope only that is new: the payload is the same.
                let again = if wrap {
                    Message::new("K1").plan(Plan::ggop("B1")).vans(vans(if what == "seen, seen" { 1 } else { 2 }, 1))
                } else {
                    again
                };
                let taken = desk.letter(&again)?.remove(0);
                assert_eq!((taken.state, taken.refused), (State::Duplicate, false), "{what}");
                assert!(desk.answers(taken.item)?.is_empty());
            }
            assert_eq!(desk.answers(first.item)?.len(), 3 * answers.len(), "the first answer, and twice again");
            assert_eq!(desk.tx.reader().last_event()?, 1, "nothing is shown twice");

            let reused = desk.letter(&message(1, 2))?.remove(0);
            assert_eq!((reused.state, code(&reused).as_str()), (State::Parked, "ENVELOPE_REUSED"));
            assert_eq!(desk.answers(reused.item)?, answers, "held, not refused");
            Ok(())
        });
    }
}

#[test]
fn the_same_letter_with_other_content_is_parked_and_never_contradicted() {
    on_a_ledger(|desk| {
        let first = desk.letter(&Message::new("K1").plan(Plan::ggop("B1")))?.remove(0);
        let changed = Message::new("K2").plan(Plan::ggop("B1").deadline("Straks"));
        let taken = desk.letter(&changed)?.remove(0);
        assert_eq!((taken.state, code(&taken).as_str()), (State::Parked, "ID_REUSED"));
        assert_eq!(desk.answers(first.item)?, ["XCTL03", "XCTL03"]);

        let outside = desk.letter(&Message::new("K3").plan(Plan::ggop("B3").municipality("461")))?.remove(0);
        desk.letter(&Message::new("K4").plan(Plan::ggop("B3").municipality("155")))?;
        let negative = "XCTL02 problem_med_modtagerID";
        assert_eq!(desk.answers(outside.item)?, [negative, negative], "never negative, then positive");
        Ok(())
    });
}

#[test]
fn a_repeated_answer_has_an_id_of_its_own() {
    on_a_ledger(|desk| {
        let first = desk.letter(&Message::new("K1").plan(Plan::ggop("B1")))?.remove(0);
        desk.letter(&Message::new("K2").plan(Plan::ggop("B1")))?;
        let story = desk.story(first.item)?;
        let ids: Vec<_> =
            story.answers.iter().flat_map(|(_, deliveries)| deliveries).map(|it| it.delivery.id).collect();
        assert_eq!(ids.len(), 2);
        assert_ne!(ids[0], ids[1], "a receiver that drops repeats by id must not drop it");
        Ok(())
    });
}

#[test]
fn when_the_broker_hands_the_same_thing_out_again_nobody_is_answered_again() {
    on_a_ledger(|desk| {
        let message = Message::new("K1").plan(Plan::ggop("B1"));
        let first = desk.letter(&message)?.remove(0);
        let mut again = desk.incoming("rehab-plan", message.bytes());
        again.redelivered = true;
        assert_eq!(desk.take(again)?[0].state, State::Duplicate);
        assert_eq!(desk.answers(first.item)?, ["XCTL03"]);
        Ok(())
    });
}

#[test]
fn a_letter_twice_in_one_message_is_taken_once() {
    on_a_ledger(|desk| {
        let twice = Message::new("K1").plan(Plan::ggop("B1")).plan(Plan::ggop("B1"));
        let taken = desk.letter(&twice)?;
        assert_eq!((taken[0].state, taken[1].state), (State::Routed, State::Duplicate));
        let changed = Message::new("K2").plan(Plan::ggop("B2")).plan(Plan::ggop("B2").deadline("Straks"));
        let taken = desk.letter(&changed)?;
        assert_eq!((taken[0].state, taken[1].state), (State::Routed, State::Parked));
        Ok(())
    });
}

#[test]
fn a_receipt_is_recorded_and_never_answered() {
    on_a_ledger(|desk| {
        let receipt = br#"<Emessage xmlns="http://rep.oio.dk/sundcom.dk/medcom.dk/xml/schemas/2005/08/07/"><Envelope><Sent><Date>2026-11-22</Date><Time>10:00</Time></Sent><Identifier>K9</Identifier><AcknowledgementCode>minuspositivkvitt</AcknowledgementCode></Envelope><PositiveReceipt><Letter><Identifier>B9</Identifier><VersionCode>XC0330Q</VersionCode><StatisticalCode>XCTL03</StatisticalCode></Letter></PositiveReceipt></Emessage>"#;
        let message = desk.incoming("rehab-plan", receipt.as_slice());
        let taken = desk.take(message)?.remove(0);
        assert_eq!((taken.state, desk.story(taken.item)?.item.what.as_str()), (State::Recorded, "XCTL03"));
        assert!(desk.answers(taken.item)?.is_empty());
        Ok(())
    });
}

#[test]
fn garbage_is_kept_and_the_same_garbage_is_a_repeat() {
    on_a_ledger(|desk| {
        let garbage = desk.incoming("rehab-plan", "UNB+UNOC");
        let taken = desk.take(garbage.clone())?.remove(0);
        assert_eq!((taken.state, taken.refused), (State::Parked, true));
        assert_eq!(desk.take(garbage)?[0].state, State::Duplicate);
        Ok(())
    });
}

#[test]
fn a_new_letter_under_a_used_message_id_is_held_and_its_sender_hears_so() {
    on_a_ledger(|desk| {
        let vans = |envelope: &str| Vans::new(envelope, "a0000000-0000-4000-8000-000000000001");
        let first = vans("e0000000-0000-4000-8000-000000000001");
        desk.letter(&Message::new("K1").plan(Plan::ggop("B1")).vans(first))?;
        let second = vans("e0000000-0000-4000-8000-000000000002");
        let other = desk.letter(&Message::new("K2").plan(Plan::ggop("B2")).vans(second))?.remove(0);
        assert_eq!(code(&other), "ID_REUSED");
        assert_eq!(desk.answers(other.item)?, ["XCTL03", "PositiveMessage"]);
        Ok(())
    });
}

#[test]
fn a_letter_whose_number_reads_as_a_cpr_number_is_found_by_it_and_stored_without_it() {
    on_a_ledger(|desk| {
        let taken = desk.plan(Plan::ggop("2512489996"))?;
        let found = desk.tx.reader().trace("2512489996")?;
        assert_eq!(found[0].item.seq, taken.item);
        assert!(!found[0].item.key.contains("2512489996"), "{}", found[0].item.key);
        Ok(())
    });
}
