//! What the hub says about itself: log lines, metrics, health. Never anything about a person.
//!
//! A log line can be read by itself and carries the ids to look further (`message`, `event.id`,
//! `delivery.id`). A failure is logged once, where it is handled, with its whole chain of causes.

pub mod alert;
pub mod gauges;
pub mod health;
pub mod nodes;
pub mod room;
mod serve;
pub mod trace;

use std::error::Error;
use std::io::{IsTerminal, Write};
use std::sync::OnceLock;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use serde::{Deserialize, Serialize};
use tracing_subscriber::EnvFilter;

pub use serve::serve;

use crate::broker;

/// In which form log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// For people on a terminal, JSON elsewhere.
    #[default]
    Auto,
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Why logging could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum SetUp {
    /// The filter is none.
    #[error("`telemetry.log` is not a log filter: write a level (`info`) or directives (`budstikke=debug,info`)")]
    Filter(#[source] tracing_subscriber::filter::ParseError),
}

/// Starts logging, to standard error. The library that speaks AMQP logs whole messages on its way;
/// its directives come last, so that no setting can let them through.
pub fn log(filter: &str, format: Format) -> Result<(), SetUp> {
    let guarded = std::iter::once(filter).chain(broker::LOG_FILTER).collect::<Vec<_>>().join(",");
    let filter = EnvFilter::try_new(guarded).map_err(SetUp::Filter)?;
    let terminal = std::io::stderr().is_terminal();
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match (format, terminal) {
        (Format::Json, _) | (Format::Auto, false) => builder.json().flatten_event(true).try_init(),
        (Format::Text, _) | (Format::Auto, true) => builder.with_target(false).with_ansi(terminal).try_init(),
    };
    // Whoever has set up logging in this process before us (a test) has it as it wants it.
    drop(started);
    Ok(())
}

/// Lets a panic say where it happened and nothing else: its text may quote what it choked on.
pub fn discreet_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
        if tracing::event_enabled!(tracing::Level::ERROR) {
            tracing::error!(place, "a panic: a fault of the program, which should be reported");
            return;
        }
        // Nobody is left to tell where even this cannot be written.
        drop(writeln!(
            std::io::stderr(),
            "budstikke: a panic at {place}: a fault of the program, which should be reported"
        ));
    }));
}

/// The bounds by which a commit's time is counted, in seconds: from a good disk to one that is ill.
const COMMITS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

/// The metrics of this process, in Prometheus' text form.
pub fn metrics() -> Option<&'static PrometheusHandle> {
    static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    let install = || {
        let commit = Matcher::Full("budstikke_ledger_commit_seconds".to_owned());
        PrometheusBuilder::new().set_buckets_for_metric(commit, &COMMITS).ok()?.install_recorder().ok()
    };
    HANDLE.get_or_init(install).as_ref()
}

/// An error with all its causes, for a log line.
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text.push_str(": ");
        text.push_str(&next.to_string());
        cause = next.source();
    }
    text
}
