//! Keeping what was taken: together, where that fails one by one, and what fails alone whole. Only
//! then is it acknowledged.

use std::sync::Arc;

use budstikke_contract::person::printable;
use budstikke_contract::reason::Reason;

use super::trail::{self, Recorded, Trail};
use super::{Desk, HUB_FAILED, LEDGER_PAUSE, Told};
use crate::broker::Settle;
use crate::intake::World;
use crate::intake::prepare::{self, Incoming, Prepared, PreparedBody};
use crate::intake::record::{self, Taken};
use crate::ledger::item::State;
use crate::ledger::{Error, Tx};

/// A piece of work could not be kept because the hub is stopping.
pub(super) struct Stopping;

/// A message that is kept in the ledger, each kind in its own way.
pub(super) trait Keep: Send + Sync + 'static {
    /// The message as it came.
    fn message(&self) -> &Incoming;

    /// The name that stands for what reads it.
    fn adapter(&self) -> &'static str;

    /// Writes it down.
    fn record(&self, tx: &mut Tx<'_>, world: &World) -> Result<Vec<Taken>, Error>;

    /// What its source calls the item at a place in it.
    fn key(&self, _place: usize) -> Option<&str> {
        None
    }

    /// What the item at a place in it was, where it is only kept.
    fn recorded(&self, _place: usize) -> Option<&str> {
        None
    }

    /// Whether the broker has handed it out before, so that its attempts are counted.
    fn came_back(&self) -> bool {
        false
    }

    /// How it came this far.
    fn trail(&self) -> Trail {
        Trail::default()
    }
}

/// A message of a source, read.
pub(super) struct Letter {
    pub(super) prepared: Prepared,
    pub(super) came_back: bool,
    pub(super) trail: Trail,
}

impl Keep for Letter {
    fn message(&self) -> &Incoming {
        &self.prepared.message
    }

    fn adapter(&self) -> &'static str {
        self.prepared.adapter
    }

    fn record(&self, tx: &mut Tx<'_>, world: &World) -> Result<Vec<Taken>, Error> {
        let taken = record::record(tx, world, &self.prepared)?;
        if self.came_back {
            tx.begun_well(&self.prepared.message.body)?;
        }
        Ok(taken)
    }

    fn key(&self, place: usize) -> Option<&str> {
        self.prepared.items.get(place)?.key.as_deref()
    }

    fn recorded(&self, place: usize) -> Option<&str> {
        match &self.prepared.items.get(place)?.body {
            PreparedBody::Record(what) => Some(what),
            PreparedBody::Event(..) | PreparedBody::Refused(_) | PreparedBody::Parked(_) | PreparedBody::Wanted(_) => {
                None
            }
        }
    }

    fn came_back(&self) -> bool {
        self.came_back
    }

    fn trail(&self) -> Trail {
        self.trail
    }
}

impl Desk {
    /// Keeps messages, and says whether they may be acknowledged.
    pub(super) async fn settle<M: Keep>(&self, messages: Vec<M>) -> Settle {
        match self.keep(messages).await {
            Ok(()) => Settle::Ack,
            Err(Stopping) => Settle::Leave,
        }
    }

    /// Keeps messages, all in one transaction. One that the hub fails on is kept whole and parked:
    /// neither its neighbours nor those behind it wait for it.
    pub(super) async fn keep<M: Keep>(&self, messages: Vec<M>) -> Result<(), Stopping> {
        let messages: Vec<Arc<M>> = messages.into_iter().map(Arc::new).collect();
        let Err(error) = self.keep_together(&messages).await? else { return Ok(()) };
        tracing::error!(error = %crate::telemetry::chain(&error), "a batch could not be kept; its messages are taken one by one");
        for message in &messages {
            if let Err(error) = self.keep_together(std::slice::from_ref(message)).await? {
                tracing::error!(error = %crate::telemetry::chain(&error), "the hub failed on a message, which is parked whole");
                self.keep_whole(&**message).await?;
            }
        }
        Ok(())
    }

    /// Parks a message on which the hub failed.
    async fn keep_whole(&self, message: &impl Keep) -> Result<(), Stopping> {
        let text =
            "Budstikken fejlede på beskeden og har gemt den hel. Meld fejlen; send beskeden igen, når den er rettet.";
        let reason = Reason::new(HUB_FAILED, text);
        let prepared = prepare::unreadable(message.message().clone(), message.adapter(), reason);
        let whole = Arc::new(Letter { prepared, came_back: message.came_back(), trail: message.trail() });
        while let Err(error) = self.keep_together(std::slice::from_ref(&whole)).await? {
            // Nothing is acknowledged that is not kept: the source waits for a person.
            tracing::error!(error = %crate::telemetry::chain(&error), "a message can neither be taken nor parked; its source waits");
            tokio::select! {
                () = self.stop.cancelled() => return Err(Stopping),
                () = tokio::time::sleep(LEDGER_PAUSE * 20) => {}
            }
        }
        Ok(())
    }

    async fn keep_together<M: Keep>(&self, messages: &[Arc<M>]) -> Result<Result<(), Error>, Stopping> {
        let source = messages.first().map_or("", |message| message.message().source.as_str());
        let written = self.traces.begin();
        let taken = self.hold(source, || {
            let (messages, world, traces) = (messages.to_vec(), Arc::clone(&self.world), self.traces.clone());
            Box::new(move |tx: &mut Tx<'_>| {
                let record = |message: &Arc<M>| {
                    let begun = traces.begin();
                    let taken = message.record(tx, &world)?;
                    Ok(Recorded { taken, decided: begun.map(|begun| (begun, begun.elapsed())) })
                };
                messages.iter().map(record).collect()
            })
        });
        let taken: Vec<Recorded> = match taken.await? {
            Ok(taken) => taken,
            Err(error) => return Ok(Err(error)),
        };
        self.ring();
        let kept = messages.iter().zip(&taken);
        trail::tell(&self.traces, written, kept.map(|(message, it)| (&**message, self.known(message.message()), it)));
        for (message, recorded) in messages.iter().zip(&taken) {
            self.note_all(&**message, &recorded.taken);
        }
        Ok(Ok(()))
    }

    /// Lets everybody know who waits for what was kept.
    pub fn ring(&self) {
        self.deliver.notify_one();
        self.duties.notify_one();
        self.wishes.send_replace(());
    }

    /// Counts the items of a message.
    pub(super) fn note_all(&self, message: &impl Keep, items: &[Taken]) {
        for (place, item) in items.iter().enumerate() {
            self.note(message.message(), message.key(place), item);
            if let Some(what) = message.recorded(place).filter(|_| item.state == State::Recorded) {
                note_recorded(message.adapter(), what);
            }
        }
    }

    /// Runs a piece of work for a source until the ledger takes it. What makes no sense to try again is the
    /// caller's to handle.
    pub(super) async fn hold<T: Send + 'static>(
        &self,
        source: &str,
        work: impl Fn() -> Box<dyn FnMut(&mut Tx<'_>) -> Result<T, Error> + Send> + Send,
    ) -> Result<Result<T, Error>, Stopping> {
        loop {
            let outcome = self.ledger.write(work()).await;
            self.health.ledger(source, &outcome);
            match outcome {
                Err(error) if error.is_passing() => {}
                done => return Ok(done),
            }
            tokio::select! {
                () = self.stop.cancelled() => return Err(Stopping),
                () = tokio::time::sleep(LEDGER_PAUSE) => {}
            }
        }
    }

    /// The source of a message, as it may be shown: of what the broker gave back a stranger may have
    /// written where it came from.
    fn known(&self, message: &Incoming) -> &'static str {
        self.world.sources().find(|name| *name == message.source).unwrap_or("returned")
    }

    /// Counts one item, says that it waits for a person, and tells whoever asked.
    fn note(&self, message: &Incoming, key: Option<&str>, item: &Taken) {
        let source = self.known(message);
        let outcome = if item.refused { "refused" } else { item.state.name() };
        let code = item.reason.as_ref().map_or_else(String::new, |reason| reason.code.to_string());
        metrics::counter!("budstikke_received_total", "source" => source.to_owned(), "outcome" => outcome, "code" => code.clone()).increment(1);
        if item.reason.is_some() {
            tracing::warn!(item = item.item, source, code = %code, "parked: `budstikke parked show '#{}'`", item.item);
        }
        self.tell(message, key, item, outcome);
    }

    fn tell(&self, message: &Incoming, key: Option<&str>, item: &Taken, outcome: &'static str) {
        let Some(to) = &message.reply_to else { return };
        let told = Told {
            to: to.clone(),
            id: key.and_then(|key| key.rsplit(['/', ' ']).next()).map(|id| printable(id).to_owned()),
            outcome,
            code: item.reason.as_ref().map(|reason| reason.code.to_string()),
            path: item.reason.as_ref().and_then(|reason| reason.path.clone()),
        };
        if self.answers.try_send(told).is_err() {
            tracing::warn!("senders ask for more answers than can be given; one was left out");
        }
    }
}

/// Counts what was only kept, by what it was. What stands in parentheses is its sender's own word,
/// of which there is no end.
fn note_recorded(adapter: &'static str, what: &str) {
    let what = what.split(" (").next().unwrap_or_default().to_owned();
    metrics::counter!("budstikke_recorded_total", "adapter" => adapter, "what" => what).increment(1);
}
