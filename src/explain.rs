//! What would happen with a message, and why. The same code that decides in earnest decides here, in
//! a transaction that is undone: nothing is sent and nothing is kept.

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::adapters::Registry;
use crate::intake::World;
use crate::intake::prepare::{self, Incoming};
use crate::intake::record::{self, Taken};
use crate::ledger::item::State;
use crate::ledger::trace::{EventStory, Story};
use crate::ledger::{Error, Tx};
use budstikke_contract::event::EventKind;

/// What would happen with one message.
#[derive(Debug)]
pub struct Explained {
    /// What it is called: the name of its file.
    pub name: String,
    /// The adapter that read it.
    pub adapter: String,
    /// What became of each thing in it.
    pub taken: Vec<Taken>,
    /// The events that it became.
    pub events: Vec<EventStory>,
    /// The stories of what was in it.
    pub stories: Vec<Story>,
}

/// A message that somebody has in hand. Without an adapter, the one that knows its form for its own
/// is taken. The names of all that there are, where there is none of that name.
pub fn incoming(
    body: Bytes,
    adapter: Option<&str>,
    adapters: &Registry,
    received: Timestamp,
) -> Result<Incoming, Vec<&'static str>> {
    let source = adapter.unwrap_or_else(|| guess(&body, adapters)).to_owned();
    if adapters.named(&source).is_none() {
        return Err(adapters.names().collect());
    }
    Ok(Incoming { source, media_type: None, sender_user: None, reply_to: None, redelivered: false, received, body })
}

/// What a message seems to be: what an adapter says is its own. What none of them knows is most likely
/// a broken one of the two forms that people write by hand, whose faults are then told.
fn guess(body: &[u8], adapters: &Registry) -> &'static str {
    let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
    let otherwise = if matches!(first, Some(b'{' | b'[')) { "events" } else { "rehab-plan" };
    adapters.recognising(body).map_or(otherwise, |adapter| adapter.name())
}

/// What would happen with one message, as the ledger of the transaction stands. The transaction must
/// be undone.
pub fn explain(tx: &mut Tx<'_>, world: &World, name: &str, message: Incoming) -> Result<Explained, Error> {
    let before = tx.reader().last_event()?;
    let Some(prepared) = prepare::prepare(world, message) else {
        return Err(Error::Refused("the source has no adapter".to_owned()));
    };
    let taken = record::record(tx, world, &prepared)?;
    let mut reader = tx.reader();
    let mut events = Vec::new();
    for seq in before + 1..=reader.last_event()? {
        let event = reader.event_story(seq)?;
        // A duty of the calendar that it meets before its task is given: nothing comes to be owed.
        if event.kind != "calendar.opened" {
            events.push(event);
        }
    }
    let stories = taken.iter().map(|taken| reader.story(taken.item)).collect::<Result<_, Error>>()?;
    Ok(Explained { name: name.to_owned(), adapter: prepared.adapter.to_owned(), taken, events, stories })
}

impl Explained {
    /// One word for the whole message. A message of several letters is routed if any of them is.
    pub fn outcome(&self) -> &'static str {
        let any = |state: State| self.taken.iter().any(|taken| taken.state == state);
        let refused = self.taken.iter().any(|taken| taken.refused);
        match () {
            () if any(State::Routed) => "routed",
            () if refused => "refused",
            () if any(State::Parked) => "parked",
            () if any(State::Waiting) => "waiting",
            () if any(State::Recorded) => "recorded",
            () => "duplicate",
        }
    }

    /// Why it does not go on, where it does not.
    pub fn reason(&self) -> Option<String> {
        let reasons: Vec<String> =
            self.taken.iter().filter_map(|taken| taken.reason.as_ref()).map(ToString::to_string).collect();
        (!reasons.is_empty()).then(|| reasons.join("; "))
    }
}

/// The same for programs.
pub fn value(explained: &Explained) -> Value {
    let events = &explained.events;
    let deliveries = events.iter().flat_map(|event| &event.deliveries).map(|story| {
        let it = &story.delivery;
        let join = |pick: fn(&(String, String)) -> &String| {
            let mut parts: Vec<&str> = it.why.rules.iter().map(|rule| pick(rule).as_str()).collect();
            parts.dedup();
            parts.join(", ")
        };
        json!({"to": it.mailbox, "as": it.capacity, "rule": join(|rule| &rule.0), "clause": join(|rule| &rule.1), "channel": it.channel})
    });
    let duties = events.iter().flat_map(|event| &event.duties).map(|duty| {
        json!({
            "owed_by": duty.terms.owed_by,
            "kind": duty.terms.kind,
            "what": duty.terms.what,
            "due": duty.due.date.map(|date| date.to_string()),
            "due_reason": duty.due.reason,
            "fulfilled_by": duty.terms.met_by,
            "clause": duty.terms.clause,
        })
    });
    let replies = explained.stories.first().into_iter().flat_map(|story| &story.answers);
    json!({
        "file": explained.name,
        "adapter": explained.adapter,
        "outcome": explained.outcome(),
        "reason": explained.reason(),
        "events": events.iter().map(|event| json!({
            "id": event.wire_id,
            "type": EventKind::named(&event.kind).map_or_else(|| event.kind.clone(), EventKind::wire_type),
            "time": event.time.to_string(),
            "law": event.law,
            "residence": event.residence,
            "case": event.case,
        })).collect::<Vec<_>>(),
        "deliveries": deliveries.collect::<Vec<_>>(),
        "duties": duties.collect::<Vec<_>>(),
        "asks": explained.stories.iter().flat_map(|story| &story.wishes).map(|wish| &wish.service).collect::<Vec<_>>(),
        "replies": replies.map(|(reply, _)| json!({"to": reply.to, "type": reply.kind, "code": reply.code})).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::tests::on_a_ledger;

    /// A file of an adapter's folder.
    fn fixture(adapter: &str, name: &str) -> Vec<u8> {
        std::fs::read(format!("{}/adapters/{adapter}/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    }

    #[test]
    fn every_adapters_messages_are_known_by_their_form() {
        let adapters = Registry::default();
        for (adapter, names) in [
            ("rehab-plan", &["ggop.xml", "vans-ggop.xml", "xctl03.xml"][..]),
            ("cura", &["grant-decided.json", "bundle-several.json"]),
            ("momentum", &["event-sanction-recommended.json", "list.json", "thin-changed.json", "thin-in-list.json"]),
            ("smdb", &["periode-social.json", "fejl-version.json"]),
            ("beskedfordeler", &["moved.xml", "moved-thin.xml", "refused-no-id.xml"]),
        ] {
            for name in names {
                assert_eq!(guess(&fixture(adapter, name), &adapters), adapter, "{name}");
            }
        }
        let all: Vec<&str> = adapters.names().collect();
        assert_eq!(all, ["rehab-plan", "cura", "momentum", "smdb", "beskedfordeler", "events"], "none is left out");
    }

    #[test]
    fn what_nobody_knows_is_an_event_if_it_is_json_and_else_a_letter() {
        let adapters = Registry::default();
        for (body, adapter) in [
            (&br#"{"specversion": "1.0", "id": "a", "source": "/a/b", "type": "t"}"#[..], "events"),
            (b"{}", "events"),
            (b" \n[1", "events"),
            (b"{", "events"),
            (b"<a/>", "rehab-plan"),
            (b"", "rehab-plan"),
        ] {
            assert_eq!(guess(body, &adapters), adapter, "{}", String::from_utf8_lossy(body));
        }
    }

    #[test]
    fn what_is_met_before_its_task_is_given_is_not_told_as_owed() {
        let order = json!({
            "specversion": "1.0", "id": "o-1", "source": "/dragoer/ledelse", "time": "2026-11-22T10:00:00Z",
            "type": "dk.budstikke.order.placed.v1", "data": {"area": "faelles", "year": 2028, "text": "x"},
        });
        on_a_ledger(|desk| {
            let message = desk.incoming("events", order.to_string());
            let explained = value(&explain(desk.tx, desk.world, "order.json", message)?);
            let count = |member: &str| explained[member].as_array().map(Vec::len);
            assert_eq!((count("events"), count("deliveries"), count("duties")), (Some(1), Some(1), Some(0)));
            Ok(())
        });
    }
}
