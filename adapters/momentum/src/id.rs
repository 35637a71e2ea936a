//! Ids as Momentum gives them. They travel in the open, so that none of them may read as a CPR
//! number.

use budstikke_contract::person::shows_cpr;

/// What an id must be.
pub(crate) const ID: &str = "1-120 synlige ASCII-tegn uden noget, der ligner et CPR-nummer";

/// The longest id.
const LONGEST: usize = 120;

/// An id as it is, if it can be one.
pub(crate) fn parse(text: &str) -> Option<String> {
    let visible = text.bytes().all(|b| b.is_ascii_graphic());
    let good = (1..=LONGEST).contains(&text.len()) && visible && !shows_cpr(text);
    good.then(|| text.to_owned())
}
