//! How a list stands, and how its lines end.

use crate::ledger::Error;

/// What is done with each line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    /// It is sent on.
    Resend,
    /// It is ended.
    Discard,
    /// What is behind it goes past it.
    Pass,
    /// Another mailbox gets it.
    Hand,
}

impl Act {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Resend, Self::Discard, Self::Pass, Self::Hand];

    /// The name in the ledger and in answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Resend => "resend",
            Self::Discard => "discard",
            Self::Pass => "pass",
            Self::Hand => "hand",
        }
    }

    /// The act of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.name() == name)
    }

    /// Whether it must be said why.
    pub fn wants_reason(self) -> bool {
        matches!(self, Self::Discard | Self::Hand)
    }
}

/// How a list stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Shown, and not begun.
    Prepared,
    /// Being worked through.
    Running,
    /// Held by a person.
    Paused,
    /// Worked through.
    Done,
    /// Ended by a person before its end.
    Stopped,
    /// Shown, and given up.
    Dropped,
}

/// What a person, or its end, does to a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It is begun.
    Confirm,
    /// It is held.
    Pause,
    /// It goes on.
    Resume,
    /// It ends before its end.
    Stop,
    /// It is given up before it is begun.
    Drop,
    /// Its last line is done.
    End,
}

impl Turn {
    /// The name in the ledger.
    pub fn name(self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Stop => "stop",
            Self::Drop => "drop",
            Self::End => "end",
        }
    }
}

impl State {
    const ALL: [Self; 6] = [Self::Prepared, Self::Running, Self::Paused, Self::Done, Self::Stopped, Self::Dropped];

    /// The name in the ledger and in answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Prepared => "prepared",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Done => "done",
            Self::Stopped => "stopped",
            Self::Dropped => "dropped",
        }
    }

    pub(super) fn read(name: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|state| state.name() == name);
        found.ok_or(Error::Unexpected("a list is in a state that does not exist"))
    }

    /// Where a turn leads; `None` where it makes no sense.
    pub fn after(self, turn: Turn) -> Option<Self> {
        match (self, turn) {
            (Self::Prepared, Turn::Confirm) | (Self::Paused, Turn::Resume) => Some(Self::Running),
            (Self::Prepared, Turn::Drop) => Some(Self::Dropped),
            (Self::Running, Turn::Pause) => Some(Self::Paused),
            (Self::Running | Self::Paused, Turn::Stop) => Some(Self::Stopped),
            (Self::Running, Turn::End) => Some(Self::Done),
            (
                Self::Prepared | Self::Running | Self::Paused | Self::Done | Self::Stopped | Self::Dropped,
                Turn::Confirm | Turn::Pause | Turn::Resume | Turn::Stop | Turn::Drop | Turn::End,
            ) => None,
        }
    }

    /// Whether nothing more will come of it.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Stopped | Self::Dropped)
    }
}

/// How a line ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ending {
    /// Done; the detail says how it stands then.
    Done,
    /// Done, and parked again; the detail is the code.
    Again,
    /// Not done; the detail says why.
    Refused,
    /// Not done: it is parked no longer.
    Gone,
    /// Not done: it is parked anew, perhaps for another reason than the one that was shown.
    Changed,
}

impl Ending {
    /// All of them, in the order in which they are counted.
    pub const ALL: [Self; 5] = [Self::Done, Self::Again, Self::Refused, Self::Gone, Self::Changed];

    /// The name in the ledger and in answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Again => "again",
            Self::Refused => "refused",
            Self::Gone => "gone",
            Self::Changed => "changed",
        }
    }

    pub(super) fn read(name: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|ending| ending.name() == name);
        found.ok_or(Error::Unexpected("a line ended in a way that does not exist"))
    }

    pub(super) fn count(self) -> &'static str {
        match self {
            Self::Done => "UPDATE job SET done = done + 1 WHERE seq = ?1",
            Self::Again => "UPDATE job SET again = again + 1 WHERE seq = ?1",
            Self::Refused => "UPDATE job SET refused = refused + 1 WHERE seq = ?1",
            Self::Gone => "UPDATE job SET gone = gone + 1 WHERE seq = ?1",
            Self::Changed => "UPDATE job SET changed = changed + 1 WHERE seq = ?1",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TURNS: [Turn; 6] = [Turn::Confirm, Turn::Pause, Turn::Resume, Turn::Stop, Turn::Drop, Turn::End];

    #[test]
    fn what_is_over_stays_over_and_only_what_was_begun_runs() {
        for turn in TURNS {
            for over in State::ALL.into_iter().filter(|state| state.is_over()) {
                assert_eq!(over.after(turn), None, "{over:?} {turn:?}");
            }
        }
        let runs = |state: State| TURNS.into_iter().filter(move |turn| state.after(*turn) == Some(State::Running));
        assert_eq!(runs(State::Prepared).collect::<Vec<_>>(), [Turn::Confirm]);
        assert_eq!(runs(State::Paused).collect::<Vec<_>>(), [Turn::Resume]);
        assert_eq!(runs(State::Running).count(), 0, "it is not begun twice");
    }
}
