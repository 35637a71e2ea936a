//! Proving the ledger when an auditor asks for it: beside the work, one at a time, to its end or the
//! hub's. What came of it stands in the ledger among what people did.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use super::super::Console;

/// Whether it is being proved, and since when.
#[derive(Debug, Default)]
pub(in crate::console) struct Proof(Mutex<Option<Timestamp>>);

impl Proof {
    /// Since when it is being proved.
    pub(super) fn since(&self) -> Option<Timestamp> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it may begin: nobody else has.
    fn begin(&self, now: Timestamp) -> bool {
        let mut since = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let free = since.is_none();
        since.get_or_insert(now);
        free
    }

    fn end(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Console {
    /// Begins to prove the ledger, unless that goes on already.
    pub(super) fn prove(self: &Arc<Self>, user: &str) {
        if !self.proof.begin(self.hub.desk.clock.now()) {
            return;
        }
        let (console, user) = (Arc::clone(self), user.to_owned());
        self.under_way.spawn(async move {
            let ledger = &console.hub.desk.ledger;
            let proved = match ledger.prove(console.stop.clone()).await {
                Ok(report) => ledger.write(move |tx| tx.proved(&user, &report)).await,
                Err(error) => Err(error),
            };
            if let Err(error) = proved
                && !console.stop.is_cancelled()
            {
                tracing::error!(error = %crate::telemetry::chain(&error), "the ledger could not be proved");
            }
            console.proof.end();
        });
    }
}
