//! What somebody may who is not here now: asked for what they have left running in their name.

use jiff::Timestamp;

use super::OpenId;
use super::access::{Person, Right, roles};
use super::openid;
use crate::ledger::{Error, Reader};

/// How systems are named in the books, before their own name.
pub(super) const SYSTEM: &str = "system:";

/// Whether somebody, by their name in the books, may keep the hub running now: by their account, by the
/// groups that the municipality's sign-in named last, or by a system's token.
pub fn may_operate(
    reader: &mut Reader<'_>,
    user: &str,
    provider: Option<&OpenId>,
    now: Timestamp,
) -> Result<bool, Error> {
    let held = if let Some(name) = user.strip_prefix(SYSTEM) {
        reader.system_named(name)?.filter(|system| system.ends > now).map(|system| roles(&system.roles))
    } else if let Some(account) = reader.account(user)? {
        Some(roles(&account.roles))
    } else {
        let vouched = reader.people()?.into_iter().find(|somebody| somebody.user == user).and_then(|it| it.vouched);
        vouched.map(|(groups, _)| openid::roles(provider, &groups))
    };
    let person = Person { user: user.to_owned(), name: String::new(), roles: held.unwrap_or_default() };
    Ok(person.may(Right::Operate))
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::ledger::account::Token;
    use crate::ledger::try_out;

    #[test]
    fn a_right_lasts_as_long_as_the_role_and_the_token() {
        let now: Timestamp = "2026-11-30T10:00:00Z".parse().unwrap();
        let clock = crate::clock::Clock::starting_at(now);
        let asked = try_out(None, &clock, |tx| {
            let ends = now + SignedDuration::from_hours(1);
            tx.keep_system(("drift", "operator"), Token::fresh().unwrap(), ends, "asta")?;
            let mut may = |user: &str, at| may_operate(&mut tx.reader(), user, None, at);
            let before = [may("system:drift", now)?, may("system:drift", ends)?, may("system:x", now)?, may("x", now)?];
            tx.keep_system(("drift", "auditor"), Token::fresh().unwrap(), ends, "asta")?;
            Ok((before, may_operate(&mut tx.reader(), "system:drift", None, now)?))
        });
        assert_eq!(asked.unwrap(), ([true, false, false, false], false));
    }
}
