//! The loops that tell teams outside the console what waits there.

use std::sync::Arc;

use anyhow::{Result, anyhow};

use super::{Assembly, listed};
use crate::config::{Fault, Settings};
use crate::nudge::watch::{Watch, Way};
use crate::nudge::words::About;
use crate::web::Endpoint;

/// Starts one for each way of telling each team.
pub(super) fn start(assembly: &mut Assembly, settings: &Settings, console: &str) -> Result<()> {
    let public = settings.console.set_up.origin.public.as_deref().unwrap_or(console);
    let link = format!("{public}/indbakke");
    let server = settings.notices.server.clone().map(Arc::new);
    let mut faults = Vec::new();
    for (id, team) in &settings.notices.mailboxes {
        let Some(mailbox) = assembly.desk.world.mailboxes.get(id) else { continue };
        let about = About { id: id.to_string(), name: mailbox.name.clone(), link: link.clone() };
        let mail = server.clone().filter(|_| !team.mail.is_empty());
        let mut ways: Vec<Way> = mail.map(|server| Way::Mail(server, team.mail.clone())).into_iter().collect();
        if let Some(web) = &team.webhook {
            match Endpoint::open(web.clone(), assembly.desk.clock.clone()) {
                Ok(endpoint) => ways.push(Way::Webhook(Box::new(endpoint))),
                Err(unusable) => {
                    let place = format!("`notice.{}.webhook.{}`", about.id.replace('/', "."), unusable.setting());
                    faults.push(Fault { place, what: unusable.to_string() });
                }
            }
        }
        for way in ways {
            let watch = Watch {
                ledger: assembly.desk.ledger.clone(),
                clock: assembly.desk.clock.clone(),
                health: assembly.desk.health.clone(),
                about: about.clone(),
                way,
                every: team.every,
                hours: team.hours,
            };
            let stop = assembly.stop.clone();
            assembly.tasks.start("notices", async move {
                watch.run(stop).await;
                Ok(())
            });
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(anyhow!(listed(&faults))) }
}
