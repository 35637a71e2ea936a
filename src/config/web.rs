//! The settings of an endpoint of someone else's: where it is, who vouches for it, and what lets us
//! in. Each kind of endpoint has its section; the keys of it that are read here are the same for all.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;

use super::read::Reader;
use super::value::{self, Expected};
use crate::web::address::{Net, Reach};
use crate::web::token::{Access, Credentials};
use crate::web::{Settings, Tls, Url, endpoint};

impl Reader {
    /// The endpoint whose keys stand under `section`: `mailbox.dragoer.ydelse`.
    pub(super) fn web(&mut self, section: &str) -> Option<Settings> {
        let key = |name: &str| format!("{section}.{name}");
        let (url, tls, access) = (self.url(&key("url")), self.tls(section), self.access(section));
        let connect_timeout = self.value(&key("connect_timeout"), value::duration, Duration::from_secs(5));
        let timeout = self.value(&key("timeout"), value::duration, Duration::from_secs(30));
        let reach = self.reach(section);
        let Some(url) = url? else {
            return self.fault(&key("url"), "is missing, as in \"https://ydelse.dragoer.example/budstikke\"");
        };
        let reach = reach?;
        self.can_be_reached(&key("url"), &reach, &url)?;
        let access = access?;
        if let Access::Client(credentials) = &access {
            self.can_be_reached(&key("token_url"), &reach, &credentials.token_url)?;
        }
        Some(Settings { url, tls: tls?, access, reach, connect_timeout: connect_timeout?, timeout: timeout? })
    }

    /// Which addresses may be reached beside the public ones.
    pub(super) fn reach(&mut self, section: &str) -> Option<Reach> {
        let private = self.value(&format!("{section}.allow_private"), private, (BTreeSet::new(), Vec::new()));
        let plain = self.value(&format!("{section}.allow_plain"), hosts, BTreeSet::new());
        let ((hosts, nets), plain) = (private?, plain?);
        Some(Reach { hosts, nets, plain })
    }

    pub(super) fn tls(&mut self, section: &str) -> Option<Tls> {
        let key = |name: &str| format!("{section}.{name}");
        let ca_file = self.path(&key("ca_file"));
        let identity = match (self.path(&key("cert_file"))?, self.path(&key("key_file"))?) {
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (None, None) => None,
            (Some(_), None) => return self.fault(&key("key_file"), "is missing beside `cert_file`"),
            (None, Some(_)) => return self.fault(&key("cert_file"), "is missing beside `key_file`"),
        };
        Some(Tls { ca_file: ca_file?, identity })
    }

    fn access(&mut self, section: &str) -> Option<Access> {
        let key = |name: &str| format!("{section}.{name}");
        let text = |value: &Value| value::text(value).map(Some);
        let (token_file, token_url) = (self.path(&key("token_file")), self.url(&key("token_url")));
        let client_id = self.value(&key("client_id"), text, None);
        let scope = self.value(&key("scope"), text, None);
        let secret_file = self.path(&key("client_secret_file"))?;
        let (token_file, token_url, client_id, scope) = (token_file?, token_url?, client_id?, scope?);
        let is_client = token_url.is_some() || client_id.is_some() || secret_file.is_some() || scope.is_some();
        match (token_file, is_client) {
            (None, false) => Some(Access::Open),
            (Some(file), false) => Some(Access::TokenFile(file)),
            (Some(_), true) => {
                self.fault(&key("token_file"), "stands beside `token_url` and its kin: one of the two lets us in")
            }
            (None, true) => {
                let Some(token_url) = token_url else { return self.missing(&key("token_url")) };
                let Some(client_id) = client_id else { return self.missing(&key("client_id")) };
                let Some(secret_file) = secret_file else { return self.missing(&key("client_secret_file")) };
                Some(Access::Client(Credentials { token_url, client_id, secret_file, scope }))
            }
        }
    }

    fn missing<T>(&mut self, key: &str) -> Option<T> {
        self.fault(key, "is missing: a token is asked for with `token_url`, `client_id` and `client_secret_file`")
    }

    #[expect(clippy::option_option, reason = "not set and wrong are different things")]
    pub(super) fn url(&mut self, key: &str) -> Option<Option<Url>> {
        self.value(key, |value| url(value).map(Some), None)
    }

    pub(super) fn can_be_reached(&mut self, key: &str, reach: &Reach, url: &Url) -> Option<()> {
        if !reach.allows_scheme(url.scheme(), url.host_str().unwrap_or_default()) {
            return self.fault(key, "is not encrypted: write `https`, or name its host in `allow_plain`");
        }
        if endpoint::may_be_reached(reach, url).is_err() {
            return self.fault(key, "leads to a private address: if that is meant, name it in `allow_private`");
        }
        Some(())
    }
}

/// A URL without anything secret in it.
pub(super) fn url(value: &Value) -> Result<Url, Expected> {
    const EXPECTED: Expected = "an address, as in \"https://host/path\", without user, password or `#`";
    let url = Url::parse(value.as_str().ok_or(EXPECTED)?).map_err(|_unparsed| EXPECTED)?;
    let is_bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    (is_bare && url.has_host() && matches!(url.scheme(), "https" | "http")).then_some(url).ok_or(EXPECTED)
}

fn is_host(text: &str) -> bool {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    !text.is_empty() && text.bytes().all(good)
}

pub(super) fn hosts(value: &Value) -> Result<BTreeSet<String>, Expected> {
    const EXPECTED: Expected = "names of hosts, as in [\"esb.dragoer.example\"]";
    let hosts = value::texts(value).map_err(|_other| EXPECTED)?;
    // An address is written as it stands in a URL.
    let is_named = |text: &str| is_host(text) || text.starts_with('[') && text.ends_with(']');
    if !hosts.iter().all(|host| is_named(host)) {
        return Err(EXPECTED);
    }
    Ok(hosts.iter().map(|host| host.to_ascii_lowercase()).collect())
}

fn private(value: &Value) -> Result<(BTreeSet<String>, Vec<Net>), Expected> {
    const EXPECTED: Expected = "hosts and blocks of addresses, as in [\"esb.dragoer.example\", \"10.20.0.0/16\"]";
    let (mut hosts, mut nets) = (BTreeSet::new(), Vec::new());
    for text in value::texts(value).map_err(|_other| EXPECTED)? {
        match Net::parse(&text) {
            Some(net) => nets.push(net),
            None if is_host(&text) => drop(hosts.insert(text.to_ascii_lowercase())),
            None => return Err(EXPECTED),
        }
    }
    Ok((hosts, nets))
}
