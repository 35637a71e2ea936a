//! The tree as text: its files, and what of a Rust file is code.

use std::path::{Path, PathBuf};

/// A file of text.
#[derive(Debug)]
pub(crate) struct File {
    /// Its path from the root of the repository.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file of text in the tree, but what `.gitignore` names and git's own.
pub(crate) fn files() -> Vec<File> {
    let mut found = Vec::new();
    walk(&root(), &mut found);
    found.sort_by(|one, other| one.path.cmp(&other.path));
    assert!(found.len() > 100, "the tree is not where it should be: {}", root().display());
    found
}

fn walk(folder: &Path, found: &mut Vec<File>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
        let is_product = matches!(name.as_str(), ".git" | "target" | "state") || name.ends_with(".snap.new");
        if path.is_dir() && !is_product {
            walk(&path, found);
        } else if let Some(text) = std::fs::read_to_string(&path).ok().filter(|_| !is_product) {
            found.push(File { path: name, text });
        }
    }
}

/// The Rust files below some folders.
pub(crate) fn rust(folders: &[&str]) -> Vec<File> {
    let mut files = files();
    files.retain(|file| file.is_rust() && folders.iter().any(|folder| file.path.starts_with(folder)));
    assert!(!files.is_empty(), "no Rust in {folders:?}");
    files
}

impl File {
    pub(crate) fn is_rust(&self) -> bool {
        Path::new(&self.path).extension().is_some_and(|it| it == "rs")
    }

    pub(crate) fn lines(&self) -> usize {
        self.text.lines().count()
    }

    /// The code that is part of the program, of the same length as the text: comments and what
    /// stands in quotes are blank, and so is the module of tests at the foot.
    pub(crate) fn program(&self) -> String {
        let mut code = blank(&self.text);
        let is_test = |part: &str| part == "tests" || part == "tests.rs";
        let begin = if self.path.split('/').any(is_test) { 0 } else { tests_begin(&code) };
        let rest: String = code.split_off(begin).bytes().map(|b| if b == b'\n' { '\n' } else { ' ' }).collect();
        code + &rest
    }

    /// All its code, that of tests too.
    pub(crate) fn code(&self) -> String {
        blank(&self.text)
    }

    /// `path:line`, for whoever goes there.
    pub(crate) fn at(&self, offset: usize) -> String {
        let line = self.text.bytes().take(offset).filter(|b| *b == b'\n').count() + 1;
        format!("{}:{line}", self.path)
    }
}

/// Where the module of tests begins, with its attribute.
fn tests_begin(code: &str) -> usize {
    let is_inline_module = |(begin, attribute): &(usize, &str)| {
        let item = from(code, begin + attribute.len()).trim_start();
        let item = item.strip_prefix("pub(crate) ").unwrap_or(item);
        item.strip_prefix("mod ").and_then(|rest| rest.chars().find(|c| "{;".contains(*c))) == Some('{')
    };
    code.match_indices("#[cfg(test)]").find(is_inline_module).map_or(code.len(), |(begin, _)| begin)
}

/// The text with comments, strings and characters blank, byte for byte as long as it was.
fn blank(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let (skip, end) = match token(&text.as_bytes()[at..], at > 0 && is_word(bytes[at - 1])) {
            Some((skip, end)) => (skip, at + end),
            None => (0, at + 1),
        };
        if end > at + 1 {
            bytes[at + skip..end].iter_mut().filter(|b| **b != b'\n').for_each(|b| *b = b' ');
        }
        at = end;
    }
    String::from_utf8(bytes).unwrap()
}

/// The length of a comment, a string or a character that begins here, and how much of its
/// beginning is code.
fn token(text: &[u8], in_a_word: bool) -> Option<(usize, usize)> {
    match text {
        [b'/', b'/', ..] => Some((0, until(text, b"\n", 0))),
        [b'/', b'*', ..] => Some((0, until(text, b"*/", 2))),
        [b'"', ..] => Some((0, string(text))),
        [b'r', b'"' | b'#', ..] if !in_a_word => raw(text, 1),
        [b'b' | b'c', b'r', b'"' | b'#', ..] if !in_a_word => raw(text, 2),
        [b'\'', b'\\', _, ..] => Some((0, until(text, b"'", 3))),
        [b'\'', rest @ ..] => {
            // A character ends with a quote; a lifetime has none.
            let width = std::str::from_utf8(&rest[..rest.len().min(4)]).ok().or_else(|| valid(rest))?.chars().next()?;
            (rest.get(width.len_utf8()) == Some(&b'\'')).then(|| (0, width.len_utf8() + 2))
        }
        _ => None,
    }
}

/// The beginning of some bytes, cut where a character ends.
fn valid(bytes: &[u8]) -> Option<&str> {
    (1..=3).rev().find_map(|length| std::str::from_utf8(bytes.get(..length)?).ok())
}

/// How far it is to the end of what ends so, looked for after `begin`.
fn until(text: &[u8], end: &[u8], begin: usize) -> usize {
    let found = text[begin.min(text.len())..].windows(end.len()).position(|window| window == end);
    found.map_or(text.len(), |found| begin + found + end.len())
}

/// A raw string with `prefix` letters before its hashes.
fn raw(text: &[u8], prefix: usize) -> Option<(usize, usize)> {
    let hashes = text[prefix..].iter().take_while(|b| **b == b'#').count();
    let end = [b"\"".as_slice(), &b"#".repeat(hashes)].concat();
    let is_string = text.get(prefix + hashes) == Some(&b'"');
    is_string.then(|| (prefix, until(text, &end, prefix + hashes + 1)))
}

fn string(text: &[u8]) -> usize {
    let mut at = 1;
    while at < text.len() && text[at] != b'"' {
        at += if text[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(text.len())
}

/// What stands from a place on.
pub(crate) fn from(text: &str, place: usize) -> &str {
    text.get(place..).unwrap_or_default()
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// A path in code, such as `std::fs::read` or one leaf of a `use`, and where it stands.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) offset: usize,
    pub(crate) steps: Vec<String>,
}

impl Named {
    /// Whether it is `path` or something below it.
    pub(crate) fn is_below(&self, path: &str) -> bool {
        let wanted: Vec<&str> = path.split("::").collect();
        self.steps.len() >= wanted.len() && self.steps.iter().zip(wanted).all(|(step, wanted)| step == wanted)
    }
}

/// Every path of two steps or more in some code.
pub(crate) fn paths(code: &str) -> Vec<Named> {
    let mut reader = Reader { code, at: 0, found: Vec::new() };
    while let Some((offset, word)) = reader.word() {
        // `impl Trait + use<>` says what is captured.
        if word == "use" && !reader.takes("<") {
            reader.tree(&[]);
        } else {
            reader.path(offset, word);
        }
    }
    reader.found
}

struct Reader<'a> {
    code: &'a str,
    at: usize,
    found: Vec<Named>,
}

impl<'a> Reader<'a> {
    /// The next word, wherever it stands.
    fn word(&mut self) -> Option<(usize, &'a str)> {
        let begin = self.at + from(self.code, self.at).find(|c: char| c.is_alphanumeric() || c == '_')?;
        let rest = from(self.code, begin);
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        self.at = begin + end;
        Some((begin, rest.split_at(end).0))
    }

    /// Goes on over `mark`, if that is what comes.
    fn takes(&mut self, mark: &str) -> bool {
        let rest = from(self.code, self.at).trim_start();
        let comes = rest.starts_with(mark);
        if comes {
            self.at = self.code.len() - rest.len() + mark.len();
        }
        comes
    }

    fn comes_a_word(&self) -> bool {
        from(self.code, self.at).trim_start().starts_with(|c: char| c.is_alphabetic() || c == '_')
    }

    /// A path in an expression or a type.
    fn path(&mut self, offset: usize, first: &str) {
        let mut steps = vec![first.to_owned()];
        loop {
            let before = self.at;
            if !self.takes("::") || !self.comes_a_word() {
                self.at = before;
                break;
            }
            steps.extend(self.word().map(|(_, step)| step.to_owned()));
        }
        if steps.len() > 1 {
            self.found.push(Named { offset, steps });
        }
    }

    /// A tree of a `use`.
    fn tree(&mut self, before: &[String]) {
        let (offset, mut steps) = (self.at, before.to_vec());
        loop {
            if self.takes("{") {
                while !self.takes("}") && self.at < self.code.len() {
                    self.tree(&steps);
                    self.takes(",");
                }
                return;
            }
            if !self.takes("*") && self.comes_a_word() {
                steps.extend(self.word().map(|(_, step)| step.to_owned()));
            }
            if !self.takes("::") {
                break;
            }
        }
        if self.takes("as ") {
            self.word();
        }
        let offset = self.code.len() - from(self.code, offset).trim_start().len();
        self.found.push(Named { offset, steps });
    }
}

#[test]
fn what_is_no_code_is_blank_and_what_is_stays() {
    let text = "a /* b */ \"c\\\" d\" 'e' '\\'' r#\"f\" g\"# h<'i> // j\nk 'æ' b\"l\" br#\"m\"n\"# r#o";
    let shown = blank(text);
    assert_eq!(shown.len(), text.len());
    assert_eq!(shown.split_whitespace().collect::<Vec<_>>(), ["a", "r", "h<'i>", "k", "b", "br", "r#o"]);
}

#[test]
fn paths_are_found_in_uses_and_elsewhere() {
    let code = "use a::{self, b::C, d::{E as F, *}};\nfn f() -> impl g::H + use<> { i::<J>::k(super::l) ; m.use_it }";
    let found: Vec<String> = paths(code).into_iter().map(|it| it.steps.join("::")).collect();
    assert_eq!(found, ["a::self", "a::b::C", "a::d::E", "a::d", "g::H", "super::l"]);
}

#[test]
fn tests_at_the_foot_are_no_part_of_the_program() {
    let of = |path: &str| File {
        path: path.to_owned(),
        text: "#[cfg(test)]\nmod tests;\na::b\n#[cfg(test)]\nmod tests { c::d }".to_owned(),
    };
    assert!(of("src/x.rs").program().contains("a::b") && !of("src/x.rs").program().contains("c::d"));
    assert!(!of("src/x/tests.rs").program().contains("a::b"));
    assert_eq!(of("src/x.rs").at(30), "src/x.rs:4");
}
