//! What the hub and its adapters agree on.
//!
//! | module | what |
//! |---|---|
//! | [`event`] | the canonical event: a CloudEvents 1.0 object |
//! | [`adapter`] | the trait that turns one system's bytes into events and answers it |
//! | [`id`] | every id the hub makes, each a pure function of its input |
//! | [`person`], [`municipality`], [`law`], [`kle`] | the domain's own words as types |
//! | [`members`] | the members of a JSON object, read until none is left |
//! | [`reason`] | why something was refused or parked, with a code that has a runbook page |
//! | [`strict_json`] | JSON as it is taken here |
//! | [`verdict`] | what a failed attempt to deliver means for the next one |
//!
//! This crate deliberately knows no clock, no network, no database and no async runtime. An adapter
//! that depends on it alone cannot do I/O by way of it, and cannot reach the hub.

pub mod adapter;
pub mod event;
pub mod id;
pub mod kle;
pub mod law;
pub mod members;
pub mod municipality;
pub mod person;
pub mod reason;
pub mod strict_json;
pub mod verdict;
