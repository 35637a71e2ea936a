//! The `budstikke` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    budstikke::cli::main(std::env::args_os())
}
