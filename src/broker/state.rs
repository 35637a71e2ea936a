//! How the broker is doing, as one value that anyone can watch.

use jiff::Timestamp;
use tokio::sync::watch;

use super::error::{Error, chain};
use crate::clock::Clock;

/// How the broker is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// There is no connection.
    Down {
        /// Since when.
        since: Timestamp,
        /// Why, in words for a person.
        reason: String,
    },
    /// Messages come and go.
    Up,
    /// The broker is short of memory or disk and takes no messages from us. We still get messages
    /// from it, and can acknowledge them.
    Blocked {
        /// Since when.
        since: Timestamp,
        /// Why, in the broker's words.
        reason: String,
    },
}

/// Where the state is written. Whoever wants to know holds a receiver.
#[derive(Debug)]
pub(super) struct Board {
    clock: Clock,
    state: watch::Sender<State>,
}

impl Board {
    pub(super) fn new(clock: Clock) -> Self {
        let since = clock.now();
        let (state, _) = watch::channel(State::Down { since, reason: "not connected yet".to_owned() });
        Self { clock, state }
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<State> {
        self.state.subscribe()
    }

    pub(super) fn up(&self) {
        self.state.send_replace(State::Up);
    }

    /// Keeps the time at which it went down when it is down already: an outage is one outage,
    /// however many attempts it takes.
    pub(super) fn down(&self, fault: &Error) {
        let reason = chain(fault);
        let now = self.clock.now();
        self.state.send_modify(|state| {
            let since = if let State::Down { since, .. } = state { *since } else { now };
            *state = State::Down { since, reason };
        });
    }

    pub(super) fn blocked(&self, reason: String) {
        self.state.send_replace(State::Blocked { since: self.clock.now(), reason });
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn an_outage_of_many_attempts_has_one_beginning() {
        let start: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        let clock = Clock::starting_at(start);
        let board = Board::new(clock.clone());
        let state = board.subscribe();
        board.up();
        assert_eq!(*state.borrow(), State::Up);

        board.down(&Error::Down);
        let State::Down { since: first, .. } = state.borrow().clone() else { panic!("not down") };
        clock.set(start + Duration::from_mins(1));
        board.down(&Error::Closed { connection: "publish" });
        let State::Down { since, reason } = state.borrow().clone() else { panic!("not down") };
        assert_eq!(since, first);
        assert_eq!(reason, "the publish connection was closed");
    }
}
