//! Everything as it happens, a line or two for each thing, told from the ledger's chain.

use std::time::Duration;

use super::out::{Out, Tone, clock_time};
use super::{Failure, Outcome, story};
use crate::ledger::delivery::Content;
use crate::ledger::place::Place;
use crate::ledger::seal::Keyring;
use crate::ledger::trace::Entered;
use crate::ledger::{self, Error, Reader};

/// How often the ledger is looked at.
const EVERY: Duration = Duration::from_millis(150);

/// How many entries are told at once.
const AT_ONCE: u32 = 512;

/// Tells everything from now on.
pub(super) fn follow(place: &Place, keys: &Keyring, out: &mut Out) -> Outcome {
    let mut last = ledger::read(place, keys, |reader| Ok(reader.chain_end()?.seq))?;
    loop {
        let told = ledger::read(place, keys, |reader| {
            let entries = reader.entries_after(last, AT_ONCE)?;
            let mut lines = Vec::new();
            for entry in &entries {
                lines.extend(line(reader, entry, out)?);
            }
            Ok((entries.last().map(|entry| entry.seq), lines))
        });
        match told {
            Ok((seq, lines)) => {
                last = seq.unwrap_or(last);
                for line in lines {
                    out.line(format_args!("{line}"));
                }
            }
            Err(error) if error.is_passing() => {}
            Err(error) => return Err(Failure::Failed(error.into())),
        }
        std::thread::sleep(EVERY);
    }
}

/// What an entry has to tell; entries that only bear witness have nothing.
fn line(reader: &mut Reader<'_>, entry: &Entered, out: &Out) -> Result<Option<String>, Error> {
    let at = out.tone(Tone::Faint, &clock_time(entry.at));
    let text = match entry.what.as_str() {
        "item+" | "item" => item(reader, entry, out)?,
        "event+" => event(reader, entry, out)?,
        "delivery" => delivery(reader, entry, out)?,
        "reply" if entry.state == "delivered" => answer(reader, entry)?,
        "duty+" | "duty" => duty(reader, entry, out)?,
        "receipt+" => Some(format!("  receipt    {}", entry.state)),
        _ => None,
    };
    Ok(text.map(|text| format!("{at} {text}")))
}

fn item(reader: &mut Reader<'_>, entry: &Entered, out: &Out) -> Result<Option<String>, Error> {
    let item = reader.item(entry.row)?;
    // What is routed is told with its event; what it is now may not be what it was then.
    if entry.state == "routed" {
        return Ok(None);
    }
    let head = out.tone(Tone::Strong, &item.what);
    let reason = item.reason.as_ref().filter(|_| entry.state == "parked").map(ToString::to_string).unwrap_or_default();
    let tone = if entry.state == "parked" { Tone::Warn } else { Tone::Faint };
    let state = out.tone(tone, &entry.state);
    let reason = if reason.is_empty() { reason } else { format!("\n           {reason}") };
    Ok(Some(format!("came       {head}  {state}  #{} {}{reason}", item.seq, item.key)))
}

fn event(reader: &mut Reader<'_>, entry: &Entered, out: &Out) -> Result<Option<String>, Error> {
    let event = reader.event_story(entry.row)?;
    let head = out.tone(Tone::Strong, &event.kind);
    if let Some(told) = &event.decision.told {
        return Ok(Some(format!("  tells    {head}  {told}")));
    }
    let clauses = story::clauses(&event.decision).join("\n           and ");
    let law = event.law.as_deref().unwrap_or("-");
    let residence = event.residence.as_deref().unwrap_or("-");
    let nobody =
        event.decision.nobody.as_ref().map(|nobody| format!("\n           for nobody: {nobody}")).unwrap_or_default();
    Ok(Some(format!(
        "came       {head}  from {}\n           decided by {clauses}\n           {law}, residence {residence}, performed by {}{nobody}",
        event.source,
        event.decision.performed_by()
    )))
}

fn delivery(reader: &mut Reader<'_>, entry: &Entered, out: &Out) -> Result<Option<String>, Error> {
    let delivery = reader.delivery_row(entry.row)?;
    let Content::Event(_) = delivery.content else { return Ok(None) };
    let mailbox = out.tone(Tone::Good, &delivery.mailbox);
    Ok(Some(match entry.state.as_str() {
        "delivered" => format!("  got it   {mailbox} as {}", delivery.capacity),
        other => {
            let reason = delivery.reason.as_ref().map(ToString::to_string).unwrap_or_default();
            format!("  {other:<8} {mailbox}  {reason}")
        }
    }))
}

fn answer(reader: &mut Reader<'_>, entry: &Entered) -> Result<Option<String>, Error> {
    let delivery = reader.delivery_row(entry.row)?;
    let Content::Reply(seq) = delivery.content else { return Ok(None) };
    let reply = reader.reply(seq)?;
    let code = reply.code.map_or_else(String::new, |code| format!(" {code}"));
    Ok(Some(format!("  answered {}{code} to the hospital {}", reply.kind, reply.to)))
}

fn duty(reader: &mut Reader<'_>, entry: &Entered, out: &Out) -> Result<Option<String>, Error> {
    let duty = reader.duty_row(entry.row)?;
    let due = duty.due.date.map_or_else(|| "without a date".to_owned(), |date| format!("by {date}"));
    let due = out.tone(Tone::Strong, &due);
    let (owed_by, what) = (&duty.terms.owed_by, &duty.terms.what);
    let word = match (entry.what.as_str(), entry.state.as_str()) {
        ("duty+", _) => "duty",
        // That it was reminded of, or is late, is told by the notice itself.
        (_, "open") if duty.moves == 0 || duty.told_late => return Ok(None),
        (_, "open") => "duty now",
        (_, state) => state,
    };
    Ok(Some(format!("  {word:<8} {owed_by} {due}: {what} ({}; {})", duty.due.reason, duty.terms.clause)))
}
