//! A message that somebody is filling in: what was typed, as a form and as what is raised. Pure.

use budstikke_contract::event::EventKind;
use budstikke_contract::law::LawRef;
use budstikke_contract::municipality::MunicipalityCode;
use jiff::civil::Date;
use serde_json::{Map, Value};

use super::super::forms::{Faults, Form, Line, Typed};
use super::super::raise::{Raise, Stamp};
use super::super::words;
use super::offer::Asked;
use crate::agreement::model::MailboxId;
use crate::duty::Duty;

/// What the fields beside the content are called.
pub(super) const MAILBOX: &str = "postkasse";
const RESIDENCE: &str = "bopael";
const LAW: &str = "lov";
const ANSWERS: &str = "svar";
pub(super) const STAMP: &str = "stempel";

/// What is in no form: the page knows it.
const KNOWN: [&str; 1] = ["asking_team"];

/// A message that is being filled in.
#[derive(Debug)]
pub(super) struct Sheet {
    pub(super) kind: EventKind,
    pub(super) mailbox: MailboxId,
    pub(super) stamp: Stamp,
    form: Form,
    asked: Asked,
    /// What can be answered, where it is an answer.
    open: Vec<Duty>,
    typed: Typed,
    residence: String,
    law: String,
    answers: String,
}

/// What a sheet is for.
#[derive(Debug)]
pub(super) struct Subject {
    pub(super) kind: EventKind,
    pub(super) mailbox: MailboxId,
    pub(super) stamp: Stamp,
    pub(super) form: Form,
    pub(super) asked: Asked,
    pub(super) open: Vec<Duty>,
    /// What an empty form begins with.
    pub(super) begin: Map<String, Value>,
}

/// The form of a kind, without what the page knows.
pub(super) fn form(kind: EventKind) -> Form {
    Form::of(kind).without(&KNOWN)
}

/// What an empty form begins with: the area of the mailbox, and that it came today.
pub(super) fn begin(form: &Form, area: Option<&str>, today: Date) -> Map<String, Value> {
    let own = [
        ("area", area.map(Value::from)),
        ("received", Some(today.to_string().into())),
        ("year", Some(today.year().into())),
    ];
    let shown = own.into_iter().filter(|(name, _)| form.shows(&format!("data.{name}")));
    shown.filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

impl Sheet {
    /// A sheet with what was posted; with nothing, an empty one.
    pub(super) fn new(subject: Subject, posted: &[(String, String)]) -> Self {
        let Subject { kind, mailbox, stamp, form, asked, open, begin } = subject;
        let one = |name: &str| {
            let found = posted.iter().find(|(key, _)| key == name);
            found.map_or_else(String::new, |(_, value)| value.trim().to_owned())
        };
        let typed = if posted.is_empty() { form.prefilled(&begin) } else { form.typed(posted) };
        // What can be answered is chosen already where there is one only.
        let only =
            if posted.is_empty() && open.len() == 1 { open.first().map(|duty| duty.id.to_string()) } else { None };
        let answers = only.unwrap_or_else(|| one(ANSWERS));
        Self { kind, mailbox, stamp, form, asked, open, typed, residence: one(RESIDENCE), law: one(LAW), answers }
    }

    /// What the page shows: what stands beside the content first. `row` is a list that gets a row more.
    pub(super) fn lines(&self, faults: &Faults, row: Option<&str>) -> Vec<Line> {
        let mut lines = Vec::new();
        if !self.asked.answers.is_empty() {
            let open: Vec<(String, String)> = self.open.iter().map(|duty| (duty.id.to_string(), told(duty))).collect();
            let help = if open.is_empty() {
                "Der er ingen åbne anmodninger at svare på."
            } else {
                "Vælg den anmodning, I svarer på."
            };
            lines.push(Line::choice((ANSWERS, "Svar på"), Some(help), true, (&self.answers, &open), faults));
        }
        if !self.asked.residences.is_empty() {
            let help = Some("Kommunen, som borgeren bor i. Den afgør, hvem der får beskeden.");
            let options = &self.asked.residences;
            lines.push(Line::choice((RESIDENCE, "Borgerens kommune"), help, true, (&self.residence, options), faults));
        }
        if !self.asked.laws.is_empty() {
            let help = Some("Paragraffen, som sagen hører under.");
            let value = (self.law.as_str(), self.asked.laws.as_slice());
            lines.push(Line::choice((LAW, "Lov og paragraf"), help, self.asked.law_required, value, faults));
        }
        lines.extend(self.form.lines(&self.typed, faults, row));
        lines
    }

    /// What is raised, or all that is wrong with it.
    pub(super) fn raise(&self) -> Result<Raise, Faults> {
        let mut data = self.form.data(&self.typed);
        // The answer comes to the mailbox that asks.
        let asks = Form::of(self.kind).shows("data.asking_team");
        if let Some((_, team)) = self.mailbox.as_str().split_once('/').filter(|_| asks) {
            data.insert("asking_team".to_owned(), Value::String(team.to_owned()));
        }
        let mut faults = self.form.faults(&data);
        let residence = self.residence(&mut faults);
        let law = self.law(&data, &mut faults);
        let answered = self.answered(&mut faults);
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut raise = Raise::new(self.mailbox.clone(), self.kind, self.stamp.clone(), data);
        raise.residence = residence;
        raise.law = law;
        raise.case = answered.map(|duty| duty.case.clone());
        raise.answers = answered.map(|duty| duty.wire_id.clone());
        Ok(raise)
    }

    fn residence(&self, faults: &mut Faults) -> Option<MunicipalityCode> {
        if self.asked.residences.is_empty() {
            return None;
        }
        let chosen = self.asked.residences.iter().find(|(code, _)| *code == self.residence);
        let code = chosen.and_then(|(code, _)| MunicipalityCode::parse(code));
        if code.is_none() {
            faults.note(RESIDENCE, "Vælg.");
        }
        code
    }

    fn law(&self, data: &Map<String, Value>, faults: &mut Faults) -> Option<LawRef> {
        if let Some(said) = data.get("law").and_then(Value::as_str) {
            return LawRef::parse(said);
        }
        let law = self.asked.laws.iter().find(|(law, _)| *law == self.law).and_then(|(law, _)| LawRef::parse(law));
        let missing = self.asked.law_required && !self.asked.laws.is_empty();
        if law.is_none() && (missing || !self.law.is_empty()) {
            faults.note(LAW, "Vælg.");
        }
        law
    }

    fn answered(&self, faults: &mut Faults) -> Option<&Duty> {
        if self.asked.answers.is_empty() {
            return None;
        }
        let duty = self.open.iter().find(|duty| duty.id.to_string() == self.answers);
        if duty.is_none() {
            let text =
                if self.answers.is_empty() { "Vælg." } else { "Den anmodning er ikke åben mere. Vælg en anden." };
            faults.note(ANSWERS, text);
        }
        duty
    }

    /// Whether something is said at a field that the page shows.
    pub(super) fn shows(&self, name: &str) -> bool {
        self.form.shows(name)
    }
}

/// An open request, for whoever chooses which to answer.
fn told(duty: &Duty) -> String {
    let due = duty.due.date.map_or_else(|| "uden frist".to_owned(), |date| format!("frist {}", words::day(date)));
    let asked_by = duty.answer_to.as_deref().unwrap_or(&duty.asked_by);
    let id: String = duty.id.to_string().chars().take(8).collect();
    format!("{}, fra {asked_by}, {due} ({id})", duty.terms.what)
}

/// What was typed, to be looked at before it is sent: name and value, without what is empty.
pub(super) fn shown(lines: &[Line]) -> Vec<(String, String)> {
    let mut within: Vec<&str> = Vec::new();
    let mut shown = Vec::new();
    for line in lines {
        match line {
            Line::Open(group) => within.push(&group.title),
            Line::Row(title) => within.push(title),
            Line::Close(_) | Line::EndRow => {
                within.pop();
            }
            Line::Input(input) => {
                let value = input.options.iter().find(|one| one.chosen).map_or(&input.value, |one| &one.label);
                if !value.is_empty() {
                    let steps = within.iter().copied().chain([input.title.as_str()]);
                    shown.push((steps.collect::<Vec<_>>().join(" · "), value.clone()));
                }
            }
            Line::More(..) => {}
        }
    }
    shown
}
