//! `run`: the hub itself.

use std::path::PathBuf;

use clap::Args;
use sd_notify::NotifyState;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::{Common, Failure, Outcome, runtime};
use crate::adapters::Registry;
use crate::app::{self, Hub, Parts, Step};
use crate::broker::private_node::Progress;
use crate::clock::Clock;
use crate::telemetry;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Write how the hub can be reached to this file when it is ready
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
}

pub(super) fn run(common: &Common, options: Options, adapters: Registry) -> Outcome {
    let settings = common.settings()?;
    telemetry::log(&settings.telemetry.log, settings.telemetry.format)
        .map_err(|error| Failure::Usage(telemetry::chain(&error)))?;
    // A fault in the agreement is a fault of configuration, found before anything is opened.
    let world = app::world(&settings, adapters.clone()).map_err(|error| Failure::Usage(telemetry::chain(&*error)))?;
    app::ways(&settings, &world, &Clock::system()).map_err(|faults| Failure::Usage(app::listed(&faults)))?;
    let state = common.state()?;
    let parts = Parts { settings, state, clock: Clock::system(), adapters };
    runtime()?.block_on(async move {
        let stop = CancellationToken::new();
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let told = stop.clone();
        let asked = async move {
            tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
            tracing::info!("stopping; what is in hand is finished first (once more to stop at once)");
            tell_systemd(NotifyState::Stopping);
            told.cancel();
            tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        };
        let hub = async {
            let hub = Hub::start(parts, stop.clone(), announce).await?;
            if let Some(file) = &options.ready_file {
                hub.ready.write(file)?;
            }
            tell_systemd(NotifyState::Ready);
            hub.run().await
        };
        tokio::select! {
            outcome = hub => Ok(outcome?),
            () = live() => Ok(()),
            () = asked => Err(Failure::Failed(anyhow::anyhow!("stopped at once; what was in hand comes again"))),
        }
    })
}

/// Tells systemd, where it is what started us. It need not hear.
fn tell_systemd(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::debug!(%error, "systemd was not told");
    }
}

/// Says that the hub lives, as often as systemd wants to hear it; never ends.
async fn live() {
    let Some(within) = sd_notify::watchdog_enabled() else { return std::future::pending().await };
    loop {
        tokio::time::sleep(within / 3).await;
        tell_systemd(NotifyState::Watchdog);
    }
}

fn announce(step: Step) {
    match step {
        Step::AgreementChecked => tracing::info!("the agreement holds"),
        Step::LedgerOpen => tracing::info!("the ledger is open"),
        Step::Broker(Progress::Waiting(waited)) => {
            tracing::info!(seconds = waited.as_secs(), "waiting for the private broker");
        }
        Step::Broker(progress) => tracing::info!(?progress, "the private broker"),
        Step::Ready => tracing::info!("ready"),
    }
}
