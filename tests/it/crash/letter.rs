//! The letters that are sent: several in each case, numbered, so that it can be seen from one alone
//! where it belongs.

use budstikke_testkit::plans::{Discharge, Message, Plan};

/// The third of all cases is Tårnby's own; the others concern both municipalities.
const MAILBOXES: [&str; 2] = ["out.taarnby.genoptraening", "out.dragoer.genoptraening"];

/// Letter `number` of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Letter {
    pub(crate) round: usize,
    pub(crate) case: usize,
    pub(crate) number: usize,
}

impl Letter {
    /// What the hospital calls it: `R01C0017N03`.
    pub(crate) fn id(self) -> String {
        format!("R{:02}C{:04}N{:02}", self.round, self.case, self.number)
    }

    /// The letter of that id.
    pub(crate) fn named(id: &str) -> Option<Self> {
        let (round, rest) = id.strip_prefix('R')?.split_once('C')?;
        let (case, number) = rest.split_once('N')?;
        let letter = Self { round: round.parse().ok()?, case: case.parse().ok()?, number: number.parse().ok()? };
        (letter.id() == id).then_some(letter)
    }

    /// Where it is to go.
    pub(crate) fn mailboxes(self) -> &'static [&'static str] {
        if self.is_of_taarnby() { &MAILBOXES[..1] } else { &MAILBOXES }
    }

    fn is_of_taarnby(self) -> bool {
        self.case.is_multiple_of(3)
    }

    /// The message.
    pub(crate) fn bytes(self) -> Vec<u8> {
        let municipality = if self.is_of_taarnby() { "185" } else { "155" };
        let plan = Plan::ggop(self.id())
            .municipality(municipality)
            // No day of discharge: no reminder follows, whenever the test runs.
            .discharge(Discharge::Text("Efter aftale".to_owned()))
            .cpr(format!("{}0190{:04}", 61 + self.case % 28, self.case))
            .episode(format!("episode-{}-{}", self.round, self.case));
        Message::new(format!("K{}", self.id())).plan(plan).size(2048).bytes()
    }
}
