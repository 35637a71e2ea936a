//! What `Beskeddata` holds: an element, a text, or either of them as Base64; once, more often, or
//! not at all. And what the answer of CPR's basic look-up says, where it lies there.

use base64::prelude::{BASE64_STANDARD, Engine};
use budstikke_contract::municipality::MunicipalityCode;
use budstikke_contract::person::Cpr;
use budstikke_contract::reason::Reason;
use budstikke_strict_xml::{Document, Element, Limits};
use jiff::civil::Date;

use crate::envelope::{ENVELOPE, Message};
use crate::refusal;

/// The namespace of `Base64` as it is really delivered; some have that of the envelope.
const BASE64: &str = "urn:besked:kuvert:1.0";
/// What the namespace of CPR's basic look-up begins with, in whatever version.
const BASIC: &str = "http://serviceplatformen.dk/xml/wsdl/soap11/CPRBasicInformationService/";
/// CPR's status of a person who is dead.
const DEAD: &str = "90";

/// The payloads of a message, each as a document of its own. Empty ones are none.
pub(crate) fn of(message: &Message<'_>) -> Result<Vec<Vec<u8>>, Reason> {
    let mut payloads = Vec::new();
    for data in &message.data {
        let mut elements = data.children().peekable();
        if elements.peek().is_none() {
            let text = data.text();
            if !text.trim().is_empty() {
                payloads.push(text.trim().as_bytes().to_owned());
            }
        }
        for element in elements {
            if element.name() == "Base64" && [Some(BASE64), Some(ENVELOPE)].contains(&element.namespace()) {
                let bytes = decoded(element)?;
                if !bytes.iter().all(u8::is_ascii_whitespace) {
                    payloads.push(bytes);
                }
            } else {
                let around: Vec<Element<'_>> = std::iter::once(*data).chain(message.around.iter().copied()).collect();
                payloads.push(standalone(element, &around).into_bytes());
            }
        }
    }
    Ok(payloads)
}

fn decoded(element: Element<'_>) -> Result<Vec<u8>, Reason> {
    let mut text = element.text().into_owned();
    text.retain(|c| !c.is_ascii_whitespace());
    BASE64_STANDARD.decode(text).map_err(|_quotes_the_input| refusal::not_base64())
}

/// An element as a document of its own: what `around` it declares of namespaces stands in it.
fn standalone(element: Element<'_>, around: &[Element<'_>]) -> String {
    let source = element.source();
    let mut declared: Vec<&str> = declarations(source).map(|(prefix, _)| prefix).collect();
    let mut missing = String::new();
    for (prefix, declaration) in around.iter().flat_map(|outer| declarations(outer.source())) {
        let used = prefix.is_empty() || source.contains(&format!("{prefix}:"));
        if used && !declared.contains(&prefix) {
            declared.push(prefix);
            missing.push(' ');
            missing.push_str(declaration);
        }
    }
    let name_end = source.find(|c: char| c.is_ascii_whitespace() || c == '>' || c == '/').unwrap_or(source.len());
    let (name, rest) = source.split_at_checked(name_end).unwrap_or((source, ""));
    format!("{name}{missing}{rest}")
}

/// The namespace declarations of a start tag, each with its prefix; that of the default namespace
/// has none. The document was read, so the tag is well-formed.
fn declarations(source: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = source.find(|c: char| c.is_ascii_whitespace() || c == '>').and_then(|at| source.get(at..));
    std::iter::from_fn(move || {
        loop {
            let text = rest?.trim_start();
            let (name, after) = text.split_once('=').filter(|_| !text.starts_with(['>', '/']))?;
            let value = after.trim_start();
            let quote = value.chars().next()?;
            let length = value.get(1..)?.find(quote)? + 2;
            let attribute_length = text.len() - value.len() + length;
            rest = text.get(attribute_length..);
            let prefix = match name.trim_end() {
                "xmlns" => Some(""),
                name => name.strip_prefix("xmlns:"),
            };
            if let Some(prefix) = prefix {
                return Some((prefix, text.get(..attribute_length)?));
            }
        }
    })
}

/// What CPR's basic look-up says of a person.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Facts {
    /// The municipality, where it is one.
    pub(crate) municipality: Option<MunicipalityCode>,
    /// Since when the person lives there.
    pub(crate) moved: Option<Date>,
    /// When the person died.
    pub(crate) died: Option<Date>,
    /// Whether something of this stood there and could not be read.
    pub(crate) unread: bool,
}

/// What the payloads say of this person.
pub(crate) fn facts(payloads: &[Vec<u8>], citizen: &Cpr) -> Facts {
    for payload in payloads {
        let Ok(document) = Document::read(payload, &Limits::default()) else { continue };
        let Some(answer) = about(document.root(), citizen) else { continue };
        return read(answer);
    }
    Facts::default()
}

/// Whether the payloads name somebody, and not this person.
pub(crate) fn are_of_another(payloads: &[Vec<u8>], citizen: &Cpr) -> bool {
    let read = payloads.iter().filter_map(|payload| Document::read(payload, &Limits::default()).ok());
    let mut named = false;
    for document in read {
        named |= is_about_anyone(document.root());
        if about(document.root(), citizen).is_some() {
            return false;
        }
    }
    named
}

fn is_about_anyone(element: Element<'_>) -> bool {
    field(element, "pnr").is_some() || element.children().any(is_about_anyone)
}

/// The element that has the person's number in it.
fn about<'d>(element: Element<'d>, citizen: &Cpr) -> Option<Element<'d>> {
    let is_about = field(element, "pnr").and_then(|pnr| Cpr::parse(&pnr)).is_some_and(|pnr| pnr == *citizen);
    if is_about { Some(element) } else { element.children().find_map(|inner| about(inner, citizen)) }
}

fn field(element: Element<'_>, name: &str) -> Option<String> {
    let is_field = |it: &Element<'_>| it.name() == name && it.namespace().is_some_and(|it| it.starts_with(BASIC));
    let text = element.children().find(is_field)?.text().trim().to_owned();
    (!text.is_empty()).then_some(text)
}

fn read(answer: Element<'_>) -> Facts {
    let mut facts = Facts::default();
    if let Some(code) = field(answer, "kommunekode") {
        facts.municipality = MunicipalityCode::parse(&code);
        facts.unread |= facts.municipality.is_none();
    }
    let mut day = |name: &str| {
        let text = field(answer, name)?;
        let day = text.get(..10).filter(|it| it.len() == text.len()).and_then(|it| it.parse().ok());
        facts.unread |= day.is_none();
        day
    };
    facts.moved = day("tilflytningsdato");
    let status_day = day("statusdato");
    facts.died = status_day.filter(|_| field(answer, "status").as_deref() == Some(DEAD));
    facts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alone(xml: &str) -> Vec<u8> {
        let xml = format!(
            "<k:Haendelsesbesked xmlns:k='urn:oio:besked:kuvert:1.0' xmlns='urn:oio:sagdok:3.0.0' xmlns:m = \"urn:m\">{}{}</k:Haendelsesbesked>",
            "<k:BeskedId><UUIDIdentifikator>1</UUIDIdentifikator></k:BeskedId><k:Beskedkuvert><k:Filtreringsdata><k:Beskedtype><UUIDIdentifikator>2</UUIDIdentifikator></k:Beskedtype></k:Filtreringsdata></k:Beskedkuvert>",
            xml
        );
        let document = Document::read(xml.as_bytes(), &Limits::default()).unwrap();
        let mut payloads = of(&Message::of(&document).unwrap()).unwrap();
        assert_eq!(payloads.len(), 1);
        payloads.remove(0)
    }

    #[test]
    fn an_element_keeps_the_namespaces_that_are_declared_around_it() {
        for xml in [
            "<k:Beskeddata><m:a x='m:y'><b/></m:a></k:Beskeddata>",
            "<k:Beskeddata xmlns:m='urn:m' a=\"xmlns:z='1'\"><m:a><b/></m:a></k:Beskeddata>",
            "<k:Beskeddata><m:a xmlns:m='urn:m'><b xmlns='urn:oio:sagdok:3.0.0'/></m:a></k:Beskeddata>",
        ] {
            let payload = alone(xml);
            let document = Document::read(&payload, &Limits::default()).unwrap();
            let root = document.root();
            assert_eq!((root.name(), root.namespace()), ("a", Some("urn:m")), "{xml}");
            assert_eq!(root.children().next().unwrap().namespace(), Some("urn:oio:sagdok:3.0.0"), "{xml}");
        }
    }

    #[test]
    fn base64_is_opened_in_either_namespace_and_text_is_taken_as_it_is() {
        for (xml, payload) in [
            ("<k:Beskeddata><k:Base64>PGEv\n Pg==</k:Base64></k:Beskeddata>", "<a/>"),
            ("<k:Beskeddata><x:Base64 xmlns:x='urn:besked:kuvert:1.0'>PGEvPg==</x:Base64></k:Beskeddata>", "<a/>"),
            (
                "<k:Beskeddata/><k:Beskeddata> <![CDATA[{\"a\": 1}]]> </k:Beskeddata><k:Beskeddata> </k:Beskeddata>",
                "{\"a\": 1}",
            ),
        ] {
            assert_eq!(alone(xml), payload.as_bytes(), "{xml}");
        }
    }
}
