//! Which list of tasks somebody wants, as an address says it. Nothing in it is about a person.

use super::super::access::Person;
use super::super::address::Address;
use super::super::fault::Fault;
use crate::ledger::task::{Place, Tab};

/// What stands in an address.
#[derive(Debug, Clone)]
pub(super) struct Wish {
    fane: String,
    postkasse: String,
    efter: String,
}

impl Wish {
    pub(super) fn of(address: &Address) -> Self {
        let one = |name| address.one(name).to_owned();
        Self { fane: one("fane"), postkasse: one("postkasse"), efter: one("efter") }
    }
}

/// A list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) tab: Tab,
    /// The mailboxes that it is of; empty of none.
    pub(super) mailboxes: Vec<String>,
    /// The one that was chosen, where not all are shown.
    pub(super) only: Option<String>,
    pub(super) after: Option<Place>,
}

/// The name of a list in addresses.
pub(super) fn word(tab: Tab) -> &'static str {
    match tab {
        Tab::New => "nye",
        Tab::Mine => "mine",
        Tab::Others => "kolleger",
        Tab::Waiting => "venter",
        Tab::Late => "forsinkede",
        Tab::Done => "faerdige",
    }
}

/// A place in a list, in an address: the day, the instant and the number.
pub(super) fn written(place: &Place) -> String {
    let due = place.due.map_or_else(|| "-".to_owned(), |due| due.to_string());
    format!("{due}_{}_{}", place.since, place.seq)
}

/// Reads it.
pub(super) fn place(text: &str) -> Option<Place> {
    let mut parts = text.split('_');
    let due = match parts.next()? {
        "-" => None,
        day => Some(day.parse().ok()?),
    };
    let place = Place { due, since: parts.next()?.parse().ok()?, seq: parts.next()?.parse().ok()? };
    parts.next().is_none().then_some(place)
}

impl Choice {
    /// What somebody wants to see. Of mailboxes that are not theirs, nothing.
    pub(super) fn of(person: &Person, wish: &Wish) -> Result<Self, Fault> {
        let own: Vec<String> = person.mailboxes().map(ToString::to_string).collect();
        let only = (!wish.postkasse.is_empty()).then(|| wish.postkasse.clone());
        if own.is_empty() || only.as_ref().is_some_and(|only| !own.contains(only)) {
            return Err(Fault::Forbidden);
        }
        let tab = Tab::ALL.into_iter().find(|tab| word(*tab) == wish.fane).unwrap_or(Tab::New);
        let mailboxes = only.as_ref().map_or(own, |only| vec![only.clone()]);
        Ok(Self { tab, mailboxes, only, after: place(&wish.efter) })
    }

    /// The address of another list of the same mailboxes, from a place on.
    pub(super) fn address(&self, page: &str, tab: Tab, after: Option<&Place>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("fane", word(tab));
        if let Some(only) = &self.only {
            query.append_pair("postkasse", only);
        }
        if let Some(place) = after {
            query.append_pair("efter", &written(place));
        }
        format!("{page}?{}", query.finish())
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::super::super::access::roles;
    use super::*;

    fn person(text: &str) -> Person {
        Person { user: "ida".to_owned(), name: "Ida".to_owned(), roles: roles(text) }
    }

    fn wish(fane: &str, postkasse: &str) -> Wish {
        Wish { fane: fane.to_owned(), postkasse: postkasse.to_owned(), efter: String::new() }
    }

    #[test]
    fn a_list_is_of_ones_own_mailboxes() {
        let ida = person("caseworker:dragoer/ydelse caseworker:dragoer/social operator");
        let all = Choice::of(&ida, &wish("mine", "")).unwrap();
        assert_eq!((all.tab, all.mailboxes.len(), &all.only), (Tab::Mine, 2, &None));
        let one = Choice::of(&ida, &wish("nothing", "dragoer/ydelse")).unwrap();
        assert_eq!((one.tab, one.mailboxes.as_slice()), (Tab::New, &["dragoer/ydelse".to_owned()][..]));
        assert_eq!(one.address("/indbakke", Tab::Late, None), "/indbakke?fane=forsinkede&postkasse=dragoer%2Fydelse");
        assert!(matches!(Choice::of(&ida, &wish("", "taarnby/jobcenter")), Err(Fault::Forbidden)));
        assert!(matches!(Choice::of(&person("operator"), &wish("", "")), Err(Fault::Forbidden)));
    }

    #[test]
    fn a_place_is_read_as_it_is_written() {
        for due in [None, Some(date(2026, 11, 30))] {
            let there = Place { due, since: -3, seq: 17 };
            assert_eq!(place(&written(&there)), Some(there));
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_fail(text in ".{0,40}") {
            let _read = place(&text);
        }
    }
}
