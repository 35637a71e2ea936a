//! The tasks of the console's inbox, as they stand. What comes makes them, duties move them, and
//! people work on them; each change is an entry in the chain.

mod list;
mod note;
mod story;
mod told;

use budstikke_contract::id::DutyId;
use jiff::Timestamp;
use jiff::civil::Date;

use super::chain::{NO_DAY, micros, time};
use super::delivery::{Content, Delivery};
use super::seal::sha256;
use super::sql::Row;
use super::tx::Tx;
use super::{Error, Reader};
use crate::agreement::model::Capacity;
use crate::duty::State as DutyState;
use crate::task::{Arrival, Contents, State, Task, Wait};

pub use list::{MOST, Page, Place, Tab};
pub(super) use note::digest as note_digest;
pub use note::{Note, Since};
pub use story::Entry;

/// How many old deliveries are given their task in one transaction.
const AT_ONCE: i64 = 256;

/// A task that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its number.
    pub seq: i64,
    /// The task.
    pub task: Task,
}

pub(super) fn read(row: &dyn Row) -> Result<Kept, Error> {
    Ok(Kept { seq: row.need_int(0)?, task: parse(&row.need_text(1)?)? })
}

fn parse(doc: &str) -> Result<Task, Error> {
    serde_json::from_str(doc).map_err(|_unquoted| Error::Unexpected("a task cannot be read"))
}

fn write(task: &Task) -> String {
    // Plain data with text keys, which always serializes.
    serde_json::to_string(task).unwrap_or_default()
}

/// What the chain says of a task: all of it, as it stands.
pub(super) fn digest(doc: &str) -> [u8; 32] {
    sha256(&[doc.as_bytes()])
}

/// What lists go by.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) state: &'static str,
    pub(super) holder: String,
    pub(super) until: String,
    pub(super) due: String,
}

pub(super) fn columns(task: &Task) -> Columns {
    let until = match &task.state {
        State::Waiting { on: Wait::Answer, .. } => NO_DAY.to_owned(),
        State::Waiting { on: Wait::Until(day), .. } => day.to_string(),
        State::New | State::Taken { .. } | State::Done { .. } => String::new(),
    };
    Columns {
        state: task.state.name(),
        holder: task.holder().unwrap_or_default().to_owned(),
        until,
        due: task.contents.due.map_or_else(|| NO_DAY.to_owned(), |due| due.to_string()),
    }
}

impl Tx<'_> {
    /// Puts into the inbox what has just been delivered there, and into the task of its case. What a
    /// person has sent again comes anew.
    pub(super) fn task_arrives(&mut self, delivery: &Delivery) -> Result<(), Error> {
        self.task_arrived(delivery, self.at)
    }

    fn task_arrived(&mut self, delivery: &Delivery, at: Timestamp) -> Result<(), Error> {
        const ADD: &str = "INSERT INTO inbox (delivery, mailbox, at, event, capacity, duty)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (delivery) DO UPDATE SET at = excluded.at, handled = 0,
            event = excluded.event, capacity = excluded.capacity, duty = excluded.duty";
        let Content::Event(event) = delivery.content else {
            return Err(Error::Unexpected("an answer to a sender went into an inbox"));
        };
        let duty = match delivery.why.duty.as_ref().and_then(|duty| DutyId::parse(&duty.id)) {
            Some(id) => super::duty::number(self.sql, id)?,
            None => None,
        };
        let params = [
            delivery.seq.into(),
            (&delivery.mailbox).into(),
            micros(at).into(),
            event.into(),
            (&delivery.capacity).into(),
            duty.into(),
        ];
        self.sql.execute(ADD, &params)?;
        self.put_into_task(delivery, event, at)
    }

    fn put_into_task(&mut self, delivery: &Delivery, event: i64, at: Timestamp) -> Result<(), Error> {
        const KIND: &str = "SELECT kind, case_key, law FROM event WHERE seq = ?1";
        const OF_CASE: &str = "SELECT seq, doc FROM task WHERE mailbox = ?1 AND case_key = ?2";
        const INTO: &str = "UPDATE inbox SET task = ?2 WHERE delivery = ?1";
        let about =
            self.sql.first(KIND, &[event.into()], |row| Ok((row.need_text(0)?, row.need_text(1)?, row.text(2)?)))?;
        let (kind, case, law) = about.ok_or(Error::Unexpected("an event is missing"))?;
        let arrival = Arrival { kind: &kind, law: law.as_deref(), at };
        let kept = self.sql.first(OF_CASE, &[(&delivery.mailbox).into(), (&case).into()], read)?;
        if let Some(kept) = kept {
            self.sql.execute(INTO, &[delivery.seq.into(), kept.seq.into()])?;
            let contents = self.contents(kept.seq)?;
            return self.task_becomes(kept.seq, &kept.task, kept.task.arrives(arrival, contents));
        }
        let begun = Task::begin(&delivery.mailbox, &case, arrival, Contents::default());
        let seq = self.add_task(&begun)?;
        self.sql.execute(INTO, &[delivery.seq.into(), seq.into()])?;
        let contents = self.contents(seq)?;
        let task = Task { contents, ..begun };
        self.set_task(seq, &task)?;
        self.entry("task+", seq, task.state.name(), digest(&write(&task)))
    }

    fn add_task(&mut self, task: &Task) -> Result<i64, Error> {
        const ADD: &str = "INSERT INTO task (mailbox, case_key, state, holder, until, due, since, doc)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) RETURNING seq";
        let (columns, doc) = (columns(task), write(task));
        let params = [
            (&task.mailbox).into(),
            (&task.case).into(),
            columns.state.into(),
            (&columns.holder).into(),
            (&columns.until).into(),
            (&columns.due).into(),
            micros(task.since).into(),
            (&doc).into(),
        ];
        self.sql.insert(ADD, &params)
    }

    fn set_task(&mut self, seq: i64, task: &Task) -> Result<(), Error> {
        const SET: &str =
            "UPDATE task SET state = ?2, holder = ?3, until = ?4, due = ?5, since = ?6, doc = ?7 WHERE seq = ?1";
        let (columns, doc) = (columns(task), write(task));
        let params = [
            seq.into(),
            columns.state.into(),
            (&columns.holder).into(),
            (&columns.until).into(),
            (&columns.due).into(),
            micros(task.since).into(),
            (&doc).into(),
        ];
        self.sql.execute(SET, &params)?;
        Ok(())
    }

    /// Keeps a task as it stands now. What is in one that has come to its end is at its end with it.
    pub fn change_task(&mut self, seq: i64, task: &Task) -> Result<(), Error> {
        let before = self.reader().task(seq)?.ok_or(Error::Unexpected("a task is missing"))?.task;
        if before == *task {
            return Ok(());
        }
        let contents = self.contents(seq)?;
        self.task_becomes(seq, &before, Task { contents, ..task.clone() })
    }

    /// The same of a task that was just read, with what is in it.
    fn task_becomes(&mut self, seq: i64, before: &Task, mut task: Task) -> Result<(), Error> {
        const HANDLED: &str = "UPDATE inbox SET handled = ?2 WHERE task = ?1 AND handled = 0";
        const BACK: &str = "UPDATE inbox SET handled = 0 WHERE task = ?1 AND handled > 0
            AND handled = (SELECT MAX(handled) FROM inbox AS last WHERE last.task = ?1)";
        if *before == task {
            return Ok(());
        }
        let ends = task.is_done() && !before.is_done();
        // Opened again, it holds what it held; what has come meanwhile has opened it by itself.
        let opens = before.is_done() && task.holder().is_some();
        if ends {
            self.sql.execute(HANDLED, &[seq.into(), task.version.into()])?;
        }
        if opens {
            self.sql.execute(BACK, &[seq.into()])?;
        }
        if ends || opens {
            task.contents = self.contents(seq)?;
        }
        self.set_task(seq, &task)?;
        self.entry("task", seq, task.state.name(), digest(&write(&task)))
    }

    /// What is in a task that nobody has brought to an end.
    fn contents(&mut self, task: i64) -> Result<Contents, Error> {
        contents(self.sql, task)
    }

    /// Moves the tasks on that came with a duty: its day has moved, it is met, or no longer owed.
    pub(super) fn tasks_owe(&mut self, duty: i64, state: DutyState) -> Result<(), Error> {
        const OF_DUTY: &str = "SELECT DISTINCT task FROM inbox WHERE duty = ?1 AND task IS NOT NULL AND handled = 0";
        for seq in self.sql.all(OF_DUTY, &[duty.into()], |row| row.need_int(0))? {
            let Some(kept) = self.reader().task(seq)? else { continue };
            let contents = self.contents(seq)?;
            let next = kept.task.owing(contents, state == DutyState::Met, self.at);
            self.task_becomes(seq, &kept.task, next)?;
        }
        Ok(())
    }

    /// Gives what an earlier version put into inboxes its tasks; answers whether there may be more.
    pub fn adopt_inbox(&mut self) -> Result<bool, Error> {
        const LOOSE: &str = "SELECT delivery, at FROM inbox WHERE task IS NULL ORDER BY seq LIMIT ?1";
        let loose = self.sql.all(LOOSE, &[AT_ONCE.into()], |row| Ok((row.need_int(0)?, time(row.need_int(1)?))))?;
        for (seq, came) in &loose {
            let delivery = self.delivery_row(*seq)?;
            if delivery.state == super::delivery::State::Delivered {
                self.task_arrived(&delivery, *came)?;
            } else {
                // Its receiver has sent it back: it comes when somebody sends it again.
                self.sql.execute("UPDATE inbox SET task = 0, handled = 1 WHERE delivery = ?1", &[(*seq).into()])?;
            }
        }
        Ok(!loose.is_empty())
    }

    /// The deliveries in a task that nobody has brought to an end; those that are to be acted on, or
    /// all where there is none.
    pub fn open_deliveries(&mut self, task: i64) -> Result<Vec<Delivery>, Error> {
        const OPEN: &str = "SELECT delivery FROM inbox WHERE task = ?1 AND handled = 0 ORDER BY seq";
        let rows = self.sql.all(OPEN, &[task.into()], |row| row.need_int(0))?;
        let mut deliveries = rows.into_iter().map(|seq| self.delivery_row(seq)).collect::<Result<Vec<_>, _>>()?;
        let is_task = |delivery: &Delivery| delivery.capacity == Capacity::Task.name();
        if deliveries.iter().any(is_task) {
            deliveries.retain(is_task);
        }
        Ok(deliveries)
    }
}

/// Counts what is in a task that nobody has brought to an end.
pub(super) fn contents(sql: &mut dyn super::sql::Sql, task: i64) -> Result<Contents, Error> {
    const COUNT: &str = "SELECT COUNT(*), SUM(CASE WHEN inbox.capacity = 'task' THEN 1 ELSE 0 END),
        SUM(CASE WHEN inbox.capacity = 'task' AND duty.seq IS NOT NULL THEN 1 ELSE 0 END),
        SUM(CASE WHEN duty.state = 'open' THEN 1 ELSE 0 END), MIN(CASE WHEN duty.state = 'open' THEN duty.due END)
        FROM inbox LEFT JOIN duty ON duty.seq = inbox.duty WHERE inbox.task = ?1 AND inbox.handled = 0";
    let number = |row: &dyn Row, column| Ok(u32::try_from(row.int(column)?.unwrap_or(0)).unwrap_or(u32::MAX));
    let counted = sql.first(COUNT, &[task.into()], |row| {
        let due: Option<Date> = row.text(4)?.and_then(|due| due.parse().ok());
        Ok(Contents {
            events: number(row, 0)?,
            to_do: number(row, 1)?,
            duties: number(row, 2)?,
            owed: number(row, 3)?,
            due,
        })
    })?;
    Ok(counted.unwrap_or_default())
}

impl Reader<'_> {
    /// A task.
    pub fn task(&mut self, seq: i64) -> Result<Option<Kept>, Error> {
        self.sql.first("SELECT seq, doc FROM task WHERE seq = ?1", &[seq.into()], read)
    }
}
