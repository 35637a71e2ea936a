//! Where an event goes, or why it does not go on. Reads the ledger, writes nothing; the deciding
//! itself is [`crate::route`]'s.

use budstikke_contract::adapter::{CaseClue, Draft, Wanted};
use budstikke_contract::event::{Event, Occurred, WireId, danish_day};
use budstikke_contract::id::{CaseKey, EventId};
use budstikke_contract::municipality::MunicipalityCode;
use budstikke_contract::person::{Citizen, Cpr};
use budstikke_contract::reason::{Code, Reason, Remark};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;

use super::World;
use super::ask::{self, Wish};
use super::citizen;
use super::prepare::{HUB_ONLY, SENDER_MISMATCH};
use crate::agreement::model::Agreement;
use crate::course::{self, Course};
use crate::duty::{self, Duty};
use crate::ledger::case::{About, Found};
use crate::ledger::{Error, Tx};
use crate::residence::{self, Ask, Evidence, LOOKUP_FAILED, NO_RESIDENCE, Settled};
use crate::route::citizen::AREA;
use crate::route::{self, Known, NO_OPEN_REQUEST, PRECEDING_MISSING, Routing, ToldBefore};

/// No agreement was known when the message came.
const AGREEMENT_UNKNOWN: Code = Code::new("AGREEMENT_UNKNOWN");
/// A correction that could belong to several cases.
const AMBIGUOUS_CASE: Code = Code::new("AMBIGUOUS_CASE");

/// What may only have come too early: it is decided about anew, without a person, when something
/// else of its case has been routed. So it holds up nothing, least of all what it waits for.
pub(super) const MAY_BE_EARLY: [Code; 4] = [PRECEDING_MISSING, NO_RESIDENCE, LOOKUP_FAILED, NO_OPEN_REQUEST];

/// The events whose residence is what their sender says, and which a look-up may be set to confirm.
const PLANS: &str = "rehab.plan.";

/// What was not sent by whom it says. It holds up nothing in a case that it has no business with.
pub(super) const NOT_THEIRS: [Code; 2] = [SENDER_MISMATCH, HUB_ONLY];

/// What was decided.
#[derive(Debug)]
pub(super) enum Decided {
    /// It is routed, or by rule goes to nobody.
    Routed(Box<Routed>),
    /// It tells of a citizen, and goes to whoever has something open for them.
    Told(Box<citizen::Told>),
    /// It stops here.
    Stopped(Stopped),
}

/// An event that is routed.
#[derive(Debug)]
pub(super) struct Routed {
    pub(super) id: EventId,
    pub(super) event: Event,
    pub(super) known: Known,
    pub(super) routing: Routing,
}

/// An event that stops.
#[derive(Debug)]
pub(super) struct Stopped {
    /// Its case, where that is known.
    pub(super) case: Option<CaseKey>,
    /// Why; `None` where it waits behind something else, or for an answer.
    pub(super) reason: Option<Reason>,
    /// Whether its sender must be told that it is not for us.
    pub(super) misaddressed: bool,
    /// Whether it holds what follows on its case.
    pub(super) holds: bool,
    /// What it waits for, where that is an answer.
    pub(super) wish: Option<Wish>,
}

impl Stopped {
    /// It waits behind something of its case.
    pub(super) fn waiting(case: CaseKey) -> Self {
        Self { case: Some(case), reason: None, misaddressed: false, holds: true, wish: None }
    }

    pub(super) fn parked(draft: &Draft, case: Option<CaseKey>, reason: Reason) -> Decided {
        // A letter that begins a case and does not say where its citizen lives is no early one.
        let early = MAY_BE_EARLY.contains(&reason.code)
            && (![NO_RESIDENCE, LOOKUP_FAILED].contains(&reason.code) || matches!(draft.case, CaseClue::Key(_)));
        let holds = case.is_some() && !early && !NOT_THEIRS.contains(&reason.code);
        Decided::Stopped(Self { case, reason: Some(reason), misaddressed: false, holds, wish: None })
    }

    /// Until its content has been fetched. Its case is not known before, so it holds none.
    pub(super) fn wanting(source: &'static str, wanted: &Wanted) -> Self {
        let wish = Some(Wish::Content(source, wanted.clone()));
        Self { case: None, reason: None, misaddressed: false, holds: false, wish }
    }

    /// It waits until there is an answer. What follows on its case waits for it.
    fn asking(case: CaseKey, wish: Wish) -> Self {
        Self { wish: Some(wish), ..Self::waiting(case) }
    }
}

/// What is asked about one event.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question<'a> {
    /// The event, as its adapter read it.
    pub(super) draft: &'a Draft,
    /// Why it cannot be routed as it is, where it cannot.
    pub(super) fault: Option<&'a Reason>,
    /// What its source calls it.
    pub(super) key: &'a str,
    /// 0, or what tells it from another event that came under the same id.
    pub(super) index: u32,
    /// The items before which of its case count: its own number, or none where it is new.
    pub(super) before: Option<i64>,
    /// When it came, or when a person sent it on: the agreement counts as it was known then.
    pub(super) at: Timestamp,
    /// Whether a person has found out that the citizen lives where the message says, though the
    /// case or the look-up said otherwise.
    pub(super) moved: bool,
    /// Whether a person has sent it on though the look-up did not answer.
    pub(super) unchecked: bool,
}

/// Decides.
pub(super) fn decide(tx: &mut Tx<'_>, world: &World, question: Question<'_>) -> Result<Decided, Error> {
    let draft = question.draft;
    let own = tx.keys().masked(draft.id.as_ref().map_or(question.key, WireId::as_str));
    let own = own.as_str();
    let follows = world.book.known_on(danish_day(question.at)).iter().any(|it| it.follows(draft.kind));
    let about = About { area: draft.kind.area(), source: &draft.source, own, follows };
    let case = match tx.find_case(&draft.case, &about)? {
        Found::Case(case) => case,
        Found::Several => return Ok(Stopped::parked(draft, None, several_cases())),
    };
    if let Some(fault) = question.fault {
        return Ok(Stopped::parked(draft, Some(case), fault.clone()));
    }
    let mut known = tx.known(&case, question.before)?;
    known.looked_up = question.before.map(|item| ask::looked_up(tx, item)).transpose()?.flatten();
    if draft.kind.area() == AREA {
        return citizen::decide(tx, question, own, &known);
    }
    known.calendar = calendar(tx, world, &question, own, &known)?;
    known.register = tx.register(&case, draft.citizen.as_ref())?;
    known.told = told_before(tx, draft, &known)?;
    Ok(decide_known(world, question, own, known))
}

/// The duties of the calendar that the event may meet, by the agreement of the party that sends it: those
/// that are open, and those that it comes before the time of.
fn calendar(
    tx: &mut Tx<'_>,
    world: &World,
    question: &Question<'_>,
    own: &str,
    known: &Known,
) -> Result<Vec<Duty>, Error> {
    let source = &question.draft.source;
    let mut duties = Vec::new();
    if let Some(agreement) = world.book.of_party(source.party(), danish_day(question.at))
        && agreement.calendar.iter().any(|entry| entry.met_by.contains(&question.draft.kind))
    {
        let event = compose(question, EventId::derive(source, own, question.index), known);
        let since = danish_day(tx.begun()?.unwrap_or(question.at));
        for entry in agreement.calendar_met_by(&event) {
            duties.extend(tx.open_duties(&duty::calendar::case(&agreement.name, &entry.id))?);
            if !world.calendar {
                continue;
            }
            for ahead in duty::calendar::ahead(agreement, entry, &event, question.at) {
                if ahead.duty.due.date >= Some(since) && tx.reader().event_row(ahead.id)?.is_none() {
                    duties.push(ahead.duty);
                }
            }
        }
    }
    Ok(duties)
}

/// The rest of the decision, in which nothing more is looked up.
fn decide_known(world: &World, question: Question<'_>, own: &str, known: Known) -> Decided {
    let draft = question.draft;
    let day = danish_day(question.at);
    let stop = |reason: Reason| Stopped::parked(draft, Some(known.case.clone()), reason);
    if world.book.known_on(day).is_empty() {
        let text = format!("Ingen aftale var kendt den {day}. Se `kendt` i aftalens filer.");
        return stop(Reason::new(AGREEMENT_UNKNOWN, text));
    }
    let agreement_of = |code| world.book.of_municipality(code, day);
    if let Some(code) = draft.residence
        && agreement_of(code).is_none()
    {
        let reason = Some(residence::outside(draft.residence));
        return Decided::Stopped(Stopped {
            case: Some(known.case),
            reason,
            misaddressed: true,
            holds: false,
            wish: None,
        });
    }
    if known.held {
        return Decided::Stopped(Stopped::waiting(known.case));
    }
    let (agreement, residence) = match place(world, &question, &known) {
        Ok(found) => found,
        Err(Unplaced::Ask(cpr)) => return Decided::Stopped(Stopped::asking(known.case, Wish::Residence(cpr))),
        Err(Unplaced::Parked(reason)) => return stop(reason),
        Err(Unplaced::Outside(reason)) => {
            let (case, reason) = (Some(known.case), Some(reason));
            return Decided::Stopped(Stopped { case, reason, misaddressed: false, holds: false, wish: None });
        }
    };
    let id = EventId::derive(&draft.source, own, question.index);
    let mut event = compose(&question, id, &known);
    event.residence = residence;
    match route::route(agreement, id, &event, &known) {
        Ok(mut routing) => {
            routing.remarks.extend(known.register.remarks());
            let of_courses = remarks_on_courses(&event, &known);
            let remarks = draft.remarks.iter().chain(&routing.remarks).chain(&of_courses);
            event.law.clone_from(&routing.law);
            event.kle.clone_from(&routing.kle);
            event.data = with_remarks(event.data, remarks);
            Decided::Routed(Box::new(Routed { id, event, known, routing }))
        }
        Err(reason) => stop(reason),
    }
}

/// Why it cannot be said which agreement settles an event.
enum Unplaced {
    /// It must be asked first where this citizen lives.
    Ask(Cpr),
    /// A person must say where they live.
    Parked(Reason),
    /// They live where no agreement is.
    Outside(Reason),
}

/// Where the citizen lives, and the agreement that settles it. What is about no citizen is settled
/// by the agreement of the party that sends it.
fn place<'a>(
    world: &'a World,
    question: &Question<'_>,
    known: &Known,
) -> Result<(&'a Agreement, Option<MunicipalityCode>), Unplaced> {
    let draft = question.draft;
    let day = danish_day(question.at);
    let answered = known.answered_by(draft.kind.name(), draft.source.party(), draft.causation.as_ref());
    let lives = known.residence_on(deciding_day(draft), answered);
    let said = draft.residence.or(lives);
    if let Some(agreement) = world.book.of_party(draft.source.party(), day)
        && said.is_none()
        && agreement.without_residence(draft.kind)
    {
        return Ok((agreement, None));
    }
    let citizen = asked_about(world, draft);
    let ask = citizen.as_ref().map_or(Ask::Never, |(ask, _)| *ask);
    let evidence = evidence(question, lives, known, ask);
    let residence = match (residence::settle(evidence), citizen) {
        (Ok(Settled::Lives(code)), _) => code,
        (Ok(Settled::Ask), Some((_, cpr))) => return Err(Unplaced::Ask(cpr)),
        (Ok(Settled::Ask), None) => return Err(Unplaced::Parked(residence::unsaid())),
        (Err(reason), _) => return Err(Unplaced::Parked(reason)),
    };
    if let Some(agreement) = world.book.of_municipality(residence, day) {
        return Ok((&**agreement, Some(residence)));
    }
    let outside = residence::outside(Some(residence));
    // The register may have moved a case out of all agreements.
    if known.register.moved_to(deciding_day(draft)).is_some() {
        return Err(Unplaced::Parked(outside));
    }
    // What the case says was right once; what a look-up says never was.
    Err(if said.is_some() {
        Unplaced::Parked(Reason::new(NO_RESIDENCE, outside.text))
    } else {
        Unplaced::Outside(outside)
    })
}

/// When the look-up may be asked about whom the event is about. Only a CPR number names somebody
/// to it.
fn asked_about(world: &World, draft: &Draft) -> Option<(Ask, Cpr)> {
    let Some(Citizen::Cpr(cpr)) = &draft.citizen else { return None };
    let is_plan = draft.kind.name().starts_with(PLANS);
    let ask = match world.asks.residence {
        Ask::Never => Ask::Never,
        Ask::ToCheck if is_plan => Ask::ToCheck,
        Ask::ToKnow | Ask::ToCheck => Ask::ToKnow,
    };
    Some((ask, cpr.clone()))
}

fn evidence(question: &Question<'_>, lives: Option<MunicipalityCode>, known: &Known, ask: Ask) -> Evidence {
    Evidence {
        said: question.draft.residence,
        known: lives,
        looked_up: known.looked_up,
        ask,
        moved: question.moved,
        unchecked: question.unchecked,
    }
}

/// The day by which the agreement decides about an event.
fn deciding_day(draft: &Draft) -> Date {
    match draft.occurred {
        Some(Occurred::At(instant)) => danish_day(instant),
        Some(Occurred::On(day)) => day,
        None => danish_day(draft.time),
    }
}

fn several_cases() -> Reason {
    let text = "Rettelsen siger ikke, hvilket forløb den gælder, og borgeren har flere hos samme sygehus. Find forløbet, og afgør hvad der er rettet.";
    Reason::new(AMBIGUOUS_CASE, text)
}

pub(super) fn compose(question: &Question<'_>, id: EventId, known: &Known) -> Event {
    let draft = question.draft;
    // Receivers drop an id that they have seen: one that its sender used twice is not kept.
    let own = draft.id.clone().filter(|_| question.index == 0);
    let wire_id = own.unwrap_or_else(|| id.into());
    Event {
        correlation: Some(correlation(draft, &wire_id, known)),
        id: wire_id,
        source: draft.source.clone(),
        kind: draft.kind,
        time: draft.time,
        occurred: draft.occurred,
        case: known.case.clone(),
        causation: draft.causation.clone(),
        residence: draft.residence,
        law: draft.law.clone(),
        kle: draft.kle.clone(),
        data: draft.data.clone(),
    }
}

/// What ties it to others: what its sender says, else what the event that it answers was tied by,
/// else its own id, which its answers will carry.
fn correlation(draft: &Draft, own: &WireId, known: &Known) -> WireId {
    let of_cause = |cause: &WireId| {
        let duty = known.open.iter().find(|duty| duty.opened_by(cause));
        duty.map(|duty| duty.correlation.clone())
    };
    let said = draft.correlation.clone();
    said.or_else(|| draft.causation.as_ref().and_then(of_cause)).unwrap_or_else(|| own.clone())
}

/// What the register said before of the citizens whose courses an event is about.
fn told_before(tx: &mut Tx<'_>, draft: &Draft, known: &Known) -> Result<Vec<ToldBefore>, Error> {
    let municipality = draft.residence.or(known.residence).filter(|_| course::has_courses(draft.kind));
    let Some(municipality) = municipality else { return Ok(Vec::new()) };
    tx.told_before(draft.kind, municipality, &course::courses(&draft.data))
}

/// What is wrong with the courses of an event, by themselves and with what was told before.
fn remarks_on_courses(event: &Event, known: &Known) -> Vec<Remark> {
    if !course::has_courses(event.kind) {
        return Vec::new();
    }
    let before: Vec<Course> = known.told.iter().flat_map(|told| told.courses.clone()).collect();
    course::remarks(&course::courses(&event.data), &before, course::last_day(&event.data))
}

/// What the adapter, the agreement and the checks have to remark goes with the event.
fn with_remarks<'a>(
    mut data: serde_json::Map<String, Value>,
    more: impl Iterator<Item = &'a Remark>,
) -> serde_json::Map<String, Value> {
    let mut remarks = match data.remove("remarks") {
        Some(Value::Array(remarks)) => remarks,
        _ => Vec::new(),
    };
    remarks.extend(more.map(|remark| serde_json::json!({"code": remark.code, "text": remark.text})));
    if !remarks.is_empty() {
        data.insert("remarks".to_owned(), Value::Array(remarks));
    }
    data
}
