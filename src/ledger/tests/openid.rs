//! Sessions of people whom a provider vouches for.

use std::time::Duration;

use super::super::account::{Lasting, Token};
use super::super::openid::Vouched;
use super::*;

const LASTING: Lasting = Lasting { idle: Duration::from_hours(1), longest: Duration::from_hours(12) };

fn ida() -> Vouched {
    Vouched {
        user: "oidc:ida".to_owned(),
        name: "Ida Test".to_owned(),
        groups: vec!["drift".to_owned()],
        subject: "https://login.example\n2512489996".to_owned(),
        may: "operator".to_owned(),
    }
}

fn after(at: Timestamp, seconds: i64) -> Timestamp {
    at.checked_add(jiff::SignedDuration::from_secs(seconds)).unwrap()
}

#[test]
fn an_attempt_is_good_once_and_the_session_ends_like_any_other() {
    try_out(None, &Clock::system(), |tx| {
        let (attempt, token) = (Token::fresh().unwrap(), Token::fresh().unwrap());
        let ends = after(tx.at, 600);
        assert!(tx.enter_by_openid(&ida(), (attempt, ends), token)?);
        assert!(!tx.enter_by_openid(&ida(), (attempt, ends), Token::fresh().unwrap())?, "it has been used");
        let at = tx.at;
        let session = tx.reader().session(token, LASTING, at)?.unwrap();
        assert_eq!((session.account.user.as_str(), session.account.name.as_str()), ("oidc:ida", "Ida Test"));
        assert_eq!(session.groups.as_deref(), Some(&["drift".to_owned()][..]));
        assert_eq!((session.account.roles.as_str(), session.account.secret), ("", None), "it has no rights by itself");
        assert!(tx.reader().session(token, LASTING, after(at, 3600))?.is_none(), "it was not used");
        let used = Lasting { idle: Duration::from_hours(100), ..LASTING };
        assert!(tx.reader().session(token, used, after(at, 12 * 3600))?.is_none(), "it is not longer than any other");
        tx.end_session(token)?;
        assert!(tx.reader().session(token, LASTING, at)?.is_none());
        Ok(())
    })
    .unwrap();
}

#[test]
fn what_the_provider_ends_is_what_had_begun_when_it_said_so() {
    try_out(None, &Clock::system(), |tx| {
        let (token, at) = (Token::fresh().unwrap(), tx.at);
        assert!(tx.enter_by_openid(&ida(), (Token::fresh().unwrap(), after(at, 600)), token)?);
        tx.end_openid("https://login.example\nanother", at)?;
        tx.end_openid("https://evil.example\n2512489996", at)?;
        tx.end_openid(&ida().subject, after(at, -60))?;
        assert!(tx.reader().session(token, LASTING, at)?.is_some(), "an old word ends no new session");
        tx.end_openid(&ida().subject, at)?;
        assert!(tx.reader().session(token, LASTING, at)?.is_none());
        let kept = tx
            .sql
            .all("SELECT subject FROM session WHERE token >= ?1", &[[].as_slice().into()], |row| row.need_blob(0))?;
        assert!(kept.is_empty());
        Ok(())
    })
    .unwrap();
}
