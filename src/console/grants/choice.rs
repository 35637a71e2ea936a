//! Which grants somebody asks for.

use budstikke_contract::law::LawRef;
use jiff::civil::Date;

use super::super::words::day;
use super::state::{Contract, Grant, Span, Standing};
use crate::ledger::grants::Noted;

/// The paragraphs whose cases the managers go through in spring and autumn.
const GONE_THROUGH: [&str; 2] = ["SEL § 107", "SEL § 108"];

/// What is asked for; what is empty is anything.
#[derive(Clone, Default)]
pub(super) struct Choice {
    /// A citizen's number.
    pub(super) citizen: Option<String>,
    /// The grant's law.
    pub(super) law: Option<LawRef>,
    /// A part of the provider's name.
    pub(super) provider: String,
    /// With a day in common with this period.
    pub(super) from: Option<Date>,
    pub(super) to: Option<Date>,
    pub(super) contract: Option<Contract>,
    pub(super) standing: Option<Standing>,
    /// The list of spring and autumn: what runs by §§ 107 and 108, the next to be followed up first.
    pub(super) gone_through: bool,
    /// Which page, from 0.
    pub(super) page: usize,
}

impl std::fmt::Debug for Choice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Choice({:?}, {:?}, {:?})", self.law, self.contract, self.standing)
    }
}

/// Why something cannot be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unfit {
    Citizen,
    Law,
    Day,
    Word,
}

impl Contract {
    pub(super) const ALL: [Self; 5] = [Self::Needed, Self::Missing, Self::Expired, Self::Signed, Self::Unwanted];

    /// As it stands in forms and calls.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Needed => "needed",
            Self::Missing => "missing",
            Self::Expired => "expired",
            Self::Signed => "signed",
            Self::Unwanted => "unwanted",
        }
    }

    /// For people.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Needed => "skal indgås",
            Self::Missing => "mangler",
            Self::Expired => "udløbet",
            Self::Signed => "underskrevet",
            Self::Unwanted => "ikke aktuel",
        }
    }

    /// The name by which the page's style knows it.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Missing | Self::Expired => "fejl",
            Self::Needed => "obs",
            Self::Signed => "god",
            Self::Unwanted => "stille",
        }
    }
}

impl Standing {
    pub(super) const ALL: [Self; 5] = [Self::Running, Self::Ended, Self::Refused, Self::Void, Self::Unknown];

    /// As it stands in forms and calls.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Ended => "ended",
            Self::Refused => "refused",
            Self::Void => "void",
            Self::Unknown => "unknown",
        }
    }

    /// For people.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Running => "løber",
            Self::Ended => "ophørt",
            Self::Refused => "afslag",
            Self::Void => "fejlregistreret",
            Self::Unknown => "ukendt",
        }
    }
}

impl Choice {
    /// All that contracts can be, with what is chosen.
    pub(super) fn contracts(&self) -> Vec<(&'static str, &'static str, bool)> {
        Contract::ALL.map(|it| (it.name(), it.word(), self.contract == Some(it))).into()
    }

    /// All that grants can be, with what is chosen.
    pub(super) fn standings(&self) -> Vec<(&'static str, &'static str, bool)> {
        Standing::ALL.map(|it| (it.name(), it.word(), self.standing == Some(it))).into()
    }

    /// The law, as it is written.
    pub(super) fn law_text(&self) -> String {
        self.law.as_ref().map(ToString::to_string).unwrap_or_default()
    }

    /// Reads what a form or a call says: citizen, law, provider, from, to, contract, standing, list, page.
    pub(super) fn read(
        [citizen, law, provider, from, to, contract, standing, list, page]: [&str; 9],
    ) -> Result<Self, Unfit> {
        let a_day = |text: &str| match text {
            "" => Ok(None),
            _ => text.parse().map(Some).map_err(|_quotes| Unfit::Day),
        };
        let digits: String = citizen.chars().filter(|it| !it.is_whitespace() && *it != '-').collect();
        let is_number = digits.len() == 10 && digits.bytes().all(|b| b.is_ascii_digit());
        Ok(Self {
            citizen: match digits.as_str() {
                "" => None,
                _ if is_number => Some(digits),
                _ => return Err(Unfit::Citizen),
            },
            law: match law {
                "" => None,
                _ => Some(LawRef::parse(law).ok_or(Unfit::Law)?),
            },
            provider: provider.to_lowercase(),
            from: a_day(from)?,
            to: a_day(to)?,
            contract: chosen(contract, Contract::ALL, Contract::name)?,
            standing: chosen(standing, Standing::ALL, Standing::name)?,
            gone_through: match list {
                "" => false,
                "107-108" => true,
                _ => return Err(Unfit::Word),
            },
            page: page.parse().unwrap_or_default(),
        })
    }

    /// Whether a case can have such a grant, by what stands in clear. A follow-up says in its content
    /// by which law the grant is.
    pub(super) fn may_be_of(&self, events: &[&Noted]) -> bool {
        let law = self.law.as_ref().map(ToString::to_string);
        let is_wanted = |own: &str| {
            law.as_deref().is_none_or(|law| law == own) && (!self.gone_through || GONE_THROUGH.contains(&own))
        };
        events.iter().any(|it| it.kind == "adult.follow-up.done" || it.law.as_deref().is_none_or(is_wanted))
    }

    /// Whether it is asked for.
    pub(super) fn fits(&self, grant: &Grant) -> bool {
        let law = self.law.as_ref().map(ToString::to_string);
        let provider = || grant.provider.as_ref().is_some_and(|it| it.to_lowercase().contains(&self.provider));
        let runs = matches!(grant.standing, Standing::Running | Standing::Unknown);
        law.is_none_or(|law| law == grant.law)
            && (self.provider.is_empty() || provider())
            && (self.from.is_none() && self.to.is_none() || grant.period.is_some_and(|it| it.meets(self.from, self.to)))
            && self.contract.is_none_or(|it| it == grant.contract)
            && self.standing.is_none_or(|it| it == grant.standing)
            && (!self.gone_through || runs && GONE_THROUGH.contains(&grant.law.as_str()))
    }

    /// In the order in which they are shown: as they were found, the newest first; what is gone through
    /// by when it is to be followed up, what never was first.
    pub(super) fn sort(&self, grants: &mut [Grant]) {
        if self.gone_through {
            let next = |grant: &Grant| grant.follow_up.as_ref().and_then(|it| it.next);
            grants.sort_by(|one, other| (next(one), &one.case, &one.law).cmp(&(next(other), &other.case, &other.law)));
        } else {
            let newest = |grant: &Grant| std::cmp::Reverse(grant.events.iter().max().copied());
            grants.sort_by(|one, other| {
                (newest(one), &one.case, &one.law).cmp(&(newest(other), &other.case, &other.law))
            });
        }
    }
}

fn chosen<T: Copy, const N: usize>(text: &str, all: [T; N], name: fn(T) -> &'static str) -> Result<Option<T>, Unfit> {
    match text {
        "" => Ok(None),
        _ => all.into_iter().find(|it| name(*it) == text).map(Some).ok_or(Unfit::Word),
    }
}

/// A period, for people.
pub(super) fn in_words(period: Option<Span>) -> String {
    match period {
        Some(Span { from, to: Some(to) }) => format!("{} – {}", day(from), day(to)),
        Some(Span { from, to: None }) => format!("fra {}", day(from)),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn what_is_asked_is_read_or_refused() {
        let mut asked = ["251248-9996", "SEL § 107", "Bakken", "2026-01-01", "", "missing", "running", "107-108", "2"];
        let choice = Choice::read(asked).unwrap();
        assert_eq!((choice.citizen.as_deref(), choice.page, choice.gone_through), (Some("2512489996"), 2, true));
        assert!(!format!("{choice:?}").contains("2512"), "a number is not shown by accident");
        for (at, wrong, unfit) in [
            (0, "2512", Unfit::Citizen),
            (1, "paragraf 107", Unfit::Law),
            (3, "i dag", Unfit::Day),
            (5, "x", Unfit::Word),
            (7, "alle", Unfit::Word),
        ] {
            let right = std::mem::replace(&mut asked[at], wrong);
            assert_eq!(Choice::read(asked).unwrap_err(), unfit);
            asked[at] = right;
        }
        assert!(Choice::read([""; 9]).unwrap().citizen.is_none());
    }

    #[test]
    fn a_period_has_a_day_in_common_or_none() {
        let year = Span { from: date(2026, 1, 1), to: Some(date(2026, 12, 31)) };
        for (from, to, meets) in [
            (None, None, true),
            (Some(date(2026, 12, 31)), None, true),
            (Some(date(2027, 1, 1)), None, false),
            (None, Some(date(2025, 12, 31)), false),
            (None, Some(date(2026, 1, 1)), true),
        ] {
            assert_eq!(year.meets(from, to), meets, "{from:?} {to:?}");
        }
        assert!(Span { to: None, ..year }.meets(Some(date(2099, 1, 1)), None));
    }
}
