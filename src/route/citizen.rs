//! What the CPR register tells of a citizen, and what follows from it: who must know, what is no
//! longer owed, and how what comes later is decided about.
//!
//! No rule of an agreement is about this. Whoever has something open for the citizen is told, by
//! the clauses by which they have it. Pure: what is known comes in as values, which are stored with
//! each decision.

use budstikke_contract::event::{Event, WireId, danish_day};
use budstikke_contract::id::CaseKey;
use budstikke_contract::municipality::MunicipalityCode;
use budstikke_contract::reason::{Code, Reason, Remark};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Known, SENDER_NOT_ALLOWED};
use crate::duty::{Duty, State};

/// The area of the kinds of events that tell of a citizen, and of their cases.
pub const AREA: &str = "citizen";
/// Who may tell it: the first segment of the source.
const REGISTER: &str = "kombit";
/// A remark: the citizen has died before it happened, or before it was known.
const CITIZEN_HAS_DIED: Code = Code::new("CITIZEN_HAS_DIED");
/// The kinds that end a case, where nothing in it is owed or on its way any more. A placement, a
/// flex job or a programme that ends is a part of a case that goes on; of grants, only each of an
/// adult's is a case of its own.
pub(super) const ENDS: [&str; 4] =
    ["rehab.course.closed", "rehab.plan.withdrawn", "adult.grant.ended", "employment.case.closed"];

/// One thing that the register told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "lowercase")]
pub enum News {
    /// The citizen has moved.
    Moved {
        /// From which day the new residence counts.
        from: Date,
        /// The new residence.
        to: MunicipalityCode,
        /// The one before, where it was told.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        previous: Option<MunicipalityCode>,
    },
    /// The citizen has died.
    Died {
        /// On which day; where it was not told, the day it was told.
        on: Date,
    },
    /// Name and address are protected.
    Protected {
        /// To which day, that day included.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<Date>,
    },
}

impl News {
    /// What an event of the register tells that later decisions go by. A move without its day and
    /// its municipality is nothing to go by.
    pub fn of(event: &Event) -> Option<Self> {
        let text = |name: &str| event.data.get(name).and_then(|value| value.as_str());
        let day = |name: &str| text(name).and_then(|text| text.parse::<Date>().ok());
        match event.kind.name() {
            "citizen.moved" => Some(Self::Moved {
                from: day("from")?,
                to: MunicipalityCode::parse(text("municipality")?)?,
                previous: text("previous").and_then(MunicipalityCode::parse),
            }),
            "citizen.died" => Some(Self::Died { on: day("date").unwrap_or_else(|| event.deciding_date()) }),
            "citizen.protected" => Some(Self::Protected { to: day("to") }),
            _ => None,
        }
    }
}

/// The day on which something was asked that is decided about as of `day`, and was told at `time`: a
/// grant counts from its first day, and is given before that.
pub fn asked_on(day: Date, time: Timestamp) -> Date {
    day.min(danish_day(time))
}

/// What the register has told of the citizen of an event, in the order in which it was told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Register(pub Vec<News>);

impl Register {
    /// Whether nothing was told.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Where the citizen lives on a day because of a move. Of two moves from one day the later told
    /// counts.
    pub fn moved_to(&self, day: Date) -> Option<MunicipalityCode> {
        let moves = self.0.iter().filter_map(|news| match news {
            News::Moved { from, to, .. } if *from <= day => Some((*from, *to)),
            News::Moved { .. } | News::Died { .. } | News::Protected { .. } => None,
        });
        moves.max_by_key(|(from, _)| *from).map(|(_, to)| to)
    }

    /// Where the citizen lived before the first move, where that was told.
    fn before_moving(&self) -> Option<MunicipalityCode> {
        let moves = self.0.iter().filter_map(|news| match news {
            News::Moved { from, previous, .. } => Some((*from, *previous)),
            News::Died { .. } | News::Protected { .. } => None,
        });
        moves.min_by_key(|(from, _)| *from).and_then(|(_, previous)| previous)
    }

    /// On which day the citizen died, by the latest that was told.
    pub fn died_on(&self) -> Option<Date> {
        self.0.iter().rev().find_map(|news| match news {
            News::Died { on } => Some(*on),
            News::Moved { .. } | News::Protected { .. } => None,
        })
    }

    /// Whether what is delivered because of something of this day must say that the citizen is
    /// protected. What was told last of protection counts; it is not asked when it began, so that
    /// what happened before and comes after is protected too.
    pub fn protected(&self, day: Date) -> bool {
        match self.protection() {
            Some(News::Protected { to }) => to.is_none_or(|to| day <= to),
            Some(News::Moved { .. } | News::Died { .. }) | None => false,
        }
    }

    /// What was told last of protection.
    pub fn protection(&self) -> Option<&News> {
        self.0.iter().rev().find(|news| matches!(news, News::Protected { .. }))
    }

    /// Whether a duty that something [asked](asked_on) on that day opened is no longer owed, and why:
    /// what was asked after the death was asked by someone who knows of it.
    pub fn closes(&self, asked: Date) -> Option<String> {
        let died = self.died_on().filter(|died| asked <= *died)?;
        Some(format!("borgeren er død {died} ifølge CPR"))
    }

    /// What receivers should know of the citizen.
    pub fn remarks(&self) -> Vec<Remark> {
        let died = self.died_on();
        died.map(|day| Remark::new(CITIZEN_HAS_DIED, format!("CPR har meldt, at borgeren er død {day}.")))
            .into_iter()
            .collect()
    }
}

impl Known {
    /// Where the citizen lives on a day, as far as case and register know. `said` is what the event
    /// itself says; `answers` whether a duty of the case waits for an answer from its sender: that
    /// goes by the residence that the question went by.
    pub fn residence_on(&self, day: Date, answered: Option<&Duty>) -> Option<MunicipalityCode> {
        match self.register.moved_to(day) {
            Some(_) if answered.is_some() => answered.and_then(|duty| duty.residence),
            Some(moved_to) => Some(moved_to),
            None => self.register.before_moving().or(self.residence),
        }
    }

    /// The open duty that an event of this kind, sent by this party, may be the answer to.
    pub fn answered_by(&self, kind: &str, party: &str, cause: Option<&WireId>) -> Option<&Duty> {
        let answers = |duty: &&Duty| {
            duty.terms.kind != "act"
                && duty.terms.met_by.iter().any(|it| it == kind)
                && duty.terms.owed_by == party
                && cause.is_none_or(|cause| duty.opened_by(cause))
        };
        self.open.iter().find(answers)
    }
}

/// A case of the citizen's.
#[derive(Debug, Clone, Serialize)]
pub struct Case {
    /// Which.
    pub case: CaseKey,
    /// The last kind of event that was routed in it, what the register told left out.
    pub last: Option<String>,
    /// The duties that are open in it, each with the day on which it was [asked](asked_on).
    pub open: Vec<(Duty, Date)>,
    /// The mailboxes that have got something of it, with the rules and clauses by which they got the
    /// latest.
    pub reached: Vec<Reached>,
    /// Whether something of it is still to be delivered.
    pub under_way: bool,
}

/// A mailbox that has got something of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reached {
    /// Which.
    pub mailbox: String,
    /// By which rules and clauses.
    pub rules: Vec<(String, String)>,
}

impl Case {
    /// Whether it is open: something is owed or on its way, or the last that happened in it was not
    /// the end of it.
    pub fn is_open(&self) -> bool {
        let ended = self.last.as_deref().is_some_and(|kind| ENDS.contains(&kind));
        !self.open.is_empty() || self.under_way || (self.last.is_some() && !ended)
    }
}

/// Whom an event of the register concerns.
#[derive(Debug, Clone, Default)]
pub struct Concern {
    /// Who is told.
    pub told: Vec<Concerned>,
    /// The duties that are no longer owed, as they then stand.
    pub closed: Vec<Duty>,
}

/// A mailbox that is told.
#[derive(Debug, Clone)]
pub struct Concerned {
    /// Which.
    pub mailbox: String,
    /// By which rules and clauses it has something open.
    pub rules: Vec<(String, String)>,
    /// The open duties of its cases. Those of other cases are none of its business.
    pub duties: Vec<Duty>,
}

/// Decides whom it concerns.
///
/// # Errors
/// Someone other than the register says so.
pub fn concern(event: &Event, cases: &[Case], register: &Register) -> Result<Concern, Reason> {
    if event.source.party() != REGISTER {
        let text = format!(
            "{} kommer kun fra CPR gennem Beskedfordeleren; `{}` kan ikke sende den. Ret afsenderen.",
            event.kind,
            event.source.party()
        );
        return Err(Reason::new(SENDER_NOT_ALLOWED, text).at("$.source"));
    }
    let mut concern = Concern::default();
    for case in cases.iter().filter(|case| case.is_open()) {
        for reached in &case.reached {
            let duties = case.open.iter().map(|(duty, _)| duty.clone());
            let known = concern.told.iter_mut().find(|it| it.mailbox == reached.mailbox);
            if let Some(known) = known {
                known.duties.extend(duties);
                let more = reached.rules.iter().filter(|rule| !known.rules.contains(rule)).cloned().collect::<Vec<_>>();
                known.rules.extend(more);
            } else {
                let (mailbox, rules) = (reached.mailbox.clone(), reached.rules.clone());
                concern.told.push(Concerned { mailbox, rules, duties: duties.collect() });
            }
        }
        let closed = case.open.iter().filter_map(|(duty, day)| Some(closed(duty, register.closes(*day)?)));
        concern.closed.extend(closed);
    }
    if event.kind.name() == "citizen.died" {
        // What is told as closed is what the death has closed.
        let ids: Vec<_> = concern.closed.iter().map(|duty| duty.id).collect();
        for told in &mut concern.told {
            told.duties.retain(|duty| ids.contains(&duty.id));
        }
    }
    concern.told.sort_by(|a, b| a.mailbox.cmp(&b.mailbox));
    Ok(concern)
}

/// A duty that is no longer owed.
pub fn closed(duty: &Duty, because: String) -> Duty {
    Duty { state: State::Closed, closed_because: Some(because), ..duty.clone() }
}
