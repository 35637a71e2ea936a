//! Who a municipality or an organisation is, in the numbers that the field uses.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A Danish municipality code (kommunenummer): three digits, 101 to 999. Dragør is 155, Tårnby 185.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MunicipalityCode(u16);

impl MunicipalityCode {
    /// Reads `155`; MedCom pads the code with a zero now and then (`0155`), which means the same.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = match text.len() {
            4 => text.strip_prefix('0')?,
            _ => text,
        };
        let all_digits = digits.len() == 3 && digits.bytes().all(|b| b.is_ascii_digit());
        let code = all_digits.then(|| digits.parse::<u16>().ok()).flatten()?;
        (code > 100).then_some(Self(code))
    }
}

impl fmt::Display for MunicipalityCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:03}", self.0)
    }
}

impl fmt::Debug for MunicipalityCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<MunicipalityCode> for String {
    fn from(code: MunicipalityCode) -> Self {
        code.to_string()
    }
}

impl TryFrom<String> for MunicipalityCode {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("a municipality code is three digits, 101 to 999")
    }
}

/// A Global Location Number (EAN-lokationsnummer): thirteen digits that name an organisation's
/// electronic address. The check digit is not enforced: numbers in use fail it, and the network
/// routes by the thirteen digits as they stand.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Gln(String);

impl Gln {
    /// Reads thirteen digits.
    pub fn parse(text: &str) -> Option<Self> {
        let valid = text.len() == 13 && text.bytes().all(|b| b.is_ascii_digit());
        valid.then(|| Self(text.to_owned()))
    }

    /// The thirteen digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Gln {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Gln {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_three_digits() {
        assert_eq!(MunicipalityCode::parse("155").unwrap().to_string(), "155");
        assert_eq!(MunicipalityCode::parse("0185").unwrap().to_string(), "185");
        for bad in ["", "15", "1550", "00155", "15a", "000", "100", "１５５"] {
            assert_eq!(MunicipalityCode::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn glns_are_thirteen_digits() {
        assert!(Gln::parse("5790000121526").is_some());
        assert!(Gln::parse("57001231231").is_none());
        assert!(Gln::parse("579000012152x").is_none());
    }
}
