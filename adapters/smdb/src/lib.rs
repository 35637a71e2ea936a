//! The register of drug treatment (SMDB): periods that wait for approval, the information that is
//! needed for it, the approval on another municipality's behalf, and the final one to Danmarks
//! Statistik.
//!
//! The register's own system-to-system format is not public, and it has no message for an approval:
//! a person approves online. So the format here is a JSON contract of our own, with the register's
//! public words in it. `README.md` says what is whose, and `contract/` has its JSON Schema.
//!
//! | module | what |
//! |---|---|
//! | `members` | the members of a JSON object, each taken out once, until none is left |
//! | `message` | what every message has: version, id, type, sender, time, municipality, what it is about |
//! | `report` | which report, for which days, and so which case |
//! | `content` | what each type of message has of its own |
//! | `course` | one course of treatment (kontaktforløb) |
//! | `refusal` | the sentences that go with a refusal or a remark |
//!
//! # Decisions
//! - What the hub cannot do without must be there and be right; a member that the contract does not
//!   know is a fault, because a misspelt end date would make a course open.
//! - A course is about one citizen of many: nothing in it can stop its message. What cannot be read
//!   is left out with a remark, and a CPR number is passed on as the text that it is. Whether courses
//!   contradict one another is for the hub to say, which knows what the register said before.
//! - A case is one municipality, report and period. Everyone who takes part in it sends these, so
//!   its key is made of them and not of who sends.

mod content;
mod course;
mod message;
mod refusal;
mod report;

use budstikke_contract::adapter::{Adapter, Item, ItemBody, Raw, Translated};
use budstikke_contract::strict_json;

/// The adapter for the register of drug treatment.
#[derive(Debug, Clone, Copy, Default)]
pub struct Smdb;

impl Adapter for Smdb {
    fn name(&self) -> &'static str {
        "smdb"
    }

    fn media_type(&self) -> &'static str {
        "application/json"
    }

    fn translate(&self, raw: &Raw<'_>) -> Translated {
        let item = match message::read(raw.body) {
            Ok(draft) => {
                let id = draft.id.as_ref().map_or("", |id| id.as_str());
                let key = Some(format!("{} {id}", draft.source));
                Item { key, content: raw.body.to_vec(), body: ItemBody::Event(Box::new(draft)) }
            }
            Err(reason) => Item { key: None, content: raw.body.to_vec(), body: ItemBody::Refused(reason) },
        };
        Translated { transport: None, items: vec![item], answer: None }
    }

    /// Every message of the contract names its type and what is reported.
    fn recognises(&self, body: &[u8]) -> bool {
        let names = ["BeskedId", "BeskedType"];
        strict_json::parse(body).is_ok_and(|value| names.iter().all(|name| value.get(name).is_some()))
    }
}
