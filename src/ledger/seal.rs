//! The ledger's keys. One file holds them; three kinds are derived from each (HKDF), so that what
//! opens a body cannot be used to look a citizen up, and the other way round.
//!
//! | kind | for |
//! |---|---|
//! | seal | AES-256-GCM-SIV over bodies, with table and row as associated data |
//! | look-up | HMAC of CPR numbers and other texts by which something is found |
//! | content | HMAC of contents, to tell a repeat from a reused id |
//!
//! The file has one line per key, `name hex`, newest first. The first seals; all of them open. The
//! *last*, the oldest, is the one for look-up and content, so that a new key for sealing does not
//! make what was stored before impossible to find.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use aws_lc_rs::{hmac, rand};
use budstikke_contract::person::shows_cpr;
use data_encoding::HEXLOWER_PERMISSIVE as HEX;

use super::Error;

/// The length of a key in the file.
const KEY_BYTES: usize = 32;

/// A keyed hash that something is found by; half of an HMAC-SHA-256.
pub type Mark = [u8; 16];

/// The keys of one ledger.
pub struct Keyring {
    seals: BTreeMap<String, RandomizedNonceKey>,
    /// The name of the key that seals.
    active: String,
    look_up: hmac::Key,
    content: hmac::Key,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keyring({} keys, sealing with `{}`)", self.seals.len(), self.active)
    }
}

/// Why a key file cannot be used. Never shows what stands in it.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// It cannot be read or made.
    #[error("the key file `{path}` cannot be used")]
    File {
        /// Which.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Others than its owner can read it.
    #[error("the key file `{0}` can be read by others than its owner: run `chmod 600` on it")]
    Open(String),
    /// A line is not a key.
    #[error("line {line} of the key file `{path}` is not a name and 64 hexadecimal digits")]
    Form {
        /// Which file.
        path: String,
        /// Which line, from 1.
        line: usize,
    },
    /// The machine gives no randomness.
    #[error("the machine gives no randomness to make a key of")]
    NoRandomness,
    /// There is a ledger but no key file.
    #[error("the key file `{0}` is missing, but there is a ledger: give the one that it was written with")]
    Missing(String),
}

/// Sealed bytes, and which key opens them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The key's name.
    pub key: String,
    /// Nonce, ciphertext, tag.
    pub bytes: Vec<u8>,
}

impl Sealed {
    /// The hash that the chain holds of them. A hash of the *open* bytes of a small event could be
    /// guessed after the event has been wiped.
    pub fn digest(&self) -> [u8; 32] {
        sha256(&[&self.bytes])
    }
}

/// SHA-256 over several pieces.
pub(super) fn sha256(pieces: &[&[u8]]) -> [u8; 32] {
    let mut hash = [0; 32];
    let joined;
    let whole = match pieces {
        [one] => *one,
        several => {
            joined = several.concat();
            joined.as_slice()
        }
    };
    hash.copy_from_slice(digest(&SHA256, whole).as_ref());
    hash
}

impl Keyring {
    /// Reads the key file; makes one, readable by its owner only, where there is neither a file
    /// nor a ledger yet.
    pub fn open(path: &Path, ledger_exists: bool) -> Result<Self, KeyError> {
        let shown = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => {
                check_mode(path)?;
                Self::parse(&text, &shown)
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && ledger_exists => {
                Err(KeyError::Missing(shown))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let text = format!("k1 {}\n", HEX.encode(&random()?));
                write_private(path, &text).map_err(|source| KeyError::File { path: shown.clone(), source })?;
                Self::parse(&text, &shown)
            }
            Err(source) => Err(KeyError::File { path: shown, source }),
        }
    }

    /// Keys that nobody will have again, for what is only tried out.
    pub fn passing() -> Result<Self, KeyError> {
        Self::from_keys(&[("passing".to_owned(), random()?)]).ok_or(KeyError::NoRandomness)
    }

    fn parse(text: &str, path: &str) -> Result<Self, KeyError> {
        let mut keys = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let form = || KeyError::Form { path: path.to_owned(), line: number + 1 };
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let (name, digits) = line.trim().split_once(' ').ok_or_else(form)?;
            let key = HEX.decode(digits.trim().as_bytes()).ok().and_then(|key| key.try_into().ok()).ok_or_else(form)?;
            keys.push((name.to_owned(), key));
        }
        Self::from_keys(&keys).ok_or(KeyError::Form { path: path.to_owned(), line: 1 })
    }

    fn from_keys(keys: &[(String, [u8; KEY_BYTES])]) -> Option<Self> {
        let (active, _) = keys.first()?;
        let (_, oldest) = keys.last()?;
        let mut seals = BTreeMap::new();
        for (name, key) in keys {
            let seal = RandomizedNonceKey::new(&AES_256_GCM_SIV, &derive(key, b"budstikke seal 1")?).ok()?;
            seals.insert(name.clone(), seal);
        }
        Some(Self {
            seals,
            active: active.clone(),
            look_up: hmac::Key::new(hmac::HMAC_SHA256, &derive(oldest, b"budstikke look-up 1")?),
            content: hmac::Key::new(hmac::HMAC_SHA256, &derive(oldest, b"budstikke content 1")?),
        })
    }

    /// Seals bytes that will stand in `row` of `table`, and nowhere else.
    pub fn seal(&self, table: &'static str, row: i64, open: &[u8]) -> Result<Sealed, Error> {
        let key = self.seals.get(&self.active).ok_or(Error::Unsealable { table })?;
        let mut text = open.to_vec();
        let associated = Aad::from(associated(table, row, &self.active));
        let nonce =
            key.seal_in_place_append_tag(associated, &mut text).map_err(|_unspecified| Error::Unsealable { table })?;
        let bytes = [nonce.as_ref().as_slice(), &text].concat();
        Ok(Sealed { key: self.active.clone(), bytes })
    }

    /// Opens what was sealed for that row.
    pub fn open_sealed(&self, table: &'static str, row: i64, key: &str, sealed: &[u8]) -> Result<Vec<u8>, Error> {
        let fault = || Error::Unsealable { table };
        let seal = self.seals.get(key).ok_or_else(fault)?;
        let (nonce, text) = sealed.split_at_checked(NONCE_LEN).ok_or_else(fault)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_unspecified| fault())?;
        let mut text = text.to_vec();
        let length = seal
            .open_in_place(nonce, Aad::from(associated(table, row, key)), &mut text)
            .map_err(|_unspecified| fault())?
            .len();
        text.truncate(length);
        Ok(text)
    }

    /// The keyed hash that a text of some kind is found by.
    pub fn mark(&self, kind: &str, text: &str) -> Mark {
        half(&hmac::sign(&self.look_up, &[kind.as_bytes(), b"\0", text.as_bytes()].concat()))
    }

    /// A name as it may be stored and shown: one that reads as a CPR number is a keyed hash.
    pub fn masked(&self, name: &str) -> String {
        if shows_cpr(name) { format!("masked {}", HEX.encode(&self.mark("name", name))) } else { name.to_owned() }
    }

    /// The keyed hash of a content.
    pub fn content(&self, content: &[u8]) -> Mark {
        half(&hmac::sign(&self.content, content))
    }

    /// What tells whether these are the keys that a ledger was written with.
    pub(super) fn fingerprint(&self) -> String {
        HEX.encode(&self.mark("budstikke", "which keys are these"))
    }
}

fn associated(table: &str, row: i64, key: &str) -> String {
    format!("{table}\0{row}\0{key}")
}

fn derive(master: &[u8; KEY_BYTES], purpose: &[u8]) -> Option<[u8; KEY_BYTES]> {
    let mut key = [0; KEY_BYTES];
    let pseudo_random = Salt::new(HKDF_SHA256, b"budstikke ledger").extract(master);
    pseudo_random.expand(&[purpose], HKDF_SHA256).ok()?.fill(&mut key).ok()?;
    Some(key)
}

fn half(tag: &hmac::Tag) -> Mark {
    let mut mark = Mark::default();
    mark.iter_mut().zip(tag.as_ref()).for_each(|(to, from)| *to = *from);
    mark
}

fn random() -> Result<[u8; KEY_BYTES], KeyError> {
    let mut bytes = [0; KEY_BYTES];
    rand::fill(&mut bytes).map_err(|_unspecified| KeyError::NoRandomness)?;
    Ok(bytes)
}

#[cfg(unix)]
fn check_mode(path: &Path) -> Result<(), KeyError> {
    use std::os::unix::fs::PermissionsExt;
    let shown = path.display().to_string();
    let metadata = std::fs::metadata(path).map_err(|source| KeyError::File { path: shown.clone(), source })?;
    let others = metadata.permissions().mode() & 0o077;
    if others == 0 { Ok(()) } else { Err(KeyError::Open(shown)) }
}

#[cfg(unix)]
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_only_what_was_sealed_for_the_row() {
        let keys = Keyring::passing().unwrap();
        let sealed = keys.seal("body", 7, b"2512489996").unwrap();
        assert!(!sealed.bytes.windows(4).any(|window| window == b"2512"));
        assert_eq!(keys.open_sealed("body", 7, &sealed.key, &sealed.bytes).unwrap(), b"2512489996");
        assert!(keys.open_sealed("body", 8, &sealed.key, &sealed.bytes).is_err());
        assert!(keys.open_sealed("event_body", 7, &sealed.key, &sealed.bytes).is_err());
        let mut changed = sealed.bytes.clone();
        changed[20] ^= 1;
        assert!(keys.open_sealed("body", 7, &sealed.key, &changed).is_err());
        assert!(keys.open_sealed("body", 7, &sealed.key, &[]).is_err());
        assert!(Keyring::passing().unwrap().open_sealed("body", 7, &sealed.key, &sealed.bytes).is_err());
    }

    #[test]
    fn a_new_key_seals_and_the_old_one_still_opens_and_finds() {
        let old = format!("k1 {}\n", "11".repeat(32));
        let new = format!("k2 {}\n{old}", "22".repeat(32));
        let (before, after) = (Keyring::parse(&old, "f").unwrap(), Keyring::parse(&new, "f").unwrap());
        let sealed = before.seal("body", 1, b"x").unwrap();
        assert_eq!(after.open_sealed("body", 1, &sealed.key, &sealed.bytes).unwrap(), b"x");
        assert_eq!(after.seal("body", 1, b"x").unwrap().key, "k2");
        assert_eq!(before.mark("cpr", "2512489996"), after.mark("cpr", "2512489996"));
        assert_ne!(before.mark("cpr", "2512489996"), before.mark("case", "2512489996"));
    }

    #[test]
    fn makes_a_private_file_once_and_refuses_one_that_others_can_read() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        assert!(matches!(Keyring::open(&path, true), Err(KeyError::Missing(_))));
        let made = Keyring::open(&path, false).unwrap();
        assert_eq!(made.fingerprint(), Keyring::open(&path, true).unwrap().fingerprint());
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(Keyring::open(&path, true), Err(KeyError::Open(_))));
    }

    #[test]
    fn a_fault_in_the_file_shows_its_line_and_nothing_of_it() {
        let fault = Keyring::parse("# mine\nk1 abcdef\n", "f").unwrap_err().to_string();
        assert!(fault.contains("line 2") && !fault.contains("abcdef"), "{fault}");
        assert!(Keyring::parse("", "f").is_err());
    }
}
