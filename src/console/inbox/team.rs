//! Who works with a mailbox, and what people are called: those who have an account here, and those who
//! come by the municipality's own sign-in.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::super::access::{Person, Right, roles};
use super::super::{Console, openid};
use crate::agreement::model::MailboxId;
use crate::ledger::openid::Somebody;
use crate::ledger::{Error, Reader};

/// Whoever has not come by the municipality's sign-in for so long may have left: the hub is not told.
const GONE: SignedDuration = SignedDuration::from_hours(24 * 60);

/// The names of people by those that stand in the books.
pub(super) type Names = BTreeMap<String, String>;

/// What people are called.
pub(super) fn names(reader: &mut Reader<'_>) -> Result<Names, Error> {
    Ok(names_of(&reader.people()?))
}

/// What these are called.
pub(super) fn names_of(people: &[Somebody]) -> Names {
    people.iter().map(|it| (it.user.clone(), it.name.clone())).collect()
}

impl Console {
    /// Who else of these works with a mailbox.
    pub(super) fn colleagues(&self, people: Vec<Somebody>, mailbox: &str, but: &str) -> Names {
        let Some(mailbox) = MailboxId::parse(mailbox) else { return Names::new() };
        let (provider, now) = (self.settings.openid.as_ref(), self.hub.desk.clock.now());
        let person = |somebody: Somebody| {
            let roles = match &somebody.vouched {
                None => roles(&somebody.roles),
                Some((_, seen)) if is_gone(*seen, now) => return None,
                Some((groups, _)) => openid::roles(provider, groups),
            };
            Some(Person { roles, user: somebody.user, name: somebody.name })
        };
        let all = people.into_iter().filter_map(person);
        let own = all.filter(|person| person.user != but && person.may(Right::Content(&mailbox)));
        own.map(|person| (person.user, person.name)).collect()
    }
}

fn is_gone(seen: Timestamp, now: Timestamp) -> bool {
    now.duration_since(seen) > GONE
}
