//! The messages that an adapter keeps in `fixtures/`, those that nobody here wrote, and the pages of
//! the runbook, as the adapters' tests read them.
#![expect(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "it is a part of the tests: what cannot be read fails them"
)]

use std::path::{Path, PathBuf};

use budstikke_contract::reason::Code;

/// The folder `fixtures/` of the crate whose `CARGO_MANIFEST_DIR` this is.
#[derive(Debug, Clone, Copy)]
pub struct Fixtures(pub &'static str);

impl Fixtures {
    /// The folder.
    pub fn folder(self) -> PathBuf {
        Path::new(self.0).join("fixtures")
    }

    /// One of them.
    pub fn read(self, name: &str) -> Vec<u8> {
        std::fs::read(self.folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// All of them, by name.
    pub fn all(self) -> Vec<(String, Vec<u8>)> {
        let entries = std::fs::read_dir(self.folder()).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names.into_iter().map(|name| (name.clone(), self.read(&name))).collect()
    }
}

/// The folder of public samples that `BUDSTIKKE_SAMPLES` names. Without it there is nothing to test,
/// and the test says so.
pub fn samples() -> Option<PathBuf> {
    let folder = std::env::var_os("BUDSTIKKE_SAMPLES").map(PathBuf::from);
    if folder.is_none() {
        println!("SKIPPED: BUDSTIKKE_SAMPLES is not set");
    }
    folder
}

/// Every code has a page for the person who meets it, which begins with its name and says what
/// happened, what the hub did and what to do.
pub fn every_code_has_a_page(codes: &[Code]) {
    let runbook = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/runbook");
    for code in codes {
        let page = std::fs::read_to_string(runbook.join(format!("{code}.md")));
        let page = page.unwrap_or_else(|_| panic!("{code} has no page"));
        assert!(page.starts_with(&format!("# {code}\n")), "the page of {code} begins with its name");
        for heading in ["## Hvad der er sket", "## Hvad budstikken selv har gjort", "## Hvad du gør"] {
            assert!(page.contains(heading), "the page of {code} has no `{heading}`");
        }
    }
}
