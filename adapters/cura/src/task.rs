//! Tasks: `CuraSimpleTask` and `CuraRequestTask`, which are `Basic` resources. What a task says
//! stands in extensions of our contract; whom it is for, its type and its status in CURA's own.

mod agenda;
mod contract;

use budstikke_contract::law::LawRef;
use budstikke_contract::reason::Reason;
use jiff::civil::Date;
use serde_json::Value;

use crate::around::{Around, id_of, kind};
use crate::case::{self, Plan};
use crate::citizen::{self, Person};
use crate::civil;
use crate::data::Data;
use crate::extension::{self, Extension};
use crate::facts::{self, Period, coded};
use crate::grant;
use crate::html;
use crate::node::Node;
use crate::organisation::Organisation;
use crate::plan;
use crate::refusal;
use crate::resource::Resource;
use crate::said::{Event, Said};
use contract::{AGENDA, INCOMING, Member, Says, Stage, TYPES, Take, Type};

/// The status of every profile of tasks.
const STATUS: &str = "http://curafhir.dk/x/task/status";

/// A task, and what it is about.
struct Task<'r, 'v> {
    resource: &'r Resource<'v>,
    around: &'r Around<'v>,
    /// The reference of `subject`.
    about: Option<&'v str>,
    /// The resource that it leads to, where the message has it.
    focus: Option<Node<'v>>,
}

/// Reads a task.
pub(crate) fn read<'v>(resource: &Resource<'v>, around: &Around<'v>) -> Result<Said, Reason> {
    let node = &resource.node;
    let path = format!("{}.extension[type]", node.path());
    let code = match extension::of_cura(node, &resource.own("type"))? {
        Some(extension) => extension.text()?,
        None => None,
    };
    let code = code.ok_or_else(|| refusal::missing(path.as_str(), "opgavens type"))?;
    if code == INCOMING {
        return Ok(Said::Nothing(format!("{}: {INCOMING}", resource.profile.name())));
    }
    let stage = stage(node)?;
    if code == AGENDA {
        let set = becomes(Says::Done, stage, node)?;
        return if set { agenda::read(resource, around) } else { Ok(nothing(resource, AGENDA)) };
    }
    let Some(of) = Type::named(code) else {
        let codes = TYPES.iter().map(|it| it.code).chain([AGENDA, INCOMING]);
        return Err(refusal::code_unknown(path, "opgavens type", codes));
    };
    if !becomes(of.says, stage, node)? {
        return Ok(nothing(resource, of.code));
    }
    let about = node.reference("subject")?;
    let focus = about.map_or(Ok(None), |about| around.resolve(node, about))?;
    Task { resource, around, about, focus }.said(of)
}

fn stage(node: &Node<'_>) -> Result<Stage, Reason> {
    let path = format!("{}.extension[status]", node.path());
    let code = match extension::of_cura(node, STATUS)? {
        Some(extension) => extension.text()?,
        None => None,
    };
    let code = code.ok_or_else(|| refusal::missing(path.as_str(), "opgavens status"))?;
    let code = code.to_ascii_lowercase().replace('_', "-");
    Stage::named(&code).ok_or_else(|| refusal::code_unknown(path, "opgavens status", Stage::codes()))
}

/// Whether the task says something at this stage.
fn becomes(says: Says, stage: Stage, node: &Node<'_>) -> Result<bool, Reason> {
    let taken_back = || Err(refusal::taken_back(format!("{}.extension[status]", node.path())));
    match (says, stage) {
        (Says::Asking, Stage::Open) | (Says::Done, Stage::Completed) => Ok(true),
        (Says::Asking, Stage::Completed) | (Says::Done, Stage::Open | Stage::Dropped) | (_, Stage::Draft) => Ok(false),
        // Someone has been asked, or told.
        (Says::Asking, Stage::Dropped) | (_, Stage::Error) => taken_back(),
    }
}

fn nothing(resource: &Resource<'_>, code: &str) -> Said {
    Said::Nothing(format!("{}: {code}", resource.profile.name()))
}

impl<'v> Task<'_, 'v> {
    fn said(&self, of: &'static Type) -> Result<Said, Reason> {
        let node = &self.resource.node;
        extension::check_names(node, &of.names())?;
        let person = self.person()?;
        let mut data = Data::default();
        let citizen = person.write(&mut data);
        data.put("citizen", citizen);
        let mut occurred = None;
        for member in of.members {
            self.take(member, &mut data, &mut occurred)?;
        }
        check_decision(of, node, &data)?;
        let note = self.own("note")?.map_or(Ok(None), |note| note.text())?.map(html::plain);
        data.text("note", "noten", note.as_deref(), 4000);
        let law = self.law(of)?;
        if of.event == "adult.force.reported" && law.is_none() {
            return Err(refusal::missing(node.at("extension[legalParagraph]"), "paragraffen"));
        }
        let acting = citizen::acting(node)?;
        let (residence, case) = if of.is_rehab() {
            let plan = self.focus.as_ref().filter(|focus| kind(focus) == Some("Communication"));
            let case = if plan.is_some() {
                plan::course(self.resource, plan, self.around, &person)?
            } else {
                let plan = Plan { id: self.id("Communication"), ..Plan::default() };
                case::rehab(self.resource, &plan, &person)
            };
            (person.residence(acting), case)
        } else {
            let unit = self.unit(&mut data)?;
            data.put_some("unit", unit);
            data.put("reference", grant::reference(self.resource));
            (acting.or(person.acting), case::adult(self.resource, self.id("ProcedureRequest"), &[]))
        };
        let event = Event {
            kind: of.event,
            resource: self.resource,
            occurred,
            law,
            kle: None,
            residence,
            case,
            person: Some(&person),
            data,
        };
        Ok(match of.says {
            Says::Asking => event.said_once(),
            Says::Done => event.said(),
        })
    }

    /// The id of what it is about, where that is of this kind.
    fn id(&self, kind: &str) -> Option<&'v str> {
        self.about.and_then(|about| id_of(about, kind))
    }

    /// The citizen: CURA's `for`, else the subject.
    fn person(&self) -> Result<Person, Reason> {
        let node = &self.resource.node;
        if let Some(extension) = extension::of_cura(node, &self.resource.own("for"))? {
            return Person::find(&extension.object()?, node, self.around);
        }
        match node.node("subject")? {
            Some(subject) if self.id("Patient").is_some() => Person::find(&subject, node, self.around),
            _ => Err(refusal::missing(node.at("extension[for]"), "borgeren")),
        }
    }

    fn own(&self, name: &str) -> Result<Option<Extension<'v>>, Reason> {
        extension::of_contract(&self.resource.node, name)
    }

    /// The grant that it is about, where the message has it.
    fn grant(&self) -> Option<&Node<'v>> {
        self.focus.as_ref().filter(|focus| kind(focus) == Some("ProcedureRequest"))
    }

    /// The paragraph: its own, else its type's, else the grant's.
    fn law(&self, of: &Type) -> Result<Option<LawRef>, Reason> {
        if let Some(law) = facts::law(self.own("legalParagraph")?)? {
            return Ok(Some(law));
        }
        match (of.law, self.grant()) {
            (Some(law), _) => Ok(LawRef::parse(law)),
            (None, Some(grant)) => facts::law(facts::of_grant(grant, "legalParagraph")?),
            (None, None) => Ok(None),
        }
    }

    fn unit(&self, data: &mut Data) -> Result<Option<Value>, Reason> {
        let node = &self.resource.node;
        let Some(extension) = extension::of_cura(node, &self.resource.own("managingOrganization"))? else {
            return Ok(None);
        };
        Ok(Organisation::find(&extension.object()?, node, self.around)?.unit(data))
    }

    /// Reads one member.
    fn take(&self, member: &Member, data: &mut Data, occurred: &mut Option<Date>) -> Result<(), Reason> {
        let extension = if matches!(member.take, Take::Texts(_)) { None } else { self.own(member.name)? };
        match member.take {
            Take::Texts(max) => self.texts(member, max, data)?,
            Take::Period | Take::Service | Take::Provider | Take::Rate | Take::GrantLaw => {
                let value = self.of_grant(member, extension, data)?;
                data.put_some(member.key, value);
            }
            Take::Day | Take::Happened | Take::Clock | Take::Text(_) | Take::Exact(_) | Take::Code(_) => {
                if let Some(extension) = extension
                    && let Some(text) = extension.text()?
                {
                    simple(member, text, extension.path(), data, occurred)?;
                }
            }
        }
        if member.must && !data.has(member.key) {
            let path = format!("{}.extension[{}]", self.resource.node.path(), member.name);
            return Err(refusal::missing(path, member.what));
        }
        Ok(())
    }

    fn texts(&self, member: &Member, max: usize, data: &mut Data) -> Result<(), Reason> {
        let mut texts = Vec::new();
        for extension in extension::all_of_contract(&self.resource.node, member.name)? {
            let text = html::plain(extension.text()?.unwrap_or_default());
            if !text.is_empty() {
                texts.push(data.fit(member.what, &text, max));
            }
        }
        if texts.len() > 50 {
            data.remark(refusal::left_out("mål ud over de første 50"));
            texts.truncate(50);
        }
        data.put_some(member.key, Some(texts).filter(|texts| !texts.is_empty()));
        Ok(())
    }

    /// What the task says of the grant, else what the grant says itself.
    fn of_grant(&self, member: &Member, own: Option<Extension<'v>>, data: &mut Data) -> Result<Option<Value>, Reason> {
        let grant = self.grant();
        let fact = |name| grant.map_or(Ok(None), |grant| facts::of_grant(grant, name));
        match member.take {
            Take::Period => {
                let period = Period::read(own.map_or_else(|| fact("period"), |own| Ok(Some(own)))?)?;
                Ok(period.map(|period| period.value()))
            }
            Take::GrantLaw => {
                let law = facts::law(own.map_or_else(|| fact("legalParagraph"), |own| Ok(Some(own)))?)?;
                Ok(law.map(|law| law.to_string().into()))
            }
            Take::Rate => match own {
                Some(own) => facts::rate(Some(own), self.own("rateUnit")?, data),
                None => facts::rate(fact("rate")?, fact("rateUnit")?, data),
            },
            Take::Service => match (own, grant) {
                (Some(own), _) => {
                    let name = own.text()?.map(|name| data.fit("ydelsens navn", name, 300));
                    Ok(name.map(|name| serde_json::json!({"name": name})))
                }
                (None, Some(grant)) => facts::service(grant, data),
                (None, None) => Ok(None),
            },
            Take::Provider => match (own, grant) {
                (Some(own), _) => {
                    Ok(Organisation::find(&own.object()?, &self.resource.node, self.around)?.provider(data))
                }
                (None, Some(grant)) => facts::provider(grant, self.around, data),
                (None, None) => Ok(None),
            },
            Take::Day
            | Take::Happened
            | Take::Clock
            | Take::Text(_)
            | Take::Exact(_)
            | Take::Code(_)
            | Take::Texts(_) => Ok(None),
        }
    }
}

/// A value that stands in the extension itself.
fn simple(member: &Member, text: &str, path: &str, data: &mut Data, occurred: &mut Option<Date>) -> Result<(), Reason> {
    match member.take {
        Take::Day | Take::Happened => {
            let day = civil::day(text);
            let day = day.ok_or_else(|| refusal::invalid(path, member.what, "en hel dato (2026-11-22)"))?;
            if matches!(member.take, Take::Happened) {
                *occurred = Some(day);
            }
            data.put(member.key, day.to_string());
        }
        Take::Clock => {
            let clock = civil::clock(text);
            data.put(member.key, clock.ok_or_else(|| refusal::invalid(path, member.what, "et klokkeslæt (09:30)"))?);
        }
        Take::Text(max) => data.text(member.key, member.what, Some(&html::plain(text)), max),
        Take::Exact(max) if text.chars().count() > max => data.remark(refusal::left_out(member.what)),
        Take::Exact(_) => data.put(member.key, text),
        Take::Code(codes) => data.put(member.key, coded(codes, text, path, member.what)?),
        Take::Texts(_) | Take::Period | Take::Service | Take::Provider | Take::Rate | Take::GrantLaw => {}
    }
    Ok(())
}

/// What the visitation decides has a meeting, or a reason why it has none.
fn check_decision(of: &Type, node: &Node<'_>, data: &Data) -> Result<(), Reason> {
    if of.event != "visitation.case.decided" {
        return Ok(());
    }
    let (name, what) = if data.is("decision", "ikke på dagsordenen") {
        ("reason", "begrundelsen")
    } else {
        ("meeting", "mødets dag")
    };
    if data.has(name) { Ok(()) } else { Err(refusal::missing(node.at(&format!("extension[{name}]")), what)) }
}
