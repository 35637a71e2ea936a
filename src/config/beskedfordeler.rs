//! The settings for KOMBIT's Beskedfordeler: where to fetch from, and what its codes mean.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::read::Reader;
use super::value::{self, Expected};
use serde_json::Value;

/// The port of KOMBIT's brokers.
const PORT: u16 = 5671;
/// Their virtual host.
const VHOST: &str = "BF";

/// What is set about the Beskedfordeler.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Beskedfordeler {
    /// The broker to fetch from; `None` where the hub does not fetch by itself.
    pub fetch: Option<Fetch>,
    /// The municipality's own table of codes.
    pub codes_file: Option<PathBuf>,
    /// The sources, or what their paths begin with, whose messages it may carry beside KOMBIT's own.
    pub sources: BTreeSet<String>,
}

/// Where to fetch, and how to be let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetch {
    /// The broker's host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The virtual host.
    pub vhost: String,
    /// The queue ("dueslag"), which KOMBIT names by a UUID.
    pub queue: String,
    /// The only authorities that may vouch for the broker.
    pub ca_file: PathBuf,
    /// Our certificate and its key.
    pub identity: (PathBuf, PathBuf),
    /// The file with the SAML assertion, which somebody else renews.
    pub token_file: PathBuf,
}

impl Reader {
    /// The section, each value asked for before any is looked at.
    pub(super) fn beskedfordeler(&mut self) -> Option<Beskedfordeler> {
        let codes_file = self.path("beskedfordeler.codes_file");
        let host = self.value("beskedfordeler.host", |value| host(value).map(Some), None);
        let port = self.number("beskedfordeler.port", 1, PORT);
        let vhost = self.value("beskedfordeler.vhost", value::text, VHOST.to_owned());
        let queue = self.value("beskedfordeler.queue", |value| queue(value).map(Some), None);
        let ca_file = self.path("beskedfordeler.ca_file");
        let (certificate, key) = (self.path("beskedfordeler.cert_file"), self.path("beskedfordeler.key_file"));
        let token_file = self.path("beskedfordeler.token_file");
        let sources = self.value("beskedfordeler.sources", sources, BTreeSet::new());
        let (codes_file, sources) = (codes_file?, sources?);
        let Some(host) = host? else {
            let set =
                [("queue", queue?.is_some()), ("token_file", token_file?.is_some()), ("ca_file", ca_file?.is_some())];
            return match set.iter().find(|(_, set)| *set) {
                Some((key, _)) => {
                    self.fault(&format!("beskedfordeler.{key}"), "is set, but `beskedfordeler.host` is not")
                }
                None => Some(Beskedfordeler { fetch: None, codes_file, sources }),
            };
        };
        Some(Beskedfordeler {
            fetch: Some(Fetch {
                host,
                port: port?,
                vhost: vhost?,
                queue: self.needed("queue", queue?)?,
                ca_file: self.needed("ca_file", ca_file?)?,
                identity: (self.needed("cert_file", certificate?)?, self.needed("key_file", key?)?),
                token_file: self.needed("token_file", token_file?)?,
            }),
            codes_file,
            sources,
        })
    }

    fn needed<T>(&mut self, key: &str, value: Option<T>) -> Option<T> {
        if value.is_none() {
            return self.fault(&format!("beskedfordeler.{key}"), "is missing beside `beskedfordeler.host`");
        }
        value
    }
}

fn host(value: &Value) -> Result<String, Expected> {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b".-".contains(&byte);
    let text = value.as_str().filter(|text| !text.is_empty() && text.bytes().all(good));
    text.map(str::to_owned).ok_or("the name of a host, as in \"beskedfordeler.stoettesystemerne.dk\"")
}

/// Paths, or what they begin with: `/taarnby/momentum`, `/hospital`.
fn sources(value: &Value) -> Result<BTreeSet<String>, Expected> {
    const EXPECTED: Expected = "source paths, as in [\"/taarnby/momentum\", \"/hospital\"]";
    let good = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_".contains(&byte);
    let is_path = |text: &String| {
        let segments = text.strip_prefix('/').unwrap_or_default();
        segments.split('/').all(|segment| !segment.is_empty() && segment.bytes().all(good))
    };
    let texts = value::texts(value).map_err(|_other| EXPECTED)?;
    if texts.iter().all(is_path) { Ok(texts.into_iter().collect()) } else { Err(EXPECTED) }
}

fn queue(value: &Value) -> Result<String, Expected> {
    const EXPECTED: Expected = "the UUID that names the queue (dueslag)";
    let uuid = uuid::Uuid::try_parse(value.as_str().ok_or(EXPECTED)?).map_err(|_unquoted| EXPECTED)?;
    Ok(uuid.to_string())
}

#[cfg(test)]
mod tests {
    use crate::config::read::tests::with;

    const WHOLE: &str = "[beskedfordeler]\nhost = \"bf.example\"\nqueue = \"6FB927DA-3BE1-4B9F-8875-A6326617D20B\"\n\
        ca_file = \"ca.pem\"\ncert_file = \"c.pem\"\nkey_file = \"k.pem\"\ntoken_file = \"token.xml\"";

    #[test]
    fn nothing_is_fetched_unless_it_is_said_from_where() {
        assert_eq!(with("", &[]).unwrap().beskedfordeler.fetch, None);
        let fetch = with(WHOLE, &[]).unwrap().beskedfordeler.fetch.unwrap();
        assert_eq!((fetch.port, fetch.vhost.as_str()), (5671, "BF"));
        assert_eq!(fetch.queue, "6fb927da-3be1-4b9f-8875-a6326617d20b");
    }

    #[test]
    fn whose_messages_it_may_carry_is_said_by_paths() {
        assert!(with(WHOLE, &[]).unwrap().beskedfordeler.sources.is_empty());
        let sources = with("[beskedfordeler]\nsources = [\"/taarnby/momentum\", \"/hospital\"]", &[]);
        assert_eq!(sources.unwrap().beskedfordeler.sources.len(), 2);
        for bad in ["\"taarnby\"", "\"/\"", "\"/a//b\"", "\"/a/\"", "\"/A\"", "true", "[1]"] {
            let faults = with(&format!("[beskedfordeler]\nsources = {bad}"), &[]).unwrap_err();
            assert!(faults[0].contains("beskedfordeler.sources"), "{bad}: {faults:?}");
        }
    }

    #[test]
    fn what_it_cannot_be_without_is_named() {
        for key in ["queue", "ca_file", "cert_file", "key_file", "token_file"] {
            let without: Vec<&str> = WHOLE.lines().filter(|line| !line.starts_with(key)).collect();
            let faults = with(&without.join("\n"), &[]).unwrap_err();
            assert!(faults[0].contains(&format!("beskedfordeler.{key}")), "{faults:?}");
        }
        assert!(with("[beskedfordeler]\ntoken_file = \"t\"", &[]).is_err(), "a token for nobody");
        assert!(with(&WHOLE.replace("6FB9", "x"), &[]).is_err());
        assert!(with(&WHOLE.replace("bf.example", "amqps://user:password@bf"), &[]).is_err());
    }
}
