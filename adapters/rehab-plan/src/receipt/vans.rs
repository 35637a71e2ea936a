//! The network's own answers: the envelope that a receipt of the standard travels in, and the
//! network's receipt for the message itself.

use base64::prelude::{BASE64_STANDARD, Engine};
use budstikke_contract::adapter::{Fate, Reply};
use budstikke_contract::event::copenhagen;
use budstikke_strict_xml::{Document, Element, Encoding, Limits, Writer};
use jiff::{Timestamp, Zoned};
use uuid::Uuid;

use super::{MEDIA_TYPE, Refused, xctl};
use crate::ids;
use crate::reading::Original;
use crate::vans::{EndPoint, Envelope, Meta, NAMESPACE, TransportRequest};

/// The longest `Description` of an error.
const DESCRIPTION: usize = 512;

/// Puts a receipt of the standard into an envelope to where `original` came from.
pub(super) fn wrap(original: &Envelope, reply: Reply, at: &Zoned) -> Reply {
    let (envelope, _) = original.ids();
    let id = |kind| ids::uuid(kind, &[envelope.as_bytes(), &reply.body]);
    let document = |w: &mut Writer| {
        w.field("Format", "XML");
        w.field("Name", &format!("MCM:{}", reply.kind));
        w.field("Version", xctl::version(reply.kind));
        w.field("SizeInBytes", &reply.body.len().to_string());
    };
    let body = write(original, id("receipt-envelope"), at, |w| {
        w.element("Message", |w| {
            w.element("MetaInformation", |w| {
                w.field("Identifier", &id("receipt-message").to_string());
                w.element("Document", document);
                w.element("Transport", |w| {
                    w.field("Type", "reliable");
                    w.field("TransformMessage", "false");
                });
            });
            w.field("Data", &BASE64_STANDARD.encode(&reply.body));
        });
    });
    Reply { body, ..reply }
}

/// The network's receipt for a message: positive where anything of it was taken, negative where all
/// of it was refused, and nothing where all was answered before or no receipt is asked for.
pub(super) fn receipt(original: &Original, envelope: &Envelope, fates: &[Fate], at: &Zoned) -> Option<Reply> {
    if !envelope.wants_receipt() {
        return None;
    }
    let letters: Vec<_> = original.answerable().filter_map(|(place, head)| Some((head, fates.get(place)?))).collect();
    let to = letters.iter().find_map(|(head, _)| original.sender_of(head))?.clone();
    if letters.iter().all(|(_, fate)| matches!(fate, Fate::Answered)) {
        return None;
    }
    let refusals: Option<Vec<Refused<'_>>> = letters.iter().map(|(_, fate)| Refused::of(fate)).collect();
    let refused = refusals.and_then(|refusals| refusals.into_iter().next());
    let kind = if refused.is_some() { "NegativeMessage" } else { "PositiveMessage" };
    let (original_id, original_message) = envelope.ids();
    let id = ids::uuid(kind, &[original_id.as_bytes(), original_message.as_bytes()]);
    let body = write(envelope, id, at, |w| {
        w.element("Receipt", |w| {
            w.element(kind, |w| {
                if let Some(refused) = &refused {
                    w.element("Error", |w| w.field("Description", &refused.text(DESCRIPTION)));
                }
                w.field("OriginalEnvelopeIdentifier", &envelope.id);
                w.element("OriginalMessage", |w| repeat_meta(w, &envelope.message));
            });
        });
    });
    Some(Reply { to, kind, code: refused.map(|refused| refused.code), media_type: MEDIA_TYPE, body })
}

/// An envelope back to where `original` came from.
fn write(original: &Envelope, id: Uuid, at: &Zoned, content: impl FnOnce(&mut Writer)) -> Vec<u8> {
    Writer::document(Encoding::Utf8, "VANSEnvelope", NAMESPACE, |w| {
        end_point(w, "SenderID", &original.receiver);
        end_point(w, "ReceiverID", &original.sender);
        w.field("EnvelopeIdentifier", &id.to_string());
        w.field("SentDateTime", &sent(at));
        content(w);
    })
}

fn end_point(w: &mut Writer, name: &str, end_point: &EndPoint) {
    w.field_with(name, &[("EndPointType", &end_point.kind)], &end_point.id);
}

/// Danish time without an offset, as the network's envelopes have it.
fn sent(at: &Zoned) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

fn repeat_meta(w: &mut Writer, meta: &Meta) {
    w.field("Identifier", &meta.id);
    if let Some((provider, service)) = &meta.processing {
        w.element("Processing", |w| {
            w.field("ProviderIdentifier", provider);
            w.field("ServiceIdentifier", service);
        });
    }
    w.element("Document", |w| {
        w.field("Format", &meta.format);
        w.field("Name", &meta.name);
        if let Some(version) = &meta.version {
            w.field("Version", version);
        }
        w.field("SizeInBytes", &meta.size.to_string());
    });
    if let Some(transport) = &meta.transport {
        w.element("Transport", |w| repeat_transport(w, transport));
    }
}

fn repeat_transport(w: &mut Writer, transport: &TransportRequest) {
    if let Some(kind) = &transport.kind {
        w.field("Type", kind);
    }
    w.field("TransformMessage", &transport.transform);
    for (name, value) in &transport.tags {
        w.field_with("ServiceTag", &[("name", name)], value);
    }
}

/// The same answer once more (`VANSEnvelope`, rules of resending): in an envelope with a new id and
/// time, all else as it was. An answer without an envelope stays the same to the byte.
pub(crate) fn repeat(body: &[u8], repeat: u32, at: Timestamp) -> Vec<u8> {
    let same = || body.to_vec();
    let Ok(document) = Document::read(body, &Limits::default()) else { return same() };
    let root = document.root();
    if root.name() != "VANSEnvelope" {
        return same();
    }
    let field = |name| root.children().find(|element| element.name() == name);
    let (Some(id), Some(time)) = (field("EnvelopeIdentifier"), field("SentDateTime")) else { return same() };
    let new_id = ids::uuid("repeat", &[id.text().as_bytes(), &repeat.to_be_bytes()]);
    let sent = sent(&Zoned::new(at, copenhagen()));
    // We wrote it, so the one stands before the other and neither has anything to escape.
    let text = document.text();
    let part = |range: std::ops::Range<usize>| text.get(range).unwrap_or_default();
    let tagged = |element: Element<'_>, value: &str| format!("<{0}>{value}</{0}>", element.name());
    [
        part(0..id.span().start),
        &tagged(id, &new_id.to_string()),
        part(id.span().end..time.span().start),
        &tagged(time, &sent),
        part(time.span().end..text.len()),
    ]
    .concat()
    .into_bytes()
}
