//! The node's ports and password, made once and kept, so that its address outlives a restart.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::{Error, ports};
use crate::broker::address::Address;

/// The node's only user.
pub(super) const USER: &str = "budstikke";

/// How to reach the node.
#[derive(Debug)]
pub(super) struct Access {
    pub(super) ports: Ports,
    password: SecretString,
}

/// The node's ports, all on 127.0.0.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ports {
    pub(super) amqp: u16,
    pub(super) distribution: u16,
    pub(super) epmd: u16,
    pub(super) management: u16,
}

impl Ports {
    fn pick() -> Result<Self, Error> {
        let amqp = ports::free(&[])?;
        let distribution = ports::free(&[amqp])?;
        let epmd = ports::free(&[amqp, distribution])?;
        let management = ports::free(&[amqp, distribution, epmd])?;
        Ok(Self { amqp, distribution, epmd, management })
    }

    fn are_free(self) -> bool {
        [self.amqp, self.distribution, self.epmd, self.management].into_iter().all(ports::is_free)
    }
}

/// [`Access`] as it is stored.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    ports: Ports,
    password: String,
}

impl Access {
    /// Reads how the node was reached last, or makes it up for a new one.
    pub(super) fn load_or_create(directory: &Path) -> Result<Self, Error> {
        let path = file(directory);
        match fs::read(&path) {
            Ok(bytes) => {
                // The parser's error would quote the password's surroundings.
                let stored: Option<Stored> = serde_json::from_slice(&bytes).ok();
                let Stored { ports, password } = stored.ok_or_else(|| Error::File {
                    path,
                    source: std::io::Error::new(ErrorKind::InvalidData, "it is not as the hub wrote it"),
                })?;
                Ok(Self { ports, password: password.into() })
            }
            Err(error) if error.kind() == ErrorKind::NotFound && directory.join("mnesia").exists() => {
                Err(Error::AccessLost(path))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let access = Self { ports: Ports::pick()?, password: password()? };
                access.store(directory)?;
                Ok(access)
            }
            Err(source) => Err(Error::File { path, source }),
        }
    }

    /// Takes other ports if somebody else listens on one of these. Only for a node that is not
    /// running, and whose address nobody has been told yet.
    pub(super) fn with_free_ports(mut self, directory: &Path) -> Result<Self, Error> {
        if !self.ports.are_free() {
            self.ports = Ports::pick()?;
            self.store(directory)?;
        }
        Ok(self)
    }

    fn store(&self, directory: &Path) -> Result<(), Error> {
        let stored = Stored { ports: self.ports, password: self.password.expose_secret().to_owned() };
        let text = serde_json::to_string(&stored)
            .map_err(|error| Error::File { path: file(directory), source: error.into() })?;
        write_private(&file(directory), &text)
    }

    pub(super) fn password(&self) -> &SecretString {
        &self.password
    }

    pub(super) fn address(&self) -> Result<Address, Error> {
        let text = format!("amqp://{USER}:{}@127.0.0.1:{}/%2f", self.password.expose_secret(), self.ports.amqp);
        Address::parse(text.into()).map_err(|fault| Error::Login(Box::new(crate::broker::Error::Address(fault))))
    }

    pub(super) fn management(&self) -> SecretString {
        format!("http://{USER}:{}@127.0.0.1:{}", self.password.expose_secret(), self.ports.management).into()
    }
}

fn file(directory: &Path) -> PathBuf {
    directory.join("node.json")
}

/// A password of 256 bits, in letters that need no quoting anywhere.
fn password() -> Result<SecretString, Error> {
    let bytes: [u8; 32] = ports::chance()?;
    let mut password = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        for digit in [byte >> 4, byte & 0xf] {
            password.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
        }
    }
    Ok(password.into())
}

/// Writes a file that only this user can read, whole or not at all.
pub(super) fn write_private(path: &Path, text: &str) -> Result<(), Error> {
    let whole = path.with_extension("new");
    let write = || -> std::io::Result<()> {
        let mut file: File = File::options().write(true).create(true).truncate(true).mode(0o600).open(&whole)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&whole, path)
    };
    write().map_err(|source| Error::File { path: path.to_owned(), source })
}

/// Makes a directory that only this user can enter.
pub(super) fn make_private(path: &Path) -> Result<(), Error> {
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|source| Error::File { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn what_was_made_once_is_kept_and_private() {
        let directory = tempfile::tempdir().unwrap();
        let made = Access::load_or_create(directory.path()).unwrap();
        let read = Access::load_or_create(directory.path()).unwrap();
        assert_eq!(read.ports, made.ports);
        assert_eq!(read.password.expose_secret(), made.password.expose_secret());
        assert_eq!(read.password.expose_secret().len(), 64);
        let mode = fs::metadata(file(directory.path())).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_port_that_somebody_took_is_given_up() {
        let directory = tempfile::tempdir().unwrap();
        let made = Access::load_or_create(directory.path()).unwrap();
        let _held = std::net::TcpListener::bind(("127.0.0.1", made.ports.amqp)).unwrap();
        let taken = made.ports.amqp;
        let moved = made.with_free_ports(directory.path()).unwrap();
        assert_ne!(moved.ports.amqp, taken);
        assert_eq!(Access::load_or_create(directory.path()).unwrap().ports, moved.ports);
    }

    #[test]
    fn data_without_a_password_are_not_overwritten() {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("mnesia")).unwrap();
        assert!(matches!(Access::load_or_create(directory.path()), Err(Error::AccessLost(_))));
    }

    #[test]
    fn nothing_shows_the_password() {
        let directory = tempfile::tempdir().unwrap();
        let access = Access::load_or_create(directory.path()).unwrap();
        let password = access.password.expose_secret().to_owned();
        fs::write(file(directory.path()), format!("{{\"ports\": 1, \"password\": \"{password}\"}}")).unwrap();
        let fault = Access::load_or_create(directory.path()).unwrap_err();
        let shown = format!("{access:?} {fault:?} {fault}");
        assert!(!shown.contains(&password), "{shown}");
    }
}
