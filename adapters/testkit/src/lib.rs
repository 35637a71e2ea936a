//! What tests share.
//!
//! | module | what |
//! |---|---|
//! | [`conformance`] | the suite that every adapter passes over its own messages |
//! | [`fixtures`] | the messages of `fixtures/`, the public samples, and the runbook's pages |
//! | [`plans`] | rehabilitation plans by the thousand, of invented people |
//! | [`postgres`] | a PostgreSQL server of a test's own, to be killed and frozen |
//! | [`xsd`] | the public schemas as a judge of what is sent |
//!
//! For tests and benchmarks only: nothing that is released depends on this crate.

pub mod conformance;
pub mod fixtures;
pub mod plans;
pub mod postgres;
pub mod xsd;
