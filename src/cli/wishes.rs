//! What is asked elsewhere for a message, in words. Never what was asked or answered.

use super::out::{clock_time, day_time};
use crate::ledger::wish::{State, Wish};

/// What a service is called: `residence` is the look-up, `content.x` where the content comes from
/// of what came by `x`.
pub(super) fn whom(service: &str) -> String {
    match service.split_once('.') {
        Some((_, source)) => format!("the content service of {source}"),
        None => format!("the look-up of {service}"),
    }
}

/// How often it was asked in vain.
fn in_vain(attempts: u32) -> String {
    match attempts {
        0 => "not asked yet".to_owned(),
        1 => "asked once in vain".to_owned(),
        several => format!("asked {several} times in vain"),
    }
}

/// What an item waits for, where it waits for an answer.
pub(super) fn waiting(wishes: &[Wish]) -> Option<String> {
    let open = wishes.iter().find(|wish| wish.state == State::Open)?;
    let again = if open.attempts == 0 { String::new() } else { format!(", again at {}", clock_time(open.next_at)) };
    Some(format!(
        "waiting for {} since {}, {}{again}",
        whom(&open.service),
        day_time(open.since),
        in_vain(open.attempts)
    ))
}

/// A wish, as its story tells it.
pub(super) fn sentence(wish: &Wish) -> String {
    let (whom, at) = (whom(&wish.service), wish.settled.map(day_time).unwrap_or_default());
    match wish.state {
        State::Open => waiting(std::slice::from_ref(wish)).unwrap_or_default(),
        State::Answered => format!("{whom} answered {at}"),
        State::Unknown => format!("{whom} knew nothing {at}"),
        State::Silent => format!("{whom} was given up {at}, {}", in_vain(wish.attempts)),
        State::Dropped => format!("{whom} is no longer asked, or was asked anew {at}"),
    }
}
