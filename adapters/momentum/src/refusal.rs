//! Why a message is refused. The sentences are Danish, say what to do, and hold nothing of the
//! message: the names of fields in them are the contract's.

use budstikke_contract::reason::{
    CPR_IMPOSSIBLE, Code, FIELD_INVALID, FIELD_MISSING, JSON_MALFORMED, KIND_NOT_CARRIED, Reason, VERSION_UNKNOWN,
};
use budstikke_contract::strict_json;

const CONTENT_NEEDED: Code = Code::new("CONTENT_NEEDED");
const TARGET_GROUP_UNKNOWN: Code = Code::new("TARGET_GROUP_UNKNOWN");
const ABSENCE_UNKNOWN: Code = Code::new("ABSENCE_UNKNOWN");

/// Every code of this adapter. Each has a page in `deploy/runbook/`.
pub const CODES: [Code; 9] = [
    JSON_MALFORMED,
    KIND_NOT_CARRIED,
    VERSION_UNKNOWN,
    FIELD_MISSING,
    FIELD_INVALID,
    CPR_IMPOSSIBLE,
    CONTENT_NEEDED,
    TARGET_GROUP_UNKNOWN,
    ABSENCE_UNKNOWN,
];

/// What the JSON reader did not take.
pub(crate) fn json(fault: &strict_json::Fault) -> Reason {
    Reason::new(JSON_MALFORMED, format!("Beskeden kan ikke læses: {fault}. Ret afsendersystemet, og send igen."))
}

/// JSON that is neither an object nor a list.
pub(crate) fn no_message() -> Reason {
    let text = "Beskeden er JSON, men hverken et objekt eller en liste af objekter. Send den, som kontrakten siger.";
    Reason::new(JSON_MALFORMED, text)
}

pub(crate) fn no_object(path: String) -> Reason {
    Reason::new(JSON_MALFORMED, "Listen har noget, der ikke er et objekt. Ret beskeden, og send igen.").at(path)
}

/// A list with no message in it, or more than are read at once.
pub(crate) fn list_size(max: usize) -> Reason {
    let text = format!("En liste skal have 1-{max} beskeder. Del den op, og send igen.");
    Reason::new(FIELD_INVALID, text).at("$")
}

/// What was fetched is not one message of the contract.
pub(crate) fn fetched_not_one() -> Reason {
    let text = "Det indhold, der blev hentet, er ikke én besked efter Momentum-kontrakten. Ret tjenesten, som det \
                hentes fra, og send beskeden til behandling igen.";
    Reason::new(FIELD_INVALID, text).at("$")
}

/// What was fetched does not say what it is about.
pub(crate) fn fetched_unnamed(path: String) -> Reason {
    let text = "Det indhold, der blev hentet, siger ikke, hvad det handler om: externalId mangler. Ret tjenesten, som \
                det hentes fra, og send beskeden til behandling igen.";
    Reason::new(FIELD_MISSING, text).at(path)
}

/// What was fetched is about something else than what was asked for.
pub(crate) fn fetched_another(path: String) -> Reason {
    let text = "Det indhold, der blev hentet, handler om noget andet end det, der blev spurgt om: externalId er en \
                anden guid. Ret tjenesten, som det hentes fra, og send beskeden til behandling igen.";
    Reason::new(FIELD_INVALID, text).at(path)
}

pub(crate) fn version_unknown() -> Reason {
    let text = "Kontraktens version læses ikke her. Version 1 læses. Send beskeden i den.";
    Reason::new(VERSION_UNKNOWN, text).at("$.contractVersion")
}

pub(crate) fn kind_unknown() -> Reason {
    let text = "Hændelsen er ikke en af dem, som Momentum-kontrakten har. Ret eventType, eller udvid kontrakten.";
    Reason::new(KIND_NOT_CARRIED, text).at("$.eventType")
}

pub(crate) fn cpr_impossible() -> Reason {
    let text = "CPR-nummeret er ikke et muligt CPR-nummer. Ret det, og send beskeden igen.";
    Reason::new(CPR_IMPOSSIBLE, text).at("$.citizen.cpr")
}

/// A target group code that does not stand in the table, or not for that day.
pub(crate) fn group_unknown(path: String, on_other_days: bool) -> Reason {
    let what = if on_other_days { "gælder ikke på hændelsens dag" } else { "står ikke i tabellen" };
    let text = format!(
        "Målgruppekoden {what}, så det kan ikke afgøres, hvem der skal have beskeden. Ret koden i Momentum, eller få \
         den skrevet i tabellen over målgrupper."
    );
    Reason::new(TARGET_GROUP_UNKNOWN, text).at(path)
}

/// A benefit that does not go with the target group on that day.
pub(crate) fn benefit_unknown(path: String) -> Reason {
    let text = "Ydelsen hører ikke til målgruppen på hændelsens dag. Ret benefitCode eller målgruppen i Momentum, \
                eller få den skrevet i tabellen over målgrupper.";
    Reason::new(TARGET_GROUP_UNKNOWN, text).at(path)
}

/// A target group of people without a vocational education, and a citizen who has one.
pub(crate) fn education_contradicts(path: String) -> Reason {
    let text = "Målgruppen er for personer uden erhvervskompetencegivende uddannelse, men beskeden siger, at borgeren \
                har en. Ret målgruppen eller uddannelsen i Momentum, og send igen.";
    Reason::new(TARGET_GROUP_UNKNOWN, text).at(path)
}

/// An absence code that does not stand in the table, or not for that day.
pub(crate) fn absence_unknown(path: String, on_other_days: bool) -> Reason {
    let what = if on_other_days { "gælder ikke på hændelsens dag" } else { "står ikke i tabellen" };
    let text = format!("Fraværskoden {what}. Ret koden i Momentum, eller få den skrevet i tabellen over fraværskoder.");
    Reason::new(ABSENCE_UNKNOWN, text).at(path)
}

/// A thin event: something has changed, and what must be fetched.
pub(crate) fn content_needed() -> Reason {
    let text = "Beskeden fra DFDG siger kun, at noget er ændret. Indholdet er ikke hentet. Slå det op i Momentum, og \
                giv det videre, eller angiv i indstillingerne, hvor det kan hentes.";
    Reason::new(CONTENT_NEEDED, text)
}

/// A thin event about something that is gone.
pub(crate) fn content_deleted() -> Reason {
    let text = "Beskeden fra DFDG siger, at noget er slettet; der er intet indhold at hente. Slå op i Momentum, hvad \
                det var, og giv det videre til dem, der har fået det før.";
    Reason::new(CONTENT_NEEDED, text)
}

/// A thin event among others in a list.
pub(crate) fn content_not_alone() -> Reason {
    let text = "Beskeden fra DFDG siger kun, at noget er ændret, og står i en liste; så kan indholdet ikke hentes. \
                Send den for sig selv.";
    Reason::new(CONTENT_NEEDED, text)
}
