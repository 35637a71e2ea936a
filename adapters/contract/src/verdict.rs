//! What a failed attempt to deliver means for the next one. That is all the hub must know of a
//! failure, so that one retry policy serves every channel.

use std::time::Duration;

use crate::reason::Reason;

/// What to do after a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The receiver surely has not got it: try again, not sooner than it asked for.
    Retry {
        /// The receiver's own wish (`Retry-After`), if it gave one.
        after: Option<Duration>,
    },
    /// The receiver may have got it (a time-out, a lost connection): try again with the same id,
    /// by which it drops the repeat.
    Unsure {
        /// The receiver's own wish, if it gave one.
        after: Option<Duration>,
    },
    /// It will never be taken as it is: park it for a person.
    Refused,
    /// Credentials, certificate or configuration are wrong: nothing will pass by this channel to this
    /// receiver, so send nothing more by it until it is mended, and wake someone. It does not count as
    /// an attempt.
    Broken,
}

/// One failed attempt.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Failure {
    /// What it means for the next attempt.
    pub verdict: Verdict,
    /// Why, for the person who looks at it.
    #[source]
    pub reason: Reason,
}

impl Failure {
    /// A failure with its verdict.
    pub fn new(verdict: Verdict, reason: Reason) -> Self {
        Self { verdict, reason }
    }
}
