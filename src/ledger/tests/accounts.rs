//! Accounts, sessions and links: how long each is good.

use std::time::Duration;

use super::super::account::{Account, Lasting, Token};
use super::*;

const LASTING: Lasting = Lasting { idle: Duration::from_hours(1), longest: Duration::from_hours(12) };

fn account(user: &str, secret: Option<&str>) -> Account {
    let roles = "operator".to_owned();
    let (user, name, secret) = (user.to_owned(), "Ida Test".to_owned(), secret.map(str::to_owned));
    Account { user, name, roles, secret, failures: 0, locked_until: None }
}

fn on_books(work: impl FnOnce(&mut Tx<'_>) -> Result<(), Error>) {
    try_out(None, &Clock::system(), |tx| {
        tx.keep_account(&account("ida", Some("kept")), "root")?;
        work(tx)
    })
    .unwrap();
}

fn minutes(after: Timestamp, minutes: u64) -> Timestamp {
    after.checked_add(Duration::from_mins(minutes)).unwrap()
}

#[test]
fn a_link_that_has_ended_lets_nobody_in_and_is_gone() {
    on_books(|tx| {
        let now = tx.at;
        for (ends, user) in [(now, Some("ida")), (minutes(now, 15), Some("ida")), (Timestamp::UNIX_EPOCH, None)] {
            let token = Token::fresh().unwrap();
            tx.make_ticket(token, "ida", ends, "root")?;
            let session = Token::fresh().unwrap();
            assert_eq!(tx.reader().ticket(token, now)?, user.is_some(), "{ends}");
            assert_eq!(tx.enter_by_ticket(token, session)?.as_deref(), user, "{ends}");
            assert_eq!(tx.reader().session(session, LASTING, now)?.is_some(), user.is_some(), "{ends}");
            assert_eq!(tx.enter_by_ticket(token, Token::fresh().unwrap())?, None, "a link is good once");
        }
        assert!(matches!(tx.make_ticket(Token::fresh().unwrap(), "bo", now, "root"), Err(Error::Refused(_))));
        Ok(())
    });
}

#[test]
fn a_session_lasts_while_it_is_used_and_not_for_ever() {
    on_books(|tx| {
        let (now, token) = (tx.at, Token::fresh().unwrap());
        assert!(tx.begin_session(token, &account("ida", Some("kept")))?);
        let good = |tx: &mut Tx<'_>, after| tx.reader().session(token, LASTING, minutes(now, after)).unwrap().is_some();
        assert!(good(tx, 0) && good(tx, 59) && !good(tx, 60), "an hour without use ends it");
        for hour in 1..13 {
            tx.at = minutes(now, hour * 60 - 1);
            tx.session_seen(token, LASTING)?;
            assert_eq!(good(tx, hour * 60 + 30), hour < 12, "after {hour} hours of use");
        }
        assert!(tx.reader().session(Token::fresh().unwrap(), LASTING, now)?.is_none(), "a guess");
        Ok(())
    });
}

#[test]
fn that_it_is_used_is_kept_often_enough_to_last() {
    on_books(|tx| {
        let (now, token) = (tx.at, Token::fresh().unwrap());
        assert!(tx.begin_session(token, &account("ida", Some("kept")))?);
        for idle in [Duration::from_secs(4), Duration::from_hours(1)] {
            let lasting = Lasting { idle, ..LASTING };
            let half = now.checked_add(idle / 2).unwrap();
            let unseen =
                |tx: &mut Tx<'_>, at| tx.reader().session(token, lasting, at).unwrap().is_some_and(|it| it.unseen);
            assert!(!unseen(tx, now) && unseen(tx, half), "{idle:?}");
        }
        Ok(())
    });
}

#[test]
fn every_wrong_password_counts_and_a_new_one_begins_anew() {
    on_books(|tx| {
        let (now, session) = (tx.at, Token::fresh().unwrap());
        let ends = minutes(now, 1);
        assert!(tx.begin_session(session, &account("ida", Some("kept")))?);
        for _wrong in 0..3 {
            tx.sign_in_failed("ida", |failures| (failures == 3).then_some(ends))?;
        }
        let locked = tx.reader().account("ida")?.unwrap();
        assert_eq!((locked.failures, locked.locked_until.is_some()), (3, true));
        tx.keep_account(&account("ida", None), "root")?;
        assert_eq!(tx.reader().account("ida")?.unwrap().failures, 3, "another role opens no lock");
        assert!(tx.reader().session(session, LASTING, now)?.is_some());
        tx.keep_account(&account("ida", Some("other")), "root")?;
        let open = tx.reader().account("ida")?.unwrap();
        assert_eq!((open.failures, open.locked_until, open.secret.as_deref()), (0, None, Some("other")));
        assert!(tx.reader().session(session, LASTING, now)?.is_none(), "who had the old one is out");
        assert!(tx.begin_session(session, &account("ida", Some("other")))?);
        tx.end_session(session)?;
        assert!(tx.reader().session(session, LASTING, now)?.is_none(), "signed out");
        tx.sign_in_failed("nobody", |_| Some(ends))
    });
}

#[test]
fn whoever_was_looked_at_before_something_changed_does_not_get_in() {
    on_books(|tx| {
        let (before, token) = (account("ida", Some("kept")), Token::fresh().unwrap());
        let ticket = Token::fresh().unwrap();
        tx.make_ticket(ticket, "ida", minutes(tx.at, 15), "root")?;
        tx.keep_account(&account("ida", Some("other")), "root")?;
        assert!(!tx.begin_session(token, &before)?, "the password was changed");
        assert_eq!(tx.enter_by_ticket(ticket, token)?, None, "and the link is gone");
        let locked = minutes(tx.at, 1);
        tx.sign_in_failed("ida", |_| Some(locked))?;
        assert!(!tx.begin_session(token, &account("ida", Some("other")))?, "it was locked");
        tx.sign_in_failed("ida", |_| panic!("while it is locked nothing is counted"))?;
        tx.remove_account("ida", "root")?;
        assert!(!tx.begin_session(token, &account("ida", Some("other")))?, "it was removed");
        let now = tx.at;
        assert!(tx.reader().session(token, LASTING, now)?.is_none());
        Ok(())
    });
}

#[test]
fn a_token_is_kept_so_that_nobody_can_read_it() {
    on_books(|tx| {
        let token = Token::fresh().unwrap();
        assert!(tx.begin_session(token, &account("ida", Some("kept")))?);
        tx.make_ticket(token, "ida", tx.at, "root")?;
        let kept = "SELECT token FROM session UNION ALL SELECT token FROM ticket";
        let kept = tx.sql.all(kept, &[], |row| row.need_bytes(0))?;
        assert_eq!(kept.len(), 2);
        assert!(kept.iter().all(|kept| kept != &token.0));
        Ok(())
    });
}
