//! The list of kinds, by area.

use crate::Kind;

const fn kind(name: &'static str, text: &'static str) -> Kind {
    Kind { name, version: 1, text, of_hub: false }
}

const fn of_hub(name: &'static str, text: &'static str) -> Kind {
    Kind { name, version: 1, text, of_hub: true }
}

/// Every kind of event that the hub carries.
pub const KINDS: &[Kind] = &[
    // Rehabilitation, SUL § 140.
    kind("rehab.plan.received", include_str!("../events/rehab.plan.received.v1.json")),
    kind("rehab.plan.corrected", include_str!("../events/rehab.plan.corrected.v1.json")),
    kind("rehab.plan.withdrawn", include_str!("../events/rehab.plan.withdrawn.v1.json")),
    kind("rehab.level.set", include_str!("../events/rehab.level.set.v1.json")),
    kind("rehab.citizen.contacted", include_str!("../events/rehab.citizen.contacted.v1.json")),
    kind("rehab.info.requested", include_str!("../events/rehab.info.requested.v1.json")),
    kind("rehab.info.provided", include_str!("../events/rehab.info.provided.v1.json")),
    kind("rehab.start.offered", include_str!("../events/rehab.start.offered.v1.json")),
    kind("rehab.start.postponed", include_str!("../events/rehab.start.postponed.v1.json")),
    kind("rehab.choice.made", include_str!("../events/rehab.choice.made.v1.json")),
    kind("rehab.course.closed", include_str!("../events/rehab.course.closed.v1.json")),
    kind("rehab.transport.requested", include_str!("../events/rehab.transport.requested.v1.json")),
    kind("rehab.transport.decided", include_str!("../events/rehab.transport.decided.v1.json")),
    kind("rehab.training.requested", include_str!("../events/rehab.training.requested.v1.json")),
    // What the hub itself tells.
    of_hub("duty.reminded", include_str!("../events/duty.reminded.v1.json")),
    of_hub("duty.overdue", include_str!("../events/duty.overdue.v1.json")),
    of_hub("delivery.rejected", include_str!("../events/delivery.rejected.v1.json")),
    of_hub("delivery.withdrawn", include_str!("../events/delivery.withdrawn.v1.json")),
];
