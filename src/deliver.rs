//! Getting deliveries to where they go: in lanes, several lanes at once, again after a failure, and
//! to a person when that does not help.
//!
//! | room | what | touches |
//! |---|---|---|
//! | [`retry`] | what a failure means for the next attempt | nothing |
//! | [`parcel`] | the bytes and properties that a mailbox gets | nothing |
//! | [`carrier`] | the ways to carry a parcel: a queue, an address, an inbox | broker, web |
//! | [`dispatch`] | the loop: what may go, send it, keep what came of it | ledger |

pub mod carrier;
pub mod dispatch;
pub mod orphans;
pub mod parcel;
pub mod retry;
