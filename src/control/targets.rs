//! What may be held.

use std::collections::BTreeSet;

use crate::intake::World;

/// What may be paused: sources, mailboxes, the way to the hospitals, channels.
fn targets(world: &World) -> BTreeSet<String> {
    let mailboxes = world.mailboxes.keys().map(ToString::to_string);
    let sources = world.sources().map(str::to_owned);
    let channels = crate::agreement::model::Channel::ALL.into_iter().map(|channel| channel.name().to_owned());
    let hospitals = crate::ledger::reply::VANS.to_owned();
    mailboxes.chain(sources).chain(channels).chain([hospitals]).collect()
}

/// Whether that is something that can be paused; why not, with what there is.
pub fn check(world: &World, target: &str) -> Result<(), String> {
    let targets = targets(world);
    if targets.contains(target) {
        return Ok(());
    }
    let list: Vec<String> = targets.into_iter().collect();
    Err(format!("`{target}` is nothing that can be paused; there are: {}", list.join(", ")))
}
