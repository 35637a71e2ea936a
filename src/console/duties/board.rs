//! What is owed, as people ask about it: which duties, how each of them stands today, and what is
//! said of it.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde::Serialize;
use utoipa::ToSchema;

use super::super::{names, words};
use crate::agreement::model::Agreement;
use crate::duty::{Duty, Occasion, State};
use crate::ledger::agenda::{self, Slice, Viewpoint};
use budstikke_contract::event::danish_day;

/// How many days before it is due something is due soon.
const SOON: i64 = 7;

/// The longest way that is looked ahead in the agreement's calendar, in years.
const AHEAD: i64 = 2;

/// How a duty stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::console) enum Standing {
    /// Owed, and its day has passed.
    Late,
    /// Owed, within a week.
    Soon,
    /// Owed, later or without a day.
    Open,
    /// Its task comes later, by the agreement's calendar.
    Planned,
    /// Done.
    Met,
    /// No longer owed, without having been done.
    Closed,
}

impl Standing {
    /// How a duty of the ledger stands.
    pub(super) fn of(duty: &Duty, today: Date) -> Self {
        match (duty.state, duty.due.date) {
            (State::Met, _) => Self::Met,
            (State::Closed, _) => Self::Closed,
            (State::Open, Some(due)) if due < today => Self::Late,
            (State::Open, Some(due)) if due <= soon(today) => Self::Soon,
            (State::Open, _) => Self::Open,
        }
    }

    /// In a word.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Late => "overskredet",
            Self::Soon => "snart",
            Self::Open => "åben",
            Self::Planned => "kommende",
            Self::Met => "opfyldt",
            Self::Closed => "lukket",
        }
    }

    /// The name by which the page's style knows it.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Late => "fejl",
            Self::Soon => "obs",
            Self::Met => "god",
            Self::Open | Self::Planned | Self::Closed => "stille",
        }
    }
}

/// The last day that is soon.
pub(super) fn soon(today: Date) -> Date {
    today.checked_add(SOON.days()).unwrap_or(today)
}

/// Which duties are shown, by how they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// All that is owed now.
    Owed,
    /// One way to stand.
    Only(Standing),
    /// Everything.
    All,
}

impl Shown {
    /// All of them, in the order of the form.
    pub(super) const ALL: [Self; 8] = [
        Self::Owed,
        Self::Only(Standing::Late),
        Self::Only(Standing::Soon),
        Self::Only(Standing::Open),
        Self::Only(Standing::Planned),
        Self::Only(Standing::Met),
        Self::Only(Standing::Closed),
        Self::All,
    ];

    /// As it stands in addresses.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Owed => "owed",
            Self::Only(Standing::Late) => "late",
            Self::Only(Standing::Soon) => "soon",
            Self::Only(Standing::Open) => "open",
            Self::Only(Standing::Planned) => "planned",
            Self::Only(Standing::Met) => "met",
            Self::Only(Standing::Closed) => "closed",
            Self::All => "all",
        }
    }

    /// As people read it.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Owed => "Skyldes nu",
            Self::Only(Standing::Late) => "Overskredet",
            Self::Only(Standing::Soon) => "Frist inden for en uge",
            Self::Only(Standing::Open) => "Frist senere eller ingen frist",
            Self::Only(Standing::Planned) => "Kommende i årets gang",
            Self::Only(Standing::Met) => "Opfyldt",
            Self::Only(Standing::Closed) => "Lukket uden at være opfyldt",
            Self::All => "Alle",
        }
    }

    /// What has that name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|shown| shown.name() == name)
    }

    /// Whether it is about what the calendar brings later.
    pub(super) fn looks_ahead(self) -> bool {
        matches!(self, Self::All | Self::Only(Standing::Planned))
    }
}

/// Which duties are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Filter {
    pub(super) shown: Shown,
    /// Only what this party owes.
    pub(super) owed_by: Option<String>,
    /// Only those of this area: `rehab`.
    pub(super) area: Option<String>,
    /// Due on this day or later, or without a day.
    pub(super) from: Option<Date>,
    /// Due on this day or earlier.
    pub(super) to: Option<Date>,
}

/// Why something is no filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unclear {
    /// It is no day.
    Day,
    /// There is no such state.
    State,
    /// There is no such party.
    Party,
    /// There is no such area.
    Area,
}

impl Filter {
    /// Reads a filter: state, party, area, and a day from and to; empty for any.
    pub(super) fn read(
        [state, owed_by, area, from, to]: [&str; 5],
        otherwise: Shown,
        agreement: &Agreement,
    ) -> Result<Self, Unclear> {
        let day = |text: &str| match text {
            "" => Ok(None),
            _ => text.parse::<Date>().map(Some).map_err(|_quotes| Unclear::Day),
        };
        let known = |text: &str, is: bool, fault| match (text, is) {
            ("", _) => Ok(None),
            (_, true) => Ok(Some(text.to_owned())),
            (_, false) => Err(fault),
        };
        Ok(Self {
            shown: if state.is_empty() { otherwise } else { Shown::named(state).ok_or(Unclear::State)? },
            owed_by: known(owed_by, agreement.party(owed_by).is_some(), Unclear::Party)?,
            area: known(area, names::AREAS.iter().any(|(name, _)| *name == area), Unclear::Area)?,
            from: day(from)?,
            to: day(to)?,
        })
    }

    /// What the ledger is asked, where it is asked at all. What is over is read from its end.
    pub(super) fn slices(&self, seen_from: &Viewpoint, today: Date) -> Vec<Slice> {
        let tomorrow = |day: Date| day.tomorrow().unwrap_or(day);
        let slice = |state: State, from: Option<Date>, to: Option<Date>, backwards: bool| Slice {
            seen_from: seen_from.clone(),
            state,
            from: self.from.into_iter().chain(from).max(),
            to: self.to.into_iter().chain(to).min(),
            owed_by: self.owed_by.clone(),
            area: self.area.clone(),
            backwards,
        };
        match self.shown {
            Shown::Owed => vec![slice(State::Open, None, None, false)],
            Shown::Only(Standing::Late) => vec![slice(State::Open, None, today.yesterday().ok(), false)],
            Shown::Only(Standing::Soon) => vec![slice(State::Open, Some(today), Some(soon(today)), false)],
            Shown::Only(Standing::Open) => vec![slice(State::Open, Some(tomorrow(soon(today))), None, false)],
            Shown::Only(Standing::Planned) => Vec::new(),
            Shown::Only(Standing::Met) => vec![slice(State::Met, None, None, true)],
            Shown::Only(Standing::Closed) => vec![slice(State::Closed, None, None, true)],
            Shown::All => [State::Open, State::Met, State::Closed].map(|state| slice(state, None, None, false)).into(),
        }
    }

    /// Whether what is to come by the calendar is asked for, and up to which day.
    pub(super) fn ahead(&self, today: Date) -> Option<Date> {
        let furthest = today.checked_add(AHEAD.years()).unwrap_or(today);
        let usual = today.checked_add(1.year()).unwrap_or(today);
        self.shown.looks_ahead().then(|| self.to.unwrap_or(usual).min(furthest))
    }

    /// Whether something of the calendar is asked for that is due on a day.
    pub(super) fn fits(&self, duty: &Duty) -> bool {
        let day = duty.due.date;
        self.owed_by.as_ref().is_none_or(|party| *party == duty.terms.owed_by)
            && self.area.as_deref().is_none_or(|area| area == agenda::area(duty))
            && self.from.is_none_or(|from| day.is_none_or(|day| from <= day))
            && self.to.is_none_or(|to| day.is_some_and(|day| day <= to))
    }
}

/// Something that was told of a duty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(in crate::console) struct Told {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub(super) at: Timestamp,
    /// Whether that it is late; else that it is due soon.
    pub(super) late: bool,
    /// The mailboxes.
    pub(super) to: Vec<String>,
}

impl Told {
    /// The day, for people.
    pub(super) fn day(&self) -> String {
        words::day(danish_day(self.at))
    }

    /// What was told of a duty at a time.
    pub(super) fn of(duty: &Duty, occasion: Occasion, at: Timestamp) -> Self {
        let late = occasion != Occasion::DueSoon;
        let (remind, overdue) = (duty.terms.remind.as_ref(), duty.terms.late.as_ref());
        let to = if late { overdue.map(|it| &it.to) } else { remind.map(|it| &it.to) };
        Self { at, late, to: to.into_iter().flatten().map(|told| told.0.clone()).collect() }
    }
}

/// A duty, as it is shown. Nothing of it is about a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(in crate::console) struct Obligation {
    /// Its id.
    pub(super) id: String,
    /// How it stands.
    pub(super) state: Standing,
    /// The party that owes it.
    pub(super) owed_by: String,
    /// The parties to whom it is owed; none where it is owed to citizens of its own.
    pub(super) owed_to: Vec<String>,
    /// Of which area: `rehab`.
    pub(super) area: String,
    /// What kind of thing: `act`, `answer`, `approve`, `inform`.
    pub(super) kind: String,
    /// What is owed.
    pub(super) what: String,
    /// The last day in time.
    #[schema(value_type = Option<String>, format = Date)]
    pub(super) due: Option<Date>,
    /// Why then, or why no day.
    pub(super) due_reason: String,
    /// How often the day has moved.
    pub(super) moves: u32,
    /// The kinds of events that fulfil it.
    pub(super) fulfilled_by: Vec<String>,
    /// What follows when it is late.
    pub(super) consequence: Option<String>,
    /// By what law.
    pub(super) law: Option<String>,
    /// By what clause.
    pub(super) clause: String,
    /// The title of the clause's document.
    pub(super) document: String,
    /// The case.
    pub(super) case: String,
    /// What was told of it.
    pub(super) told: Vec<Told>,
    #[serde(skip)]
    pub(super) owed_by_name: String,
    #[serde(skip)]
    pub(super) owed_to_names: String,
}

impl Obligation {
    /// A duty that stands so, by the agreement as it is known now.
    pub(super) fn of(duty: &Duty, state: Standing, told: Vec<Told>, agreement: &Agreement) -> Self {
        let terms = &duty.terms;
        let owed_to = owed_to(duty, agreement);
        let named: Vec<&str> = owed_to.iter().map(|id| names::party(agreement, id)).collect();
        let document = terms.clause.split(' ').next().unwrap_or_default();
        Self {
            id: duty.id.to_string(),
            state,
            owed_by_name: names::party(agreement, &terms.owed_by).to_owned(),
            owed_to_names: named.join(" og "),
            owed_by: terms.owed_by.clone(),
            owed_to,
            area: agenda::area(duty).to_owned(),
            kind: terms.kind.clone(),
            what: terms.what.clone(),
            due: duty.due.date,
            due_reason: duty.due.reason.clone(),
            moves: duty.moves,
            fulfilled_by: terms.met_by.clone(),
            consequence: terms.late.as_ref().map(|late| late.text.clone()),
            law: terms.law.as_ref().map(ToString::to_string),
            clause: terms.clause.clone(),
            document: agreement.documents.get(document).cloned().unwrap_or_default(),
            case: duty.case.to_string(),
            told,
        }
    }

    /// Its day, for people; empty where there is none.
    pub(super) fn due_in_words(&self) -> String {
        self.due.map(words::day).unwrap_or_default()
    }

    /// What its area is called.
    pub(super) fn area_name(&self) -> &str {
        names::area(&self.area)
    }

    /// What kind of thing it is, in Danish.
    pub(super) fn kind_name(&self) -> &str {
        names::duty_kind(&self.kind)
    }

    /// What fulfils it, in Danish.
    pub(super) fn fulfilment(&self) -> String {
        let said: Vec<&str> = self.fulfilled_by.iter().map(|kind| names::happening(kind)).collect();
        said.join(" eller ")
    }

    /// Whether it is in the ledger, and so has a story.
    pub(super) fn has_story(&self) -> bool {
        self.state != Standing::Planned
    }
}

/// The parties to whom a duty is owed, beside whoever owes it.
fn owed_to(duty: &Duty, agreement: &Agreement) -> Vec<String> {
    let answered = duty.answer_to.as_ref().and_then(|to| to.split('/').next());
    let home = duty.residence.and_then(|code| agreement.party_of(code)).map(|party| party.id.as_str());
    let of_calendar = agenda::area(duty) == "calendar";
    let is_owed = |party: &str| of_calendar || answered == Some(party) || duty.asked_by == party || home == Some(party);
    let parties = agreement.parties.iter().map(|party| party.id.as_str());
    parties.filter(|party| *party != duty.terms.owed_by && is_owed(party)).map(str::to_owned).collect()
}

#[cfg(test)]
pub(super) mod tests;
