//! What people do to the hub and to what it keeps: written down with who, when and why.

use budstikke_contract::person::shows_cpr;

use super::Error;
use super::chain::micros;
use super::seal::sha256;
use super::tx::Tx;

/// What people do, by the words that stand in the ledger.
pub const DEEDS: [&str; 36] = [
    "resend",
    "discard",
    "pass",
    "correct",
    "hand",
    "edit",
    "edit-approve",
    "edit-reject",
    "list-confirm",
    "list-pause",
    "list-resume",
    "list-stop",
    "list-drop",
    "list-end",
    "raise",
    "task taken",
    "task taken over",
    "task handed over",
    "task accepted",
    "task put off",
    "task completed",
    "task answered",
    "task rejected",
    "told",
    "pause",
    "resume",
    "account",
    "account removed",
    "account locked",
    "signed in",
    "signed out",
    "sign-in link",
    "system",
    "system removed",
    "verify",
    "export",
];

impl Tx<'_> {
    /// Keeps what a person did: one of [`DEEDS`].
    pub fn act(&mut self, user: &str, what: &str, target: &str, reason: &str) -> Result<(), Error> {
        const ADD: &str =
            "INSERT INTO action (at, by_user, what, target, reason) VALUES (?1, ?2, ?3, ?4, ?5) RETURNING seq";
        debug_assert!(DEEDS.contains(&what), "`{what}` is not among the deeds");
        refuse_numbers(reason)?;
        let params = [micros(self.at).into(), user.into(), what.into(), target.into(), reason.into()];
        let seq = self.sql.insert(ADD, &params)?;
        self.entry("action+", seq, what, digest(user, what, target, reason))
    }
}

/// What people write stands in clear, for all who read the log: it may hold no CPR number.
pub(super) fn refuse_numbers(text: &str) -> Result<(), Error> {
    if shows_cpr(text) {
        return Err(Error::Refused("leave CPR numbers out of what you write: it is kept in clear".to_owned()));
    }
    Ok(())
}

/// What the chain says of what someone did.
pub(super) fn digest(user: &str, what: &str, target: &str, reason: &str) -> [u8; 32] {
    sha256(&[[user, what, target, reason].join("\0").as_bytes()])
}
