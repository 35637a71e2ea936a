//! HTTP as the hub speaks it to others: the only code that touches reqwest. Whoever has something to
//! send or to ask opens an [`Endpoint`] and gets an [`Answer`] or a [`Fault`].
//!
//! | room | what | touches |
//! |---|---|---|
//! | [`address`] | which addresses may be reached | nothing |
//! | [`redirect`] | which redirections are followed | nothing |
//! | [`retry_after`] | how long the other side asks us to wait | nothing |
//! | [`endpoint`] | one request, with what is needed to get in | network, files |
//! | [`token`] | what lets us in: a token or a password from a file, or a token from an OAuth 2.0 server | network, files |
//!
//! What holds for all of it: a time limit on everything; no redirection to another host; no address
//! that is private, unless it is named in the settings; no plain HTTP, unless the host is; no proxy
//! of the environment's; a limit on what is read of an answer. Nothing of an answer's body, of a
//! token or of a URL is ever logged or stands in an error.

pub mod address;
mod client;
pub mod endpoint;
mod fault;
pub mod redirect;
pub mod retry_after;
pub mod token;

use std::path::PathBuf;
use std::time::Duration;

pub use client::Unusable;
pub use endpoint::{Answer, Endpoint, Method, Request};
pub use fault::{Fault, is_of_tls};
pub use reqwest::Url;

/// Where an endpoint is and how one gets in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Where it is. Nothing about a person may stand in it.
    pub url: Url,
    /// Who may vouch for it, and what we show.
    pub tls: Tls,
    /// What lets us in.
    pub access: token::Access,
    /// Which addresses may be reached.
    pub reach: address::Reach,
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// How long a request may take, from its first byte to the answer's last.
    pub timeout: Duration,
}

impl Settings {
    /// How something at 127.0.0.1 is reached: in plain, and with nothing that lets us in. For those who
    /// measure and try.
    pub fn here(url: Url, timeout: Duration) -> Self {
        let here = || ["127.0.0.1".to_owned()].into();
        let reach = address::Reach { hosts: here(), nets: Vec::new(), plain: here() };
        let (tls, access, connect_timeout) = (Tls::default(), token::Access::Open, Duration::from_secs(5));
        Self { url, tls, access, reach, connect_timeout, timeout }
    }
}

/// Certificates. The files are read when the endpoint is opened, and again when one of them has
/// changed; connections made with the old ones are then not used any more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tls {
    /// The only authorities that may vouch for the other side; `None` for those of the machine.
    pub ca_file: Option<PathBuf>,
    /// Our certificate and its key, where the other side asks for one.
    pub identity: Option<(PathBuf, PathBuf)>,
}
