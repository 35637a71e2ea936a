//! The network's envelope, `VANSEnvelope` 1.0.4, and the payload in it.

use std::borrow::Cow;

use base64::prelude::{BASE64_STANDARD, Engine};
use budstikke_contract::adapter::{Item, ItemBody, Transport};
use budstikke_contract::municipality::Gln;
use budstikke_contract::reason::Reason;
use budstikke_strict_xml::{Document, Limits};
use uuid::Uuid;

use crate::letter::Head;
use crate::part::{Field, Part};
use crate::reading::{self, Answerable, Original, Reading};
use crate::{emessage, refusal};

/// The version that is read and written.
pub(crate) const NAMESPACE: &str = "urn:oio:medcom:vans-envelope:1.0.4";
/// What the namespaces of all versions begin with.
const PREFIX: &str = "urn:oio:medcom:vans-envelope:";

const SENDER: Field = Field { steps: &["SenderID"], title: "kuvertens afsender" };
const RECEIVER: Field = Field { steps: &["ReceiverID"], title: "kuvertens modtager" };
const ID: Field = Field { steps: &["EnvelopeIdentifier"], title: "kuvertens nummer" };
const MESSAGE: Field = Field { steps: &["Message", "MetaInformation", "Identifier"], title: "kuvertens beskednummer" };
const FORMAT: Field =
    Field { steps: &["Message", "MetaInformation", "Document", "Format"], title: "formatet af kuvertens indhold" };
const NAME: Field =
    Field { steps: &["Message", "MetaInformation", "Document", "Name"], title: "navnet på kuvertens indhold" };
const SIZE: Field = Field {
    steps: &["Message", "MetaInformation", "Document", "SizeInBytes"],
    title: "størrelsen af kuvertens indhold",
};
const DATA: Field = Field { steps: &["Message", "Data"], title: "kuvertens indhold" };

/// Who sends an envelope, or gets it.
pub(crate) struct EndPoint {
    /// `EAN`, `CVR` or `VANS`.
    pub(crate) kind: String,
    pub(crate) id: String,
    /// The id, where it is the number of a location.
    pub(crate) gln: Option<Gln>,
}

/// What of an envelope must be known to answer it.
pub(crate) struct Envelope {
    pub(crate) sender: EndPoint,
    pub(crate) receiver: EndPoint,
    /// `EnvelopeIdentifier`, as it was written.
    pub(crate) id: String,
    pub(crate) message: Meta,
}

/// `MetaInformation`, which a receipt repeats.
pub(crate) struct Meta {
    /// As it was written.
    pub(crate) id: String,
    /// `ProviderIdentifier` and `ServiceIdentifier`.
    pub(crate) processing: Option<(String, String)>,
    pub(crate) format: String,
    pub(crate) name: String,
    pub(crate) version: Option<String>,
    pub(crate) size: i32,
    pub(crate) transport: Option<TransportRequest>,
}

/// How the sender wants the message carried.
pub(crate) struct TransportRequest {
    /// `reliable` or `unreliable`.
    pub(crate) kind: Option<String>,
    pub(crate) transform: String,
    /// Name and value.
    pub(crate) tags: Vec<(String, String)>,
}

impl Envelope {
    /// The ids of the envelope and of the message in it, as they are compared.
    pub(crate) fn ids(&self) -> (String, String) {
        (self.id.to_lowercase(), self.message.id.to_lowercase())
    }

    pub(crate) fn transport(&self, payload: &[u8]) -> Transport {
        let (envelope, message) = self.ids();
        Transport { envelope, message: Some(message), content: payload.to_owned() }
    }

    /// Whether the sender waits for a receipt of the network. Who says nothing does.
    pub(crate) fn wants_receipt(&self) -> bool {
        let kind = self.message.transport.as_ref().and_then(|transport| transport.kind.as_deref());
        kind != Some("unreliable")
    }
}

/// Reads an envelope.
pub(crate) fn read(root: Part<'_>, body: &[u8]) -> Reading {
    if root.namespace() != NAMESPACE {
        let other_version = root.namespace().starts_with(PREFIX);
        let reason = if other_version { refusal::version_unknown() } else { refusal::not_carried() };
        return Reading::unread(body, reason);
    }
    if let Some(receipt) = root.child("Receipt") {
        return recorded(root, receipt, body);
    }
    match envelope(root) {
        Ok(envelope) => message(root, envelope),
        Err(reason) => Reading::unread(body, within(reason)),
    }
}

/// A receipt of the network for something that we sent.
fn recorded(root: Part<'_>, receipt: Part<'_>, body: &[u8]) -> Reading {
    let kinds = ["NegativeVans", "NegativeMessage", "PositiveMessage"];
    let what = kinds.into_iter().find(|kind| receipt.child(kind).is_some()).unwrap_or("VANS");
    let record = ItemBody::Record { what: what.to_owned() };
    let id = root.find(&ID).ok().flatten().filter(|id| is_uuid(id)).map(|id| id.to_lowercase());
    let item = match &id {
        Some(id) => Item { key: Some(format!("vans/{id}")), content: root.element().source().into(), body: record },
        None => reading::unread(body, record),
    };
    let transport = id.map(|envelope| Transport { envelope, message: None, content: body.to_owned() });
    let original = Original { letters: vec![Answerable::Receipt], ..Original::default() };
    Reading { transport, items: vec![item], original }
}

/// The message in an envelope.
fn message(root: Part<'_>, envelope: Envelope) -> Reading {
    let payload = match payload(root, &envelope) {
        Ok(payload) => payload,
        Err(reason) => {
            let data = root.find(&DATA).ok().flatten().unwrap_or_default();
            return unread(data.as_bytes(), envelope, within(reason));
        }
    };
    match Document::read(&payload, &Limits::default()) {
        Ok(document) => match Part::root(document.root()) {
            part if part.name() == "Emessage" => emessage::read(part, &payload, Some(envelope)),
            _ => unread(&payload, envelope, refusal::not_carried()),
        },
        Err(fault) => unread(&payload, envelope, refusal::xml(&fault)),
    }
}

/// A message that is no letter; the network still gets its receipt.
fn unread(content: &[u8], envelope: Envelope, reason: Reason) -> Reading {
    let transport = Some(envelope.transport(content));
    let items = vec![reading::unread(content, ItemBody::Refused(reason))];
    let letters = vec![Answerable::Letter(Head::default())];
    Reading { transport, items, original: Original { vans: Some(envelope), emessage: None, letters } }
}

/// The payload of an envelope that was read before.
pub(crate) fn payload_of(root: Part<'_>) -> Option<Vec<u8>> {
    payload(root, &envelope(root).ok()?).ok()
}

/// The payload, where it is what the envelope says.
fn payload(root: Part<'_>, envelope: &Envelope) -> Result<Vec<u8>, Reason> {
    if envelope.message.format != "XML" {
        return Err(refusal::format_not_carried());
    }
    let mut data = root.require(&DATA)?.into_owned();
    data.retain(|c| !c.is_ascii_whitespace());
    let undecodable = |_quotes_the_input| refusal::payload("det er ikke base64");
    let payload = BASE64_STANDARD.decode(data).map_err(undecodable)?;
    match usize::try_from(envelope.message.size) {
        Ok(size) if size == payload.len() => Ok(payload),
        _ => Err(refusal::payload("det har en anden størrelse end SizeInBytes")),
    }
}

fn envelope(root: Part<'_>) -> Result<Envelope, Reason> {
    let uuid = |field: &Field| {
        let id = root.require(field)?;
        if is_uuid(&id) { Ok(id.into_owned()) } else { Err(refusal::invalid(field, "et UUID")) }
    };
    Ok(Envelope {
        sender: end_point(root, &SENDER)?,
        receiver: end_point(root, &RECEIVER)?,
        id: uuid(&ID)?,
        message: meta(root, uuid(&MESSAGE)?)?,
    })
}

fn end_point(root: Part<'_>, field: &Field) -> Result<EndPoint, Reason> {
    let id = root.require(field)?.into_owned();
    let name = field.steps.first().copied().unwrap_or_default();
    let kind = root.child(name).and_then(|part| part.element().attribute("EndPointType"));
    let known = kind.filter(|kind| matches!(*kind, "EAN" | "CVR" | "VANS")).filter(|_| id.chars().count() <= 18);
    let kind = known.ok_or_else(|| refusal::invalid(field, "et EAN-, CVR- eller VANS-nummer på højst 18 tegn"))?;
    let gln = if kind == "EAN" { Gln::parse(&id) } else { None };
    Ok(EndPoint { kind: kind.to_owned(), id, gln })
}

fn meta(root: Part<'_>, id: String) -> Result<Meta, Reason> {
    let short = |text: &str| text.chars().count() <= 255;
    let format = root.require(&FORMAT)?;
    if !matches!(format.as_ref(), "XML" | "EDIFACT" | "HL7" | "Binary" | "Other") {
        return Err(refusal::invalid(&FORMAT, "XML, EDIFACT, HL7, Binary eller Other"));
    }
    let name = root.require(&NAME)?;
    if !short(&name) {
        return Err(refusal::invalid(&NAME, "højst 255 tegn"));
    }
    let size = root.require(&SIZE)?.parse().map_err(|_quotes_the_input| refusal::invalid(&SIZE, "et helt tal"))?;
    let part = root.child("Message").and_then(|message| message.child("MetaInformation"));
    let document = part.and_then(|part| part.child("Document"));
    let own = |part: Part<'_>, name| part.get(name).filter(|text| short(text)).map(Cow::into_owned);
    let processing = part.and_then(|part| part.child("Processing"));
    Ok(Meta {
        id,
        processing: processing.and_then(|p| own(p, "ProviderIdentifier").zip(own(p, "ServiceIdentifier"))),
        format: format.into_owned(),
        name: name.into_owned(),
        version: document.and_then(|document| own(document, "Version")),
        size,
        transport: part.and_then(|part| part.child("Transport")).map(transport_request),
    })
}

/// What of the wishes a receipt may repeat: it must stay within the schema even where they do not.
fn transport_request(part: Part<'_>) -> TransportRequest {
    let short = |text: &str| (1..=70).contains(&text.chars().count());
    let tag = |tag: Part<'_>| {
        let name = tag.element().attribute("name").filter(|name| short(name))?;
        Some((name.to_owned(), tag.value().filter(|value| short(value))?.into_owned()))
    };
    let kind = part.get("Type").filter(|kind| matches!(kind.as_ref(), "reliable" | "unreliable"));
    let transform = part.get("TransformMessage").filter(|text| matches!(text.as_ref(), "true" | "false" | "0" | "1"));
    TransportRequest {
        kind: kind.map(Into::into),
        transform: transform.map_or_else(|| "false".to_owned(), Into::into),
        tags: part.all("ServiceTag").filter_map(tag).take(5).collect(),
    }
}

/// With hyphens, as the schema has it.
fn is_uuid(text: &str) -> bool {
    text.len() == 36 && Uuid::try_parse(text).is_ok()
}

/// Puts a path where it is told from.
fn within(mut reason: Reason) -> Reason {
    let told_from_root = |path: &str| path.starts_with("VANSEnvelope");
    reason.path = reason.path.map(|path| if told_from_root(&path) { path } else { format!("VANSEnvelope/{path}") });
    reason
}
