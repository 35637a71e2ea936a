//! `explain`: what would happen with these messages, and why. The same code that decides in earnest
//! decides here, in a transaction that is undone.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::agreement::known_on;
use super::out::{Out, Tone};
use super::{Common, Failure, Outcome, story, wishes};
use crate::adapters::Registry;
use crate::app;
use crate::clock::Clock;
use crate::intake::World;
use crate::intake::prepare::{self, Incoming};
use crate::intake::record::{self, Taken};
use crate::ledger::item::State;
use crate::ledger::trace::{EventStory, Story};
use crate::ledger::{self, Error, Tx};
use budstikke_contract::event::EventKind;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// How to read the files; without it, by the first that knows the form for its own: JSON that
    /// nobody knows is taken for an event, and all else for a letter of the hospitals'
    #[arg(long, value_name = "ADAPTER")]
    pub(super) adapter: Option<String>,
    /// The messages
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Question {
    #[command(flatten)]
    pub(super) what: Options,
    /// Decide by the agreement as it was known on this day [default: as it is known now]
    #[arg(long, value_name = "DATE")]
    known: Option<Date>,
}

/// What would happen with one file.
struct Explained {
    file: String,
    adapter: String,
    taken: Vec<Taken>,
    events: Vec<EventStory>,
    stories: Vec<Story>,
}

pub(super) fn run(common: &Common, question: &Question, adapters: Registry, out: &mut Out) -> Outcome {
    let settings = common.settings()?;
    let clock = Clock::system();
    let messages = read(&question.what, &adapters, clock.now())?;
    let mut world =
        app::world(&settings, adapters).map_err(|error| Failure::Usage(crate::telemetry::chain(&*error)))?;
    if let Some(day) = question.known {
        world.book = Arc::new(known_on(&world.book, day)?);
    }
    let known = match &common.state {
        Some(_) => {
            let state = common.existing_state()?;
            let file = state.ledger_file(&settings);
            file.exists().then(|| state.keys(&settings).map(|keys| (file, keys))).transpose()?
        }
        None => None,
    };
    let known = known.as_ref().map(|(file, keys)| (file.as_path(), keys));
    let explained = ledger::try_out(known, &clock, |tx| {
        messages
            .into_iter()
            .map(|(file, message)| explain(tx, &world, &file, message))
            .collect::<Result<Vec<_>, Error>>()
    })?;
    if out.json {
        let list: Vec<Value> = explained.iter().map(value).collect();
        out.value(&list)?;
    } else {
        for one in &explained {
            tell(out, one);
        }
    }
    Ok(())
}

/// Reads the files. One that cannot be read ends it: nothing is said of a sequence with a hole.
pub(super) fn read(
    options: &Options,
    adapters: &Registry,
    received: Timestamp,
) -> Result<Vec<(PathBuf, Incoming)>, Failure> {
    let mut messages = Vec::new();
    for file in &options.files {
        let body = std::fs::read(file)
            .map_err(|error| Failure::Usage(format!("`{}` cannot be read: {error}", file.display())))?;
        let source = options.adapter.clone().unwrap_or_else(|| guess(&body, adapters).to_owned());
        if adapters.named(&source).is_none() {
            let known: Vec<&str> = adapters.names().collect();
            return Err(Failure::Usage(format!("there is no adapter `{source}`; there are: {}", known.join(", "))));
        }
        messages.push((
            file.clone(),
            Incoming {
                source,
                media_type: None,
                sender_user: None,
                reply_to: None,
                redelivered: false,
                received,
                body: body.into(),
            },
        ));
    }
    Ok(messages)
}

/// What a file seems to be: what an adapter says is its own. What none of them knows is most likely
/// a broken one of the two forms that people write by hand, whose faults are then told.
fn guess(body: &[u8], adapters: &Registry) -> &'static str {
    let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
    let otherwise = if matches!(first, Some(b'{' | b'[')) { "events" } else { "rehab-plan" };
    adapters.recognising(body).map_or(otherwise, |adapter| adapter.name())
}

fn explain(tx: &mut Tx<'_>, world: &World, file: &Path, message: Incoming) -> Result<Explained, Error> {
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
    Ok(Explained { file: file.display().to_string(), adapter: prepared.adapter.to_owned(), taken, events, stories })
}

impl Explained {
    /// One word for the whole file. A message of several letters is routed if any of them is.
    fn outcome(&self) -> &'static str {
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

    fn reason(&self) -> Option<String> {
        let reasons: Vec<String> =
            self.taken.iter().filter_map(|taken| taken.reason.as_ref()).map(ToString::to_string).collect();
        (!reasons.is_empty()).then(|| reasons.join("; "))
    }
}

fn value(explained: &Explained) -> Value {
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
        "file": explained.file,
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

fn tell(out: &mut Out, explained: &Explained) {
    let outcome = explained.outcome();
    let tone = if matches!(outcome, "routed" | "recorded") { Tone::Good } else { Tone::Warn };
    let (file, outcome) = (out.tone(Tone::Strong, &explained.file), out.tone(tone, outcome));
    out.line(format_args!("{file}  {outcome}  (read as {})", explained.adapter));
    if let Some(reason) = explained.reason() {
        let reason = out.tone(Tone::Warn, &reason);
        out.line(format_args!("  because   {reason}"));
    }
    for wish in explained.stories.iter().flat_map(|story| &story.wishes) {
        out.line(format_args!("  asks      {}", wishes::whom(&wish.service)));
    }
    for event in &explained.events {
        tell_event(out, event);
    }
    let replies = explained.stories.first().into_iter().flat_map(|story| &story.answers);
    for (reply, _) in replies {
        let code = reply.code.as_ref().map_or_else(String::new, |code| format!(" {code}"));
        out.line(format_args!("  answer    {}{code} to {}", reply.kind, reply.to));
    }
}

fn tell_event(out: &mut Out, event: &EventStory) {
    let head = out.tone(Tone::Strong, &event.kind);
    out.line(format_args!("  event     {head}, case {}", event.case));
    if !event.decision.agreement.is_empty() {
        let law = event.law.as_deref().unwrap_or("-");
        let residence = event.residence.as_deref().unwrap_or("-");
        out.line(format_args!(
            "            {law} on {}, residence {residence}, performed by {}",
            event.day,
            event.decision.performed_by()
        ));
        for clause in story::clauses(&event.decision) {
            out.line(format_args!("            {clause}"));
        }
    }
    for story in &event.deliveries {
        let it = &story.delivery;
        let clauses: Vec<&str> = it.why.rules.iter().map(|(_, clause)| clause.as_str()).collect();
        out.line(format_args!("  to        {} as {} ({})", it.mailbox, it.capacity, clauses.join("; ")));
    }
    if let Some(nobody) = &event.decision.nobody {
        out.line(format_args!("  to        nobody: {nobody}"));
    }
    for duty in &event.duties {
        let due = duty.due.date.map_or_else(|| "without a date".to_owned(), |date| format!("by {date}"));
        out.line(format_args!(
            "  duty      {} {due}: {} ({}; {})",
            duty.terms.owed_by, duty.terms.what, duty.due.reason, duty.terms.clause
        ));
    }
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
            let explained = value(&explain(desk.tx, desk.world, Path::new("order.json"), message)?);
            let count = |member: &str| explained[member].as_array().map(Vec::len);
            assert_eq!((count("events"), count("deliveries"), count("duties")), (Some(1), Some(1), Some(0)));
            Ok(())
        });
    }
}
