//! Who may use the console, who is signed in, and the links that sign somebody in once.
//!
//! What changes an account is kept in the chain, as everything that people do; sessions come and go
//! beside it. Of a token only the hash is kept.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::chain::{micros, time};
use super::seal::sha256;
use super::sql::Row;
use super::tx::Tx;
use super::{Error, Reader};

/// How often at most it is kept that a session is in use.
const SEEN_EVERY: Duration = Duration::from_mins(1);

/// An account.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// The name that its owner signs in with.
    pub user: String,
    /// The owner's name, for people.
    pub name: String,
    /// What they may, as text: roles separated by spaces.
    pub roles: String,
    /// What is kept of the password, where there is one.
    pub secret: Option<String>,
    /// Failed attempts since the last one that succeeded.
    pub failures: u32,
    /// Until when nobody gets in by password.
    pub locked_until: Option<Timestamp>,
}

/// Without the secret.
impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account")
            .field("user", &self.user)
            .field("roles", &self.roles)
            .field("failures", &self.failures)
            .finish_non_exhaustive()
    }
}

/// What a browser or a link holds. Whoever has it gets in.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Token(pub [u8; 32]);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

impl Token {
    /// One that nobody can guess; none where the machine has no chance to give.
    pub fn fresh() -> Option<Self> {
        let mut bytes = [0; 32];
        aws_lc_rs::rand::fill(&mut bytes).ok()?;
        Some(Self(bytes))
    }

    pub(super) fn hash(self) -> [u8; 32] {
        sha256(&[b"token", &self.0])
    }
}

/// How long a session lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lasting {
    /// Without being used.
    pub idle: Duration,
    /// In all.
    pub longest: Duration,
}

fn read(row: &dyn Row) -> Result<Account, Error> {
    Ok(Account {
        user: row.need_text(0)?,
        name: row.need_text(1)?,
        roles: row.need_text(2)?,
        secret: row.text(3)?,
        failures: u32::try_from(row.need_int(4)?).unwrap_or(u32::MAX),
        locked_until: row.int(5)?.map(time),
    })
}

fn later(at: Timestamp, by: Duration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

impl Tx<'_> {
    /// Makes or changes an account. Whoever is signed in with it stays so, with the new roles; a new
    /// password signs them out, and ends a lock-out and the links that were not used.
    pub fn keep_account(&mut self, account: &Account, by: &str) -> Result<(), Error> {
        const KEEP: &str = "INSERT INTO account (login, name, roles, secret) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (login) DO UPDATE SET name = excluded.name, roles = excluded.roles,
            secret = COALESCE(excluded.secret, account.secret)";
        let params =
            [(&account.user).into(), (&account.name).into(), (&account.roles).into(), account.secret.as_ref().into()];
        self.sql.execute(KEEP, &params)?;
        if account.secret.is_some() {
            const UNLOCK: &str = "UPDATE account SET failures = 0, locked_until = NULL WHERE login = ?1";
            self.sql.execute(UNLOCK, &[(&account.user).into()])?;
            self.sql.execute("DELETE FROM session WHERE login = ?1", &[(&account.user).into()])?;
            self.sql.execute("DELETE FROM ticket WHERE login = ?1", &[(&account.user).into()])?;
        }
        self.act(by, "account", &account.user, &account.roles)
    }

    /// Removes an account and ends its sessions and links; whether it was there.
    pub fn remove_account(&mut self, user: &str, by: &str) -> Result<bool, Error> {
        let there = self.sql.execute("DELETE FROM account WHERE login = ?1", &[user.into()])? > 0;
        self.sql.execute("DELETE FROM session WHERE login = ?1", &[user.into()])?;
        self.sql.execute("DELETE FROM ticket WHERE login = ?1", &[user.into()])?;
        if there {
            self.act(by, "account removed", user, "")?;
        }
        Ok(there)
    }

    /// Counts a failed attempt, and locks the account where `locked` says for so many until when.
    pub fn sign_in_failed(&mut self, user: &str, locked: impl Fn(u32) -> Option<Timestamp>) -> Result<(), Error> {
        const FAILED: &str = "UPDATE account SET failures = ?2, locked_until = ?3 WHERE login = ?1";
        // Counted here and not by who looked at the password: several may guess at once.
        // Where there is no account something is written too: it takes as long.
        let Some(account) = self.reader().account(user)? else { return self.probe() };
        if account.locked_until.is_some_and(|until| self.at < until) {
            return self.probe();
        }
        let failures = account.failures.saturating_add(1);
        let locked = locked(failures);
        self.sql.execute(FAILED, &[user.into(), failures.into(), locked.map(micros).into()])?;
        if locked.is_some() {
            self.act(user, "account locked", user, "")?;
        }
        Ok(())
    }

    /// Begins a session for whoever gave the password of an account as it was looked at. None where
    /// the account has meanwhile been changed, removed or locked.
    pub fn begin_session(&mut self, token: Token, checked: &Account) -> Result<bool, Error> {
        let account = self.reader().account(&checked.user)?.filter(|account| account.secret == checked.secret);
        let open = account.filter(|account| account.locked_until.is_none_or(|until| until <= self.at));
        let Some(account) = open else { return Ok(false) };
        self.begin(token, &account.user)?;
        Ok(true)
    }

    /// Uses a link up and begins a session with it: whose, where it was still good.
    pub fn enter_by_ticket(&mut self, ticket: Token, token: Token) -> Result<Option<String>, Error> {
        let user = self.use_ticket(ticket)?;
        if let Some(user) = &user {
            self.begin(token, user)?;
        }
        Ok(user)
    }

    fn begin(&mut self, token: Token, user: &str) -> Result<(), Error> {
        const BEGIN: &str = "INSERT INTO session (token, login, begun, seen) VALUES (?1, ?2, ?3, ?3)";
        const WELL: &str = "UPDATE account SET failures = 0, locked_until = NULL WHERE login = ?1";
        self.sql.execute(BEGIN, &[token.hash().as_slice().into(), user.into(), micros(self.at).into()])?;
        self.sql.execute(WELL, &[user.into()])?;
        self.act(user, "signed in", "console", "")
    }

    /// Ends a session; nothing happens where there is none.
    pub fn end_session(&mut self, token: Token) -> Result<(), Error> {
        const END: &str = "DELETE FROM session WHERE token = ?1 RETURNING login";
        let hash = token.hash();
        if let Some(user) = self.sql.first(END, &[hash.as_slice().into()], |row| row.need_text(0))? {
            self.act(&user, "signed out", "console", "")?;
        }
        Ok(())
    }

    /// Keeps that a session is in use, and forgets those that have ended by themselves.
    pub fn session_seen(&mut self, token: Token, lasting: Lasting) -> Result<(), Error> {
        const ENDED: &str = "DELETE FROM session WHERE seen < ?1 OR begun < ?2";
        let hash = token.hash();
        let params = [hash.as_slice().into(), micros(self.at).into()];
        self.sql.execute("UPDATE session SET seen = ?2 WHERE token = ?1", &params)?;
        let before = |by: Duration| micros(self.at.checked_sub(by).unwrap_or(Timestamp::MIN));
        self.sql.execute(ENDED, &[before(lasting.idle).into(), before(lasting.longest).into()])?;
        Ok(())
    }

    /// Makes a link for an account, good until `ends`.
    pub fn make_ticket(&mut self, token: Token, user: &str, ends: Timestamp, by: &str) -> Result<(), Error> {
        const MAKE: &str = "INSERT INTO ticket (token, login, ends) VALUES (?1, ?2, ?3)";
        if self.reader().account(user)?.is_none() {
            return Err(Error::Refused(format!("there is no account `{user}`: `budstikke user add` makes one")));
        }
        self.sql.execute(MAKE, &[token.hash().as_slice().into(), user.into(), micros(ends).into()])?;
        self.act(by, "sign-in link", user, "")
    }

    /// Uses a link up: whose it was, where it still was good.
    fn use_ticket(&mut self, token: Token) -> Result<Option<String>, Error> {
        const USE: &str = "DELETE FROM ticket WHERE token = ?1 RETURNING login, ends";
        let hash = token.hash();
        let used = self.sql.first(USE, &[hash.as_slice().into()], |row| Ok((row.need_text(0)?, row.need_int(1)?)))?;
        self.sql.execute("DELETE FROM ticket WHERE ends < ?1", &[micros(self.at).into()])?;
        Ok(used.filter(|(_, ends)| *ends >= micros(self.at)).map(|(user, _)| user))
    }
}

/// A session that is good.
#[derive(Debug, Clone)]
pub struct Session {
    /// Whose.
    pub account: Account,
    /// Of somebody whom an OpenID provider vouches for: the groups that they were in.
    pub groups: Option<Vec<String>>,
    /// Whether it is time to keep that it is in use.
    pub unseen: bool,
}

impl Reader<'_> {
    /// An account.
    pub fn account(&mut self, user: &str) -> Result<Option<Account>, Error> {
        const ONE: &str = "SELECT login, name, roles, secret, failures, locked_until FROM account WHERE login = ?1";
        self.sql.first(ONE, &[user.into()], read)
    }

    /// Whether a link is good.
    pub fn ticket(&mut self, token: Token, now: Timestamp) -> Result<bool, Error> {
        const ENDS: &str = "SELECT ends FROM ticket WHERE token = ?1";
        let ends = self.sql.first(ENDS, &[token.hash().as_slice().into()], |row| row.need_int(0))?;
        Ok(ends.is_some_and(|ends| ends >= micros(now)))
    }

    /// All accounts, by name.
    pub fn accounts(&mut self) -> Result<Vec<Account>, Error> {
        const ALL: &str = "SELECT login, name, roles, secret, failures, locked_until FROM account ORDER BY login";
        self.sql.all(ALL, &[], read)
    }

    /// The session of a token, where it has not ended.
    pub fn session(&mut self, token: Token, lasting: Lasting, now: Timestamp) -> Result<Option<Session>, Error> {
        // Who comes by a provider has no account.
        const ONE: &str = "SELECT s.login, COALESCE(a.name, s.name), COALESCE(a.roles, ''), a.secret,
            COALESCE(a.failures, 0), a.locked_until, s.begun, s.seen, s.member_of
            FROM session s LEFT JOIN account a ON a.login = s.login
            WHERE s.token = ?1 AND (a.login IS NOT NULL OR s.member_of IS NOT NULL)";
        let hash = token.hash();
        let found = self.sql.first(ONE, &[hash.as_slice().into()], |row| {
            Ok((read(row)?, time(row.need_int(6)?), time(row.need_int(7)?), row.text(8)?))
        })?;
        let Some((account, begun, seen, groups)) = found else { return Ok(None) };
        if now >= later(begun, lasting.longest) || now >= later(seen, lasting.idle) {
            return Ok(None);
        }
        let groups = groups.as_deref().map(super::openid::groups).transpose()?;
        let unseen = now >= later(seen, SEEN_EVERY.min(lasting.idle / 4));
        Ok(Some(Session { account, groups, unseen }))
    }
}
