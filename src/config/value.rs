//! Single values, read strictly: `config` by itself takes `true` for 1 and `1.9` for 2.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;

/// What a value should have been.
pub(super) type Expected = &'static str;

pub(super) fn text(value: &Value) -> Result<String, Expected> {
    value.as_str().map(str::to_owned).ok_or("a text in quotation marks")
}

/// Texts: an array of them, in the environment one with commas.
pub(super) fn texts(value: &Value) -> Result<Vec<String>, Expected> {
    const EXPECTED: Expected = "texts, as in [\"one\", \"two\"]";
    match value {
        Value::Array(texts) => texts.iter().map(|it| text(it).map_err(|_other| EXPECTED)).collect(),
        Value::String(list) => Ok(list.split(',').map(|it| it.trim().to_owned()).filter(|it| !it.is_empty()).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Err(EXPECTED),
    }
}

/// A count: a whole number, in the environment as digits.
pub(super) fn count(value: &Value) -> Result<u64, Expected> {
    const EXPECTED: Expected = "a whole number, not negative";
    match value {
        Value::Number(number) => number.as_u64().ok_or(EXPECTED),
        Value::String(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => {
            digits.parse().map_err(|_overflow| EXPECTED)
        }
        Value::Null | Value::Bool(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => Err(EXPECTED),
    }
}

/// A duration with its unit: `200ms`, `30s`, `15m`, `1h`.
pub(super) fn duration(value: &Value) -> Result<Duration, Expected> {
    const EXPECTED: Expected = "a time with its unit, as in \"200ms\", \"30s\", \"15m\" or \"1h\"";
    let text = value.as_str().ok_or(EXPECTED)?;
    let split = text.find(|c: char| !c.is_ascii_digit()).ok_or(EXPECTED)?;
    let (digits, unit) = text.split_at_checked(split).ok_or(EXPECTED)?;
    let number: u64 = digits.parse().map_err(|_overflow| EXPECTED)?;
    let millis = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return Err(EXPECTED),
    };
    number.checked_mul(millis).filter(|millis| *millis > 0).map(Duration::from_millis).ok_or(EXPECTED)
}

/// A size with its unit: `512KiB`, `64MiB`, `2GiB`.
pub(super) fn size(value: &Value) -> Result<u64, Expected> {
    const EXPECTED: Expected = "a size with its unit, as in \"512KiB\", \"64MiB\" or \"2GiB\"";
    let text = value.as_str().ok_or(EXPECTED)?;
    let split = text.find(|c: char| !c.is_ascii_digit()).ok_or(EXPECTED)?;
    let (digits, unit) = text.split_at_checked(split).ok_or(EXPECTED)?;
    let number: u64 = digits.parse().map_err(|_overflow| EXPECTED)?;
    let bytes = match unit {
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return Err(EXPECTED),
    };
    number.checked_mul(bytes).filter(|bytes| *bytes > 0).ok_or(EXPECTED)
}

/// Whether something is so.
pub(super) fn yes_or_no(value: &Value) -> Result<bool, Expected> {
    const EXPECTED: Expected = "true or false";
    match value {
        Value::Bool(yes) => Ok(*yes),
        // In the environment everything is a text.
        Value::String(text) => text.parse().map_err(|_other| EXPECTED),
        Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => Err(EXPECTED),
    }
}

/// Where to listen: address and port; port 0 picks a free one.
pub(super) fn address(value: &Value) -> Result<SocketAddr, Expected> {
    let text = value.as_str().unwrap_or_default();
    text.parse().map_err(|_unquoted| "an address and a port, as in \"127.0.0.1:8156\" (port 0 picks a free one)")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_what_is_right() {
        assert_eq!(count(&json!(256)), Ok(256));
        assert_eq!(count(&json!("256")), Ok(256));
        assert_eq!(duration(&json!("15m")), Ok(Duration::from_mins(15)));
        assert_eq!(duration(&json!("200ms")), Ok(Duration::from_millis(200)));
        assert_eq!(size(&json!("2GiB")), Ok(2 << 30));
        assert!(address(&json!("127.0.0.1:0")).is_ok());
    }

    #[test]
    fn refuses_every_wrong_type() {
        let wrong = [json!(true), json!(1.9), json!(-1), json!(""), json!("x"), json!(null), json!([1]), json!({})];
        for value in &wrong {
            assert!(count(value).is_err() || value == "", "{value}");
            assert!(duration(value).is_err(), "{value}");
            assert!(size(value).is_err(), "{value}");
            assert!(address(value).is_err(), "{value}");
        }
        for value in [json!(30), json!("30"), json!("0s"), json!("1d"), json!("99999999999999999999s")] {
            assert!(duration(&value).is_err(), "{value}");
        }
    }
}
