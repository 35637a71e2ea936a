//! What comes by no queue: what people raise in the console, and what systems send by the API. It is
//! read, decided about and kept by the same code as everything else. Its sender waits for the answer,
//! so nothing is tried twice here: it is all in the ledger, or nothing of it is.

use std::sync::Arc;

use super::keep::Letter;
use super::trail::Trail;
use super::{Desk, SourceDesk};
use crate::intake::World;
use crate::intake::prepare::{Incoming, Prepared};
use crate::intake::record::Taken;
use crate::intake::{identity, record};
use crate::ledger::trace::Story;
use crate::ledger::{Error, Tx};
use crate::telemetry::health::PEOPLE;

/// What became of what was raised.
#[derive(Debug, Clone)]
pub enum Raised {
    /// It was taken, each item as it stands now.
    Taken(Vec<Taken>),
    /// Nothing was taken: its id was used for something else, this item.
    IdUsed(i64),
}

/// What is raised, read: what it says is known, and nothing is decided.
#[derive(Clone)]
pub struct Written(Arc<Letter>);

/// Without what it says.
impl std::fmt::Debug for Written {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Written(…)")
    }
}

impl Written {
    /// What it says.
    pub fn prepared(&self) -> &Prepared {
        &self.0.prepared
    }
}

/// What would become of it.
#[derive(Debug, Clone)]
pub struct Foreseen {
    /// Each item, as it would stand.
    pub taken: Vec<Taken>,
    /// The stories of the items: who would get them, what would be owed.
    pub stories: Vec<Story>,
}

/// Takes what a person raises, in a transaction with what follows from it, and keeps that they did.
///
/// # Errors
/// The ledger's.
pub fn keep_raised(tx: &mut Tx<'_>, world: &World, prepared: &Prepared, user: &str) -> Result<Raised, Error> {
    if let Some(item) = identity::reused(tx, prepared)? {
        return Ok(Raised::IdUsed(item));
    }
    let taken = record::record(tx, world, prepared)?;
    for one in taken.iter().filter(|one| !one.is_repeat()) {
        tx.act(user, "raise", &format!("#{}", one.item), "")?;
    }
    Ok(Raised::Taken(taken))
}

impl Desk {
    /// Takes what a person raises, and keeps that they did. An id that was used for something else is
    /// a form that was sent before: it is not parked, as a system's would be, for its sender is here.
    ///
    /// # Errors
    /// Why nothing was taken.
    pub async fn raise(&self, message: Incoming, user: &str) -> Result<Raised, Error> {
        let written = self.written(message);
        let (world, user) = (Arc::clone(&self.world), user.to_owned());
        let kept = written.clone();
        let work = move |tx: &mut Tx<'_>| keep_raised(tx, &world, kept.prepared(), &user);
        let raised = self.ledger.write(work).await;
        self.health.ledger(PEOPLE, &raised);
        let raised = raised?;
        if let Raised::Taken(taken) = &raised {
            self.ring();
            self.was_raised(&written, taken);
        }
        Ok(raised)
    }

    /// Reads what a person raises. A fault of ours in that is a reason, and ends nothing.
    pub fn written(&self, message: Incoming) -> Written {
        Written(self.read(message))
    }

    /// Counts what was taken of it, where somebody else has kept it in a transaction with more.
    pub fn was_raised(&self, written: &Written, taken: &[Taken]) {
        self.note_all(&*written.0, taken);
    }

    /// Takes what a system sends, all of it in one transaction.
    ///
    /// # Errors
    /// Why nothing was taken.
    pub async fn take_sent(&self, messages: Vec<Incoming>) -> Result<Vec<Vec<Taken>>, Error> {
        let letters: Vec<_> = messages.into_iter().map(|message| self.read(message)).collect();
        let (world, kept) = (Arc::clone(&self.world), letters.clone());
        let work = move |tx: &mut Tx<'_>| {
            kept.iter().map(|letter| record::record(tx, &world, &letter.prepared)).collect::<Result<Vec<_>, Error>>()
        };
        let taken = self.ledger.write(work).await;
        self.health.ledger(PEOPLE, &taken);
        let taken = taken?;
        self.ring();
        for (letter, taken) in letters.iter().zip(&taken) {
            self.note_all(&**letter, taken);
        }
        Ok(taken)
    }

    /// What would become of a message, by the ledger as it is: nothing of it is kept.
    ///
    /// # Errors
    /// Why that cannot be said.
    pub async fn foresee(&self, message: Incoming) -> Result<Foreseen, Error> {
        let letter = self.read(message);
        let world = Arc::clone(&self.world);
        let work = move |tx: &mut Tx<'_>| {
            let taken = record::record(tx, &world, &letter.prepared)?;
            let mut reader = tx.reader();
            let stories = taken.iter().map(|one| reader.story(one.item)).collect::<Result<_, Error>>()?;
            Ok(Foreseen { taken, stories })
        };
        self.ledger.try_out(work).await
    }

    fn read(&self, message: Incoming) -> Arc<Letter> {
        Arc::new(Letter {
            prepared: SourceDesk(self.clone()).prepare(message),
            came_back: false,
            trail: Trail::default(),
        })
    }
}
