//! Telling a team outside the console that something waits there: by mail or by webhook, so many new,
//! so many late. Nothing of what it is: counts, the mailbox's name, and where to look.
//!
//! | room | what | touches |
//! |---|---|---|
//! | [`plan`] | when somebody may be told, and of what | nothing |
//! | [`words`] | what they are told | nothing |
//! | [`mail`] | SMTP; the only code that touches lettre | network, files |
//! | [`watch`] | the loop: what is new, telling it, keeping that it was told | ledger, network |
//!
//! What was told is kept in the ledger, so that it is told once: after an outage there is one notice
//! with all that came meanwhile. It may be told twice where the hub dies between the two.

pub mod mail;
pub mod plan;
#[cfg(test)]
mod tests;
pub mod watch;
pub mod words;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::agreement::model::MailboxId;
use crate::web;
use mail::Server;
use plan::Hours;

/// Whom the hub tells.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    /// The server that takes mail.
    pub server: Option<Server>,
    /// The mailboxes whose teams are told, by id.
    pub mailboxes: BTreeMap<MailboxId, Team>,
}

/// How a team is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// To which addresses mail goes; none where none does.
    pub mail: Vec<mail::Address>,
    /// Where else it is told.
    pub webhook: Option<web::Settings>,
    /// At most this often.
    pub every: Duration,
    /// When.
    pub hours: Hours,
}
