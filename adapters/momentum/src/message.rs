//! One message of the contract, made an event.

use budstikke_contract::adapter::{CaseClue, Draft};
use budstikke_contract::event::{Occurred, SourcePath, WireId, danish_day};
use budstikke_contract::id::CaseKey;
use budstikke_contract::kle::Kle;
use budstikke_contract::law::LawRef;
use budstikke_contract::members::{self, Members, date};
use budstikke_contract::municipality::MunicipalityCode;
use budstikke_contract::person::{Citizen, Cpr};
use budstikke_contract::reason::Reason;
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::details::Details;
use crate::event_type::{self, Entails, EventType, Need};
use crate::target_group;
use crate::{id, refusal};

/// The version of the contract that is read.
const VERSION: u64 = 1;
/// The member that names the thing as DFDG does.
pub(crate) const EXTERNAL: &str = "externalId";
/// The most journal notes that a message can point to.
const JOURNALS: usize = 100;

const SOURCE: &str = "en sti som /taarnby/momentum";
const TIME: &str = "et tidspunkt med tidszone (2026-11-22T10:00:00+01:00)";
const OCCURRED: &str = "en dato (2026-11-22) eller et tidspunkt med tidszone";
const WIRE_ID: &str = "1-128 synlige ASCII-tegn uden noget, der ligner et CPR-nummer";
const LAW: &str = "en lov eller en paragraf som LAS eller LAS § 37";
const KLE: &str = "et KLE-emne som 32.24.06";
const MUNICIPALITY: &str = "et kommunenummer på tre cifre";

/// A message that was read.
pub(crate) struct Message {
    /// What Momentum calls it.
    pub(crate) id: WireId,
    /// What DFDG calls the thing that it is about, where it says so.
    pub(crate) external: Option<Uuid>,
    pub(crate) draft: Draft,
}

impl Message {
    /// What it is known by: the same message always has the same, and another has another.
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.draft.source, self.id)
    }
}

/// Reads a message.
pub(crate) fn read(members: Map<String, Value>) -> Result<Message, Reason> {
    let mut fields = Members::new(members, "$");
    version(&mut fields)?;
    let event_type = event_type(&mut fields)?;
    let envelope = Envelope::read(&mut fields)?;
    let external = fields.parsed(EXTERNAL, "en guid", guid)?;
    let details = Details::begin(event_type, &mut fields)?;
    let period = Period::read(&mut fields, event_type, details.entails)?;
    let is_grant = event_type.is_grant || details.entails == Entails::Grant;
    let start = period.as_ref().filter(|_| is_grant).map(|period| Occurred::On(period.from));
    let occurred = start.or(envelope.occurred);
    let day = day(occurred, envelope.time);

    let mut data = Map::new();
    details.finish(day, &mut data)?;
    let (law, kle) = effect(&mut fields, event_type, &mut data)?;
    if let Some(period) = period {
        data.insert("period".to_owned(), period.data());
    }
    let group = fields.object("targetGroup")?;
    let group = target_group::read(fields.need("targetGroup", group)?, day)?;
    data.insert("target_group".to_owned(), Value::Object(group.data));
    let (citizen, residence) = citizen(&mut fields, &mut data)?;
    work(&mut fields, &envelope.case, &mut data)?;
    fields.finish()?;

    let kind = event_type.kind();
    let area = match kind.area() {
        "integration" => "integration",
        "benefit" if group.group == "integration" => "integration",
        _ => "employment",
    };
    let draft = Draft {
        kind,
        source: envelope.source,
        id: None,
        time: envelope.time,
        occurred,
        law,
        kle,
        residence,
        case: envelope.subject.map_or_else(|| derived(area, envelope.case), CaseClue::Key),
        citizen: Some(citizen),
        correlation: envelope.correlation,
        causation: envelope.causation,
        data,
        remarks: Vec::new(),
    };
    Ok(Message { id: envelope.id, external, draft })
}

/// A guid as DFDG writes it, with hyphens.
fn guid(text: &str) -> Option<Uuid> {
    Uuid::try_parse(text).ok().filter(|_| text.len() == 36)
}

fn version(fields: &mut Members) -> Result<(), Reason> {
    let version = fields.take("contractVersion");
    let version = fields.need("contractVersion", version)?;
    if version.as_u64() == Some(VERSION) { Ok(()) } else { Err(refusal::version_unknown()) }
}

fn event_type(fields: &mut Members) -> Result<&'static EventType, Reason> {
    let name = fields.parsed("eventType", "en tekst", |text| Some(text.to_owned()))?;
    event_type::named(&fields.need("eventType", name)?).ok_or_else(refusal::kind_unknown)
}

/// What every message says of itself.
struct Envelope {
    id: WireId,
    source: SourcePath,
    time: Timestamp,
    occurred: Option<Occurred>,
    /// Momentum's own number of the case.
    case: String,
    /// The hub's, where the message answers something that had it.
    subject: Option<CaseKey>,
    correlation: Option<WireId>,
    causation: Option<WireId>,
}

impl Envelope {
    fn read(fields: &mut Members) -> Result<Self, Reason> {
        let id = fields.parsed("messageId", WIRE_ID, WireId::parse)?;
        let source = fields.parsed("source", SOURCE, SourcePath::parse)?;
        let time = fields.parsed("createdAt", TIME, |text| text.parse().ok())?;
        let case = fields.parsed("caseId", id::ID, id::parse)?;
        Ok(Self {
            id: fields.need("messageId", id)?,
            source: fields.need("source", source)?,
            time: fields.need("createdAt", time)?,
            case: fields.need("caseId", case)?,
            occurred: fields.parsed("occurredAt", OCCURRED, occurred)?,
            subject: fields.parsed("subject", "sagsnøglen fra den besked, der svares på", CaseKey::parse)?,
            correlation: fields.parsed("correlationId", WIRE_ID, WireId::parse)?,
            causation: fields.parsed("causationId", WIRE_ID, WireId::parse)?,
        })
    }
}

fn occurred(text: &str) -> Option<Occurred> {
    date(text).map(Occurred::On).or_else(|| text.parse().ok().map(Occurred::At))
}

/// The day on which it happened, in Denmark: the day whose codes are meant.
fn day(occurred: Option<Occurred>, time: Timestamp) -> Date {
    match occurred {
        Some(Occurred::On(day)) => day,
        Some(Occurred::At(instant)) => danish_day(instant),
        None => danish_day(time),
    }
}

fn derived(area: &'static str, case: String) -> CaseClue {
    CaseClue::Derived { area, episode: None, first: case, likeness: Vec::new(), trail: None }
}

/// From when, and until when where that is known.
struct Period {
    from: Date,
    to: Option<Date>,
}

impl Period {
    fn read(fields: &mut Members, event_type: &EventType, entails: Entails) -> Result<Option<Self>, Reason> {
        let (from, to) = (fields.date("start")?, fields.date("end")?);
        let is_needed = event_type.period == Need::Must || matches!(entails, Entails::Grant | Entails::Period);
        let Some(from) = from else {
            return if is_needed || to.is_some() { fields.need("start", None) } else { Ok(None) };
        };
        if to.is_some_and(|to| to < from) {
            return Err(members::invalid("end", "samme dag som start eller senere", fields.path_of("end")));
        }
        Ok(Some(Self { from, to }))
    }

    fn data(&self) -> Value {
        match self.to {
            Some(to) => json!({"from": self.from.to_string(), "to": to.to_string()}),
            None => json!({"from": self.from.to_string()}),
        }
    }
}

/// Date of effect and legal basis, without which the benefit team cannot act, and the subject where
/// the message says it.
fn effect(
    fields: &mut Members,
    event_type: &EventType,
    data: &mut Map<String, Value>,
) -> Result<(Option<LawRef>, Option<Kle>), Reason> {
    let effective = fields.date("effectiveDate")?;
    let basis = fields.object("legalBasis")?;
    if event_type.has_effect {
        fields.need("effectiveDate", effective)?;
    }
    if let Some(effective) = effective {
        data.insert("effective".to_owned(), effective.to_string().into());
    }
    let Some(mut basis) = basis else {
        return if event_type.has_effect { fields.need("legalBasis", None) } else { Ok((None, None)) };
    };
    let law = basis.parsed("law", LAW, LawRef::parse)?;
    let law = basis.need("law", law)?;
    let text = basis.text("text", 400)?;
    let kle = basis.parsed("kle", KLE, |text| Kle::parse(text).filter(Kle::is_subject))?;
    basis.finish()?;
    data.insert("legal_basis".to_owned(), text.unwrap_or_else(|| law.to_string()).into());
    Ok((Some(law), kle))
}

/// Whom it is about, and where that one lives, where the message says so.
fn citizen(fields: &mut Members, data: &mut Map<String, Value>) -> Result<(Citizen, Option<MunicipalityCode>), Reason> {
    let citizen = fields.object("citizen")?;
    let mut citizen = fields.need("citizen", citizen)?;
    let number = citizen.parsed("cpr", "et CPR-nummer på ti cifre", |text| Some(text.to_owned()))?;
    let cpr = Cpr::parse(&citizen.need("cpr", number)?).ok_or_else(refusal::cpr_impossible)?;
    let residence = citizen.parsed("municipalityCode", MUNICIPALITY, MunicipalityCode::parse)?;
    let mut shown = Map::new();
    shown.insert("cpr".to_owned(), cpr.reveal().into());
    let name = name(&mut citizen)?;
    if !name.is_empty() {
        shown.insert("name".to_owned(), Value::Object(name));
    }
    citizen.finish()?;
    data.insert("citizen".to_owned(), Value::Object(shown));
    Ok((Citizen::Cpr(cpr), residence))
}

fn name(person: &mut Members) -> Result<Map<String, Value>, Reason> {
    let mut name = Map::new();
    for (from, to) in [("firstName", "given"), ("lastName", "family")] {
        if let Some(text) = person.text(from, 120)? {
            name.insert(to.to_owned(), text.into());
        }
    }
    Ok(name)
}

/// Who has the case, where it stands in Momentum, and what is said beside it.
fn work(fields: &mut Members, case: &str, data: &mut Map<String, Value>) -> Result<(), Reason> {
    if let Some(mut actor) = fields.object("responsibleActor")? {
        let team = actor.text("teamName", 200)?;
        let mut unit = Map::new();
        unit.insert("name".to_owned(), actor.need("teamName", team)?.into());
        let mut caseworker = name(&mut actor)?;
        for (from, to, max) in [("title", "title", 120), ("phone", "phone", 40)] {
            if let Some(text) = actor.text(from, max)? {
                caseworker.insert(to.to_owned(), text.into());
            }
        }
        actor.finish()?;
        if !caseworker.is_empty() {
            unit.insert("caseworker".to_owned(), Value::Object(caseworker));
        }
        data.insert("unit".to_owned(), Value::Object(unit));
    }
    data.insert("reference".to_owned(), json!({"system": "momentum", "id": case}));
    if let Some(journals) = fields.objects("journals", JOURNALS)? {
        let documents: Vec<Value> = journals.into_iter().map(journal).collect::<Result<_, _>>()?;
        data.insert("documents".to_owned(), documents.into());
    }
    if let Some(note) = fields.text("comment", 4000)? {
        data.insert("note".to_owned(), note.into());
    }
    Ok(())
}

fn journal(mut fields: Members) -> Result<Value, Reason> {
    let title = fields.text("title", 200)?;
    let reference = fields.parsed("referenceId", id::ID, id::parse)?;
    let (title, reference) = (fields.need("title", title)?, fields.need("referenceId", reference)?);
    fields.finish()?;
    Ok(json!({"title": title, "reference": reference}))
}
