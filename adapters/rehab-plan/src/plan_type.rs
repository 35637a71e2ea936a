//! Which of the three types of plan a letter is (BEK on rehabilitation plans, § 2), from up to three
//! places that may differ.

use std::borrow::Cow;

use budstikke_contract::reason::Remark;

use crate::refusal;

/// Where a letter tells the type, the first that does so being the one that counts.
pub(crate) struct Said<'d> {
    /// `TypeOfRehabilitationPlan`.
    pub(crate) element: Option<Cow<'d, str>>,
    /// `Letter/StatisticalCode`.
    pub(crate) statistical: Option<Cow<'d, str>>,
    /// `AdditionalInformation/Subject`.
    pub(crate) subject: Option<Cow<'d, str>>,
}

const ALMEN: &str = "almen";
const SPECIALISERET: &str = "specialiseret";
const REHABILITERING: &str = "rehabilitering";
const UNKNOWN: &str = "ukendt";

/// The plan's type, as the event's schema spells it.
pub(crate) fn decide(said: &Said<'_>, remarks: &mut Vec<Remark>) -> &'static str {
    let element = said.element.as_deref().map(of_element);
    let statistical = said.statistical.as_deref().and_then(of_statistical_code);
    let subject = said.subject.as_deref().map_or(Subject::Silent, of_subject);
    if matches!(element, Some(None)) || matches!(subject, Subject::Several) {
        remarks.push(refusal::type_unknown());
    }
    let told = [element.flatten(), statistical, subject.one()];
    let mut told = told.into_iter().flatten();
    let Some(used) = told.next() else { return UNKNOWN };
    if let Some(other) = told.find(|other| *other != used) {
        remarks.push(refusal::types_differ(used, other));
    }
    used
}

fn of_element(text: &str) -> Option<&'static str> {
    [ALMEN, SPECIALISERET, REHABILITERING].into_iter().find(|name| name.eq_ignore_ascii_case(text))
}

/// `GGOP1` to `GGOP3`: in the order of the law. Only `GGOP2` is attested together with its type.
pub(crate) fn of_statistical_code(code: &str) -> Option<&'static str> {
    match code.to_ascii_uppercase().as_str() {
        "GGOP1" => Some(ALMEN),
        "GGOP2" => Some(SPECIALISERET),
        "GGOP3" => Some(REHABILITERING),
        _ => None,
    }
}

/// What a subject tells.
enum Subject {
    Silent,
    One(&'static str),
    Several,
}

impl Subject {
    fn one(self) -> Option<&'static str> {
        match self {
            Self::One(name) => Some(name),
            Self::Silent | Self::Several => None,
        }
    }
}

/// `Genoptræningsplan (almen)`. The law's third type is *rehabilitering på specialiseret niveau*, so
/// that word alone does not tell the second.
fn of_subject(subject: &str) -> Subject {
    let subject = subject.to_lowercase();
    let says = |name| subject.split(|c: char| !c.is_alphanumeric()).any(|word: &str| word == name);
    match (says(ALMEN), says(SPECIALISERET), says(REHABILITERING)) {
        (false, false, false) => Subject::Silent,
        (true, false, false) => Subject::One(ALMEN),
        (false, true, false) => Subject::One(SPECIALISERET),
        (false, _, true) => Subject::One(REHABILITERING),
        (true, _, _) => Subject::Several,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(element: Option<&str>, statistical: Option<&str>, subject: Option<&str>) -> (&'static str, usize) {
        let mut remarks = Vec::new();
        let said = Said {
            element: element.map(Into::into),
            statistical: statistical.map(Into::into),
            subject: subject.map(Into::into),
        };
        (decide(&said, &mut remarks), remarks.len())
    }

    #[test]
    fn the_first_place_that_tells_counts() {
        assert_eq!(read(Some("almen"), Some("GGOP1"), None), ("almen", 0));
        assert_eq!(read(Some("Specialiseret"), None, None), ("specialiseret", 0));
        assert_eq!(read(None, Some("GGOP3"), None), ("rehabilitering", 0));
        assert_eq!(read(None, Some("XDIS91"), Some("Genoptræningsplan (almen)")), ("almen", 0));
        assert_eq!(read(None, None, Some("Genoptræningsplan")), ("ukendt", 0));
    }

    #[test]
    fn places_that_differ_are_remarked_upon() {
        assert_eq!(read(Some("almen"), Some("GGOP2"), None), ("almen", 1));
        assert_eq!(read(None, Some("GGOP2"), Some("Genoptræningsplan (almen)")), ("specialiseret", 1));
        assert_eq!(read(Some("basal"), Some("GGOP1"), None), ("almen", 1));
        assert_eq!(read(Some("basal"), None, None), ("ukendt", 1));
        assert_eq!(read(None, None, Some("GOP almen/specialiseret")), ("ukendt", 1));
    }

    #[test]
    fn the_third_type_has_the_name_of_the_second_in_it() {
        let rehabilitation = Some("Genoptræningsplan: rehabilitering på specialiseret niveau");
        assert_eq!(read(None, None, rehabilitation), ("rehabilitering", 0));
        assert_eq!(read(None, None, Some("GOP - genoptræning på specialiseret niveau")), ("specialiseret", 0));
    }
}
