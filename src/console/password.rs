//! Passwords: what is kept of one (argon2id), whether one is right, and how long somebody must wait
//! who gives wrong ones.

use std::time::Duration;

use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};

/// The least that OWASP recommends of argon2id with one lane: 19 MiB, two passes.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;

/// The shortest password, in characters. Length is what guards it: NIST SP 800-63B asks for no
/// kinds of characters.
pub(super) const SHORTEST: usize = 12;

/// The longest, in bytes: beyond that somebody is trying something else.
const LONGEST: usize = 1024;

/// After how many wrong ones nobody gets in for a while.
const WRONG_ONES: u32 = 5;

/// For how long, at first; then twice as long each time.
const WHILE: Duration = Duration::from_mins(1);

/// For how long at most.
const LONGEST_WHILE: Duration = Duration::from_hours(1);

/// Why a password cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is too short.
    #[error("a password has at least {SHORTEST} characters")]
    Short,
    /// It is too long.
    #[error("a password has at most {LONGEST} bytes")]
    Long,
    /// The library failed.
    #[error("the password could not be hashed")]
    Hash,
}

fn argon2() -> Result<Argon2<'static>, Error> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).map_err(|_params| Error::Hash)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// What is kept of a password. Takes tens of milliseconds, on purpose.
///
/// # Errors
/// It is too short or too long.
pub fn keep(password: &SecretString) -> Result<String, Error> {
    let text = password.expose_secret();
    if text.chars().count() < SHORTEST {
        return Err(Error::Short);
    }
    if text.len() > LONGEST {
        return Err(Error::Long);
    }
    let mut salt = [0; 16];
    aws_lc_rs::rand::fill(&mut salt).map_err(|_unspecified| Error::Hash)?;
    let kept = argon2()?.hash_password_with_salt(text.as_bytes(), &salt).map_err(|_unquoted| Error::Hash)?;
    Ok(kept.to_string())
}

/// Whether a password is the one of which `kept` was kept. Takes as long where nothing was kept, so
/// that nobody can find out by the clock who has an account.
pub(super) fn is_right(password: &SecretString, kept: Option<&str>) -> bool {
    const NOBODYS: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let text = password.expose_secret();
    let Ok(hash) = PasswordHash::new(kept.unwrap_or(NOBODYS)) else { return false };
    let Ok(argon2) = argon2() else { return false };
    let fits = text.len() <= LONGEST && argon2.verify_password(text.as_bytes(), &hash).is_ok();
    fits && kept.is_some()
}

/// Until when nobody gets in after so many wrong passwords; `None` while that is not yet so.
pub(super) fn locked_until(failures: u32, now: Timestamp) -> Option<Timestamp> {
    let times = failures.checked_sub(WRONG_ONES)?.min(16);
    let wait = WHILE.saturating_mul(1 << times).min(LONGEST_WHILE);
    Some(now.checked_add(wait).unwrap_or(Timestamp::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> SecretString {
        text.to_owned().into()
    }

    #[test]
    fn the_right_one_is_right_and_no_other() {
        let kept = keep(&secret("en lang kode 1")).unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert!(is_right(&secret("en lang kode 1"), Some(&kept)));
        assert!(!is_right(&secret("en lang kode 2"), Some(&kept)));
        assert!(!is_right(&secret(""), Some(&kept)));
        assert_ne!(kept, keep(&secret("en lang kode 1")).unwrap(), "each has a salt of its own");
    }

    #[test]
    fn where_nothing_is_kept_nothing_is_right() {
        assert!(!is_right(&secret("en lang kode 1"), None));
        assert!(!is_right(&secret("en lang kode 1"), Some("")));
        assert!(!is_right(&secret("en lang kode 1"), Some("en lang kode 1")));
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert!(matches!(keep(&secret("ææææææææææø")), Err(Error::Short)));
        assert!(keep(&secret("ææææææææææøå")).is_ok());
        assert!(matches!(keep(&secret(&"x".repeat(1025))), Err(Error::Long)));
    }

    #[test]
    fn who_errs_on_waits_longer_each_time() {
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        let waits: Vec<Option<i64>> =
            (3..14).map(|it| locked_until(it, now).map(|until| until.duration_since(now).as_secs() / 60)).collect();
        let minutes = [1, 2, 4, 8, 16, 32, 60, 60, 60];
        assert_eq!(waits, [None, None].into_iter().chain(minutes.map(Some)).collect::<Vec<_>>());
        assert!(locked_until(u32::MAX, now).is_some());
    }
}
