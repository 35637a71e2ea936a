//! The loops that tell teams outside the console what waits there.

use std::sync::Arc;

use super::Assembly;
use crate::config::Settings;
use crate::nudge::watch::{Watch, Way};
use crate::nudge::words::About;

/// Starts one for each way of telling each team.
pub(super) fn start(assembly: &mut Assembly, settings: &Settings, console: &str) {
    let public = settings.console.set_up.origin.public.as_deref().unwrap_or(console);
    let link = format!("{public}/indbakke");
    let server = settings.notices.server.clone().map(Arc::new);
    for (id, team) in &settings.notices.mailboxes {
        let Some(mailbox) = assembly.desk.world.mailboxes.get(id) else { continue };
        let about = About { id: id.to_string(), name: mailbox.name.clone(), link: link.clone() };
        let mail = server.clone().filter(|_| !team.mail.is_empty());
        let mail = mail.map(|server| Way::Mail(server, team.mail.clone()));
        let webhook = assembly.ways.webhooks.remove(id).map(|endpoint| Way::Webhook(Box::new(endpoint)));
        for way in mail.into_iter().chain(webhook) {
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
}
