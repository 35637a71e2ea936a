//! What was found, as the page shows it. Pure; no content.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::super::standing::{Standing, of_delivery, of_item, what};
use super::super::words::{clock, several};
use crate::ledger::search::{Found, Hit};

/// What was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Results {
    pub(super) title: &'static str,
    pub(super) rows: Vec<Row>,
    /// Where there is more.
    pub(super) next: Option<String>,
}

/// A message.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) link: String,
    pub(super) number: String,
    pub(super) what: String,
    pub(super) at: String,
    pub(super) source: String,
    pub(super) law: String,
    pub(super) case: Option<String>,
    pub(super) state: Option<Standing>,
    pub(super) code: Option<String>,
    pub(super) deliveries: Vec<(String, Standing)>,
}

/// Of more deliveries than this a row says how many there are, and who they are for is opened.
const FEW: usize = 2;

impl Results {
    pub(super) fn of(title: &'static str, found: &Found, next: Option<String>, now: Timestamp) -> Self {
        Self { title, rows: found.hits.iter().map(|hit| Row::of(hit, now)).collect(), next }
    }
}

impl Row {
    /// Whether there are so many that they would make the row tall.
    pub(super) fn is_folded(&self) -> bool {
        self.deliveries.len() > FEW
    }

    /// How many mailboxes there are: `7 postkasser`.
    pub(super) fn mailboxes(&self) -> String {
        let names: BTreeSet<&str> = self.deliveries.iter().map(|(mailbox, _)| mailbox.as_str()).collect();
        several(i64::try_from(names.len()).unwrap_or(i64::MAX), "postkasse", "postkasser")
    }

    /// How many of them stand how, so that nobody must open what is well.
    pub(super) fn standings(&self) -> Vec<(usize, Standing)> {
        let mut counted: Vec<(usize, Standing)> = Vec::new();
        for (_, standing) in &self.deliveries {
            match counted.iter_mut().find(|(_, known)| known == standing) {
                Some((count, _)) => *count += 1,
                None => counted.push((1, *standing)),
            }
        }
        counted
    }

    pub(super) fn of(hit: &Hit, now: Timestamp) -> Self {
        let link = match (hit.item, &hit.case) {
            (Some(item), _) => format!("/forloeb/post/{item}"),
            (None, Some(case)) => format!("/forloeb/sag/{case}"),
            (None, None) => "/soeg".to_owned(),
        };
        let mut deliveries: Vec<(String, Standing)> = Vec::new();
        for (mailbox, state) in &hit.deliveries {
            let shown = (mailbox.clone(), of_delivery(*state));
            if !deliveries.contains(&shown) {
                deliveries.push(shown);
            }
        }
        Self {
            link,
            number: hit.item.map_or_else(|| "budstikken".to_owned(), |item| format!("#{item}")),
            what: what(&hit.what),
            at: clock(hit.at, now),
            source: hit.source.clone().unwrap_or_else(|| "budstikken selv".to_owned()),
            law: hit.law.clone().unwrap_or_default(),
            case: hit.case.clone(),
            state: hit.state.map(of_item),
            code: hit.code.clone(),
            deliveries,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::delivery::State;

    fn row(mailboxes: &[(&str, State)]) -> Row {
        let hit = Hit {
            item: Some(7),
            event: Some(7),
            what: "notice.given".to_owned(),
            state: None,
            case: None,
            code: None,
            source: None,
            at: Timestamp::UNIX_EPOCH,
            law: None,
            deliveries: mailboxes.iter().map(|(mailbox, state)| ((*mailbox).to_owned(), *state)).collect(),
        };
        Row::of(&hit, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn what_many_got_is_counted_by_how_it_stands() {
        let few = [("dragoer/ydelse", State::Delivered), ("dragoer/social", State::Delivered)];
        assert!(!row(&few).is_folded());
        let many = [
            ("dragoer/ydelse", State::Delivered),
            ("dragoer/social", State::Parked),
            // By a second channel.
            ("dragoer/social", State::Delivered),
            ("dragoer/ledelse", State::Delivered),
        ];
        let row = row(&many);
        assert!(row.is_folded());
        assert_eq!(row.mailboxes(), "3 postkasser");
        let counted: Vec<(usize, &str)> = row.standings().iter().map(|(count, it)| (*count, it.word)).collect();
        assert_eq!(counted, [(3, of_delivery(State::Delivered).word), (1, of_delivery(State::Parked).word)]);
    }
}
