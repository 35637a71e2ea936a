//! Why a message is refused or remarked upon. The sentences are Danish, say what to do, and hold
//! nothing of the message.

use budstikke_contract::reason::{
    CPR_IMPOSSIBLE, Code, ENCODING_UNKNOWN, FIELD_INVALID, FIELD_MISSING, KIND_NOT_CARRIED, Reason, Remark,
    VALUE_LEFT_OUT, XML_FORBIDDEN, XML_MALFORMED,
};
use budstikke_strict_xml::{Fault, Nature};

/// The payload of a message cannot be taken out of it.
const PAYLOAD_UNREADABLE: Code = Code::new("PAYLOAD_UNREADABLE");
/// A remark: the message says that something happened, and not all that one must know of it.
const CITIZEN_EVENT_THIN: Code = Code::new("CITIZEN_EVENT_THIN");

/// Every code of this adapter. Each has a page in `deploy/runbook/`.
pub const CODES: [Code; 10] = [
    XML_MALFORMED,
    XML_FORBIDDEN,
    ENCODING_UNKNOWN,
    KIND_NOT_CARRIED,
    FIELD_MISSING,
    FIELD_INVALID,
    CPR_IMPOSSIBLE,
    VALUE_LEFT_OUT,
    PAYLOAD_UNREADABLE,
    CITIZEN_EVENT_THIN,
];

/// What the XML reader did not take.
pub(crate) fn xml(fault: &Fault) -> Reason {
    let (code, what) = match fault.kind.nature() {
        Nature::Malformed => (XML_MALFORMED, "er ikke gyldig XML"),
        Nature::Forbidden => (XML_FORBIDDEN, "indeholder XML, som ikke modtages"),
        Nature::Encoding => (ENCODING_UNKNOWN, "er skrevet i et tegnsæt, som ikke læses"),
    };
    let (why, line, column) = (fault.kind.in_danish(), fault.place.line, fault.place.column);
    let text = format!("Beskeden {what}: {why} (linje {line}, kolonne {column}). Ret afsendersystemet, og send igen.");
    Reason::new(code, text).at(fault.place.element.clone())
}

/// A document that is no message of the Beskedfordeler.
pub(crate) fn not_carried() -> Reason {
    let text = "Beskeden er ikke en Haendelsesbesked fra Beskedfordeleren, hverken alene eller i ModtagBeskedInput. \
                Send den til den rette kø.";
    Reason::new(KIND_NOT_CARRIED, text)
}

/// Something without which it cannot be used.
pub(crate) fn missing(path: &'static str) -> Reason {
    let name = path.rsplit('/').next().unwrap_or(path);
    let text = format!("{name} mangler i beskeden, som ikke kan bruges uden. Ret afsendersystemet, og send igen.");
    Reason::new(FIELD_MISSING, text).at(path)
}

/// An event of a person whose registration is about something else.
pub(crate) fn no_person(path: &'static str) -> Reason {
    let text = "Hændelsen handler om en person, men ObjektId er ikke et CPR-nummer (urn:oio:cpr-nr: eller urn:oio:cpr:). \
                Ret afsendersystemet, og send igen.";
    Reason::new(FIELD_INVALID, text).at(path)
}

/// What the message brings is about somebody else than the message.
pub(crate) fn of_another() -> Reason {
    let text = "Beskedens indhold (Beskeddata) handler om en anden person end den, som hændelsen gælder (ObjektId). \
                Meld det til den, der har sendt den, og slå borgeren op i CPR.";
    Reason::new(FIELD_INVALID, text).at("Haendelsesbesked/Beskeddata")
}

/// A CPR number that cannot be one.
pub(crate) fn cpr_impossible(path: &'static str) -> Reason {
    let text = "CPR-nummeret er ikke et muligt CPR-nummer. Ret det, og send beskeden igen.";
    Reason::new(CPR_IMPOSSIBLE, text).at(path)
}

/// A payload that says it is Base64, and is not.
pub(crate) fn not_base64() -> Reason {
    let text = "Beskedens indhold (Beskeddata) kan ikke pakkes ud: det er ikke Base64. Send beskeden igen.";
    Reason::new(PAYLOAD_UNREADABLE, text).at("Haendelsesbesked/Beskeddata/Base64")
}

/// Several payloads, of which nobody can say which is meant.
pub(crate) fn several_payloads() -> Reason {
    let text = "Beskeden har mere end ét indhold (Beskeddata), og det kan ikke afgøres, hvilket der gælder. \
                Send dem hver for sig.";
    Reason::new(PAYLOAD_UNREADABLE, text).at("Haendelsesbesked/Beskeddata")
}

/// What the message does not say.
pub(crate) fn thin(what: &str) -> Remark {
    Remark::new(CITIZEN_EVENT_THIN, format!("Beskeden siger ikke, {what}. Slå borgeren op i CPR."))
}

/// A value that has no place in the event.
pub(crate) fn left_out(title: &str) -> Remark {
    let text = format!("{title} er skrevet, så det ikke kan læses, og er udeladt. Se den oprindelige besked.");
    Remark::new(VALUE_LEFT_OUT, text)
}
