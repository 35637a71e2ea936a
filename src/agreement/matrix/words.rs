//! Conditions in words, for people who do not know how the agreement's files name them.

use std::collections::BTreeMap;

use crate::agreement::model::{Conditions, Fact, Source};

/// Of fewer values than this all that count are named: to be told what does not count is no shorter.
const FEW: usize = 4;

/// Conditions in few words: of many values, those that do not count are named.
pub(super) fn of(facts: &BTreeMap<String, Fact>, when: &Conditions) -> String {
    let one = |id: &str| {
        let (allowed, fact) = (when.allowed(id)?, facts.get(id)?);
        let (name, values) = words(id, fact);
        let count = values.len();
        let (counts, not): (Vec<_>, Vec<_>) = values.into_iter().partition(|(value, _)| allowed.contains(*value));
        if not.is_empty() {
            return None;
        }
        let listed = |values: Vec<(&str, String)>| list(values.into_iter().map(|(_, word)| word).collect());
        Some(match not.len() {
            _ if count < FEW || not.len() >= counts.len() => format!("{name} er {}", listed(counts)),
            1 => format!("{name} er ikke {}", listed(not)),
            _ => format!("{name} er hverken {}", listed(not)),
        })
    };
    when.facts().filter_map(one).collect::<Vec<_>>().join(" og ")
}

/// What a fact and each of its values is called, in the agreement's order.
fn words<'f>(id: &'f str, fact: &'f Fact) -> (&'f str, Vec<(&'f str, String)>) {
    let known = || fact.values.iter().map(String::as_str).filter(|value| *value != fact.missing);
    let missing = || [(fact.missing.as_str(), "ukendt".to_owned())];
    match &fact.from {
        Source::Age(limits) => ("alder", known().zip(ages(limits)).chain(missing()).collect()),
        Source::PensionAge(_) => {
            let reached = ["endnu ikke nået", "nået"].map(str::to_owned);
            ("folkepensionsalderen", known().zip(reached).chain(missing()).collect())
        }
        Source::Data(_) | Source::Sender | Source::Law => {
            let all = known().chain([fact.missing.as_str()]);
            (id, all.map(|value| (value, said(value).to_owned())).collect())
        }
    }
}

/// What stands in events is English where it is the same in all of them.
fn said(value: &str) -> &str {
    match value {
        "yes" => "ja",
        "no" => "nej",
        "unknown" => "ukendt",
        other => other,
    }
}

/// The ages between limits, in words.
fn ages(limits: &[i32]) -> Vec<String> {
    let first = limits.first().map(|limit| format!("under {limit} år"));
    let between = limits.windows(2).filter_map(|pair| match pair {
        [from, to] if *to == from + 1 => Some(format!("{from} år")),
        [from, to] => Some(format!("{from}-{} år", to - 1)),
        _ => None,
    });
    let last = limits.last().map(|limit| format!("{limit} år og derover"));
    first.into_iter().chain(between).chain(last).collect()
}

/// `a, b eller c`.
fn list(mut words: Vec<String>) -> String {
    match (words.pop(), words.as_slice()) {
        (None, _) => String::new(),
        (Some(last), []) => last,
        (Some(last), before) => format!("{} eller {last}", before.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn facts() -> BTreeMap<String, Fact> {
        let fact = |from, values: &[&str], missing: &str| Fact {
            from,
            values: values.iter().map(|it| (*it).to_owned()).collect(),
            missing: missing.to_owned(),
        };
        let ages = ["under-18", "18-64", "65", "66-plus", "ukendt"];
        let groups = ["ledig", "syg", "fleks", "ukendt", "ikke-oplyst"];
        BTreeMap::from([
            ("alder".to_owned(), fact(Source::Age(vec![18, 65, 66]), &ages, "ukendt")),
            ("alder-30".to_owned(), fact(Source::Age(vec![30]), &["under-30", "30-plus"], "ukendt")),
            ("gruppe".to_owned(), fact(Source::Data("/group".to_owned()), &groups, "ikke-oplyst")),
            ("uddannelse".to_owned(), fact(Source::Data("/e".to_owned()), &["yes", "no", "unknown"], "unknown")),
            ("pension".to_owned(), fact(Source::PensionAge(Vec::new()), &["foer", "fra", "ukendt"], "ukendt")),
        ])
    }

    #[test]
    fn a_condition_is_a_sentence() {
        for (conditions, said) in [
            (&[("alder", &["under-18"][..])][..], "alder er under 18 år"),
            (&[("alder", &["18-64", "65", "66-plus", "ukendt"])], "alder er ikke under 18 år"),
            (&[("alder", &["18-64", "65", "ukendt"])], "alder er hverken under 18 år eller 66 år og derover"),
            (&[("alder", &["65", "66-plus"])], "alder er 65 år eller 66 år og derover"),
            (&[("alder", &["ukendt", "18-64"])], "alder er 18-64 år eller ukendt"),
            (&[("alder-30", &["under-30", "ukendt"])], "alder er under 30 år eller ukendt"),
            (&[("alder-30", &["30-plus"])], "alder er 30 år og derover"),
            (&[("pension", &["foer", "ukendt"])], "folkepensionsalderen er endnu ikke nået eller ukendt"),
            (&[("pension", &["fra"])], "folkepensionsalderen er nået"),
            (&[("gruppe", &["syg", "fleks"])], "gruppe er syg eller fleks"),
            (&[("uddannelse", &["no", "unknown"])], "uddannelse er nej eller ukendt"),
            (&[("gruppe", &["ledig", "syg", "fleks", "ukendt"])], "gruppe er ikke ikke-oplyst"),
            (&[("alder", &["under-18"]), ("gruppe", &["syg"])], "alder er under 18 år og gruppe er syg"),
            (&[("gruppe", &["ledig", "syg", "fleks", "ukendt", "ikke-oplyst"])], ""),
            (&[], ""),
        ] {
            let set = |values: &[&str]| values.iter().map(|it| (*it).to_owned()).collect::<BTreeSet<_>>();
            let when = conditions.iter().map(|(fact, values)| ((*fact).to_owned(), set(values))).collect();
            assert_eq!(of(&facts(), &Conditions(when)), said);
        }
    }

    /// Whatever is said of the shipped agreement, every value that counts or does not has a word.
    #[test]
    fn each_value_of_the_shipped_agreement_has_one_word() {
        let book = crate::agreement::Book::read(&crate::agreement::tests::shipped()).unwrap();
        let agreements = book.known_on(jiff::civil::date(2026, 11, 22));
        assert!(agreements.iter().any(|it| it.facts.len() > 10));
        for (id, fact) in agreements.iter().flat_map(|it| &it.facts) {
            let said: Vec<&str> = words(id, fact).1.iter().map(|(value, _)| *value).collect();
            let mut all: Vec<&str> = fact.values.iter().map(String::as_str).filter(|it| *it != fact.missing).collect();
            all.push(&fact.missing);
            assert_eq!(said, all, "{id}");
        }
    }
}
