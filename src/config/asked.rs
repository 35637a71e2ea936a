//! The settings of whom the hub asks: where a citizen lives (`[residence]`), and what a source's
//! thin events are about (`[fetch.<source>]`). Where a section is not there, nobody is asked.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::read::Reader;
use super::value;
use super::{Asked, Residence};
use crate::enquire::asker::Limits;
use crate::retry::Policy;

/// How long a service that did not answer is left alone: at first, and at most.
const WAITS: Policy = Policy::new(Duration::from_secs(1), Duration::from_mins(1));

impl Reader {
    /// `[residence]`; the inner `None` where it is not there.
    #[expect(clippy::option_option, reason = "not set and wrong are different things")]
    pub(super) fn residence(&mut self) -> Option<Option<Residence>> {
        if !self.tree().contains_key("residence") {
            return Some(None);
        }
        let asked = self.asked_at("residence");
        let cache = self.value("residence.cache", value::duration, Duration::from_mins(15));
        let check_plans = self.value("residence.check_plans", value::yes_or_no, false);
        let mut asked = asked?;
        asked.limits.cache = cache?;
        Some(Some(Residence { asked, check_plans: check_plans? }))
    }

    /// `[fetch.<source>]`, for each.
    pub(super) fn fetch(&mut self) -> BTreeMap<String, Asked> {
        let mut found = BTreeMap::new();
        let sources = self.tree().get("fetch").and_then(Value::as_object).cloned();
        for (source, section) in sources.into_iter().flatten() {
            let key = format!("fetch.{source}");
            if section.is_object() {
                let asked = self.asked_at(&key);
                found.extend(asked.map(|asked| (source, asked)));
            } else {
                self.known(&key);
                self.fault::<()>(&key, "must be a section for a source, as in [fetch.momentum]");
            }
        }
        found
    }

    fn asked_at(&mut self, section: &str) -> Option<Asked> {
        let key = |name: &str| format!("{section}.{name}");
        let web = self.web(section);
        let per_second = self.number(&key("calls_per_second"), 1, 10);
        let at_once = self.number(&key("at_once"), 1, 4);
        let give_up_after = self.value(&key("give_up_after"), value::duration, Duration::from_hours(1));
        let (per_second, at_once, give_up_after) = (per_second?, at_once?, give_up_after?);
        let limits = Limits { per_second, at_once, cache: Duration::ZERO, give_up_after, waits: WAITS };
        Some(Asked { web: web?, limits })
    }
}

#[cfg(test)]
mod tests {
    use super::super::read::tests::with;
    use super::*;

    #[test]
    fn without_a_section_nobody_is_asked() {
        let settings = with("", &[]).unwrap();
        assert!(settings.residence.is_none() && settings.fetch.is_empty());
    }

    #[test]
    fn a_section_says_who_is_asked_and_how_much() {
        let text = "[residence]\nurl = \"https://opslag.example/bopael\"\ntoken_file = \"token\"\ncalls_per_second = 3\n\
                    cache = \"1h\"\ngive_up_after = \"5m\"\ncheck_plans = true\n\
                    [fetch.momentum]\nurl = \"https://dfdg.example/entitet\"\nat_once = 1";
        let settings = with(text, &[("BUDSTIKKE__RESIDENCE__AT_ONCE", "2")]).unwrap();
        let residence = settings.residence.unwrap();
        let limits = residence.asked.limits;
        assert!(residence.check_plans);
        assert_eq!((limits.per_second, limits.at_once), (3, 2));
        assert_eq!((limits.cache, limits.give_up_after), (Duration::from_hours(1), Duration::from_mins(5)));
        let fetch = &settings.fetch["momentum"];
        assert_eq!((fetch.web.url.as_str(), fetch.limits.at_once), ("https://dfdg.example/entitet", 1));
        assert_eq!(fetch.limits.cache, Duration::ZERO, "what has changed is asked for each time");
    }

    #[test]
    fn what_is_wrong_is_named() {
        let url = "url = \"https://a.example/\"";
        for (text, key) in [
            ("[residence]".to_owned(), "residence.url"),
            (format!("[residence]\n{url}\ncheck_plans = \"maybe\""), "residence.check_plans"),
            (format!("[residence]\n{url}\ncalls_per_second = 0"), "residence.calls_per_second"),
            (format!("[residence]\n{url}\ncache = \"soon\""), "residence.cache"),
            (format!("[residence]\n{url}\ncheck_plan = true"), "residence.check_plan"),
            (format!("[fetch]\n{url}"), "fetch.url"),
            (format!("[fetch.momentum]\n{url}\ncache = \"1h\""), "fetch.momentum.cache"),
        ] {
            let faults = with(&text, &[]).unwrap_err();
            assert!(faults.iter().any(|fault| fault.contains(&format!("`{key}`"))), "{text}: {faults:?}");
        }
        let said = with("", &[("BUDSTIKKE__RESIDENCE__CHECK_PLANS", "true")]).unwrap_err();
        assert!(said[0].contains("residence.url"), "{said:?}");
    }
}
