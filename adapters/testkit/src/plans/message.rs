//! One message: an `Emessage` with its letters, in an encoding, perhaps in the network's envelope.

use base64::prelude::{BASE64_STANDARD, Engine};

use super::letters::{Format, Plan};
use super::markup::{element, field};

/// How a message is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8.
    Utf8,
    /// UTF-8 with a byte order mark and a processing instruction after the declaration, as the
    /// public example of GGOP has it.
    Utf8Marked,
    /// ISO-8859-1, as most letters are.
    Latin1,
    /// windows-1252.
    Windows1252,
}

/// The network's envelope.
#[derive(Debug, Clone)]
pub struct Vans {
    envelope: String,
    message: String,
    reliable: bool,
}

impl Vans {
    /// An envelope with these ids, both UUIDs.
    pub fn new(envelope: impl Into<String>, message: impl Into<String>) -> Self {
        Self { envelope: envelope.into(), message: message.into(), reliable: true }
    }

    /// An envelope with ids that are made of a number.
    pub fn numbered(number: u64) -> Self {
        Self::new(format!("e0000000-0000-4000-8000-{number:012x}"), format!("a0000000-0000-4000-8000-{number:012x}"))
    }

    /// Whether its sender waits for a receipt of the network; otherwise it does.
    #[must_use]
    pub fn reliable(mut self, reliable: bool) -> Self {
        self.reliable = reliable;
        self
    }
}

/// One message.
#[derive(Debug, Clone)]
pub struct Message {
    envelope: String,
    plans: Vec<Plan>,
    wants_positive: bool,
    encoding: Encoding,
    vans: Option<Vans>,
    size: usize,
}

/// What fills a letter up to a wanted size: a byte a character in every encoding.
const FILLER: &str = "Behov for vejledt styrke- og balancetraening. ";

impl Message {
    /// An `Emessage` with the envelope id `envelope` and no letter yet.
    pub fn new(envelope: impl Into<String>) -> Self {
        Self {
            envelope: envelope.into(),
            plans: Vec::new(),
            wants_positive: true,
            encoding: Encoding::Utf8,
            vans: None,
            size: 0,
        }
    }

    /// One more letter. The first one decides the namespaces, so all are of one format.
    #[must_use]
    pub fn plan(mut self, plan: Plan) -> Self {
        self.plans.push(plan);
        self
    }

    /// Whether its sender asks for positive receipts too; otherwise it does.
    #[must_use]
    pub fn wants_positive(mut self, wants_positive: bool) -> Self {
        self.wants_positive = wants_positive;
        self
    }

    /// How it is encoded; otherwise in UTF-8.
    #[must_use]
    pub fn encoding(mut self, encoding: Encoding) -> Self {
        self.encoding = encoding;
        self
    }

    /// The network's envelope around it; otherwise it has none.
    #[must_use]
    pub fn vans(mut self, vans: Vans) -> Self {
        self.vans = Some(vans);
        self
    }

    /// Fills the first letter until the `Emessage` has this many bytes.
    #[must_use]
    pub fn size(mut self, bytes: usize) -> Self {
        self.size = bytes;
        self
    }

    /// The `Emessage`.
    pub fn payload(&self) -> Vec<u8> {
        let bare = encoded(&self.text(""), self.encoding);
        let Some(missing) = self.size.checked_sub(bare.len()).filter(|&missing| missing > 0) else { return bare };
        let mut filler = FILLER.repeat(missing / FILLER.len() + 1);
        filler.truncate(missing);
        encoded(&self.text(&filler), self.encoding)
    }

    /// The message as it travels.
    pub fn bytes(&self) -> Vec<u8> {
        let payload = self.payload();
        match &self.vans {
            Some(vans) => self.enveloped(vans, &payload).into_bytes(),
            None => payload,
        }
    }

    fn text(&self, filler: &str) -> String {
        let ggop = self.plans.first().is_none_or(|plan| plan.format == Format::Ggop);
        let mut out = String::with_capacity(self.size.max(2048));
        out.push_str(match self.encoding {
            Encoding::Utf8 => "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
            Encoding::Utf8Marked => {
                "\u{FEFF}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n  <?xml-stylesheet href=\"x\"?>\n"
            }
            Encoding::Latin1 => "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n",
            Encoding::Windows1252 => "<?xml version=\"1.0\" encoding=\"windows-1252\"?>\n",
        });
        out.push_str(if ggop {
            "<Emessage xmlns=\"urn:oio:medcom:municipality:1.0.4\" xmlns:m=\"urn:oio:medcom:municipality:1.0.0\">"
        } else {
            "<Emessage xmlns=\"http://rep.oio.dk/sundcom.dk/medcom.dk/xml/schemas/2006/07/01/\">"
        });
        let own = |name| [if ggop { "m:" } else { "" }, name].concat();
        element(&mut out, &own("Envelope"), |out| {
            element(out, &own("Sent"), |out| {
                field(out, &own("Date"), "2026-11-20");
                field(out, &own("Time"), "10:16");
            });
            field(out, &own("Identifier"), &self.envelope);
            let code = if self.wants_positive { "pluspositivkvitt" } else { "minuspositivkvitt" };
            field(out, &own("AcknowledgementCode"), code);
        });
        let fillers = std::iter::once(filler).chain(std::iter::repeat(""));
        for (plan, filler) in self.plans.iter().zip(fillers) {
            plan.write(&mut out, filler);
        }
        out.push_str("</Emessage>\n");
        out
    }

    fn enveloped(&self, vans: &Vans, payload: &[u8]) -> String {
        let (name, version) = match self.plans.first().map(|plan| plan.format) {
            Some(Format::Correspondence) => ("MCM:XDIS91", "XD9134L"),
            Some(Format::Ggop) | None => ("MCM:GGOP", "GGOP100"),
        };
        let sender = self.plans.first().map_or("5790000000012", |plan| plan.sender.as_str());
        let transport = if vans.reliable { "reliable" } else { "unreliable" };
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <VANSEnvelope xmlns=\"urn:oio:medcom:vans-envelope:1.0.4\"><SenderID EndPointType=\"EAN\">{sender}</SenderID>\
             <ReceiverID EndPointType=\"EAN\">5790000000029</ReceiverID>\
             <EnvelopeIdentifier>{}</EnvelopeIdentifier><SentDateTime>2026-11-20T10:16:30</SentDateTime>\
             <Message><MetaInformation><Identifier>{}</Identifier><Document><Format>XML</Format><Name>{name}</Name>\
             <Version>{version}</Version><SizeInBytes>{}</SizeInBytes></Document><Transport><Type>{transport}</Type>\
             <TransformMessage>false</TransformMessage></Transport></MetaInformation><Data>{}</Data></Message>\
             </VANSEnvelope>\n",
            vans.envelope,
            vans.message,
            payload.len(),
            BASE64_STANDARD.encode(payload),
        )
    }
}

/// The text in bytes; what the encoding has no byte for is written as a reference.
fn encoded(text: &str, encoding: Encoding) -> Vec<u8> {
    if matches!(encoding, Encoding::Utf8 | Encoding::Utf8Marked) {
        return text.as_bytes().to_vec();
    }
    let mut bytes = Vec::with_capacity(text.len());
    for c in text.chars() {
        match u8::try_from(c) {
            // The same byte in both encodings.
            Ok(byte) if !(0x80..0xA0).contains(&byte) => bytes.push(byte),
            Ok(_) | Err(_) => bytes.extend_from_slice(format!("&#{};", u32::from(c)).as_bytes()),
        }
    }
    bytes
}
