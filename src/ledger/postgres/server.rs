//! Which database on which server, and how to get in there.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio::time::timeout;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};
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
    #[error(
        "does not read as `postgres://user@host:5432/database` (`sslmode` is `disable` or `require`; who signs its certificate is named in `ledger.ca_file`)"
    )]
    NotAnAddress,
    /// What would be guessed must be said.
    #[error("must name the user, the host and the database, as in `postgres://user@host:5432/database`")]
    Unnamed,
    /// There are two passwords.
    #[error("has a password, and so has `ledger.password_file`: give one")]
    TwoPasswords,
    /// It would go elsewhere than it says.
    #[error("must not have `hostaddr`: name the host that is meant")]
    Elsewhere,
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
        if !config.get_hostaddrs().is_empty() {
            return Err(AddressFault::Elsewhere);
        }
        let asked = config.get_ssl_mode() == SslMode::Require || config.get_hosts().iter().any(is_far);
        if config.get_ssl_mode() != SslMode::Disable {
            if asked && ca_file.is_none() {
                return Err(AddressFault::Unencrypted);
            }
            // Whoever is not known by a certificate is on this machine, and need not be.
            config.ssl_mode(if ca_file.is_some() { SslMode::Require } else { SslMode::Disable });
        }
        if config.get_hosts().len() > 1 {
            // One of them is a standby: it does not write, and what it has to read may be old.
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        Ok(Self { config, password_file, ca_file })
    }

    /// Whether a ledger is there.
    pub(in super::super) fn has_ledger(&self) -> Result<bool, Error> {
        Ok(Postgres::connect(self, Role::Reader)?.version()? > 0)
    }

    /// Makes a connection. The password is read anew each time: it may have been changed.
    pub(super) async fn connect(&self) -> Result<(Client, impl Future<Output = ()> + use<>), Trouble> {
        let (config, tls) = (self.with_password()?, self.tls()?);
        let mut first = None;
        // One host after the other, each with its own limit: one that has stopped takes a connection all the same.
        for (number, host) in config.get_hosts().iter().enumerate() {
            let connected = match timeout(ANSWER, only(&config, number, host).connect(tls.clone())).await {
                Ok(connected) => connected.map_err(Trouble::not_connected),
                Err(_elapsed) => Err(Trouble::Silent),
            };
            match connected {
                Ok((client, connection)) => return Ok((client, async move { drop(connection.await) })),
                Err(trouble) => _ = first.get_or_insert(trouble),
            }
        }
        Err(first.unwrap_or(Trouble::Lost))
    }

    fn with_password(&self) -> Result<Config, Trouble> {
        let mut config = self.config.clone();
        if let Some(file) = &self.password_file {
            let read = std::fs::read_to_string(file);
            let unread = |error| Trouble::Wire(format!("`ledger.password_file` {}: {error}", file.display()));
            config.password(read.map_err(unread)?.trim_end_matches(['\r', '\n']));
        }
        Ok(config)
    }

    /// What can be said of it without asking it: whether what it names can be read.
    pub fn check(&self) -> Result<(), Error> {
        self.with_password().and_then(|_config| self.tls()).map(drop).map_err(|trouble| trouble.meant("`ledger.url`"))
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

/// The same, with one of its hosts.
fn only(all: &Config, number: usize, host: &Host) -> Config {
    let mut one = Config::new();
    match host {
        Host::Tcp(name) => one.host(name),
        Host::Unix(folder) => one.host_path(folder),
    };
    // One port may stand for all of them.
    let ports = all.get_ports();
    if let Some(port) = ports.get(number).or(ports.first()) {
        one.port(*port);
    }
    all.get_user().map(|user| one.user(user));
    all.get_password().map(|password| one.password(password));
    all.get_dbname().map(|name| one.dbname(name));
    all.get_options().map(|options| one.options(options));
    one.application_name("budstikke").connect_timeout(ANSWER).ssl_mode(all.get_ssl_mode());
    one.keepalives_idle(KEEPALIVE).tcp_user_timeout(UNHEARD).target_session_attrs(all.get_target_session_attrs());
    one
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
