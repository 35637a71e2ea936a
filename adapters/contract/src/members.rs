//! The members of a JSON object of a contract, each taken out once, until none is left: a member that
//! the contract does not know is a fault, because it may be a misspelt end date. A member that is
//! `null` is as good as missing: systems write one for what they do not know.
//!
//! The sentences are Danish, say what to do, and hold nothing of the message: the names are the
//! contract's.

use jiff::civil::Date;
use serde_json::{Map, Value};

use crate::reason::{FIELD_INVALID, FIELD_MISSING, Reason};

/// What a date must be.
const DATE: &str = "en dato (2026-11-22)";

/// What is left of an object, and where it stands.
#[derive(Debug)]
pub struct Members {
    members: Map<String, Value>,
    path: String,
}

impl Members {
    /// All of an object's members; `path` is where it stands (`$.citizen`).
    pub fn new(members: Map<String, Value>, path: impl Into<String>) -> Self {
        Self { members, path: path.into() }
    }

    /// The JSON path of a member.
    pub fn path_of(&self, name: &str) -> String {
        format!("{}.{name}", self.path)
    }

    /// Where the object stands.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// A member that stays where it is.
    pub fn peek(&self, name: &str) -> Option<&Value> {
        self.members.get(name)
    }

    /// Takes a member out.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        self.members.remove(name).filter(|value| !value.is_null())
    }

    /// A member that must be there.
    ///
    /// # Errors
    /// It is not.
    pub fn need<T>(&self, name: &str, value: Option<T>) -> Result<T, Reason> {
        value.ok_or_else(|| missing(name, self.path_of(name)))
    }

    /// A text that is read as something else.
    ///
    /// # Errors
    /// It is something else.
    pub fn parsed<T>(
        &mut self,
        name: &str,
        expected: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, Reason> {
        self.read(name, expected, |value| value.as_str().and_then(&parse))
    }

    /// A text of at most `max` characters that says something.
    ///
    /// # Errors
    /// It is something else.
    pub fn text(&mut self, name: &str, max: usize) -> Result<Option<String>, Reason> {
        let good = |text: &str| !text.trim().is_empty() && text.chars().count() <= max;
        self.parsed(name, &format!("en tekst på 1-{max} tegn"), |text| good(text).then(|| text.to_owned()))
    }

    /// A date.
    ///
    /// # Errors
    /// It is something else.
    pub fn date(&mut self, name: &str) -> Result<Option<Date>, Reason> {
        self.parsed(name, DATE, date)
    }

    /// A yes or no.
    ///
    /// # Errors
    /// It is something else.
    pub fn flag(&mut self, name: &str) -> Result<Option<bool>, Reason> {
        self.read(name, "true eller false", Value::as_bool)
    }

    /// A value of any JSON type.
    ///
    /// # Errors
    /// It is something else.
    pub fn read<T>(
        &mut self,
        name: &str,
        expected: &str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<Option<T>, Reason> {
        let Some(value) = self.take(name) else { return Ok(None) };
        read(&value).map(Some).ok_or_else(|| invalid(name, expected, self.path_of(name)))
    }

    /// An object.
    ///
    /// # Errors
    /// It is something else.
    pub fn object(&mut self, name: &str) -> Result<Option<Self>, Reason> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Object(members)) => Ok(Some(Self::new(members, self.path_of(name)))),
            Some(_) => Err(invalid(name, "et objekt", self.path_of(name))),
        }
    }

    /// A list of 1 to `max` objects.
    ///
    /// # Errors
    /// It is something else.
    pub fn objects(&mut self, name: &str, max: usize) -> Result<Option<Vec<Self>>, Reason> {
        let expected = format!("en liste af 1-{max} objekter");
        let path = self.path_of(name);
        let wrong = || invalid(name, &expected, path.clone());
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

    /// A list of at most `max`.
    ///
    /// # Errors
    /// It is something else.
    pub fn list(&mut self, name: &str, max: usize) -> Result<Option<Vec<Value>>, Reason> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Array(values)) if values.len() <= max => Ok(Some(values)),
            Some(_) => Err(invalid(name, &format!("en liste med højst {max}"), self.path_of(name))),
        }
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.members.values().all(Value::is_null)
    }

    /// Nothing may be left. Its name is not told: it is the message's own.
    ///
    /// # Errors
    /// Something is.
    pub fn finish(self) -> Result<(), Reason> {
        if self.is_empty() { Ok(()) } else { Err(unknown(self.path)) }
    }
}

/// A day as `2026-11-22`, and in no other spelling.
pub fn date(text: &str) -> Option<Date> {
    let form = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    form.then(|| text.parse().ok()).flatten()
}

/// Something must be there and is not.
pub fn missing(name: &str, path: String) -> Reason {
    Reason::new(FIELD_MISSING, format!("Feltet {name} mangler. Ret beskeden, og send igen.")).at(path)
}

/// Something is not what it must be.
pub fn invalid(name: &str, expected: &str, path: String) -> Reason {
    Reason::new(FIELD_INVALID, format!("Feltet {name} skal være {expected}. Ret beskeden, og send igen.")).at(path)
}

fn unknown(path: String) -> Reason {
    let text = "Der står et felt, som kontrakten ikke har på det sted. Ret stavningen, eller udelad det, og send igen.";
    Reason::new(FIELD_INVALID, text).at(path)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn members(value: Value) -> Members {
        let Value::Object(members) = value else { panic!("{value}") };
        Members::new(members, "$")
    }

    #[test]
    fn null_is_as_good_as_missing_and_what_is_left_is_a_fault() {
        let mut all = members(json!({"a": null, "b": "x", "c": null}));
        assert_eq!(all.text("a", 9), Ok(None));
        let missing = all.need("a", None::<()>).unwrap_err();
        assert_eq!((missing.code, missing.path.as_deref()), (FIELD_MISSING, Some("$.a")));
        assert!(!all.is_empty());
        assert_eq!(all.text("b", 9), Ok(Some("x".to_owned())));
        assert!(all.is_empty());
        assert_eq!(all.finish(), Ok(()));
        let left = members(json!({"Secret": 1})).finish().unwrap_err();
        assert_eq!((left.code, left.path.as_deref()), (FIELD_INVALID, Some("$")));
        assert!(!left.text.contains("Secret"));
    }

    #[test]
    fn what_is_something_else_is_refused_and_not_quoted() {
        let mut all = members(json!({"t": "  ", "d": "Secret", "f": "true", "o": [], "l": [1, 2], "n": 1}));
        let faults = [
            all.text("t", 9).unwrap_err(),
            all.date("d").unwrap_err(),
            all.flag("f").unwrap_err(),
            all.object("o").unwrap_err(),
            all.list("l", 1).unwrap_err(),
            all.objects("n", 1).unwrap_err(),
        ];
        for (fault, name) in faults.iter().zip(["t", "d", "f", "o", "l", "n"]) {
            assert_eq!((fault.code.clone(), fault.path.clone()), (FIELD_INVALID, Some(format!("$.{name}"))));
            assert!(!fault.text.contains("Secret"), "{fault}");
        }
    }

    #[test]
    fn a_day_has_one_spelling() {
        assert_eq!(date("2026-11-22"), Some(jiff::civil::date(2026, 11, 22)));
        for other in [
            "",
            "20261122",
            "2026-11-22T10",
            "2026-11-2",
            "2026-02-30",
            "+02026-1-1",
            "20261122T1",
            "2026/11/22",
            "２２22-1-1",
        ] {
            assert_eq!(date(other), None, "{other}");
        }
    }
}
