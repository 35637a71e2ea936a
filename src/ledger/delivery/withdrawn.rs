//! Deliveries that another edition of the agreement takes back. What has not been sent is ended, and
//! who may have it is told. What is under way in that moment shows only when its attempt has ended.

use budstikke_contract::event::danish_day;
use budstikke_contract::id::{DeliveryId, EventId};
use budstikke_contract::reason::{Code, Reason};
use serde_json::Value;

use super::{Content, Delivery, MAILBOX_GONE, NewDelivery, Outcome, Returned, State, Why};
use crate::agreement::model::{Capacity, Channel};
use crate::ledger::tx::Tx;
use crate::ledger::{Error, Reader};

/// A delivery was ended because another edition of the agreement gives its mailbox nothing.
pub(crate) const WITHDRAWN: Code = Code::new("WITHDRAWN");

const TEXT: &str = "Leveringen blev stoppet, fordi en anden udgave af aftalen ikke giver den til denne postkasse.";

/// The id under which a mailbox is told that an event was not for it, for the so many-th time.
pub(crate) fn notice(event: EventId, mailbox: &str, round: u32) -> EventId {
    EventId::of_hub("withdrawn", &format!("{event} {mailbox}"), round)
}

/// What a mailbox was told of an event that was not for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Notices {
    /// How often it was withdrawn from it.
    pub(crate) rounds: u32,
    /// The number of the last delivery of such a notice; 0 where it was told nothing.
    pub(crate) told: i64,
    /// The number of the last notice.
    last: Option<(i64, EventId)>,
}

impl Delivery {
    /// Whether it was ended because it was not for its mailbox.
    pub(crate) fn is_withdrawn(&self) -> bool {
        self.state == State::Discarded && self.reason.as_ref().is_some_and(|reason| reason.code == WITHDRAWN)
    }

    fn is_inbox(&self) -> bool {
        self.channel == Channel::Inbox.name()
    }
}

impl Reader<'_> {
    /// What a mailbox was told of an event that was not for it.
    pub(crate) fn notices(&mut self, event: EventId, mailbox: &str) -> Result<Notices, Error> {
        let mut notices = Notices::default();
        loop {
            let id = notice(event, mailbox, notices.rounds);
            let Some(row) = self.event_row(id)? else { return Ok(notices) };
            let told = self.deliveries_of(row)?.iter().map(|it| it.seq).max();
            notices = Notices { rounds: notices.rounds + 1, told: told.unwrap_or(notices.told), last: Some((row, id)) };
        }
    }

    /// Whether the receiver of a delivery may have it: it is there, or was, or it was tried. An
    /// attempt that failed says only that there was no answer.
    pub(crate) fn may_be_there(&mut self, delivery: &Delivery) -> Result<bool, Error> {
        const WAS: &str =
            "SELECT 1 FROM entry WHERE what = ?1 AND ref = ?2 AND state IN ('delivered', 'parked') LIMIT 1";
        let nobody = delivery.reason.as_ref().is_some_and(|reason| reason.code == MAILBOX_GONE);
        if delivery.state == State::Delivered || delivery.attempts > u32::from(nobody) {
            return Ok(true);
        }
        // A person may have sent it again, which counts the attempts anew.
        let was = self.sql.first(WAS, &[delivery.word().into(), delivery.seq.into()], |row| row.need_int(0))?;
        Ok(was.is_some() && !nobody)
    }
}

impl Tx<'_> {
    /// Counts as tried what may have been under way when the last process ended: by the ledger alone
    /// that cannot be told from what was never sent. What only this hub itself can have is known.
    pub fn count_what_was_under_way(&mut self) -> Result<(), Error> {
        const TRIED: &str = "UPDATE delivery SET attempts = 1
            WHERE ready = 1 AND mailbox = ?1 AND channel = ?2 AND attempts = 0 AND event IS NOT NULL";
        for (mailbox, channel) in self.reader().ready_targets()? {
            if channel != Channel::Inbox.name() {
                self.sql.execute(TRIED, &[(&mailbox).into(), (&channel).into()])?;
            }
        }
        Ok(())
    }

    /// Ends a delivery that waits or is parked, because it is not for its mailbox.
    pub(crate) fn withdraw(&mut self, delivery: &Delivery) -> Result<(), Error> {
        const END: &str = "UPDATE delivery SET state = 'discarded', ready = 0, code = ?2, reason = ?3, returned = NULL WHERE seq = ?1";
        let reason = Reason::new(WITHDRAWN, TEXT);
        self.sql.execute(END, &[delivery.seq.into(), reason.code.as_str().into(), (&reason.text).into()])?;
        self.entry(delivery.word(), delivery.seq, State::Discarded.name(), delivery.digest())?;
        self.advance_lane(&delivery.lane)
    }

    /// Keeps what came of an attempt that was under way when its delivery was ended: its receiver
    /// may have it, and is told.
    pub(super) fn settle_withdrawn(&mut self, delivery: &Delivery, outcome: &Outcome) -> Result<(), Error> {
        const THERE: &str = "UPDATE delivery SET state = 'delivered', attempts = attempts + 1, code = NULL, reason = NULL WHERE seq = ?1";
        const TRIED: &str = "UPDATE delivery SET attempts = attempts + 1 WHERE seq = ?1";
        // Nobody has what this process did not put into its own inbox, or what no way led to.
        if delivery.is_inbox() || matches!(outcome, Outcome::Broken { .. }) {
            return Ok(());
        }
        if *outcome == Outcome::Delivered && delivery.returned != Some(Returned::Dead) {
            self.sql.execute(THERE, &[delivery.seq.into()])?;
            self.entry(delivery.word(), delivery.seq, State::Delivered.name(), delivery.digest())?;
        } else {
            self.sql.execute(TRIED, &[delivery.seq.into()])?;
        }
        self.tell_withdrawn(delivery)
    }

    /// Tells the receiver of a delivery, the way it came, by the notice that was kept.
    fn tell_withdrawn(&mut self, delivery: &Delivery) -> Result<(), Error> {
        let Content::Event(row) = delivery.content else { return Ok(()) };
        let about = self.reader().past_event(row)?;
        let Some((row, id)) = self.reader().notices(about.id, &delivery.mailbox)?.last else { return Ok(()) };
        let case = self.event_names(row)?.case;
        let protected = delivery.why.protected || self.protected(&case, danish_day(self.at))?;
        let why =
            Why { protected, corrected_by: self.edition_of(row)?, rules: delivery.why.rules.clone(), ..Why::default() };
        self.plan_delivery(&NewDelivery {
            id: DeliveryId::derive(id, &delivery.mailbox, &delivery.channel),
            content: Content::Event(row),
            mailbox: &delivery.mailbox,
            channel: &delivery.channel,
            capacity: Capacity::Information.name(),
            why: &why,
            lane: delivery.lane,
        })
    }

    /// By which edition a notice says that it is so.
    fn edition_of(&mut self, notice: i64) -> Result<Option<String>, Error> {
        let json = self.reader().past_event(notice)?.json;
        let read: Value =
            serde_json::from_slice(&json).map_err(|_unquoted| Error::Unexpected("a notice cannot be read"))?;
        Ok(read.pointer("/data/agreement").and_then(Value::as_str).map(str::to_owned))
    }
}
