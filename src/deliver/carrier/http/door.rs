//! Whether a receiver keeps its door shut, or keeps one delivery out.
//!
//! 401 and 403 mostly mean our own credentials: then nothing gets in, nothing is wrong with what is
//! to be delivered, and it waits. But where others get in meanwhile and one is kept out again and
//! again, it is that one, and no waiting helps it.

use std::collections::BTreeMap;

use budstikke_contract::id::DeliveryId;

/// So often a delivery must be kept out, with others let in between each time and the next. Once
/// may be chance: what was under way when the door was shut still gets its answer afterwards.
const TIMES: u32 = 3;

/// How many that are kept out are remembered. The others are waited for like behind a shut door.
const MOST: usize = 10_000;

/// What is known of a receiver's door since the hub was started.
#[derive(Debug, Default)]
pub(super) struct Door {
    /// How many were let in.
    let_in: u64,
    kept_out: BTreeMap<DeliveryId, KeptOut>,
}

#[derive(Debug)]
struct KeptOut {
    times: u32,
    /// How many had been let in when it was last kept out.
    let_in: u64,
}

impl Door {
    /// One was let in.
    pub(super) fn lets_in(&mut self, id: DeliveryId) {
        self.let_in += 1;
        self.kept_out.remove(&id);
    }

    /// One was kept out; says whether it is that one alone.
    pub(super) fn keeps_out(&mut self, id: DeliveryId) -> bool {
        let let_in = self.let_in;
        if self.kept_out.len() >= MOST && !self.kept_out.contains_key(&id) {
            return false;
        }
        let known = self.kept_out.entry(id).or_insert(KeptOut { times: 1, let_in });
        if known.let_in < let_in {
            *known = KeptOut { times: known.times + 1, let_in };
        }
        let alone = known.times >= TIMES;
        if alone {
            // A person sends it again, and it begins anew.
            self.kept_out.remove(&id);
        }
        alone
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: usize) -> DeliveryId {
        DeliveryId::parse(&format!("00000000-0000-0000-0000-{number:012}")).unwrap()
    }

    #[test]
    fn behind_a_shut_door_all_wait_for_ever() {
        let mut door = Door::default();
        door.lets_in(id(0));
        assert!((0..1_000).all(|number| !door.keeps_out(id(1 + number % 3))));
    }

    #[test]
    fn one_that_is_kept_out_while_others_get_in_is_told_from_the_door() {
        let mut door = Door::default();
        let mut kept_out = || {
            let alone = door.keeps_out(id(1));
            door.lets_in(id(2));
            alone
        };
        assert_eq!([kept_out(), kept_out(), kept_out()], [false, false, true]);
        assert!(!kept_out(), "when a person has sent it again it begins anew");
    }

    #[test]
    fn who_gets_in_after_all_is_forgotten() {
        let mut door = Door::default();
        for _ in 0..10 {
            assert!(!door.keeps_out(id(1)));
            door.lets_in(id(2));
            assert!(!door.keeps_out(id(1)));
            door.lets_in(id(1));
        }
        assert!(door.kept_out.is_empty());
    }

    #[test]
    fn no_more_are_remembered_than_there_is_room_for() {
        let mut door = Door::default();
        for number in 0..MOST + 7 {
            assert!(!door.keeps_out(id(number)));
        }
        assert_eq!(door.kept_out.len(), MOST);
    }
}
