//! What a task is called in the lists, and on its page. No content.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::super::names::happening;
use crate::duty::{Duty, Occasion};

/// What a task, or what came into one on a day, is called: what it is; of what the hub tells of a duty, which
/// one that is. The words are the agreement's, so that nothing of them is about a person.
pub(super) fn title(
    kind: &str,
    told: Option<(&Duty, Occasion)>,
    day: Date,
    parties: &BTreeMap<String, String>,
) -> String {
    let Some((duty, occasion)) = told else { return happening(kind).to_owned() };
    let terms = &duty.terms;
    let party = parties.get(&terms.owed_by).unwrap_or(&terms.owed_by);
    let how = match occasion {
        Occasion::DueSoon => "har snart frist",
        // That it will be late is told by the same event as that it is: never both.
        Occasion::Late | Occasion::WillBeLate if duty.due.date.is_some_and(|due| day <= due) => "bliver forsinket",
        Occasion::Late | Occasion::WillBeLate => "er forsinket",
    };
    format!("{party} {how}: {}", terms.what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_of_a_duty_says_which_one_and_whose() {
        let parties = BTreeMap::from([("taarnby".to_owned(), "Tårnby".to_owned())]);
        let duty = crate::duty::tests::training();
        let due = duty.due.date.unwrap();
        let said = |occasion, day| title("duty.overdue", Some((&duty, occasion)), day, &parties);
        for occasion in [Occasion::Late, Occasion::WillBeLate] {
            assert_eq!(said(occasion, due.tomorrow().unwrap()), format!("Tårnby er forsinket: {}", duty.terms.what));
            assert_eq!(said(occasion, due), format!("Tårnby bliver forsinket: {}", duty.terms.what));
        }
        assert_eq!(said(Occasion::DueSoon, due), format!("Tårnby har snart frist: {}", duty.terms.what));
        assert_eq!(title("duty.overdue", None, due, &parties), happening("duty.overdue"));
    }

    #[test]
    fn every_kind_has_a_danish_title() {
        for kind in budstikke_schemas::KINDS {
            assert!(happening(kind.name) != kind.name, "{}", kind.name);
        }
        assert_eq!(happening("a.kind.of.another.day"), "a.kind.of.another.day");
    }
}
