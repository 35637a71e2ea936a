//! An attempt to sign in by the provider, between going there and coming back. All of it is in a
//! cookie of the browser that went: what comes back counts only there, and the hub keeps nothing of
//! those who never come back.

use data_encoding::BASE64URL_NOPAD;
use jiff::{SignedDuration, Timestamp};

use crate::ledger::account::Token;

/// How long somebody may be away.
pub(super) const LONGEST: SignedDuration = SignedDuration::from_mins(10);

/// The longest address that is kept to come back to: a cookie is short.
const WANTED: usize = 1024;

/// An attempt.
#[derive(Debug, Clone)]
pub(super) struct Attempt {
    secret: Token,
    begun: Timestamp,
    /// Where they wanted to go.
    pub(super) wanted: String,
}

impl Attempt {
    /// A new one; none where the machine has no chance to give.
    pub(super) fn begin(now: Timestamp, wanted: &str) -> Option<Self> {
        let wanted = if wanted.len() > WANTED { "/" } else { wanted };
        Some(Self { secret: Token::fresh()?, begun: now, wanted: wanted.to_owned() })
    }

    /// What comes back with the browser.
    pub(super) fn state(&self) -> String {
        self.derived(b"state")
    }

    /// What comes back in the token.
    pub(super) fn nonce(&self) -> String {
        self.derived(b"nonce")
    }

    /// What only we can show for the code (PKCE).
    pub(super) fn verifier(&self) -> String {
        self.derived(b"verifier")
    }

    /// What the ledger knows it by once it has been used.
    pub(super) fn known_as(&self) -> Token {
        self.secret
    }

    /// When it is too old.
    pub(super) fn ends(&self) -> Timestamp {
        self.begun.checked_add(LONGEST).unwrap_or(Timestamp::MAX)
    }

    /// None of what is derived says anything of the others, or of the secret.
    fn derived(&self, what: &[u8]) -> String {
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &self.secret.0);
        let tag = aws_lc_rs::hmac::sign(&key, &[what, &self.begun.as_second().to_be_bytes()].concat());
        BASE64URL_NOPAD.encode(tag.as_ref())
    }

    /// As the cookie holds it.
    pub(super) fn written(&self) -> String {
        let begun = self.begun.as_second();
        format!("{}.{begun}.{}", BASE64URL_NOPAD.encode(&self.secret.0), BASE64URL_NOPAD.encode(self.wanted.as_bytes()))
    }

    /// Reads a cookie, where it is not too old.
    pub(super) fn read(text: &str, now: Timestamp) -> Option<Self> {
        let (secret, rest) = text.split_once('.')?;
        let (begun, wanted) = rest.split_once('.')?;
        let secret = Token(BASE64URL_NOPAD.decode(secret.as_bytes()).ok()?.try_into().ok()?);
        let begun = Timestamp::from_second(begun.parse().ok()?).ok()?;
        let wanted = String::from_utf8(BASE64URL_NOPAD.decode(wanted.as_bytes()).ok()?).ok()?;
        let attempt = Self { secret, begun, wanted };
        (begun <= now && now < attempt.ends()).then_some(attempt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        Timestamp::from_second(1_700_000_000).unwrap()
    }

    #[test]
    fn it_is_read_as_it_is_written_and_not_for_ever() {
        let attempt = Attempt::begin(now(), "/drift?x=1").unwrap();
        let later = |minutes| now().checked_add(SignedDuration::from_mins(minutes)).unwrap();
        let read = Attempt::read(&attempt.written(), later(9)).unwrap();
        assert_eq!(
            (read.state(), read.nonce(), read.verifier()),
            (attempt.state(), attempt.nonce(), attempt.verifier())
        );
        assert_eq!(read.wanted, "/drift?x=1");
        assert!(Attempt::read(&attempt.written(), later(10)).is_none(), "too old");
        assert!(Attempt::read(&attempt.written(), later(-1)).is_none(), "from a time to come");
        for broken in ["", ".", "..", "a.b.c", &attempt.written().replacen('.', "", 1)] {
            assert!(Attempt::read(broken, now()).is_none(), "{broken}");
        }
        assert_eq!(Attempt::begin(now(), &"/x".repeat(600)).unwrap().wanted, "/");
    }

    #[test]
    fn nothing_in_it_is_like_another_thing() {
        let (one, other) = (Attempt::begin(now(), "/").unwrap(), Attempt::begin(now(), "/").unwrap());
        let mut all: Vec<String> =
            [&one, &other].iter().flat_map(|it| [it.state(), it.nonce(), it.verifier()]).collect();
        all.push(BASE64URL_NOPAD.encode(&one.secret.0));
        assert!(all.iter().all(|it| it.len() == 43), "RFC 7636 wants 43 to 128 characters of a verifier");
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count);
        let moved = one.written().replace("1700000000", "1700000001");
        assert_ne!(
            Attempt::read(&moved, now().checked_add(SignedDuration::from_secs(5)).unwrap()).unwrap().state(),
            one.state()
        );
    }
}
