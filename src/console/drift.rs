//! Operations: one page that says whether everything is all right, live.

mod problems;
#[cfg(test)]
mod tests;
mod view;

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State as Extract;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use tokio::sync::Mutex;

use super::Console;
use super::access::Right;
use super::fault::{Fault, page_of};
use super::gate::{Posted, Visitor};
use super::layout::{Frame, Place};
use super::live;
use super::names;
use super::pulse::Pulse;
use budstikke_contract::event::danish_day;
use jiff::Timestamp;

use crate::agreement::model::Channel;
use crate::broker::{Depth, topology};
use crate::control::{self, Command};
use crate::intake::prepare::CONSOLE;
use crate::ledger::Reader;
use crate::ledger::beat::Way;
use crate::ledger::overview::Backlog;
use crate::ledger::reply::VANS;
use view::{Drift, Mailbox, Seen, Source};

/// What was seen last, for all who look.
#[derive(Debug, Default)]
pub(super) struct Board {
    pub(super) seen: live::Seen,
    pulse: Mutex<(Option<i64>, Pulse)>,
    /// Since when something lies in each source's queue, as far as anybody has looked.
    lying: Mutex<BTreeMap<String, Timestamp>>,
}

#[derive(Template)]
#[template(path = "drift.html", config = "src/console/askama.toml")]
struct Page {
    frame: Frame,
    live: Arc<str>,
}

#[derive(Template)]
#[template(path = "drift-live.html", config = "src/console/askama.toml")]
struct Live {
    drift: Drift,
}

/// Where it is served.
pub(super) fn routes() -> Router<Arc<Console>> {
    Router::new().route("/drift", get(page)).route("/drift/live", get(stream)).route("/drift/pause", post(pause))
}

/// The page.
async fn page(Extract(console): Extract<Arc<Console>>, visitor: Visitor) -> Result<Response, Fault> {
    visitor.needs(Right::Operate)?;
    let live = console.drift_live().await?;
    Ok(page_of(&Page { frame: Frame::new(&visitor, Some(Place::Operations)), live }))
}

/// The same, as it changes.
async fn stream(Extract(console): Extract<Arc<Console>>, visitor: Visitor) -> Result<Response, Fault> {
    visitor.needs(Right::Operate)?;
    let may = |visitor: &Visitor| visitor.person.may(Right::Operate);
    Ok(live::stream(console, &visitor, may, |console| Box::pin(async move { console.drift_live().await })))
}

/// Pauses a source or a mailbox, or lets it go on.
async fn pause(Extract(console): Extract<Arc<Console>>, posted: Posted) -> Result<Response, Fault> {
    posted.visitor.needs(Right::Operate)?;
    let (pause, resume) = (posted.one("pause"), posted.one("resume"));
    let target = if pause.is_empty() { resume } else { pause }.to_owned();
    control::check_target(&console.hub.desk.world, &target).map_err(|_in_english| {
        Fault::Refused("Der er ingen kilde, postkasse eller vej af det navn. Intet er ændret.".to_owned())
    })?;
    let command = if pause.is_empty() { Command::Resume { target } } else { Command::Pause { target } };
    console.acts(&posted.visitor.person.user, command).await?;
    Ok(Redirect::to("/drift").into_response())
}

impl Console {
    /// What the page shows now.
    async fn drift_live(&self) -> Result<Arc<str>, Fault> {
        let make = async {
            let now = self.hub.desk.clock.now();
            let drift = Drift::of(&self.look().await?, now);
            live::written(&Live { drift })
        };
        self.board.seen.or_made(make).await
    }

    /// Looks at everything once.
    async fn look(&self) -> Result<Seen, Fault> {
        let desk = &self.hub.desk;
        let pulse = self.feel().await?;
        let queued = desk.world.sources().filter(|id| *id != CONSOLE);
        let queues: Vec<String> = queued.map(topology::source_queue).collect();
        let outs = desk.world.queued().map(|it| topology::mailbox_queue(it.id.as_str()));
        let names: Vec<String> = queues.into_iter().chain(outs).chain([topology::VANS.to_owned()]).collect();
        let asked: Vec<&str> = names.iter().map(String::as_str).collect();
        let depths = self.hub.broker.depths(&asked).await;
        let depths: BTreeMap<String, Depth> =
            names.iter().cloned().zip(depths).filter_map(|(name, depth)| Some((name, depth?))).collect();
        let today = danish_day(desk.clock.now());
        let mut mailboxes = self.mailboxes(&depths, &pulse);
        let mut sources = self.sources_seen(&depths, &pulse).await;
        let read = move |reader: &mut Reader<'_>| {
            let (paused, backlogs) = (reader.paused_by()?, reader.backlogs()?);
            for mailbox in &mut mailboxes {
                of_ledger(reader, mailbox, &backlogs)?;
            }
            for source in sources.iter_mut().filter(|source| source.rhythm.last.is_none()) {
                source.rhythm.last = reader.last_came(&source.id)?;
            }
            Ok((sources, mailboxes, paused, reader.parked_groups()?, reader.duties_owed(today)?, reader.balance()?))
        };
        let (sources, mailboxes, paused, parked, owed, balance) = desk.ledger.read(read).await?;
        let mut names = names::parties(desk.world.book.newest());
        let late = owed.into_iter().filter(|(_, owed)| owed.late > 0);
        let late = late.map(|(party, owed)| (names.remove(&party).unwrap_or(party), owed.late)).collect();
        Ok(Seen {
            sources,
            mailboxes,
            paused,
            parked,
            late,
            balance: Some(balance),
            broker: Some(desk.health.broker()),
            ledger: desk.health.ledger_trouble(),
            room: desk.health.room(),
            nodes: desk.health.nodes(),
            foreign: desk.health.foreign(),
            services: desk.health.services(),
            broken: desk.health.broken_ways(),
        })
    }

    /// The sources, as they were seen. How old what lies in a quorum queue is nobody says: it is at least
    /// as old as the queue was last seen empty, or something was last taken from it.
    async fn sources_seen(&self, depths: &BTreeMap<String, Depth>, pulse: &Pulse) -> Vec<Source> {
        let now = self.hub.desk.clock.now();
        let mut lying = self.board.lying.lock().await;
        let mut one = |id: String| {
            let depth = depths.get(&topology::source_queue(&id)).copied();
            let rhythm = pulse.of(&Way::In(id.clone()));
            let oldest = if depth.is_some_and(|depth| depth.messages > 0) {
                let first = *lying.entry(id.clone()).or_insert(now);
                Some(rhythm.last.map_or(first, |last| first.max(last)))
            } else {
                lying.remove(&id);
                None
            };
            Source { queueless: id == CONSOLE, id, depth, oldest, rhythm }
        };
        self.hub.desk.world.sources().map(|source| one(source.to_owned())).collect()
    }

    /// The mailboxes, by each way to them, and the way to the hospitals.
    fn mailboxes(&self, depths: &BTreeMap<String, Depth>, pulse: &Pulse) -> Vec<Mailbox> {
        let one = |id: &str, name: &str, channel: Channel, queue: &str| Mailbox {
            id: id.to_owned(),
            name: name.to_owned(),
            channel: channel.name().to_owned(),
            depth: depths.get(queue).copied(),
            rhythm: pulse.of(&Way::Out(id.to_owned(), channel.name().to_owned())),
            ..Mailbox::default()
        };
        let mut found = Vec::new();
        for mailbox in self.hub.desk.world.mailboxes.values() {
            let queue = topology::mailbox_queue(mailbox.id.as_str());
            found.extend(mailbox.channels.iter().map(|it| one(mailbox.id.as_str(), &mailbox.name, *it, &queue)));
        }
        found.push(one(VANS, "Kvitteringer til sygehuse", Channel::Amqp, topology::VANS));
        found
    }

    /// What came and went, up to now.
    async fn feel(&self) -> Result<Pulse, Fault> {
        let mut pulse = self.board.pulse.lock().await;
        let (place, counted) = &mut *pulse;
        let now = self.hub.desk.clock.now();
        counted.tick(now);
        loop {
            let from = *place;
            let read = move |reader: &mut Reader<'_>| {
                let from = from.map_or_else(|| reader.chain_before(Pulse::begin(now)), Ok)?;
                Ok((reader.beats_after(from)?, from))
            };
            let ((beats, until), from) = self.hub.desk.ledger.read(read).await?;
            *place = Some(until);
            counted.count(&beats);
            if until == from {
                return Ok(counted.clone());
            }
        }
    }
}

/// What the ledger knows of a mailbox.
fn of_ledger(reader: &mut Reader<'_>, mailbox: &mut Mailbox, backlogs: &[Backlog]) -> Result<(), crate::ledger::Error> {
    let own = |it: &&Backlog| it.mailbox == mailbox.id && it.channel == mailbox.channel;
    mailbox.backlog = backlogs.iter().find(own).cloned();
    // What left within the hour is known; this is for what did before.
    if mailbox.rhythm.last.is_none() {
        mailbox.rhythm.last = reader.last_sent(&mailbox.id, &mailbox.channel)?;
    }
    if let Some(depth) = mailbox.depth.filter(|depth| depth.messages > 0 && mailbox.channel == "amqp") {
        mailbox.oldest = reader.sent_back(&mailbox.id, depth.messages)?;
    }
    Ok(())
}
