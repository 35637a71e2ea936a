//! The plans that are sent: 4 KiB each, all different, of citizens that cannot exist.

use jiff::civil::Date;

/// How long a plan is, in bytes.
pub(super) const SIZE: usize = 4096;

/// What every plan has in common.
#[derive(Debug)]
pub(super) struct Plans {
    head: String,
    tail: String,
}

/// A plan's own mark, by which its deliveries are known again: the forwarder's copy and the hub's
/// event both carry it in clear.
pub(super) const MARK: &str = "BENCHLTR";

/// Digits behind the mark.
pub(super) const DIGITS: usize = 9;

impl Plans {
    /// Plans of citizens that are discharged on `day`.
    pub(super) fn of(day: Date) -> Self {
        let template = include_str!("plan/template.xml").replace("@DAY@", &day.to_string());
        let (head, tail) = template.split_once("@FILL@").unwrap_or((&template, ""));
        Self { head: head.to_owned(), tail: tail.to_owned() }
    }

    /// Plan number `number`.
    pub(super) fn plan(&self, number: u32) -> Vec<u8> {
        let letter = format!("{MARK}{number:0DIGITS$}");
        let fill = |part: &str| {
            part.replace("@LETTER@", &letter)
                .replace("@NUMBER@", &format!("{number:0DIGITS$}"))
                .replace("@CPR@", &citizen(number))
        };
        let (head, tail) = (fill(&self.head), fill(&self.tail));
        let room = SIZE.saturating_sub(head.len() + tail.len());
        let text: String =
            "Gangtræning, styrke og balance. ".chars().filter(char::is_ascii).cycle().take(room).collect();
        format!("{head}{text}{tail}").into_bytes()
    }
}

/// A citizen's number that no citizen has: the day has 60 added to it.
pub(super) fn citizen(number: u32) -> String {
    let (day, month, year) = (61 + number % 28, 1 + number / 28 % 12, 40 + number / 336 % 50);
    format!("{day:02}{month:02}{year:02}{:04}", number / 16_800 % 10_000)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn plans_are_4_kib_and_all_different() {
        let plans = Plans::of(jiff::civil::date(2026, 11, 20));
        let many: BTreeSet<Vec<u8>> = (0..1_000).map(|number| plans.plan(number)).collect();
        assert_eq!(many.len(), 1_000);
        assert!(many.iter().all(|plan| plan.len() == SIZE));
        assert!(many.iter().all(|plan| plan.windows(2).all(|two| two != b"@@" && !two.starts_with(b"@"))));
    }

    #[test]
    fn citizens_are_all_different() {
        let many: BTreeSet<String> = (0..100_000).map(citizen).collect();
        assert_eq!(many.len(), 100_000);
    }
}
