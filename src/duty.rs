//! What a party owes: a small state machine. A duty is opened by an event, met, moved or closed by
//! later ones, reminded of before it falls due and told of when it is late. What the agreement said
//! of it when it opened stays with it, so that it needs no agreement later.
//!
//! Pure: the time comes in as a value.

pub mod calendar;
mod notice;
mod terms;
#[cfg(test)]
pub(crate) mod tests;
pub mod watch;

use budstikke_contract::event::{Event, EventKind, WireId, copenhagen};
use budstikke_contract::id::{CaseKey, DutyId, EventId};
use budstikke_contract::municipality::MunicipalityCode;
use jiff::civil::Date;
use jiff::{Span, Timestamp};
use serde::{Deserialize, Serialize};

pub use notice::{Notice, Occasion};
pub(crate) use notice::{hub_kind, hub_source};
pub use terms::{DueAfter, DueDate, Late, Remind, Terms, Told};

/// Something that a party owes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duty {
    /// Its id.
    pub id: DutyId,
    /// What was agreed about it.
    pub terms: Terms,
    /// The case it stands in.
    pub case: CaseKey,
    /// The event that opened it.
    pub event: EventId,
    /// The same event, as its sender calls it.
    pub wire_id: WireId,
    /// What ties a request and its answer together.
    pub correlation: WireId,
    /// Who sent the event that opened it.
    pub asked_by: String,
    /// The mailbox that asked, where it is known: `dragoer/social`. The answer goes there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer_to: Option<String>,
    /// Where the citizen lives.
    pub residence: Option<MunicipalityCode>,
    /// By when, and why then.
    pub due: DueDate,
    /// How it stands.
    pub state: State,
    /// Whether it has been reminded of.
    pub reminded: bool,
    /// Whether it has been told that it is late.
    pub told_late: bool,
    /// How often the due date has moved.
    pub moves: u32,
    /// From when it was to be met by an event that came too late: if the due date moves, it may be
    /// early enough after all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offered: Option<Date>,
    /// Why it is no longer owed, where that is not for an event that its terms name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_because: Option<String>,
}

/// How a duty stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Owed.
    Open,
    /// Done.
    Met,
    /// No longer owed, without having been done.
    Closed,
}

/// From when an event meets a duty.
enum MetFrom {
    /// The event alone meets it.
    AtOnce,
    /// From this day.
    Day(Date),
    /// It should say from when, and does not.
    Unreadable,
}

impl State {
    /// The name in the ledger and in answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Met => "met",
            Self::Closed => "closed",
        }
    }

    /// The state of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Open, Self::Met, Self::Closed].into_iter().find(|state| state.name() == name)
    }
}

/// What an event does to a duty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// It does what was owed, in time.
    Met,
    /// It does what was owed, but too late: the duty stays open, and what follows from being late
    /// follows at once.
    MetTooLate(Option<Date>),
    /// It sets another due date.
    Moved(DueDate),
    /// It is no longer owed.
    Closed,
}

impl Duty {
    /// The duty that `event` opens.
    pub fn open(id: DutyId, terms: Terms, event_id: EventId, event: &Event) -> Self {
        let due = terms.due_date(event);
        Self {
            id,
            case: event.case.clone(),
            event: event_id,
            wire_id: event.id.clone(),
            correlation: event.correlation.clone().unwrap_or_else(|| event.id.clone()),
            asked_by: event.source.party().to_owned(),
            answer_to: None,
            residence: event.residence,
            due,
            terms,
            state: State::Open,
            reminded: false,
            told_late: false,
            moves: 0,
            offered: None,
            closed_because: None,
        }
    }

    /// Whether an event of this kind can do something to it.
    pub fn concerned_by(&self, kind: EventKind) -> bool {
        let name = kind.name();
        self.is_met_by(kind)
            || self.terms.moved_by.iter().any(|it| it == name)
            || self.terms.closed_by.iter().any(|it| it == name)
    }

    /// Whether an event of this kind does what was owed.
    pub fn is_met_by(&self, kind: EventKind) -> bool {
        self.terms.met_by.iter().any(|it| it == kind.name())
    }

    /// Whether the event of that id opened it; senders know it by their own id or by ours.
    pub fn opened_by(&self, cause: &WireId) -> bool {
        self.wire_id == *cause || self.event.to_string() == cause.as_str()
    }

    /// What `event` does to it; `None` where it does nothing.
    pub fn effect(&self, event: &Event) -> Option<Effect> {
        let name = event.kind.name();
        if self.terms.closed_by.iter().any(|it| it == name) {
            return Some(Effect::Closed);
        }
        if self.is_met_by(event.kind) {
            return Some(match (self.met_from(event), self.due.date) {
                (MetFrom::Day(from), Some(due)) if from > due => Effect::MetTooLate(Some(from)),
                (MetFrom::Unreadable, Some(_)) => Effect::MetTooLate(None),
                _ => Effect::Met,
            });
        }
        if self.terms.moved_by.iter().any(|it| it == name) {
            let due = self.terms.moved_due_date(&event.data)?;
            return (due != self.due).then_some(Effect::Moved(due));
        }
        None
    }

    /// From when an event meets it.
    fn met_from(&self, event: &Event) -> MetFrom {
        let Some(path) = &self.terms.met_from else { return MetFrom::AtOnce };
        let from = crate::agreement::model::pointer(&event.data, path).and_then(|value| value.as_str());
        from.and_then(|text| text.parse().ok()).map_or(MetFrom::Unreadable, MetFrom::Day)
    }

    /// The duty after an effect, and what must be told because of it. Told only once: whoever
    /// knows that it will be late need not hear again that it is.
    pub fn after(&self, effect: &Effect, at: Timestamp) -> (Self, Option<Notice>) {
        let mut next = self.clone();
        let mut notice = None;
        match effect {
            Effect::Met => next.state = State::Met,
            Effect::Closed => next.state = State::Closed,
            Effect::MetTooLate(from) => {
                next.offered = *from;
                if !self.told_late && self.terms.late.is_some() {
                    next.told_late = true;
                    notice = Some(Notice::new(&next, Occasion::WillBeLate, at));
                }
            }
            Effect::Moved(due) if due.date.is_some_and(|due| self.offered.is_some_and(|from| from <= due)) => {
                next.due = due.clone();
                next.moves += 1;
                next.state = State::Met;
            }
            Effect::Moved(due) => {
                next.due = due.clone();
                next.moves += 1;
                next.reminded = next.remind_at().is_none_or(|remind| remind <= at);
                next.told_late = false;
            }
        }
        (next, notice)
    }

    /// What has come to be due by `now`: a reminder, or that it is late.
    pub fn tick(&self, now: Timestamp) -> (Self, Option<Notice>) {
        let mut next = self.clone();
        if self.state != State::Open {
            return (next, None);
        }
        let late = !self.told_late && self.late_at().is_some_and(|late| late <= now);
        let remind = !self.reminded && !self.told_late && self.remind_at().is_some_and(|remind| remind <= now);
        let occasion = match (late, remind) {
            (true, _) => Occasion::Late,
            (false, true) => Occasion::DueSoon,
            (false, false) => return (next, None),
        };
        next.reminded = true;
        next.told_late |= occasion == Occasion::Late;
        let told = match occasion {
            Occasion::DueSoon => self.terms.remind.is_some(),
            Occasion::Late | Occasion::WillBeLate => self.terms.late.is_some(),
        };
        let notice = told.then(|| Notice::new(&next, occasion, now));
        (next, notice)
    }

    /// A duty that opens when the time to remind has come needs no reminder: its task says by when.
    #[must_use]
    pub fn opened_at(mut self, at: Timestamp) -> Self {
        self.reminded = self.remind_at().is_none_or(|remind| remind <= at);
        self
    }

    /// When [`Self::tick`] has something to do next.
    pub fn next_at(&self) -> Option<Timestamp> {
        if self.state != State::Open || self.told_late {
            return None;
        }
        let remind = if self.reminded { None } else { self.remind_at() };
        remind.or_else(|| self.late_at())
    }

    /// The first instant of the day, so many days before the due day, on which to remind.
    fn remind_at(&self) -> Option<Timestamp> {
        let days = i64::from(self.terms.remind.as_ref()?.days_before);
        start_of(self.due.date?.checked_sub(Span::new().days(days)).ok()?)
    }

    /// The first instant that is too late: the start of the day after the due day.
    fn late_at(&self) -> Option<Timestamp> {
        start_of(self.due.date?.tomorrow().ok()?)
    }
}

/// When a day begins in Denmark.
fn start_of(day: Date) -> Option<Timestamp> {
    day.to_zoned(copenhagen()).ok().map(|zoned| zoned.timestamp())
}
