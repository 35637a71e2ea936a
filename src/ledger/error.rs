//! What can go wrong with the ledger, by what the hub does about it.

/// What a database says of its fault.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why the ledger could not do something.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No room: the disk or the allowed size is used up. Nothing was written; it will go on by
    /// itself when there is room.
    #[error("the ledger has no room left")]
    Full(#[source] Cause),
    /// It could not be written or read just now.
    #[error("the ledger cannot be reached: {operation}")]
    Unavailable {
        /// What was tried.
        operation: &'static str,
        /// Why not.
        #[source]
        source: Cause,
    },
    /// It refuses what was tried, and would again: a fault of this program, or of the file.
    #[error("the ledger refuses: {operation}")]
    Failed {
        /// What was tried.
        operation: &'static str,
        /// Why not.
        #[source]
        source: Cause,
    },
    /// The file or the database cannot be opened or made.
    #[error("the ledger cannot be opened: {path}")]
    Open {
        /// Which one.
        path: String,
        /// Why not.
        #[source]
        source: Cause,
    },
    /// Another hub works on it: two would deliver everything twice.
    #[error("another hub works on this ledger: stop that one, or give this one a database of its own")]
    Taken,
    /// It was written by a later version of this program.
    #[error("the ledger has version {found}, this program knows up to {known}: use the newer program")]
    TooNew {
        /// The ledger's.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// It was written by an earlier version of this program, and is only to be read.
    #[error(
        "the ledger has version {found}, this program reads version {known}: start the hub once, which brings it there"
    )]
    TooOld {
        /// The ledger's.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// The key file is not the one it was written with.
    #[error("the key file does not fit the ledger: give the one that it was written with")]
    WrongKey,
    /// A sealed row does not open: it was changed, or its key is not in the key file.
    #[error("a sealed row of `{table}` does not open")]
    Unsealable {
        /// Which table.
        table: &'static str,
    },
    /// Something in it is not as this program writes it.
    #[error("the ledger is not as it should be: {0}")]
    Unexpected(&'static str),
    /// What was asked for is not there, or not in a state in which that can be done with it.
    #[error("{0}")]
    Refused(String),
    /// The work panicked; it was undone. The panic's text is not repeated: it may hold content.
    #[error("the work panicked and was undone")]
    Panicked,
    /// The ledger is closed.
    #[error("the ledger is closed")]
    Closed,
}

impl Error {
    /// Whether trying again later can help, with nothing else changed.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Full(_) | Self::Unavailable { .. } | Self::Taken => true,
            Self::Failed { .. }
            | Self::Open { .. }
            | Self::TooNew { .. }
            | Self::TooOld { .. }
            | Self::WrongKey
            | Self::Unsealable { .. }
            | Self::Unexpected(_)
            | Self::Refused(_)
            | Self::Panicked
            | Self::Closed => false,
        }
    }
}
