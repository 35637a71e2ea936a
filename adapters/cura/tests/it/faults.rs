//! Each way in which a resource can be wrong: a named refusal that says where and quotes nothing.

use serde_json::{Value, json};

use crate::fixture::{changed, fixture, place, refusal};

/// The refusal of a fixture with one thing changed.
fn fault(name: &str, pointer: &str, with: Value) -> (String, String) {
    let reason = refusal(&changed(name, pointer, with));
    for quoted in ["2512489996", "Nancy", "forkert"] {
        assert!(!reason.to_string().contains(quoted), "{reason}");
    }
    (reason.code.to_string(), reason.path.unwrap_or_default())
}

/// The same for a value in an extension of the first entry.
fn in_extension(name: &str, url_end: &str, member: &str, with: Value) -> (String, String) {
    fault(name, &format!("{}/{member}", place(name, url_end)), with)
}

fn is(code: &str, path: &str) -> (String, String) {
    (code.to_owned(), path.to_owned())
}

#[test]
fn bytes_and_resources_that_are_not_read() {
    for (name, code, path) in [
        ("not-json.txt", "JSON_MALFORMED", ""),
        ("name-twice.json", "JSON_MALFORMED", ""),
        ("other-profile.json", "KIND_NOT_CARRIED", "$.meta.profile"),
        ("grant-law-unknown.json", "LAW_UNKNOWN", "$.entry[0].resource.extension[legalParagraph]"),
        ("grant-of-sundhedsloven.json", "KIND_NOT_CARRIED", "$.entry[0].resource.extension[legalParagraph]"),
        ("grant-without-citizen.json", "FIELD_MISSING", "$.subject.identifier"),
        ("care-of-another-area.json", "KIND_NOT_CARRIED", "$.entry[0].resource.category"),
        ("task-taken-back.json", "TAKEN_BACK", "$.entry[0].resource.extension[status]"),
        ("task-type-unknown.json", "FIELD_INVALID", "$.entry[0].resource.extension[type]"),
    ] {
        let reason = refusal(&fixture(name));
        assert_eq!((reason.code.as_str(), reason.path.unwrap_or_default().as_str()), (code, path), "{name}");
    }
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    assert_eq!(refusal(deep.as_bytes()).code.as_str(), "JSON_MALFORMED");
    assert_eq!(refusal(b"[]").code.as_str(), "FIELD_MISSING");
}

#[test]
fn what_every_resource_must_have() {
    let grant = "grant-decided.json";
    let resource = "/entry/0/resource";
    for (pointer, with, code, path) in [
        ("/meta", Value::Null, "FIELD_MISSING", "meta"),
        ("/meta", json!("forkert"), "FIELD_INVALID", "meta"),
        ("/meta/profile", Value::Null, "FIELD_MISSING", "meta.profile"),
        ("/meta/profile", json!(["http://forkert"]), "KIND_NOT_CARRIED", "meta.profile"),
        ("/meta/profile", json!("forkert"), "FIELD_INVALID", "meta.profile"),
        ("/meta/lastUpdated", Value::Null, "FIELD_MISSING", "meta.lastUpdated"),
        ("/meta/lastUpdated", json!("2026-11-22"), "FIELD_INVALID", "meta.lastUpdated"),
        ("/meta/versionId", json!(1), "FIELD_INVALID", "meta.versionId"),
        ("/id", Value::Null, "FIELD_MISSING", "id"),
        ("/id", json!("forkert id"), "FIELD_INVALID", "id"),
        ("/resourceType", json!("forkert"), "KIND_NOT_CARRIED", "resourceType"),
        ("/subject", json!({"display": "forkert"}), "FIELD_MISSING", "subject.identifier"),
        ("/status", Value::Null, "FIELD_MISSING", "status"),
        ("/status", json!("forkert"), "FIELD_INVALID", "status"),
        ("/code", Value::Null, "FIELD_MISSING", "code"),
        ("/code/coding", json!([]), "FIELD_MISSING", "code"),
        ("/extension", json!({"url": 7}), "FIELD_INVALID", "extension.url"),
        ("/extension", Value::Null, "FIELD_MISSING", "extension[legalParagraph]"),
    ] {
        let expected = is(code, &format!("$.entry[0].resource.{path}"));
        let mut value: Value = serde_json::from_slice(&changed(grant, &format!("{resource}{pointer}"), with)).unwrap();
        // Whom nothing leads to any more is no longer in the message.
        if pointer == "/subject" {
            value["entry"].as_array_mut().unwrap().truncate(1);
        }
        let reason = refusal(value.to_string().as_bytes());
        assert!(!reason.text.contains("forkert"), "{reason}");
        assert_eq!((reason.code.to_string(), reason.path.unwrap_or_default()), expected, "{pointer}");
    }
}

#[test]
fn what_a_grant_must_have() {
    let grant = "grant-decided.json";
    let at = |path: &str| format!("$.entry[0].resource.extension{path}");
    for (url_end, member, with, code, path) in [
        ("/period", "valuePeriod", Value::Null, "FIELD_MISSING", "[period]"),
        ("/period", "valuePeriod/start", Value::Null, "FIELD_MISSING", "[period].start"),
        ("/period", "valuePeriod/start", json!("2026"), "FIELD_INVALID", "[period].start"),
        ("/period", "valuePeriod/end", json!("2026-11-30"), "FIELD_INVALID", "[period].end"),
        ("/legalParagraph", "valueString", json!("SEL §§ 107 og 108 forkert"), "LAW_UNKNOWN", "[legalParagraph]"),
        ("/legalParagraph", "valueString", json!(107), "FIELD_INVALID", "[legalParagraph]"),
        ("/rate", "valueDecimal", json!("forkert"), "FIELD_INVALID", "[rate]"),
        ("/rateUnit", "valueCode", json!("forkert"), "FIELD_INVALID", "[rateUnit]"),
        ("/remark", "url", json!("urn:budstikke:cura:v1:forkert"), "FIELD_INVALID", "[5].url"),
        ("/remark", "url", json!("urn:budstikke:cura:v2:decision"), "VERSION_UNKNOWN", "[5].url"),
        ("/remark", "url", json!("http://curafhir.dk/x/CuraGrantedProcedureRequest/rate"), "FIELD_INVALID", "[rate]"),
    ] {
        assert_eq!(in_extension(grant, url_end, member, with), is(code, &at(path)), "{url_end} {member}");
    }
    let end = in_extension("grant-completed.json", "/period", "valuePeriod/end", Value::Null);
    assert_eq!(end, is("FIELD_MISSING", &at("[period].end")));
    let previous = in_extension("grant-changed.json", ":previousStatus", "valueCode", json!("forkert"));
    assert_eq!(previous, is("FIELD_INVALID", &at("[previousStatus]")));
    let refused = in_extension("grant-decided-after-request.json", ":decision", "valueCode", json!("refused"));
    assert_eq!(refused, is("FIELD_INVALID", &at("[decision]")), "what is active was not refused");
    let effective = in_extension("grant-changed.json", ":effective", "valueDate", json!("forkert"));
    assert_eq!(effective, is("FIELD_INVALID", &at("[effective]")));
}

#[test]
fn a_citizen_is_one_person_with_one_number() {
    let patient = "/entry/1/resource";
    for (pointer, with, code, path) in [
        ("/identifier", Value::Null, "FIELD_MISSING", "identifier"),
        ("/identifier/0/value", json!("9912489996"), "CPR_IMPOSSIBLE", "identifier[0].value"),
        ("/identifier", json!([{"value": "2512489996"}, {"value": "0108589995"}]), "FIELD_INVALID", "identifier"),
        ("/identifier", json!([{"system": "urn:forkert", "value": "2512489996"}]), "FIELD_MISSING", "identifier"),
        ("/extension/0/valueCode", json!("forkert"), "FIELD_INVALID", "extension[actingMunicipality]"),
        (
            "/address/0/extension/0/valueCodeableConcept/coding/0/code",
            json!("forkert"),
            "FIELD_INVALID",
            "address[0].extension[dk-core-municipalityCodes].coding[0].code",
        ),
    ] {
        let expected = is(code, &format!("$.entry[1].resource.{path}"));
        assert_eq!(fault("grant-decided.json", &format!("{patient}{pointer}"), with), expected, "{pointer}");
    }
}

#[test]
fn a_number_of_no_system_is_taken_where_there_is_no_other() {
    let bare = json!([{"value": "251248-9996"}]);
    let body = changed("grant-decided.json", "/entry/1/resource/identifier", bare);
    assert_eq!(crate::fixture::draft(&body).citizen.unwrap().reveal(), "2512489996");
}

#[test]
fn codes_that_nobody_knows() {
    for (name, url_end, member, path) in [
        ("plan-level.json", "/subType", "valueCode", "subType"),
        ("plan-level.json", "/type", "valueCode", "type"),
        ("task-follow-up.json", ":outcome", "valueCode", "outcome"),
        ("task-follow-up.json", "task/status", "valueCode", "status"),
        ("task-force-report.json", ":measure", "valueCode", "measure"),
        ("task-contract-needed.json", ":occasion", "valueCode", "occasion"),
        ("task-visitation-decision.json", ":decision", "valueCode", "decision"),
        ("task-rehab-contact.json", ":how", "valueCode", "how"),
        ("task-rehab-start.json", ":time", "valueString", "time"),
        ("task-rehab-start.json", ":start", "valueDate", "start"),
        ("task-visitation-agenda.json", ":week", "valueString", "week"),
        ("care-question.json", ":concerns", "valueCode", "concerns"),
    ] {
        let expected = is("FIELD_INVALID", &format!("$.entry[0].resource.extension[{path}]"));
        assert_eq!(in_extension(name, url_end, member, json!("forkert")), expected, "{name} {url_end}");
    }
    let category = "/entry/0/resource/category/0/coding/0/code";
    assert_eq!(
        fault("care-question.json", category, json!("forkert")),
        is("FIELD_INVALID", "$.entry[0].resource.category")
    );
}

#[test]
fn what_a_task_must_have() {
    for (name, url_end, path) in [
        ("task-follow-up.json", ":done", "done"),
        ("task-follow-up.json", "/type", "type"),
        ("task-follow-up.json", "task/status", "status"),
        ("task-follow-up.json", "/for", "for"),
        ("task-force-report.json", ":legalParagraph", "legalParagraph"),
        ("task-contract-signed.json", ":provider", "provider"),
        ("task-contract-signed.json", ":period", "period"),
        ("task-visitation-decision.json", ":meeting", "meeting"),
        ("task-visitation-case.json", ":meeting", "meeting"),
        ("task-visitation-agenda.json", ":actingMunicipality", "actingMunicipality"),
        ("task-rehab-start.json", ":start", "start"),
        ("task-info-request.json", ":question", "question"),
    ] {
        let expected = is("FIELD_MISSING", &format!("$.entry[0].resource.extension[{path}]"));
        let pointer = place(name, url_end);
        let mut value = crate::fixture::json(name);
        let extensions = value["entry"][0]["resource"]["extension"].as_array_mut().unwrap();
        extensions.remove(pointer.rsplit('/').next().unwrap().parse().unwrap());
        // Whom nothing leads to any more is no longer in the message.
        if path == "for" {
            value["entry"].as_array_mut().unwrap().truncate(1);
        }
        let reason = refusal(value.to_string().as_bytes());
        assert_eq!((reason.code.to_string(), reason.path.unwrap_or_default()), expected, "{name} {path}");
    }
}

#[test]
fn an_agenda_holds_no_citizen_of_another_municipality() {
    let found = fault("task-visitation-agenda.json", "/entry/2/resource/extension/0/valueCode", json!("185"));
    assert_eq!(found.0, "FIELD_INVALID");
    assert!(found.1.ends_with("extension[citizen]"), "{}", found.1);
}

#[test]
fn a_message_without_text_says_nothing() {
    let found = fault("care-question.json", "/entry/0/resource/payload/0/contentString", json!("<p> </p>"));
    assert_eq!(found, is("FIELD_MISSING", "$.entry[0].resource.payload"));
    let error = fault("care-question.json", "/entry/0/resource/status", json!("entered-in-error"));
    assert_eq!(error, is("TAKEN_BACK", "$.entry[0].resource.status"));
}

#[test]
fn a_letter_is_a_location_number_and_a_number_of_its_own() {
    for bad in ["45249877239313", "2512489996/1", "5790000121526/"] {
        let found = fault("plan-level.json", "/entry/0/resource/identifier/0/value", json!(bad));
        assert_eq!(found, is("FIELD_INVALID", "$.entry[0].resource.identifier[0].value"), "{bad}");
    }
    let kle = fault("grant-with-kle.json", "/entry/0/resource/code/coding/0/code", json!("27.57"));
    assert_eq!(kle, is("FIELD_INVALID", "$.entry[0].resource.code.coding[0].code"));
}

#[test]
fn who_sends_is_a_party_and_a_key_is_a_key() {
    let tag = "/entry/0/resource/meta/tag/0/code";
    for bad in ["Forkert", "a/b", "2512489996", ""] {
        let found = fault("task-visitation-case.json", tag, json!(bad));
        assert_eq!(found.1, "$.entry[0].resource.meta.tag[0].code", "{bad}");
    }
    let key = fault("care-answer.json", "/entry/0/resource/identifier/0/value", json!("adult-2512489996"));
    assert_eq!(key, is("FIELD_INVALID", "$.entry[0].resource.identifier[0].value"));
    let event = fault("care-answer.json", "/entry/0/resource/identifier/1/value", json!("2512489996"));
    assert_eq!(event, is("FIELD_INVALID", "$.entry[0].resource.identifier[1].value"));
}
