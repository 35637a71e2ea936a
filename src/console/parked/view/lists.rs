//! What is shown of a list.

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::super::words::{clock, several};
use super::super::words;
use super::Thing;
use crate::intake::people::act;
use crate::ledger::job::{Act, Ending, Job, Line, State};
use crate::ledger::parked::Parked;

/// A list of parked things that was shown, and how far it is worked through.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ParkedList)]
pub(in crate::console) struct List {
    /// Its number.
    pub(in crate::console::parked) number: i64,
    /// What is done with each line: `resend`, `discard`, `pass`, `hand`.
    pub(in crate::console::parked) act: &'static str,
    /// The group that it is of; empty where its lines were chosen one by one.
    pub(in crate::console::parked) about: String,
    /// The SHA-256 of its lines, in hexadecimal digits: what is confirmed is this list and no other.
    pub(in crate::console::parked) hash: String,
    /// How many lines it has.
    pub(in crate::console::parked) total: u32,
    /// `prepared`, `running`, `paused`, `done`, `stopped`, `dropped`.
    pub(in crate::console::parked) state: &'static str,
    /// Who made it.
    pub(in crate::console::parked) by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub(in crate::console::parked) at: Timestamp,
    /// In whose name it runs: who had it begun, or let it go on last.
    pub(in crate::console::parked) confirmed_by: Option<String>,
    /// To whom deliveries are handed.
    pub(in crate::console::parked) mailbox: Option<String>,
    /// Why.
    pub(in crate::console::parked) reason: String,
    /// How many lines have come to an end.
    pub(in crate::console::parked) ended: u32,
    /// Done.
    pub(in crate::console::parked) done: u32,
    /// Sent on, and parked again.
    pub(in crate::console::parked) again: u32,
    /// Not done.
    pub(in crate::console::parked) refused: u32,
    /// Not done: parked no longer.
    pub(in crate::console::parked) gone: u32,
    /// Not done: parked anew since the list was shown.
    pub(in crate::console::parked) changed: u32,
    /// Why the hub holds it though nobody told it to, in Danish.
    pub(in crate::console::parked) held: Option<String>,
    #[serde(skip)]
    pub(in crate::console::parked) now: State,
    #[serde(skip)]
    pub(in crate::console::parked) wants: Act,
}

impl List {
    pub(in crate::console::parked) fn of(job: &Job) -> Self {
        Self {
            number: job.seq,
            act: job.act.name(),
            about: job.about.clone(),
            hash: HEXLOWER.encode(&job.hash),
            total: job.total,
            state: job.state.name(),
            by: job.by.clone(),
            at: job.at,
            confirmed_by: job.confirmed_by.clone(),
            mailbox: job.mailbox.clone(),
            reason: job.reason.clone(),
            ended: job.position(),
            done: job.count(Ending::Done),
            again: job.count(Ending::Again),
            refused: job.count(Ending::Refused),
            gone: job.count(Ending::Gone),
            changed: job.count(Ending::Changed),
            held: None,
            now: job.state,
            wants: job.act,
        }
    }

    pub(in crate::console::parked) fn act_words(&self) -> &'static str {
        words::act(self.wants)
    }

    pub(in crate::console::parked) fn state_words(&self) -> &'static str {
        words::state(self.now)
    }

    pub(in crate::console::parked) fn about_words(&self) -> &str {
        if self.about.is_empty() { "udvalgte" } else { &self.about }
    }

    pub(in crate::console::parked) fn lines_words(&self) -> String {
        several(self.total.into(), "linje", "linjer")
    }

    pub(in crate::console::parked) fn at_words(&self, now: Timestamp) -> String {
        clock(self.at, now)
    }

    pub(in crate::console::parked) fn is_prepared(&self) -> bool {
        self.now == State::Prepared
    }

    pub(in crate::console::parked) fn is_running(&self) -> bool {
        self.now == State::Running
    }

    pub(in crate::console::parked) fn is_paused(&self) -> bool {
        self.now == State::Paused
    }

    pub(in crate::console::parked) fn hands(&self) -> bool {
        self.wants == Act::Hand
    }

    pub(in crate::console::parked) fn wants_reason(&self) -> bool {
        self.wants.wants_reason()
    }

    /// What did not go as wanted, in words; empty where all did.
    pub(in crate::console::parked) fn not_done(&self) -> String {
        let parts = [
            (self.again, "parkeret igen"),
            (self.refused, "afvist"),
            (self.gone, "ikke længere parkeret"),
            (self.changed, "ændret siden listen"),
        ];
        let told: Vec<String> =
            parts.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
        told.join(", ")
    }
}

/// A line of a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ParkedListLine)]
pub(in crate::console) struct ListLine {
    /// Its place, from 0.
    pub(in crate::console::parked) place: u32,
    /// What it is about, as that stands now.
    pub(in crate::console::parked) thing: Option<Thing>,
    /// How it ended: `done`, `again`, `refused`, `gone`, `changed`.
    pub(in crate::console::parked) ending: Option<&'static str>,
    /// How it stands then, the code for which it is parked again, or why it was not done.
    pub(in crate::console::parked) detail: Option<String>,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(in crate::console::parked) at: Option<Timestamp>,
    /// What came of it, in English.
    pub(in crate::console::parked) text: Option<String>,
    #[serde(skip)]
    pub(in crate::console::parked) words: String,
    #[serde(skip)]
    pub(in crate::console::parked) class: &'static str,
}

impl ListLine {
    pub(in crate::console::parked) fn of(line: &Line, parked: Option<&Parked>) -> Self {
        let outcome = line.outcome.as_ref();
        let ending = outcome.map(|(ending, _, _)| *ending);
        Self {
            place: line.place,
            thing: parked.map(|parked| Thing::of(parked, line.frozen.entry)),
            ending: ending.map(Ending::name),
            detail: outcome.map(|(_, detail, _)| detail.clone()).filter(|detail| !detail.is_empty()),
            at: outcome.map(|(_, _, at)| *at),
            text: outcome.and_then(|(_, detail, _)| act::Refusal::named(detail)).map(|why| why.english().to_owned()),
            words: outcome.map_or_else(|| "venter".to_owned(), |(ending, detail, _)| words::ending(*ending, detail)),
            class: match ending {
                None => "stille",
                Some(Ending::Done) => "god",
                Some(Ending::Again | Ending::Refused) => "fejl",
                Some(Ending::Gone | Ending::Changed) => "obs",
            },
        }
    }
}
