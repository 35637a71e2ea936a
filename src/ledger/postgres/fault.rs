//! What goes wrong with a server, by what it means. A server's messages quote what they were given:
//! of what it says only the code goes on, and the name of the rule that was broken.

use std::error::Error as _;

use tokio_postgres::error::SqlState;

use super::super::Error;

/// Why a server did not do something.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    /// It said nothing for too long.
    #[error("the server does not answer")]
    Silent,
    /// The work was ended from outside.
    #[error("it was ended")]
    Stopped,
    /// The connection was lost, and with it the transaction.
    #[error("the connection was lost")]
    Lost,
    /// It said no.
    #[error("the server says {}{}", .0.code.code(), of(.0.constraint.as_deref()))]
    Said(Box<Said>),
    /// A value is not of the kind that was asked for, or the connection is not as the settings want it.
    #[error("the server and the hub do not fit together")]
    Unfit,
    /// The connection could not be made.
    #[error("there is no connection")]
    NotMade(#[source] tokio_postgres::Error),
    /// The connection ended, or what it needs cannot be read.
    #[error("{0}")]
    Wire(String),
    /// Whoever read the answer could not go on.
    #[error(transparent)]
    Reading(Error),
}

/// What a server said no with.
#[derive(Debug)]
pub(super) struct Said {
    code: SqlState,
    /// The rule that was broken: a name of ours.
    constraint: Option<String>,
    /// Whether it was the last that it said.
    last: bool,
}

fn of(constraint: Option<&str>) -> String {
    constraint.map(|name| format!(" (`{name}`)")).unwrap_or_default()
}

impl From<tokio_postgres::Error> for Trouble {
    fn from(error: tokio_postgres::Error) -> Self {
        if let Some(said) = error.as_db_error() {
            let constraint = said.constraint().map(str::to_owned);
            let last = matches!(said.severity(), "FATAL" | "PANIC");
            return Self::Said(Box::new(Said { code: said.code().clone(), constraint, last }));
        }
        if error.is_closed() {
            return Self::Lost;
        }
        // What is wrong with a value is said by the library with the value; what is wrong with a
        // connection is not.
        match error.source().filter(|source| source.is::<std::io::Error>()) {
            Some(source) => Self::Wire(source.to_string()),
            None => Self::Unfit,
        }
    }
}

impl Trouble {
    /// The fault of a connection that was not made. Nothing of a message was said by then, so that the
    /// library's own words are good; but no line of a server's own.
    pub(super) fn not_connected(error: tokio_postgres::Error) -> Self {
        if error.as_db_error().is_some() { error.into() } else { Self::NotMade(error) }
    }

    /// Whether the connection can be used no more.
    pub(super) fn ends_the_connection(&self) -> bool {
        match self {
            Self::Silent | Self::Stopped | Self::Lost | Self::NotMade(_) | Self::Wire(_) => true,
            Self::Said(said) => said.last,
            Self::Reading(_) | Self::Unfit => false,
        }
    }

    /// Whether the server says just this.
    pub(super) fn says(&self, code: &SqlState) -> bool {
        matches!(self, Self::Said(said) if said.code == *code)
    }

    /// The fault as the ledger knows it.
    pub(super) fn meant(self, operation: &'static str) -> Error {
        match self {
            Self::Reading(error) => error,
            Self::Said(said) if said.code == SqlState::DISK_FULL => Error::Full(Self::Said(said).into()),
            Self::Unfit => Error::Failed { operation, source: Self::Unfit.into() },
            Self::Said(said) if !is_passing(&said.code) => Error::Failed { operation, source: Self::Said(said).into() },
            other @ (Self::Silent | Self::Stopped | Self::Lost | Self::Said(_) | Self::NotMade(_) | Self::Wire(_)) => {
                Error::Unavailable { operation, source: other.into() }
            }
        }
    }
}

/// Whether a code says that it may go another time. By the class of the code (PostgreSQL, appendix A).
fn is_passing(code: &SqlState) -> bool {
    let class = code.code().get(..2).unwrap_or_default();
    // 08 connection; 40 rolled back; 53 resources; 55 not in a state for it (a lock not had in time); 57 by
    // whoever runs the server; 58 the system's; and that it takes no writes, as a standby.
    matches!(class, "08" | "40" | "53" | "55" | "57" | "58") || *code == SqlState::READ_ONLY_SQL_TRANSACTION
}
