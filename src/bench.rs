//! `bench`: the hub end to end against a bare forwarder, in turns, on one broker.
//!
//! A rate says little on a machine that is shared with others; the ratio of two that were measured
//! side by side says what the hub costs. The forwarder takes a plan and publishes it twice, as fast
//! as lapin can (batches, confirms, acknowledgements of many). The hub takes the same plans, reads,
//! decides, seals and keeps them with every commit on disk, and publishes to the same two queues.

mod child;
mod forward;
mod latency;
mod pages;
mod plan;
mod report;
mod throughput;
mod usage;
mod wire;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::broker::private_node::{self, PrivateNode};
use child::Subject;
use report::Report;

/// What to measure.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Plans in each round
    #[arg(long, default_value_t = 20_000, value_name = "N")]
    messages: u32,
    /// Rounds; forwarder and hub take turns in each
    #[arg(long, default_value_t = 5, value_name = "N")]
    rounds: u32,
    /// Seconds of steady load for the latencies; 0 leaves them out
    #[arg(long, default_value_t = 20, value_name = "N")]
    seconds: u32,
    /// Measure the console instead: each page and call, with so much in the ledger
    #[arg(long)]
    console: bool,
    /// With --console: how many messages the ledger holds
    #[arg(long, default_value_t = 200_000, value_name = "N", requires = "console")]
    ledger: u32,
    /// With --console: how often each page is asked for
    #[arg(long, default_value_t = 200, value_name = "N", requires = "console")]
    times: usize,
    /// Be the forwarder, in a process of its own
    #[arg(long, hide = true)]
    forward: bool,
}

/// The setting on which both sides are run.
struct Bench<'a> {
    options: &'a Options,
    config: &'a Path,
    /// Where the hub's state of a round lies. On the disk on which a hub would have it.
    folder: PathBuf,
    amqp: String,
    broker: u32,
}

/// Measures, with settings from `config`, in a folder under `state`.
pub async fn run(options: &Options, config: &Path, prefetch: u16, state: &Path, json: bool) -> Result<()> {
    if options.forward {
        return forward::run(prefetch).await;
    }
    ensure!(options.messages >= 100, "--messages: at least 100, or the ends weigh more than the middle");
    ensure!(options.rounds >= 1, "--rounds: at least 1");
    let folder = state.join("bench");
    let node = PrivateNode::start(private_node::Options::new(folder.join("broker")), |_| {})
        .await
        .context("the broker for the measurement does not start (deploy/setup installs it)")?;
    let bench =
        Bench { options, config, folder: folder.clone(), amqp: node.address().expose().to_owned(), broker: node.pid() };
    let stop = CancellationToken::new();
    let work = async {
        if options.console {
            pages::run(&bench, options.ledger, options.times, json).await.map(|()| None)
        } else {
            measure(&bench).await.map(Some)
        }
    };
    let measured = tokio::select! {
        measured = work => measured,
        ended = node.run(stop.clone()) => return ended.context("the broker stopped while it was measured"),
        // What is dropped here are the processes that are measured; they end with it.
        asked = asked_to_stop() => return asked.and_then(|()| bail!("stopped before it was done")),
    };
    // The node's process dies with its folder's owner; what it kept is of no use.
    let report = measured?;
    std::fs::remove_dir_all(&folder).with_context(|| format!("`{}` cannot be removed", folder.display()))?;
    report.map_or(Ok(()), |report| report.print(json))
}

async fn asked_to_stop() -> Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
    Ok(())
}

async fn measure(bench: &Bench<'_>) -> Result<Report> {
    report::progress("the hub makes its queues");
    let hub = bench.start(Subject::Hub).await?;
    hub.stop().await?;
    let wire = wire::Wire::open(&bench.amqp).await?;
    let mut report = Report::new(bench.options.messages);
    for round in 1..=bench.options.rounds {
        // Whoever goes second finds a warmer machine; so they change places.
        let order =
            if round % 2 == 1 { [Subject::Forwarder, Subject::Hub] } else { [Subject::Hub, Subject::Forwarder] };
        for subject in order {
            let measured = throughput::round(bench, &wire, subject).await?;
            report::progress(&format!("round {round}: {subject}: {:.0} plans/s", measured.rate));
            report.add(subject, measured);
        }
    }
    if bench.options.seconds > 0 {
        for subject in [Subject::Forwarder, Subject::Hub] {
            report::progress(&format!(
                "latency: {subject}, {} seconds at {} plans/s",
                bench.options.seconds,
                latency::RATE
            ));
            report.latency(subject, latency::round(bench, &wire, subject).await?);
        }
    }
    Ok(report)
}
