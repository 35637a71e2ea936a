//! The courses of treatment (kontaktforløb) that the register of drug treatment asks a municipality
//! to approve, and what can be wrong with them: by themselves, with one another, and with what the
//! register said before.
//!
//! Pure, and about `data` as the event's schema has it: it is the same whatever source the event
//! came by. Nothing that is wrong stops the event; it becomes a remark on the task, which names a
//! course and says nothing else of it.

mod check;
mod remark;
#[cfg(test)]
mod tests;

use std::fmt;

use budstikke_contract::event::EventKind;
use budstikke_contract::person::{Cpr, shows_cpr};
use jiff::civil::Date;
use serde_json::{Map, Value};

pub use check::remarks;

/// The kind of event that has courses to be checked.
const PERIOD_READY: &str = "smdb.period.ready";

/// From this day of the month on, a CPR number is a replacement number (60 is added to the day).
const REPLACEMENT_DAYS: &str = "61";

/// Whether an event of this kind has courses to be checked.
pub fn has_courses(kind: EventKind) -> bool {
    kind.name() == PERIOD_READY
}

/// One course, as far as it was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Course {
    /// KONTAKTFORLOEBID.
    pub id: Option<CourseId>,
    /// Its place in the message, from 1.
    pub place: usize,
    /// Whose course it is.
    pub person: Person,
    /// When the citizen died.
    pub died: Option<Date>,
    /// When the citizen asked for treatment.
    pub requested: Option<Date>,
    /// When the treatment began.
    pub started: Option<Date>,
    /// When it ended; `None` while the course is open.
    pub ended: Option<Date>,
    /// Whether it ended because the citizen died.
    pub ended_by_death: bool,
    /// Whether the citizen is anonymous (SEL § 101 a).
    pub anonymous: bool,
}

/// KONTAKTFORLOEBID, as it was sent. Some systems make it of the CPR number: it prints masked then.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CourseId(String);

impl CourseId {
    /// The id as it may be shown, where it may: one of letters, digits and `-_./` that does not read
    /// as a CPR number.
    pub fn shown(&self) -> Option<&str> {
        let good = |b: u8| b.is_ascii_alphanumeric() || b"-_./".contains(&b);
        let digits: String = self.0.chars().filter(char::is_ascii_digit).collect();
        (self.0.bytes().all(good) && !shows_cpr(&self.0) && !shows_cpr(&digits)).then_some(self.0.as_str())
    }
}

impl fmt::Debug for CourseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.shown().unwrap_or("(masked)"))
    }
}

/// Whose course it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Person {
    /// This citizen's.
    Citizen(Cpr),
    /// The number is none by which a citizen can be counted.
    Unusable(Unusable),
    /// It was not said.
    Unsaid,
}

/// Why a number is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unusable {
    /// No CPR number can look like it.
    Form,
    /// Ten zeros: the register does not know it.
    Unknown,
    /// A replacement number (erstatningspersonnummer).
    Replacement,
}

impl Person {
    fn read(text: &str) -> Self {
        let text = text.trim();
        match Cpr::parse(text) {
            Some(cpr) if cpr.reveal() >= REPLACEMENT_DAYS => Self::Unusable(Unusable::Replacement),
            Some(cpr) => Self::Citizen(cpr),
            None if matches!(text, "0000000000" | "000000-0000") => Self::Unusable(Unusable::Unknown),
            None => Self::Unusable(Unusable::Form),
        }
    }

    /// The citizen, where one is named.
    pub fn citizen(&self) -> Option<&Cpr> {
        match self {
            Self::Citizen(cpr) => Some(cpr),
            Self::Unusable(_) | Self::Unsaid => None,
        }
    }
}

/// The courses in an event's data, in their order.
pub fn courses(data: &Map<String, Value>) -> Vec<Course> {
    let courses = data.get("courses").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    courses.iter().enumerate().map(|(at, course)| read(at + 1, course)).collect()
}

/// The last day that an event's data are about, where they are about a period.
pub fn last_day(data: &Map<String, Value>) -> Option<Date> {
    data.get("period").and_then(|period| day(period, "to"))
}

fn read(place: usize, course: &Value) -> Course {
    let text = |name: &str| course.get(name).and_then(Value::as_str);
    let citizen = course.get("citizen");
    let cpr = citizen.and_then(|citizen| citizen.get("cpr")).and_then(Value::as_str);
    Course {
        id: text("id").map(|id| CourseId(id.to_owned())),
        place,
        person: cpr.map_or(Person::Unsaid, Person::read),
        died: citizen.and_then(|citizen| day(citizen, "died")),
        requested: day(course, "requested"),
        started: day(course, "started"),
        ended: day(course, "ended"),
        ended_by_death: text("ended_because") == Some("doed"),
        anonymous: course.get("anonymous").and_then(Value::as_bool).unwrap_or_default(),
    }
}

fn day(object: &Value, name: &str) -> Option<Date> {
    object.get(name).and_then(Value::as_str).and_then(|text| text.parse().ok())
}
