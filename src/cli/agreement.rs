//! `agreement`: who performs what and when, and what changes from one edition to another.

mod diff;
mod matrix;
mod side;

use clap::Subcommand;

use super::out::Out;
use super::{Common, Outcome};
use crate::adapters::Registry;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Law by period: who performs, and by which clause
    ///
    /// One table for the citizens of each municipality. What rests on an interpretation, or is
    /// still being clarified, is marked.
    Matrix(matrix::Options),
    /// What changes from one edition of the agreement to another, for whom and from when
    ///
    /// OLD and NEW are folders of agreement files, or days: the agreement of the settings as it was
    /// known on that day. With --state it also says which past events would have gone elsewhere;
    /// each is asked about with what was known of its case when it was decided.
    Diff(Box<diff::Options>),
}

pub(super) use side::known_on;

pub(super) fn run(common: &Common, command: &Command, adapters: Registry, out: &mut Out) -> Outcome {
    match command {
        Command::Matrix(options) => matrix::run(common, options, out),
        Command::Diff(options) => diff::run(common, options, adapters, out),
    }
}
