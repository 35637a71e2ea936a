//! `token`: the systems that may use the API, and what each shows to get in.

use clap::{Args, Subcommand};
use data_encoding::BASE64URL_NOPAD;
use jiff::SignedDuration;
use serde_json::json;

use super::order::{carry_out, tell};
use super::out::Out;
use super::{Common, Failure, Outcome, role};
use crate::adapters::Registry;
use crate::app;
use crate::clock::Clock;
use crate::control;
use crate::ledger;
use crate::ledger::account::Token;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a token for a system, and show it, once. The one that the system had ends at once
    Add(Add),
    /// Take a system's token away
    Remove {
        /// The system's name in the books
        name: String,
    },
    /// List the systems that have a token
    List,
}

#[derive(Debug, Args)]
pub(super) struct Add {
    /// The system's name in the books: lower-case letters, digits, `.`, `-` and `_`
    name: String,
    /// What it may, one for each: `sender:SOURCE`, `caseworker:PARTY/TEAM`, `operator`, `postmaster`, `leader:PARTY`,
    /// `auditor`
    #[arg(long = "role", value_name = "ROLE", required = true)]
    roles: Vec<String>,
    /// For how many days it is good
    #[arg(long, value_name = "N", default_value_t = 365, value_parser = clap::value_parser!(u16).range(1..=1095))]
    days: u16,
}

pub(super) fn run(common: &Common, command: &Command, adapters: Registry, out: &mut Out) -> Outcome {
    match command {
        Command::Add(options) => add(common, options, adapters, out),
        Command::Remove { name } => {
            let answer = carry_out(common, control::Command::RemoveSystem { system: name.clone() }, adapters)?;
            tell(out, name, &answer)
        }
        Command::List => list(common, out),
    }
}

fn add(common: &Common, options: &Add, adapters: Registry, out: &mut Out) -> Outcome {
    let world = app::world(&common.settings()?, adapters.clone()).map_err(Failure::Failed)?;
    let (system, good) = (&options.name, "lower-case letters, digits, `.`, `-` and `_`, at most 64");
    if !role::is_name(system) || system.len() > 64 {
        return Err(Failure::Usage(format!("`{system}`: a system's name is {good}")));
    }
    let roles = role::all(&options.roles, &world)?;
    let token = Token::fresh().ok_or_else(|| anyhow::anyhow!("the machine has no random numbers"))?;
    let ends = Clock::system().now().checked_add(SignedDuration::from_hours(24 * i64::from(options.days)))?;
    let command = control::Command::System { system: system.clone(), roles: roles.clone(), token, ends };
    carry_out(common, command, adapters)?;
    let shown = BASE64URL_NOPAD.encode(&token.0);
    if out.json {
        out.value(&json!({"system": system, "roles": split(&roles), "token": shown, "ends": ends}))?;
    } else {
        out.line(format_args!("{shown}"));
    }
    Ok(())
}

fn split(roles: &str) -> Vec<&str> {
    roles.split_whitespace().collect()
}

fn list(common: &Common, out: &mut Out) -> Outcome {
    let (settings, state) = (common.settings()?, common.existing_state()?);
    let keys = state.keys(&settings)?;
    let systems = ledger::read(&state.ledger(&settings), &keys, |reader| reader.systems())?;
    if out.json {
        let shown = |it: &ledger::system::System| json!({"system": it.name, "roles": split(&it.roles), "made": it.made, "ends": it.ends, "seen": it.seen});
        out.value(&json!(systems.iter().map(shown).collect::<Vec<_>>()))?;
        return Ok(());
    }
    let now = Clock::system().now();
    for system in systems {
        let good = if system.ends > now { "until" } else { "ENDED" };
        let ends = system.ends.strftime("%F");
        let seen = system.seen.map_or_else(|| "never used".to_owned(), |seen| format!("used {}", seen.strftime("%F")));
        out.line(format_args!("{}  {good} {ends}  {seen}  {}", system.name, system.roles));
    }
    Ok(())
}
