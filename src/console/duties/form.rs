//! The form that chooses duties, and how many there are of each party and area.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::super::access::Person;
use super::super::names;
use super::super::words::count;
use super::View;
use super::board::{self, Filter, Shown, Standing};
use crate::duty::State;
use crate::ledger::agenda::Tally;
use crate::ledger::{self, Reader};

/// Something to choose in a form.
#[derive(Debug)]
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) title: String,
    pub(super) chosen: bool,
}

/// The form that all pages of duties have.
#[derive(Debug)]
pub(super) struct Form {
    pub(super) seen_from: Vec<Choice>,
    pub(super) states: Vec<Choice>,
    pub(super) parties: Vec<Choice>,
    pub(super) areas: Vec<Choice>,
    pub(super) from: String,
    pub(super) to: String,
    /// What stands in the address for the same filter.
    pub(super) query: String,
}

impl Form {
    pub(super) fn of(view: &View, filter: &Filter, person: &Person) -> Self {
        let agreement = &view.agreement;
        let name = |id: &str| names::party(agreement, id).to_owned();
        let chosen = |value: &str, wanted: &Option<String>| wanted.as_deref() == Some(value);
        let party = |id: &str, chosen| Choice { value: id.to_owned(), title: name(id), chosen };
        let areas = names::AREAS.iter().map(|(area, title)| Choice {
            value: (*area).to_owned(),
            title: (*title).to_owned(),
            chosen: chosen(area, &filter.area),
        });
        let states = Shown::ALL.into_iter().map(|shown| Choice {
            value: shown.name().to_owned(),
            title: shown.title().to_owned(),
            chosen: shown == filter.shown,
        });
        let parties = agreement.parties.iter().map(|it| it.id.as_str());
        let text = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
        Self {
            seen_from: person.parties().into_iter().map(|id| party(id, id == view.party)).collect(),
            states: states.collect(),
            parties: parties.map(|id| party(id, chosen(id, &filter.owed_by))).collect(),
            areas: areas.collect(),
            from: text(filter.from),
            to: text(filter.to),
            query: query(view, filter, &[]),
        }
    }
}

/// A filter as it stands in addresses, with what else is said there.
pub(super) fn query(view: &View, filter: &Filter, more: &[(&str, &str)]) -> String {
    let mut text = form_urlencoded::Serializer::new(String::new());
    text.append_pair("kommune", &view.party).append_pair("tilstand", filter.shown.name());
    for (name, value) in [("skyldes_af", &filter.owed_by), ("omraade", &filter.area)] {
        if let Some(value) = value {
            text.append_pair(name, value);
        }
    }
    for (name, day) in [("fra", filter.from), ("til", filter.to)] {
        if let Some(day) = day {
            text.append_pair(name, &day.to_string());
        }
    }
    text.extend_pairs(more).finish()
}

/// How many duties of one party and area stand how, with where they are.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) party: String,
    pub(super) area: String,
    pub(super) cells: Vec<Cell>,
}

/// One count.
#[derive(Debug)]
pub(super) struct Cell {
    pub(super) count: String,
    pub(super) word: &'static str,
    pub(super) class: &'static str,
    /// Where they are; empty where there are none.
    pub(super) link: String,
}

/// What a board counts, in the order of its columns.
const COLUMNS: [Standing; 5] = [Standing::Late, Standing::Soon, Standing::Open, Standing::Met, Standing::Closed];

/// Counts what there is, whatever state is asked for.
pub(super) fn counts(reader: &mut Reader<'_>, view: &View, filter: &Filter) -> Result<Vec<Row>, ledger::Error> {
    let mut by_place: BTreeMap<(String, String), [u32; 5]> = BTreeMap::new();
    let days = (view.today, board::soon(view.today));
    let mut add = |found: BTreeMap<(String, String), Tally>, put: fn(&mut [u32; 5], Tally)| {
        for (place, tally) in found {
            put(by_place.entry(place).or_default(), tally);
        }
    };
    for slice in (Filter { shown: Shown::All, ..filter.clone() }).slices(&view.seen_from, view.today) {
        let found = reader.agenda_counts(&slice, days)?;
        match slice.state {
            State::Open => add(found, |it, tally| {
                let [late, soon, open, ..] = it;
                (*late, *soon, *open) = (tally.before, tally.between, tally.after);
            }),
            State::Met => add(found, |[.., met, _], tally| *met = tally.all()),
            State::Closed => {
                add(found, |[.., closed], tally| *closed = tally.all());
            }
        }
    }
    let row = |((party, area), counted): ((String, String), [u32; 5])| {
        let cells = COLUMNS.into_iter().zip(counted).map(|(standing, number)| {
            let shown = Shown::Only(standing);
            let one = Filter { shown, owed_by: Some(party.clone()), area: Some(area.clone()), ..filter.clone() };
            let link = if number == 0 { String::new() } else { query(view, &one, &[]) };
            let class = if number == 0 { "" } else { standing.class() };
            Cell { count: count(i64::from(number)), word: standing.word(), class, link }
        });
        Row {
            cells: cells.collect(),
            party: names::party(&view.agreement, &party).to_owned(),
            area: names::area(&area).to_owned(),
        }
    };
    Ok(by_place.into_iter().map(row).collect())
}
