//! What holds for every file: how large it is, how it is called, and words that never stay.

use crate::none;
use crate::source::{File, files, from, rust};

/// No file is longer, whatever its reason.
const LONGEST: usize = 600;
/// A longer file needs a reason.
const LONG: usize = 400;

/// The files that may be long, and why.
const LONG_WITH_REASON: &[(&str, &str)] = &[
    ("src/app.rs", "where all parts are put together, in the one order in which that is safe"),
    ("src/ledger/tests.rs", "one test for each promise of the ledger, on the same fixture"),
];

/// Names that say nothing of what is in the file.
const EMPTY_NAMES: &[&str] = &["common", "helper", "helpers", "manager", "misc", "shared", "util", "utils"];

fn all_rust() -> Vec<File> {
    rust(&["src/", "adapters/", "schemas/", "tests/"])
}

#[test]
fn no_file_is_too_long_to_be_read() {
    let mut faults = Vec::new();
    let files = all_rust();
    for file in &files {
        let lines = file.lines();
        let has_reason = LONG_WITH_REASON.iter().any(|(path, _)| *path == file.path);
        if lines > LONGEST || lines > LONG && !has_reason {
            faults.push(format!("{} has {lines} lines", file.path));
        }
    }
    for (path, _) in LONG_WITH_REASON {
        let lines = files.iter().find(|file| file.path == *path).map_or(0, File::lines);
        if lines <= LONG {
            faults.push(format!("{path} has {lines} lines and needs no row in LONG_WITH_REASON"));
        }
    }
    none(
        faults,
        "Split it by what its parts are about (`foo.rs` and `foo/`). A file of more than 400 lines needs a true reason \
         in LONG_WITH_REASON (tests/arch/tree.rs); none has more than 600.",
    );
}

#[test]
fn a_module_is_found_by_its_name() {
    let mut faults = Vec::new();
    for file in all_rust() {
        let name = file.path.rsplit('/').next().unwrap_or_default().trim_end_matches(".rs");
        if name == "mod" {
            faults.push(format!("{}: write `foo.rs` beside `foo/`", file.path));
        }
        let parts = file.path.trim_end_matches(".rs").split('/');
        if let Some(part) = parts.into_iter().find(|part| EMPTY_NAMES.contains(part)) {
            faults.push(format!("{}: `{part}` says nothing", file.path));
        }
        for module in inline_modules(&file.code()).filter(|module| EMPTY_NAMES.contains(module)) {
            faults.push(format!("{}: `mod {module}` says nothing", file.path));
        }
    }
    none(faults, "A module is called by a noun of the domain, and lies in a file of that name.");
}

/// The modules that a file declares or holds.
fn inline_modules(code: &str) -> impl Iterator<Item = &str> {
    let declared = code.split("mod ").skip(1);
    declared.filter_map(|rest| rest.split([' ', ';', '{']).next())
}

#[test]
fn nothing_is_left_to_be_done_later() {
    // Put together here, so that this file does not find itself.
    let words = [["TO", "DO"].concat(), ["FIX", "ME"].concat()];
    let macros = ["todo!", "unimplemented!", "dbg!", "#[ignore", "#![ignore"];
    let mut faults = Vec::new();
    for file in files() {
        for word in &words {
            for (offset, _) in file.text.match_indices(word.as_str()).filter(|(at, _)| stands_alone(&file.text, *at)) {
                faults.push(format!("{}: {word}", file.at(offset)));
            }
        }
        let code = if file.is_rust() { file.code() } else { String::new() };
        for marker in macros {
            faults.extend(code.match_indices(marker).map(|(offset, _)| format!("{}: {marker}", file.at(offset))));
        }
    }
    none(
        faults,
        "Do it, or leave it out and say so where the work is planned. A test that cannot pass asserts what is.",
    );
}

/// Whether the word of letters at `offset` is a whole one.
fn stands_alone(text: &str, offset: usize) -> bool {
    let is_letter = |c: char| c.is_alphanumeric() || c == '_';
    let after = from(text, offset).trim_start_matches(|c: char| c.is_ascii_uppercase());
    !text.split_at(offset).0.ends_with(is_letter) && !after.starts_with(is_letter)
}

#[test]
fn nothing_names_a_place_on_one_machine() {
    let places = [["/wo", "rk/"].concat(), ["/ho", "me/"].concat(), ["/ro", "ot/"].concat(), ["/Us", "ers/"].concat()];
    let mut faults = Vec::new();
    for file in files() {
        for place in &places {
            faults.extend(file.text.match_indices(place.as_str()).map(|(at, _)| format!("{}: {place}", file.at(at))));
        }
    }
    none(faults, "Write a path from the root of the repository, or take it from the environment.");
}
