//! The message and its parts. The schema lets through more than it says: ids that are none, payloads
//! that are empty or come twice. What is needed is the message's id and type; all else may be
//! missing.

use budstikke_contract::adapter::{Item, ItemBody};
use budstikke_contract::event::danish_day;
use budstikke_contract::reason::Reason;
use budstikke_strict_xml::{Document, Element};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::moment::Moment;
use crate::name::Name;
use crate::refusal;

/// The namespace of the envelope.
pub(crate) const ENVELOPE: &str = "urn:oio:besked:kuvert:1.0";
/// The namespace of ids and times.
pub(crate) const IDS: &str = "urn:oio:sagdok:3.0.0";
/// The namespace of `ModtagBeskedInput`, in which messages are pushed.
const WRAPPER: &str = "urn:oio:sts:1.0.0";

/// A message.
pub(crate) struct Message<'d> {
    /// Its `Beskeddata`, however many.
    pub(crate) data: Vec<Element<'d>>,
    /// What stands around `Beskeddata`, the innermost first.
    pub(crate) around: Vec<Element<'d>>,
    id: Name,
    /// `Beskedtype`.
    pub(crate) kind: Name,
    /// `BeskedAnsvarligAktoer`, whose id it is.
    sender: Option<Name>,
    /// The people or things that it is about.
    pub(crate) registrations: Vec<Registration<'d>>,
    /// `Dannelsestidspunkt`.
    made: Option<Moment>,
    /// `GyldighedFra`.
    pub(crate) from: Option<Moment>,
    /// `GyldighedTil`.
    pub(crate) to: Option<Moment>,
    /// What does not change when it is delivered again: all but `Leveranceinformation`.
    lasting: Vec<Element<'d>>,
}

/// What happened to one person or thing (`ObjektRegistrering`).
pub(crate) struct Registration<'d> {
    element: Element<'d>,
    /// `ObjektId`.
    pub(crate) about: Option<Name>,
    /// `Registreringstidspunkt`.
    pub(crate) registered: Option<Moment>,
    /// `ObjektHandling`, and then the numbers of CPR events that stand elsewhere in it.
    pub(crate) codes: Vec<Name>,
}

/// Whether it is a message of the Beskedfordeler's, bare or in its wrapper, whatever is wrong with it.
pub(crate) fn is_ours(root: Element<'_>) -> bool {
    matches!(
        (root.namespace(), root.name()),
        (Some(ENVELOPE), "Haendelsesbesked") | (Some(WRAPPER), "ModtagBeskedInput")
    )
}

impl<'d> Message<'d> {
    /// The message in a document.
    pub(crate) fn of(document: &'d Document<'_>) -> Result<Self, Reason> {
        let root = document.root();
        let (message, mut around) = match (root.namespace(), root.name()) {
            (Some(ENVELOPE), "Haendelsesbesked") => (root, Vec::new()),
            (Some(WRAPPER), "ModtagBeskedInput") => {
                let inner = child(root, ENVELOPE, "Haendelsesbesked");
                (inner.ok_or_else(|| refusal::missing("ModtagBeskedInput/Haendelsesbesked"))?, vec![root])
            }
            _ => return Err(refusal::not_carried()),
        };
        around.insert(0, message);
        let need = |within: Element<'d>, name: &str, path: &'static str| {
            child(within, ENVELOPE, name).ok_or_else(|| refusal::missing(path))
        };
        let id = need(message, "BeskedId", "Haendelsesbesked/BeskedId")?;
        let envelope = need(message, "Beskedkuvert", "Haendelsesbesked/Beskedkuvert")?;
        let filter = need(envelope, "Filtreringsdata", "Haendelsesbesked/Beskedkuvert/Filtreringsdata")?;
        let kind = need(filter, "Beskedtype", "Haendelsesbesked/Beskedkuvert/Filtreringsdata/Beskedtype")?;
        let time = |within: Element<'d>, name: &str| Moment::of(child(within, ENVELOPE, name)?);
        let delivery = child(envelope, ENVELOPE, "Leveranceinformation");
        let data: Vec<Element<'d>> = children(message, ENVELOPE, "Beskeddata").collect();
        let lasting = envelope.children().filter(|part| part.name() != "Leveranceinformation");
        Ok(Self {
            lasting: lasting.chain(data.iter().copied()).collect(),
            data,
            around,
            id: Name::of(id).ok_or_else(|| refusal::missing("Haendelsesbesked/BeskedId"))?,
            kind: Name::of(kind)
                .ok_or_else(|| refusal::missing("Haendelsesbesked/Beskedkuvert/Filtreringsdata/Beskedtype"))?,
            sender: child(filter, ENVELOPE, "BeskedAnsvarligAktoer").and_then(Name::of),
            registrations: children(filter, ENVELOPE, "ObjektRegistrering").map(Registration::of).collect(),
            made: delivery.and_then(|delivery| time(delivery, "Dannelsestidspunkt")),
            from: time(envelope, "GyldighedFra"),
            to: time(envelope, "GyldighedTil"),
        })
    }

    /// The message's id, as it was written.
    pub(crate) fn id(&self) -> &Name {
        &self.id
    }

    /// What the message is known by, or one of its several registrations: its id is its sender's
    /// own.
    pub(crate) fn key(&self, registration: Option<usize>) -> String {
        let sender = self.sender.as_ref().map_or("-", |sender| sender.compared());
        let number = registration.map_or_else(String::new, |index| format!("#{}", index + 1));
        format!("{sender}/{}{number}", self.id.compared())
    }

    /// When it was told: the registration's time, else the message's.
    pub(crate) fn told<'m>(&'m self, registration: Option<&'m Registration<'d>>) -> Option<&'m Moment> {
        let registration = registration.or_else(|| self.registrations.first());
        registration.and_then(|it| it.registered.as_ref()).or(self.made.as_ref())
    }

    /// The day whose codes it speaks in.
    pub(crate) fn day(&self, received: Timestamp) -> Date {
        danish_day(self.told(None).and_then(|moment| moment.at).unwrap_or(received))
    }

    /// An item of it: the whole, or the registration at `index`. How often the network has tried to
    /// deliver it is no part of its content.
    pub(crate) fn item(&self, index: Option<usize>, body: ItemBody) -> Item {
        let content = self.lasting.iter().map(|part| part.source()).collect::<String>().into_bytes();
        Item { key: Some(self.key(index)), content, body }
    }
}

impl<'d> Registration<'d> {
    fn of(element: Element<'d>) -> Self {
        let mut codes: Vec<Name> = child(element, ENVELOPE, "ObjektHandling").and_then(Name::of).into_iter().collect();
        let mut found = Vec::new();
        event_numbers(element, &mut found);
        codes.extend(found.into_iter().filter(|name| !codes.contains(name)).collect::<Vec<_>>());
        Self {
            element,
            about: child(element, ENVELOPE, "ObjektId").and_then(Name::of),
            registered: child(element, ENVELOPE, "Registreringstidspunkt").and_then(Moment::of),
            codes,
        }
    }

    /// Whether it says whom or what it is about.
    pub(crate) fn says_about(&self) -> bool {
        child(self.element, ENVELOPE, "ObjektId").is_some()
    }
}

/// The numbers of CPR events that stand anywhere in an element. Where they stand is not public.
fn event_numbers(element: Element<'_>, found: &mut Vec<Name>) {
    for inner in element.children() {
        let id = (inner.namespace() == Some(IDS) && inner.name() == "URNIdentifikator").then(|| inner.text());
        found.extend(id.and_then(|id| Name::parse(&id)).filter(|name| name.event_number().is_some()));
        event_numbers(inner, found);
    }
}

/// The first child of that name.
pub(crate) fn child<'d>(element: Element<'d>, namespace: &str, name: &str) -> Option<Element<'d>> {
    children(element, namespace, name).next()
}

fn children<'d>(element: Element<'d>, namespace: &str, name: &str) -> impl Iterator<Item = Element<'d>> {
    element.children().filter(move |it| it.namespace() == Some(namespace) && it.name() == name)
}
