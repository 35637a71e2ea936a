//! The mailboxes that are reached by HTTP: that they are is agreed, where they are is set here.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Fault;
use super::read::Reader;
use super::value::{self, Expected};
use crate::agreement::model::{Channel, Mailbox, MailboxId};
use crate::deliver::carrier::HttpMailbox;

/// The name of a setting in the environment as it is in the file. Names of parties and teams have
/// hyphens, which most shells take in no variable: they are `_` there.
pub(super) fn spelt(variable: &str) -> String {
    let mut parts: Vec<String> = variable.split("__").map(str::to_owned).collect();
    let of_team = |section: &String| ["mailbox", "notice"].iter().any(|it| section.eq_ignore_ascii_case(it));
    if parts.get(1).is_some_and(of_team) && parts.len() > 3 {
        for part in parts.iter_mut().skip(2).take(2) {
            *part = part.replace('_', "-");
        }
    }
    parts.join("__")
}

impl Reader {
    /// `[mailbox.<party>.<team>]`, for each.
    pub(super) fn mailboxes(&mut self) -> BTreeMap<String, HttpMailbox> {
        let mut found = BTreeMap::new();
        let Some(parties) = self.tree().get("mailbox").cloned() else { return found };
        for (party, teams) in parties.as_object().into_iter().flatten() {
            for (team, section) in teams.as_object().into_iter().flatten() {
                let key = format!("mailbox.{party}.{team}");
                if section.is_object() {
                    let mailbox = self.mailbox(&key);
                    found.extend(mailbox.map(|mailbox| (format!("{party}/{team}"), mailbox)));
                } else {
                    self.known(&key);
                    self.fault::<()>(&key, "must be a section for a team, as in [mailbox.dragoer.ydelse]");
                }
            }
        }
        found
    }

    fn mailbox(&mut self, section: &str) -> Option<HttpMailbox> {
        let web = self.web(section);
        let at_once = self.number(&format!("{section}.at_once"), 1, 8);
        let duplicates = self.value(&format!("{section}.duplicates"), duplicates, BTreeSet::new());
        Some(HttpMailbox { web: web?, at_once: at_once?, duplicates: duplicates? })
    }
}

fn duplicates(value: &Value) -> Result<BTreeSet<u16>, Expected> {
    const EXPECTED: Expected = "statuses by which it says that it has a delivery already, of [409, 412]";
    let written = match value.as_array() {
        Some(statuses) => Ok(statuses.clone()),
        None => value::texts(value).map(|texts| texts.into_iter().map(Value::String).collect()),
    };
    let statuses = written.and_then(|statuses| statuses.iter().map(value::count).collect::<Result<Vec<_>, _>>());
    let statuses = statuses.map_err(|_other| EXPECTED)?;
    let known = |status: u64| u16::try_from(status).ok().filter(|status| matches!(status, 409 | 412));
    statuses.into_iter().map(|status| known(status).ok_or(EXPECTED)).collect()
}

/// Where settings and agreement do not say the same.
pub fn differ(set: &BTreeMap<String, HttpMailbox>, agreed: &BTreeMap<MailboxId, Mailbox>) -> Vec<Fault> {
    let section = |id: &str| format!("[mailbox.{}]", id.replace('/', "."));
    let mut faults = Vec::new();
    for mailbox in agreed.values().filter(|mailbox| mailbox.channels.contains(&Channel::Http)) {
        let id = mailbox.id.as_str();
        if !set.contains_key(id) {
            let what = format!("is missing: the agreement reaches `{id}` by http, so its `url` must be set");
            faults.push(Fault { place: section(id), what });
        }
    }
    for id in set.keys() {
        let agreed = MailboxId::parse(id).and_then(|id| agreed.get(&id));
        let what = match agreed {
            Some(mailbox) if mailbox.channels.contains(&Channel::Http) => continue,
            Some(_) => {
                format!("the agreement does not reach `{id}` by http: add it to its `kanaler`, or take this away")
            }
            None => format!("no agreement has a mailbox `{id}`"),
        };
        faults.push(Fault { place: section(id), what });
    }
    faults.sort();
    faults
}

#[cfg(test)]
mod tests {
    use super::super::read::tests::with;
    use super::*;
    use crate::agreement::model::Body;
    use crate::web::token::Access;

    const URL: &str = "url = \"https://ydelse.example/in\"";

    fn fault(text: &str) -> String {
        let faults = with(text, &[]).unwrap_err();
        assert_eq!(faults.len(), 1, "{faults:#?}");
        faults[0].clone()
    }

    #[test]
    fn a_section_says_where_a_mailbox_is_and_how_one_gets_in() {
        let text = format!(
            "[mailbox.dragoer.ydelse]\n{URL}\ntoken_url = \"https://sts.example/token\"\nclient_id = \"hub\"\n\
             client_secret_file = \"secret\"\nscope = \"ydelse\"\nca_file = \"ca.pem\"\ntimeout = \"10s\"\nat_once = 2\n\
             duplicates = [409, 412]\nallow_private = [\"ESB.example\", \"10.0.0.0/8\", \"fd00::1\"]"
        );
        let settings = with(&text, &[]).unwrap();
        let mailbox = &settings.mailboxes["dragoer/ydelse"];
        assert_eq!(mailbox.web.url.as_str(), "https://ydelse.example/in");
        assert_eq!((mailbox.at_once, mailbox.web.timeout.as_secs(), mailbox.web.connect_timeout.as_secs()), (2, 10, 5));
        assert_eq!(mailbox.duplicates, BTreeSet::from([409, 412]));
        assert_eq!((mailbox.web.reach.hosts.len(), mailbox.web.reach.nets.len()), (1, 2));
        assert!(matches!(&mailbox.web.access, Access::Client(it) if it.secret_file.is_absolute()));
        assert!(mailbox.web.tls.ca_file.as_ref().unwrap().ends_with("ca.pem"));
    }

    /// What it has not said that its statuses mean, is not guessed.
    #[test]
    fn no_status_means_a_duplicate_unless_the_mailbox_says_so() {
        let settings = with(&format!("[mailbox.dragoer.ydelse]\n{URL}"), &[]).unwrap();
        assert_eq!(settings.mailboxes["dragoer/ydelse"].duplicates, BTreeSet::new());
    }

    #[test]
    fn the_environment_names_a_mailbox_too() {
        let environment = [
            ("BUDSTIKKE__MAILBOX__TAARNBY__SIKKER_START__URL", "https://a.example/"),
            ("BUDSTIKKE__MAILBOX__TAARNBY__SIKKER_START__AT_ONCE", "3"),
            ("BUDSTIKKE__MAILBOX__TAARNBY__SIKKER_START__DUPLICATES", "409"),
            ("BUDSTIKKE__MAILBOX__TAARNBY__SIKKER_START__ALLOW_PRIVATE", "127.0.0.1, b.example"),
        ];
        let text = "[mailbox.taarnby.sikker-start]\nurl = \"https://overruled.example/\"\ntoken_file = \"token\"";
        let settings = with(text, &environment).unwrap();
        let mailbox = &settings.mailboxes["taarnby/sikker-start"];
        assert_eq!((mailbox.web.url.as_str(), mailbox.at_once), ("https://a.example/", 3));
        assert_eq!((mailbox.web.reach.hosts.len(), mailbox.web.reach.nets.len()), (1, 1));
        assert_eq!(mailbox.duplicates, BTreeSet::from([409]));
        assert!(matches!(mailbox.web.access, Access::TokenFile(_)));
        let faults = with("", &[("BUDSTIKKE__MAILBOX__TAARNBY__SIKKER_START__URL", "ftp://x")]).unwrap_err();
        assert!(
            faults[0].contains("from the environment, BUDSTIKKE__MAILBOX__TAARNBY__SIKKER_START__URL"),
            "{faults:?}"
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        let section = "[mailbox.dragoer.ydelse]\n";
        for (rest, key, says) in [
            ("", "url", "is missing"),
            ("url = 1", "url", "must be an address"),
            ("url = \"https://user:pass@a.example/\"", "url", "without user"),
            ("url = \"http://a.example/\"", "url", "not encrypted"),
            ("url = \"https://127.1/\"", "url", "private"),
            ("url = \"https://[::ffff:10.0.0.1]/\"", "url", "private"),
            (&format!("{URL}\ncert_file = \"a.pem\""), "key_file", "is missing beside"),
            (&format!("{URL}\nclient_id = \"hub\""), "token_url", "is missing"),
            (&format!("{URL}\ntoken_file = \"a\"\nscope = \"b\""), "token_file", "one of the two"),
            (&format!("{URL}\nallow_private = [\"a/b\"]"), "allow_private", "blocks of addresses"),
            (&format!("{URL}\nallow_plain = [1]"), "allow_plain", "names of hosts"),
            (&format!("{URL}\nduplicates = [200]"), "duplicates", "409, 412"),
            (&format!("{URL}\nat_once = 0"), "at_once", "at least 1"),
            (&format!("{URL}\ntimout = \"1s\""), "timout", "did you mean `mailbox.dragoer.ydelse.timeout`"),
        ] {
            let fault = fault(&format!("{section}{rest}"));
            assert!(
                fault.contains(&format!("`mailbox.dragoer.ydelse.{key}`")) && fault.contains(says),
                "{rest}: {fault}"
            );
        }
        assert!(fault("[mailbox.dragoer]\nurl = \"https://a.example/\"").contains("section for a team"));
    }

    #[test]
    fn settings_and_agreement_must_say_the_same() {
        let mailbox = |id: &str, channels: &[Channel]| {
            let id = MailboxId::parse(id).unwrap();
            (id.clone(), Mailbox { id, name: String::new(), channels: channels.to_vec(), body: Body::Event })
        };
        let agreed = BTreeMap::from([
            mailbox("dragoer/a", &[Channel::Amqp, Channel::Http]),
            mailbox("dragoer/b", &[Channel::Http]),
            mailbox("dragoer/c", &[Channel::Amqp]),
        ]);
        let of = |teams: &[&str]| {
            let section = |team: &&str| format!("[mailbox.dragoer.{team}]\n{URL}\n");
            let settings = with(&teams.iter().map(section).collect::<String>(), &[]).unwrap();
            differ(&settings.mailboxes, &agreed).iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(of(&["a", "b"]), Vec::<String>::new());
        let faults = of(&["a", "c", "d"]);
        assert!(faults[0].starts_with("[mailbox.dragoer.b]: is missing"), "{faults:?}");
        assert!(faults[1].contains("does not reach `dragoer/c` by http"), "{faults:?}");
        assert!(faults[2].contains("no agreement has a mailbox `dragoer/d`"), "{faults:?}");
    }
}
