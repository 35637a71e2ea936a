//! Sessions of people whom an OpenID provider vouches for. They have no account here: each session
//! says who it is, and which groups they were in when they signed in.

use jiff::{SignedDuration, Timestamp};

use super::account::Token;
use super::chain::{micros, time};
use super::sql::Row;
use super::tx::Tx;
use super::{Error, Reader};

/// How far the provider's clock may be from ours.
const SKEW: SignedDuration = SignedDuration::from_secs(5);

/// The kind of keyed hash that the provider's name for somebody is kept as: it may be a number that
/// must not be kept.
const SUBJECT: &str = "openid subject";

/// Somebody whom a provider vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vouched {
    /// The name in the books.
    pub user: String,
    /// The name for people.
    pub name: String,
    /// The groups that count here, of those that they are in.
    pub groups: Vec<String>,
    /// Whom the provider knows them as.
    pub subject: String,
    /// What they may now, as the chain keeps it: roles separated by spaces.
    pub may: String,
}

/// Somebody who works in the console: with an account, or vouched for by a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Somebody {
    /// The name in the books.
    pub user: String,
    /// The name for people.
    pub name: String,
    /// What the account may, as text: roles separated by spaces.
    pub roles: String,
    /// The groups that a provider named when they last signed in, and when that was.
    pub vouched: Option<(Vec<String>, Timestamp)>,
}

/// The names of groups, as they are kept.
pub(super) fn groups(text: &str) -> Result<Vec<String>, Error> {
    serde_json::from_str(text).map_err(|_damaged| Error::Unexpected("names of groups"))
}

impl Reader<'_> {
    /// All who work in the console, or did.
    pub fn people(&mut self) -> Result<Vec<Somebody>, Error> {
        const VOUCHED: &str = "SELECT login, name, member_of, seen FROM vouched ORDER BY login";
        let own = self.accounts()?.into_iter();
        let own = own.map(|it| Somebody { user: it.user, name: it.name, roles: it.roles, vouched: None });
        let read = |row: &dyn Row| {
            let vouched = Some((groups(&row.need_text(2)?)?, time(row.need_int(3)?)));
            Ok(Somebody { user: row.need_text(0)?, name: row.need_text(1)?, roles: String::new(), vouched })
        };
        let vouched = self.sql.all(VOUCHED, &[], read)?;
        Ok(own.chain(vouched).collect())
    }
}

impl Tx<'_> {
    /// Begins a session for somebody, where the attempt has not been used yet.
    pub fn enter_by_openid(
        &mut self,
        vouched: &Vouched,
        (attempt, ends): (Token, Timestamp),
        token: Token,
    ) -> Result<bool, Error> {
        const USE: &str = "INSERT INTO openid_used (attempt, ends) VALUES (?1, ?2) ON CONFLICT (attempt) DO NOTHING";
        const BEGIN: &str = "INSERT INTO session (token, login, begun, seen, name, member_of, subject)
            VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6)";
        const KNOW: &str = "INSERT INTO vouched (login, name, member_of, seen) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (login) DO UPDATE SET name = excluded.name, member_of = excluded.member_of, seen = excluded.seen";
        self.sql.execute("DELETE FROM openid_used WHERE ends < ?1", &[micros(self.at).into()])?;
        if self.sql.execute(USE, &[attempt.hash().as_slice().into(), micros(ends).into()])? == 0 {
            return Ok(false);
        }
        let groups = serde_json::to_string(&vouched.groups).map_err(|_never| Error::Unexpected("names of groups"))?;
        let subject = self.keys.mark(SUBJECT, &vouched.subject);
        let (hash, user) = (token.hash(), vouched.user.as_str());
        let params = [
            hash.as_slice().into(),
            user.into(),
            micros(self.at).into(),
            (&vouched.name).into(),
            (&groups).into(),
            subject.as_slice().into(),
        ];
        self.sql.execute(BEGIN, &params)?;
        let params = [user.into(), (&vouched.name).into(), (&groups).into(), micros(self.at).into()];
        self.sql.execute(KNOW, &params)?;
        self.act(user, "signed in", "console", &vouched.may)?;
        Ok(true)
    }

    /// Ends the sessions of somebody that had begun when the provider said so.
    pub fn end_openid(&mut self, subject: &str, said: Timestamp) -> Result<(), Error> {
        const END: &str = "DELETE FROM session WHERE subject = ?1 AND begun <= ?2 RETURNING login";
        let subject = self.keys.mark(SUBJECT, subject);
        let until = said.checked_add(SKEW).unwrap_or(said);
        let ended = self.sql.all(END, &[subject.as_slice().into(), micros(until).into()], |row| row.need_text(0))?;
        for user in ended {
            self.act(&user, "signed out", "console", "")?;
        }
        Ok(())
    }
}
