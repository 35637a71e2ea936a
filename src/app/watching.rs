//! What is looked at all the time so that people can see it: the broker's nodes, and the metrics
//! that are counted.

use tokio_util::sync::CancellationToken;

use super::{Assembly, State};
use crate::clock::Clock;
use crate::config::{Place, Settings};
use crate::deliver::dispatch;
use crate::supervise::Tasks;
use crate::telemetry::gauges::Gauges;
use crate::telemetry::nodes::Watch;
use crate::telemetry::room;
use crate::telemetry::trace::Traces;
use crate::web::Endpoint;

/// Traces, and the task that takes them to a collector, where the settings name one.
pub(super) fn traces(
    collector: Option<Endpoint>,
    settings: &Settings,
    clock: &Clock,
    tasks: &mut Tasks,
    stop: &CancellationToken,
) -> Traces {
    let Some(endpoint) = collector else { return Traces::default() };
    let (traces, exporter) = Traces::to(endpoint, clock.clone());
    // A quarter of the grace is left for everything else to end in order.
    let (stop, patience) = (stop.clone(), settings.stop_grace * 3 / 4);
    tasks.start("traces", async move {
        exporter.run(stop, patience).await;
        Ok(())
    });
    traces
}

impl Assembly {
    /// Starts looking.
    pub(super) fn watching(&mut self, settings: &Settings, state: &State, vhost: String) {
        self.nodes(settings, vhost);
        let targets = dispatch::targets(&self.desk.world.mailboxes);
        let gauges = Gauges {
            ledger: self.desk.ledger.clone(),
            place: room::Place { at: state.ledger(settings), most: settings.ledger.max_size },
            health: self.desk.health.clone(),
            clock: self.desk.clock.clone(),
            sources: self.desk.world.sources().map(str::to_owned).collect(),
            ways: targets.into_iter().map(|target| (target.mailbox, target.channel.name())).collect(),
            idle: settings.console.set_up.lasting.idle,
        };
        let stop = self.stop.clone();
        self.tasks.start("gauges", async move {
            gauges.run(stop).await;
            Ok(())
        });
    }

    fn nodes(&mut self, settings: &Settings, vhost: String) {
        let Some(endpoint) = self.ways.management.take() else {
            if settings.broker.place == Place::Private {
                self.desk.health.node_is_own();
            }
            return;
        };
        let watch = Watch { endpoint, vhost, health: self.desk.health.clone(), clock: self.desk.clock.clone() };
        let stop = self.stop.clone();
        self.tasks.start("nodes", async move {
            watch.run(stop).await;
            Ok(())
        });
    }
}
