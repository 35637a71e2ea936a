//! What was known of a case when a decision about it was made. It is stored with the decision.

use budstikke_contract::event::{EventKind, WireId};
use budstikke_contract::id::{CaseKey, EventId};
use budstikke_contract::municipality::MunicipalityCode;
use serde::{Deserialize, Serialize};

use super::citizen::Register;
use crate::course::Course;
use crate::duty::Duty;
use crate::residence::LookedUp;

/// A snapshot of a case.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Known {
    /// Which case.
    pub case: CaseKey,
    /// Where its citizen lives, as earlier events said.
    pub residence: Option<MunicipalityCode>,
    /// What a look-up said of where they live, where it was asked for the event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub looked_up: Option<LookedUp>,
    /// What has been routed in it, oldest first.
    pub earlier: Vec<Earlier>,
    /// The duties that are open in it, oldest first.
    pub open: Vec<Duty>,
    /// The duties of the calendar that the event may meet, oldest first; also the next of each, whose task
    /// has not been given yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calendar: Vec<Duty>,
    /// What the CPR register has told of the citizen.
    #[serde(default, skip_serializing_if = "Register::is_empty")]
    pub register: Register,
    /// Whether something that came before still waits for a person.
    pub held: bool,
    /// What the register said before of the courses of the citizens that the event is about, the
    /// latest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<ToldBefore>,
}

impl Known {
    /// A case of which nothing is known.
    pub fn nothing(case: CaseKey) -> Self {
        Self {
            case,
            residence: None,
            looked_up: None,
            earlier: Vec::new(),
            open: Vec::new(),
            calendar: Vec::new(),
            register: Register::default(),
            held: false,
            told: Vec::new(),
        }
    }
}

/// An event that was routed before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Earlier {
    /// What it was.
    pub kind: EventKind,
    /// Its sender's id.
    pub id: WireId,
    /// Ours.
    pub event: EventId,
}

/// An earlier event about courses of the same citizens. It is kept sealed and never changes, so that
/// a decision keeps only which one it was; what it said is content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldBefore {
    /// Which.
    pub event: EventId,
    /// What it said of those citizens' courses.
    #[serde(skip)]
    pub courses: Vec<Course>,
}
