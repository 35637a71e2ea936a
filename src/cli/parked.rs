//! `parked`: what waits for a person, and what they do with it.

use clap::{Args, Subcommand};
use serde_json::json;

use super::order::{carry_out, tell, user};
use super::out::{Out, Tone};
use super::{Common, Failure, Outcome, runtime, story};
use crate::adapters::Registry;
use crate::clock::Clock;
use crate::control;
use crate::ledger;
use crate::ledger::delivery::{Content, Delivery};
use crate::ledger::item::Item;
use crate::ledger::look::Sight;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List it, oldest first
    List,
    /// Show one: its story, and on request its content
    Show(Show),
    /// Send it on: a message is decided about anew, a delivery goes back to its place
    Resend(Act),
    /// End it without its going anywhere; what waited behind it goes on
    Discard(Act),
    /// Let what is behind a parked delivery go past it
    Pass(Act),
}

#[derive(Debug, Args)]
pub(super) struct Show {
    /// Its id, as `parked list` shows it
    id: String,
    /// Show the message as it came. That is a look at personal data: it is kept who looked, and
    /// for what purpose
    #[arg(long, requires = "purpose")]
    content: bool,
    /// For what purpose the content is looked at
    #[arg(long, value_name = "TEXT")]
    purpose: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Act {
    /// Its id, as `parked list` shows it
    id: String,
    /// Why; kept with who did it
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
}

pub(super) fn run(common: &Common, command: &Command, adapters: Registry, out: &mut Out) -> Outcome {
    let order = match command {
        Command::List => return list(common, out),
        Command::Show(options) => return show(common, options, out),
        Command::Resend(act) => control::Command::Resend { id: act.id.clone(), reason: act.reason.clone() },
        Command::Discard(act) => control::Command::Discard { id: act.id.clone(), reason: act.reason.clone() },
        Command::Pass(act) => control::Command::Pass { id: act.id.clone(), reason: act.reason.clone() },
    };
    let (Command::Resend(act) | Command::Discard(act) | Command::Pass(act)) = command else { return Ok(()) };
    let answer = carry_out(common, order, adapters)?;
    tell(out, &act.id, &answer)
}

fn list(common: &Common, out: &mut Out) -> Outcome {
    let settings = common.settings()?;
    let state = common.existing_state()?;
    let keys = state.keys(&settings)?;
    let (items, deliveries) = ledger::read_file(&state.ledger_file(&settings), &keys, |reader| reader.parked())?;
    if out.json {
        let items = items.iter().map(item_value);
        let list: Vec<_> = items.chain(deliveries.iter().map(delivery_value)).collect();
        out.value(&list)?;
        return Ok(());
    }
    if items.is_empty() && deliveries.is_empty() {
        let nothing = out.tone(Tone::Good, "nothing waits for a person");
        out.line(format_args!("{nothing}"));
    }
    for item in &items {
        let reason = item.reason.as_ref().map(ToString::to_string).unwrap_or_default();
        line(out, &format!("#{}", item.seq), &item.what, &reason);
    }
    for delivery in &deliveries {
        let reason = delivery.reason.as_ref().map(ToString::to_string).unwrap_or_default();
        line(out, &delivery.id.to_string(), &format!("→ {}", delivery.mailbox), &reason);
    }
    Ok(())
}

fn line(out: &mut Out, id: &str, what: &str, reason: &str) {
    let id = out.tone(Tone::Strong, id);
    out.line(format_args!("{id}  {what}\n    {reason}"));
}

fn item_value(item: &Item) -> serde_json::Value {
    json!({
        "id": format!("#{}", item.seq),
        "what": item.what,
        "case": item.case,
        "refused": item.refused,
        "reason": item.reason.as_ref().map(ToString::to_string),
        "code": item.reason.as_ref().map(|reason| reason.code.to_string()),
        "path": item.reason.as_ref().and_then(|reason| reason.path.clone()),
    })
}

fn delivery_value(delivery: &Delivery) -> serde_json::Value {
    json!({
        "id": delivery.id.to_string(),
        "what": "delivery",
        "to": delivery.mailbox,
        "channel": delivery.channel,
        "attempts": delivery.attempts,
        "holds_lane": !delivery.passed,
        "reason": delivery.reason.as_ref().map(ToString::to_string),
        "code": delivery.reason.as_ref().map(|reason| reason.code.to_string()),
    })
}

fn show(common: &Common, options: &Show, out: &mut Out) -> Outcome {
    let settings = common.settings()?;
    let state = common.existing_state()?;
    let file = state.ledger_file(&settings);
    if options.content {
        let purpose = options.purpose.clone().unwrap_or_default();
        // A look writes to the access log, which two processes may do: each is one transaction.
        let ledger = state.open_ledger(&settings, Clock::system())?;
        let (id, user) = (options.id.clone(), user());
        let looked = ledger.write(move |tx| {
            let sight = match crate::intake::people::find(tx, &id)? {
                crate::intake::people::Parked::Item(item) => Sight::Message(item.message),
                crate::intake::people::Parked::Delivery(Delivery { content: Content::Event(seq), .. }) => {
                    Sight::Event(seq)
                }
                crate::intake::people::Parked::Delivery(Delivery { content: Content::Reply(seq), .. }) => {
                    Sight::Reply(seq)
                }
            };
            tx.look(&user, &purpose, sight)
        });
        out.bytes(&runtime()?.block_on(looked)?);
        return Ok(());
    }
    let keys = state.keys(&settings)?;
    let stories = ledger::read_file(&file, &keys, |reader| reader.trace(&options.id))?;
    if stories.is_empty() {
        return Err(Failure::Failed(anyhow::anyhow!("nothing here has the id `{}`", options.id)));
    }
    for one in &stories {
        story::tell(out, one)?;
    }
    Ok(())
}
