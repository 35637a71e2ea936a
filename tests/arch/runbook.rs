//! Every code has its page, every page its code, and what a page tells people to type is a command.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use crate::none;
use crate::source::{File, files, from, rust};

const FOLDER: &str = "deploy/runbook/";
const HEADINGS: [&str; 3] = ["## Hvad der er sket", "## Hvad budstikken selv har gjort", "## Hvad du gør"];

/// The codes that the program can give, each with the places that make it.
fn codes() -> BTreeMap<String, Vec<String>> {
    const MADE: &str = "Code::new(";
    let mut codes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in rust(&["src/", "adapters/", "schemas/"]) {
        if file.path.starts_with("adapters/testkit/") {
            continue;
        }
        let program = file.program();
        // `AuthorizationCode::new` is another's.
        let own = |at: &usize| program.get(..*at).is_some_and(|before| !before.ends_with(char::is_alphanumeric));
        for offset in program.match_indices(MADE).map(|(at, _)| at).filter(own) {
            let argument = from(&file.text, offset + MADE.len()).trim_start();
            let code = argument.strip_prefix('"').and_then(|rest| rest.split('"').next());
            let code = code.unwrap_or_else(|| panic!("{}: a code is written out where it is made", file.at(offset)));
            codes.entry(code.to_owned()).or_default().push(file.at(offset));
        }
    }
    assert!(codes.len() > 20, "the codes are not found: {codes:?}");
    codes
}

/// The pages, by their codes.
fn pages() -> BTreeMap<String, File> {
    let page = |file: File| {
        let code = file.path.strip_prefix(FOLDER)?.strip_suffix(".md")?.to_owned();
        (code != "README").then_some((code, file))
    };
    files().into_iter().filter_map(page).collect()
}

#[test]
fn every_code_has_a_page_and_every_page_a_code() {
    let (codes, pages) = (codes(), pages());
    let without_page = codes.iter().filter(|(code, _)| !pages.contains_key(*code));
    let without_code = pages.iter().filter(|(code, _)| !codes.contains_key(*code));
    let faults = without_page
        .map(|(code, made)| format!("{}: {code} has no page {FOLDER}{code}.md", made.join(", ")))
        .chain(without_code.map(|(_, page)| format!("{}: nothing makes that code any more", page.path)));
    none(faults, "Write the page (in the form of its neighbours), or take it away.");
}

#[test]
fn every_code_is_made_in_one_place_and_looks_like_one() {
    let mut faults = Vec::new();
    for (code, made) in codes() {
        if !code.bytes().all(|b| b.is_ascii_uppercase() || b == b'_') || code.len() > 32 {
            faults.push(format!("{}: `{code}` is not of the form SOME_WORDS", made.join(", ")));
        }
        if made.len() > 1 {
            faults.push(format!("{code} is made {} times: {}", made.len(), made.join(", ")));
        }
    }
    none(faults, "A code is a constant with one meaning: use the one that is there, or another name.");
}

#[test]
fn every_page_says_what_happened_what_the_hub_did_and_what_to_do() {
    let mut faults = Vec::new();
    for (code, page) in pages() {
        let headings: Vec<&str> = page.text.lines().filter(|line| line.starts_with('#')).collect();
        let expected: Vec<String> = [format!("# {code}")].into_iter().chain(HEADINGS.map(str::to_owned)).collect();
        if headings != expected {
            faults.push(format!("{}: its headings are {headings:?}", page.path));
        }
        let steps = page.text.split(HEADINGS[2]).nth(1).unwrap_or_default();
        let numbers = steps.trim().lines().enumerate().all(|(at, line)| line.starts_with(&format!("{}. ", at + 1)));
        if steps.trim().is_empty() || !numbers {
            faults.push(format!("{}: `{}` is not a list numbered from 1", page.path, HEADINGS[2]));
        }
        if page.text.split("\n## ").skip(1).any(|part| part.trim_end().lines().count() < 2) {
            faults.push(format!("{}: a heading has nothing under it", page.path));
        }
    }
    none(faults, &format!("A page is `# CODE` and then {}; the last one is numbered steps.", HEADINGS.join(", ")));
}

#[test]
fn the_table_lists_every_code_once() {
    let table = files().into_iter().find(|file| file.path == format!("{FOLDER}README.md")).unwrap();
    let mut listed: BTreeMap<&str, usize> = BTreeMap::new();
    let mut faults = Vec::new();
    for row in table.text.lines().filter(|line| line.starts_with("| [")) {
        let code = row.trim_start_matches("| [").split(']').next().unwrap_or_default();
        *listed.entry(code).or_default() += 1;
        if !row.starts_with(&format!("| [{code}]({code}.md) | ")) {
            faults.push(format!("{}: the row of {code} does not lead to its page", table.path));
        }
    }
    let codes = codes();
    let unlisted = codes.keys().filter(|code| !listed.contains_key(code.as_str()));
    faults.extend(unlisted.map(|code| format!("{}: {code} is not in the table", table.path)));
    let unknown = listed.keys().filter(|code| !codes.contains_key(**code));
    faults.extend(unknown.map(|code| format!("{}: {code} is no code", table.path)));
    let twice = listed.iter().filter(|(_, rows)| **rows > 1);
    faults.extend(twice.map(|(code, rows)| format!("{}: {code} has {rows} rows", table.path)));
    none(faults, "Give each code one row, in the group of where it comes from.");
}

/// What stands in backticks and begins with the program's name, in every page.
fn commands() -> BTreeSet<(String, String)> {
    let of_runbook = files().into_iter().filter(|file| file.path.starts_with(FOLDER));
    let mut commands = BTreeSet::new();
    for file in of_runbook {
        for quoted in file.text.split('`').skip(1).step_by(2).filter(|quoted| quoted.starts_with("budstikke ")) {
            commands.insert((file.path.clone(), quoted.to_owned()));
        }
    }
    assert!(commands.len() > 50, "the commands are not found");
    commands
}

/// The words of a command, as a shell takes them. `None` where the shell takes a part for a comment
/// or a quote is not closed.
fn words(command: &str) -> Option<Vec<String>> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for letter in command.chars() {
        match (quote, letter) {
            (Some(open), _) if open == letter => quote = None,
            (None, '"' | '\'') => quote = Some(letter),
            (None, ' ') => words.push(String::new()),
            (None, '#') if words.last().is_some_and(String::is_empty) => return None,
            (_, letter) => words.last_mut()?.push(letter),
        }
    }
    quote.is_none().then_some(words)
}

#[test]
fn what_the_pages_tell_people_to_type_is_a_command() {
    let nowhere = tempfile::tempdir().unwrap();
    let mut faults = Vec::new();
    for (page, command) in commands() {
        let Some(words) = words(&command) else {
            faults.push(format!("{page}: `{command}`: the shell would not take it as it stands"));
            continue;
        };
        // Where there are no settings every command ends, but only once it has understood.
        let ran = Command::new(env!("CARGO_BIN_EXE_budstikke"))
            .args(&words[1..])
            .args(["--config", "none.toml", "--state", "none"])
            .current_dir(nowhere.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&ran.stderr);
        if !said.starts_with("budstikke: ") {
            faults.push(format!("{page}: `{command}`: {}", said.lines().next().unwrap_or("it ran")));
        }
        if words.iter().any(|word| word == "discard") && !words.iter().any(|word| word == "--reason") {
            faults.push(format!("{page}: `{command}`: a discard without --reason is refused"));
        }
    }
    none(faults, "Write the command as `budstikke --help` has it; `'#12'` stands in quotes.");
}
