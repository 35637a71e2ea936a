//! What the broker module must be told. Every time limit is here; none is infinite.

use std::path::PathBuf;
use std::time::Duration;

use super::address::Address;
use crate::retry;

/// How to reach the broker and how patient to be with it.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where it is, and who we are there.
    pub address: Address,
    /// Whom to trust and what to show, for an `amqps` address.
    pub tls: Option<Tls>,
    /// Whether the broker is ours to declare on and publish to.
    pub whose: Whose,
    /// The file whose content is the response of SASL EXTERNAL (a SAML assertion, say). It is read
    /// at each connection: whoever renews it writes it anew.
    pub token: Option<PathBuf>,
    /// What the broker's own tools show as the name of our connections.
    pub name: String,
    /// How often each side says that it lives. A peer that is silent for twice as long is dead.
    pub heartbeat: Duration,
    /// Limit on reaching the broker: name look-up, TCP and TLS.
    pub connect_timeout: Duration,
    /// Limit on one question to the broker and its answer: login, a channel, a count, an ack.
    pub call_timeout: Duration,
    /// Limit on declaring the whole topology. Making a quorum queue costs the broker a disk write.
    pub declare_timeout: Duration,
    /// Limit on the confirms of one window. Time during which the broker blocks us does not count.
    pub confirm_timeout: Duration,
    /// Unacknowledged messages per queue. Bounds memory, and the burst of repeats after a crash.
    pub prefetch: u16,
    /// Unconfirmed messages per publishing channel.
    pub window: usize,
    /// How long to wait before connecting again.
    pub retry: retry::Policy,
    /// Consume anew from a queue that holds messages but has given us none for this long.
    pub watchdog: Option<Duration>,
    /// How long handlers may take to finish what they hold when the hub stops.
    pub stop_grace: Duration,
}

impl Settings {
    /// Settings that suit a broker in the same data centre or on the same machine.
    pub fn new(address: Address) -> Self {
        Self {
            address,
            tls: None,
            whose: Whose::Ours,
            token: None,
            name: "budstikke".to_owned(),
            heartbeat: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(10),
            call_timeout: Duration::from_secs(10),
            declare_timeout: Duration::from_mins(1),
            confirm_timeout: Duration::from_secs(30),
            prefetch: 256,
            window: 512,
            retry: retry::Policy::new(Duration::from_millis(200), Duration::from_secs(20)),
            watchdog: Some(Duration::from_mins(2)),
            stop_grace: Duration::from_secs(30),
        }
    }

    /// The heartbeat as AMQP has it: whole seconds, and zero would mean none.
    pub(super) fn heartbeat_seconds(&self) -> u16 {
        u16::try_from(self.heartbeat.as_secs()).unwrap_or(u16::MAX).max(1)
    }
}

/// Whose a broker is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// The hub's: it declares and publishes there, and cannot do without it.
    Ours,
    /// Somebody else's: the hub takes from a queue that is there, and does nothing else. That it
    /// cannot be reached is no reason not to run.
    Theirs,
}

/// The certificates of an `amqps` connection, as PEM files. They are read at each connection, so
/// that a renewed certificate needs no restart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// The only authorities whose word on the broker counts. The machine's own list is not used:
    /// with it, any public authority could vouch for a false broker.
    pub authorities: PathBuf,
    /// Our own certificate and its key, where the broker asks for one.
    pub identity: Option<Identity>,
    /// The name that the broker's certificate must carry, where it is not the address's host.
    pub server_name: Option<String>,
}

/// A client certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The certificate, with its chain.
    pub certificate: PathBuf,
    /// Its key (PKCS #8).
    pub key: PathBuf,
}
