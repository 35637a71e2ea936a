//! The way to the broker: name look-up, TCP and TLS.

use std::io;
use std::time::Duration;

use async_rs::Runtime;
use async_rs::traits::Reactor;
use tcp_stream::{AsyncTcpStream, OwnedTLSConfig};

use super::kit::Kit;
use super::plug::Outlet;
use super::socket::Socket;

/// Reaches the broker at one of the addresses its name stands for, and encrypts if `tls` says so,
/// within `limit`.
pub(super) async fn reach(
    place: Place,
    outlet: Outlet,
    limit: Duration,
    kit: &Runtime<Kit>,
) -> io::Result<AsyncTcpStream<Socket>> {
    let reaching = async {
        let addresses: Vec<_> = tokio::net::lookup_host((place.host.as_str(), place.port)).await?.collect();
        // One address that swallows everything must not use up the time for the others.
        let share = limit / u32::try_from(addresses.len()).unwrap_or(u32::MAX).max(1);
        let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
        for address in addresses {
            match within(share, kit.tcp_connect_addr(address)).await {
                Ok(socket) => {
                    let mut socket = socket.plugged_in(&outlet)?;
                    if let Some(tls) = &place.tls {
                        // Boxed: a handshake is a large future, and most connections have none.
                        socket = Box::pin(socket.encrypted(tls)).await?;
                    }
                    return Ok(AsyncTcpStream::Plain(socket));
                }
                Err(error) => last = error,
            }
        }
        Err(last)
    };
    within(limit, reaching).await
}

async fn within<T>(limit: Duration, work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    tokio::time::timeout(limit, work).await.map_err(io::Error::from).flatten()
}

/// Where the broker is, as far as the socket must know.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) tls: Option<Encryption>,
}

/// How the connection is encrypted.
#[derive(Clone)]
pub(super) struct Encryption {
    pub(super) certificates: OwnedTLSConfig,
    pub(super) server_name: String,
}

impl std::fmt::Debug for Encryption {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The certificates hold our key.
        f.debug_struct("Encryption").field("server_name", &self.server_name).finish_non_exhaustive()
    }
}
