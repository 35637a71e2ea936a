//! `agreement diff`: what changes for whom from when, and what that means for what is past.

use clap::Args;
use serde_json::{Value, json};

use super::side::Side;
use crate::adapters::Registry;
use crate::agreement::differ;
use crate::cli::order::carry_out;
use crate::cli::out::{Out, Tone};
use crate::cli::{Common, Failure, Outcome};
use crate::control;
use crate::intake::correct::{self, Edition, Editions, Found, Judged, Made, Step};
use crate::ledger;
use crate::route::compare::{self, Change};

#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    /// The edition as it was: a folder, or a day (2026-11-01)
    old: String,
    /// The edition as it is, or is to be: a folder, or a day
    new: String,
    /// Compare the files word for word instead
    #[arg(long, conflicts_with_all = ["correct", "confirm"])]
    files: bool,
    /// Show what would set the past right: who gets an event that they should have had, what is
    /// stopped before it is sent, and who is told that what they got was not for them. Nothing is
    /// done until it is confirmed
    #[arg(long)]
    correct: bool,
    /// Do exactly what was shown: the token that --correct printed. If there is anything else to do
    /// by now, nothing is done, and that is shown
    #[arg(long, value_name = "TOKEN", requires = "correct")]
    confirm: Option<String>,
}

pub(super) fn run(common: &Common, options: &Options, adapters: Registry, out: &mut Out) -> Outcome {
    let (old, new) = (Side::read(common, &options.old)?, Side::read(common, &options.new)?);
    if options.files {
        return words_of_files(&old, &new, out);
    }
    let editions = [&old, &new].map(|side| Edition { files: side.files.clone(), known: side.known });
    if let Some(token) = &options.confirm {
        return confirm(common, options, &editions, token, adapters, out);
    }
    let agreements = |side: &Side| match side.known {
        Some(day) => side.book.known_on(day).to_vec(),
        None => side.book.newest().to_vec(),
    };
    let changes = compare::changes(&agreements(&old), &agreements(&new));
    let found = if common.state.is_some() || options.correct { Some(look(common, &editions)?) } else { None };
    if out.json {
        out.value(&value(&changes, found.as_ref()))?;
        return Ok(());
    }
    let head = out.tone(Tone::Strong, &format!("Fra {} til {}", old.title(), new.title()));
    out.line(format_args!("{head}"));
    tell(out, &changes);
    if let Some(found) = &found {
        tell_past(out, found);
        if options.correct {
            tell_steps(out, options, found);
        }
    }
    Ok(())
}

/// Asks the ledger about what is past.
fn look(common: &Common, [old, new]: &[Edition; 2]) -> Result<Found, Failure> {
    let settings = common.settings()?;
    let state = common.existing_state()?;
    let keys = state.keys(&settings)?;
    let editions = Editions::read(old, new)?;
    Ok(ledger::read(&state.ledger(&settings), &keys, |reader| correct::look(reader, &editions))?)
}

fn confirm(
    common: &Common,
    options: &Options,
    editions: &[Edition; 2],
    token: &str,
    adapters: Registry,
    out: &mut Out,
) -> Outcome {
    let [old, new] = editions.clone().map(Box::new);
    let order = control::Command::Correct { old, new, token: token.to_owned() };
    let made: Made = serde_json::from_value(carry_out(common, order, adapters)?)?;
    if made.done && out.json {
        out.value(&made)?;
        return Ok(());
    }
    if made.done {
        let done = out.tone(Tone::Good, &format!("{} rettelser er lavet", made.steps));
        out.line(format_args!("{done}. `budstikke trace` viser dem ved hver hændelse."));
        return Ok(());
    }
    let found = look(common, editions)?;
    let nothing = found.steps().next().is_none();
    if out.json {
        out.value(&json!({"done": nothing, "steps": 0, "past": past(&found)}))?;
    } else if nothing {
        out.line(format_args!("Der er intet at rette."));
    } else {
        let refused = out.tone(Tone::Warn, "Det, der blev bekræftet, er ikke det, der er at gøre nu. Intet er rettet.");
        out.line(format_args!("{refused}"));
        tell_past(out, &found);
        tell_steps(out, options, &found);
    }
    if nothing { Ok(()) } else { Err(Failure::Said) }
}

fn value(changes: &[Change], found: Option<&Found>) -> Value {
    json!({"changes": changes, "past": found.map(past)})
}

fn past(found: &Found) -> Value {
    let token = found.steps().next().is_some().then(|| found.token());
    json!({"asked": found.asked, "events": found.events, "token": token})
}

fn tell(out: &mut Out, changes: &[Change]) {
    if changes.is_empty() {
        out.line(format_args!("Intet ændres."));
    }
    let mut about = None;
    for change in changes {
        if about != Some(&change.about) {
            let head = out.tone(Tone::Strong, &change.about);
            out.line(format_args!("\n{head}"));
            about = Some(&change.about);
        }
        let scope = change.scope_in_words();
        if scope.is_empty() {
            out.line(format_args!("  {}", change.text));
        } else {
            let scope = out.tone(Tone::Faint, &format!("{scope}:"));
            out.line(format_args!("  {scope}\n    {}", change.text));
        }
    }
}

fn tell_past(out: &mut Out, found: &Found) {
    let head = out.tone(Tone::Strong, "Tidligere hændelser");
    out.line(format_args!("\n{head}"));
    out.line(format_args!(
        "  {} af {} ville være gået et andet sted hen, eller kan ikke afgøres",
        found.events.len(),
        found.asked
    ));
    for Judged { event, item, kind, day, otherwise, left, .. } in &found.events {
        let head = out.tone(Tone::Strong, &format!("#{item}"));
        out.line(format_args!("  {head} {day} {kind} {event}"));
        for said in otherwise {
            out.line(format_args!("      {said}"));
        }
        if let Some(left) = left {
            let left = out.tone(Tone::Warn, left);
            out.line(format_args!("      {left}"));
        }
    }
}

fn tell_steps(out: &mut Out, options: &Options, found: &Found) {
    if found.steps().next().is_none() {
        out.line(format_args!("\nDer er intet at rette."));
        return;
    }
    let head = out.tone(Tone::Strong, "Rettelser");
    out.line(format_args!("\n{head}"));
    for judged in found.events.iter().filter(|it| !it.steps.is_empty()) {
        for step in &judged.steps {
            out.line(format_args!("  #{} {}", judged.item, said(step)));
        }
    }
    let (old, new) = (&options.old, &options.new);
    out.line(format_args!("\nIntet er gjort endnu. Er det rigtigt, så bekræft netop dette:"));
    out.line(format_args!("  budstikke agreement diff {old} {new} --correct --confirm {}", found.token()));
}

fn said(step: &Step) -> String {
    match step {
        Step::Deliver { to, capacity, .. } => {
            let capacity = if capacity == "task" { "som opgave" } else { "til orientering" };
            format!("leveres til {to} {capacity}")
        }
        Step::Stop { to, .. } => {
            format!("leveringen til {to} stoppes, før den sendes; er den allerede undervejs, får {to} besked")
        }
        Step::Withdraw { from, .. } => format!("{from} får at vide, at den ikke var til dem"),
        Step::Release { party, what, .. } => format!("{party} skylder ikke længere: {what}"),
        Step::Owe { party, what, .. } => format!("{party} skylder: {what}"),
    }
}

/// What differs in the words of the files.
fn words_of_files(old: &Side, new: &Side, out: &mut Out) -> Outcome {
    let changes = differ::differences(&old.files, &new.files);
    if out.json {
        let value = |it: &differ::Change| json!({"what": it.place, "before": it.before, "after": it.after});
        out.value(&changes.iter().map(value).collect::<Vec<_>>())?;
        return Ok(());
    }
    if changes.is_empty() {
        out.line(format_args!("Intet er skrevet anderledes."));
    }
    for change in changes {
        let head = out.tone(Tone::Strong, &change.place);
        out.line(format_args!("{head}"));
        for (sign, text) in [("-", change.before), ("+", change.after)] {
            if let Some(text) = text {
                out.line(format_args!("    {sign} {text}"));
            }
        }
    }
    Ok(())
}
