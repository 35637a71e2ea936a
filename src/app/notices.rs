//! The loops that tell teams outside the console what waits there.

use std::sync::Arc;

use super::Assembly;
use crate::config::Settings;
use crate::ledger::Ledger;
use crate::nudge::watch::{MAIL, WEBHOOK, Watch, Way};
use crate::nudge::words::About;
use crate::telemetry;

/// Notes what lay in the inboxes of those who are told from now on, before anything more comes. A ledger that
/// takes nothing now does not keep the hub from starting; all of it then counts as new.
pub(super) async fn begin(ledger: &Ledger, settings: &Settings) {
    let teams = settings.notices.mailboxes.iter();
    let ways = teams.flat_map(|(id, team)| {
        let ways = [(MAIL, !team.mail.is_empty()), (WEBHOOK, team.webhook.is_some())];
        ways.into_iter().filter(|(_, is_told)| *is_told).map(|(way, _)| (id.to_string(), way))
    });
    let ways: Vec<(String, &'static str)> = ways.collect();
    if ways.is_empty() {
        return;
    }
    let begun = ledger.write(move |tx| ways.iter().try_for_each(|(mailbox, way)| tx.begin_telling(mailbox, way))).await;
    if let Err(error) = begun {
        tracing::error!(error = %telemetry::chain(&error), "what lies in inboxes could not be noted as known");
    }
}

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
