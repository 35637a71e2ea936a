//! The types of events in the contract: what each becomes, and what it must and may say.

use budstikke_contract::event::EventKind;

/// One type of event.
pub(crate) struct EventType {
    /// Its name in the contract.
    pub(crate) name: &'static str,
    /// Its kind in the catalogue.
    kind: &'static str,
    /// Whether a period must be given.
    pub(crate) period: Need,
    /// Whether it is a grant, or the start of what was granted: the first day of its period is then
    /// the day it happened.
    pub(crate) is_grant: bool,
    /// Whether date of effect and legal basis must be given. A question has none.
    pub(crate) has_effect: bool,
    /// What it has of its own.
    pub(crate) details: &'static [Detail],
}

impl EventType {
    pub(crate) fn kind(&self) -> EventKind {
        kind(self.kind)
    }
}

#[expect(clippy::expect_used, reason = "all names are in the catalogue, and a test looks each of them up")]
fn kind(name: &str) -> EventKind {
    EventKind::named(name).expect("a kind of the catalogue")
}

/// Whether something must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    Must,
    May,
}

/// One member of `details`.
pub(crate) struct Detail {
    /// Its name in the contract.
    pub(crate) from: &'static str,
    /// Its name in the event's data.
    pub(crate) to: &'static str,
    pub(crate) need: Need,
    pub(crate) form: Form,
}

/// What a detail looks like.
pub(crate) enum Form {
    /// A text of at most so many characters.
    Text(usize),
    /// An id of the system, which is nobody's number.
    Id,
    Date,
    /// Hours a week, 0 to 168.
    Hours,
    /// A number of people, 1 to 30.
    Persons,
    /// One of some words.
    Word(&'static [Word]),
    /// Whether the citizen was heard, and when.
    Hearing,
    /// An absence code.
    Absence,
    /// The target group before.
    TargetGroup,
    /// Who gives what was granted.
    Provider,
}

/// One of the words that a detail may be.
pub(crate) struct Word {
    /// In the contract.
    pub(crate) from: &'static str,
    /// In the event's data.
    pub(crate) to: &'static str,
    /// What else the message must have then.
    pub(crate) entails: Entails,
}

/// What a word makes necessary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entails {
    Nothing,
    /// A reason.
    Reason,
    /// A period.
    Period,
    /// A period, whose first day is the day it happened.
    Grant,
}

/// The type of that name.
pub(crate) fn named(name: &str) -> Option<&'static EventType> {
    TYPES.iter().find(|event_type| event_type.name == name)
}

const fn must(from: &'static str, to: &'static str, form: Form) -> Detail {
    Detail { from, to, need: Need::Must, form }
}

const fn may(from: &'static str, to: &'static str, form: Form) -> Detail {
    Detail { from, to, need: Need::May, form }
}

const fn word(from: &'static str, to: &'static str, entails: Entails) -> Word {
    Word { from, to, entails }
}

const GRANTED: Word = word("GRANTED", "bevilget", Entails::Grant);
const REFUSED: Word = word("REFUSED", "afslag", Entails::Reason);
const GRANT_OR_NOT: &[Word] = &[GRANTED, REFUSED];
const BENEFIT: &[Word] =
    &[GRANTED, word("CHANGED", "ændret", Entails::Period), word("STOPPED", "stoppet", Entails::Reason), REFUSED];
const CONDITIONS: &[Word] =
    &[word("MET", "opfyldt", Entails::Nothing), word("NOT_MET", "ikke opfyldt", Entails::Reason)];
const AVAILABILITY: &[Word] =
    &[word("AVAILABLE", "til rådighed", Entails::Nothing), word("NOT_AVAILABLE", "ikke til rådighed", Entails::Reason)];

const WHY: Detail = must("reason", "reason", Form::Text(1000));
const EMPLOYER: Detail = may("employer", "employer", Form::Text(200));
const HOURS: Detail = must("hoursPerWeek", "hours_per_week", Form::Hours);
const MAYBE_HOURS: Detail = may("hoursPerWeek", "hours_per_week", Form::Hours);
const REASON: Detail = may("reason", "reason", Form::Text(2000));
const HEARING: Detail = must("hearing", "hearing", Form::Hearing);
const SUMMARY: Detail = may("summary", "summary", Form::Text(4000));
const DEADLINE: Detail = may("deadline", "deadline", Form::Date);

/// Something that happens on a day.
const fn event(name: &'static str, kind: &'static str, details: &'static [Detail]) -> EventType {
    EventType { name, kind, period: Need::May, is_grant: false, has_effect: true, details }
}

/// Something that is from a day.
const fn lasting(name: &'static str, kind: &'static str, details: &'static [Detail]) -> EventType {
    EventType { period: Need::Must, ..event(name, kind, details) }
}

/// A grant, or the start of what was granted.
const fn grant(name: &'static str, kind: &'static str, details: &'static [Detail]) -> EventType {
    EventType { is_grant: true, ..lasting(name, kind, details) }
}

/// A question or its answer.
const fn talk(name: &'static str, kind: &'static str, details: &'static [Detail]) -> EventType {
    EventType { has_effect: false, ..event(name, kind, details) }
}

/// Every type of event in the contract.
pub(crate) const TYPES: &[EventType] = &[
    event("CASE_OPENED", "employment.case.opened", &[may("reason", "reason", Form::Text(1000))]),
    event("CASE_CLOSED", "employment.case.closed", &[WHY]),
    lasting(
        "TARGET_GROUP_CHANGED",
        "employment.target-group.changed",
        &[may("previousTargetGroup", "previous", Form::TargetGroup)],
    ),
    event(
        "SICKNESS_BENEFIT_ASSESSED",
        "employment.sickness-benefit.assessed",
        &[must("assessment", "assessment", Form::Word(CONDITIONS)), REASON],
    ),
    event(
        "SICKNESS_BENEFIT_EXTENSION_DECIDED",
        "employment.sickness-benefit.extension-decided",
        &[must("decision", "decision", Form::Word(GRANT_OR_NOT)), REASON],
    ),
    lasting("RETURN_GRADUAL", "employment.return.gradual", &[HOURS, EMPLOYER]),
    grant("JOB_CLARIFICATION_GRANTED", "employment.job-clarification.granted", &[]),
    event("JOB_CLARIFICATION_ENDED", "employment.job-clarification.ended", &[WHY]),
    grant("RESOURCE_COURSE_GRANTED", "employment.resource-course.granted", &[]),
    event("RESOURCE_COURSE_ENDED", "employment.resource-course.ended", &[WHY]),
    event("FLEX_JOB_APPROVED", "employment.flex-job.approved", &[REASON]),
    grant("FLEX_JOB_STARTED", "employment.flex-job.started", &[HOURS, EMPLOYER]),
    event("FLEX_JOB_ENDED", "employment.flex-job.ended", &[WHY]),
    grant("REVALIDATION_GRANTED", "employment.revalidation.granted", &[may("plan", "plan", Form::Text(2000))]),
    event("REVALIDATION_ENDED", "employment.revalidation.ended", &[WHY]),
    event(
        "AVAILABILITY_ASSESSED",
        "employment.availability.assessed",
        &[must("assessment", "assessment", Form::Word(AVAILABILITY)), REASON, may("hearing", "hearing", Form::Hearing)],
    ),
    event(
        "SANCTION_RECOMMENDED",
        "employment.sanction.recommended",
        &[
            must("sanction", "sanction", Form::Text(200)),
            must("incident", "incident", Form::Text(2000)),
            must("incidentDate", "incident_date", Form::Date),
            HEARING,
        ],
    ),
    lasting(
        "ABSENCE_REGISTERED",
        "employment.absence.registered",
        &[must("absenceCode", "absence", Form::Absence), HEARING, may("reportedDate", "reported", Form::Date)],
    ),
    grant("WAGE_SUBSIDY_STARTED", "employment.wage-subsidy.started", &[MAYBE_HOURS, EMPLOYER]),
    event("WAGE_SUBSIDY_ENDED", "employment.wage-subsidy.ended", &[WHY]),
    event(
        "TRANSPORT_ALLOWANCE_DECIDED",
        "employment.transport-allowance.decided",
        &[must("decision", "decision", Form::Word(GRANT_OR_NOT)), REASON],
    ),
    event(
        "REHABILITATION_PLAN_ADOPTED",
        "employment.rehabilitation-plan.adopted",
        &[must("recommendation", "recommendation", Form::Text(2000)), may("meetingDate", "meeting", Form::Date)],
    ),
    event("RETENTION_PLAN_MADE", "employment.retention-plan.made", &[SUMMARY, EMPLOYER]),
    grant("PLACEMENT_STARTED", "employment.placement.started", &[MAYBE_HOURS, EMPLOYER]),
    event("PLACEMENT_ENDED", "employment.placement.ended", &[WHY]),
    event(
        "EDUCATION_ORDER_GIVEN",
        "employment.education-order.given",
        &[must("order", "order", Form::Text(2000)), DEADLINE],
    ),
    event("MY_PLAN_UPDATED", "employment.my-plan.updated", &[SUMMARY]),
    event("SOCIAL_MATTER_FOUND", "employment.social-matter.found", &[must("matter", "matter", Form::Text(4000))]),
    talk("INFO_REQUESTED", "employment.info.requested", &[must("question", "question", Form::Text(4000))]),
    talk("INFO_PROVIDED", "employment.info.provided", &[must("answer", "answer", Form::Text(8000))]),
    event(
        "BENEFIT_DECIDED",
        "benefit.decided",
        &[must("decision", "decision", Form::Word(BENEFIT)), must("benefit", "benefit", Form::Text(120)), REASON],
    ),
    lasting("INTEGRATION_CONTRACT_SIGNED", "integration.contract.signed", &[]),
    grant("INTEGRATION_PROGRAMME_STARTED", "integration.programme.started", &[]),
    event("INTEGRATION_PROGRAMME_ENDED", "integration.programme.ended", &[WHY]),
    event(
        "DANISH_LESSONS_REFERRED",
        "integration.danish-lessons.referred",
        &[may("provider", "provider", Form::Provider), may("education", "education", Form::Text(200))],
    ),
    event(
        "HOUSING_NEEDED",
        "integration.housing.needed",
        &[must("need", "need", Form::Text(2000)), may("persons", "persons", Form::Persons)],
    ),
    event(
        "INTEGRATION_TASK_RAISED",
        "integration.task.raised",
        &[
            must("title", "task", Form::Text(400)),
            may("description", "description", Form::Text(4000)),
            DEADLINE,
            may("taskId", "task_id", Form::Id),
        ],
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_type_has_a_kind_and_every_kind_of_the_area_a_type() {
        let of_types: BTreeSet<String> =
            TYPES.iter().map(|event_type| format!("{}.v1.json", event_type.kind().name())).collect();
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schemas/events");
        let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let areas = ["employment.", "benefit.", "integration."];
        let of_area: BTreeSet<String> = names.filter(|name| areas.iter().any(|area| name.starts_with(area))).collect();
        assert_eq!(of_types, of_area);
        let names: BTreeSet<&str> = TYPES.iter().map(|event_type| event_type.name).collect();
        assert_eq!(names.len(), TYPES.len());
    }
}
