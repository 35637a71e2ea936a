//! The bytes and properties that a mailbox gets. The same delivery always gives the same bytes:
//! they are put together from what the ledger keeps, as text, without parsing and writing it anew.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use budstikke_contract::event::{EventKind, MEDIA_TYPE};
use budstikke_contract::id::{DeliveryId, EventId};
use bytes::Bytes;
use data_encoding::HEXLOWER;
use serde_json::Value;

use crate::agreement::model::Body;
use crate::ledger::delivery::{Delivery, Why};
use crate::ledger::goods::{Goods, Original};

/// Something ready to be carried.
#[derive(Debug, Clone)]
pub struct Parcel {
    /// The delivery's number.
    pub seq: i64,
    /// Its id, by which a receiver drops a repeat.
    pub id: DeliveryId,
    /// The mailbox.
    pub mailbox: String,
    /// What kind of thing it is: an event's CloudEvents type, or an answer's own word (`XCTL03`).
    pub kind: String,
    /// What ties a request and its answer together.
    pub correlation: Option<String>,
    /// The media type of the body.
    pub media_type: String,
    /// What a receiver may need to know before it reads the body. Never anything about a person.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Bytes,
}

impl Parcel {
    /// Puts a delivery together, for a mailbox that gets `body`.
    pub fn pack(delivery: &Delivery, body: Body, goods: &Goods) -> Self {
        let empty = Self {
            seq: delivery.seq,
            id: delivery.id,
            mailbox: delivery.mailbox.clone(),
            kind: String::new(),
            correlation: None,
            media_type: String::new(),
            headers: Vec::new(),
            body: Bytes::new(),
        };
        match goods {
            Goods::Reply { kind, media_type, body } => {
                Self { kind: kind.clone(), media_type: media_type.clone(), body: body.clone(), ..empty }
            }
            Goods::Event { id, kind, correlation, json, original } => {
                let (media_type, bytes) = match (body, original) {
                    (Body::Original, Some(original)) => (original.media_type, original.bytes.clone()),
                    (Body::EventAndOriginal, Some(original)) => {
                        (MEDIA_TYPE, splice(delivery, kind, json, Some(original)))
                    }
                    (Body::Event | Body::EventAndOriginal | Body::Original, _) => {
                        (MEDIA_TYPE, splice(delivery, kind, json, None))
                    }
                };
                Self {
                    kind: EventKind::named(kind).map_or_else(|| kind.clone(), EventKind::wire_type),
                    correlation: correlation.clone(),
                    media_type: media_type.to_owned(),
                    headers: headers(delivery, *id),
                    body: bytes,
                    ..empty
                }
            }
        }
    }
}

fn headers(delivery: &Delivery, event: EventId) -> Vec<(&'static str, String)> {
    let parent: String = HEXLOWER.encode(delivery.id.as_bytes()).chars().take(16).collect();
    let mut headers = vec![
        ("traceparent", format!("00-{}-{parent}-00", HEXLOWER.encode(event.as_bytes()))),
        ("deliveredas", delivery.capacity.clone()),
    ];
    headers.extend(attributes(&delivery.why));
    headers
}

/// What the delivery adds to the event, as CloudEvents extension attributes.
fn attributes(why: &Why) -> Vec<(&'static str, String)> {
    let join = |pick: fn(&(String, String)) -> &String| {
        let mut parts: Vec<&str> = why.rules.iter().map(|rule| pick(rule).as_str()).collect();
        parts.dedup();
        parts.join(", ")
    };
    let mut attributes = vec![("rule", join(|rule| &rule.0)), ("clause", join(|rule| &rule.1))];
    if let Some(duty) = &why.duty {
        attributes.push(("dutyid", duty.id.clone()));
        attributes.push(("dutykind", duty.kind.clone()));
        attributes.extend(duty.due.map(|due| ("dutydue", due.to_string())));
    }
    attributes.extend(why.corrected_by.clone().map(|edition| ("correctedby", edition)));
    attributes.extend(why.handed.as_ref().map(|handed| ("handedfrom", handed.from.clone())));
    if why.protected {
        attributes.push(("protected", "true".to_owned()));
    }
    attributes
}

/// The event's text with the delivery's attributes before its first, and the original after the
/// last member of `data`. The event is written by [`Event::to_json`], which promises that both
/// places are there.
///
/// [`Event::to_json`]: budstikke_contract::event::Event::to_json
fn splice(delivery: &Delivery, kind: &str, json: &[u8], original: Option<&Original>) -> Bytes {
    let inner = json.strip_prefix(b"{").unwrap_or(json);
    let inner = inner.strip_suffix(b"}}").unwrap_or(inner);
    let mut text = Vec::with_capacity(json.len() + original.map_or(0, |it| it.bytes.len() * 3 / 2) + 512);
    text.push(b'{');
    let id = ("deliveryid", delivery.id.to_string());
    let capacity = ("deliveredas", delivery.capacity.clone());
    for (name, value) in [id, capacity].into_iter().chain(attributes(&delivery.why)) {
        text.extend_from_slice(format!("\"{name}\":{},", Value::String(value)).as_bytes());
    }
    text.extend_from_slice(inner);
    for member in duties(kind, &delivery.why).into_iter().chain(original.map(member)) {
        if !text.ends_with(b"{") {
            text.push(b',');
        }
        text.extend_from_slice(member.as_bytes());
    }
    text.extend_from_slice(b"}}");
    text.into()
}

/// The duties that news of a citizen is about, each mailbox its own.
fn duties(kind: &str, why: &Why) -> Option<String> {
    let name = if kind == "citizen.died" { "closed_duties" } else { "open_duties" };
    (!why.duties.is_empty()).then(|| format!("\"{name}\":{}", Value::Array(why.duties.clone())))
}

fn member(original: &Original) -> String {
    let hash = HEXLOWER.encode(digest(&SHA256, &original.bytes).as_ref());
    let encoding = encoding(&original.bytes);
    let mut member = format!(
        "\"original\":{{\"media_type\":\"{}\",\"encoding\":{},\"sha256\":\"{hash}\",\"base64\":\"",
        original.media_type,
        Value::String(encoding),
    );
    STANDARD.encode_string(&original.bytes, &mut member);
    member.push_str("\"}");
    member
}

/// The character encoding that an XML declaration names; UTF-8 where none does.
fn encoding(bytes: &[u8]) -> String {
    let head: String = bytes.iter().take(160).map(|byte| char::from(*byte)).collect();
    let declaration = head.split("?>").next().filter(|head| head.contains("<?xml")).unwrap_or_default();
    let named = declaration.split("encoding=").nth(1).and_then(|rest| {
        let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
        rest.get(1..)?.split(quote).next()
    });
    let good = |name: &&str| (1..=40).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_graphic());
    named.filter(good).unwrap_or("UTF-8").to_owned()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use jiff::civil::date;
    use serde_json::json;

    use super::*;
    use crate::ledger::delivery::{Content, State, WhyDuty};

    fn delivery() -> Delivery {
        let event = EventId::of_hub("test", "parcel", 0);
        Delivery {
            seq: 1,
            id: DeliveryId::derive(event, "taarnby/genoptraening", "amqp"),
            content: Content::Event(1),
            mailbox: "taarnby/genoptraening".to_owned(),
            channel: "amqp".to_owned(),
            capacity: "task".to_owned(),
            why: Why {
                rules: vec![("plan".to_owned(), "S1 2".to_owned()), ("egen".to_owned(), "S1 2".to_owned())],
                duty: Some(WhyDuty { id: "d".to_owned(), kind: "act".to_owned(), due: Some(date(2026, 11, 27)) }),
                ..Why::default()
            },
            lane: [0; 16],
            state: State::Waiting,
            passed: false,
            attempts: 0,
            next_at: Timestamp::UNIX_EPOCH,
            reason: None,
            business: None,
            returned: None,
        }
    }

    fn goods(data: &Value, original: Option<&[u8]>) -> Goods {
        let json = format!("{{\"specversion\":\"1.0\",\"id\":\"1\",\"data\":{data}}}");
        let original = original.map(|bytes| Original { media_type: "application/xml", bytes: bytes.to_vec().into() });
        let id = EventId::of_hub("test", "parcel", 0);
        Goods::Event { id, kind: "rehab.plan.received".to_owned(), correlation: None, json: json.into(), original }
    }

    fn packed(body: Body, goods: &Goods) -> (Parcel, Value) {
        let parcel = Parcel::pack(&delivery(), body, goods);
        let value = serde_json::from_slice(&parcel.body).unwrap_or_default();
        (parcel, value)
    }

    #[test]
    fn the_event_goes_with_what_it_is_to_this_mailbox() {
        let (parcel, value) = packed(Body::Event, &goods(&json!({"x": "y"}), Some(b"<a/>")));
        assert_eq!(value["deliveredas"], "task");
        assert_eq!(value["clause"], "S1 2");
        assert_eq!(value["rule"], "plan, egen");
        assert_eq!(value["dutydue"], "2026-11-27");
        assert_eq!(value["deliveryid"], delivery().id.to_string());
        assert_eq!(value["data"], json!({"x": "y"}));
        assert_eq!(parcel.kind, "dk.budstikke.rehab.plan.received.v1");
        assert_eq!(parcel.media_type, MEDIA_TYPE);
    }

    #[test]
    fn the_original_travels_byte_for_byte() {
        let bytes = "<?xml version='1.0' encoding='ISO-8859-1'?><a>\u{e6}</a>".as_bytes();
        for data in [json!({"x": "y"}), json!({}), json!({"x": "}}"})] {
            let (_, value) = packed(Body::EventAndOriginal, &goods(&data, Some(bytes)));
            let original = &value["data"]["original"];
            assert_eq!(STANDARD.decode(original["base64"].as_str().unwrap()).unwrap(), bytes);
            assert_eq!(
                (original["encoding"].as_str(), original["media_type"].as_str()),
                (Some("ISO-8859-1"), Some("application/xml"))
            );
            assert_eq!(original["sha256"].as_str().unwrap().len(), 64);
        }
        let (parcel, _) = packed(Body::Original, &goods(&json!({}), Some(bytes)));
        assert_eq!((&parcel.body[..], parcel.media_type.as_str()), (bytes, "application/xml"));
    }

    #[test]
    fn what_has_no_original_goes_as_an_event() {
        for body in Body::ALL {
            let (parcel, value) = packed(body, &goods(&json!({"x": 1}), None));
            assert_eq!(parcel.media_type, MEDIA_TYPE);
            assert_eq!(value["data"], json!({"x": 1}));
        }
    }

    #[test]
    fn the_same_delivery_gives_the_same_bytes() {
        let goods = goods(&json!({"x": "y"}), Some(b"<a/>"));
        assert_eq!(packed(Body::EventAndOriginal, &goods).0.body, packed(Body::EventAndOriginal, &goods).0.body);
    }

    #[test]
    fn the_trace_header_is_one() {
        let (parcel, _) = packed(Body::Event, &goods(&json!({}), None));
        let (_, trace) = parcel.headers.iter().find(|(name, _)| *name == "traceparent").unwrap();
        let lengths: Vec<usize> = trace.split('-').map(str::len).collect();
        assert_eq!(lengths, [2, 32, 16, 2]);
    }
}
