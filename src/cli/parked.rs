//! `parked`: what waits for a person, and what they do with it.

use clap::{Args, Subcommand};
use serde_json::json;

use super::order::{carry_out, tell, user};
use super::out::{Out, Tone, clock_time};
use super::{Common, Failure, Outcome, runtime, story, wishes};
use crate::adapters::Registry;
use crate::clock::Clock;
use crate::config::Settings;
use crate::intake::people::{self, Parked};
use crate::ledger::delivery::{Content, Delivery, State};
use crate::ledger::item::Item;
use crate::ledger::look::Sight;
use crate::ledger::place::Share;
use crate::ledger::trace::Held;
use crate::ledger::wish::Wish;
use crate::ledger::{self, Error};
use crate::{app, control};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List it, oldest first
    List {
        /// Also what waits behind it or for an answer, and deliveries that are tried again by themselves
        #[arg(long)]
        all: bool,
    },
    /// Show one: its story, and on request its content
    Show(Show),
    /// Send it on: a message is decided about anew, a delivery goes back to its place
    Resend(Act),
    /// End it without its going anywhere; what waited behind it goes on
    Discard(Discard),
    /// Let what is behind a parked delivery go past it
    Pass(Act),
    /// Give a parked delivery to another mailbox than the agreement said
    Hand(Hand),
}

#[derive(Debug, Args)]
pub(super) struct Show {
    /// Its id, as `parked list` shows it
    id: String,
    /// Show the message as it came. That is a look at personal data: it is kept who looked, and
    /// for what purpose
    #[arg(long, requires = "purpose")]
    content: bool,
    /// Show what the receiver of a delivery said of it last. That is a look at personal data too
    #[arg(long, requires = "purpose", conflicts_with = "content")]
    said: bool,
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

#[derive(Debug, Args)]
pub(super) struct Hand {
    /// Its id, as `parked list` shows it
    id: String,
    /// Who gets it: `dragoer/ydelse`
    mailbox: String,
    /// Why; kept with who did it
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

#[derive(Debug, Args)]
pub(super) struct Discard {
    /// Its id, as `parked list` shows it
    id: String,
    /// Why; kept with who did it
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

pub(super) fn run(common: &Common, command: &Command, adapters: Registry, out: &mut Out) -> Outcome {
    let order = match command {
        Command::List { all } => return list(common, *all, out),
        Command::Show(options) => return show(common, options, out),
        Command::Resend(Act { id, reason }) => control::Command::Resend { id: id.clone(), reason: reason.clone() },
        Command::Discard(Discard { id, reason }) => {
            control::Command::Discard { id: id.clone(), reason: reason.clone() }
        }
        Command::Hand(Hand { id, mailbox, reason }) => {
            control::Command::Hand { id: id.clone(), mailbox: mailbox.clone(), reason: reason.clone() }
        }
        Command::Pass(Act { id, reason }) => control::Command::Pass { id: id.clone(), reason: reason.clone() },
    };
    let id = match command {
        Command::Resend(act) | Command::Pass(act) => &act.id,
        Command::Discard(discard) => &discard.id,
        Command::Hand(hand) => &hand.id,
        Command::List { .. } | Command::Show(_) => return Ok(()),
    };
    let answer = carry_out(common, order, adapters)?;
    tell(out, id, &answer)?;
    let went_on = answer.as_str().is_none_or(|answer| answer.lines().any(|line| !line.starts_with("parked")));
    if went_on { Ok(()) } else { Err(Failure::Said) }
}

fn list(common: &Common, all: bool, out: &mut Out) -> Outcome {
    let now = Clock::system().now();
    let settings = common.settings()?;
    let state = common.existing_state()?;
    let keys = state.keys(&settings)?;
    let place = state.ledger(&settings);
    let (items, mut deliveries) = ledger::read(&place, &keys, |reader| reader.parked())?;
    let mut items: Vec<Held> = items.into_iter().map(|item| Held { item, wishes: Vec::new() }).collect();
    if all {
        let (behind, again) = ledger::read(&place, &keys, |reader| reader.held_up())?;
        items.extend(behind);
        deliveries.extend(again);
    }
    if out.json {
        let items = items.iter().map(|held| item_value(&held.item, &held.wishes));
        let list: Vec<_> = items.chain(deliveries.iter().map(delivery_value)).collect();
        out.value(&list)?;
        return Ok(());
    }
    if items.is_empty() && deliveries.is_empty() {
        let nothing = out.tone(Tone::Good, "nothing waits for a person");
        out.line(format_args!("{nothing}"));
    }
    for Held { item, wishes } in &items {
        let why = match (&item.reason, wishes::waiting(wishes), &item.case) {
            (Some(reason), _, _) => reason.to_string(),
            (None, Some(waiting), _) => waiting,
            (None, None, Some(case)) => format!("waiting behind something else of {case}"),
            (None, None, None) => "waiting".to_owned(),
        };
        line(out, &format!("#{}", item.seq), &item.what, &why);
    }
    for delivery in &deliveries {
        let mut why = delivery.reason.as_ref().map(ToString::to_string).unwrap_or_default();
        if delivery.state == State::Waiting {
            why = match (delivery.next_at > now, delivery.attempts) {
                (true, attempts) => format!("tried {attempts} times, again at {}: {why}", clock_time(delivery.next_at)),
                (false, 0) => format!("goes when it can: {why}"),
                (false, attempts) => format!("tried {attempts} times, goes when it can: {why}"),
            };
        }
        line(out, &delivery.id.to_string(), &format!("→ {}", delivery.mailbox), &why);
    }
    Ok(())
}

fn line(out: &mut Out, id: &str, what: &str, reason: &str) {
    let id = out.tone(Tone::Strong, id);
    out.line(format_args!("{id}  {what}\n    {reason}"));
}

fn item_value(item: &Item, wishes: &[Wish]) -> serde_json::Value {
    json!({
        "id": format!("#{}", item.seq),
        "what": item.what,
        "state": item.state.name(),
        "case": item.case,
        "refused": item.refused,
        "reason": item.reason.as_ref().map(ToString::to_string),
        "code": item.reason.as_ref().map(|reason| reason.code.to_string()),
        "path": item.reason.as_ref().and_then(|reason| reason.path.clone()),
        "wishes": wishes.iter().map(|wish| wish.value()).collect::<Vec<_>>(),
    })
}

fn delivery_value(delivery: &Delivery) -> serde_json::Value {
    json!({
        "id": delivery.id.to_string(),
        "what": "delivery",
        "state": delivery.state.name(),
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
    let place = state.ledger(&settings);
    if options.content || options.said {
        return look(&state, &settings, options, out);
    }
    let keys = state.keys(&settings)?;
    let stories = ledger::read(&place, &keys, |reader| reader.trace(&options.id))?;
    if stories.is_empty() {
        return Err(Failure::Failed(anyhow::anyhow!("nothing here has the id `{}`", options.id)));
    }
    for one in &stories {
        story::tell(out, one)?;
    }
    Ok(())
}

/// Shows content. A look writes to the access log, which two processes may do: each is one
/// transaction.
fn look(state: &app::State, settings: &Settings, options: &Show, out: &mut Out) -> Outcome {
    let ledger = state.open_ledger(settings, Share::Beside, Clock::system())?;
    let (id, said, user) = (options.id.clone(), options.said, user());
    let purpose = options.purpose.clone().unwrap_or_default();
    let looked = ledger.write(move |tx| {
        let sight = match people::find(tx, &id)? {
            Parked::Item(_) if said => {
                return Err(Error::Refused(format!("`{id}` is no delivery: nobody has said anything of it")));
            }
            Parked::Item(item) => Sight::Message(item.message),
            Parked::Delivery(delivery) if said => Sight::Said(delivery.seq),
            Parked::Delivery(delivery) => match delivery.content {
                Content::Event(seq) => Sight::Event(seq),
                Content::Reply(seq) => Sight::Reply(seq),
            },
        };
        tx.look(&user, &purpose, sight)
    });
    out.bytes(&runtime()?.block_on(looked)?);
    Ok(())
}
