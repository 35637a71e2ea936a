//! Whom the hub asks, as the settings say.

use std::sync::Arc;

use super::Assembly;
use crate::config::{Asked, Settings};
use crate::enquire::Service;
use crate::enquire::asker::Asker;
use crate::enquire::content::Store;
use crate::enquire::residence::LookUp;
use crate::intake::World;
use crate::intake::ask::{self, GoneOn, RESIDENCE};
use crate::ledger::Ledger;
use crate::telemetry;

impl Assembly {
    /// Starts a task for each service that is asked.
    pub(super) fn ask(&mut self, settings: &Settings) {
        if let Some((residence, endpoint)) = settings.residence.as_ref().zip(self.ways.residence.take()) {
            let service = LookUp::at(endpoint, self.desk.clock.clone());
            self.asker("residence look-up", RESIDENCE.to_owned(), Arc::new(service), &residence.asked);
        }
        for (source, asked) in &settings.fetch {
            let Some(endpoint) = self.ways.content.remove(source) else { continue };
            let service = Store::at(endpoint);
            self.asker("content", ask::content_of(source), Arc::new(service), asked);
        }
    }

    fn asker(&mut self, task: &'static str, name: String, service: Arc<dyn Service>, asked: &Asked) {
        let asker = Asker {
            name,
            service,
            limits: asked.limits,
            ledger: self.desk.ledger.clone(),
            world: Arc::clone(&self.desk.world),
            clock: self.desk.clock.clone(),
            health: self.desk.health.clone(),
            bell: self.desk.wishes.subscribe(),
            deliver: Arc::clone(&self.desk.deliver),
            duties: Arc::clone(&self.desk.duties),
        };
        let stop = self.stop.clone();
        self.tasks.start(task, async move {
            asker.run(stop).await;
            Ok(())
        });
    }
}

/// Takes up what waits though nothing is left that it waits for. There should be no such thing; what
/// an earlier version has left so would wait without end.
pub(super) async fn free(ledger: &Ledger, world: &Arc<World>) {
    let items = match ledger.read(|reader| reader.waiting_for_nothing()).await {
        Ok(items) => items,
        Err(error) => {
            tracing::error!(error = %telemetry::chain(&error), "what waits for nothing could not be looked for");
            return;
        }
    };
    for item in items {
        let world = Arc::clone(world);
        match ledger.write(move |tx| ask::free(tx, &world, item)).await {
            Ok(GoneOn { parked, .. }) => tracing::warn!(item, parked, "what waited for nothing was taken up"),
            Err(error) => {
                tracing::error!(item, error = %telemetry::chain(&error), "what waits for nothing could not go on");
            }
        }
    }
}

/// Lets go on what waits for a service that is in the settings no more. A ledger that takes nothing
/// now does not keep the hub from starting: it says so, and the next start tries again.
pub(super) async fn let_go(ledger: &Ledger, world: &Arc<World>) {
    loop {
        let world = Arc::clone(world);
        match ledger.write(move |tx| ask::let_go(tx, &world)).await {
            Ok(GoneOn { items: 0, .. }) => return,
            Ok(GoneOn { items, parked }) => {
                tracing::warn!(
                    items,
                    parked,
                    "what waited for a service that is in the settings no more goes on without"
                );
            }
            Err(error) => {
                tracing::error!(error = %telemetry::chain(&error), "what waits for a service that is gone could not go on");
                return;
            }
        }
    }
}
