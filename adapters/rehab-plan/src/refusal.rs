//! Why a letter is refused or remarked upon. The sentences are Danish, say what to do, and hold
//! nothing of the letter. A sender reads those of refusals in its receipt.

use budstikke_contract::reason::{
    CPR_IMPOSSIBLE, Code, ENCODING_UNKNOWN, FIELD_INVALID, FIELD_MISSING, KIND_NOT_CARRIED, Reason, Remark, VALUE_CUT,
    VALUE_LEFT_OUT, VERSION_UNKNOWN, XML_FORBIDDEN, XML_MALFORMED,
};
use budstikke_strict_xml::{Fault, FaultKind, Nature};

use crate::part::Field;

const NOT_A_PLAN: Code = Code::new("NOT_A_PLAN");
const VANS_PAYLOAD: Code = Code::new("VANS_PAYLOAD");
const PLAN_TYPE_UNCERTAIN: Code = Code::new("PLAN_TYPE_UNCERTAIN");

/// Every code of this adapter. Each has a page in `deploy/runbook/`.
pub const CODES: [Code; 13] = [
    XML_MALFORMED,
    XML_FORBIDDEN,
    ENCODING_UNKNOWN,
    KIND_NOT_CARRIED,
    NOT_A_PLAN,
    VERSION_UNKNOWN,
    FIELD_MISSING,
    FIELD_INVALID,
    CPR_IMPOSSIBLE,
    VANS_PAYLOAD,
    VALUE_CUT,
    VALUE_LEFT_OUT,
    PLAN_TYPE_UNCERTAIN,
];

/// MedCom's `RefuseCode` (XCTL02) for a reason. A reason that is not ours says only that it was
/// refused.
pub(crate) fn refuse_code(reason: &Reason) -> &'static str {
    match reason.code.as_str() {
        "KIND_NOT_CARRIED" | "VERSION_UNKNOWN" => "problem_med_version",
        "XML_MALFORMED" | "XML_FORBIDDEN" | "ENCODING_UNKNOWN" | "FIELD_MISSING" | "FIELD_INVALID"
        | "CPR_IMPOSSIBLE" | "VANS_PAYLOAD" => "syntaksfejl",
        _ => "ikke_specificeret",
    }
}

/// The `RefuseCode` for a letter that reached us and is for somebody else.
pub(crate) const MISADDRESSED: &str = "problem_med_modtagerID";

/// What the XML reader did not take.
pub(crate) fn xml(fault: &Fault) -> Reason {
    let (code, what) = match fault.kind.nature() {
        Nature::Malformed => (XML_MALFORMED, "er ikke gyldig XML"),
        Nature::Forbidden => (XML_FORBIDDEN, "indeholder XML, som ikke modtages"),
        Nature::Encoding => (ENCODING_UNKNOWN, "er skrevet i et tegnsæt, som ikke læses"),
    };
    let mut why = fault.kind.in_danish().to_owned();
    if let FaultKind::Encoding(name) = fault.kind {
        why.push_str(", ikke ");
        why.push_str(name);
    }
    let (line, column) = (fault.place.line, fault.place.column);
    let text = format!("Beskeden {what}: {why} (linje {line}, kolonne {column}). Ret afsendersystemet, og send igen.");
    Reason::new(code, text).at(fault.place.element.clone())
}

/// A document or letter of a kind that is not carried here.
pub(crate) fn not_carried() -> Reason {
    let text = "Beskedtypen modtages ikke her. Her modtages genoptræningsplaner som GGOP (GGOP100) eller som \
                korrespondancebrev (XD9134L). Send den til den rette modtager.";
    Reason::new(KIND_NOT_CARRIED, text)
}

/// A payload of the network's envelope that is no XML letter.
pub(crate) fn format_not_carried() -> Reason {
    let text = "Kun breve i formatet XML modtages her. Send genoptræningsplanen som GGOP (GGOP100) eller som \
                korrespondancebrev (XD9134L).";
    Reason::new(KIND_NOT_CARRIED, text).at("VANSEnvelope/Message/MetaInformation/Document/Format")
}

/// A known kind in a version that is not known.
pub(crate) fn version_unknown() -> Reason {
    let text = "Brevets version læses ikke her. Genoptræningsplaner læses som GGOP (GGOP100) og som \
                korrespondancebrev (XD9134L, XD9133L). Send planen i en af dem.";
    Reason::new(VERSION_UNKNOWN, text)
}

/// A correspondence without a plan.
pub(crate) fn not_a_plan() -> Reason {
    let text = "Korrespondancebrevet er ikke læst som en genoptræningsplan: hverken statistikkode (GGOP1-3) eller emne \
                siger det, og andre breve modtages ikke her. Er det en plan, så skriv \"Genoptræningsplan\" først i \
                emnet, og send igen. Ellers send brevet til den rette modtager.";
    Reason::new(NOT_A_PLAN, text)
}

/// An `Emessage` without a letter.
pub(crate) fn no_letter() -> Reason {
    Reason::new(FIELD_MISSING, "Forsendelsen indeholder intet brev. Send brevet igen.").at("Emessage")
}

/// An `Emessage` with more letters than are read at once.
pub(crate) fn too_many_letters(max: usize) -> Reason {
    let text = format!("Forsendelsen indeholder mere end {max} breve. Del den op, og send igen.");
    Reason::new(FIELD_INVALID, text).at("Emessage")
}

/// A field that must be there and is not.
pub(crate) fn missing(field: &Field) -> Reason {
    let text = format!("{} mangler. Ret brevet, og send igen.", capital(field.title));
    Reason::new(FIELD_MISSING, text).at(field.path())
}

/// A field that must be there once and is there twice.
pub(crate) fn repeated(field: &Field) -> Reason {
    let text = format!("{} står mere end én gang. Ret brevet, og send igen.", capital(field.title));
    Reason::new(FIELD_INVALID, text).at(field.path())
}

/// A field that is not what it should be.
pub(crate) fn invalid(field: &Field, expected: &str) -> Reason {
    let text = format!("{} skal være {expected}. Ret brevet, og send igen.", capital(field.title));
    Reason::new(FIELD_INVALID, text).at(field.path())
}

/// A CPR number that cannot be one.
pub(crate) fn cpr_impossible(field: &Field) -> Reason {
    let text = "CPR-nummeret er ikke et muligt CPR-nummer. Ret det, og send brevet igen.";
    Reason::new(CPR_IMPOSSIBLE, text).at(field.path())
}

/// The payload of the network's envelope cannot be taken out, or is not what the envelope says.
pub(crate) fn payload(what: &str) -> Reason {
    let text = format!("Kuvertens indhold kan ikke pakkes ud: {what}. Send beskeden igen.");
    Reason::new(VANS_PAYLOAD, text).at("VANSEnvelope/Message/Data")
}

/// Adds a remark, once however often its occasion comes.
pub(crate) fn remark(remarks: &mut Vec<Remark>, remark: Remark) {
    if !remarks.contains(&remark) {
        remarks.push(remark);
    }
}

/// A text that is longer than its field in the event.
pub(crate) fn cut(title: &str, max: usize) -> Remark {
    let title = capital(title);
    let text = format!("{title} er længere end {max} tegn og er afkortet. Hele teksten står i den oprindelige besked.");
    Remark::new(VALUE_CUT, text)
}

/// A value that has no place in the event.
pub(crate) fn left_out(title: &str) -> Remark {
    let text =
        format!("{} er skrevet, så det ikke kan læses, og er udeladt. Se den oprindelige besked.", capital(title));
    Remark::new(VALUE_LEFT_OUT, text)
}

/// Two places of the letter that tell different types of plan.
pub(crate) fn types_differ(used: &str, other: &str) -> Remark {
    let text = format!("Brevet angiver to plantyper: {used} og {other}. {} er brugt.", capital(used));
    Remark::new(PLAN_TYPE_UNCERTAIN, text)
}

/// A type of plan that is not one of the three.
pub(crate) fn type_unknown() -> Remark {
    let text = "Brevets plantype er ikke en af de tre, der findes. Se den oprindelige besked.";
    Remark::new(PLAN_TYPE_UNCERTAIN, text)
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
