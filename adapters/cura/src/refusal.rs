//! Why a resource is refused or remarked upon. The sentences are Danish, say what to do, and hold
//! nothing of the message.

use budstikke_contract::reason::{
    CPR_IMPOSSIBLE, Code, FIELD_INVALID, FIELD_MISSING, JSON_MALFORMED, KIND_NOT_CARRIED, Reason, Remark, VALUE_CUT,
    VALUE_LEFT_OUT, VERSION_UNKNOWN,
};
use budstikke_contract::strict_json::Fault;

const LAW_UNKNOWN: Code = Code::new("LAW_UNKNOWN");
const TAKEN_BACK: Code = Code::new("TAKEN_BACK");
const ENTERED_IN_ERROR: Code = Code::new("ENTERED_IN_ERROR");
const CHANGE_UNCERTAIN: Code = Code::new("CHANGE_UNCERTAIN");

/// Every code of this adapter. Each has a page in `deploy/runbook/`.
pub const CODES: [Code; 12] = [
    JSON_MALFORMED,
    KIND_NOT_CARRIED,
    VERSION_UNKNOWN,
    FIELD_MISSING,
    FIELD_INVALID,
    CPR_IMPOSSIBLE,
    LAW_UNKNOWN,
    TAKEN_BACK,
    VALUE_CUT,
    VALUE_LEFT_OUT,
    ENTERED_IN_ERROR,
    CHANGE_UNCERTAIN,
];

const MEND: &str = "Ret det i CURA eller i udtrækket, og send igen.";

/// Bytes that are no JSON.
pub(crate) fn json(fault: &Fault) -> Reason {
    Reason::new(JSON_MALFORMED, format!("Beskeden fra CURA kan ikke læses: {fault}. Ret afsenderen, og send igen."))
}

/// JSON that is no FHIR resource.
pub(crate) fn no_resource(path: impl Into<String>) -> Reason {
    let text = "Her skal stå en FHIR-ressource (et JSON-objekt med resourceType). Ret afsenderen, og send igen.";
    Reason::new(FIELD_MISSING, text).at(path)
}

/// A resource or a profile that is not carried.
pub(crate) fn not_carried(path: impl Into<String>) -> Reason {
    let text = "Den slags ressource modtages ikke fra CURA. Her modtages CuraGrantedProcedureRequest, \
                CuraRehabilitationPlan, MedcomCareCommunication, CuraSimpleTask og CuraRequestTask, enkeltvis eller i et \
                Bundle. Tag den ud af udtrækket.";
    Reason::new(KIND_NOT_CARRIED, text).at(path)
}

/// A known resource about something that none of the events is about. `what` says which.
pub(crate) fn not_ours(path: impl Into<String>, what: &str) -> Reason {
    Reason::new(KIND_NOT_CARRIED, format!("{what} bæres ikke af budstikken. Tag den ud af udtrækket fra CURA."))
        .at(path)
}

/// An extension of another version of the contract.
pub(crate) fn contract_version(path: impl Into<String>) -> Reason {
    let text = "Udvidelsen hører til en anden version af kontrakten med CURA. Version 1 (urn:budstikke:cura:v1:) \
                læses. Send den i version 1.";
    Reason::new(VERSION_UNKNOWN, text).at(path)
}

/// An extension that the contract does not have for this resource.
pub(crate) fn extension_unknown(path: impl Into<String>, known: &[&str]) -> Reason {
    let text = format!("Kontrakten har ingen udvidelse af det navn her. Den har: {}. {MEND}", known.join(", "));
    Reason::new(FIELD_INVALID, text).at(path)
}

/// Something that must be there and is not. `what` is what people call it, in the definite form.
pub(crate) fn missing(path: impl Into<String>, what: &str) -> Reason {
    Reason::new(FIELD_MISSING, format!("{} mangler. {MEND}", capital(what))).at(path)
}

/// Something that must be there once and is there twice.
pub(crate) fn repeated(path: impl Into<String>, what: &str) -> Reason {
    Reason::new(FIELD_INVALID, format!("{} står mere end én gang. {MEND}", capital(what))).at(path)
}

/// Something that is not what it should be.
pub(crate) fn invalid(path: impl Into<String>, what: &str, expected: &str) -> Reason {
    Reason::new(FIELD_INVALID, format!("{} skal være {expected}. {MEND}", capital(what))).at(path)
}

/// A code that is none of those that are known.
pub(crate) fn code_unknown<'a>(
    path: impl Into<String>,
    what: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Reason {
    let known: Vec<&str> = known.into_iter().collect();
    invalid(path, what, &format!("en af koderne {}", known.join(", ")))
}

/// A value of another JSON type.
pub(crate) fn wrong_type(path: impl Into<String>, expected: &str) -> Reason {
    invalid(path, "værdien", expected)
}

/// A CPR number that cannot be one.
pub(crate) fn cpr_impossible(path: impl Into<String>) -> Reason {
    let text = format!("CPR-nummeret er ikke et muligt CPR-nummer. {MEND}");
    Reason::new(CPR_IMPOSSIBLE, text).at(path)
}

/// A paragraph that names no law, or not one alone.
pub(crate) fn law_unknown(path: impl Into<String>) -> Reason {
    let text = "Paragraffen kan ikke læses som én lov og én paragraf. Den skal skrives som \"SEL § 107\", \
                \"serviceloven § 85, stk. 1\" eller \"SUL § 140\"; en paragraf uden lov gættes ikke. Ret den i CURA, \
                og send igen.";
    Reason::new(LAW_UNKNOWN, text).at(path)
}

/// Something was taken back for which there is no event.
pub(crate) fn taken_back(path: impl Into<String>) -> Reason {
    let text = "Det er annulleret, slettet eller fejlregistreret i CURA, og der er ingen hændelse, der trækker det tilbage. Er \
                det sendt før, så ring til dem, der fik det.";
    Reason::new(TAKEN_BACK, text).at(path)
}

/// More resources than are read at once.
pub(crate) fn too_many(max: usize) -> Reason {
    let text = format!("Bundlet har mere end {max} ressourcer. Hent det i mindre sider, og send igen.");
    Reason::new(FIELD_INVALID, text).at("$.entry")
}

/// Citizens in a Bundle whom nothing in it is about.
pub(crate) fn strangers() -> Reason {
    let text = "Bundlet har borgere med, som ingen af dets ressourcer handler om. De må ikke sendes videre. Ret \
                udtrækket, og send igen.";
    Reason::new(FIELD_INVALID, text).at("$.entry")
}

/// Adds a remark, once however often its occasion comes.
pub(crate) fn remark(remarks: &mut Vec<Remark>, remark: Remark) {
    if !remarks.contains(&remark) {
        remarks.push(remark);
    }
}

/// A text that is longer than its field in the event.
pub(crate) fn cut(what: &str, max: usize) -> Remark {
    let what = capital(what);
    let text = format!("{what} er længere end {max} tegn og er afkortet. Hele teksten står i den oprindelige besked.");
    Remark::new(VALUE_CUT, text)
}

/// A value that has no place in the event.
pub(crate) fn left_out(what: &str) -> Remark {
    let text = format!("{} er udeladt. Se den i CURA eller i den oprindelige besked.", capital(what));
    Remark::new(VALUE_LEFT_OUT, text)
}

/// A grant that should never have been.
pub(crate) fn entered_in_error() -> Remark {
    let text = "Bevillingen er fejlregistreret i CURA: den skulle aldrig have været der. Se bort fra det, der før er \
                sendt om den, og stands en forhandling eller kontrakt, der bygger på den.";
    Remark::new(ENTERED_IN_ERROR, text)
}

/// A grant that is active in a later version, of which nobody says what it was before.
pub(crate) fn change_uncertain() -> Remark {
    let text = "CURA siger ikke, hvad bevillingens status var før. Det kan være den første bevilling, som er meldt som \
                en ændring.";
    Remark::new(CHANGE_UNCERTAIN, text)
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
