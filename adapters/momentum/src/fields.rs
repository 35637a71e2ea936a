//! The members of a JSON object, each taken out once, until none is left: a member that the
//! contract does not know is a fault, because it may be a misspelt end date. A member that is `null`
//! is as good as missing.

use budstikke_contract::reason::Reason;
use jiff::civil::Date;
use serde_json::{Map, Value};

use crate::refusal;

/// What a date must be.
pub(crate) const DATE: &str = "en dato (2026-11-22)";

/// What is left of an object, and where it stands.
pub(crate) struct Fields {
    members: Map<String, Value>,
    path: String,
}

impl Fields {
    pub(crate) fn new(members: Map<String, Value>, path: impl Into<String>) -> Self {
        Self { members, path: path.into() }
    }

    /// The JSON path of a member.
    pub(crate) fn path_of(&self, name: &str) -> String {
        format!("{}.{name}", self.path)
    }

    /// Where the object stands.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// A member that stays where it is.
    pub(crate) fn peek(&self, name: &str) -> Option<&Value> {
        self.members.get(name)
    }

    /// Takes a member out.
    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        self.members.remove(name).filter(|value| !value.is_null())
    }

    /// A member that must be there.
    pub(crate) fn need<T>(&self, name: &str, value: Option<T>) -> Result<T, Reason> {
        value.ok_or_else(|| refusal::missing(name, self.path_of(name)))
    }

    /// A text that is read as something else.
    pub(crate) fn parsed<T>(
        &mut self,
        name: &str,
        expected: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, Reason> {
        self.read(name, expected, |value| value.as_str().and_then(&parse))
    }

    /// A text of at most `max` characters that says something.
    pub(crate) fn text(&mut self, name: &str, max: usize) -> Result<Option<String>, Reason> {
        let good = |text: &str| !text.trim().is_empty() && text.chars().count() <= max;
        self.parsed(name, &format!("en tekst på 1-{max} tegn"), |text| good(text).then(|| text.to_owned()))
    }

    pub(crate) fn date(&mut self, name: &str) -> Result<Option<Date>, Reason> {
        self.parsed(name, DATE, date)
    }

    pub(crate) fn flag(&mut self, name: &str) -> Result<Option<bool>, Reason> {
        self.read(name, "true eller false", Value::as_bool)
    }

    /// A value of any JSON type.
    pub(crate) fn read<T>(
        &mut self,
        name: &str,
        expected: &str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<Option<T>, Reason> {
        let Some(value) = self.take(name) else { return Ok(None) };
        read(&value).map(Some).ok_or_else(|| refusal::invalid(name, expected, self.path_of(name)))
    }

    pub(crate) fn object(&mut self, name: &str) -> Result<Option<Self>, Reason> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Object(members)) => Ok(Some(Self::new(members, self.path_of(name)))),
            Some(_) => Err(refusal::invalid(name, "et objekt", self.path_of(name))),
        }
    }

    /// A list of 1 to `max` objects.
    pub(crate) fn objects(&mut self, name: &str, max: usize) -> Result<Option<Vec<Self>>, Reason> {
        let expected = format!("en liste af 1-{max} objekter");
        let path = self.path_of(name);
        let wrong = || refusal::invalid(name, &expected, path.clone());
        let values = match self.take(name) {
            None => return Ok(None),
            Some(Value::Array(values)) if (1..=max).contains(&values.len()) => values,
            Some(_) => return Err(wrong()),
        };
        let object = |(at, value)| {
            let Value::Object(members) = value else { return Err(wrong()) };
            Ok(Self::new(members, format!("{path}[{at}]")))
        };
        values.into_iter().enumerate().map(object).collect::<Result<_, _>>().map(Some)
    }

    /// Nothing may be left. Its name is not told: it is the message's own.
    pub(crate) fn finish(self) -> Result<(), Reason> {
        let is_empty = self.members.values().all(Value::is_null);
        if is_empty { Ok(()) } else { Err(refusal::unknown_member(self.path)) }
    }
}

/// A day, as ISO 8601 writes it with hyphens and nothing more.
pub(crate) fn date(text: &str) -> Option<Date> {
    (text.len() == 10).then(|| text.parse().ok()).flatten()
}
