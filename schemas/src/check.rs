//! Checking the `data` of an event against its schema. A fault says where and which rule, never
//! what stood there: the content is about a person.

use std::collections::HashMap;
use std::sync::LazyLock;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Registry, RegistryBuilder, ValidationError, Validator};
use serde_json::Value;

use crate::{KINDS, Kind};

/// The parts that several schemas use, as JSON text (`urn:budstikke:schema:shared.v1`).
pub const SHARED: &str = include_str!("../events/shared.v1.json");

/// The first rule of the schema that the data breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where, as a JSON path from the event: `$.data.citizen.cpr`.
    pub path: String,
    /// Which rule.
    pub broken: Broken,
}

/// The rules that people need told apart; the rest are `Other`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Broken {
    /// A member that must be there is missing.
    Missing,
    /// A member that the schema does not know, at or under the path.
    Unknown,
    /// Another type of JSON value than the schema asks for.
    Type,
    /// None of the values that are allowed.
    NotOneOf(Vec<String>),
    /// A text that is not of the form it should have (a date, a number of digits).
    Form,
    /// Too long or too short.
    Length,
    /// Another rule, named by its JSON Schema keyword.
    Other(String),
}

/// The schemas, read once. They are part of the program and a test reads every one of them, so
/// that one which cannot be read is a fault of the build; it then refuses all data.
static VALIDATORS: LazyLock<HashMap<&'static str, Validator>> = LazyLock::new(|| {
    let shared: Value = serde_json::from_str(SHARED).unwrap_or_default();
    let Ok(registry) = Registry::new().add("urn:budstikke:schema:shared.v1", shared).and_then(RegistryBuilder::prepare)
    else {
        return HashMap::new();
    };
    let compile = |kind: &'static Kind| {
        let schema: Value = serde_json::from_str(kind.text).ok()?;
        let options = jsonschema::options().with_registry(&registry).should_validate_formats(true);
        options.build(&schema).ok().map(|validator| (kind.name, validator))
    };
    KINDS.iter().filter_map(compile).collect()
});

/// Checks `data` against the schema of `kind`.
///
/// # Errors
/// The first rule that it breaks.
pub fn check(kind: &Kind, data: &Value) -> Result<(), Fault> {
    let validator = VALIDATORS.get(kind.name).ok_or_else(unreadable)?;
    validator.validate(data).map_err(|error| fault_of(&error))
}

/// All that is wrong with `data` by the schema of `kind`, for whoever fills in a form.
pub fn faults(kind: &Kind, data: &Value) -> Vec<Fault> {
    let Some(validator) = VALIDATORS.get(kind.name) else { return vec![unreadable()] };
    validator.iter_errors(data).map(|error| fault_of(&error)).collect()
}

fn unreadable() -> Fault {
    Fault { path: "$.data".to_owned(), broken: Broken::Other("schema".to_owned()) }
}

fn fault_of(error: &ValidationError<'_>) -> Fault {
    let mut path = json_path(error.instance_path().as_str());
    #[expect(clippy::wildcard_enum_match_arm, reason = "the library has fifty kinds; six are told apart")]
    let broken = match error.kind() {
        ValidationErrorKind::Required { property } => {
            path.push('.');
            path.push_str(property.as_str().unwrap_or("?"));
            Broken::Missing
        }
        ValidationErrorKind::AdditionalProperties { .. } => Broken::Unknown,
        ValidationErrorKind::Type { .. } => Broken::Type,
        ValidationErrorKind::Enum { options } => Broken::NotOneOf(texts(options)),
        ValidationErrorKind::Format { .. } | ValidationErrorKind::Pattern { .. } => Broken::Form,
        ValidationErrorKind::MaxLength { .. } | ValidationErrorKind::MinLength { .. } => Broken::Length,
        other => Broken::Other(other.keyword().to_owned()),
    };
    Fault { path, broken }
}

/// `/citizen/cpr` → `$.data.citizen.cpr`, `/diagnoses/0/code` → `$.data.diagnoses[0].code`.
/// Every step is a name of the schema: a member that the schema does not know is reported at its
/// parent.
fn json_path(pointer: &str) -> String {
    let mut path = String::from("$.data");
    for step in pointer.split('/').skip(1) {
        if step.bytes().all(|b| b.is_ascii_digit()) {
            path.push('[');
            path.push_str(step);
            path.push(']');
        } else {
            path.push('.');
            path.push_str(step);
        }
    }
    path
}

fn texts(options: &Value) -> Vec<String> {
    let values = options.as_array().map(Vec::as_slice).unwrap_or_default();
    values.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fault(name: &str, data: &Value) -> Fault {
        check(crate::find(name).unwrap(), data).unwrap_err()
    }

    #[test]
    fn says_where_and_which_rule() {
        let missing = fault("rehab.start.offered", &json!({}));
        assert_eq!(missing, Fault { path: "$.data.start".to_owned(), broken: Broken::Missing });
        let form = fault("rehab.start.offered", &json!({"start": "2026-02-30"}));
        assert_eq!(form, Fault { path: "$.data.start".to_owned(), broken: Broken::Form });
        let level = fault("rehab.level.set", &json!({"level": "mellem"}));
        assert_eq!(level.broken, Broken::NotOneOf(vec!["basal".to_owned(), "avanceret".to_owned()]));
        let unknown = fault("rehab.start.offered", &json!({"start": "2026-11-25", "2512489996": 1}));
        assert_eq!(unknown, Fault { path: "$.data".to_owned(), broken: Broken::Unknown });
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        let data = json!({"area": "voksne", "category": "x", "from": "i går"});
        let faults = faults(crate::find("notice.given").unwrap(), &data);
        let mut paths: Vec<&str> = faults.iter().map(|fault| fault.path.as_str()).collect();
        paths.sort_unstable();
        assert_eq!(paths, ["$.data.category", "$.data.from", "$.data.text"]);
    }

    #[test]
    fn what_one_value_makes_necessary_is_missing_by_name() {
        let citizen = json!({"cpr": "2512489996"});
        let granted = json!({"citizen": citizen, "service": {"name": "Ledsagelse"}, "decision": "bevilget"});
        let missing = fault("adult.grant.decided", &granted);
        assert_eq!(missing, Fault { path: "$.data.period".to_owned(), broken: Broken::Missing });
        let refused = json!({"citizen": citizen, "service": {"name": "Ledsagelse"}, "decision": "afslag"});
        assert_eq!(check(crate::find("adult.grant.decided").unwrap(), &refused), Ok(()));
    }

    #[test]
    fn what_a_period_needs_goes_by_its_kind() {
        let (period, start) = (json!({"from": "2026-10-01", "to": "2026-10-31"}), "2026-10-12");
        let missing = |field: &str| Fault { path: format!("$.data.{field}"), broken: Broken::Missing };
        for kind in ["social", "substitution"] {
            assert_eq!(fault("smdb.period.ready", &json!({"kind": kind, "start": start})), missing("period"));
        }
        assert_eq!(fault("smdb.period.ready", &json!({"kind": "medicinsk", "period": period})), missing("start"));
    }

    #[test]
    fn one_bad_course_does_not_stop_a_period() {
        let period = json!({"from": "2026-10-01", "to": "2026-10-31"});
        let courses = json!([{}, {"citizen": {"cpr": ""}}, {"id": "KF-1", "citizen": {"cpr": "ukendt"}}]);
        let data = json!({"kind": "social", "period": period, "courses": courses});
        assert_eq!(check(crate::find("smdb.period.ready").unwrap(), &data), Ok(()));
    }

    #[test]
    fn a_shared_part_is_checked_where_it_is_used() {
        let data = json!({"start": "2026-11-25", "citizen": {"cpr": "251248-9996"}});
        assert_eq!(fault("rehab.start.offered", &data).path, "$.data.citizen.cpr");
    }
}
