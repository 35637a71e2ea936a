//! Who may see and do what. Nobody may anything by default; what somebody may is said by roles, and
//! every page, every call and every live stream asks here.

use std::collections::BTreeSet;
use std::fmt;

use crate::agreement::model::{MailboxId, PartyId};

/// What somebody is to the hub.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Keeps the messages flowing: queues, what is parked, all that surrounds a message, no content.
    Operator,
    /// Works with what a mailbox gets: its content, and the duties of its party.
    Caseworker(MailboxId),
    /// Follows what a party owes and is owed.
    Leader(PartyId),
    /// Sees who looked at what.
    Auditor,
    /// Says who has which role.
    Administrator,
}

impl Role {
    /// Reads a role as it is written: `operator`, `caseworker:dragoer/ydelse`, `leader:dragoer`,
    /// `auditor`, `administrator`.
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once(':') {
            None if text == "operator" => Some(Self::Operator),
            None if text == "auditor" => Some(Self::Auditor),
            None if text == "administrator" => Some(Self::Administrator),
            Some(("caseworker", mailbox)) => MailboxId::parse(mailbox).map(Self::Caseworker),
            Some(("leader", party)) => PartyId::parse(party).map(Self::Leader),
            None | Some(_) => None,
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operator => f.write_str("operator"),
            Self::Caseworker(mailbox) => write!(f, "caseworker:{mailbox}"),
            Self::Leader(party) => write!(f, "leader:{party}"),
            Self::Auditor => f.write_str("auditor"),
            Self::Administrator => f.write_str("administrator"),
        }
    }
}

/// Somebody who is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The name in the books.
    pub user: String,
    /// The name for people.
    pub name: String,
    /// What they may.
    pub roles: BTreeSet<Role>,
}

/// Something that not everybody may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right<'a> {
    /// See how the hub is doing and what is parked, pause, send on. No content.
    Operate,
    /// See the content of what a mailbox got.
    Content(&'a MailboxId),
    /// See what a party owes and is owed.
    Duties(&'a str),
    /// See who looked at what.
    Audit,
    /// Say who has which role.
    Administer,
}

impl Person {
    /// Whether they may.
    pub fn may(&self, right: Right<'_>) -> bool {
        self.roles.iter().any(|role| match (role, right) {
            (Role::Operator, Right::Operate)
            | (Role::Auditor, Right::Audit)
            | (Role::Administrator, Right::Administer) => true,
            (Role::Caseworker(own), Right::Content(mailbox)) => own == mailbox,
            (Role::Caseworker(own), Right::Duties(party)) => own.party() == party,
            (Role::Leader(own), Right::Duties(party)) => own.as_str() == party,
            (
                Role::Operator | Role::Caseworker(_) | Role::Leader(_) | Role::Auditor | Role::Administrator,
                Right::Operate | Right::Content(_) | Right::Duties(_) | Right::Audit | Right::Administer,
            ) => false,
        })
    }
}

/// Reads roles as the ledger keeps them. One that this version does not know gives nothing.
pub(super) fn roles(text: &str) -> BTreeSet<Role> {
    text.split_whitespace().filter_map(Role::parse).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn person(roles_text: &str) -> Person {
        Person { user: "ida".to_owned(), name: "Ida Test".to_owned(), roles: roles(roles_text) }
    }

    fn mailbox(text: &str) -> MailboxId {
        MailboxId::parse(text).unwrap()
    }

    #[test]
    fn every_role_may_its_own_and_nothing_else() {
        let (own, other) = (mailbox("dragoer/ydelse"), mailbox("taarnby/job"));
        let rights = [
            Right::Operate,
            Right::Content(&own),
            Right::Content(&other),
            Right::Duties("dragoer"),
            Right::Duties("taarnby"),
            Right::Audit,
            Right::Administer,
        ];
        for (text, may) in [
            ("", vec![]),
            ("operator", vec![Right::Operate]),
            ("caseworker:dragoer/ydelse", vec![Right::Content(&own), Right::Duties("dragoer")]),
            ("leader:taarnby", vec![Right::Duties("taarnby")]),
            ("auditor", vec![Right::Audit]),
            ("administrator", vec![Right::Administer]),
            ("operator auditor", vec![Right::Operate, Right::Audit]),
        ] {
            let got: Vec<Right<'_>> = rights.into_iter().filter(|right| person(text).may(*right)).collect();
            assert_eq!(got, may, "{text}");
        }
    }

    #[test]
    fn what_is_no_role_gives_nothing() {
        for text in
            ["root", "Operator", "operator:dragoer", "caseworker", "caseworker:", "caseworker:dragoer", "leader:*"]
        {
            assert_eq!(Role::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_role_is_read_as_it_is_written(text in "(operator|auditor|administrator|leader:[a-z]{1,8}|caseworker:[a-z]{1,8}/[a-z]{1,8})") {
            prop_assert_eq!(Role::parse(&text).unwrap().to_string(), text);
        }

        #[test]
        fn any_text_gives_at_most_what_it_names(text in ".{0,40}") {
            let nobody = person(&text);
            prop_assert_eq!(nobody.may(Right::Operate), text.split_whitespace().any(|word| word == "operator"));
        }
    }
}
