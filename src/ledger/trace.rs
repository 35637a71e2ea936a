//! The whole story of one message, found by whatever id a person has in hand: a letter's or an
//! envelope's, an event's, a delivery's, a duty's, a case's. No content.

mod value;
mod whole;

use budstikke_contract::id::{CaseKey, DeliveryId, DutyId, EventId};
use jiff::Timestamp;

use super::chain::time;
use super::delivery::{self, Delivery};
use super::edit::Edit;
use super::event::Decision;
use super::item::{self, Item};
use super::message::Stored;
use super::reply::StoredReply;
use super::wish::Wish;
use super::{Error, Reader};
use crate::duty::Duty;
pub use whole::Whole;

/// A case may have very many messages; so many of the newest are told.
const TOLD: i64 = 50;

/// One item's story.
#[derive(Debug, Clone)]
pub struct Story {
    /// The message that it came in.
    pub message: Stored,
    /// The item.
    pub item: Item,
    /// When it came into which state.
    pub states: Vec<Step>,
    /// What was asked elsewhere for it.
    pub wishes: Vec<Wish>,
    /// How people have corrected its text.
    pub edits: Vec<Edit>,
    /// The event that it became, with the decision.
    pub event: Option<EventStory>,
    /// The answers to the message, with their deliveries.
    pub answers: Vec<(StoredReply, Vec<DeliveryStory>)>,
    /// What the hub told because of it: reminders, overdue notices, rejections.
    pub notices: Vec<EventStory>,
}

/// An event's part of the story.
#[derive(Debug, Clone)]
pub struct EventStory {
    /// Its number.
    pub seq: i64,
    /// Its id.
    pub id: EventId,
    /// What it was.
    pub kind: String,
    /// Its sender's id.
    pub wire_id: String,
    /// Who sent it.
    pub source: String,
    /// Its case.
    pub case: String,
    /// When it was said.
    pub time: Timestamp,
    /// The deciding date.
    pub day: String,
    /// Where the citizen lives.
    pub residence: Option<String>,
    /// The law.
    pub law: Option<String>,
    /// The decision.
    pub decision: Decision,
    /// When it was decided.
    pub at: Option<Timestamp>,
    /// Who got it.
    pub deliveries: Vec<DeliveryStory>,
    /// What came to be owed.
    pub duties: Vec<Duty>,
}

/// A delivery's part of the story.
#[derive(Debug, Clone)]
pub struct DeliveryStory {
    /// The delivery.
    pub delivery: Delivery,
    /// When it came into which state.
    pub states: Vec<Step>,
    /// What its receiver said, and when.
    pub receipts: Vec<Step>,
}

/// An entry of the chain, as far as it tells a story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entered {
    /// Its number.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// What it is about; with `+` where that is new.
    pub what: String,
    /// Which row.
    pub row: i64,
    /// Into which state it came.
    pub state: String,
}

/// An item that waits, with what was asked for it.
#[derive(Debug, Clone)]
pub struct Held {
    /// The item.
    pub item: Item,
    /// What was asked.
    pub wishes: Vec<Wish>,
}

/// A change of state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// When.
    pub at: Timestamp,
    /// Into which state.
    pub state: String,
}

/// Where several events of a case are told, a notice is told with the last one before it.
fn tell_once(stories: &mut [Story]) {
    let mut told = std::collections::BTreeSet::new();
    for story in stories.iter_mut().rev() {
        let after = story.event.as_ref().map_or(0, |event| event.seq);
        story.notices.retain(|notice| notice.seq > after && told.insert(notice.seq));
    }
}

impl Reader<'_> {
    /// The stories that an id leads to, oldest first. Empty where it leads nowhere.
    pub fn trace(&mut self, id: &str) -> Result<Vec<Story>, Error> {
        let items = self.items_by(id)?;
        self.stories(items)
    }

    /// The stories of items, oldest first.
    pub fn stories(&mut self, mut items: Vec<i64>) -> Result<Vec<Story>, Error> {
        items.sort_unstable();
        items.dedup();
        let mut stories = items.into_iter().map(|seq| self.story(seq)).collect::<Result<Vec<_>, _>>()?;
        tell_once(&mut stories);
        Ok(stories)
    }

    /// The items of a case: the newest that were decided about, at most `most`, and all that waits.
    fn items_of_case(&mut self, case: &CaseKey, most: i64) -> Result<Vec<i64>, Error> {
        const BY_CASE: &str = "SELECT seq FROM item WHERE seq IN
            (SELECT item FROM event WHERE case_key = ?1 AND item IS NOT NULL ORDER BY seq DESC LIMIT ?2)
            OR (case_key = ?1 AND state IN ('parked', 'waiting'))";
        self.sql.all(BY_CASE, &[case.as_str().into(), most.into()], |row| row.need_int(0))
    }

    /// Whether something is named so: by its sender, or by the letter that it came in.
    pub fn is_named(&mut self, name: &str) -> Result<bool, Error> {
        let name = self.keys.masked(name);
        Ok(self.sql.first("SELECT 1 FROM name WHERE name = ?1 LIMIT 1", &[(&name).into()], |_| Ok(()))?.is_some())
    }

    /// The items of a case with lower numbers than one, the newest first, at most `most`.
    pub fn items_of_case_before(&mut self, case: &CaseKey, before: i64, most: i64) -> Result<Vec<i64>, Error> {
        const BEFORE: &str = "SELECT item FROM (SELECT item FROM event WHERE case_key = ?1 AND item IS NOT NULL
            UNION SELECT seq FROM item WHERE case_key = ?1 AND state IN ('parked', 'waiting')) AS own
            WHERE item < ?2 ORDER BY item DESC LIMIT ?3";
        self.sql.all(BEFORE, &[case.as_str().into(), before.into(), most.into()], |row| row.need_int(0))
    }

    pub(super) fn items_by(&mut self, id: &str) -> Result<Vec<i64>, Error> {
        const BY_EVENT: &str = "SELECT item FROM event WHERE id = ?1 AND item IS NOT NULL";
        const BY_HUB_EVENT: &str = "SELECT cause.item FROM event hub JOIN event cause ON cause.case_key = hub.case_key
            WHERE hub.id = ?1 AND hub.item IS NULL AND cause.item IS NOT NULL";
        const BY_DELIVERY: &str = "SELECT event.item FROM delivery JOIN event ON event.seq = delivery.event
            WHERE delivery.id = ?1 AND event.item IS NOT NULL";
        const BY_NOTICE: &str = "SELECT cause.item FROM delivery JOIN event hub ON hub.seq = delivery.event
            JOIN event cause ON cause.case_key = hub.case_key
            WHERE delivery.id = ?1 AND hub.item IS NULL AND cause.item IS NOT NULL";
        const BY_REPLY: &str = "SELECT item.seq FROM delivery JOIN reply ON reply.seq = delivery.reply
            JOIN item ON item.message = reply.message WHERE delivery.id = ?1";
        const BY_DUTY: &str = "SELECT event.item FROM duty JOIN event ON event.seq = duty.event WHERE duty.id = ?1";
        const BY_NAME: &str = "SELECT item FROM name WHERE name = ?1 ORDER BY item DESC LIMIT ?2";
        if let Some(case) = CaseKey::parse(id) {
            return self.items_of_case(&case, TOLD);
        }
        let mut found = Vec::new();
        if let Some(event) = EventId::parse(id) {
            let (delivery, duty) = (DeliveryId::from_bytes(*event.as_bytes()), DutyId::from_bytes(*event.as_bytes()));
            for (sql, bytes) in [
                (BY_EVENT, event.as_bytes()),
                (BY_HUB_EVENT, event.as_bytes()),
                (BY_DELIVERY, delivery.as_bytes()),
                (BY_NOTICE, delivery.as_bytes()),
                (BY_REPLY, delivery.as_bytes()),
                (BY_DUTY, duty.as_bytes()),
            ] {
                found.extend(self.sql.all(sql, &[bytes.into()], |row| row.need_int(0))?);
            }
        }
        if let Some(number) = id.strip_prefix('#').and_then(|number| number.parse::<i64>().ok()) {
            found.extend(self.sql.all("SELECT seq FROM item WHERE seq = ?1", &[number.into()], |row| row.need_int(0))?);
        }
        let name = self.keys.masked(id);
        found.extend(self.sql.all(BY_NAME, &[(&name).into(), TOLD.into()], |row| row.need_int(0))?);
        // The shell takes a bare `#` for a comment, so people leave it out.
        if found.is_empty()
            && let Ok(number) = id.parse::<i64>()
        {
            found.extend(self.sql.all("SELECT seq FROM item WHERE seq = ?1", &[number.into()], |row| row.need_int(0))?);
        }
        Ok(found)
    }

    /// The story of one item.
    pub fn story(&mut self, seq: i64) -> Result<Story, Error> {
        const NOTICES: &str = "SELECT seq FROM event WHERE item IS NULL AND case_key = ?1 ORDER BY seq";
        let item = self.item(seq)?;
        let message = self.message(item.message)?;
        let event = match item.event {
            Some(event) => Some(self.event_story(event)?),
            None => None,
        };
        let mut notices = Vec::new();
        if let Some(event) = &event {
            let hub_events = self.sql.all(NOTICES, &[(&event.case).into()], |row| row.need_int(0))?;
            for hub_event in hub_events {
                notices.push(self.event_story(hub_event)?);
            }
        }
        let mut answers = Vec::new();
        for reply in self.replies_to(message.seq)? {
            const OF_REPLY: &str = "SELECT * FROM delivery WHERE reply = ?1 ORDER BY seq";
            let deliveries = self.sql.all(OF_REPLY, &[reply.seq.into()], delivery::read)?;
            let told: Result<_, Error> = deliveries.into_iter().map(|it| self.delivery_story(it)).collect();
            answers.push((reply, told?));
        }
        let states = self.steps("item", seq)?;
        let (wishes, edits) = (self.wishes_of(seq)?, self.edits_of(seq)?);
        Ok(Story { message, item, states, wishes, edits, event, answers, notices })
    }

    /// An event, with what was decided about it and what came of that.
    pub fn event_story(&mut self, seq: i64) -> Result<EventStory, Error> {
        const ONE: &str =
            "SELECT id, kind, wire_id, source, case_key, day, residence, law, decision, time FROM event WHERE seq = ?1";
        let found = self.sql.first(ONE, &[seq.into()], |row| {
            let decision = row.need_text(8)?;
            Ok(EventStory {
                seq,
                id: EventId::from_bytes(row.need_bytes(0)?),
                kind: row.need_text(1)?,
                wire_id: row.need_text(2)?,
                source: row.need_text(3)?,
                case: row.need_text(4)?,
                time: time(row.need_int(9)?),
                day: row.need_text(5)?,
                residence: row.text(6)?,
                law: row.text(7)?,
                decision: serde_json::from_str(&decision)
                    .map_err(|_unquoted| Error::Unexpected("a decision cannot be read"))?,
                at: None,
                deliveries: Vec::new(),
                duties: Vec::new(),
            })
        })?;
        let mut story = found.ok_or(Error::Unexpected("an event is missing"))?;
        story.at = self.steps("event", seq)?.first().map(|step| step.at);
        for delivery in self.deliveries_of(seq)? {
            story.deliveries.push(self.delivery_story(delivery)?);
        }
        story.duties = self.duties_of_event(seq)?;
        Ok(story)
    }

    fn delivery_story(&mut self, delivery: Delivery) -> Result<DeliveryStory, Error> {
        const RECEIPTS: &str = "SELECT at, status FROM receipt WHERE delivery = ?1 ORDER BY seq";
        let states = self.steps(delivery.word(), delivery.seq)?;
        let receipts = self.sql.all(RECEIPTS, &[delivery.seq.into()], |row| {
            Ok(Step { at: time(row.need_int(0)?), state: row.need_text(1)? })
        })?;
        Ok(DeliveryStory { delivery, states, receipts })
    }

    /// The changes of one row, oldest first.
    fn steps(&mut self, word: &str, row: i64) -> Result<Vec<Step>, Error> {
        const STEPS: &str = "SELECT at, state FROM entry WHERE what IN (?1, ?2) AND ref = ?3 ORDER BY seq";
        let new = format!("{word}+");
        self.sql.all(STEPS, &[word.into(), (&new).into(), row.into()], |row| {
            Ok(Step { at: time(row.need_int(0)?), state: row.need_text(1)? })
        })
    }

    /// The number of the last item; 0 where there is none.
    pub fn last_item(&mut self) -> Result<i64, Error> {
        let last = self.sql.first("SELECT MAX(seq) FROM item", &[], |row| row.int(0))?.flatten();
        Ok(last.unwrap_or(0))
    }

    /// The stories of the items after one, oldest first.
    pub fn stories_after(&mut self, item: i64) -> Result<Vec<Story>, Error> {
        const AFTER: &str = "SELECT seq FROM item WHERE seq > ?1 ORDER BY seq LIMIT ?2";
        let items = self.sql.all(AFTER, &[item.into(), TOLD.into()], |row| row.need_int(0))?;
        items.into_iter().map(|seq| self.story(seq)).collect()
    }

    /// The number of the last event; 0 where there is none.
    pub fn last_event(&mut self) -> Result<i64, Error> {
        let last = self.sql.first("SELECT MAX(seq) FROM event", &[], |row| row.int(0))?.flatten();
        Ok(last.unwrap_or(0))
    }

    /// What was entered in the chain after an entry, at most `limit` entries: its number, what it
    /// is about, which row, and into which state it came.
    pub fn entries_after(&mut self, seq: i64, limit: u32) -> Result<Vec<Entered>, Error> {
        const NEXT: &str =
            "SELECT seq, at, what, ref, state FROM entry WHERE chain = 1 AND seq > ?1 ORDER BY seq LIMIT ?2";
        self.sql.all(NEXT, &[seq.into(), limit.into()], |row| {
            Ok(Entered {
                seq: row.need_int(0)?,
                at: time(row.need_int(1)?),
                what: row.need_text(2)?,
                row: row.need_int(3)?,
                state: row.need_text(4)?,
            })
        })
    }

    /// A duty by its number.
    pub fn duty_row(&mut self, seq: i64) -> Result<Duty, Error> {
        let found = self.sql.first("SELECT doc FROM duty WHERE seq = ?1", &[seq.into()], super::duty::read)?;
        found.ok_or(Error::Unexpected("a duty is missing"))
    }

    /// What goes on by itself, but not yet: items behind something of their case or until there is
    /// an answer, with what was asked for them, and deliveries that were
    /// tried and are tried again. Oldest first.
    pub fn held_up(&mut self) -> Result<(Vec<Held>, Vec<Delivery>), Error> {
        const BEHIND: &str =
            "SELECT * FROM item WHERE state IN ('parked', 'waiting') AND state = 'waiting' ORDER BY case_key, seq";
        const AGAIN: &str =
            "SELECT * FROM delivery WHERE ready = 1 AND code IS NOT NULL ORDER BY mailbox, channel, next_at, seq";
        let mut items = Vec::new();
        for item in self.sql.all(BEHIND, &[], item::read)? {
            let wishes = self.wishes_of(item.seq)?;
            items.push(Held { item, wishes });
        }
        Ok((items, self.sql.all(AGAIN, &[], delivery::read)?))
    }

    /// What is parked: items and deliveries, oldest first.
    pub fn parked(&mut self) -> Result<(Vec<Item>, Vec<Delivery>), Error> {
        let items = self.sql.all("SELECT * FROM item WHERE state = 'parked' ORDER BY seq", &[], item::read)?;
        let deliveries =
            self.sql.all("SELECT * FROM delivery WHERE state = 'parked' ORDER BY seq", &[], delivery::read)?;
        Ok((items, deliveries))
    }
}
