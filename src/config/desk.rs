//! `[console]`: where people look at the hub.

use std::time::Duration;

use serde_json::Value;

use super::Console;
use super::read::Reader;
use super::value::{self, Expected};
use crate::console::{Lasting, Origin, Settings};
use crate::web::address::Net;

impl Reader {
    /// The console.
    pub(super) fn console(&mut self) -> Option<Console> {
        let listen = self.value("console.listen", value::address, ([127, 0, 0, 1], 8155).into());
        let public = self.value("console.url", |value| origin(value).map(Some), None);
        let idle = self.value("console.idle", value::duration, Duration::from_hours(1));
        let longest = self.value("console.longest", value::duration, Duration::from_hours(12));
        let local = self.value("console.local", value::yes_or_no, true);
        let proxies = self.value("console.proxies", proxies, Vec::new());
        let openid = self.openid();
        let edit_approval = self.value("console.edit_approval", value::yes_or_no, true);
        let (listen, public) = (listen?, public?);
        if public.is_none() && !listen.ip().is_loopback() {
            let what = "is missing: the console can be reached from elsewhere, so say by which address, as in \"https://budstikke.dragoer.example\"";
            return self.fault("console.url", what);
        }
        let (local, openid) = (local?, openid?);
        if !local && openid.is_none() {
            return self.fault("console.local", "is false, and there is no [console.openid]: nobody would get in");
        }
        let lasting = Lasting { idle: idle?, longest: longest? };
        let (proxies, edit_approval) = (proxies?, edit_approval?);
        let set_up = Settings { origin: Origin { public }, lasting, local, proxies, openid, edit_approval };
        Some(Console { listen, set_up })
    }
}

fn proxies(value: &Value) -> Result<Vec<Net>, Expected> {
    const EXPECTED: Expected = "addresses and blocks of them, as in [\"127.0.0.1\", \"10.20.0.0/16\"]";
    let texts = value::texts(value).map_err(|_other| EXPECTED)?;
    texts.iter().map(|text| Net::parse(text).ok_or(EXPECTED)).collect()
}

/// An address without a path, encrypted.
fn origin(value: &Value) -> Result<String, Expected> {
    const EXPECTED: Expected = "an encrypted address without a path, as in \"https://budstikke.dragoer.example\"";
    let text = value.as_str().ok_or(EXPECTED)?.trim_end_matches('/');
    // Browsers leave the usual port out.
    let text = text.strip_suffix(":443").unwrap_or(text);
    let host = text.strip_prefix("https://").ok_or(EXPECTED)?;
    let good = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b':');
    (!host.is_empty() && host.bytes().all(good)).then(|| text.to_owned()).ok_or(EXPECTED)
}

#[cfg(test)]
mod tests {
    use super::super::read::tests::with;

    #[test]
    fn a_second_person_is_asked_unless_it_is_said_otherwise() {
        let read = |text: &str| with(text, &[]).map(|settings| settings.console.set_up.edit_approval);
        assert!(read("").unwrap(), "as it is shipped");
        assert!(!read("[console]\nedit_approval = false").unwrap());
        for wrong in ["1", "\"perhaps\"", "[]"] {
            let fault = read(&format!("[console]\nedit_approval = {wrong}")).unwrap_err().concat();
            assert!(fault.contains("console.edit_approval"), "{fault}");
        }
    }

    #[test]
    fn who_may_come_from_elsewhere_comes_encrypted() {
        let fault = |text: &str| with(text, &[]).unwrap_err().concat();
        assert!(fault("[console]\nlisten = \"0.0.0.0:8155\"").contains("console.url"));
        for url in ["http://hub.example", "hub.example", "https://", "https://hub.example/x", "https://HUB.example"] {
            assert!(fault(&format!("[console]\nurl = \"{url}\"")).contains("console.url"), "{url}");
        }
        let settings = with("[console]\nlisten = \"0.0.0.0:8155\"\nurl = \"https://hub.example/\"", &[]).unwrap();
        assert_eq!(settings.console.set_up.origin.public.as_deref(), Some("https://hub.example"));
        for (text, key) in [
            ("proxies = [\"proxy.example\"]", "console.proxies"),
            ("local = \"yes\"", "console.local"),
            ("local = false", "console.openid"),
        ] {
            assert!(fault(&format!("[console]\n{text}")).contains(key), "{text}");
        }
        let usual = with("[console]\nurl = \"https://hub.example:443\"", &[]).unwrap();
        assert_eq!(usual.console.set_up.origin.public.as_deref(), Some("https://hub.example"));
    }
}
