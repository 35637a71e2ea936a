//! Commands that change something: through the running hub where there is one, else on the ledger
//! directly, under the lock.

use std::sync::Arc;

use clap::Args;
use serde_json::{Value, json};

use super::out::Out;
use super::{Common, Failure, Outcome, runtime};
use crate::adapters::Registry;
use crate::app;
use crate::clock::Clock;
use crate::control::{self, Command};
use crate::ledger::place::Share;

#[derive(Debug, Args)]
pub(super) struct Target {
    /// A source (`rehab-plan`), a mailbox (`dragoer/genoptraening`), `vans`, or a channel (`amqp`)
    target: String,
}

pub(super) fn pause(common: &Common, target: Target, adapters: Registry, out: &mut Out) -> Outcome {
    let name = checked(common, &target, adapters.clone())?;
    let answer = carry_out(common, Command::Pause { target: target.target }, adapters)?;
    tell(out, &name, &answer)
}

/// The target's name, where there is such a one.
fn checked(common: &Common, target: &Target, adapters: Registry) -> Result<String, Failure> {
    let world = app::world(&common.settings()?, adapters).map_err(Failure::Failed)?;
    control::check_target(&world, &target.target).map_err(Failure::Usage)?;
    Ok(target.target.clone())
}

pub(super) fn resume(common: &Common, target: Target, adapters: Registry, out: &mut Out) -> Outcome {
    let name = target.target.clone();
    let answer = carry_out(common, Command::Resume { target: target.target }, adapters)?;
    tell(out, &name, &answer)
}

pub(super) fn tell(out: &mut Out, about: &str, answer: &Value) -> Outcome {
    if out.json {
        out.value(&json!({"id": about, "answer": answer}))?;
    } else {
        out.line(format_args!("{about}: {}", answer.as_str().unwrap_or_default()));
    }
    Ok(())
}

/// Has a command carried out.
pub(super) fn carry_out(common: &Common, command: Command, adapters: Registry) -> Result<Value, Failure> {
    let settings = common.settings()?;
    let state = common.existing_state()?;
    let user = user();
    let refused = |failure: control::Failure| match failure {
        control::Failure::Refused(why) => Failure::Failed(anyhow::anyhow!(why)),
        other @ (control::Failure::Socket(_) | control::Failure::Silent(_) | control::Failure::Ledger(_)) => {
            Failure::Failed(other.into())
        }
    };
    match state.lock() {
        // Nobody else has it, so no hub runs here.
        Ok(_lock) => {
            let ledger = state.open_ledger(&settings, Share::Alone, Clock::system())?;
            let world = Arc::new(app::world(&settings, adapters)?);
            runtime()?.block_on(control::alone(&ledger, world, &user, command)).map_err(refused)
        }
        Err(_held) => runtime()?.block_on(control::ask(&state.socket(), &user, command)).map_err(refused),
    }
}

/// Who gives the command: the operating system's name for them.
pub(super) fn user() -> String {
    let id = rustix::process::getuid().as_raw();
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let mut names = users.lines().filter_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(id)).then(|| name.to_owned())
    });
    names.next().unwrap_or_else(|| format!("uid {id}"))
}
