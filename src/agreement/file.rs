//! An agreement file as it is written. The keys are Danish, because jurists and caseworkers of the
//! municipalities write and read them; `README.md` in `deploy/agreement/` explains each.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

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
    #[serde(default, rename = "forhold")]
    pub(super) facts: Vec<Fact>,
    #[serde(default, rename = "regel")]
    pub(super) rules: Vec<Rule>,
    #[serde(default, rename = "pligt")]
    pub(super) duties: Vec<Duty>,
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
    #[serde(rename = "lov")]
    pub(super) law: Spanned<String>,
    #[serde(rename = "opgave")]
    pub(super) task: String,
    #[serde(rename = "bopael")]
    pub(super) residences: Vec<Spanned<String>>,
    #[serde(rename = "udfoerer")]
    pub(super) performer: Spanned<String>,
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
    #[serde(rename = "sti")]
    pub(super) path: Spanned<String>,
    #[serde(rename = "vaerdier")]
    pub(super) values: Spanned<Vec<String>>,
    #[serde(rename = "mangler")]
    pub(super) missing: Spanned<String>,
}

/// Conditions: fact → the values that it may have.
pub(super) type Conditions = BTreeMap<String, Spanned<Vec<String>>>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    pub(super) id: Spanned<String>,
    #[serde(rename = "haendelse")]
    pub(super) event: Spanned<String>,
    #[serde(rename = "lov")]
    pub(super) law: Spanned<String>,
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
    pub(super) owed_by: Spanned<String>,
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
    #[serde(rename = "dage")]
    pub(super) days: u16,
    #[serde(rename = "efter")]
    pub(super) after: Spanned<String>,
    #[serde(rename = "kaldet")]
    pub(super) called: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MetBy {
    #[serde(rename = "haendelse")]
    pub(super) event: Spanned<String>,
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
