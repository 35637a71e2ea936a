//! One message's story, as a person would tell it. No content.

use super::Failure;
use super::out::{Out, Tone, day_time};
use super::wishes;
use crate::duty::Duty;
use crate::ledger::event::{Because, Decision};
use crate::ledger::item::State;
use crate::ledger::trace::{DeliveryStory, EventStory, Story};

/// Tells a story.
pub(super) fn tell(out: &mut Out, story: &Story) -> Result<(), Failure> {
    if out.json {
        out.value(&story.value())?;
        return Ok(());
    }
    let item = &story.item;
    let head = out.tone(Tone::Strong, &format!("#{} {}", item.seq, item.what));
    let state = state(out, item.state);
    out.line(format_args!("{head}  {state}"));
    out.line(format_args!(
        "  came      {} by {} (message {})",
        day_time(story.message.received),
        story.message.source,
        story.message.seq
    ));
    out.line(format_args!("  named     {}", item.key));
    if let Some(before) = item.same_as {
        out.line(format_args!("  repeats   #{before}"));
    }
    if let Some(reason) = &item.reason {
        let reason = out.tone(Tone::Warn, &reason.to_string());
        out.line(format_args!("  because   {reason}"));
    }
    for step in story.states.iter().skip(1) {
        out.line(format_args!("  then      {} {}", step.state, day_time(step.at)));
    }
    for wish in &story.wishes {
        out.line(format_args!("  asked     {}", wishes::sentence(wish)));
    }
    for edit in &story.edits {
        let decided = edit.decided_by.as_ref().map_or_else(String::new, |by| format!(" by {by}"));
        out.line(format_args!(
            "  edited    by {} {}, {}{decided}: {}",
            edit.by,
            day_time(edit.at),
            edit.state.name(),
            edit.reason
        ));
    }
    if let Some(event) = &story.event {
        tell_event(out, event);
    } else if let Some(case) = &item.case {
        out.line(format_args!("  case      {case}"));
    }
    for (reply, deliveries) in &story.answers {
        let code = reply.code.as_ref().map_or_else(String::new, |code| format!(" {code}"));
        out.line(format_args!("  answered  {}{code} to {}", reply.kind, reply.to));
        for delivery in deliveries {
            tell_delivery(out, delivery, "     ");
        }
    }
    for notice in &story.notices {
        let head = out.tone(Tone::Warn, &notice.kind);
        out.line(format_args!("  told      {head} {}", notice.at.map(day_time).unwrap_or_default()));
        for delivery in &notice.deliveries {
            tell_delivery(out, delivery, "     ");
        }
    }
    Ok(())
}

fn state(out: &Out, state: State) -> String {
    let tone = match state {
        State::Routed | State::Recorded => Tone::Good,
        State::Parked | State::Waiting => Tone::Warn,
        State::Duplicate | State::Discarded => Tone::Faint,
    };
    out.tone(tone, state.name())
}

fn tell_event(out: &mut Out, event: &EventStory) {
    out.line(format_args!("  event     {} from {}", event.wire_id, event.source));
    out.line(format_args!("  case      {}", event.case));
    let parts = event.decision.editions().join(", ");
    out.line(format_args!(
        "  decided   by {} for {}: law {}, residence {}, performed by {}",
        event.decision.agreement,
        event.day,
        event.law.as_deref().unwrap_or("-"),
        event.residence.as_deref().unwrap_or("-"),
        event.decision.performed_by(),
    ));
    for clause in clauses(&event.decision) {
        out.line(format_args!("            {clause}"));
    }
    let parts = out.tone(Tone::Faint, &format!("as the agreement was known: {parts}"));
    out.line(format_args!("            {parts}"));
    if let Some(nobody) = &event.decision.nobody {
        out.line(format_args!("  to        nobody: {nobody}"));
    }
    for delivery in &event.deliveries {
        tell_delivery(out, delivery, "  to ");
    }
    for duty in &event.duties {
        tell_duty(out, duty);
    }
}

/// The clauses that decided, as people name them: `S1 2 (the document's title), rule plan-modtaget`.
pub(super) fn clauses(decision: &Decision) -> Vec<String> {
    let one = |because: Because| {
        let standing = because.standing.map_or_else(String::new, |remark| format!(", {remark}"));
        format!("{} ({}), rule {}{standing}", because.clause, because.document, because.rule)
    };
    decision.clauses().into_iter().map(one).collect()
}

fn tell_delivery(out: &mut Out, story: &DeliveryStory, lead: &str) {
    let it = &story.delivery;
    let at = story.states.last().map(|step| day_time(step.at)).unwrap_or_default();
    let tried = if it.attempts > 1 { format!(", {} attempts", it.attempts) } else { String::new() };
    out.line(format_args!(
        "{lead:<11} {} ({}, {}) {} {at}{tried}",
        it.mailbox,
        it.capacity,
        it.channel,
        it.state.name()
    ));
    if let Some(edition) = &it.why.corrected_by {
        out.line(format_args!("            corrected by {edition}"));
    }
    if let Some(handed) = &it.why.handed {
        out.line(format_args!("            handed on from {} by {}", handed.from, handed.by));
    }
    if let Some(reason) = &it.reason {
        let reason = out.tone(Tone::Warn, &reason.to_string());
        out.line(format_args!("            {reason}"));
    }
    for receipt in &story.receipts {
        out.line(format_args!("            receipt: {} {}", receipt.state, day_time(receipt.at)));
    }
}

fn tell_duty(out: &mut Out, duty: &Duty) {
    let due = duty.due.date.map_or_else(|| "without a date".to_owned(), |date| format!("by {date}"));
    let terms = &duty.terms;
    out.line(format_args!(
        "  duty      {} {due}: {} ({}) {}",
        terms.owed_by,
        terms.what,
        terms.clause,
        duty.state.name()
    ));
    let why = out.tone(Tone::Faint, &duty.due.reason);
    out.line(format_args!("            {why}"));
}
