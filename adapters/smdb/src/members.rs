//! The members of a JSON object, each taken out once, until none is left. A member that is `null`
//! is as good as missing: systems write one for what they do not know.

use budstikke_contract::reason::Reason;
use jiff::civil::Date;
use serde_json::{Map, Value};

use crate::refusal;

/// What a date must be.
const DATE: &str = "en dato (2026-11-22)";

/// What is left of an object, and where it stands.
pub(crate) struct Members {
    members: Map<String, Value>,
    path: String,
}

impl Members {
    pub(crate) fn new(members: Map<String, Value>, path: impl Into<String>) -> Self {
        Self { members, path: path.into() }
    }

    /// Takes a member out.
    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        self.members.remove(name).filter(|value| !value.is_null())
    }

    /// A text of at most `max` characters that says something.
    pub(crate) fn text(&mut self, name: &str, max: usize) -> Result<Option<String>, Reason> {
        let good = |text: &str| !text.trim().is_empty() && text.chars().count() <= max;
        let expected = format!("en tekst på 1-{max} tegn");
        self.parsed(name, &expected, |text| good(text).then(|| text.to_owned()))
    }

    /// A date.
    pub(crate) fn date(&mut self, name: &str) -> Result<Option<Date>, Reason> {
        self.parsed(name, DATE, date)
    }

    /// A text that means something.
    pub(crate) fn parsed<T>(
        &mut self,
        name: &str,
        expected: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, Reason> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let parsed = value.as_str().and_then(parse);
        parsed.map(Some).ok_or_else(|| refusal::invalid(self.path_of(name), expected))
    }

    /// An object.
    pub(crate) fn object(&mut self, name: &str) -> Result<Option<Self>, Reason> {
        let path = self.path_of(name);
        match self.take(name) {
            None => Ok(None),
            Some(Value::Object(members)) => Ok(Some(Self::new(members, path))),
            Some(_) => Err(refusal::invalid(path, "et objekt")),
        }
    }

    /// A list of at most `max`.
    pub(crate) fn list(&mut self, name: &str, max: usize) -> Result<Option<Vec<Value>>, Reason> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Array(values)) if values.len() <= max => Ok(Some(values)),
            Some(_) => Err(refusal::invalid(self.path_of(name), &format!("en liste med højst {max}"))),
        }
    }

    /// What must be there.
    pub(crate) fn need<T>(&self, name: &str, value: Option<T>) -> Result<T, Reason> {
        value.ok_or_else(|| refusal::missing(self.path_of(name)))
    }

    /// Nothing may be left.
    pub(crate) fn finish(self) -> Result<(), Reason> {
        if self.members.is_empty() { Ok(()) } else { Err(refusal::unknown_members(self.path)) }
    }

    /// Whether something is left.
    pub(crate) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    fn path_of(&self, name: &str) -> String {
        format!("{}.{name}", self.path)
    }
}

/// Reads `2026-11-22` and no other spelling.
pub(crate) fn date(text: &str) -> Option<Date> {
    let form = text.len() == 10
        && text.bytes().enumerate().all(|(at, b)| match at {
            4 | 7 => b == b'-',
            _ => b.is_ascii_digit(),
        });
    form.then(|| text.parse().ok()).flatten()
}
