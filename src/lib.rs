//! Budstikke: the integration hub between municipalities that are bound by law to work together.
//!
//! The modules, in the order in which a message goes through them:
//!
//! | module | what |
//! |---|---|
//! | [`broker`] | the only code that touches lapin: connections, queues, publishing, consuming, the private node |
//! | [`intake`] | a batch is read, recognised, decided about, written down, and only then acknowledged |
//! | [`adapters`] | the one list of adapters |
//! | [`residence`] | where the citizen lives: what the message says, else the case |
//! | [`course`] | what can be wrong with the courses of treatment that a register asks to have approved; pure |
//! | [`agreement`] | the dated rules, as data, read and checked; pure |
//! | [`route`] | event × agreement × residence × day → who gets it, what is owed, by which clause; pure |
//! | [`ledger`] | everything that came, was decided, is owed and was sent: sealed, chained, counted |
//! | [`deliver`] | lanes, attempts, the bytes that a mailbox gets |
//! | [`duty`] | what a party owes: opened, met, moved, closed, reminded of, late |
//! | [`explain`] | what would happen with a message, by the same code, kept nowhere |
//! | [`csv`] | tables for spreadsheets |
//! | [`task`] | what a team has to do with what came to it in the console: new, somebody's, waiting, done; pure |
//! | [`cli`], [`control`] | the commands, and the socket by which they reach a running hub |
//! | [`app`], [`config`], [`telemetry`] | putting it together; settings; logs, metrics, health |
//! | [`web`] | the only code that touches reqwest: requests to others, and what lets us in there |
//! | [`clock`], [`retry`], [`supervise`] | the time, the waiting, the tasks |
//! | [`bench`](mod@bench) | the hub measured against a bare forwarder |
//!
//! # Invariants
//! - What is acknowledged to a source stands in the ledger, and is delivered, on its way, by rule for
//!   nobody, or parked with a reason. Both sides of that sum are counted apart, all the time.
//! - A delivery is done only after the broker's confirm or the inbox's commit; a repeat has the same
//!   bytes and the same id.
//! - In a lane (mailbox, channel, case) order holds.
//! - Deciding is pure, and what it rested on is kept with the decision.
//! - Nothing about a person stands in a name, a header, a log line, a metric or an error.
//! - Every queue and every wait is bounded.
//!
//! What may know what is written down in `tests/arch/modules.rs`, and why things are as they are in
//! `src/decisions/`.

pub mod adapters;
pub mod agreement;
pub mod app;
pub mod bench;
pub mod broker;
pub mod cli;
pub mod clock;
pub mod config;
pub mod console;
pub mod control;
pub mod course;
pub mod csv;
pub mod deliver;
pub mod duty;
pub mod enquire;
pub mod explain;
pub mod intake;
pub mod ledger;
pub mod nudge;
pub mod residence;
pub mod retry;
pub mod route;
pub mod supervise;
pub mod task;
pub mod telemetry;
pub mod web;
