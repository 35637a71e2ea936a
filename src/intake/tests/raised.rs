//! What people raise in the console: in whose name, and once.

use serde_json::{Value, json};

use super::super::identity;
use super::super::prepare::{self, CONSOLE, Incoming};
use super::{Desk, on_a_ledger, on_a_ledger_in, told, world};
use crate::ledger::Error;
use crate::ledger::item::State;

fn notice(source: &str, id: &str) -> Value {
    json!({
        "specversion": "1.0", "id": id, "source": source, "time": "2026-11-22T10:00:00Z",
        "type": "dk.budstikke.notice.given.v1",
        "data": {"area": "voksne", "category": "vacancies", "text": "To stillinger er ledige"},
    })
}

fn raised(desk: &Desk<'_, '_>, source: &str, sender: Option<&str>, event: &Value) -> Incoming {
    Incoming {
        media_type: Some("application/cloudevents+json".to_owned()),
        sender_user: sender.map(str::to_owned),
        ..desk.incoming(source, event.to_string())
    }
}

#[test]
fn it_goes_where_the_agreement_says_and_counts_as_of_the_console() {
    on_a_ledger(|desk| {
        let message = raised(desk, CONSOLE, Some("taarnby/voksne ida"), &notice("/taarnby/console", "n-1"));
        let taken = desk.take(message)?.remove(0);
        let event = desk.routed(&taken)?;
        assert_eq!(told(&event), ["dragoer/ledelse information", "dragoer/social information"]);
        let story = desk.story(taken.item)?;
        assert_eq!((story.message.source.as_str(), story.message.adapter.as_str()), (CONSOLE, "events"));
        assert_eq!(story.message.sender_user.as_deref(), Some("taarnby/voksne ida"), "who raised it is kept");
        Ok(())
    });
}

#[test]
fn nobody_speaks_for_another_party_or_as_the_console() {
    let mut some = world();
    some.senders = std::sync::Arc::new([("esdh".to_owned(), "/dragoer".to_owned())].into());
    for world in [world(), some] {
        on_a_ledger_in(&world, |desk| {
            for (number, (source, sender, path, good)) in [
                (CONSOLE, Some("dragoer/kontrakt ida"), "/dragoer/console", true),
                (CONSOLE, Some("dragoer/kontrakt ida"), "/taarnby/console", false),
                (CONSOLE, Some("dragoer/kontrakt ida"), "/dragoer/esdh", false),
                (CONSOLE, Some("dragoer/kontrakt ida"), "/dragoer/console/esdh", false),
                (CONSOLE, Some("ida"), "/dragoer/console", false),
                (CONSOLE, None, "/dragoer/console", false),
                ("events", Some("esdh"), "/dragoer/console", false),
                ("events", None, "/dragoer/console", false),
                ("events", Some("dragoer/kontrakt ida"), "/dragoer/console", false),
                ("events", Some("esdh"), "/dragoer/esdh", true),
            ]
            .into_iter()
            .enumerate()
            {
                let message = raised(desk, source, sender, &notice(path, &format!("n-{number}")));
                let taken = desk.take(message)?.remove(0);
                let code = taken.reason.map(|reason| reason.code.to_string());
                let expected = (!good).then(|| "SENDER_MISMATCH".to_owned());
                assert_eq!(code, expected, "{source} {sender:?} {path}");
            }
            Ok::<(), Error>(())
        });
    }
}

#[test]
fn sent_twice_it_is_one_event_and_its_id_is_not_taken_by_another() {
    on_a_ledger(|desk| {
        let sender = Some("taarnby/voksne ida");
        let first = raised(desk, CONSOLE, sender, &notice("/taarnby/console", "n-1"));
        assert_eq!(desk.take(first.clone())?[0].state, State::Routed);
        let again = desk.take(first.clone())?.remove(0);
        assert!(again.is_repeat(), "{again:?}");
        let mut other = notice("/taarnby/console", "n-1");
        other["data"]["text"] = json!("Noget andet");
        let other = raised(desk, CONSOLE, sender, &other);
        let reused = |desk: &mut Desk<'_, '_>, message: Incoming| {
            let prepared = prepare::prepare(desk.world, message).unwrap();
            identity::reused(desk.tx, &prepared)
        };
        assert_eq!(reused(desk, first)?, None);
        assert_eq!(reused(desk, other)?, Some(1));
        Ok(())
    });
}
