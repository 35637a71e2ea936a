//! The sentences about courses. They name a course by its KONTAKTFORLOEBID, or by its place in the
//! message where that cannot be shown, and say nothing else of anyone.

use budstikke_contract::reason::{Code, Remark};

use super::{Course, Unusable};

/// The citizen's number is none by which a citizen can be counted.
const COURSE_CPR: Code = Code::new("COURSE_CPR");
/// The dates of a course contradict one another.
const COURSE_DATES: Code = Code::new("COURSE_DATES");
/// One course stands in the message in two ways.
const COURSE_REPEATED: Code = Code::new("COURSE_REPEATED");
/// Two courses of one citizen at once.
const COURSE_OVERLAP: Code = Code::new("COURSE_OVERLAP");
/// Two courses of one citizen that the register makes one.
const COURSE_MERGED: Code = Code::new("COURSE_MERGED");
/// Treatment began later than the law allows.
const COURSE_LATE: Code = Code::new("COURSE_LATE");
/// A course goes on after the citizen's death.
const COURSE_AFTER_DEATH: Code = Code::new("COURSE_AFTER_DEATH");
/// A course of a citizen who is anonymous.
const COURSE_ANONYMOUS: Code = Code::new("COURSE_ANONYMOUS");
/// More is wrong than is listed.
const COURSE_MORE: Code = Code::new("COURSE_MORE");

/// Where a course stands, so that a person finds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// In this message.
    Now,
    /// In an earlier one.
    Before,
}

/// Something that is wrong. Sorted as people read it: by what is wrong, then by the course.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Finding {
    Cpr(String, Unusable),
    Dates(String),
    Repeated(String),
    Overlap(String, String),
    Merged(String, String),
    Late(String),
    NotStarted(String),
    AfterDeath(String),
    Anonymous(String),
}

impl Finding {
    pub(super) fn remark(&self) -> Remark {
        Remark::new(self.code(), self.text())
    }

    fn code(&self) -> Code {
        match self {
            Self::Cpr(..) => COURSE_CPR,
            Self::Dates(_) => COURSE_DATES,
            Self::Repeated(_) => COURSE_REPEATED,
            Self::Overlap(..) => COURSE_OVERLAP,
            Self::Merged(..) => COURSE_MERGED,
            Self::Late(_) | Self::NotStarted(_) => COURSE_LATE,
            Self::AfterDeath(_) => COURSE_AFTER_DEATH,
            Self::Anonymous(_) => COURSE_ANONYMOUS,
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Cpr(course, why) => {
                let why = unusable(*why);
                format!(
                    "Borgerens nummer i {course} {why}. Registret fjerner forløb uden brugbart CPR-nummer: ret nummeret i SMDB."
                )
            }
            Self::Dates(course) => format!(
                "Datoerne i {course} passer ikke sammen: behandlingen begynder eller slutter før anmodningen, eller slutter før den begynder. Ret dem i SMDB."
            ),
            Self::Repeated(course) => format!(
                "{} står flere gange i beskeden med forskelligt indhold. Afgør, hvad der gælder.",
                capital(course)
            ),
            Self::Overlap(one, other) => format!(
                "Samme borger har to kontaktforløb på samme tid i kommunen: {one} og {other}. Der kan kun være ét: luk det, der er slut, eller slå dem sammen i SMDB."
            ),
            Self::Merged(one, other) => format!(
                "Der er højst 10 dage fra {one} slutter, til samme borger anmoder igen i {other}. Registret slår dem sammen til ét kontaktforløb."
            ),
            Self::Late(course) => format!(
                "Behandlingen i {course} er iværksat mere end 14 dage efter anmodningen (behandlingsgarantien). Se efter, om datoerne er rigtige."
            ),
            Self::NotStarted(course) => format!(
                "Behandlingen i {course} er ikke iværksat ved periodens udløb, og der er gået mere end 14 dage siden anmodningen (behandlingsgarantien). Se efter, om en dato mangler."
            ),
            Self::AfterDeath(course) => format!(
                "{} er åbent, eller går ud over borgerens dødsdag. Døden lukker et kontaktforløb: luk det i SMDB.",
                capital(course)
            ),
            Self::Anonymous(course) => {
                format!("{} er anonym behandling (SEL § 101 a) og tælles ikke med.", capital(course))
            }
        }
    }
}

fn unusable(why: Unusable) -> &'static str {
    match why {
        Unusable::Form => "er ikke et muligt CPR-nummer",
        Unusable::Unknown => "er ti nuller, som betyder ukendt",
        Unusable::Replacement => "er et erstatningspersonnummer",
    }
}

/// More was found than is listed.
pub(super) fn more(count: usize) -> Remark {
    let text =
        format!("Der er yderligere {count} forhold ved kontaktforløbene, som ikke er nævnt her. Gennemgå dem i SMDB.");
    Remark::new(COURSE_MORE, text)
}

/// What a course is called.
pub(super) fn name(course: &Course, told: Told) -> String {
    match (course.id.as_ref().and_then(|id| id.shown()), told) {
        (Some(id), Told::Now) => format!("kontaktforløb {id}"),
        (Some(id), Told::Before) => format!("kontaktforløb {id} (indberettet tidligere)"),
        (None, Told::Now) => format!("kontaktforløb nr. {} i beskeden", course.place),
        (None, Told::Before) => "et kontaktforløb, der er indberettet tidligere".to_owned(),
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
