//! Finding messages by what surrounds them, and by whom they are about. Each answer is bounded: so
//! many are found, of so many that were looked at; the next one begins where this one ended.

use jiff::Timestamp;

use super::chain::{CHAIN, micros, time};
use super::delivery;
use super::item::State;
use super::look::Looker;
use super::sql::Row;
use super::tx::Tx;
use super::{Error, Reader};

/// So many are found at once.
pub const PAGE: usize = 50;

/// Of so many that are looked at: where little fits, nobody waits for all of it.
const LOOKED_AT: usize = 4_000;

/// And so many are fetched at a time.
const STEP: i64 = 1_000;

/// What is looked for. All of it must fit; what is not said fits everything.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// One of these mailboxes has it. `None`: whoever has it, and what nobody has.
    pub mailboxes: Option<Vec<String>>,
    /// What it is: a kind of event, or what the adapter called it.
    pub kind: Option<String>,
    /// Under which law.
    pub law: Option<String>,
    /// From where.
    pub source: Option<String>,
    /// How it stands.
    pub state: Option<State>,
    /// How a delivery of it stands, to one of the mailboxes where they are named.
    pub delivery: Option<delivery::State>,
    /// Received from then on.
    pub from: Option<Timestamp>,
    /// Received before then.
    pub to: Option<Timestamp>,
    /// Where the search goes on: as `Found::next` said.
    pub before: Option<i64>,
}

/// Something that was found. No content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The item; none for what the hub itself told.
    pub item: Option<i64>,
    /// The event that it has become.
    pub event: Option<i64>,
    /// What it is.
    pub what: String,
    /// How the item stands.
    pub state: Option<State>,
    /// Its case.
    pub case: Option<String>,
    /// Why it does not go on.
    pub code: Option<String>,
    /// From where; the hub itself where there is no item.
    pub source: Option<String>,
    /// When it was received, or told.
    pub at: Timestamp,
    /// Under which law.
    pub law: Option<String>,
    /// Who gets it, and how that stands: each mailbox once for each channel.
    pub deliveries: Vec<(String, delivery::State)>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// The newest first.
    pub hits: Vec<Hit>,
    /// Where to go on; `None` where there is no more.
    pub next: Option<i64>,
}

/// Between which numbers something can fit.
#[derive(Debug, Clone, Copy)]
struct Between {
    /// The first and the last item.
    items: (i64, i64),
    /// The first event.
    event: i64,
}

/// Messages of several queues stand not quite in the order in which they were received.
const BESIDE: i64 = 2_000;

/// Something that may fit.
#[derive(Debug, Clone, Copy)]
enum Candidate {
    Item(i64),
    Event(i64),
}

impl Candidate {
    fn number(self) -> i64 {
        match self {
            Self::Item(seq) | Self::Event(seq) => seq,
        }
    }
}

fn read(row: &dyn Row) -> Result<Hit, Error> {
    Ok(Hit {
        item: row.int(0)?,
        event: row.int(1)?,
        what: row.need_text(2)?,
        state: row.text(3)?.map(|name| State::read(&name)).transpose()?,
        case: row.text(4)?,
        code: row.text(5)?,
        source: row.text(6)?,
        at: time(row.need_int(7)?),
        law: row.text(8)?,
        deliveries: Vec::new(),
    })
}

impl Filter {
    /// Whether what surrounds something fits, but for its deliveries.
    fn fits(&self, hit: &Hit) -> bool {
        let same = |wanted: &Option<String>, is: Option<&str>| wanted.as_deref().is_none_or(|it| Some(it) == is);
        same(&self.kind, Some(&hit.what))
            && same(&self.law, hit.law.as_deref())
            && same(&self.source, hit.source.as_deref())
            && self.state.is_none_or(|state| Some(state) == hit.state)
            && self.from.is_none_or(|from| hit.at >= from)
            && self.to.is_none_or(|to| hit.at < to)
    }

    fn is_own(&self, mailbox: &str) -> bool {
        self.mailboxes.as_ref().is_none_or(|own| own.iter().any(|it| it == mailbox))
    }
}

impl Reader<'_> {
    /// Looks for messages.
    pub fn search(&mut self, filter: &Filter) -> Result<Found, Error> {
        let event = filter.from.map_or(Ok(0), |from| self.first_event(from))?;
        let between =
            Between { items: self.items_between(filter.from, filter.to)?, event: event.saturating_sub(BESIDE) };
        let mut at = filter.before.unwrap_or(i64::MAX);
        let mut found = Found::default();
        let mut looked_at = 0;
        while looked_at < LOOKED_AT {
            let candidates = self.candidates(filter, at, between)?;
            let Some(last) = candidates.last().copied() else { return Ok(found) };
            for candidate in candidates {
                looked_at += 1;
                found.hits.extend(self.fitting(filter, candidate)?);
                if found.hits.len() >= PAGE {
                    found.next = Some(candidate.number());
                    return Ok(found);
                }
            }
            at = last.number();
        }
        found.next = Some(at);
        Ok(found)
    }

    /// What has a number or a name, where one of these mailboxes gets it; `None`: whoever gets it.
    pub fn named(&mut self, number: &str, mailboxes: Option<&[String]>) -> Result<Found, Error> {
        let mut items = self.items_by(number)?;
        items.sort_unstable_by(|one, other| other.cmp(one));
        items.dedup();
        let filter = Filter { mailboxes: mailboxes.map(<[String]>::to_vec), ..Filter::default() };
        let mut found = Found::default();
        for item in items {
            found.hits.extend(self.fitting(&filter, Candidate::Item(item))?);
        }
        Ok(found)
    }

    /// The next ones that may fit, by whichever index leaves the fewest.
    fn candidates(&mut self, filter: &Filter, before: i64, between: Between) -> Result<Vec<Candidate>, Error> {
        const ALL: &str = "SELECT seq FROM item WHERE seq >= ?1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3";
        const OF_KIND: &str =
            "SELECT seq FROM item WHERE what = ?4 AND seq >= ?1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3";
        const IN_STATE: &str = "SELECT seq FROM item WHERE state = ?4 AND state <> 'routed' AND seq >= ?1 AND seq < ?2
            ORDER BY seq DESC LIMIT ?3";
        const UNDER_LAW: &str = "SELECT seq FROM event WHERE law IS NOT NULL AND law = ?4 AND seq >= ?1 AND seq < ?2
            ORDER BY seq DESC LIMIT ?3";
        // Items have the order of their reception; events that of their decision.
        let by_time = filter.to.is_some();
        if !by_time && let Some(mailboxes) = &filter.mailboxes {
            return self.of_mailboxes(mailboxes, before, between.event);
        }
        let read = |row: &dyn Row| row.need_int(0);
        if !by_time && let (Some(law), None) = (&filter.law, &filter.kind) {
            let params = [between.event.into(), before.into(), STEP.into(), law.into()];
            let events = self.sql.all(UNDER_LAW, &params, read)?;
            return Ok(events.into_iter().map(Candidate::Event).collect());
        }
        let (oldest, newest) = between.items;
        let before = before.min(newest.saturating_add(1));
        let params = [oldest.into(), before.into(), STEP.into()];
        let [oldest, before, step] = params;
        let items = match (filter.state, &filter.kind) {
            (Some(state), _) if state != State::Routed => {
                self.sql.all(IN_STATE, &[oldest, before, step, state.name().into()], read)?
            }
            (_, Some(kind)) => self.sql.all(OF_KIND, &[oldest, before, step, kind.into()], read)?,
            (_, None) => self.sql.all(ALL, &params, read)?,
        };
        Ok(items.into_iter().map(Candidate::Item).collect())
    }

    fn of_mailboxes(&mut self, mailboxes: &[String], before: i64, first: i64) -> Result<Vec<Candidate>, Error> {
        const OF: &str = "SELECT DISTINCT event FROM delivery WHERE mailbox = ?1 AND event IS NOT NULL AND event < ?2
            AND event >= ?4 ORDER BY event DESC LIMIT ?3";
        let mut events = Vec::new();
        for mailbox in mailboxes {
            let params = [mailbox.into(), before.into(), STEP.into(), first.into()];
            events.extend(self.sql.all(OF, &params, |row| row.need_int(0))?);
        }
        events.sort_unstable_by(|one, other| other.cmp(one));
        events.dedup();
        events.truncate(usize::try_from(STEP).unwrap_or(usize::MAX));
        Ok(events.into_iter().map(Candidate::Event).collect())
    }

    /// What a candidate is, where it fits.
    fn fitting(&mut self, filter: &Filter, candidate: Candidate) -> Result<Option<Hit>, Error> {
        const ITEM: &str =
            "SELECT item.seq, item.event, item.what, item.state, COALESCE(event.case_key, item.case_key),
                item.code, message.source, message.at, event.law
            FROM item JOIN message ON message.seq = item.message LEFT JOIN event ON event.seq = item.event
            WHERE item.seq = ?1";
        const EVENT: &str = "SELECT event.item, event.seq, event.kind, item.state, event.case_key,
                item.code, message.source, COALESCE(message.at, event.time), event.law
            FROM event LEFT JOIN item ON item.seq = event.item LEFT JOIN message ON message.seq = item.message
            WHERE event.seq = ?1";
        const DELIVERIES: &str = "SELECT mailbox, state FROM delivery WHERE event = ?1 ORDER BY seq";
        let sql = match candidate {
            Candidate::Item(_) => ITEM,
            Candidate::Event(_) => EVENT,
        };
        let hit = self.sql.first(sql, &[candidate.number().into()], read)?;
        let Some(mut hit) = hit.filter(|hit| filter.fits(hit)) else { return Ok(None) };
        if let Some(event) = hit.event {
            let rows = self.sql.all(DELIVERIES, &[event.into()], |row| Ok((row.need_text(0)?, row.need_text(1)?)))?;
            for (mailbox, state) in rows.into_iter().filter(|(mailbox, _)| filter.is_own(mailbox)) {
                hit.deliveries.push((mailbox, delivery::State::read(&state)?));
            }
        }
        let has_mailbox = filter.mailboxes.is_none() || !hit.deliveries.is_empty();
        let has_state = filter.delivery.is_none_or(|wanted| hit.deliveries.iter().any(|(_, state)| *state == wanted));
        Ok(Some(hit).filter(|_| has_mailbox && has_state))
    }

    /// The first event that was decided about since then; the last one where none was.
    pub(super) fn first_event(&mut self, from: Timestamp) -> Result<i64, Error> {
        const AT: &str = "SELECT at FROM entry WHERE chain = ?1
            AND seq = (SELECT seq FROM entry WHERE what = 'event+' AND ref = ?2)";
        let from = micros(from);
        // Events have their numbers in the order of their decision: what is looked for is between both.
        let (mut low, mut high) = (1, self.last_event()?);
        while low < high {
            let middle = low + (high - low) / 2;
            let at = self.sql.first(AT, &[CHAIN.into(), middle.into()], |row| row.need_int(0))?;
            if at.is_some_and(|at| at < from) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }

    /// The first and the last item that came within a time, or somewhat beside it.
    fn items_between(&mut self, from: Option<Timestamp>, to: Option<Timestamp>) -> Result<(i64, i64), Error> {
        const FIRST: &str = "SELECT seq FROM message WHERE at >= ?1 ORDER BY at, seq LIMIT 1";
        const LAST: &str = "SELECT seq FROM message WHERE at < ?1 ORDER BY at DESC, seq DESC LIMIT 1";
        const FIRST_OF: &str = "SELECT seq FROM item WHERE message >= ?1 ORDER BY message, seq LIMIT 1";
        const LAST_OF: &str = "SELECT seq FROM item WHERE message <= ?1 ORDER BY message DESC, seq DESC LIMIT 1";
        let mut between = (0, i64::MAX);
        if let Some(from) = from {
            let first = self.sql.first(FIRST, &[micros(from).into()], |row| row.need_int(0))?;
            let item = match first {
                Some(message) => self.sql.first(FIRST_OF, &[message.into()], |row| row.need_int(0))?,
                None => None,
            };
            between.0 = item.map_or(i64::MAX, |item| item.saturating_sub(BESIDE));
        }
        if let Some(to) = to {
            let last = self.sql.first(LAST, &[micros(to).into()], |row| row.need_int(0))?;
            let item = match last {
                Some(message) => self.sql.first(LAST_OF, &[message.into()], |row| row.need_int(0))?,
                None => None,
            };
            between.1 = item.map_or(0, |item| item.saturating_add(BESIDE));
        }
        Ok(between)
    }
}

impl Tx<'_> {
    /// Looks for a citizen by their number, among what some mailboxes have. It is a look: it is written
    /// down before anything is found.
    pub fn search_citizen(
        &mut self,
        looker: Looker<'_>,
        number: &str,
        mailboxes: &[String],
        before: Option<i64>,
    ) -> Result<Found, Error> {
        const EVENTS: &str = "SELECT event FROM citizen WHERE mark = ?1 AND event < ?2 ORDER BY event DESC LIMIT ?3";
        let mark = self.look_for(looker, "search", number)?;
        let filter = Filter { mailboxes: Some(mailboxes.to_vec()), ..Filter::default() };
        let mut found = Found::default();
        let params = [(&mark).into(), before.unwrap_or(i64::MAX).into(), STEP.into()];
        let events = self.sql.all(EVENTS, &params, |row| row.need_int(0))?;
        let whole = i64::try_from(events.len()).is_ok_and(|many| many < STEP);
        let last = events.last().copied();
        for event in events {
            found.hits.extend(self.reader().fitting(&filter, Candidate::Event(event))?);
            if found.hits.len() >= PAGE {
                found.next = Some(event);
                return Ok(found);
            }
        }
        found.next = last.filter(|_| !whole);
        Ok(found)
    }
}
