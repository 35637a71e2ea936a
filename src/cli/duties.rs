//! `duties`: what the parties owe each other.

use std::collections::BTreeSet;

use clap::Args;
use serde_json::json;

use super::out::{Out, Tone};
use super::{Common, Failure, Outcome};
use crate::adapters::Registry;
use crate::agreement::model::MailboxId;
use crate::app;
use crate::clock::Clock;
use crate::duty::{Duty, State};
use crate::ledger;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Only what this party owes
    #[arg(long, value_name = "PARTY")]
    party: Option<String>,
    /// Also what has been met or closed
    #[arg(long)]
    all: bool,
}

pub(super) fn run(common: &Common, options: &Options, adapters: Registry, out: &mut Out) -> Outcome {
    let settings = common.settings()?;
    if let Some(party) = &options.party {
        let world = app::world(&settings, adapters)?;
        let parties: BTreeSet<&str> = world.mailboxes.keys().map(MailboxId::party).collect();
        if !parties.contains(party.as_str()) {
            let known = parties.into_iter().collect::<Vec<_>>().join(", ");
            return Err(Failure::Usage(format!("`{party}` is party to no agreement; there are: {known}")));
        }
    }
    let state = common.existing_state()?;
    let keys = state.keys(&settings)?;
    let duties =
        ledger::read(&state.ledger(&settings), &keys, |reader| reader.duties(options.party.as_deref(), options.all))?;
    if out.json {
        let list: Vec<_> = duties.iter().map(value).collect();
        out.value(&list)?;
        return Ok(());
    }
    if duties.is_empty() {
        out.line(format_args!("nothing is owed"));
    }
    for duty in &duties {
        show(out, duty);
    }
    Ok(())
}

fn value(duty: &Duty) -> serde_json::Value {
    json!({
        "id": duty.id.to_string(),
        "owed_by": duty.terms.owed_by,
        "kind": duty.terms.kind,
        "what": duty.terms.what,
        "due": duty.due.date.map(|date| date.to_string()),
        "due_reason": duty.due.reason,
        "late": is_late(duty),
        "state": duty.state.name(),
        "fulfilled_by": duty.terms.met_by,
        "law": duty.terms.law.as_ref().map(ToString::to_string),
        "clause": duty.terms.clause,
        "case": duty.case.to_string(),
        "event": duty.event.to_string(),
    })
}

/// Whether it is open and its day has passed.
pub(super) fn is_late(duty: &Duty) -> bool {
    let today = budstikke_contract::event::danish_day(Clock::system().now());
    duty.state == State::Open && duty.due.date.is_some_and(|due| due < today)
}

fn show(out: &mut Out, duty: &Duty) {
    let due = duty.due.date.map_or_else(|| "no date   ".to_owned(), |date| date.to_string());
    let due = if is_late(duty) { out.tone(Tone::Warn, &due) } else { due };
    let state = match duty.state {
        State::Open if is_late(duty) => out.tone(Tone::Warn, "late"),
        State::Open => "open".to_owned(),
        State::Met => out.tone(Tone::Good, "met"),
        State::Closed => out.tone(Tone::Faint, "closed"),
    };
    let terms = &duty.terms;
    let law = terms.law.as_ref().map_or_else(String::new, |law| format!("{law}, "));
    out.line(format_args!("{due}  {state:<6} {:<8} {} ({law}{})", terms.owed_by, terms.what, terms.clause));
    let about = format!("{}; case {}", duty.due.reason, duty.case);
    let about = out.tone(Tone::Faint, &about);
    out.line(format_args!("            {about}"));
}
