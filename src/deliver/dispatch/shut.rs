//! Ways that are broken: nothing goes by them until they are mended. Whether they are is found out
//! by one delivery at a time, seldomer and seldomer.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::agreement::model::Channel;
use crate::deliver::carrier::Gate;
use crate::deliver::retry::Policy;

/// The ways that are known to be broken, since the hub was started.
#[derive(Debug, Default)]
pub(super) struct Shut {
    ways: BTreeMap<(String, Channel), Tried>,
}

/// How often a way was found to be broken in a row, and when it is tried again.
#[derive(Debug, Clone, Copy)]
struct Tried {
    times: u32,
    again_at: Timestamp,
}

impl Shut {
    /// Notes that nothing gets through. What was under way at the same time and says so too adds
    /// nothing.
    pub(super) fn shut(&mut self, mailbox: &str, channel: Channel, policy: Policy, now: Timestamp) {
        let way = (mailbox.to_owned(), channel);
        let times = match self.ways.get(&way) {
            Some(tried) if tried.again_at > now => return,
            Some(tried) => tried.times.saturating_add(1),
            None => 1,
        };
        self.ways.insert(way, Tried { times, again_at: policy.way_again_at(times, now) });
    }

    /// Notes that something got through, or that a person wants it tried.
    pub(super) fn open(&mut self, mailbox: &str, channel: Channel) {
        self.ways.remove(&(mailbox.to_owned(), channel));
    }

    /// Whether a way is known to be broken.
    pub(super) fn is(&self, mailbox: &str, channel: Channel) -> bool {
        self.ways.contains_key(&(mailbox.to_owned(), channel))
    }

    /// What may go by a way whose carrier says `gate`.
    pub(super) fn gate(&self, gate: Gate, mailbox: &str, channel: Channel, now: Timestamp) -> Gate {
        match (gate, self.ways.get(&(mailbox.to_owned(), channel))) {
            (Gate::Open { .. }, Some(tried)) if tried.again_at > now => Gate::ShutUntil(tried.again_at),
            (Gate::Open { .. }, Some(_)) => Gate::Open { at_once: 1 },
            (gate, _) => gate,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAILBOX: &str = "nord/bad";
    const OPEN: Gate = Gate::Open { at_once: 8 };
    const ONE: Gate = Gate::Open { at_once: 1 };

    fn second(number: i64) -> Timestamp {
        Timestamp::from_second(number).unwrap()
    }

    fn gate(shut: &Shut, now: i64) -> Gate {
        shut.gate(OPEN, MAILBOX, Channel::Http, second(now))
    }

    #[test]
    fn a_broken_way_is_tried_by_one_alone_later_each_time() {
        let mut shut = Shut::default();
        assert_eq!(gate(&shut, 0), OPEN);
        let mut now = 0;
        for wait in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900] {
            shut.shut(MAILBOX, Channel::Http, Policy::default(), second(now));
            assert_eq!(gate(&shut, now), Gate::ShutUntil(second(now + wait)));
            now += wait;
            assert_eq!(gate(&shut, now), ONE);
        }
        shut.open(MAILBOX, Channel::Http);
        assert_eq!(gate(&shut, now), OPEN);
        shut.shut(MAILBOX, Channel::Http, Policy::default(), second(now));
        assert_eq!(gate(&shut, now), Gate::ShutUntil(second(now + 1)), "it begins anew");
    }

    #[test]
    fn those_that_were_under_way_together_count_once() {
        let mut shut = Shut::default();
        for _ in 0..8 {
            shut.shut(MAILBOX, Channel::Http, Policy::default(), second(0));
        }
        assert_eq!(gate(&shut, 0), Gate::ShutUntil(second(1)));
    }

    #[test]
    fn another_way_stays_open_and_what_the_carrier_shuts_stays_shut() {
        let mut shut = Shut::default();
        shut.shut(MAILBOX, Channel::Http, Policy::default(), second(0));
        let of = |gate, mailbox, channel| shut.gate(gate, mailbox, channel, second(0));
        assert_eq!(of(OPEN, MAILBOX, Channel::Amqp), OPEN);
        assert_eq!(of(OPEN, "syd/bad", Channel::Http), OPEN);
        assert_eq!(of(Gate::Shut, MAILBOX, Channel::Http), Gate::Shut);
        let long = Gate::ShutUntil(second(60));
        assert_eq!(of(long, MAILBOX, Channel::Http), long);
    }
}
