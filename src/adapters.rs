//! The one list of adapters. A new system is a crate in `adapters/` and a line here.

use std::sync::Arc;

use budstikke_beskedfordeler::Beskedfordeler;
use budstikke_contract::adapter::Adapter;
use budstikke_contract::event::MEDIA_TYPE;
use budstikke_cura::Cura;
use budstikke_events::Events;
use budstikke_momentum::Momentum;
use budstikke_rehab_plan::RehabPlan;
use budstikke_smdb::Smdb;

/// The adapters, each of which is also a source with a queue `in.<name>`.
#[derive(Debug, Clone)]
pub struct Registry {
    adapters: Vec<Arc<dyn Adapter>>,
}

impl Default for Registry {
    fn default() -> Self {
        let adapters: Vec<Arc<dyn Adapter>> = vec![
            Arc::new(RehabPlan),
            // The area Adults is documented in Tårnby's CURA (S0 2).
            Arc::new(Cura::of("taarnby")),
            Arc::new(Momentum),
            Arc::new(Smdb),
            Arc::new(Beskedfordeler::default()),
            Arc::new(Events),
        ];
        Self { adapters }
    }
}

impl Registry {
    /// These, with a municipality's own table of what KOMBIT's codes mean.
    ///
    /// # Errors
    /// What is wrong with the table.
    pub fn with_codes(self, table: &str) -> Result<Self, budstikke_beskedfordeler::Fault> {
        Ok(self.replacing(Arc::new(Beskedfordeler::with_codes(table)?)))
    }

    /// These and another one.
    #[must_use]
    pub fn with(mut self, adapter: Arc<dyn Adapter>) -> Self {
        self.adapters.push(adapter);
        self
    }

    /// The names of all of them.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.adapters.iter().map(|adapter| adapter.name())
    }

    /// The adapter of that name.
    pub fn named(&self, name: &str) -> Option<Arc<dyn Adapter>> {
        self.adapters.iter().find(|adapter| adapter.name() == name).map(Arc::clone)
    }

    /// These, and this one in the place of the one of its name.
    #[must_use]
    pub fn replacing(mut self, adapter: Arc<dyn Adapter>) -> Self {
        self.adapters.retain(|it| it.name() != adapter.name());
        self.with(adapter)
    }

    /// The first adapter that says that these bytes are of its format.
    pub fn recognising(&self, body: &[u8]) -> Option<&dyn Adapter> {
        self.adapters.iter().find(|adapter| adapter.recognises(body)).map(|adapter| &**adapter)
    }

    /// What a message of `source` only carries, and the adapter whose format that is. Nobody looks
    /// into what is carried for something that it carries in its turn.
    pub fn carried(&self, source: &str, body: &[u8]) -> Option<(Arc<dyn Adapter>, Vec<u8>)> {
        let inner = self.named(source)?.carried(body)?;
        let whose = self.adapters.iter().filter(|it| it.name() != source).find(|it| it.recognises(&inner))?;
        Some((Arc::clone(whose), inner))
    }

    /// The adapter for a message on the queue of `source`: canonical events may come by any queue
    /// and say so by their media type; everything else is for the queue's own.
    pub fn for_message(&self, source: &str, media_type: Option<&str>) -> Option<Arc<dyn Adapter>> {
        let essence = media_type.and_then(|it| it.split(';').next()).unwrap_or_default().trim();
        let name = if essence.eq_ignore_ascii_case(MEDIA_TYPE) { Events.name() } else { source };
        self.named(name)
    }
}
