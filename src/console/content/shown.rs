//! A value as it is shown, and written out as HTML, where everything that is text stays text.

#![expect(clippy::let_underscore_must_use, reason = "what askama writes for an enum")]

use askama::Template;

/// A value with its title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::console) struct Field {
    pub(in crate::console) title: String,
    pub(in crate::console) value: Shown,
}

/// A value as it is shown; as HTML where it is written out.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "content-value.html", config = "src/console/askama.toml")]
pub(in crate::console) enum Shown {
    /// A line.
    Text(String),
    /// A text that keeps its lines.
    Prose(String),
    /// Several values, each with its title.
    Fields(Vec<Field>),
    /// Several values of a kind.
    List(Vec<Self>),
}
