//! Where a ledger is: in a file of the hub's own, or on a server.

use std::path::{Path, PathBuf};

use super::Error;
use super::postgres::{Postgres, Role, Server};
use super::sqlite::Sqlite;
use super::store::Store;

/// Where a ledger is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In a file.
    File {
        /// Which.
        path: PathBuf,
        /// How large it may grow, in pages of 4 KiB; `None` as far as the disk goes.
        max_pages: Option<u32>,
    },
    /// In a database on a PostgreSQL server.
    Server(Box<Server>),
}

/// Does something on a thread of its own, and waits for it. A server is waited for in a way that is not
/// allowed where a thread has other work under way, as it may have where a ledger is opened.
pub(super) fn aside<T: Send>(work: impl FnOnce() -> Result<T, Error> + Send) -> Result<T, Error> {
    std::thread::scope(|scope| scope.spawn(work).join().unwrap_or(Err(Error::Panicked)))
}

/// Who else may be at work on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    /// Nobody: this is the hub, or a command in its stead. In a file the lock of the state directory
    /// sees to that; on a server the ledger does it itself.
    Alone,
    /// A hub may run: one look at content is written down beside it.
    Beside,
}

impl Place {
    /// A file that grows as far as the disk goes.
    pub fn file(path: &Path) -> Self {
        Self::File { path: path.to_owned(), max_pages: None }
    }

    /// Whether a ledger is there.
    pub fn exists(&self) -> Result<bool, Error> {
        match self {
            Self::File { path, .. } => Ok(path.exists()),
            Self::Server(server) => aside(|| server.has_ledger()),
        }
    }

    /// Opens it to write, making it where there is none and bringing it to this program's version.
    pub(super) fn open(&self, share: Share) -> Result<Box<dyn Store>, Error> {
        Ok(match self {
            Self::File { path, max_pages } => Box::new(Sqlite::open(path, *max_pages)?),
            Self::Server(server) => Box::new(Postgres::open(server, Role::Writer(share))?),
        })
    }

    /// Opens it to read.
    pub(super) fn open_to_read(&self) -> Result<Box<dyn Store>, Error> {
        Ok(match self {
            Self::File { path, .. } => Box::new(Sqlite::open_to_read(path)?),
            Self::Server(server) => Box::new(Postgres::open(server, Role::Reader)?),
        })
    }
}
