//! The roles that an account or a token is given: each is one, about something that is there. And the
//! names that both have in the books.

use std::collections::BTreeSet;

use super::Failure;
use crate::console::Role;
use crate::intake::World;

/// What a role is, for whoever writes one wrongly.
const FORMS: &str = "a role is `operator`, `caseworker:PARTY/TEAM`, `postmaster`, `leader:PARTY`, `auditor`, \
     `administrator` or `sender:SOURCE`";

/// Whether a text can be the name of an account or of a system.
pub(super) fn is_name(text: &str) -> bool {
    let good = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'_');
    !text.is_empty() && text.bytes().all(good)
}

/// The roles as the ledger keeps them, each once.
pub(super) fn all(texts: &[String], world: &World) -> Result<String, Failure> {
    let roles = texts.iter().map(|text| role(text, world)).collect::<Result<BTreeSet<_>, _>>()?;
    let roles: Vec<String> = roles.iter().map(ToString::to_string).collect();
    Ok(roles.join(" "))
}

/// A role that is one, about a mailbox, a party or a source that is there.
fn role(text: &str, world: &World) -> Result<Role, Failure> {
    let wrong = |what: String| Failure::Usage(format!("`{text}`: {what}"));
    let role = Role::parse(text).ok_or_else(|| wrong(FORMS.to_owned()))?;
    if let Some((what, there)) = missing(&role, world) {
        return Err(wrong(format!("there is no such {what}; there are {}", Vec::from_iter(there).join(", "))));
    }
    Ok(role)
}

/// What a role is about that is not there, and what is.
fn missing<'a>(role: &Role, world: &'a World) -> Option<(&'static str, BTreeSet<&'a str>)> {
    let (what, name, there): (_, &str, BTreeSet<&str>) = match role {
        Role::Caseworker(mailbox) => {
            ("mailbox", mailbox.as_str(), world.mailboxes.keys().map(|id| id.as_str()).collect())
        }
        Role::Leader(party) => ("party", party.as_str(), world.mailboxes.keys().map(|id| id.party()).collect()),
        Role::Sender(source) => ("source", source, world.adapters.names().collect()),
        Role::Operator | Role::Postmaster | Role::Auditor | Role::Administrator => return None,
    };
    (!there.contains(name)).then_some((what, there))
}
