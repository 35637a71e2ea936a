//! The command line. Each command is a file in `cli/`; here is what they share: arguments, exit
//! codes (0 good, 1 failed, 64 wrong usage or configuration), and how a failure is told.

mod agreement;
mod check;
mod duties;
mod explain;
mod follow;
mod order;
mod out;
mod parked;
mod role;
mod run;
mod send;
mod status;
mod story;
mod token;
mod trace;
mod user;
mod verify;
mod wishes;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::adapters::Registry;
use crate::app::State;
use crate::config::Settings;
use crate::telemetry;
use out::Out;

/// The integration hub between municipalities that are bound by law to work together.
#[derive(Debug, Parser)]
#[command(name = "budstikke", version, arg_required_else_help = true)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// What all commands take.
#[derive(Debug, Clone, Args)]
struct Common {
    /// The settings
    #[arg(long, global = true, value_name = "FILE", default_value = "deploy/config/budstikke.toml")]
    config: PathBuf,
    /// Where the hub keeps what it must not lose [default: state]
    #[arg(long, global = true, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Answer in JSON, for machines
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the hub until it is told to stop
    Run(run::Options),
    /// Check the settings and the agreement; says everything that is wrong at once
    Check,
    /// Say what would happen with these messages, and why; sends nothing
    ///
    /// The files are taken as a sequence, as if they came one after the other. Without --state
    /// nothing is known of earlier messages; with it, what the ledger there knows. With --known
    /// the agreement decides as it was known on another day.
    Explain(explain::Question),
    /// Send messages to the hub, as their source would
    Send(explain::Options),
    /// How the hub is doing
    Status,
    /// Tell one message's whole story, by any id: of a letter, an envelope, an event, a case, a
    /// delivery, a duty, or `#` and the number of an item
    Trace(trace::Options),
    /// What waits for a person
    #[command(subcommand)]
    Parked(parked::Command),
    /// Hold a source, a mailbox or a channel; nothing is parked by it
    Pause(order::Target),
    /// Let what was paused go on
    Resume(order::Target),
    /// What the parties owe each other
    Duties(duties::Options),
    /// The agreement, to read and to compare
    #[command(subcommand)]
    Agreement(agreement::Command),
    /// Who may use the console
    #[command(subcommand)]
    User(user::Command),
    /// Which systems may use the API
    #[command(subcommand)]
    Token(token::Command),
    /// Prove that the ledger is what it was, and that everything is accounted for
    Verify(verify::Options),
    /// Measure the hub against a bare forwarder on the same broker
    Bench(crate::bench::Options),
}

/// Why a command failed, by exit code.
#[derive(Debug)]
enum Failure {
    /// Wrong usage or configuration: 64.
    Usage(String),
    /// Anything else: 1.
    Failed(anyhow::Error),
    /// What the command had to say has been said: 1.
    Said,
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

type Outcome = Result<(), Failure>;

impl Common {
    /// Reads the settings.
    fn settings(&self) -> Result<Settings, Failure> {
        Settings::read(&self.config).map_err(|faults| {
            let list: Vec<String> = faults.iter().map(|fault| format!("  {fault}")).collect();
            Failure::Usage(format!("`{}` cannot be used:\n{}", self.config.display(), list.join("\n")))
        })
    }

    fn state_folder(&self) -> PathBuf {
        self.state.clone().unwrap_or_else(|| PathBuf::from("state"))
    }

    /// The state directory, made where it is not there.
    fn state(&self) -> Result<State, Failure> {
        Ok(State::at(&self.state_folder())?)
    }

    /// The state directory of a hub that has been run.
    fn existing_state(&self) -> Result<State, Failure> {
        let folder = self.state_folder();
        if folder.is_dir() {
            return self.state();
        }
        let hint = "run `budstikke run` first, or say where the hub keeps its state with --state";
        Err(Failure::Usage(format!("there is no state directory `{}`: {hint}", folder.display())))
    }
}

/// Runs the command with these adapters; answers with its exit code.
pub fn main(arguments: impl IntoIterator<Item = OsString>, adapters: Registry) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            let code = if error.use_stderr() { ExitCode::from(64) } else { ExitCode::SUCCESS };
            // Nothing can be done about a terminal that cannot be written to.
            drop(error.print());
            return code;
        }
    };
    match dispatch(cli, adapters) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Said) => ExitCode::from(1),
        Err(Failure::Usage(what)) => {
            out::complain(&what);
            ExitCode::from(64)
        }
        Err(Failure::Failed(error)) => {
            out::complain(&telemetry::chain(&*error));
            ExitCode::from(1)
        }
    }
}

fn dispatch(cli: Cli, adapters: Registry) -> Outcome {
    let Cli { common, command } = cli;
    let mut out = Out::stdout(common.json);
    match command {
        Command::Run(options) => run::run(&common, options, adapters),
        Command::Check => check::run(&common, adapters, &mut out),
        Command::Explain(options) => explain::run(&common, &options, adapters, &mut out),
        Command::Send(options) => send::run(&common, &options, adapters, &mut out),
        Command::Status => status::run(&common, &mut out),
        Command::Trace(options) => trace::run(&common, &options, &mut out),
        Command::Parked(command) => parked::run(&common, &command, adapters, &mut out),
        Command::Pause(target) => order::pause(&common, target, adapters, &mut out),
        Command::Resume(target) => order::resume(&common, target, adapters, &mut out),
        Command::Duties(options) => duties::run(&common, &options, adapters, &mut out),
        Command::Agreement(command) => agreement::run(&common, &command, adapters, &mut out),
        Command::User(command) => user::run(&common, &command, adapters, &mut out),
        Command::Token(command) => token::run(&common, &command, adapters, &mut out),
        Command::Verify(options) => verify::run(&common, &options, &mut out),
        Command::Bench(options) => {
            let prefetch = common.settings()?.broker.prefetch;
            let state = common.state_folder();
            let bench = crate::bench::run(&options, &common.config, prefetch, &state, common.json);
            Ok(runtime()?.block_on(bench)?)
        }
    }
}

/// A runtime for the commands that talk to the hub or the broker.
fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    Ok(tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_commands_fit_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn wrong_usage_is_64_and_help_is_0() {
        for (arguments, code) in [
            (vec!["budstikke"], 64),
            (vec!["budstikke", "explain"], 64),
            (vec!["budstikke", "no-such-thing"], 64),
            (vec!["budstikke", "check", "--config", "/no/such/file"], 64),
            (vec!["budstikke", "--help"], 0),
            (vec!["budstikke", "parked", "resend", "--help"], 0),
        ] {
            let got = main(arguments.iter().map(OsString::from), Registry::default());
            assert_eq!(got, ExitCode::from(code), "{arguments:?}");
        }
    }
}
