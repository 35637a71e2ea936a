//! How often somebody guessed wrong, by the address that they come from: who errs too often waits.
//! Many may share an address, so there is much room, and only what was wrong counts.

use core::net::IpAddr;
use std::collections::HashMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// How many addresses are kept in mind.
const MOST: usize = 4096;

/// How much may be guessed wrong.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit {
    /// How many at once.
    pub(super) at_once: u32,
    /// After how long another one is allowed.
    pub(super) every: Duration,
}

/// Passwords and links.
pub(super) const SIGN_IN: Limit = Limit { at_once: 40, every: Duration::from_secs(15) };

/// Tokens of systems. A system that has a wrong one asks again and again.
pub(super) const TOKENS: Limit = Limit { at_once: 300, every: Duration::from_secs(2) };

/// Wrong guesses.
#[derive(Debug)]
pub(super) struct Guesses {
    limit: Limit,
    /// Until when all wrong guesses of an address are made up for.
    until: HashMap<IpAddr, Timestamp>,
}

impl Guesses {
    pub(super) fn new(limit: Limit) -> Self {
        Self { limit, until: HashMap::new() }
    }

    /// Whether somebody from there may guess now. Of an address that is not known nobody can say.
    pub(super) fn may(&self, from: Option<IpAddr>, now: Timestamp) -> bool {
        let until = from.and_then(|from| self.until.get(&from));
        let all = self.limit.every.saturating_mul(self.limit.at_once.saturating_sub(1));
        until.is_none_or(|until| {
            until.duration_since(now) <= SignedDuration::try_from(all).unwrap_or(SignedDuration::MAX)
        })
    }

    /// Keeps in mind that somebody from there was wrong.
    pub(super) fn wrong(&mut self, from: Option<IpAddr>, now: Timestamp) {
        let Some(from) = from else { return };
        if self.until.len() >= MOST && !self.until.contains_key(&from) {
            self.forget(now);
        }
        let until = self.until.entry(from).or_insert(now);
        *until = (*until).max(now).checked_add(self.limit.every).unwrap_or(Timestamp::MAX);
    }

    /// Makes room: for what is made up for, else for who has the least to make up for.
    fn forget(&mut self, now: Timestamp) {
        self.until.retain(|_, until| *until > now);
        if self.until.len() >= MOST {
            let least = self.until.iter().min_by_key(|(_, until)| **until).map(|(from, _)| *from);
            least.map(|from| self.until.remove(&from));
        }
    }
}

#[cfg(test)]
mod tests {
    use core::net::Ipv4Addr;

    use super::*;

    const LIMIT: Limit = Limit { at_once: 3, every: Duration::from_secs(10) };

    #[expect(clippy::unnecessary_wraps, reason = "as it is asked for")]
    fn from(number: u32) -> Option<IpAddr> {
        Some(Ipv4Addr::from_bits(number).into())
    }

    fn after(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + seconds).unwrap()
    }

    #[test]
    fn who_errs_too_often_waits_and_nobody_else() {
        let mut guesses = Guesses::new(LIMIT);
        for _wrong in 0..3 {
            assert!(guesses.may(from(1), after(0)));
            guesses.wrong(from(1), after(0));
        }
        assert!(!guesses.may(from(1), after(0)) && !guesses.may(from(1), after(9)));
        assert!(guesses.may(from(2), after(0)));
        assert!(guesses.may(from(1), after(10)), "one is made up for");
        guesses.wrong(from(1), after(10));
        assert!(!guesses.may(from(1), after(11)));
        assert!(guesses.may(from(1), after(1000)));
        for _wrong in 0..100 {
            guesses.wrong(None, after(0));
        }
        assert!(guesses.may(None, after(0)), "what is the same for everybody locks nobody out");
    }

    #[test]
    fn however_many_come_memory_is_bounded_and_the_worst_is_remembered() {
        let mut guesses = Guesses::new(LIMIT);
        for _wrong in 0..3 {
            guesses.wrong(from(0), after(0));
        }
        for other in 1..10_000 {
            guesses.wrong(from(other), after(0));
        }
        assert_eq!(guesses.until.len(), MOST);
        assert!(!guesses.may(from(0), after(0)));
        guesses.wrong(from(20_000), after(1000));
        assert_eq!(guesses.until.len(), 1, "what is made up for is forgotten");
    }
}
