//! How things stand, in Danish words: items, deliveries, duties, receipts. Pure.

use super::names::happening;
use crate::duty;
use crate::ledger::delivery;
use crate::ledger::item;

/// A state in words, with how the page's style knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) word: &'static str,
    pub(super) class: &'static str,
}

const fn good(word: &'static str) -> Standing {
    Standing { word, class: "god" }
}

const fn watch(word: &'static str) -> Standing {
    Standing { word, class: "obs" }
}

const fn quiet(word: &'static str) -> Standing {
    Standing { word, class: "stille" }
}

/// Of an item.
pub(super) fn of_item(state: item::State) -> Standing {
    match state {
        item::State::Routed => good("fordelt"),
        item::State::Recorded => good("registreret"),
        item::State::Duplicate => quiet("gentagelse"),
        item::State::Waiting => watch("venter"),
        item::State::Parked => watch("parkeret"),
        item::State::Discarded => quiet("kasseret"),
    }
}

/// Of a delivery.
pub(super) fn of_delivery(state: delivery::State) -> Standing {
    match state {
        delivery::State::Waiting => watch("på vej"),
        delivery::State::Delivered => good("leveret"),
        delivery::State::Parked => watch("parkeret"),
        delivery::State::Discarded => quiet("ikke sendt"),
    }
}

/// Of a duty.
pub(super) fn of_duty(state: duty::State) -> Standing {
    match state {
        duty::State::Open => watch("åben"),
        duty::State::Met => good("opfyldt"),
        duty::State::Closed => quiet("lukket"),
    }
}

/// What a receiver says, as a sentence about it goes on: `Ydelse har …`.
pub(super) fn of_receipt(name: &str) -> &str {
    match name {
        "received" => "modtaget det i sit system",
        "delivered" => "fået det frem til et menneske",
        "accepted" => "accepteret det",
        "rejected" => "afvist det",
        "failed" => "meldt, at det ikke kunne behandles",
        other => other,
    }
}

/// What an item or event is, for people: the title of its kind, or what its adapter called it.
pub(super) fn what(name: &str) -> String {
    happening(name).to_owned()
}
