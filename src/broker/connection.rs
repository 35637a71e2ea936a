//! One connection to the broker, opened within a time limit and given up for certain.

mod frames;
mod kit;
mod mend;
mod plug;
mod reach;
mod socket;
mod token;

use std::path::Path;
use std::time::Duration;

use async_rs::Runtime;
use lapin::uri::{AMQPScheme, AMQPUri};
use lapin::{Channel, Connection, ConnectionProperties};
use tcp_stream::{OwnedIdentity, OwnedTLSConfig};

use self::kit::Kit;
use self::plug::Plug;
use self::reach::{Encryption, Place};
use self::token::Token;
use super::error::Error;
use super::settings::{Settings, Tls};

/// How long a goodbye may take. Everything that counts has been answered before it; and now and
/// then (seen: one stop in ten, on the connection that publishes) lapin never hears the answer.
const GOODBYE: Duration = Duration::from_secs(1);

/// What a connection is for. The two never share a socket: the broker stops reading from a
/// connection that publishes when it is short of memory, and then acknowledgements on the same
/// connection would be stuck as well, so that the shortage could never end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Deliveries and their acknowledgements, and all questions to the broker.
    Consume,
    /// Publishing and its confirms, and nothing else.
    Publish,
}

impl Purpose {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Consume => "consume",
            Self::Publish => "publish",
        }
    }
}

/// An open connection. Dropping it ends it at once, and nothing that lapin still had to send is
/// sent after that.
#[derive(Debug)]
pub(super) struct Link {
    connection: Connection,
    purpose: Purpose,
    call_timeout: Duration,
    /// Dropped, and by that pulled, after the connection: lapin may say goodbye first if it can.
    plug: Plug,
}

impl Link {
    /// Opens a connection: name look-up, TCP, TLS, login, virtual host.
    pub(super) async fn open(settings: &Settings, purpose: Purpose) -> Result<Self, Error> {
        let uri = settings.address.uri(settings.heartbeat_seconds()).map_err(Error::Address)?;
        let tls = encryption(&uri, settings.tls.as_ref()).await?;
        let place = Place { host: uri.authority.host.clone(), port: uri.authority.port, tls };
        let plug = Plug::default();
        let limit = settings.connect_timeout + settings.call_timeout;
        let token = match &settings.token {
            Some(path) => Some(Token::read(path).await?),
            None => None,
        };
        let connecting = connect(uri, (place, token), &plug, settings, purpose);
        let connection = match tokio::time::timeout(limit, connecting).await {
            Ok(outcome) => outcome.map_err(Error::connecting)?,
            Err(_elapsed) => return Err(Error::TimedOut { what: "connecting to the broker", limit }),
        };
        Ok(Self { connection, purpose, call_timeout: settings.call_timeout, plug })
    }

    /// A new channel.
    pub(super) async fn channel(&self) -> Result<Channel, Error> {
        self.within("opening a channel", self.connection.create_channel()).await
    }

    /// Waits for the broker's answer to `call`, but not for long.
    pub(super) async fn within<T>(
        &self,
        what: &'static str,
        call: impl Future<Output = lapin::Result<T>>,
    ) -> Result<T, Error> {
        match tokio::time::timeout(self.call_timeout, call).await {
            Ok(outcome) => outcome.map_err(|source| Error::call(what, source)),
            Err(_elapsed) => Err(Error::TimedOut { what, limit: self.call_timeout }),
        }
    }

    pub(super) fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// Whether lapin believes that the connection lives.
    pub(super) fn lives(&self) -> bool {
        self.connection.status().connected()
    }

    /// What happens to the connection. Only one listener gets each event.
    pub(super) fn events(&self) -> impl futures::Stream<Item = lapin::Event> + Send {
        self.connection.events_listener()
    }

    /// Ends the connection at once, and for certain.
    pub(super) fn cut(&self) {
        self.plug.pull();
    }

    /// Says goodbye to the broker. Without it the broker logs a warning.
    pub(super) async fn close(&self) {
        if self.lives() {
            let goodbye = self.connection.close(200, "the hub is stopping".into());
            match tokio::time::timeout(GOODBYE, goodbye).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => {
                    tracing::debug!(%error, connection = self.purpose.name(), "not closed in order");
                }
                Err(_elapsed) => {
                    tracing::debug!(connection = self.purpose.name(), "the broker did not say goodbye in time");
                }
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that opens connections, within the caller's time limit")]
async fn connect(
    uri: AMQPUri,
    (place, token): (Place, Option<Token>),
    plug: &Plug,
    settings: &Settings,
    purpose: Purpose,
) -> lapin::Result<Connection> {
    let outlet = plug.outlet();
    let limit = settings.connect_timeout;
    let reach =
        async move |_: AMQPUri, kit: Runtime<Kit>| Ok(reach::reach(place.clone(), outlet.clone(), limit, &kit).await?);
    // lapin's own retries and its recovery stay off, as they are by default: with recovery, what
    // waits for a confirm waits through the whole outage, and nobody is told.
    let name = format!("{} ({})", settings.name, purpose.name());
    let mut properties = ConnectionProperties::default().with_connection_name(name.into());
    if let Some(token) = token {
        properties = properties.with_auth_provider(token);
    }
    Connection::connector(uri, Kit::current(), reach, properties).await
}

/// Reads the certificates, if the address wants encryption.
async fn encryption(uri: &AMQPUri, tls: Option<&Tls>) -> Result<Option<Encryption>, Error> {
    if uri.scheme == AMQPScheme::AMQP {
        return Ok(None);
    }
    let tls = tls.ok_or(Error::NoAuthorities)?;
    let authorities = read(&tls.authorities).await?;
    let authorities = String::from_utf8_lossy(&authorities).into_owned();
    if !authorities.contains("BEGIN CERTIFICATE") {
        return Err(Error::NoAuthorities);
    }
    let identity = match &tls.identity {
        Some(files) => {
            Some(OwnedIdentity::PKCS8 { pem: read(&files.certificate).await?, key: read(&files.key).await? })
        }
        None => None,
    };
    let server_name = tls.server_name.clone().unwrap_or_else(|| uri.authority.host.clone());
    let certificates = OwnedTLSConfig { identity, cert_chain: Some(authorities) };
    Ok(Some(Encryption { certificates, server_name }))
}

async fn read(path: &Path) -> Result<Vec<u8>, Error> {
    tokio::fs::read(path).await.map_err(|source| Error::Certificate { path: path.to_owned(), source })
}
