//! What becomes of a delivery: each change is an entry in the chain, and lets its lane go on.

use budstikke_contract::reason::{Code, Reason};
use jiff::Timestamp;

use super::{Delivery, State};
use crate::ledger::Error;
use crate::ledger::chain::micros;
use crate::ledger::receipt;
use crate::ledger::tx::Tx;

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is there.
    Delivered,
    /// To be tried again.
    Again {
        /// When.
        at: Timestamp,
        /// Why it is not there.
        reason: Reason,
    },
    /// The way to the receiver is broken. It goes when the way is mended, and this does not count.
    Broken {
        /// When that was found.
        at: Timestamp,
        /// What is wrong with the way.
        reason: Reason,
    },
    /// For a person.
    Park(Reason),
}

/// How the broker came to give a delivery back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returned {
    /// No queue took it.
    Unroutable,
    /// A queue gave it up.
    Dead,
}

/// No queue took a delivery.
pub const UNROUTABLE: Code = Code::new("UNROUTABLE");
/// The receiver's queue gave a delivery up: rejected, expired, or handed out too often.
const DEAD_LETTERED: Code = Code::new("DEAD_LETTERED");

impl Returned {
    fn name(self) -> &'static str {
        match self {
            Self::Unroutable => "unroutable",
            Self::Dead => "dead",
        }
    }

    pub(super) fn read(name: &str) -> Result<Self, Error> {
        let found = [Self::Unroutable, Self::Dead].into_iter().find(|returned| returned.name() == name);
        found.ok_or(Error::Unexpected("a delivery was given back in a way that does not exist"))
    }

    /// Why the delivery is not there.
    pub fn reason(self, mailbox: &str) -> Reason {
        match self {
            Self::Unroutable => {
                let queue = mailbox.replace('/', ".");
                let text = format!(
                    "Køen out.{queue} findes ikke, selv om budstikken har oprettet den igen. Undersøg hvem der sletter den, og send så leveringen igen."
                );
                Reason::new(UNROUTABLE, text)
            }
            Self::Dead => {
                let text = "Modtagerens kø har opgivet leveringen: afvist uden kvittering, for gammel, eller udleveret for mange gange.";
                Reason::new(DEAD_LETTERED, text)
            }
        }
    }
}

impl Tx<'_> {
    /// Keeps what came of an attempt. What a person decided meanwhile stands.
    pub fn settle(&mut self, seq: i64, outcome: &Outcome) -> Result<(), Error> {
        let delivery = self.delivery_row(seq)?;
        if delivery.is_withdrawn() {
            return self.settle_withdrawn(&delivery, outcome);
        }
        if delivery.state != State::Waiting {
            return Ok(());
        }
        match outcome {
            Outcome::Delivered if delivery.returned == Some(Returned::Dead) => {
                self.park(&delivery, &Returned::Dead.reason(&delivery.mailbox), true)
            }
            // It stays where it is, and goes again when the return said.
            Outcome::Delivered if delivery.returned == Some(Returned::Unroutable) => {
                self.put_off(&delivery, delivery.next_at, &Returned::Unroutable.reason(&delivery.mailbox))
            }
            Outcome::Delivered if delivery.business.as_deref().is_some_and(receipt::is_refusal) => {
                self.park(&delivery, &receipt::refused(), true)
            }
            Outcome::Delivered => self.delivered(&delivery),
            Outcome::Again { at, reason } => self.put_off(&delivery, *at, reason),
            Outcome::Broken { at, reason } => self.wait_for_way(&delivery, *at, reason),
            Outcome::Park(reason) => self.park(&delivery, reason, false),
        }
    }

    fn put_off(&mut self, delivery: &Delivery, at: Timestamp, reason: &Reason) -> Result<(), Error> {
        const AGAIN: &str = "UPDATE delivery SET attempts = attempts + 1, next_at = ?2, code = ?3, reason = ?4, returned = NULL WHERE seq = ?1";
        let params = [delivery.seq.into(), micros(at).into(), reason.code.as_str().into(), (&reason.text).into()];
        self.sql.execute(AGAIN, &params)?;
        Ok(())
    }

    /// Keeps why a delivery waits. It was not tried, as far as it is concerned, and the others
    /// come before it when the way is tried: one of them may get through where it does not.
    fn wait_for_way(&mut self, delivery: &Delivery, at: Timestamp, reason: &Reason) -> Result<(), Error> {
        const WAIT: &str = "UPDATE delivery SET next_at = ?2, code = ?3, reason = ?4 WHERE seq = ?1";
        let params = [delivery.seq.into(), micros(at).into(), reason.code.as_str().into(), (&reason.text).into()];
        self.sql.execute(WAIT, &params)?;
        Ok(())
    }

    /// Notes that the broker gave back a delivery of which it is not yet known that it left. It is
    /// what [`settle`](Self::settle) then goes by.
    pub(crate) fn given_back(&mut self, delivery: &Delivery, how: Returned, at: Timestamp) -> Result<(), Error> {
        const BACK: &str = "UPDATE delivery SET returned = ?2, next_at = ?3 WHERE seq = ?1";
        self.sql.execute(BACK, &[delivery.seq.into(), how.name().into(), micros(at).into()])?;
        Ok(())
    }

    fn delivered(&mut self, delivery: &Delivery) -> Result<(), Error> {
        const DONE: &str = "UPDATE delivery SET state = 'delivered', ready = 0, attempts = attempts + 1, code = NULL, reason = NULL WHERE seq = ?1";
        self.sql.execute(DONE, &[delivery.seq.into()])?;
        if delivery.channel == crate::agreement::model::Channel::Inbox.name() {
            self.task_arrives(delivery)?;
        }
        self.entry(delivery.word(), delivery.seq, State::Delivered.name(), delivery.digest())?;
        self.advance_lane(&delivery.lane)
    }

    /// Parks a delivery. `passed` where it is not to hold its lane.
    pub(crate) fn park(&mut self, delivery: &Delivery, reason: &Reason, passed: bool) -> Result<(), Error> {
        const PARK: &str = "UPDATE delivery SET state = 'parked', ready = 0, passed = ?2, attempts = attempts + 1, code = ?3, reason = ?4, returned = NULL WHERE seq = ?1";
        let params = [delivery.seq.into(), passed.into(), reason.code.as_str().into(), (&reason.text).into()];
        self.sql.execute(PARK, &params)?;
        self.entry(delivery.word(), delivery.seq, State::Parked.name(), delivery.digest())?;
        tracing::warn!(delivery = %delivery.id, mailbox = %delivery.mailbox, code = %reason.code, "parked: `budstikke parked show {}`", delivery.id);
        // It may have been there already, and given back: then what is behind it was ready.
        self.order_lane(&delivery.lane)
    }

    /// Puts a delivery that is parked, or that turned out not to have arrived, back in its place.
    pub(crate) fn reopen(&mut self, delivery: &Delivery, at: Timestamp, attempts: u32) -> Result<(), Error> {
        const BACK: &str = "UPDATE delivery SET state = 'waiting', ready = 0, passed = 0, attempts = ?2, next_at = ?3, business = NULL, returned = NULL WHERE seq = ?1";
        self.sql.execute(BACK, &[delivery.seq.into(), attempts.into(), micros(at).into()])?;
        self.entry(delivery.word(), delivery.seq, State::Waiting.name(), delivery.digest())?;
        self.order_lane(&delivery.lane)
    }

    /// Brings a parked delivery to its end without its being sent.
    pub(crate) fn discard_delivery(&mut self, delivery: &Delivery) -> Result<(), Error> {
        const DISCARD: &str = "UPDATE delivery SET state = 'discarded', ready = 0 WHERE seq = ?1";
        self.sql.execute(DISCARD, &[delivery.seq.into()])?;
        self.entry(delivery.word(), delivery.seq, State::Discarded.name(), delivery.digest())?;
        self.advance_lane(&delivery.lane)
    }

    /// Lets what is behind a parked delivery go past it.
    pub(crate) fn let_pass(&mut self, delivery: &Delivery) -> Result<(), Error> {
        self.sql.execute("UPDATE delivery SET passed = 1 WHERE seq = ?1", &[delivery.seq.into()])?;
        self.advance_lane(&delivery.lane)
    }
}
