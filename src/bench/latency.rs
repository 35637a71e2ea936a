//! How long a plan takes under a steady load.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use futures::StreamExt;
use tokio::time::MissedTickBehavior;

use super::Bench;
use super::child::Subject;
use super::plan::{DIGITS, MARK, Plans};
use super::throughput::today;
use super::wire::{MAILBOXES, Wire};

/// Plans per second.
pub(super) const RATE: u32 = 500;

/// Seconds at the beginning that do not count.
const WARM_UP: u32 = 2;

/// How long the last plan may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// From the moment a plan is sent to the moment it has arrived in both mailboxes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Latency {
    /// Half of the plans took no longer.
    pub(super) p50: Duration,
    /// All but one in a hundred took no longer.
    pub(super) p99: Duration,
}

/// Sends at a steady rate and times every plan.
pub(super) async fn round(bench: &Bench<'_>, wire: &Wire, subject: Subject) -> Result<Latency> {
    wire.purge().await?;
    let running = bench.start(subject).await?;
    let measured = measure(bench, wire).await;
    running.stop().await?;
    measured
}

async fn measure(bench: &Bench<'_>, wire: &Wire) -> Result<Latency> {
    let messages = (bench.options.seconds + WARM_UP) * RATE;
    let mut arrivals = futures::stream::SelectAll::new();
    for mailbox in MAILBOXES {
        arrivals.push(wire.take(mailbox).await?);
    }
    let send = async {
        let plans = Plans::of(today());
        let mut sent = Vec::new();
        let mut tick = tokio::time::interval(Duration::from_secs(1) / RATE);
        tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
        for number in 0..messages {
            let plan = plans.plan(number);
            tick.tick().await;
            sent.push(Instant::now());
            drop(wire.send(plan).await?);
        }
        anyhow::Ok(sent)
    };
    let take = async {
        let mut arrived: Vec<Vec<Instant>> = vec![Vec::new(); messages as usize];
        for _ in 0..messages * 2 {
            let delivery = tokio::time::timeout(PATIENCE, arrivals.next()).await.context("a plan does not arrive")?;
            let delivery = delivery.context("the queue is gone")??;
            let number = number(&delivery.data).context("what arrived is no plan of this measurement")?;
            arrived.get_mut(number).context("a plan that was not sent")?.push(Instant::now());
        }
        anyhow::Ok(arrived)
    };
    let (sent, arrived) = tokio::try_join!(send, take)?;
    let both = sent.into_iter().zip(arrived).skip((WARM_UP * RATE) as usize);
    let took = both.filter_map(|(sent, arrived)| Some(arrived.into_iter().max()? - sent));
    quantiles(took.collect()).context("--seconds is too short")
}

fn quantiles(mut took: Vec<Duration>) -> Option<Latency> {
    took.sort_unstable();
    let at = |hundredths: usize| took.get(took.len() * hundredths / 100).copied();
    Some(Latency { p50: at(50)?, p99: at(99)? })
}

/// A plan's number, from whatever it has become.
fn number(body: &[u8]) -> Option<usize> {
    let at = body.windows(MARK.len()).position(|window| window == MARK.as_bytes())? + MARK.len();
    std::str::from_utf8(body.get(at..at + DIGITS)?).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_known_again() {
        let plan = Plans::of(jiff::civil::date(2026, 11, 20)).plan(4_711);
        assert_eq!(number(&plan), Some(4_711));
        assert_eq!(number(b"something else"), None);
    }

    #[test]
    fn quantiles_are_of_the_sorted_times() {
        let latency = quantiles((1..=200).rev().map(Duration::from_millis).collect()).unwrap();
        assert_eq!((latency.p50.as_millis(), latency.p99.as_millis()), (101, 199));
    }
}
