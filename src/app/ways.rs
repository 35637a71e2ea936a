//! The ways to others that the settings name, opened before anything else is: their files are read, and
//! nothing is sent. So whoever checks the settings and whoever starts a hub hear of the same faults, all at once.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::agreement::model::MailboxId;
use crate::clock::Clock;
use crate::config::{Fault, Settings, mailbox, notice, openid};
use crate::console::Provider;
use crate::deliver::carrier::Http;
use crate::intake::World;
use crate::web::{self, Endpoint, Unusable};

/// The ways to others.
#[derive(Debug)]
pub struct Ways {
    /// To the mailboxes that are reached by HTTP.
    pub mailboxes: Arc<Http>,
    /// To what tells teams, by mailbox.
    pub webhooks: BTreeMap<MailboxId, Endpoint>,
    /// To the broker's management interface.
    pub management: Option<Endpoint>,
    /// To the collector of traces.
    pub collector: Option<Endpoint>,
    /// To whoever knows where a citizen lives.
    pub residence: Option<Endpoint>,
    /// To what thin events are about, by source.
    pub content: BTreeMap<String, Endpoint>,
    /// To the municipality's sign-in.
    pub sign_in: Option<Provider>,
}

/// Opens them.
///
/// # Errors
/// All faults: where settings and agreement do not say the same, and files that cannot be used.
pub fn ways(settings: &Settings, world: &World, clock: &Clock) -> Result<Box<Ways>, Vec<Fault>> {
    let openid = settings.console.set_up.openid.as_ref();
    let mut faults = mailbox::differ(&settings.mailboxes, &world.mailboxes);
    faults.extend(notice::unknown(&settings.notices, &world.mailboxes));
    faults.extend(openid::differ(openid, &world.mailboxes));
    let mut opening = Opening { clock, faults };
    let mut mailboxes = Http::new(clock.clone());
    for (id, mailbox) in &settings.mailboxes {
        opening.keep(&format!("mailbox.{}", id.replace('/', ".")), mailboxes.add(id, mailbox));
    }
    // These two are read again for each mail and at each start.
    if let Some(server) = &settings.notices.server {
        opening.keep("mail", server.check());
    }
    if let Some(file) = &settings.broker.password_file {
        opening.keep("broker", readable("password_file", file));
    }
    let webhooks = settings.notices.mailboxes.iter().filter_map(|(id, team)| Some((id, team.webhook.as_ref()?)));
    let webhooks = webhooks.filter_map(|(id, web)| {
        let section = format!("notice.{}.webhook", id.as_str().replace('/', "."));
        Some((id.clone(), opening.endpoint(&section, web)?))
    });
    let webhooks = webhooks.collect();
    let content = settings.fetch.iter().filter_map(|(source, asked)| {
        Some((source.clone(), opening.endpoint(&format!("fetch.{source}"), &asked.web)?))
    });
    let content = content.collect();
    let (residence, management) = (settings.residence.as_ref(), settings.broker.management.as_ref());
    let ways = Ways {
        mailboxes: Arc::new(mailboxes),
        webhooks,
        management: management.and_then(|web| opening.endpoint("broker.management", web)),
        collector: settings.telemetry.otlp.as_ref().and_then(|web| opening.collector(web)),
        residence: residence.and_then(|it| opening.endpoint("residence", &it.asked.web)),
        content,
        sign_in: openid.and_then(|it| opening.keep("console.openid", Provider::open(it.clone(), clock.clone()))),
    };
    if opening.faults.is_empty() { Ok(Box::new(ways)) } else { Err(opening.faults) }
}

/// Whether a file can be read.
fn readable(setting: &'static str, file: &Path) -> Result<(), Unusable> {
    let read = std::fs::read_to_string(file);
    read.map(drop).map_err(|_unread| Unusable::File { setting, path: file.to_owned() })
}

/// Opening one after the other, whatever is wrong with those before.
struct Opening<'a> {
    clock: &'a Clock,
    faults: Vec<Fault>,
}

impl Opening<'_> {
    fn endpoint(&mut self, section: &str, web: &web::Settings) -> Option<Endpoint> {
        let opened = Endpoint::open(web.clone(), self.clock.clone());
        self.keep(section, opened)
    }

    /// The settings of this one have no section of their own.
    fn collector(&mut self, web: &web::Settings) -> Option<Endpoint> {
        let opened = Endpoint::open(web.clone(), self.clock.clone());
        self.note(|setting| format!("`telemetry.otlp_{setting}`"), opened)
    }

    fn keep<T>(&mut self, section: &str, opened: Result<T, Unusable>) -> Option<T> {
        self.note(|setting| format!("`{section}.{setting}`"), opened)
    }

    fn note<T>(&mut self, place: impl FnOnce(&str) -> String, opened: Result<T, Unusable>) -> Option<T> {
        match opened {
            Ok(opened) => Some(opened),
            Err(unusable) => {
                self.faults.push(Fault { place: place(unusable.setting()), what: unusable.to_string() });
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::Registry;

    /// What is said of settings that name files that are not there.
    fn said(text: &str) -> Vec<String> {
        let (folder, agreement) =
            (tempfile::tempdir().unwrap(), concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/agreement"));
        let file = folder.path().join("budstikke.toml");
        std::fs::write(&file, format!("[agreement]\nfolder = \"{agreement}\"\n{text}")).unwrap();
        let settings = Settings::read(&file).unwrap();
        let world = crate::app::world(&settings, Registry::default()).unwrap();
        match ways(&settings, &world, &Clock::system()) {
            Ok(_) => Vec::new(),
            Err(faults) => faults.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn every_way_whose_file_is_missing_is_named_at_once() {
        let url = "url = \"https://a.example/\"";
        let text = format!(
            "[broker]\nurl = \"amqps://hub@a.example\"\npassword_file = \"gone\"\n\
             [mail]\nhost = \"smtp.example\"\nfrom = \"hub@a.example\"\nuser = \"hub\"\npassword_file = \"gone\"\n\
             [broker.management]\n{url}\nuser = \"hub\"\npassword_file = \"gone\"\n\
             [telemetry]\notlp = \"https://a.example/\"\notlp_token_file = \"gone\"\n\
             [residence]\n{url}\ntoken_file = \"gone\"\n\
             [fetch.momentum]\n{url}\nca_file = \"gone\"\n\
             [notice.dragoer.ydelse.webhook]\n{url}\ntoken_file = \"gone\"\n\
             [console]\nurl = \"https://hub.example\"\n\
             [console.openid]\nissuer = \"https://login.example\"\nclient_id = \"hub\"\nclient_secret_file = \"gone\"\n\
             [console.openid.roles]\nx = [\"operator\"]\n"
        );
        let said = said(&text);
        let keys = [
            "mail.password_file",
            "broker.password_file",
            "notice.dragoer.ydelse.webhook.token_file",
            "fetch.momentum.ca_file",
            "broker.management.password_file",
            "telemetry.otlp_token_file",
            "residence.token_file",
            "console.openid.client_secret_file",
        ];
        for key in keys {
            assert!(said.iter().any(|fault| fault.starts_with(&format!("`{key}`: "))), "{key}: {said:#?}");
        }
        assert_eq!(said.len(), keys.len(), "{said:#?}");
    }

    #[test]
    fn where_nothing_is_named_nothing_is_wrong() {
        assert_eq!(said(""), Vec::<String>::new());
    }
}
