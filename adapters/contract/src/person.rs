//! The citizen. A number that names a person prints masked, whoever prints it; to show it is an
//! explicit step that a reader of the code can find.

use std::fmt;

use jiff::civil::Date;
use serde::{Serialize, Serializer};

/// What a masked number looks like.
const MASK: &str = "******-****";

/// A CPR number: ten digits, the first six a possible date. Days 61 to 91 are the replacement
/// numbers (erstatningspersonnumre) that hospitals give to people without a CPR number. The
/// modulus-11 check is left out: numbers without it have been issued since 2007.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Cpr(String);

impl Cpr {
    /// Reads `ddmmyyxxxx` or `ddmmyy-xxxx`.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = match text.as_bytes() {
            [_, _, _, _, _, _, b'-', _, _, _, _] => text.replace('-', ""),
            _ => text.to_owned(),
        };
        let numeral = digits.len() == 10 && digits.bytes().all(|b| b.is_ascii_digit());
        let pair = |at: usize| digits.get(at..at + 2).and_then(|pair| pair.parse::<u8>().ok());
        let (day, month) = if numeral { (pair(0)?, pair(2)?) } else { return None };
        let possible = matches!(day, 1..=31 | 61..=91) && matches!(month, 1..=12);
        possible.then_some(Self(digits))
    }

    /// The day of birth that the number says; `None` for a replacement number, whose first digits
    /// need not be true, and for a date that never was. The century is in the seventh digit.
    pub fn born(&self) -> Option<Date> {
        let number = |at: std::ops::Range<usize>| self.0.get(at).and_then(|digits| digits.parse::<i8>().ok());
        let (day, month, year) = (number(0..2)?, number(2..4)?, i16::from(number(4..6)?));
        let century = match (number(6..7)?, year) {
            (0..=3, _) | (4 | 9, 37..) => 1900,
            (4 | 9, _) | (5..=8, ..=57) => 2000,
            _ => 1800,
        };
        Date::new(century + year, month, day).ok()
    }

    /// The ten digits, for content that only the receiver sees, and for the keyed look-up hash.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Cpr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl fmt::Debug for Cpr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

/// How a message names its citizen.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Citizen {
    /// By CPR number.
    Cpr(Cpr),
    /// By a number that a region or a hospital made up (`AlternativeIdentifier`), which is no CPR
    /// number and names nobody outside the system that gave it.
    Replacement(String),
}

impl Citizen {
    /// What the citizen is looked up by. Personal: only ever an input to the keyed hash.
    pub fn reveal(&self) -> &str {
        match self {
            Self::Cpr(cpr) => cpr.reveal(),
            Self::Replacement(id) => id,
        }
    }
}

impl fmt::Debug for Citizen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpr(_) => write!(f, "Cpr({MASK})"),
            Self::Replacement(_) => write!(f, "Replacement({MASK})"),
        }
    }
}

impl Serialize for Citizen {
    /// `{"cpr": …}` or `{"replacement_id": …}`: content, to be sealed like all content.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let key = match self {
            Self::Cpr(_) => "cpr",
            Self::Replacement(_) => "replacement_id",
        };
        serializer.collect_map([(key, self.reveal())])
    }
}

/// Whether a text that is about to stand in a header, a log line or an address holds something
/// that reads as a CPR number: ten digits on their own, or six, a hyphen and four.
pub fn shows_cpr(text: &str) -> bool {
    let alone = |part: &str| Cpr::parse(part).is_some();
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').any(|token| {
        let parts: Vec<&str> = token.split('-').collect();
        let hyphenated = parts.windows(2).any(|pair| match pair {
            [date, serial] => date.len() == 6 && serial.len() == 4 && alone(&pair.concat()),
            _ => false,
        });
        hyphenated || parts.iter().any(|part| alone(part))
    })
}

/// A text as it may be printed: itself, unless it holds something that reads as a CPR number.
pub fn printable(text: &str) -> &str {
    if shows_cpr(text) { "(masked)" } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_numbers_and_refuses_what_cannot_be_one() {
        for good in ["2512489996", "251248-9996", "0101900000", "9112489996"] {
            assert!(Cpr::parse(good).is_some(), "{good}");
        }
        for bad in
            ["", "251248999", "25124899960", "3212489996", "2513489996", "2500489996", "251248 9996", "25124899x6"]
        {
            assert!(Cpr::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn says_when_its_citizen_was_born() {
        let born = |text| Cpr::parse(text).unwrap().born().map(|day| day.to_string());
        assert_eq!(born("2512489996").as_deref(), Some("1948-12-25"));
        assert_eq!(born("0505059996").as_deref(), Some("2005-05-05"));
        assert_eq!(born("0108589995").as_deref(), Some("1958-08-01"));
        assert_eq!(born("0101574000").as_deref(), Some("1957-01-01"));
        assert_eq!(born("0101575000").as_deref(), Some("2057-01-01"));
        assert_eq!(born("0101585000").as_deref(), Some("1858-01-01"));
        assert_eq!(born("3002480000"), None, "there is no 30 February");
        assert_eq!(born("6112489996"), None, "a replacement number");
    }

    #[test]
    fn prints_masked_however_it_is_printed() {
        let cpr = Cpr::parse("2512489996").unwrap();
        let citizen = Citizen::Cpr(cpr.clone());
        for text in [format!("{cpr}"), format!("{cpr:?}"), format!("{citizen:?}")] {
            assert!(!text.contains("2512"), "{text}");
        }
    }

    #[test]
    fn finds_a_number_in_an_address_and_lets_ids_pass() {
        for shown in ["2512489996", "case/251248-9996", "urn:oio:cpr-nr:2512489996", "a-2512489996"] {
            assert!(shows_cpr(shown), "{shown}");
        }
        for fine in ["6fb927da-3be1-4b9f-8875-a6326617d20b", "45249877239313", "2026-11-22T10:00:00Z", "5790000121526"]
        {
            assert!(!shows_cpr(fine), "{fine}");
        }
    }
}
