//! What the ledger asks of a server, and its tables there.

use super::super::Error;
use super::super::store::{self, Store};
use super::fault::Trouble;
use super::wire::Wire;
use super::{Postgres, Role};

/// The version that the first migration brings: what the file's migrations had come to by then.
const FIRST: i64 = 12;

/// The migrations; the last one brings the version that a file has, too.
const MIGRATIONS: &[&str] = &[concat!(
    include_str!("../migrations/postgres/0012-tables.sql"),
    include_str!("../migrations/postgres/0012-triggers.sql")
)];

/// The first that has `gen_random_uuid` without more being installed.
const OLDEST: u32 = 130_000;

/// The version that this program knows.
fn known() -> i64 {
    FIRST - 1 + i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// What this program promises rests on these. Whether a commit waits for the disk is for each
/// connection to say, and a server that is set to wait for its standbys, too, goes on doing so.
pub(super) fn check_promises(wire: &Wire, role: Role) -> Result<(), Error> {
    const ASK: &str = "checking the server";
    let setting = |name: &str| {
        let said = wire.say(&format!("SELECT current_setting('{name}')"));
        said.map(Option::unwrap_or_default).map_err(|trouble| trouble.meant(ASK))
    };
    let refuse = |why: &str| Err(Error::Failed { operation: ASK, source: why.into() });
    if setting("server_version_num")?.parse::<u32>().is_ok_and(|version| version < OLDEST) {
        return refuse("it is older than PostgreSQL 13");
    }
    if setting("server_encoding")? != "UTF8" {
        return refuse("the database's encoding is not UTF8: make it with `ENCODING 'UTF8'`");
    }
    if role == Role::Reader {
        // What is read waits for whoever reads it, so that only a writer's statements have a limit.
        return wire.say("SET default_transaction_read_only = on").map(drop).map_err(|trouble| trouble.meant(ASK));
    }
    wire.say("SET statement_timeout = '60s'").map_err(|trouble| trouble.meant(ASK))?;
    if setting("fsync")? != "on" {
        return refuse("`fsync` is off there: what is committed could be lost");
    }
    if matches!(setting("synchronous_commit")?.as_str(), "off" | "local") {
        wire.say("SET synchronous_commit = on").map_err(|trouble| trouble.meant(ASK))?;
    }
    if setting("transaction_read_only")? != "off" {
        return Err(Error::Unavailable { operation: ASK, source: "it takes no writes now: it is a standby".into() });
    }
    Ok(())
}

/// The ledger's version; 0 where there is none.
pub(super) fn version(wire: &Wire) -> Result<i64, Trouble> {
    if wire.say("SELECT to_regclass('ledger_version')")?.is_none() {
        return Ok(0);
    }
    let found = wire.say("SELECT n FROM ledger_version")?.and_then(|version| version.parse().ok());
    found.ok_or(Trouble::Reading(Error::Unexpected("the ledger has no version")))
}

/// Whether this program can make something of a ledger of that version.
pub(super) fn check(found: i64) -> Result<(), Error> {
    store::check_version(found, known())
}

impl Postgres {
    /// Forgets the marks of those who have long ended.
    fn forget_marks(&mut self) -> Result<(), Error> {
        const FORGET: &str = "DELETE FROM commit_mark WHERE at < now() - interval '30 days'";
        self.say(FORGET, FORGET).map(drop)
    }

    /// The ledger's version; 0 where there is none.
    pub(super) fn version(&mut self) -> Result<i64, Error> {
        self.run("reading the ledger's version", |wire| version(wire))
    }

    /// Brings the ledger to this program's version, in one transaction.
    pub(super) fn migrate(&mut self) -> Result<(), Error> {
        const MIGRATE: &str = "migrating the ledger";
        self.begin_alone()?;
        let found = self.version()?;
        match check(found) {
            Ok(()) => {
                self.give_up()?;
                return self.forget_marks();
            }
            Err(Error::TooOld { .. }) => {}
            Err(other) => return Err(other),
        }
        if found == 0 {
            self.say(
                MIGRATE,
                "CREATE TABLE ledger_version (n BIGINT NOT NULL); INSERT INTO ledger_version VALUES (0)",
            )?;
        }
        let done = usize::try_from(found - FIRST + 1).unwrap_or(0);
        for migration in MIGRATIONS.iter().skip(done) {
            self.say(MIGRATE, migration)?;
        }
        self.say(MIGRATE, &format!("UPDATE ledger_version SET n = {}", known()))?;
        self.commit()
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::sqlite;
    use super::*;

    #[test]
    fn both_databases_are_of_one_version() {
        assert_eq!(known(), sqlite::known());
    }
}
