//! How the grants of cases stand, as they were folded last: what is opened to find them is opened once,
//! and not for each page. Whose they are is left out; who is shown a grant gets that by a look.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;

use super::state::Grant;

/// So many cases are kept in mind, a few hundred bytes each. Beyond that it begins anew.
const MOST: usize = 20_000;

/// A case's grants.
#[derive(Debug)]
struct Fold {
    /// What they were folded from, the newest first. What an event says never changes.
    events: Vec<i64>,
    /// The day by which they stand so.
    today: Date,
    grants: Arc<[Grant]>,
}

/// The grants of cases, by mailbox and case: what one mailbox has of a case another may not have.
#[derive(Debug, Default)]
pub(in crate::console) struct Folded(Mutex<HashMap<(String, String), Fold>>);

impl Folded {
    /// A case's grants, where they were folded from the same events on the same day.
    pub(super) fn of(&self, case: &(String, String), events: &[i64], today: Date) -> Option<Arc<[Grant]>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fold = kept.get(case).filter(|fold| fold.today == today && fold.events == events)?;
        Some(Arc::clone(&fold.grants))
    }

    /// Keeps a case's grants in mind, without whose they are.
    pub(super) fn keep(
        &self,
        case: (String, String),
        events: Vec<i64>,
        today: Date,
        grants: Vec<Grant>,
    ) -> Arc<[Grant]> {
        let grants: Arc<[Grant]> = grants.into_iter().map(Grant::of_nobody).collect();
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST && !kept.contains_key(&case) {
            kept.clear();
        }
        kept.insert(case, Fold { events, today, grants: Arc::clone(&grants) });
        grants
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::state::tests::granted;
    use super::*;

    #[test]
    fn a_fold_is_of_its_events_its_day_and_its_mailbox_and_of_nobody() {
        let (folded, today) = (Folded::default(), date(2026, 11, 30));
        let own = ("dragoer/kontrakt".to_owned(), "adult-1".to_owned());
        let other = ("taarnby/kontrakt".to_owned(), "adult-1".to_owned());
        folded.keep(own.clone(), vec![2, 1], today, granted());
        let kept = folded.of(&own, &[2, 1], today).unwrap();
        assert_eq!((kept.len(), kept[0].name.as_str(), kept[0].citizen.as_str()), (1, "", ""));
        assert!(kept[0].service.is_none() && kept[0].contract_number.is_none());
        for (case, events, day) in [
            (&own, vec![3, 2, 1], today),
            (&own, vec![2], today),
            (&own, vec![2, 1], date(2026, 12, 1)),
            (&other, vec![2, 1], today),
        ] {
            assert!(folded.of(case, &events, day).is_none(), "{case:?} {events:?} {day}");
        }
    }

    #[test]
    fn no_more_is_kept_in_mind_than_there_is_room_for() {
        let (folded, today) = (Folded::default(), date(2026, 11, 30));
        for number in 0..=MOST {
            folded.keep((String::new(), number.to_string()), Vec::new(), today, Vec::new());
        }
        assert_eq!(folded.0.lock().unwrap().len(), 1);
    }
}
