//! New, a repeat, or an id used for something else. A sender that hears no answer sends again, and
//! the network may hand the same thing over twice; neither may show anything twice.
//!
//! | envelope | message | what it is |
//! |---|---|---|
//! | new | new | [`Sighting::Fresh`] |
//! | seen | seen | [`Sighting::Repeat`]: the first answer again |
//! | new | seen | [`Sighting::Repeat`]: the answer was lost, the first answer again |
//! | seen | new | [`Sighting::EnvelopeReused`]: parked, no negative answer |
//! | any | seen, other content | [`Sighting::IdReused`]: parked, the first answer again |
//! | any | seen, with a new letter in it | [`Sighting::MessageReused`]: parked, we hold it |
//!
//! Where the envelope names its message (VANS), that name is looked at first. Within it, and where
//! it does not, each letter is looked at by its own id.

use data_encoding::HEXLOWER;

use super::prepare::{Prepare, Prepared};
use crate::ledger::item::{Seen, SeenKind};
use crate::ledger::{Error, Tx};

/// What an item turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sighting {
    /// Never seen.
    Fresh,
    /// Seen, and the same: this item.
    Repeat(i64),
    /// Seen, and something else then: this item.
    IdReused(i64),
    /// Never seen, but in an envelope that was.
    EnvelopeReused,
    /// Never seen, but in a message whose id was used for something else.
    MessageReused,
}

/// Looks at each item of a message.
pub(super) fn look(tx: &mut Tx<'_>, prepared: &Prepared) -> Result<Vec<Sighting>, Error> {
    let scope = prepared.adapter;
    let mut envelope_seen = false;
    let mut message_changed = false;
    if let Some(transport) = &prepared.transport {
        envelope_seen = tx.seen(SeenKind::Envelope, scope, &transport.envelope)?.is_some();
        if let Some(message) = &transport.message {
            let content = prepared.transport_mark(transport, tx.keys());
            let seen = tx.seen(SeenKind::Message, scope, message)?;
            message_changed = seen.is_some_and(|seen| seen.content != content);
        }
    }
    let mut sightings = Vec::with_capacity(prepared.items.len());
    for item in &prepared.items {
        let content = item.mark(tx.keys());
        let seen = tx.seen(SeenKind::Item, scope, &key(tx, item))?;
        let sighting = match seen {
            Some(seen) if seen.content != content => Sighting::IdReused(seen.row),
            Some(seen) if message_changed => Sighting::IdReused(seen.row),
            Some(seen) => Sighting::Repeat(seen.row),
            None if message_changed => Sighting::MessageReused,
            None if envelope_seen => Sighting::EnvelopeReused,
            None => Sighting::Fresh,
        };
        sightings.push(within(&sightings, prepared, item).unwrap_or(sighting));
    }
    Ok(sightings)
}

/// The item that stands under an id of a message, where it is something else than now comes under it.
pub(super) fn reused(tx: &mut Tx<'_>, prepared: &Prepared) -> Result<Option<i64>, Error> {
    let reused = |sighting| if let Sighting::IdReused(row) = sighting { Some(row) } else { None };
    Ok(look(tx, prepared)?.into_iter().find_map(reused))
}

/// A letter that stands twice in one message is a repeat, or a reused id, within it. Its first
/// occurrence has no row yet; it is noted as row 0, which [`super::record`] puts right.
fn within(so_far: &[Sighting], prepared: &Prepared, item: &Prepare) -> Option<Sighting> {
    item.key.as_ref()?;
    let before = prepared.items.iter().zip(so_far).find(|(earlier, _)| earlier.key == item.key)?;
    Some(if before.0.content == item.content { Sighting::Repeat(0) } else { Sighting::IdReused(0) })
}

/// What an item is known by, which is stored and shown. Where its source's own name could not be
/// read, it is known by its content; where the name reads as a CPR number, by its hash. Both
/// through keyed hashes: a plain one of something small could be guessed.
pub(super) fn key(tx: &Tx<'_>, item: &Prepare) -> String {
    match &item.key {
        Some(key) => tx.keys().masked(key),
        None => format!("unread {}", HEXLOWER.encode(&item.mark(tx.keys()))),
    }
}

/// Remembers the names under which a message came, for when it comes again.
pub(super) fn remember(tx: &mut Tx<'_>, prepared: &Prepared, message: i64) -> Result<(), Error> {
    let Some(transport) = &prepared.transport else { return Ok(()) };
    let content = prepared.transport_mark(transport, tx.keys());
    let seen = Seen { content, row: message };
    tx.remember(SeenKind::Envelope, prepared.adapter, &transport.envelope, seen)?;
    if let Some(name) = &transport.message {
        tx.remember(SeenKind::Message, prepared.adapter, name, seen)?;
    }
    Ok(())
}
