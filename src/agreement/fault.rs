//! What is wrong with an agreement, said so that the person who edits the file can mend it.

use std::fmt;

use serde::Serialize;

/// One fault: where it stands, what it is, what to do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Fault {
    /// The file, as it was named when it was read.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// What kind of fault, for those who count and test them.
    pub kind: Kind,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub fix: String,
}

/// The kinds of faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The file is no TOML, or a key is missing or unknown.
    Form,
    /// A name is used that nothing has, or given twice.
    Name,
    /// A date that does not exist, or a period that ends before it begins.
    Date,
    /// A day on which nobody performs, or no rule says what to do.
    Gap,
    /// A day on which two say the same.
    Overlap,
    /// A day on which two say different things.
    Contradiction,
    /// A kind of event that the agreement says nothing about.
    Silence,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}\n    {}", self.file, self.line, self.what, self.fix)
    }
}
