//! Lists of tasks: by how they stand, the first due first. No content. Each is a page, however much
//! there is, and an index has it in its order.

use jiff::civil::Date;

use super::{Kept, NO_DAY, read};
use crate::ledger::sql::Param;
use crate::ledger::{Error, Reader};

/// How many of a kind are counted: beyond that it is said that there are more.
pub const MOST: u32 = 1_000;

/// A list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tab {
    /// What nobody has.
    New,
    /// What somebody has and works with.
    Mine,
    /// What others have and work with.
    Others,
    /// What waits.
    Waiting,
    /// What should have been done.
    Late,
    /// What is at its end, the last first.
    Done,
}

impl Tab {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::New, Self::Mine, Self::Others, Self::Waiting, Self::Late, Self::Done];

    /// A page of it. What it goes by, besides where it begins and how long it is, is [`Self::by`].
    fn page(self) -> &'static str {
        match self {
            Self::New => {
                "SELECT seq, doc FROM task WHERE mailbox = ?1 AND state = 'new'
                AND (due, seq) > (?2, ?3) ORDER BY due, seq LIMIT ?4"
            }
            Self::Mine => {
                "SELECT seq, doc FROM task WHERE mailbox = ?1 AND holder = ?2 AND state IN ('taken', 'waiting')
                AND until <= ?3 AND (due, seq) > (?4, ?5) ORDER BY due, seq LIMIT ?6"
            }
            Self::Others => {
                "SELECT seq, doc FROM task WHERE mailbox = ?1 AND holder <> ?2 AND state IN ('taken', 'waiting')
                AND until <= ?3 AND (due, seq) > (?4, ?5) ORDER BY due, seq LIMIT ?6"
            }
            Self::Waiting => {
                "SELECT seq, doc FROM task WHERE mailbox = ?1 AND state = 'waiting' AND until > ?2
                AND (due, seq) > (?3, ?4) ORDER BY due, seq LIMIT ?5"
            }
            Self::Late => {
                "SELECT seq, doc FROM task WHERE mailbox = ?1 AND state IN ('new', 'taken', 'waiting') AND due < ?2
                AND (due, seq) > (?3, ?4) ORDER BY due, seq LIMIT ?5"
            }
            Self::Done => {
                "SELECT seq, doc FROM task WHERE mailbox = ?1 AND state = 'done'
                AND (since, seq) < (?2, ?3) ORDER BY since DESC, seq DESC LIMIT ?4"
            }
        }
    }

    fn count(self) -> &'static str {
        match self {
            Self::New => {
                "SELECT COUNT(*) FROM (SELECT 1 FROM task WHERE mailbox = ?1 AND state = 'new' LIMIT ?2) AS counted"
            }
            Self::Mine => {
                "SELECT COUNT(*) FROM (SELECT 1 FROM task WHERE mailbox = ?1 AND holder = ?2
                AND state IN ('taken', 'waiting') AND until <= ?3 LIMIT ?4) AS counted"
            }
            Self::Others => {
                "SELECT COUNT(*) FROM (SELECT 1 FROM task WHERE mailbox = ?1 AND holder <> ?2
                AND state IN ('taken', 'waiting') AND until <= ?3 LIMIT ?4) AS counted"
            }
            Self::Waiting => {
                "SELECT COUNT(*) FROM (SELECT 1 FROM task WHERE mailbox = ?1 AND state = 'waiting'
                AND until > ?2 LIMIT ?3) AS counted"
            }
            Self::Late => {
                "SELECT COUNT(*) FROM (SELECT 1 FROM task WHERE mailbox = ?1 AND state IN ('new', 'taken', 'waiting')
                AND due < ?2 LIMIT ?3) AS counted"
            }
            Self::Done => {
                "SELECT COUNT(*) FROM (SELECT 1 FROM task WHERE mailbox = ?1 AND state = 'done' LIMIT ?2) AS counted"
            }
        }
    }

    /// What both go by.
    fn by<'a>(self, mailbox: &'a str, user: &'a str, today: &'a str) -> Vec<Param<'a>> {
        match self {
            Self::New | Self::Done => vec![mailbox.into()],
            Self::Mine | Self::Others => vec![mailbox.into(), user.into(), today.into()],
            Self::Waiting | Self::Late => vec![mailbox.into(), today.into()],
        }
    }
}

/// Where a page of a list begins: behind this task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// By when it is due; `None` where no day was agreed. Of what is at its end, nothing.
    pub due: Option<Date>,
    /// When it came to its end, in microseconds; of all else, 0.
    pub since: i64,
    /// Its number.
    pub seq: i64,
}

/// A page of a list.
#[derive(Debug, Clone)]
pub struct Page {
    /// The tasks.
    pub tasks: Vec<Kept>,
    /// Where the next page begins.
    pub next: Option<Place>,
}

impl Place {
    /// Behind this task.
    pub fn behind(tab: Tab, kept: &Kept) -> Self {
        let since = if tab == Tab::Done { kept.task.since.as_microsecond() } else { 0 };
        let due = if tab == Tab::Done { None } else { kept.task.contents.due };
        Self { due, since, seq: kept.seq }
    }

    fn day(&self) -> String {
        self.due.map_or_else(|| NO_DAY.to_owned(), |due| due.to_string())
    }
}

impl Reader<'_> {
    /// A page of what these mailboxes have, for `user`.
    pub fn tasks(
        &mut self,
        mailboxes: &[String],
        (tab, user, today): (Tab, &str, Date),
        after: Option<Place>,
        limit: usize,
    ) -> Result<Page, Error> {
        let mut tasks = Vec::new();
        let rows = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
        let (today, begin) = (today.to_string(), after.map_or_else(String::new, |place| place.day()));
        for mailbox in mailboxes {
            let mut params = tab.by(mailbox, user, &today);
            let (key, seq): (Param<'_>, i64) = match (tab, after) {
                (Tab::Done, Some(place)) => (place.since.into(), place.seq),
                (Tab::Done, None) => (i64::MAX.into(), i64::MAX),
                (_, place) => ((&begin).into(), place.map_or(0, |place| place.seq)),
            };
            params.extend([key, seq.into(), rows.into()]);
            tasks.extend(self.sql.all(tab.page(), &params, read)?);
        }
        match tab {
            Tab::Done => tasks.sort_by_key(|kept| std::cmp::Reverse((kept.task.since, kept.seq))),
            Tab::New | Tab::Mine | Tab::Others | Tab::Waiting | Tab::Late => {
                tasks.sort_by_key(|kept| (kept.task.contents.due.unwrap_or(Date::MAX), kept.seq));
            }
        }
        let more = tasks.len() > limit;
        tasks.truncate(limit);
        let next = tasks.last().filter(|_| more).map(|last| Place::behind(tab, last));
        Ok(Page { tasks, next })
    }

    /// How many these mailboxes have in a list, for `user`; [`MOST`] of each mailbox at most.
    pub fn count_tasks(&mut self, mailboxes: &[String], (tab, user, today): (Tab, &str, Date)) -> Result<u32, Error> {
        let mut counted = 0_u32;
        let today = today.to_string();
        for mailbox in mailboxes {
            let mut params = tab.by(mailbox, user, &today);
            params.push(MOST.into());
            let found = self.sql.first(tab.count(), &params, |row| row.need_int(0))?.unwrap_or(0);
            counted = counted.saturating_add(u32::try_from(found).unwrap_or(u32::MAX));
        }
        Ok(counted)
    }
}
