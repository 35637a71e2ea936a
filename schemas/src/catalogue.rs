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
    // Adults, SEL.
    kind("adult.grant.requested", include_str!("../events/adult.grant.requested.v1.json")),
    kind("adult.grant.decided", include_str!("../events/adult.grant.decided.v1.json")),
    kind("adult.grant.changed", include_str!("../events/adult.grant.changed.v1.json")),
    kind("adult.grant.ended", include_str!("../events/adult.grant.ended.v1.json")),
    kind("contract.needed", include_str!("../events/contract.needed.v1.json")),
    kind("contract.signed", include_str!("../events/contract.signed.v1.json")),
    kind("adult.action-plan.updated", include_str!("../events/adult.action-plan.updated.v1.json")),
    kind("adult.follow-up.done", include_str!("../events/adult.follow-up.done.v1.json")),
    kind("adult.force.reported", include_str!("../events/adult.force.reported.v1.json")),
    kind("adult.info.requested", include_str!("../events/adult.info.requested.v1.json")),
    kind("adult.info.provided", include_str!("../events/adult.info.provided.v1.json")),
    kind("visitation.agenda.set", include_str!("../events/visitation.agenda.set.v1.json")),
    kind("visitation.case.requested", include_str!("../events/visitation.case.requested.v1.json")),
    kind("visitation.case.decided", include_str!("../events/visitation.case.decided.v1.json")),
    // Children, S3.
    kind("child.case.opened", include_str!("../events/child.case.opened.v1.json")),
    kind("child.grant.decided", include_str!("../events/child.grant.decided.v1.json")),
    kind("child.grant.changed", include_str!("../events/child.grant.changed.v1.json")),
    kind("child.grant.ended", include_str!("../events/child.grant.ended.v1.json")),
    kind("child.coordination.needed", include_str!("../events/child.coordination.needed.v1.json")),
    kind("child.coordination.agreed", include_str!("../events/child.coordination.agreed.v1.json")),
    // Common to all areas.
    kind("notice.given", include_str!("../events/notice.given.v1.json")),
    kind("management-info.requested", include_str!("../events/management-info.requested.v1.json")),
    kind("management-info.provided", include_str!("../events/management-info.provided.v1.json")),
    kind("case.related", include_str!("../events/case.related.v1.json")),
    kind("case.coordinated", include_str!("../events/case.coordinated.v1.json")),
    kind("supervision.documentation.requested", include_str!("../events/supervision.documentation.requested.v1.json")),
    kind("supervision.documentation.provided", include_str!("../events/supervision.documentation.provided.v1.json")),
    kind("supervision.result.shared", include_str!("../events/supervision.result.shared.v1.json")),
    kind("complaint.received", include_str!("../events/complaint.received.v1.json")),
    kind("file-access.requested", include_str!("../events/file-access.requested.v1.json")),
    kind("file-access.answered", include_str!("../events/file-access.answered.v1.json")),
    kind("gdpr-access.requested", include_str!("../events/gdpr-access.requested.v1.json")),
    kind("gdpr-access.answered", include_str!("../events/gdpr-access.answered.v1.json")),
    kind("appeal.decided", include_str!("../events/appeal.decided.v1.json")),
    kind("report.delivered", include_str!("../events/report.delivered.v1.json")),
    kind("order.placed", include_str!("../events/order.placed.v1.json")),
    kind("payment-agreement.delivered", include_str!("../events/payment-agreement.delivered.v1.json")),
    kind("template.agreed", include_str!("../events/template.agreed.v1.json")),
    kind("employment-plan.delivered", include_str!("../events/employment-plan.delivered.v1.json")),
    kind("result-review.delivered", include_str!("../events/result-review.delivered.v1.json")),
    // The register of drug treatment (SMDB), SEL § 101 and SUL § 142.
    kind("smdb.period.ready", include_str!("../events/smdb.period.ready.v1.json")),
    kind("smdb.info.requested", include_str!("../events/smdb.info.requested.v1.json")),
    kind("smdb.info.provided", include_str!("../events/smdb.info.provided.v1.json")),
    kind("smdb.approved", include_str!("../events/smdb.approved.v1.json")),
    kind("smdb.final-approval.requested", include_str!("../events/smdb.final-approval.requested.v1.json")),
    kind("smdb.final-approval.given", include_str!("../events/smdb.final-approval.given.v1.json")),
    kind("smdb.final-approval.refused", include_str!("../events/smdb.final-approval.refused.v1.json")),
    // What the hub itself tells.
    of_hub("duty.reminded", include_str!("../events/duty.reminded.v1.json")),
    of_hub("duty.overdue", include_str!("../events/duty.overdue.v1.json")),
    of_hub("delivery.rejected", include_str!("../events/delivery.rejected.v1.json")),
];
