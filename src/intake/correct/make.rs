//! Making corrections. All ids follow from what they correct, so that what is made twice is made
//! once.

use budstikke_contract::event::{Event, WireId, danish_day};
use budstikke_contract::id::{CaseKey, DeliveryId, EventId};
use jiff::Unit;
use serde_json::{Map, Value, json};

use super::judge::{self, Standing, Told};
use super::{Editions, Judged, Step};
use crate::agreement::model::{Capacity, Channel, MailboxId, Part};
use crate::deliver::orphans;
use crate::duty::{self, Duty, Effect, hub_kind, hub_source};
use crate::intake::World;
use crate::intake::outgoing::tell_by;
use crate::intake::people::Person;
use crate::ledger::delivery::{self, Content, NewDelivery, Why, WhyDuty, withdrawn};
use crate::ledger::event::{Decision, EventNames, Said};
use crate::ledger::item::State;
use crate::ledger::past::Past;
use crate::ledger::{Error, Tx, lane};
use crate::route::Routing;

/// An event that is set right.
struct Wrong<'a> {
    world: &'a World,
    past: Past,
    about: EventNames,
    case: CaseKey,
    /// What the new edition decides.
    routing: Routing,
    /// The edition, for people.
    edition: String,
}

/// Makes the steps of one event.
pub(super) fn one(
    tx: &mut Tx<'_>,
    world: &World,
    editions: &Editions,
    judged: &Judged,
    person: &Person,
) -> Result<(), Error> {
    let past = tx.reader().past_event(judged.row)?;
    let routing = judge::anew(editions, &past).ok_or(Error::Unexpected("what was judged can no longer be"))?;
    let about = tx.event_names(past.seq)?;
    let case = CaseKey::parse(&about.case).ok_or(Error::Unexpected("a case key is none"))?;
    let edition = edition(editions, &routing);
    tx.act(&person.user, "correct", &past.id.to_string(), &edition)?;
    let wrong = Wrong { world, past, about, case, routing, edition };
    // What comes to be owed first: the task says so.
    let (deliveries, duties): (Vec<&Step>, Vec<&Step>) =
        judged.steps.iter().partition(|step| !matches!(step, Step::Release { .. } | Step::Owe { .. }));
    for step in duties.into_iter().chain(deliveries) {
        wrong.make(tx, step)?;
    }
    wrong.count(tx, judged)
}

/// The parts of the agreement that are other ones now; all of them where the versions do not say.
fn edition(editions: &Editions, routing: &Routing) -> String {
    let before = editions.old.iter().find(|it| it.name == routing.agreement).map(|it| it.parts.as_slice());
    let is_new = |part: &&Part| !before.unwrap_or_default().contains(part);
    let all: Vec<&Part> = routing.parts.iter().collect();
    let new: Vec<&Part> = all.iter().copied().filter(is_new).collect();
    let named = if new.is_empty() { all } else { new };
    named.into_iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

impl Wrong<'_> {
    fn make(&self, tx: &mut Tx<'_>, step: &Step) -> Result<(), Error> {
        match step {
            Step::Deliver { to, round, .. } => self.deliver(tx, to, *round),
            Step::Stop { to, round } => self.stop(tx, to, *round),
            Step::Withdraw { from, round } => self.withdraw(tx, from, *round),
            Step::Release { duty, .. } => {
                let kept = tx.reader().duties_of_event(self.past.seq)?;
                let Some(open) = kept.iter().find(|it| it.id == *duty) else { return Ok(()) };
                let (closed, _) = open.after(&Effect::Closed, tx.at());
                tx.change_duty(&closed)
            }
            Step::Owe { duty, .. } => {
                let kept = tx.reader().duties_of_event(self.past.seq)?;
                if let Some(closed) = kept.iter().find(|it| it.id == *duty) {
                    // It was closed when it moved, and comes back as it was.
                    let open = Duty { state: duty::State::Open, closed_because: None, ..closed.clone() };
                    return tx.change_duty(&open.opened_at(tx.at()));
                }
                let Some(owed) = self.routing.opened.iter().find(|it| it.id == *duty) else { return Ok(()) };
                tx.open_duty(&owed.clone().opened_at(tx.at()), self.past.seq)
            }
        }
    }

    /// Delivers the event to a mailbox that should have had it.
    fn deliver(&self, tx: &mut Tx<'_>, mailbox: &str, round: u32) -> Result<(), Error> {
        let told = judge::told(&self.routing);
        let Some(Told { capacity, channels, because }) = told.get(mailbox) else { return Ok(()) };
        let is_task = *capacity == Capacity::Task;
        let party = mailbox.split('/').next().unwrap_or_default();
        let kept = tx.reader().duties_of_event(self.past.seq)?;
        let owes = |duty: &&Duty| is_task && duty.state == duty::State::Open && duty.terms.owed_by == party;
        let duty = kept.iter().find(owes).map(|duty| WhyDuty {
            id: duty.id.to_string(),
            kind: duty.terms.kind.clone(),
            due: duty.due.date,
        });
        let rules = because.iter().map(|it| (it.rule.clone(), it.clause.to_string())).collect();
        let protected = tx.protected(self.case.as_str(), danish_day(tx.at()))?;
        let why = Why { rules, duty, protected, corrected_by: Some(self.edition.clone()), ..Why::default() };
        let known = MailboxId::parse(mailbox).is_some_and(|id| self.world.mailboxes.contains_key(&id));
        for channel in channels {
            // The first is the delivery that would have been made then.
            let way = if round == 0 { channel.name().to_owned() } else { format!("{} {round}", channel.name()) };
            let id = DeliveryId::derive(self.past.id, mailbox, &way);
            tx.plan_delivery(&NewDelivery {
                id,
                content: Content::Event(self.past.seq),
                mailbox,
                channel: channel.name(),
                capacity: capacity.name(),
                why: &why,
                lane: lane::of_case(tx.keys(), mailbox, channel.name(), &self.case),
            })?;
            if !known {
                orphans::park_one(tx, id)?;
            }
        }
        Ok(())
    }

    /// Ends what has not been sent to a mailbox. The notice is kept for whoever gets it after all.
    fn stop(&self, tx: &mut Tx<'_>, mailbox: &str, round: u32) -> Result<(), Error> {
        for Standing { delivery, there } in judge::standing(&mut tx.reader(), &self.past, mailbox)? {
            if !there {
                tx.withdraw(&delivery)?;
            }
        }
        self.notice(tx, mailbox, round).map(drop)
    }

    /// Tells a mailbox that what it got was not for it, the way it got it and behind it. What was
    /// tried and is not known to be there is not tried again.
    fn withdraw(&self, tx: &mut Tx<'_>, mailbox: &str, round: u32) -> Result<(), Error> {
        let mut channels = Vec::new();
        for Standing { delivery, there } in judge::standing(&mut tx.reader(), &self.past, mailbox)? {
            if there {
                channels.extend(Channel::named(&delivery.channel));
            }
            if there && delivery.state != delivery::State::Delivered {
                tx.withdraw(&delivery)?;
            }
        }
        let notice = self.notice(tx, mailbox, round)?;
        let rules = self.routing.because.iter().map(|it| (it.rule.clone(), it.clause.to_string())).collect();
        let why = Why { rules, corrected_by: Some(self.edition.clone()), ..Why::default() };
        let lane_of = |tx: &Tx<'_>, channel: &str| lane::of_case(tx.keys(), mailbox, channel, &self.case);
        tell_by(tx, self.world, notice, (mailbox, &channels), &why, &lane_of)
    }

    /// The notice that something was not for a mailbox; it is kept once for each round.
    fn notice(&self, tx: &mut Tx<'_>, mailbox: &str, round: u32) -> Result<(i64, EventId), Error> {
        let id = withdrawn::notice(self.past.id, mailbox, round);
        if let Some(row) = tx.reader().event_row(id)? {
            return Ok((row, id));
        }
        let cause = WireId::parse(&self.about.wire_id);
        let event = Event {
            id: id.into(),
            source: hub_source(),
            kind: hub_kind("delivery.withdrawn"),
            time: tx.at().round(Unit::Second).unwrap_or(tx.at()),
            occurred: None,
            case: self.case.clone(),
            correlation: cause.clone(),
            causation: cause,
            residence: self.about.residence,
            law: None,
            kle: None,
            data: self.said(mailbox),
        };
        let told = format!("{mailbox} skulle ikke have haft hændelsen efter {}", self.edition);
        let decision = Decision::of(&self.routing, Value::Null, Said::default());
        let decision = Decision { told: Some(told), said: None, ..decision };
        let row = tx.keep_event(id, None, &event, &decision)?;
        Ok((row.ok_or(Error::Unexpected("a notice was kept meanwhile"))?, id))
    }

    /// What the notice says. Nothing about a person.
    fn said(&self, mailbox: &str) -> Map<String, Value> {
        let receivers: Vec<String> = judge::told(&self.routing).into_keys().collect();
        let mut clauses: Vec<String> = self.routing.because.iter().map(|it| it.clause.to_string()).collect();
        clauses.dedup();
        let mut data = Map::new();
        data.insert("event".to_owned(), json!({"id": self.about.wire_id, "type": self.about.wire_type}));
        data.insert("mailbox".to_owned(), mailbox.into());
        data.insert("agreement".to_owned(), self.edition.clone().into());
        data.insert("clauses".to_owned(), json!(clauses));
        data.insert("receivers".to_owned(), json!(receivers));
        data
    }

    /// What by rule went to nobody, and now goes to somebody, counts as routed.
    fn count(&self, tx: &mut Tx<'_>, judged: &Judged) -> Result<(), Error> {
        let delivers = judged.steps.iter().any(|step| matches!(step, Step::Deliver { .. }));
        let item = tx.item(self.past.item)?;
        if delivers && item.state == State::Recorded {
            tx.change_item(&item, State::Routed, Some(&self.case), None, false)?;
        }
        Ok(())
    }
}
