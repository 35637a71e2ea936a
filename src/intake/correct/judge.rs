//! What either edition would have decided about an event, and what is left to be done about it.

use std::collections::BTreeMap;

use budstikke_contract::adapter::CaseClue;
use budstikke_contract::event::{self, Event};

use super::{Editions, Found, Judged, Step};
use crate::agreement::model::{Agreement, Capacity, Channel};
use crate::duty;
use crate::ledger::delivery::{Delivery, State};
use crate::ledger::past::Past;
use crate::ledger::{Error, Reader};
use crate::residence;
use crate::route::compare::{What, between, in_words};
use crate::route::{self, Because, Known, Routing};

/// A decision, or why there is none.
type Decided = Result<Routing, budstikke_contract::reason::Reason>;

/// Asks about everything after the last that was asked about.
pub(super) fn after(reader: &mut Reader<'_>, editions: &Editions, found: &mut Found) -> Result<(), Error> {
    loop {
        let page = reader.past_events(found.last)?;
        if page.is_empty() {
            return Ok(());
        }
        for past in page {
            found.last = past.seq;
            found.asked += 1;
            found.events.extend(one(reader, editions, &past)?);
        }
    }
}

/// Asks about one. `None` where both editions would have sent it the same way.
pub(super) fn one(reader: &mut Reader<'_>, editions: &Editions, past: &Past) -> Result<Option<Judged>, Error> {
    // News of a citizen goes to whoever has something open; no agreement decided about that.
    if past.decision.agreement.is_empty() {
        return Ok(None);
    }
    let judged = |otherwise: Vec<String>, left: Option<String>, steps: Vec<Step>| Judged {
        event: past.id,
        item: past.item,
        kind: past.kind.clone(),
        day: past.day.clone(),
        otherwise,
        left,
        steps,
        row: past.seq,
    };
    let (old, new) = match both(editions, past) {
        Ok(both) => both,
        Err(why) => return Ok(Some(judged(Vec::new(), Some(why.to_owned()), Vec::new()))),
    };
    let otherwise: Vec<What> = between(&old, &new).into_iter().filter(What::is_elsewhere).collect();
    if otherwise.is_empty() {
        return Ok(None);
    }
    let said = otherwise.iter().map(|what| in_words(what, names(editions, &old, &new))).collect();
    let Ok(routing) = &new else {
        let text = "Efter den nye udgave stopper hændelsen hos budstikken; en person må afgøre, hvad der skal ske.";
        return Ok(Some(judged(said, Some(text.to_owned()), Vec::new())));
    };
    let Receivers { mut steps, left } = receivers(reader, past, old.as_ref().ok(), routing)?;
    steps.extend(duties(reader, past, old.as_ref().ok(), routing)?);
    Ok(Some(judged(said, (!left.is_empty()).then(|| left.join(" ")), steps)))
}

fn names<'a>(editions: &'a Editions, old: &Decided, new: &Decided) -> (Option<&'a Agreement>, Option<&'a Agreement>) {
    let of = |all: &'a [std::sync::Arc<Agreement>], decided: &Decided| {
        let name = decided.as_ref().ok().map(|routing| &routing.agreement);
        all.iter().find(|it| Some(&it.name) == name).map(AsRef::as_ref)
    };
    (of(&editions.old, old), of(&editions.new, new))
}

/// The decision of the new edition about an event that it decides about.
pub(super) fn anew(editions: &Editions, past: &Past) -> Option<Routing> {
    both(editions, past).ok()?.1.ok()
}

const UNREADABLE: &str = "Det, der blev gemt af hændelsen eller af det, der var kendt af sagen, kan ikke læses af denne udgave af programmet.";
const UNSAID: &str = "Det er ikke gemt, om afsenderen selv nævnte loven, og udgaverne svarer forskelligt på det.";

/// What both editions decide, given what was known then.
fn both(editions: &Editions, past: &Past) -> Result<(Decided, Decided), &'static str> {
    let known: Known = serde_json::from_value(past.decision.known.clone()).map_err(|_unquoted| UNREADABLE)?;
    let event = event_of(past).ok_or(UNREADABLE)?;
    let ask = |event: &Event| {
        let of = |all: &[std::sync::Arc<Agreement>]| decide(all, past, event, &known);
        (of(&editions.old), of(&editions.new))
    };
    let Some(said) = &past.decision.said else {
        // Kept before it was noted what the sender had said itself.
        let (as_kept, unsaid) = (ask(&event), ask(&Event { law: None, kle: None, ..event.clone() }));
        let differs = |both: &(Decided, Decided)| -> Vec<What> {
            between(&both.0, &both.1).into_iter().filter(What::is_elsewhere).collect()
        };
        return if differs(&as_kept) == differs(&unsaid) { Ok(as_kept) } else { Err(UNSAID) };
    };
    Ok(ask(&Event { law: said.law.clone(), kle: said.kle.clone(), ..event }))
}

fn decide(all: &[std::sync::Arc<Agreement>], past: &Past, event: &Event, known: &Known) -> Decided {
    let home = |it: &&std::sync::Arc<Agreement>| match event.residence {
        Some(code) => it.party_of(code).is_some(),
        None => it.party(event.source.party()).is_some(),
    };
    let agreement = all.iter().find(home).ok_or_else(|| residence::outside(event.residence))?;
    route::route(agreement, past.id, event, known)
}

/// The event as it was kept.
fn event_of(past: &Past) -> Option<Event> {
    let draft = event::read(&past.json).ok()?;
    let CaseClue::Key(case) = draft.case else { return None };
    Some(Event {
        id: draft.id?,
        source: draft.source,
        kind: draft.kind,
        time: draft.time,
        occurred: draft.occurred,
        case,
        correlation: draft.correlation,
        causation: draft.causation,
        residence: draft.residence,
        law: draft.law,
        kle: draft.kle,
        data: draft.data,
    })
}

/// Who is to get an event by a decision.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) capacity: Capacity,
    pub(super) channels: Vec<Channel>,
    pub(super) because: Vec<Because>,
}

/// Mailbox → how it is to get the event.
pub(super) fn told(routing: &Routing) -> BTreeMap<String, Told> {
    let mut told: BTreeMap<String, Told> = BTreeMap::new();
    for planned in &routing.deliveries {
        let nothing = Told { capacity: planned.capacity, channels: Vec::new(), because: planned.because.clone() };
        let one = told.entry(planned.mailbox.to_string()).or_insert(nothing);
        one.capacity = one.capacity.max(planned.capacity);
        one.channels.push(planned.channel);
    }
    told
}

/// What a mailbox has of an event now.
struct Has {
    /// As what; `None` where it has nothing, or was told that it was not for it.
    capacity: Option<String>,
    /// Whether a person has decided that it is not to be sent.
    ended: bool,
    /// How often it was sent.
    sent: u32,
    /// How often it was told that it was not for it.
    withdrawn: u32,
    /// Whether something of it is certain not to have been sent.
    unsent: bool,
    /// Whether it may have something of it.
    there: bool,
}

/// A delivery that stands: neither ended, nor taken back by a later notice.
pub(super) struct Standing {
    pub(super) delivery: Delivery,
    /// Whether its receiver may have it.
    pub(super) there: bool,
}

/// The deliveries of an event to a mailbox that stand, oldest first.
pub(super) fn standing(reader: &mut Reader<'_>, past: &Past, mailbox: &str) -> Result<Vec<Standing>, Error> {
    let told = reader.notices(past.id, mailbox)?.told;
    let all = reader.deliveries_of(past.seq)?.into_iter().filter(|it| it.mailbox == mailbox && it.seq > told);
    let mut standing = Vec::new();
    for delivery in all.filter(|it| it.state != State::Discarded) {
        standing.push(Standing { there: reader.may_be_there(&delivery)?, delivery });
    }
    Ok(standing)
}

fn has(reader: &mut Reader<'_>, past: &Past, mailbox: &str) -> Result<Has, Error> {
    let own: Vec<Delivery> = reader.deliveries_of(past.seq)?.into_iter().filter(|it| it.mailbox == mailbox).collect();
    let standing = standing(reader, past, mailbox)?;
    let by_person = |it: &Delivery| it.state == State::Discarded && !it.is_withdrawn();
    let sent = own.iter().map(|it| own.iter().filter(|other| other.channel == it.channel).count()).max();
    Ok(Has {
        capacity: standing.last().map(|it| it.delivery.capacity.clone()),
        ended: own.iter().all(|it| it.state == State::Discarded) && own.last().is_some_and(by_person),
        sent: u32::try_from(sent.unwrap_or_default()).unwrap_or(u32::MAX),
        withdrawn: reader.notices(past.id, mailbox)?.rounds,
        unsent: standing.iter().any(|it| !it.there),
        there: standing.iter().any(|it| it.there),
    })
}

/// What is to be done about who has an event, and what is not.
#[derive(Default)]
struct Receivers {
    steps: Vec<Step>,
    /// What is left as it is, in sentences.
    left: Vec<String>,
}

/// What the change from one decision to the other leaves to be done about who has it. What neither
/// of the two says is left as it is, and so is what a person has ended.
fn receivers(reader: &mut Reader<'_>, past: &Past, old: Option<&Routing>, new: &Routing) -> Result<Receivers, Error> {
    let (old, new) = (old.map(told).unwrap_or_default(), told(new));
    let mut receivers = Receivers::default();
    let ended =
        |mailbox: &str| format!("Leveringen til {mailbox} er kasseret af en person. Det bliver den ved med at være.");
    for (mailbox, is) in &new {
        let has = has(reader, past, mailbox)?;
        let changed = old.get(mailbox).is_none_or(|was| was.capacity != is.capacity);
        if !changed || has.capacity.as_deref() == Some(is.capacity.name()) {
            continue;
        }
        if has.ended {
            receivers.left.push(ended(mailbox));
        } else {
            let capacity = is.capacity.name().to_owned();
            receivers.steps.push(Step::Deliver { to: mailbox.clone(), capacity, round: has.sent });
        }
    }
    for mailbox in old.keys().filter(|mailbox| !new.contains_key(*mailbox)) {
        let has = has(reader, past, mailbox)?;
        if has.ended {
            receivers.left.push(ended(mailbox));
        }
        if has.unsent {
            receivers.steps.push(Step::Stop { to: mailbox.clone(), round: has.withdrawn });
        }
        if has.there {
            receivers.steps.push(Step::Withdraw { from: mailbox.clone(), round: has.withdrawn });
        }
    }
    Ok(receivers)
}

/// What it leaves to be done about what is owed. A duty that is met, or closed by what happened, stays
/// so; one that is open moves to whom the new edition says, or is owed no longer. A duty that only the
/// new edition knows is not opened for what is past: it may long have been done.
fn duties(reader: &mut Reader<'_>, past: &Past, old: Option<&Routing>, new: &Routing) -> Result<Vec<Step>, Error> {
    let Some(old) = old else { return Ok(Vec::new()) };
    let kept = reader.duties_of_event(past.seq)?;
    let state_of = |id| kept.iter().find(|it| it.id == id).map(|it| it.state);
    let mut steps = Vec::new();
    let mut moved = Vec::new();
    for duty in old.opened.iter().filter(|duty| !new.opened.iter().any(|other| other.id == duty.id)) {
        if state_of(duty.id) == Some(duty::State::Open) {
            let (party, what) = (duty.terms.owed_by.clone(), duty.terms.what.clone());
            steps.push(Step::Release { party, duty: duty.id, what });
            moved.push(&duty.terms.name);
        }
    }
    for duty in new.opened.iter().filter(|duty| !old.opened.iter().any(|other| other.id == duty.id)) {
        // Closed it can only be by the correction that opened the one that moves now.
        let owed = matches!(state_of(duty.id), None | Some(duty::State::Closed));
        if moved.contains(&&duty.terms.name) && owed {
            let (party, what) = (duty.terms.owed_by.clone(), duty.terms.what.clone());
            steps.push(Step::Owe { party, duty: duty.id, what });
        }
    }
    Ok(steps)
}
