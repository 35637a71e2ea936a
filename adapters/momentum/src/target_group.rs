//! The citizen's target group, which decides who helps: a code of Momentum's and the benefit, made
//! one of the groups that the agreement speaks of.

use budstikke_contract::members::Members;
use budstikke_contract::reason::Reason;
use jiff::civil::Date;
use serde_json::{Map, Value};

use crate::codes;
use crate::refusal;

/// A target group, read.
pub(crate) struct TargetGroup {
    /// The group's word in the events.
    pub(crate) group: &'static str,
    /// As the events have it.
    pub(crate) data: Map<String, Value>,
}

/// Reads a target group as it is on a day.
pub(crate) fn read(mut fields: Members, day: Date) -> Result<TargetGroup, Reason> {
    let code = fields.text("targetGroupCode", 20)?;
    let code = fields.need("targetGroupCode", code)?;
    let benefit = fields.text("benefitCode", 80)?;
    let educated = fields.flag("vocationalEducation")?;
    let contact_group = fields.text("contactGroup", 200)?;
    let row = codes::target_group(&code, benefit.as_deref(), day, fields.path())?;
    if row.without_education && educated == Some(true) {
        return Err(refusal::education_contradicts(fields.path_of("vocationalEducation")));
    }
    fields.finish()?;
    let education = match educated {
        Some(true) => "yes",
        Some(false) => "no",
        None if row.without_education => "no",
        None => "unknown",
    };
    let mut data = Map::new();
    let mut put = |name: &str, value: &str| data.insert(name.to_owned(), value.into());
    put("group", &row.group);
    put("code", &code);
    put("vocational_education", education);
    if let Some(contact_group) = contact_group {
        put("contact_group", &contact_group);
    }
    Ok(TargetGroup { group: &row.group, data })
}
