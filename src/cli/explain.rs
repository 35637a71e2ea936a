//! `explain`: what would happen with these messages, and why. The same code that decides in earnest
//! decides here, in a transaction that is undone.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;

use super::agreement::known_on;
use super::out::{Out, Tone};
use super::{Common, Failure, Outcome, story, wishes};
use crate::adapters::Registry;
use crate::app;
use crate::clock::Clock;
use crate::explain::{self, Explained};
use crate::intake::prepare::Incoming;
use crate::ledger::trace::EventStory;
use crate::ledger::{self, Error};

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
            let place = state.ledger(&settings);
            place.exists()?.then(|| state.keys(&settings).map(|keys| (place, keys))).transpose()?
        }
        None => None,
    };
    let known = known.as_ref().map(|(place, keys)| (place, keys));
    let explained = ledger::try_out(known, &clock, |tx| {
        messages
            .into_iter()
            .map(|(file, message)| explain::explain(tx, &world, &file.display().to_string(), message))
            .collect::<Result<Vec<_>, Error>>()
    })?;
    if out.json {
        let list: Vec<Value> = explained.iter().map(explain::value).collect();
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
        let adapter = options.adapter.as_deref();
        let message = explain::incoming(body.into(), adapter, adapters, received).map_err(|known| {
            let named = adapter.unwrap_or_default();
            Failure::Usage(format!("there is no adapter `{named}`; there are: {}", known.join(", ")))
        })?;
        messages.push((file.clone(), message));
    }
    Ok(messages)
}

fn tell(out: &mut Out, explained: &Explained) {
    let outcome = explained.outcome();
    let tone = if matches!(outcome, "routed" | "recorded") { Tone::Good } else { Tone::Warn };
    let (file, outcome) = (out.tone(Tone::Strong, &explained.name), out.tone(tone, outcome));
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
