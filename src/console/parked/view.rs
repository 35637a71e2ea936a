//! What is shown of what is parked: names, codes and times, the same on pages and by the API. No
//! content.

mod lists;

use budstikke_contract::id::DeliveryId;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::names::way;
use super::super::words::{age, several};
use super::words;
use crate::ledger::delivery::{Content, Delivery};
use crate::ledger::item::Item;
use crate::ledger::job::Act;
use crate::ledger::parked::{self, Body, Cause, Kind, Parked};
use crate::ledger::{Error, Reader};
pub(super) use lists::{List, ListLine};

/// Why things are parked, as far as it tells groups apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ParkedGroup)]
pub(in crate::console) struct Group {
    /// `item`: what was not routed; `delivery`: what did not arrive.
    pub(super) kind: &'static str,
    /// The reason's code.
    pub(super) code: String,
    /// The source of items, the mailbox of deliveries.
    pub(super) place: String,
    /// The channel of deliveries; empty for items.
    pub(super) channel: String,
    /// How much is parked.
    pub(super) count: u32,
    /// Since when the first of it is.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) oldest: Option<Timestamp>,
    /// Since when the last of it is.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) newest: Option<Timestamp>,
    /// What the code means, in Danish.
    pub(super) meaning: &'static str,
    /// What the hub does by itself, in Danish.
    pub(super) by_itself: &'static str,
}

impl Group {
    pub(super) fn of(group: &parked::Group) -> Self {
        let cause = &group.cause;
        let (meaning, by_itself) = words::code(cause.code.as_str());
        Self {
            kind: cause.kind.name(),
            code: cause.code.to_string(),
            place: cause.place.clone(),
            channel: cause.channel.clone(),
            count: group.count,
            oldest: group.oldest,
            newest: group.newest,
            meaning,
            by_itself,
        }
    }

    /// Where its page is.
    pub(super) fn path(&self) -> String {
        let pairs = [("art", self.kind), ("kode", &self.code), ("sted", &self.place), ("vej", &self.channel)];
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        format!("/parkeret/gruppe?{query}")
    }

    /// What it is called on a page: `cura`, `dragoer/ydelse (indbakken)`.
    pub(super) fn place_words(&self) -> String {
        if self.channel.is_empty() || self.channel == "amqp" {
            self.place.clone()
        } else {
            format!("{} ({})", self.place, way(&self.channel))
        }
    }

    /// What it is of: messages or deliveries.
    pub(super) fn count_words(&self) -> String {
        count_words(self.kind, self.count)
    }
}

fn count_words(kind: &str, count: u32) -> String {
    if kind == Kind::Item.name() {
        several(count.into(), "besked", "beskeder")
    } else {
        several(count.into(), "levering", "leveringer")
    }
}

/// How long ago, or a dash.
pub(super) fn ago(at: Option<Timestamp>, now: Timestamp) -> String {
    at.map_or_else(|| "–".to_owned(), |at| age(at, now))
}

/// Something that is or was parked.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ParkedThing)]
pub(in crate::console) struct Thing {
    /// `#12` of an item, the id of a delivery.
    pub(super) id: String,
    /// `item` or `delivery`.
    pub(super) kind: &'static str,
    /// What it is: a kind of event, or what it was called when it could not be read.
    pub(super) what: String,
    /// How it stands.
    pub(super) state: &'static str,
    /// Why: the code.
    pub(super) code: Option<String>,
    /// Why, in Danish.
    pub(super) reason: Option<String>,
    /// Where in the message.
    pub(super) path: Option<String>,
    /// The source of an item.
    pub(super) source: Option<String>,
    /// What the source calls an item.
    pub(super) name: Option<String>,
    /// The mailbox of a delivery.
    pub(super) mailbox: Option<String>,
    /// The channel of a delivery.
    pub(super) channel: Option<String>,
    /// As what a delivery goes: `task`, `information`; an answer to a sender as `reply`.
    pub(super) capacity: Option<String>,
    /// How often a delivery was tried.
    pub(super) attempts: Option<u32>,
    /// Its case, where that is known.
    pub(super) case: Option<String>,
    /// Whether it holds what follows on its case, or in its lane.
    pub(super) holds: bool,
    /// From which mailbox a person handed it on.
    pub(super) handed_from: Option<String>,
    /// Since when it is parked.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) since: Option<Timestamp>,
    /// How it stood when it was read: sent back with an act, so that nothing is done with what has
    /// changed meanwhile.
    pub(super) stands: i64,
    /// Which it is.
    #[serde(skip)]
    pub(super) which: parked::Thing,
    /// The item's number, where there is one that its story is told by.
    #[serde(skip)]
    pub(super) is_event: bool,
}

impl Thing {
    /// A thing with how it stood.
    pub(super) fn of(parked: &Parked, stands: i64) -> Self {
        let blank = Self {
            id: String::new(),
            kind: parked.thing.kind.name(),
            what: String::new(),
            state: "",
            code: None,
            reason: None,
            path: None,
            source: parked.source.clone(),
            name: None,
            mailbox: None,
            channel: None,
            capacity: None,
            attempts: None,
            case: None,
            holds: false,
            handed_from: None,
            since: parked.since,
            stands,
            which: parked.thing,
            is_event: false,
        };
        match &parked.body {
            Body::Item(item) => blank.item(item),
            Body::Delivery(delivery) => blank.delivery(delivery),
        }
    }

    fn item(self, item: &Item) -> Self {
        let reason = item.reason.as_ref();
        Self {
            id: format!("#{}", item.seq),
            what: item.what.clone(),
            state: item.state.name(),
            code: reason.map(|it| it.code.to_string()),
            reason: reason.map(|it| it.text.clone()),
            path: reason.and_then(|it| it.path.clone()),
            name: Some(item.key.clone()),
            case: item.case.clone(),
            holds: item.holds,
            is_event: true,
            ..self
        }
    }

    fn delivery(self, delivery: &Delivery) -> Self {
        let reason = delivery.reason.as_ref();
        let is_event = matches!(delivery.content, Content::Event(_));
        Self {
            id: delivery.id.to_string(),
            what: if is_event { "levering" } else { "svar til afsenderen" }.to_owned(),
            state: delivery.state.name(),
            code: reason.map(|it| it.code.to_string()),
            reason: reason.map(|it| it.text.clone()),
            mailbox: Some(delivery.mailbox.clone()),
            channel: Some(delivery.channel.clone()),
            capacity: Some(delivery.capacity.clone()),
            attempts: Some(delivery.attempts),
            holds: !delivery.passed,
            handed_from: delivery.why.handed.as_ref().map(|handed| handed.from.clone()),
            is_event,
            ..self
        }
    }

    /// Whether it is parked still.
    pub(super) fn is_parked(&self) -> bool {
        self.state == "parked"
    }

    pub(super) fn is_item(&self) -> bool {
        self.which.kind == Kind::Item
    }

    /// Where its page is.
    pub(super) fn href(&self) -> String {
        if self.is_item() {
            format!("/parkeret/besked/{}", self.which.row)
        } else {
            format!("/parkeret/levering/{}", self.id)
        }
    }

    /// What stands for it in a form.
    pub(super) fn value(&self) -> String {
        format!("{}:{}", self.kind, self.which.row)
    }

    /// Short enough for a line: `#12`, the first of a delivery's id.
    pub(super) fn short(&self) -> &str {
        if self.is_item() { &self.id } else { self.id.split('-').next().unwrap_or(&self.id) }
    }

    /// How it stands, in words.
    pub(super) fn state_words(&self) -> &'static str {
        words::stands(self.state)
    }

    /// From where, or to whom.
    pub(super) fn place(&self) -> &str {
        self.source.as_deref().or(self.mailbox.as_deref()).unwrap_or_default()
    }

    /// The acts that make sense for it.
    pub(super) fn acts(&self) -> Vec<Act> {
        let sensible = |act: &Act| match act {
            Act::Resend | Act::Discard => true,
            Act::Pass => !self.is_item() && self.holds,
            Act::Hand => !self.is_item() && self.is_event,
        };
        if self.is_parked() { Act::ALL.into_iter().filter(sensible).collect() } else { Vec::new() }
    }
}

/// Reads a thing as it stands. What an act will name as seen is fixed first: what changes between the
/// two is then newer than that, and the act is refused. The other way round it would be done with
/// something that nobody has seen.
pub(super) fn seen(reader: &mut Reader<'_>, thing: parked::Thing) -> Result<Option<Thing>, Error> {
    let stands = reader.freeze(thing)?.entry;
    Ok(reader.parked_thing(thing)?.map(|parked| Thing::of(&parked, stands)))
}

/// The delivery of an id, where there is one.
pub(super) fn delivery(reader: &mut Reader<'_>, id: &str) -> Result<Option<parked::Thing>, Error> {
    let Some(id) = DeliveryId::parse(id) else { return Ok(None) };
    Ok(reader.delivery(id)?.map(|delivery| parked::Thing { kind: Kind::Delivery, row: delivery.seq }))
}

/// The thing that a call names by `#12`, or by a delivery's id.
pub(super) fn named(reader: &mut Reader<'_>, id: &str) -> Result<Option<parked::Thing>, Error> {
    match id.strip_prefix('#') {
        Some(number) => Ok(number.parse().ok().map(|row| parked::Thing { kind: Kind::Item, row })),
        None => delivery(reader, id),
    }
}

/// Reads what stands for a thing in a form: `item:12`.
pub(super) fn thing(value: &str) -> Option<parked::Thing> {
    let (kind, row) = value.split_once(':')?;
    Some(parked::Thing { kind: Kind::named(kind)?, row: row.parse().ok()? })
}

/// A cause as it stands in an address or a call.
pub(super) fn cause(kind: &str, code: &str, place: &str, channel: &str) -> Option<Cause> {
    let code = budstikke_contract::reason::Code::stored(code.to_owned());
    Some(Cause { kind: Kind::named(kind)?, code, place: place.to_owned(), channel: channel.to_owned() })
}
