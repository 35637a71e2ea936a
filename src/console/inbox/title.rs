//! What a task is called in the lists, and on its page. No content.

use std::collections::BTreeMap;

use super::super::names::happening;
use crate::duty::{Duty, Occasion};

/// What a task, or what came into one, is called: what it is; of what the hub tells of a duty, which one
/// that is. The words are the agreement's, so that nothing of them is about a person.
pub(super) fn title(kind: &str, told: Option<(&Duty, Occasion)>, parties: &BTreeMap<String, String>) -> String {
    let Some((duty, occasion)) = told else { return happening(kind).to_owned() };
    let terms = &duty.terms;
    let party = parties.get(&terms.owed_by).unwrap_or(&terms.owed_by);
    match occasion {
        Occasion::DueSoon => format!("{party} har snart frist: {}", terms.what),
        Occasion::Late | Occasion::WillBeLate => format!("{party} er forsinket: {}", terms.what),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_of_a_duty_says_which_one_and_whose() {
        let parties = BTreeMap::from([("taarnby".to_owned(), "Tårnby".to_owned())]);
        let duty = crate::duty::tests::training();
        let said = |occasion| title("duty.overdue", Some((&duty, occasion)), &parties);
        assert_eq!(said(Occasion::Late), format!("Tårnby er forsinket: {}", duty.terms.what));
        assert_eq!(said(Occasion::WillBeLate), said(Occasion::Late));
        assert_eq!(said(Occasion::DueSoon), format!("Tårnby har snart frist: {}", duty.terms.what));
        assert_eq!(title("duty.overdue", None, &parties), happening("duty.overdue"));
    }

    #[test]
    fn every_kind_has_a_danish_title() {
        for kind in budstikke_schemas::KINDS {
            assert!(happening(kind.name) != kind.name, "{}", kind.name);
        }
        assert_eq!(happening("a.kind.of.another.day"), "a.kind.of.another.day");
    }
}
