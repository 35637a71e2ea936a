//! Lists of what is parked, and handing on: what was shown is done once, and nothing else.

use std::sync::Arc;

use budstikke_contract::reason::Reason;
use budstikke_testkit::plans::Plan;
use proptest::prelude::*;
use tempfile::TempDir;

use super::people_act::person;
use super::*;
use crate::intake::job::{self, Choice, Confirmation, NotTurned, Step};
use crate::intake::people::{self, Person};
use crate::ledger::Ledger;
use crate::ledger::delivery::{self, Delivery, HANDED, Outcome, UNROUTABLE};
use crate::ledger::item::State as ItemState;
use crate::ledger::job::{Act, Ending, Job, Line, State, Turn};
use crate::ledger::parked::{Cause, Kind, Thing};
use crate::ledger::place::Share;
use crate::ledger::seal::Keyring;
use crate::ledger::tests::books;

/// A plan from which nobody can see where its citizen lives: it is parked.
fn homeless(letter: &str) -> Plan {
    Plan::ggop(letter).episode(letter).receiver_named_by("lokationsnummer")
}

fn cause() -> Cause {
    let code = crate::residence::NO_RESIDENCE;
    Cause { kind: Kind::Item, code, place: "rehab-plan".to_owned(), channel: String::new() }
}

fn confirmed(desk: &mut Desk<'_, '_>, job: &Job) -> Result<Result<Job, NotTurned>, Error> {
    job::confirm(desk.tx, desk.world, job.seq, &Confirmation { hash: job.hash, mailbox: None }, &person())
}

fn worked_through(desk: &mut Desk<'_, '_>, job: i64) -> Result<Vec<Line>, Error> {
    while job::step(desk.tx, desk.world, job)? != Step::Nothing {}
    desk.tx.reader().job_lines(job, -1, 100)
}

fn endings(lines: &[Line]) -> Vec<Option<Ending>> {
    lines.iter().map(|line| line.outcome.as_ref().map(|(ending, _, _)| *ending)).collect()
}

#[test]
fn a_list_is_what_was_shown_and_not_what_is_parked_later() {
    on_a_ledger(|desk| {
        let [first, second, third] = ["B1", "B2", "B3"].map(homeless);
        let (first, second, third) = (desk.plan(first)?, desk.plan(second)?, desk.plan(third)?);
        let job = job::prepare(desk.tx, Act::Discard, &Choice::Group(cause()), "asta")?.unwrap();
        let later = desk.plan(homeless("B4"))?;
        // One goes on, and one is parked anew, before its turn comes.
        people::discard(desk.tx, desk.world, &format!("#{}", second.item), &person())?;
        people::resend(desk.tx, desk.world, &format!("#{}", third.item), &person())?;
        assert!(confirmed(desk, &job)?.is_ok());
        let lines = worked_through(desk, job.seq)?;
        assert_eq!(endings(&lines), [Some(Ending::Done), Some(Ending::Gone), Some(Ending::Changed)]);
        let job = desk.tx.job(job.seq)?.unwrap();
        assert_eq!((job.state, job.position(), job.total), (State::Done, 3, 3));
        assert_eq!(desk.story(first.item)?.item.state, ItemState::Discarded);
        for left in [third, later] {
            assert_eq!(desk.story(left.item)?.item.state, ItemState::Parked);
        }
        Ok(())
    });
}

#[test]
fn a_list_is_begun_once_as_it_was_shown_and_while_it_is_new() {
    on_a_ledger(|desk| {
        desk.plan(homeless("B1"))?;
        let prepare = |desk: &mut Desk<'_, '_>, act| job::prepare(desk.tx, act, &Choice::Group(cause()), "asta");
        let job = prepare(desk, Act::Discard)?.unwrap();
        let confirm = |desk: &mut Desk<'_, '_>, job: &Job, hash, person: Person| {
            let mailbox = None;
            job::confirm(desk.tx, desk.world, job.seq, &Confirmation { hash, mailbox }, &person)
        };
        let other = confirm(desk, &job, [0; 32], person())?;
        assert_eq!(other, Err(NotTurned::Other));
        let silent = confirm(desk, &job, job.hash, Person { reason: String::new(), ..person() })?;
        assert!(matches!(silent, Err(NotTurned::Refused(_))), "{silent:?}");
        let tells = confirm(desk, &job, job.hash, Person { reason: "om 0101010000".to_owned(), ..person() })?;
        assert!(matches!(tells, Err(NotTurned::Refused(_))), "{tells:?}");
        assert!(confirm(desk, &job, job.hash, person())?.is_ok());
        let again = confirm(desk, &job, job.hash, Person { user: "bo".to_owned(), ..person() })?;
        assert_eq!(again, Err(NotTurned::Begun("asta".to_owned())));
        assert_eq!(job::turn(desk.tx, job.seq, Turn::End, "bo")?, Err(NotTurned::Not(State::Running)));
        let given_up = prepare(desk, Act::Resend)?.unwrap();
        assert!(job::turn(desk.tx, given_up.seq, Turn::Drop, "asta")?.is_ok());
        assert_eq!(confirm(desk, &given_up, given_up.hash, person())?, Err(NotTurned::Not(State::Dropped)));
        assert!(given_up.is_stale(desk.tx.at() + jiff::SignedDuration::from_mins(61)));
        Ok(())
    });
}

#[test]
fn a_list_that_is_held_for_a_right_that_is_gone_goes_on_in_another_name() {
    on_a_ledger(|desk| {
        for letter in ["B1", "B2"] {
            desk.plan(homeless(letter))?;
        }
        let job = job::prepare(desk.tx, Act::Discard, &Choice::Group(cause()), "asta")?.unwrap();
        assert!(confirmed(desk, &job)?.is_ok());
        job::step(desk.tx, desk.world, job.seq)?;
        job::hold(desk.tx, job.seq)?;
        job::hold(desk.tx, job.seq)?;
        assert_eq!(job::step(desk.tx, desk.world, job.seq)?, Step::Nothing);
        let target = format!("list {}", job.seq);
        let held: Vec<_> =
            desk.tx.reader().actions_on(&target)?.into_iter().filter(|it| it.what == "list-pause").collect();
        let [held] = held.as_slice() else { panic!("it is held once: {held:?}") };
        assert_eq!((held.user.as_str(), held.reason.as_str()), ("budstikke", job::RIGHT_GONE));
        assert!(job::turn(desk.tx, job.seq, Turn::Resume, "bo")?.is_ok());
        worked_through(desk, job.seq)?;
        let job = desk.tx.job(job.seq)?.unwrap();
        assert_eq!((job.state, job.confirmed_by.as_deref()), (State::Done, Some("bo")));
        let by: Vec<String> = [1, 2]
            .iter()
            .map(|item| Ok(desk.tx.reader().actions_on(&format!("#{item}"))?.remove(0).user))
            .collect::<Result<_, Error>>()?;
        assert_eq!(by, ["asta", "bo"], "each line is in the name of whoever let it go on");
        Ok(())
    });
}

#[test]
fn nothing_that_is_not_parked_comes_on_a_list() {
    on_a_ledger(|desk| {
        let routed = desk.plan(Plan::ggop("B1").episode("e1").contact_start("2001-01-02"))?;
        let these =
            |rows: &[i64]| Choice::These(rows.iter().map(|row| Thing { kind: Kind::Item, row: *row }).collect());
        assert_eq!(job::prepare(desk.tx, Act::Discard, &these(&[routed.item, 99]), "asta")?, None);
        let parked = desk.plan(homeless("B2"))?;
        let job = job::prepare(desk.tx, Act::Pass, &these(&[parked.item, parked.item, routed.item]), "asta")?.unwrap();
        assert_eq!(job.total, 1, "and each once");
        assert!(confirmed(desk, &job)?.is_ok());
        let lines = worked_through(desk, job.seq)?;
        let detail = lines[0].outcome.as_ref().map(|(ending, detail, _)| (*ending, detail.as_str()));
        assert_eq!(detail, Some((Ending::Refused, "no-delivery")));
        Ok(())
    });
}

fn parked_delivery(desk: &mut Desk<'_, '_>) -> Result<(Taken, Delivery), Error> {
    let plan = desk.plan(Plan::ggop("B1"))?;
    let event = desk.routed(&plan)?;
    let own = event.deliveries.iter().find(|it| it.delivery.mailbox == "taarnby/genoptraening").unwrap();
    let seq = own.delivery.seq;
    desk.tx.settle(seq, &Outcome::Park(Reason::new(UNROUTABLE, "på prøve")))?;
    Ok((plan, desk.tx.deliveries_of(event.seq)?.into_iter().find(|it| it.seq == seq).unwrap()))
}

#[test]
fn a_delivery_is_handed_on_by_a_person_and_both_sides_say_so() {
    on_a_ledger(|desk| {
        let (plan, delivery) = parked_delivery(desk)?;
        let id = delivery.id.to_string();
        let hand = |desk: &mut Desk<'_, '_>, to: &str| people::hand(desk.tx, desk.world, &id, to, &person());
        for (to, why) in [
            ("taarnby/nobody", "no such mailbox"),
            ("taarnby/genoptraening", "it was for"),
            ("dragoer/genoptraening", "has, or had"),
        ] {
            let said = hand(desk, to).unwrap_err().to_string();
            assert!(said.contains(why), "{to}: {said}");
        }
        assert_eq!(hand(desk, "taarnby/visitation")?, "handed");
        let event = desk.routed(&plan)?;
        let all = desk.tx.deliveries_of(event.seq)?;
        let old = all.iter().find(|it| it.id == delivery.id).unwrap();
        assert_eq!(old.state, delivery::State::Discarded);
        assert_eq!(old.reason.as_ref().unwrap().code, HANDED);
        let new = all.iter().find(|it| it.mailbox == "taarnby/visitation").unwrap();
        assert_eq!((new.state, new.capacity.as_str()), (delivery::State::Waiting, delivery.capacity.as_str()));
        let handed = new.why.handed.as_ref().unwrap();
        assert_eq!(
            (handed.from.as_str(), handed.delivery.as_str(), handed.by.as_str()),
            ("taarnby/genoptraening", id.as_str(), "asta")
        );
        assert_eq!(new.why.duty, delivery.why.duty, "the same party owes it");
        assert!(hand(desk, "taarnby/voksne").is_err(), "it is parked no longer");
        Ok(())
    });
}

#[test]
fn what_is_owed_does_not_go_to_another_party() {
    on_a_ledger(|desk| {
        let (plan, delivery) = parked_delivery(desk)?;
        assert!(delivery.why.duty.is_some());
        people::hand(desk.tx, desk.world, &delivery.id.to_string(), "dragoer/borgerservice", &person())?;
        let event = desk.routed(&plan)?;
        let new = event.deliveries.iter().find(|it| it.delivery.mailbox == "dragoer/borgerservice").unwrap();
        assert_eq!(new.delivery.why.duty, None);
        Ok(())
    });
}

/// What happens to a list while it is worked through.
#[derive(Debug, Clone, Copy)]
enum Happens {
    Step,
    /// The hub dies in the middle of a step.
    Killed,
    /// It is started again.
    Restart,
    Pause,
    Resume,
    /// Something else is parked for the same reason.
    ParkMore,
    /// Somebody ends the nth by hand.
    Discard(usize),
}

fn happens() -> impl Strategy<Value = Happens> {
    prop_oneof![
        4 => Just(Happens::Step),
        2 => Just(Happens::Killed),
        1 => Just(Happens::Restart),
        1 => Just(Happens::Pause),
        2 => Just(Happens::Resume),
        1 => Just(Happens::ParkMore),
        1 => (0_usize..6).prop_map(Happens::Discard),
    ]
}

/// A ledger in a file, that can be closed and opened again.
struct Kept {
    folder: TempDir,
    ledger: Ledger,
    world: Arc<World>,
}

impl Kept {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Self::open(&folder);
        Self { folder, ledger, world: Arc::new(world()) }
    }

    fn open(folder: &TempDir) -> Ledger {
        let place = books::place(folder.path());
        let keys = Keyring::open(&folder.path().join("ledger.key"), place.exists().unwrap()).unwrap();
        Ledger::open(&place, Share::Beside, keys, Clock::starting_at(at(NOW))).unwrap()
    }

    async fn does<T: Send + 'static>(
        &self,
        mut work: impl FnMut(&mut Desk<'_, '_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let world = Arc::clone(&self.world);
        self.ledger.write(move |tx| work(&mut Desk { tx, world: &world, received: at(NOW) })).await
    }
}

async fn live_through(all: Vec<Happens>) {
    let mut kept = Kept::new();
    let items: Vec<i64> =
        kept.does(|desk| (0..6).map(|n| Ok(desk.plan(homeless(&format!("B{n}")))?.item)).collect()).await.unwrap();
    let job = kept
        .does(|desk| {
            let job = job::prepare(desk.tx, Act::Resend, &Choice::Group(cause()), "asta")?.unwrap();
            confirmed(desk, &job)?.unwrap();
            Ok(job)
        })
        .await
        .unwrap();
    let seq = job.seq;
    for (number, one) in all.into_iter().chain([Happens::Resume]).chain([Happens::Step; 8]).enumerate() {
        match one {
            Happens::Step => drop(kept.does(move |desk| job::step(desk.tx, desk.world, seq)).await.unwrap()),
            Happens::Killed => {
                let died = kept.does(move |desk| {
                    job::step(desk.tx, desk.world, seq)?;
                    Err::<(), _>(Error::Closed)
                });
                assert!(died.await.is_err());
            }
            Happens::Restart => kept.ledger = Kept::open(&kept.folder),
            Happens::Pause => drop(kept.does(move |desk| job::turn(desk.tx, seq, Turn::Pause, "bo")).await.unwrap()),
            Happens::Resume => drop(kept.does(move |desk| job::turn(desk.tx, seq, Turn::Resume, "bo")).await.unwrap()),
            Happens::ParkMore => {
                kept.does(move |desk| desk.plan(homeless(&format!("C{number}")))).await.unwrap();
            }
            Happens::Discard(nth) => {
                let id = format!("#{}", items[nth]);
                drop(kept.does(move |desk| people::discard(desk.tx, desk.world, &id, &person())).await);
            }
        }
    }
    let read = move |reader: &mut ledger::Reader<'_>| {
        let acts =
            reader.entries_after(0, 10_000)?.into_iter().filter(|it| it.what == "action+" && it.state == "resend");
        let acts = acts.count();
        Ok((reader.job(seq)?.unwrap(), reader.job_lines(seq, -1, 100)?, acts, reader.verify(None)?))
    };
    let (after, lines, acts, report) = kept.ledger.read(read).await.unwrap();
    assert!(report.is_good(), "{report:?}");
    assert_eq!((after.state, after.total, after.hash), (State::Done, 6, job.hash), "the list is what it was");
    assert_eq!(lines.iter().map(|line| line.frozen.thing.row).collect::<Vec<_>>(), items);
    let done = lines.iter().filter(|line| matches!(line.outcome, Some((Ending::Again, _, _)))).count();
    assert!(lines.iter().all(|line| line.outcome.is_some()), "{lines:?}");
    assert_eq!(acts, done, "each was acted on once, and only those of the list");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if books::in_files() { 24 } else { 1 }))]
    #[test]
    fn whatever_happens_each_line_is_done_once_and_no_other(all in prop::collection::vec(happens(), 0..24)) {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(live_through(all));
    }
}
