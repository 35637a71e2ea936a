//! What tests share.
//!
//! | module | what |
//! |---|---|
//! | [`conformance`] | the suite that every adapter passes over its own messages |
//! | [`plans`] | rehabilitation plans by the thousand, of invented people |
//! | [`xsd`] | the public schemas as a judge of what is sent |
//!
//! For tests and benchmarks only: nothing that is released depends on this crate.

pub mod conformance;
pub mod plans;
pub mod xsd;
