//! What the hub looks at and tells of its own accord: `[broker.management]`, where the broker's nodes
//! are asked about, and `telemetry.otlp`, where traces go. Both are ours, so their hosts may be private.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;

use super::read::Reader;
use super::value;
use crate::web::address::Reach;
use crate::web::token::Access;
use crate::web::{Settings, Tls, Url};

/// How long connecting may take.
const CONNECTING: Duration = Duration::from_secs(2);

/// How long a request may take.
const ASKING: Duration = Duration::from_secs(5);

impl Reader {
    /// `[broker.management]`; the inner `None` where it is not there.
    #[expect(clippy::option_option, reason = "not set and wrong are different things")]
    pub(super) fn management(&mut self) -> Option<Option<Settings>> {
        const SECTION: &str = "broker.management";
        let key = |name: &str| format!("{SECTION}.{name}");
        match self.tree().get("broker").and_then(|broker| broker.get("management")) {
            None => return Some(None),
            Some(Value::Object(_)) => {}
            Some(_) => {
                self.known(SECTION);
                return self.fault(SECTION, "must be a section, as in [broker.management]");
            }
        }
        let text = |value: &Value| value::text(value).map(Some);
        let url = self.url(&key("url"));
        let user = self.value(&key("user"), text, None);
        let (password_file, ca_file) = (self.path(&key("password_file")), self.path(&key("ca_file")));
        let plain = self.value(&key("allow_plain"), super::web::hosts, BTreeSet::new());
        let (Some(url), Some(name), Some(password_file)) = (url?, user?, password_file?) else {
            return self
                .fault(SECTION, "needs `url`, as in \"https://rabbitmq.example:15671\", `user` and `password_file`");
        };
        if name.contains(':') {
            return self.fault(&key("user"), "may not hold a `:`");
        }
        let reach = ours(&url, plain?);
        if !reach.allows_scheme(url.scheme(), url.host_str().unwrap_or_default()) {
            return self.fault(
                &key("url"),
                "is not encrypted, and a password goes there: write `https`, or name its host in `allow_plain`",
            );
        }
        let access = Access::User { name, password_file };
        let tls = Tls { ca_file: ca_file?, identity: None };
        Some(Some(Settings { url, tls, access, reach, connect_timeout: CONNECTING, timeout: ASKING }))
    }

    /// `telemetry.otlp`; the inner `None` where it is not there.
    #[expect(clippy::option_option, reason = "not set and wrong are different things")]
    pub(super) fn otlp(&mut self) -> Option<Option<Settings>> {
        let url = self.url("telemetry.otlp");
        let (token_file, ca_file) = (self.path("telemetry.otlp_token_file"), self.path("telemetry.otlp_ca_file"));
        let (token_file, ca_file) = (token_file?, ca_file?);
        let Some(url) = url? else {
            let stray = [("otlp_token_file", token_file.is_some()), ("otlp_ca_file", ca_file.is_some())];
            return match stray.into_iter().find(|(_, is_set)| *is_set) {
                Some((name, _)) => self.fault(&format!("telemetry.{name}"), "is of no use without `telemetry.otlp`"),
                None => Some(None),
            };
        };
        // Nothing in a trace is about a person; but a token must not be read on its way.
        let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
        let plain = if token_file.is_none() { BTreeSet::from([host]) } else { BTreeSet::new() };
        let reach = ours(&url, plain);
        if !reach.allows_scheme(url.scheme(), url.host_str().unwrap_or_default()) {
            return self.fault("telemetry.otlp", "is not encrypted, and a token goes there: write `https`");
        }
        let access = token_file.map_or(Access::Open, Access::TokenFile);
        let tls = Tls { ca_file, identity: None };
        Some(Some(Settings { url, tls, access, reach, connect_timeout: CONNECTING, timeout: ASKING }))
    }
}

/// What may be reached of something of ours: its host, and in plain on this machine or where `plain` says so.
fn ours(url: &Url, plain: BTreeSet<String>) -> Reach {
    let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
    let address = host.trim_matches(['[', ']']).parse::<core::net::IpAddr>();
    let is_here = host == "localhost" || address.is_ok_and(|address| address.is_loopback());
    let hosts = [Some(host.clone()), Some(host.trim_matches(['[', ']']).to_owned())].into_iter().flatten().collect();
    let plain = plain.into_iter().chain(is_here.then_some(host)).collect();
    Reach { hosts, nets: Vec::new(), plain }
}

#[cfg(test)]
mod tests {
    use super::super::read::tests::with;
    use super::*;

    fn management(lines: &str) -> Result<Option<Settings>, Vec<String>> {
        with(&format!("[broker.management]\n{lines}"), &[]).map(|settings| settings.broker.management)
    }

    #[test]
    fn without_a_word_of_it_nobody_is_asked_or_told() {
        let settings = with("", &[]).unwrap();
        assert!(settings.broker.management.is_none() && settings.telemetry.otlp.is_none());
    }

    #[test]
    fn management_is_asked_where_a_password_is_safe() {
        let login = "user = \"hub\"\npassword_file = \"password\"";
        let settings = management(&format!("url = \"https://rabbit.example:15671\"\n{login}")).unwrap().unwrap();
        assert!(matches!(settings.access, Access::User { ref name, .. } if name == "hub"));
        for fine in ["http://127.0.0.1:15672", "http://localhost:15672/prefix/", "http://[::1]:15672"] {
            assert!(management(&format!("url = \"{fine}\"\n{login}")).is_ok(), "{fine}");
        }
        let plain = format!("url = \"http://rabbit.example:15672\"\n{login}");
        assert!(management(&plain).unwrap_err()[0].contains("broker.management.url"));
        assert!(management(&format!("{plain}\nallow_plain = [\"rabbit.example\"]")).is_ok());
    }

    #[test]
    fn what_is_wrong_with_it_is_named() {
        let url = "url = \"https://rabbit.example\"";
        for (lines, key) in [
            (url.to_owned(), "broker.management"),
            (format!("{url}\nuser = \"a:b\"\npassword_file = \"x\""), "broker.management.user"),
            (format!("{url}\nuser = 7\npassword_file = \"x\""), "broker.management.user"),
            (format!("{url}\nuser = \"hub\"\npassword = \"secret\""), "broker.management.password"),
            ("url = \"https://hub:secret@rabbit.example\"".to_owned(), "broker.management.url"),
        ] {
            let faults = management(&lines).unwrap_err();
            assert!(
                faults.iter().any(|it| it.contains(&format!("`{key}`")) && !it.contains("secret")),
                "{lines}: {faults:?}"
            );
        }
        assert!(with("[broker]\nmanagement = \"https://x\"", &[]).unwrap_err()[0].contains("broker.management"));
    }

    #[test]
    fn traces_go_in_plain_and_a_token_does_not() {
        let otlp = |lines: &str| with(&format!("[telemetry]\n{lines}"), &[]).map(|it| it.telemetry.otlp);
        assert!(otlp("otlp = \"http://collector.example:4318\"").unwrap().is_some());
        let faults = otlp("otlp = \"http://collector.example:4318\"\notlp_token_file = \"token\"").unwrap_err();
        assert!(faults[0].contains("telemetry.otlp"), "{faults:?}");
        assert!(otlp("otlp = \"https://collector.example\"\notlp_token_file = \"token\"").is_ok());
        assert!(otlp("otlp_token_file = \"token\"").unwrap_err()[0].contains("telemetry.otlp_token_file"));
        assert!(otlp("otlp = true").unwrap_err()[0].contains("telemetry.otlp"));
    }
}
