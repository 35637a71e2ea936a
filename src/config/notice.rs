//! Whom the hub tells that something waits in the console: the mail server (`[mail]`), and for each
//! mailbox how its team is told (`[notice.<party>.<team>]`).

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use jiff::civil::Time;
use serde_json::Value;

use super::Fault;
use super::read::Reader;
use super::value::{self, Expected};
use crate::agreement::model::{Mailbox, MailboxId};
use crate::nudge::mail::{Address, Encryption, Server};
use crate::nudge::plan::Hours;
use crate::nudge::{Settings, Team};

impl Reader {
    /// `[mail]` and `[notice.<party>.<team>]`.
    pub(super) fn notices(&mut self) -> Option<Settings> {
        let server = self.mail_server();
        let mailboxes = self.teams();
        let server = server?;
        if server.is_none()
            && let Some((id, _)) = mailboxes.iter().find(|(_, team)| !team.mail.is_empty())
        {
            let key = format!("notice.{}.mail", id.as_str().replace('/', "."));
            return self.fault(&key, "needs a server: write [mail] with `host` and `from`");
        }
        Some(Settings { server, mailboxes })
    }

    #[expect(clippy::option_option, reason = "not set and wrong are different things")]
    fn mail_server(&mut self) -> Option<Option<Server>> {
        if !self.tree().contains_key("mail") {
            return Some(None);
        }
        let text = |value: &Value| value::text(value).map(Some);
        let host = self.value("mail.host", |value| host(value).map(Some), None);
        let encryption = self.value("mail.tls", encryption, Encryption::StartTls);
        let port = self.number("mail.port", 1, 0_u16);
        let from = self.value("mail.from", |value| address(value).map(Some), None);
        let user = self.value("mail.user", text, None);
        let (password_file, ca_file) = (self.path("mail.password_file"), self.path("mail.ca_file"));
        let timeout = self.value("mail.timeout", value::duration, Duration::from_secs(30));
        let (encryption, port) = (encryption?, port?);
        let Some(host) = host? else { return self.fault("mail.host", "is missing, as in \"smtp.dragoer.example\"") };
        let Some(from) = from? else {
            return self.fault("mail.from", "is missing, as in \"budstikke@dragoer.example\"");
        };
        if encryption == Encryption::None && !is_loopback(&host) {
            return self.fault(
                "mail.tls",
                "must be \"starttls\" or \"tls\": only to this machine itself mail goes unencrypted",
            );
        }
        let user = match (user?, password_file?) {
            (Some(user), Some(file)) => Some((user, file)),
            (None, None) => None,
            (Some(_), None) => return self.fault("mail.password_file", "is missing beside `mail.user`"),
            (None, Some(_)) => return self.fault("mail.user", "is missing beside `mail.password_file`"),
        };
        if encryption == Encryption::None && user.is_some() {
            return self.fault("mail.tls", "must be \"starttls\" or \"tls\": a password is not sent unencrypted");
        }
        let usual = match encryption {
            Encryption::Tls => 465,
            Encryption::StartTls => 587,
            Encryption::None => 25,
        };
        let port = if port == 0 { usual } else { port };
        Some(Some(Server { host, port, encryption, ca_file: ca_file?, user, from, timeout: timeout? }))
    }

    fn teams(&mut self) -> BTreeMap<MailboxId, Team> {
        let mut found = BTreeMap::new();
        let Some(parties) = self.tree().get("notice").cloned() else { return found };
        for (party, teams) in parties.as_object().into_iter().flatten() {
            for (team, section) in teams.as_object().into_iter().flatten() {
                let key = format!("notice.{party}.{team}");
                match MailboxId::parse(&format!("{party}/{team}")) {
                    Some(id) if section.is_object() => found.extend(self.team(&key, section).map(|team| (id, team))),
                    Some(_) | None => {
                        self.known(&key);
                        self.fault::<()>(&key, "must be a section for a team, as in [notice.dragoer.ydelse]");
                    }
                }
            }
        }
        found
    }

    fn team(&mut self, section: &str, written: &Value) -> Option<Team> {
        let key = |name: &str| format!("{section}.{name}");
        let mail = self.value(&key("mail"), addresses, Vec::new());
        let every = self.value(&key("every"), value::duration, Duration::from_hours(1));
        let from = self.value(&key("from"), time, Time::constant(7, 0, 0, 0));
        let to = self.value(&key("to"), time, Time::constant(17, 0, 0, 0));
        let working_days = self.value(&key("working_days"), value::yes_or_no, true);
        let webhook = match written.get("webhook") {
            Some(_) => Some(self.web(&key("webhook"))?),
            None => None,
        };
        let (mail, from, to) = (mail?, from?, to?);
        if mail.is_empty() && webhook.is_none() {
            return self.fault(&key("mail"), "is missing: write addresses, or a [….webhook] with its `url`");
        }
        if from >= to {
            return self.fault(&key("to"), "must be later in the day than `from`");
        }
        let hours = Hours { from, to, working_days: working_days? };
        Some(Team { mail, webhook, every: every?, hours })
    }
}

/// Where the settings tell of a mailbox that is in no agreement.
pub fn unknown(set: &Settings, agreed: &BTreeMap<MailboxId, Mailbox>) -> Vec<Fault> {
    let gone = set.mailboxes.keys().filter(|id| !agreed.contains_key(*id));
    let fault = |id: &MailboxId| Fault {
        place: format!("[notice.{}]", id.as_str().replace('/', ".")),
        what: format!("no agreement has a mailbox `{id}`"),
    };
    gone.map(fault).collect()
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn host(value: &Value) -> Result<String, Expected> {
    const EXPECTED: Expected = "the name of a host, as in \"smtp.dragoer.example\"";
    let text = value.as_str().ok_or(EXPECTED)?;
    let good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':');
    (!text.is_empty() && text.bytes().all(good)).then(|| text.to_owned()).ok_or(EXPECTED)
}

fn encryption(value: &Value) -> Result<Encryption, Expected> {
    match value.as_str() {
        Some("tls") => Ok(Encryption::Tls),
        Some("starttls") => Ok(Encryption::StartTls),
        Some("none") => Ok(Encryption::None),
        Some(_) | None => Err("\"starttls\", \"tls\" or \"none\""),
    }
}

fn address(value: &Value) -> Result<Address, Expected> {
    const EXPECTED: Expected = "an address of mail, as in \"budstikke@dragoer.example\"";
    value.as_str().and_then(Address::parse).ok_or(EXPECTED)
}

fn addresses(value: &Value) -> Result<Vec<Address>, Expected> {
    const EXPECTED: Expected = "addresses of mail, as in [\"ydelse@dragoer.example\"]";
    let texts = value::texts(value).map_err(|_other| EXPECTED)?;
    texts.iter().map(|text| Address::parse(text).ok_or(EXPECTED)).collect()
}

fn time(value: &Value) -> Result<Time, Expected> {
    const EXPECTED: Expected = "a time of day, as in \"07:00\"";
    let text = value.as_str().filter(|text| text.len() == 5).ok_or(EXPECTED)?;
    text.parse().map_err(|_unparsed| EXPECTED)
}

#[cfg(test)]
mod tests {
    use super::super::read::tests::with;
    use super::*;

    const SERVER: &str = "[mail]\nhost = \"smtp.example\"\nfrom = \"hub@dragoer.example\"\n";

    #[test]
    fn a_team_is_told_by_mail_or_webhook_in_its_hours() {
        let text = format!(
            "{SERVER}[notice.dragoer.ydelse]\nmail = [\"a@dragoer.example\", \"b@dragoer.example\"]\nevery = \"30m\"\n\
             from = \"08:00\"\nto = \"15:30\"\nworking_days = false\n\
             [notice.taarnby.jobcenter.webhook]\nurl = \"https://chat.example/hook\"\ntoken_file = \"token\""
        );
        let settings = with(&text, &[]).unwrap().notices;
        let team = |id: &str| settings.mailboxes[&MailboxId::parse(id).unwrap()].clone();
        let mailed = team("dragoer/ydelse");
        assert_eq!((mailed.mail.len(), mailed.every.as_secs(), mailed.hours.working_days), (2, 1800, false));
        assert!(team("taarnby/jobcenter").webhook.is_some() && team("taarnby/jobcenter").hours.working_days);
        let server = settings.server.unwrap();
        assert_eq!((server.port, server.encryption), (587, Encryption::StartTls));
        let nothing = with("", &[]).unwrap().notices;
        assert_eq!(nothing, Settings::default());
    }

    #[test]
    fn the_environment_names_a_team_too() {
        let environment = [
            ("BUDSTIKKE__MAIL__HOST", "127.0.0.1"),
            ("BUDSTIKKE__MAIL__PORT", "2525"),
            ("BUDSTIKKE__MAIL__TLS", "none"),
            ("BUDSTIKKE__MAIL__FROM", "hub@dragoer.example"),
            ("BUDSTIKKE__NOTICE__TAARNBY__SIKKER_START__MAIL", "a@taarnby.example, b@taarnby.example"),
        ];
        let settings = with("", &environment).unwrap().notices;
        assert_eq!(settings.server.unwrap().port, 2525);
        assert_eq!(settings.mailboxes[&MailboxId::parse("taarnby/sikker-start").unwrap()].mail.len(), 2);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let server = |rest: &str| format!("{SERVER}{rest}");
        let team = |rest: &str| format!("{SERVER}[notice.dragoer.ydelse]\n{rest}");
        for (text, key, says) in [
            ("[mail]\nfrom = \"a@b.example\"".to_owned(), "mail.host", "is missing"),
            ("[mail]\nhost = \"smtp.example\"".to_owned(), "mail.from", "is missing"),
            (server("tls = \"none\""), "mail.tls", "only to this machine"),
            (server("tls = true"), "mail.tls", "starttls"),
            (server("port = 0"), "mail.port", "at least 1"),
            (server("port = \"x\""), "mail.port", "whole number"),
            (server("timeout = 3"), "mail.timeout", "a time with its unit"),
            (server("user = \"hub\""), "mail.password_file", "is missing beside"),
            (server("password_file = \"p\""), "mail.user", "is missing beside"),
            ("[mail]\nhost = 1\nfrom = \"a@b.example\"".to_owned(), "mail.host", "name of a host"),
            ("[mail]\nhost = \"a.example\"\nfrom = \"nobody\"".to_owned(), "mail.from", "address of mail"),
            (team(""), "notice.dragoer.ydelse.mail", "is missing"),
            (team("mail = [\"x\"]"), "notice.dragoer.ydelse.mail", "addresses of mail"),
            (team("mail = [\"a@b.example\"]\nfrom = \"9\""), "notice.dragoer.ydelse.from", "time of day"),
            (team("mail = [\"a@b.example\"]\nto = \"06:00\""), "notice.dragoer.ydelse.to", "later in the day"),
            (team("mail = [\"a@b.example\"]\nevery = 1"), "notice.dragoer.ydelse.every", "a time with its unit"),
            (team("mail = [\"a@b.example\"]\nworking_days = 1"), "notice.dragoer.ydelse.working_days", "true or false"),
            (
                team("[notice.dragoer.ydelse.webhook]\nurl = \"http://a.example/\""),
                "notice.dragoer.ydelse.webhook.url",
                "not encrypted",
            ),
            (
                "[notice.dragoer.ydelse]\nmail = [\"a@b.example\"]".to_owned(),
                "notice.dragoer.ydelse.mail",
                "needs a server",
            ),
            ("[notice.dragoer]\nydelse = 1".to_owned(), "notice.dragoer.ydelse", "section for a team"),
        ] {
            let faults = with(&text, &[]).unwrap_err();
            assert!(
                faults.iter().any(|it| it.contains(&format!("`{key}`")) && it.contains(says)),
                "{text}: {faults:?}"
            );
        }
    }

    #[test]
    fn a_team_that_no_agreement_has_is_named() {
        let settings = with(&format!("{SERVER}[notice.odense.ydelse]\nmail = [\"a@b.example\"]"), &[]).unwrap();
        let faults = unknown(&settings.notices, &BTreeMap::new());
        assert_eq!(faults.len(), 1);
        assert!(faults[0].to_string().contains("odense/ydelse"), "{faults:?}");
    }
}
