//! What people have paused: a source, a mailbox or a channel. Nothing is parked by it.

use std::collections::BTreeSet;

use super::chain::micros;
use super::tx::Tx;
use super::{Error, Reader};

impl Tx<'_> {
    /// Pauses a target; answers whether it was not paused before.
    pub fn pause(&mut self, target: &str, user: &str) -> Result<bool, Error> {
        const ADD: &str = "INSERT INTO pause (target, at, by_user) VALUES (?1, ?2, ?3) ON CONFLICT (target) DO NOTHING";
        let changed = self.sql.execute(ADD, &[target.into(), micros(self.at).into(), user.into()])? > 0;
        if changed {
            self.act(user, "pause", target, "")?;
        }
        Ok(changed)
    }

    /// Resumes a target; answers whether it was paused.
    pub fn resume(&mut self, target: &str, user: &str) -> Result<bool, Error> {
        let changed = self.sql.execute("DELETE FROM pause WHERE target = ?1", &[target.into()])? > 0;
        if changed {
            self.act(user, "resume", target, "")?;
        }
        Ok(changed)
    }

    /// Writes something small, to find out whether the ledger can be written.
    pub(crate) fn probe(&mut self) -> Result<(), Error> {
        const PROBE: &str = "INSERT INTO meta (key, value) VALUES ('probe', ?1)
            ON CONFLICT (key) DO UPDATE SET value = excluded.value";
        let at = self.at.to_string();
        self.sql.execute(PROBE, &[(&at).into()])?;
        Ok(())
    }
}

impl Reader<'_> {
    /// What is paused.
    pub fn paused(&mut self) -> Result<BTreeSet<String>, Error> {
        let targets = self.sql.all("SELECT target FROM pause", &[], |row| row.need_text(0))?;
        Ok(targets.into_iter().collect())
    }
}
