//! The agreement: dated rules, as data, that say who performs what and who must be told.
//!
//! | room | what |
//! |---|---|
//! | [`file`](mod@file) | an agreement file as it is written, word for word |
//! | [`model`] | the same, checked: nothing in it can be wrong any more |
//! | [`fault`] | what is wrong with a file, with its line and what to do |
//! | [`build`] | from files to the model: names, dates, references |
//! | [`check`] | gaps, overlaps and contradictions |
//! | [`matrix`] | who performs what, as a table to read and to print |
//! | [`book`] | all agreements in all versions, and which of them was known on a day |
//!
//! Everything here is a pure function of the files' text. Reading them from disk is
//! [`crate::config`]'s, deciding about an event is [`crate::route`]'s.

pub mod book;
mod build;
mod check;
pub mod differ;
pub mod fault;
mod file;
pub mod matrix;
pub mod model;
pub mod period;
pub mod reckoning;
#[cfg(test)]
pub(crate) mod tests;

pub use book::{Book, SourceFile};
pub use fault::Fault;
