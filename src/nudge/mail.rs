//! Mail, by SMTP. Off loopback it is encrypted, or it is not sent. Of what the server says nothing is
//! kept: it may quote.

use std::path::PathBuf;
use std::time::Duration;

use lettre::address::AddressError;
use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use crate::web::{Unusable, is_of_tls};

/// An address of mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address(Mailbox);

impl Address {
    /// Reads `team@dragoer.example`.
    pub fn parse(text: &str) -> Option<Self> {
        let address: Result<lettre::Address, AddressError> = text.trim().parse();
        address.ok().map(|address| Self(Mailbox::new(None, address)))
    }
}

/// How the connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// From its first byte (usually port 465).
    Tls,
    /// After `STARTTLS` (usually port 587); without it nothing is sent.
    StartTls,
    /// Not at all: only to this machine itself.
    None,
}

/// The server that takes mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Its name, which its certificate must have.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is encrypted.
    pub encryption: Encryption,
    /// The only authorities that may vouch for it; `None` for those of the machine.
    pub ca_file: Option<PathBuf>,
    /// Who sends, and the file with their password.
    pub user: Option<(String, PathBuf)>,
    /// Whom mail comes from.
    pub from: Address,
    /// How long each step may take.
    pub timeout: Duration,
}

/// A mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// By what a repeat can be known.
    pub key: String,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
}

/// Why mail was not taken. None of the texts says anything of what was sent or answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A file of the settings cannot be used: the password's, or the authorities'.
    Settings,
    /// Nobody answers, or not in time.
    Silent,
    /// The connection cannot be encrypted, or its certificate is not vouched for.
    Untrusted,
    /// It does not offer what is needed: to encrypt, or to sign in.
    Lacking,
    /// It says no for now.
    Later,
    /// It says no: to the sender, the receiver or the password.
    Refused,
}

impl Fault {
    fn of(error: &lettre::transport::smtp::Error) -> Self {
        // What fails while TLS begins, lettre calls a matter of the connection.
        if error.is_tls() || is_of_tls(error) {
            return Self::Untrusted;
        }
        if error.is_client() {
            return Self::Lacking;
        }
        if error.is_permanent() {
            return Self::Refused;
        }
        if error.is_transient() {
            return Self::Later;
        }
        Self::Silent
    }

    /// The same in words, for people.
    pub fn what(self) -> &'static str {
        match self {
            Self::Settings => "a file that the settings name cannot be used",
            Self::Silent => "no answer in time",
            Self::Untrusted => "the connection cannot be trusted",
            Self::Lacking => "it offers no encryption, or no way to sign in",
            Self::Later => "it takes no mail now",
            Self::Refused => "it refuses the mail",
        }
    }
}

impl Server {
    /// Whether the files that it needs can be used. Nothing is sent.
    ///
    /// # Errors
    /// The one that cannot.
    pub fn check(&self) -> Result<(), Unusable> {
        let text = |file: &PathBuf| std::fs::read_to_string(file).ok().filter(|text| !text.trim().is_empty());
        if let Some((_, file)) = &self.user
            && text(file).is_none()
        {
            return Err(Unusable::File { setting: "password_file", path: file.clone() });
        }
        let Some(file) = &self.ca_file else { return Ok(()) };
        let pem = text(file).ok_or_else(|| Unusable::File { setting: "ca_file", path: file.clone() })?;
        if pem.contains("-----BEGIN CERTIFICATE-----") && self.parameters().is_ok() {
            return Ok(());
        }
        Err(Unusable::Content { setting: "ca_file", path: file.clone(), what: "certificates in PEM" })
    }

    /// Sends a mail to addresses.
    ///
    /// # Errors
    /// Why it was not taken.
    pub async fn send(&self, to: &[Address], mail: &Mail) -> Result<(), Fault> {
        let transport = self.transport()?;
        let id = format!("<{}@{}>", mail.key, self.from.0.email.domain());
        let mut message = Message::builder().from(self.from.0.clone()).subject(&mail.subject).message_id(Some(id));
        for address in to {
            message = message.to(address.0.clone());
        }
        let message = message.body(mail.text.clone()).map_err(|_quotes| Fault::Settings)?;
        // However the server spins it out, it ends.
        let sent = tokio::time::timeout(self.timeout.saturating_mul(4), transport.send(message)).await;
        sent.map_err(|_elapsed| Fault::Silent)?.map(drop).map_err(|error| Fault::of(&error))
    }

    fn transport(&self) -> Result<AsyncSmtpTransport<Tokio1Executor>, Fault> {
        let tls = match self.encryption {
            Encryption::Tls => Tls::Wrapper(self.parameters()?),
            Encryption::StartTls => Tls::Required(self.parameters()?),
            Encryption::None => Tls::None,
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&self.host)
            .port(self.port)
            .tls(tls)
            .timeout(Some(self.timeout))
            .hello_name(ClientId::Domain(self.from.0.email.domain().to_owned()));
        if let Some((user, file)) = &self.user {
            let password = std::fs::read_to_string(file).map_err(|_unread| Fault::Settings)?;
            builder = builder.credentials(Credentials::new(user.clone(), password.trim_end().to_owned()));
        }
        Ok(builder.build())
    }

    fn parameters(&self) -> Result<TlsParameters, Fault> {
        let mut builder = TlsParameters::builder(self.host.clone());
        if let Some(file) = &self.ca_file {
            let pem = std::fs::read(file).map_err(|_unread| Fault::Settings)?;
            let authority = Certificate::from_pem(&pem).map_err(|_quotes| Fault::Settings)?;
            builder = builder.add_root_certificate(authority).certificate_store(CertificateStore::None);
        }
        builder.build().map_err(|_quotes| Fault::Settings)
    }
}
