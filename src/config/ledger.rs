//! `[ledger]`: in which file or on which server it is.

use std::path::PathBuf;

use super::read::Reader;
use super::{Kept, Ledger, value};
use crate::ledger::postgres::Server;

/// SQLite's page, in bytes.
const PAGE: u64 = 4096;

impl Reader {
    /// `[ledger]`.
    pub(super) fn ledger(&mut self) -> Option<Ledger> {
        let url = self.text("ledger.url", "sqlite:ledger.db");
        let key_file = self.text("ledger.key_file", "ledger.key");
        let max_size = self.value("ledger.max_size", |value| value::size(value).map(Some), None);
        let (password_file, ca_file) = (self.path("ledger.password_file"), self.path("ledger.ca_file"));
        let (url, max_size, password_file, ca_file) = (url?, max_size?, password_file?, ca_file?);
        let place = if let Some(file) = url.strip_prefix("sqlite:").filter(|file| !file.is_empty()) {
            let max_pages = max_size.map(|size| u32::try_from(size / PAGE).unwrap_or(u32::MAX));
            Kept::File { path: PathBuf::from(file), max_pages }
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            if max_size.is_some() {
                return self
                    .fault("ledger.max_size", "bounds a file; how large a database may grow is set on its server");
            }
            match Server::parse(&url, password_file, ca_file) {
                Ok(server) => Kept::Server(Box::new(server)),
                Err(fault) => return self.fault("ledger.url", &fault.to_string()),
            }
        } else {
            let what = "must be `sqlite:` and a file name, as in \"sqlite:ledger.db\" (relative to the state directory), \
                        or `postgres://user@host:5432/database`";
            return self.fault("ledger.url", what);
        };
        Some(Ledger { place, key_file: PathBuf::from(key_file?), max_size })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::read::tests::with;

    fn fault(text: &str) -> String {
        with(text, &[]).unwrap_err().join("; ")
    }

    #[test]
    fn a_file_or_a_server() {
        let of = |text: &str| with(text, &[]).unwrap().ledger.place;
        let file = |name: &str, max_pages| Kept::File { path: PathBuf::from(name), max_pages };
        assert_eq!(of(""), file("ledger.db", None));
        assert_eq!(of("[ledger]\nurl = \"sqlite:books/l.db\"\nmax_size = \"1MiB\""), file("books/l.db", Some(256)));
        for near in ["127.0.0.1", "localhost:5433", "[::1]"] {
            assert!(
                matches!(of(&format!("[ledger]\nurl = \"postgres://hub@{near}/books\"")), Kept::Server(_)),
                "{near}"
            );
        }
        assert!(matches!(of("[ledger]\nurl = \"postgres:///books?user=hub&host=/run/postgresql\""), Kept::Server(_)));
        assert!(matches!(of("[ledger]\nurl = \"postgresql://hub@db.example/b?sslmode=disable\""), Kept::Server(_)));
        let encrypted = "[ledger]\nurl = \"postgres://hub@db.example/b\"\nca_file = \"ca.pem\"\npassword_file = \"pw\"";
        assert!(matches!(of(encrypted), Kept::Server(_)));
    }

    #[test]
    fn what_is_wrong_is_said_and_no_password_repeated() {
        for (text, says) in [
            ("url = \"ledger.db\"", "must be `sqlite:`"),
            ("url = \"sqlite:\"", "must be `sqlite:`"),
            ("url = \"postgres://hub:gEhEim@127.0.0.1:port/x\"", "does not read as"),
            ("url = \"postgres://hub:gEhEim@127.0.0.1\"", "must name the user"),
            ("url = \"postgres://127.0.0.1/books\"", "must name the user"),
            ("url = \"postgres://hub:gEhEim@db.example/books\"", "ledger.ca_file"),
            ("url = \"postgres://hub:gEhEim@db.example/books?sslmode=require\"", "ledger.ca_file"),
            ("url = \"postgres://hub:gEhEim@127.0.0.1/books\"\npassword_file = \"pw\"", "give one"),
            ("url = \"postgres://hub@127.0.0.1/books?sslmode=require\"", "ledger.ca_file"),
            ("url = \"postgres://hub@db.example/books?sslmode=verify-full\"", "`sslmode` is"),
            ("url = \"postgres://hub@localhost/books?hostaddr=10.0.0.5\"", "`hostaddr`"),
            ("url = \"postgres://hub@127.0.0.1/books\"\nmax_size = \"1GiB\"", "`ledger.max_size`"),
        ] {
            let said = fault(&format!("[ledger]\n{text}"));
            assert!(said.contains(says) && !said.contains("gEhEim"), "{text}: {said}");
        }
        let shown = format!("{:?}", with("[ledger]\nurl = \"postgres://hub:gEhEim@127.0.0.1/books\"", &[]).unwrap());
        assert!(!shown.contains("gEhEim"), "{shown}");
    }
}
