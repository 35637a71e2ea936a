//! Changes in Danish.

use std::collections::BTreeSet;

use budstikke_contract::event::EventKind;

use super::Scope;
use super::change::{Owed, What};
use crate::agreement::model::{Agreement, Capacity, MailboxId, Matter, Party};

/// Two editions, for the names that people know.
#[derive(Debug, Clone, Copy)]
pub(super) struct Names<'a> {
    pub(super) old: Option<&'a Agreement>,
    pub(super) new: Option<&'a Agreement>,
}

impl<'a> Names<'a> {
    /// Of these two.
    pub(super) fn of(old: &'a Agreement, new: &'a Agreement) -> Self {
        Self { old: Some(old), new: Some(new) }
    }

    /// Both, the newer first.
    fn both(self) -> impl Iterator<Item = &'a Agreement> {
        self.new.into_iter().chain(self.old)
    }

    /// A party's name; its id where neither edition has it.
    pub(super) fn party(self, id: &str) -> String {
        let found = self.both().find_map(|it| it.party(id));
        found.map_or_else(|| id.to_owned(), |party| party.name.clone())
    }

    /// The name of the municipality of that code.
    pub(super) fn municipality(self, code: &str) -> String {
        let mut parties = self.both().flat_map(|it| &it.parties);
        let is_it = |party: &&Party| party.municipality.to_string() == code;
        parties.find(is_it).map_or_else(|| code.to_owned(), |party| party.name.clone())
    }

    /// What is performed, as people call it.
    pub(super) fn matter(self, matter: &Matter) -> String {
        match matter {
            Matter::Law(law) => law.to_string(),
            Matter::Area(id) => {
                let found = self.both().find_map(|it| it.work.get(id));
                found.map_or_else(|| matter.to_string(), |area| format!("{} ({matter})", area.name))
            }
        }
    }

    /// A mailbox, with the name that people know it by.
    pub(super) fn mailbox(self, id: &str) -> String {
        let found = MailboxId::parse(id).and_then(|id| self.both().find_map(|it| it.mailboxes.get(&id)));
        found.map_or_else(|| id.to_owned(), |mailbox| format!("{id} ({})", mailbox.name))
    }
}

/// What a change is about.
pub(super) fn about(kind: EventKind, laws: &BTreeSet<String>) -> String {
    let laws: Vec<&str> = laws.iter().map(String::as_str).collect();
    let laws = if laws.is_empty() { String::new() } else { format!(", {}", laws.join(", ")) };
    format!("{} ({kind}){laws}", kind.schema().title())
}

/// In what capacity.
pub(super) fn capacity(capacity: Capacity) -> &'static str {
    match capacity {
        Capacity::Task => "som opgave",
        Capacity::Information => "til orientering",
    }
}

/// A change of what becomes of an event.
pub(super) fn text(what: &What, names: Names<'_>) -> String {
    match what {
        What::Gets(mailbox, as_what) => format!("{} får den {}", names.mailbox(mailbox), capacity(*as_what)),
        What::Loses(mailbox, as_what) => {
            format!("{} får den ikke længere {}", names.mailbox(mailbox), capacity(*as_what))
        }
        What::As(mailbox, before, after) => {
            format!("{} får den {}, før {}", names.mailbox(mailbox), capacity(*after), capacity(*before))
        }
        What::Goes(code) => format!("sendes videre; før stoppede den hos budstikken ({code})"),
        What::Stops(code) => format!("stopper hos budstikken ({code}); før blev den sendt videre"),
        What::StopsOtherwise(before, after) => {
            format!("stopper hos budstikken af en anden grund: {after}, før {before}")
        }
        What::Owes(owed) => format!("{} skylder: {} ({})", names.party(&owed.by), owed.what, owed.due),
        What::OwesNoMore(owed) => format!("{} skylder ikke længere: {}", names.party(&owed.by), owed.what),
        What::Terms { owed: Owed { by, what, .. }, aspect, before, after } => {
            format!("{} skylder »{what}«: {aspect} er {after}, før {before}", names.party(by))
        }
        What::Rests(before, after) => format!("hviler på {after}, før {before}"),
    }
}

/// For whom, from when and in which situations.
pub(super) fn scope(scope: &Scope) -> String {
    let mut parts = Vec::new();
    match (&scope.from, &scope.to) {
        (Some(from), Some(to)) => parts.push(format!("fra {from} til og med {to}")),
        (Some(from), None) => parts.push(format!("fra {from}")),
        (None, _) => {}
    }
    let join = |some: &BTreeSet<String>, word: &str| some.iter().map(String::as_str).collect::<Vec<_>>().join(word);
    if !scope.residences.is_empty() {
        parts.push(format!("borgere i {}", join(&scope.residences, " og ")));
    }
    if !scope.senders.is_empty() {
        parts.push(format!("sendt af {}", join(&scope.senders, " eller ")));
    }
    if !scope.askers.is_empty() {
        parts.push(format!("spurgt af {}", join(&scope.askers, " eller ")));
    }
    if !scope.when.is_empty() {
        parts.push(format!("når {}", situations(scope)));
    }
    if scope.unpreceded {
        parts.push("når det, den forudsætter, ikke er kommet".to_owned());
    }
    parts.join(", ")
}

/// `plantype er almen eller ukendt`. Where every value of one fact goes with every value of the
/// others, each fact's values are listed; else each situation.
fn situations(scope: &Scope) -> String {
    let facts: BTreeSet<&String> = scope.when.iter().flat_map(|it| it.keys()).collect();
    let values = |fact: &String| -> BTreeSet<&str> {
        scope.when.iter().filter_map(|it| it.get(fact)).map(String::as_str).collect()
    };
    let listed = |fact: &String| format!("{fact} er {}", values(fact).into_iter().collect::<Vec<_>>().join(" eller "));
    let product: usize = facts.iter().map(|fact| values(fact).len()).product();
    if product == scope.when.len() && scope.when.iter().all(|it| it.len() == facts.len()) {
        return facts.into_iter().map(listed).collect::<Vec<_>>().join(" og ");
    }
    let one = |situation: &super::probe::Situation| {
        situation.iter().map(|(fact, value)| format!("{fact} er {value}")).collect::<Vec<_>>().join(" og ")
    };
    scope.when.iter().map(one).collect::<Vec<_>>().join("; eller ")
}
