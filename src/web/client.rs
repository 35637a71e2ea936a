//! reqwest's client, made of our settings, and made anew when a certificate's file has changed.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Certificate, Client, Identity, redirect, retry};

use super::Settings;
use super::address::Reach;
use super::fault::Forbidden;

/// How long a connection that is not used is kept.
const IDLE: std::time::Duration = std::time::Duration::from_mins(1);

/// What the other side sees of us.
const NAME: &str = concat!("budstikke/", env!("CARGO_PKG_VERSION"));

/// Why an endpoint cannot be used as it is set.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// A file cannot be read, or there is nothing in it.
    #[error("`{path}` cannot be read, or is empty")]
    File {
        /// Which setting names it: `ca_file`.
        setting: &'static str,
        /// The file.
        path: PathBuf,
    },
    /// A file does not hold what it should.
    #[error("`{path}` does not hold {what}")]
    Content {
        /// Which setting names it.
        setting: &'static str,
        /// The file.
        path: PathBuf,
        /// What it should hold.
        what: &'static str,
    },
    /// Certificate and key do not belong together, or TLS does not take them.
    #[error("TLS does not take these certificates; does the key belong to the certificate?")]
    Tls,
}

impl Unusable {
    /// The setting that is wrong.
    pub fn setting(&self) -> &'static str {
        match self {
            Self::File { setting, .. } | Self::Content { setting, .. } => setting,
            Self::Tls => "cert_file",
        }
    }
}

/// The client of one endpoint.
#[derive(Debug)]
pub(super) struct Clients {
    settings: Settings,
    now: Mutex<Made>,
}

#[derive(Debug)]
struct Made {
    http: Client,
    /// What the files were like when it was last tried to make one of them.
    stamps: Vec<Stamp>,
}

/// What changes when a file does.
type Stamp = Option<(i64, i64, u64, u64)>;

impl Clients {
    /// Reads the files and makes the first client.
    pub(super) fn open(settings: Settings) -> Result<Self, Unusable> {
        let stamps = stamps(&settings);
        let http = make(&settings)?;
        Ok(Self { settings, now: Mutex::new(Made { http, stamps }) })
    }

    /// The client for the next request. Where the files have changed and cannot be used as they are
    /// now, it is the one before: somebody may be just writing them.
    pub(super) fn current(&self) -> Client {
        let stamps = stamps(&self.settings);
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        if now.stamps != stamps {
            now.stamps = stamps;
            match make(&self.settings) {
                Ok(http) => {
                    tracing::info!("certificates have changed and are used from now on");
                    now.http = http;
                }
                Err(error) => {
                    tracing::error!(%error, "certificates have changed and cannot be used; the ones before are");
                }
            }
        }
        now.http.clone()
    }
}

fn stamps(settings: &Settings) -> Vec<Stamp> {
    let identity = settings.tls.identity.iter().flat_map(|(certificate, key)| [certificate, key]);
    let stamp = |path: &PathBuf| {
        let file = std::fs::metadata(path).ok()?;
        Some((file.mtime(), file.mtime_nsec(), file.len(), file.ino()))
    };
    settings.tls.ca_file.iter().chain(identity).map(stamp).collect()
}

fn make(settings: &Settings) -> Result<Client, Unusable> {
    let mut builder = Client::builder()
        .user_agent(NAME)
        .no_proxy()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .connect_timeout(settings.connect_timeout)
        .timeout(settings.timeout)
        .pool_idle_timeout(IDLE)
        .dns_resolver(Guarded(Arc::new(settings.reach.clone())));
    if let Some(path) = &settings.tls.ca_file {
        let what = "certificates in PEM";
        let content = || Unusable::Content { setting: "ca_file", path: path.clone(), what };
        let authorities = Certificate::from_pem_bundle(&read("ca_file", path)?).map_err(|_quotes| content())?;
        if authorities.is_empty() {
            return Err(content());
        }
        builder = builder.tls_certs_only(authorities);
    }
    if let Some((certificate, key)) = &settings.tls.identity {
        let mut pem = read("cert_file", certificate)?;
        pem.push(b'\n');
        pem.extend(read("key_file", key)?);
        let what = "a key in PEM, or the certificate beside it holds none";
        let content = |_quotes| Unusable::Content { setting: "key_file", path: key.clone(), what };
        builder = builder.identity(Identity::from_pem(&pem).map_err(content)?);
    }
    builder.build().map_err(|_quotes| Unusable::Tls)
}

/// The content of a file that must have some.
pub(super) fn read(setting: &'static str, path: &Path) -> Result<Vec<u8>, Unusable> {
    let content = std::fs::read(path).ok().filter(|content| !content.is_empty());
    content.ok_or_else(|| Unusable::File { setting, path: path.to_owned() })
}

/// Looks names up, and gives out only addresses that may be reached. As it is asked for each
/// connection, a name cannot lead elsewhere after it has been looked at.
#[derive(Debug)]
struct Guarded(Arc<Reach>);

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = Arc::clone(&self.0);
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<_> = found.filter(|it| reach.allows(name.as_str(), it.ip())).collect();
            if allowed.is_empty() {
                return Err(Forbidden.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}
