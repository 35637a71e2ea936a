//! KL's common classification of municipal tasks (KLE): `27.57.04`, and the groups above it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A KLE number, or a group of them: `27.57.04`, `27.57`, `27`. Which numbers exist, and when, is
/// data: KL issues the list twice a year.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Kle(String);

impl Kle {
    /// Reads one to three pairs of digits with points between.
    pub fn parse(text: &str) -> Option<Self> {
        let pairs: Vec<&str> = text.split('.').collect();
        let good = |pair: &&str| pair.len() == 2 && pair.bytes().all(|b| b.is_ascii_digit());
        ((1..=3).contains(&pairs.len()) && pairs.iter().all(good)).then(|| Self(text.to_owned()))
    }

    /// Whether it names one subject, and not a group.
    pub fn is_subject(&self) -> bool {
        self.0.len() == "00.00.00".len()
    }

    /// Whether `other` is this number or stands under this group.
    pub fn covers(&self, other: &Self) -> bool {
        other.0.strip_prefix(&self.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }

    /// The number as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Kle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Kle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Kle> for String {
    fn from(kle: Kle) -> Self {
        kle.0
    }
}

impl TryFrom<String> for Kle {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("a KLE number is pairs of digits, as in `27.57.04`")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_numbers_and_groups() {
        for good in ["27", "27.57", "27.57.04"] {
            assert_eq!(Kle::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", "2", "27.", "27.5", "27.57.04.01", "27,57", "ab.cd", "27.57.*"] {
            assert_eq!(Kle::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_group_covers_what_stands_under_it() {
        let kle = |text| Kle::parse(text).unwrap();
        assert!(kle("27").covers(&kle("27.57.04")) && kle("27.57").covers(&kle("27.57.04")));
        assert!(kle("27.57.04").covers(&kle("27.57.04")));
        assert!(!kle("27.57.04").covers(&kle("27.57")));
    }
}
