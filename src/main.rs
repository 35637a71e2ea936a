//! The `budstikke` command.

use std::process::ExitCode;

use budstikke::adapters::Registry;

fn main() -> ExitCode {
    budstikke::telemetry::discreet_panics();
    budstikke::cli::main(std::env::args_os(), Registry::default())
}
