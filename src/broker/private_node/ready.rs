//! Whether the node takes connections.

use std::net::Ipv4Addr;
use std::time::Duration;

use tokio::net::TcpStream;

use super::Error;
use super::access::Access;
use crate::broker::connection::{Link, Purpose};
use crate::broker::settings::Settings;

/// Limit on one look. Everything is on this machine.
const LIMIT: Duration = Duration::from_secs(5);

/// Whether something listens on the port. The node opens its port last of all, and closing a
/// connection on which nothing was said leaves no trace in its log.
pub(super) async fn listens(port: u16) -> bool {
    let connected = tokio::time::timeout(LIMIT, TcpStream::connect((Ipv4Addr::LOCALHOST, port))).await;
    connected.is_ok_and(|connected| connected.is_ok())
}

/// Whether what listens is a broker, and ours: it takes our password.
pub(super) async fn lets_us_in(access: &Access) -> Result<(), Error> {
    let settings = Settings { connect_timeout: LIMIT, call_timeout: LIMIT, ..Settings::new(access.address()?) };
    let link = Link::open(&settings, Purpose::Consume).await;
    let link = link.map_err(|fault| Error::Login(Box::new(fault)))?;
    link.close().await;
    Ok(())
}
