//! Ports on the loopback interface that nobody uses.

use std::net::{Ipv4Addr, TcpListener};

use super::Error;

/// Below the range from which Linux takes ports for outgoing connections (32768 and up). From that
/// range a port may be taken while the node restarts; a client that tries to reach a port of that
/// range on its own machine may even connect to itself, and then holds the port.
const LOWEST: u16 = 20_000;
const COUNT: u16 = 12_000;

/// How often chance is tried before giving up.
const TRIES: usize = 200;

/// A port on which something can listen now.
pub(super) fn free(taken: &[u16]) -> Result<u16, Error> {
    for _ in 0..TRIES {
        let port = LOWEST + u16::from_be_bytes(chance()?) % COUNT;
        if !taken.contains(&port) && is_free(port) {
            return Ok(port);
        }
    }
    Err(Error::NoPort)
}

/// Whether something can listen on the port now.
pub(super) fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// Bytes that nobody can guess.
pub(super) fn chance<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes)
        .map_err(|error| Error::Process { what: "drawing random bytes", source: std::io::Error::other(error) })?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_free_port_is_free_and_not_one_of_those_taken() {
        let first = free(&[]).unwrap();
        // Somebody else on the machine may take a free port at once, so one is taken that is still so.
        let take = || {
            let port = free(&[first]).unwrap();
            assert_ne!(first, port);
            TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok().map(|held| (port, held))
        };
        let (port, _held) = (0..TRIES).find_map(|_| take()).unwrap();
        assert!(!is_free(port));
    }
}
