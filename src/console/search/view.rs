//! What was found, as the page shows it. Pure; no content.

use jiff::Timestamp;

use super::super::standing::{Standing, of_delivery, of_item, what};
use super::super::words::clock;
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

impl Results {
    pub(super) fn of(title: &'static str, found: &Found, next: Option<String>, now: Timestamp) -> Self {
        Self { title, rows: found.hits.iter().map(|hit| Row::of(hit, now)).collect(), next }
    }
}

impl Row {
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
