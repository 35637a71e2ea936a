//! What is asked by the form: chosen among what there is, so that nothing about a citizen comes into
//! an address. Pure.

use std::collections::BTreeSet;

use super::super::access::Reach;
use super::super::period::Period;
use crate::intake::World;
use crate::ledger::search::Filter;
use crate::ledger::{delivery, item};

/// Something to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) title: String,
}

/// What may be chosen.
#[derive(Debug, Clone, Default)]
pub(super) struct Choices {
    pub(super) parties: Vec<Choice>,
    pub(super) mailboxes: Vec<Choice>,
    pub(super) kinds: Vec<Choice>,
    pub(super) laws: Vec<Choice>,
    pub(super) sources: Vec<Choice>,
    pub(super) states: Vec<Choice>,
    pub(super) deliveries: Vec<Choice>,
}

fn plain(value: impl Into<String>) -> Choice {
    let value = value.into();
    Choice { title: value.clone(), value }
}

impl Choices {
    /// Those of a hub, for somebody.
    pub(super) fn of(world: &World, reach: &Reach) -> Self {
        let own = |id: &crate::agreement::model::MailboxId| match reach {
            Reach::All => true,
            Reach::Own(mailboxes) => mailboxes.contains(id),
        };
        let mailboxes: Vec<_> = world.mailboxes.values().filter(|mailbox| own(&mailbox.id)).collect();
        let parties: BTreeSet<&str> = mailboxes.iter().map(|mailbox| mailbox.id.party()).collect();
        let mut kinds: Vec<Choice> = budstikke_schemas::KINDS
            .iter()
            .map(|kind| Choice { value: kind.name.to_owned(), title: kind.title().to_owned() })
            .collect();
        kinds.sort_by(|one, other| one.title.cmp(&other.title));
        let agreements = world.book.newest();
        let laws: BTreeSet<String> = agreements
            .iter()
            .flat_map(|agreement| &agreement.responsibilities)
            .filter_map(|it| it.matter.law().map(ToString::to_string))
            .collect();
        Self {
            parties: parties.into_iter().map(plain).collect(),
            mailboxes: mailboxes
                .iter()
                .map(|it| Choice { value: it.id.to_string(), title: format!("{} ({})", it.name, it.id) })
                .collect(),
            kinds,
            laws: laws.into_iter().map(plain).collect(),
            sources: world.adapters.names().map(plain).collect(),
            states: item::State::ALL
                .map(|state| Choice {
                    value: state.name().to_owned(),
                    title: super::super::standing::of_item(state).word.to_owned(),
                })
                .to_vec(),
            deliveries: delivery::State::ALL
                .map(|state| Choice {
                    value: state.name().to_owned(),
                    title: super::super::standing::of_delivery(state).word.to_owned(),
                })
                .to_vec(),
        }
    }
}

/// What is asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) party: String,
    pub(super) mailbox: String,
    pub(super) kind: String,
    pub(super) law: String,
    pub(super) source: String,
    pub(super) state: String,
    pub(super) delivery: String,
    pub(super) period: Period,
    pub(super) before: Option<i64>,
}

impl Asked {
    /// Reads an address. What is none of the choices is refused.
    pub(super) fn read(query: &str, choices: &Choices) -> Result<Self, &'static str> {
        let mut asked = Self::default();
        let (mut from, mut to) = (String::new(), String::new());
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if value.is_empty() {
                continue;
            }
            let place = match &*name {
                "part" => &mut asked.party,
                "postkasse" => &mut asked.mailbox,
                "slags" => &mut asked.kind,
                "lov" => &mut asked.law,
                "kilde" => &mut asked.source,
                "tilstand" => &mut asked.state,
                "levering" => &mut asked.delivery,
                "fra" => &mut from,
                "til" => &mut to,
                "foer" => {
                    asked.before = Some(value.parse().map_err(|_no_number| "Adressen er ikke hel. Søg forfra.")?);
                    continue;
                }
                _ => continue,
            };
            value.as_ref().clone_into(place);
        }
        Self { period: Period::read(&from, &to)?, ..asked }.among(choices)
    }

    /// The same, where all of it can be chosen.
    pub(super) fn among(self, choices: &Choices) -> Result<Self, &'static str> {
        let chosen = [
            (&self.party, &choices.parties),
            (&self.mailbox, &choices.mailboxes),
            (&self.kind, &choices.kinds),
            (&self.law, &choices.laws),
            (&self.source, &choices.sources),
            (&self.state, &choices.states),
            (&self.delivery, &choices.deliveries),
        ];
        let is_one = |(said, choices): (&String, &Vec<Choice>)| {
            said.is_empty() || choices.iter().any(|choice| choice.value == *said)
        };
        if chosen.into_iter().all(is_one) {
            Ok(self)
        } else {
            Err("Det kan der ikke søges efter, eller du har ikke adgang til det. Vælg i felterne.")
        }
    }

    /// As it stands in an address.
    pub(super) fn address(&self, before: Option<i64>) -> String {
        let (from, to) = (self.period.first_day(), self.period.last_day());
        let fields = [
            ("part", &self.party),
            ("postkasse", &self.mailbox),
            ("slags", &self.kind),
            ("lov", &self.law),
            ("kilde", &self.source),
            ("tilstand", &self.state),
            ("levering", &self.delivery),
            ("fra", &from),
            ("til", &to),
        ];
        let mut text = form_urlencoded::Serializer::new(String::new());
        for (name, value) in fields.into_iter().filter(|(_, value)| !value.is_empty()) {
            text.append_pair(name, value);
        }
        if let Some(before) = before {
            text.append_pair("foer", &before.to_string());
        }
        text.finish()
    }

    /// What the ledger is asked: within what somebody may find.
    pub(super) fn filter(&self, choices: &Choices, reach: &Reach) -> Filter {
        let some = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        let party = format!("{}/", self.party);
        let wanted = |mailbox: &&Choice| {
            (self.mailbox.is_empty() || mailbox.value == self.mailbox)
                && (self.party.is_empty() || mailbox.value.starts_with(&party))
        };
        let bounded = matches!(reach, Reach::Own(_)) || !self.mailbox.is_empty() || !self.party.is_empty();
        let mailboxes = || choices.mailboxes.iter().filter(wanted).map(|it| it.value.clone()).collect();
        Filter {
            mailboxes: bounded.then(mailboxes),
            kind: some(&self.kind),
            law: some(&self.law),
            source: some(&self.source),
            state: item::State::ALL.into_iter().find(|state| state.name() == self.state),
            delivery: delivery::State::ALL.into_iter().find(|state| state.name() == self.delivery),
            from: self.period.begins(),
            to: self.period.ends(),
            before: self.before,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agreement::model::MailboxId;

    fn choices() -> Choices {
        Choices {
            parties: vec![plain("dragoer")],
            mailboxes: vec![plain("dragoer/ydelse"), plain("dragoer/social"), plain("taarnby/jobcenter")],
            laws: vec![plain("SEL § 85")],
            states: vec![plain("parked")],
            ..Choices::default()
        }
    }

    #[test]
    fn an_address_is_read_as_it_is_written_and_holds_only_choices() {
        let asked =
            Asked::read("postkasse=dragoer%2Fydelse&lov=SEL+%C2%A7+85&fra=2026-11-01&til=&foer=7", &choices()).unwrap();
        assert_eq!(asked.address(Some(7)), "postkasse=dragoer%2Fydelse&lov=SEL+%C2%A7+85&fra=2026-11-01&foer=7");
        assert_eq!(Asked::read(&asked.address(Some(7)), &choices()), Ok(asked));
        for bad in ["postkasse=odense%2Fx", "lov=2512489996", "fra=2512489996", "foer=x", "tilstand=gone"] {
            assert!(Asked::read(bad, &choices()).is_err(), "{bad}");
        }
        assert_eq!(Asked::read("cpr=2512489996&x=%FF", &choices()), Ok(Asked::default()), "nothing else is kept");
    }

    #[test]
    fn a_caseworker_is_bounded_by_own_mailboxes_and_an_operator_by_nothing() {
        let own = Reach::Own(vec![MailboxId::parse("dragoer/ydelse").unwrap()]);
        let filter = |query: &str, reach: &Reach| {
            let choices = match reach {
                Reach::All => choices(),
                Reach::Own(_) => Choices { mailboxes: vec![plain("dragoer/ydelse")], ..choices() },
            };
            Asked::read(query, &choices).unwrap().filter(&choices, reach)
        };
        assert_eq!(filter("", &Reach::All).mailboxes, None);
        assert_eq!(filter("", &own).mailboxes.unwrap(), ["dragoer/ydelse"]);
        assert_eq!(filter("part=dragoer", &Reach::All).mailboxes.unwrap(), ["dragoer/ydelse", "dragoer/social"]);
        let period = filter("fra=2026-11-01&til=2026-11-01", &Reach::All);
        assert_eq!(period.from.unwrap().to_string(), "2026-10-31T23:00:00Z");
        assert_eq!(period.to.unwrap().to_string(), "2026-11-01T23:00:00Z");
    }
}
