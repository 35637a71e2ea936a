//! Where a page of duties ends and the next one begins. What the calendar brings later is in no ledger,
//! and stands after all that is.

use std::cmp::Reverse;

use jiff::civil::Date;

use crate::ledger::agenda::Place;

/// The place of what the calendar brings on a day, behind the one before it. Its number counts those of
/// the day, below zero: it has none in the ledger yet.
pub(super) fn planned(before: Option<&Place>, day: String) -> Place {
    let seq = before.filter(|before| before.day == day).map_or(0, |before| before.seq) - 1;
    Place { day, seq }
}

/// Whether it is the place of something that the calendar brings later.
pub(super) fn is_planned(place: &Place) -> bool {
    place.seq < 0
}

/// By what the places of the calendar are in order.
pub(super) fn in_order(planned: &Place) -> (&str, Reverse<i64>) {
    (&planned.day, Reverse(planned.seq))
}

/// Reads a place that a page ended at: `2026-12-01.17`.
pub(super) fn read(text: &str) -> Option<Place> {
    let (day, seq) = text.split_once('.')?;
    day.parse::<Date>().ok()?;
    Some(Place { day: day.to_owned(), seq: seq.parse().ok()? })
}

/// A place as it stands in addresses.
pub(super) fn written(place: &Place) -> String {
    format!("{}.{}", place.day, place.seq)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_place_is_read_as_it_is_written() {
        let at = Place { day: "2026-12-01".to_owned(), seq: 17 };
        assert_eq!(read(&written(&at)), Some(at));
        assert!(read("2026-12-01").is_none() && read("x.1").is_none());
    }

    #[test]
    fn what_is_to_come_stands_in_the_order_in_which_it_is_told() {
        let mut last: Option<Place> = None;
        for day in ["2026-12-01", "2026-12-01", "2026-12-01", "2026-12-02", "2027-01-01"] {
            let next = planned(last.as_ref(), day.to_owned());
            assert!(is_planned(&next) && read(&written(&next)).as_ref() == Some(&next));
            assert!(last.is_none_or(|last| in_order(&last) < in_order(&next)), "{next:?}");
            last = Some(next);
        }
        let furthest = read("2027-01-01.-9223372036854775808").unwrap();
        assert!(last.is_some_and(|last| in_order(&last) < in_order(&furthest)));
    }

    proptest! {
        #[test]
        fn any_text_is_a_place_or_none(text in "\\PC{0,24}") {
            drop(read(&text));
        }
    }
}
