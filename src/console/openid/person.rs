//! From what the provider says of somebody to who they are here. Nobody may anything because they
//! could sign in: what somebody may comes from the groups that the settings name.

use std::collections::{BTreeMap, BTreeSet};

use budstikke_contract::person::shows_cpr;
use serde_json::{Map, Value};

use super::super::access::Role;

/// The longest name.
const LONGEST: usize = 100;

/// What the provider says.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// Whom it knows them as.
    pub(super) subject: String,
    /// The name that they sign in with there.
    pub(super) username: Option<String>,
    /// Their name.
    pub(super) name: Option<String>,
    /// Everything else.
    pub(super) rest: Map<String, Value>,
}

/// Who it is here.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Known {
    /// The name in the books.
    pub(super) user: String,
    /// The name for people.
    pub(super) name: String,
    /// The groups that the settings name, of those that they are in.
    pub(super) groups: Vec<String>,
}

/// Who somebody is here; none where the provider has only names that may not stand in the books: a
/// CPR number, or nothing that can be read.
pub(super) fn known(said: &Said, claim: &str, groups: &BTreeMap<String, BTreeSet<Role>>) -> Option<Known> {
    let word = |text: &&str| !text.contains(char::is_whitespace);
    let username = said.username.as_deref().and_then(fit).filter(word);
    let own = username.or_else(|| fit(&said.subject).filter(word))?;
    let name = said.name.as_deref().and_then(fit).unwrap_or(own);
    let mut found: Vec<String> = texts(&said.rest, claim).into_iter().filter(|it| groups.contains_key(it)).collect();
    found.sort();
    found.dedup();
    Some(Known { user: format!("oidc:{own}"), name: name.to_owned(), groups: found })
}

/// What those who are in these groups may.
pub(super) fn roles(of: &[String], groups: &BTreeMap<String, BTreeSet<Role>>) -> BTreeSet<Role> {
    of.iter().filter_map(|group| groups.get(group)).flatten().cloned().collect()
}

/// A name that may stand in the books.
fn fit(name: &str) -> Option<&str> {
    let name = name.trim();
    let is_fit = !name.is_empty() && name.len() <= LONGEST && !name.contains(char::is_control) && !shows_cpr(name);
    is_fit.then_some(name)
}

/// The texts of a claim: `groups`, or one further in, as in `realm_access.roles`.
fn texts(claims: &Map<String, Value>, claim: &str) -> Vec<String> {
    let further_in = || {
        let mut steps = claim.split('.');
        let first = claims.get(steps.next()?)?;
        steps.try_fold(first, |value, step| value.get(step))
    };
    match claims.get(claim).or_else(further_in) {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) | None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn said(rest: Value) -> Said {
        let Value::Object(rest) = rest else { panic!("an object") };
        let text = |text: &str| Some(text.to_owned());
        Said { subject: "4f2c".to_owned(), username: text("ida@dragoer.example"), name: text("Ida Test"), rest }
    }

    fn groups() -> BTreeMap<String, BTreeSet<Role>> {
        let roles = |texts: &[&str]| texts.iter().map(|text| Role::parse(text).unwrap()).collect();
        BTreeMap::from([
            ("drift".to_owned(), roles(&["operator"])),
            ("ydelse".to_owned(), roles(&["caseworker:dragoer/ydelse", "leader:dragoer"])),
        ])
    }

    #[test]
    fn only_the_groups_that_are_set_count() {
        for (rest, found) in [
            (json!({"groups": ["ydelse", "alle", "drift", "drift"]}), vec!["drift", "ydelse"]),
            (json!({"groups": "drift"}), vec!["drift"]),
            (json!({"groups": ["operator", "administrator", "DRIFT", " drift", 7, null]}), vec![]),
            (json!({"groups": {"drift": true}}), vec![]),
            (json!({"roles": ["drift"]}), vec![]),
            (json!({}), vec![]),
        ] {
            let known = known(&said(rest.clone()), "groups", &groups()).unwrap();
            assert_eq!(known.groups, found, "{rest}");
            assert_eq!((known.user.as_str(), known.name.as_str()), ("oidc:ida@dragoer.example", "Ida Test"));
        }
        let deep = said(json!({"realm_access": {"roles": ["drift"]}}));
        assert_eq!(known(&deep, "realm_access.roles", &groups()).unwrap().groups, ["drift"]);
        assert!(known(&deep, "realm_access.roles.x", &groups()).unwrap().groups.is_empty());
        let flat = said(json!({"https://dragoer.example/groups": ["drift"]}));
        assert_eq!(known(&flat, "https://dragoer.example/groups", &groups()).unwrap().groups, ["drift"]);
    }

    #[test]
    fn groups_give_what_the_settings_say_now() {
        let written = |of: &[&str]| {
            let of: Vec<String> = of.iter().map(|it| (*it).to_owned()).collect();
            roles(&of, &groups()).iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(written(&["drift", "gone"]), ["operator"]);
        assert_eq!(written(&["drift", "ydelse"]), ["operator", "caseworker:dragoer/ydelse", "leader:dragoer"]);
        assert!(written(&[]).is_empty());
    }

    #[test]
    fn a_number_is_no_name() {
        let with = |subject: &str, username: Option<&str>, name: Option<&str>| {
            let own = |text: Option<&str>| text.map(str::to_owned);
            let said = Said { subject: subject.to_owned(), username: own(username), name: own(name), rest: Map::new() };
            known(&said, "groups", &groups()).map(|known| (known.user, known.name))
        };
        let pair = |user: &str, name: &str| Some((user.to_owned(), name.to_owned()));
        assert_eq!(with("4f2c", None, None), pair("oidc:4f2c", "4f2c"));
        assert_eq!(with("4f2c", Some("2512489996"), Some("Ida")), pair("oidc:4f2c", "Ida"));
        assert_eq!(with("2512489996", Some("ida"), Some("Ida 251248-9996")), pair("oidc:ida", "ida"));
        assert_eq!(with("2512489996", None, Some("Ida")), None);
        assert_eq!(with("2512489996", Some("251248-9996"), None), None);
        assert_eq!(with("", Some(" "), None), None);
        assert_eq!(with("4f2c", Some("ida test"), None), pair("oidc:4f2c", "4f2c"), "a name in the books is one word");
        assert_eq!(with("4f2c", Some(&"x".repeat(101)), Some("a\nb")), pair("oidc:4f2c", "4f2c"));
    }

    proptest! {
        #[test]
        fn no_name_shows_a_number(subject in ".{0,30}|[0-9]{6}-?[0-9]{4}", username in ".{0,30}|[0-9]{6}-?[0-9]{4}") {
            let said = Said { subject, username: Some(username), ..Said::default() };
            if let Some(known) = known(&said, "groups", &groups()) {
                prop_assert!(!shows_cpr(&known.user) && !shows_cpr(&known.name));
                prop_assert!(known.user.starts_with("oidc:") && known.user.len() > 5);
            }
        }
    }
}
