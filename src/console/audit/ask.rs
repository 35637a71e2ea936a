//! What is asked of the logs. Pure.

use budstikke_contract::person::{Cpr, shows_cpr};

use super::super::fault::Fault;
use super::super::gate::Posted;
use super::super::period::Period;
use crate::ledger::audit::Wanted;

/// Which log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Log {
    /// Who looked at what.
    #[default]
    Looks,
    /// Who did what.
    Actions,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Asked {
    pub(super) log: Log,
    pub(super) user: String,
    pub(super) item: Option<i64>,
    pub(super) period: Period,
    pub(super) before: Option<i64>,
    pub(super) citizen: Option<Cpr>,
}

impl Asked {
    /// What a form sends.
    pub(super) fn read(posted: &Posted) -> Result<Self, Fault> {
        Self::parse(|name| posted.one(name)).map_err(|why| Fault::Refused(why.to_owned()))
    }

    fn parse<'a>(get: impl Fn(&str) -> &'a str) -> Result<Self, &'static str> {
        let number = |text: &str, why| match text.trim_start_matches('#') {
            "" => Ok(None),
            digits => digits.parse().map(Some).map_err(|_no_number| why),
        };
        let user = get("bruger");
        if user.chars().count() > 128 || shows_cpr(user) {
            return Err("Det er intet brugernavn. Søg efter borgere i feltet til det.");
        }
        let log = if get("log") == "handlinger" { Log::Actions } else { Log::Looks };
        let citizen = Cpr::parse(get("cpr"));
        // Who asks about one citizen and mistypes shall not get everybody's.
        if citizen.is_none() && !get("cpr").is_empty() {
            return Err("Skriv borgerens CPR-nummer med ti cifre. Intet er vist.");
        }
        Ok(Self {
            log,
            user: user.to_owned(),
            item: number(get("post"), "En beskeds nummer er et tal: 12.")?,
            period: Period::read(get("fra"), get("til"))?,
            before: number(get("foer"), "Siden er ikke hel. Søg forfra.")?,
            citizen,
        })
    }

    /// What the ledger is asked.
    pub(super) fn wanted(&self, limit: u32) -> Wanted {
        Wanted {
            user: Some(self.user.clone()).filter(|user| !user.is_empty()),
            item: self.item,
            from: self.period.begins(),
            to: self.period.ends(),
            before: self.before,
            limit,
        }
    }

    pub(super) fn is_actions(&self) -> bool {
        self.log == Log::Actions
    }

    pub(super) fn item_text(&self) -> String {
        self.item.map(|item| item.to_string()).unwrap_or_default()
    }

    pub(super) fn citizen_text(&self) -> &str {
        self.citizen.as_ref().map_or("", |cpr| cpr.reveal())
    }

    /// What was asked, for the log of who took it along. Not whom it was about.
    pub(super) fn in_words(&self) -> String {
        let log = if self.is_actions() { "handlinger" } else { "opslag" };
        let parts = [
            ("bruger", self.user.clone()),
            ("besked", self.item_text()),
            ("fra", self.period.first_day()),
            ("til", self.period.last_day()),
        ];
        let said =
            parts.into_iter().filter(|(_, text)| !text.is_empty()).map(|(name, text)| format!(", {name} {text}"));
        std::iter::once(log.to_owned()).chain(said).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(fields: &'static [(&str, &str)]) -> Result<Asked, &'static str> {
        Asked::parse(|name| fields.iter().find(|(key, _)| *key == name).map_or("", |(_, value)| value))
    }

    #[test]
    fn what_is_asked_is_read_or_said_why_not() {
        let asked = parse(&[("log", "handlinger"), ("bruger", "ida"), ("post", "#12"), ("fra", "2026-11-01")]).unwrap();
        assert_eq!((asked.log, asked.item), (Log::Actions, Some(12)));
        assert_eq!(asked.in_words(), "handlinger, bruger ida, besked 12, fra 2026-11-01");
        assert_eq!(asked.wanted(7).from.unwrap().to_string(), "2026-10-31T23:00:00Z");
        for bad in [("bruger", "251248-9996"), ("post", "x"), ("fra", "i går"), ("foer", "-"), ("cpr", "12")] {
            let fields: &'static [(&str, &str)] = Box::leak(Box::new([bad]));
            assert!(parse(fields).is_err(), "{bad:?}");
        }
        let asked = parse(&[("cpr", "251248-9996")]).unwrap();
        assert!(
            asked.citizen.is_some() && !asked.in_words().contains("2512") && !format!("{asked:?}").contains("2512")
        );
    }
}
