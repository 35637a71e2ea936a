//! Which database on which server, and how to get in there.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Client, Config};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::super::Error;
use super::fault::Trouble;
use super::{Postgres, Role};

/// How long one host may take to answer: the address may name another one.
const ANSWER: Duration = Duration::from_secs(3);

/// After how long without a word the other side is asked whether it is there.
const KEEPALIVE: Duration = Duration::from_secs(10);

/// How long what was sent may stay without an acknowledgement of the network.
const UNHEARD: Duration = Duration::from_secs(20);

/// A database on a server, as the settings name it.
#[derive(Clone, PartialEq, Eq)]
pub struct Server {
    config: Config,
    password_file: Option<PathBuf>,
    ca_file: Option<PathBuf>,
}

/// Why an address does not do. None of these repeats it: it may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressFault {
    /// It is no address.
    #[error("does not read as `postgres://user@host:5432/database`")]
    NotAnAddress,
    /// What would be guessed must be said.
    #[error("must name the user, the host and the database, as in `postgres://user@host:5432/database`")]
    Unnamed,
    /// There are two passwords.
    #[error("has a password, and so has `ledger.password_file`: give one")]
    TwoPasswords,
    /// It would not be known who answers.
    #[error(
        "reaches another machine: name in `ledger.ca_file` who signs its certificate, or write `?sslmode=disable` where nobody else is on the network"
    )]
    Unencrypted,
}

impl Server {
    /// Reads an address. A server on another machine is only spoken to by TLS, unless the address itself
    /// says otherwise.
    pub fn parse(
        address: &str,
        password_file: Option<PathBuf>,
        ca_file: Option<PathBuf>,
    ) -> Result<Self, AddressFault> {
        // The parser's own error quotes its input.
        let mut config: Config = address.parse().map_err(|_quotes| AddressFault::NotAnAddress)?;
        let named = config.get_user().is_some() && config.get_dbname().is_some() && !config.get_hosts().is_empty();
        if !named {
            return Err(AddressFault::Unnamed);
        }
        if config.get_password().is_some() && password_file.is_some() {
            return Err(AddressFault::TwoPasswords);
        }
        if config.get_ssl_mode() != SslMode::Disable && (ca_file.is_some() || config.get_hosts().iter().any(is_far)) {
            if ca_file.is_none() {
                return Err(AddressFault::Unencrypted);
            }
            config.ssl_mode(SslMode::Require);
        }
        config.application_name("budstikke").connect_timeout(ANSWER);
        config.keepalives_idle(KEEPALIVE).tcp_user_timeout(UNHEARD);
        Ok(Self { config, password_file, ca_file })
    }

    /// Whether a ledger is there.
    pub(in super::super) fn has_ledger(&self) -> Result<bool, Error> {
        Postgres::connect(self, Role::Reader)?.has_ledger()
    }

    /// Makes a connection. The password is read anew each time: it may have been changed.
    pub(super) async fn connect(&self) -> Result<(Client, impl Future<Output = ()> + use<>), Trouble> {
        let mut config = self.config.clone();
        if let Some(file) = &self.password_file {
            let read = std::fs::read_to_string(file);
            let unread = |error| Trouble::Wire(format!("`ledger.password_file` {}: {error}", file.display()));
            config.password(read.map_err(unread)?.trim_end_matches(['\r', '\n']));
        }
        let (client, connection) = config.connect(self.tls()?).await.map_err(Trouble::not_connected)?;
        Ok((client, async move { drop(connection.await) }))
    }

    fn tls(&self) -> Result<MakeRustlsConnect, Trouble> {
        let mut trusted = RootCertStore::empty();
        if let Some(file) = &self.ca_file {
            let unread = |why: String| Trouble::Wire(format!("`ledger.ca_file` {}: {why}", file.display()));
            let found = CertificateDer::pem_file_iter(file).map_err(|error| unread(error.to_string()))?;
            for certificate in found {
                let certificate = certificate.map_err(|error| unread(error.to_string()))?;
                trusted.add(certificate).map_err(|error| unread(error.to_string()))?;
            }
            if trusted.is_empty() {
                return Err(unread("there is no certificate in it".to_owned()));
            }
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let client = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let client = client.map_err(|error| Trouble::Wire(error.to_string()))?;
        Ok(MakeRustlsConnect::new(client.with_root_certificates(trusted).with_no_client_auth()))
    }
}

/// Whether what is said to it leaves the machine.
fn is_far(host: &Host) -> bool {
    match host {
        Host::Unix(_) => false,
        Host::Tcp(name) => {
            let loopback = name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
            !loopback && name != "localhost"
        }
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let database = self.config.get_dbname().unwrap_or_default();
        write!(f, "the database `{database}` on")?;
        for host in self.config.get_hosts() {
            match host {
                Host::Tcp(name) => write!(f, " `{name}`")?,
                Host::Unix(folder) => write!(f, " `{}`", folder.display())?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Server({self})")
    }
}
