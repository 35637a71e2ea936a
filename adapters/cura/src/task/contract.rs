//! The contract about tasks: which types there are, what each says, and by which names. CURA's own
//! types of tasks are the municipality's to set up; none but `incoming communication` is public.

use crate::care::CONCERNS;

/// A type of task.
#[derive(Debug)]
pub(crate) struct Type {
    /// `CuraSimpleTask/type`.
    pub(crate) code: &'static str,
    /// The event that it becomes.
    pub(crate) event: &'static str,
    /// When it says so.
    pub(crate) says: Says,
    /// The paragraph, where the type has one of its own.
    pub(crate) law: Option<&'static str>,
    /// What it says.
    pub(crate) members: &'static [Member],
}

/// When a task says what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Says {
    /// When it is given: something is asked for. It is said once, whatever becomes of the task.
    Asking,
    /// When it is completed: something has been done. A later version says it anew.
    Done,
}

/// A member of the event, and the extension that it is read from.
#[derive(Debug)]
pub(crate) struct Member {
    /// The name of the extension: `nextFollowUp`.
    pub(crate) name: &'static str,
    /// The name in the event's data.
    pub(crate) key: &'static str,
    /// What people call it, in the definite form.
    pub(crate) what: &'static str,
    pub(crate) take: Take,
    /// Whether the event cannot do without it.
    pub(crate) must: bool,
}

/// How a value is read.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Take {
    Day,
    /// The day it happened, which is the day that decides.
    Happened,
    Clock,
    Text(usize),
    /// A text that is left out where it is too long: a part of a number is another one.
    Exact(usize),
    Code(&'static [(&'static str, &'static str)]),
    /// Several texts.
    Texts(usize),
    /// These are the grant's, where the task does not say them itself.
    Period,
    Service,
    Provider,
    Rate,
    GrantLaw,
}

const fn must(name: &'static str, key: &'static str, what: &'static str, take: Take) -> Member {
    Member { name, key, what, take, must: true }
}

const fn may(name: &'static str, key: &'static str, what: &'static str, take: Take) -> Member {
    Member { name, key, what, take, must: false }
}

const SERVICE: Member = may("service", "service", "ydelsen", Take::Service);
const PROVIDER: Member = may("provider", "provider", "leverandøren", Take::Provider);
const PERIOD: Member = must("period", "period", "perioden", Take::Period);
const RATE: Member = may("rate", "rate", "taksten", Take::Rate);
const NEXT: Member = may("nextFollowUp", "next_follow_up", "næste opfølgning", Take::Day);
const QUESTION: Member = must("question", "question", "spørgsmålet", Take::Text(4000));
const ANSWER: Member = must("answer", "answer", "svaret", Take::Text(8000));

const OCCASIONS: &[(&str, &str)] = &[
    ("new-grant", "ny bevilling"),
    ("changed-grant", "ændret bevilling"),
    ("extension", "forlængelse"),
    ("changed-rate", "ændret takst"),
    ("new-provider", "ny leverandør"),
    ("other", "andet"),
];
const OUTCOMES: &[(&str, &str)] =
    &[("unchanged", "uændret"), ("to-change", "ændres"), ("to-end", "ophører"), ("awaiting", "afventer")];
const MEASURES: &[(&str, &str)] = &[
    ("restraint", "fastholdelse"),
    ("detention-at-home", "tilbageholdelse i boligen"),
    ("alarm", "alarm eller pejling"),
    ("protective-device", "beskyttelsesmiddel"),
    ("placement-without-consent", "optagelse i botilbud uden samtykke"),
    ("other", "andet indgreb"),
];
const APPROVALS: &[(&str, &str)] = &[("approved", "godkendt på forhånd"), ("not-approved", "ikke godkendt på forhånd")];
pub(crate) const MATTERS: &[(&str, &str)] = &[("new-case", "ny sag"), ("follow-up", "opfølgning")];
const VISITATION: &[(&str, &str)] = &[
    ("on-agenda", "på dagsordenen"),
    ("postponed", "udsat"),
    ("not-on-agenda", "ikke på dagsordenen"),
    ("granted", "bevilget"),
    ("partly-granted", "delvist bevilget"),
    ("refused", "afslag"),
    ("unchanged", "uændret"),
];
const CONTACTS: &[(&str, &str)] = &[
    ("phone", "telefon"),
    ("letter", "brev"),
    ("digital-post", "digital post"),
    ("meeting", "møde"),
    ("other", "andet"),
];
const CHOICES: &[(&str, &str)] = &[("private-provider", "privat leverandør"), ("other-municipality", "anden kommune")];

/// The types of tasks that are carried.
pub(crate) const TYPES: &[Type] = &[
    Type {
        code: "contract-needed",
        event: "contract.needed",
        says: Says::Asking,
        law: None,
        members: &[
            must("service", "service", "ydelsen", Take::Service),
            PERIOD,
            must("occasion", "occasion", "anledningen", Take::Code(OCCASIONS)),
            PROVIDER,
            RATE,
        ],
    },
    Type {
        code: "contract-signed",
        event: "contract.signed",
        says: Says::Done,
        law: None,
        members: &[
            must("signed", "signed", "underskriftens dag", Take::Happened),
            must("provider", "provider", "leverandøren", Take::Provider),
            PERIOD,
            SERVICE,
            RATE,
            may("contractNumber", "contract_number", "kontraktens nummer", Take::Exact(64)),
        ],
    },
    Type {
        code: "action-plan",
        event: "adult.action-plan.updated",
        says: Says::Done,
        law: Some("SEL § 141"),
        members: &[
            must("updated", "updated", "handleplanens dag", Take::Happened),
            may("goal", "goals", "et mål", Take::Texts(1000)),
            NEXT,
        ],
    },
    Type {
        code: "follow-up",
        event: "adult.follow-up.done",
        says: Says::Done,
        law: Some("SEL § 148"),
        members: &[
            must("done", "done", "opfølgningens dag", Take::Happened),
            must("outcome", "outcome", "opfølgningens udfald", Take::Code(OUTCOMES)),
            must("grantLaw", "grant_law", "bevillingens paragraf", Take::GrantLaw),
            SERVICE,
            PROVIDER,
            NEXT,
        ],
    },
    Type {
        code: "force-report",
        event: "adult.force.reported",
        says: Says::Done,
        law: None,
        members: &[
            must("happened", "happened", "dagen, det skete", Take::Happened),
            may("time", "time", "klokkeslættet", Take::Clock),
            must("measure", "measure", "indgrebet", Take::Code(MEASURES)),
            may("approval", "approval", "godkendelsen", Take::Code(APPROVALS)),
            may("reported", "reported", "indberetningens dag", Take::Day),
            PROVIDER,
            may("description", "description", "beskrivelsen", Take::Text(8000)),
        ],
    },
    Type {
        code: "info-request",
        event: "adult.info.requested",
        says: Says::Asking,
        law: None,
        members: &[
            QUESTION,
            must("concerns", "concerns", "hvad spørgsmålet angår", Take::Code(&CONCERNS)),
            may("wantedBy", "wanted_by", "dagen, svaret ønskes", Take::Day),
        ],
    },
    Type { code: "info-answer", event: "adult.info.provided", says: Says::Done, law: None, members: &[ANSWER] },
    Type {
        code: "visitation-case",
        event: "visitation.case.requested",
        says: Says::Asking,
        law: None,
        members: &[
            must("meeting", "meeting", "mødets dag", Take::Day),
            must("matter", "matter", "sagens emne", Take::Text(2000)),
            may("occasion", "occasion", "anledningen", Take::Code(MATTERS)),
            SERVICE,
        ],
    },
    Type {
        code: "visitation-decision",
        event: "visitation.case.decided",
        says: Says::Done,
        law: None,
        members: &[
            must("decision", "decision", "afgørelsen", Take::Code(VISITATION)),
            may("meeting", "meeting", "mødets dag", Take::Day),
            may("reason", "reason", "begrundelsen", Take::Text(2000)),
            SERVICE,
            may("period", "period", "perioden", Take::Period),
            PROVIDER,
        ],
    },
    Type {
        code: "rehab-contact",
        event: "rehab.citizen.contacted",
        says: Says::Done,
        law: Some("SUL § 140"),
        members: &[
            must("contacted", "contacted", "dagen for kontakten", Take::Day),
            may("how", "how", "kontaktens måde", Take::Code(CONTACTS)),
        ],
    },
    Type {
        code: "rehab-start",
        event: "rehab.start.offered",
        says: Says::Done,
        law: Some("SUL § 140"),
        members: &[
            must("start", "start", "startdagen", Take::Day),
            may("time", "time", "klokkeslættet", Take::Clock),
            may("place", "place", "stedet", Take::Text(200)),
        ],
    },
    Type {
        code: "rehab-postponed",
        event: "rehab.start.postponed",
        says: Says::Done,
        law: Some("SUL § 140"),
        members: &[
            must("reason", "reason", "grunden", Take::Text(1000)),
            may("wantedStart", "wanted_start", "den ønskede startdag", Take::Day),
        ],
    },
    Type {
        code: "rehab-choice",
        event: "rehab.choice.made",
        says: Says::Done,
        law: Some("SUL § 140"),
        members: &[
            must("choice", "choice", "valget", Take::Code(CHOICES)),
            may("chosen", "chosen", "dagen for valget", Take::Day),
            may("providerName", "provider", "leverandørens navn", Take::Text(200)),
        ],
    },
    Type {
        code: "rehab-closed",
        event: "rehab.course.closed",
        says: Says::Done,
        law: Some("SUL § 140"),
        members: &[
            must("end", "end", "forløbets sidste dag", Take::Day),
            may("outcome", "outcome", "resultatet", Take::Text(1000)),
        ],
    },
    Type {
        code: "rehab-info-request",
        event: "rehab.info.requested",
        says: Says::Asking,
        law: Some("SUL § 140"),
        members: &[QUESTION],
    },
    Type {
        code: "rehab-info-answer",
        event: "rehab.info.provided",
        says: Says::Done,
        law: Some("SUL § 140"),
        members: &[ANSWER],
    },
    Type {
        code: "rehab-transport",
        event: "rehab.transport.requested",
        says: Says::Asking,
        law: Some("SUL § 171"),
        members: &[
            must("need", "need", "behovet", Take::Text(1000)),
            may("from", "from", "første dag", Take::Day),
            may("to", "to", "sidste dag", Take::Day),
        ],
    },
    Type {
        code: "rehab-training",
        event: "rehab.training.requested",
        says: Says::Asking,
        law: Some("SEL § 86"),
        members: &[
            must("reason", "reason", "begrundelsen", Take::Text(2000)),
            may("requested", "requested", "dagen, der blev spurgt", Take::Day),
        ],
    },
];

/// The type about several citizens at once: the agenda of the weekly meeting.
pub(crate) const AGENDA: &str = "visitation-agenda";

/// What CURA makes of each message that comes in. The message itself says what there is to say.
pub(crate) const INCOMING: &str = "incoming communication";

impl Type {
    /// The type of that code.
    pub(crate) fn named(code: &str) -> Option<&'static Self> {
        TYPES.iter().find(|it| it.code == code)
    }

    /// Whether it is about rehabilitation, else about the area Adults.
    pub(crate) fn is_rehab(&self) -> bool {
        self.event.starts_with("rehab.")
    }

    /// The names of the extensions that it may have.
    pub(crate) fn names(&self) -> Vec<&'static str> {
        let rate_unit = self.members.iter().any(|member| matches!(member.take, Take::Rate)).then_some("rateUnit");
        let common = ["note", "legalParagraph", "actingMunicipality"];
        self.members.iter().map(|member| member.name).chain(rate_unit).chain(common).collect()
    }
}

/// Where a task stands, in the words of FHIR's own `Task`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Not given yet.
    Draft,
    /// Given, and not completed.
    Open,
    Completed,
    /// It came to nothing.
    Dropped,
    /// It should never have been.
    Error,
}

/// The statuses of tasks. CURA's own are not public; these are those of STU3's `Task`.
const STAGES: [(&str, Stage); 12] = [
    ("requested", Stage::Open),
    ("received", Stage::Open),
    ("accepted", Stage::Open),
    ("ready", Stage::Open),
    ("in-progress", Stage::Open),
    ("on-hold", Stage::Open),
    ("completed", Stage::Completed),
    ("draft", Stage::Draft),
    ("rejected", Stage::Dropped),
    ("failed", Stage::Dropped),
    ("cancelled", Stage::Dropped),
    ("entered-in-error", Stage::Error),
];

impl Stage {
    pub(crate) fn named(code: &str) -> Option<Self> {
        STAGES.iter().find(|(known, _)| *known == code).map(|(_, stage)| *stage)
    }

    /// The codes, for a reason.
    pub(crate) fn codes() -> impl Iterator<Item = &'static str> {
        STAGES.iter().map(|(code, _)| *code)
    }
}
