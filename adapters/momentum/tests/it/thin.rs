//! DFDG's thin events: refused without their content, and read with it.

use budstikke_contract::adapter::{Adapter, Raw};
use budstikke_contract::reason::Reason;
use budstikke_momentum::Momentum;
use serde_json::{Value, json};

use crate::fixture::{event, fixture, json, only, raw, refused, translate};

const GUID: &str = "3f0c9b52-6f6e-4a1d-9d0e-5f1b7c2a8e44";

fn complete(thin: &[u8], fetched: &[u8]) -> budstikke_contract::adapter::Item {
    only(Momentum.complete(&raw(thin), fetched))
}

fn reason(name: &str) -> Reason {
    refused(only(translate(&fixture(name))))
}

#[test]
fn it_says_what_to_fetch() {
    for name in ["thin-changed.json", "thin-created.json"] {
        let body = fixture(name);
        let wanted = Momentum.wanted(&raw(&body)).unwrap();
        assert_eq!((wanted.entity(), wanted.id().to_string().as_str()), ("Fravaer", GUID));
        assert_eq!(reason(name).code.as_str(), "CONTENT_NEEDED");
    }
}

#[test]
fn nothing_is_fetched_for_what_is_gone_for_a_list_and_for_what_has_its_content() {
    for name in ["thin-deleted.json", "thin-in-list.json", "event-absence-registered.json", "wrong-thin-guid.json"] {
        assert_eq!(Momentum.wanted(&raw(&fixture(name))), None, "{name}");
    }
    let texts = ["thin-changed.json", "thin-deleted.json"].map(|name| reason(name).text);
    assert_ne!(texts[0], texts[1]);
    for item in translate(&fixture("thin-in-list.json")).items {
        let reason = refused(item);
        assert_eq!(reason.code.as_str(), "CONTENT_NEEDED");
        assert!(!texts.contains(&reason.text));
    }
}

#[test]
fn with_its_content_it_is_the_event_under_the_thin_ones_name() {
    let thin = fixture("thin-changed.json");
    let before = only(translate(&thin));
    let item = complete(&thin, &fixture("event-absence-registered.json"));
    assert_eq!((&item.key, &item.content), (&before.key, &before.content));
    assert_eq!(item.key, Some(format!("dfdg {GUID} 2 2026-11-20T09:12:33Z")));
    assert_eq!(event(item).kind.name(), "employment.absence.registered");
}

#[test]
fn content_about_something_else_or_about_nothing_that_it_names_is_refused() {
    let thin = fixture("thin-changed.json");
    let mut content = json("event-absence-registered.json");
    assert_eq!(content["externalId"], GUID);
    let mut complete = |external: Value| {
        content["externalId"] = external;
        complete(&thin, content.to_string().as_bytes())
    };
    let upper = complete(json!(GUID.to_uppercase()));
    assert_eq!(event(upper).kind.name(), "employment.absence.registered", "a guid is the same in capitals");
    for (external, code) in [
        (json!("3f0c9b52-6f6e-4a1d-9d0e-5f1b7c2a8e45"), "FIELD_INVALID"),
        (Value::Null, "FIELD_MISSING"),
        (json!("2512489996"), "FIELD_INVALID"),
    ] {
        let item = complete(external);
        assert_eq!(item.key, Some(format!("dfdg {GUID} 2 2026-11-20T09:12:33Z")));
        let reason = refused(item);
        assert_eq!((reason.code.as_str(), reason.path.as_deref()), (code, Some("$.externalId")));
    }
}

#[test]
fn a_change_without_a_time_is_known_by_what_is_fetched_for_it() {
    let mut thin = json("thin-changed.json");
    thin.as_object_mut().unwrap().remove("Tidspunkt");
    let mut content = json("event-absence-registered.json");
    let key = |thin: &Value, content: &Value, received: &str| {
        let (thin, content) = (thin.to_string(), content.to_string());
        let raw = Raw { body: thin.as_bytes(), received: received.parse().unwrap() };
        only(Momentum.complete(&raw, content.as_bytes())).key.unwrap()
    };
    let (first, second) = ("2026-11-20T10:00:00Z", "2026-11-21T10:00:00Z");
    let known = key(&thin, &content, first);
    assert_eq!(known, key(&thin, &content, second), "it came again, and nothing has changed since");
    content["messageId"] = json!("another");
    assert_ne!(known, key(&thin, &content, second), "something has");
    thin["Aendringstype"] = json!(1);
    assert_eq!(key(&thin, &content, first), format!("dfdg {GUID} 1"), "a thing is created once");
}

#[test]
fn content_that_is_not_one_message_is_refused() {
    let thin = fixture("thin-changed.json");
    let code = |fetched: &[u8]| refused(complete(&thin, fetched)).code.to_string();
    assert_eq!(code(b"<html/>"), "JSON_MALFORMED");
    assert_eq!(code(b"null"), "FIELD_INVALID");
    assert_eq!(code(&fixture("list.json")), "FIELD_INVALID");
    assert_eq!(code(&thin), "FIELD_INVALID");
    assert_eq!(code(&fixture("wrong-cpr.json")), "CPR_IMPOSSIBLE");
}

#[test]
fn content_for_what_has_its_own_is_not_looked_at() {
    let body = fixture("event-case-opened.json");
    let item = complete(&body, &fixture("event-case-closed.json"));
    assert_eq!(event(item).kind.name(), "employment.case.opened");
}

#[test]
fn a_change_that_comes_again_is_another_one_unless_it_tells_the_same_time() {
    let key = |body: &Value, received: &str| {
        let body = body.to_string();
        only(Momentum.translate(&Raw { body: body.as_bytes(), received: received.parse().unwrap() })).key.unwrap()
    };
    let (first, second) = ("2026-11-20T10:00:00Z", "2026-11-21T10:00:00Z");
    let mut thin = json("thin-changed.json");
    assert_eq!(key(&thin, first), key(&thin, second));
    thin.as_object_mut().unwrap().remove("Tidspunkt");
    assert_ne!(key(&thin, first), key(&thin, second));
    thin["Aendringstype"] = json!(1);
    assert_eq!(key(&thin, first), key(&thin, second));
    let created = key(&thin, first);
    thin["Aendringstype"] = json!(3);
    assert_ne!(key(&thin, first), created);
}
