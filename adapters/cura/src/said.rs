//! What a resource says: an event, or nothing that the hub carries.

use budstikke_contract::adapter::{CaseClue, Draft};
use budstikke_contract::event::{EventKind, Occurred};
use budstikke_contract::kle::Kle;
use budstikke_contract::law::LawRef;
use budstikke_contract::municipality::MunicipalityCode;
use jiff::civil::Date;

use crate::citizen::Person;
use crate::data::Data;
use crate::resource::Resource;

/// What a resource says.
#[derive(Debug)]
pub(crate) enum Said {
    /// An event.
    Event {
        draft: Box<Draft>,
        /// Whether it is said once, so that later versions of the resource are repeats of it: a
        /// question stays the same while the task that asks it is read and answered.
        once: bool,
    },
    /// Nothing: it is kept, by this name.
    Nothing(String),
}

/// An event in the making.
#[derive(Debug)]
pub(crate) struct Event<'r, 'v> {
    pub(crate) kind: &'static str,
    pub(crate) resource: &'r Resource<'v>,
    pub(crate) occurred: Option<Date>,
    pub(crate) law: Option<LawRef>,
    pub(crate) kle: Option<Kle>,
    pub(crate) residence: Option<MunicipalityCode>,
    pub(crate) case: CaseClue,
    pub(crate) person: Option<&'r Person>,
    pub(crate) data: Data,
}

impl Event<'_, '_> {
    /// The event that comes anew with each version.
    pub(crate) fn said(self) -> Said {
        Said::Event { draft: Box::new(self.draft()), once: false }
    }

    /// The event that is said once.
    pub(crate) fn said_once(self) -> Said {
        Said::Event { draft: Box::new(self.draft()), once: true }
    }

    fn draft(self) -> Draft {
        let resource = self.resource;
        let (data, remarks) = self.data.finish();
        Draft {
            kind: kind(self.kind),
            source: resource.source.clone(),
            id: None,
            time: resource.updated,
            occurred: self.occurred.map(Occurred::On),
            law: self.law,
            kle: self.kle,
            residence: self.residence,
            case: self.case,
            citizen: self.person.map(|person| person.citizen.clone()),
            correlation: resource.correlation.clone(),
            causation: resource.causation.clone(),
            data,
            remarks,
        }
    }
}

#[expect(clippy::expect_used, reason = "every name is in the catalogue, and a test reads one of each")]
fn kind(name: &str) -> EventKind {
    EventKind::named(name).expect("a kind of the catalogue")
}
