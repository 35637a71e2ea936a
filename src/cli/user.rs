//! `user`: who may use the console, and the link by which somebody comes in.

use std::io::Read;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use secrecy::SecretString;
use serde_json::json;

use super::order::{carry_out, tell};
use super::out::Out;
use super::{Common, Failure, Outcome, role};
use crate::adapters::Registry;
use crate::app::{self, Ready};
use crate::clock::Clock;
use crate::console;
use crate::control;
use crate::ledger;
use crate::ledger::account::Token;

/// How long a link is good.
const LINK: Duration = Duration::from_mins(15);

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make an account, or change one: its name, its roles and, where one is given, its password
    Add(Add),
    /// Remove an account, and sign its owner out
    Remove {
        /// The name that its owner signs in with
        user: String,
    },
    /// List the accounts
    List,
    /// Make a link that signs an account's owner in, once, within a quarter of an hour
    Link {
        /// The name that its owner signs in with
        user: String,
    },
}

#[derive(Debug, Args)]
pub(super) struct Add {
    /// The name that its owner signs in with: lower-case letters, digits, `.`, `-` and `_`
    user: String,
    /// The owner's name, for people
    #[arg(long, value_name = "TEXT")]
    name: String,
    /// What they may, one for each: `operator`, `caseworker:PARTY/TEAM`, `postmaster`, `leader:PARTY`, `auditor`,
    /// `administrator`
    #[arg(long = "role", value_name = "ROLE")]
    roles: Vec<String>,
    /// Read the password from this file, `-` for standard input. Without it they come in by a link
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

pub(super) fn run(common: &Common, command: &Command, adapters: Registry, out: &mut Out) -> Outcome {
    match command {
        Command::Add(options) => add(common, options, adapters, out),
        Command::Remove { user } => {
            let answer = carry_out(common, control::Command::RemoveAccount { account: user.clone() }, adapters)?;
            tell(out, user, &answer)
        }
        Command::List => list(common, out),
        Command::Link { user } => link(common, user, adapters, out),
    }
}

fn add(common: &Common, options: &Add, adapters: Registry, out: &mut Out) -> Outcome {
    let world = app::world(&common.settings()?, adapters.clone()).map_err(Failure::Failed)?;
    if !role::is_name(&options.user) {
        return Err(Failure::Usage(format!(
            "`{}`: a user's name is lower-case letters, digits, `.`, `-` and `_`",
            options.user
        )));
    }
    let roles = role::all(&options.roles, &world)?;
    let secret = options.password_file.as_ref().map(password).transpose()?;
    let secret = secret
        .map(|text| console::keep_password(&text))
        .transpose()
        .map_err(|error| Failure::Usage(error.to_string()))?;
    let command =
        control::Command::Account { account: options.user.clone(), name: options.name.clone(), roles, secret };
    let answer = carry_out(common, command, adapters)?;
    tell(out, &options.user, &answer)
}

fn password(file: &PathBuf) -> Result<SecretString, Failure> {
    let read = if file.as_os_str() == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map(|_length| text)
    } else {
        std::fs::read_to_string(file)
    };
    let text = read.map_err(|error| Failure::Usage(format!("`{}` cannot be read: {error}", file.display())))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned().into())
}

fn list(common: &Common, out: &mut Out) -> Outcome {
    let (settings, state) = (common.settings()?, common.existing_state()?);
    let keys = state.keys(&settings)?;
    let accounts = ledger::read(&state.ledger(&settings), &keys, |reader| reader.accounts())?;
    if out.json {
        let shown = |it: &ledger::account::Account| {
            json!({"user": it.user, "name": it.name, "roles": it.roles.split_whitespace().collect::<Vec<_>>(),
                "password": it.secret.is_some(), "locked_until": it.locked_until})
        };
        out.value(&json!(accounts.iter().map(shown).collect::<Vec<_>>()))?;
        return Ok(());
    }
    for account in accounts {
        let how = if account.secret.is_some() { "" } else { "  (by link)" };
        out.line(format_args!("{}  {}  {}{how}", account.user, account.name, account.roles));
    }
    Ok(())
}

fn link(common: &Common, user: &str, adapters: Registry, out: &mut Out) -> Outcome {
    let (settings, state) = (common.settings()?, common.existing_state()?);
    let token = Token::fresh().ok_or_else(|| anyhow::anyhow!("the machine has no random numbers"))?;
    let ends = Clock::system().now().checked_add(LINK)?;
    carry_out(common, control::Command::SignInLink { account: user.to_owned(), token, ends }, adapters)?;
    let base = match settings.console.set_up.origin.public {
        Some(public) => public,
        None => Ready::read(&state.ready_file())?.console.unwrap_or_default(),
    };
    let link = format!("{base}{}", console::link_path(token));
    if out.json {
        out.value(&json!({"user": user, "link": link, "ends": ends}))?;
    } else {
        out.line(format_args!("{link}"));
    }
    Ok(())
}
