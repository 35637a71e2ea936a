//! What another edition of the agreement makes of what was decided before. Each event is asked about
//! again with what was known of its case then, by both editions; where they differ, somebody got
//! what was not for them, or missed what was. A person may have that set right.
//!
//! | room | what | touches |
//! |---|---|---|
//! | [`judge`] | what either edition would have decided, and what is left to be done | ledger, to read |
//! | [`make`] | the corrections | ledger |

mod judge;
mod make;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use budstikke_contract::id::{DutyId, EventId};
use data_encoding::HEXLOWER;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::World;
use super::people::Person;
use crate::agreement::model::Agreement;
use crate::agreement::{Book, SourceFile};
use crate::ledger::{Error, Reader, Tx};

/// An edition of the agreement, as text: whoever gets it decides by the same words.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Edition {
    /// The files.
    pub files: Vec<SourceFile>,
    /// The day on which it was known; the newest, where there is none.
    pub known: Option<Date>,
}

/// The two editions that are compared.
#[derive(Debug, Clone)]
pub struct Editions {
    old: Vec<Arc<Agreement>>,
    new: Vec<Arc<Agreement>>,
}

impl Editions {
    /// Reads both.
    ///
    /// # Errors
    /// The first fault of the one that does not hold.
    pub fn read(old: &Edition, new: &Edition) -> Result<Self, Error> {
        let read = |edition: &Edition| {
            let book = Book::read(&edition.files).map_err(|faults| {
                let first = faults.first().map(ToString::to_string).unwrap_or_default();
                Error::Refused(format!("the agreement does not hold: {first}"))
            })?;
            Ok::<_, Error>(edition.known.map_or_else(|| book.newest().to_vec(), |day| book.known_on(day).to_vec()))
        };
        Ok(Self { old: read(old)?, new: read(new)? })
    }
}

/// What came of asking about the past.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// The events of which something is to be said, oldest first.
    pub events: Vec<Judged>,
    /// How many were asked about.
    pub asked: u64,
    /// The last of them.
    last: i64,
}

/// One event that would have gone elsewhere, or of which that cannot be known.
#[derive(Debug, Clone, Serialize)]
pub struct Judged {
    /// Its id.
    pub event: EventId,
    /// The number of the item that it came in.
    pub item: i64,
    /// What it was.
    pub kind: String,
    /// The day by which it was decided.
    pub day: String,
    /// What would have been otherwise, each in a sentence.
    pub otherwise: Vec<String>,
    /// Why it cannot be judged, or what of it is not set right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<String>,
    /// What is to be done to set it right. Empty where that has been done.
    pub steps: Vec<Step>,
    /// Its row.
    #[serde(skip)]
    row: i64,
}

/// One step of a correction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "step", rename_all = "kebab-case")]
pub enum Step {
    /// A mailbox gets the event that it should have had.
    Deliver {
        /// Which.
        to: String,
        /// As what.
        #[serde(rename = "as")]
        capacity: String,
        /// How often it had it before: other deliveries of the same event have other ids.
        round: u32,
    },
    /// What has not been sent to a mailbox is stopped. If it turns out to have been under way, the
    /// mailbox is told.
    Stop {
        /// Which.
        to: String,
        /// How often something was taken back from it before.
        round: u32,
    },
    /// A mailbox is told that what it got, or may have got, was not for it.
    Withdraw {
        /// Which.
        from: String,
        /// How often something was taken back from it before.
        round: u32,
    },
    /// A party no longer owes what is still open.
    Release {
        /// The party.
        party: String,
        /// The duty.
        duty: DutyId,
        /// What.
        what: String,
    },
    /// A party owes it instead.
    Owe {
        /// The party.
        party: String,
        /// The duty.
        duty: DutyId,
        /// What.
        what: String,
    },
}

impl Found {
    /// What must be said to have exactly these steps made: a hash of them all.
    pub fn token(&self) -> String {
        let steps: Vec<_> = self.events.iter().map(|it| (it.event, &it.steps)).filter(|it| !it.1.is_empty()).collect();
        let text = serde_json::to_vec(&steps).unwrap_or_default();
        HEXLOWER.encode(digest(&SHA256, &text).as_ref()).chars().take(32).collect()
    }

    /// All steps.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.events.iter().flat_map(|it| &it.steps)
    }
}

/// Asks about all that was decided.
pub fn look(reader: &mut Reader<'_>, editions: &Editions) -> Result<Found, Error> {
    let mut found = Found::default();
    judge::after(reader, editions, &mut found)?;
    Ok(found)
}

/// Asks again about what was found, and about what has come since.
fn look_again(reader: &mut Reader<'_>, editions: &Editions, before: &Found) -> Result<Found, Error> {
    let mut found = Found { last: before.last, asked: before.asked, events: Vec::new() };
    for judged in &before.events {
        let past = reader.past_event(judged.row)?;
        found.events.extend(judge::one(reader, editions, &past)?);
    }
    judge::after(reader, editions, &mut found)?;
    Ok(found)
}

/// What came of a confirmation.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Made {
    /// Whether it was done; if not, what was confirmed is not what there is to do.
    pub done: bool,
    /// How many steps were made.
    pub steps: u64,
}

/// Makes the corrections that a person has seen and confirmed, and no others.
pub fn confirm(
    tx: &mut Tx<'_>,
    world: &World,
    editions: &Editions,
    before: &Found,
    token: &str,
    person: &Person,
) -> Result<Made, Error> {
    let found = look_again(&mut tx.reader(), editions, before)?;
    if found.token() != token {
        return Ok(Made { done: false, steps: 0 });
    }
    let mut steps = 0;
    for judged in found.events.iter().filter(|it| !it.steps.is_empty()) {
        make::one(tx, world, editions, judged, person)?;
        steps += u64::try_from(judged.steps.len()).unwrap_or(u64::MAX);
    }
    Ok(Made { done: true, steps })
}
