//! What the codes stand for, as tables with days: `codes/target-groups.json` and
//! `codes/absences.json`. Reforms move the codes, so that a new one is a row there and no program.

use std::sync::LazyLock;

use budstikke_contract::members;
use budstikke_contract::reason::Reason;
use jiff::civil::Date;
use serde::Deserialize;

use crate::refusal;

/// The tables are part of the program and a test reads them; one that cannot be read knows no code,
/// so that every message is refused.
static TARGET_GROUPS: LazyLock<Vec<TargetGroup>> = LazyLock::new(|| table(include_str!("../codes/target-groups.json")));
static ABSENCES: LazyLock<Vec<Absence>> = LazyLock::new(|| table(include_str!("../codes/absences.json")));

#[derive(Deserialize)]
struct Table<R> {
    codes: Vec<R>,
}

fn table<R: for<'de> Deserialize<'de>>(text: &str) -> Vec<R> {
    serde_json::from_str::<Table<R>>(text).map(|table| table.codes).unwrap_or_default()
}

/// What a target group code stands for, from a day to a day.
#[derive(Debug, Deserialize)]
pub(crate) struct TargetGroup {
    code: String,
    /// The benefits that people in it get. They tell rows of one code apart.
    benefits: Vec<String>,
    /// The group's word in the events.
    pub(crate) group: String,
    /// Whether it is for people without a vocational education.
    #[serde(default)]
    pub(crate) without_education: bool,
    #[serde(flatten)]
    days: Days,
}

/// What an absence code stands for, from a day to a day.
#[derive(Debug, Deserialize)]
pub(crate) struct Absence {
    code: String,
    pub(crate) title: String,
    #[serde(flatten)]
    days: Days,
}

#[derive(Debug, Deserialize)]
struct Days {
    from: Date,
    /// The last day.
    to: Option<Date>,
}

impl Days {
    fn hold(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }
}

/// The target group of that code and benefit on a day. `path` is the object that has them.
pub(crate) fn target_group(
    code: &str,
    benefit: Option<&str>,
    day: Date,
    path: &str,
) -> Result<&'static TargetGroup, Reason> {
    let rows: Vec<_> = TARGET_GROUPS.iter().filter(|row| row.code == code).collect();
    let valid: Vec<_> = rows.iter().filter(|row| row.days.hold(day)).copied().collect();
    match (valid.as_slice(), benefit) {
        ([], _) => Err(refusal::group_unknown(format!("{path}.targetGroupCode"), !rows.is_empty())),
        ([only], None) => Ok(only),
        (_, None) => Err(members::missing("benefitCode", format!("{path}.benefitCode"))),
        (several, Some(benefit)) => {
            let row = several.iter().find(|row| row.benefits.iter().any(|it| it == benefit));
            row.copied().ok_or_else(|| refusal::benefit_unknown(format!("{path}.benefitCode")))
        }
    }
}

/// The absence of that code on a day. `path` is where the code stands.
pub(crate) fn absence(code: &str, day: Date, path: &str) -> Result<&'static Absence, Reason> {
    let mut rows = ABSENCES.iter().filter(|row| row.code == code);
    let is_known = rows.clone().next().is_some();
    rows.find(|row| row.days.hold(day)).ok_or_else(|| refusal::absence_unknown(path.to_owned(), is_known))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn group(code: &str, benefit: Option<&str>, day: Date) -> Result<&'static str, String> {
        let row = target_group(code, benefit, day, "$.targetGroup");
        row.map(|row| row.group.as_str()).map_err(|reason| format!("{} {}", reason.code, reason.path.unwrap()))
    }

    #[test]
    fn a_code_stands_for_one_thing_on_a_day() {
        let apart = |a: &Days, b: &Days| {
            let ends_before = |a: &Days, b: &Days| a.to.is_some_and(|to| to < b.from);
            ends_before(a, b) || ends_before(b, a)
        };
        for (at, a) in TARGET_GROUPS.iter().enumerate() {
            for b in TARGET_GROUPS.iter().skip(at + 1).filter(|b| b.code == a.code) {
                let told_apart = !a.benefits.iter().any(|benefit| b.benefits.contains(benefit));
                let named = !a.benefits.is_empty() && !b.benefits.is_empty();
                assert!(apart(&a.days, &b.days) || told_apart && named, "{a:?} {b:?}");
            }
        }
        for (at, a) in ABSENCES.iter().enumerate() {
            for b in ABSENCES.iter().skip(at + 1).filter(|b| b.code == a.code) {
                assert!(apart(&a.days, &b.days), "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn every_group_is_one_of_the_events() {
        let shared = include_str!("../../../schemas/events/shared.v1.json");
        let shared: serde_json::Value = serde_json::from_str(shared).unwrap();
        let groups = shared["$defs"]["target_group"]["properties"]["group"]["enum"].as_array().unwrap();
        for row in TARGET_GROUPS.iter() {
            assert!(groups.iter().any(|group| *group == row.group), "{row:?}");
        }
        for group in groups {
            assert!(TARGET_GROUPS.iter().any(|row| *group == row.group), "no code stands for {group}");
        }
    }

    #[test]
    fn a_reform_changes_what_a_code_stands_for_from_its_day() {
        let (before, after) = (date(2025, 6, 30), date(2025, 7, 1));
        assert_eq!(group("6.4", Some("UDDANNELSESHJAELP"), before), Ok("uddannelseshjaelp"));
        assert_eq!(group("6.4", Some("KONTANTHJAELP"), after), Ok("kontanthjaelp-jobparat"));
        assert_eq!(
            group("6.4", Some("UDDANNELSESHJAELP"), after),
            Err("TARGET_GROUP_UNKNOWN $.targetGroup.benefitCode".to_owned())
        );
    }

    #[test]
    fn what_only_the_benefit_tells_apart_is_not_guessed() {
        let day = date(2024, 1, 1);
        assert_eq!(group("6.2", None, day), Err("FIELD_MISSING $.targetGroup.benefitCode".to_owned()));
        assert_eq!(group("6.2", Some("OVERGANGSYDELSE"), day), Ok("overgangsydelse-jobparat"));
        assert_eq!(group("6.2", None, date(2026, 1, 1)), Ok("kontanthjaelp-jobparat"));
        assert_eq!(group("6.7", None, day), Ok("jobafklaring"));
    }

    #[test]
    fn a_code_that_is_not_in_the_table_is_not_taken() {
        let unknown = Err("TARGET_GROUP_UNKNOWN $.targetGroup.targetGroupCode".to_owned());
        assert_eq!(group("6.13", None, date(2026, 1, 1)), unknown);
        assert_eq!(group("6.6", None, date(2019, 12, 31)), unknown);
        assert_eq!(absence("ABSENCE_BARSEL", date(2026, 1, 1), "$").unwrap().title, "Barsel");
        let texts = [absence("ABSENCE_X", date(2026, 1, 1), "$"), absence("8", date(2019, 1, 1), "$")]
            .map(|absence| absence.unwrap_err().text);
        assert_ne!(texts[0], texts[1]);
    }
}
