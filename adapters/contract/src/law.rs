//! References to the law, spelled as the agreement and the caseworkers spell them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A paragraph of a law: `SUL § 140`, `SEL § 82 a`. It matches exactly: § 82 is not § 82 a.
/// Laws without a paragraph (`INT`) are references too.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LawRef {
    law: String,
    paragraph: Option<String>,
}

impl LawRef {
    /// Reads the spelling above; spaces may be missing (`SEL §82a`) and are put back.
    pub fn parse(text: &str) -> Option<Self> {
        let (law, paragraph) = match text.split_once('§') {
            Some((law, paragraph)) => (law.trim(), Some(Self::parse_paragraph(paragraph.trim())?)),
            None => (text.trim(), None),
        };
        let is_capital = |c: char| c.is_ascii_uppercase() || matches!(c, 'Æ' | 'Ø' | 'Å');
        let is_short_name = (2..=5).contains(&law.chars().count()) && law.chars().all(is_capital);
        is_short_name.then(|| Self { law: law.to_owned(), paragraph })
    }

    /// `82`, `82a`, `82 a` → `82 a`.
    fn parse_paragraph(text: &str) -> Option<String> {
        let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, letter) = text.split_at_checked(split)?;
        if number.is_empty() || number.len() > 3 {
            return None;
        }
        match letter.trim_start() {
            "" => Some(number.to_owned()),
            one if one.len() == 1 && one.bytes().all(|b| b.is_ascii_lowercase()) => Some(format!("{number} {one}")),
            _ => None,
        }
    }

    /// Whether this is a law without a paragraph, and `other` one of its paragraphs.
    pub fn is_whole_of(&self, other: &Self) -> bool {
        self.paragraph.is_none() && self.law == other.law
    }

    /// The law without its paragraph: `LSV` of `LSV § 1`.
    #[must_use]
    pub fn whole(&self) -> Self {
        Self { law: self.law.clone(), paragraph: None }
    }

    /// The law's short name: `SUL`.
    pub fn law(&self) -> &str {
        &self.law
    }
}

impl fmt::Display for LawRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.paragraph {
            Some(paragraph) => write!(f, "{} § {paragraph}", self.law),
            None => f.write_str(&self.law),
        }
    }
}

impl fmt::Debug for LawRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<LawRef> for String {
    fn from(law: LawRef) -> Self {
        law.to_string()
    }
}

impl TryFrom<String> for LawRef {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("a law reference is a short name and a paragraph, as in `SEL § 82 a`")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_whatever_the_spaces() {
        for (given, read) in [
            ("SUL § 140", "SUL § 140"),
            ("SEL §82a", "SEL § 82 a"),
            ("SEL § 82 a", "SEL § 82 a"),
            ("INT", "INT"),
            ("ÆL §10", "ÆL § 10"),
        ] {
            assert_eq!(LawRef::parse(given).unwrap().to_string(), read);
        }
        for bad in
            ["", "§ 140", "sul § 140", "æl § 10", "Æ § 10", "SUL §", "SUL § a", "SUL § 140, stk. 4", "SUL § 1400"]
        {
            assert_eq!(LawRef::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_letter_makes_another_paragraph() {
        assert_ne!(LawRef::parse("SEL § 82"), LawRef::parse("SEL § 82 a"));
    }
}
