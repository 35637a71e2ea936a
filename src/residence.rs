//! Where the citizen lives: what the message says, else what the case already knows. Where the two
//! differ, or neither says, nothing is guessed.

use budstikke_contract::municipality::MunicipalityCode;
use budstikke_contract::reason::{Code, Reason};

/// The citizen lives in no municipality of any agreement.
pub const OUTSIDE_AGREEMENT: Code = Code::new("OUTSIDE_AGREEMENT");
/// Nothing says where the citizen lives.
pub const NO_RESIDENCE: Code = Code::new("NO_RESIDENCE");
/// The message says another municipality than the case.
pub const RESIDENCE_DIFFERS: Code = Code::new("RESIDENCE_DIFFERS");

/// Settles it.
///
/// # Errors
/// Why it cannot be settled.
pub fn settle(said: Option<MunicipalityCode>, known: Option<MunicipalityCode>) -> Result<MunicipalityCode, Reason> {
    match (said, known) {
        (Some(said), Some(known)) if said != known => {
            let text = format!(
                "Beskeden siger kommune {said}, men sagens tidligere hændelser siger {known}. Undersøg, hvor borgeren bor, før den sendes videre."
            );
            Err(Reason::new(RESIDENCE_DIFFERS, text))
        }
        (Some(code), _) | (None, Some(code)) => Ok(code),
        (None, None) => {
            let text = "Borgerens bopælskommune står ikke i beskeden, og sagen kendes ikke. Afsenderen skal angive kommunenummeret.";
            Err(Reason::new(NO_RESIDENCE, text))
        }
    }
}

/// The reason for a citizen who lives in no municipality of any agreement.
pub fn outside(code: Option<MunicipalityCode>) -> Reason {
    let who = code.map_or_else(|| "Modtageren".to_owned(), |code| format!("Kommune {code}"));
    Reason::new(OUTSIDE_AGREEMENT, format!("{who} er ikke part i nogen aftale, som budstikken kender."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_where_or_why_not() {
        let dragoer = MunicipalityCode::parse("155");
        let taarnby = MunicipalityCode::parse("185");
        assert_eq!(settle(dragoer, None), Ok(dragoer.unwrap()));
        assert_eq!(settle(None, dragoer), Ok(dragoer.unwrap()));
        assert_eq!(settle(dragoer, dragoer), Ok(dragoer.unwrap()));
        assert_eq!(settle(dragoer, taarnby).unwrap_err().code, RESIDENCE_DIFFERS);
        assert_eq!(settle(None, None).unwrap_err().code, NO_RESIDENCE);
    }
}
