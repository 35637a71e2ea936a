//! Writing down what came and what was decided about it.

use budstikke_contract::adapter::{CaseClue, Draft, Fate};
use budstikke_contract::event::WireId;
use budstikke_contract::id::EventId;
use budstikke_contract::reason::{Code, Reason};
use jiff::Timestamp;

use super::World;
use super::citizen;
use super::decide::{self, Decided, NOT_THEIRS, Question, Routed, Stopped};
use super::identity::{self, Sighting};
use super::outgoing;
use super::prepare::{Prepare, Prepared, PreparedBody};
use super::release;
use crate::course;
use crate::ledger::event::{Decision, Said};
use crate::ledger::item::{Item, NewItem, Seen, SeenKind, State};
use crate::ledger::message::Arrival;
use crate::ledger::seal::Keyring;
use crate::ledger::{Error, Tx};
use crate::route::PRECEDING_MISSING;
use crate::route::citizen::{asked_on, closed};

/// The same id came before with other content.
pub const ID_REUSED: Code = Code::new("ID_REUSED");
/// A new message in an envelope that came before.
pub const ENVELOPE_REUSED: Code = Code::new("ENVELOPE_REUSED");

/// What became of an item.
#[derive(Debug, Clone)]
pub struct Taken {
    /// The item's number.
    pub item: i64,
    /// The event's id, where it became one.
    pub event: Option<EventId>,
    /// How it stands.
    pub state: State,
    /// Whether it could not be read or is of a kind that is not carried.
    pub refused: bool,
    /// Why it does not go on.
    pub reason: Option<Reason>,
}

impl Taken {
    /// Whether it had come before.
    pub fn is_repeat(&self) -> bool {
        self.state == State::Duplicate
    }
}

/// Writes down one message. The answers to its sender are written with it.
pub fn record(tx: &mut Tx<'_>, world: &World, prepared: &Prepared) -> Result<Vec<Taken>, Error> {
    let sightings = identity::look(tx, prepared)?;
    let same_as = same_bytes(tx, prepared, &sightings)?;
    let message = tx.keep_message(&arrival(prepared, tx.keys()), same_as)?;
    let whole = Whole { prepared, message, instead: None, at: prepared.message.received };
    take(tx, world, whole, &sightings)
}

/// Writes down what is in a message that was kept whole. Its first letter takes the place of the
/// item that stood for all of it.
pub(super) fn unpack(tx: &mut Tx<'_>, world: &World, kept: &Item, prepared: &Prepared) -> Result<Vec<Taken>, Error> {
    let mut sightings = identity::look(tx, prepared)?;
    for sighting in &mut sightings {
        // What still cannot be read is known by its bytes, and those it has in common with itself.
        if *sighting == Sighting::Repeat(kept.seq) {
            *sighting = Sighting::Fresh;
        }
    }
    let whole = Whole { prepared, message: kept.message, instead: Some(kept), at: tx.at() };
    take(tx, world, whole, &sightings)
}

/// A message whose items are written down.
#[derive(Debug, Clone, Copy)]
struct Whole<'a> {
    prepared: &'a Prepared,
    /// Its row.
    message: i64,
    /// The item that stood for all of it so far.
    instead: Option<&'a Item>,
    /// When it came, or was taken up again.
    at: Timestamp,
}

fn take(tx: &mut Tx<'_>, world: &World, whole: Whole<'_>, sightings: &[Sighting]) -> Result<Vec<Taken>, Error> {
    let Whole { prepared, message, instead, at } = whole;
    identity::remember(tx, prepared, message)?;
    let mut taken = Vec::with_capacity(sightings.len());
    let mut fates = Vec::with_capacity(sightings.len());
    for (index, (item, sighting)) in prepared.items.iter().zip(sightings).enumerate() {
        let instead = instead.filter(|_| index == 0);
        let place = Place { message, index: u32::try_from(index).unwrap_or(u32::MAX), prepared, instead, at };
        let (one, fate) = match sighting {
            Sighting::Fresh => fresh(tx, world, place, item)?,
            Sighting::Repeat(row) => seen_before(tx, place, item, *row)?,
            Sighting::IdReused(_) => parked(tx, place, item, &id_reused(), Fate::Answered)?,
            Sighting::MessageReused => parked(tx, place, item, &id_reused(), Fate::Held)?,
            Sighting::EnvelopeReused => parked(tx, place, item, &envelope_reused(), Fate::Held)?,
        };
        taken.push(one);
        fates.push(fate);
    }
    outgoing::answer(tx, prepared, message, &fates)?;
    outgoing::answer_again(tx, world, prepared, message, sightings)?;
    Ok(taken)
}

/// Where an item stands.
#[derive(Debug, Clone, Copy)]
struct Place<'a> {
    message: i64,
    index: u32,
    prepared: &'a Prepared,
    /// The item whose place it takes.
    instead: Option<&'a Item>,
    /// When it came, or was taken up again.
    at: Timestamp,
}

fn arrival<'a>(prepared: &'a Prepared, keys: &Keyring) -> Arrival<'a> {
    Arrival {
        source: &prepared.message.source,
        adapter: prepared.adapter,
        sender_user: prepared.message.sender_user.as_deref(),
        redelivered: prepared.message.redelivered,
        received: prepared.message.received,
        body: &prepared.message.body,
        content: Some(prepared.mark(keys)),
    }
}

/// The message whose body stands for this one's, where every item is a repeat and the bytes are
/// the same.
fn same_bytes(tx: &mut Tx<'_>, prepared: &Prepared, sightings: &[Sighting]) -> Result<Option<i64>, Error> {
    let [Sighting::Repeat(row), ..] = sightings else { return Ok(None) };
    if *row == 0 || !sightings.iter().all(|it| matches!(it, Sighting::Repeat(_))) {
        return Ok(None);
    }
    let first = tx.item(*row)?.message;
    let before = tx.message(first)?;
    let content = prepared.mark(tx.keys());
    Ok((before.content == content).then_some(before.body))
}

fn new_item<'a>(place: Place<'_>, key: &'a str, what: &'a str, state: State) -> NewItem<'a> {
    NewItem {
        message: place.message,
        index: place.index,
        key,
        state,
        what,
        case: None,
        same_as: None,
        reason: None,
        refused: false,
        holds: false,
    }
}

/// What an item is called where it is listed.
pub(super) fn what(item: &Prepare) -> &str {
    match &item.body {
        PreparedBody::Event(draft, _) => draft.kind.name(),
        PreparedBody::Record(what) => what,
        PreparedBody::Refused(_) | PreparedBody::Parked(_) => "ulæst",
        PreparedBody::Wanted(_) => "uhentet",
    }
}

fn fresh(tx: &mut Tx<'_>, world: &World, place: Place<'_>, item: &Prepare) -> Result<(Taken, Fate), Error> {
    match &item.body {
        PreparedBody::Event(draft, fault) => {
            let key = identity::key(tx, item);
            let question = Question {
                draft,
                fault: fault.as_ref(),
                key: &key,
                index: 0,
                before: place.instead.map(|kept| kept.seq),
                at: place.at,
                moved: false,
                unchecked: false,
            };
            match decide::decide(tx, world, question)? {
                Decided::Routed(routed) => {
                    let state = state_of(&routed);
                    let row = keep(
                        tx,
                        place,
                        item,
                        &NewItem { case: Some(&routed.event.case), ..new_item(place, &key, what(item), state) },
                    )?;
                    write(tx, world, row, draft, &routed)?;
                    release::after(tx, world, &routed.event.case)?;
                    if let Some(trail) = trail(draft) {
                        for early in tx.early_cases(trail)? {
                            release::after(tx, world, &early)?;
                        }
                    }
                    Ok((Taken { item: row, event: Some(routed.id), state, refused: false, reason: None }, Fate::Held))
                }
                Decided::Told(told) => {
                    let (state, case) = (told.state(), told.event.case.clone());
                    let new = NewItem { case: Some(&case), ..new_item(place, &key, what(item), state) };
                    let row = keep(tx, place, item, &new)?;
                    citizen::write(tx, world, row, draft, &told)?;
                    release::after(tx, world, &case)?;
                    Ok((Taken { item: row, event: Some(told.id), state, refused: false, reason: None }, Fate::Held))
                }
                Decided::Stopped(stopped) => {
                    note_early(tx, draft, &stopped)?;
                    stop(tx, place, item, &stopped)
                }
            }
        }
        PreparedBody::Record(what) => {
            let key = identity::key(tx, item);
            let row = keep(tx, place, item, &new_item(place, &key, what, State::Recorded))?;
            Ok((Taken { item: row, event: None, state: State::Recorded, refused: false, reason: None }, Fate::Held))
        }
        PreparedBody::Refused(reason) => parked(tx, place, item, reason, Fate::Refused(reason.clone())),
        PreparedBody::Parked(reason) => parked(tx, place, item, reason, Fate::Held),
        PreparedBody::Wanted(wanted) => stop(tx, place, item, &Stopped::wanting(place.prepared.adapter, wanted)),
    }
}

/// Whom and what a letter is about, where it says no more.
pub(super) fn trail(draft: &Draft) -> Option<&str> {
    match &draft.case {
        CaseClue::Derived { trail, .. } => trail.as_deref(),
        CaseClue::Key(_) | CaseClue::None => None,
    }
}

/// Remembers where something waits that came before what it follows.
pub(super) fn note_early(tx: &mut Tx<'_>, draft: &Draft, stopped: &Stopped) -> Result<(), Error> {
    let early = stopped.reason.as_ref().is_some_and(|reason| reason.code == PRECEDING_MISSING);
    if let (true, Some(trail), Some(case)) = (early, trail(draft), &stopped.case) {
        tx.remember_early(trail, case)?;
    }
    Ok(())
}

/// Whether someone gets it, or by rule nobody does.
pub(super) fn state_of(routed: &Routed) -> State {
    if routed.routing.deliveries.is_empty() { State::Recorded } else { State::Routed }
}

/// Keeps an item, and its name for when it comes again.
fn keep(tx: &mut Tx<'_>, place: Place<'_>, item: &Prepare, new: &NewItem<'_>) -> Result<i64, Error> {
    let row = keep_in_place(tx, place, new)?;
    // What somebody else sent must not take the id from the one whose it is.
    if !new.reason.is_some_and(|reason| NOT_THEIRS.contains(&reason.code)) {
        let content = item.mark(tx.keys());
        tx.remember(SeenKind::Item, place.prepared.adapter, new.key, Seen { content, row })?;
    }
    name(tx, place, item, new.key, row)?;
    Ok(row)
}

/// Keeps an item, or brings the one whose place it takes into its state.
fn keep_in_place(tx: &mut Tx<'_>, place: Place<'_>, new: &NewItem<'_>) -> Result<i64, Error> {
    let Some(kept) = place.instead else { return tx.keep_item(new) };
    tx.change_item(kept, new.state, new.case, new.reason, new.holds)?;
    tx.read_as(kept, new.what, new.refused)?;
    Ok(kept.seq)
}

/// The names by which people look for it: its own, without what makes it unique, and its
/// transmission's.
fn name(tx: &mut Tx<'_>, place: Place<'_>, item: &Prepare, key: &str, row: i64) -> Result<(), Error> {
    let short = |name: &str| name.rsplit(['/', ' ']).next().unwrap_or(name).to_owned();
    let transport = place.prepared.transport.as_ref();
    let names = [
        Some(short(item.key.as_deref().unwrap_or(key))),
        transport.map(|it| short(&it.envelope)),
        transport.and_then(|it| it.message.clone()),
    ];
    for name in names.into_iter().flatten() {
        tx.name_item(&name, row)?;
    }
    Ok(())
}

fn stop(tx: &mut Tx<'_>, place: Place<'_>, item: &Prepare, stopped: &Stopped) -> Result<(Taken, Fate), Error> {
    let state = if stopped.reason.is_some() { State::Parked } else { State::Waiting };
    let key = identity::key(tx, item);
    let new = NewItem {
        case: stopped.case.as_ref(),
        reason: stopped.reason.as_ref(),
        holds: stopped.holds,
        ..new_item(place, &key, what(item), state)
    };
    let row = keep(tx, place, item, &new)?;
    if let Some(wish) = &stopped.wish {
        wish.keep(tx, row)?;
    }
    let fate = match &stopped.reason {
        Some(reason) if stopped.misaddressed => Fate::Misaddressed(reason.clone()),
        _ => Fate::Held,
    };
    Ok((Taken { item: row, event: None, state, refused: false, reason: stopped.reason.clone() }, fate))
}

fn parked(
    tx: &mut Tx<'_>,
    place: Place<'_>,
    item: &Prepare,
    reason: &Reason,
    fate: Fate,
) -> Result<(Taken, Fate), Error> {
    let refused = matches!(fate, Fate::Refused(_));
    let key = identity::key(tx, item);
    let new = NewItem { reason: Some(reason), refused, ..new_item(place, &key, what(item), State::Parked) };
    let row = keep(tx, place, item, &new)?;
    Ok((Taken { item: row, event: None, state: State::Parked, refused, reason: Some(reason.clone()) }, fate))
}

fn seen_before(tx: &mut Tx<'_>, place: Place<'_>, item: &Prepare, before: i64) -> Result<(Taken, Fate), Error> {
    let key = identity::key(tx, item);
    let before = (before != 0).then_some(before);
    let new = NewItem { same_as: before, ..new_item(place, &key, what(item), State::Duplicate) };
    let row = keep_in_place(tx, place, &new)?;
    name(tx, place, item, &key, row)?;
    Ok((Taken { item: row, event: None, state: State::Duplicate, refused: false, reason: None }, Fate::Answered))
}

fn id_reused() -> Reason {
    let text =
        "Afsenderen har brugt samme id til noget andet før. Sammenlign de to, og aftal med afsenderen hvad der gælder.";
    Reason::new(ID_REUSED, text)
}

fn envelope_reused() -> Reason {
    let text = "Kuvertens id er brugt før til en anden meddelelse; id'er må ikke genbruges. Undersøg med afsenderen, og send videre eller kassér.";
    Reason::new(ENVELOPE_REUSED, text)
}

/// Writes down a routed event and all that follows from it.
pub(super) fn write(tx: &mut Tx<'_>, world: &World, item: i64, draft: &Draft, routed: &Routed) -> Result<(), Error> {
    let Routed { id, event, known, routing } = routed;
    let said = Said { law: draft.law.clone(), kle: draft.kle.clone() };
    let Some(row) = tx.keep_event(*id, Some(item), event, &Decision::of(routing, known, said))? else {
        return Err(Error::Unexpected("an event was decided about twice"));
    };
    // Where a move has brought the citizen is the register's to say; the case keeps where it began.
    let moved = known.register.moved_to(event.deciding_date()).is_some();
    tx.remember_case(&event.case, event.residence.filter(|_| !moved), &draft.case)?;
    if let Some(citizen) = &draft.citizen {
        tx.remember_citizen(citizen.reveal(), row)?;
        // A period of the register of drug treatment is about a whole municipality, not about the one
        // whom a question names.
        if event.kind.area() != "smdb" {
            tx.remember_whose(citizen, &event.case)?;
        }
    }
    let mut protected = known.register.protected(event.deciding_date());
    for citizen in citizen::on_agenda(event) {
        tx.remember_citizen(citizen.reveal(), row)?;
        protected |= tx.register(&event.case, Some(&citizen))?.protected(event.deciding_date());
    }
    if course::has_courses(event.kind) {
        for cpr in course::courses(&event.data).iter().filter_map(|course| course.person.citizen()) {
            tx.remember_citizen(cpr.reveal(), row)?;
        }
    }
    // By the hub's own id it is found anyway.
    if event.id != WireId::from(*id) {
        tx.name_item(event.id.as_str(), item)?;
    }
    for duty in &routing.opened {
        let duty = duty.clone().opened_at(tx.at());
        let ended = known.register.closes(asked_on(event.deciding_date(), event.time));
        tx.open_duty(&ended.map(|because| closed(&duty, because)).unwrap_or(duty), row)?;
    }
    for planned in &routing.deliveries {
        outgoing::plan(tx, row, event, planned, (&routing.opened, protected))?;
    }
    for (duty, effect) in &routing.effects {
        let mut open = known.open.iter().chain(&known.calendar);
        let Some(duty) = open.find(|open| open.id == *duty) else { continue };
        if known.calendar.contains(duty) {
            outgoing::begin_early(tx, duty)?;
        }
        let (after, notice) = duty.after(effect, tx.at());
        tx.change_duty(&after)?;
        if let Some(notice) = notice {
            outgoing::tell(tx, world, &after, &notice)?;
        }
    }
    Ok(())
}
