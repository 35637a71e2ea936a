//! Reading single values, with the fault that each can have.

use std::collections::BTreeSet;

use budstikke_contract::event::EventKind;
use budstikke_contract::kle::Kle;
use budstikke_contract::law::LawRef;
use jiff::civil::Date;
use toml::Spanned;
use toml::value::Datetime;

use super::super::fault::{Fault, Kind};
use super::super::file;
use super::super::model::{Agreement, Clause, Conditions, PartyId, Place, Role, RoleMailbox, Standing, Team, is_name};
use super::super::period::Period;
use super::Parsed;

/// The team of a mailbox that is the one of the event's area.
const TEAM_OF_AREA: &str = "omraadets-hold";

/// Collects faults on the way.
#[derive(Debug, Default)]
pub(in super::super) struct Reader {
    pub(super) faults: Vec<Fault>,
}

/// The line, counted from 1, of a byte of `text`.
pub(super) fn line_of(text: &str, byte: usize) -> usize {
    1 + text.bytes().take(byte).filter(|b| *b == b'\n').count()
}

/// A date that exists.
pub(super) fn date(file: &str, text: &str, value: &Spanned<Datetime>) -> Result<Date, Fault> {
    let fault = |what: &str| Fault {
        file: file.to_owned(),
        line: line_of(text, value.span().start),
        kind: Kind::Date,
        what: what.to_owned(),
        fix: "Skriv en dato, der findes, som 2021-09-01 (uden anførselstegn).".to_owned(),
    };
    let written = value.get_ref();
    let (Some(day), None, None) = (written.date, written.time, written.offset) else {
        return Err(fault("her skal stå en dato uden klokkeslæt"));
    };
    let new =
        || Date::new(i16::try_from(day.year).ok()?, i8::try_from(day.month).ok()?, i8::try_from(day.day).ok()?).ok();
    new().ok_or_else(|| fault("datoen findes ikke"))
}

impl Reader {
    /// Keeps the fault of a value that could not be read.
    pub(super) fn note<T>(&mut self, read: Result<T, Fault>) -> Option<T> {
        read.map_err(|fault| self.faults.push(fault)).ok()
    }

    /// Notes a fault at a value.
    pub(super) fn fault<T>(
        &mut self,
        at: &Parsed,
        value: &Spanned<T>,
        kind: Kind,
        what: String,
        fix: impl Into<String>,
    ) {
        let line = line_of(&at.text, value.span().start);
        self.faults.push(Fault { file: at.name.clone(), line, kind, what, fix: fix.into() });
    }

    pub(super) fn place<T>(at: &Parsed, value: &Spanned<T>) -> Place {
        Place { file: at.name.clone(), line: line_of(&at.text, value.span().start) }
    }

    /// A name that may stand in ids and queue names.
    pub(super) fn name(&mut self, at: &Parsed, value: &Spanned<String>) -> Option<String> {
        let text = value.get_ref();
        if is_name(text) {
            return Some(text.clone());
        }
        let fix = "Brug 1-40 små bogstaver a-z, cifre og bindestreger: navnet står i kønavne og id'er.";
        self.fault(at, value, Kind::Name, format!("`{text}` kan ikke være et navn"), fix);
        None
    }

    pub(super) fn law(&mut self, at: &Parsed, agreement: &Agreement, value: &Spanned<String>) -> Option<LawRef> {
        let text = value.get_ref();
        let Some(law) = LawRef::parse(text) else {
            let what = format!("`{text}` er ikke en lovhenvisning");
            self.fault(at, value, Kind::Form, what, "Skriv lovens forkortelse og paragraffen: \"SEL § 82 a\".");
            return None;
        };
        if !agreement.laws.contains_key(law.law()) {
            let what = format!("loven `{}` er ikke nævnt i aftalen", law.law());
            self.fault(at, value, Kind::Name, what, "Tilføj den som [[lov]], eller ret forkortelsen.");
        }
        Some(law)
    }

    /// The laws that a rule or a responsibility names, by one key or the other; in a list a range of
    /// paragraphs may stand for all of them: `SEL § 124-136`.
    pub(super) fn laws(
        &mut self,
        at: &Parsed,
        agreement: &Agreement,
        one: Option<&Spanned<String>>,
        many: &[Spanned<String>],
    ) -> Vec<LawRef> {
        let mut laws = Vec::new();
        for value in one.into_iter().chain(many) {
            match paragraphs(value.get_ref()) {
                Some(range) => {
                    let each = range.iter().map(|text| Spanned::new(value.span(), text.clone()));
                    laws.extend(each.filter_map(|text| self.law(at, agreement, &text)));
                }
                None => laws.extend(self.law(at, agreement, value)),
            }
        }
        laws
    }

    pub(super) fn kle(&mut self, at: &Parsed, value: &Spanned<String>) -> Option<Kle> {
        let kle = Kle::parse(value.get_ref());
        if kle.is_none() {
            let what = format!("`{}` er ikke et KLE-nummer", value.get_ref());
            self.fault(at, value, Kind::Form, what, "Skriv emnet eller gruppen: \"27.57.04\" eller \"27.57\".");
        }
        kle
    }

    pub(super) fn work(&mut self, at: &Parsed, agreement: &Agreement, value: &Spanned<String>) -> Option<String> {
        let id = value.get_ref();
        let known = agreement.work.contains_key(id);
        if !known {
            let what = format!("arbejdsområdet `{id}` er ikke beskrevet");
            self.fault(at, value, Kind::Name, what, "Tilføj det som [[omraade]] med navn og hold.");
        }
        known.then(|| id.clone())
    }

    pub(super) fn clause(&mut self, at: &Parsed, agreement: &Agreement, value: &Spanned<String>) -> Option<Clause> {
        let clause = Clause::new(value.get_ref().clone());
        if agreement.documents.contains_key(clause.document()) {
            return Some(clause);
        }
        let what = format!("bestemmelsen `{clause}` peger på dokumentet `{}`, som ikke er nævnt", clause.document());
        self.fault(at, value, Kind::Name, what, "Begynd med id'et på et [[dokument]]: \"S1 2\".");
        None
    }

    pub(super) fn period(
        &mut self,
        at: &Parsed,
        from: &Spanned<Datetime>,
        to: Option<&Spanned<Datetime>>,
    ) -> Option<Period> {
        let first = self.note(date(&at.name, &at.text, from));
        let last = match to {
            Some(to) => Some((self.note(date(&at.name, &at.text, to))?, to)),
            None => None,
        };
        let first = first?;
        if let Some((last, place)) = last
            && last < first
        {
            let what = format!("perioden slutter {last}, før den begynder {first}");
            self.fault(at, place, Kind::Date, what, "Ret `fra` eller `til`; begge dage hører med til perioden.");
            return None;
        }
        Some(Period { from: first, to: last.map(|(day, _)| day) })
    }

    pub(super) fn standing(&mut self, at: &Parsed, value: Option<&Spanned<String>>) -> Standing {
        let Some(value) = value else { return Standing::Agreed };
        match value.get_ref().as_str() {
            "fortolkning" => Standing::Interpretation,
            "under-afklaring" => Standing::UnderClarification,
            other => {
                let what = format!("`{other}` er ikke en status");
                self.fault(
                    at,
                    value,
                    Kind::Form,
                    what,
                    "Skriv \"fortolkning\" eller \"under-afklaring\", eller udelad den.",
                );
                Standing::Agreed
            }
        }
    }

    pub(super) fn event(&mut self, at: &Parsed, value: &Spanned<String>) -> Option<EventKind> {
        self.event_named(at, value, value.get_ref())
    }

    pub(super) fn event_named<T>(&mut self, at: &Parsed, value: &Spanned<T>, name: &str) -> Option<EventKind> {
        let kind = EventKind::named(name).filter(|kind| !kind.schema().of_hub);
        if kind.is_none() {
            let what = format!("hændelsen `{name}` findes ikke i kataloget");
            self.fault(
                at,
                value,
                Kind::Name,
                what,
                "Brug et navn fra schemas/events/ uden version, som \"rehab.plan.received\".",
            );
        }
        kind
    }

    pub(super) fn role<T>(
        &mut self,
        at: &Parsed,
        agreement: &Agreement,
        value: &Spanned<T>,
        text: &str,
    ) -> Option<Role> {
        let role = match text {
            "bopael" => Some(Role::Residence),
            "udfoerer" => Some(Role::Performer),
            "den-anden" => Some(Role::Other),
            "modparten" => Some(Role::Counterpart),
            "spoerger" => Some(Role::Asker),
            party => agreement.party(party).map(|party| Role::Party(party.id.clone())),
        };
        if role.is_none() {
            let what = format!("`{text}` er hverken en rolle eller en part");
            self.fault(at, value, Kind::Name, what, "Rollerne er bopael, udfoerer, den-anden, modparten og spoerger.");
        }
        role
    }

    /// A mailbox by role. Where it is a receiver's it must be there for each party that may play
    /// the part: for the performer, each of `performers`.
    pub(super) fn role_mailbox(
        &mut self,
        at: &Parsed,
        agreement: &Agreement,
        value: &Spanned<String>,
        performers: Option<&BTreeSet<&PartyId>>,
    ) -> Option<RoleMailbox> {
        let text = value.get_ref();
        let Some((role, team)) = text.split_once('/') else {
            let what = format!("`{text}` er ikke en postkasse");
            self.fault(at, value, Kind::Form, what, "Skriv rolle og hold: \"bopael/genoptraening\".");
            return None;
        };
        let role = self.role(at, agreement, value, role)?;
        let team = match team.split_once(':') {
            Some((residence, performer)) => {
                Team::ByPart { residence: residence.to_owned(), performer: performer.to_owned() }
            }
            None if team == TEAM_OF_AREA => Team::OfArea,
            None => Team::Named(team.to_owned()),
        };
        let mailbox = RoleMailbox { role, team };
        let missing = performers.map(|performers| agreement.missing_mailboxes(&mailbox, performers));
        for missing in missing.unwrap_or_default() {
            let what = format!("postkassen `{missing}` findes ikke, men `{text}` kan blive den");
            self.fault(at, value, Kind::Name, what, "Tilføj den som [[postkasse]], eller ret navnet.");
        }
        Some(mailbox)
    }

    pub(super) fn conditions(&mut self, at: &Parsed, agreement: &Agreement, written: &file::Conditions) -> Conditions {
        let mut conditions = Conditions::default();
        for (fact, allowed) in written {
            let Some(known) = agreement.facts.get(fact) else {
                let what = format!("forholdet `{fact}` er ikke beskrevet");
                self.fault(at, allowed, Kind::Name, what, "Tilføj det som [[forhold]] med sti og værdier.");
                continue;
            };
            for value in allowed.get_ref().iter().filter(|value| !known.values.contains(value)) {
                let what = format!("`{fact}` kan ikke være `{value}`");
                self.fault(at, allowed, Kind::Name, what, format!("Værdierne er: {}.", known.values.join(", ")));
            }
            if allowed.get_ref().is_empty() {
                let what = format!("betingelsen på `{fact}` har ingen værdier og kan aldrig være opfyldt");
                self.fault(at, allowed, Kind::Form, what, "Nævn mindst én værdi, eller udelad betingelsen.");
            }
            let values: BTreeSet<String> = allowed.get_ref().iter().cloned().collect();
            conditions.0.insert(fact.clone(), values);
        }
        conditions
    }
}

/// The letters that paragraphs put in later bear (§ 124 a); none of the laws has gone further.
const LETTERS: std::ops::RangeInclusive<char> = 'a'..='h';

/// The paragraphs that a range stands for, with those put in between them later; `None` where the
/// text is no range.
fn paragraphs(text: &str) -> Option<Vec<String>> {
    let (law, range) = text.split_once('§')?;
    let (first, last) = range.split_once('-')?;
    let (first, last) = (first.trim().parse::<u16>().ok()?, last.trim().parse::<u16>().ok()?);
    let lettered = |number: u16| {
        let letters = LETTERS.filter(move |_| number < last).map(|letter| format!(" {letter}"));
        std::iter::once(String::new()).chain(letters).map(move |letter| format!("{law}§ {number}{letter}"))
    };
    (first < last).then(|| (first..=last).flat_map(lettered).collect())
}
