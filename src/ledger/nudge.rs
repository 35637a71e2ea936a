//! What teams are told outside the console: how much is new and late, and what they were told last.

use jiff::civil::Date;

use super::chain::{micros, time};
use super::tx::Tx;
use super::{Error, Reader};
use crate::nudge::plan::{Counts, Told};

/// The last row of an inbox before everything.
const NONE_YET: i64 = 0;

/// A day before all that anything is due on.
const BEFORE_ALL: Date = Date::constant(1, 1, 1);

impl Reader<'_> {
    /// What there is to tell of a mailbox by a way, and what was told last.
    pub fn to_tell(&mut self, mailbox: &str, way: &str, today: Date) -> Result<(Counts, Option<Told>), Error> {
        const LAST: &str = "SELECT at, last, day FROM told WHERE mailbox = ?1 AND way = ?2";
        const NEW: &str = "SELECT COUNT(*), COALESCE(MAX(seq), ?2) FROM inbox WHERE mailbox = ?1 AND seq > ?2";
        // Few duties are late; each is looked at with the deliveries of its event.
        const LATE: &str = "SELECT COUNT(*), COALESCE(SUM(CASE WHEN d.due >= ?3 THEN 1 ELSE 0 END), 0) FROM duty d
            WHERE d.state = 'open' AND d.due < ?2 AND EXISTS (SELECT 1 FROM delivery x
            WHERE x.event = d.event AND x.mailbox = ?1 AND x.capacity = 'task')";
        let told = self.sql.first(LAST, &[mailbox.into(), way.into()], |row| {
            let day = row.need_text(2)?.parse().map_err(|_unparsed| Error::Unexpected("a day cannot be read"))?;
            Ok(Told { at: time(row.need_int(0)?), last: row.need_int(1)?, day })
        })?;
        let count = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
        let after = told.map_or(NONE_YET, |told| told.last);
        let new =
            self.sql.first(NEW, &[mailbox.into(), after.into()], |row| Ok((row.need_int(0)?, row.need_int(1)?)))?;
        let (today, since) = (today.to_string(), told.map_or_else(String::new, |told| told.day.to_string()));
        let params = [mailbox.into(), (&today).into(), (&since).into()];
        let late = self.sql.first(LATE, &params, |row| Ok((row.need_int(0)?, row.need_int(1)?)))?;
        let ((new, last), (late, newly_late)) = (new.unwrap_or((0, after)), late.unwrap_or_default());
        Ok((Counts { new: count(new), late: count(late), newly_late: count(newly_late), last }, told))
    }
}

impl Tx<'_> {
    /// Keeps what lies in an inbox when its team is first told by a way: that is not new, however much
    /// it is. What is late then has not been told, and will be. Nothing changes for those who were told before.
    pub fn begin_telling(&mut self, mailbox: &str, way: &str) -> Result<(), Error> {
        const BEGIN: &str =
            "INSERT INTO told (mailbox, way, at, last, day) SELECT ?1, ?2, 0, COALESCE(MAX(seq), ?3), ?4
            FROM inbox WHERE mailbox = ?1 ON CONFLICT (mailbox, way) DO NOTHING";
        let day = BEFORE_ALL.to_string();
        self.sql.execute(BEGIN, &[mailbox.into(), way.into(), NONE_YET.into(), (&day).into()])?;
        Ok(())
    }

    /// Keeps that a team was told of this by a way.
    pub fn told(&mut self, mailbox: &str, way: &str, counts: Counts, today: Date) -> Result<(), Error> {
        const KEEP: &str = "INSERT INTO told (mailbox, way, at, last, day) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (mailbox, way) DO UPDATE SET at = excluded.at, last = excluded.last, day = excluded.day";
        let day = today.to_string();
        let params = [mailbox.into(), way.into(), micros(self.at).into(), counts.last.into(), (&day).into()];
        self.sql.execute(KEEP, &params)?;
        let what = format!("by {way}: {} new, {} late", counts.new, counts.late);
        self.act("budstikke", "told", mailbox, &what)
    }
}
