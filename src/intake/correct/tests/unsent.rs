//! What of the past has not been sent yet, or may have been, or was ended.

use budstikke_contract::reason::{Code, Reason};

use super::*;
use crate::intake::people;
use crate::ledger::delivery::{Content, State};

impl Desk<'_, '_> {
    /// The mailboxes that may be sent something now, with what that is.
    fn waits_to_go(&mut self) -> Vec<String> {
        let mut all = Vec::new();
        for seq in self.ready() {
            let delivery = self.tx.delivery_row(seq).unwrap();
            let Content::Event(row) = delivery.content else { continue };
            all.push(format!("{} {}", delivery.mailbox, self.tx.reader().event_story(row).unwrap().kind));
        }
        all
    }

    fn states(&mut self, item: i64) -> Vec<(String, State)> {
        let deliveries = self.event_of(item).deliveries.into_iter();
        deliveries.map(|it| (it.delivery.mailbox, it.delivery.state)).collect()
    }
}

#[test]
fn what_was_not_sent_is_stopped_and_nobody_is_told() {
    on_a_ledger(|desk| {
        let first = desk.level("level-1");
        let behind = desk.level("level-2");
        let editions = to(&[LEVEL]);
        let found = desk.look(&editions);
        let expected = ["dragoer/borgerservice gets it as task (0)", "dragoer/genoptraening is stopped (0)"];
        assert_eq!(steps(&found), [expected, expected].concat());
        assert!(desk.confirm(&editions, &found.token()).done);
        for item in [first, behind] {
            assert_eq!(
                desk.states(item),
                [
                    ("dragoer/genoptraening".to_owned(), State::Discarded),
                    ("dragoer/borgerservice".to_owned(), State::Waiting)
                ]
            );
        }
        assert_eq!(desk.waits_to_go(), ["dragoer/borgerservice rehab.level.set"], "and nothing to the wrong mailbox");
        assert_eq!(steps(&desk.look(&editions)), Vec::<String>::new());
        Ok(())
    });
}

#[test]
fn what_is_parked_or_was_tried_is_stopped_and_told_too() {
    let why = || Reason::new(Code::new("HTTP_UNANSWERED"), "Postkassen svarer ikke.");
    for outcome in [Outcome::Again { at: Timestamp::MAX, reason: why() }, Outcome::Park(why())] {
        on_a_ledger(|desk| {
            let item = desk.level("level-1");
            desk.settles(&outcome);
            let editions = to(&[LEVEL]);
            let found = desk.look(&editions);
            assert_eq!(
                steps(&found),
                ["dragoer/borgerservice gets it as task (0)", "dragoer/genoptraening is told (0)"],
                "it may have got it: no answer says nothing"
            );
            assert!(desk.confirm(&editions, &found.token()).done);
            assert_eq!(desk.states(item)[0].1, State::Discarded);
            assert_eq!(
                desk.waits_to_go(),
                ["dragoer/borgerservice rehab.level.set", "dragoer/genoptraening delivery.withdrawn"],
                "the notice, and not what it is about"
            );
            Ok(())
        });
    }
}

#[test]
fn what_no_way_leads_to_is_not_there() {
    let broken = || Outcome::Broken {
        at: Timestamp::UNIX_EPOCH,
        reason: Reason::new(Code::new("HTTP_NO_ACCESS"), "Døren er lukket."),
    };
    on_a_ledger(|desk| {
        let item = desk.level("level-1");
        desk.settles(&broken());
        let under_way = desk.ready();
        let editions = to(&[LEVEL]);
        let found = desk.look(&editions);
        assert_eq!(
            steps(&found),
            ["dragoer/borgerservice gets it as task (0)", "dragoer/genoptraening is stopped (0)"]
        );
        assert!(desk.confirm(&editions, &found.token()).done);
        for seq in under_way {
            desk.tx.settle(seq, &broken())?;
        }
        assert_eq!(desk.states(item)[0].1, State::Discarded);
        assert!(desk.story(item)?.notices[0].deliveries.is_empty(), "nobody is told");
        Ok(())
    });
}

#[test]
fn what_turns_out_to_have_been_under_way_is_told_of() {
    let why = Reason::new(Code::new("UNCONFIRMED"), "Ubekræftet.");
    for (outcome, state) in
        [(Outcome::Delivered, State::Delivered), (Outcome::Again { at: Timestamp::MAX, reason: why }, State::Discarded)]
    {
        on_a_ledger(|desk| {
            let item = desk.level("level-1");
            let under_way = desk.ready();
            let editions = to(&[LEVEL]);
            let token = desk.look(&editions).token();
            assert!(desk.confirm(&editions, &token).done);
            assert!(desk.story(item)?.notices[0].deliveries.is_empty(), "nobody is told so far");
            for seq in under_way {
                desk.tx.settle(seq, &outcome)?;
                desk.tx.settle(seq, &outcome)?;
            }
            assert_eq!(desk.states(item)[0].1, state);
            let notice = desk.story(item)?.notices.remove(0);
            assert_eq!(told(&notice), ["dragoer/genoptraening information"]);
            assert!(notice.deliveries[0].delivery.why.corrected_by.is_some());
            assert_eq!(steps(&desk.look(&editions)), Vec::<String>::new());
            // And back again: it gets it anew.
            let back = Editions::read(&edition(&[LEVEL]), &edition(&[])).unwrap();
            assert_eq!(steps(&desk.look(&back))[0], "dragoer/genoptraening gets it as information (1)");
            Ok(())
        });
    }
}

#[test]
fn what_the_last_process_had_under_way_counts_as_sent() {
    on_a_ledger(|desk| {
        desk.level("level-1");
        desk.level("level-2");
        desk.tx.count_what_was_under_way()?;
        let found = desk.look(&to(&[LEVEL]));
        assert_eq!([&found.events[0], &found.events[1]].map(|judged| judged.steps.len()), [2, 2],);
        assert_eq!(steps(&found)[1], "dragoer/genoptraening is told (0)");
        assert_eq!(steps(&found)[3], "dragoer/genoptraening is stopped (0)", "it was behind the other one");
        Ok(())
    });
}

#[test]
fn what_a_person_has_ended_stays_so_and_it_is_said() {
    on_a_ledger(|desk| {
        let item = desk.level("level-1");
        desk.settles(&Outcome::Park(Reason::new(Code::new("HTTP_REFUSED"), "Afvist.")));
        let parked = desk.event_of(item).deliveries[0].delivery.id.to_string();
        people::discard(desk.tx, desk.world, &parked, &Person { user: "anna".into(), reason: "forkert".into() })?;
        let found = desk.look(&to(&[LEVEL]));
        assert_eq!(steps(&found), ["dragoer/borgerservice gets it as task (0)"]);
        assert!(found.events[0].left.as_ref().is_some_and(|left| left.contains("dragoer/genoptraening er kasseret")));
        let back = desk.look(&Editions::read(&edition(&[LEVEL]), &edition(&[])).unwrap());
        assert_eq!(steps(&back), Vec::<String>::new());
        assert!(back.events[0].left.is_some(), "that nothing is done has a reason");
        Ok(())
    });
}

/// News of the citizen goes to who has something of theirs, and not to who had it taken back.
#[test]
fn who_had_it_taken_back_hears_no_news_of_the_citizen() {
    for sent in [true, false] {
        on_a_ledger(|desk| {
            let level = json!({"level": "basal", "citizen": {"cpr": "2512489996"}});
            desk.kind("rehab.level.set", "level-1", "/taarnby/cura", level);
            if sent {
                desk.arrives();
            }
            let editions = to(&[LEVEL]);
            let token = desk.look(&editions).token();
            assert!(desk.confirm(&editions, &token).done);
            let data = json!({"citizen": {"cpr": "2512489996"}, "date": "2026-11-22"});
            let mut news = canonical("citizen.died", "died", "/kombit/beskedfordeler", "", data);
            news.as_object_mut().unwrap().remove("subject");
            let taken = desk.event(&news)?;
            assert_eq!(told(&desk.routed(&taken)?), ["dragoer/borgerservice information"]);
            Ok(())
        });
    }
}
