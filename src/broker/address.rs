//! Where the broker is and how to log in there: one secret text, read strictly and never shown.

use std::fmt;
use std::net::Ipv6Addr;

use lapin::uri::{AMQPUri, SASLMechanism};
use secrecy::{ExposeSecret, SecretString};

/// Why a text is no broker address. None of these repeats the text: it holds a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressFault {
    /// It is no `amqp` or `amqps` address at all.
    #[error("it does not read as `amqp://user:password@host:port/vhost` or `amqps://…`")]
    NotAnAddress,
    /// It has no user or no password. lapin would silently log in as `guest`.
    #[error("it names no user, or no password for it")]
    NoCredentials,
    /// It has no host. lapin would silently take `localhost`.
    #[error("it names no host")]
    NoHost,
}

/// A broker's address with its credentials.
#[derive(Clone)]
pub struct Address(SecretString);

impl Address {
    /// Reads an address. What lapin would fill in by itself (user `guest`, host `localhost`) must
    /// be said: a hub that talks to the wrong broker is a data breach.
    pub fn parse(text: SecretString) -> Result<Self, AddressFault> {
        parts(text.expose_secret()).map(|_| Self(text))
    }

    /// The address as lapin takes it, with the heartbeat in whole seconds.
    pub(super) fn uri(&self, heartbeat: u16) -> Result<AMQPUri, AddressFault> {
        let mut uri = parts(self.0.expose_secret())?;
        uri.query.heartbeat = Some(heartbeat);
        Ok(uri)
    }

    /// The virtual host.
    pub fn vhost(&self) -> String {
        parts(self.0.expose_secret()).map_or_else(|_fault| "/".to_owned(), |uri| uri.vhost)
    }

    /// The address as text, password and all, for a program that must be given it (`run
    /// --ready-file` writes it into a file that only the user can read).
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address([redacted])")
    }
}

fn parts(text: &str) -> Result<AMQPUri, AddressFault> {
    // The parser's own error quotes its input, so it is dropped here.
    let Ok(mut uri) = text.parse::<AMQPUri>() else { return Err(AddressFault::NotAnAddress) };
    let authority = authority(text).ok_or(AddressFault::NotAnAddress)?;
    let (login, place) = authority.rsplit_once('@').unwrap_or(("", authority));
    let by_certificate = uri.query.auth_mechanism == Some(SASLMechanism::External);
    let named = login.split_once(':').is_some_and(|(user, password)| !user.is_empty() && !password.is_empty());
    if !by_certificate && !named {
        return Err(AddressFault::NoCredentials);
    }
    if let Some((host, _)) = place.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        // lapin takes every IPv6 literal for `localhost`.
        let host: Ipv6Addr = host.parse().ok().ok_or(AddressFault::NotAnAddress)?;
        uri.authority.host = host.to_string();
    } else if place.is_empty() || place.starts_with(':') {
        return Err(AddressFault::NoHost);
    }
    Ok(uri)
}

/// What stands between `://` and the path or query.
fn authority(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("://")?;
    rest.split(['/', '?', '#']).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<AMQPUri, AddressFault> {
        Address::parse(text.into()).and_then(|address| address.uri(10))
    }

    #[test]
    fn reads_what_is_said() {
        let uri = read("amqps://hub:p%40ss@broker.example:5671/dragoer%2ftaarnby").unwrap();
        assert_eq!(uri.authority.userinfo.password, "p@ss");
        assert_eq!((uri.authority.host.as_str(), uri.authority.port), ("broker.example", 5671));
        assert_eq!(uri.vhost, "dragoer/taarnby");
        let address = Address::parse("amqp://hub:secret@broker.example/%2f".into()).unwrap();
        assert_eq!(address.vhost(), "/");
        assert_eq!(uri.query.heartbeat, Some(10));
    }

    #[test]
    fn an_ipv6_address_is_not_taken_for_localhost() {
        let uri = read("amqp://hub:secret@[2001:db8::7]:5672/%2f").unwrap();
        assert_eq!(uri.authority.host, "2001:db8::7");
    }

    #[test]
    fn nothing_is_filled_in() {
        for (text, fault) in [
            ("amqp://broker.example/%2f", AddressFault::NoCredentials),
            ("amqp://hub@broker.example/%2f", AddressFault::NoCredentials),
            ("amqp://hub:@broker.example/%2f", AddressFault::NoCredentials),
            ("amqps:///%2f?auth_mechanism=external", AddressFault::NoHost),
            ("amqp://hub:secret@/%2f", AddressFault::NotAnAddress),
            ("amqp://hub:secret@:5672/%2f", AddressFault::NotAnAddress),
            ("http://hub:secret@broker.example/", AddressFault::NotAnAddress),
            ("amqp://hub:secret@[::zz]/", AddressFault::NotAnAddress),
            ("", AddressFault::NotAnAddress),
        ] {
            assert_eq!(read(text).err(), Some(fault), "{text}");
        }
    }

    #[test]
    fn a_certificate_can_stand_for_the_password() {
        assert!(read("amqps://broker.example/%2f?auth_mechanism=external").is_ok());
    }

    #[test]
    fn no_fault_and_no_debug_shows_the_password() {
        let secret = "amqp://hub:hemmelig@broker.example:notaport/";
        let fault = Address::parse(secret.into()).unwrap_err();
        let good = Address::parse("amqp://hub:hemmelig@broker.example/".into()).unwrap();
        let shown = format!("{fault} {fault:?} {good:?}");
        assert!(!shown.contains("hemmelig") && !shown.contains("broker.example"), "{shown}");
    }
}
