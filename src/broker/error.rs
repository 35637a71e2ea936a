//! What can go wrong with the broker, one variant per thing to do about it. No text here holds an
//! address, a password or any part of a message.

use std::path::PathBuf;
use std::time::Duration;

use lapin::ErrorKind;

use super::address::AddressFault;
use crate::supervise;

/// A fault of the broker or of the way to it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// See [`AddressFault`].
    #[error("the broker's address cannot be used")]
    Address(#[source] AddressFault),
    /// A certificate or key cannot be read.
    #[error("the certificate file `{path}` cannot be read")]
    Certificate {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file with the login's token cannot be read, or is empty or too long.
    #[error("the token file `{path}` cannot be used")]
    Token {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// An encrypted connection without anyone to vouch for the broker.
    #[error("an `amqps` address needs the broker's certificate authority: set `broker.tls.authorities`")]
    NoAuthorities,
    /// No connection could be made.
    #[error("the broker cannot be reached")]
    Unreachable(#[source] lapin::Error),
    /// The broker did not answer in time.
    #[error("{what} took longer than {limit:?}")]
    TimedOut {
        /// What we waited for.
        what: &'static str,
        /// How long.
        limit: Duration,
    },
    /// The broker does not know the user, or not with this password or certificate.
    #[error("the broker refused the login: check the user and the password or certificate of the broker's address")]
    Login(#[source] lapin::Error),
    /// There is no such virtual host, or the user may not enter it.
    #[error("the broker refused the virtual host: create it, and let the hub's user enter it")]
    VirtualHost(#[source] lapin::Error),
    /// The user may not do what the hub must.
    #[error("the broker refused {what}: give the hub's user the right to configure, write and read there")]
    NotPermitted {
        /// What was refused: ``declaring queue `in.cura` ``.
        what: String,
        /// The broker's words.
        #[source]
        source: lapin::Error,
    },
    /// A queue or exchange of this name exists, but is not the one that the hub needs.
    #[error(
        "{what} exists with other arguments than the hub needs, and a hub cannot rely on it: let its messages be \
         consumed or moved, delete it, and the hub will make it anew"
    )]
    OtherArguments {
        /// Which: ``queue `in.cura` ``.
        what: String,
        /// The broker's words: they name the argument.
        #[source]
        source: lapin::Error,
    },
    /// The hub is to consume a queue that is not in its topology.
    #[error("queue `{queue}` is to be consumed, but nothing declares it")]
    NotDeclared {
        /// The queue.
        queue: String,
    },
    /// A queue or exchange is not there.
    #[error("{what}: not found")]
    Missing {
        /// What we tried.
        what: String,
        /// The broker's words.
        #[source]
        source: lapin::Error,
    },
    /// Anything else that the broker or the connection said no to.
    #[error("{what} failed")]
    Call {
        /// What we tried.
        what: String,
        /// Why it failed.
        #[source]
        source: lapin::Error,
    },
    /// A connection ended without giving a reason.
    #[error("the {connection} connection was closed")]
    Closed {
        /// Which of the two.
        connection: &'static str,
    },
    /// A consumer ended though nobody had stopped it: the queue was deleted, say.
    #[error("the broker ended the consumer of queue `{queue}`")]
    ConsumerEnded {
        /// The queue.
        queue: String,
    },
    /// lapin reported success, but did not send the acknowledgement.
    #[error("queue `{queue}`: an acknowledgement was not sent, as the session had died")]
    NotAcknowledged {
        /// The queue.
        queue: String,
    },
    /// What became of some messages is not known.
    #[error("{unresolved} of {window} published messages were not confirmed")]
    Unconfirmed {
        /// How many.
        unresolved: usize,
        /// Out of how many.
        window: usize,
    },
    /// There is no session just now.
    #[error("there is no connection to the broker")]
    Down,
    /// A task of this module ended on its own or panicked.
    #[error("a part of the broker module failed")]
    Part(#[source] supervise::Error),
}

impl Error {
    /// A stable word for the kind of fault, for metrics and runbooks.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Address(_) => "broker-address",
            Self::Certificate { .. } | Self::NoAuthorities => "broker-certificate",
            Self::Token { .. } => "broker-token",
            Self::Unreachable(_) => "broker-unreachable",
            Self::TimedOut { .. } => "broker-timeout",
            Self::Login(_) => "broker-login",
            Self::VirtualHost(_) => "broker-vhost",
            Self::NotPermitted { .. } => "broker-permission",
            Self::OtherArguments { .. } => "broker-other-arguments",
            Self::Missing { .. } | Self::NotDeclared { .. } => "broker-missing",
            Self::Call { .. } | Self::Closed { .. } | Self::NotAcknowledged { .. } | Self::Down => "broker-connection",
            Self::ConsumerEnded { .. } => "broker-consumer-ended",
            Self::Unconfirmed { .. } => "broker-unconfirmed",
            Self::Part(_) => "broker-part",
        }
    }

    /// Whether trying again is of no use until a person has changed something.
    pub fn needs_a_person(&self) -> bool {
        matches!(
            self,
            Self::Address(_)
                | Self::Certificate { .. }
                | Self::NoAuthorities
                | Self::Token { .. }
                | Self::Login(_)
                | Self::VirtualHost(_)
                | Self::NotPermitted { .. }
                | Self::OtherArguments { .. }
                | Self::NotDeclared { .. }
        )
    }

    /// What a refused login or a failed connection means.
    pub(super) fn connecting(source: lapin::Error) -> Self {
        match reply_code(&source) {
            Some(ACCESS_REFUSED) => Self::Login(source),
            Some(NOT_ALLOWED) => Self::VirtualHost(source),
            Some(_) | None => Self::Unreachable(source),
        }
    }

    /// What it means that the broker did not do `what`: ``consuming queue `in.cura` ``.
    pub(super) fn call(what: impl Into<String>, source: lapin::Error) -> Self {
        let what = what.into();
        match reply_code(&source) {
            Some(ACCESS_REFUSED) => Self::NotPermitted { what, source },
            Some(NOT_FOUND) => Self::Missing { what, source },
            Some(_) | None => Self::Call { what, source },
        }
    }

    /// What it means that the broker did not declare `thing`: ``queue `x` ``.
    pub(super) fn declaring(thing: &str, source: lapin::Error) -> Self {
        match reply_code(&source) {
            Some(PRECONDITION_FAILED) => Self::OtherArguments { what: thing.to_owned(), source },
            Some(_) | None => Self::call(format!("declaring {thing}"), source),
        }
    }
}

/// The fault and its causes on one line, for logs and for [`State`](super::State).
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        line.push_str(": ");
        line.push_str(&error.to_string());
        cause = error.source();
    }
    line
}

/// Reply codes of AMQP 0-9-1, section 1.2.
const ACCESS_REFUSED: u16 = 403;
const NOT_FOUND: u16 = 404;
const PRECONDITION_FAILED: u16 = 406;
const NOT_ALLOWED: u16 = 530;

fn reply_code(error: &lapin::Error) -> Option<u16> {
    if let ErrorKind::ProtocolError(said) = error.kind() { Some(said.get_id()) } else { None }
}

#[cfg(test)]
mod tests {
    use lapin::protocol::{AMQPError, AMQPErrorKind, AMQPHardError, AMQPSoftError};

    use super::*;

    fn said(kind: AMQPErrorKind) -> lapin::Error {
        ErrorKind::ProtocolError(AMQPError::new(kind, "in the broker's words".into())).into()
    }

    #[test]
    fn a_fault_says_whether_trying_again_can_help() {
        let refused = || said(AMQPSoftError::ACCESSREFUSED.into());
        assert!(Error::connecting(refused()).needs_a_person());
        assert!(Error::call("consuming", refused()).needs_a_person());
        assert!(Error::connecting(said(AMQPHardError::NOTALLOWED.into())).needs_a_person());
        let other = Error::declaring("queue `in.cura`", said(AMQPSoftError::PRECONDITIONFAILED.into()));
        assert!(other.needs_a_person());
        assert_eq!(other.code(), "broker-other-arguments");
        assert!(!Error::connecting(said(AMQPHardError::CONNECTIONFORCED.into())).needs_a_person());
        assert!(!Error::connecting(ErrorKind::MissingHeartbeatError.into()).needs_a_person());
    }

    #[test]
    fn the_chain_has_each_cause_once() {
        let error = Error::declaring("queue `in.cura`", said(AMQPSoftError::PRECONDITIONFAILED.into()));
        let line = chain(&error);
        assert!(line.starts_with("queue `in.cura` exists with other arguments"), "{line}");
        assert!(line.contains("in the broker's words"), "{line}");
    }
}
