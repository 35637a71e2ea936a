//! What the hub tells of a duty: an event of its own, delivered like any other.

use budstikke_contract::event::{Event, EventKind, SourcePath, danish_day};
use budstikke_contract::id::EventId;
use jiff::{Timestamp, Unit};
use serde_json::{Map, Value, json};

use super::{Duty, Told};

/// Why something is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// It falls due soon.
    DueSoon,
    /// The due day has passed.
    Late,
    /// What was done to meet it comes after the due day.
    WillBeLate,
}

/// Something to tell.
#[derive(Debug, Clone)]
pub struct Notice {
    /// The event's id, the same however often the same notice is made.
    pub id: EventId,
    /// The event, without what the hub adds to every event.
    pub event: Event,
    /// Whom to tell.
    pub to: Vec<Told>,
    occasion: Occasion,
}

impl Notice {
    /// What it says, for those who follow the hub's work. Nothing about a person.
    pub fn sentence(&self, duty: &Duty) -> String {
        let due = duty.due.date.map_or_else(|| "uden frist".to_owned(), |date| format!("frist {date}"));
        match (self.occasion, &duty.terms.late) {
            (Occasion::Late | Occasion::WillBeLate, Some(late)) => late.text.clone(),
            _ => format!("{}, {due}", duty.terms.what),
        }
    }

    pub(super) fn new(duty: &Duty, occasion: Occasion, at: Timestamp) -> Self {
        let to = match occasion {
            Occasion::DueSoon => duty.terms.remind.as_ref().map(|remind| remind.to.clone()),
            Occasion::Late | Occasion::WillBeLate => duty.terms.late.as_ref().map(|late| late.to.clone()),
        };
        let id = EventId::of_hub(occasion.word(), &duty.id.to_string(), duty.moves);
        let event = Event {
            id: id.into(),
            source: hub_source(),
            kind: hub_kind(occasion.kind()),
            time: at.round(Unit::Second).unwrap_or(at),
            occurred: None,
            case: duty.case.clone(),
            correlation: Some(duty.correlation.clone()),
            causation: Some(duty.wire_id.clone()),
            residence: duty.residence,
            law: duty.terms.law.clone(),
            kle: None,
            data: data(duty, occasion, at),
        };
        Self { id, event, to: to.unwrap_or_default(), occasion }
    }
}

impl Occasion {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::DueSoon, Self::Late, Self::WillBeLate];

    /// The kind of event by which it is told.
    pub fn kind(self) -> &'static str {
        match self {
            Self::DueSoon => "duty.reminded",
            Self::Late | Self::WillBeLate => "duty.overdue",
        }
    }

    /// The word that the ids of what is told are made of.
    fn word(self) -> &'static str {
        match self {
            Self::DueSoon => "due-soon",
            Self::Late | Self::WillBeLate => "late",
        }
    }
}

impl Duty {
    /// The ids of all that can have been told of it so far: reminders, and that it is late.
    pub fn notices(&self) -> impl Iterator<Item = (Occasion, EventId)> {
        let about = self.id.to_string();
        let both =
            move |round| [Occasion::DueSoon, Occasion::Late].map(|it| (it, EventId::of_hub(it.word(), &about, round)));
        (0..=self.moves).flat_map(both)
    }

    /// Why that event tells of it; nothing where it tells of something else.
    pub fn told_by(&self, event: EventId) -> Option<Occasion> {
        self.notices().find(|(_, id)| *id == event).map(|(occasion, _)| occasion)
    }
}

/// The hub as the sender of an event.
#[expect(clippy::expect_used, reason = "a constant that a test reads")]
pub(crate) fn hub_source() -> SourcePath {
    SourcePath::parse("/budstikke/hub").expect("the hub's own source is a source")
}

/// A kind that only the hub makes.
#[expect(clippy::expect_used, reason = "constants that tests read")]
pub(crate) fn hub_kind(name: &str) -> EventKind {
    EventKind::named(name).expect("the hub's own kinds are in the catalogue")
}

impl Duty {
    /// The duty as receivers are told of it: `duty` of the shared schema.
    pub fn shown(&self) -> Value {
        let terms = &self.terms;
        let mut shown = json!({
            "id": self.id.to_string(),
            "what": terms.what,
            "owed_by": terms.owed_by,
            "kind": terms.kind,
            "due": self.due.date.map(|date| date.to_string()),
            "due_reason": self.due.reason,
            "clause": terms.clause,
        });
        if let (Some(law), Some(object)) = (&terms.law, shown.as_object_mut()) {
            object.insert("law".to_owned(), law.to_string().into());
        }
        shown
    }
}

fn data(duty: &Duty, occasion: Occasion, at: Timestamp) -> Map<String, Value> {
    let terms = &duty.terms;
    let mut data = Map::new();
    data.insert("duty".to_owned(), duty.shown());
    match occasion {
        Occasion::DueSoon => {
            let left = duty.due.date.map_or(0, |due| (due - danish_day(at)).get_days().max(0));
            data.insert("days_left".to_owned(), left.into());
        }
        Occasion::Late | Occasion::WillBeLate => {
            let cause = if occasion == Occasion::Late { "due-date-passed" } else { "met-too-late" };
            data.insert("cause".to_owned(), cause.into());
            if let Some(late) = &terms.late {
                let mut consequence = json!({"text": late.text, "clause": late.clause});
                if let (Some(law), Some(object)) = (&late.law, consequence.as_object_mut()) {
                    object.insert("law".to_owned(), law.to_string().into());
                }
                data.insert("consequence".to_owned(), consequence);
            }
        }
    }
    data
}
