//! Why a message is refused or remarked upon. The sentences are Danish, say what to do, and hold
//! nothing of the message: the paths are names of the contract.

use budstikke_contract::reason::{
    FIELD_INVALID, JSON_MALFORMED, KIND_NOT_CARRIED, Reason, Remark, VALUE_LEFT_OUT, VERSION_UNKNOWN,
};
use budstikke_contract::strict_json;

/// The bytes are not JSON that is taken.
pub(crate) fn json(fault: &strict_json::Fault) -> Reason {
    Reason::new(JSON_MALFORMED, format!("Beskeden kan ikke læses: {fault}. Ret afsendersystemet, og send igen."))
}

/// JSON, and no object.
pub(crate) fn no_object() -> Reason {
    let text = "Beskeden er JSON, men ikke et objekt. Ret afsendersystemet, og send igen.";
    Reason::new(JSON_MALFORMED, text)
}

/// Another version of the contract.
pub(crate) fn version_unknown(known: &str) -> Reason {
    let text = format!("Beskedens version læses ikke her. Send den i version {known} af kontrakten.");
    Reason::new(VERSION_UNKNOWN, text).at("$.Version")
}

/// A type that is not in the contract.
pub(crate) fn not_carried() -> Reason {
    let text = "Beskedtypen er ikke med i kontrakten for SMDB. Ret den, eller send beskeden til den rette modtager.";
    Reason::new(KIND_NOT_CARRIED, text).at("$.BeskedType")
}

/// A period that ends before it begins.
pub(crate) fn period_turned() -> Reason {
    let text = "Perioden slutter, før den begynder. Ret beskeden, og send igen.";
    Reason::new(FIELD_INVALID, text).at("$.Periode")
}

/// A course that is none, or something of it that cannot be read.
pub(crate) fn left_out(course: &str, what: &str) -> Remark {
    let text = format!("{what} i {course} kan ikke læses og er udeladt. Se den oprindelige besked.");
    Remark::new(VALUE_LEFT_OUT, text)
}

/// More remarks than a person reads.
pub(crate) fn more_left_out(count: usize) -> Remark {
    let text = format!("Yderligere {count} oplysninger kunne ikke læses og er udeladt. Se den oprindelige besked.");
    Remark::new(VALUE_LEFT_OUT, text)
}
