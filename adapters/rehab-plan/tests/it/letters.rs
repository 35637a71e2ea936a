//! What is read of a letter, rule by rule.

use budstikke_contract::adapter::{CaseClue, ItemBody};
use budstikke_rehab_plan::RehabPlan;
use budstikke_testkit::conformance::{Input, breaches};
use budstikke_testkit::plans::{Discharge, Encoding, Message, Plan, Vans};
use serde_json::{Value, json};

use crate::fixture::{changed, draft, fixture, item, refusal, translate};

/// The letter of `plan`, alone in a message.
fn alone(plan: Plan) -> Vec<u8> {
    Message::new("KUVERT1").plan(plan).bytes()
}

fn data(plan: Plan) -> Value {
    Value::Object(draft(&alone(plan)).data)
}

/// Every field that must be there, as it stands in the fixture, with its path in a refusal.
const MANDATORY: [(&str, &str); 7] = [
    ("<Identifier>HB2611200001</Identifier>", "Emessage/RehabilitationPlan/Letter/Identifier"),
    ("<VersionCode>GGOP100</VersionCode>", "Emessage/RehabilitationPlan/Letter/VersionCode"),
    ("<old:Date>2026-11-20</old:Date>", "Emessage/RehabilitationPlan/Letter/Authorisation/Date"),
    ("<old:Time>10:15</old:Time>", "Emessage/RehabilitationPlan/Letter/Authorisation/Time"),
    ("<old:EANIdentifier>5790000000012</old:EANIdentifier>", "Emessage/RehabilitationPlan/Sender/EANIdentifier"),
    (
        "<old:CivilRegistrationNumber>251248-9996</old:CivilRegistrationNumber>",
        "Emessage/RehabilitationPlan/Patient/CivilRegistrationNumber",
    ),
    ("<Identifier>HK2611200001</Identifier>", "Emessage/Envelope/Identifier"),
];

#[test]
fn what_must_be_there_is_missed_by_name() {
    for (field, path) in MANDATORY {
        let (start, end) = (field.split('>').next().unwrap(), field.rsplit('/').next().unwrap());
        let empty = format!("{start}></{end}");
        for instead in ["", empty.as_str()] {
            let reason = refusal(&changed("ggop.xml", field, instead));
            assert_eq!((reason.code.as_str(), reason.path.as_deref()), ("FIELD_MISSING", Some(path)), "{reason}");
        }
    }
}

#[test]
fn what_must_be_there_once_is_not_taken_twice() {
    for (field, path) in MANDATORY {
        let reason = refusal(&changed("ggop.xml", field, &field.repeat(2)));
        assert_eq!((reason.code.as_str(), reason.path.as_deref()), ("FIELD_INVALID", Some(path)), "{reason}");
    }
    let second = "</Patient><Patient><old:CivilRegistrationNumber>6201609991</old:CivilRegistrationNumber></Patient>";
    assert_eq!(refusal(&changed("ggop.xml", "</Patient>", second)).code.as_str(), "FIELD_INVALID");
}

#[test]
fn what_cannot_be_is_refused_by_name() {
    for (plan, code) in [
        (Plan::ggop("B").cpr("3112489996").authorised("2026-02-30", "10:15"), "FIELD_INVALID"),
        (Plan::ggop("B").authorised("2026-11-20", "25:15"), "FIELD_INVALID"),
        (Plan::ggop("B").authorised("20.11.2026", "10:15"), "FIELD_INVALID"),
        (Plan::ggop("B").sender("579000000001"), "FIELD_INVALID"),
        (Plan::ggop("B".repeat(36)), "FIELD_INVALID"),
        (Plan::ggop("B").replacement_id("0".repeat(21)), "FIELD_INVALID"),
        (Plan::ggop("B").cpr("9999999999"), "CPR_IMPOSSIBLE"),
        (Plan::ggop("B").cpr("251348-9996"), "CPR_IMPOSSIBLE"),
        (Plan::correspondence("B").cpr("25124899"), "CPR_IMPOSSIBLE"),
    ] {
        assert_eq!(refusal(&alone(plan)).code.as_str(), code);
    }
    let long = Message::new("K".repeat(65)).plan(Plan::ggop("B")).bytes();
    assert_eq!(refusal(&long).path.as_deref(), Some("Emessage/Envelope/Identifier"));
}

#[test]
fn kinds_and_versions_that_are_not_carried() {
    let municipality = "urn:oio:medcom:municipality:1.0.4";
    for (bytes, code) in [
        (changed("ggop.xml", "GGOP100", "GGOP101"), "VERSION_UNKNOWN"),
        (changed("ggop.xml", "GGOP100", "D1GOP1.0"), "VERSION_UNKNOWN"),
        (changed("ggop.xml", municipality, "urn:oio:medcom:municipality:1.0.5"), "VERSION_UNKNOWN"),
        (changed("ggop.xml", "RehabilitationPlan>", "OldPlan>"), "VERSION_UNKNOWN"),
        (changed("vans-ggop.xml", "envelope:1.0.4", "envelope:1.0.3"), "VERSION_UNKNOWN"),
        (changed("vans-ggop.xml", "urn:oio:medcom:vans-envelope:1.0.4", "urn:x"), "KIND_NOT_CARRIED"),
        (fixture("vans-hl7.xml"), "KIND_NOT_CARRIED"),
        (fixture("vans-other-kind.xml"), "KIND_NOT_CARRIED"),
        (fixture("vans-wrong-size.xml"), "VANS_PAYLOAD"),
        (changed("vans-wrong-size.xml", "PEVtZXNzYWdlLz4=", "PEVtZXNzYWdlLz4"), "VANS_PAYLOAD"),
        (changed("vans-wrong-size.xml", "<SizeInBytes>12", "<SizeInBytes>-1"), "VANS_PAYLOAD"),
        (changed("vans-ggop.xml", "<Format>XML", "<Format>PDF"), "FIELD_INVALID"),
        (changed("vans-ggop.xml", "E0000000-0000", "E00000000000"), "FIELD_INVALID"),
        (changed("vans-ggop.xml", "EndPointType=\"EAN\"", "EndPointType=\"GLN\""), "FIELD_INVALID"),
        (b"<html/>".to_vec(), "KIND_NOT_CARRIED"),
        (b"<Emessage xmlns='urn:x'/>".to_vec(), "FIELD_MISSING"),
        (b"<Emessage>".to_vec(), "XML_MALFORMED"),
        (b"<!DOCTYPE a><a/>".to_vec(), "XML_FORBIDDEN"),
        ([b"\xFF\xFE".as_slice(), b"<\0"].concat(), "ENCODING_UNKNOWN"),
    ] {
        assert_eq!(refusal(&bytes).code.as_str(), code, "{}", refusal(&bytes));
    }
}

#[test]
fn elements_of_another_namespace_are_not_ours() {
    let own = "<old:CivilRegistrationNumber>251248-9996</old:CivilRegistrationNumber>";
    let foreign = "<x:CivilRegistrationNumber xmlns:x=\"urn:x\">6201609991</x:CivilRegistrationNumber>";
    let read = draft(&changed("ggop.xml", own, &[foreign, own].concat()));
    assert_eq!(read.citizen.unwrap().reveal(), "2512489996");
    let reason = refusal(&changed("ggop.xml", own, foreign));
    assert_eq!(reason.code.as_str(), "FIELD_MISSING");
}

#[test]
fn a_letter_is_the_same_in_every_encoding_and_envelope() {
    let plan = || Plan::ggop("B1").name("Søren – Test", "Åkjær").deadline("Hurtigt");
    let plain = Message::new("K1").plan(plan());
    let first = item(&plain.bytes());
    for encoding in [Encoding::Utf8Marked, Encoding::Latin1, Encoding::Windows1252] {
        let read = item(&plain.clone().encoding(encoding).bytes());
        // What Latin-1 has no byte for is a reference there, which is another source text.
        let same_source = encoding == Encoding::Utf8Marked;
        assert_eq!(read.content == first.content, same_source, "{encoding:?}");
        assert_eq!(read.key, first.key);
        let (ItemBody::Event(read), ItemBody::Event(first)) = (read.body, &first.body) else { panic!("no event") };
        assert_eq!(read.data, first.data, "{encoding:?}");
    }
    let resent = Message::new("K2").plan(plan()).vans(Vans::numbered(1));
    assert_eq!(item(&resent.bytes()).content, first.content);
    assert_ne!(item(&Message::new("K1").plan(plan().deadline("Senere")).bytes()).content, first.content);
}

#[test]
fn only_a_kommunenummer_tells_the_residence() {
    let residence = |plan: Plan| draft(&alone(plan)).residence.map(|code| code.to_string());
    assert_eq!(residence(Plan::ggop("B").municipality("185")).as_deref(), Some("185"));
    assert_eq!(residence(Plan::ggop("B").municipality("0155")).as_deref(), Some("155"));
    assert_eq!(residence(Plan::ggop("B").municipality("9")), None);
    assert_eq!(residence(Plan::ggop("B").receiver_named_by("lokationsnummer")), None);
    assert_eq!(data(Plan::ggop("B").receiver_named_by("sorkode"))["receiver"]["municipality"], Value::Null);
}

#[test]
fn the_discharge_is_actual_expected_or_told_in_words() {
    let discharge = |discharge| data(Plan::ggop("B").discharge(discharge))["discharge"].clone();
    let day = || ("2026-11-21".to_owned(), "11:00".to_owned());
    let on = |certainty| json!({"date": "2026-11-21", "time": "11:00", "certainty": certainty});
    assert_eq!(discharge(Discharge::Expected(day().0, day().1)), on("expected"));
    assert_eq!(discharge(Discharge::Actual(day().0, day().1)), on("actual"));
    assert_eq!(discharge(Discharge::Text("snart".to_owned())), json!({"text": "snart"}));
    assert_eq!(discharge(Discharge::Unsaid), Value::Null);
    let unread = draft(&alone(Plan::ggop("B").discharge(Discharge::Expected("i morgen".to_owned(), day().1))));
    assert_eq!(unread.data["discharge"], json!({"text": "i morgen 11:00"}));
    assert_eq!(unread.remarks[0].code.as_str(), "VALUE_LEFT_OUT");
}

#[test]
fn a_converted_plan_tells_what_the_plan_told() {
    let plan = |plan: Plan| plan.plan_type("specialiseret").municipality("185").episode("e-1").deadline("Om en uge");
    let (ggop, converted) = (data(plan(Plan::ggop("B"))), data(plan(Plan::correspondence("B"))));
    for same in ["plan_type", "citizen", "receiver", "contact_start", "discharge", "deadline_text", "episode_of_care"] {
        assert_eq!(ggop[same], converted[same], "{same}");
    }
    assert_eq!(
        converted["diagnoses"][0],
        json!({"code": "DS720", "text": "Brud på lårbenshals", "rank": "unspecified"})
    );
}

#[test]
fn a_case_is_found_by_episode_letter_and_likeness() {
    let clue = |plan: Plan| match draft(&alone(plan)).case {
        CaseClue::Derived { area, episode, first, likeness, trail } => (area, episode, first, likeness, trail),
        CaseClue::Key(_) | CaseClue::None => panic!("another clue"),
    };
    let (area, episode, first, likeness, trail) =
        clue(Plan::ggop("B").episode(" 6FB927DA-3BE1-4B9F-8875-A6326617D20B "));
    assert_eq!((area, first.as_str()), ("rehab", "B"));
    assert_eq!(episode.as_deref(), Some("6fb927da3be14b9f8875a6326617d20b"));
    assert_eq!(likeness, ["5790000000012\n2512489996\n2026-11-16", "brev 5790000000012/B"]);
    assert_eq!(trail.as_deref(), Some("5790000000012\n2512489996"));
    assert_eq!(clue(Plan::ggop("B").contact_start("?")).3, ["brev 5790000000012/B"]);
    assert_eq!(clue(Plan::ggop("B").episode("x".repeat(80))).1, None);
}

#[test]
fn a_correction_is_one_only_where_the_format_can_say_so() {
    assert_eq!(draft(&alone(Plan::correspondence("B").corrected(true))).kind.name(), "rehab.plan.corrected");
    assert_eq!(draft(&alone(Plan::correspondence("B"))).kind.name(), "rehab.plan.received");
    assert_eq!(draft(&alone(Plan::ggop("B").corrected(true))).kind.name(), "rehab.plan.received");
}

#[test]
fn what_is_too_long_makes_no_event_invalid() {
    let long = |n: usize| "ø".repeat(n);
    let plan = Plan::ggop("B")
        .name(long(121), long(120))
        .deadline(long(1001))
        .episode("e".repeat(37))
        .diagnosis("D".repeat(21), long(401))
        .discharge(Discharge::Text(long(1001)));
    let body = alone(plan);
    assert_eq!(breaches(&RehabPlan, &[Input { name: "long", body: &body, secrets: &["øø"] }]), []);
    let draft = draft(&body);
    assert_eq!(draft.data["citizen"]["name"]["given"].as_str().unwrap().chars().count(), 120);
    assert_eq!(draft.data["diagnoses"][0].get("code"), None, "half a code would be another one");
    let codes: Vec<_> = draft.remarks.iter().map(|remark| remark.code.as_str()).collect();
    assert_eq!(codes.iter().filter(|code| **code == "VALUE_CUT").count(), 4, "{codes:?}");
    assert_eq!(codes.iter().filter(|code| **code == "VALUE_LEFT_OUT").count(), 2, "{codes:?}");
}

#[test]
fn a_number_that_reads_as_a_cpr_number_is_not_printed() {
    let read = translate(&Message::new("6201609991").plan(Plan::ggop("2512489996")).bytes());
    let shown = format!("{read:?}");
    assert!(!shown.contains("2512489996") && !shown.contains("6201609991"), "{shown}");
    assert_eq!(item(&alone(Plan::ggop("45249877239313"))).key.as_deref(), Some("5790000000012/45249877239313"));
}

#[test]
fn what_cannot_be_read_has_no_name() {
    assert_eq!(item(b"UNB+").key, None);
}

#[test]
fn receipts_are_recorded_in_every_version_and_never_answered() {
    for namespace in ["sundcom.dk/medcom.dk/xml/schemas/2005/08/07", "medcom.dk/xml/schemas/2020/05/06", "x/2031/01/01"]
    {
        for (name, what) in
            [("PositiveReceipt", "XCTL03"), ("NegativeReceipt", "XCTL02"), ("NegativeVansReceipt", "XCTL01")]
        {
            let text = String::from_utf8(fixture("xctl03.xml")).unwrap();
            let text = text.replace("medcom.dk/xml/schemas/2020/05/06", namespace).replace("PositiveReceipt", name);
            let read = translate(text.as_bytes());
            assert!(matches!(&read.items[0].body, ItemBody::Record { what: read } if read == what), "{read:?}");
            assert!(read.answer.is_none());
            assert_eq!(read.transport.unwrap().envelope, "5790000000012/HK2611200013");
        }
    }
    let network = translate(&fixture("vans-receipt.xml"));
    assert!(matches!(&network.items[0].body, ItemBody::Record { what } if what == "PositiveMessage"));
    assert!(network.answer.is_none());
}
