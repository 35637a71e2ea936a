//! The broker module.

mod consume;
mod publish;
