//! What somebody must hear of at once: one code for each alert of `deploy/prometheus`, by which the
//! page of operations leads to the same page of the runbook.

use budstikke_contract::reason::Code;

/// The hub does not answer.
pub const HUB_GONE: Code = Code::new("HUB_GONE");
/// There is no connection to the broker.
pub const BROKER_DOWN: Code = Code::new("BROKER_DOWN");
/// The broker takes nothing from us.
pub const BROKER_BLOCKED: Code = Code::new("BROKER_BLOCKED");
/// A node of the broker's is down, cut off from the others, or short of memory or disk.
pub const BROKER_NODES: Code = Code::new("BROKER_NODES");
/// The broker's management interface does not answer.
pub const BROKER_UNSEEN: Code = Code::new("BROKER_UNSEEN");
/// A policy of the broker's changes one of our queues.
pub const BROKER_POLICY: Code = Code::new("BROKER_POLICY");
/// The ledger cannot be written.
pub const LEDGER_UNWRITABLE: Code = Code::new("LEDGER_UNWRITABLE");
/// The ledger is running out of room.
pub const LEDGER_ROOM: Code = Code::new("LEDGER_ROOM");
/// Writing to the ledger takes long.
pub const LEDGER_SLOW: Code = Code::new("LEDGER_SLOW");
/// The books do not balance.
pub const BOOKS_UNBALANCED: Code = Code::new("BOOKS_UNBALANCED");
/// A way to a mailbox is broken.
pub const WAY_BROKEN: Code = Code::new("WAY_BROKEN");
/// Something has waited long to succeed.
pub const LANE_OLD: Code = Code::new("LANE_OLD");
/// Something has been parked for long.
pub const PARKED_OLD: Code = Code::new("PARKED_OLD");
/// Duties are past their day.
pub const DUTIES_LATE: Code = Code::new("DUTIES_LATE");
/// A service that the hub asks does not answer.
pub const SERVICE_SILENT: Code = Code::new("SERVICE_SILENT");
/// Somebody else's broker, which the hub takes from, cannot be reached.
pub const FOREIGN_DOWN: Code = Code::new("FOREIGN_DOWN");
/// Nothing has come from a source for long.
pub const SOURCE_SILENT: Code = Code::new("SOURCE_SILENT");
/// Somebody guesses passwords.
pub const SIGN_IN_GUESSED: Code = Code::new("SIGN_IN_GUESSED");
