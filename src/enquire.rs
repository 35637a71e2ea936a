//! What the hub asks elsewhere before it can decide: where a citizen lives, and what a thin event
//! is about. What is asked and what is answered stands in the ledger ([`crate::ledger::wish`]);
//! here is only who asks, how often, and what an answer means.
//!
//! | room | what | touches |
//! |---|---|---|
//! | [`bucket`] | how many calls there may be | nothing |
//! | [`cache`] | answers that are still good | nothing |
//! | [`gate`] | whether a service that did not answer is asked again yet | nothing |
//! | [`residence`], [`content`] | the two services: what is sent, what an answer means | the network, by [`crate::web`] |
//! | [`asker`] | the loop round it: wishes out of the ledger, answers into it | ledger, a service |

pub mod asker;
pub mod bucket;
pub mod cache;
pub mod content;
pub mod gate;
pub mod residence;
#[cfg(test)]
mod tests;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;

use crate::ledger::wish::Outcome;
use crate::web::{Endpoint, Fault, Request};

/// Somebody who can be asked.
#[async_trait]
pub trait Service: fmt::Debug + Send + Sync + 'static {
    /// Asks. The question is what the wish holds; it is personal.
    ///
    /// # Errors
    /// No answer that can be gone by. It is asked again.
    async fn ask(&self, question: &[u8]) -> Result<Outcome, Failure>;
}

/// Why there is no answer. Says nothing of what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failure {
    /// What it was, as metrics and log lines name it.
    pub what: Trouble,
    /// How long the service asks us to wait.
    pub after: Option<Duration>,
}

/// What a service can be in trouble with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// It cannot be reached, or does not answer in time.
    Unreachable,
    /// It says itself that it fails, or has too much to do.
    Failing,
    /// It does not let us in, or we do not trust it: settings or certificates are wrong.
    ShutOut,
    /// Its answer is not one of the contract.
    Garbled,
    /// The question is none that it can be asked: that says nothing of the service.
    Unaskable,
}

impl Trouble {
    /// The name in metrics and log lines.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Failing => "failing",
            Self::ShutOut => "shut-out",
            Self::Garbled => "garbled",
            Self::Unaskable => "unaskable",
        }
    }
}

impl From<Trouble> for Failure {
    fn from(what: Trouble) -> Self {
        Self { what, after: None }
    }
}

/// The beginning of an answer by HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head<'a> {
    /// Its status.
    pub status: u16,
    /// The media type of its body, without parameters and in lower case.
    pub media_type: Option<&'a str>,
    /// How long the service asks us to wait.
    pub after: Option<Duration>,
}

impl Head<'_> {
    /// Whether the service itself has answered. What stands in front of it (a gateway, a wrong
    /// path) answers too, and mostly in HTML.
    fn is_json(&self) -> bool {
        matches!(self.media_type, Some("application/json" | "application/problem+json"))
    }

    /// What an answer means that is none of those that the contract knows.
    fn failure(&self) -> Failure {
        let what = match self.status {
            401 | 403 => Trouble::ShutOut,
            408 | 429 | 500..=599 => Trouble::Failing,
            _ => Trouble::Garbled,
        };
        Failure { what, after: self.after }
    }
}

/// Sends a request and reads what is answered, up to `most` bytes.
async fn exchange(
    endpoint: &Endpoint,
    request: &Request,
    most: usize,
    read: impl FnOnce(Head<'_>, &[u8]) -> Result<Outcome, Failure> + Send,
) -> Result<Outcome, Failure> {
    let answer = endpoint.send(request).await.map_err(unanswered)?;
    let (status, after, media_type) = (answer.status, answer.retry_after, answer.media_type());
    let body = answer.body(most).await.map_err(unanswered)?;
    read(Head { status, media_type: media_type.as_deref(), after }, &body)
}

fn unanswered(fault: Fault) -> Failure {
    Failure::from(match fault {
        Fault::Unreachable | Fault::Unanswered | Fault::NoToken { lasting: false } => Trouble::Unreachable,
        Fault::Address | Fault::Untrusted | Fault::NoToken { lasting: true } => Trouble::ShutOut,
        Fault::TooLong => Trouble::Garbled,
    })
}
