//! The whole hub, from a source's queue to a receiver's: started in the process with the settings
//! and the agreement as they are shipped, a clock that tests set, and a state directory of its own.
//!
//! Every test ends with [`rig::Rig::finish`], which compares three books: what was sent, what the
//! ledger says, and what the receivers got.

mod asking;
mod attacks;
mod case_order;
mod citizens;
mod crossing;
mod duplicates;
mod duties;
mod events;
mod health;
mod http;
mod lost_queues;
mod nodes;
mod pauses;
mod plans;
mod poison;
mod receipts;
pub(crate) mod rig;
mod sources;
mod table;
mod traces;
mod two_pairs;
pub(crate) mod wire;
