//! An event with the letter that it came in, in one look; and who has it, by which it is decided who
//! may look. Of several letters in one message only the own one is shown.

use budstikke_contract::event::danish_day;

use super::{About, Looker};
use crate::ledger::delivery::{self, Content};
use crate::ledger::goods::{InMessage, MakeOriginal, Original, ReadBy};
use crate::ledger::item::{Item, State};
use crate::ledger::tx::{Body, Tx};
use crate::ledger::{Error, Reader, event};

/// What somebody wants to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// An item, whether it has become an event yet or not.
    Item(i64),
    /// An event.
    Event(i64),
    /// What was delivered.
    Delivery(i64),
}

/// Where something is: what decides who may look at it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Whereabouts {
    /// The item, where it came from outside.
    pub item: Option<i64>,
    /// The event that it has become.
    pub event: Option<i64>,
    /// The delivery by which it was asked for.
    pub delivery: Option<i64>,
    /// Whether it waits to be decided about, so that it is in nobody's mailbox yet.
    pub undecided: bool,
    /// The mailboxes that have it or are to get it. Not those from which it was taken back.
    pub mailboxes: Vec<String>,
}

/// What makes of a message what is shown of it.
pub struct Reading<'a> {
    /// The own letter of one item, alone.
    pub original: &'a MakeOriginal<'a>,
    /// The numbers of the citizens that a letter is about which nobody has decided about yet.
    pub citizens: &'a dyn Fn(&Item, &str, &Original) -> Vec<String>,
}

impl std::fmt::Debug for Reading<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reading")
    }
}

/// What is shown. Personal.
#[derive(Clone)]
pub struct Seen {
    /// The item, where it came from outside.
    pub item: Option<Item>,
    /// The adapter that read its message.
    pub adapter: Option<String>,
    /// The event as CloudEvents JSON.
    pub event: Option<Vec<u8>>,
    /// The letter; `None` where there is none, or it cannot be had without others'.
    pub original: Option<Original>,
    /// Whether name and address of its citizen are protected.
    pub protected: bool,
}

impl std::fmt::Debug for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Seen(event: {}, original: {})", self.event.is_some(), self.original.is_some())
    }
}

impl Reader<'_> {
    /// Where something is; `None` where there is no such thing.
    pub fn whereabouts(&mut self, wanted: Wanted) -> Result<Option<Whereabouts>, Error> {
        const ITEM: &str = "SELECT event, state FROM item WHERE seq = ?1";
        const EVENT: &str = "SELECT item FROM event WHERE seq = ?1";
        const DELIVERY: &str = "SELECT event FROM delivery WHERE seq = ?1 AND event IS NOT NULL";
        match wanted {
            Wanted::Item(item) => {
                let read = |row: &dyn crate::ledger::sql::Row| Ok((row.int(0)?, row.need_text(1)?));
                let Some((event, state)) = self.sql.first(ITEM, &[item.into()], read)? else { return Ok(None) };
                let waits = [State::Parked, State::Waiting].iter().any(|it| it.name() == state);
                let mailboxes = event.map_or_else(|| Ok(Vec::new()), |event| self.have(event))?;
                let undecided = waits && event.is_none();
                Ok(Some(Whereabouts { item: Some(item), event, delivery: None, undecided, mailboxes }))
            }
            Wanted::Event(event) => {
                let Some(item) = self.sql.first(EVENT, &[event.into()], |row| row.int(0))? else { return Ok(None) };
                let mailboxes = self.have(event)?;
                Ok(Some(Whereabouts { item, event: Some(event), mailboxes, ..Whereabouts::default() }))
            }
            Wanted::Delivery(delivery) => {
                let Some(event) = self.sql.first(DELIVERY, &[delivery.into()], |row| row.need_int(0))? else {
                    return Ok(None);
                };
                let found = self.whereabouts(Wanted::Event(event))?;
                Ok(found.map(|found| Whereabouts { delivery: Some(delivery), ..found }))
            }
        }
    }

    /// The mailboxes that have an event or are to get it.
    fn have(&mut self, event: i64) -> Result<Vec<String>, Error> {
        let id = event::id_of(self.sql, event)?.ok_or(Error::Unexpected("an event is missing"))?;
        let mut mailboxes = Vec::new();
        for delivery in self.deliveries_of(event)? {
            let ended = delivery.state == delivery::State::Discarded;
            // What it was told to forget is not its business any more.
            if !ended
                && !mailboxes.contains(&delivery.mailbox)
                && self.notices(id, &delivery.mailbox)?.told <= delivery.seq
            {
                mailboxes.push(delivery.mailbox);
            }
        }
        Ok(mailboxes)
    }
}

impl Tx<'_> {
    /// Shows what is there. Whether the looker may is decided before.
    pub fn look_at(&mut self, looker: Looker<'_>, at: &Whereabouts, reading: &Reading<'_>) -> Result<Seen, Error> {
        let mut about = match (at.event, at.item) {
            (Some(event), _) => self.about_event(event)?,
            (None, Some(item)) => self.about_undecided(item)?,
            (None, None) => return Err(Error::Refused("there is nothing to look at".to_owned())),
        };
        about.delivery = at.delivery;
        let event = at.event.map(|event| self.open_body(Body::Event, event)).transpose()?;
        let item = at.item.map(|item| self.item(item)).transpose()?;
        let (mut adapter, mut original) = (None, None);
        if let Some(item) = &item {
            let message = self.message(item.message)?;
            let read_by = ReadBy { source: &message.source, adapter: &message.adapter };
            // Where a person has corrected it, that is what was decided about, and what receivers got.
            let body = match self.edited(item.seq)? {
                Some(corrected) => corrected,
                None => self.message_body(&message)?,
            };
            original = (reading.original)(read_by, self.place_of(item)?, body);
            adapter = Some(message.adapter);
        }
        if let (None, Some(item), Some(adapter), Some(original)) = (&event, &item, &adapter, &original) {
            let numbers = (reading.citizens)(item, adapter, original);
            about.marks.extend(numbers.iter().map(|number| self.keys.mark("citizen", number)));
        }
        let (what, row) = at.item.map_or(("event_body", at.event.unwrap_or(0)), |item| ("item", item));
        self.log(looker, what, row, &mut about)?;
        let protected = self.is_protected(at)?;
        Ok(Seen { item, adapter, event, original, protected })
    }

    fn about_undecided(&mut self, item: i64) -> Result<About, Error> {
        let item = self.item(item)?;
        let marks = item.case.as_deref().map_or_else(|| Ok(Vec::new()), |case| self.marks_of_case(case))?;
        Ok(About { message: Some(item.message), marks, ..About::default() })
    }

    /// Where an item stands in its message.
    fn place_of(&mut self, item: &Item) -> Result<InMessage, Error> {
        const MANY: &str = "SELECT COUNT(*) FROM item WHERE message = ?1";
        let many = self.sql.first(MANY, &[item.message.into()], |row| row.need_int(0))?;
        let index = usize::try_from(item.index).map_err(|_small| Error::Unexpected("an item's place is none"))?;
        Ok(InMessage { index, alone: many == Some(1) })
    }

    fn is_protected(&mut self, at: &Whereabouts) -> Result<bool, Error> {
        const CASE: &str = "SELECT case_key FROM event WHERE seq = ?1";
        let Some(event) = at.event else { return Ok(false) };
        for delivery in self.deliveries_of(event)? {
            if matches!(delivery.content, Content::Event(_)) && delivery.why.protected {
                return Ok(true);
            }
        }
        let case = self.sql.first(CASE, &[event.into()], |row| row.need_text(0))?;
        let day = danish_day(self.at);
        case.map_or(Ok(false), |case| self.protected(&case, day))
    }
}
