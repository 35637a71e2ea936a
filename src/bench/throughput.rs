//! How many plans per second: a full queue is worked off.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use jiff::tz::TimeZone;

use super::Bench;
use super::child::{Running, Subject};
use super::plan::Plans;
use super::usage::{self, ByThread};
use super::wire::Wire;
use crate::clock::Clock;

/// How often the queues are looked at.
const GLANCE: Duration = Duration::from_millis(20);

/// After so long without progress the measurement is given up.
const STUCK: Duration = Duration::from_mins(1);

/// What one round has shown.
#[derive(Debug)]
pub(super) struct Measured {
    /// Plans that reached both mailboxes, per second.
    pub(super) rate: f64,
    /// Processor time of the process by thread, in microseconds per plan.
    pub(super) threads: Vec<(String, f64)>,
    /// Processor time of the broker, in microseconds per plan.
    pub(super) broker: f64,
    /// The most memory the process has had, in KiB.
    pub(super) peak: u64,
}

/// Fills the source's queue, lets one side work it off, and watches.
pub(super) async fn round(bench: &Bench<'_>, wire: &Wire, subject: Subject) -> Result<Measured> {
    let messages = bench.options.messages;
    wire.purge().await?;
    wire.fill(&Plans::of(today()), messages).await?;
    let mut running = bench.start(subject).await?;
    let measured = watch(bench, wire, &mut running).await;
    running.stop().await?;
    let measured = measured?;
    if subject == Subject::Hub {
        bench.prove(messages).await?;
    }
    Ok(measured)
}

/// The clock starts when a twentieth has been taken, so that the start is not measured, and stops
/// when everything is in both mailboxes.
async fn watch(bench: &Bench<'_>, wire: &Wire, running: &mut Running) -> Result<Measured> {
    let messages = bench.options.messages;
    let begun = messages - messages / 20;
    let mut from: Option<(Instant, u32, ByThread, ByThread)> = None;
    let mut last = (Instant::now(), 0);
    loop {
        running.check()?;
        let depths = wire.depths().await?;
        let now = Instant::now();
        if depths.out != last.1 {
            last = (now, depths.out);
        }
        ensure!(now - last.0 < STUCK, "only {} of {messages} plans have arrived, and no more come", depths.out);
        match &from {
            None if depths.source <= begun => {
                from = Some((now, depths.out, usage::of_group(running.pid), usage::of_group(bench.broker)));
            }
            Some((begin, had, own, broker)) if depths.out >= messages => {
                let plans = f64::from(messages - had);
                let own = spent(own, &usage::of_group(running.pid));
                let broker = spent(broker, &usage::of_group(bench.broker));
                return Ok(Measured {
                    rate: plans / (now - *begin).as_secs_f64(),
                    threads: own.into_iter().map(|(name, used)| (name, used / plans)).collect(),
                    broker: broker.into_iter().map(|(_, used)| used).sum::<f64>() / plans,
                    peak: usage::peak_memory(running.pid).unwrap_or_default(),
                });
            }
            None | Some(_) => {}
        }
        tokio::time::sleep(GLANCE).await;
    }
}

#[expect(clippy::cast_precision_loss, reason = "microseconds of a measurement of seconds")]
fn spent(before: &ByThread, after: &ByThread) -> Vec<(String, f64)> {
    let had = |name: &String| before.get(name).copied().unwrap_or_default();
    after.iter().map(|(name, used)| (name.clone(), used.saturating_sub(had(name)) as f64)).collect()
}

/// Today, so that no duty is overdue from the beginning.
pub(super) fn today() -> jiff::civil::Date {
    Clock::system().now().to_zoned(TimeZone::UTC).date()
}
