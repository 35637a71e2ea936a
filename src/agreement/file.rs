//! An agreement file as it is written. The keys are Danish, because jurists and caseworkers of the
//! municipalities write and read them; `README.md` in `deploy/agreement/` explains each.

mod calendar;

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

pub(super) use calendar::Entry;

/// One file. Any file may hold any of the tables; what belongs together is up to its writer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    #[serde(rename = "fil")]
    pub(super) header: Header,
    #[serde(default, rename = "part")]
    pub(super) parties: Vec<Party>,
    #[serde(default, rename = "udenforstaaende")]
    pub(super) outsiders: Vec<Outsider>,
    #[serde(default, rename = "dokument")]
    pub(super) documents: Vec<Document>,
    #[serde(default, rename = "lov")]
    pub(super) laws: Vec<Law>,
    #[serde(default, rename = "postkasse")]
    pub(super) mailboxes: Vec<Mailbox>,
    #[serde(default, rename = "ansvar")]
    pub(super) responsibilities: Vec<Responsibility>,
    #[serde(default, rename = "omraade")]
    pub(super) work: Vec<Work>,
    #[serde(default, rename = "kle")]
    pub(super) subjects: Vec<Subject>,
    #[serde(default, rename = "forhold")]
    pub(super) facts: Vec<Fact>,
    #[serde(default, rename = "regel")]
    pub(super) rules: Vec<Rule>,
    #[serde(default, rename = "pligt")]
    pub(super) duties: Vec<Duty>,
    #[serde(default, rename = "kalender")]
    pub(super) calendar: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header {
    #[serde(rename = "del")]
    pub(super) part: Spanned<String>,
    #[serde(rename = "titel")]
    pub(super) title: String,
    pub(super) version: u32,
    #[serde(rename = "kendt")]
    pub(super) known: Spanned<Datetime>,
    #[serde(default, rename = "omraader")]
    pub(super) areas: Vec<Spanned<String>>,
    #[serde(default, rename = "uden_omraader")]
    pub(super) without_areas: Vec<Spanned<String>>,
    #[serde(default, rename = "gaelder_fra")]
    pub(super) since: Option<Spanned<Datetime>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Party {
    pub(super) id: Spanned<String>,
    #[serde(rename = "navn")]
    pub(super) name: String,
    #[serde(rename = "kommunenummer")]
    pub(super) municipality: Spanned<String>,
    pub(super) cvr: Spanned<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Outsider {
    pub(super) id: Spanned<String>,
    #[serde(rename = "navn")]
    pub(super) name: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    pub(super) id: Spanned<String>,
    #[serde(rename = "titel")]
    pub(super) title: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Law {
    #[serde(rename = "kort")]
    pub(super) short: Spanned<String>,
    #[serde(rename = "titel")]
    pub(super) title: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mailbox {
    pub(super) id: Spanned<String>,
    #[serde(rename = "navn")]
    pub(super) name: String,
    #[serde(rename = "kanaler")]
    pub(super) channels: Spanned<Vec<String>>,
    #[serde(default, rename = "indhold")]
    pub(super) body: Option<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Responsibility {
    #[serde(default, rename = "lov")]
    pub(super) law: Option<Spanned<String>>,
    #[serde(default, rename = "love")]
    pub(super) laws: Vec<Spanned<String>>,
    #[serde(default, rename = "omraade")]
    pub(super) area: Option<Spanned<String>>,
    #[serde(default, rename = "hvis")]
    pub(super) when: Conditions,
    #[serde(rename = "opgave")]
    pub(super) task: String,
    #[serde(rename = "bopael")]
    pub(super) residences: Vec<Spanned<String>>,
    #[serde(rename = "udfoerer")]
    pub(super) performer: Spanned<String>,
    /// Mailboxes that get its events too, to know.
    #[serde(default, rename = "ogsaa")]
    pub(super) also: Vec<Spanned<String>>,
    #[serde(rename = "fra")]
    pub(super) from: Spanned<Datetime>,
    #[serde(default, rename = "til")]
    pub(super) to: Option<Spanned<Datetime>>,
    #[serde(rename = "bestemmelse")]
    pub(super) clause: Spanned<String>,
    #[serde(default)]
    pub(super) status: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) note: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fact {
    pub(super) id: Spanned<String>,
    #[serde(default, rename = "sti")]
    pub(super) path: Option<Spanned<String>>,
    /// Ages at which another value begins.
    #[serde(default, rename = "alder")]
    pub(super) ages: Option<Spanned<Vec<i32>>>,
    #[serde(default, rename = "afsender")]
    pub(super) sender: bool,
    #[serde(default, rename = "lov")]
    pub(super) law: bool,
    #[serde(default, rename = "pensionsalder")]
    pub(super) pension_ages: Vec<PensionAge>,
    #[serde(rename = "vaerdier")]
    pub(super) values: Spanned<Vec<String>>,
    #[serde(rename = "mangler")]
    pub(super) missing: Spanned<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PensionAge {
    #[serde(rename = "foedt_fra")]
    pub(super) born_from: Spanned<Datetime>,
    #[serde(rename = "aar")]
    pub(super) years: i32,
    #[serde(default, rename = "maaneder")]
    pub(super) months: i32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Work {
    pub(super) id: Spanned<String>,
    #[serde(rename = "navn")]
    pub(super) name: String,
    #[serde(default, rename = "love")]
    pub(super) laws: Vec<Spanned<String>>,
    /// Party → its team.
    #[serde(rename = "hold")]
    pub(super) teams: BTreeMap<String, Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Subject {
    #[serde(rename = "nummer")]
    pub(super) number: Spanned<String>,
    #[serde(rename = "titel")]
    pub(super) title: String,
    #[serde(default, rename = "lov")]
    pub(super) law: Option<Spanned<String>>,
    #[serde(rename = "fra")]
    pub(super) from: Spanned<Datetime>,
    #[serde(default, rename = "til")]
    pub(super) to: Option<Spanned<Datetime>>,
}

/// Conditions: fact → the values that it may have.
pub(super) type Conditions = BTreeMap<String, Spanned<Vec<String>>>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    pub(super) id: Spanned<String>,
    #[serde(rename = "haendelse")]
    pub(super) event: Spanned<String>,
    #[serde(default, rename = "lov")]
    pub(super) law: Option<Spanned<String>>,
    #[serde(default, rename = "love")]
    pub(super) laws: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) kle: Option<Spanned<String>>,
    #[serde(default, rename = "inden_for")]
    pub(super) within: Vec<Spanned<String>>,
    #[serde(default, rename = "uden_bopael")]
    pub(super) without_residence: bool,
    #[serde(default, rename = "omraade")]
    pub(super) area: Option<Spanned<String>>,
    #[serde(default, rename = "udfoerer_efter")]
    pub(super) performer_by: Option<Spanned<String>>,
    #[serde(rename = "fra")]
    pub(super) from: Spanned<Datetime>,
    #[serde(default, rename = "til")]
    pub(super) to: Option<Spanned<Datetime>>,
    #[serde(default, rename = "hvis")]
    pub(super) when: Conditions,
    #[serde(default, rename = "supplerer")]
    pub(super) supplements: Option<Spanned<String>>,
    #[serde(rename = "afsendere")]
    pub(super) senders: Vec<Spanned<String>>,
    #[serde(rename = "modtagere")]
    pub(super) receivers: Vec<Receiver>,
    #[serde(default, rename = "ingen")]
    pub(super) nobody: Option<String>,
    #[serde(default, rename = "pligter")]
    pub(super) duties: Vec<Spanned<String>>,
    #[serde(default, rename = "besvarer")]
    pub(super) answers: Option<Spanned<String>>,
    #[serde(default, rename = "forudsaetter")]
    pub(super) presupposes: Option<Spanned<String>>,
    #[serde(default, rename = "alene")]
    pub(super) alone: Option<String>,
    #[serde(default, rename = "ved_gentagelse")]
    pub(super) repeated: Option<String>,
    #[serde(rename = "bestemmelse")]
    pub(super) clause: Spanned<String>,
    #[serde(default)]
    pub(super) status: Option<Spanned<String>>,
    #[serde(default, rename = "tekst")]
    pub(super) text: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Receiver {
    #[serde(rename = "postkasse")]
    pub(super) mailbox: Spanned<String>,
    #[serde(rename = "som")]
    pub(super) capacity: Spanned<String>,
    #[serde(default, rename = "bestemmelse")]
    pub(super) clause: Option<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Duty {
    pub(super) id: Spanned<String>,
    #[serde(rename = "art")]
    pub(super) kind: Spanned<String>,
    #[serde(rename = "hvad")]
    pub(super) what: String,
    #[serde(rename = "skyldes_af")]
    pub(super) owed_by: Spanned<OneOrMany>,
    #[serde(default, rename = "enkeltvis")]
    pub(super) one_by_one: bool,
    #[serde(default, rename = "hvis")]
    pub(super) when: Conditions,
    #[serde(default, rename = "frist")]
    pub(super) due: Option<Due>,
    #[serde(rename = "opfyldes_af")]
    pub(super) met_by: MetBy,
    #[serde(default, rename = "flyttes_af")]
    pub(super) moved_by: Vec<Spanned<String>>,
    #[serde(default, rename = "lukkes_af")]
    pub(super) closed_by: Vec<Spanned<String>>,
    #[serde(default, rename = "paamindelse")]
    pub(super) remind: Option<Remind>,
    #[serde(default, rename = "overskredet")]
    pub(super) late: Option<Late>,
    #[serde(rename = "bestemmelse")]
    pub(super) clause: Spanned<String>,
    #[serde(default, rename = "tekst")]
    pub(super) _text: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Due {
    #[serde(default, rename = "dage")]
    pub(super) days: Option<u16>,
    #[serde(default, rename = "arbejdsdage")]
    pub(super) working_days: Option<u16>,
    #[serde(default, rename = "maaneder")]
    pub(super) months: Option<u16>,
    #[serde(default, rename = "dage_efter_maaneden")]
    pub(super) days_after_month: Option<u16>,
    #[serde(default, rename = "dage_foer")]
    pub(super) days_before: Option<u16>,
    #[serde(default, rename = "dag_i_naeste_maaned")]
    pub(super) day_of_next_month: Option<u16>,
    /// The day itself, where none of those says how far from it.
    #[serde(rename = "efter")]
    pub(super) after: Spanned<String>,
    #[serde(rename = "kaldet")]
    pub(super) called: String,
    /// Where the time limit stands, where that is not where the duty does.
    #[serde(default, rename = "bestemmelse")]
    pub(super) clause: Option<Spanned<String>>,
}

/// One name, or a list of them.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    pub(super) fn all(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MetBy {
    #[serde(rename = "haendelse")]
    pub(super) event: Spanned<OneOrMany>,
    #[serde(default, rename = "dato")]
    pub(super) date: Option<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Remind {
    #[serde(rename = "dage_foer")]
    pub(super) days_before: u16,
    #[serde(rename = "til")]
    pub(super) to: Vec<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Late {
    #[serde(rename = "til")]
    pub(super) to: Vec<Spanned<String>>,
    #[serde(rename = "tekst")]
    pub(super) text: String,
    #[serde(default, rename = "lov")]
    pub(super) law: Option<Spanned<String>>,
    #[serde(rename = "bestemmelse")]
    pub(super) clause: Spanned<String>,
}
