//! Rehabilitation plans (SUL § 140) as hospitals send them, and how MedCom has them answered.
//!
//! | in | what becomes of it |
//! |---|---|
//! | MedCom GGOP 1.0 (`RehabilitationPlan`, `GGOP100`) | `rehab.plan.received` |
//! | XDIS91 correspondence (`ClinicalEmail`, `XD9134L` or `XD9133L`) that carries a plan | `rehab.plan.received`, or `rehab.plan.corrected` where it says `rettetbrev` |
//! | a receipt (`XCTL01`, `XCTL02`, `XCTL03`, a receipt of the `VANSEnvelope`) | recorded, never answered |
//! | anything else | refused with a reason, and answered where there is someone to answer |
//!
//! Each comes bare or in a `VANSEnvelope` 1.0.4, and one `Emessage` may carry several letters: each
//! is an item with a fate of its own.
//!
//! | module | what |
//! |---|---|
//! | `vans` | the envelope of the network, and the payload in it |
//! | `emessage` | the envelope of the standard, and the letters in it |
//! | `letter` | what every letter has: numbers, sender, receiver, citizen, time |
//! | `ggop`, `xdis91`, `downgrade` | what each kind has of its own |
//! | `plan` | from a letter to the event's data |
//! | `part`, `text`, `civil`, `plan_type`, `object` | reading and writing of single values |
//! | `refusal` | the codes and the sentences that go with them |
//! | `receipt` | the answers |
//! | `alone` | one letter of several, for its receivers |
//! | `told` | what a letter says beside the event's data, for people who read it |
//!
//! # Decisions
//! - The letter element and its `VersionCode` decide what a letter is; its `TypeCode` is not looked
//!   at. MedCom's own conversion of a GGOP to XDIS91 keeps `GGOP1` to `GGOP3` as statistical code,
//!   which is how a plan in a correspondence is known; a subject that says so is the other way.
//! - What must be there is what the hub or a receipt cannot do without: the numbers of envelope and
//!   letter, version, sender, citizen and time. What must be there must be there once: of two CPR
//!   numbers neither is taken. All else may be missing.
//! - A text that is longer than the event's schema allows is cut and a number or code that is
//!   longer is left out, each with a remark; the original travels along.

mod alone;
mod civil;
mod downgrade;
mod emessage;
mod ggop;
mod ids;
mod letter;
mod object;
mod part;
mod plan;
mod plan_type;
mod reading;
mod receipt;
mod refusal;
mod text;
mod told;
mod vans;
mod xdis91;

use budstikke_contract::adapter::{Adapter, Passage, Raw, Translated};
use budstikke_strict_xml::{Document, Element, Limits};
use jiff::Timestamp;

use crate::part::Part;
use crate::reading::Reading;

pub use refusal::CODES;

/// The adapter for rehabilitation plans.
#[derive(Debug, Clone, Copy, Default)]
pub struct RehabPlan;

impl Adapter for RehabPlan {
    fn name(&self) -> &'static str {
        "rehab-plan"
    }

    fn media_type(&self) -> &'static str {
        "application/xml"
    }

    fn translate(&self, raw: &Raw<'_>) -> Translated {
        let reading = match Document::read(raw.body, &Limits::default()) {
            Ok(document) => read(&document, raw.body),
            Err(fault) => Reading::unread(raw.body, refusal::xml(&fault)),
        };
        reading.into_translated()
    }

    fn alone(&self, body: &[u8], index: usize) -> Option<Vec<u8>> {
        alone::of(body, index)
    }

    fn passages(&self, body: &[u8], index: usize) -> Vec<Passage> {
        told::passages(body, index)
    }

    fn recognises(&self, body: &[u8]) -> bool {
        Document::read(body, &Limits::default()).is_ok_and(|document| is_ours(document.root()))
    }

    fn repeat_reply(&self, reply: &[u8], repeat: u32, at: Timestamp) -> Vec<u8> {
        receipt::repeat(reply, repeat, at)
    }
}

/// Whether it is an envelope of the standard or of the network, in whatever version.
fn is_ours(root: Element<'_>) -> bool {
    let namespace = root.namespace().unwrap_or_default().to_ascii_lowercase();
    matches!(root.name(), "Emessage" | "VANSEnvelope") && namespace.contains("medcom")
}

/// Reads a well-formed document.
fn read(document: &Document<'_>, body: &[u8]) -> Reading {
    let root = Part::root(document.root());
    match root.name() {
        "Emessage" => emessage::read(root, body, None),
        "VANSEnvelope" => vans::read(root, body),
        _ => Reading::unread(body, refusal::not_carried()),
    }
}
