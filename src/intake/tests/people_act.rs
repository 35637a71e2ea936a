//! What people do with what is parked, what receivers say, and what the broker gives back.

use budstikke_contract::reason::Reason;
use budstikke_testkit::plans::Plan;

use super::*;
use crate::deliver::{dispatch, orphans};
use crate::intake::consume::POISON;
use crate::intake::people::{self, Person};
use crate::intake::{receipts, returned};
use crate::ledger::delivery::{self, Delivery, Outcome, Returned};
use crate::ledger::item::State;
use crate::ledger::look::Sight;

pub(super) fn person() -> Person {
    Person { user: "asta".to_owned(), reason: "set på sagen".to_owned() }
}

fn deliver_all(desk: &mut Desk<'_, '_>, event: i64) -> Result<Vec<Delivery>, Error> {
    for delivery in desk.tx.deliveries_of(event)? {
        desk.tx.settle(delivery.seq, &Outcome::Delivered)?;
    }
    desk.tx.deliveries_of(event)
}

fn receipt(desk: &mut Desk<'_, '_>, delivery: &str, status: &str) -> Result<Taken, Error> {
    let body = json!({"delivery": delivery, "status": status, "reason": "Ukendt hos os"}).to_string();
    let message = desk.incoming("receipts", body);
    receipts::record(desk.tx, desk.world, &message)
}

#[test]
fn discarding_what_is_parked_lets_what_waited_go_on_in_order() {
    on_a_ledger(|desk| {
        let parked = desk.plan(Plan::ggop("B1").episode("e1").receiver_named_by("lokationsnummer"))?;
        let plan = desk.plan(Plan::ggop("B2").episode("e1"))?;
        let correction = desk.plan(Plan::correspondence("B3").corrected(true).episode("e1"))?;
        let id = format!("#{}", parked.item);
        let said = people::discard(desk.tx, desk.world, &id, &Person { reason: " ".to_owned(), ..person() });
        assert!(matches!(said, Err(Error::Refused(_))), "a reason must be given");
        people::discard(desk.tx, desk.world, &id, &person())?;
        assert_eq!(desk.story(parked.item)?.item.state, State::Discarded);
        let (plan, correction) = (desk.routed(&plan)?, desk.routed(&correction)?);
        assert!(plan.seq < correction.seq && plan.case == correction.case);
        Ok(())
    });
}

#[test]
fn resending_what_still_cannot_be_decided_says_why_and_leaves_it() {
    on_a_ledger(|desk| {
        let parked = desk.plan(Plan::ggop("B1").receiver_named_by("lokationsnummer"))?;
        let said = people::resend(desk.tx, desk.world, &format!("#{}", parked.item), &person())?;
        assert!(said.starts_with("parked: NO_RESIDENCE"), "{said}");
        assert_eq!(desk.answers(parked.item)?, ["XCTL03"], "its sender hears nothing new");
        Ok(())
    });
}

#[test]
fn a_person_can_send_on_what_came_under_a_used_id() {
    on_a_ledger(|desk| {
        desk.plan(Plan::ggop("B1"))?;
        let reused = desk.plan(Plan::ggop("B1").deadline("Straks"))?;
        assert_eq!(code(&reused), "ID_REUSED");
        assert_eq!(people::resend(desk.tx, desk.world, &format!("#{}", reused.item), &person())?, "routed");
        let event = desk.story(reused.item)?.event.unwrap();
        assert_eq!(told(&event).len(), 2, "an event of its own");
        Ok(())
    });
}

#[test]
fn a_letters_own_name_finds_it_while_it_is_parked() {
    on_a_ledger(|desk| {
        desk.plan(Plan::ggop("B1").municipality("461"))?;
        assert!(people::resend(desk.tx, desk.world, "B1", &person())?.starts_with("parked: OUTSIDE_AGREEMENT"));
        assert!(matches!(people::resend(desk.tx, desk.world, "B2", &person()), Err(Error::Refused(_))));
        Ok(())
    });
}

#[test]
fn a_refusal_sends_the_delivery_to_a_person_and_is_told_to_the_others() {
    on_a_ledger(|desk| {
        let plan = desk.plan(Plan::ggop("B1"))?;
        let event = desk.routed(&plan)?;
        let deliveries = deliver_all(desk, event.seq)?;
        let refused = &deliveries[1];
        assert_eq!(refused.mailbox, "taarnby/genoptraening");
        let taken = receipt(desk, &refused.id.to_string(), "rejected")?;
        assert_eq!(taken.state, State::Recorded);
        receipt(desk, &refused.id.to_string(), "rejected")?;
        let story = desk.story(plan.item)?;
        let notices: Vec<String> =
            story.notices.iter().map(|it| format!("{} → {}", it.kind, told(it).join(", "))).collect();
        assert_eq!(notices, ["delivery.rejected → dragoer/genoptraening information"], "told once");
        let after = desk.tx.deliveries_of(event.seq)?.remove(1);
        assert_eq!((after.state, after.passed), (delivery::State::Parked, true), "it holds no lane");
        let correction = desk.plan(Plan::correspondence("B2").corrected(true))?;
        assert_eq!(correction.state, State::Routed, "what follows on the case is not held up");

        people::resend(desk.tx, desk.world, &refused.id.to_string(), &person())?;
        let again = desk.tx.deliveries_of(event.seq)?.remove(1);
        assert_eq!((again.state, again.id), (delivery::State::Waiting, refused.id), "the same delivery goes again");
        Ok(())
    });
}

#[test]
fn receipts_that_say_nothing_are_parked() {
    on_a_ledger(|desk| {
        let plan = desk.plan(Plan::ggop("B1"))?;
        let id = desk.routed(&plan)?.deliveries[0].delivery.id.to_string();
        assert_eq!(code(&receipt(desk, &id, "perhaps")?), "RECEIPT_UNREADABLE");
        assert_eq!(code(&receipt(desk, "6fb927da-3be1-4b9f-8875-a6326617d20b", "accepted")?), "RECEIPT_UNKNOWN");
        let message = desk.incoming("receipts", "{");
        let taken = receipts::record(desk.tx, desk.world, &message)?;
        assert_eq!(code(&taken), "RECEIPT_UNREADABLE");
        Ok(())
    });
}

#[test]
fn what_no_queue_took_goes_again_and_then_to_a_person() {
    on_a_ledger(|desk| {
        let plan = desk.plan(Plan::ggop("B1"))?;
        let event = desk.routed(&plan)?;
        let delivery = deliver_all(desk, event.seq)?.remove(0);
        let back = desk.incoming("budstikke.unroutable", "{}");
        let id = delivery.id.to_string();
        let soon = |_: u32| Some(at(NOW));
        returned::record(desk.tx, &back, Returned::Unroutable, Some(&id), &soon)?;
        let again = desk.tx.deliveries_of(event.seq)?.remove(0);
        assert_eq!((again.state, again.attempts), (delivery::State::Waiting, 1));
        returned::record(desk.tx, &back, Returned::Unroutable, Some(&id), &|_| None)?;
        let given_up = desk.tx.deliveries_of(event.seq)?.remove(0);
        assert_eq!(given_up.state, delivery::State::Parked);
        assert_eq!(given_up.reason.unwrap().code.as_str(), "UNROUTABLE");
        Ok(())
    });
}

#[test]
fn what_a_queue_gave_up_is_for_a_person_and_strays_are_kept() {
    on_a_ledger(|desk| {
        let plan = desk.plan(Plan::ggop("B1"))?;
        let event = desk.routed(&plan)?;
        let delivery = deliver_all(desk, event.seq)?.remove(0);
        let back = desk.incoming("out.dragoer.genoptraening", "{}");
        returned::record(desk.tx, &back, Returned::Dead, Some(&delivery.id.to_string()), &|_| None)?;
        let parked = desk.tx.deliveries_of(event.seq)?.remove(0);
        assert_eq!(parked.reason.unwrap().code.as_str(), "DEAD_LETTERED");
        let stray = returned::record(desk.tx, &back, Returned::Dead, Some("not ours"), &|_| None)?;
        assert_eq!(code(&stray), "STRAY_MESSAGE");
        Ok(())
    });
}

#[test]
fn a_message_that_the_broker_gave_up_unread_can_be_sent_on() {
    on_a_ledger(|desk| {
        let body = budstikke_testkit::plans::Message::new("K1").plan(Plan::ggop("B1")).bytes();
        let dead = desk.incoming("rehab-plan", body.clone());
        let stray = returned::record(desk.tx, &dead, Returned::Dead, None, &|_| None)?;
        assert_eq!(people::resend(desk.tx, desk.world, &format!("#{}", stray.item), &person())?, "routed");
        let again = desk.incoming("rehab-plan", body);
        assert_eq!(desk.take(again)?[0].state, State::Duplicate, "it is known again");
        Ok(())
    });
}

#[test]
fn all_letters_of_a_message_that_was_kept_whole_are_sent_on_and_answered() {
    on_a_ledger(|desk| {
        let body = Message::new("K1").plan(Plan::ggop("B1")).plan(Plan::ggop("B2").municipality("461")).bytes();
        let message = desk.incoming("rehab-plan", body.clone());
        let unread = prepare::unreadable(message, "rehab-plan", Reason::new(POISON, "prøve"));
        let whole = record::record(desk.tx, desk.world, &unread)?.remove(0);
        assert_eq!(desk.answers(whole.item)?, [""; 0], "nothing is known of it yet");
        let said = people::resend(desk.tx, desk.world, &format!("#{}", whole.item), &person())?;
        let lines: Vec<&str> = said.lines().map(|line| line.split(':').next().unwrap_or_default()).collect();
        assert_eq!(lines, ["routed", "parked"], "{said}");
        assert_eq!(desk.story(whole.item)?.item.what, "rehab.plan.received");
        assert_eq!(desk.answers(whole.item)?, ["XCTL03", "XCTL02 problem_med_modtagerID"]);
        let again = desk.incoming("rehab-plan", body);
        let states: Vec<State> = desk.take(again)?.iter().map(|taken| taken.state).collect();
        assert_eq!(states, [State::Duplicate; 2]);
        Ok(())
    });
}

#[test]
fn what_still_cannot_be_read_is_parked_for_that_and_refused() {
    on_a_ledger(|desk| {
        let message = desk.incoming("rehab-plan", "<a>");
        let unread = prepare::unreadable(message, "rehab-plan", Reason::new(POISON, "prøve"));
        let whole = record::record(desk.tx, desk.world, &unread)?.remove(0);
        let said = people::resend(desk.tx, desk.world, &format!("#{}", whole.item), &person())?;
        assert!(said.starts_with("parked: XML_MALFORMED"), "{said}");
        assert!(desk.story(whole.item)?.item.refused);
        Ok(())
    });
}

#[test]
fn a_return_that_is_faster_than_the_confirm_is_not_forgotten() {
    on_a_ledger(|desk| {
        let plan = desk.plan(Plan::ggop("B1"))?;
        let event = desk.routed(&plan)?.seq;
        let [dead, gone] = [0, 1].map(|place| desk.tx.deliveries_of(event).unwrap().remove(place));
        let back = desk.incoming("out", "{}");
        let later = |_: u32| Some(at("2026-11-22T10:00:05Z"));
        returned::record(desk.tx, &back, Returned::Dead, Some(&dead.id.to_string()), &later)?;
        returned::record(desk.tx, &back, Returned::Unroutable, Some(&gone.id.to_string()), &later)?;
        let after = deliver_all(desk, event)?;
        assert_eq!(after[0].state, delivery::State::Parked, "it is not there, whatever the confirm said");
        assert_eq!(after[0].reason.as_ref().unwrap().code.as_str(), "DEAD_LETTERED");
        assert_eq!((after[1].state, after[1].attempts, after[1].returned), (delivery::State::Waiting, 1, None));
        assert_eq!(after[1].next_at, at("2026-11-22T10:00:05Z"));
        assert_eq!(deliver_all(desk, event)?[1].state, delivery::State::Delivered, "the next attempt counts");
        Ok(())
    });
}

#[test]
fn an_event_under_a_used_id_goes_out_under_one_of_its_own() {
    on_a_ledger(|desk| {
        let case = "rehab-6fb927da-3be1-4b9f-8875-a6326617d201";
        let level = |level: &str| {
            let mut event =
                canonical("rehab.level.set", "same", "/taarnby/cura", case, serde_json::json!({"level": level}));
            event["residence"] = "155".into();
            event
        };
        let first = desk.event(&level("basal"))?;
        let second = desk.event(&level("avanceret"))?;
        assert_eq!(code(&second), "ID_REUSED");
        people::resend(desk.tx, desk.world, &format!("#{}", second.item), &person())?;
        let names = [first, second].map(|taken| {
            let seq = desk.routed(&taken).unwrap().seq;
            desk.tx.event_names(seq).unwrap().wire_id
        });
        assert_eq!(names[0], "same");
        assert_ne!(names[0], names[1], "receivers drop what they have seen");
        Ok(())
    });
}

#[test]
fn what_waits_for_a_mailbox_that_is_gone_is_for_a_person() {
    on_a_ledger(|desk| {
        let plan = desk.plan(Plan::ggop("B1").episode("e1"))?;
        let behind = desk.plan(Plan::ggop("B2").episode("e1"))?;
        let (plan, behind) = (desk.routed(&plan)?.seq, desk.routed(&behind)?.seq);
        let gone = desk.tx.deliveries_of(plan)?.remove(0);
        let mut targets = dispatch::targets(&desk.world.mailboxes);
        assert_eq!(orphans::park(desk.tx, &targets)?, 0, "nothing is parked that somebody sends");
        targets.retain(|target| target.mailbox != gone.mailbox);
        assert_eq!(orphans::park(desk.tx, &targets)?, 1);
        let parked = desk.tx.delivery(gone.id)?.unwrap();
        assert_eq!(parked.reason.unwrap().code.as_str(), "MAILBOX_GONE");
        let next = desk.tx.deliveries_of(behind)?.remove(0);
        assert_eq!((next.mailbox, next.state), (gone.mailbox.clone(), delivery::State::Waiting), "it keeps its place");
        assert_eq!(people::resend(desk.tx, desk.world, &gone.id.to_string(), &person())?, "waiting");

        let mut without = world();
        let mailboxes = without.mailboxes.iter().filter(|(id, _)| id.as_str() != gone.mailbox);
        let mailboxes: BTreeMap<_, _> = mailboxes.map(|(id, mailbox)| (id.clone(), mailbox.clone())).collect();
        without.mailboxes = mailboxes.into();
        orphans::park(desk.tx, &targets)?;
        let refused = people::resend(desk.tx, &without, &gone.id.to_string(), &person());
        assert!(matches!(refused, Err(Error::Refused(_))), "nobody would send it");
        Ok(())
    });
}

#[test]
fn what_a_receiver_said_can_be_read_and_the_look_is_kept() {
    on_a_ledger(|desk| {
        let plan = desk.plan(Plan::ggop("B1"))?;
        let event = desk.routed(&plan)?.seq;
        let delivery = deliver_all(desk, event)?.remove(0);
        let none = desk.tx.look("asta", "prøve", Sight::Said(delivery.seq));
        assert!(matches!(none, Err(Error::Refused(_))));
        receipt(desk, &delivery.id.to_string(), "rejected")?;
        assert_eq!(desk.tx.look("asta", "prøve", Sight::Said(delivery.seq))?, "Ukendt hos os".as_bytes());
        let notice = desk.story(plan.item)?.notices.remove(0).deliveries.remove(0).delivery.id;
        let found = desk.tx.reader().trace(&notice.to_string())?;
        assert_eq!(found[0].item.seq, plan.item, "the notice leads to what it is about");
        Ok(())
    });
}

#[test]
fn what_a_person_has_accepted_stays_accepted() {
    on_a_ledger(|desk| {
        let first = desk.plan(Plan::ggop("B1").episode("e1"))?;
        let reused = desk.plan(Plan::ggop("B1").episode("e1").municipality("185"))?;
        assert_eq!(code(&reused), "ID_REUSED");
        let id = format!("#{}", reused.item);
        let said = people::resend(desk.tx, desk.world, &id, &person())?;
        assert!(said.starts_with("parked: RESIDENCE_DIFFERS"), "{said}");
        let behind = desk.plan(Plan::ggop("B2").episode("e1").municipality("185"))?;
        assert_eq!(behind.state, State::Waiting);
        assert_eq!(people::resend(desk.tx, desk.world, &id, &person())?, "routed", "its id does not stop it again");
        assert_eq!(desk.story(behind.item)?.item.state, State::Routed);
        assert_eq!(desk.routed(&first)?.case, desk.routed(&reused)?.case);
        Ok(())
    });
}

#[test]
fn what_was_accepted_and_then_waited_goes_on_by_itself() {
    on_a_ledger(|desk| {
        let case = "rehab-6fb927da-3be1-4b9f-8875-a6326617d201";
        let level = |data: Value| {
            let mut event = canonical("rehab.level.set", "same", "/taarnby/cura", case, data);
            event["residence"] = "155".into();
            event
        };
        let broken = desk.event(&level(serde_json::json!({"level": "højt"})))?;
        let mended = desk.event(&level(serde_json::json!({"level": "basal"})))?;
        assert_eq!([code(&broken), code(&mended)], ["EVENT_SCHEMA", "ID_REUSED"]);
        let said = people::resend(desk.tx, desk.world, &format!("#{}", mended.item), &person())?;
        assert_eq!(said, "waiting", "the broken one holds the case");
        people::discard(desk.tx, desk.world, &format!("#{}", broken.item), &person())?;
        assert_eq!(desk.story(mended.item)?.item.state, State::Routed);
        Ok(())
    });
}

#[test]
fn what_people_write_and_type_is_kept_without_cpr_numbers() {
    on_a_ledger(|desk| {
        let parked = desk.plan(Plan::ggop("2512489996").receiver_named_by("lokationsnummer"))?;
        let telling = Person { reason: "for 251248-9996".to_owned(), ..person() };
        let refused = people::resend(desk.tx, desk.world, "2512489996", &telling);
        assert!(matches!(refused, Err(Error::Refused(_))));
        let look = desk.tx.look("asta", "251248-9996 ringede", Sight::Message(parked.item));
        assert!(matches!(look, Err(Error::Refused(_))));
        people::discard(desk.tx, desk.world, "2512489996", &person())?;
        assert_eq!(desk.story(parked.item)?.item.state, State::Discarded);
        Ok(())
    });
}

#[test]
fn only_the_party_that_got_something_says_what_became_of_it() {
    let mut world = world();
    world.senders = std::sync::Arc::new(BTreeMap::from([
        ("dragoer".to_owned(), "/dragoer/kommune".to_owned()),
        ("taarnby".to_owned(), "/taarnby/cura".to_owned()),
        ("hospital".to_owned(), "/hospital".to_owned()),
    ]));
    ledger::try_out(None, &Clock::starting_at(at(NOW)), |tx| {
        let mut desk = Desk { tx, world: &world, received: at(NOW) };
        let letter = budstikke_testkit::plans::Message::new("K1").plan(Plan::ggop("B1")).bytes();
        let mut message = desk.incoming("rehab-plan", letter);
        message.sender_user = Some("hospital".to_owned());
        let plan = desk.take(message)?.remove(0);
        let event = desk.routed(&plan)?.seq;
        let delivery = deliver_all(&mut desk, event)?.remove(0);
        assert_eq!(delivery.mailbox, "dragoer/genoptraening");
        for (user, expected) in [(None, "SENDER_MISMATCH"), (Some("taarnby"), "SENDER_MISMATCH"), (Some("dragoer"), "")]
        {
            let body = json!({"delivery": delivery.id.to_string(), "status": "rejected"}).to_string();
            let mut message = desk.incoming("receipts", body);
            message.sender_user = user.map(str::to_owned);
            let taken = receipts::record(desk.tx, desk.world, &message)?;
            assert_eq!(code(&taken), expected, "{user:?}");
            let parked = desk.tx.delivery(delivery.id)?.unwrap().state == delivery::State::Parked;
            assert_eq!(parked, expected.is_empty());
        }
        Ok(())
    })
    .unwrap();
}
