//! What another edition makes of the past, and that it is set right once.

mod unsent;

use budstikke_contract::event::EventKind;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::*;
use crate::agreement::tests::shipped;
use crate::intake::tests::{Desk, canonical, on_a_ledger, told};
use crate::ledger::delivery::Outcome;
use crate::ledger::trace::EventStory;

const CASE: &str = "rehab-6fb927da-3be1-4b9f-8875-a6326617d20b";

const LEVEL: (&str, &str) = (
    "modtagere   = [{ postkasse = \"bopael/genoptraening\", som = \"orientering\" }]\nbestemmelse = \"S1 8\"\ntekst",
    "modtagere   = [{ postkasse = \"bopael/borgerservice\", som = \"opgave\" }]\nbestemmelse = \"S1 8\"\ntekst",
);
const TRANSPORT: (&str, &str) = (
    "hvad        = \"Afgør befordringen\"\nskyldes_af  = \"bopael\"",
    "hvad        = \"Afgør befordringen\"\nskyldes_af  = \"udfoerer\"",
);

fn edition(edits: &[(&str, &str)]) -> Edition {
    let mut files = shipped();
    for (from, to) in edits {
        // The part on rehabilitation first: others may have the same words.
        files.sort_by_key(|file| (file.name != "genoptraening.toml", file.name.clone()));
        let file = files.iter_mut().find(|file| file.text.contains(from)).unwrap_or_else(|| panic!("no `{from}`"));
        file.text = file.text.replacen(from, to, 1);
    }
    Edition { files, known: None }
}

fn to(edits: &[(&str, &str)]) -> Editions {
    Editions::read(&edition(&[]), &edition(edits)).unwrap()
}

fn person() -> Person {
    Person { user: "anna".to_owned(), reason: String::new() }
}

impl Desk<'_, '_> {
    fn kind(&mut self, kind: &str, id: &str, source: &str, data: Value) -> i64 {
        let mut event = canonical(kind, id, source, CASE, data);
        event["residence"] = "155".into();
        let taken = self.event(&event).unwrap();
        assert!(taken.event.is_some(), "{taken:?}");
        taken.item
    }

    fn level(&mut self, id: &str) -> i64 {
        self.kind("rehab.level.set", id, "/taarnby/cura", json!({"level": "basal"}))
    }

    fn look(&mut self, editions: &Editions) -> Found {
        look(&mut self.tx.reader(), editions).unwrap()
    }

    fn confirm(&mut self, editions: &Editions, token: &str) -> Made {
        let found = self.look(editions);
        confirm(self.tx, self.world, editions, &found, token, &person()).unwrap()
    }

    fn event_of(&mut self, item: i64) -> EventStory {
        self.story(item).unwrap().event.unwrap()
    }

    /// All that may be sent arrives.
    fn arrives(&mut self) {
        self.settles(&Outcome::Delivered);
    }

    /// All that may be sent is tried once, and comes to this.
    fn settles(&mut self, outcome: &Outcome) {
        for seq in self.ready() {
            self.tx.settle(seq, outcome).unwrap();
        }
    }

    /// What may be sent now.
    fn ready(&mut self) -> Vec<i64> {
        let mut all = Vec::new();
        for (mailbox, channel) in self.tx.reader().ready_targets().unwrap() {
            all.extend(self.tx.reader().ready(&mailbox, &channel, Timestamp::MAX, 64).unwrap());
        }
        all.sort_unstable();
        all
    }

    fn entries(&mut self) -> i64 {
        self.tx.reader().chain_end().unwrap().seq
    }
}

fn steps(found: &Found) -> Vec<String> {
    found
        .steps()
        .map(|step| match step {
            Step::Deliver { to, capacity, round } => format!("{to} gets it as {capacity} ({round})"),
            Step::Stop { to, round } => format!("{to} is stopped ({round})"),
            Step::Withdraw { from, round } => format!("{from} is told ({round})"),
            Step::Release { party, .. } => format!("{party} is released"),
            Step::Owe { party, .. } => format!("{party} owes"),
        })
        .collect()
}

#[test]
fn nothing_of_the_past_differs_by_the_same_edition() {
    on_a_ledger(|desk| {
        desk.level("level-1");
        let found = desk.look(&to(&[]));
        assert_eq!((found.asked, found.events.len(), found.steps().count()), (1, 0, 0));
        Ok(())
    });
}

#[test]
fn who_should_have_had_it_gets_it_and_who_should_not_is_told_once() {
    on_a_ledger(|desk| {
        let item = desk.level("level-1");
        desk.arrives();
        let editions = to(&[LEVEL]);
        let found = desk.look(&editions);
        assert_eq!(steps(&found), ["dragoer/borgerservice gets it as task (0)", "dragoer/genoptraening is told (0)"]);
        assert_eq!((found.events[0].item, found.events[0].kind.as_str()), (item, "rehab.level.set"));

        let before = desk.entries();
        assert!(!desk.confirm(&editions, "0123456789abcdef").done);
        assert_eq!(desk.entries(), before, "what was not confirmed is not done");

        let token = found.token();
        assert!(desk.confirm(&editions, &token).done);
        assert_eq!(
            told(&desk.event_of(item)),
            ["dragoer/genoptraening information", "dragoer/borgerservice task"],
            "the same event, to the other one too"
        );
        let story = desk.story(item)?;
        let [notice] = story.notices.as_slice() else { panic!("{:?}", story.notices) };
        assert_eq!(
            (notice.kind.as_str(), told(notice)),
            ("delivery.withdrawn", vec!["dragoer/genoptraening information".to_owned()])
        );
        assert_eq!(notice.decision.agreement, "dragoer-taarnby");
        assert!(notice.decision.told.as_ref().is_some_and(|told| told.contains("dragoer/genoptraening")));

        let again = desk.look(&editions);
        assert_eq!((again.events.len(), steps(&again).len()), (1, 0), "it is said still, and nothing is left to do");
        let before = desk.entries();
        assert!(!desk.confirm(&editions, &token).done);
        assert_eq!(desk.entries(), before, "twice makes nothing twice");
        Ok(())
    });
}

#[test]
fn the_notice_keeps_its_schema_and_names_its_cause() {
    on_a_ledger(|desk| {
        let item = desk.level("level-1");
        desk.arrives();
        let editions = to(&[LEVEL]);
        let token = desk.look(&editions).token();
        assert!(desk.confirm(&editions, &token).done);
        let notice = desk.story(item)?.notices.remove(0);
        let json: Value = serde_json::from_slice(&desk.tx.reader().past_event(notice.seq)?.json).unwrap();
        assert_eq!((json["causationid"].as_str(), json["subject"].as_str()), (Some("level-1"), Some(CASE)));
        assert_eq!(json["data"]["receivers"], json!(["dragoer/borgerservice"]));
        let kind = EventKind::named("delivery.withdrawn").unwrap();
        assert_eq!(budstikke_schemas::check(kind.schema(), &json["data"]), Ok(()));
        let delivered = &desk.event_of(item).deliveries[1].delivery;
        let edition = delivered.why.corrected_by.as_deref().unwrap_or_default();
        assert!(edition.contains("genoptraening v1 (kendt "), "{edition}");
        Ok(())
    });
}

#[test]
fn what_has_come_since_it_was_shown_is_not_corrected_unseen() {
    on_a_ledger(|desk| {
        desk.level("level-1");
        let editions = to(&[LEVEL]);
        let shown = desk.look(&editions);
        desk.level("level-2");
        let made = confirm(desk.tx, desk.world, &editions, &shown, &shown.token(), &person())?;
        assert!(!made.done, "there is one more now");
        let now = desk.look(&editions);
        assert_eq!(steps(&now).len(), 4);
        assert_ne!(now.token(), shown.token());
        assert_eq!(desk.confirm(&editions, &now.token()).steps, 4);
        Ok(())
    });
}

#[test]
fn an_edition_that_is_taken_back_gives_it_back_under_another_id() {
    on_a_ledger(|desk| {
        let item = desk.level("level-1");
        let (there, back) = (to(&[LEVEL]), Editions::read(&edition(&[LEVEL]), &edition(&[])).unwrap());
        for (editions, expected) in [
            (&there, ["dragoer/borgerservice gets it as task (0)", "dragoer/genoptraening is told (0)"]),
            (&back, ["dragoer/genoptraening gets it as information (1)", "dragoer/borgerservice is told (0)"]),
            (&there, ["dragoer/borgerservice gets it as task (1)", "dragoer/genoptraening is told (1)"]),
        ] {
            desk.arrives();
            let found = desk.look(editions);
            assert_eq!(steps(&found), expected);
            assert!(desk.confirm(editions, &found.token()).done);
            assert_eq!(steps(&desk.look(editions)), Vec::<String>::new());
        }
        let ids: std::collections::BTreeSet<_> =
            desk.event_of(item).deliveries.iter().map(|it| it.delivery.id).collect();
        assert_eq!(ids.len(), 4, "a receiver drops none of them as a repeat");
        Ok(())
    });
}

#[test]
fn an_open_duty_moves_and_a_met_one_stays() {
    on_a_ledger(|desk| {
        let data = example("rehab.transport.requested");
        let item = desk.kind("rehab.transport.requested", "ask-1", "/taarnby/cura", data);
        let editions = to(&[TRANSPORT]);
        let found = desk.look(&editions);
        assert_eq!(steps(&found), ["dragoer is released", "taarnby owes"]);
        assert!(desk.confirm(&editions, &found.token()).done);
        let duties = desk.event_of(item).duties;
        let states: Vec<_> = duties.iter().map(|it| (it.terms.owed_by.as_str(), it.state.name())).collect();
        assert_eq!(states, [("dragoer", "closed"), ("taarnby", "open")]);
        assert_eq!(steps(&desk.look(&editions)).len(), 0);
        Ok(())
    });
    on_a_ledger(|desk| {
        desk.kind("rehab.transport.requested", "ask-1", "/taarnby/cura", example("rehab.transport.requested"));
        desk.kind("rehab.transport.decided", "say-1", "/dragoer/sag", example("rehab.transport.decided"));
        assert_eq!(steps(&desk.look(&to(&[TRANSPORT]))).len(), 0, "what was done is done");
        Ok(())
    });
}

/// The first example of a kind's schema.
fn example(kind: &str) -> Value {
    let schema: Value = serde_json::from_str(EventKind::named(kind).unwrap().schema().text).unwrap();
    schema["examples"][0].clone()
}

#[test]
fn what_went_to_nobody_and_should_not_have_is_routed_then() {
    let nobody = (LEVEL.0, "modtagere   = []\ningen = \"Aftalt mundtligt\"\nbestemmelse = \"S1 8\"\ntekst");
    on_a_ledger(|desk| {
        let book = Book::read(&edition(&[nobody]).files).unwrap();
        let silent = World::new(book, crate::adapters::Registry::default(), std::collections::BTreeMap::new());
        let mut desk = Desk { tx: desk.tx, world: &silent, received: desk.received };
        let item = desk.level("level-1");
        let editions = Editions::read(&edition(&[nobody]), &edition(&[])).unwrap();
        let found = desk.look(&editions);
        assert_eq!(steps(&found), ["dragoer/genoptraening gets it as information (0)"]);
        assert!(desk.confirm(&editions, &found.token()).done);
        assert_eq!(desk.story(item)?.item.state, crate::ledger::item::State::Routed);
        Ok(())
    });
}

#[test]
fn what_would_stop_is_left_to_a_person() {
    let sender = ("afsendere   = [\"udfoerer\"]", "afsendere   = [\"bopael\"]");
    on_a_ledger(|desk| {
        desk.level("level-1");
        let found = desk.look(&to(&[sender]));
        assert_eq!((found.events.len(), found.steps().count()), (1, 0));
        assert!(found.events[0].left.as_ref().is_some_and(|left| left.contains("en person")));
        assert!(found.events[0].otherwise[0].contains("SENDER_NOT_ALLOWED"), "{found:?}");
        Ok(())
    });
}

/// An earlier version did not keep whether the sender had named the law.
#[test]
fn what_was_not_kept_is_not_guessed() {
    let two_laws = (
        "[[regel]]\nid          = \"niveau-fastsat\"",
        "[[regel]]\nid = \"niveau-86\"\nhaendelse = \"rehab.level.set\"\nlov = \"SEL § 86\"\nfra = 2007-01-01\nafsendere = [\"enhver\"]\nmodtagere = [{ postkasse = \"bopael/borgerservice\", som = \"orientering\" }]\nbestemmelse = \"S1 8\"\n\n[[regel]]\nid          = \"niveau-fastsat\"",
    );
    on_a_ledger(|desk| {
        let item = desk.level("level-1");
        let row = desk.event_of(item).seq;
        let mut past = desk.tx.reader().past_event(row)?;
        let mut ask = |past: &crate::ledger::past::Past, edits: &[(&str, &str)]| {
            judge::one(&mut desk.tx.reader(), &to(edits), past).unwrap()
        };
        assert!(ask(&past, &[two_laws]).is_some_and(|it| !it.otherwise.is_empty()), "it would have stopped: NO_LAW");
        past.decision.said = None;
        let judged = ask(&past, &[two_laws]).unwrap();
        assert!(
            judged.left.as_ref().is_some_and(|left| left.contains("loven")) && judged.steps.is_empty(),
            "{judged:?}"
        );
        assert_eq!(ask(&past, &[LEVEL]).unwrap().steps.len(), 2, "where it makes no difference it is judged");
        past.decision.known = Value::Null;
        assert!(ask(&past, &[LEVEL]).unwrap().left.is_some());
        Ok(())
    });
}

#[test]
fn a_duty_that_moved_comes_back_with_the_edition() {
    on_a_ledger(|desk| {
        let data = example("rehab.transport.requested");
        let item = desk.kind("rehab.transport.requested", "ask-1", "/taarnby/cura", data);
        let (there, back) = (to(&[TRANSPORT]), Editions::read(&edition(&[TRANSPORT]), &edition(&[])).unwrap());
        for (editions, expected) in [
            (&there, ["dragoer is released", "taarnby owes"]),
            (&back, ["taarnby is released", "dragoer owes"]),
            (&there, ["dragoer is released", "taarnby owes"]),
            (&back, ["taarnby is released", "dragoer owes"]),
        ] {
            let found = desk.look(editions);
            assert_eq!(steps(&found), expected);
            assert!(desk.confirm(editions, &found.token()).done);
        }
        let duties = desk.event_of(item).duties;
        let states: Vec<_> = duties.iter().map(|it| (it.terms.owed_by.as_str(), it.state.name())).collect();
        assert_eq!(states, [("dragoer", "open"), ("taarnby", "closed")]);
        Ok(())
    });
}
