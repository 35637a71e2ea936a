//! The events of grants and contracts that a negotiator's mailbox got. Which there are, and of which
//! case, kind, law and day, stands in clear; whom they are about, and with whom a contract is made, is
//! sealed with the event.

use std::collections::BTreeSet;

use super::tx::{Body, Tx, open_body};
use super::{Error, Reader};

/// An event, as far as it stands in clear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted {
    /// Its number.
    pub seq: i64,
    /// Its case.
    pub case: String,
    /// Its kind.
    pub kind: String,
    /// Its law.
    pub law: Option<String>,
    /// When it was said, in microseconds since 1970.
    pub at: i64,
}

/// How the mailbox of a party's negotiators ends.
pub const TEAM: &str = "/kontrakt";

impl Tx<'_> {
    /// Notes that a mailbox is to get an event, where it is a negotiator's and the event is of a grant.
    pub(super) fn note_grant(&mut self, mailbox: &str, event: i64) -> Result<(), Error> {
        const NOTE: &str = "INSERT INTO grant_event (mailbox, event) SELECT ?1, seq FROM event WHERE seq = ?2
            AND kind IN ('adult.grant.decided', 'adult.grant.changed', 'adult.grant.ended', 'contract.needed',
              'contract.signed', 'adult.follow-up.done', 'visitation.case.decided') ON CONFLICT DO NOTHING";
        if mailbox.ends_with(TEAM) {
            self.sql.execute(NOTE, &[mailbox.into(), event.into()])?;
        }
        Ok(())
    }
}

impl Reader<'_> {
    /// The events of grants that a mailbox got and that were not taken back before they were sent, at
    /// most `limit`, the newest first.
    pub fn grant_events(&mut self, mailbox: &str, limit: u32) -> Result<Vec<Noted>, Error> {
        const NEWEST: &str = "SELECT event.seq, event.case_key, event.kind, event.law, event.time
            FROM grant_event JOIN event ON event.seq = grant_event.event
            WHERE grant_event.mailbox = ?1 AND EXISTS (SELECT 1 FROM delivery
              WHERE delivery.event = grant_event.event AND delivery.mailbox = ?1 AND delivery.state <> 'discarded')
            ORDER BY grant_event.event DESC LIMIT ?2";
        self.sql.all(NEWEST, &[mailbox.into(), limit.into()], |row| {
            Ok(Noted {
                seq: row.need_int(0)?,
                case: row.need_text(1)?,
                kind: row.need_text(2)?,
                law: row.text(3)?,
                at: row.need_int(4)?,
            })
        })
    }

    /// Of the cases that a mailbox has events of grants of, those of a citizen.
    pub fn grant_cases_of(&mut self, mailbox: &str, number: &str) -> Result<BTreeSet<String>, Error> {
        const OF_CITIZEN: &str = "SELECT DISTINCT event.case_key FROM citizen
            JOIN grant_event ON grant_event.event = citizen.event AND grant_event.mailbox = ?2
            JOIN event ON event.seq = citizen.event WHERE citizen.mark = ?1";
        let mark = self.keys.mark("citizen", number);
        Ok(self.sql.all(OF_CITIZEN, &[(&mark).into(), mailbox.into()], |row| row.need_text(0))?.into_iter().collect())
    }

    /// What stands in an event, for the hub's own work: to find which grants a person asks for. What
    /// they are shown they get by [`look`](super::look) only.
    pub(crate) fn grant_content(&mut self, event: i64) -> Result<Vec<u8>, Error> {
        open_body(self.sql, self.keys, Body::Event, event)
    }
}
