//! The canonical event: a CloudEvents 1.0 object in structured JSON, whose `data` has a JSON
//! Schema in `schemas/`.

mod read;

use std::fmt;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

use budstikke_schemas::Kind;

pub use read::{is_cloud_event, read};

use crate::id::CaseKey;
use crate::kle::Kle;
use crate::law::LawRef;
use crate::municipality::MunicipalityCode;
use crate::person;

/// What stands before each kind on the wire.
const TYPE_PREFIX: &str = "dk.budstikke.";

/// The media type of an event.
pub const MEDIA_TYPE: &str = "application/cloudevents+json";

/// A kind of event that has a schema: `rehab.plan.received`.
#[derive(Clone, Copy)]
pub struct EventKind(&'static Kind);

impl EventKind {
    /// Finds a kind by its name in rules and text: `rehab.plan.received`.
    pub fn named(name: &str) -> Option<Self> {
        budstikke_schemas::find(name).map(Self)
    }

    /// Finds a kind by its CloudEvents `type`: `dk.budstikke.rehab.plan.received.v1`.
    pub fn of_type(wire: &str) -> Option<Self> {
        let (name, version) = wire.strip_prefix(TYPE_PREFIX)?.rsplit_once(".v")?;
        let kind = Self::named(name)?;
        (version == kind.0.version.to_string()).then_some(kind)
    }

    /// The name in rules and text.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// The area it belongs to: `rehab`.
    pub fn area(self) -> &'static str {
        self.0.area()
    }

    /// The CloudEvents `type`.
    pub fn wire_type(self) -> String {
        format!("{TYPE_PREFIX}{}.v{}", self.0.name, self.0.version)
    }

    /// Its schema, title and example.
    pub fn schema(self) -> &'static Kind {
        self.0
    }
}

impl PartialEq for EventKind {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for EventKind {}

impl PartialOrd for EventKind {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for EventKind {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.name().cmp(other.name())
    }
}

impl Serialize for EventKind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for EventKind {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        // The name is not repeated: what is read may hold anything.
        Self::named(&name).ok_or_else(|| serde::de::Error::custom("no such kind of event"))
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// CloudEvents `source`: `/<party>/<system>`, as in `/taarnby/cura`. A hospital is
/// `/hospital/<GLN>`, the hub itself `/budstikke/hub`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct SourcePath(String);

impl SourcePath {
    /// Reads a path of two or more segments of lower-case letters, digits, `.`, `-` and `_`.
    pub fn parse(text: &str) -> Option<Self> {
        let good_segment = |segment: &str| {
            let good_byte = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-_".contains(&b);
            (1..=64).contains(&segment.len()) && segment.bytes().all(good_byte)
        };
        let segments = text.strip_prefix('/')?;
        let good = text.len() <= 128
            && segments.contains('/')
            && segments.split('/').all(good_segment)
            && !person::shows_cpr(text);
        good.then(|| Self(text.to_owned()))
    }

    /// The whole path.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Who: the first segment, a party of the agreement or one of its outside senders.
    pub fn party(&self) -> &str {
        self.0.split('/').nth(1).unwrap_or_default()
    }
}

impl fmt::Display for SourcePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for SourcePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An id that a sender chose: 1 to 128 visible ASCII characters, none of which reads as a CPR
/// number, because it travels in message properties.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WireId(String);

impl WireId {
    /// Reads an id.
    pub fn parse(text: &str) -> Option<Self> {
        let visible = text.bytes().all(|b| b.is_ascii_graphic());
        let good = (1..=128).contains(&text.len()) && visible && !person::shows_cpr(text);
        good.then(|| Self(text.to_owned()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<K> From<crate::id::Id<K>> for WireId {
    fn from(id: crate::id::Id<K>) -> Self {
        Self(id.to_string())
    }
}

impl fmt::Display for WireId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for WireId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// When something happened: an instant, or a day where no more is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occurred {
    /// At this instant.
    At(Timestamp),
    /// On this day in Denmark.
    On(Date),
}

impl fmt::Display for Occurred {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(instant) => fmt::Display::fmt(instant, f),
            Self::On(day) => fmt::Display::fmt(day, f),
        }
    }
}

/// The time zone in which the agreement's days begin and end.
pub fn copenhagen() -> TimeZone {
    // The zone database is compiled in (`tzdb-bundle-always`), so the name is always found.
    TimeZone::get("Europe/Copenhagen").unwrap_or(TimeZone::UTC)
}

/// The calendar day in Denmark at `instant`: 2021-08-31T23:30Z is 1 September.
pub fn danish_day(instant: Timestamp) -> Date {
    Zoned::new(instant, copenhagen()).date()
}

/// One thing that happened.
#[derive(Clone, PartialEq)]
pub struct Event {
    /// The sender's id, or ours where the sender has none. `source` and `id` together are unique.
    pub id: WireId,
    /// Who says so.
    pub source: SourcePath,
    /// What happened.
    pub kind: EventKind,
    /// When it was said.
    pub time: Timestamp,
    /// When it happened, where that differs from `time`.
    pub occurred: Option<Occurred>,
    /// The case (`subject`).
    pub case: CaseKey,
    /// What ties a request and its answer together.
    pub correlation: Option<WireId>,
    /// The event that this one answers or follows.
    pub causation: Option<WireId>,
    /// Where the citizen lives.
    pub residence: Option<MunicipalityCode>,
    /// The law it falls under.
    pub law: Option<LawRef>,
    /// Its subject in KL's classification.
    pub kle: Option<Kle>,
    /// The content, by the kind's schema. Personal.
    pub data: Map<String, Value>,
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("id", &self.id)
            .field("source", &self.source)
            .field("kind", &self.kind)
            .field("case", &self.case)
            .finish_non_exhaustive()
    }
}

impl Event {
    /// The day by which the agreement decides: when it happened, else when it was said, as a day
    /// in Denmark.
    pub fn deciding_date(&self) -> Date {
        match self.occurred {
            Some(Occurred::At(instant)) => danish_day(instant),
            Some(Occurred::On(day)) => day,
            None => danish_day(self.time),
        }
    }

    /// The event as CloudEvents JSON. `data` stands last and is an object, and no attribute is
    /// written that has no value: the hub adds to the text before the first attribute and after
    /// the last member of `data` without parsing it.
    pub fn to_json(&self) -> Vec<u8> {
        // Plain data with text keys, which always serializes.
        serde_json::to_vec(&Structured(self)).unwrap_or_default()
    }
}

/// An event in CloudEvents' structured mode, written as it stands: most events are written once, and a
/// copy of all that is in them would cost more than the writing.
struct Structured<'a>(&'a Event);

impl Serialize for Structured<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Event { correlation, causation, residence, law, kle, .. } = self.0;
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("specversion", "1.0")?;
        object.serialize_entry("id", self.0.id.as_str())?;
        object.serialize_entry("source", self.0.source.as_str())?;
        object.serialize_entry("type", &self.0.kind.wire_type())?;
        object.serialize_entry("time", &format_args!("{}", self.0.time))?;
        object.serialize_entry("subject", self.0.case.as_str())?;
        object.serialize_entry("datacontenttype", "application/json")?;
        let optional: [(&str, Option<&dyn fmt::Display>); 6] = [
            ("occurred", self.0.occurred.as_ref().map(|it| it as _)),
            ("correlationid", correlation.as_ref().map(|it| it as _)),
            ("causationid", causation.as_ref().map(|it| it as _)),
            ("residence", residence.as_ref().map(|it| it as _)),
            ("law", law.as_ref().map(|it| it as _)),
            ("kle", kle.as_ref().map(|it| it as _)),
        ];
        for (key, value) in optional {
            if let Some(value) = value {
                object.serialize_entry(key, &format_args!("{value}"))?;
            }
        }
        object.serialize_entry("data", &self.0.data)?;
        object.end()
    }
}
