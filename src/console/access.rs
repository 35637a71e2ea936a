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
    /// Opens what could not be decided about and so is in no mailbox yet, and may set it right.
    Postmaster,
    /// Follows what a party owes and is owed.
    Leader(PartyId),
    /// Sees who looked at what.
    Auditor,
    /// Says who has which role.
    Administrator,
    /// A system that sends events for a source, by the API: `cura`, `momentum`.
    Sender(String),
}

impl Role {
    /// Reads a role as it is written: `operator`, `caseworker:dragoer/ydelse`, `postmaster`,
    /// `leader:dragoer`, `auditor`, `administrator`, `sender:cura`.
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once(':') {
            None if text == "operator" => Some(Self::Operator),
            None if text == "postmaster" => Some(Self::Postmaster),
            None if text == "auditor" => Some(Self::Auditor),
            None if text == "administrator" => Some(Self::Administrator),
            Some(("caseworker", mailbox)) => MailboxId::parse(mailbox).map(Self::Caseworker),
            Some(("leader", party)) => PartyId::parse(party).map(Self::Leader),
            Some(("sender", source)) => is_source(source).then(|| Self::Sender(source.to_owned())),
            None | Some(_) => None,
        }
    }
}

fn is_source(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operator => f.write_str("operator"),
            Self::Caseworker(mailbox) => write!(f, "caseworker:{mailbox}"),
            Self::Postmaster => f.write_str("postmaster"),
            Self::Leader(party) => write!(f, "leader:{party}"),
            Self::Auditor => f.write_str("auditor"),
            Self::Administrator => f.write_str("administrator"),
            Self::Sender(source) => write!(f, "sender:{source}"),
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
    /// See the content of what could not be decided about and so is in no mailbox.
    Undecided,
    /// See what a party owes and is owed.
    Duties(&'a str),
    /// See who looked at what.
    Audit,
    /// Say who has which role.
    Administer,
    /// Send events for a source.
    Send(&'a str),
    /// Read the agreement, and ask what it would make of a message or of a change. It is public: all
    /// who have a role may.
    Agreement,
}

impl Person {
    /// Whether they may.
    pub fn may(&self, right: Right<'_>) -> bool {
        if right == Right::Agreement {
            return !self.roles.is_empty();
        }
        self.roles.iter().any(|role| match (role, right) {
            (Role::Operator, Right::Operate)
            | (Role::Postmaster, Right::Undecided)
            | (Role::Auditor, Right::Audit)
            | (Role::Administrator, Right::Administer) => true,
            (Role::Caseworker(own), Right::Content(mailbox)) => own == mailbox,
            (Role::Caseworker(own), Right::Duties(party)) => own.party() == party,
            (Role::Leader(own), Right::Duties(party)) => own.as_str() == party,
            (Role::Sender(own), Right::Send(source)) => own == source,
            (
                Role::Operator
                | Role::Caseworker(_)
                | Role::Postmaster
                | Role::Leader(_)
                | Role::Auditor
                | Role::Administrator
                | Role::Sender(_),
                Right::Operate
                | Right::Content(_)
                | Right::Undecided
                | Right::Duties(_)
                | Right::Audit
                | Right::Administer
                | Right::Send(_)
                | Right::Agreement,
            ) => false,
        })
    }

    /// The mailboxes whose content they may see.
    pub fn mailboxes(&self) -> impl Iterator<Item = &MailboxId> {
        self.roles.iter().filter_map(|role| if let Role::Caseworker(own) = role { Some(own) } else { None })
    }

    /// The parties whose duties they may see, each once.
    pub fn parties(&self) -> BTreeSet<&str> {
        self.roles
            .iter()
            .filter_map(|role| match role {
                Role::Caseworker(own) => Some(own.party()),
                Role::Leader(own) => Some(own.as_str()),
                Role::Operator | Role::Postmaster | Role::Auditor | Role::Administrator | Role::Sender(_) => None,
            })
            .collect()
    }
}

/// Of which messages somebody may know: that they came, where they went, how they stand. No content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reach {
    /// Of all.
    All,
    /// Of what these mailboxes get.
    Own(Vec<MailboxId>),
}

impl Person {
    /// Of which messages they may know; `None` where of none.
    pub(super) fn reach(&self) -> Option<Reach> {
        if self.may(Right::Operate) {
            return Some(Reach::All);
        }
        let own: Vec<MailboxId> = self.mailboxes().cloned().collect();
        if own.is_empty() { None } else { Some(Reach::Own(own)) }
    }
}

/// Where some content is: what decides who may look at it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Kept {
    /// Nothing is decided about it yet, and so it is in nobody's mailbox.
    pub(super) undecided: bool,
    /// Who has it or is to get it.
    pub(super) mailboxes: Vec<MailboxId>,
}

impl Kept {
    /// As the ledger says it. A mailbox whose name cannot be read is nobody's.
    pub(super) fn of(undecided: bool, mailboxes: &[String]) -> Self {
        Self { undecided, mailboxes: mailboxes.iter().filter_map(|name| MailboxId::parse(name)).collect() }
    }
}

impl Person {
    /// Whether they may look at content that is there: what their own mailboxes have, and what nobody
    /// has yet where they are to decide about that. Keeping the hub running gives no right to it.
    pub(super) fn may_see(&self, kept: &Kept) -> bool {
        let undecided = kept.undecided && self.may(Right::Undecided);
        undecided || kept.mailboxes.iter().any(|mailbox| self.may(Right::Content(mailbox)))
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
            Right::Undecided,
            Right::Send("cura"),
            Right::Send("smdb"),
            Right::Duties("dragoer"),
            Right::Duties("taarnby"),
            Right::Audit,
            Right::Administer,
        ];
        assert!(!person("").may(Right::Agreement) && person("sender:cura").may(Right::Agreement));
        for (text, may) in [
            ("", vec![]),
            ("operator", vec![Right::Operate]),
            ("caseworker:dragoer/ydelse", vec![Right::Content(&own), Right::Duties("dragoer")]),
            ("postmaster", vec![Right::Undecided]),
            ("sender:cura", vec![Right::Send("cura")]),
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
    fn who_runs_the_hub_knows_of_all_and_a_mailbox_of_its_own() {
        assert_eq!(person("operator caseworker:dragoer/ydelse").reach(), Some(Reach::All));
        assert_eq!(person("caseworker:dragoer/ydelse").reach(), Some(Reach::Own(vec![mailbox("dragoer/ydelse")])));
        assert_eq!(person("postmaster leader:dragoer auditor administrator sender:cura").reach(), None);
    }

    #[test]
    fn content_is_seen_by_whose_it_is_and_nobody_else() {
        let kept = |undecided, mailboxes: &[&str]| {
            Kept::of(undecided, &mailboxes.iter().copied().map(str::to_owned).collect::<Vec<_>>())
        };
        let (own, others, both) = (
            kept(false, &["dragoer/ydelse"]),
            kept(false, &["taarnby/job"]),
            kept(false, &["taarnby/job", "dragoer/ydelse"]),
        );
        let (open, recorded, odd) = (kept(true, &[]), kept(false, &[]), kept(false, &["vans", "", "dragoer/*"]));
        let all = [&own, &others, &both, &open, &recorded, &odd];
        for (text, may) in [
            ("", vec![]),
            ("caseworker:dragoer/ydelse", vec![&own, &both]),
            ("postmaster", vec![&open]),
            ("postmaster caseworker:taarnby/job", vec![&others, &both, &open]),
            ("operator leader:dragoer auditor administrator sender:cura", vec![]),
        ] {
            let got: Vec<&Kept> = all.into_iter().filter(|kept| person(text).may_see(kept)).collect();
            assert_eq!(got, may, "{text}");
        }
    }

    #[test]
    fn what_is_no_role_gives_nothing() {
        for text in [
            "root",
            "Operator",
            "operator:dragoer",
            "caseworker",
            "caseworker:",
            "caseworker:dragoer",
            "leader:*",
            "sender:",
            "sender:*",
        ] {
            assert_eq!(Role::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_role_is_read_as_it_is_written(text in "(operator|postmaster|auditor|administrator|sender:[a-z]{1,8}|leader:[a-z]{1,8}|caseworker:[a-z]{1,8}/[a-z]{1,8})") {
            prop_assert_eq!(Role::parse(&text).unwrap().to_string(), text);
        }

        #[test]
        fn any_text_gives_at_most_what_it_names(text in ".{0,40}") {
            let nobody = person(&text);
            prop_assert_eq!(nobody.may(Right::Operate), text.split_whitespace().any(|word| word == "operator"));
        }
    }
}
