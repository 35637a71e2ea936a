//! Columna Cura, the case system of the area Adults and of rehabilitation, as its API speaks: FHIR
//! STU3 in JSON with CURA's own profiles, singly or in a Bundle.
//!
//! | resource | what becomes of it |
//! |---|---|
//! | `CuraGrantedProcedureRequest` | `adult.grant.requested`, `.decided`, `.changed`, `.ended` |
//! | `CuraRehabilitationPlan` | `rehab.level.set` where it has a level |
//! | `MedcomCareCommunication` | `adult.info.*` or `rehab.info.*`, by MedCom's category |
//! | `CuraSimpleTask`, `CuraRequestTask` | what the contract about tasks says (`task/contract.rs`) |
//!
//! `README.md` says what of the format is public, what is our own contract, and what is not known.
//!
//! | module | what |
//! |---|---|
//! | `message` | the items of a message, and one of them alone |
//! | `around` | what a resource refers to in the message |
//! | `resource`, `said` | what every resource has, and what it says |
//! | `grant`, `plan`, `care`, `task` | what each kind has of its own |
//! | `facts` | what a grant says of itself; tasks about it say the same |
//! | `citizen`, `organisation`, `case`, `paragraph`, `civil`, `html` | single values |
//! | `node`, `extension`, `data` | reading FHIR, and writing the event |
//! | `refusal` | the codes and the sentences that go with them |

mod around;
mod care;
mod case;
mod citizen;
mod civil;
mod data;
mod extension;
mod facts;
mod grant;
mod html;
mod message;
mod node;
mod organisation;
mod paragraph;
mod plan;
mod refusal;
mod resource;
mod said;
mod task;

use budstikke_contract::adapter::{Adapter, Raw, Translated};
use budstikke_contract::strict_json;

pub use refusal::CODES;

/// The adapter for CURA.
#[derive(Debug, Clone, Copy)]
pub struct Cura {
    owner: &'static str,
}

impl Cura {
    /// The CURA of a party, by its name in the agreement. A message can say that another party
    /// speaks.
    pub const fn of(owner: &'static str) -> Self {
        Self { owner }
    }
}

impl Adapter for Cura {
    fn name(&self) -> &'static str {
        "cura"
    }

    fn media_type(&self) -> &'static str {
        "application/fhir+json"
    }

    fn translate(&self, raw: &Raw<'_>) -> Translated {
        let items = match strict_json::parse(raw.body) {
            Ok(value) => message::items(&value, self.owner),
            Err(fault) => vec![message::unread(raw.body.to_vec(), refusal::json(&fault))],
        };
        // CURA's API has no answer to what it was asked for.
        Translated { transport: None, items, answer: None }
    }

    fn alone(&self, body: &[u8], index: usize) -> Option<Vec<u8>> {
        message::alone(&strict_json::parse(body).ok()?, index)
    }

    /// Every FHIR resource names its type.
    fn recognises(&self, body: &[u8]) -> bool {
        strict_json::parse(body).is_ok_and(|value| value.get("resourceType").is_some())
    }
}
