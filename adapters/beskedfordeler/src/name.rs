//! KOMBIT's ids (`UnikIdType`): a UUID or a URN. The schema restricts neither: what stands as a UUID
//! may be `1`, and one URN has several spellings.

use budstikke_contract::person::Cpr;
use budstikke_strict_xml::Element;
use uuid::Uuid;

use crate::envelope::{IDS, child};

/// How the URN of a CPR number begins: in the Beskedfordeler, in forms, in KOMBIT's guidance.
const CPR: [&str; 3] = ["urn:oio:cpr-nr:", "urn:oio:cpr:", "urn:oio:pnr:"];
/// How the URN of a CVR number begins: in KOMBIT's samples, and in what is really delivered.
const CVR: [&str; 2] = ["urn:oio:cvr-nr:", "urn:oio:cvr:"];
/// How the URN of a CPR event's number begins.
const EVENT: &str = "urn:oio:cpr:personhaendelse:";

/// An id.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Name {
    raw: String,
    compared: String,
}

impl Name {
    /// The id in an element of the type `UnikIdType`.
    pub(crate) fn of(element: Element<'_>) -> Option<Self> {
        let id = child(element, IDS, "UUIDIdentifikator").or_else(|| child(element, IDS, "URNIdentifikator"))?;
        Self::parse(&id.text())
    }

    /// Reads an id. `None` where nothing stands there.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let raw = text.trim();
        let mut compared = raw.to_lowercase();
        for cvr in CVR {
            if let Some(number) = compared.strip_prefix(cvr) {
                compared = format!("{}{number}", CVR[0]);
                break;
            }
        }
        (!raw.is_empty()).then(|| Self { raw: raw.to_owned(), compared })
    }

    /// As it was written.
    pub(crate) fn raw(&self) -> &str {
        &self.raw
    }

    /// As it is compared: UUIDs in any case are one, and so are the spellings of a CVR number.
    pub(crate) fn compared(&self) -> &str {
        &self.compared
    }

    /// The UUID, where it is one.
    pub(crate) fn uuid(&self) -> Option<Uuid> {
        Uuid::try_parse(&self.compared).ok()
    }

    /// The digits of a CPR number, whether it is a possible one or not.
    pub(crate) fn person(&self) -> Option<&str> {
        if self.compared.starts_with(EVENT) {
            return None;
        }
        CPR.iter().find_map(|prefix| self.compared.strip_prefix(prefix))
    }

    /// The CPR number, where it is one.
    pub(crate) fn cpr(&self) -> Option<Cpr> {
        Cpr::parse(self.person()?)
    }

    /// The number of a CPR event, of one to six digits.
    pub(crate) fn event_number(&self) -> Option<&str> {
        let number = self.compared.strip_prefix(EVENT)?;
        let good = (1..=6).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
        good.then_some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        Name::parse(text).unwrap()
    }

    #[test]
    fn every_spelling_of_a_person_is_the_person() {
        for text in ["urn:oio:cpr-nr:2512489996", "urn:oio:cpr:2512489996", "URN:OIO:CPR-NR:251248-9996"] {
            assert_eq!(name(text).cpr().unwrap().reveal(), "2512489996", "{text}");
        }
        for text in ["urn:oio:cpr:personhaendelse:7", "2512489996", "urn:oio:cpr-nr:9999999999", "1"] {
            assert!(name(text).cpr().is_none(), "{text}");
        }
    }

    #[test]
    fn ids_are_compared_by_what_they_mean() {
        let upper = name(" D92BB9C2-D826-4028-8FB5-D8B88B4377D4 ");
        assert_eq!(upper.compared(), name("d92bb9c2-d826-4028-8fb5-d8b88b4377d4").compared());
        assert_eq!(upper.raw(), "D92BB9C2-D826-4028-8FB5-D8B88B4377D4");
        assert_eq!(name("urn:oio:cvr:12345678").compared(), name("urn:oio:cvr-nr:12345678").compared());
        assert!(name("1").uuid().is_none());
        assert!(Name::parse(" \n").is_none());
    }

    #[test]
    fn the_number_of_an_event_is_short_and_a_number() {
        assert_eq!(name("urn:oio:cpr:personhaendelse:004").event_number(), Some("004"));
        for text in
            ["urn:oio:cpr:personhaendelse:", "urn:oio:cpr:personhaendelse:2512489996", "urn:oio:cpr:personhaendelse:a"]
        {
            assert_eq!(name(text).event_number(), None, "{text}");
        }
    }
}
