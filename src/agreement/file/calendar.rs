//! What is owed at set times, as it is written.

use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

use super::{Conditions, OneOrMany};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Entry {
    pub(in super::super) id: Spanned<String>,
    #[serde(rename = "hvad")]
    pub(in super::super) what: String,
    #[serde(rename = "art")]
    pub(in super::super) kind: Spanned<String>,
    #[serde(rename = "skyldes_af")]
    pub(in super::super) owed_by: Spanned<OneOrMany>,
    #[serde(default, rename = "faelles")]
    pub(in super::super) shared: bool,
    #[serde(rename = "hold")]
    pub(in super::super) team: String,
    #[serde(default, rename = "frister")]
    pub(in super::super) days: Vec<DueDay>,
    /// 1 is Monday.
    #[serde(default, rename = "hver_uge")]
    pub(in super::super) weekday: Option<i8>,
    #[serde(rename = "aabner_dage_foer")]
    pub(in super::super) opens_before: u16,
    #[serde(default, rename = "paamindelse_dage_foer")]
    pub(in super::super) remind_before: Option<u16>,
    #[serde(default, rename = "overskredet")]
    pub(in super::super) late: Option<String>,
    #[serde(rename = "opfyldes_af")]
    pub(in super::super) met_by: Spanned<OneOrMany>,
    /// The years that such an event may be about, counted from the year of the due day.
    #[serde(default, rename = "aar")]
    pub(in super::super) years: Vec<i16>,
    /// Whether such an event is about the week of the due day.
    #[serde(default, rename = "samme_uge")]
    pub(in super::super) same_week: bool,
    #[serde(default, rename = "hvis")]
    pub(in super::super) when: Conditions,
    #[serde(rename = "fra")]
    pub(in super::super) from: Spanned<Datetime>,
    #[serde(default, rename = "til")]
    pub(in super::super) to: Option<Spanned<Datetime>>,
    #[serde(rename = "bestemmelse")]
    pub(in super::super) clause: Spanned<String>,
    #[serde(default)]
    pub(in super::super) status: Option<Spanned<String>>,
    #[serde(default, rename = "tekst")]
    pub(in super::super) _text: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct DueDay {
    #[serde(rename = "maaned")]
    pub(in super::super) month: i8,
    #[serde(rename = "dag")]
    pub(in super::super) day: i8,
}
