//! What a party can raise by hand, and what must be said of it beside its content. Pure: by the
//! agreement.

use std::collections::BTreeSet;

use budstikke_contract::event::EventKind;
use budstikke_contract::law::LawRef;

use crate::agreement::model::{Agreement, Area, MailboxId, PerformerBy, Role, Rule, Sender};

/// What people raise themselves, by what it is about; the rest comes from systems, or answers a task
/// in the inbox.
const RAISED: [(&str, &[(&str, &str)]); 5] = [
    (
        "Orientering",
        &[(
            "notice.given",
            "Fortæl den anden kommune om ledige stillinger, ny lovgivning, projekter, arbejdsgange og andet.",
        )],
    ),
    (
        "Sager og borgere",
        &[
            ("visitation.case.requested", "Få en sag behandlet på visitationsmødet i en bestemt uge."),
            ("case.related", "En sag kan hænge sammen med en, som den anden kommune har."),
            ("complaint.received", "En borger klager over en afgørelse."),
            ("appeal.decided", "Ankestyrelsen har afgjort en klage."),
        ],
    ),
    (
        "Aktindsigt og indsigt",
        &[
            ("file-access.requested", "Nogen søger aktindsigt."),
            ("gdpr-access.requested", "En borger vil vide, hvilke oplysninger kommunerne har."),
        ],
    ),
    (
        "Ledelsesinformation",
        &[
            ("management-info.requested", "Bed om økonomisk ledelsesinformation."),
            ("management-info.provided", "Giv den ledelsesinformation, der er bedt om."),
        ],
    ),
    (
        "Tilsyn",
        &[
            ("supervision.documentation.requested", "Bed om dokumentation i udtagne sager."),
            ("supervision.documentation.provided", "Udlever den dokumentation, der er bedt om."),
            ("supervision.result.shared", "Del resultatet af et tilsyn."),
        ],
    ),
];

/// Kinds that are about the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) title: &'static str,
    pub(super) offers: Vec<Offer>,
}

/// A kind that can be raised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Offer {
    pub(super) kind: EventKind,
    pub(super) title: String,
    pub(super) hint: &'static str,
}

/// What a party can raise; groups with nothing in them are left out.
pub(super) fn offers(agreement: &Agreement, party: &str) -> Vec<Group> {
    let offer = |(name, hint): &(&str, &'static str)| {
        let kind = EventKind::named(name).filter(|kind| may_send(agreement, *kind, party))?;
        Some(Offer { kind, title: kind.schema().title().to_owned(), hint })
    };
    let group = |(title, kinds): &(&'static str, &[(&str, &'static str)])| {
        let offers: Vec<Offer> = kinds.iter().filter_map(offer).collect();
        (!offers.is_empty()).then_some(Group { title, offers })
    };
    RAISED.iter().filter_map(group).collect()
}

/// Whether a party can raise a kind by hand.
pub(super) fn is_offered(agreement: &Agreement, kind: EventKind, party: &str) -> bool {
    let raised = RAISED.iter().any(|(_, kinds)| kinds.iter().any(|(name, _)| *name == kind.name()));
    raised && may_send(agreement, kind, party)
}

fn rules(agreement: &Agreement, kind: EventKind) -> impl Iterator<Item = &Rule> {
    agreement.rules.iter().filter(move |rule| rule.event == kind)
}

/// Whether some rule lets the party send it. In what role it does is known when it is sent.
fn may_send(agreement: &Agreement, kind: EventKind, party: &str) -> bool {
    let fits = |sender: &Sender| match sender {
        Sender::Role(Role::Party(own)) => own.as_str() == party,
        Sender::Role(Role::Residence | Role::Performer | Role::Other | Role::Counterpart | Role::Asker)
        | Sender::Anyone => true,
        Sender::Outsider(_) => false,
    };
    rules(agreement, kind).any(|rule| rule.senders.iter().any(fits))
}

/// What must be said of a kind beside its content.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Asked {
    /// The municipalities where the citizen may live: code and name; none where it is about no citizen.
    pub(super) residences: Vec<(String, String)>,
    /// The laws that it may fall under, with their titles.
    pub(super) laws: Vec<(String, String)>,
    /// Whether it must name one.
    pub(super) law_required: bool,
    /// What it answers: the kinds by which that was asked.
    pub(super) answers: Vec<EventKind>,
}

/// What is asked about a kind. `names_law`: whether its content says the law.
pub(super) fn asked(agreement: &Agreement, kind: EventKind, names_law: bool) -> Asked {
    let parties = agreement.parties.iter().map(|party| (party.municipality.to_string(), party.name.clone()));
    let without = agreement.without_residence(kind);
    let residences = if without { Vec::new() } else { parties.collect() };
    let laws = if names_law { BTreeSet::new() } else { laws(agreement, kind) };
    let law_required =
        !laws.is_empty() && rules(agreement, kind).all(|rule| rule.law.is_some() || !rule.within.is_empty());
    let titled = |law: &LawRef| {
        let title = agreement.laws.get(law.law()).map_or_else(String::new, |title| format!(" ({title})"));
        (law.to_string(), format!("{law}{title}"))
    };
    Asked {
        residences,
        laws: laws.into_iter().map(titled).collect(),
        law_required,
        answers: questions(agreement, kind),
    }
}

/// The area that a mailbox works in, where it is one.
pub(super) fn area_of<'a>(agreement: &'a Agreement, mailbox: &MailboxId) -> Option<&'a str> {
    let own = |area: &Area| {
        let mut teams = area.teams.iter().map(|(party, team)| MailboxId::new(party, team));
        teams.any(|id| id == *mailbox)
    };
    let mut found = agreement.work.iter().filter(|(_, area)| own(area)).map(|(id, _)| id.as_str());
    found.next().filter(|_| found.next().is_none())
}

/// The laws that an event of a kind may name, as far as the agreement knows them.
fn laws(agreement: &Agreement, kind: EventKind) -> BTreeSet<&LawRef> {
    let mut found = BTreeSet::new();
    for rule in rules(agreement, kind) {
        found.extend(&rule.law);
        if rule.law.is_none() && (!rule.within.is_empty() || rule.performer_by == PerformerBy::Event) {
            let known = agreement.responsibilities.iter().filter_map(|it| it.matter.law());
            found.extend(known.filter(|law| rule.speaks_of(Some(law))));
        }
    }
    found
}

/// The kinds that open a duty which this kind answers.
fn questions(agreement: &Agreement, kind: EventKind) -> Vec<EventKind> {
    let answered: BTreeSet<&String> = rules(agreement, kind).filter_map(|rule| rule.answers.as_ref()).collect();
    let opens = |rule: &&Rule| rule.duties.iter().any(|duty| answered.contains(duty));
    let kinds: BTreeSet<EventKind> = agreement.rules.iter().filter(opens).map(|rule| rule.event).collect();
    kinds.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agreement::Book;
    use crate::agreement::tests::shipped;

    fn on_shipped(test: impl FnOnce(&Agreement)) {
        let book = Book::read(&shipped()).unwrap();
        test(&book.newest()[0]);
    }

    fn kind(name: &str) -> EventKind {
        EventKind::named(name).unwrap()
    }

    #[test]
    fn every_kind_that_people_raise_is_in_the_catalogue_and_each_party_is_offered_its_own() {
        on_shipped(|agreement| {
            let names = |party: &str| -> Vec<&str> {
                offers(agreement, party).iter().flat_map(|group| &group.offers).map(|offer| offer.kind.name()).collect()
            };
            let all: Vec<&str> = RAISED.iter().flat_map(|(_, kinds)| kinds.iter().map(|(name, _)| *name)).collect();
            assert!(all.iter().all(|name| EventKind::named(name).is_some()));
            let (dragoer, taarnby) = (names("dragoer"), names("taarnby"));
            assert!(taarnby.contains(&"management-info.requested") && !dragoer.contains(&"management-info.requested"));
            assert!(dragoer.contains(&"management-info.provided") && !taarnby.contains(&"management-info.provided"));
            assert!(dragoer.contains(&"supervision.documentation.requested"));
            assert!(all.iter().all(|name| dragoer.contains(name) || taarnby.contains(name)), "nobody can raise some");
            assert_eq!(names("odense").iter().filter(|name| name.starts_with("management")).count(), 0);
        });
    }

    #[test]
    fn only_what_people_raise_is_offered() {
        on_shipped(|agreement| {
            assert!(is_offered(agreement, kind("notice.given"), "dragoer"));
            assert!(!is_offered(agreement, kind("rehab.plan.received"), "dragoer"));
            assert!(!is_offered(agreement, kind("benefit.decided"), "dragoer"), "it answers a task");
        });
    }

    #[test]
    fn what_is_asked_beside_the_content_goes_by_the_rules() {
        on_shipped(|agreement| {
            let notice = asked(agreement, kind("notice.given"), false);
            assert_eq!(notice, Asked::default(), "it is about no citizen and no law");
            let complaint = asked(agreement, kind("complaint.received"), true);
            assert_eq!(complaint.residences.len(), 2);
            assert_eq!(complaint.laws, []);
            let access = asked(agreement, kind("file-access.requested"), false);
            assert!(access.laws.iter().any(|(law, _)| law == "SEL § 85") && !access.law_required);
            let answer = asked(agreement, kind("management-info.provided"), false);
            assert_eq!(answer.answers, [kind("management-info.requested")]);
        });
    }
}
