//! Where the citizen lives: what the message says, else what the case already knows, else what a
//! look-up said. Where they differ, or none says it, nothing is guessed.

use budstikke_contract::municipality::MunicipalityCode;
use budstikke_contract::reason::{Code, Reason};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The citizen lives in no municipality of any agreement.
pub const OUTSIDE_AGREEMENT: Code = Code::new("OUTSIDE_AGREEMENT");
/// Nothing says where the citizen lives.
pub const NO_RESIDENCE: Code = Code::new("NO_RESIDENCE");
/// The message says another municipality than the case, or than the look-up.
pub const RESIDENCE_DIFFERS: Code = Code::new("RESIDENCE_DIFFERS");
/// The look-up did not answer for so long that a person must look.
pub const LOOKUP_FAILED: Code = Code::new("LOOKUP_FAILED");

/// What came of a look-up, as it is stored and decided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookedUp {
    /// When it was asked, or given up.
    pub at: Timestamp,
    /// What it said.
    #[serde(flatten)]
    pub said: Said,
}

/// What a look-up says of a citizen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "said", rename_all = "kebab-case")]
pub enum Said {
    /// They live here.
    Lives {
        /// Where.
        municipality: MunicipalityCode,
    },
    /// It knows of no municipality for them.
    Unknown,
    /// Nothing, for as long as it was asked.
    Silent,
}

/// All that may say where a citizen lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Evidence {
    /// What the message says.
    pub said: Option<MunicipalityCode>,
    /// What the case knows.
    pub known: Option<MunicipalityCode>,
    /// What came of the look-up, where there has been one.
    pub looked_up: Option<LookedUp>,
    /// When the look-up may be asked.
    pub ask: Ask,
    /// Whether a person has found out that the citizen lives where the message says, though
    /// something else said otherwise.
    pub moved: bool,
    /// Whether a person has sent it on though the look-up could not confirm what it says.
    pub unchecked: bool,
}

/// When the look-up may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ask {
    /// Never: there is none, or the message names no citizen that it could know.
    #[default]
    Never,
    /// Where nothing else says it.
    ToKnow,
    /// Also to confirm what a message says that begins a case.
    ToCheck,
}

/// What follows from the evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// The citizen lives here.
    Lives(MunicipalityCode),
    /// The look-up must be asked first.
    Ask,
}

/// Settles it.
///
/// # Errors
/// Why it cannot be settled.
pub fn settle(evidence: Evidence) -> Result<Settled, Reason> {
    let Evidence { said, known, looked_up, .. } = evidence;
    match (said, known) {
        (Some(said), Some(known)) if said != known && !evidence.moved => Err(differs_from_case(said, known)),
        (Some(said), None) => check(said, evidence),
        (Some(code), Some(_)) | (None, Some(code)) => Ok(Settled::Lives(code)),
        (None, None) => match looked_up.map(|it| it.said) {
            Some(Said::Lives { municipality }) => Ok(Settled::Lives(municipality)),
            Some(Said::Unknown) => Err(Reason::new(NO_RESIDENCE, NOT_FOUND)),
            Some(Said::Silent) => Err(Reason::new(LOOKUP_FAILED, SILENT)),
            None if evidence.ask != Ask::Never => Ok(Settled::Ask),
            None => Err(unsaid()),
        },
    }
}

/// What a message says that begins a case stands, and is never replaced by the look-up; but where
/// the look-up is to confirm it and says otherwise, a person decides.
fn check(said: MunicipalityCode, evidence: Evidence) -> Result<Settled, Reason> {
    if evidence.ask != Ask::ToCheck || evidence.moved || evidence.unchecked {
        return Ok(Settled::Lives(said));
    }
    match evidence.looked_up.map(|it| it.said) {
        None => Ok(Settled::Ask),
        Some(Said::Lives { municipality }) if municipality != said => {
            let text = format!(
                "Beskeden siger kommune {said}, men CPR-opslaget siger {municipality}. Undersøg, hvor borgeren bor, før den sendes videre."
            );
            Err(Reason::new(RESIDENCE_DIFFERS, text))
        }
        // One whom the look-up does not know cannot live elsewhere by it.
        Some(Said::Lives { .. } | Said::Unknown) => Ok(Settled::Lives(said)),
        Some(Said::Silent) => Err(Reason::new(LOOKUP_FAILED, UNCONFIRMED)),
    }
}

/// The reason for a citizen of whom nothing says where they live.
pub fn unsaid() -> Reason {
    Reason::new(NO_RESIDENCE, NOT_SAID)
}

const NOT_SAID: &str =
    "Borgerens bopælskommune står ikke i beskeden, og sagen kendes ikke. Afsenderen skal angive kommunenummeret.";
const NOT_FOUND: &str = "Borgerens bopælskommune står ikke i beskeden, sagen kendes ikke, og CPR-opslaget kender ingen kommune for borgeren. Afsenderen skal angive kommunenummeret.";
const SILENT: &str = "Borgerens bopælskommune står ikke i beskeden, sagen kendes ikke, og CPR-opslaget har ikke svaret i den tid, det har. Få opslaget til at svare, og send den igen; så spørges der igen.";
const UNCONFIRMED: &str = "CPR-opslaget skulle bekræfte bopælskommunen, men har ikke svaret i den tid, det har. Undersøg, hvor borgeren bor, og send den igen; så gælder den kommune, som beskeden siger.";

fn differs_from_case(said: MunicipalityCode, known: MunicipalityCode) -> Reason {
    let text = format!(
        "Beskeden siger kommune {said}, men sagens tidligere hændelser siger {known}. Undersøg, hvor borgeren bor, før den sendes videre."
    );
    Reason::new(RESIDENCE_DIFFERS, text)
}

/// The reason for a citizen who lives in no municipality of any agreement.
pub fn outside(code: Option<MunicipalityCode>) -> Reason {
    let who = code.map_or_else(|| "Modtageren".to_owned(), |code| format!("Kommune {code}"));
    Reason::new(OUTSIDE_AGREEMENT, format!("{who} er ikke part i nogen aftale, som budstikken kender."))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn code(text: &str) -> Option<MunicipalityCode> {
        MunicipalityCode::parse(text)
    }

    #[expect(clippy::unnecessary_wraps, reason = "it is what is compared with")]
    fn lives(text: &str) -> Result<Settled, Reason> {
        Ok(Settled::Lives(code(text).unwrap()))
    }

    #[expect(clippy::unnecessary_wraps, reason = "it is what evidence holds")]
    fn looked_up(said: Said) -> Option<LookedUp> {
        Some(LookedUp { at: Timestamp::UNIX_EPOCH, said })
    }

    fn refusal(evidence: Evidence) -> Code {
        settle(evidence).unwrap_err().code
    }

    #[test]
    fn says_where_or_why_not() {
        let of = |said, known| Evidence { said, known, ..Evidence::default() };
        let (dragoer, taarnby) = (code("155"), code("185"));
        assert_eq!(settle(of(dragoer, None)), lives("155"));
        assert_eq!(settle(of(None, dragoer)), lives("155"));
        assert_eq!(settle(of(dragoer, dragoer)), lives("155"));
        assert_eq!(refusal(of(dragoer, taarnby)), RESIDENCE_DIFFERS);
        assert_eq!(settle(Evidence { moved: true, ..of(dragoer, taarnby) }), lives("155"));
        assert_eq!(refusal(of(None, None)), NO_RESIDENCE);
    }

    #[test]
    fn asks_where_nothing_else_says_it_and_goes_by_the_answer() {
        let of = |looked_up| Evidence { looked_up, ask: Ask::ToKnow, ..Evidence::default() };
        assert_eq!(settle(of(None)), Ok(Settled::Ask));
        let here = Said::Lives { municipality: code("155").unwrap() };
        assert_eq!(settle(of(looked_up(here))), lives("155"));
        assert_eq!(refusal(of(looked_up(Said::Unknown))), NO_RESIDENCE);
        assert_eq!(refusal(of(looked_up(Said::Silent))), LOOKUP_FAILED);
        // What was answered stays so where the look-up has been taken out of the settings.
        assert_eq!(settle(Evidence { ask: Ask::Never, ..of(looked_up(here)) }), lives("155"));
    }

    #[test]
    fn confirms_what_begins_a_case_and_never_replaces_it() {
        let of = |looked_up| Evidence { said: code("155"), looked_up, ask: Ask::ToCheck, ..Evidence::default() };
        let says = |text| looked_up(Said::Lives { municipality: code(text).unwrap() });
        assert_eq!(settle(of(None)), Ok(Settled::Ask));
        assert_eq!(settle(of(says("155"))), lives("155"));
        assert_eq!(settle(of(looked_up(Said::Unknown))), lives("155"));
        assert_eq!(refusal(of(says("185"))), RESIDENCE_DIFFERS);
        assert_eq!(refusal(of(looked_up(Said::Silent))), LOOKUP_FAILED);
        assert_eq!(settle(Evidence { moved: true, ..of(says("185")) }), lives("155"));
        assert_eq!(settle(Evidence { unchecked: true, ..of(looked_up(Said::Silent)) }), lives("155"));
        assert_eq!(settle(Evidence { known: code("155"), ..of(None) }), lives("155"), "it begins no case");
    }

    fn any_code() -> impl Strategy<Value = Option<MunicipalityCode>> {
        prop_oneof![Just(None), Just(code("155")), Just(code("185")), Just(code("461"))]
    }

    fn any_evidence() -> impl Strategy<Value = Evidence> {
        let said = any_code().prop_map(|it| it.map_or(Said::Unknown, |municipality| Said::Lives { municipality }));
        let answer = prop::option::of(prop_oneof![said, Just(Said::Silent)]);
        let ask = prop_oneof![Just(Ask::Never), Just(Ask::ToKnow), Just(Ask::ToCheck)];
        (any_code(), any_code(), answer, ask, any::<bool>(), any::<bool>()).prop_map(
            |(said, known, answer, ask, moved, unchecked)| {
                let looked_up = answer.and_then(self::looked_up);
                Evidence { said, known, looked_up, ask, moved, unchecked }
            },
        )
    }

    proptest! {
        #[test]
        fn nobody_lives_where_nothing_says_so(evidence in any_evidence()) {
            if let Ok(Settled::Lives(code)) = settle(evidence) {
                let by_look_up = evidence.looked_up.is_some_and(|it| it.said == Said::Lives { municipality: code });
                let says_so = evidence.said == Some(code) || evidence.known == Some(code);
                prop_assert!(says_so || by_look_up);
                // What the message says is never replaced by anything.
                prop_assert!(evidence.said.is_none_or(|said| said == code));
            }
        }

        #[test]
        fn it_asks_once_and_only_where_it_may(evidence in any_evidence()) {
            if settle(evidence) == Ok(Settled::Ask) {
                prop_assert!(evidence.ask != Ask::Never && evidence.looked_up.is_none() && evidence.known.is_none());
            }
        }
    }
}
