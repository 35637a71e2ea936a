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
    // Employment, benefit and integration, S4.
    kind("employment.case.opened", include_str!("../events/employment.case.opened.v1.json")),
    kind("employment.case.closed", include_str!("../events/employment.case.closed.v1.json")),
    kind("employment.target-group.changed", include_str!("../events/employment.target-group.changed.v1.json")),
    kind(
        "employment.sickness-benefit.assessed",
        include_str!("../events/employment.sickness-benefit.assessed.v1.json"),
    ),
    kind(
        "employment.sickness-benefit.extension-decided",
        include_str!("../events/employment.sickness-benefit.extension-decided.v1.json"),
    ),
    kind("employment.return.gradual", include_str!("../events/employment.return.gradual.v1.json")),
    kind(
        "employment.job-clarification.granted",
        include_str!("../events/employment.job-clarification.granted.v1.json"),
    ),
    kind("employment.job-clarification.ended", include_str!("../events/employment.job-clarification.ended.v1.json")),
    kind("employment.resource-course.granted", include_str!("../events/employment.resource-course.granted.v1.json")),
    kind("employment.resource-course.ended", include_str!("../events/employment.resource-course.ended.v1.json")),
    kind("employment.flex-job.approved", include_str!("../events/employment.flex-job.approved.v1.json")),
    kind("employment.flex-job.started", include_str!("../events/employment.flex-job.started.v1.json")),
    kind("employment.flex-job.ended", include_str!("../events/employment.flex-job.ended.v1.json")),
    kind("employment.revalidation.granted", include_str!("../events/employment.revalidation.granted.v1.json")),
    kind("employment.revalidation.ended", include_str!("../events/employment.revalidation.ended.v1.json")),
    kind("employment.availability.assessed", include_str!("../events/employment.availability.assessed.v1.json")),
    kind("employment.sanction.recommended", include_str!("../events/employment.sanction.recommended.v1.json")),
    kind("employment.absence.registered", include_str!("../events/employment.absence.registered.v1.json")),
    kind("employment.wage-subsidy.started", include_str!("../events/employment.wage-subsidy.started.v1.json")),
    kind("employment.wage-subsidy.ended", include_str!("../events/employment.wage-subsidy.ended.v1.json")),
    kind(
        "employment.transport-allowance.decided",
        include_str!("../events/employment.transport-allowance.decided.v1.json"),
    ),
    kind(
        "employment.rehabilitation-plan.adopted",
        include_str!("../events/employment.rehabilitation-plan.adopted.v1.json"),
    ),
    kind("employment.retention-plan.made", include_str!("../events/employment.retention-plan.made.v1.json")),
    kind("employment.placement.started", include_str!("../events/employment.placement.started.v1.json")),
    kind("employment.placement.ended", include_str!("../events/employment.placement.ended.v1.json")),
    kind("employment.education-order.given", include_str!("../events/employment.education-order.given.v1.json")),
    kind("employment.my-plan.updated", include_str!("../events/employment.my-plan.updated.v1.json")),
    kind("employment.social-matter.found", include_str!("../events/employment.social-matter.found.v1.json")),
    kind("employment.info.requested", include_str!("../events/employment.info.requested.v1.json")),
    kind("employment.info.provided", include_str!("../events/employment.info.provided.v1.json")),
    kind("benefit.decided", include_str!("../events/benefit.decided.v1.json")),
    kind("integration.contract.signed", include_str!("../events/integration.contract.signed.v1.json")),
    kind("integration.programme.started", include_str!("../events/integration.programme.started.v1.json")),
    kind("integration.programme.ended", include_str!("../events/integration.programme.ended.v1.json")),
    kind("integration.danish-lessons.referred", include_str!("../events/integration.danish-lessons.referred.v1.json")),
    kind("integration.housing.needed", include_str!("../events/integration.housing.needed.v1.json")),
    kind("integration.task.raised", include_str!("../events/integration.task.raised.v1.json")),
    // The register of drug treatment (SMDB), SEL § 101 and SUL § 142.
    kind("smdb.period.ready", include_str!("../events/smdb.period.ready.v1.json")),
    kind("smdb.info.requested", include_str!("../events/smdb.info.requested.v1.json")),
    kind("smdb.info.provided", include_str!("../events/smdb.info.provided.v1.json")),
    kind("smdb.approved", include_str!("../events/smdb.approved.v1.json")),
    kind("smdb.final-approval.requested", include_str!("../events/smdb.final-approval.requested.v1.json")),
    kind("smdb.final-approval.given", include_str!("../events/smdb.final-approval.given.v1.json")),
    kind("smdb.final-approval.refused", include_str!("../events/smdb.final-approval.refused.v1.json")),
    // The citizen, as the CPR register tells of it.
    kind("citizen.moved", include_str!("../events/citizen.moved.v1.json")),
    kind("citizen.died", include_str!("../events/citizen.died.v1.json")),
    kind("citizen.protected", include_str!("../events/citizen.protected.v1.json")),
    // What the hub itself tells.
    of_hub("duty.reminded", include_str!("../events/duty.reminded.v1.json")),
    of_hub("duty.overdue", include_str!("../events/duty.overdue.v1.json")),
    of_hub("delivery.rejected", include_str!("../events/delivery.rejected.v1.json")),
    of_hub("delivery.withdrawn", include_str!("../events/delivery.withdrawn.v1.json")),
];
