//! Two editions of an agreement, asked the same. What changes is found by deciding, not by reading:
//! every kind of event, in every situation that either edition tells apart, is routed by both. So
//! what is said to change is what changes, however the rules are written.
//!
//! | room | what |
//! |---|---|
//! | [`extent`] | how much has to be asked about |
//! | [`probe`] | the situations that two editions tell apart, each as an event |
//! | [`change`] | what differs between two decisions about one event |
//! | [`group`] | the same change in many situations, said once |
//! | [`plain`] | what changes without any event: performers, mailboxes, parties, versions |
//! | [`words`] | all of it in Danish |

pub mod change;
mod extent;
mod group;
mod plain;
mod probe;
#[cfg(test)]
mod tests;
mod words;

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;

use crate::agreement::model::Agreement;

pub use change::{What, between};
pub use group::Scope;

/// What kind of thing changes, for those who sort and count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sort {
    /// The versions of the files.
    Version,
    /// A municipality is in it, or no longer.
    Party,
    /// Who performs.
    Performer,
    /// Who gets an event, and as what.
    Receiver,
    /// Whether an event can be decided about at all.
    Stop,
    /// What is owed, by whom and by when.
    Duty,
    /// A mailbox: whether it is there, and what it gets by which way.
    Mailbox,
    /// On which clause something rests, and how surely.
    Ground,
}

/// One change, said for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What kind of thing changes.
    pub sort: Sort,
    /// What it is about: `Plan modtaget (rehab.plan.received), SUL § 140`.
    pub about: String,
    /// For whom, from when, and in which situations.
    #[serde(flatten)]
    pub scope: Scope,
    /// What changes.
    pub text: String,
    /// Under which laws, where it is about an event.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub laws: BTreeSet<String>,
    /// The same for programs, where it is about an event.
    #[serde(skip)]
    pub what: Option<What>,
}

impl Change {
    /// For whom, from when and in which situations, in one line.
    pub fn scope_in_words(&self) -> String {
        words::scope(&self.scope)
    }
}

/// A change of what becomes of an event, in words; with the editions, for the names that people
/// know.
pub fn in_words(what: &What, editions: (Option<&Agreement>, Option<&Agreement>)) -> String {
    words::text(what, words::Names { old: editions.0, new: editions.1 })
}

/// All that changes from some agreements to others. Agreements are the same where a municipality is
/// a party of both.
pub fn changes(old: &[Arc<Agreement>], new: &[Arc<Agreement>]) -> Vec<Change> {
    changes_while(old, new, &|| true).unwrap_or_default()
}

/// The same, for as long as `go_on` says so; `None` where it was ended. It asks about every kind of
/// event in every situation, which takes a while.
pub fn changes_while(old: &[Arc<Agreement>], new: &[Arc<Agreement>], go_on: &dyn Fn() -> bool) -> Option<Vec<Change>> {
    let mut all = Vec::new();
    for it in old {
        match partner(it, new) {
            // The same edition, and not only one that says the same.
            Some(other) if std::ptr::eq(it.as_ref(), other) => {}
            Some(other) => all.extend(pair(it, other, go_on)?),
            None => all.push(plain::gone(it)),
        }
    }
    all.extend(new.iter().filter(|it| partner(it, old).is_none()).map(|it| plain::came(it)));
    Some(all)
}

/// Of some agreements, the one between the same municipalities.
pub fn partner<'a>(agreement: &Agreement, among: &'a [Arc<Agreement>]) -> Option<&'a Agreement> {
    let shares =
        |other: &&Arc<Agreement>| agreement.parties.iter().any(|party| other.party_of(party.municipality).is_some());
    among.iter().find(shares).map(AsRef::as_ref)
}

fn pair(old: &Agreement, new: &Agreement, go_on: &dyn Fn() -> bool) -> Option<Vec<Change>> {
    let mut all = plain::changes(old, new);
    let changed = extent::changed_matters(old, new);
    for kind in probe::kinds(old, new) {
        if !go_on() {
            return None;
        }
        all.extend(group::of_kind(old, new, kind, &changed));
    }
    all.sort_by(|one, other| (one.sort, &one.about, &one.scope).cmp(&(other.sort, &other.about, &other.scope)));
    Some(all)
}
