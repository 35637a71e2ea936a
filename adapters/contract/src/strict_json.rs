//! JSON as the hub and its adapters take it: `serde_json` keeps the last of two equal keys and says
//! nothing, so a message could mean one thing to us and another to the next reader. Here a repeated
//! key is a fault, and so is what is too big or too deep.

use std::fmt;

use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// The most bytes that are read as one document: as many as of XML.
pub const MAX_BYTES: usize = 16 * 1024 * 1024;

/// The most levels of arrays and objects: `serde_json`'s own limit.
pub const MAX_DEPTH: usize = 128;

/// Why bytes are not JSON that we take. Says where, never what stood there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Fault {
    line: usize,
    column: usize,
    /// What was wrong there.
    pub kind: FaultKind,
}

impl fmt::Display for Fault {
    /// In Danish, to stand in a sentence: `ikke gyldig JSON, linje 3, kolonne 7`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, kind } = self;
        match kind {
            FaultKind::TooBig => write!(f, "{kind}"),
            FaultKind::Syntax | FaultKind::RepeatedKey | FaultKind::TooDeep => {
                write!(f, "{kind}, linje {line}, kolonne {column}")
            }
        }
    }
}

/// What was wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// No JSON, or more than one value.
    Syntax,
    /// The same name twice in one object.
    RepeatedKey,
    /// More than [`MAX_DEPTH`] levels.
    TooDeep,
    /// More than [`MAX_BYTES`].
    TooBig,
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax => f.write_str("ikke gyldig JSON"),
            Self::RepeatedKey => f.write_str("det samme navn to gange i ét objekt"),
            Self::TooDeep => write!(f, "for mange niveauer (højst {MAX_DEPTH})"),
            Self::TooBig => write!(f, "for stor (højst {} MB)", MAX_BYTES / (1024 * 1024)),
        }
    }
}

/// What our own visitor says when it meets a key twice; looked for in the error's text, which is
/// the only thing that serde lets through.
const REPEATED: &str = "budstikke: repeated key";

/// Reads one JSON value and nothing after it.
///
/// # Errors
/// The first thing that is not as it must be.
pub fn parse(bytes: &[u8]) -> Result<Value, Fault> {
    if bytes.len() > MAX_BYTES {
        return Err(Fault { line: 0, column: 0, kind: FaultKind::TooBig });
    }
    serde_json::from_slice::<Strict>(bytes).map(|strict| strict.0).map_err(|error| {
        let text = error.to_string();
        let kind = if text.starts_with(REPEATED) {
            FaultKind::RepeatedKey
        } else if text.starts_with("recursion limit exceeded") {
            FaultKind::TooDeep
        } else {
            FaultKind::Syntax
        };
        Fault { line: error.line(), column: error.column(), kind }
    })
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        StrictSeed.deserialize(deserializer).map(Self)
    }
}

struct StrictSeed;

impl<'de> DeserializeSeed<'de> for StrictSeed {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for StrictSeed {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("a number out of range"))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = seq.next_element_seed(Self)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            let value = map.next_value_seed(Self)?;
            if object.insert(key, value).is_some() {
                return Err(de::Error::custom(REPEATED));
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_json() {
        let text = r#" {"a": [1, -2, 2.5, true, null, "x"], "b": {"a": "again"}} "#;
        assert_eq!(parse(text.as_bytes()).unwrap(), serde_json::from_str::<Value>(text).unwrap());
    }

    #[test]
    fn refuses_a_key_twice_at_any_depth() {
        let fault = parse(br#"{"data": {"cpr": "1", "cpr": "2"}}"#).unwrap_err();
        assert_eq!(fault.kind, FaultKind::RepeatedKey);
    }

    #[test]
    fn refuses_what_is_no_json_and_what_is_too_deep() {
        assert_eq!(parse(b"{\"a\": 2512489996x}").unwrap_err().kind, FaultKind::Syntax);
        assert_eq!(parse(b"{} {}").unwrap_err().kind, FaultKind::Syntax);
        assert_eq!(parse("[".repeat(200).as_bytes()).unwrap_err().kind, FaultKind::TooDeep);
    }

    #[test]
    fn the_limits_are_where_they_are_said_to_be() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(nested(MAX_DEPTH - 1).as_bytes()).is_ok());
        assert_eq!(parse(nested(MAX_DEPTH + 1).as_bytes()).unwrap_err().kind, FaultKind::TooDeep);
        let padded = |bytes: usize| format!("1{}", " ".repeat(bytes - 1));
        assert!(parse(padded(MAX_BYTES).as_bytes()).is_ok());
        assert_eq!(parse(padded(MAX_BYTES + 1).as_bytes()).unwrap_err().kind, FaultKind::TooBig);
    }

    #[test]
    fn a_fault_says_where_and_quotes_nothing() {
        let fault = parse(b"{\n  \"cpr\": 2512489996x}").unwrap_err();
        assert_eq!(fault.to_string(), "ikke gyldig JSON, linje 2, kolonne 20");
    }
}
