//! A task of a mailbox: what has come to it of one case by the console's inbox, as one thing to do.
//! A small state machine: new, somebody's, waiting, done. What comes later of the same case comes
//! into the same task, and nothing that somebody works with is taken from them without a word.
//!
//! Pure: the time and what is owed come in as values.

#[cfg(test)]
mod tests;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Whose it is.
    pub mailbox: String,
    /// What it is about.
    pub case: String,
    /// How it stands.
    #[serde(flatten)]
    pub state: State,
    /// Since when it stands so.
    pub since: Timestamp,
    /// What is in it that nobody has brought to an end.
    pub contents: Contents,
    /// Whether its sender has been told that it is taken on.
    pub accepted: bool,
    /// When something came last.
    pub arrived: Timestamp,
    /// The kind of what came last.
    pub kind: String,
    /// The law of what came last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub law: Option<String>,
    /// Grows with every change, so that two people at one task cannot overwrite each other.
    pub version: u32,
}

/// How a task stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub enum State {
    /// Nobody has it.
    New,
    /// Somebody works with it.
    Taken {
        /// Who.
        by: String,
    },
    /// It is somebody's, and cannot go on yet.
    Waiting {
        /// Whose.
        by: String,
        /// For what.
        on: Wait,
    },
    /// There is nothing more to do.
    Done {
        /// Who brought it to an end; nobody here where what was owed was done elsewhere.
        by: Option<String>,
        /// In what way.
        how: How,
    },
}

/// What a task waits for. What comes of its case ends the wait too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Wait {
    /// That somebody answers.
    Answer,
    /// That a day comes.
    Until(Date),
}

/// How a task was brought to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum How {
    /// It was only to be read, and was.
    Read,
    /// It was done, and nobody asked for an answer.
    Completed,
    /// The answer that was owed was given here.
    Answered,
    /// What was owed was done elsewhere.
    Met,
    /// It is not theirs to do.
    Rejected,
}

/// What is in a task that nobody has brought to an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Contents {
    /// How many things.
    pub events: u32,
    /// How many of them are to be acted on, and not only to be read.
    pub to_do: u32,
    /// How many of these came with a duty.
    pub duties: u32,
    /// How many of those are still owed.
    pub owed: u32,
    /// By when the first of them is.
    pub due: Option<Date>,
}

impl Contents {
    /// Whether all that was to be done has been, as far as duties say.
    fn is_settled(&self) -> bool {
        self.to_do > 0 && self.duties == self.to_do && self.owed == 0
    }
}

/// Something that comes to a mailbox.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    /// Its kind.
    pub kind: &'a str,
    /// Its law.
    pub law: Option<&'a str>,
    /// When.
    pub at: Timestamp,
}

/// What somebody does with a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Takes it, goes on with it, or opens it again.
    Take,
    /// Takes it from a colleague, who is named so that it is taken from nobody else.
    TakeOver {
        /// From whom.
        from: String,
    },
    /// Gives it to a colleague, or back to all.
    HandOver {
        /// To whom.
        to: Option<String>,
    },
    /// Tells its sender that it is taken on.
    Accept,
    /// Lets it wait.
    Wait(Wait),
    /// Brings it to its end.
    Complete {
        /// With the answer that was owed.
        answered: bool,
    },
    /// Says that it is not theirs to do.
    Reject,
}

/// Why somebody cannot do that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Somebody else has it.
    Theirs {
        /// Who.
        by: String,
        /// Since when.
        since: Timestamp,
    },
    /// It is at its end.
    Done {
        /// Who brought it there.
        by: Option<String>,
        /// In what way.
        how: How,
        /// When.
        since: Timestamp,
    },
    /// An answer is owed.
    Owed,
    /// There is nothing in it to be acted on.
    OnlyToRead,
    /// The day is no later one.
    Past,
}

impl State {
    /// The name in the ledger and in answers.
    pub fn name(&self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Taken { .. } => "taken",
            Self::Waiting { .. } => "waiting",
            Self::Done { .. } => "done",
        }
    }
}

impl How {
    /// The name in answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Completed => "completed",
            Self::Answered => "answered",
            Self::Met => "met",
            Self::Rejected => "rejected",
        }
    }
}

impl Task {
    /// The task that the first of its case begins.
    pub fn begin(mailbox: &str, case: &str, arrival: Arrival<'_>, contents: Contents) -> Self {
        Self {
            mailbox: mailbox.to_owned(),
            case: case.to_owned(),
            state: State::New,
            since: arrival.at,
            contents,
            accepted: false,
            arrived: arrival.at,
            kind: arrival.kind.to_owned(),
            law: arrival.law.map(str::to_owned),
            version: 1,
        }
    }

    /// Whose it is.
    pub fn holder(&self) -> Option<&str> {
        match &self.state {
            State::Taken { by } | State::Waiting { by, .. } => Some(by),
            State::New | State::Done { .. } => None,
        }
    }

    /// Whether it is at its end.
    pub fn is_done(&self) -> bool {
        matches!(self.state, State::Done { .. })
    }

    /// Whether there is something to be acted on, and not only to be read.
    pub fn is_to_do(&self) -> bool {
        self.contents.to_do > 0
    }

    /// Whether it should have been done before `today`.
    pub fn is_late(&self, today: Date) -> bool {
        !self.is_done() && self.contents.due.is_some_and(|due| due < today)
    }

    /// Whether it waits, and for longer than until `today`.
    pub fn is_waiting(&self, today: Date) -> bool {
        match &self.state {
            State::Waiting { on: Wait::Answer, .. } => true,
            State::Waiting { on: Wait::Until(day), .. } => *day > today,
            State::New | State::Taken { .. } | State::Done { .. } => false,
        }
    }

    /// The task when something else of its case has come. What waited goes on, and what was at its
    /// end is new; whoever works with it keeps it.
    #[must_use]
    pub fn arrives(&self, arrival: Arrival<'_>, contents: Contents) -> Self {
        let state = match &self.state {
            State::New | State::Done { .. } => State::New,
            State::Taken { by } | State::Waiting { by, .. } => State::Taken { by: by.clone() },
        };
        let next = Self {
            contents,
            // The sender has been told of what came before, and not of this.
            accepted: false,
            arrived: arrival.at,
            kind: arrival.kind.to_owned(),
            law: arrival.law.map(str::to_owned),
            version: self.version + 1,
            ..self.clone()
        };
        next.coming_to(state, arrival.at)
    }

    /// The task when what is owed has changed. Where all of it has been done elsewhere (`met`),
    /// there is nothing more to do here.
    #[must_use]
    pub fn owing(&self, contents: Contents, met: bool, at: Timestamp) -> Self {
        if contents == self.contents {
            return self.clone();
        }
        let next = Self { contents, version: self.version + 1, ..self.clone() };
        if met && !self.is_done() && contents.is_settled() {
            return next.coming_to(State::Done { by: None, how: How::Met }, at);
        }
        next
    }

    /// The task after somebody has done something with it; the same task where that changes nothing.
    ///
    /// # Errors
    /// Why they cannot.
    pub fn after(&self, by: &str, act: &Act, at: Timestamp, today: Date) -> Result<Self, Refusal> {
        if let State::Done { by: ended, how } = &self.state {
            return self.reopened(by, act, at).ok_or_else(|| Refusal::Done {
                by: ended.clone(),
                how: *how,
                since: self.since,
            });
        }
        let holder = self.holder();
        let taken_from = |from: &str| matches!(act, Act::TakeOver { from: named } if named == from);
        if let Some(holder) = holder.filter(|holder| *holder != by && !taken_from(holder)) {
            return Err(Refusal::Theirs { by: holder.to_owned(), since: self.since });
        }
        let state = match act {
            Act::Take | Act::TakeOver { .. } | Act::HandOver { .. } => self.given(by, act),
            // Whoever says that it is taken on, takes it; a wait goes on.
            Act::Accept if !self.is_to_do() => return Err(Refusal::OnlyToRead),
            Act::Accept => match &self.state {
                State::Waiting { .. } => self.state.clone(),
                State::New | State::Taken { .. } | State::Done { .. } => State::Taken { by: by.to_owned() },
            },
            Act::Wait(Wait::Until(day)) if *day <= today => return Err(Refusal::Past),
            Act::Wait(on) => State::Waiting { by: by.to_owned(), on: *on },
            Act::Complete { .. } if self.contents.owed > 0 => return Err(Refusal::Owed),
            Act::Complete { answered } => {
                let how = match (answered, self.is_to_do()) {
                    (true, _) => How::Answered,
                    (false, true) => How::Completed,
                    (false, false) => How::Read,
                };
                State::Done { by: Some(by.to_owned()), how }
            }
            Act::Reject => State::Done { by: Some(by.to_owned()), how: How::Rejected },
        };
        let accepted = self.accepted || matches!(act, Act::Accept);
        if state == self.state && accepted == self.accepted {
            return Ok(self.clone());
        }
        let next = Self { accepted, version: self.version + 1, ..self.clone() };
        Ok(next.coming_to(state, at))
    }

    /// Whose it is after it was taken or given.
    fn given(&self, by: &str, act: &Act) -> State {
        match act {
            Act::HandOver { to: None } => State::New,
            Act::HandOver { to: Some(to) } if self.holder() == Some(to) => self.state.clone(),
            Act::HandOver { to: Some(to) } => State::Taken { by: to.clone() },
            Act::Take | Act::TakeOver { .. } | Act::Accept | Act::Wait(_) | Act::Complete { .. } | Act::Reject => {
                State::Taken { by: by.to_owned() }
            }
        }
    }

    /// What is at its end can be opened again, but for what was sent back; and whoever gave the answer
    /// that ended it is the one who did.
    fn reopened(&self, by: &str, act: &Act, at: Timestamp) -> Option<Self> {
        let State::Done { by: ended, how } = &self.state else { return None };
        let state = match act {
            Act::Take if *how != How::Rejected => State::Taken { by: by.to_owned() },
            Act::Complete { answered: true } if ended.is_none() => {
                State::Done { by: Some(by.to_owned()), how: How::Answered }
            }
            Act::Take
            | Act::TakeOver { .. }
            | Act::HandOver { .. }
            | Act::Accept
            | Act::Wait(_)
            | Act::Complete { .. }
            | Act::Reject => return None,
        };
        Some(Self { version: self.version + 1, ..self.clone() }.coming_to(state, at))
    }

    fn coming_to(self, state: State, at: Timestamp) -> Self {
        let since = if state == self.state { self.since } else { at };
        Self { state, since, ..self }
    }
}
