//! From a letter to an event: what a letter says of a plan, in whatever format, and the clues by which
//! the hub finds the case.

mod data;

use std::borrow::Cow;

use budstikke_contract::adapter::{CaseClue, Draft};
use budstikke_contract::event::{EventKind, SourcePath};
use budstikke_contract::law::LawRef;
use budstikke_contract::reason::Remark;
use jiff::civil::{Date, Time};

use crate::letter::{Frame, normal_episode};
use crate::part::Part;

/// The numbers that a letter came under.
pub(crate) struct Passage {
    /// `Emessage/Envelope/Identifier`.
    pub(crate) envelope: String,
    /// Those of the network's envelope and of the message in it.
    pub(crate) vans: Option<(String, String)>,
}

/// What a letter says of the plan itself, in whatever format.
pub(crate) struct Content<'d> {
    pub(crate) kind: &'static str,
    pub(crate) format: &'static str,
    pub(crate) status: Option<&'static str>,
    pub(crate) subject: Option<Cow<'d, str>>,
    pub(crate) plan_type: &'static str,
    pub(crate) contact_start: Option<Date>,
    pub(crate) discharge: Option<Discharge>,
    pub(crate) deadline: Option<String>,
    pub(crate) diagnoses: Vec<Diagnosis>,
    pub(crate) consent: Option<bool>,
    pub(crate) contact_points: Vec<ContactPoint<'d>>,
    pub(crate) text: Option<String>,
}

impl Content<'_> {
    /// A new plan of which nothing is known yet.
    pub(crate) fn received() -> Self {
        Self {
            kind: "rehab.plan.received",
            format: "",
            status: None,
            subject: None,
            plan_type: "ukendt",
            contact_start: None,
            discharge: None,
            deadline: None,
            diagnoses: Vec::new(),
            consent: None,
            contact_points: Vec::new(),
            text: None,
        }
    }
}

/// When the citizen leaves the hospital.
pub(crate) enum Discharge {
    On { date: Date, time: Option<Time>, certainty: &'static str },
    Text(String),
}

pub(crate) struct Diagnosis {
    pub(crate) rank: Rank,
    pub(crate) code: Option<String>,
    pub(crate) text: Option<String>,
}

#[derive(Clone, Copy)]
pub(crate) enum Rank {
    Primary,
    Secondary,
    Unspecified,
}

/// Where questions go.
pub(crate) struct ContactPoint<'d> {
    /// `region` or `kommune`.
    pub(crate) of: &'static str,
    pub(crate) part: Part<'d>,
}

/// `Letter/StatisticalCode`.
pub(crate) fn statistical_code(letter: Part<'_>) -> Option<Cow<'_, str>> {
    letter.child("Letter")?.get("StatisticalCode")
}

/// `ja` or `nej`.
pub(crate) fn yes_or_no(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "ja" => Some(true),
        "nej" => Some(false),
        _ => None,
    }
}

/// The event.
pub(crate) fn draft(
    letter: Part<'_>,
    frame: Frame,
    passage: &Passage,
    content: Content<'_>,
    mut remarks: Vec<Remark>,
) -> Draft {
    let citizen = frame.citizen.reveal();
    let contact = content.contact_start.map(|start| format!("{}\n{citizen}\n{start}", frame.sender));
    // By its number a municipality's own system finds the case of a letter that it has too.
    let number = format!("brev {}", crate::reading::name(&frame.sender, &frame.id));
    let case = CaseClue::Derived {
        area: "rehab",
        episode: frame.episode.as_deref().and_then(normal_episode),
        first: frame.id.clone(),
        likeness: contact.into_iter().chain([number]).collect(),
        trail: Some(format!("{}\n{citizen}", frame.sender)),
    };
    Draft {
        kind: kind(content.kind),
        source: source(&frame),
        id: None,
        time: frame.time,
        occurred: None,
        law: LawRef::parse("SUL § 140"),
        residence: frame.residence,
        case,
        data: data::of(letter, &frame, passage, content, &mut remarks),
        citizen: Some(frame.citizen),
        correlation: None,
        causation: None,
        kle: None,
        remarks,
    }
}

#[expect(clippy::expect_used, reason = "both names are in the catalogue, and a test reads one of each")]
fn kind(name: &str) -> EventKind {
    EventKind::named(name).expect("a kind of the catalogue")
}

#[expect(clippy::expect_used, reason = "thirteen digits are always a good segment")]
fn source(frame: &Frame) -> SourcePath {
    SourcePath::parse(&format!("/hospital/{}", frame.sender)).expect("a path of two segments")
}
