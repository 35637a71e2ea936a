//! What comes into the console's inbox as tasks, and what becomes of them.

use budstikke_contract::event::danish_day;

use super::*;
use crate::agreement::model::MailboxId;
use crate::intake::people::{self, Person};
use crate::intake::tasks::{self, Acted, Doing};
use crate::ledger::delivery::{Outcome, State as DeliveryState};
use crate::ledger::item::State as ItemState;
use crate::ledger::task::{Kept, Tab};
use crate::task::{Act, How, Refusal, State, Wait};

const YDELSE: &str = "dragoer/ydelse";
const TRAINERS: &str = "taarnby/genoptraening";

/// The shipped agreement, where these mailboxes work in the console.
fn console_world() -> World {
    let mut files = shipped();
    let file = files.iter_mut().find(|file| file.name == "postkasser.toml").unwrap();
    for id in [YDELSE, TRAINERS] {
        let (before, mailbox) = file.text.split_once(&format!("id      = \"{id}\"")).unwrap();
        let mailbox = mailbox.replacen("[\"amqp\"]", "[\"inbox\"]", 1);
        file.text = format!("{before}id      = \"{id}\"{mailbox}");
    }
    World::new(Book::read(&files).unwrap(), Registry::default(), BTreeMap::new())
}

impl Desk<'_, '_> {
    /// Brings what is ready into its inbox.
    fn delivers(&mut self, mailbox: &str) -> Result<(), Error> {
        let now = self.tx.at();
        for seq in self.tx.reader().ready(mailbox, "inbox", now, 100)? {
            self.tx.settle(seq, &Outcome::Delivered)?;
        }
        Ok(())
    }

    fn tasks(&mut self, mailbox: &str, tab: Tab, user: &str) -> Result<Vec<Kept>, Error> {
        let (today, of) = (danish_day(self.tx.at()), [mailbox.to_owned()]);
        let page = self.tx.reader().tasks(&of, (tab, user, today), None, 50)?;
        let counted = self.tx.reader().count_tasks(&of, (tab, user, today))?;
        assert_eq!(usize::try_from(counted).unwrap(), page.tasks.len());
        Ok(page.tasks)
    }

    /// The one task of a mailbox, in whatever list it is.
    fn task(&mut self, mailbox: &str) -> Result<Kept, Error> {
        let mut found = Vec::new();
        for tab in [Tab::New, Tab::Mine, Tab::Others, Tab::Waiting, Tab::Done] {
            found.extend(self.tasks(mailbox, tab, "ida")?);
        }
        assert_eq!(found.len(), 1, "{found:?}");
        Ok(found.remove(0))
    }

    fn does(&mut self, kept: &Kept, by: &str, act: &Act) -> Result<Acted, Error> {
        tasks::act(self.tx, self.world, &doing(kept, by), act)
    }

    fn does_well(&mut self, kept: &Kept, by: &str, act: &Act) -> Result<Kept, Error> {
        let acted = self.does(kept, by, act)?;
        assert!(matches!(acted, Acted::Done(_)), "{acted:?}");
        Ok(acted.task().clone())
    }
}

fn doing<'a>(kept: &Kept, by: &'a str) -> Doing<'a> {
    Doing { task: kept.seq, version: kept.task.version, by, reason: "Ukendt hos os" }
}

fn fixture(name: &str) -> Value {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/adapters/momentum/fixtures");
    serde_json::from_slice(&std::fs::read(format!("{folder}/{name}.json")).unwrap()).unwrap()
}

/// A sanction that is recommended, as a task of the benefit team; and the decision that answers it.
fn sanction(desk: &mut Desk<'_, '_>) -> Result<(EventStory, Value), Error> {
    let message = desk.incoming("momentum", fixture("event-sanction-recommended").to_string());
    let taken = desk.take(message)?.remove(0);
    let event = desk.routed(&taken)?;
    desk.delivers(YDELSE)?;
    let mut decision = fixture("event-benefit-decided");
    decision["subject"] = json!(event.case);
    decision["causationId"] = json!(event.id);
    decision["citizen"] = json!({"cpr": "0108589995"});
    decision["targetGroup"] =
        json!({"targetGroupCode": "6.2", "benefitCode": "KONTANTHJAELP", "vocationalEducation": true});
    Ok((event, decision))
}

#[test]
fn a_task_is_answered_once_and_the_duty_is_met() {
    on_a_ledger_in(&console_world(), |desk| {
        let (event, decision) = sanction(desk)?;
        let new = desk.tasks(YDELSE, Tab::New, "ida")?.remove(0);
        assert_eq!((new.task.contents.to_do, new.task.contents.owed), (1, 1));
        assert_eq!((new.task.kind.as_str(), new.task.case.as_str()), ("employment.sanction.recommended", &*event.case));
        let complete = Act::Complete { answered: false };
        assert!(matches!(desk.does(&new, "ida", &complete)?, Acted::Refused(Refusal::Owed, _)));

        let message = desk.incoming("momentum", decision.to_string());
        let prepared = prepare::prepare(desk.world, message).unwrap();
        let world = desk.world;
        let mut sent = 0;
        for by in ["ida", "ida", "bo"] {
            let mut raise = |tx: &mut Tx<'_>| {
                sent += 1;
                let taken = record::record(tx, world, &prepared)?;
                assert_eq!(taken[0].state, ItemState::Routed, "{taken:?}");
                Ok(())
            };
            let acted = tasks::answer(desk.tx, world, &doing(&new, by), &mut raise)?;
            let ended = State::Done { by: Some("ida".to_owned()), how: How::Answered };
            assert_eq!(acted.task().task.state, ended, "{by}");
        }
        assert_eq!(sent, 1, "however often somebody clicks");
        let again = desk.tx.reader().event_story(event.seq)?;
        assert_eq!(again.duties[0].state, crate::duty::State::Met);
        assert_eq!(again.deliveries[0].delivery.business.as_deref(), Some("accepted"));
        Ok(())
    });
}

#[test]
fn what_is_answered_elsewhere_is_done_here_too() {
    on_a_ledger_in(&console_world(), |desk| {
        let (_, decision) = sanction(desk)?;
        let new = desk.task(YDELSE)?;
        let taken = desk.does_well(&new, "bo", &Act::Take)?;
        assert_eq!(desk.tasks(YDELSE, Tab::Others, "ida")?, std::slice::from_ref(&taken));
        let message = desk.incoming("momentum", decision.to_string());
        desk.take(message)?;
        assert_eq!(desk.task(YDELSE)?.task.state, State::Done { by: None, how: How::Met });
        assert!(matches!(desk.does(&taken, "bo", &Act::Accept)?, Acted::Refused(Refusal::Done { by: None, .. }, _)));
        let ended = desk.task(YDELSE)?;
        let back = desk.does_well(&ended, "ida", &Act::Take)?;
        assert_eq!((back.task.contents.events, back.task.contents.owed), (1, 0), "it holds what it held");
        Ok(())
    });
}

#[test]
fn two_people_at_one_task_do_not_overwrite_each_other() {
    on_a_ledger_in(&console_world(), |desk| {
        sanction(desk)?;
        let seen = desk.task(YDELSE)?;
        let taken = desk.does_well(&seen, "ida", &Act::Take)?;
        let refused = desk.does(&seen, "bo", &Act::Take)?;
        assert!(matches!(refused, Acted::Refused(Refusal::Theirs { by, .. }, _) if by == "ida"));
        assert_eq!(desk.does_well(&seen, "ida", &Act::Take)?, taken, "her second click changes nothing");
        assert!(matches!(desk.does(&seen, "ida", &Act::Wait(Wait::Answer))?, Acted::Stale(_)), "of an old page");
        let given = desk.does_well(&taken, "ida", &Act::HandOver { to: Some("bo".to_owned()) })?;
        assert_eq!(desk.tasks(YDELSE, Tab::Mine, "bo")?, std::slice::from_ref(&given));
        let waits = desk.does_well(&given, "bo", &Act::Wait(Wait::Answer))?;
        assert_eq!(desk.tasks(YDELSE, Tab::Waiting, "ida")?, [waits]);
        assert_eq!(desk.tasks(YDELSE, Tab::Mine, "bo")?, []);
        Ok(())
    });
}

#[test]
fn several_events_of_a_case_are_one_task_and_wake_it() {
    on_a_ledger_in(&console_world(), |desk| {
        sanction(desk)?;
        let new = desk.task(YDELSE)?;
        let waits = desk.does_well(&new, "ida", &Act::Wait(Wait::Answer))?;
        let mut second = fixture("event-sanction-recommended");
        second["messageId"] = json!("7d2c1f40-0b1e-4c55-9a31-000000000099");
        let message = desk.incoming("momentum", second.to_string());
        assert_eq!(desk.take(message)?[0].state, ItemState::Routed);
        desk.delivers(YDELSE)?;
        let woken = desk.task(YDELSE)?;
        assert_eq!(woken.seq, waits.seq);
        assert_eq!(woken.task.state, State::Taken { by: "ida".to_owned() });
        assert_eq!((woken.task.contents.events, woken.task.contents.owed), (2, 2));
        assert_eq!(desk.tx.reader().task_entries(woken.seq, 10)?.len(), 2);
        Ok(())
    });
}

#[test]
fn what_is_sent_back_waits_for_a_person_is_told_to_the_others_and_comes_again() {
    on_a_ledger_in(&console_world(), |desk| {
        let plan = desk.plan(Plan::ggop("B1").episode("e-1"))?;
        desk.delivers(TRAINERS)?;
        let task = desk.task(TRAINERS)?;
        assert!(task.task.contents.due.is_some(), "{task:?}");
        desk.does_well(&task, "ida", &Act::Reject)?;
        let story = desk.story(plan.item)?;
        let deliveries = &story.event.as_ref().unwrap().deliveries;
        let parked = deliveries.iter().find(|it| it.delivery.mailbox == TRAINERS).unwrap().delivery.clone();
        assert_eq!((parked.state, parked.business.as_deref()), (DeliveryState::Parked, Some("rejected")));
        let notice = story.notices.iter().find(|notice| notice.kind == "delivery.rejected").unwrap();
        assert_eq!(told(notice), ["dragoer/genoptraening information"]);
        let said = desk.tx.look("drift", "prøve", crate::ledger::look::Sight::Said(parked.seq))?;
        assert_eq!(said, b"Ukendt hos os");

        let person = Person { user: "drift".to_owned(), reason: "aftalt".to_owned() };
        people::resend(desk.tx, desk.world, &parked.id.to_string(), &person)?;
        desk.delivers(TRAINERS)?;
        let again = desk.task(TRAINERS)?;
        assert_eq!((again.seq, &again.task.state, again.task.contents.events), (task.seq, &State::New, 1));
        Ok(())
    });
}

#[test]
fn what_is_late_is_listed_and_counted_so() {
    on_a_ledger_in(&console_world(), |desk| {
        desk.plan(Plan::ggop("B1").episode("e-1").contact_start("2026-10-01"))?;
        desk.plan(Plan::ggop("B2").episode("e-2").contact_start("2026-10-02"))?;
        desk.delivers(TRAINERS)?;
        let due = desk.tasks(TRAINERS, Tab::New, "ida")?;
        let days: Vec<_> = due.iter().map(|kept| kept.task.contents.due).collect();
        assert!(due.len() == 2 && days.is_sorted() && days[0].is_some(), "{days:?}");
        let after = days[1].unwrap().tomorrow().unwrap();
        let mut count = |mailbox: &str, tab| desk.tx.reader().count_tasks(&[mailbox.to_owned()], (tab, "", after));
        assert_eq!((count(TRAINERS, Tab::New)?, count(TRAINERS, Tab::Late)?), (2, 2));
        assert_eq!(count(YDELSE, Tab::New)?, 0);
        let of = [TRAINERS.to_owned(), YDELSE.to_owned()];
        let first = desk.tx.reader().tasks(&of, (Tab::Late, "ida", after), None, 1)?;
        let second = desk.tx.reader().tasks(&of, (Tab::Late, "ida", after), first.next, 1)?;
        let seqs = [first.tasks[0].seq, second.tasks[0].seq];
        assert_eq!(seqs.to_vec(), due.iter().map(|kept| kept.seq).collect::<Vec<_>>());
        assert_eq!(second.next, None);
        Ok(())
    });
}

#[test]
fn a_note_is_sealed_and_a_look_at_it_is_written_down() {
    on_a_ledger_in(&console_world(), |desk| {
        sanction(desk)?;
        let task = desk.task(YDELSE)?;
        desk.tx.keep_note(task.seq, "ida", " Ringet til borgeren 010858-9995 ")?;
        let note = desk.tx.reader().notes(task.seq)?.remove(0);
        assert_eq!(desk.tx.look_at_note("bo", "sagsbehandling", &note)?, "Ringet til borgeren 010858-9995");
        assert!(desk.tx.keep_note(task.seq, "ida", "  ").is_err());
        assert!(desk.tx.keep_note(task.seq, "ida", &"x".repeat(10_000)).is_err());
        assert!(MailboxId::parse(&task.task.mailbox).is_some());
        Ok(())
    });
}
