//! What is counted every few seconds for the metrics: what waits and is parked, what is owed, when
//! something last came and went, and how much room the ledger has. Labels are names of the agreement's,
//! of the hub's own and codes: never anything of a message.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use budstikke_contract::event::danish_day;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::chain;
use super::health::Health;
use super::room::Place;
use crate::clock::Clock;
use crate::ledger::overview::{Backlog, Owed, ParkedGroup};
use crate::ledger::{Error, Ledger, Reader};

/// How often.
const EVERY: Duration = Duration::from_secs(10);

/// What is counted.
#[derive(Debug)]
pub struct Gauges {
    /// The ledger.
    pub ledger: Ledger,
    /// Where it is.
    pub place: Place,
    /// Where the room is shown.
    pub health: Health,
    /// The time.
    pub clock: Clock,
    /// The sources.
    pub sources: Vec<String>,
    /// The ways to mailboxes: mailbox and channel.
    pub ways: Vec<(String, &'static str)>,
    /// How long somebody stays signed in who does nothing.
    pub idle: Duration,
}

/// What was counted at one time.
#[derive(Debug)]
struct Counted {
    parked: Vec<ParkedGroup>,
    backlogs: Vec<Backlog>,
    owed: BTreeMap<String, Owed>,
    head: i64,
    sessions: u32,
    came: Vec<Option<Timestamp>>,
    went: Vec<Option<Timestamp>>,
}

/// What has been shown once, and is shown as none when it is gone.
#[derive(Debug, Default)]
struct Known {
    codes: BTreeSet<String>,
    parties: BTreeSet<String>,
}

impl Gauges {
    /// Counts until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        metrics::gauge!("budstikke_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
        let mut known = Known::default();
        loop {
            self.room().await;
            match self.count().await {
                Ok(counted) => self.show(&counted, &mut known),
                Err(error) => tracing::warn!(error = %chain(&error), "the metrics could not be counted"),
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }

    async fn room(&self) {
        match self.place.look(&self.ledger).await {
            Ok(room) => {
                number("budstikke_ledger_bytes", room.taken);
                // What is not known is told as no number, and not left as it was.
                number("budstikke_ledger_disk_free_bytes", room.free);
                number("budstikke_ledger_disk_bytes", room.disk);
                // Where no size is set, the disk's is the limit.
                number("budstikke_ledger_max_bytes", room.most.or(room.disk));
                self.health.has_room(Some(room));
            }
            Err(error) => {
                tracing::warn!(%error, "the ledger's disk cannot be looked at");
                self.health.has_room(None);
            }
        }
    }

    async fn count(&self) -> Result<Counted, Error> {
        let now = self.clock.now();
        let (today, seen_after) = (danish_day(now), now.checked_sub(self.idle).unwrap_or(Timestamp::MIN));
        let (sources, ways) = (self.sources.clone(), self.ways.clone());
        let read = move |reader: &mut Reader<'_>| {
            let came = sources.iter().map(|source| reader.last_came(source)).collect::<Result<_, _>>()?;
            let went = ways.iter().map(|(mailbox, channel)| reader.last_sent(mailbox, channel));
            Ok(Counted {
                went: went.collect::<Result<_, _>>()?,
                came,
                parked: reader.parked_groups()?,
                backlogs: reader.backlogs()?,
                owed: reader.duties_owed(today)?,
                head: reader.chain_end()?.seq,
                sessions: reader.sessions_after(seen_after)?,
            })
        };
        self.ledger.read(read).await
    }

    fn show(&self, counted: &Counted, known: &mut Known) {
        let now = self.clock.now();
        let age =
            |since: Option<Timestamp>| since.map_or(0.0, |since| now.duration_since(since).as_secs_f64().max(0.0));
        known.codes.extend(counted.parked.iter().map(|group| group.code.clone()));
        for code in &known.codes {
            let group = counted.parked.iter().find(|group| group.code == *code);
            let parked = group.map_or(0, |group| group.items + group.deliveries);
            metrics::gauge!("budstikke_parked", "code" => code.clone()).set(f64::from(parked));
            let oldest = age(group.and_then(|group| group.since));
            metrics::gauge!("budstikke_parked_oldest_seconds", "code" => code.clone()).set(oldest);
        }
        for (mailbox, channel) in &self.ways {
            let of_way = |it: &&Backlog| it.mailbox == *mailbox && it.channel == *channel;
            let backlog = counted.backlogs.iter().find(of_way);
            let (waiting, parked) = backlog.map_or((0, 0), |it| (it.waiting, it.parked));
            for (state, count) in [("waiting", waiting), ("parked", parked)] {
                let (mailbox, channel) = (mailbox.clone(), *channel);
                metrics::gauge!("budstikke_backlog", "mailbox" => mailbox, "channel" => channel, "state" => state)
                    .set(f64::from(count));
            }
            // How old the oldest is that was tried and is not there.
            let oldest = age(backlog.and_then(|it| it.since));
            metrics::gauge!("budstikke_lane_oldest_seconds", "mailbox" => mailbox.clone(), "channel" => *channel)
                .set(oldest);
        }
        known.parties.extend(counted.owed.keys().cloned());
        for party in &known.parties {
            let Owed { open, late } = counted.owed.get(party).copied().unwrap_or_default();
            for (state, count) in [("open", open), ("late", late)] {
                metrics::gauge!("budstikke_duties", "party" => party.clone(), "state" => state).set(f64::from(count));
            }
        }
        number("budstikke_chain_head", u64::try_from(counted.head).unwrap_or(0));
        metrics::gauge!("budstikke_console_sessions").set(f64::from(counted.sessions));
        for (source, at) in self.sources.iter().zip(&counted.came) {
            if let Some(at) = at {
                metrics::gauge!("budstikke_last_received_timestamp_seconds", "source" => source.clone()).set(unix(*at));
            }
        }
        for ((mailbox, channel), at) in self.ways.iter().zip(&counted.went) {
            if let Some(at) = at {
                let (mailbox, channel) = (mailbox.clone(), *channel);
                metrics::gauge!("budstikke_last_delivered_timestamp_seconds", "mailbox" => mailbox, "channel" => channel)
                    .set(unix(*at));
            }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts and bytes stay far below 2^52")]
fn number(name: &'static str, value: impl Into<Option<u64>>) {
    metrics::gauge!(name).set(value.into().map_or(f64::NAN, |value| value as f64));
}

#[expect(clippy::cast_precision_loss, reason = "seconds since 1970 stay far below 2^52")]
fn unix(at: Timestamp) -> f64 {
    at.as_second() as f64
}
